#include "detectors.h"

#include <stdio.h>

#include "../base/text.h"
#include "alerts.h"
#include "cursors.h"
#include "delivery.h"
#include "feed.h"
#include "outbox.h"
#include "store_link.h"
#include "supervisor.h"
#include "technical.h"
#include "timeline.h"

struct detector *detectors_of_worker(struct core *core, unsigned worker)
{
    return &core->detectors[worker - WORKER_DETECTOR_0];
}

static void send_sensors(struct core *core, unsigned worker)
{
    for (uint32_t i = 0; i < core->n_sensors; i++) {
        const struct sensor_settings *s = core->sensors[i].settings;
        if (!s)
            continue;
        frame_init(&core->out, FRAME_SENSOR);
        core->out.sensor.slot = (uint16_t)i;
        core->out.sensor.kind = s->kind;
        text_copy(core->out.sensor.name, NAME_SIZE, s->name);
        text_copy(core->out.sensor.room, NAME_SIZE, s->room);
        send_frame(core, worker);
    }
}

static void forget_process(struct detector *d)
{
    d->told = d->live = d->busy = d->asking = d->short_of_memory = false;
    d->alerts_got = d->n_alerts = d->n_bind = d->n_silent = 0;
    d->wake = 0;
    d->takes_all = false;
    memset(&d->health, 0, sizeof(d->health));
    memset(d->slots, 0, sizeof(d->slots));
}

void detectors_configure(struct core *core, struct detector *d)
{
    forget_process(d);
    frame_init(&core->out, FRAME_CONFIG_BEGIN);
    send_frame(core, d->worker);
    frame_init(&core->out, FRAME_DETECTOR_CONFIG);
    struct frame_detector_config *c = &core->out.detector_config;
    text_copy(c->name, sizeof(c->name), d->settings->name);
    text_copy(c->timezone, sizeof(c->timezone), core->settings->timezone);
    if ((size_t)snprintf(c->plugin, sizeof(c->plugin), "%s/%s.so", core->settings->plugin_dir, d->settings->plugin) >=
        sizeof(c->plugin))
        c->plugin[0] = '\0'; /* config checks the length; the host refuses the empty path */
    c->memory_mib = d->settings->memory_mib;
    send_frame(core, d->worker);
    for (uint32_t i = 0; i < d->settings->n_settings; i++) {
        frame_init(&core->out, FRAME_SETTING);
        core->out.setting = d->settings->settings[i];
        send_frame(core, d->worker);
    }
    send_sensors(core, d->worker);
    frame_init(&core->out, FRAME_CONFIG_END);
    send_frame(core, d->worker);
    /* Its table is due well before it must be ready: a constructor that hangs is noticed by this. */
    core->workers[d->worker].deadline = core->now + TABLE_DEADLINE;
}

/* Its history reaches so far behind what it still holds true that it can see that end: what began before that would
 * stay open for ever. The step of the log's clock in this boot is no time that has passed. */
static int64_t history_begin(const struct core *core, const struct detector *d)
{
    const struct timeline *t = &core->timeline;
    int64_t from = alerts_oldest(core, d->settings->name, d->cursor_until) - d->history;
    if (from < t->raised_from && t->raised_from <= d->cursor_until)
        from -= t->raised_by;
    return from > 0 ? from : 0;
}

void detectors_ready(struct core *core, struct detector *d)
{
    const struct known_cursor *k = cursors_known(core, d->settings->name);
    d->fresh = !k || k->fresh;
    d->cursor_id = k ? k->reading : core->timeline.next_id - 1;
    d->cursor_until = k ? k->until : timeline_now(core);
    d->from_log = history_begin(core, d);
    if (d->changed)
        alerts_hold_none(core, d);
    d->wall_minus_log = INT64_MIN;
    if (!k)
        cursors_remember(core,
                         d); /* a new one that dies before its first answer begins again here, not at its next start */
    /* Without the disk it gets what the tail holds, the rest when the disk is back. */
    bool asks = store_link_can_query(core) && core->store.durable_id;
    d->next_id = asks ? 1 : core->timeline.first_id;
    bool complete = store_link_can_query(core) && !core->store.without_history;
    bool skips = d->history > 0 || d->cursor_id + 1 < core->timeline.first_id;
    d->short_of_memory = !complete && core->store.loaded && skips;
    feed_pump(core);
}

