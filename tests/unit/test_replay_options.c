/* The command line of gatewayctl replay: wrong use is refused with a word that helps. */
#include <string.h>

#include "check.h"
#include "replay/options.h"

static struct replay_options options;
static char out[8192], err[4096];

static enum replay_parsed parse(const char *const *words)
{
    static char text[16][64]; /* --set is cut in place, as argv may be */
    char *argv[17];
    int argc = 0;
    for (; words[argc]; argc++) {
        snprintf(text[argc], sizeof text[argc], "%s", words[argc]);
        argv[argc] = text[argc];
    }
    argv[argc] = NULL;
    memset(out, 0, sizeof out);
    memset(err, 0, sizeof err);
    FILE *to_out = fmemopen(out, sizeof out, "w"), *to_err = fmemopen(err, sizeof err, "w");
    enum replay_parsed parsed = replay_parse(&options, argc, argv, to_out, to_err);
    fclose(to_out);
    fclose(to_err);
    return parsed;
}

#define PARSE(...) parse((const char *[]){"replay", __VA_ARGS__, NULL})

static void wrong(enum replay_parsed parsed, const char *why)
{
    assert_int_equal(parsed, REPLAY_WRONG);
    if (!strstr(err, why))
        fail_msg("expected \"%s\" in: %s", why, err);
}

static void wrong_use_is_refused_with_the_right_one(void **state)
{
    (void)state;
    wrong(PARSE("--json"), "--trace FILE.csv or --history");
    wrong(PARSE("--trace", "a", "--history"), "--trace FILE.csv or --history");
    wrong(PARSE("--trace"), "--trace needs a value");
    wrong(PARSE("--trace", ""), "needs a value");
    wrong(PARSE("--trace", "a", "--since", "3"), "--since belongs to --history");
    wrong(PARSE("--history", "--since", "soon"), "number of days");
    wrong(PARSE("--history", "--since", "0"), "number of days");
    wrong(PARSE("--trace", "a", "--set", "warn_after=3"), "DETECTOR.SETTING=VALUE");
    wrong(PARSE("--trace", "a", "--set", "bath.warn_after"), "DETECTOR.SETTING=VALUE");
    wrong(PARSE("--trace", "a", "--set", ".warn_after=3"), "DETECTOR.SETTING=VALUE");
    wrong(PARSE("--trace", "a", "--set", "bath.=3"), "DETECTOR.SETTING=VALUE");
    wrong(PARSE("--trace", "a", "--compare"), "--compare needs a --set");
    wrong(PARSE("--trace", "a", "--tail", "-1"), "--tail needs a time");
    wrong(PARSE("--trace", "a", "--tail", "never"), "--tail needs a time");
    wrong(PARSE("--trace", "a", "--lang", "fr"), "en, zh or both");
    wrong(PARSE("--trace", "a", "--tracee"), "unknown option --tracee");
    wrong(PARSE("--trace", "a", "more"), "options only");
}

static void sets_go_to_the_side_they_stand_on(void **state)
{
    (void)state;
    assert_int_equal(PARSE("--trace", "a", "--set", "bath.stay.warn_after=30 min", "--set", "b.x=y=z", "--compare",
                           "--set", "bath.warn_after=45 min"),
                     REPLAY_RUN);
    assert_int_equal(options.side[0].n, 2);
    assert_int_equal(options.side[1].n, 1);
    assert_string_equal(options.side[0].sets[0].detector, "bath.stay");
    assert_string_equal(options.side[0].sets[0].key, "warn_after");
    assert_string_equal(options.side[0].sets[0].value, "30 min");
    assert_string_equal(options.side[0].sets[1].value, "y=z");
    assert_string_equal(options.side[0].label, "bath.stay.warn_after=30 min, b.x=y=z");
    assert_string_equal(options.side[1].label, "bath.warn_after=45 min");
}

static void one_side_may_be_the_configuration_as_it_is(void **state)
{
    (void)state;
    assert_int_equal(PARSE("--history", "--since", "2.5", "--compare", "--set", "b.x=1"), REPLAY_RUN);
    assert_int_equal(options.since_ms, 216000000);
    assert_string_equal(options.side[0].label, "the configuration as it is");
    assert_int_equal(options.side[1].n, 1);
}

static void help_is_answered(void **state)
{
    (void)state;
    assert_int_equal(PARSE("--help"), REPLAY_DONE);
    assert_non_null(strstr(out, "--compare"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_use_is_refused_with_the_right_one),
        cmocka_unit_test(sets_go_to_the_side_they_stand_on),
        cmocka_unit_test(one_side_may_be_the_configuration_as_it_is),
        cmocka_unit_test(help_is_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
