/* gatewayd's command line: what is wrong is refused with status 2's result and a word about it. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "daemon/options.h"

struct run {
    struct options options;
    char out[4096], err[4096];
};

#define PARSE(run, ...) parse(run, (const char *[]){"gatewayd", __VA_ARGS__, NULL})

static enum options_result parse(struct run *run, const char **argv)
{
    int argc = 0;
    while (argv[argc])
        argc++;
    memset(run, 0, sizeof *run);
    FILE *out = fmemopen(run->out, sizeof run->out, "w");
    FILE *err = fmemopen(run->err, sizeof run->err, "w");
    enum options_result result = options_parse(&run->options, argc, (char **)argv, out, err);
    fclose(out);
    fclose(err);
    return result;
}

static void unknown_options_and_operands_are_refused_by_name(void **state)
{
    (void)state;
    struct run run;
    assert_int_equal(PARSE(&run, "--chekc"), OPTIONS_WRONG);
    assert_non_null(strstr(run.err, "--chekc"));
    assert_int_equal(PARSE(&run, "-x"), OPTIONS_WRONG);
    assert_int_equal(PARSE(&run, "--keep"), OPTIONS_WRONG);
    assert_int_equal(PARSE(&run, "here.conf"), OPTIONS_WRONG);
    assert_non_null(strstr(run.err, "here.conf"));
}

static void options_without_their_value_are_refused(void **state)
{
    (void)state;
    struct run run;
    assert_int_equal(PARSE(&run, "-c"), OPTIONS_WRONG);
    assert_int_equal(PARSE(&run, "--state-dir"), OPTIONS_WRONG);
    assert_int_equal(PARSE(&run, "--state-dir="), OPTIONS_WRONG);
}

static void every_option_reaches_its_place(void **state)
{
    (void)state;
    struct run run;
    assert_int_equal(
        PARSE(&run, "-c", "a", "--check", "--libexec", "b", "--plugin-dir=c", "--state-dir", "d", "--run-dir", "e"),
        OPTIONS_RUN);
    assert_string_equal(run.options.config, "a");
    assert_true(run.options.check);
    assert_string_equal(run.options.libexec, "b");
    assert_string_equal(run.options.plugin_dir, "c");
    assert_string_equal(run.options.state_dir, "d");
    assert_string_equal(run.options.run_dir, "e");
}

static void directories_come_from_systemd_unless_given(void **state)
{
    (void)state;
    struct run run;
    setenv("STATE_DIRECTORY", "/var/lib/x", 1);
    setenv("RUNTIME_DIRECTORY", "relative", 1); /* no path systemd would give */
    assert_int_equal(PARSE(&run, NULL), OPTIONS_RUN);
    assert_string_equal(run.options.state_dir, "/var/lib/x");
    assert_string_equal(run.options.run_dir, "/run/gatewayd");
    assert_string_equal(run.options.config, "/etc/gatewayd/gatewayd.conf");
    unsetenv("STATE_DIRECTORY");
    unsetenv("RUNTIME_DIRECTORY");
    assert_int_equal(PARSE(&run, NULL), OPTIONS_RUN);
    assert_string_equal(run.options.state_dir, "/var/lib/gatewayd");
}

static void help_and_version_go_to_stdout(void **state)
{
    (void)state;
    struct run run;
    assert_int_equal(PARSE(&run, "--version"), OPTIONS_DONE);
    assert_non_null(strstr(run.out, GATEWAYD_VERSION));
    assert_int_equal(PARSE(&run, "--help"), OPTIONS_DONE);
    assert_non_null(strstr(run.out, "--check"));
    assert_string_equal(run.err, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_options_and_operands_are_refused_by_name),
        cmocka_unit_test(options_without_their_value_are_refused),
        cmocka_unit_test(every_option_reaches_its_place),
        cmocka_unit_test(directories_come_from_systemd_unless_given),
        cmocka_unit_test(help_and_version_go_to_stdout),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