void detectors_down(struct core *core, struct detector *d)
{
    (void)core;
    forget_process(d);
}

void detectors_cursor(const struct detector *d, struct frame_cursor *cursor)
{
    text_copy(cursor->detector, sizeof(cursor->detector), d->settings->name);
    cursor->reading = d->batch_id;
    cursor->until = d->batch_until;
}

void detectors_shift(struct core *core, uint64_t by)
{
    for (unsigned i = 0; i < DETECTORS_MAX; i++) {
        struct detector *d = &core->detectors[i];
        if (d->next_id)
            d->next_id += by;
        d->batch_id += by;
        d->cursor_id += by;
    }
    for (uint32_t i = 0; i < core->n_cursors; i++)
        core->cursors[i].reading += by;
}

/* ---- what they say ---- */

/* Found by what the batch with it holds, not by what is still to come. */
static bool in_batch(const struct core *core, const struct detector *d, const struct frame_condition *c)
{
    bool later = c->at > timeline_now(core) && c->at > d->batch_until && c->at > d->batch_last;
    return d->busy && c->reading <= d->batch_id && !later;
}

static bool condition_ok(const struct core *core, const struct detector *d, const struct frame_condition *c)
{
    if (!in_batch(core, d, c) || c->kind >= d->n_alerts)
        return false;
    for (uint32_t i = 0; i < c->n_evidence; i++)
        if (!slot_in(d->slots, c->evidence[i].sensor))
            return false;
    return !c->raised || c->episode != 0;
}

static bool silent(const struct detector *d, const struct frame_condition *c)
{
    return c->reading <= d->cursor_id && c->at <= d->cursor_until;
}

static struct silent *find_silent(struct detector *d, const struct frame_condition *c)
{
    for (uint32_t i = 0; i < d->n_silent; i++)
        if (d->silent[i].condition.kind == c->kind && strcmp(d->silent[i].condition.key, c->key) == 0)
            return &d->silent[i];
    return NULL;
}

static void drop_silent(struct detector *d, const struct frame_condition *c)
{
    struct silent *found = find_silent(d, c);
    if (found)
        *found = d->silent[--d->n_silent];
}

/* What is said at the end of the catching up though it lies before the cursor. A new detector says what is true now,
 * and so does a changed one, by its other limits; what was true and is over stays unsaid. One that is back says what is
 * over and still open here: the process before it may have begun without its history, and then does not know what it
 * would have to clear. */
static void keep_silent(struct core *core, struct detector *d, const struct frame_condition *c)
{
    if (d->alerts[c->kind].flags & GW_ALERT_MOMENTARY)
        return;
    if (d->changed)
        alerts_hold(core, d, c);
    drop_silent(d, c);
    bool wanted = c->raised ? d->fresh || d->changed : !d->fresh && alerts_holds(core, d, c);
    if (wanted && d->n_silent < CATCH_UP_KEPT)
        d->silent[d->n_silent++].condition = *c;
}

static void say(struct core *core, struct detector *d, const struct frame_condition *c)
{
    if (core->now - d->flood_since >= FLOOD_WINDOW) {
        d->flood_since = core->now;
        d->flood = d->flood_calls = 0;
    }
    bool revised = alerts_condition(core, d, c);
    if (d->changed)
        alerts_hold(core, d, c);
    /* Presses have their own, far wider bound: many calls are no reason to stop listening to calls. */
    bool momentary = d->alerts[c->kind].flags & GW_ALERT_MOMENTARY;
    d->flood += revised && !momentary;
    d->flood_calls += revised && momentary;
    if (d->flood > FLOOD_REVISIONS || d->flood_calls > FLOOD_CALLS)
        supervisor_bad(core, d->worker, "floods: too many alerts in a minute");
}

