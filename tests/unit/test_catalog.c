/* The test is its own plugin host: started with --describe it acts by the name of the "plugin" it is asked about. */
#include "check.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/catalog.h"
#include "base/channel.h"
#include "base/text.h"

/* ---- the host ---- */

static struct frame out;

static void say(enum frame_type type)
{
    frame_init(&out, type);
    if (type == FRAME_PLUGIN_PARAM)
        out.plugin_param.type = GW_PARAM_DURATION;
    if (type == FRAME_PLUGIN_ALERT)
        out.plugin_alert.class_ = GW_WARNING;
    channel_send_wait(CHANNEL_FD, &out);
}

static void say_info(unsigned roles, unsigned params, unsigned alerts)
{
    frame_init(&out, FRAME_PLUGIN_INFO);
    text_copy(out.plugin_info.name, NAME_SIZE, "bath");
    out.plugin_info.n_roles = roles;
    out.plugin_info.n_params = params;
    out.plugin_info.n_alerts = alerts;
    channel_send_wait(CHANNEL_FD, &out);
}

static void act(const char *plugin)
{
    if (strstr(plugin, "crash") != NULL)
        abort();
    if (strstr(plugin, "hang") != NULL)
        (void)pause();
    if (strstr(plugin, "foreign") != NULL)
        channel_worker_fail("it was built for another ABI");
    if (strstr(plugin, "rubbish") != NULL) {
        ssize_t ignored = write(CHANNEL_FD, "rubbish", 7);
        (void)ignored;
        (void)pause();
    }
    if (strstr(plugin, "more") != NULL) {
        say_info(0, 0, 0);
        say(FRAME_PLUGIN_ROLE);
    }
    if (strstr(plugin, "less") != NULL) {
        say_info(1, 1, 1);
        say(FRAME_PLUGIN_END);
    }
    if (strstr(plugin, "twice") != NULL)
        say_info(0, 0, 0);
    say_info(1, 1, 1);
    frame_init(&out, FRAME_PLUGIN_ROLE);
    text_copy(out.plugin_role.name, NAME_SIZE, "door");
    channel_send_wait(CHANNEL_FD, &out);
    frame_init(&out, FRAME_PLUGIN_PARAM);
    out.plugin_param.type = GW_PARAM_DURATION;
    text_copy(out.plugin_param.name, NAME_SIZE, "warn_after");
    channel_send_wait(CHANNEL_FD, &out);
    say(FRAME_PLUGIN_ALERT);
    say(FRAME_PLUGIN_END);
    (void)pause(); /* catalog_describe ends us */
}

static int host_main(void)
{
    channel_worker_start("detector");
    struct frame frame;
    const char *why = "";
    while (channel_receive_wait(CHANNEL_FD, &frame, 20000, &why) == CHANNEL_OK) {
        if (frame.header.type == FRAME_DETECTOR_CONFIG)
            act(frame.detector_config.plugin);
    }
    return 0;
}

/* ---- the tests ---- */

static char self[256], directory[] = "/tmp/test-catalog-XXXXXX", error[256];

static struct catalog_plugin *describe(const char *plugin, int deadline_ms)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", directory, plugin);
    int fd = open(path, O_CREAT | O_WRONLY, 0600);
    if (fd >= 0)
        close(fd);
    struct catalog_plugin *found = catalog_describe(self, path, deadline_ms, error, sizeof(error));
    unlink(path);
    return found;
}

static void a_missing_plugin_or_host_is_told(void **state)
{
    (void)state;
    assert_null(catalog_describe(self, "/nonexistent.so", 1000, error, sizeof(error)));
    assert_string_equal(error, "/nonexistent.so: No such file or directory");
    assert_null(catalog_describe("/nonexistent", "/etc/passwd", 1000, error, sizeof(error)));
    assert_string_equal(error, "cannot start /nonexistent: No such file or directory");
}

