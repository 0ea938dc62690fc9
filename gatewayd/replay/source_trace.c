/* source_trace.c - a recording as readings. Its wall clock becomes log time by one constant offset, so that local times
 * are those of the recording and log time is another number, as live. The first value of a sensor is a change like the
 * others: recordings hold what happened, when it happened, not states found at a start. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/kinds.h"
#include "base/text.h"
#include "core/rules.h"
#include "names.h"
#include "source.h"
#include "trace.h"
#include "vocabulary.h"

#define BAD_TOLD     1000u
#define UNKNOWN_KEPT 64u
#define DAY_MS       INT64_C(86400000)

struct level { /* of one sensor */
    bool known;
    double value;
    int64_t logged; /* log time: the rule of news */
    int64_t wall;   /* of its last reading, and how many of this millisecond came before it */
    uint64_t before;
};

struct unknown {
    char id[NAME_SIZE];
    bool ambiguous;
    uint64_t n;
};

struct trace_source {
    struct trace *trace;
    struct names *names;
    const struct settings *settings;
    const char *path;
    uint64_t next_id;
    int64_t wall_minus_log;
    uint64_t bad, repeats, unknown_more;
    unsigned n_unknown;
    struct unknown unknown[UNKNOWN_KEPT];
    struct level level[SENSORS_MAX + 1]; /* the last one: the home */
    uint64_t name_hash[SENSORS_MAX + 1];
};

static void tell_bad(struct trace_source *s, const struct trace_line *line, const char *why)
{
    if (s->bad++ < BAD_TOLD)
        fprintf(stderr, "%s:%" PRIu64 ": left out: %s\n", s->path, line->number, why);
}

