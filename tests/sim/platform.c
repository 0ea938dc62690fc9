/* platform.c - the platform: two brokers that may be away, and one application that removes duplicates by (id, rev),
 * accepts emergencies (late, or not until asked again), and people who acknowledge and close. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "sim.h"

struct missed { /* by the application, behind its broker's back */
    uint64_t id, episode;
    uint32_t rev;
};

struct platform {
    struct missed missed[64];
    unsigned n_missed;
    int64_t cut_at; /* when the home's power was last cut */
    bool down[PLATFORMS];
    bool session[PLATFORMS]; /* this client has been here before */
    struct platform_alert *alert;
    size_t n, room;
    struct {
        struct alert *alerts;
        unsigned n;
    } open[PLATFORMS];
};

struct platform *platform_create(void)
{
    struct platform *platform = calloc(1, sizeof(*platform));
    if (!platform)
        abort();
    return platform;
}

void platform_destroy(struct platform *platform)
{
    for (unsigned i = 0; i < PLATFORMS; i++)
        free(platform->open[i].alerts);
    free(platform->alert);
    free(platform);
}

size_t platform_alerts(const struct sim *sim, const struct platform_alert **alerts)
{
    *alerts = sim->platform->alert;
    return sim->platform->n;
}

bool platform_up(const struct sim *sim, unsigned which)
{
    return !sim->platform->down[which];
}

bool platform_session(struct sim *sim, unsigned which)
{
    bool before = sim->platform->session[which];
    sim->platform->session[which] = true;
    return before;
}

void platform_broker(struct sim *sim, unsigned which, bool up)
{
    say(sim, "%s's broker is %s", which ? "the backup" : "the platform", up ? "up" : "down");
    sim->platform->down[which] = !up;
    for (unsigned i = 3; i < 3 + UPLINKS_MAX; i++)
        if (sim->proc[i].alive)
            daemon_wake(sim, i, sim->now);
}

void platform_open_list(struct sim *sim, unsigned which, const struct alert *alerts, unsigned n)
{
    struct alert *copy = malloc((n ? n : 1) * sizeof(*copy));
    if (!copy)
        abort();
    memcpy(copy, alerts, n * sizeof(*copy));
    free(sim->platform->open[which].alerts);
    sim->platform->open[which].alerts = copy;
    sim->platform->open[which].n = n;
}

unsigned platform_read_open_list(const struct sim *sim, unsigned which, const struct alert **alerts)
{
    *alerts = sim->platform->open[which].alerts;
    return sim->platform->open[which].n;
}

static struct platform_alert *find(struct sim *sim, uint64_t id)
{
    for (size_t i = sim->platform->n; i-- > 0;)
        if (sim->platform->alert[i].id == id)
            return &sim->platform->alert[i];
    return NULL;
}

static struct platform_alert *make(struct sim *sim, const struct alert *a)
{
    struct platform *p = sim->platform;
    if (p->n == p->room) {
        p->room = p->room ? 2 * p->room : 64;
        p->alert = realloc(p->alert, p->room * sizeof(*p->alert));
        if (!p->alert)
            abort();
    }
    struct platform_alert *made = &p->alert[p->n++];
    memset(made, 0, sizeof(*made));
    made->id = a->id;
    made->episode = a->episode;
    made->class_ = a->class_;
    made->guessed = checks_guessed(sim);
    made->raised = a->raised;
    made->first_at = a->at;
    text_copy(made->detector, sizeof(made->detector), a->detector);
    text_copy(made->kind, sizeof(made->kind), a->kind);
    text_copy(made->key, sizeof(made->key), a->key);
    return made;
}

/* ---- answers ---- */

/* It has it now, or has answered for it with a later one. */
static void no_longer_missed(struct sim *sim, uint64_t id, uint32_t upto)
{
    struct platform *p = sim->platform;
    for (unsigned i = p->n_missed; i-- > 0;)
        if (p->missed[i].id == id && p->missed[i].rev <= upto)
            p->missed[i] = p->missed[--p->n_missed];
}

