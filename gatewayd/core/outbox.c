#include "outbox.h"

#include "alerts.h"
#include "cursors.h"
#include "delivery.h"
#include "detectors.h"
#include "store_link.h"
#include "timeline.h"
#include "uplinks.h"

bool outbox_is_emergency(const struct outbox_entry *e)
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

/* Where the store has enough to answer it waits for commit_waiting: a store that comes back to a day's revisions must
 * not be killed because they do not fit its queue. */
static void commit(struct core *core, struct outbox_entry *e)
{
    if (!core->store.ready || core->store.commits_out >= COMMITS_OUT)
        return;
    e->asked = true;
    core->store.commits_out++;
    store_link_flush(core);
    struct frame *out = frame_init(&core->out, FRAME_STORE_COMMIT);
    out->commit.token = e->seq;
    out->commit.pending = e->row = still_waiting(core, e);
    out->commit.has_cursor = e->has_cursor;
    if (e->has_cursor)
        out->commit.cursor = e->cursor;
    out->commit.alert = e->alert;
    if (store_link_send(core))
        store_link_asked(core);
}

/* The oldest one that is still to be sent; NULL. */
static struct outbox_entry *next_to_commit(struct core *core)
{
    struct outbox_entry *oldest = NULL;
    for (unsigned i = 0; i < core->outbox_top; i++) {
        struct outbox_entry *e = &core->outbox[i];
        bool waits = e->used && !e->committed && !e->asked && !e->refused;
        if (waits && (!oldest || e->seq < oldest->seq))
            oldest = e;
    }
    return oldest;
}

static void forget_refusals(struct core *core)
{
    for (unsigned i = 0; i < core->outbox_top; i++)
        core->outbox[i].refused = 0;
}

/* The one that was refused the longest ago; NULL. */
static struct outbox_entry *next_to_try(struct core *core)
{
    struct outbox_entry *first = NULL;
    for (unsigned i = 0; i < core->outbox_top; i++) {
        struct outbox_entry *e = &core->outbox[i];
        if (e->used && e->refused && !e->asked && (!first || e->refused < first->refused))
            first = e;
    }
    return first;
}

static void commit_waiting(struct core *core)
{
    struct outbox_entry *e;
    while (core->store.ready && core->store.commits_out < COMMITS_OUT && (e = next_to_commit(core)))
        commit(core, e);
}

/* The store has answered: there is room for one more. NULL: it was given up meanwhile. */
static struct outbox_entry *answered(struct core *core, uint64_t token)
{
    core->store.commits_out -= core->store.commits_out > 0;
    for (unsigned i = 0; i < core->outbox_top; i++) {
        struct outbox_entry *e = &core->outbox[i];
        if (e->used && e->seq == token) {
            e->asked = false;
            return e;
        }
    }
    return NULL;
}

void outbox_forget(struct core *core, const struct outbox_entry *e)
{
    frame_init(&core->out, FRAME_STORE_FORGET);
    core->out.forget.alert = e->alert.id;
    core->out.forget.rev = e->alert.rev;
    core->out.forget.uplinks = ~still_waiting(core, e);
    store_link_send(core);
}

/* Its place may be used again. A repetition may still be under way: an accept can overtake the PUBACK. */
static void release(struct core *core, struct outbox_entry *e)
{
    for (unsigned u = 0; u < UPLINKS_MAX; u++)
        delivery_in_flight(core, e, u, false);
    e->used = false;
}

/* An entry has done its work when it is on the disk and nobody waits for it. */
void outbox_settle(struct core *core, struct outbox_entry *e)
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
            return outbox_is_emergency(e) ? 9 : 10; /* a newer revision says more */
    }
    return outbox_is_emergency(e) ? 0 : (int)e->alert.class_;
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
        victim->pending = 0;
        outbox_forget(core, victim);
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

bool outbox_wanted(const struct uplink *u, const struct alert *a)
{
    return u->settings && (u->settings->classes >> a->class_ & 1u);
}

/* The uplinks that have to get it; the backup comes in only when needed. */
static uint32_t audience(const struct core *core, const struct alert *a)
{
    uint32_t bits = 0;
    for (unsigned u = 0; u < UPLINKS_MAX; u++)
        if (outbox_wanted(&core->uplinks[u], a) && !core->uplinks[u].settings->backup)
            bits |= 1u << u;
    return bits;
}

