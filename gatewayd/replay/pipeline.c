#include "pipeline.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

static bool tell_failed(const struct detector *d)
{
    fprintf(stderr, "detector %s: %s\n", d->own->name, d->error);
    return false;
}

static bool wanted(const char *name, const char *const *only, uint32_t n_only)
{
    for (uint32_t i = 0; i < n_only; i++)
        if (strcmp(only[i], name) == 0)
            return true;
    return n_only == 0;
}

/* Take those out that nobody wants and on which no other depends. */
static void end_unwanted(struct pipeline *p)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < p->n; i++) {
        struct detector *d = &p->detectors[i];
        if (d->chosen || d->visits)
            p->detectors[kept++] = *d;
        else
            detector_end(d);
    }
    p->n = p->started = kept;
}

bool pipeline_start(struct pipeline *p, const struct settings *settings, const char *libexec, const char *const *only,
                    uint32_t n_only, bool modes_logged)
{
    *p = (struct pipeline){.n = settings->n_detectors};
    p->detectors = calloc(p->n ? p->n : 1, sizeof *p->detectors);
    p->frames = calloc(2, sizeof *p->frames);
    if (!p->detectors || !p->frames) {
        fprintf(stderr, "out of memory\n");
        return false;
    }
    for (uint32_t i = 0; i < p->n; i++) {
        bool good = detector_start(&p->detectors[i], settings, i, libexec);
        p->detectors[i].chosen = wanted(settings->detectors[i].name, only, n_only);
        p->started++;
        if (!good)
            return tell_failed(&p->detectors[i]);
    }
    for (uint32_t i = 0; i < p->n; i++)
        if (!detector_ready(&p->detectors[i]))
            return tell_failed(&p->detectors[i]);
    for (uint32_t i = 0; i < p->n && modes_logged; i++)
        p->detectors[i].visits = false;
    end_unwanted(p);
    for (uint32_t i = 0; i < p->n; i++)
        p->visits |= p->detectors[i].visits;
    return true;
}

static bool feed_step(struct pipeline *p, bool visits, const struct reading *readings, uint32_t n,
                      int64_t wall_minus_log)
{
    for (uint32_t i = 0; i < p->n; i++) {
        struct detector *d = &p->detectors[i];
        if (d->visits == visits && !detector_feed(d, readings, n, p->until, wall_minus_log, p->frames, &p->said))
            return tell_failed(d);
    }
    return true;
}

static bool answers_step(struct pipeline *p, bool visits)
{
    for (uint32_t i = 0; i < p->n; i++) {
        struct detector *d = &p->detectors[i];
        if (d->visits == visits && !detector_answers(d, p->frames, &p->said))
            return tell_failed(d);
    }
    return true;
}

