/* alerts_db.h - alerts.db: every open alert, every revision that an uplink still has to get, closed alerts for a year,
 * the detectors' cursors and the boots.
 *
 * Writes are gathered in one transaction that alerts_db_commit puts on the disk. When a call says anything but DB_OK
 * the whole transaction is gone (as after a crash) and the next write begins a new one. */
#ifndef STORE_ALERTS_DB_H
#define STORE_ALERTS_DB_H

#include "base/frame.h"
#include "db.h"

struct alerts_db;

#define ALERTS_CLOSED_MAX     2000                      /* closed alerts that are kept */
#define ALERTS_CLOSED_MS      (400 * INT64_C(86400000)) /* and for how long, in log time */
#define ALERTS_CLOSED_TOLD    64                        /* closed ones that the start tells and the mirror keeps */
#define ALERTS_CLOSED_TOLD_MS INT64_C(86400000)         /* and how much older than the last one, in log time */
#define ALERTS_BOOTS_MAX      2000                      /* boots whose labels are kept */

enum db_result alerts_db_open(const char *path, struct alerts_db **out, bool *is_new);
void alerts_db_close(struct alerts_db *alerts); /* NULL is legal */

/* The revision with its pending uplinks, the cursor if there is one. The same revision again replaces the first. */
enum db_result alerts_db_put(struct alerts_db *alerts, const struct frame_commit *commit);
/* The uplinks of forget have the alert's revisions up to that one. *live: the alert is still open or due somewhere. */
enum db_result alerts_db_forget(struct alerts_db *alerts, const struct frame_forget *forget, bool *live);
enum db_result alerts_db_put_cursor(struct alerts_db *alerts, const struct frame_cursor *cursor);
/* boot_id: 36 characters. */
enum db_result alerts_db_put_boot(struct alerts_db *alerts, const struct frame_boot *boot, const char *boot_id);
enum db_result alerts_db_commit(struct alerts_db *alerts);

/* Everything that is open or pending, by alert and revision; token 0. Rows that are not what they should be are counted
 * in *bad and skipped. commit is the caller's room for one. */
enum db_result alerts_db_each(struct alerts_db *alerts, struct frame_commit *commit,
                              void (*each)(void *context, const struct frame_commit *commit), void *context,
                              unsigned *bad);
enum db_result alerts_db_each_cursor(struct alerts_db *alerts,
                                     void (*each)(void *context, const struct frame_cursor *cursor), void *context,
                                     unsigned *bad);
/* Is the alert open or due somewhere, as far as can be read? */
bool alerts_db_live(struct alerts_db *alerts, uint64_t id);
/* Is there a row of this revision? */
bool alerts_db_has(struct alerts_db *alerts, uint64_t id, uint32_t rev);
/* Highest revision of the alert, closed ones included; 0: unknown. */
uint32_t alerts_db_rev(struct alerts_db *alerts, uint64_t id);

/* What the log's continuation depends on. */
struct alerts_db_high {
    uint64_t reading; /* highest reading id in a cursor or an alert */
    int64_t log;      /* highest log time in a cursor or an alert */
    uint32_t boot;    /* highest boot number */
};
enum db_result alerts_db_high(struct alerts_db *alerts, struct alerts_db_high *high);
/* DB_ROW: found. */
enum db_result alerts_db_find_boot(struct alerts_db *alerts, const char *boot_id, struct frame_boot *boot);
/* Label of a boot; of the nearest one before it if it is not known. False: none. */
bool alerts_db_label(struct alerts_db *alerts, uint32_t boot, struct frame_boot *label);

#endif