static void on_answer(struct sim *sim, const struct event *event)
{
    struct platform_alert *a = find(sim, event->a);
    unsigned which = (unsigned)(event->b >> 8);
    if (!a || !platform_up(sim, which))
        return;
    struct frame_command command = {.verb = (uint32_t)(event->b & 0xff), .alert = a->id, .rev = a->rev};
    text_copy(command.by, sizeof(command.by), "Li Na");
    if (command.verb == VERB_ACK)
        a->ack_sent = true;
    if (command.verb != VERB_ACCEPT)
        say(sim, "the desk %s %s %s rev %u", command.verb == VERB_ACK ? "acknowledges" : "closes", a->kind, a->key,
            a->rev);
    no_longer_missed(sim, a->id, a->rev);
    uplink_command(sim, which, &command);
    if (command.verb == VERB_ACK)
        faults_near_a_call(sim);
}

static void answer(struct sim *sim, unsigned which, const struct platform_alert *a, enum verb verb, int64_t in)
{
    sim_at(sim, sim->now + in, on_answer, a->id, which << 8 | verb, NULL);
}

static void consider(struct sim *sim, unsigned which, const struct platform_alert *a, bool asks, bool first)
{
    int64_t soon = 20 + (int64_t)sim_below(sim, 400);
    if (asks) {
        bool never = !sim->quiet && sim_chance(sim, sim->rates.ack_never);
        bool late = !sim->quiet && sim_chance(sim, sim->rates.ack_late);
        if (!never)
            answer(sim, which, a, VERB_ACCEPT, late ? (int64_t)sim_below(sim, 3 * HOUR) : soon);
    }
    if (!first || a->class_ == GW_TECHNICAL)
        return;
    if (sim_chance(sim, 0.4))
        answer(sim, which, a, VERB_ACK, 10 * SECOND + (int64_t)sim_below(sim, 20 * MINUTE));
    if (sim_chance(sim, 0.2))
        answer(sim, which, a, VERB_CLOSE, MINUTE + (int64_t)sim_below(sim, HOUR));
}

static bool known(struct sim *sim, struct platform_alert *a, const struct alert *from)
{
    for (unsigned i = 0; i < a->n_revs && i < 64; i++) {
        if (a->revs[i].rev != from->rev)
            continue;
        /* "accepted" is the platform's own word back: no revision of its own. */
        bool same = a->revs[i].state == from->state || from->state == ALERT_ACCEPTED;
        if ((a->revs[i].count != from->count || !same) && !checks_begun_anew(sim))
            broken(sim, "revision %u of %s %s is told twice and differs: count %u, %u; state %u, %u", from->rev,
                   a->kind, a->key, a->revs[i].count, from->count, a->revs[i].state, from->state);
        if (a->rev == from->rev && !(from->flags & ALERT_NOT_DURABLE))
            a->flags &= ~ALERT_NOT_DURABLE; /* the disk has it by now */
        return true;
    }
    return false;
}

/* Over before, by what has been heard so far: a revision may come late. */
static bool is_true_again(const struct platform_alert *a, const struct alert *from)
{
    bool was_over = a->rev < from->rev && a->flags & ALERT_ENDED;
    for (unsigned i = 0; i < a->n_revs && i < 64; i++)
        was_over |= a->revs[i].rev < from->rev && a->revs[i].state >= ALERT_CLEARED;
    return was_over && from->state == ALERT_RAISED && !(from->flags & ALERT_ENDED);
}

static void take_news(struct platform_alert *a, const struct alert *from)
{
    if (is_true_again(a, from))
        a->ack_ok = a->ack_weak = false; /* what was answered was answered to what is over */
    a->revs[a->n_revs % 64].rev = from->rev;
    a->revs[a->n_revs % 64].count = from->count;
    a->revs[a->n_revs++ % 64].state = from->state;
    if (from->count > a->count)
        a->count = from->count;
    if (from->rev < a->rev)
        return; /* an older one on a slower way */
    a->rev = from->rev;
    a->state = from->state;
    a->flags = from->flags;
    a->last_at = from->at;
    if (!(from->flags & ALERT_ENDED))
        a->ended = 0;
    else if (!a->ended)
        a->ended = from->at;
}

