/* oracle.c - the end: what the platform knows against what the same plugins say of the log of accepted readings.
 *
 * Every detector is run over the whole log under each variant of the home that was configured. What it says under the
 * variant of the time must be known to the platform ("must"), away from the borders where more than one answer is
 * right: a reload, a power cut (what was only in memory is gone), a lost database. What the platform knows must have
 * been said under some variant ("may"). */
#include "replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define REOPEN     (10 * MINUTE)
#define SETTLES    (10 * SECOND)
#define DELIVERIES 16

/* Between what the disk had and the power cut: the next run's log goes on without it. */
static bool is_lost_time(const struct sim *sim, int64_t at)
{
    const struct checks *c = sim->checks;
    for (size_t i = 0; i < c->n_cuts; i++)
        if (at > c->cut[i].from && at <= c->cut[i].to)
            return true;
    return false;
}

/* ---- comparing ---- */

static bool same_matter(const struct said *s, const struct platform_alert *a)
{
    return strcmp(s->detector, a->detector) == 0 && strcmp(s->kind, a->kind) == 0 && strcmp(s->key, a->key) == 0;
}

/* Up to when what is said counts onto this alert: while it lasts, and ten minutes longer; a person may close it before.
 */
static int64_t same_alert_until(const struct platform_alert *a)
{
    if (a->ended)
        return a->ended + REOPEN + MINUTE;
    return a->state == ALERT_CLOSED ? a->last_at + MINUTE : INT64_MAX;
}

/* Told under its own episode, or as the same alert true again. */
static bool is_told(const struct sim *sim, const struct said *s)
{
    const struct platform_alert *a;
    for (size_t n = platform_alerts(sim, &a), i = 0; i < n; i++) {
        if (!same_matter(s, &a[i]))
            continue;
        bool merged = a[i].raised <= s->at && s->at <= same_alert_until(&a[i]);
        if (a[i].episode == s->episode || (!s->momentary && merged))
            return true;
    }
    return false;
}

static bool was_said(const struct oracle *o, const struct platform_alert *a)
{
    for (size_t i = 0; i < o->n; i++)
        if (o->said[i].raised && o->said[i].episode == a->episode && same_matter(&o->said[i], a))
            return true;
    return false;
}

/* Said by a detector that ran without its history. */
static bool is_guess(const struct sim *sim, const struct platform_alert *a)
{
    for (size_t i = 0; i < sim->checks->n_guesses; i++) {
        const struct guess *g = &sim->checks->guess[i];
        if (g->episode == a->episode && strcmp(g->detector, a->detector) == 0 && strcmp(g->kind, a->kind) == 0 &&
            strcmp(g->key, a->key) == 0)
            return true;
    }
    return false;
}

/* Told by a run that died with a dead disk, of a reading that the log has only from the next run on. */
static bool is_untimed(const struct sim *sim, const struct platform_alert *a)
{
    const struct checks *c = sim->checks;
    const struct reading *log;
    size_t n = store_log(sim, &log), at = n;
    while (at > 0 && log[at - 1].origin != a->episode)
        at--;
    for (size_t i = 0; at && i < c->n_untimed; i++)
        if (a->raised > c->untimed[i].from && a->raised <= c->untimed[i].to && log[at - 1].at > c->untimed[i].to)
            return true;
    return false;
}

/* Before a failure: what was said of the matter around then. */
static void tell_said(const struct oracle *o, const struct platform_alert *a)
{
    for (size_t i = 0; i < o->n; i++) {
        const struct said *s = &o->said[i];
        if (same_matter(s, a) && s->at > a->raised - HOUR && s->at < a->raised + HOUR)
            say(o->sim, "in variant %u it is %s at %lld s, episode %llx", s->variant, s->raised ? "so" : "over",
                (long long)((s->at - a->raised) / SECOND), (unsigned long long)s->episode);
    }
}

