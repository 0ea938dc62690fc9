/* store_start.c - what the store says first: its files and its mirror, as store_start.c of the real one tells them. */
#include <stdlib.h>
#include <string.h>

#include "store_process.h"

/* A newer revision than the file has, or a raise that is kept beside a newer one. */
static bool mirror_knows_better(const struct alerts_file *file, const struct alert *alert, uint32_t pending)
{
    uint32_t known = file_rev(file, alert->id);
    bool raise = alert->class_ == GW_EMERGENCY && alert->state == ALERT_RAISED && pending, live = false;
    for (unsigned i = 0; i < file->n; i++) {
        const struct row *row = &file->row[i];
        live |= row->alert.id == alert->id && row->live;
        raise &= row->alert.id != alert->id || row->alert.rev != alert->rev;
    }
    return known < alert->rev || (raise && live);
}

static void merge_mirror(struct sim *sim, struct store_process *p, bool recovered)
{
    struct alerts_file *file = store_alerts_of(sim, p);
    struct alert alert;
    struct frame_cursor cursor;
    uint32_t pending;
    for (unsigned place = 0; mirror_next(p->mirror, &place, &alert, &pending);) {
        if (!mirror_knows_better(file, &alert, pending))
            continue;
        alert.flags |= recovered ? ALERT_RECOVERED : 0;
        file_put(file, &alert, pending);
    }
    for (unsigned place = 0; mirror_next_cursor(p->mirror, &place, &cursor);)
        store_note_cursor(p, &cursor);
}

static void find_boot(struct sim *sim, struct store_process *p, const struct mirror_log *mirrored, uint32_t highest)
{
    const struct alerts_file *file = store_alerts_of(sim, p);
    for (unsigned i = 0; i < file->n_boots; i++)
        if (strcmp(file->boot[i].id, p->config.boot_id) == 0) {
            p->boot = file->boot[i].boot;
            p->has_boot = true;
            return;
        }
    p->has_boot = mirrored->boot.boot && strcmp(mirrored->boot_id, p->config.boot_id) == 0;
    p->boot = p->has_boot ? mirrored->boot : (struct frame_boot){.boot = highest + 1};
}

static void raise_to(struct frame_store_state *state, uint64_t id, int64_t log)
{
    state->last_id = id > state->last_id ? id : state->last_id;
    state->last_log = log > state->last_log ? log : state->last_log;
}

static uint32_t gather(struct sim *sim, struct store_process *p, const struct mirror_log *mirrored,
                       struct frame_store_state *state)
{
    const struct alerts_file *file = store_alerts_of(sim, p);
    const struct history_file *history = store_history_of(sim, p);
    uint32_t boot = mirrored->boot.boot;
    state->stored_id = store_last_id(history);
    raise_to(state, store_last_id(history), store_last_log(history));
    raise_to(state, mirrored->last_id, mirrored->last_log);
    for (unsigned i = 0; i < file->n; i++)
        raise_to(state, file->row[i].alert.reading, file->row[i].alert.at);
    for (unsigned i = 0; i < p->n_cursors; i++)
        raise_to(state, p->cursor[i].reading, p->cursor[i].until);
    for (unsigned i = 0; i < file->n_boots; i++)
        boot = file->boot[i].boot.boot > boot ? file->boot[i].boot.boot : boot;
    if (history->n && history->reading[history->n - 1].boot > boot)
        boot = history->reading[history->n - 1].boot;
    return boot;
}

static void send_state(struct sim *sim, unsigned worker, uint32_t alerts_state, uint32_t history_state)
{
    struct store_process *p = sim->proc[worker].state;
    struct frame_store_state *state = &frame_init(&p->out, FRAME_STORE_STATE)->store_state;
    struct mirror_log mirrored = {0};
    mirror_log(p->mirror, &mirrored);
    uint32_t boot = gather(sim, p, &mirrored, state);
    find_boot(sim, p, &mirrored, boot);
    state->boot = p->boot.boot;
    state->known_boot = p->has_boot;
    state->boot_offset = p->boot.boot_offset;
    state->wall_minus_log = p->boot.wall_minus_log;
    state->clock = p->boot.clock;
    state->raised_once = p->boot.raised_once;
    state->raised_from = p->boot.raised_from;
    state->raised_by = p->boot.raised_by;
    state->alerts_file = alerts_state;
    state->history_file = history_state;
    daemon_say(sim, worker, &p->out);
}

static void send_rings_and_keys(struct sim *sim, unsigned worker)
{
    struct store_process *p = sim->proc[worker].state;
    const struct history_file *history = store_history_of(sim, p);
    uint64_t ring[RINGS], key[SOURCE_KEYS_MAX];
    unsigned n = 0, keys = 0;
    for (size_t i = history->n; i-- > 0;) {
        const struct reading *r = &history->reading[i];
        unsigned k = 0;
        while (k < n && ring[k] >> 32 != r->origin >> 32)
            k++;
        if (k == n && n < RINGS)
            ring[n++] = r->origin;
        else if (k < n && r->origin > ring[k])
            ring[k] = r->origin;
        if (r->source_key && keys < SOURCE_KEYS_MAX)
            key[keys++] = r->source_key;
    }
    while (n-- > 0) {
        frame_init(&p->out, FRAME_STORE_RING)->store_ring.origin = ring[n];
        daemon_say(sim, worker, &p->out);
    }
    while (keys > 0) { /* the oldest first */
        struct frame_source_keys *list = &frame_init(&p->out, FRAME_SOURCE_KEYS)->source_keys;
        while (keys > 0 && list->n < SOURCE_KEYS_PER_FRAME)
            list->key[list->n++] = key[--keys];
        daemon_say(sim, worker, &p->out);
    }
}

