/* checks.c - what must hold after every step (DESIGN part 3; the README of this folder lists them). The only file here
 * that looks into the core's memory. */
#include "checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/state.h"

struct checks *checks_create(void)
{
    struct checks *checks = calloc(1, sizeof(*checks));
    if (!checks)
        abort();
    return checks;
}

void checks_destroy(struct checks *checks)
{
    free(checks->call);
    free(checks->era);
    free(checks->cut);
    free(checks->untimed);
    free(checks->blur);
    free(checks->began);
    free(checks->guess);
    free(checks);
}

static void *grow(void *array, size_t n, size_t size)
{
    if (n & (n - 1) || (n && n < 16))
        return array;
    array = realloc(array, (n ? 2 * n : 16) * size);
    if (!array)
        abort();
    return array;
}

/* ---- a boot, a core ---- */

void checks_boot(struct sim *sim)
{
    struct checks *c = sim->checks;
    sim->boots++;
    snprintf(sim->boot_id, sizeof(sim->boot_id), "%08llx-0000-4000-8000-%012u",
             (unsigned long long)(sim_random(sim) & UINT32_MAX), sim->boots);
    sim->boot_at = sim->now - (10 * SECOND + (int64_t)sim_below(sim, 20000));
    faults_boot(sim);
    c->has_offset = c->without_memory = false;
    c->raised = false;
}

void checks_core_begins(struct sim *sim)
{
    sim->checks->live = false;
}

bool checks_same_call(const struct call *a, const struct call *b)
{
    return a->origin == b->origin || (a->message && a->message == b->message);
}

static bool is_logged(const struct sim *sim, const struct call *call)
{
    const struct checks *c = sim->checks;
    for (size_t i = c->n_calls; i-- > 0;)
        if (checks_same_call(&c->call[i], call) && store_logged(sim, c->call[i].origin))
            return true;
    return false;
}

/* In a power cut the rings go: what was neither accepted nor on the disk is nobody's promise. */
static void forgive_unaccepted(struct sim *sim)
{
    struct checks *c = sim->checks;
    for (size_t i = c->n_calls; i-- > 0;)
        if (!c->call[i].accepted && !c->call[i].gone && !is_logged(sim, &c->call[i]))
            c->call[i].gone = true;
    for (size_t i = c->n_calls; i-- > 0;) /* no ring gives it again */
        c->call[i].again -= c->call[i].gone && c->call[i].again && c->call[i].again_at == sim->now;
}

static bool is_of_or_after(const struct call *call, const struct alert *a)
{
    bool same_button = call->sensor[0] == '\0' || strcmp(call->sensor, a->key) == 0;
    return call->origin >> 32 == a->episode >> 32 && same_button && call->origin >= a->episode;
}

/* Where a person has answered a run that began without memory, and the disk has not got that since, the next one, to
 * which the ring or the log gives the calls again, counts its calls onto an alert before, or those after it onto it.
 * And where the disk has had an alert all the time that nobody has answered, it counts them onto that. */
static void forgive_counted_again(struct sim *sim)
{
    struct checks *c = sim->checks;
    const struct core *core = sim->core;
    for (unsigned i = 0; i < core->alerts_top; i++) {
        const struct alert *a = &core->alerts[i].alert;
        bool answered = a->flags & ALERT_ACKED || a->state >= ALERT_CANCELLED || store_counts_onto(sim, a);
        if (!core->alerts[i].used || !(a->flags & ALERT_MOMENTARY) || !answered || store_rev(sim, a->id) >= a->rev)
            continue;
        for (size_t k = c->n_calls; k-- > 0;)
            if (!c->call[k].gone && is_of_or_after(&c->call[k], a)) {
                c->call[k].again++;
                c->call[k].again_at = sim->now;
            }
    }
}

/* The rings keep what the disk has not got, but the next run begins behind all that was promised in this one. */
static void note_untimed(struct sim *sim)
{
    struct checks *c = sim->checks;
    const struct reading *log;
    size_t n = store_log(sim, &log);
    c->untimed = grow(c->untimed, c->n_untimed, sizeof(*c->untimed));
    c->untimed[c->n_untimed++] = (struct untimed){n ? log[n - 1].at : 0, c->last_log};
}

