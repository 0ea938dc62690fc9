#include "alerts.h"

#include <stdio.h>

#include "../base/text.h"
#include "alerts_private.h"
#include "control.h"
#include "delivery.h"
#include "modes.h"
#include "outbox.h"
#include "outputs.h"
#include "own.h"
#include "sensors.h"
#include "timeline.h"

bool alerts_over(const struct alert *alert)
{
    return rules_over(alert);
}

bool alerts_open(const struct alert *alert)
{
    bool untaken = alert->class_ == GW_EMERGENCY && !(alert->flags & ALERT_ACKED);
    return !alerts_over(alert) && (untaken || !(alert->flags & ALERT_ENDED));
}

bool alerts_needs_acceptance(const struct alert *alert)
{
    return alert->class_ == GW_EMERGENCY && alert->state == ALERT_RAISED;
}

struct alert_slot *alerts_by_id(struct core *core, uint64_t id)
{
    for (unsigned i = 0; i < core->alerts_top; i++)
        if (core->alerts[i].used && core->alerts[i].alert.id == id)
            return &core->alerts[i];
    return NULL;
}

struct alert_slot *alerts_by_name(struct core *core, const char *detector, const char *kind, const char *key)
{
    struct alert_slot *newest = NULL;
    for (unsigned i = 0; i < core->alerts_top; i++) {
        struct alert_slot *s = &core->alerts[i];
        if (s->used && !alerts_over(&s->alert) && strcmp(s->alert.detector, detector) == 0 &&
            strcmp(s->alert.kind, kind) == 0 && strcmp(s->alert.key, key) == 0 &&
            (!newest || s->alert.raised >= newest->alert.raised))
            newest = s;
    }
    return newest;
}

/* How little an alert would be missed: the higher, the sooner it gives way. 0: never. */
static int dispensable(const struct alert_slot *s)
{
    const struct alert *a = &s->alert;
    if (alerts_over(a))
        return 10;
    if (a->flags & ALERT_TEST)
        return 9;
    if (a->class_ == GW_EMERGENCY)
        return a->flags & ALERT_ACKED ? 1 : 0; /* a person has it: before a new call is refused */
    return (a->flags & ALERT_ENDED ? 5 : 0) + (int)a->class_;
}

/* What an alert means for the home beside being told: its mode, and a sensor that is not to be believed. */
static void note_effects(struct core *core, const struct alert *a)
{
    if (a->flags & ALERT_VISIT || strcmp(a->detector, GATEWAY) == 0)
        modes_dirty(core);
    if (a->flags & ALERT_LOST && !(a->flags & ALERT_TEST))
        sensors_doubt(core, a->key, !(a->flags & ALERT_ENDED) && !alerts_over(a));
}

struct alert_slot *alerts_free_slot(struct core *core, uint16_t class_)
{
    struct alert_slot *victim = NULL;
    for (unsigned i = 0; i < core->alerts_top; i++) {
        struct alert_slot *s = &core->alerts[i];
        if (!s->used)
            return s;
        if (dispensable(s) && (!victim || dispensable(s) > dispensable(victim)))
            victim = s;
    }
    if (core->alerts_top < ALERTS_MAX)
        return &core->alerts[core->alerts_top++];
    if (!victim || (dispensable(victim) < 5 && dispensable(victim) < (int)class_)) {
        core->drops++;
        return NULL;
    }
    if (!alerts_over(&victim->alert)) {
        core->drops++;
        victim->alert.flags |= ALERT_ENDED;
        note_effects(core, &victim->alert);
    }
    victim->used = false;
    return victim;
}

/* After a load the next revision lies beyond all that may have got out unstored; and as the stored one may be loaded
 * again and again while the disk takes nothing, every run goes beyond the one before, by the time that has passed. Runs
 * without memory know nothing of each other but that they are of one boot. */
