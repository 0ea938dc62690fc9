#include "outbox.h"

#include "alerts.h"
#include "detectors.h"
#include "store_link.h"
#include "supervisor.h"
#include "timeline.h"
#include "uplinks.h"

#define TOKEN_UPLINK_SHIFT 60 /* a token names entry and uplink: seq | uplink << 60 */

static bool emergency(const struct outbox_entry *e)
{
    return e->alert.class_ == GW_EMERGENCY;
}

/* ---- the disk ---- */

/* The uplinks that must still get this revision. It may be here twice, once to be sent and once with a new state, but
 * the disk has one row for both. */
static uint32_t still_waiting(const struct core *core, const struct outbox_entry *e)
{
    uint32_t uplinks = 0;
    for (unsigned i = 0; i < core->outbox_top; i++) {
        const struct outbox_entry *o = &core->outbox[i];
        if (o->used && o->alert.id == e->alert.id && o->alert.rev == e->alert.rev)
            uplinks |= o->pending;
    }
    return uplinks;
}

static void commit(struct core *core, struct outbox_entry *e)
{
    struct frame *out = frame_init(&core->out, FRAME_STORE_COMMIT);
    out->commit.token = e->seq;
    out->commit.pending = still_waiting(core, e);
    out->commit.has_cursor = e->has_cursor;
    if (e->has_cursor)
        out->commit.cursor = e->cursor;
    out->commit.alert = e->alert;
    if (store_link_send(core))
        store_link_asked(core);
}

static void forget(struct core *core, const struct outbox_entry *e, uint32_t uplinks)
{
    frame_init(&core->out, FRAME_STORE_FORGET);
    core->out.forget.alert = e->alert.id;
    core->out.forget.rev = e->alert.rev;
    core->out.forget.uplinks = uplinks;
    store_link_send(core);
}

static void in_flight(struct core *core, struct outbox_entry *e, unsigned u, bool is)
{
    if (e->to[u].in_flight == is)
        return;
    e->to[u].in_flight = is;
    uint32_t *n = emergency(e) ? &core->uplinks[u].emergencies_in_flight : &core->uplinks[u].normal_in_flight;
    *n += is ? 1u : -1u;
}

/* Its place may be used again. A repetition may still be under way: an accept can overtake the PUBACK. */
static void release(struct core *core, struct outbox_entry *e)
{
    for (unsigned u = 0; u < UPLINKS_MAX; u++)
        in_flight(core, e, u, false);
    e->used = false;
}

/* An entry has done its work when it is on the disk and nobody waits for it. */
static void settle(struct core *core, struct outbox_entry *e)
{
    if (e->pending == 0 && e->committed)
        release(core, e);
    while (core->outbox_top && !core->outbox[core->outbox_top - 1].used)
        core->outbox_top--;
    if (core->outbox_top == 0)
        uplinks_status(core); /* the platform last heard of messages that wait */
}

/* ---- entries ---- */

/* The higher, the sooner it gives way when the outbox is full; 0: never. */
static int dispensable(const struct core *core, const struct outbox_entry *e)
{
    for (unsigned i = 0; i < core->outbox_top; i++) {
        const struct outbox_entry *o = &core->outbox[i];
        if (o->used && o->alert.id == e->alert.id && o->alert.rev > e->alert.rev)
            return emergency(e) ? 9 : 10; /* a newer revision says more */
    }
    return emergency(e) ? 0 : (int)e->alert.class_;
}

static struct outbox_entry *make_room(struct core *core)
{
    struct outbox_entry *victim = NULL;
    int most = 0;
    for (unsigned i = 0; i < core->outbox_top; i++) {
        int d = dispensable(core, &core->outbox[i]);
        if (d > most || (d == most && victim && core->outbox[i].seq < victim->seq)) {
            most = d;
            victim = &core->outbox[i];
        }
    }
    if (core->drops++ == 0 || core->drops % 100 == 0)
        core_log(core, 3, "the outbox is full: the least important message is dropped");
    if (victim) {
        forget(core, victim, victim->pending);
        release(core, victim);
    }
    return victim;
}

static struct outbox_entry *new_entry(struct core *core)
{
    for (unsigned i = 0; i < core->outbox_top; i++)
        if (!core->outbox[i].used)
            return &core->outbox[i];
    return core->outbox_top < OUTBOX_MAX ? &core->outbox[core->outbox_top++] : make_room(core);
}

static bool wanted(const struct uplink *u, const struct alert *a)
{
    return u->settings && (u->settings->classes >> a->class_ & 1u);
}

/* The uplinks that have to get it; the backup comes in only when needed. */
static uint32_t audience(const struct core *core, const struct alert *a)
{
    uint32_t bits = 0;
    for (unsigned u = 0; u < UPLINKS_MAX; u++)
        if (wanted(&core->uplinks[u], a) && !core->uplinks[u].settings->backup)
            bits |= 1u << u;
    return bits;
}

