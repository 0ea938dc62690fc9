/* replay.c - the plugins over the log of accepted readings: what must have been told, and what may have been. */
#include "replay.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "engine.h"
#include "loader.h"

/* ---- what is certain ---- */

/* How the detector was configured when it came to this log time. */
unsigned replay_variant_at(const struct sim *sim, const char *detector, int64_t at)
{
    const struct checks *c = sim->checks;
    unsigned variant = 0;
    for (size_t i = 0; i < c->n_eras; i++) {
        int64_t from = c->era[i].from;
        for (unsigned k = 0; k < c->era[i].n_seen; k++)
            if (strcmp(c->era[i].seen[k].name, detector) == 0)
                from = c->era[i].seen[k].until;
        if (from < at)
            variant = c->era[i].variant;
    }
    return variant;
}

/* With half of its memory a detector may say too much and too little of what lasts; a call never. */
static bool blurred(const struct sim *sim, int64_t at)
{
    const struct checks *c = sim->checks;
    for (size_t i = 0; i < c->n_blurs; i++)
        if (at >= c->blur[i].from && (!c->blur[i].to || at <= c->blur[i].to))
            return true;
    return false;
}

/* Its rule goes by the time of day: with a wall clock that jumps, more than one answer is right. And who checks in or
 * out depends on all presses before, of which a detector that starts anew sees those of two days of the log's clock. */
bool replay_follows_the_clock(const struct sim *sim, const char *kind)
{
    static const char *const kinds[] = {"bed",      "gone-out",    "bath-still", "no-activity",
                                        "unusual-", "slow-change", "visit"};
    bool jumps = sim->rates.wall_step > 0 || sim->rates.late_sync, follows = false;
    for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        follows |= strncmp(kind, kinds[i], strlen(kinds[i])) == 0;
    return jumps && follows;
}

static void on_condition(void *context, const struct frame_condition *condition)
{
    struct oracle *o = context;
    if (o->n == SAID_MAX)
        return;
    struct said *s = &o->said[o->n++];
    const struct gw_alert_kind *kind = &o->plugin->alerts[condition->kind];
    *s = (struct said){.raised = condition->raised, .variant = o->variant, .at = condition->at};
    s->episode = condition->episode;
    s->momentary = kind->flags & GW_ALERT_MOMENTARY;
    text_copy(s->detector, sizeof(s->detector), o->detector->name);
    text_copy(s->kind, sizeof(s->kind), kind->name);
    text_copy(s->key, sizeof(s->key), condition->key);
    s->must = replay_variant_at(o->sim, s->detector, s->at) == o->variant &&
              !replay_follows_the_clock(o->sim, s->kind) && (s->momentary || !blurred(o->sim, s->at));
}

static void on_log(void *context, int level, const char *text)
{
    (void)context, (void)level, (void)text;
}

/* ---- running the plugins over the log ---- */

unsigned replay_number_of(const struct sim *sim, const char *name)
{
    uint16_t i = 0;
    while (strcmp(store_name(sim, i), name) != 0 && strcmp(store_name(sim, i), "?") != 0)
        i++;
    return i;
}

static struct engine *engine_of(struct oracle *o)
{
    char path[2 * TEXT_SIZE], error[512];
    struct frame_sensor sensors[SENSORS];
    uint32_t n = 0;
    snprintf(path, sizeof(path), "%s/%s.so", o->settings->plugin_dir, o->detector->plugin);
    o->plugin = loader_open(path, error, sizeof(error));
    for (uint32_t i = 0; i < o->settings->n_sensors; i++, n++) {
        memset(&sensors[n], 0, sizeof(sensors[n]));
        sensors[n].slot = (uint16_t)replay_number_of(o->sim, o->settings->sensors[i].name);
        sensors[n].kind = o->settings->sensors[i].kind;
        text_copy(sensors[n].name, NAME_SIZE, o->settings->sensors[i].name);
        text_copy(sensors[n].room, NAME_SIZE, o->settings->sensors[i].room);
    }
    const struct engine_setup setup = {
        o->plugin, o->detector->plugin,      o->detector->settings, o->detector->n_settings, sensors,
        n,         {o, on_condition, on_log}};
    struct engine *engine = o->plugin ? engine_create(&setup, error, sizeof(error)) : NULL;
    if (!engine)
        broken(o->sim, "the comparison cannot run %s: %s", o->detector->name, error);
    return engine;
}

/* The log from this place on. */
static void replay(struct oracle *o, size_t from)
{
    const struct reading *log;
    size_t n = store_log(o->sim, &log);
    struct engine *engine = engine_of(o);
    int64_t label = 0;
    uint32_t clock = 0, boot = UINT32_MAX;
    for (size_t i = from; engine && i < n; i++) {
        struct reading r = log[i];
        if (r.boot != boot)
            store_label(o->sim, boot = r.boot, &label, &clock);
        r.id = i + 1; /* a lost database lets them begin anew */
        engine_batch(engine, &r, 1, i + 1 < n && log[i + 1].at > r.at ? r.at : r.at - 1, label);
    }
    if (engine && n)
        engine_batch(engine, NULL, 0, o->sim->checks->last_log, label);
    engine_destroy(engine);
}

void replay_variants(struct oracle *o)
{
    for (unsigned v = 0; (o->settings = home_settings_of(o->sim, v)); v++) {
        bool used = v == 0;
        for (size_t i = 0; i < o->sim->checks->n_eras; i++)
            used |= o->sim->checks->era[i].variant == v;
        for (uint32_t d = 0; used && d < o->settings->n_detectors; d++) {
            o->detector = &o->settings->detectors[d];
            o->variant = v;
            replay(o, 0);
        }
    }
}

/* What a process knew that began then: its history reaches back so far and no further. What it would have said binds
 * nobody, but it may be told. */
void replay_process(struct oracle *o, const struct began *began)
{
    const struct reading *log;
    size_t n = store_log(o->sim, &log), from = 0;
    o->settings = home_settings_of(o->sim, began->variant);
    o->variant = UINT32_MAX;
    while (from < n && log[from].at < began->from_log)
        from++;
    for (uint32_t d = 0; d < o->settings->n_detectors; d++) {
        o->detector = &o->settings->detectors[d];
        if (strcmp(o->detector->name, began->detector) == 0)
            replay(o, from);
    }
}
