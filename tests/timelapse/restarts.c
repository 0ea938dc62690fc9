/* restarts.c - timelapse_restarts CONFIG PLUGIN_DIR HOURS <log: does a detector that is started again know all it knew?
 * Each configured detector is told the log (log.h) in one life, and again with a restart every HOURS: it reads as much
 * history as its plugin asks for and goes on for three days. What is true at the restart, and what is said after it,
 * must be the same.
 *
 * stdout: a line of words for each restart that makes a difference; at the end "<detector>: <n> restarts, <n> differ,
 * <n> conditions" for each. Exit 0 also then; 1 with a word on stderr: anything is not as it should be. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

#define GOES_ON  (3 * GW_DAY)
#define OPEN_MAX 512

struct said {
    int64_t at;
    uint64_t episode;
    uint32_t kind;
    bool raised;
    char key[GW_MAX_KEY];
};

struct life { /* what a detector said */
    struct said *said;
    size_t n, capacity;
};

struct detector {
    const struct settings *settings;
    const struct detector_settings *own;
    const struct gw_plugin *plugin;
    int64_t first; /* log time of the first reading */
};

static void on_condition(void *context, const struct frame_condition *c)
{
    struct life *life = context;
    if (life->n == life->capacity) {
        life->capacity = life->capacity * 2 + 256;
        life->said = realloc(life->said, life->capacity * sizeof *life->said);
        if (life->said == NULL)
            die("out of memory", "conditions");
    }
    struct said *said = &life->said[life->n++];
    *said = (struct said){.at = c->at, .kind = c->kind, .raised = c->raised, .episode = c->raised ? c->episode : 0};
    snprintf(said->key, sizeof said->key, "%s", c->key);
}

static void on_log(void *context, int level, const char *text)
{
    (void)context;
    (void)level;
    (void)text;
}

static void live(const struct detector *d, const struct story *story, int64_t from, int64_t to, struct life *life)
{
    const struct engine_port port = {life, on_condition, on_log};
    life->n = 0;
    struct engine *engine = log_engine(d->settings, d->own, d->plugin, &port);
    log_tell(engine, story, from, to);
    engine_destroy(engine);
}

static bool same_name(const struct said *a, const struct said *b)
{
    return a->kind == b->kind && strcmp(a->key, b->key) == 0;
}

/* The levels that are true at this log time. */
static size_t true_at(const struct detector *d, const struct life *life, int64_t at, struct said open[OPEN_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < life->n && life->said[i].at <= at; i++) {
        const struct said *said = &life->said[i];
        size_t k = 0;
        if ((d->plugin->alerts[said->kind].flags & GW_ALERT_MOMENTARY) != 0)
            continue;
        while (k < n && !same_name(&open[k], said))
            k++;
        if (k == OPEN_MAX)
            die(d->own->name, "too much is true at once");
        if (said->raised) {
            open[k] = *said;
            n += k == n;
        } else if (k < n) {
            open[k] = open[--n];
        }
    }
    return n;
}

static bool differs(const struct detector *d, int64_t restart, const char *what, const struct said *said)
{
    const double day = (double)(restart - d->first) / GW_DAY, when = (double)(said->at - d->first) / GW_DAY;
    printf("%s, restarted on day %.2f: %s %s %s \"%s\" of day %.2f\n", d->own->name, day, what,
           said->raised ? "raised" : "cleared", d->plugin->alerts[said->kind].name, said->key, when);
    return true;
}

static bool open_differs(const struct detector *d, int64_t at, const struct life *one, const struct life *other)
{
    static struct said a[OPEN_MAX], b[OPEN_MAX];
    const size_t n_a = true_at(d, one, at, a), n_b = true_at(d, other, at, b);
    for (size_t i = 0; i < n_a; i++) {
        size_t k = 0;
        while (k < n_b && !same_name(&a[i], &b[k]))
            k++;
        if (k == n_b)
            return differs(d, at, "forgotten is", &a[i]);
    }
    for (size_t i = 0; i < n_b; i++) {
        size_t k = 0;
        while (k < n_a && !same_name(&b[i], &a[k]))
            k++;
        if (k == n_a)
            return differs(d, at, "out of nothing comes", &b[i]);
    }
    return false;
}

static bool later_differs(const struct detector *d, int64_t at, int64_t to, const struct life *one,
                          const struct life *other)
{
    size_t i = 0, k = 0;
    while (i < one->n && one->said[i].at <= at)
        i++;
    while (k < other->n && other->said[k].at <= at)
        k++;
    for (;; i++, k++) {
        const struct said *a = i < one->n && one->said[i].at <= to ? &one->said[i] : NULL;
        const struct said *b = k < other->n && other->said[k].at <= to ? &other->said[k] : NULL;
        if (a == NULL && b == NULL)
            return false;
        if (a == NULL || b == NULL || !same_name(a, b) || a->raised != b->raised || a->episode != b->episode ||
            a->at != b->at)
            return differs(d, at, a != NULL ? "not the same is" : "new is", a != NULL ? a : b);
    }
}

static void restart_it(const struct detector *d, const struct story *story, int64_t every)
{
    struct life one = {0}, other = {0};
    const int64_t end = story->entries[story->n - 1].at;
    unsigned restarts = 0, different = 0;
    live(d, story, 0, end, &one);
    for (int64_t at = d->first + every; at < end; at += every, restarts++) {
        const int64_t to = at + GOES_ON < end ? at + GOES_ON : end;
        live(d, story, at - d->plugin->history, to, &other);
        different += open_differs(d, at, &one, &other) || later_differs(d, at, to, &one, &other);
    }
    printf("%s: %u restarts, %u differ, %zu conditions\n", d->own->name, restarts, different, one.n);
    free(one.said);
    free(other.said);
}

int main(int argc, char **argv)
{
    struct story story = {0};
    if (argc != 4 || atof(argv[3]) <= 0)
        die("usage", "timelapse_restarts CONFIG PLUGIN_DIR HOURS <log");
    struct settings *settings = log_settings(argv[1], argv[2]);
    log_read(settings, &story);
    if (story.n == 0)
        die("the log", "is empty");
    for (uint32_t i = 0; i < settings->n_detectors; i++) {
        const struct detector_settings *own = &settings->detectors[i];
        const struct detector d = {settings, own, log_plugin(argv[2], own->plugin), story.entries[0].at};
        restart_it(&d, &story, (int64_t)(atof(argv[3]) * (double)GW_HOUR));
    }
    free(story.entries);
    settings_free(settings);
    return 0;
}
