/* files.c - what the statements of alerts_db.c and history_db.c do, on plain arrays. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "store.h"

static bool pending_anywhere(const struct alerts_file *file, uint64_t id)
{
    for (unsigned i = 0; i < file->n; i++)
        if (file->row[i].alert.id == id && file->row[i].pending)
            return true;
    return false;
}

uint32_t file_rev(const struct alerts_file *file, uint64_t id)
{
    uint32_t rev = 0;
    for (unsigned i = 0; i < file->n; i++)
        if (file->row[i].alert.id == id && file->row[i].alert.rev > rev)
            rev = file->row[i].alert.rev;
    return rev;
}

static void take_out(struct alerts_file *file, unsigned i)
{
    file->row[i] = file->row[--file->n];
}

/* Older revisions that reached everybody go; an alert that is closed and reached everybody becomes history. */
static void settle(struct alerts_file *file, uint64_t id)
{
    uint32_t newest = file_rev(file, id);
    for (unsigned i = file->n; i-- > 0;)
        if (file->row[i].alert.id == id && !file->row[i].pending && file->row[i].alert.rev < newest)
            take_out(file, i);
    if (pending_anywhere(file, id))
        return;
    for (unsigned i = 0; i < file->n; i++)
        if (file->row[i].alert.id == id && file->row[i].alert.state >= ALERT_CANCELLED)
            file->row[i].live = false;
}

void file_put(struct alerts_file *file, const struct alert *alert, uint32_t pending)
{
    for (unsigned i = file->n; i-- > 0;)
        if (file->row[i].alert.id == alert->id && file->row[i].alert.rev == alert->rev)
            take_out(file, i);
    if (file->n == file->room) {
        file->room = file->room ? 2 * file->room : 64;
        file->row = realloc(file->row, file->room * sizeof(*file->row));
        if (!file->row)
            abort();
    }
    file->row[file->n++] = (struct row){*alert, pending, true};
    settle(file, alert->id);
}

bool file_forget(struct alerts_file *file, const struct frame_forget *forget)
{
    bool live = false;
    for (unsigned i = 0; i < file->n; i++)
        if (file->row[i].alert.id == forget->alert && file->row[i].alert.rev == forget->rev)
            file->row[i].pending &= ~forget->uplinks;
    settle(file, forget->alert);
    for (unsigned i = 0; i < file->n; i++)
        live |= file->row[i].alert.id == forget->alert && file->row[i].live;
    return live;
}

void file_cursor(struct alerts_file *file, const struct frame_cursor *cursor)
{
    unsigned i = 0;
    while (i < file->n_cursors && strcmp(file->cursor[i].detector, cursor->detector) != 0)
        i++;
    if (i == CURSORS)
        abort();
    file->n_cursors += i == file->n_cursors;
    file->cursor[i] = *cursor;
}

void file_boot(struct alerts_file *file, const struct frame_boot *boot, const char *id)
{
    unsigned i = 0;
    while (i < file->n_boots && file->boot[i].boot.boot != boot->boot)
        i++;
    if (i == BOOTS)
        abort();
    file->n_boots += i == file->n_boots;
    file->boot[i].boot = *boot;
    text_copy(file->boot[i].id, sizeof(file->boot[i].id), id);
}

void file_clear(struct alerts_file *file)
{
    free(file->row);
    memset(file, 0, sizeof(*file));
}

void history_add(struct history_file *file, const struct reading *reading)
{
    if (file->n == file->room) {
        file->room = file->room ? 2 * file->room : 1024;
        file->reading = realloc(file->reading, file->room * sizeof(*file->reading));
        if (!file->reading)
            abort();
    }
    file->reading[file->n++] = *reading;
}

size_t history_find(const struct history_file *file, uint64_t id)
{
    size_t low = 0, high = file->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (file->reading[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* ---- what a run looks up in them ---- */

void store_label(const struct sim *sim, uint32_t boot, int64_t *wall_minus_log, uint32_t *clock)
{
    const struct store *store = sim->store;
    for (unsigned i = 0; i < store->n_all_boots; i++)
        if (store->all_boots[i].boot.boot == boot) {
            *wall_minus_log = store->all_boots[i].boot.wall_minus_log;
            *clock = store->all_boots[i].boot.clock;
        }
}

bool store_acked(const struct sim *sim, uint64_t alert)
{
    const struct alerts_file *file = &sim->store->alerts;
    for (unsigned i = 0; i < file->n; i++)
        if (file->row[i].alert.id == alert && file->row[i].alert.flags & ALERT_ACKED)
            return true;
    return false;
}

bool store_counts_onto(const struct sim *sim, const struct alert *alert)
{
    const struct alerts_file *file = &sim->store->alerts;
    for (unsigned i = 0; i < file->n; i++) {
        const struct alert *other = &file->row[i].alert;
        if (other->id != alert->id && file_rev(file, other->id) == other->rev && other->flags & ALERT_MOMENTARY &&
            !(other->flags & ALERT_ACKED) && other->state < ALERT_CANCELLED &&
            strcmp(other->detector, alert->detector) == 0 && strcmp(other->kind, alert->kind) == 0 &&
            strcmp(other->key, alert->key) == 0)
            return true;
    }
    return false;
}

uint32_t store_rev(const struct sim *sim, uint64_t alert)
{
    return file_rev(&sim->store->alerts, alert);
}

bool store_logged(const struct sim *sim, uint64_t origin)
{
    const struct history_file *ever = &sim->store->ever;
    for (size_t i = ever->n; i-- > 0;)
        if (ever->reading[i].origin == origin)
            return true;
    return false;
}

unsigned store_file_of(const struct sim *sim, size_t place)
{
    unsigned file = 0;
    while (file < sim->store->n_aside && place >= sim->store->aside[file])
        file++;
    return file;
}

bool store_healthy(const struct sim *sim)
{
    return !sim->store->fails && !sim->store->slow_ms;
}

size_t store_log(const struct sim *sim, const struct reading **log)
{
    *log = sim->store->ever.reading;
    return sim->store->ever.n;
}

const char *store_name(const struct sim *sim, uint16_t number)
{
    return number < sim->store->n_names ? sim->store->name[number] : "?";
}
