#include "delivery.h"

#include "alerts.h"
#include "outbox.h"
#include "supervisor.h"
#include "timeline.h"
#include "uplinks.h"

#define TOKEN_UPLINK_SHIFT 60 /* a token names entry and uplink: seq | uplink << 60 */

void delivery_in_flight(struct core *core, struct outbox_entry *e, unsigned u, bool is)
{
    if (e->to[u].in_flight == is)
        return;
    e->to[u].in_flight = is;
    uint32_t *n = outbox_is_emergency(e) ? &core->uplinks[u].emergencies_in_flight : &core->uplinks[u].normal_in_flight;
    *n += is ? 1u : -1u;
}

static void release_uplink(struct core *core, struct outbox_entry *e, unsigned u)
{
    uint32_t bit = 1u << u;
    if (!(e->pending & bit))
        return;
    e->pending &= ~bit;
    if (e->committed)
        outbox_forget(core, e);
    outbox_settle(core, e);
}

void delivery_accepted(struct core *core, uint64_t alert, uint32_t rev)
{
    for (unsigned i = 0; i < core->outbox_top; i++) {
        struct outbox_entry *e = &core->outbox[i];
        if (!e->used || e->alert.id != alert || e->alert.rev > rev || e->accepted)
            continue;
        e->accepted = true;
        for (unsigned u = 0; u < UPLINKS_MAX; u++)
            if (e->to[u].delivered)
                release_uplink(core, e, u);
    }
}

static void hand_over(struct core *core, struct outbox_entry *e, unsigned u)
{
    struct frame *out = frame_init(&core->out, FRAME_SEND);
    out->send.token = e->seq | (uint64_t)u << TOKEN_UPLINK_SHIFT;
    out->send.emergency = outbox_is_emergency(e);
    out->send.durable = e->committed;
    out->send.now_log = timeline_now(core);
    out->send.again = e->to[u].times++;
    out->send.alert = e->alert;
    outbox_mark(&out->send.alert, e->committed);
    timeline_label(core, &out->send.alert);
    e->to[u].sent = core->now;
    delivery_in_flight(core, e, u, true);
    send_frame(core, core->uplinks[u].worker);
}

/* A first raise may overtake its own commit, unless an older change of its kin is not on the disk yet: after a crash
 * the condition would be found against the older state and could become another alert. */
static bool stands_alone(const struct core *core, const struct outbox_entry *e)
{
    if (e->alert.rev != 1)
        return false;
    for (unsigned i = 0; i < core->outbox_top; i++) {
        const struct outbox_entry *o = &core->outbox[i];
        if (o->used && !o->committed && o->seq < e->seq && strcmp(o->alert.detector, e->alert.detector) == 0 &&
            strcmp(o->alert.kind, e->alert.kind) == 0 && strcmp(o->alert.key, e->alert.key) == 0)
            return false;
    }
    return true;
}

static bool may_go(const struct core *core, const struct outbox_entry *e, unsigned u)
{
    if (!e->used || !(e->pending & 1u << u) || e->to[u].in_flight || core->now < e->to[u].not_before)
        return false;
    if (!e->committed && !core->store.degraded && !stands_alone(core, e))
        return false;
    return !e->to[u].delivered || (!e->accepted && core->now - e->to[u].sent >= RESEND_EMERGENCY);
}

/* By class, then by age. All revisions of an alert are of one class. */
static bool sooner(const struct outbox_entry *a, const struct outbox_entry *b)
{
    return a->alert.class_ != b->alert.class_ ? a->alert.class_ < b->alert.class_ : a->seq < b->seq;
}

/* The next one for this uplink: the oldest emergency, else the oldest of the most urgent rest. */
static struct outbox_entry *next_for(struct core *core, unsigned u, bool emergencies)
{
    struct outbox_entry *next = NULL;
    for (unsigned i = 0; i < core->outbox_top; i++) {
        struct outbox_entry *e = &core->outbox[i];
        if (may_go(core, e, u) && outbox_is_emergency(e) == emergencies && (!next || sooner(e, next)))
            next = e;
    }
    return next;
}

void delivery_pump(struct core *core)
{
    for (unsigned u = 0; u < UPLINKS_MAX; u++) {
        struct uplink *up = &core->uplinks[u];
        if (!up->settings || !up->up || !supervisor_running(core, up->worker))
            continue;
        struct outbox_entry *e;
        while (up->emergencies_in_flight < EMERGENCIES_IN_FLIGHT && (e = next_for(core, u, true)))
            hand_over(core, e, u);
        if (up->emergencies_in_flight == EMERGENCIES_IN_FLIGHT && next_for(core, u, true))
            continue; /* the rest of the calls goes before anything else */
        while (up->normal_in_flight < NORMAL_IN_FLIGHT && (e = next_for(core, u, false)) &&
               uplinks_take_token(core, up))
            hand_over(core, e, u);
    }
}

static void note_late(struct core *core, int64_t took)
{
    if (took < DELIVERED_LATE)
        return;
    core->late++;
    if (took > core->late_worst)
        core->late_worst = took;
}

enum waiting_for delivery_waits_for(const struct core *core, const struct outbox_entry *e, unsigned u)
{
    const struct uplink *up = &core->uplinks[u];
    if (e->to[u].delivered)
        return WAITING_ACCEPTANCE;
    if (!e->committed && !core->store.degraded && !stands_alone(core, e))
        return WAITING_DISK;
    if (!up->up || !supervisor_running(core, up->worker))
        return WAITING_LINK;
    if (e->to[u].in_flight)
        return WAITING_BROKER;
    return core->now < e->to[u].not_before ? WAITING_REFUSED : WAITING_TURN;
}