static bool has_revision(const struct platform_alert *a, uint32_t rev)
{
    for (unsigned i = 0; a && i < a->n_revs && i < 64; i++)
        if (a->revs[i].rev == rev)
            return true;
    return false;
}

/* On its way when the power was cut, and known to nobody since. */
static bool is_orphan(const struct sim *sim, const struct alert *alert)
{
    bool just_cut = sim->platform->cut_at && sim->now - sim->platform->cut_at < SECOND;
    return just_cut && alert->flags & ALERT_NOT_DURABLE && store_rev(sim, alert->id) < alert->rev;
}

void platform_publish(struct sim *sim, unsigned which, const struct alert *alert)
{
    /* The application may be away behind its broker: what it does not take is gone for it, PUBACK or not. */
    if (alert->class_ == GW_EMERGENCY && alert->state == ALERT_RAISED && !sim->quiet &&
        sim_chance(sim, sim->rates.puback_lost)) {
        struct platform *p = sim->platform;
        if (p->n_missed < 64 && !has_revision(find(sim, alert->id), alert->rev) && !is_orphan(sim, alert)) {
            p->missed[p->n_missed++] = (struct missed){alert->id, alert->episode, alert->rev};
            say(sim, "the application misses %s %s rev %u", alert->kind, alert->key, alert->rev);
        }
        return;
    }
    bool asks = alert->class_ == GW_EMERGENCY && alert->state == ALERT_RAISED;
    /* A person's word on it comes back with all that it was by then. */
    if (asks || alert->flags & ALERT_ACKED || alert->state == ALERT_CLOSED)
        no_longer_missed(sim, alert->id, alert->rev);
    struct platform_alert *a = find(sim, alert->id);
    bool first = !a;
    if (!a)
        a = make(sim, alert);
    sim->counts.alerts += first;
    if (known(sim, a, alert)) {
        if (asks)
            consider(sim, which, a, true, false);
        return;
    }
    take_news(a, alert);
    say(sim, "platform hears %s %s %s rev %u count %u %s%s", a->detector, a->kind, a->key, alert->rev, alert->count,
        alert_state_name(alert->state), which ? " (backup)" : "");
    consider(sim, which, a, asks, first);
}

/* What was answered without the disk, and the disk has not got it since, is gone. */
void platform_forget_acks(struct sim *sim)
{
    struct platform *p = sim->platform;
    for (size_t i = 0; i < p->n; i++)
        if (p->alert[i].ack_weak && !store_acked(sim, p->alert[i].id))
            p->alert[i].ack_ok = p->alert[i].ack_weak = false;
}

/* The power is cut: what neither the disk nor, of its reading, the log has is known to nobody but the broker. Nor is
 * what a dead disk was not told of. */
void platform_power_cut(struct sim *sim, bool disk_answers)
{
    struct platform *p = sim->platform;
    p->cut_at = sim->now;
    for (unsigned i = p->n_missed; i-- > 0;)
        if (store_rev(sim, p->missed[i].id) < p->missed[i].rev &&
            (!disk_answers || !store_logged(sim, p->missed[i].episode)))
            p->missed[i] = p->missed[--p->n_missed];
    platform_forget_acks(sim);
}

unsigned platform_missed(struct sim *sim)
{
    const struct platform *p = sim->platform;
    for (unsigned i = 0; i < p->n_missed; i++)
        say(sim, "never again: revision %u of %016llx", p->missed[i].rev, (unsigned long long)p->missed[i].id);
    return p->n_missed;
}

void platform_reply(struct sim *sim, const struct frame_command *command, const struct frame_reply *reply)
{
    struct platform_alert *a = find(sim, command->alert);
    if (!a || command->verb != VERB_ACK || !reply->ok)
        return;
    a->ack_weak = !a->ack_ok && !checks_disk_answers(sim);
    a->ack_ok = true;
}