void checks_core_dies(struct sim *sim)
{
    struct checks *c = sim->checks;
    if (sim->core && sim->core->store.degraded)
        note_untimed(sim);
    if (sim->core && sim->core->timeline.without_memory_from) {
        c->without_memory |= sim->core->timeline.without_memory;
        platform_forget_acks(sim);
        forgive_counted_again(sim);
    }
    if (sim->core && !sim->core->ready_told)
        c->has_offset = false; /* nobody has heard of its log's time: the next run of the boot begins anew */
    c->live = false;
}

void checks_power_cut(struct sim *sim)
{
    struct checks *c = sim->checks;
    c->cut = grow(c->cut, c->n_cuts, sizeof(*c->cut));
    c->cut[c->n_cuts++] = (struct cut){NEVER_AT, c->last_log, c->n_eras};
    forgive_unaccepted(sim);
}

void checks_disk_lost(struct sim *sim, bool alerts)
{
    if (alerts)
        sim->checks->alerts_lost = true;
    else
        sim->checks->history_lost = true;
}

bool checks_begun_anew(const struct sim *sim)
{
    return sim->checks->alerts_lost && sim->checks->history_lost;
}

static bool stays(const struct sim *sim, const char *detector)
{
    const struct settings *settings = home_settings(sim);
    for (uint32_t d = 0; d < settings->n_detectors; d++)
        if (strcmp(settings->detectors[d].name, detector) == 0)
            return true;
    return false;
}

static bool owes_an_answer(const struct sim *sim, const char *detector)
{
    for (unsigned i = 0; i < DETECTORS_MAX; i++) {
        const struct detector *d = &sim->core->detectors[i];
        if (d->settings && d->busy && strcmp(d->settings->name, detector) == 0)
            return true;
    }
    return false;
}

/* Up to when it says what it was configured for: up to its cursor if it stays, or is taken away with a batch
 * unanswered; else up to the reload, in whose own ms a reading may come before it or behind it. */
static int64_t border_of(const struct sim *sim, const struct known_cursor *known)
{
    bool by_cursor = stays(sim, known->detector) || owes_an_answer(sim, known->detector);
    return by_cursor ? known->until : sim->checks->last_log - 1;
}

void checks_reload(struct sim *sim)
{
    struct checks *c = sim->checks;
    c->era = grow(c->era, c->n_eras, sizeof(*c->era));
    struct era *era = &c->era[c->n_eras++];
    bool knows = sim->core->timeline.started && !sim->core->timeline.without_memory;
    *era = (struct era){.variant = home_variant(sim), .from = knows ? c->last_log : NEVER_AT};
    for (uint32_t i = 0; knows && i < sim->core->n_cursors && era->n_seen < ERA_DETECTORS; i++) {
        const struct known_cursor *known = &sim->core->cursors[i];
        text_copy(era->seen[era->n_seen].name, NAME_SIZE, known->detector);
        era->seen[era->n_seen++].until = border_of(sim, known);
    }
}

/* ---- calls on their way in ---- */

/* The only wires that pull a level into a ring as something new are the bed's, which calls nobody, and the cord's. */
static bool is_pull(const struct sim *sim, const struct reading *r)
{
    bool pulled = r->type == GW_VALUE && r->value != 0 && !(r->flags & GW_INITIAL);
    return pulled && sim->core && strcmp(sim->core->sensors[r->sensor].name, "cord") == 0;
}

static bool is_message(const struct reading *r)
{
    return r->type == GW_EVENT && r->value != GW_EVENT_RELEASE;
}

void checks_ring_put(struct sim *sim, const struct reading *r, uint64_t message, bool retained)
{
    struct checks *c = sim->checks;
    bool pull = is_pull(sim, r);
    if (!pull && !is_message(r))
        return;
    if (retained && !pull)
        broken(sim, "a retained message became a press");
    c->call = grow(c->call, c->n_calls, sizeof(*c->call));
    c->call[c->n_calls++] = (struct call){.origin = r->origin, .message = message};
    if (sim->core)
        text_copy(c->call[c->n_calls - 1].sensor, NAME_SIZE, sim->core->sensors[r->sensor].name);
    sim->counts.accepted++;
}

