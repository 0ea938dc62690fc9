/* story.h - tests of plugins that read like an evening at home: readings in, conditions out, run through the real
 * engine. Each story is told three times, in batches cut differently, and must come out the same.
 *
 *   .sensors   "name kind room; ..."              .settings  "key=value; ..."
 *   .in        lines "HH:MM[:SS] sensor what [initial|retained|test ...]"; a time before the last one is the next day.
 *              what: a number; press double long cord release cancel fall alarm; lost, back; battery N, low N,
 *              tamper N, link N. Sensor "home": mode N, gap SECONDS. A line "HH:MM -" lets time pass; "+N" days pass.
 *   .out       lines "HH:MM:SS raise KIND[ test]" or "HH:MM:SS clear KIND"
 */
#ifndef TESTS_STORY_H
#define TESTS_STORY_H

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
#include "base/text.h"
#include "engine.h"
#include "zone.h"

extern const struct gw_plugin gw_plugin_v1; /* the plugin that the test is linked with */

#define STORY_LOG_START 1000000 /* log time of the first midnight, a Monday */
#define STORY_READINGS  4096
#define STORY_SENSORS   16

struct story {
    const char *sensors, *settings, *in, *out;
};

/* What was said. */
struct told {
    char lines[8192];
    struct frame_condition last; /* the last one that was raised */
    char log[512];               /* the last line */
    const struct gw_plugin *plugin;
    int64_t midnight; /* wall clock of the first day's midnight */
    uint32_t dropped;
    struct frame_health health; /* at the end */
};

struct story_home {
    struct frame_sensor sensors[STORY_SENSORS];
    uint32_t n_sensors;
    struct frame_setting settings[32];
    uint32_t n_settings;
    struct reading readings[STORY_READINGS];
    uint32_t n_readings;
    int64_t end;
};

static inline int64_t story_midnight(void)
{
    struct tm tm = {.tm_year = 2026 - 1900, .tm_mon = 3 - 1, .tm_mday = 2, .tm_isdst = -1};
    zone_load("Asia/Shanghai");
    return (int64_t)mktime(&tm) * 1000;
}

static inline void story_on_condition(void *context, const struct frame_condition *condition)
{
    struct told *told = context;
    const int64_t s = (condition->at - STORY_LOG_START) / 1000 % 86400;
    char line[128];
    snprintf(line, sizeof line, "%02d:%02d:%02d %s %s%s\n", (int)(s / 3600), (int)(s / 60 % 60), (int)(s % 60),
             condition->raised ? "raise" : "clear", told->plugin->alerts[condition->kind].name,
             (condition->flags & GW_TEST) != 0 ? " test" : "");
    const size_t used = strlen(told->lines);
    assert_true(used + strlen(line) < sizeof told->lines);
    memcpy(told->lines + used, line, strlen(line) + 1);
    if (condition->raised)
        told->last = *condition;
    assert_true(text_valid(condition->text_en, sizeof condition->text_en));
    assert_true(text_valid(condition->text_zh, sizeof condition->text_zh));
}

static inline void story_on_log(void *context, int level, const char *text)
{
    struct told *told = context;
    (void)level;
    snprintf(told->log, sizeof told->log, "%s", text);
}

static inline char *story_trim(char *text)
{
    while (*text == ' ')
        text++;
    return text;
}

static inline void story_sensors(struct story_home *home, const char *list)
{
    char copy[1024], *save = NULL;
    snprintf(copy, sizeof copy, "%s", list);
    for (char *item = strtok_r(copy, ";", &save); item != NULL; item = strtok_r(NULL, ";", &save)) {
        struct frame_sensor *sensor = &home->sensors[home->n_sensors];
        char kind[NAME_SIZE] = "";
        assert_int_equal(sscanf(item, "%47s %47s %47s", sensor->name, kind, sensor->room), 3);
        sensor->slot = (uint16_t)(7 + 3 * home->n_sensors++); /* slots are not the plugin's indices */
        sensor->kind = (uint16_t)kind_by_name(kind);
        assert_int_not_equal(sensor->kind, KIND_COUNT);
    }
}

