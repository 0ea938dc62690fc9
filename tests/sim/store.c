/* store.c - the store's process, told as store.c and its databases tell it, over a disk that may be slow, full or
 * broken. What is not synced is in the process's memory and dies with it; the mirror under /run is the real one. A
 * process that is killed during a sync has written all of it or nothing. */
#include "store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "gatewayd/plugin.h"
#include "mirror.h"

#define BATCH_MS   5000
#define CURSORS_MS 60000
#define RETRY_MS   5000
#define DISK_MS    10000
#define OPEN_MS    2000
#define TOKENS     64
#define RINGS      32

struct change { /* of the open transaction */
    enum frame_type type;
    struct frame_commit commit;
    struct frame_forget forget;
    struct frame_boot boot;
};

struct store_process {
    struct frame_store_config config;
    uint16_t slot_name[SENSORS_MAX]; /* number of the name + 1 */
    uint16_t name_slot[4 * SENSORS]; /* the other way round */
    bool started, configured;
    struct mirror *mirror;
    bool alerts_memory, history_memory;
    struct alerts_file memory; /* in place of a file that can't be opened */
    struct history_file memory_history;
    struct change *change;
    unsigned n_changes, room;
    struct frame_cursor cursor[CURSORS];
    unsigned n_cursors;
    uint64_t token[TOKENS];
    unsigned n_tokens;
    struct history_file queue;
    uint64_t taken;
    bool alerts_now, readings_now, readings_said, urgent_flag;
    int64_t alerts_due, readings_due, cursors_due, disk_due;
    struct frame_boot boot;
    bool has_boot;
    enum { NO_JOB, JOB_READINGS, JOB_ALERTS } job;
    struct frame out;
};

/* ---- names and files ---- */

struct store *store_create(void)
{
    struct store *store = calloc(1, sizeof(*store));
    if (!store)
        abort();
    return store;
}

void store_destroy(struct store *store)
{
    file_clear(&store->alerts);
    free(store->history.reading);
    free(store->ever.reading);
    free(store);
}

static uint16_t name_number(struct store *store, const char *name)
{
    unsigned i = 0;
    while (i < store->n_names && strcmp(store->name[i], name) != 0)
        i++;
    if (i == 4 * SENSORS)
        abort();
    if (i == store->n_names)
        text_copy(store->name[store->n_names++], NAME_SIZE, name);
    return (uint16_t)i;
}

static struct alerts_file *alerts_of(struct sim *sim, struct store_process *p)
{
    return p->alerts_memory ? &p->memory : &sim->store->alerts;
}

static struct history_file *history_of(struct sim *sim, struct store_process *p)
{
    return p->history_memory ? &p->memory_history : &sim->store->history;
}

static uint64_t last_id(const struct history_file *file)
{
    return file->n ? file->reading[file->n - 1].id : 0;
}

static int64_t last_log(const struct history_file *file)
{
    return file->n ? file->reading[file->n - 1].at : 0;
}

static bool disk_works(const struct sim *sim)
{
    return !sim->store->fails;
}

/* ---- syncing ---- */