static void condition(struct core *core, struct detector *d, const struct frame_condition *c)
{
    if (!condition_ok(core, d, c)) {
        supervisor_bad(core, d->worker, "said something of an alert, a sensor or a reading that it does not have");
        return;
    }
    if (silent(d, c)) {
        keep_silent(core, d, c);
        return;
    }
    drop_silent(d, c); /* this is newer */
    say(core, d, c);
}

static void became_live(struct core *core, struct detector *d)
{
    d->live = true;
    for (uint32_t i = 0; i < d->n_silent; i++)
        say(core, d, &d->silent[i].condition);
    d->n_silent = 0;
    if (!supervisor_running(core, d->worker))
        return; /* killed for what it said; the next run says it again */
    if (!d->short_of_memory) {
        if (d->changed)
            alerts_cancel_unheld(core, d);
        d->fresh = d->changed = false;
        cursors_remember(core, d);
    }
    supervisor_well(core, d->worker);
}

/* A batch reaches to the ms before its last reading; where no wake is due in that ms, that one is dealt with too. Else
 * a press would be told anew by the next run when nothing has followed it and its alert is filed away. */
static int64_t seen_until(const struct detector *d)
{
    bool wakes = d->wake && d->wake <= d->batch_last;
    return d->batch_last > d->batch_until && !wakes ? d->batch_last : d->batch_until;
}

static void batch_done(struct core *core, struct detector *d, const struct frame_batch_done *done)
{
    if (!d->busy || done->token != d->token) {
        supervisor_bad(core, d->worker, "answered a batch that it was not given");
        return;
    }
    d->busy = false;
    d->wake = done->wake && done->wake <= d->batch_until ? d->batch_until + 1 : done->wake;
    if (done->dropped) {
        d->over_limit += done->dropped;
        core->drops += done->dropped;
    }
    if (done->raises > FLOOD_CONDITIONS) {
        supervisor_bad(core, d->worker, "floods: too many conditions at once");
        return;
    }
    if (!d->live && d->batch_live)
        became_live(core, d);
    if (!supervisor_running(core, d->worker))
        return;
    int64_t until = seen_until(d);
    if (d->batch_id > d->cursor_id || until > d->cursor_until) {
        d->cursor_id = d->batch_id > d->cursor_id ? d->batch_id : d->cursor_id;
        d->cursor_until = until > d->cursor_until ? until : d->cursor_until;
        if (!d->short_of_memory) /* else it begins again where it was */
            cursors_remember(core, d);
        if (cursors_count(core, d)) {
            d->cursor_news = true;
            cursors_save(core, d);
        }
    }
    feed_one(core, d);
    delivery_pump(core);
    store_link_pump(core);
}

static void bind_sensor(struct core *core, struct detector *d, const struct frame_bind *bind)
{
    if (d->n_bind == BINDINGS_MAX || bind->slot >= core->n_sensors || !core->sensors[bind->slot].settings) {
        supervisor_bad(core, d->worker, "wants a sensor that does not exist");
        return;
    }
    d->bind[d->n_bind].slot = bind->slot;
    d->bind[d->n_bind++].required = bind->required;
    d->slots[bind->slot / 64] |= UINT64_C(1) << (bind->slot % 64);
}

static void info(struct core *core, struct detector *d, const struct frame_plugin_info *p)
{
    if (d->told) {
        supervisor_bad(core, d->worker, "told its table twice");
        return;
    }
    if (p->n_alerts > PLUGIN_ALERTS_MAX) {
        supervisor_failed(core, d->worker, "the plugin declares too many kinds of alert");
        return;
    }
    d->n_alerts = p->n_alerts;
    d->momentary = p->momentary;
    d->history = p->history;
}