/* And what the log has of the time. */
static void tell_log(const struct oracle *o, int64_t at)
{
    const struct reading *log;
    const struct checks *c = o->sim->checks;
    for (size_t i = 0; i < c->n_cuts; i++)
        if (c->cut[i].to > at - HOUR && c->cut[i].from < at + HOUR)
            say(o->sim, "a power cut took %+lld ms to %+lld ms", (long long)(c->cut[i].from - at),
                (long long)(c->cut[i].to - at));
    for (size_t i = 0; i < c->n_eras; i++)
        if (c->era[i].from > at - HOUR && c->era[i].from < at + HOUR)
            say(o->sim, "variant %u from %+lld ms", c->era[i].variant, (long long)(c->era[i].from - at));
    for (size_t n = store_log(o->sim, &log), i = 0; o->sim->verbose && i < n; i++)
        if (log[i].at > at - HOUR && log[i].at < at + HOUR)
            say(o->sim, "log %llu %+lld ms: %s type %u value %g flags %x boot %u origin %llx",
                (unsigned long long)log[i].id, (long long)(log[i].at - at), store_name(o->sim, log[i].sensor),
                log[i].type, log[i].value, log[i].flags, log[i].boot, (unsigned long long)log[i].origin);
}

/* A power cut takes what the disk did not have; a kill of the core only what the core itself had read: its modes, who
 * is there. No ring keeps that. */
static bool may_be_lost(const struct sim *sim, uint64_t episode)
{
    bool own = episode >> 32 == UINT64_C(1); /* OWN_RING */
    return sim->checks->n_cuts > 0 || (own && sim->counts.core_kills > 0);
}

/* The process that watched then began with less than the whole log, and does not say so: its history goes back a few
 * days of the log's clock, which may have been set forward by more, and a sensor that is back in the home is new. */
static bool could_not_know(struct oracle *o, const struct said *must)
{
    const struct checks *c = o->sim->checks;
    const struct began *watched = NULL;
    for (size_t i = 0; i < c->n_began; i++) {
        const struct began *began = &c->began[i];
        bool before_it = strcmp(began->detector, must->detector) == 0 && began->at <= must->at;
        if (before_it && (!watched || began->at >= watched->at)) /* a run without memory has another clock */
            watched = began;
    }
    if (!watched)
        return false;
    const struct said asked = *must;
    struct began as_configured = *watched; /* a reload that it need not notice leaves it as it is */
    as_configured.variant = asked.variant;
    size_t before = o->n;
    replay_process(o, &as_configured);
    bool says = false;
    for (; o->n > before; o->n--) {
        const struct said *s = &o->said[o->n - 1];
        says |= s->raised && s->episode == asked.episode && strcmp(s->kind, asked.kind) == 0 &&
                strcmp(s->key, asked.key) == 0;
    }
    return !says;
}

static void compare_levels(struct oracle *o)
{
    for (size_t i = 0; i < o->n; i++) {
        const struct said *s = &o->said[i];
        if (s->must && s->raised && !s->momentary && !is_told(o->sim, s) && !could_not_know(o, s)) {
            tell_log(o, s->at);
            struct platform_alert as_told = {.raised = s->at};
            text_copy(as_told.detector, NAME_SIZE, s->detector);
            text_copy(as_told.kind, NAME_SIZE, s->kind);
            text_copy(as_told.key, sizeof(as_told.key), s->key);
            tell_said(o, &as_told);
            broken(o->sim, "the platform never heard of %s %s %s (log time %lld)", s->detector, s->kind, s->key,
                   (long long)s->at);
        }
    }
}

/* By a process that began with less than the whole log: its history goes back a few days of the log's clock, which may
 * have been set forward by more, and a sensor that is back in the home is new to it. */
static bool was_said_by_a_process(struct oracle *o, const struct platform_alert *a)
{
    const struct checks *c = o->sim->checks;
    for (size_t i = 0; i < c->n_began && !was_said(o, a); i++)
        if (strcmp(c->began[i].detector, a->detector) == 0 && c->began[i].from_log <= a->raised)
            replay_process(o, &c->began[i]);
    return was_said(o, a);
}

