#include "alerts.h"

#include <stdlib.h>
#include <string.h>

#include "base/kinds.h"
#include "base/text.h"

bool alerts_begin(struct alerts *alerts, const struct settings *settings,
                  void (*tell)(void *context, const struct told *told), void *context)
{
    *alerts = (struct alerts){.settings = settings, .tell = tell, .context = context};
    alerts->list = calloc(ALERTS_KEPT, sizeof(void *));
    return alerts->list != NULL;
}

/* ---- their lives ---- */

/* Taken by a person, closed by itself: what time alone does. */
static void age(struct told *t, int64_t now)
{
    struct alert *a = &t->alert;
    if (!(a->flags & ALERT_ACKED) && now - a->raised >= TAKEN_AFTER) {
        a->flags |= ALERT_ACKED;
        if (a->flags & ALERT_MOMENTARY)
            t->ended = a->raised + TAKEN_AFTER;
    }
    int64_t closes = rules_closes_at(a, t->ended, t->told_at);
    if (closes <= now) {
        a->state = ALERT_CLOSED;
        t->told_at = closes;
    }
}

static bool is_final(const struct told *t)
{
    if (rules_over(&t->alert))
        return true;
    return t->alert.flags & ALERT_MOMENTARY && t->alert.flags & ALERT_ACKED; /* it counts no further */
}

static void tell(struct alerts *alerts, struct told *t)
{
    if (t->out)
        return;
    t->out = true;
    alerts->told++;
    alerts->tell(alerts->context, t);
}

static void forget(struct alerts *alerts, uint32_t i)
{
    free(alerts->list[i]);
    alerts->n--;
    for (; i < alerts->n; i++)
        alerts->list[i] = alerts->list[i + 1];
}

void alerts_until(struct alerts *alerts, int64_t now)
{
    bool in_order = true;
    for (uint32_t i = 0; i < alerts->n; i++) {
        struct told *t = alerts->list[i];
        age(t, now);
        in_order = in_order && (t->out || is_final(t)); /* told in the order of their beginning */
        if (in_order)
            tell(alerts, t);
        /* Kept for a day, as live, so that the same condition said again is known as dealt with. */
        if (t->out && rules_over(&t->alert) && now - t->told_at > ACKED_CLOSE)
            forget(alerts, i--);
    }
}

static struct told *room(struct alerts *alerts)
{
    if (alerts->n == ALERTS_KEPT) {
        uint32_t oldest = 0;
        while (oldest < alerts->n - 1 && !alerts->list[oldest]->out)
            oldest++;
        if (!alerts->list[oldest]->out) {
            oldest = 0;
            alerts->early++;
            tell(alerts, alerts->list[0]);
        }
        forget(alerts, oldest);
    }
    struct told *t = calloc(1, sizeof *t);
    if (t)
        alerts->list[alerts->n++] = t;
    return t;
}

/* ---- conditions ---- */

static bool of(const struct told *t, const struct detector *d, const struct frame_condition *c)
{
    return t->detector == d->own && t->kind == c->kind && strcmp(t->alert.key, c->key) == 0;
}

/* The newest one of this detector, kind, key and nature that is not over. */
static struct told *known(struct alerts *alerts, const struct detector *d, const struct frame_condition *c)
{
    for (uint32_t i = alerts->n; i > 0; i--) {
        struct told *t = alerts->list[i - 1];
        if (!rules_over(&t->alert) && of(t, d, c) && !!(t->alert.flags & ALERT_TEST) == !!(c->flags & GW_TEST))
            return t;
    }
    return NULL;
}

static bool has_id(const struct alerts *alerts, uint64_t id)
{
    for (uint32_t i = 0; i < alerts->n; i++)
        if (alerts->list[i]->alert.id == id)
            return true;
    return false;
}

static void take_evidence(const struct settings *settings, struct told *t, const struct frame_condition *c)
{
    struct alert *a = &t->alert;
    a->n_evidence = c->n_evidence;
    memset(a->evidence, 0, sizeof a->evidence);
    for (uint32_t i = 0; i < c->n_evidence; i++) {
        const struct reading *r = &c->evidence[i];
        struct alert_evidence *e = &a->evidence[i];
        const struct sensor_settings *s = r->sensor < settings->n_sensors ? &settings->sensors[r->sensor] : NULL;
        t->evidence_kind[i] = s ? s->kind : KIND_COUNT;
        text_copy(e->sensor, NAME_SIZE, s ? s->name : "home");
        text_copy(e->room, NAME_SIZE, s ? s->room : "");
        text_copy(e->kind, NAME_SIZE, s ? kind_info((enum kind)s->kind)->name : "home");
        e->at = r->at;
        e->value = r->value;
        e->type = r->type;
        e->flags = r->flags;
    }
    text_copy(a->room, NAME_SIZE, a->n_evidence ? a->evidence[0].room : "");
}

