#include "store_link.h"

#include <stdio.h>

#include "../base/text.h"
#include "alerts.h"
#include "control.h"
#include "delivery.h"
#include "detectors.h"
#include "feed.h"
#include "outbox.h"
#include "sources.h"
#include "supervisor.h"
#include "technical.h"
#include "timeline.h"
#include "uplinks.h"

void store_link_configure(struct core *core)
{
    frame_init(&core->out, FRAME_CONFIG_BEGIN);
    send_frame(core, WORKER_STORE);
    frame_init(&core->out, FRAME_STORE_CONFIG);
    core->out.store_config = core->settings->store;
    text_copy(core->out.store_config.boot_id, sizeof(core->out.store_config.boot_id), core->boot_id);
    if ((size_t)snprintf(core->out.store_config.mirror, TEXT_SIZE, "%s/alerts.mirror", core->run_dir) >= TEXT_SIZE)
        core->out.store_config.mirror[0] = '\0';
    send_frame(core, WORKER_STORE);
    for (uint32_t i = 0; i < core->n_sensors; i++) {
        const struct sensor *s = &core->sensors[i];
        frame_init(&core->out, FRAME_SENSOR);
        core->out.sensor.slot = (uint16_t)i;
        core->out.sensor.kind = s->settings ? s->settings->kind : KIND_STATE;
        text_copy(core->out.sensor.name, NAME_SIZE, s->name);
        text_copy(core->out.sensor.room, NAME_SIZE, s->settings ? s->settings->room : "");
        send_frame(core, WORKER_STORE);
    }
    frame_init(&core->out, FRAME_CONFIG_END);
    send_frame(core, WORKER_STORE);
}

bool store_link_send(struct core *core)
{
    if (!core->store.ready)
        return false;
    send_frame(core, WORKER_STORE);
    return true;
}

static void set_degraded(struct core *core, bool degraded)
{
    struct store_link *s = &core->store;
    if (s->degraded == degraded)
        return;
    s->degraded = degraded;
    if (degraded) {
        core_log(core, 3, "the disk does not answer: alarms go on without it");
        technical_raise(core, "store-degraded", "", "The gateway's disk does not answer; alarms are sent without it.",
                        "网关存储无响应；报警照常发送，但暂时无法保存。");
    } else {
        core_log(core, 5, "the disk answers again");
        technical_clear(core, "store-degraded", "");
    }
    uplinks_status(core);
    delivery_pump(core);
    sources_confirm(core);
    if (degraded) {
        feed_query_failed(core); /* no detector waits for a disk */
        feed_pump(core);
    }
}

void store_link_down(struct core *core)
{
    struct store_link *s = &core->store;
    s->ready = s->told = false;
    s->frames_out = 0;
    s->asked_at = NEVER;
    feed_query_failed(core);
    control_query_failed(core);
    if (s->loaded)
        s->asked_at = core->now; /* degraded if it is not back in time */
}

void store_link_asked(struct core *core)
{
    if (core->store.asked_at == NEVER)
        core->store.asked_at = core->now;
}

void store_link_urgent(struct core *core)
{
    core->store.urgent_id = core->timeline.next_id - 1;
    core->store.urgent_since = core->now;
}

void store_link_taking(struct core *core, bool is)
{
    core->store.taking = is ? core->timeline.next_id : 0;
}

void store_link_lost_one(struct core *core)
{
    if (core->drops++ == 0)
        core_log(core, 4, "history: readings are dropped because the store does not take them");
    core->store.next_id = core->timeline.first_id + 1;
}

bool store_link_can_query(const struct core *core)
{
    return core->store.ready && !core->store.degraded;
}

/* So many readings from next_id on go in one frame. The disk takes a frame whole or not at all, but between two the
 * power may fail: a message whose key is there with some of its readings would not be taken when it comes again. So
 * those of one message stay together, unless they are more than a frame holds. */
static uint32_t frame_size(const struct core *core, uint64_t end)
{
    const uint64_t from = core->store.next_id, next = from + READINGS_PER_FRAME;
    if (end <= next)
        return (uint32_t)(end - from);
    uint64_t key = timeline_get(core, next)->source_key;
    if (key == 0 && next + 1 < end) /* our own word that its sensor is back stands before a reading */
        key = timeline_get(core, next + 1)->source_key;
    for (uint32_t i = 1; key && i < READINGS_PER_FRAME; i++)
        if (timeline_get(core, from + i)->source_key == key)
            return timeline_get(core, from)->source_key == key ? READINGS_PER_FRAME : i;
    return READINGS_PER_FRAME;
}

