/* The engine: what minor version 1 of the plugin interface added: health, and roles that take every sensor. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/kinds.h"
#include "engine.h"
#include "gatewayd/plugin.h"
#include "zone.h"

static unsigned wakes;

static int watch_open(void *state, const struct gw_host *host, char *error, size_t error_size)
{
    (void)state, (void)error, (void)error_size;
    host->health(host, GW_HEALTH_LEARNING, "learning", "学习中");
    return 0;
}

/* 1: well, 2: blind, else: what no health is. */
static struct gw_wake watch_reading(void *state, const struct gw_host *host, const struct gw_reading *reading)
{
    const struct gw_wake none = GW_WAKE_NONE_INIT;
    (void)state;
    if (reading->value == 1)
        host->health(host, GW_HEALTH_OK, "said all the same", "多余");
    else
        host->health(host, reading->value == 2 ? GW_HEALTH_BLIND : 7, "dark", NULL);
    return none;
}

static struct gw_wake watch_wake(void *state, const struct gw_host *host, gw_time now)
{
    const struct gw_wake none = GW_WAKE_NONE_INIT;
    (void)state, (void)host, (void)now;
    wakes++;
    return none;
}

static const struct gw_role roles[] = {
    {"doors", "contact", GW_ROLE_MANY | GW_ROLE_ALL, 0, "Doors", "门"},
    {"everything", "*", GW_ROLE_MANY | GW_ROLE_ALL, 0, "All", "全部"},
};
static const struct gw_plugin watch = {
    GW_PLUGIN_HEAD, .name = "watch", .version = "1.0",   .summary_en = "Watch",    .summary_zh = "看", .roles = roles,
    .n_roles = 2,   .state_size = 8, .open = watch_open, .reading = watch_reading, .wake = watch_wake};

static const struct frame_sensor home[] = {
    {3, KIND_CONTACT, 0, "front", "hall"}, {9, KIND_CONTACT, 0, "back", "kitchen"}, {4, KIND_MOTION, 0, "pir", "hall"}};

static void on_condition(void *context, const struct frame_condition *condition)
{
    (void)context, (void)condition;
}

static void on_log(void *context, int level, const char *text)
{
    (void)context, (void)level, (void)text;
}

static struct engine *start_plugin(const struct gw_plugin *plugin, const struct frame_setting *settings, uint32_t n)
{
    const struct engine_setup setup = {plugin, "watch", settings, n, home, 3, {NULL, on_condition, on_log}};
    char error[512] = "";
    zone_load("UTC");
    struct engine *engine = engine_create(&setup, error, sizeof error);
    if (engine == NULL)
        fail_msg("%s", error);
    return engine;
}

static struct engine *start(const struct frame_setting *settings, uint32_t n)
{
    return start_plugin(&watch, settings, n);
}

static void say(struct engine *engine, int64_t at, double value)
{
    const struct reading reading = {.id = (uint64_t)at, .origin = (uint64_t)at, .at = at, .value = value, .sensor = 3};
    engine_batch(engine, &reading, 1, at, 0);
}

static void health_is_what_the_plugin_said_last(void **state)
{
    (void)state;
    struct engine *engine = start(NULL, 0);
    assert_int_equal(engine_health(engine)->state, GW_HEALTH_LEARNING);
    assert_string_equal(engine_health(engine)->text_zh, "学习中");
    say(engine, 10, 2);
    assert_int_equal(engine_health(engine)->state, GW_HEALTH_BLIND);
    assert_string_equal(engine_health(engine)->text_en, "dark");
    assert_string_equal(engine_health(engine)->text_zh, "");
    say(engine, 20, 5); /* no health at all: what held before holds */
    assert_int_equal(engine_health(engine)->state, GW_HEALTH_BLIND);
    say(engine, 30, 1);
    assert_int_equal(engine_health(engine)->state, GW_HEALTH_OK);
    assert_string_equal(engine_health(engine)->text_en, "");
    engine_destroy(engine);
}

static uint32_t bound(const struct engine *engine, const char *role)
{
    struct frame_bind bind;
    uint32_t n = 0;
    for (uint32_t i = 0; engine_bind(engine, i, &bind); i++)
        n += strcmp(bind.role, role) == 0;
    return n;
}

static void a_role_for_all_takes_every_fitting_sensor_if_none_is_named(void **state)
{
    (void)state;
    struct engine *engine = start(NULL, 0);
    assert_int_equal(bound(engine, "doors"), 2);      /* both contacts, which play "everything" too */
    assert_int_equal(bound(engine, "everything"), 1); /* the rest */
    engine_destroy(engine);
}

static void a_role_for_all_takes_only_those_that_are_named(void **state)
{
    (void)state;
    const struct frame_setting settings[] = {{"doors", "back", "f:1"}, {"everything", "pir", "f:2"}};
    struct engine *engine = start(settings, 2);
    assert_int_equal(bound(engine, "doors"), 1);
    assert_int_equal(bound(engine, "everything"), 1);
    engine_destroy(engine);
}

static void a_plugin_built_before_gets_no_wake_that_it_did_not_wish_for(void **state)
{
    (void)state;
    struct gw_plugin old = watch;
    old.abi_minor = 0;
    for (unsigned minor = 0; minor <= 1; minor++) {
        old.abi_minor = (uint16_t)minor;
        struct engine *engine = start_plugin(&old, NULL, 0);
        wakes = 0;
        engine_batch(engine, NULL, 0, 1000, 0);
        assert_int_equal(wakes, minor);
        engine_destroy(engine);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(health_is_what_the_plugin_said_last),
        cmocka_unit_test(a_role_for_all_takes_every_fitting_sensor_if_none_is_named),
        cmocka_unit_test(a_plugin_built_before_gets_no_wake_that_it_did_not_wish_for),
        cmocka_unit_test(a_role_for_all_takes_only_those_that_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