void checks_acked(struct sim *sim, uint64_t message, bool press)
{
    struct checks *c = sim->checks;
    bool durable = sim->core && !sim->core->store.degraded, taken = false;
    for (size_t i = c->n_calls; i-- > 0;) {
        if (c->call[i].message != message)
            continue;
        c->call[i].accepted |= durable;
        taken = true;
    }
    if (press && !taken)
        broken(sim, "a press is acknowledged to the local broker, and no ring has it");
}

/* ---- what the core says ---- */

static void note_commit(struct sim *sim, const struct alert *a)
{
    if (sim->verbose)
        say(sim, "commit %016llx %s %s rev %u count %u %s", (unsigned long long)a->id, a->kind, a->key, a->rev,
            a->count, alert_state_name(a->state));
}

static bool could_go(const struct core *core, const struct outbox_entry *e, unsigned u)
{
    return e->used && e->alert.class_ == GW_EMERGENCY && e->pending >> u & 1u && !e->to[u].in_flight &&
           !e->to[u].delivered && core->now >= e->to[u].not_before && (e->committed || core->store.degraded);
}

static void check_send(struct sim *sim, unsigned worker, const struct frame_send *send)
{
    const struct core *core = sim->core;
    unsigned u = worker - WORKER_UPLINK_0, normal = 0, emergencies = 0;
    for (unsigned i = 0; i < OUTBOX_MAX; i++) {
        const struct outbox_entry *e = &core->outbox[i];
        if (!e->used)
            continue;
        bool emergency = e->alert.class_ == GW_EMERGENCY;
        normal += e->to[u].in_flight && !emergency;
        emergencies += e->to[u].in_flight && emergency;
        if (send->alert.class_ != GW_EMERGENCY && could_go(core, e, u))
            broken(sim, "%s %s goes before the emergency %s", send->alert.kind, send->alert.key, e->alert.kind);
    }
    if (normal > NORMAL_IN_FLIGHT || emergencies > EMERGENCIES_IN_FLIGHT)
        broken(sim, "%u messages and %u emergencies are in flight", normal, emergencies);
    if (send->alert.rev > 1 && !core->store.degraded && !send->alert.reserved) {
        for (unsigned i = 0; i < OUTBOX_MAX; i++) {
            const struct outbox_entry *e = &core->outbox[i];
            if (e->used && e->alert.id == send->alert.id && e->alert.rev == send->alert.rev && e->pending &&
                !e->committed)
                broken(sim, "revision %u of %s leaves before it is stored", send->alert.rev, send->alert.kind);
        }
    }
}

static void check_light(struct sim *sim, const struct frame_output_set *set)
{
    const struct platform_alert *alerts;
    if (!set->value)
        return;
    for (size_t n = platform_alerts(sim, &alerts), i = 0; i < n; i++)
        if (alerts[i].ack_sent)
            return;
    broken(sim, "the light says that help knows, and nobody has acknowledged anything");
}

static void check_confirm(struct sim *sim, const struct frame_confirm *confirm)
{
    struct checks *c = sim->checks;
    if (!confirm->urgent || sim->core->store.degraded)
        return;
    for (size_t i = c->n_calls; i-- > 0;)
        if (!c->call[i].message && c->call[i].origin >> 32 == confirm->durable >> 32 &&
            c->call[i].origin <= confirm->durable)
            c->call[i].accepted = true;
}

/* A process is given its first batch, or it begins again with another part of the log. */
static void note_began(struct sim *sim, unsigned worker)
{
    struct checks *c = sim->checks;
    const unsigned place = worker - WORKER_DETECTOR_0;
    const struct detector *d = &sim->core->detectors[place];
    if (!d->settings || d->from_log == c->from_log[place])
        return;
    c->from_log[place] = d->from_log;
    if (d->from_log > c->last_log - d->history)
        broken(sim, "%s is given %lld s of history and needs %lld", d->settings->name,
               (long long)((c->last_log - d->from_log) / SECOND), (long long)(d->history / SECOND));
    c->began = grow(c->began, c->n_began, sizeof(*c->began));
    struct began *began = &c->began[c->n_began++];
    *began = (struct began){.variant = home_variant(sim), .from_log = d->from_log, .at = c->last_log};
    text_copy(began->detector, NAME_SIZE, d->settings->name);
}

