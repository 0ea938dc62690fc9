/* The engine: the order of readings and wakes, local times, and what it does with a plugin's mistakes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/kinds.h"
#include "engine.h"
#include "gatewayd/plugin.h"
#include "zone.h"

/* A plugin that does as the test says: what it does at each call is in `script`, what it saw in `saw`. */
struct script {
    struct gw_wake after_reading, after_wake;
    int after_wake_set;
    void (*on_reading)(const struct gw_host *host, const struct gw_reading *reading);
    void (*on_wake)(const struct gw_host *host, gw_time now);
    int refuse;
};
static struct script script;
static char saw[8192];
static gw_time last_wake;
static struct frame_condition said[ENGINE_BATCH_CONDITIONS_MAX];
static uint32_t n_said;
static char logged[512];

static void note(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void note(const char *format, ...)
{
    const size_t used = strlen(saw);
    va_list args;
    va_start(args, format);
    vsnprintf(saw + used, sizeof saw - used, format, args);
    va_end(args);
}

static int sample_open(void *state, const struct gw_host *host, char *error, size_t error_size)
{
    (void)state;
    if (script.refuse)
        snprintf(error, error_size, "the moon is full");
    assert_true(host->size == sizeof *host);
    return script.refuse ? -1 : 0;
}

static struct gw_wake sample_reading(void *state, const struct gw_host *host, const struct gw_reading *reading)
{
    (void)state;
    note("r%d@%lld ", (int)reading->value, (long long)reading->at);
    if (script.on_reading != NULL)
        script.on_reading(host, reading);
    return script.after_reading;
}

static struct gw_wake sample_wake(void *state, const struct gw_host *host, gw_time now)
{
    const struct gw_wake none = GW_WAKE_NONE_INIT;
    (void)state;
    note("w@%lld ", (long long)now);
    last_wake = now;
    if (script.on_wake != NULL)
        script.on_wake(host, now);
    return script.after_wake_set ? script.after_wake : none;
}

static const struct gw_role roles[] = {{"doors", "contact", GW_ROLE_MANY, 0, "Doors", "门"},
                                       {"any", "contact motion", GW_ROLE_MANY, 0, "Any", "任意"}};
static const struct gw_param params[] = {
    {"limit", GW_PARAM_DURATION, 0, NULL, "45 min", -1, 86400000, NULL, "Limit", "时限"},
    {"from", GW_PARAM_TIME, 0, NULL, "22:30", 0, 0, NULL, "From", "从"},
    {"share", GW_PARAM_NUMBER, 0, "%", "12.5", 0, 100, NULL, "Share", "份额"},
    {"loud", GW_PARAM_FLAG, 0, NULL, "true", 0, 0, NULL, "Loud", "响"},
    {"way", GW_PARAM_CHOICE, 0, NULL, "in", 0, 0, "in out", "Way", "方向"},
    {"never_set", GW_PARAM_TIME, 0, NULL, NULL, 0, 0, NULL, "Not set", "未设"},
};
static const struct gw_alert_kind alerts[] = {
    {"level", GW_WARNING, 0, "0014 0077", "Level title", "级别", "Level", "级别"},
    {"urgent", GW_EMERGENCY, GW_ALERT_MOMENTARY, NULL, "Urgent", "紧急", "Urgent", "紧急"},
};
static const struct gw_plugin sample = {GW_PLUGIN_HEAD,       .name = "sample",
                                        .version = "1.0",     .summary_en = "A sample",
                                        .summary_zh = "样例", .roles = roles,
                                        .n_roles = 2,         .params = params,
                                        .n_params = 6,        .alerts = alerts,
                                        .n_alerts = 2,        .state_size = 64,
                                        .open = sample_open,  .reading = sample_reading,
                                        .wake = sample_wake};

static void on_condition(void *context, const struct frame_condition *condition)
{
    struct frame *frame = calloc(1, sizeof *frame);
    const char *why = "";
    (void)context;
    assert_true(n_said < sizeof said / sizeof said[0]);
    said[n_said++] = *condition;
    frame_init(frame, FRAME_CONDITION)->condition = *condition;
    if (!frame_check(frame, frame->header.length, &why))
        fail_msg("the core would kill the host: %s", why);
    free(frame);
}

static void on_log(void *context, int level, const char *text)
{
    (void)context, (void)level;
    snprintf(logged, sizeof logged, "%s", text);
}

static const struct frame_sensor home[] = {{3, KIND_CONTACT, 0, "front-door", "hall"},
                                           {9, KIND_CONTACT, 0, "back_door", "kitchen"},
                                           {4, KIND_MOTION, 0, "pir", "hall"}};

static struct engine *start(void)
{
    static const struct frame_setting settings[] = {
        {"doors", "back_door", "f:1"}, {"doors", "front-door", "f:2"}, {"any", "front-door", "f:3"}};
    const struct engine_setup setup = {&sample, "sample", settings, 3, home, 3, {NULL, on_condition, on_log}};
    char error[512] = "";
    struct engine *engine = engine_create(&setup, error, sizeof error);
    saw[0] = logged[0] = '\0';
    n_said = 0;
    if (engine == NULL)
        fail_msg("%s", error);
    return engine;
}

static int begin(void **state)
{
    const struct gw_wake none = GW_WAKE_NONE_INIT;
    (void)state;
    memset(&script, 0, sizeof script);
    script.after_reading = none;
    zone_load("Asia/Shanghai");
    return 0;
}

static struct reading at(int64_t time, double value)
{
    static uint64_t id;
    id++;
    const struct reading reading = {.id = id, .origin = id, .at = time, .value = value, .sensor = 3};
    return reading;
}

static void wakes_and_readings_come_in_log_order_a_reading_first(void **state)
{
    (void)state;
    struct engine *engine = start();
    const struct reading readings[] = {at(1000, 1), at(2000, 2), at(2500, 3)};
    script.after_reading.at = 2000;
    engine_batch(engine, readings, 3, 5000, 0);
    assert_string_equal(saw, "r1@1000 r2@2000 w@2000 r3@2500 w@2500 ");
    assert_int_equal(engine_wake(engine), 0);
    engine_destroy(engine);
}

static void raise_at_wake(const struct gw_host *host, gw_time now)
{
    const struct gw_condition condition = {.size = sizeof condition, .kind = 1, .episode = 7, .since = now};
    host->raise(host, &condition);
}

/* The core tells by this number whether a call was counted before the detector was restarted. */
static void what_a_wake_finds_names_the_reading_before_it_live_as_in_history(void **state)
{
    (void)state;
    const struct reading readings[] = {at(1000, 1), at(5000, 2)};
    script.after_reading.at = 3000;
    script.on_wake = raise_at_wake;
    struct engine *live = start();
    engine_batch(live, &readings[0], 1, 4000, 0);
    engine_destroy(live);
    assert_int_equal(n_said, 1);
    assert_true(said[0].reading == readings[0].id);
    struct engine *again = start();
    engine_batch(again, readings, 2, 5000, 0);
    engine_destroy(again);
    assert_true(said[0].at == 3000 && said[0].reading == readings[0].id);
}

static void a_wake_beyond_the_batch_is_told_and_comes_later(void **state)
{
    (void)state;
    struct engine *engine = start();
    const struct reading reading = at(1000, 1);
    script.after_reading.at = 61000;
    engine_batch(engine, &reading, 1, 1000, 0);
    assert_int_equal(engine_wake(engine), 61000);
    engine_batch(engine, NULL, 0, 60999, 0);
    assert_string_equal(saw, "r1@1000 ");
    engine_batch(engine, NULL, 0, 99000, 0);
    assert_string_equal(saw, "r1@1000 w@61000 ");
    engine_destroy(engine);
}

static void what_was_due_in_a_gap_comes_once_and_after_it_is_told(void **state)
{
    (void)state;
    static const int64_t weeks = 20 * (int64_t)GW_DAY;
    struct engine *engine = start();
    struct reading readings[] = {at(1000, 1), at(5000 + weeks, 2)};
    readings[1].sensor = SENSOR_HOME;
    readings[1].type = GW_GAP;
    readings[1].value = (double)weeks;
    script.after_reading.at = 3000;
    script.after_reading.local_minute = script.after_wake.local_minute = 600;
    script.after_wake_set = 1;
    engine_batch(engine, readings, 1, 4000, 0);
    assert_string_equal(saw, "r1@1000 w@3000 ");
    script.after_reading.at = 0;
    engine_batch(engine, &readings[1], 1, 5000 + weeks, 0);
    char told[128];
    const long long end = 5000 + weeks;
    snprintf(told, sizeof told, "r1@1000 w@3000 r%lld@%lld w@%lld ", (long long)weeks, end, end);
    assert_string_equal(saw, told);
    engine_destroy(engine);
}

static void a_local_time_over_which_the_clock_jumps_with_a_gap_comes_after_it_is_told(void **state)
{
    (void)state;
    static const int64_t day = GW_DAY;
    struct engine *engine = start();
    struct reading readings[] = {at(1000, 1), at(5000 + day, 2)};
    readings[1].sensor = SENSOR_HOME;
    readings[1].type = GW_GAP;
    readings[1].value = (double)day;
    script.after_reading.local_minute = 600;
    engine_batch(engine, readings, 1, 4000, 0);
    engine_batch(engine, &readings[1], 1, 5000 + day, 3 * day); /* past many tens of the clock */
    char told[128];
    const long long end = 5000 + day;
    snprintf(told, sizeof told, "r1@1000 r%lld@%lld w@%lld ", (long long)day, end, end);
    assert_string_equal(saw, told);
    engine_destroy(engine);
}

static void a_plugin_that_always_wants_a_wake_at_once_does_not_stop_the_log(void **state)
{
    (void)state;
    struct engine *engine = start();
    const struct reading readings[] = {at(1000, 1), at(1003, 2)};
    script.after_reading.at = script.after_wake.at = 1;
    script.after_wake.local_minute = -1;
    script.after_wake_set = 1;
    engine_batch(engine, readings, 2, 1004, 0);
    assert_string_equal(saw, "r1@1000 w@1000 w@1001 w@1002 r2@1003 w@1003 w@1004 ");
    engine_destroy(engine);
}

static void a_wish_beyond_all_times_is_none(void **state)
{
    (void)state;
    struct engine *engine = start();
    const struct reading reading = at(1000, 1);
    script.after_reading.at = script.after_wake.at = INT64_MAX;
    script.after_wake.local_minute = -1;
    script.after_wake_set = 1;
    engine_batch(engine, &reading, 1, 1004, 0);
    assert_int_equal(engine_wake(engine), 0); /* the core would kill the host for a time that is none */
    assert_non_null(strstr(logged, "impossible wake"));
    engine_destroy(engine);
}

/* Or a planned visit that nobody came to, in a home where nothing else happened, would never be missed. */
static void a_plugin_that_hears_nothing_is_woken_once_and_its_wish_is_kept(void **state)
{
    (void)state;
    struct engine *engine = start();
    script.after_wake = (struct gw_wake){.at = 4000, .local_minute = -1};
    script.after_wake_set = 1;
    script.on_wake = raise_at_wake;
    engine_batch(engine, NULL, 0, 1000, 0);
    assert_string_equal(saw, "w@1000 ");
    script.after_wake.at = 0;
    engine_batch(engine, NULL, 0, 9000, 0);
    engine_batch(engine, NULL, 0, 10000, 0);
    assert_string_equal(saw, "w@1000 w@4000 ");
    assert_int_equal(n_said, 2);
    engine_destroy(engine);
}

static void readings_of_other_sensors_are_passed_over_and_of_the_home_are_not(void **state)
{
    (void)state;
    struct engine *engine = start();
    struct reading readings[] = {at(1000, 1), at(1001, 2), at(1002, 3)};
    readings[0].sensor = 5;
    readings[1].sensor = SENSOR_HOME;
    readings[1].type = GW_MODE;
    engine_batch(engine, readings, 3, 2000, 0);
    assert_string_equal(saw, "w@1000 r2@1001 r3@1002 ");
    engine_destroy(engine);
}

/* From a damaged row: plugins count with it as a time. */
static void a_gap_longer_than_the_log_is_told_as_none(void **state)
{
    (void)state;
    struct engine *engine = start();
    struct reading readings[] = {at(5000, 3000), at(9000, 1e300), at(9500, -7)};
    for (int i = 0; i < 3; i++) {
        readings[i].sensor = SENSOR_HOME;
        readings[i].type = GW_GAP;
    }
    engine_batch(engine, readings, 3, 10000, 0);
    assert_non_null(strstr(saw, "r3000@5000 "));
    assert_non_null(strstr(saw, "r0@9000 r0@9500 "));
    engine_destroy(engine);
}

static void time_never_goes_back(void **state)
{
    (void)state;
    struct engine *engine = start();
    const struct reading readings[] = {at(5000, 1), at(4000, 2)};
    engine_batch(engine, readings, 2, 5000, 0);
    assert_string_equal(saw, "r1@5000 r2@5000 ");
    engine_destroy(engine);
}

/* ---- local times ---- */

static int64_t utc(int month, int day, int hour, int minute)
{
    struct tm tm = {.tm_year = 126, .tm_mon = month - 1, .tm_mday = day, .tm_hour = hour, .tm_min = minute};
    return (int64_t)timegm(&tm) * 1000;
}

/* The wall clock times (UTC) of the wakes for a local minute, asked for again and again from `from` on. */
static void local_wakes(const char *zone, int minute, int64_t from, int n, const int64_t *expected)
{
    zone_load(zone);
    struct engine *engine = start();
    const int64_t wall = from - 1000;
    const struct reading reading = at(1000, 1);
    script.after_reading.local_minute = script.after_wake.local_minute = minute;
    script.after_wake_set = 1;
    engine_batch(engine, &reading, 1, 1000, wall);
    for (int i = 0; i < n; i++) {
        const int64_t next = engine_wake(engine);
        assert_true(next + wall == expected[i]);
        engine_batch(engine, NULL, 0, next, wall);
        assert_true(last_wake == next);
    }
    engine_destroy(engine);
}

static void a_local_minute_comes_once_a_day(void **state)
{
    (void)state;
    const int64_t days[] = {utc(3, 1, 14, 30), utc(3, 2, 14, 30), utc(3, 3, 14, 30)};
    local_wakes("Asia/Shanghai", 22 * 60 + 30, utc(3, 1, 0, 0), 3, days);
}

static void a_skipped_local_minute_comes_right_after_the_skip(void **state)
{
    (void)state;
    const int64_t days[] = {utc(3, 28, 1, 30), utc(3, 29, 1, 0), utc(3, 30, 0, 30)};
    local_wakes("Europe/Berlin", 150, utc(3, 28, 0, 0), 3, days);
}

static void a_repeated_local_minute_comes_once(void **state)
{
    (void)state;
    const int64_t days[] = {utc(10, 24, 0, 30), utc(10, 25, 0, 30), utc(10, 26, 1, 30)};
    local_wakes("Europe/Berlin", 150, utc(10, 23, 12, 0), 3, days);
}

static void a_reading_of_that_very_moment_does_not_push_the_wake_to_tomorrow(void **state)
{
    (void)state;
    struct engine *engine = start();
    const int64_t wall = utc(3, 1, 14, 29) - 1000; /* 22:29 in Shanghai at log time 1000 */
    const struct reading readings[] = {at(1000, 1), at(61000, 2), at(61500, 3)};
    script.after_reading.local_minute = script.after_wake.local_minute = 22 * 60 + 30;
    script.after_wake_set = 1;
    engine_batch(engine, readings, 3, 70000, wall);
    assert_string_equal(saw, "r1@1000 r2@61000 w@61000 r3@61500 ");
    assert_true(engine_wake(engine) == 61000 + 86400000);
    engine_destroy(engine);
}

static void a_corrected_clock_moves_the_local_wake_and_not_the_duration(void **state)
{
    (void)state;
    struct engine *engine = start();
    const int64_t wall = utc(3, 1, 12, 0) - 1000;
    const struct reading reading = at(1000, 1);
    script.after_reading.local_minute = 22 * 60 + 30; /* in 2.5 hours */
    script.after_reading.at = 1000 + 5 * GW_HOUR;
    engine_batch(engine, &reading, 1, 1000, wall);
    assert_true(engine_wake(engine) == 1000 + 150 * GW_MINUTE);
    engine_batch(engine, NULL, 0, 2000, wall + GW_HOUR);
    assert_true(engine_wake(engine) == 1000 + 90 * GW_MINUTE);
    engine_batch(engine, NULL, 0, 3000, wall - 4 * GW_HOUR);
    assert_true(engine_wake(engine) == 1000 + 5 * GW_HOUR);
    engine_destroy(engine);
}

static void a_clock_set_past_the_local_minute_makes_it_come_at_once(void **state)
{
    (void)state;
    struct engine *engine = start();
    const int64_t wall = utc(3, 1, 12, 0) - 1000;
    const struct reading reading = at(1000, 1);
    script.after_reading.local_minute = 22 * 60 + 30;
    engine_batch(engine, &reading, 1, 1000, wall);
    engine_batch(engine, NULL, 0, 2000, wall + 3 * GW_HOUR);
    assert_string_equal(saw, "r1@1000 w@1000 ");
    engine_destroy(engine);
}

/* A boot with a dead clock begins: what the one before had still to come is told by its own clock. */
static void a_new_label_holds_from_the_first_reading_on(void **state)
{
    (void)state;
    struct engine *engine = start();
    const int64_t wall = utc(3, 1, 12, 0) - 1000; /* 20:00 in Shanghai at log time 1000 */
    const struct reading readings[] = {at(1000, 1), at(1000 + 4 * GW_HOUR, 2)};
    script.after_reading.local_minute = 22 * 60 + 30;
    engine_batch(engine, readings, 1, 1000, wall);
    engine_batch(engine, &readings[1], 1, 1000 + 4 * GW_HOUR, wall - 2191 * (int64_t)GW_DAY - 4 * GW_HOUR);
    char told[128];
    snprintf(told, sizeof told, "r1@1000 w@%lld r2@%lld ", 1000 + (long long)(5 * GW_HOUR / 2),
             1000 + (long long)(4 * GW_HOUR));
    assert_string_equal(saw, told);
    assert_true(engine_wake(engine) == 1000 + 13 * GW_HOUR / 2);
    engine_destroy(engine);
}

/* ---- what a plugin may ask ---- */

static void ask(const struct gw_host *host, const struct gw_reading *reading)
{
    struct gw_local local;
    assert_int_equal(host->sensors, 2);
    assert_int_equal(reading->sensor, 1);
    assert_int_equal(host->role_count(host, "doors"), 2);
    assert_int_equal(host->role_count(host, "any"), 1);
    assert_int_equal(host->role_count(host, "none"), 0);
    assert_int_equal(host->role_sensor(host, "doors", 0), 0);
    assert_int_equal(host->role_sensor(host, "any", 0), 1);
    assert_true(host->role_sensor(host, "any", 1) == UINT32_MAX);
    assert_string_equal(host->sensor_name(host, 0), "back_door");
    assert_string_equal(host->sensor_room(host, 1), "hall");
    assert_string_equal(host->sensor_kind(host, 1), "contact");
    assert_string_equal(host->sensor_name(host, 2), "");
    assert_true(host->duration(host, "limit") == 45 * GW_MINUTE);
    assert_int_equal(host->time_of_day(host, "from"), 22 * 60 + 30);
    assert_int_equal(host->time_of_day(host, "never_set"), -1);
    assert_true(host->number(host, "share") == 12.5);
    assert_int_equal(host->flag(host, "loud"), 1);
    assert_string_equal(host->text(host, "way"), "in");
    assert_string_equal(logged, "");
    assert_true(host->duration(host, "undeclared") == 0);
    assert_non_null(strstr(logged, "has not declared: undeclared"));
    assert_string_equal(host->text(host, NULL), "");
    host->local(host, reading->at, &local);
    assert_int_equal(local.minute, 8 * 60);
    host->log(host, "hello\nworld\xff");
    assert_string_equal(logged, "hello?world?");
    host->log(host, "hello\n<0>world");
    assert_string_equal(logged, "hello?<0>world");
}

static void a_plugin_gets_its_sensors_parameters_and_local_time(void **state)
{
    (void)state;
    struct engine *engine = start();
    const struct reading reading = at(1000, 1);
    struct frame_bind bind;
    script.on_reading = ask;
    engine_batch(engine, &reading, 1, 1000, utc(3, 1, 0, 0) - 1000);
    assert_true(engine_bind(engine, 0, &bind));
    assert_int_equal(bind.slot, 9);
    assert_true(engine_bind(engine, 1, &bind));
    assert_int_equal(bind.slot, 3);
    assert_string_equal(bind.role, "doors");
    assert_false(engine_bind(engine, 2, &bind));
    engine_destroy(engine);
}

static void a_refusal_is_told_in_the_plugin_s_words(void **state)
{
    (void)state;
    const struct engine_setup setup = {&sample, "sample", NULL, 0, home, 3, {NULL, on_condition, on_log}};
    char error[512] = "";
    script.refuse = 1;
    assert_null(engine_create(&setup, error, sizeof error));
    assert_non_null(strstr(error, "the moon is full"));
}

/* ---- what a plugin says ---- */

static void lie(const struct gw_host *host, const struct gw_reading *reading)
{
    char endless[400];
    memset(endless, 'e', sizeof endless);
    struct gw_reading evidence[12] = {*reading, *reading, *reading, *reading, *reading, *reading,
                                      *reading, *reading, *reading, *reading, *reading, *reading};
    evidence[0].value = NAN;
    evidence[1].sensor = 77;
    evidence[2].type = GW_EVENT;
    evidence[2].value = 1.5;
    struct gw_condition condition = {.size = sizeof condition, .kind = 2, .episode = 1};
    host->raise(host, NULL);
    host->raise(host, &condition); /* no such kind */
    condition.kind = 0;
    condition.episode = 0;
    host->raise(host, &condition);
    condition.episode = 1;
    condition.size = 4;
    host->raise(host, &condition);
    host->clear(host, 99, "x");
    assert_int_equal(n_said, 0);
    condition.size = sizeof condition;
    condition.since = INT64_MAX;
    condition.key = "Back Door_which has a very long name indeed";
    condition.text_en = endless;
    condition.text_zh = "门\xff开\xe9\x97";
    condition.limit = endless;
    condition.evidence = evidence;
    condition.n_evidence = 12;
    host->raise(host, &condition);
    condition.n_evidence = UINT32_MAX;
    condition.evidence = NULL;
    condition.text_en = condition.text_zh = NULL;
    condition.key = "a.b-1";
    host->raise(host, &condition);
}

static void lies_are_ignored_or_made_harmless(void **state)
{
    (void)state;
    struct engine *engine = start();
    const struct reading reading = at(1000, 1);
    script.on_reading = lie;
    engine_batch(engine, &reading, 1, 1000, 0);
    assert_int_equal(n_said, 2);
    assert_int_equal(said[0].n_evidence, GW_MAX_EVIDENCE);
    assert_int_equal(said[0].evidence[0].sensor, 3);
    assert_true(said[0].since == 1000);
    assert_int_equal(strlen(said[0].text_en), GW_MAX_TEXT - 1);
    assert_string_equal(said[0].text_zh, "门?开"); /* the rest of what a plugin has cut itself can be read */
    assert_true(strlen(said[0].key) < GW_MAX_KEY &&
                strspn(said[0].key, "abcdefghijklmnopqrstuvwxyz0123456789.-") == strlen(said[0].key));
    assert_string_equal(said[1].text_en, "Level title");
    assert_string_equal(said[1].key, "a.b-1");
    engine_destroy(engine);
}

static int flood_size = 100000;
static void flood(const struct gw_host *host, const struct gw_reading *reading)
{
    struct gw_condition condition = {.size = sizeof condition, .kind = 0, .episode = reading->origin};
    for (int i = 0; i < flood_size; i++)
        host->raise(host, &condition);
    condition.kind = 1;
    host->raise(host, &condition);
}

static void a_flood_is_bounded_counted_and_leaves_room_for_the_call(void **state)
{
    (void)state;
    struct engine *engine = start();
    const struct reading reading = at(1000, 1);
    script.on_reading = flood;
    engine_batch(engine, &reading, 1, 1000, 0);
    assert_int_equal(engine_said(engine), 100001);
    assert_int_equal(engine_dropped(engine), 100001 - n_said);
    assert_true(n_said <= ENGINE_CONDITIONS_MAX);
    assert_int_equal(said[n_said - 1].kind, 1);
    engine_batch(engine, NULL, 0, 2000, 0);
    assert_int_equal(engine_said(engine), 0);
    engine_destroy(engine);
}

static void raise_once(const struct gw_host *host, const struct gw_reading *reading)
{
    const struct gw_condition condition = {.size = sizeof condition, .kind = 1, .episode = reading->origin};
    host->raise(host, &condition);
}

static void hundreds_of_presses_in_one_batch_are_hundreds_of_alarms(void **state)
{
    (void)state;
    struct engine *engine = start();
    static struct reading readings[READINGS_PER_FRAME];
    for (int i = 0; i < READINGS_PER_FRAME; i++)
        readings[i] = at(1000 + i, 1);
    script.on_reading = raise_once;
    engine_batch(engine, readings, READINGS_PER_FRAME, 5000, 0);
    assert_int_equal(n_said, READINGS_PER_FRAME);
    assert_int_equal(engine_dropped(engine), 0);
    engine_destroy(engine);
}

static void a_flood_over_many_readings_is_bounded_too(void **state)
{
    (void)state;
    struct engine *engine = start();
    static struct reading readings[READINGS_PER_FRAME];
    for (int i = 0; i < READINGS_PER_FRAME; i++)
        readings[i] = at(1000 + i, 1);
    script.on_reading = flood;
    flood_size = 200;
    engine_batch(engine, readings, READINGS_PER_FRAME, 5000, 0);
    uint32_t emergencies = 0;
    for (uint32_t i = 0; i < n_said; i++)
        emergencies += said[i].kind == 1;
    assert_true(n_said <= ENGINE_BATCH_CONDITIONS_MAX);
    assert_int_equal(emergencies, READINGS_PER_FRAME);
    flood_size = 100000;
    engine_destroy(engine);
}

static struct gw_reading first_evidence;
static void raise_with_first_and_this(const struct gw_host *host, const struct gw_reading *reading)
{
    const struct gw_reading evidence[2] = {first_evidence.id != 0 ? first_evidence : *reading, *reading};
    const struct gw_condition condition = {
        .size = sizeof condition, .kind = 1, .episode = 1, .evidence = evidence, .n_evidence = 2};
    first_evidence = *reading;
    host->raise(host, &condition);
}

static void a_condition_is_a_test_only_if_all_its_evidence_is(void **state)
{
    (void)state;
    struct engine *engine = start();
    struct reading readings[] = {at(1000, 1), at(1001, 1), at(1002, 1)};
    memset(&first_evidence, 0, sizeof first_evidence);
    readings[0].flags = readings[2].flags = GW_TEST;
    script.on_reading = raise_with_first_and_this;
    engine_batch(engine, readings, 3, 2000, 0);
    assert_int_equal(said[0].flags, GW_TEST);
    assert_int_equal(said[1].flags, 0);
    assert_int_equal(said[2].flags, 0);
    engine_destroy(engine);
}

static void the_engine_is_fast_enough_for_any_home(void **state)
{
    (void)state;
    struct engine *engine = start();
    enum { BATCHES = 4000 };
    static struct reading readings[READINGS_PER_FRAME];
    struct timespec before, after;
    int64_t now = 1000;
    script.after_reading.local_minute = 600;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    for (int b = 0; b < BATCHES; b++) {
        for (int i = 0; i < READINGS_PER_FRAME; i++)
            readings[i] = at(now++, i & 1);
        saw[0] = '\0';
        script.on_reading = NULL;
        engine_batch(engine, readings, READINGS_PER_FRAME, now, utc(3, 1, 0, 0));
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    const double seconds = (double)(after.tv_sec - before.tv_sec) + (double)(after.tv_nsec - before.tv_nsec) / 1e9;
    const double rate = BATCHES * (double)READINGS_PER_FRAME / seconds;
    print_message("%.1f million readings/s (printing plugin)\n", rate / 1e6);
    assert_true(rate > 50000); /* far below: a slow machine under load must not fail; tests/bench has the figure */
    engine_destroy(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(wakes_and_readings_come_in_log_order_a_reading_first, begin),
        cmocka_unit_test_setup(what_a_wake_finds_names_the_reading_before_it_live_as_in_history, begin),
        cmocka_unit_test_setup(a_wake_beyond_the_batch_is_told_and_comes_later, begin),
        cmocka_unit_test_setup(what_was_due_in_a_gap_comes_once_and_after_it_is_told, begin),
        cmocka_unit_test_setup(a_local_time_over_which_the_clock_jumps_with_a_gap_comes_after_it_is_told, begin),
        cmocka_unit_test_setup(a_plugin_that_always_wants_a_wake_at_once_does_not_stop_the_log, begin),
        cmocka_unit_test_setup(a_wish_beyond_all_times_is_none, begin),
        cmocka_unit_test_setup(a_plugin_that_hears_nothing_is_woken_once_and_its_wish_is_kept, begin),
        cmocka_unit_test_setup(readings_of_other_sensors_are_passed_over_and_of_the_home_are_not, begin),
        cmocka_unit_test_setup(a_gap_longer_than_the_log_is_told_as_none, begin),
        cmocka_unit_test_setup(time_never_goes_back, begin),
        cmocka_unit_test_setup(a_local_minute_comes_once_a_day, begin),
        cmocka_unit_test_setup(a_skipped_local_minute_comes_right_after_the_skip, begin),
        cmocka_unit_test_setup(a_repeated_local_minute_comes_once, begin),
        cmocka_unit_test_setup(a_reading_of_that_very_moment_does_not_push_the_wake_to_tomorrow, begin),
        cmocka_unit_test_setup(a_corrected_clock_moves_the_local_wake_and_not_the_duration, begin),
        cmocka_unit_test_setup(a_clock_set_past_the_local_minute_makes_it_come_at_once, begin),
        cmocka_unit_test_setup(a_new_label_holds_from_the_first_reading_on, begin),
        cmocka_unit_test_setup(a_plugin_gets_its_sensors_parameters_and_local_time, begin),
        cmocka_unit_test_setup(a_refusal_is_told_in_the_plugin_s_words, begin),
        cmocka_unit_test_setup(lies_are_ignored_or_made_harmless, begin),
        cmocka_unit_test_setup(a_flood_is_bounded_counted_and_leaves_room_for_the_call, begin),
        cmocka_unit_test_setup(hundreds_of_presses_in_one_batch_are_hundreds_of_alarms, begin),
        cmocka_unit_test_setup(a_flood_over_many_readings_is_bounded_too, begin),
        cmocka_unit_test_setup(a_condition_is_a_test_only_if_all_its_evidence_is, begin),
        cmocka_unit_test_setup(the_engine_is_fast_enough_for_any_home, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