static uint32_t next_rev(const struct core *core, const struct alert_slot *slot)
{
    const struct alert *a = &slot->alert;
    if (core->timeline.without_memory && a->rev) {
        uint32_t beyond = REV_STEP_LOADED + (uint32_t)(core->now / REV_STEP_EVERY);
        return beyond > a->rev ? beyond : a->rev + 1;
    }
    if (!slot->loaded)
        return a->rev + 1;
    int64_t age = timeline_now(core) - (a->rev == 1 ? a->raised : a->at);
    return a->rev + REV_STEP_LOADED + (age > 0 ? (uint32_t)(age / REV_STEP_EVERY % REV_STEP_MOST) : 0);
}

/* Nobody knows what a former run has made of it after its first word: it had no memory, its memory is lost, or what has
 * begun before this run or is found late is found a second time because the disk took nothing the first time. */
static bool may_have_gone_on(const struct core *core, const struct alert *a)
{
    bool known_before = a->since <= core->timeline.former || a->late_ms > 0;
    return a->rev == 1 &&
           (core->timeline.without_memory || core->store.alerts_file == STORE_FILE_SET_ASIDE || known_before);
}

void alerts_revise(struct core *core, struct alert_slot *slot, enum alert_state state, struct detector *detector)
{
    struct alert *a = &slot->alert;
    a->rev = next_rev(core, slot);
    slot->loaded = may_have_gone_on(core, a);
    a->state = (uint16_t)state;
    a->at = timeline_now(core);
    a->boot = core->timeline.boot;
    a->clock = core->timeline.clock;
    a->wall_minus_log = core->timeline.wall_minus_log;
    slot->told_at = a->at;
    core->open_dirty = true;
    note_effects(core, a);
    outbox_add(core, slot, detector);
    control_watch_alert(core, a);
    outputs_refresh(core);
}

static uint64_t incident_of(const struct core *core, const struct alert *a)
{
    if (a->class_ == GW_TECHNICAL)
        return a->id;
    const struct alert *latest = NULL;
    for (unsigned i = 0; i < core->alerts_top; i++) {
        const struct alert *o = &core->alerts[i].alert;
        if (core->alerts[i].used && o->id != a->id && o->class_ != GW_TECHNICAL && !alerts_over(o) &&
            a->raised - o->raised < INCIDENT_WINDOW && (!latest || o->raised > latest->raised))
            latest = o;
    }
    return latest ? latest->incident : a->id;
}

static void copy_evidence(const struct core *core, struct alert *a, const struct frame_condition *c)
{
    a->n_evidence = c->n_evidence;
    memset(a->evidence, 0, sizeof(a->evidence));
    for (uint32_t i = 0; i < c->n_evidence; i++) {
        const struct reading *r = &c->evidence[i];
        struct alert_evidence *e = &a->evidence[i];
        const struct sensor *s = r->sensor < core->n_sensors ? &core->sensors[r->sensor] : NULL;
        text_copy(e->sensor, NAME_SIZE, s ? s->name : "home");
        text_copy(e->room, NAME_SIZE, s && s->settings ? s->settings->room : "");
        text_copy(e->kind, NAME_SIZE, s && s->settings ? kind_info((enum kind)s->settings->kind)->name : "home");
        e->at = r->at;
        e->value = r->value;
        e->type = r->type;
        e->flags = r->flags;
    }
    text_copy(a->room, NAME_SIZE, a->n_evidence ? a->evidence[0].room : "");
}

/* What a condition says, into the alert; identity and history of the alert stay. */
static void take_news(const struct core *core, struct alert *a, const struct frame_condition *c)
{
    text_copy(a->text_en, sizeof(a->text_en), c->text_en);
    text_copy(a->text_zh, sizeof(a->text_zh), c->text_zh);
    text_copy(a->limit, sizeof(a->limit), c->limit);
    a->reading = c->reading;
    int64_t late = timeline_now(core) - c->at;
    a->late_ms = late >= 1000 ? late : 0;
    copy_evidence(core, a, c);
}