void detectors_frame(struct core *core, struct detector *d, const struct frame *frame)
{
    switch (frame->header.type) {
    case FRAME_PLUGIN_INFO:
        info(core, d, &frame->plugin_info);
        break;
    case FRAME_PLUGIN_ALERT:
        if (d->alerts_got < d->n_alerts)
            d->alerts[d->alerts_got++] = frame->plugin_alert;
        break;
    case FRAME_PLUGIN_ROLE:
        d->takes_all |= (frame->plugin_role.flags & GW_ROLE_ALL) != 0;
        break;
    case FRAME_PLUGIN_PARAM:
        break;
    case FRAME_PLUGIN_END:
        d->told = true;
        d->n_alerts = d->alerts_got;
        break;
    case FRAME_BIND:
        bind_sensor(core, d, &frame->bind);
        break;
    case FRAME_HEALTH:
        d->health = frame->health;
        break;
    case FRAME_CONDITION:
        condition(core, d, &frame->condition);
        break;
    case FRAME_BATCH_DONE:
        batch_done(core, d, &frame->batch_done);
        break;
    default:
        supervisor_bad(core, d->worker, "sent a frame that a detector does not send");
        break;
    }
}

/* ---- time ---- */

/* Blind by its plugin's own word, or because a sensor that it needs is lost or not to be believed. */
static bool is_blind(const struct core *core, const struct detector *d, bool *to_be_told)
{
    bool blind = *to_be_told = d->live && d->health.state == GW_HEALTH_BLIND;
    for (uint32_t i = 0; i < d->n_bind; i++) {
        const struct sensor *s = &core->sensors[d->bind[i].slot];
        if (!d->bind[i].required)
            continue;
        blind |= s->available == 0 || s->doubted;
        *to_be_told |= s->lost_told || s->doubted;
    }
    return blind;
}

static void tell_blind(struct core *core, struct detector *d)
{
    bool tell = false;
    d->blind = is_blind(core, d, &tell) && supervisor_running(core, d->worker);
    tell &= d->blind;
    if (tell == d->blind_told || (d->blind && !tell))
        return;
    d->blind_told = tell;
    if (tell)
        technical_blind(core, d);
    else
        technical_clear(core, "detector-blind", d->settings->name);
}

/* When one that began without its history begins anew with it: the disk answers again, and the last try is a while ago
 * (a card that stalls at every page must not keep it busy with that). */
static int64_t memory_due(const struct core *core, const struct detector *d)
{
    bool can = store_link_can_query(core) && !core->store.without_history;
    return d->short_of_memory && can && supervisor_running(core, d->worker) ? core->workers[d->worker].since + HEALTHY
                                                                            : NEVER;
}

void detectors_tick(struct core *core)
{
    for (unsigned i = 0; i < DETECTORS_MAX; i++) {
        struct detector *d = &core->detectors[i];
        if (!d->settings)
            continue;
        tell_blind(core, d);
        cursors_save(core, d);
        if (memory_due(core, d) <= core->now)
            supervisor_restart(core, d->worker);
        if (d->busy && core->now - d->batch_at >= BATCH_DEADLINE && supervisor_running(core, d->worker))
            supervisor_bad(core, d->worker, "hangs: no answer to a batch in time");
    }
    feed_pump(core);
}

int64_t detectors_deadline(const struct core *core)
{
    int64_t first = NEVER;
    for (unsigned i = 0; i < DETECTORS_MAX; i++) {
        const struct detector *d = &core->detectors[i];
        if (!d->settings)
            continue;
        int64_t due = cursors_save_at(core, d);
        first = due < first ? due : first;
        if (!supervisor_running(core, d->worker))
            continue;
        due = NEVER;
        if (d->busy)
            due = d->batch_at + BATCH_DEADLINE;
        else if (d->wake && !d->asking)
            due = d->wake - core->timeline.offset + 1;
        int64_t memory = memory_due(core, d);
        due = memory < due ? memory : due;
        first = due < first ? due : first;
    }
    return first;
}
