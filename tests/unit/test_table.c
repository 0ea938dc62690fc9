/* The host's copy of a plugin's table: foreign and damaged ones are refused in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "table.h"

static int no_open(void *state, const struct gw_host *host, char *error, size_t error_size)
{
    (void)state, (void)host, (void)error, (void)error_size;
    return 0;
}

static struct gw_wake no_reading(void *state, const struct gw_host *host, const struct gw_reading *reading)
{
    const struct gw_wake none = GW_WAKE_NONE_INIT;
    (void)state, (void)host, (void)reading;
    return none;
}

static struct gw_wake no_wake(void *state, const struct gw_host *host, gw_time now)
{
    const struct gw_wake none = GW_WAKE_NONE_INIT;
    (void)state, (void)host, (void)now;
    return none;
}

static const struct gw_role good_roles[] = {{"door", "contact", GW_ROLE_REQUIRED, 0, "The door", "门"}};
static const struct gw_param good_params[] = {
    {"limit", GW_PARAM_DURATION, 0, NULL, "45 min", 0, 86400000, NULL, "The limit", "时限"}};
static const struct gw_alert_kind good_alerts[] = {
    {"gone", GW_WARNING, 0, "0014 0077", "Gone", "外出", "Gone", "外出"}};

static struct gw_plugin good(void)
{
    const struct gw_plugin plugin = {
        GW_PLUGIN_HEAD,        .name = "sample",      .version = "1.0", .summary_en = "A sample",
        .summary_zh = "样例",  .roles = good_roles,   .n_roles = 1,     .params = good_params,
        .n_params = 1,         .alerts = good_alerts, .n_alerts = 1,    .open = no_open,
        .reading = no_reading, .wake = no_wake};
    return plugin;
}

static void refused(const struct gw_plugin *plugin, const char *words)
{
    char error[512] = "";
    struct table *table = table_create(plugin, "sample", error, sizeof error);
    if (table != NULL || strstr(error, words) == NULL)
        fail_msg("expected \"%s\", got: %s", words, table != NULL ? "accepted" : error);
}

static void another_major_version_is_refused_and_told_what_to_do(void **state)
{
    (void)state;
    struct gw_plugin plugin = good();
    plugin.abi_major = 2;
    refused(&plugin, "built for plugin ABI 2.1, this gatewayd speaks 1.1: rebuild the plugin");
}

static void impossible_sizes_are_refused(void **state)
{
    (void)state;
    struct gw_plugin plugin = good();
    plugin.size = 8;
    refused(&plugin, "impossible sizes");
    plugin = good();
    plugin.role_size = 0;
    refused(&plugin, "impossible sizes");
    plugin = good();
    plugin.alert_size = 1u << 20;
    refused(&plugin, "impossible sizes");
}

static void names_must_be_names_and_fit_the_file(void **state)
{
    (void)state;
    struct gw_plugin plugin = good();
    plugin.name = "Sample";
    refused(&plugin, "[a-z][a-z0-9-]*");
    plugin.name = NULL;
    refused(&plugin, "[a-z][a-z0-9-]*");
    plugin.name = "other";
    refused(&plugin, "calls itself \"other\" but its file is sample.so");
}

static void counts_without_rows_and_too_many_are_refused(void **state)
{
    (void)state;
    struct gw_plugin plugin = good();
    plugin.roles = NULL;
    refused(&plugin, "not there");
    plugin = good();
    plugin.n_alerts = 100000;
    refused(&plugin, "more than");
    plugin = good();
    plugin.wake = NULL;
    refused(&plugin, "lacks");
    plugin = good();
    plugin.state_size = SIZE_MAX;
    refused(&plugin, "bytes of state");
    plugin = good();
    plugin.history = -1;
    refused(&plugin, "history");
}

static void texts_that_are_no_text_are_refused(void **state)
{
    (void)state;
    char long_text[1000];
    memset(long_text, 'x', sizeof long_text); /* never ends within its bound */
    struct gw_plugin plugin = good();
    plugin.summary_en = long_text;
    refused(&plugin, "summary");
    plugin = good();
    plugin.summary_zh = "\xff\xfe";
    refused(&plugin, "summary");
    struct gw_alert_kind alert = good_alerts[0];
    plugin = good();
    plugin.alerts = &alert;
    alert.class_ = 9;
    refused(&plugin, "alert gone: unknown class 9");
    alert = good_alerts[0];
    alert.code = "0014 0077 0099 0011";
    refused(&plugin, "bad code");
}

static void a_parameter_must_hold_its_own_default(void **state)
{
    (void)state;
    struct gw_param params[2] = {good_params[0], good_params[0]};
    struct gw_plugin plugin = good();
    plugin.params = params;
    params[0].default_value = "48 h";
    refused(&plugin, "parameter limit: its own default is wrong");
    params[0] = good_params[0];
    params[0].type = 99;
    refused(&plugin, "unknown type");
    params[0] = good_params[0];
    plugin.n_params = 2;
    refused(&plugin, "declared twice");
    params[1].name = "door";
    refused(&plugin, "both a role and a parameter");
}

/* As a later minor version would be: rows with more behind them. */
static void rows_of_a_later_version_are_read_by_their_own_stride(void **state)
{
    (void)state;
    struct long_role {
        struct gw_role role;
        char more[24];
    } roles[2] = {{good_roles[0], "more"}, {good_roles[0], "more"}};
    roles[1].role.name = "second";
    struct gw_plugin plugin = good();
    plugin.roles = &roles[0].role;
    plugin.role_size = sizeof(struct long_role);
    plugin.n_roles = 2;
    plugin.abi_minor = 7;
    char error[256];
    struct table *table = table_create(&plugin, "sample", error, sizeof error);
    assert_non_null(table);
    assert_string_equal(table->roles[1].name, "second");
    table_destroy(table);
}

static void the_frames_pass_the_core_s_check(void **state)
{
    (void)state;
    const struct gw_plugin plugin = good();
    char error[256];
    const char *why = "";
    struct table *table = table_create(&plugin, "sample", error, sizeof error);
    struct frame *frame = malloc(sizeof *frame);
    assert_non_null(table);
    table_info_frame(table, frame);
    assert_true(frame_check(frame, frame->header.length, &why));
    assert_int_equal(frame->plugin_info.momentary, 0);
    table_role_frame(table, 0, frame);
    assert_true(frame_check(frame, frame->header.length, &why));
    table_param_frame(table, 0, frame);
    assert_true(frame_check(frame, frame->header.length, &why));
    assert_string_equal(frame->plugin_param.default_value, "45 min");
    table_alert_frame(table, 0, frame);
    assert_true(frame_check(frame, frame->header.length, &why));
    assert_string_equal(frame->plugin_alert.code, "0014 0077");
    free(frame);
    table_destroy(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_major_version_is_refused_and_told_what_to_do),
        cmocka_unit_test(impossible_sizes_are_refused),
        cmocka_unit_test(names_must_be_names_and_fit_the_file),
        cmocka_unit_test(counts_without_rows_and_too_many_are_refused),
        cmocka_unit_test(texts_that_are_no_text_are_refused),
        cmocka_unit_test(a_parameter_must_hold_its_own_default),
        cmocka_unit_test(rows_of_a_later_version_are_read_by_their_own_stride),
        cmocka_unit_test(the_frames_pass_the_core_s_check),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