static bool is_test(const struct frame_condition *c)
{
    return c->flags & GW_TEST;
}

void alerts_ask_anew(struct alert *a)
{
    a->flags &= ~(ALERT_ENDED | ALERT_NO_MODE | ALERT_ACCEPTED_ONCE | ALERT_ACKED | ALERT_LOCAL_ACK);
    a->by[0] = a->note[0] = '\0';
}

static bool raise_again(struct core *core, struct detector *d, struct alert_slot *slot, const struct frame_condition *c)
{
    struct alert *a = &slot->alert;
    bool ended = a->flags & ALERT_ENDED;
    take_news(core, a, c);
    if (ended)
        alerts_ask_anew(a);
    slot->ended = 0;
    alerts_revise(core, slot, a->flags & ALERT_ACKED ? ALERT_ACKNOWLEDGED : ALERT_RAISED, d);
    return true;
}

/* The same alert, true again: its detector was taken away and is back, it was over for long and nobody has answered, or
 * it was over and closed (a detector that got another limit) and has come since. What the platform has closed while the
 * condition goes on stays closed. */
static bool comes_back(const struct alert *a, const struct frame_condition *c)
{
    bool over = a->flags & ALERT_ENDED;
    bool ended = a->state == ALERT_CANCELLED || (over && (!alerts_over(a) || c->at > a->at));
    return ended && !(a->flags & ALERT_MOMENTARY) && !!(a->flags & ALERT_TEST) == is_test(c);
}

/* A detector that began without its history has been given nothing between what was counted before and this: the disk
 * has that, and it comes when the disk answers. 0: nothing of this ring was counted before. */
static void note_skip(struct alert_slot *slot, const struct detector *d, uint64_t before, uint64_t episode)
{
    if (!d->short_of_memory || slot->skip_to)
        return;
    slot->skip_from = before >> 32 == episode >> 32 ? before : episode >> 32 << 32;
    slot->skip_to = episode;
}

static bool was_skipped(const struct alert_slot *s, uint64_t episode)
{
    return s->skip_to >> 32 == episode >> 32 && episode > s->skip_from && episode < s->skip_to;
}

static bool raise_new(struct core *core, struct detector *d, const struct frame_condition *c,
                      const struct frame_plugin_alert *kind)
{
    uint64_t id = alert_id(core->settings->home, d->settings->name, kind->name, c->key, c->episode);
    struct alert_slot *slot = alerts_by_id(core, id);
    if (slot)
        return comes_back(&slot->alert, c) && raise_again(core, d, slot, c);
    slot = alerts_free_slot(core, (uint16_t)kind->class_);
    if (!slot) {
        core_log(core, 3, "no room for alert %s of %s", kind->name, d->settings->name);
        return false;
    }
    memset(slot, 0, sizeof(*slot));
    slot->used = true;
    struct alert *a = &slot->alert;
    a->id = id;
    a->episode = c->episode;
    a->count = 1;
    a->class_ = (uint16_t)kind->class_;
    a->flags = (kind->flags & GW_ALERT_MOMENTARY ? ALERT_MOMENTARY : 0) |
               (kind->flags & GW_ALERT_REQUEST ? ALERT_REQUEST : 0) | (kind->flags & GW_ALERT_VISIT ? ALERT_VISIT : 0) |
               (kind->flags & GW_ALERT_LOST ? ALERT_LOST : 0) | (c->flags & GW_TEST ? ALERT_TEST : 0);
    text_copy(a->detector, NAME_SIZE, d->settings->name);
    text_copy(a->kind, NAME_SIZE, kind->name);
    text_copy(a->key, sizeof(a->key), c->key);
    text_copy(a->code, sizeof(a->code), kind->code);
    a->since = c->since;
    a->raised = c->at;
    a->counted = kind->flags & GW_ALERT_MOMENTARY ? c->episode : 0;
    if (a->counted)
        note_skip(slot, d, 0, c->episode);
    take_news(core, a, c);
    a->incident = incident_of(core, a);
    alerts_revise(core, slot, ALERT_RAISED, d);
    return true;
}