static struct outbox_entry *begin(struct core *core, const struct alert *a)
{
    struct outbox_entry *e = new_entry(core);
    if (!e)
        return NULL;
    memset(e, 0, sizeof(*e));
    e->used = true;
    e->seq = ++core->outbox_seq;
    e->made = core->now;
    e->alert = *a;
    e->accepted = !alerts_needs_acceptance(a);
    return e;
}

void outbox_add(struct core *core, const struct alert_slot *slot, const struct detector *detector)
{
    struct outbox_entry *e = begin(core, &slot->alert);
    if (!e)
        return;
    e->pending = audience(core, &e->alert);
    if (core->store.degraded)
        e->alert.flags |= ALERT_NOT_DURABLE;
    if (detector && detector->busy) {
        e->has_cursor = true;
        detectors_cursor(detector, &e->cursor);
        /* Other conditions of the same batch may follow: only what lies before this one is settled. */
        e->cursor.reading = detector->said_id ? detector->said_id - 1 : 0;
        e->cursor.until = detector->said_at - 1;
        if (e->cursor.until < 0)
            e->cursor.until = 0;
    }
    /* A first raise may overtake its own commit: found again after a crash it is the same revision. */
    outbox_pump(core);
    commit(core, e);
}

void outbox_store_state(struct core *core, const struct alert_slot *slot)
{
    struct outbox_entry *e = begin(core, &slot->alert);
    if (!e)
        return;
    e->accepted = true;
    commit(core, e);
}

void outbox_load(struct core *core, const struct frame_commit *c)
{
    const struct alert_slot *slot = alerts_adopt(core, &c->alert);
    bool newest = slot && slot->alert.rev == c->alert.rev;
    if (!c->pending && !(newest && alerts_needs_acceptance(&c->alert)))
        return;
    struct outbox_entry *e = begin(core, &c->alert);
    if (!e)
        return;
    /* Places of uplinks may have changed since: whoever wants the class gets it; doubles go by (id, rev). */
    e->pending = audience(core, &e->alert);
    e->committed = true;
    settle(core, e);
}

void outbox_recommit(struct core *core)
{
    for (unsigned i = 0; i < core->outbox_top; i++)
        if (core->outbox[i].used && !core->outbox[i].committed)
            commit(core, &core->outbox[i]);
}

void outbox_committed(struct core *core, uint64_t token)
{
    for (unsigned i = 0; i < core->outbox_top; i++) {
        struct outbox_entry *e = &core->outbox[i];
        if (!e->used || e->seq != token)
            continue;
        e->committed = true;
        uint32_t done = audience(core, &e->alert) & ~still_waiting(core, e);
        if (done)
            forget(core, e, done); /* delivered before it was stored */
        settle(core, e);
        break;
    }
    outbox_pump(core);
}

void outbox_commit_failed(struct core *core, uint64_t token)
{
    (void)token; /* tried again by outbox_tick while the disk is degraded */
    outbox_pump(core);
}

bool outbox_commits_open(const struct core *core)
{
    for (unsigned i = 0; i < core->outbox_top; i++)
        if (core->outbox[i].used && !core->outbox[i].committed)
            return true;
    return false;
}

/* ---- the uplinks ---- */

static void release_uplink(struct core *core, struct outbox_entry *e, unsigned u)
{
    uint32_t bit = 1u << u;
    if (!(e->pending & bit))
        return;
    e->pending &= ~bit;
    if (e->committed)
        forget(core, e, bit);
    settle(core, e);
}

void outbox_accepted(struct core *core, uint64_t alert, uint32_t rev)
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
    out->send.emergency = emergency(e);
    out->send.durable = !(e->alert.flags & ALERT_NOT_DURABLE);
    out->send.now_log = timeline_now(core);
    out->send.again = e->to[u].times++;
    out->send.alert = e->alert;
    timeline_label(core, &out->send.alert);
    e->to[u].sent = core->now;
    in_flight(core, e, u, true);
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
        if (may_go(core, e, u) && emergency(e) == emergencies && (!next || sooner(e, next)))
            next = e;
    }
    return next;
}

void outbox_pump(struct core *core)
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

void outbox_delivered(struct core *core, unsigned uplink, const struct frame_delivered *d)
{
    uint64_t seq = d->token & ((UINT64_C(1) << TOKEN_UPLINK_SHIFT) - 1);
    if (d->token >> TOKEN_UPLINK_SHIFT != uplink)
        return;
    for (unsigned i = 0; i < core->outbox_top; i++) {
        struct outbox_entry *e = &core->outbox[i];
        if (!e->used || e->seq != seq || !e->to[uplink].in_flight)
            continue;
        in_flight(core, e, uplink, false);
        if (d->ok) {
            e->to[uplink].delivered = true;
            if (e->accepted)
                release_uplink(core, e, uplink);
        } else {
            e->to[uplink].not_before = core->now + REFUSED_PAUSE;
        }
        break;
    }
    outbox_pump(core);
}

