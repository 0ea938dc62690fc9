/* story_restart.h - a detector that is started again sees its plugin's span of history and no more. Told a story in one
 * life or with a restart anywhere in it, a plugin must say the same from the restart on. */
#ifndef TESTS_STORY_RESTART_H
#define TESTS_STORY_RESTART_H

#include "story.h"

#define STORY_OPEN_MAX 16

/* What is true at `from`, and what is said after it. */
struct afterwards {
    int64_t from;
    const struct gw_plugin *plugin;
    struct frame_condition open[STORY_OPEN_MAX]; /* of these kind, key and episode; raised 0: place is free */
    char lines[8192];
};

static inline void afterwards_keep(struct afterwards *after, const struct frame_condition *c)
{
    uint32_t place = STORY_OPEN_MAX;
    for (uint32_t i = STORY_OPEN_MAX; i-- > 0;) {
        const struct frame_condition *o = &after->open[i];
        if (!o->raised)
            place = i;
    }
    for (uint32_t i = 0; i < STORY_OPEN_MAX; i++) {
        const struct frame_condition *o = &after->open[i];
        if (o->raised && o->kind == c->kind && strcmp(o->key, c->key) == 0)
            place = i;
    }
    assert_true(place < STORY_OPEN_MAX);
    after->open[place] = *c;
}

static inline void afterwards_on_condition(void *context, const struct frame_condition *c)
{
    struct afterwards *after = context;
    if (c->at <= after->from) {
        afterwards_keep(after, c);
        return;
    }
    const size_t used = strlen(after->lines);
    const int64_t s = (c->at - STORY_LOG_START) / 1000;
    const int n = snprintf(after->lines + used, sizeof after->lines - used, "day %d %02d:%02d %s %s %x\n",
                           (int)(s / 86400), (int)(s / 3600 % 24), (int)(s / 60 % 60), c->raised ? "raise" : "clear",
                           after->plugin->alerts[c->kind].name, (unsigned)c->episode);
    assert_true(n > 0 && used + (size_t)n < sizeof after->lines);
}

static inline void afterwards_on_log(void *context, int level, const char *text)
{
    (void)context;
    (void)level;
    (void)text;
}

static inline void afterwards_tell(const struct gw_plugin *plugin, const struct story_home *home, int64_t history,
                                   struct afterwards *after)
{
    char error[512] = "";
    const struct engine_setup setup = {
        .plugin = plugin,
        .stem = plugin->name,
        .settings = home->settings,
        .n_settings = home->n_settings,
        .sensors = home->sensors,
        .n_sensors = home->n_sensors,
        .port = {after, afterwards_on_condition, afterwards_on_log},
    };
    uint32_t first = 0;
    while (first < home->n_readings && home->readings[first].at < history)
        first++;
    after->plugin = plugin;
    const int64_t wall = story_midnight() - STORY_LOG_START;
    struct engine *engine = engine_create(&setup, error, sizeof error);
    assert_non_null(engine);
    engine_batch(engine, home->readings + first, home->n_readings - first, home->end, wall);
    engine_destroy(engine);
}

/* Is everything that is true for one true for the other? */
static inline bool afterwards_holds(const struct afterwards *one, const struct afterwards *other)
{
    for (uint32_t i = 0; i < STORY_OPEN_MAX; i++) {
        const struct frame_condition *a = &one->open[i];
        bool found = !a->raised;
        for (uint32_t k = 0; k < STORY_OPEN_MAX; k++) {
            const struct frame_condition *b = &other->open[k];
            found |= b->raised && a->kind == b->kind && a->episode == b->episode && strcmp(a->key, b->key) == 0;
        }
        if (!found)
            return false;
    }
    return true;
}

/* A restart after each reading, and half way to the next. */
static inline void story_survives_restarts(const struct gw_plugin *plugin, const struct story *story)
{
    struct story_home *home = story_home(story);
    for (uint32_t i = 0; i < 2 * home->n_readings; i++) {
        const int64_t at = home->readings[i / 2].at;
        const int64_t next = i / 2 + 1 < home->n_readings ? home->readings[i / 2 + 1].at : home->end;
        struct afterwards one_life = {.from = at + (next - at) / 2 * (i % 2)}, restarted = one_life;
        afterwards_tell(plugin, home, 0, &one_life);
        afterwards_tell(plugin, home, one_life.from - plugin->history, &restarted);
        if (strcmp(one_life.lines, restarted.lines) != 0 || !afterwards_holds(&one_life, &restarted) ||
            !afterwards_holds(&restarted, &one_life))
            fail_msg("restarted %.2f days after the beginning\n--- in one life\n%s--- restarted\n%s",
                     (double)(one_life.from - STORY_LOG_START) / 86400e3, one_life.lines, restarted.lines);
    }
    free(home);
}

#endif