/* Pressed again while nobody has taken it: the same alert, counted. A real press is never counted onto a test. */
static bool count_up(struct core *core, struct detector *d, struct alert_slot *slot, const struct frame_condition *c)
{
    slot->alert.count++;
    if (was_skipped(slot, c->episode)) {
        slot->skip_from = c->episode;
    } else {
        note_skip(slot, d, slot->alert.counted, c->episode);
        slot->alert.counted = c->episode;
    }
    take_news(core, &slot->alert, c);
    alerts_revise(core, slot, ALERT_RAISED, d);
    return true;
}

/* Origins of one ring rise, so the newest one counted stands for all before it. The core's own do not. */
static bool origin_counted(const struct alert *a, uint64_t episode)
{
    bool same_ring = a->counted >> 32 == episode >> 32;
    return a->counted == episode || (same_ring && episode >> 32 != OWN_RING >> 32 && episode < a->counted);
}

/* A momentary condition that was counted already is found again when a detector restarts behind its cursor, or, under a
 * new id, when its ring gives back what the history did not keep; what it was counted onto may have been taken, or even
 * closed, meanwhile. */
static bool counted_before(const struct core *core, const struct detector *d, const struct frame_condition *c)
{
    const char *kind = d->alerts[c->kind].name;
    for (unsigned i = 0; i < core->alerts_top; i++) {
        const struct alert_slot *s = &core->alerts[i];
        bool counted = s->alert.reading >= c->reading || origin_counted(&s->alert, c->episode);
        counted &= !was_skipped(s, c->episode);
        if (s->used && counted && strcmp(s->alert.detector, d->settings->name) == 0 &&
            strcmp(s->alert.kind, kind) == 0 && strcmp(s->alert.key, c->key) == 0 &&
            !!(s->alert.flags & ALERT_TEST) == is_test(c))
            return true;
    }
    return false;
}

static bool raised(struct core *core, struct detector *d, const struct frame_condition *c)
{
    const struct frame_plugin_alert *kind = &d->alerts[c->kind];
    struct alert_slot *slot = alerts_by_name(core, d->settings->name, kind->name, c->key);
    bool momentary = kind->flags & GW_ALERT_MOMENTARY;
    if (momentary && counted_before(core, d, c))
        return false;
    if (slot && !!(slot->alert.flags & ALERT_TEST) != is_test(c))
        slot = NULL;
    if (!slot)
        return raise_new(core, d, c, kind);
    switch (rules_raised(&slot->alert, slot->ended, slot->told_at, c, momentary, c->at)) {
    case RULE_NEW:
        return raise_new(core, d, c, kind);
    case RULE_AGAIN:
        return raise_again(core, d, slot, c);
    case RULE_COUNT:
        return count_up(core, d, slot, c);
    default:
        return false;
    }
}

void alerts_note_end(struct core *core, const struct alert *a)
{
    if (a->flags & ALERT_VISIT && !(a->flags & (ALERT_TEST | ALERT_ENDED)))
        modes_visit_over(core);
}

void alerts_end_condition(struct core *core, struct alert_slot *slot, enum alert_state state, struct detector *d)
{
    alerts_note_end(core, &slot->alert);
    slot->alert.flags |= ALERT_ENDED;
    /* By the log, not by when it was read: after an outage the reopening rule goes as it would have gone. */
    slot->ended = d ? d->said_at : timeline_now(core);
    slot->alert.late_ms = 0;
    alerts_revise(core, slot, state, d);
}

static bool lasts(const struct alert *a, const struct detector *d)
{
    return !alerts_over(a) && !(a->flags & (ALERT_ENDED | ALERT_MOMENTARY)) &&
           strcmp(a->detector, d->settings->name) == 0;
}

