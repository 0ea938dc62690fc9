/* history_query.c - answers to HISTORY_QUERY: blocks say where the wanted readings are, the readings are then fetched
 * by id. */
#include "history_private.h"

#define BLOCKS_PER_ANSWER 128 /* some ms; a quiet sensor's reader comes again with next_id, others get their turn */
#define STEPS_BEFORE_SEEK 8   /* stepping over so many readings is cheaper than a new search in the tree */

struct scan {
    struct history_db *h;
    const struct frame_history_query *query;
    const struct history_wanted *wanted;
    struct frame_history *out;
    uint64_t from, to;
    uint32_t limit;
    uint64_t here; /* id at which h->from stands; 0: nowhere */
    bool ended;    /* the answer is complete, next_id is set */
};

static void scan_end(struct scan *scan, uint64_t next_id)
{
    scan->out->next_id = next_id;
    scan->ended = true;
}

/* Bring h->from to the first reading >= id. */
static enum db_result seek(struct scan *scan, uint64_t id)
{
    struct db_statement *from = scan->h->from;
    enum db_result result = DB_ROW;
    for (int i = 0; scan->here != 0 && scan->here < id && i < STEPS_BEFORE_SEEK; i++) {
        result = db_step(from);
        scan->here = result == DB_ROW ? (uint64_t)db_int(from, 0) : 0;
    }
    if (scan->here < id) {
        db_reset(from);
        db_bind_int(from, 1, (int64_t)id);
        result = db_step(from);
        scan->here = result == DB_ROW ? (uint64_t)db_int(from, 0) : 0;
    }
    return result;
}

/* Put a reading (its sensor being a row) into the answer, or end the answer before it. */
static void add(struct scan *scan, const struct reading *reading)
{
    struct frame_history *out = scan->out;
    if (reading->at < scan->query->from_log || !scan->wanted->row[reading->sensor])
        return;
    if (out->n == scan->limit || (out->n > 0 && out->reading[0].boot != reading->boot)) {
        scan_end(scan, reading->id);
        return;
    }
    out->reading[out->n] = *reading;
    out->reading[out->n++].sensor = scan->wanted->slot[reading->sensor];
}

static enum db_result scan_block(struct scan *scan, const struct block *block)
{
    for (uint32_t i = block_find(block, scan->from); i < block->n && !scan->ended; i++) {
        uint64_t id = block->id[i];
        if (id > scan->to) {
            scan_end(scan, 0);
            return DB_OK;
        }
        if (block->row[i] >= HISTORY_ROWS_MAX || !scan->wanted->row[block->row[i]])
            continue;
        enum db_result result = seek(scan, id);
        if (result != DB_ROW && result != DB_OK)
            return result;
        struct reading reading;
        if (scan->here != id || !history_read(scan->h->from, &reading))
            return DB_CORRUPT;
        add(scan, &reading);
    }
    return DB_OK;
}

static enum db_result scan_blocks(struct scan *scan)
{
    struct history_db *h = scan->h;
    enum db_result result = DB_OK;
    db_bind_int(h->blocks, 1, (int64_t)scan->from);
    for (int n = 0; !scan->ended && (result = db_step(h->blocks)) == DB_ROW; n++) {
        size_t size;
        const void *data = db_blob(h->blocks, 2, &size);
        if (n == BLOCKS_PER_ANSWER && data && block_decode(data, size, h->block) && h->block->n > 0) {
            uint64_t next = h->block->id[0] > scan->from ? h->block->id[0] : scan->from;
            scan_end(scan, next <= scan->to ? next : 0);
            break;
        }
        result = data && block_decode(data, size, h->block) ? scan_block(scan, h->block) : DB_CORRUPT;
        if (result != DB_OK)
            break;
    }
    db_reset(h->blocks);
    return result == DB_ROW ? DB_OK : result;
}

/* The first id from *id on whose log time is at least `log`: ids and log times rise together. */
static enum db_result find_log(struct history_db *h, int64_t log, uint64_t *id)
{
    uint64_t low = *id, high = h->now.last_id + 1;
    enum db_result result = DB_OK;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        db_bind_int(h->from, 1, (int64_t)middle);
        result = db_step(h->from);
        if (result != DB_ROW && result != DB_OK)
            break;
        if (result == DB_OK || db_int(h->from, 2) >= log)
            high = middle;
        else
            low = (uint64_t)db_int(h->from, 0) + 1;
        db_reset(h->from);
    }
    db_reset(h->from);
    *id = low;
    return result == DB_ROW ? DB_OK : result;
}

static void scan_queue(struct scan *scan, const struct queue *queue)
{
    for (size_t i = queue_find(queue, scan->from); i < queue_count(queue) && !scan->ended; i++) {
        const struct reading *reading = queue_at(queue, i);
        if (reading->id > scan->to)
            break;
        add(scan, reading);
    }
    if (!scan->ended)
        scan_end(scan, 0);
}

enum db_result history_db_query(struct history_db *history, const struct queue *queue,
                                const struct frame_history_query *query, const struct history_wanted *wanted,
                                struct frame_history *out)
{
    struct scan scan = {.h = history, .query = query, .wanted = wanted, .out = out, .from = query->from_id};
    scan.to = query->to_id <= INT64_MAX ? query->to_id : INT64_MAX;
    scan.limit = query->limit < 1 ? 1 : query->limit > READINGS_PER_FRAME ? READINGS_PER_FRAME : query->limit;
    if (scan.from == 0)
        scan.from = 1;
    enum db_result result = DB_OK;
    if (scan.from <= history->now.last_id && query->from_log > 0)
        result = find_log(history, query->from_log, &scan.from);
    if (result == DB_OK && scan.from <= history->now.last_id) {
        result = scan_blocks(&scan);
        if (result == DB_OK && !scan.ended)
            result = scan_block(&scan, &history->now.tail);
        db_reset(history->from);
    }
    if (result == DB_OK && !scan.ended)
        scan_queue(&scan, queue);
    return result;
}