void delivery_done(struct core *core, unsigned uplink, const struct frame_delivered *d)
{
    uint64_t seq = d->token & ((UINT64_C(1) << TOKEN_UPLINK_SHIFT) - 1);
    if (d->token >> TOKEN_UPLINK_SHIFT != uplink)
        return;
    for (unsigned i = 0; i < core->outbox_top; i++) {
        struct outbox_entry *e = &core->outbox[i];
        if (!e->used || e->seq != seq || !e->to[uplink].in_flight)
            continue;
        delivery_in_flight(core, e, uplink, false);
        if (d->ok) {
            if (!e->to[uplink].delivered)
                note_late(core, core->now - e->made);
            e->to[uplink].delivered = true;
            if (e->accepted)
                release_uplink(core, e, uplink);
        } else {
            e->to[uplink].not_before = core->now + REFUSED_PAUSE;
        }
        break;
    }
    delivery_pump(core);
}

void delivery_link_down(struct core *core, unsigned uplink)
{
    for (unsigned i = 0; i < core->outbox_top; i++) {
        if (!core->outbox[i].used)
            continue;
        delivery_in_flight(core, &core->outbox[i], uplink, false);
        core->outbox[i].to[uplink].not_before = 0;
    }
    core->uplinks[uplink].normal_in_flight = core->uplinks[uplink].emergencies_in_flight = 0;
}

static bool has_entry(const struct core *core, const struct alert *a, unsigned uplink)
{
    for (unsigned i = 0; i < core->outbox_top; i++) {
        const struct outbox_entry *e = &core->outbox[i];
        if (e->used && e->alert.id == a->id && e->alert.rev == a->rev && e->pending & 1u << uplink)
            return true;
    }
    return false;
}

void delivery_session_lost(struct core *core, unsigned uplink)
{
    for (unsigned i = 0; i < core->outbox_top; i++)
        if (core->outbox[i].used)
            core->outbox[i].to[uplink].delivered = false;
    for (unsigned i = 0; i < ALERTS_MAX; i++) {
        const struct alert_slot *s = &core->alerts[i];
        bool lately = timeline_now(core) - s->alert.at <= SESSION_LOST_RESEND;
        if (!s->used || !outbox_wanted(&core->uplinks[uplink], &s->alert) || (alerts_over(&s->alert) && !lately) ||
            has_entry(core, &s->alert, uplink))
            continue;
        struct outbox_entry *e = outbox_begin(core, &s->alert);
        if (!e)
            return;
        e->pending = 1u << uplink;
        e->committed = true; /* stored before; only its sending is repeated */
        e->accepted = true;
    }
}

void delivery_drop_uplink(struct core *core, unsigned uplink)
{
    delivery_link_down(core, uplink);
    for (unsigned i = 0; i < core->outbox_top; i++)
        if (core->outbox[i].used)
            release_uplink(core, &core->outbox[i], uplink);
}

/* The backup that wants it, if it has to step in: no other link, or no PUBACK for an emergency in time. */
static uint32_t backups_for(const struct core *core, const struct outbox_entry *e)
{
    bool no_link = uplinks_all_down_since(core) <= core->now - BACKUP_AFTER;
    bool overdue = false;
    for (unsigned u = 0; u < UPLINKS_MAX; u++)
        overdue |= outbox_is_emergency(e) && (e->pending & 1u << u) && !e->to[u].delivered &&
                   core->now - e->made >= EMERGENCY_PUBACK;
    uint32_t bits = 0;
    for (unsigned u = 0; u < UPLINKS_MAX; u++) {
        const struct uplink *up = &core->uplinks[u];
        if (outbox_wanted(up, &e->alert) && up->settings->backup && !e->to[u].delivered && (no_link || overdue))
            bits |= 1u << u;
    }
    return bits;
}

void delivery_tick(struct core *core)
{
    for (unsigned i = 0; i < core->outbox_top; i++) {
        struct outbox_entry *e = &core->outbox[i];
        if (e->used && e->pending)
            e->pending |= backups_for(core, e);
    }
    delivery_pump(core);
}

int64_t delivery_deadline(const struct core *core)
{
    int64_t first = NEVER, down = uplinks_all_down_since(core);
    int64_t backup_at = down == INT64_MAX ? NEVER : down + BACKUP_AFTER;
    for (unsigned i = 0; i < core->outbox_top; i++) {
        const struct outbox_entry *e = &core->outbox[i];
        if (!e->used)
            continue;
        for (unsigned u = 0; u < UPLINKS_MAX; u++) {
            const struct uplink *up = &core->uplinks[u];
            if (!(e->pending & 1u << u) || !up->settings)
                continue;
            /* Whatever cannot go for want of a window, a worker or the disk is not waited for here. */
            bool sends = up->up && supervisor_running(core, up->worker) &&
                         up->emergencies_in_flight < EMERGENCIES_IN_FLIGHT && (e->committed || core->store.degraded);
            int64_t due = NEVER;
            if (backup_at > core->now && backup_at < first)
                first = backup_at;
            if (e->to[u].delivered && !e->accepted)
                due = sends && !e->to[u].in_flight ? e->to[u].sent + RESEND_EMERGENCY : NEVER;
            else if (outbox_is_emergency(e) && core->now - e->made < EMERGENCY_PUBACK)
                due = e->made + EMERGENCY_PUBACK;
            else if (up->up && !e->to[u].in_flight && core->now < e->to[u].not_before)
                due = e->to[u].not_before;
            else if (up->up && !e->to[u].in_flight && !outbox_is_emergency(e))
                due = uplinks_next_token(core, up);
            first = due < first ? due : first;
        }
    }
    return first;
}
