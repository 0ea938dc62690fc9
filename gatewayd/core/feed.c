#include "feed.h"

#include "store_link.h"
#include "supervisor.h"
#include "timeline.h"

#define HISTORY_TOKEN UINT64_C(0x4400000000000000) /* queries of detectors; the low bits name detector and query */

static unsigned place(const struct core *core, const struct detector *d)
{
    return (unsigned)(d - core->detectors);
}

static void send_batch(struct core *core, struct detector *d, uint32_t n, int64_t until, uint64_t last_id, bool live)
{
    struct frame_batch *b = &core->out.batch;
    b->token = ++d->token;
    b->until = until;
    b->flags = live ? BATCH_LIVE : 0;
    frame_set_n(&core->out, n);
    d->busy = true;
    d->batch_live = live;
    d->batch_id = last_id;
    d->batch_until = until;
    d->batch_last = n ? b->reading[n - 1].at : 0;
    d->batch_at = core->now;
    d->wake = 0;
    timeline_promise(core, until);
    send_frame(core, d->worker);
}

/* What the tail holds for it from its place on. */
static void feed_from_tail(struct core *core, struct detector *d)
{
    struct frame *out = frame_init(&core->out, FRAME_BATCH);
    uint32_t n = 0;
    uint64_t id = d->next_id;
    int64_t label = core->timeline.wall_minus_log;
    for (; id < core->timeline.next_id && n < READINGS_PER_FRAME; id++) {
        const struct reading *r = timeline_get(core, id);
        if (!slot_in(d->slots, r->sensor) || r->at < d->from_log)
            continue;
        int64_t its = timeline_label_at(core, r->at);
        if (n > 0 && its != label)
            break; /* from before the first sync, and from after it: never in one batch */
        label = its;
        out->batch.reading[n++] = *r;
    }
    bool all = id == core->timeline.next_id;
    int64_t now = timeline_now(core);
    bool label_changed = d->wall_minus_log != label;
    d->next_id = id;
    if (n == 0 && d->live && !(d->wake && d->wake < now) && !label_changed)
        return;
    out->batch.wall_minus_log = d->wall_minus_log = label;
    out->batch.clock = core->timeline.clock;
    /* Up to the millisecond before this one: what else comes within this one is a reading before any wake of it. */
    int64_t until = all ? now - 1 : out->batch.reading[n - 1].at - 1;
    send_batch(core, d, n, until, id - 1, all);
}

static void ask_history(struct core *core, struct detector *d)
{
    struct frame *out = frame_init(&core->out, FRAME_HISTORY_QUERY);
    struct frame_history_query *q = &out->history_query;
    q->token = HISTORY_TOKEN | (uint64_t)place(core, d) << 32 | (uint32_t)++d->token;
    q->from_id = d->next_id;
    q->from_log = d->from_log;
    q->to_id = d->asked_to = core->store.next_id - 1; /* what it has been given; the tail has the rest */
    q->limit = READINGS_PER_FRAME;
    memcpy(q->slots, d->slots, sizeof(q->slots));
    d->asking = true;
    if (store_link_send(core))
        store_link_asked(core);
}

void feed_one(struct core *core, struct detector *d)
{
    if (d->next_id >= core->timeline.first_id) {
        feed_from_tail(core, d);
    } else if (store_link_can_query(core)) {
        ask_history(core, d);
    } else {
        core->drops += (uint32_t)(core->timeline.first_id - d->next_id);
        core_log(core, 4, "detector %s: readings before id %llu are out of reach", d->settings->name,
                 (unsigned long long)core->timeline.first_id);
        d->next_id = core->timeline.first_id;
        d->short_of_memory = true;
        feed_from_tail(core, d);
    }
}

void feed_pump(struct core *core)
{
    for (unsigned i = 0; i < DETECTORS_MAX; i++) {
        struct detector *d = &core->detectors[i];
        if (d->settings && !d->busy && !d->asking && supervisor_running(core, d->worker))
            feed_one(core, d);
    }
}

/* Without what is later than now: it stands in a damaged row, and would carry the log's clock and the cursor away. */
static uint32_t copy_past(const struct core *core, const struct frame_history *h, struct reading *out)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < h->n; i++)
        if (h->reading[i].at <= timeline_now(core))
            out[n++] = h->reading[i];
    return n;
}

bool feed_history(struct core *core, const struct frame_history *h)
{
    if ((h->token & UINT64_C(0xff00000000000000)) != HISTORY_TOKEN)
        return false;
    uint32_t index = (uint32_t)(h->token >> 32) & 0xffffu;
    if (index >= DETECTORS_MAX)
        return true;
    struct detector *d = &core->detectors[index];
    if (!d->asking || (uint32_t)h->token != (uint32_t)d->token)
        return true; /* asked by a process that is gone */
    d->asking = false;
    d->next_id = h->next_id && h->next_id <= d->asked_to ? h->next_id : d->asked_to + 1;
    struct frame *out = frame_init(&core->out, FRAME_BATCH);
    uint32_t n = copy_past(core, h, out->batch.reading);
    if (n == 0) {
        feed_pump(core);
        return true;
    }
    out->batch.wall_minus_log = d->wall_minus_log = h->wall_minus_log;
    out->batch.clock = h->clock;
    const struct reading *last = &out->batch.reading[n - 1];
    int64_t until = last->at - 1;
    if (d->next_id <= last->id)
        d->next_id = last->id + 1;
    send_batch(core, d, n, until, last->id, false);
    return true;
}

void feed_query_failed(struct core *core)
{
    for (unsigned i = 0; i < DETECTORS_MAX; i++)
        core->detectors[i].asking = false;
}

bool feed_busy(const struct core *core)
{
    bool busy = false;
    for (unsigned i = 0; i < DETECTORS_MAX; i++)
        busy |= core->detectors[i].settings && core->detectors[i].busy;
    return busy;
}

bool feed_waits(const struct core *core)
{
    bool ask = false;
    for (unsigned i = 0; i < DETECTORS_MAX; i++)
        ask |= core->detectors[i].asking;
    return ask;
}
