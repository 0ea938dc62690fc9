/* history_db.h - history.db: the log of readings, which sensors it speaks of, and how far each source's ring was
 * stored.
 *
 * Two bytes per reading (block.h) and two small tables make up everything that is derived from the log. They are
 * written once per block, not per batch: at the opening the readings behind the last block are read and added up. So an
 * ordinary batch writes the readings' page and nothing else, and what is derived is always as durable as the readings.
 */
#ifndef STORE_HISTORY_DB_H
#define STORE_HISTORY_DB_H

#include "base/frame.h"
#include "db.h"
#include "queue.h"

struct history_db;

#define HISTORY_ROWS_MAX  1024 /* sensor names with readings in the log, the removed ones too */
#define HISTORY_RINGS_MAX 32   /* rings whose end is remembered, the newest */
#define HISTORY_ROW_HOME  0    /* of readings about the home itself */

enum db_result history_db_open(const char *path, struct history_db **out, bool *is_new);
void history_db_close(struct history_db *history); /* NULL is legal */

/* Close the file (it is damaged and about to be set aside) but keep names and ends of the log in memory, for
 * history_db_take_over on the new one: rows, ids and ring ends go on. Nothing else may be called on it but close. */
void history_db_leave_file(struct history_db *history);
void history_db_take_over(struct history_db *history, const struct history_db *old);

void history_db_limit(struct history_db *history, uint32_t days, uint32_t mib);
/* The row of a sensor's name, a new one if it has none. -1: no room for one more name. */
int history_db_row(struct history_db *history, const char *name);

/* Put the queue's first n readings (rising ids, beyond history_db_last) on the disk, in one transaction. A reading with
 * a source_key is an urgent one. trim: also delete what is beyond the limits, a bounded piece. On an error nothing has
 * happened. */
enum db_result history_db_append(struct history_db *history, const struct queue *queue, size_t n, bool trim);

uint64_t history_db_last(const struct history_db *history);    /* highest id on the disk; 0: none */
int64_t history_db_last_log(const struct history_db *history); /* and its log time */
uint32_t history_db_last_boot(const struct history_db *history);
unsigned history_db_rings(const struct history_db *history, uint64_t origins[HISTORY_RINGS_MAX]);
unsigned history_db_keys(struct history_db *history, uint64_t keys[SOURCE_KEYS_MAX]); /* oldest first */
uint64_t history_db_count(const struct history_db *history, int row);                 /* readings of a sensor */
/* Pages of 4 KiB in use, and free ones inside the file. */
enum db_result history_db_size(struct history_db *history, int64_t *used, int64_t *unused);

/* What a query wants: sensor rows to slots. */
struct history_wanted {
    bool row[HISTORY_ROWS_MAX];
    uint16_t slot[HISTORY_ROWS_MAX];
};
/* Answer the query from the disk and then from the queue; out is zeroed by the caller, its token and label are not
 * touched. It looks through a bounded stretch of the log: n may be 0 with next_id set. */
enum db_result history_db_query(struct history_db *history, const struct queue *queue,
                                const struct frame_history_query *query, const struct history_wanted *wanted,
                                struct frame_history *out);

#endif