static void count_unknown(struct trace_source *s, const char *id, bool ambiguous)
{
    char name[NAME_SIZE];
    text_copy(name, sizeof name, id);
    for (unsigned i = 0; i < s->n_unknown; i++) {
        if (strcmp(s->unknown[i].id, name) == 0) {
            s->unknown[i].n++;
            return;
        }
    }
    if (s->n_unknown == UNKNOWN_KEPT) {
        s->unknown_more++;
        return;
    }
    struct unknown *unknown = &s->unknown[s->n_unknown++];
    memcpy(unknown->id, name, sizeof name);
    for (char *c = unknown->id; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?'; /* goes to a terminal */
    unknown->ambiguous = ambiguous;
    unknown->n = 1;
}

/* The core's rule: an unchanged level is no news for a minute. */
static bool is_news(struct trace_source *s, int slot, const struct reading *reading)
{
    if (reading->type != GW_VALUE)
        return true;
    struct level *level = &s->level[slot];
    bool same = level->known && level->value == reading->value;
    if (!rules_level_is_news(same, level->logged, reading->at))
        return false;
    level->known = true;
    level->value = reading->value;
    level->logged = reading->at;
    return true;
}

/* Names the reading for ever: by what it says, not by its place, so that a recording that was cut gives the same
 * alerts. A sensor's readings of one millisecond are told apart by their order. */
static uint64_t origin_of(struct trace_source *s, const struct reading *reading, int slot, int64_t wall)
{
    unsigned place = slot < 0 ? SENSORS_MAX : (unsigned)slot;
    struct level *level = &s->level[place];
    uint64_t hash = s->name_hash[place], value = 0;
    memcpy(&value, &reading->value, sizeof value);
    level->before = level->wall == wall ? level->before + 1 : 0;
    level->wall = wall;
    hash = hash_u64(hash_u64(hash, (uint64_t)wall + (level->before << 48)), value ^ reading->type);
    return hash ? hash : 1;
}

/* False: nothing to feed. */
static bool take(struct trace_source *s, const struct trace_line *line, struct reading *reading)
{
    int slot = names_find(s->names, line->id);
    if (slot == NAMES_NONE || slot == NAMES_AMBIGUOUS) {
        count_unknown(s, line->id, slot == NAMES_AMBIGUOUS);
        return false;
    }
    uint16_t kind = slot == NAMES_HOME ? KIND_COUNT : s->settings->sensors[slot].kind;
    *reading = (struct reading){.sensor = slot == NAMES_HOME ? SENSOR_HOME : (uint16_t)slot, .boot = 1};
    if (!vocabulary_read(kind, line->value, &reading->type, &reading->value)) {
        char why[TEXT_SIZE];
        snprintf(why, sizeof why, "a sensor of the kind %s can't say that",
                 slot == NAMES_HOME ? "home (home, away, visit, maintenance)" : kind_info((enum kind)kind)->name);
        tell_bad(s, line, why);
        return false;
    }
    if (s->next_id == 0) { /* log time begins a day before the recording's first midnight */
        s->next_id = ID_STEP;
        s->wall_minus_log = line->wall / DAY_MS * DAY_MS - DAY_MS;
    }
    reading->at = line->wall - s->wall_minus_log;
    if (slot >= 0 && !is_news(s, slot, reading)) {
        s->repeats++;
        return false;
    }
    reading->origin = origin_of(s, reading, slot, line->wall);
    reading->id = s->next_id;
    s->next_id += ID_STEP;
    return true;
}

static enum source_result read_chunk(void *context, struct chunk *chunk)
{
    struct trace_source *s = context;
    struct trace_line line;
    chunk->n = 0;
    while (chunk->n < CHUNK_READINGS) {
        enum trace_result result = trace_next(s->trace, &line);
        if (result == TRACE_FAILED) {
            fprintf(stderr, "%s: it can't be read on: %s\n", s->path, line.why);
            return SOURCE_FAILED;
        }
        if (result == TRACE_END)
            break;
        if (result == TRACE_BAD)
            tell_bad(s, &line, line.why);
        else
            chunk->n += take(s, &line, &chunk->reading[chunk->n]);
    }
    chunk->wall_minus_log = s->wall_minus_log;
    return chunk->n > 0 ? SOURCE_CHUNK : SOURCE_END;
}

static void tell(const void *context, FILE *err)
{
    const struct trace_source *s = context;
    if (s->bad > BAD_TOLD)
        fprintf(err, "%s: %" PRIu64 " lines were left out, the first %u are named above\n", s->path, s->bad, BAD_TOLD);
    for (unsigned i = 0; i < s->n_unknown; i++)
        fprintf(err, "%s: \"%s\" %s: %" PRIu64 " readings left out\n", s->path, s->unknown[i].id,
                s->unknown[i].ambiguous ? "may be two sensors of this configuration"
                                        : "is no sensor of this configuration",
                s->unknown[i].n);
    if (s->unknown_more)
        fprintf(err, "%s: %" PRIu64 " readings of still other sensors left out\n", s->path, s->unknown_more);
}

static void close_source(void *context)
{
    struct trace_source *s = context;
    trace_close(s->trace);
    names_destroy(s->names);
    free(s);
}

bool source_trace(struct source *source, const struct settings *settings, const char *path, char *error, size_t size)
{
    struct trace *trace = trace_open(path, error, size);
    if (!trace)
        return false;
    struct trace_source *s = calloc(1, sizeof *s);
    struct names *names = names_create(settings);
    if (!s || !names) {
        snprintf(error, size, "out of memory");
        trace_close(trace);
        names_destroy(names);
        free(s);
        return false;
    }
    *s = (struct trace_source){.trace = trace, .names = names, .settings = settings, .path = path};
    for (uint32_t i = 0; i < settings->n_sensors; i++)
        s->name_hash[i] = hash_text(HASH_START, settings->sensors[i].name);
    s->name_hash[SENSORS_MAX] = hash_text(HASH_START, "home");
    *source = (struct source){.context = s, .read = read_chunk, .tell = tell, .close = close_source};
    return true;
}
