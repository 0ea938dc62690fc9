/* store.c - the store's process, told as store.c and its databases tell it, over a disk that may be slow, full or
 * broken. What is not synced is in the process's memory and dies with it; the mirror under /run is the real one. A
 * process that is killed during a sync has written all of it or nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "gatewayd/plugin.h"
#include "store_process.h"

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

uint16_t store_name_number(struct store *store, const char *name)
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

struct alerts_file *store_alerts_of(struct sim *sim, struct store_process *p)
{
    return p->alerts_memory ? &p->memory : &sim->store->alerts;
}

struct history_file *store_history_of(struct sim *sim, struct store_process *p)
{
    return p->history_memory ? &p->memory_history : &sim->store->history;
}

uint64_t store_last_id(const struct history_file *file)
{
    return file->n ? file->reading[file->n - 1].id : 0;
}

int64_t store_last_log(const struct history_file *file)
{
    return file->n ? file->reading[file->n - 1].at : 0;
}

bool store_disk_works(const struct sim *sim)
{
    return !sim->store->fails;
}

void store_set_due(const struct sim *sim, int64_t *due, int64_t after)
{
    if (*due == NEVER_AT)
        *due = sim->now + after;
}

bool store_first_cursor(struct store_process *p, const char *detector)
{
    unsigned i = 0;
    while (i < p->n_begun && strcmp(p->begun[i], detector) != 0)
        i++;
    if (i < p->n_begun || i == CURSORS)
        return false;
    text_copy(p->begun[p->n_begun++], NAME_SIZE, detector);
    return true;
}

void store_note_cursor(struct store_process *p, const struct frame_cursor *cursor)
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
        store_note_cursor(p, &commit->cursor);
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
        uint64_t last = p->queue.n ? store_last_id(&p->queue) : store_last_id(store_history_of(sim, p));
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
    store_set_due(sim, &p->readings_due, BATCH_MS);
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
    if (answer_from(store_history_of(sim, p), q, p, out))
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
        bind_name(p, frame->sensor.slot, store_name_number(sim->store, frame->sensor.name));
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
        store_set_due(sim, &p->alerts_due, BATCH_MS);
        break;
    case FRAME_STORE_CURSOR:
        mirror_put_cursor(p->mirror, &frame->cursor);
        store_note_cursor(p, &frame->cursor);
        if (store_first_cursor(p, frame->cursor.detector))
            p->cursors_due = sim->now;
        store_set_due(sim, &p->cursors_due, CURSORS_MS);
        break;
    case FRAME_STORE_BOOT:
        p->boot = frame->boot;
        p->has_boot = true;
        store_mirror_the_log(sim, p);
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
        store_end_job(sim, worker);
    for (unsigned i = 0; i < 64 && p->n_tokens < TOKENS && (frame = proc_take(sim, worker)); i++)
        take(sim, worker, frame);
    if (p->configured && !p->started && (p->disk_due == NEVER_AT || sim->now >= p->disk_due))
        store_begin(sim, worker);
    if (!p->started)
        return p->disk_due;
    if (sim->now >= p->disk_due) {
        p->disk_due = sim->now + DISK_MS;
        if (store_disk_works(sim)) {
            daemon_exit(sim, worker, 0); /* begins anew with the disk */
            return NEVER_AT;
        }
    }
    if (store_work(sim, worker))
        return sim->proc[worker].busy_until;
    return first_due(p);
}

static void end(struct sim *sim, unsigned worker, bool by_itself)
{
    struct store_process *p = sim->proc[worker].state;
    bool written = p->job && store_disk_works(sim) && sim_chance(sim, 0.4);
    bool all = by_itself && p->started && store_disk_works(sim);
    if (p->started && (all || (written && p->job == JOB_READINGS)) && !p->history_memory)
        store_apply_readings(sim, p);
    if (p->started && (all || (written && p->job == JOB_ALERTS)) && !p->alerts_memory)
        store_apply_alerts(sim, p);
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
