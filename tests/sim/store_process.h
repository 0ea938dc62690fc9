/* store_process.h - the store's process: what its three files share. store.c takes what the core says and answers,
 * store_start.c says what it knows first, store_sync.c writes to the disk. */
#ifndef SIM_STORE_PROCESS_H
#define SIM_STORE_PROCESS_H

#include "alerts_db.h"
#include "mirror.h"
#include "store.h"

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
    char begun[CURSORS][NAME_SIZE]; /* detectors that have, or have had, a cursor */
    unsigned n_begun;
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

/* store.c */
uint16_t store_name_number(struct store *store, const char *name);
struct alerts_file *store_alerts_of(struct sim *sim, struct store_process *p);
struct history_file *store_history_of(struct sim *sim, struct store_process *p);
uint64_t store_last_id(const struct history_file *file);
int64_t store_last_log(const struct history_file *file);
bool store_disk_works(const struct sim *sim);
void store_set_due(const struct sim *sim, int64_t *due, int64_t after); /* unless it is due already */
/* True for a detector's first one: it is written at once. */
bool store_first_cursor(struct store_process *p, const char *detector);
void store_note_cursor(struct store_process *p, const struct frame_cursor *cursor);

/* store_start.c: the files are opened, what they hold is told; waits where they can't be. */
void store_begin(struct sim *sim, unsigned worker);

/* store_sync.c */
void store_mirror_the_log(struct sim *sim, struct store_process *p);
void store_apply_alerts(struct sim *sim, struct store_process *p);
void store_apply_readings(struct sim *sim, struct store_process *p);
void store_end_job(struct sim *sim, unsigned worker); /* the sync that was under way is done */
bool store_work(struct sim *sim, unsigned worker);    /* true: the disk is at work */

#endif