/* In the order in which they are told: closed ones first. */
static int by_id_and_rev(const void *a, const void *b)
{
    const struct alert *x = &((const struct row *)a)->alert, *y = &((const struct row *)b)->alert;
    bool live = ((const struct row *)a)->live, other = ((const struct row *)b)->live;
    if (live != other)
        return live ? 1 : -1;
    return x->id != y->id ? (x->id < y->id ? -1 : 1) : x->rev < y->rev ? -1 : x->rev > y->rev;
}

static bool is_own(const struct alert *alert)
{
    return strcmp(alert->detector, ALERT_OWN) == 0;
}

/* Within a day of the last one that was closed, and one of the newest 64; none of the gateway's own. */
static bool closed_lately(const struct alerts_file *file, const struct alert *alert)
{
    unsigned newer = 0;
    for (unsigned i = 0; i < file->n; i++) {
        const struct row *other = &file->row[i];
        if (!other->live && other->alert.at - DAY >= alert->at)
            return false;
        newer += !other->live && !is_own(&other->alert) && other->alert.at > alert->at;
    }
    return newer < ALERTS_CLOSED_TOLD && !is_own(alert);
}

static void send_rest(struct sim *sim, unsigned worker)
{
    struct store_process *p = sim->proc[worker].state;
    struct alerts_file *file = store_alerts_of(sim, p);
    send_rings_and_keys(sim, worker);
    for (unsigned i = 0; i < p->n_cursors; i++) {
        store_first_cursor(p, p->cursor[i].detector);
        mirror_put_cursor(p->mirror, &p->cursor[i]);
        frame_init(&p->out, FRAME_STORE_CURSOR)->cursor = p->cursor[i];
        daemon_say(sim, worker, &p->out);
    }
    if (file->n)
        qsort(file->row, file->n, sizeof(*file->row), by_id_and_rev);
    for (unsigned i = 0; i < file->n; i++) {
        const struct row *row = &file->row[i];
        if (!row->live && !closed_lately(file, &row->alert))
            continue;
        mirror_put(p->mirror, &row->alert, row->pending);
        frame_init(&p->out, FRAME_STORE_COMMIT)->commit.alert = row->alert;
        p->out.commit.pending = row->pending;
        daemon_say(sim, worker, &p->out);
    }
}

static bool open_files(struct sim *sim, struct store_process *p, uint32_t *alerts_state, uint32_t *history_state)
{
    struct store *store = sim->store;
    struct mirror_log log;
    if (!store_disk_works(sim)) {
        bool knows = mirror_log(p->mirror, &log) && log.boot.boot && strcmp(log.boot_id, p->config.boot_id) == 0;
        p->alerts_memory = p->history_memory = true;
        *alerts_state = *history_state = STORE_FILE_NEW;
        p->disk_due = sim->now + (knows ? DISK_MS : OPEN_MS);
        return knows;
    }
    *alerts_state = store->alerts.n_boots ? STORE_FILE_OK : STORE_FILE_NEW;
    *history_state = store->history.n ? STORE_FILE_OK : STORE_FILE_NEW;
    if (store->corrupt_alerts) {
        file_clear(&store->alerts);
        *alerts_state = STORE_FILE_SET_ASIDE;
        checks_disk_lost(sim, true);
    }
    if (store->corrupt_history) {
        store->history.n = 0;
        if (store->n_aside < 16)
            store->aside[store->n_aside++] = store->ever.n;
        *history_state = STORE_FILE_SET_ASIDE;
        checks_disk_lost(sim, false);
    }
    store->corrupt_alerts = store->corrupt_history = false;
    return true;
}

void store_begin(struct sim *sim, unsigned worker)
{
    struct store_process *p = sim->proc[worker].state;
    uint32_t alerts_state, history_state;
    bool in_file = false;
    p->alerts_memory = p->history_memory = false;
    p->disk_due = NEVER_AT;
    p->mirror = mirror_open(p->config.mirror, &in_file);
    if (!p->mirror || !in_file)
        abort();
    if (!open_files(sim, p, &alerts_state, &history_state)) {
        mirror_close(p->mirror);
        p->mirror = NULL;
        return;
    }
    struct alerts_file *file = store_alerts_of(sim, p);
    for (unsigned i = 0; i < file->n_cursors; i++)
        store_note_cursor(p, &file->cursor[i]);
    merge_mirror(sim, p, alerts_state != STORE_FILE_OK);
    send_state(sim, worker, alerts_state, history_state);
    send_rest(sim, worker);
    if (p->n_cursors)
        p->cursors_due = sim->now + CURSORS_MS;
    store_mirror_the_log(sim, p);
    p->started = true;
    daemon_ready(sim, worker);
}
