/* store.h - the disk as the store's model keeps it: exactly what was synced, and what was ever there. */
#ifndef SIM_STORE_H
#define SIM_STORE_H

#include "sim.h"

#define CURSORS 32
#define BOOTS   512

struct row {
    struct alert alert;
    uint32_t pending;
    bool live;
};

struct boot_row {
    struct frame_boot boot;
    char id[40];
};

/* alerts.db */
struct alerts_file {
    struct row *row;
    unsigned n, room;
    struct frame_cursor cursor[CURSORS];
    unsigned n_cursors;
    struct boot_row boot[BOOTS];
    unsigned n_boots;
};

/* history.db; sensors by number of their name. */
struct history_file {
    struct reading *reading;
    size_t n, room;
};

struct store {
    struct alerts_file alerts;
    struct history_file history;
    struct history_file ever; /* also what was in files that were set aside */
    size_t aside[16];         /* so many readings of it were in the first so many that were set aside */
    unsigned n_aside;
    struct boot_row all_boots[BOOTS];
    unsigned n_all_boots;
    char name[4 * SENSORS][NAME_SIZE];
    unsigned n_names;
    int64_t slow_ms;
    bool fails, corrupt_alerts, corrupt_history;
};

/* files.c: what SQL does to the rows */
void file_put(struct alerts_file *file, const struct alert *alert, uint32_t pending);
bool file_forget(struct alerts_file *file, const struct frame_forget *forget); /* false: the alert lives no more */
void file_cursor(struct alerts_file *file, const struct frame_cursor *cursor);
void file_boot(struct alerts_file *file, const struct frame_boot *boot, const char *id);
uint32_t file_rev(const struct alerts_file *file, uint64_t id);
void file_clear(struct alerts_file *file);
void history_add(struct history_file *file, const struct reading *reading);
size_t history_find(const struct history_file *file, uint64_t id); /* place of the first one >= id */

#endif