/* Nothing that was not the case. An alarm of a reading that a power cut took out of the log had its cause. */
static void compare_alerts(struct oracle *o)
{
    const struct platform_alert *a;
    for (size_t n = platform_alerts(o->sim, &a), i = 0; i < n; i++) {
        if (strcmp(a[i].detector, "gateway") == 0 || a[i].guessed || was_said(o, &a[i]) ||
            replay_follows_the_clock(o->sim, a[i].kind))
            continue;
        bool lost = may_be_lost(o->sim, a[i].episode) && !store_logged(o->sim, a[i].episode);
        bool blind = is_lost_time(o->sim, a[i].raised) || is_untimed(o->sim, &a[i]) || is_guess(o->sim, &a[i]);
        if (!lost && !blind && !was_said_by_a_process(o, &a[i])) {
            tell_said(o, &a[i]);
            tell_log(o, a[i].raised);
            broken(o->sim, "false alarm: %s %s %s (log time %lld, episode %llx)", a[i].detector, a[i].kind, a[i].key,
                   (long long)a[i].raised, (unsigned long long)a[i].episode);
        }
    }
}

/* Before a failure: each call that the log has, and what came of it. */
static void tell_calls(const struct oracle *o, const char *kind, const char *key)
{
    const struct platform_alert *a;
    for (size_t i = 0; i < o->n; i++)
        if (o->said[i].variant == home_variant(o->sim) && strcmp(o->said[i].kind, kind) == 0 &&
            strcmp(o->said[i].key, key) == 0)
            say(o->sim, "called at log time %lld, episode %llx", (long long)o->said[i].at,
                (unsigned long long)o->said[i].episode);
    for (size_t n = platform_alerts(o->sim, &a), i = 0; i < n; i++)
        if (strcmp(a[i].kind, kind) == 0 && strcmp(a[i].key, key) == 0)
            say(o->sim, "told at log time %lld, episode %llx, %u times", (long long)a[i].raised,
                (unsigned long long)a[i].episode, a[i].count);
}

/* Calls are counted: as many as the log has, no more. */
static void compare_calls(struct oracle *o, const char *kind, const char *key)
{
    const struct platform_alert *a;
    uint64_t told = 0, must = 0;
    unsigned now = home_variant(o->sim);
    for (size_t n = platform_alerts(o->sim, &a), i = 0; i < n; i++)
        if (strcmp(a[i].detector, "call") == 0 && strcmp(a[i].kind, kind) == 0 && strcmp(a[i].key, key) == 0)
            told += a[i].count;
    for (size_t i = 0; i < o->n; i++) {
        const struct said *s = &o->said[i];
        if (s->variant != now || !s->raised || strcmp(s->kind, kind) != 0 || strcmp(s->key, key) != 0)
            continue;
        must++;
    }
    if (told != must)
        tell_calls(o, kind, key);
    if (told < must)
        broken(o->sim, "of %llu calls (%s, %s) the platform knows %llu", (unsigned long long)must, kind, key,
               (unsigned long long)told);
    uint64_t may = must;
    for (size_t i = 0; i < o->sim->checks->n_calls; i++)
        if (!o->sim->checks->call[i].sensor[0] || strcmp(o->sim->checks->call[i].sensor, key) == 0)
            may += o->sim->checks->call[i].gone + o->sim->checks->call[i].again;
    if (told > may)
        broken(o->sim, "%llu calls (%s, %s) were told as %llu", (unsigned long long)may, kind, key,
               (unsigned long long)told);
}

/* ---- accepted is never lost ---- */

/* The origins under which the call came into a ring, as often as it was delivered. */
static unsigned origins_of(const struct sim *sim, const struct call *call, uint64_t origin[DELIVERIES])
{
    const struct checks *c = sim->checks;
    unsigned n = 0;
    for (size_t i = 0; i < c->n_calls && n < DELIVERIES; i++)
        if (checks_same_call(&c->call[i], call))
            origin[n++] = c->call[i].origin;
    return n;
}

/* How often the log has the call. What was in a file that was set aside is not known any more: its ring gives it again.
 */
static unsigned times_in_the_log(struct sim *sim, const struct call *call)
{
    const struct reading *log;
    size_t n = store_log(sim, &log);
    unsigned times = 0, most = 0, file = 0;
    uint64_t origin[DELIVERIES];
    const unsigned n_origins = origins_of(sim, call, origin);
    for (size_t k = 0; k < n; k++) {
        unsigned of = 0;
        while (of < n_origins && origin[of] != log[k].origin)
            of++;
        if (of == n_origins)
            continue;
        times = store_file_of(sim, k) == file ? times + 1 : 1;
        file = store_file_of(sim, k);
        most = times > most ? times : most;
        if (times > 1)
            say(sim, "again in the log: reading %llu, origin %llx, key %llx, type %u, value %g, boot %u, log time %lld",
                (unsigned long long)log[k].id, (unsigned long long)log[k].origin, (unsigned long long)log[k].source_key,
                log[k].type, log[k].value, log[k].boot, (long long)log[k].at);
    }
    return most;
}