static int by_time(const void *a, const void *b)
{
    const struct said *x = a, *y = b;
    if (x->condition.at != y->condition.at)
        return x->condition.at < y->condition.at ? -1 : 1;
    if (x->detector != y->detector)
        return x->detector < y->detector ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static void sort(struct said_list *list)
{
    if (list->n > 1)
        qsort(list->said, list->n, sizeof list->said[0], by_time);
}

/* ---- the modes that visits make ---- */

static const struct frame_plugin_alert *kind_of(const struct pipeline *p, const struct said *said)
{
    for (uint32_t i = 0; i < p->n; i++)
        if (p->detectors[i].number == said->detector)
            return &p->detectors[i].alerts[said->condition.kind];
    return NULL;
}

static bool same_visit(const struct visit *visit, const struct said *said)
{
    return visit->detector == said->detector && visit->kind == said->condition.kind &&
           strcmp(visit->key, said->condition.key) == 0;
}

/* Does the home's mode change by what was said? */
static bool visit_changes(struct pipeline *p, const struct said *said)
{
    const struct frame_plugin_alert *kind = kind_of(p, said);
    uint32_t i = 0;
    if (!kind || !(kind->flags & GW_ALERT_VISIT) || said->condition.flags & GW_TEST)
        return false;
    while (i < p->n_visits && !same_visit(&p->visit[i], said))
        i++;
    if (said->condition.raised) {
        if (i < p->n_visits || p->n_visits == VISITS_MAX)
            return false;
        struct visit *visit = &p->visit[p->n_visits++];
        *visit = (struct visit){.detector = said->detector, .kind = said->condition.kind};
        memcpy(visit->key, said->condition.key, sizeof visit->key);
        return p->n_visits == 1;
    }
    if (i == p->n_visits)
        return false;
    p->visit[i] = p->visit[--p->n_visits];
    return p->n_visits == 0;
}

static bool room_for(struct pipeline *p, uint32_t n)
{
    if (n <= p->merged_capacity)
        return true;
    struct reading *merged = realloc(p->merged, n * sizeof *merged);
    if (!merged) {
        fprintf(stderr, "out of memory\n");
        return false;
    }
    p->merged = merged;
    p->merged_capacity = n;
    return true;
}

static void copy_one(struct pipeline *p, const struct reading *reading, uint32_t *out)
{
    if (reading->sensor == SENSOR_HOME && reading->type == GW_MODE)
        p->mode = reading->value;
    p->merged[(*out)++] = *reading;
}

static struct reading mode_reading(const struct pipeline *p, int64_t at, int64_t wall_minus_log, uint64_t before)
{
    struct reading mode = {.id = before + 1, .sensor = SENSOR_HOME, .type = GW_MODE, .at = at, .boot = 1};
    bool visit = p->n_visits > 0 && p->mode != GW_MODE_MAINTENANCE; /* a technician weighs more, as live */
    mode.value = visit ? GW_MODE_VISIT : p->mode;
    mode.origin = hash_u64(hash_u64(hash_text(HASH_START, "mode"), (uint64_t)(at + wall_minus_log)), p->n_visits);
    return mode;
}

/* Each mode behind the readings of its millisecond, as the core logs it when it hears of the visit. */
static bool merge(struct pipeline *p, const struct chunk *chunk, uint32_t *n)
{
    uint32_t i = 0, out = 0;
    sort(&p->said);
    if (!room_for(p, chunk->n + p->said.n))
        return false;
    for (uint32_t k = 0; k < p->said.n; k++) {
        const struct frame_condition *c = &p->said.said[k].condition;
        if (!visit_changes(p, &p->said.said[k]))
            continue;
        while (i < chunk->n && chunk->reading[i].at <= c->at)
            copy_one(p, &chunk->reading[i++], &out);
        uint64_t before = out > 0 ? p->merged[out - 1].id : c->reading;
        p->merged[out++] = mode_reading(p, c->at, chunk->wall_minus_log, before);
    }
    while (i < chunk->n)
        copy_one(p, &chunk->reading[i++], &out);
    *n = out;
    return true;
}

bool pipeline_feed(struct pipeline *p, const struct chunk *chunk, int64_t until)
{
    p->said.n = 0;
    p->until = until;
    if (!p->visits)
        return feed_step(p, false, chunk->reading, chunk->n, chunk->wall_minus_log);
    uint32_t n = 0;
    return feed_step(p, true, chunk->reading, chunk->n, chunk->wall_minus_log) && answers_step(p, true) &&
           merge(p, chunk, &n) && feed_step(p, false, p->merged, n, chunk->wall_minus_log);
}

bool pipeline_answers(struct pipeline *p)
{
    if (!answers_step(p, false))
        return false;
    sort(&p->said);
    return true;
}

void pipeline_end(struct pipeline *p)
{
    for (uint32_t i = 0; i < p->started; i++)
        detector_end(&p->detectors[i]);
    free(p->detectors);
    free(p->frames);
    free(p->merged);
    free(p->said.said);
    *p = (struct pipeline){0};
}
