#include "timeline.h"

#include "../base/hash.h"
#include "alerts.h"
#include "cursors.h"
#include "detectors.h"
#include "outbox.h"
#include "sources.h"
#include "store_link.h"
#include "uplinks.h"

int64_t timeline_now(const struct core *core)
{
    return core->now + core->timeline.offset;
}

static struct reading *tail_at(const struct timeline *t, uint64_t id)
{
    return &t->tail[(id - t->tail_base) % TAIL_SIZE];
}

const struct reading *timeline_get(const struct core *core, uint64_t id)
{
    const struct timeline *t = &core->timeline;
    return id >= t->first_id && id < t->next_id ? tail_at(t, id) : NULL;
}

void timeline_promise(struct core *core, int64_t until)
{
    if (until >= core->timeline.floor)
        core->timeline.floor = until + 1;
}

void timeline_append(struct core *core, struct reading *reading)
{
    struct timeline *t = &core->timeline;
    int64_t at = reading->at + t->offset;
    /* A source's stamp may be a little older than what was promised meanwhile, never newer than now. */
    if (at > core->now + t->offset)
        at = core->now + t->offset;
    reading->at = at > t->floor ? at : t->floor;
    t->floor = reading->at;
    reading->boot = t->boot;
    reading->id = t->next_id++;
    if (t->next_id - t->first_id > TAIL_SIZE) {
        if (core->store.next_id <= t->first_id)
            store_link_lost_one(core);
        t->first_id++;
    }
    *tail_at(t, reading->id) = *reading;
}

static struct reading of_the_home(const struct core *core, uint8_t type, double value)
{
    uint64_t hash = hash_u64(hash_u64(hash_text(HASH_START, core->boot_id), (uint64_t)core->now), type);
    return (struct reading){
        .origin = OWN_RING | (uint32_t)hash, .at = core->now, .value = value, .sensor = SENSOR_HOME, .type = type};
}

void timeline_append_home(struct core *core, uint8_t type, double value)
{
    struct reading reading = of_the_home(core, type, value);
    timeline_append(core, &reading);
}

void timeline_tell_store(struct core *core)
{
    struct timeline *t = &core->timeline;
    if (!t->started || t->without_memory)
        return;
    frame_init(&core->out, FRAME_STORE_BOOT);
    core->out.boot.boot = t->boot;
    core->out.boot.raised_once = t->raised_once;
    core->out.boot.boot_offset = t->offset;
    core->out.boot.wall_minus_log = t->wall_minus_log;
    core->out.boot.clock = t->clock;
    core->out.boot.raised_from = t->raised_from;
    core->out.boot.raised_by = t->raised_by;
    store_link_send(core);
}

/* Move the log's clock forward; detectors see the jump as a gap. */
static void raise_offset(struct core *core, int64_t by)
{
    core->timeline.raised_from = timeline_now(core) + by;
    core->timeline.raised_by += by;
    core->timeline.offset += by;
    timeline_append_home(core, GW_GAP, (double)by);
}

int64_t timeline_label_at(const struct core *core, int64_t at)
{
    const struct timeline *t = &core->timeline;
    return t->wall_minus_log + (at < t->raised_from ? t->raised_by : 0);
}

void timeline_label(const struct core *core, struct alert *alert)
{
    const struct timeline *t = &core->timeline;
    if (alert->boot != t->boot)
        return;
    alert->clock = t->clock;
    alert->wall_minus_log = timeline_label_at(core, alert->at);
}

static void apply_wall(struct core *core)
{
    struct timeline *t = &core->timeline;
    if (!t->started || !t->wall_known)
        return;
    int64_t wall = core->now + t->wall_minus_boottime;
    bool first_sync = t->wall_quality == CLOCK_SYNCED && !t->raised_once;
    bool news = false;
    if (first_sync) {
        t->raised_once = true;
        if (wall > timeline_now(core))
            raise_offset(core, wall - timeline_now(core));
        news = true;
    }
    int64_t label = wall - timeline_now(core);
    int64_t step = label - t->wall_minus_log;
    /* Slewing moves both clocks; only steps beyond what a person would notice are new labels. */
    if (step > 1000 || step < -1000 || t->clock != t->wall_quality || news) {
        t->wall_minus_log = label;
        bool synced_now = t->wall_quality == CLOCK_SYNCED && t->clock != CLOCK_SYNCED;
        t->clock = t->wall_quality;
        if (synced_now)
            timeline_append_home(core, GW_CLOCK, 1);
        timeline_tell_store(core);
        uplinks_clock(core);
    }
}

