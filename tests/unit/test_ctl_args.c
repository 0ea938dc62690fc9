/* gatewayctl's command line: wrong use is refused with a word that helps. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "ctl/args.h"

struct run {
    struct args args;
    char out[4096], err[4096];
};

#define PARSE(run, ...) parse(run, (const char *[]){"gatewayctl", __VA_ARGS__, NULL})

static enum args_result parse(struct run *run, const char **argv)
{
    int argc = 0;
    while (argv[argc])
        argc++;
    memset(run, 0, sizeof *run);
    FILE *out = fmemopen(run->out, sizeof run->out, "w");
    FILE *err = fmemopen(run->err, sizeof run->err, "w");
    enum args_result result = args_parse(&run->args, argc, (char **)argv, out, err);
    fclose(out);
    fclose(err);
    return result;
}

static void a_mistyped_command_is_told_the_right_one(void **state)
{
    (void)state;
    struct run run;
    assert_int_equal(PARSE(&run, "sensros"), ARGS_WRONG);
    assert_non_null(strstr(run.err, "\"sensors\""));
    assert_int_equal(PARSE(&run, "xyzzy"), ARGS_WRONG);
    assert_null(strstr(run.err, "did you mean"));
    assert_int_equal(PARSE(&run, NULL), ARGS_WRONG);
    assert_non_null(strstr(run.err, "Usage"));
}

static void missing_and_superfluous_operands_are_refused(void **state)
{
    (void)state;
    struct run run;
    assert_int_equal(PARSE(&run, "ack"), ARGS_WRONG);
    assert_int_equal(PARSE(&run, "test", "bed"), ARGS_WRONG);
    assert_int_equal(PARSE(&run, "test", "bed", "1", "2"), ARGS_WRONG);
    assert_int_equal(PARSE(&run, "status", "now"), ARGS_WRONG);
}

static void what_is_no_alert_id_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "0", "xyz", "12 ", "-1", "11112222333344445"};
    struct run run;
    for (unsigned i = 0; i < COUNT(bad); i++)
        assert_int_equal(PARSE(&run, "ack", "--", bad[i]), ARGS_WRONG);
    assert_int_equal(PARSE(&run, "ack", "00000000deadbeef", "--by", "Li"), ARGS_RUN);
    assert_true(run.args.alert == 0xdeadbeef);
    assert_string_equal(run.args.by, "Li");
}

static void names_too_long_or_with_control_characters_are_refused(void **state)
{
    (void)state;
    struct run run;
    assert_int_equal(PARSE(&run, "history", "0123456789012345678901234567890123456789012345678"), ARGS_WRONG);
    assert_int_equal(PARSE(&run, "watch", "a\x1b[2J"), ARGS_WRONG);
    assert_int_equal(PARSE(&run, "watch", "\xff"), ARGS_WRONG);
}

static void times_are_text_with_a_unit(void **state)
{
    (void)state;
    struct run run;
    assert_int_equal(PARSE(&run, "history", "--since", "yesterday"), ARGS_WRONG);
    assert_int_equal(PARSE(&run, "history", "--since", "never"), ARGS_WRONG);
    assert_int_equal(PARSE(&run, "history", "bed", "--since", "3 days"), ARGS_RUN);
    assert_int_equal(run.args.since_ms, 3 * 86400000);
    assert_string_equal(run.args.name, "bed");
    assert_int_equal(PARSE(&run, "watch", "--for=2s"), ARGS_RUN);
    assert_int_equal(run.args.for_ms, 2000);
    assert_int_equal(PARSE(&run, "watch"), ARGS_RUN);
    assert_int_equal(run.args.for_ms, -1);
}

static void an_option_of_another_command_is_refused(void **state)
{
    (void)state;
    struct run run;
    assert_int_equal(PARSE(&run, "status", "--all"), ARGS_WRONG);
    assert_non_null(strstr(run.err, "alerts"));
    assert_int_equal(PARSE(&run, "--since", "2h", "watch"), ARGS_WRONG);
    assert_int_equal(PARSE(&run, "reload", "-c", "x"), ARGS_WRONG);
    assert_int_equal(PARSE(&run, "check", "-c", "x", "--json"), ARGS_RUN);
    assert_string_equal(run.args.config, "x");
    assert_true(run.args.json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mistyped_command_is_told_the_right_one),
        cmocka_unit_test(missing_and_superfluous_operands_are_refused),
        cmocka_unit_test(what_is_no_alert_id_is_refused),
        cmocka_unit_test(names_too_long_or_with_control_characters_are_refused),
        cmocka_unit_test(times_are_text_with_a_unit),
        cmocka_unit_test(an_option_of_another_command_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