void checks_sent(struct sim *sim, unsigned worker, const struct frame *frame)
{
    if (!sim->core)
        return; /* core_create configures the first worker */
    switch (frame->header.type) {
    case FRAME_STORE_CURSOR:
        if (sim->verbose)
            say(sim, "cursor of %s: reading %llu, until %lld", frame->cursor.detector,
                (unsigned long long)frame->cursor.reading, (long long)frame->cursor.until);
        break;
    case FRAME_BATCH:
        note_began(sim, worker);
        break;
    case FRAME_SEND:
        sim->counts.sent++;
        if (sim->verbose)
            say(sim, "%s is given %s %s rev %u (%llx)", sim->proc[worker].name, frame->send.alert.kind,
                frame->send.alert.key, frame->send.alert.rev, (unsigned long long)frame->send.token);
        check_send(sim, worker, &frame->send);
        break;
    case FRAME_STORE_COMMIT:
        note_commit(sim, &frame->commit.alert);
        break;
    case FRAME_OUTPUT_SET:
        check_light(sim, &frame->output_set);
        break;
    case FRAME_CONFIRM:
        check_confirm(sim, &frame->confirm);
        break;
    default:
        break;
    }
}

/* What it says may lie in a time of the log when the disk was still well: the guess is made now. */
static void note_guess(struct sim *sim, unsigned worker, const struct frame_condition *condition)
{
    struct checks *c = sim->checks;
    const struct detector *d = &sim->core->detectors[worker - WORKER_DETECTOR_0];
    bool guesses = d->short_of_memory || !sim->core->store.loaded; /* until then also of a run without memory */
    if (!d->settings || !guesses || !condition->raised || condition->kind >= d->n_alerts)
        return;
    c->guess = grow(c->guess, c->n_guesses, sizeof(*c->guess));
    struct guess *guess = &c->guess[c->n_guesses++];
    guess->episode = condition->episode;
    text_copy(guess->detector, sizeof(guess->detector), d->settings->name);
    text_copy(guess->kind, sizeof(guess->kind), d->alerts[condition->kind].name);
    text_copy(guess->key, sizeof(guess->key), condition->key);
}

void checks_heard(struct sim *sim, unsigned worker, const struct frame *frame)
{
    if (frame->header.type == FRAME_CONDITION)
        note_guess(sim, worker, &frame->condition);
    if (sim->verbose && frame->header.type == FRAME_DELIVERED)
        say(sim, "%s %s %llx", sim->proc[worker].name, frame->delivered.ok ? "has delivered" : "could not deliver",
            (unsigned long long)frame->delivered.token);
    if (sim->verbose && frame->header.type == FRAME_STORE_CURSOR)
        say(sim, "the store knows the cursor of %s: reading %llu, until %lld", frame->cursor.detector,
            (unsigned long long)frame->cursor.reading, (long long)frame->cursor.until);
}

bool checks_disk_answers(const struct sim *sim)
{
    return sim->core && !sim->core->store.degraded && !sim->core->timeline.without_memory;
}

bool checks_guessed(const struct sim *sim)
{
    return sim->checks->without_memory;
}

/* ---- time ---- */

static void check_offset(struct sim *sim)
{
    struct checks *c = sim->checks;
    const struct timeline *t = &sim->core->timeline;
    if (t->without_memory)
        c->without_memory = true; /* its offset is a guess until the store comes */
    if (c->without_memory) {
        c->has_offset = false;
        return;
    }
    if (c->has_offset && t->offset < c->offset)
        broken(sim, "the log's clock is set back by %lld ms", (long long)(c->offset - t->offset));
    if (c->has_offset && t->offset > c->offset && c->raised && !checks_begun_anew(sim))
        broken(sim, "the log's clock is set forward a second time in one boot, by %lld ms",
               (long long)(t->offset - c->offset));
    c->has_offset = true;
    c->offset = t->offset;
    c->raised = t->raised_once;
}