static void compare_accepted(struct sim *sim)
{
    const struct checks *c = sim->checks;
    for (size_t i = 0; i < c->n_calls; i++) {
        unsigned times = c->call[i].gone ? 1 : times_in_the_log(sim, &c->call[i]);
        if (times == 0)
            broken(sim, "an accepted call (origin %llx) is in no log", (unsigned long long)c->call[i].origin);
        else if (times > 1)
            broken(sim, "a call (origin %llx) is in the log %u times", (unsigned long long)c->call[i].origin, times);
    }
}

static void compare_levels_of_sensors(struct sim *sim)
{
    const struct reading *log;
    size_t n = store_log(sim, &log);
    const struct settings *settings = home_settings(sim);
    for (uint32_t i = 0; i < settings->n_sensors; i++) {
        const char *name = settings->sensors[i].name;
        int is = devices_level(sim, name);
        unsigned number = replay_number_of(sim, name);
        size_t k = n;
        while (k > 0 && (log[k - 1].sensor != number || log[k - 1].type != GW_VALUE || log[k - 1].flags & GW_TEST))
            k--;
        if (is >= 0 && k > 0 && log[k - 1].value != is)
            broken(sim, "the gateway takes %s for %d, and it is %d", name, (int)log[k - 1].value, is);
    }
}

static void compare_acknowledged(struct sim *sim)
{
    const struct platform_alert *a;
    if (platform_missed(sim) && !sim->checks->alerts_lost)
        broken(sim, "%u emergencies that the application missed were never sent again", platform_missed(sim));
    for (size_t n = platform_alerts(sim, &a), i = 0; i < n; i++) {
        bool again = strncmp(a[i].kind, "mode-", 5) == 0; /* ordered anew: what was answered to the old order is void */
        if (a[i].ack_ok && !again && !sim->checks->alerts_lost && !(a[i].flags & ALERT_ACKED) &&
            a[i].state < ALERT_CANCELLED)
            broken(sim, "an acknowledgement that was answered with ok is lost: %s %s (%016llx)", a[i].kind, a[i].key,
                   (unsigned long long)a[i].id);
    }
}

static bool in_an_open_list(const struct sim *sim, uint64_t id)
{
    const struct alert *open;
    for (unsigned which = 0; which < PLATFORMS; which++)
        for (unsigned n = platform_read_open_list(sim, which, &open), i = 0; i < n; i++)
            if (open[i].id == id)
                return true;
    return false;
}

static bool ended(const struct platform_alert *a)
{
    return a->flags & ALERT_ENDED || a->state == ALERT_CLOSED || a->state == ALERT_CANCELLED;
}

/* A first raise may leave before it is stored, and every revision while the disk is dead, and says so: a power cut just
 * then, and the gateway knows nothing of it any more. The retained list says that. */
static bool is_forgotten(const struct sim *sim, const struct platform_alert *a)
{
    return a->flags & ALERT_NOT_DURABLE && sim->checks->n_cuts > 0 && store_rev(sim, a->id) < a->rev &&
           !in_an_open_list(sim, a->id);
}

/* Its end was told while the disk was dead, and said so; the power cut took the end out of the log, and the retained
 * list says that it lasts. */
static bool is_taken_back(const struct sim *sim, const struct platform_alert *a)
{
    return a->flags & ALERT_NOT_DURABLE && sim->checks->n_cuts > 0 && store_rev(sim, a->id) < a->rev &&
           in_an_open_list(sim, a->id);
}

/* Its end was told by a run that died with a dead disk: the rings gave it to the next run, with all that came after it,
 * as of one moment. */
static bool ended_untimed(const struct sim *sim, const struct platform_alert *a)
{
    const struct checks *c = sim->checks;
    for (size_t i = 0; a->ended && i < c->n_untimed; i++)
        if (a->ended > c->untimed[i].from && a->ended <= c->untimed[i].to)
            return true;
    return false;
}