static void take_news(const struct settings *settings, struct told *t, const struct frame_condition *c)
{
    struct alert *a = &t->alert;
    text_copy(a->text_en, sizeof a->text_en, c->text_en);
    text_copy(a->text_zh, sizeof a->text_zh, c->text_zh);
    text_copy(a->limit, sizeof a->limit, c->limit);
    t->told_at = c->at;
    take_evidence(settings, t, c);
}

static bool raise_new(struct alerts *alerts, const struct detector *d, const struct frame_condition *c)
{
    const struct frame_plugin_alert *kind = &d->alerts[c->kind];
    uint64_t id = alert_id(alerts->settings->home, d->own->name, kind->name, c->key, c->episode);
    if (has_id(alerts, id))
        return true; /* dealt with while the condition goes on */
    struct told *t = room(alerts);
    if (!t)
        return false;
    struct alert *a = &t->alert;
    *a = (struct alert){.id = id, .episode = c->episode, .rev = 1, .count = 1, .since = c->since, .raised = c->at};
    a->class_ = (uint16_t)kind->class_;
    a->state = ALERT_RAISED;
    a->flags = (kind->flags & GW_ALERT_MOMENTARY ? ALERT_MOMENTARY : 0) |
               (kind->flags & GW_ALERT_REQUEST ? ALERT_REQUEST : 0) | (c->flags & GW_TEST ? ALERT_TEST : 0);
    text_copy(a->detector, NAME_SIZE, d->own->name);
    text_copy(a->kind, NAME_SIZE, kind->name);
    text_copy(a->key, sizeof a->key, c->key);
    text_copy(a->code, sizeof a->code, kind->code);
    text_copy(t->title_en, sizeof t->title_en, kind->title_en);
    text_copy(t->title_zh, sizeof t->title_zh, kind->title_zh);
    a->wall_minus_log = alerts->wall_minus_log;
    t->detector = d->own;
    t->kind = c->kind;
    t->spells = 1;
    take_news(alerts->settings, t, c);
    return true;
}

static void raise_again(struct alerts *alerts, struct told *t, const struct frame_condition *c)
{
    t->spells += t->ended != 0;
    t->ended = t->cleared = 0;
    t->alert.flags &= ~ALERT_ENDED;
    t->alert.rev++;
    take_news(alerts->settings, t, c);
}

static void clear(struct alerts *alerts, const struct detector *d, const struct frame_condition *c)
{
    for (uint32_t i = 0; i < alerts->n; i++) { /* a test and the real one may both be open */
        struct told *t = alerts->list[i];
        if (!of(t, d, c) || rules_over(&t->alert) || t->alert.flags & (ALERT_ENDED | ALERT_MOMENTARY))
            continue;
        t->alert.flags |= ALERT_ENDED;
        t->alert.rev++;
        t->ended = t->cleared = t->told_at = c->at;
    }
}

bool alerts_take(struct alerts *alerts, const struct detector *d, const struct frame_condition *c)
{
    for (uint32_t i = 0; i < alerts->n; i++)
        age(alerts->list[i], c->at - 1); /* what happens in the millisecond of its end is still the same */
    if (!c->raised) {
        clear(alerts, d, c);
        return true;
    }
    struct told *t = known(alerts, d, c);
    bool momentary = d->alerts[c->kind].flags & GW_ALERT_MOMENTARY;
    switch (rules_raised(t ? &t->alert : NULL, t ? t->ended : 0, t ? t->told_at : 0, c, momentary, c->at)) {
    case RULE_NEW:
        return raise_new(alerts, d, c);
    case RULE_AGAIN:
        raise_again(alerts, t, c);
        break;
    case RULE_COUNT:
        t->alert.count++;
        t->alert.rev++;
        take_news(alerts->settings, t, c);
        break;
    default:
        break;
    }
    return true;
}

void alerts_end(struct alerts *alerts)
{
    for (uint32_t i = 0; i < alerts->n; i++) {
        tell(alerts, alerts->list[i]);
        free(alerts->list[i]);
    }
    free(alerts->list);
    alerts->list = NULL;
    alerts->n = 0;
}
