/* store_sync.c - what is written to the disk, when, and what is told of it. */
#include <stdlib.h>
#include <string.h>

#include "store_process.h"

void store_mirror_the_log(struct sim *sim, struct store_process *p)
{
    struct mirror_log log = {.last_id = store_last_id(store_history_of(sim, p)),
                             .last_log = store_last_log(store_history_of(sim, p))};
    if (p->has_boot)
        log.boot = p->boot;
    memcpy(log.boot_id, p->config.boot_id, sizeof(log.boot_id));
    mirror_put_log(p->mirror, &log);
}

static void remember_boot(struct store *store, const struct frame_boot *boot)
{
    unsigned i = 0;
    while (i < store->n_all_boots && store->all_boots[i].boot.boot != boot->boot)
        i++;
    if (i == BOOTS)
        abort();
    store->n_all_boots += i == store->n_all_boots;
    store->all_boots[i].boot = *boot;
}

void store_apply_alerts(struct sim *sim, struct store_process *p)
{
    struct alerts_file *file = store_alerts_of(sim, p);
    bool over = false;
    for (unsigned i = 0; i < p->n_changes; i++) {
        const struct change *c = &p->change[i];
        over |= c->type == FRAME_STORE_FORGET;
        if (c->type == FRAME_STORE_COMMIT) {
            over |= c->commit.alert.state >= ALERT_CANCELLED;
            file_put(file, &c->commit.alert, c->commit.pending);
            if (c->commit.has_cursor)
                file_cursor(file, &c->commit.cursor);
        } else if (c->type == FRAME_STORE_FORGET) {
            file_forget(file, &c->forget);
        } else {
            file_boot(file, &c->boot, p->config.boot_id);
            remember_boot(sim->store, &c->boot);
        }
    }
    for (unsigned i = 0; i < p->n_cursors; i++)
        file_cursor(file, &p->cursor[i]);
    if (over && !p->alerts_memory)
        mirror_trim(p->mirror, ALERTS_CLOSED_TOLD, ALERTS_CLOSED_TOLD_MS);
    p->n_changes = p->n_cursors = 0;
}

/* After history.db was lost the core sends again what its tail still has. */
static bool was_here(const struct history_file *ever, const struct reading *reading)
{
    for (size_t i = ever->n; i-- > 0 && store_last_id(ever) >= reading->id;)
        if (ever->reading[i].id == reading->id && ever->reading[i].origin == reading->origin)
            return true;
    return false;
}

void store_apply_readings(struct sim *sim, struct store_process *p)
{
    for (size_t i = 0; i < p->queue.n; i++) {
        history_add(store_history_of(sim, p), &p->queue.reading[i]);
        if (!p->history_memory && !was_here(&sim->store->ever, &p->queue.reading[i]))
            history_add(&sim->store->ever, &p->queue.reading[i]);
    }
    p->queue.n = 0;
}

static void done(struct sim *sim, unsigned worker, enum store_done what, uint64_t token, bool failed)
{
    struct store_process *p = sim->proc[worker].state;
    struct frame_done *d = &frame_init(&p->out, FRAME_STORE_DONE)->done;
    d->token = token;
    d->what = what;
    d->failed = failed;
    daemon_say(sim, worker, &p->out);
}

static void readings_synced(struct sim *sim, unsigned worker)
{
    struct store_process *p = sim->proc[worker].state;
    bool ok = store_disk_works(sim) || p->history_memory;
    p->readings_now = false;
    p->readings_due = NEVER_AT;
    if (ok)
        store_apply_readings(sim, p);
    else
        store_set_due(sim, &p->readings_due, RETRY_MS);
    if (ok)
        store_mirror_the_log(sim, p);
    uint64_t last = store_last_id(store_history_of(sim, p));
    if (p->readings_said)
        done(sim, worker, STORE_DONE_READINGS, p->taken > last && ok ? p->taken : last, !ok || p->history_memory);
    p->readings_said = !ok;
}

static void alerts_synced(struct sim *sim, unsigned worker)
{
    struct store_process *p = sim->proc[worker].state;
    bool ok = store_disk_works(sim) || p->alerts_memory;
    p->alerts_now = false;
    p->alerts_due = p->cursors_due = NEVER_AT;
    if (ok)
        store_apply_alerts(sim, p);
    p->n_changes = 0; /* rolled back; the core commits again */
    if (p->n_cursors)
        store_set_due(sim, &p->cursors_due, CURSORS_MS);
    unsigned n = p->n_tokens;
    p->n_tokens = 0;
    for (unsigned i = 0; i < n; i++)
        done(sim, worker, STORE_DONE_COMMIT, p->token[i], !ok || p->alerts_memory);
}

void store_end_job(struct sim *sim, unsigned worker)
{
    struct store_process *p = sim->proc[worker].state;
    if (p->job == JOB_READINGS)
        readings_synced(sim, worker);
    else if (p->job == JOB_ALERTS)
        alerts_synced(sim, worker);
    p->job = NO_JOB;
}

static bool begin_job(struct sim *sim, unsigned worker, int job)
{
    struct store_process *p = sim->proc[worker].state;
    p->job = job;
    int64_t takes = sim->store->slow_ms ? (int64_t)sim_below(sim, (uint64_t)sim->store->slow_ms * 2)
                                        : 1 + (int64_t)sim_below(sim, 12);
    sim->proc[worker].busy_until = sim->now + takes;
    return true;
}

/* What was asked for at once, readings first; then what is due. True: the disk is at work. */
bool store_work(struct sim *sim, unsigned worker)
{
    struct store_process *p = sim->proc[worker].state;
    int64_t now = sim->now;
    if (p->readings_now || (p->alerts_now && store_disk_works(sim) && p->queue.n > 0) || now >= p->readings_due)
        return begin_job(sim, worker, JOB_READINGS);
    if (p->alerts_now || now >= p->alerts_due || now >= p->cursors_due)
        return begin_job(sim, worker, JOB_ALERTS);
    return false;
}