static bool would_end(const struct alert *a, const struct detector *d, const struct frame_condition *c)
{
    return lasts(a, d) && strcmp(a->kind, d->alerts[c->kind].name) == 0 && strcmp(a->key, c->key) == 0;
}

void alerts_hold_none(struct core *core, const struct detector *d)
{
    for (unsigned i = 0; i < core->alerts_top; i++)
        core->alerts[i].held &= !lasts(&core->alerts[i].alert, d);
}

void alerts_hold(struct core *core, const struct detector *d, const struct frame_condition *c)
{
    for (unsigned i = 0; i < core->alerts_top; i++)
        if (core->alerts[i].used && would_end(&core->alerts[i].alert, d, c))
            core->alerts[i].held = c->raised;
}

bool alerts_holds(const struct core *core, const struct detector *d, const struct frame_condition *c)
{
    for (unsigned i = 0; i < core->alerts_top; i++)
        if (core->alerts[i].used && would_end(&core->alerts[i].alert, d, c))
            return true;
    return false;
}

int64_t alerts_oldest(const struct core *core, const char *detector, int64_t now)
{
    for (unsigned i = 0; i < core->alerts_top; i++) {
        const struct alert *a = &core->alerts[i].alert;
        bool lasts = core->alerts[i].used && !alerts_over(a) && !(a->flags & (ALERT_ENDED | ALERT_MOMENTARY));
        if (lasts && a->since < now && strcmp(a->detector, detector) == 0)
            now = a->since;
    }
    return now;
}

bool alerts_condition(struct core *core, struct detector *d, const struct frame_condition *c)
{
    d->said_id = c->reading;
    d->said_at = c->at;
    if (c->raised)
        return raised(core, d, c);
    bool changed = false;
    for (unsigned i = 0; i < core->alerts_top; i++) { /* a test and the real one may both be open */
        struct alert_slot *s = &core->alerts[i];
        if (!s->used || !would_end(&s->alert, d, c))
            continue;
        alerts_end_condition(core, s, ALERT_CLEARED, d);
        changed = true;
    }
    return changed;
}

/* Why it ends, unless a person has written something. */
static void give_reason(struct alert *a, const char *reason)
{
    if (a->by[0])
        return;
    text_copy(a->by, sizeof(a->by), GATEWAY);
    text_copy(a->note, sizeof(a->note), reason);
}

/* Nobody will clear it. An emergency that nobody has answered stays: the desk is told so, and its answer ends it. */
static void cancel(struct core *core, struct alert_slot *s, const char *reason)
{
    bool answered = s->alert.class_ != GW_EMERGENCY || s->alert.flags & ALERT_ACKED;
    if (!answered && s->alert.flags & (ALERT_ENDED | ALERT_MOMENTARY))
        return;
    give_reason(&s->alert, reason);
    alerts_end_condition(core, s, answered ? ALERT_CANCELLED : ALERT_RAISED, NULL);
}

void alerts_cancel_detector(struct core *core, const char *detector)
{
    for (unsigned i = 0; i < core->alerts_top; i++) {
        struct alert_slot *s = &core->alerts[i];
        if (s->used && !alerts_over(&s->alert) && strcmp(s->alert.detector, detector) == 0)
            cancel(core, s,
                   "No longer watched: its detector was taken out of the configuration. "
                   "检测器已从配置中移除，不再监测。");
    }
}

void alerts_cancel_unheld(struct core *core, const struct detector *d)
{
    for (unsigned i = 0; i < core->alerts_top; i++) {
        struct alert_slot *s = &core->alerts[i];
        if (s->used && lasts(&s->alert, d) && !s->held && !(s->alert.flags & ALERT_TEST))
            cancel(core, s, "Over: its detector has been configured otherwise. 检测器的配置已更改，此警报结束。");
    }
}