/* What was configured in lost time holds from where the log goes on. */
static void bring_forward(struct era *era, int64_t former)
{
    if (era->from > former)
        era->from = former;
    for (unsigned i = 0; i < era->n_seen; i++)
        if (era->seen[i].until > former)
            era->seen[i].until = former;
}

/* The log goes on where the disk's ended; what was configured while nobody knew of it holds from there on. */
static void note_lost_time(struct sim *sim)
{
    struct checks *c = sim->checks;
    const int64_t former = sim->core->timeline.former;
    if (sim->core->timeline.without_memory)
        return;
    for (size_t i = c->n_cuts; i-- > 0 && c->cut[i].from == NEVER_AT;) {
        c->cut[i].from = former;
        for (size_t k = 0; k < c->cut[i].n_eras; k++)
            bring_forward(&c->era[k], former);
    }
    for (size_t i = c->n_eras; i-- > 0 && c->era[i].from == NEVER_AT;)
        c->era[i].from = former;
}

/* Without the disk a detector begins with what there is in memory, and again when the disk is back. */
static void note_blur(struct sim *sim)
{
    struct checks *c = sim->checks;
    const struct core *core = sim->core;
    bool blurred = core->timeline.without_memory || !core->store.ready || core->store.degraded;
    for (unsigned i = 0; i < DETECTORS_MAX && !blurred; i++)
        blurred = core->detectors[i].settings && core->detectors[i].short_of_memory;
    struct blur *last = c->n_blurs ? &c->blur[c->n_blurs - 1] : NULL;
    bool lasts = last && !last->to;
    if (blurred && !lasts) {
        c->blur = grow(c->blur, c->n_blurs, sizeof(*c->blur));
        c->blur[c->n_blurs++] = (struct blur){c->last_log, 0};
    } else if (!blurred && lasts) {
        last->to = c->last_log;
    }
}

/* ---- what the gateway takes its sensors for ---- */

#define UNDISTURBED (2 * MINUTE)
#define ARRIVED     (10 * SECOND)

static bool hangs(const struct proc *proc, int64_t now)
{
    return !proc->alive || proc->busy_until > now - UNDISTURBED;
}

static void check_level(struct sim *sim, const struct sensor *s)
{
    int64_t since = 0;
    const char *said = s->source == SOURCE_MQTT ? mqtt_retained(sim, s->settings->mqtt.topic, &since) : NULL;
    double is = said ? atof(said) : s->source == SOURCE_GPIO ? gpio_wire(sim, s->settings->gpio.line, &since) : -1;
    if (s->kind == KIND_BUTTON || is < 0 || since > sim->now - ARRIVED)
        return;
    if (!s->at || s->value != is)
        broken(sim, "the gateway takes %s for %g, and it is %g", s->name, s->value, is);
}

/* Two minutes after the last thing that went wrong it must have read every level again. */
static void check_levels(struct sim *sim)
{
    struct checks *c = sim->checks;
    if (sim->now - c->looked < MINUTE || sim->now - sim->disturbed < UNDISTURBED)
        return;
    c->looked = sim->now;
    if (hangs(&sim->proc[WORKER_GPIO], sim->now) || hangs(&sim->proc[WORKER_MQTT], sim->now))
        return;
    for (uint32_t i = 0; i < sim->core->n_sensors; i++)
        if (sim->core->sensors[i].settings)
            check_level(sim, &sim->core->sensors[i]);
}

void checks_step(struct sim *sim)
{
    struct checks *c = sim->checks;
    const struct core *core = sim->core;
    if (!core || !core->timeline.started)
        return;
    check_offset(sim);
    int64_t now = core->now + core->timeline.offset;
    if (c->live && now < c->last_log)
        broken(sim, "log time goes back by %lld ms", (long long)(c->last_log - now));
    c->last_log = now;
    c->live = true;
    note_blur(sim);
    note_lost_time(sim);
    check_levels(sim);
    if (core->outbox_top > OUTBOX_MAX || core->alerts_top > ALERTS_MAX)
        broken(sim, "a queue has no end");
}