void outbox_link_down(struct core *core, unsigned uplink)
{
    for (unsigned i = 0; i < core->outbox_top; i++) {
        if (!core->outbox[i].used)
            continue;
        in_flight(core, &core->outbox[i], uplink, false);
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

void outbox_session_lost(struct core *core, unsigned uplink)
{
    for (unsigned i = 0; i < core->outbox_top; i++)
        if (core->outbox[i].used)
            core->outbox[i].to[uplink].delivered = false;
    for (unsigned i = 0; i < ALERTS_MAX; i++) {
        const struct alert_slot *s = &core->alerts[i];
        bool lately = timeline_now(core) - s->alert.at <= SESSION_LOST_RESEND;
        if (!s->used || !wanted(&core->uplinks[uplink], &s->alert) || (alerts_over(&s->alert) && !lately) ||
            has_entry(core, &s->alert, uplink))
            continue;
        struct outbox_entry *e = begin(core, &s->alert);
        if (!e)
            return;
        e->pending = 1u << uplink;
        e->committed = true; /* stored before; only its sending is repeated */
        e->accepted = true;
    }
}

void outbox_drop_uplink(struct core *core, unsigned uplink)
{
    outbox_link_down(core, uplink);
    for (unsigned i = 0; i < core->outbox_top; i++)
        if (core->outbox[i].used)
            release_uplink(core, &core->outbox[i], uplink);
}

bool outbox_waits(const struct core *core, uint64_t alert)
{
    for (unsigned i = 0; i < core->outbox_top; i++)
        if (core->outbox[i].used && core->outbox[i].alert.id == alert)
            return true;
    return false;
}

void outbox_depth(const struct core *core, uint32_t *depth, int64_t *oldest_ms)
{
    *depth = 0;
    *oldest_ms = 0;
    for (unsigned i = 0; i < core->outbox_top; i++) {
        const struct outbox_entry *e = &core->outbox[i];
        bool undelivered = false;
        for (unsigned u = 0; u < UPLINKS_MAX; u++)
            undelivered |= (e->pending & 1u << u) && !e->to[u].delivered;
        if (!e->used || !undelivered)
            continue;
        ++*depth;
        if (core->now - e->made > *oldest_ms)
            *oldest_ms = core->now - e->made;
    }
}

void outbox_shift(struct core *core, uint64_t by)
{
    for (unsigned i = 0; i < core->outbox_top; i++) {
        struct outbox_entry *e = &core->outbox[i];
        e->alert.reading += e->alert.reading ? by : 0;
        e->cursor.reading += e->has_cursor ? by : 0;
    }
}

/* ---- time ---- */

/* The backup that wants it, if it has to step in: no other link, or no PUBACK for an emergency in time. */
static uint32_t backups_for(const struct core *core, const struct outbox_entry *e)
{
    bool no_link = uplinks_all_down_since(core) <= core->now - BACKUP_AFTER;
    bool overdue = false;
    for (unsigned u = 0; u < UPLINKS_MAX; u++)
        overdue |=
            emergency(e) && (e->pending & 1u << u) && !e->to[u].delivered && core->now - e->made >= EMERGENCY_PUBACK;
    uint32_t bits = 0;
    for (unsigned u = 0; u < UPLINKS_MAX; u++) {
        const struct uplink *up = &core->uplinks[u];
        if (wanted(up, &e->alert) && up->settings->backup && !e->to[u].delivered && (no_link || overdue))
            bits |= 1u << u;
    }
    return bits;
}

void outbox_tick(struct core *core)
{
    bool retry = core->store.ready && core->store.degraded && core->now - core->store.last_failed >= BACKOFF_MIN * 3;
    for (unsigned i = 0; i < core->outbox_top; i++) {
        struct outbox_entry *e = &core->outbox[i];
        if (!e->used)
            continue;
        if (e->pending)
            e->pending |= backups_for(core, e);
        if (retry && !e->committed)
            commit(core, e);
    }
    if (retry)
        core->store.last_failed = core->now;
    outbox_pump(core);
}

int64_t outbox_deadline(const struct core *core)
{
    int64_t first = NEVER, down = uplinks_all_down_since(core);
    int64_t backup_at = down == INT64_MAX ? NEVER : down + BACKUP_AFTER;
    bool open = false;
    for (unsigned i = 0; i < core->outbox_top; i++) {
        const struct outbox_entry *e = &core->outbox[i];
        if (!e->used)
            continue;
        open |= !e->committed;
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
            else if (emergency(e) && core->now - e->made < EMERGENCY_PUBACK)
                due = e->made + EMERGENCY_PUBACK;
            else if (up->up && !e->to[u].in_flight && core->now < e->to[u].not_before)
                due = e->to[u].not_before;
            else if (up->up && !e->to[u].in_flight && !emergency(e))
                due = uplinks_next_token(core, up);
            first = due < first ? due : first;
        }
    }
    if (open && core->store.ready && core->store.degraded) {
        int64_t retry = core->store.last_failed + BACKOFF_MIN * 3;
        first = retry < first ? retry : first;
    }
    return first;
}