void timeline_wall(struct core *core, int64_t wall, enum clock_quality quality)
{
    struct timeline *t = &core->timeline;
    t->wall_known = true;
    t->wall_minus_boottime = wall - core->now;
    t->wall_quality = quality;
    apply_wall(core);
}

/* The very first log time of a home: the wall clock, whatever it shows (it is a label only, and never lowered). */
static int64_t first_log_time(const struct core *core)
{
    const struct timeline *t = &core->timeline;
    int64_t wall = t->wall_known ? core->now + t->wall_minus_boottime : 0;
    return wall > 1 ? wall : 1;
}

void timeline_start_without_memory(struct core *core)
{
    struct timeline *t = &core->timeline;
    t->started = true;
    t->without_memory = true;
    t->offset = first_log_time(core) - core->now;
    t->without_memory_from = timeline_now(core);
    t->first_id = t->next_id = 1;
    t->boot = 0;
    apply_wall(core);
}

/* The log's clock was behind what the store has: the run begins behind that, and so does all that it has read. Left in
 * the past, that would lie before every detector's history. Nothing passed between: no gap for detectors to see. */
static void begin_behind(struct core *core, int64_t last_log)
{
    struct timeline *t = &core->timeline;
    int64_t by = last_log + 1 - t->without_memory_from;
    for (uint64_t id = t->first_id; id < t->next_id; id++)
        tail_at(t, id)->at += by;
    t->floor += by;
    t->offset += by;
    t->raised_from = last_log + 1;
    t->raised_by += by;
    t->wall_minus_log -= by;
    alerts_clock_moved(core, by);
    cursors_clock_moved(core, by);
}

/* Between what the store has and what was taken without memory nothing was recorded: a place before the first reading,
 * for the gap that detectors must see there. They begin anew from the log. The first place of the tail is always free
 * unless the tail has gone round. */
static bool begin_with_gap(struct core *core, int64_t last_log)
{
    struct timeline *t = &core->timeline;
    const struct reading *first = timeline_get(core, t->first_id);
    int64_t at = first ? first->at : timeline_now(core);
    if (t->first_id != 1 || t->next_id >= TAIL_SIZE || last_log == 0 || at <= last_log)
        return false;
    struct reading gap = of_the_home(core, GW_GAP, (double)(at - last_log));
    gap.at = at;
    t->floor = at > t->floor ? at : t->floor;
    *tail_at(t, --t->first_id) = gap;
    return true;
}

/* Readings taken without memory get their places behind what the store has. */
static void join(struct core *core, const struct frame_store_state *state)
{
    struct timeline *t = &core->timeline;
    t->without_memory = false;
    t->boot = state->boot;
    bool gap = state->last_log < t->without_memory_from;
    if (!gap)
        begin_behind(core, state->last_log);
    uint64_t shift = state->last_id + (gap && begin_with_gap(core, state->last_log) ? 1 : 0);
    for (uint64_t id = t->first_id; id < t->next_id; id++) {
        struct reading *reading = tail_at(t, id);
        reading->id = id + shift;
        reading->boot = state->boot;
    }
    t->tail_base += shift;
    t->first_id += shift;
    t->next_id += shift;
    detectors_shift(core, shift);
    alerts_shift(core, shift);
    outbox_shift(core, shift);
    sources_shift(core, shift);
    core->store.urgent_id += core->store.urgent_id ? shift : 0;
}

void timeline_start(struct core *core, const struct frame_store_state *state)
{
    struct timeline *t = &core->timeline;
    t->former = state->last_log;
    if (t->started) {
        join(core, state);
        return;
    }
    t->started = true;
    t->boot = state->boot;
    t->first_id = t->next_id = state->last_id + 1;
    t->floor = state->last_log;
    if (state->known_boot) {
        t->offset = state->boot_offset;
        t->raised_once = state->raised_once;
        t->wall_minus_log = state->wall_minus_log;
        t->clock = (enum clock_quality)state->clock;
        t->raised_from = state->raised_from;
        t->raised_by = state->raised_by;
        if (timeline_now(core) < state->last_log)
            t->offset = state->last_log - core->now;
    } else {
        int64_t begin = state->last_log ? state->last_log + 1 : first_log_time(core);
        t->offset = begin - core->now;
        t->wall_minus_log = t->wall_known ? core->now + t->wall_minus_boottime - begin : 0;
    }
    apply_wall(core);
}
