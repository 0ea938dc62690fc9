/* history_trim.c - what keeps history.db within its days and its size. Works through whole blocks, a few per batch, so
 * that no call waits long for it. */
#include "history_private.h"

#define SHRINK_FROM_PAGES 2048 /* free pages inside the file that are given back, when there are more */
#define SHRINK_PAGES      256  /* of these at a time */

/* The first block from `from` on, decoded into h->block. DB_OK: there is none. */
static enum db_result next_block(struct history_db *h, uint64_t from, uint64_t *last, int64_t *at)
{
    db_bind_int(h->blocks, 1, (int64_t)from);
    enum db_result result = db_step(h->blocks);
    if (result == DB_ROW) {
        size_t size;
        *last = (uint64_t)db_int(h->blocks, 0);
        *at = db_int(h->blocks, 1);
        const void *data = db_blob(h->blocks, 2, &size);
        if (!data || !block_decode(data, size, h->block) || h->block->n == 0 || h->block->id[h->block->n - 1] > *last)
            result = DB_CORRUPT;
        for (uint32_t i = 0; result == DB_ROW && i < h->block->n; i++) {
            if (h->block->row[i] >= HISTORY_ROWS_MAX)
                result = DB_CORRUPT;
        }
    }
    db_reset(h->blocks);
    return result;
}

static enum db_result save_count(struct history_db *h, uint16_t row)
{
    h->now.changed[row] = false;
    db_bind_int(h->update_name, 1, row);
    /* What is on the disk counts blocks only; the tail is added at the opening. */
    uint32_t in_tail = 0;
    for (uint32_t i = 0; i < h->now.tail.n; i++)
        in_tail += h->now.tail.row[i] == row;
    h->now.changed[row] = in_tail > 0;
    db_bind_int(h->update_name, 2, (int64_t)h->now.count[row] - in_tail);
    return db_run(h->update_name);
}

static void uncount(struct history_db *h, uint16_t row)
{
    if (h->now.count[row] > 0)
        h->now.count[row]--;
}

static enum db_result delete_block(struct history_db *h, uint64_t last)
{
    db_bind_int(h->delete_range, 1, (int64_t)h->block->id[0]);
    db_bind_int(h->delete_range, 2, (int64_t)last);
    enum db_result result = db_run(h->delete_range);
    if (result == DB_OK) {
        db_bind_int(h->delete_block, 1, (int64_t)last);
        result = db_run(h->delete_block);
    }
    bool seen[HISTORY_ROWS_MAX] = {false};
    for (uint32_t i = 0; i < h->block->n; i++) {
        uncount(h, h->block->row[i]);
        seen[h->block->row[i]] = true;
    }
    for (int row = 0; row < HISTORY_ROWS_MAX && result == DB_OK; row++) {
        if (seen[row])
            result = save_count(h, (uint16_t)row);
    }
    return result;
}

/* Delete the block's readings of one sensor. *found: there was one. */
static enum db_result thin_block(struct history_db *h, uint64_t last, int64_t at, uint16_t row, bool *found)
{
    struct block *block = h->block;
    enum db_result result = DB_OK;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < block->n && result == DB_OK; i++) {
        if (block->row[i] == row) {
            db_bind_int(h->delete_row, 1, (int64_t)block->id[i]);
            result = db_run(h->delete_row);
            uncount(h, row);
            continue;
        }
        block->id[kept] = block->id[i];
        block->row[kept++] = block->row[i];
    }
    *found = kept < block->n;
    block->n = kept;
    if (result != DB_OK || !*found)
        return result;
    result = save_count(h, row);
    if (result != DB_OK)
        return result;
    if (kept > 0)
        return history_put_block(h, block, last, at);
    db_bind_int(h->delete_block, 1, (int64_t)last);
    return db_run(h->delete_block);
}

static int noisiest(const struct history_fold *fold)
{
    int most = 0;
    for (int row = 1; row < HISTORY_ROWS_MAX; row++) {
        if (fold->count[row] > fold->count[most])
            most = row;
    }
    return most;
}

/* One block's worth of the sensor with the most readings, its oldest first. *done: none of it is left in blocks. */
static enum db_result thin_noisiest(struct history_db *h, bool *done)
{
    int row = noisiest(&h->now);
    if (row != h->trim_row) {
        h->trim_row = row;
        h->trim_from = 0;
    }
    *done = true;
    for (;;) {
        uint64_t last;
        int64_t at;
        bool found;
        enum db_result result = next_block(h, h->trim_from, &last, &at);
        if (result != DB_ROW) {
            h->trim_row = -1;
            return result;
        }
        h->trim_from = last + 1;
        result = thin_block(h, last, at, (uint16_t)row, &found);
        if (result != DB_OK || found) {
            *done = false;
            return result;
        }
    }
}

static enum db_result trim_days(struct history_db *h, bool *done)
{
    uint64_t last;
    int64_t at;
    enum db_result result = next_block(h, 0, &last, &at);
    *done = result != DB_ROW || at >= h->now.last_log - h->keep_ms;
    if (result == DB_OK || result == DB_ROW)
        return *done ? DB_OK : delete_block(h, last);
    return result;
}

enum db_result history_trim(struct history_db *h)
{
    /* More than what this batch added, so that it converges under any load. */
    unsigned steps = 1 + 2 * h->blocks_made;
    bool done = false;
    while (steps > 0) {
        enum db_result result = trim_days(h, &done);
        if (result != DB_OK)
            return result;
        if (done)
            break;
        steps--;
    }
    for (done = false; steps > 0 && !done; steps--) {
        int64_t used, unused;
        enum db_result result = history_db_size(h, &used, &unused);
        if (result != DB_OK || used <= h->keep_pages)
            return result;
        result = thin_noisiest(h, &done);
        if (result != DB_OK)
            return result;
    }
    return DB_OK;
}

void history_shrink(struct history_db *h)
{
    int64_t used, unused;
    if (history_db_size(h, &used, &unused) == DB_OK && unused > SHRINK_FROM_PAGES) {
        char sql[48] = "PRAGMA incremental_vacuum(256)";
        _Static_assert(SHRINK_PAGES == 256, "the number in the text");
        db_exec(h->db, sql);
    }
}