struct outbox_entry *outbox_begin(struct core *core, const struct alert *a)
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
    bool with_cursor = detector && detector->busy && cursors_may_go(core, detector);
    struct outbox_entry *e = outbox_begin(core, &slot->alert);
    if (!e)
        return;
    e->pending = audience(core, &e->alert);
    if (with_cursor) {
        e->has_cursor = true;
        detectors_cursor(detector, &e->cursor);
        /* Other conditions of the same batch may follow: only what lies before this one is settled. */
        e->cursor.reading = detector->said_id ? detector->said_id - 1 : 0;
        e->cursor.until = detector->said_at - 1;
        if (e->cursor.until < 0)
            e->cursor.until = 0;
    }
    /* A first raise may overtake its own commit: found again after a crash it is the same revision. */
    delivery_pump(core);
    commit(core, e);
}

void outbox_store_state(struct core *core, const struct alert_slot *slot)
{
    struct outbox_entry *e = outbox_begin(core, &slot->alert);
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
    struct outbox_entry *e = outbox_begin(core, &c->alert);
    if (!e)
        return;
    /* Places of uplinks may have changed since: whoever wants the class gets it; doubles go by (id, rev). */
    e->pending = audience(core, &e->alert);
    /* What came back from the mirror may lie in the store's memory alone, of a disk that does not open. */
    e->committed = core->store.alerts_file == STORE_FILE_OK || !(c->alert.flags & ALERT_RECOVERED);
    outbox_settle(core, e);
}

void outbox_recommit(struct core *core)
{
    core->store.commits_out = 0;
    for (unsigned i = 0; i < core->outbox_top; i++)
        core->outbox[i].asked = false;
    forget_refusals(core);
    commit_waiting(core);
}

void outbox_committed(struct core *core, uint64_t token)
{
    struct outbox_entry *e = answered(core, token);
    if (e) {
        e->committed = true;
        forget_refusals(core); /* it takes what it refused, too */
        uplinks_stored(core);
        if (e->row & ~still_waiting(core, e))
            outbox_forget(core, e); /* delivered before it was stored */
        outbox_settle(core, e);
    }
    commit_waiting(core);
    delivery_pump(core);
}

void outbox_commit_failed(struct core *core, uint64_t token)
{
    struct outbox_entry *e = answered(core, token);
    if (e)
        e->refused = ++core->store.refusals;
    commit_waiting(core); /* each goes there once: the store puts it into the mirror */
    delivery_pump(core);
}

bool outbox_commits_open(const struct core *core)
{
    for (unsigned i = 0; i < core->outbox_top; i++)
        if (core->outbox[i].used && !core->outbox[i].committed)
            return true;
    return false;
}

uint64_t outbox_uncommitted(const struct core *core, uint64_t alert)
{
    uint64_t newest = 0;
    for (unsigned i = 0; i < core->outbox_top; i++) {
        const struct outbox_entry *e = &core->outbox[i];
        if (e->used && !e->committed && e->alert.id == alert && e->seq > newest)
            newest = e->seq;
    }
    return newest;
}

bool outbox_is_uncommitted(const struct core *core, uint64_t seq)
{
    for (unsigned i = 0; i < core->outbox_top; i++)
        if (core->outbox[i].used && core->outbox[i].seq == seq)
            return !core->outbox[i].committed;
    return false;
}

bool outbox_is_durable(const struct core *core, uint64_t alert)
{
    return outbox_uncommitted(core, alert) == 0;
}

void outbox_mark(struct alert *copy, bool durable)
{
    copy->flags = durable ? copy->flags & ~ALERT_NOT_DURABLE : copy->flags | ALERT_NOT_DURABLE;
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
    }
}

/* A disk that refused is asked again at this time. */
static int64_t retry_at(const struct core *core)
{
    bool refuses = core->store.ready && core->store.degraded;
    return refuses && outbox_commits_open(core) ? core->store.last_failed + DISK_RETRY : NEVER;
}

/* One at a time: a disk that is full for days must not be written to for every alert that waits. Once it takes one it
 * is given all; and each has its turn, lest one that is refused for its own sake should keep the others waiting. */
void outbox_tick(struct core *core)
{
    if (retry_at(core) > core->now)
        return;
    core->store.last_failed = core->now;
    struct outbox_entry *e = next_to_try(core);
    if (e)
        commit(core, e);
    else
        commit_waiting(core);
}

int64_t outbox_deadline(const struct core *core)
{
    return retry_at(core);
}