/* One frame of readings from the tail, from next_id on. */
static void append(struct core *core, uint64_t end)
{
    struct store_link *s = &core->store;
    s->appended_at = core->now;
    struct frame *out = frame_init(&core->out, FRAME_READINGS);
    const uint32_t n = frame_size(core, end);
    for (uint32_t i = 0; i < n; i++)
        out->readings.reading[i] = *timeline_get(core, s->next_id++);
    uint64_t last = out->readings.reading[n - 1].id, first = out->readings.reading[0].id;
    if (s->urgent_id >= first) { /* also before the frame that has the last urgent one: keys are kept of these only */
        out->readings.flags = READINGS_URGENT;
        store_link_asked(core);
    }
    frame_set_n(out, n);
    if (s->frames_out < STORE_WINDOW_FRAMES)
        s->sent[(s->sent_first + s->frames_out++) % STORE_WINDOW_FRAMES].last_id = last;
    else
        s->sent[(s->sent_first + STORE_WINDOW_FRAMES - 1) % STORE_WINDOW_FRAMES].last_id = last;
    send_frame(core, WORKER_STORE);
}

/* An urgent reading waits for the detectors' word, as long as a finger's lift takes: the alarm it makes goes to the
 * platform before the disk is woken for it. */
static bool held(const struct core *core)
{
    return core->now - core->store.urgent_since < URGENT_HELD && feed_busy(core);
}

void store_link_pump(struct core *core)
{
    if (core->store.urgent_id < core->store.next_id || !held(core))
        store_link_flush(core);
}

void store_link_flush(struct core *core)
{
    struct store_link *s = &core->store;
    if (!s->ready)
        return;
    const uint64_t end = s->taking ? s->taking : core->timeline.next_id;
    for (;;) {
        uint64_t waiting = end > s->next_id ? end - s->next_id : 0;
        if (waiting == 0)
            return;
        bool urgent = s->urgent_id >= s->next_id;
        /* The more is under way the fuller the frames: few small ones when quiet, only full ones in a storm. */
        bool room = s->frames_out < STORE_WINDOW_FRAMES && s->next_id - s->durable_id <= STORE_WINDOW &&
                    (s->frames_out < STORE_WINDOW_FRAMES / 2 || waiting >= READINGS_PER_FRAME);
        bool gathered = waiting >= READINGS_PER_FRAME || core->now - s->appended_at >= APPEND_EVERY;
        if (!urgent && !(room && gathered))
            return;
        append(core, end);
    }
}

static void done_readings(struct core *core, const struct frame_done *done)
{
    struct store_link *s = &core->store;
    if (done->token > s->durable_id && done->token < core->timeline.next_id)
        s->durable_id = done->token;
    while (s->frames_out && s->sent[s->sent_first].last_id <= s->durable_id) {
        s->sent_first = (s->sent_first + 1) % STORE_WINDOW_FRAMES;
        s->frames_out--;
    }
}

/* It has answered something: whatever else is waited for has been asked at this moment or later. */
static bool still_asked(struct core *core)
{
    struct store_link *s = &core->store;
    bool waiting = outbox_commits_open(core) || s->urgent_id > s->durable_id || feed_waits(core);
    s->asked_at = waiting ? core->now : NEVER;
    return waiting;
}

static void done(struct core *core, const struct frame_done *d)
{
    struct store_link *s = &core->store;
    s->bytes_written = d->bytes;
    if (d->failed) {
        s->last_failed = core->now;
        if (s->asked_at != NEVER)
            s->asked_at = core->now; /* it refuses, but it does not hang */
        set_degraded(core, true);
        if (d->what == STORE_DONE_COMMIT)
            outbox_commit_failed(core, d->token);
        return;
    }
    if (d->what == STORE_DONE_READINGS)
        done_readings(core, d);
    else
        outbox_committed(core, d->token);
    if (!still_asked(core))
        set_degraded(core, false);
    store_link_pump(core);
    sources_confirm(core);
}