struct alert_slot *alerts_adopt(struct core *core, const struct alert *alert)
{
    struct alert_slot *slot = alerts_by_id(core, alert->id);
    if (slot && slot->alert.rev >= alert->rev)
        return slot;
    if (!slot) {
        slot = alerts_free_slot(core, alert->class_);
        if (!slot)
            return NULL;
        memset(slot, 0, sizeof(*slot));
        slot->used = true;
    }
    slot->alert = *alert;
    slot->told_at = alert->at;
    slot->loaded = true;
    slot->again |= own_lasts(alert);
    bool waits = alert->flags & ALERT_ENDED || alerts_over(alert) ||
                 (alert->flags & ALERT_ACKED && alert->flags & ALERT_MOMENTARY);
    slot->ended = waits ? alert->at : 0;
    note_effects(core, alert);
    core->open_dirty = true;
    return slot;
}

void alerts_recover(struct core *core, const struct alert *alert)
{
    const struct alert_slot *known = alerts_by_id(core, alert->id);
    if (known && known->alert.rev >= alert->rev)
        return;
    struct alert_slot *slot = alerts_adopt(core, alert);
    if (slot)
        outbox_store_state(core, slot);
}

static int64_t closes_at(const struct alert_slot *s)
{
    return rules_closes_at(&s->alert, s->ended, s->told_at);
}

/* An own alert of a former run that nobody has raised again in this one. */
static bool is_stale(const struct alert_slot *s)
{
    return !s->again && !(s->alert.flags & ALERT_ENDED) && !alerts_over(&s->alert) &&
           strcmp(s->alert.detector, GATEWAY) == 0;
}

void alerts_tick(struct core *core)
{
    int64_t now = timeline_now(core);
    for (unsigned i = 0; i < core->alerts_top; i++) {
        struct alert_slot *s = &core->alerts[i];
        if (!s->used)
            continue;
        if (is_stale(s) && core->now - core->started >= STALE_TECHNICAL)
            alerts_end_condition(core, s, ALERT_CLEARED, NULL);
        if (closes_at(s) <= now)
            alerts_revise(core, s, ALERT_CLOSED, NULL);
        /* Kept for a day, so that the same condition said again is known as dealt with. */
        if (alerts_over(&s->alert) && now - s->told_at > ACKED_CLOSE && !outbox_waits(core, s->alert.id))
            s->used = false;
    }
}

int64_t alerts_deadline(const struct core *core)
{
    int64_t first = NEVER;
    for (unsigned i = 0; i < core->alerts_top; i++) {
        const struct alert_slot *s = &core->alerts[i];
        if (!s->used)
            continue;
        int64_t due = closes_at(s);
        if (due != NEVER)
            due -= core->timeline.offset;
        if (is_stale(s)) {
            int64_t stale = core->started + STALE_TECHNICAL;
            due = stale < due ? stale : due;
        }
        first = due < first ? due : first;
    }
    return first;
}

void alerts_count(const struct core *core, uint32_t *open, uint32_t *emergencies)
{
    *open = *emergencies = 0;
    for (unsigned i = 0; i < core->alerts_top; i++) {
        const struct alert_slot *s = &core->alerts[i];
        if (!s->used || !alerts_open(&s->alert))
            continue;
        ++*open;
        *emergencies += s->alert.class_ == GW_EMERGENCY && strcmp(s->alert.detector, GATEWAY) != 0;
    }
}

void alerts_clock_moved(struct core *core, int64_t by)
{
    for (unsigned i = 0; i < core->alerts_top; i++) {
        struct alert_slot *s = &core->alerts[i];
        s->told_at += by;
        s->ended += s->ended ? by : 0;
    }
}

void alerts_shift(struct core *core, uint64_t by)
{
    for (unsigned i = 0; i < core->alerts_top; i++)
        if (core->alerts[i].used && core->alerts[i].alert.reading)
            core->alerts[i].alert.reading += by;
}