static void mirror_the_log(struct sim *sim, struct store_process *p)
{
    struct mirror_log log = {.last_id = last_id(history_of(sim, p)), .last_log = last_log(history_of(sim, p))};
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

static void apply_alerts(struct sim *sim, struct store_process *p)
{
    struct alerts_file *file = alerts_of(sim, p);
    for (unsigned i = 0; i < p->n_changes; i++) {
        const struct change *c = &p->change[i];
        if (c->type == FRAME_STORE_COMMIT) {
            file_put(file, &c->commit.alert, c->commit.pending);
            if (c->commit.has_cursor)
                file_cursor(file, &c->commit.cursor);
        } else if (c->type == FRAME_STORE_FORGET) {
            if (!file_forget(file, &c->forget) && !p->alerts_memory)
                mirror_drop(p->mirror, c->forget.alert);
        } else {
            file_boot(file, &c->boot, p->config.boot_id);
            remember_boot(sim->store, &c->boot);
        }
    }
    for (unsigned i = 0; i < p->n_cursors; i++)
        file_cursor(file, &p->cursor[i]);
    p->n_changes = p->n_cursors = 0;
}

/* After history.db was lost the core sends again what its tail still has. */
static bool was_here(const struct history_file *ever, const struct reading *reading)
{
    for (size_t i = ever->n; i-- > 0 && last_id(ever) >= reading->id;)
        if (ever->reading[i].id == reading->id && ever->reading[i].origin == reading->origin)
            return true;
    return false;
}

static void apply_readings(struct sim *sim, struct store_process *p)
{
    for (size_t i = 0; i < p->queue.n; i++) {
        history_add(history_of(sim, p), &p->queue.reading[i]);
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

static void set_due(const struct sim *sim, int64_t *due, int64_t after)
{
    if (*due == NEVER_AT)
        *due = sim->now + after;
}

static void readings_synced(struct sim *sim, unsigned worker)
{
    struct store_process *p = sim->proc[worker].state;
    bool ok = disk_works(sim) || p->history_memory;
    p->readings_now = false;
    p->readings_due = NEVER_AT;
    if (ok)
        apply_readings(sim, p);
    else
        set_due(sim, &p->readings_due, RETRY_MS);
    if (ok)
        mirror_the_log(sim, p);
    uint64_t last = last_id(history_of(sim, p));
    if (p->readings_said)
        done(sim, worker, STORE_DONE_READINGS, p->taken > last && ok ? p->taken : last, !ok || p->history_memory);
    p->readings_said = !ok;
}

static void alerts_synced(struct sim *sim, unsigned worker)
{
    struct store_process *p = sim->proc[worker].state;
    bool ok = disk_works(sim) || p->alerts_memory;
    p->alerts_now = false;
    p->alerts_due = p->cursors_due = NEVER_AT;
    if (ok)
        apply_alerts(sim, p);
    p->n_changes = 0; /* rolled back; the core commits again */
    if (p->n_cursors)
        set_due(sim, &p->cursors_due, CURSORS_MS);
    unsigned n = p->n_tokens;
    p->n_tokens = 0;
    for (unsigned i = 0; i < n; i++)
        done(sim, worker, STORE_DONE_COMMIT, p->token[i], !ok || p->alerts_memory);
}

static void end_job(struct sim *sim, unsigned worker)
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
static bool work(struct sim *sim, unsigned worker)
{
    struct store_process *p = sim->proc[worker].state;
    int64_t now = sim->now;
    if (p->readings_now || (p->alerts_now && disk_works(sim) && p->queue.n > 0) || now >= p->readings_due)
        return begin_job(sim, worker, JOB_READINGS);
    if (p->alerts_now || now >= p->alerts_due || now >= p->cursors_due)
        return begin_job(sim, worker, JOB_ALERTS);
    return false;
}

/* ---- what it says first ---- */

static void note_cursor(struct store_process *p, const struct frame_cursor *cursor)
{
    unsigned i = 0;
    while (i < p->n_cursors && strcmp(p->cursor[i].detector, cursor->detector) != 0)
        i++;
    if (i == CURSORS)
        return;
    if (i == p->n_cursors)
        p->n_cursors++;
    else if (cursor->reading < p->cursor[i].reading)
        return;
    p->cursor[i] = *cursor;
}

static void merge_mirror(struct sim *sim, struct store_process *p, bool recovered)
{
    struct alerts_file *file = alerts_of(sim, p);
    struct alert alert;
    struct frame_cursor cursor;
    uint32_t pending;
    for (unsigned place = 0; mirror_next(p->mirror, &place, &alert, &pending);) {
        if (file_rev(file, alert.id) >= alert.rev)
            continue;
        alert.flags |= recovered ? ALERT_RECOVERED : 0;
        file_put(file, &alert, pending);
    }
    for (unsigned place = 0; mirror_next_cursor(p->mirror, &place, &cursor);)
        note_cursor(p, &cursor);
}

static void find_boot(struct sim *sim, struct store_process *p, const struct mirror_log *mirrored, uint32_t highest)
{
    const struct alerts_file *file = alerts_of(sim, p);
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
    const struct alerts_file *file = alerts_of(sim, p);
    const struct history_file *history = history_of(sim, p);
    uint32_t boot = mirrored->boot.boot;
    state->stored_id = last_id(history);
    raise_to(state, last_id(history), last_log(history));
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
    const struct history_file *history = history_of(sim, p);
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

/* Within a day of the last one that was closed, and one of the newest 64. */
static bool closed_lately(const struct alerts_file *file, const struct alert *alert)
{
    unsigned newer = 0;
    for (unsigned i = 0; i < file->n; i++) {
        const struct row *other = &file->row[i];
        if (!other->live && other->alert.at - DAY >= alert->at)
            return false;
        newer += !other->live && other->alert.at > alert->at;
    }
    return newer < 64;
}

static void send_rest(struct sim *sim, unsigned worker)
{
    struct store_process *p = sim->proc[worker].state;
    struct alerts_file *file = alerts_of(sim, p);
    send_rings_and_keys(sim, worker);
    for (unsigned i = 0; i < p->n_cursors; i++) {
        frame_init(&p->out, FRAME_STORE_CURSOR)->cursor = p->cursor[i];
        daemon_say(sim, worker, &p->out);
    }
    if (file->n)
        qsort(file->row, file->n, sizeof(*file->row), by_id_and_rev);
    for (unsigned i = 0; i < file->n; i++) {
        if (!file->row[i].live && !closed_lately(file, &file->row[i].alert))
            continue;
        frame_init(&p->out, FRAME_STORE_COMMIT)->commit.alert = file->row[i].alert;
        p->out.commit.pending = file->row[i].pending;
        daemon_say(sim, worker, &p->out);
    }
}

static bool open_files(struct sim *sim, struct store_process *p, uint32_t *alerts_state, uint32_t *history_state)
{
    struct store *store = sim->store;
    struct mirror_log log;
    if (!disk_works(sim)) {
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

static void start(struct sim *sim, unsigned worker)
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
    struct alerts_file *file = alerts_of(sim, p);
    for (unsigned i = 0; i < file->n_cursors; i++)
        note_cursor(p, &file->cursor[i]);
    merge_mirror(sim, p, alerts_state != STORE_FILE_OK);
    send_state(sim, worker, alerts_state, history_state);
    send_rest(sim, worker);
    if (p->n_cursors)
        p->cursors_due = sim->now + CURSORS_MS;
    mirror_the_log(sim, p);
    p->started = true;
    daemon_ready(sim, worker);
}

/* ---- what the core says ---- */

static struct change *new_change(struct store_process *p, enum frame_type type)
{
    if (p->n_changes == p->room) {
        p->room = p->room ? 2 * p->room : 16;
        p->change = realloc(p->change, p->room * sizeof(*p->change));
        if (!p->change)
            abort();
    }
    p->change[p->n_changes].type = type;
    return &p->change[p->n_changes++];
}

static void on_commit(struct store_process *p, const struct frame_commit *commit)
{
    mirror_put(p->mirror, &commit->alert, commit->pending);
    if (commit->has_cursor) {
        mirror_put_cursor(p->mirror, &commit->cursor);
        note_cursor(p, &commit->cursor);
    }
    p->token[p->n_tokens++] = commit->token;
    p->alerts_now = true;
    new_change(p, FRAME_STORE_COMMIT)->commit = *commit;
}

static void on_readings(struct sim *sim, struct store_process *p, const struct frame_readings *frame)
{
    bool urgent = frame->flags & READINGS_URGENT;
    for (uint32_t i = 0; i < frame->n; i++) {
        struct reading r = frame->reading[i];
        uint64_t last = p->queue.n ? last_id(&p->queue) : last_id(history_of(sim, p));
        p->taken = r.id > p->taken ? r.id : p->taken;
        if (r.id <= last || (r.sensor != SENSOR_HOME && (r.sensor >= SENSORS_MAX || !p->slot_name[r.sensor])))
            continue;
        if (r.sensor != SENSOR_HOME)
            r.sensor = (uint16_t)(p->slot_name[r.sensor] - 1);
        r.source_key = urgent ? r.source_key : 0;
        history_add(&p->queue, &r);
    }
    p->readings_said = true;
    p->readings_now |= urgent;
    set_due(sim, &p->readings_due, BATCH_MS);
}

static bool wanted(const struct frame_history_query *q, const struct store_process *p, struct reading *r)
{
    if (r->sensor == SENSOR_HOME)
        return true;
    uint16_t slot = r->sensor < 4 * SENSORS ? p->name_slot[r->sensor] : 0;
    if (slot == 0 || !(q->slots[(slot - 1) / 64] >> ((slot - 1) % 64) & 1))
        return false;
    r->sensor = (uint16_t)(slot - 1);
    return true;
}

static bool answer_from(const struct history_file *file, const struct frame_history_query *q,
                        const struct store_process *p, struct frame_history *out)
{
    for (size_t i = history_find(file, q->from_id); i < file->n && file->reading[i].id <= q->to_id; i++) {
        struct reading r = file->reading[i];
        if (r.at < q->from_log || !wanted(q, p, &r))
            continue;
        if (out->n == q->limit || (out->n && out->reading[0].boot != r.boot)) {
            out->next_id = r.id;
            return false;
        }
        out->reading[out->n++] = r;
    }
    return true;
}

static void on_query(struct sim *sim, unsigned worker, const struct frame_history_query *q)
{
    struct store_process *p = sim->proc[worker].state;
    struct frame_history *out = &frame_init(&p->out, FRAME_HISTORY)->history;
    out->token = q->token;
    if (answer_from(history_of(sim, p), q, p, out))
        answer_from(&p->queue, q, p, out);
    out->wall_minus_log = p->boot.wall_minus_log;
    out->clock = p->boot.clock;
    if (out->n && out->reading[0].boot != p->boot.boot)
        store_label(sim, out->reading[0].boot, &out->wall_minus_log, &out->clock);
    frame_set_n(&p->out, out->n);
    daemon_say(sim, worker, &p->out);
}

static void forget_names(struct store_process *p)
{
    memset(p->slot_name, 0, sizeof(p->slot_name));
    memset(p->name_slot, 0, sizeof(p->name_slot));
}

static void bind_name(struct store_process *p, uint16_t slot, uint16_t name)
{
    p->slot_name[slot] = (uint16_t)(name + 1);
    p->name_slot[name] = (uint16_t)(slot + 1);
}

static void configure(struct sim *sim, struct store_process *p, const struct frame *frame)
{
    if (frame->header.type == FRAME_CONFIG_BEGIN)
        forget_names(p);
    else if (frame->header.type == FRAME_STORE_CONFIG)
        p->config = frame->store_config;
    else if (frame->header.type == FRAME_SENSOR)
        bind_name(p, frame->sensor.slot, name_number(sim->store, frame->sensor.name));
    else
        p->configured = true;
}

static void take(struct sim *sim, unsigned worker, const struct frame *frame)
{
    struct store_process *p = sim->proc[worker].state;
    switch (frame->header.type) {
    case FRAME_READINGS:
        on_readings(sim, p, &frame->readings);
        break;
    case FRAME_STORE_COMMIT:
        on_commit(p, &frame->commit);
        break;
    case FRAME_STORE_FORGET:
        mirror_forget(p->mirror, &frame->forget);
        new_change(p, FRAME_STORE_FORGET)->forget = frame->forget;
        set_due(sim, &p->alerts_due, BATCH_MS);
        break;
    case FRAME_STORE_CURSOR:
        mirror_put_cursor(p->mirror, &frame->cursor);
        note_cursor(p, &frame->cursor);
        set_due(sim, &p->cursors_due, CURSORS_MS);
        break;
    case FRAME_STORE_BOOT:
        p->boot = frame->boot;
        p->has_boot = true;
        mirror_the_log(sim, p);
        p->alerts_now = true;
        new_change(p, FRAME_STORE_BOOT)->boot = frame->boot;
        break;
    case FRAME_HISTORY_QUERY:
        on_query(sim, worker, &frame->history_query);
        break;
    default:
        configure(sim, p, frame);
    }
}

/* ---- the process ---- */

static void *begin(struct sim *sim, unsigned worker)
{
    (void)sim, (void)worker;
    struct store_process *p = calloc(1, sizeof(*p));
    if (!p)
        abort();
    p->alerts_due = p->readings_due = p->cursors_due = p->disk_due = NEVER_AT;
    return p;
}

static int64_t first_due(const struct store_process *p)
{
    const int64_t due[] = {p->alerts_due, p->readings_due, p->cursors_due, p->disk_due};
    int64_t first = NEVER_AT;
    for (unsigned i = 0; i < sizeof(due) / sizeof(due[0]); i++)
        first = due[i] < first ? due[i] : first;
    return first;
}

static int64_t turn(struct sim *sim, unsigned worker)
{
    struct store_process *p = sim->proc[worker].state;
    const struct frame *frame;
    if (p->job)
        end_job(sim, worker);
    for (unsigned i = 0; i < 64 && p->n_tokens < TOKENS && (frame = proc_take(sim, worker)); i++)
        take(sim, worker, frame);
    if (p->configured && !p->started && (p->disk_due == NEVER_AT || sim->now >= p->disk_due))
        start(sim, worker);
    if (!p->started)
        return p->disk_due;
    if (sim->now >= p->disk_due) {
        p->disk_due = sim->now + DISK_MS;
        if (disk_works(sim)) {
            daemon_exit(sim, worker, 0); /* begins anew with the disk */
            return NEVER_AT;
        }
    }
    if (work(sim, worker))
        return sim->proc[worker].busy_until;
    return first_due(p);
}

static void end(struct sim *sim, unsigned worker, bool by_itself)
{
    struct store_process *p = sim->proc[worker].state;
    bool written = p->job && disk_works(sim) && sim_chance(sim, 0.4);
    bool all = by_itself && p->started && disk_works(sim);
    if (p->started && (all || (written && p->job == JOB_READINGS)) && !p->history_memory)
        apply_readings(sim, p);
    if (p->started && (all || (written && p->job == JOB_ALERTS)) && !p->alerts_memory)
        apply_alerts(sim, p);
    mirror_close(p->mirror);
    file_clear(&p->memory);
    free(p->memory_history.reading);
    free(p->queue.reading);
    free(p->change);
    free(p);
}

/* ---- faults, and the end ---- */

void store_power_cut(struct sim *sim)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/alerts.mirror", sim->run_dir);
    (void)unlink(path);
}

void store_disk(struct sim *sim, int64_t slow_ms, bool fails)
{
    sim->store->slow_ms = slow_ms;
    sim->store->fails = fails;
    say(sim, "the disk %s", fails ? "fails" : slow_ms ? "is slow" : "is well");
}

void store_corrupt(struct sim *sim, bool alerts, bool history)
{
    sim->store->corrupt_alerts |= alerts;
    sim->store->corrupt_history |= history;
    say(sim, "%s%s is damaged", alerts ? "alerts.db " : "", history ? "history.db" : "");
}

const struct role_model store_model = {begin, turn, end};
