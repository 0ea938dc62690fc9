/* store_private.h - shared by store.c, store_files.c and store_start.c only. */
#ifndef STORE_STORE_PRIVATE_H
#define STORE_STORE_PRIVATE_H

#include "alerts_db.h"
#include "base/frame.h"
#include "history_db.h"
#include "mirror.h"
#include "queue.h"

#define STORE_TOKENS_MAX  64 /* commits that share one transaction, when they stand in the socket together */
#define STORE_CURSORS_MAX (2 * DETECTORS_MAX)
/* A cursor without an alert is written with the next transaction, or after this time. An older one costs a detector a
 * minute of readings seen again; alerts keep their ids. */
#define STORE_CURSORS_MS 60000
#define STORE_NEVER      INT64_MAX

/* One of the two databases. */
struct store_file {
    const char *name;
    bool memory; /* the disk can't be used: it lives in memory, everything is answered with failed = 1 */
    enum store_file_state state;
    char aside[128];      /* name it was set aside under, or "" */
    enum db_result fault; /* trouble that has been told; DB_OK none */
};

struct store {
    int channel;
    bool gone;    /* the core has closed the channel */
    bool again;   /* end, to be started anew: the disk is back, or the directory is another one */
    bool opening; /* configured, but the disk can't be used yet: tried again at disk_due */
    bool started;
    struct frame *in, *out;

    struct frame_store_config config;
    struct frame_store_config wanted; /* as it comes in, until CONFIG_END */
    char (*slot_name)[NAME_SIZE];     /* SENSORS_MAX, as it comes in */
    int slot_row[SENSORS_MAX];        /* -1: no sensor there */
    struct frame_boot boot;           /* this boot; boot_offset is valid once has_boot */
    bool has_boot;

    struct alerts_db *alerts;
    struct history_db *history;
    struct mirror *mirror;
    struct queue *queue;
    struct store_file alerts_file, history_file;

    uint64_t token[STORE_TOKENS_MAX]; /* commits in the open transaction */
    unsigned n_tokens;
    struct frame_cursor cursor[STORE_CURSORS_MAX]; /* newest ones, waiting for the next transaction */
    unsigned n_cursors;
    char begun[STORE_CURSORS_MAX]
              [NAME_SIZE]; /* detectors that had a cursor at the start, or have been given one since */
    unsigned n_begun;
    bool alerts_now;    /* commit alerts.db before waiting */
    bool alerts_over;   /* one in the open transaction is closed and due nowhere */
    bool readings_now;  /* commit history.db before waiting */
    bool readings_said; /* a READINGS frame waits for its DONE */
    uint64_t taken;     /* highest id that was handed over, kept or not */
    uint64_t unknown;   /* readings of slots without a sensor */
    uint64_t lost_told;

    /* CLOCK_BOOTTIME ms or STORE_NEVER. */
    int64_t alerts_due, readings_due, cursors_due, disk_due;
};

/* Waits until the core takes it; sets gone when there is no core. */
void store_send(struct store *s, const struct frame *frame);

/* store_files.c. What is damaged is set aside, what can't be opened lives in memory if the mirror knows where the log
 * is. False: it does not, nothing is open; to be tried again later. Ends the process when there is no memory. */
bool store_open(struct store *s);
void store_close(struct store *s);
/* Tell onset, change and recovery of a file's trouble. */
void store_fault(struct store *s, struct store_file *file, enum db_result result);
/* Found damaged while running: set aside, begun anew, filled from the mirror. */
enum db_result store_replace_alerts(struct store *s);
void store_replace_history(struct store *s);
/* Put what the mirror knows better into alerts.db and commit it. recovered: alerts.db had been lost. */
enum db_result store_merge_mirror(struct store *s, bool recovered);
/* Of what alerts.db holds durably as closed and due nowhere the mirror keeps what a start without the disk must know.
 */
void store_trim_mirror(struct store *s);
/* Is there a file that does without the disk, and can all of them be opened as they should again? */
bool store_lacks_disk(const struct store *s);
bool store_disk_is_back(struct store *s);

/* store_start.c: the first answer to the configuration, up to READY. */
void store_start(struct store *s);
/* Newest cursor of each detector. */
void store_note_cursor(struct store *s, const struct frame_cursor *cursor);
/* True for a detector's first one: without it the next run takes it for new, and what it has not told is never told. */
bool store_first_cursor(struct store *s, const char *detector);
void store_map_slots(struct store *s);
void store_mirror_log(struct store *s);

#endif