static inline void story_settings(struct story_home *home, const char *list)
{
    char copy[1024], *save = NULL;
    snprintf(copy, sizeof copy, "%s", list);
    for (char *item = strtok_r(copy, ";", &save); item != NULL; item = strtok_r(NULL, ";", &save)) {
        struct frame_setting *setting = &home->settings[home->n_settings];
        if (*story_trim(item) == '\0')
            continue;
        char *equals = strchr(item, '=');
        assert_non_null(equals);
        *equals = '\0';
        snprintf(setting->key, sizeof setting->key, "%s", story_trim(item));
        snprintf(setting->value, sizeof setting->value, "%s", equals + 1);
        snprintf(setting->where, sizeof setting->where, "home.conf:%u", ++home->n_settings);
    }
}

/* "battery 15": a type of reading and its value. */
static inline int story_attribute(struct reading *reading, const char *what, char **save)
{
    static const struct {
        const char *word;
        uint8_t type;
        int factor;
    } types[] = {{"mode", GW_MODE, 1},       {"gap", GW_GAP, 1000},    {"battery", GW_BATTERY, 1},
                 {"low", GW_BATTERY_LOW, 1}, {"tamper", GW_TAMPER, 1}, {"link", GW_LINK, 1}};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(what, types[i].word) != 0)
            continue;
        const char *value = strtok_r(NULL, " ", save);
        assert_non_null(value);
        reading->type = types[i].type;
        reading->value = atof(value) * types[i].factor;
        return 1;
    }
    return 0;
}

static inline void story_what(struct reading *reading, const char *what, char **save)
{
    static const char *const events[] = {"", "press", "double", "long", "cord", "release", "cancel", "fall", "alarm"};
    reading->type = GW_VALUE;
    for (size_t i = 1; i < sizeof events / sizeof events[0]; i++) {
        if (strcmp(what, events[i]) == 0) {
            reading->type = GW_EVENT;
            reading->value = (double)i;
            return;
        }
    }
    if (strcmp(what, "lost") == 0 || strcmp(what, "back") == 0) {
        reading->type = GW_AVAILABILITY;
        reading->value = what[0] == 'b';
    } else if (!story_attribute(reading, what, save)) {
        assert_true(text_number(what, &reading->value));
    }
}

static inline void story_line(struct story_home *home, char *line, int64_t *last)
{
    int h = 0, m = 0, s = 0;
    char *save = NULL, *word = strtok_r(line, " ", &save);
    if (word[0] == '+') {
        *last = home->end = *last + atoi(word + 1) * (int64_t)86400000;
        return;
    }
    assert_true(sscanf(word, "%d:%d:%d", &h, &m, &s) >= 2);
    int64_t at = *last - (*last - STORY_LOG_START) % 86400000 + ((h * 60 + m) * 60 + s) * (int64_t)1000;
    if (at < *last)
        at += 86400000;
    *last = home->end = at;
    word = strtok_r(NULL, " ", &save);
    if (strcmp(word, "-") == 0)
        return;
    struct reading *reading = &home->readings[home->n_readings++];
    assert_true(home->n_readings < STORY_READINGS);
    reading->at = at;
    reading->id = home->n_readings * 10;
    reading->origin = 0x100000000u + home->n_readings;
    reading->sensor = strcmp(word, "home") == 0 ? SENSOR_HOME : UINT16_MAX - 1;
    for (uint32_t i = 0; i < home->n_sensors; i++) {
        if (strcmp(home->sensors[i].name, word) == 0)
            reading->sensor = home->sensors[i].slot;
    }
    assert_int_not_equal(reading->sensor, UINT16_MAX - 1);
    story_what(reading, strtok_r(NULL, " ", &save), &save);
    while ((word = strtok_r(NULL, " ", &save)) != NULL)
        reading->flags |= (uint8_t)(strcmp(word, "initial") == 0    ? GW_INITIAL
                                    : strcmp(word, "retained") == 0 ? GW_RETAINED
                                    : strcmp(word, "reread") == 0   ? GW_REREAD
                                                                    : GW_TEST);
}