/* Told, and neither over nor cancelled; or a person has closed it. */
static bool is_held(const struct sim *sim, const struct said *last)
{
    const struct platform_alert *a;
    for (size_t n = platform_alerts(sim, &a), i = 0; i < n; i++)
        if (same_matter(last, &a[i]) && (!ended(&a[i]) || is_taken_back(sim, &a[i]) || ended_untimed(sim, &a[i]) ||
                                         (a[i].state == ALERT_CLOSED && !(a[i].flags & ALERT_ENDED))))
            return true;
    return false;
}

/* What is true of the matter at the end, as it is configured then; NULL: nothing was ever said. */
static const struct said *last_of(const struct oracle *o, const struct said *of, const struct platform_alert *a)
{
    for (size_t k = o->n; k > 0; k--) {
        const struct said *s = &o->said[k - 1];
        if (s->variant != home_variant(o->sim))
            continue;
        bool same = a ? same_matter(s, a)
                      : strcmp(s->detector, of->detector) == 0 && strcmp(s->kind, of->kind) == 0 &&
                            strcmp(s->key, of->key) == 0;
        if (same)
            return s;
    }
    return NULL;
}

/* What the settings of its time did not find: they were other ones, or had no such sensor. The detector that a reload
 * has changed begins at its cursor, and what it finds before that it does not tell: see the README. */
static bool was_no_matter_then(const struct oracle *o, const struct said *s)
{
    unsigned then = replay_variant_at(o->sim, s->detector, s->at);
    for (size_t k = 0; k < o->n; k++) {
        const struct said *other = &o->said[k];
        if (other->variant == then && other->raised && other->episode == s->episode &&
            strcmp(other->detector, s->detector) == 0 && strcmp(other->kind, s->kind) == 0 &&
            strcmp(other->key, s->key) == 0)
            return false;
    }
    return true;
}

/* A level that is over must be over at the platform, and one that lasts must not. */
static void compare_ends(struct oracle *o)
{
    const struct platform_alert *a;
    for (size_t n = platform_alerts(o->sim, &a), i = 0; i < n; i++) {
        const struct said *last = last_of(o, NULL, &a[i]);
        if (!last || last->momentary || last->raised || replay_follows_the_clock(o->sim, a[i].kind) ||
            last->at > o->sim->checks->last_log - SETTLES)
            continue;
        if (!ended(&a[i]) && !is_forgotten(o->sim, &a[i])) {
            tell_said(o, &a[i]);
            broken(o->sim, "%s %s is over, and the platform still holds it open", a[i].detector, a[i].kind);
        }
    }
    for (size_t k = 0; k < o->n; k++) {
        const struct said *s = &o->said[k];
        if (s->raised && !s->momentary && s->at < o->sim->checks->last_log - SETTLES && s == last_of(o, s, NULL) &&
            !replay_follows_the_clock(o->sim, s->kind) && !is_held(o->sim, s) && !was_no_matter_then(o, s))
            broken(o->sim, "%s %s lasts, and the platform does not hold it open (log time %lld)", s->detector, s->kind,
                   (long long)s->at);
    }
}

static void tell_what_was_compared(const struct oracle *o)
{
    size_t must = 0, levels = 0;
    for (size_t i = 0; i < o->n; i++) {
        must += o->said[i].must && o->said[i].raised;
        levels += o->said[i].must && o->said[i].raised && !o->said[i].momentary;
    }
    say(o->sim, "compared: %zu conditions, %zu raised for certain, %zu of them levels", o->n, must, levels);
}

void oracle_compare(struct sim *sim)
{
    struct oracle o = {.sim = sim};
    o.said = calloc(SAID_MAX, sizeof(*o.said));
    if (!o.said)
        abort();
    compare_accepted(sim);
    compare_levels_of_sensors(sim);
    compare_acknowledged(sim);
    replay_variants(&o);
    if (!sim->checks->history_lost && !sim->checks->alerts_lost) {
        compare_levels(&o);
        compare_alerts(&o);
        compare_calls(&o, "call", "button");
        compare_calls(&o, "cord", "cord");
        compare_ends(&o);
    }
    if (sim->verbose)
        tell_what_was_compared(&o);
    free(o.said);
}