static void each_way_to_go_wrong_has_its_reason(void **state)
{
    (void)state;
    static const struct {
        const char *plugin;
        int deadline_ms;
        const char *reason;
    } cases[] = {
        {"hang.so", 100, "it hangs while it is loaded (no answer in time)"},
        {"foreign.so", 20000, "it was built for another ABI"},
        {"rubbish.so", 20000, "its host sent a bad message"},
        {"more.so", 20000, "it declares more roles than it says"},
        {"less.so", 20000, "it declares less than it says"},
        {"twice.so", 20000, "its host described it twice"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_null(describe(cases[i].plugin, cases[i].deadline_ms));
        assert_string_equal(error, cases[i].reason);
    }
    assert_null(describe("crash.so", 20000));
    assert_string_equal(error, "it ended while it was loaded: killed by signal 6 (Aborted)");
}

static void a_good_table_is_gathered_and_found_by_name(void **state)
{
    (void)state;
    struct catalog_plugin *plugin = describe("good.so", 20000);
    assert_non_null(plugin);
    assert_string_equal(plugin->info.name, "bath");
    assert_non_null(catalog_role(plugin, "door"));
    assert_null(catalog_role(plugin, "window"));
    assert_non_null(catalog_param(plugin, "warn_after"));
    assert_null(catalog_param(plugin, "warn"));
    catalog_free(plugin);
    catalog_free(NULL);
}

static void values_are_checked_by_type_and_range(void **state)
{
    (void)state;
    static const struct {
        uint32_t type;
        double minimum, maximum;
        const char *choices, *value;
        bool ok;
    } cases[] = {
        {GW_PARAM_DURATION, 0, 0, "", "45 min", true},
        {GW_PARAM_DURATION, 0, 0, "", "never", false},
        {GW_PARAM_DURATION, -1, 3600000, "", "never", true},
        {GW_PARAM_DURATION, 60000, 3600000, "", "30 s", false},
        {GW_PARAM_DURATION, 60000, 3600000, "", "2 h", false},
        {GW_PARAM_DURATION, 60000, 3600000, "", "1 h", true},
        {GW_PARAM_DURATION, 0, 0, "", "45", false},
        {GW_PARAM_TIME, 0, 0, "", "22:30", true},
        {GW_PARAM_TIME, 0, 0, "", "25:00", false},
        {GW_PARAM_NUMBER, 0, 0, "", "-1e6", true},
        {GW_PARAM_NUMBER, 5, 35, "", "21.5", true},
        {GW_PARAM_NUMBER, 5, 35, "", "35.1", false},
        {GW_PARAM_NUMBER, 5, 35, "", "warm", false},
        {GW_PARAM_CHOICE, 0, 0, "emergency request", "request", true},
        {GW_PARAM_CHOICE, 0, 0, "emergency request", "requ", false},
        {GW_PARAM_FLAG, 0, 0, "", "true", true},
        {GW_PARAM_FLAG, 0, 0, "", "yes", false},
        {GW_PARAM_TEXT, 0, 0, "", "随便", true},
        {GW_PARAM_TEXT, 0, 0, "", "\xff", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct frame_plugin_param param = {
            .type = cases[i].type, .minimum = cases[i].minimum, .maximum = cases[i].maximum};
        text_copy(param.choices, sizeof(param.choices), cases[i].choices);
        error[0] = '\0';
        if (catalog_value_ok(&param, cases[i].value, error, sizeof(error)) != cases[i].ok)
            fail_msg("\"%s\": %s", cases[i].value, error);
        assert_true(cases[i].ok || error[0] != '\0');
    }
}

int main(int argc, char *argv[])
{
    if (argc == 2 && strcmp(argv[1], "--describe") == 0)
        return host_main();
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (length <= 0 || mkdtemp(directory) == NULL)
        return 1;
    self[length] = '\0';
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_missing_plugin_or_host_is_told),
        cmocka_unit_test(each_way_to_go_wrong_has_its_reason),
        cmocka_unit_test(a_good_table_is_gathered_and_found_by_name),
        cmocka_unit_test(values_are_checked_by_type_and_range),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    rmdir(directory);
    return failed;
}