static void state(struct core *core, const struct frame_store_state *st)
{
    struct store_link *s = &core->store;
    if (s->told) {
        supervisor_bad(core, WORKER_STORE, "tells its state twice");
        return;
    }
    s->told = true;
    s->alerts_file = st->alerts_file;
    s->history_file = st->history_file;
    s->without_history = st->stored_id == 0 && st->last_id > 0;
    if (!s->loaded) {
        bool late = core->timeline.started;
        timeline_start(core, st);
        s->durable_id = st->last_id;
        s->next_id = late ? core->timeline.first_id : st->last_id + 1;
        if (st->alerts_file == STORE_FILE_SET_ASIDE || st->history_file == STORE_FILE_SET_ASIDE)
            core_log(core, 4, "a database was damaged and set aside as %s", st->set_aside);
    } else {
        /* It comes back: what it did not confirm goes to it again, as far as the tail reaches. */
        s->durable_id = st->stored_id < core->timeline.next_id ? st->stored_id : core->timeline.next_id - 1;
        s->next_id = s->durable_id + 1;
        if (s->next_id < core->timeline.first_id) {
            core->drops += (uint32_t)(core->timeline.first_id - s->next_id);
            s->next_id = core->timeline.first_id;
        }
    }
    s->frames_out = s->sent_first = 0;
    technical_store_files(core, st);
    /* Only before the uplinks run: later the core itself knows what is open, and they have said so already. */
    if (!core->served &&
        (st->alerts_file == STORE_FILE_SET_ASIDE || (st->alerts_file == STORE_FILE_NEW && st->last_id)))
        uplinks_want_recovery(core);
}

static void cursor(struct core *core, const struct frame_cursor *c)
{
    if (c->until == 0)
        return; /* of a detector that was taken out of the configuration */
    for (uint32_t i = 0; i < core->n_cursors; i++) {
        struct known_cursor *k = &core->cursors[i];
        if (strcmp(k->detector, c->detector) != 0)
            continue;
        /* Also over a later one from before a late store came: what lies between was never given to the detector. */
        *k = (struct known_cursor){.reading = c->reading, .until = c->until};
        text_copy(k->detector, NAME_SIZE, c->detector);
        return;
    }
    if (core->n_cursors == sizeof(core->cursors) / sizeof(core->cursors[0]))
        return; /* detectors long gone: the store keeps at most a few */
    struct known_cursor *k = &core->cursors[core->n_cursors++];
    text_copy(k->detector, NAME_SIZE, c->detector);
    k->reading = c->reading;
    k->until = c->until;
}

void store_link_frame(struct core *core, const struct frame *frame)
{
    struct store_link *s = &core->store;
    switch (frame->header.type) {
    case FRAME_STORE_STATE:
        state(core, &frame->store_state);
        break;
    case FRAME_STORE_RING:
        sources_known(core, frame->store_ring.origin);
        break;
    case FRAME_SOURCE_KEYS:
        for (uint32_t i = 0; !s->loaded && i < frame->source_keys.n && s->n_keys < SOURCE_KEYS_MAX; i++)
            s->keys[s->n_keys++] = frame->source_keys.key[i];
        break;
    case FRAME_STORE_CURSOR:
        if (!s->loaded)
            cursor(core, &frame->cursor);
        break;
    case FRAME_STORE_COMMIT:
        if (!s->loaded || core->timeline.without_memory)
            outbox_load(core, &frame->commit);
        break;
    case FRAME_STORE_DONE:
        done(core, &frame->done);
        break;
    case FRAME_HISTORY:
        if (!feed_history(core, &frame->history))
            control_history(core, &frame->history);
        still_asked(core);
        break;
    default:
        supervisor_bad(core, WORKER_STORE, "sent a frame that a store does not send");
        break;
    }
}

void store_link_tick(struct core *core)
{
    struct store_link *s = &core->store;
    if (s->asked_at != NEVER && core->now - s->asked_at >= STORE_ANSWER)
        set_degraded(core, true);
    if (s->ready && s->asked_at != NEVER && core->now - s->asked_at >= STORE_HANG)
        supervisor_bad(core, WORKER_STORE, "hangs: no answer from the disk");
    store_link_pump(core);
}

static int64_t answer_deadline(const struct store_link *s)
{
    if (s->asked_at == NEVER)
        return NEVER;
    if (!s->degraded)
        return s->asked_at + STORE_ANSWER;
    return s->ready ? s->asked_at + STORE_HANG : NEVER;
}

int64_t store_link_deadline(const struct core *core)
{
    const struct store_link *s = &core->store;
    int64_t due = answer_deadline(s);
    /* Once gathered, what still waits waits for room, and that is made by an answer. */
    bool gathers = s->ready && s->next_id < core->timeline.next_id && core->now - s->appended_at < APPEND_EVERY;
    if (s->ready && s->urgent_id >= s->next_id && core->now - s->urgent_since < URGENT_HELD &&
        s->urgent_since + URGENT_HELD < due)
        due = s->urgent_since + URGENT_HELD;
    return gathers && s->appended_at + APPEND_EVERY < due ? s->appended_at + APPEND_EVERY : due;
}