static inline struct story_home *story_home(const struct story *story)
{
    struct story_home *home = calloc(1, sizeof *home);
    int64_t last = STORY_LOG_START;
    assert_non_null(home);
    story_sensors(home, story->sensors);
    story_settings(home, story->settings);
    char *copy = strdup(story->in), *save = NULL;
    for (char *line = strtok_r(copy, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save))
        story_line(home, line, &last);
    free(copy);
    return home;
}

static inline struct engine *story_engine(const struct gw_plugin *plugin, const struct story_home *home,
                                          struct told *told, char *error, size_t error_size)
{
    memset(told, 0, sizeof *told);
    told->plugin = plugin;
    told->midnight = story_midnight();
    const struct engine_setup setup = {
        .plugin = plugin,
        .stem = plugin->name,
        .settings = home->settings,
        .n_settings = home->n_settings,
        .sensors = home->sensors,
        .n_sensors = home->n_sensors,
        .port = {told, story_on_condition, story_on_log},
    };
    return engine_create(&setup, error, error_size);
}

/* split 0: everything in one batch; 1: one batch per reading; 2: as the live core does it, with an empty batch for
 * each wake. */
static inline void story_run(const struct gw_plugin *plugin, const struct story *story, int split, struct told *told)
{
    char error[512] = "";
    struct story_home *home = story_home(story);
    struct engine *engine = story_engine(plugin, home, told, error, sizeof error);
    if (engine == NULL)
        fail_msg("refused: %s", error);
    const int64_t wall = told->midnight - STORY_LOG_START;
    if (split == 0)
        engine_batch(engine, home->readings, home->n_readings, home->end, wall);
    for (uint32_t i = 0; split != 0 && i <= home->n_readings; i++) {
        const int64_t until = i < home->n_readings ? home->readings[i].at : home->end;
        const struct reading *next = i < home->n_readings ? &home->readings[i] : NULL;
        const bool gap = next != NULL && next->sensor == SENSOR_HOME && next->type == GW_GAP;
        const int64_t lived = gap ? until - (int64_t)next->value : until; /* a gap passes in no time */
        for (unsigned wakes = 0; split == 2 && engine_wake(engine) != 0 && engine_wake(engine) < lived; wakes++) {
            if (wakes > 2 * 1440) /* in one silence: each is a batch, and an answer, of two processes */
                fail_msg("it wakes again and again, at %lld ms", (long long)engine_wake(engine));
            engine_batch(engine, NULL, 0, engine_wake(engine), wall);
        }
        /* the core lets wakes happen only when no more readings of that ms can come */
        const int more = i + 1 < home->n_readings && home->readings[i + 1].at == until;
        engine_batch(engine, &home->readings[i], i < home->n_readings, more ? until - 1 : until, wall);
    }
    told->dropped = engine_dropped(engine);
    told->health = *engine_health(engine);
    engine_destroy(engine);
    free(home);
}

static inline struct told *story_tells(const struct gw_plugin *plugin, const struct story *story)
{
    static struct told told; /* of the last story, for a closer look */
    for (int split = 0; split < 3; split++) {
        story_run(plugin, story, split, &told);
        if (strcmp(told.lines, story->out) != 0)
            fail_msg("split %d\n--- expected\n%s--- told\n%s", split, story->out, told.lines);
    }
    return &told;
}

/* The settings must be refused, with these words in the reason. */
static inline void story_refused(const struct gw_plugin *plugin, const struct story *story, const char *words)
{
    static struct told told;
    char error[512] = "";
    struct story_home *home = story_home(story);
    struct engine *engine = story_engine(plugin, home, &told, error, sizeof error);
    assert_null(engine);
    if (strstr(error, words) == NULL)
        fail_msg("expected \"%s\" in: %s", words, error);
    free(home);
}

#endif
