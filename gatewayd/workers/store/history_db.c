#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "history_private.h"

/* A block is closed early when its readings span so much, so that a quiet home's old readings can go too. */
#define BLOCK_SPAN_MS INT64_C(86400000)

/* Sensors are named by a small row number: slots change with the configuration, names do not. Row 0 is the home. In
 * blocks, `last` and `at` are id and log time of the newest reading of it. */
static const char *const MIGRATIONS[] = {
    "CREATE TABLE readings(id INTEGER PRIMARY KEY, sensor INTEGER NOT NULL, at INTEGER NOT NULL, value REAL NOT NULL,"
    " type INTEGER NOT NULL, flags INTEGER NOT NULL, boot INTEGER NOT NULL, origin INTEGER NOT NULL);"
    "CREATE TABLE sensors(row INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, readings INTEGER NOT NULL);"
    "CREATE TABLE blocks(last INTEGER PRIMARY KEY, at INTEGER NOT NULL, ids BLOB NOT NULL);"
    "CREATE TABLE rings(ring INTEGER PRIMARY KEY, origin INTEGER NOT NULL, id INTEGER NOT NULL);"
    "CREATE TABLE keys(id INTEGER PRIMARY KEY, key INTEGER NOT NULL);",
};

static const struct db_kind KIND = {
    .application_id = 0x47574831, /* "GWH1" */
    .migrations = MIGRATIONS,
    .version = sizeof MIGRATIONS / sizeof MIGRATIONS[0],
    .cache_kib = 512,
    .wal_pages = 1000,
    /* Reading 60 days through costs more than the second that a start may take, and history may be lost. The opening
     * reads the schema, the small tables, the last block and all that is behind it, which is where an interrupted write
     * would show; damage further back is found (cell_size_check, block_decode) when it is read, and the file is then
     * set aside. */
    .full_check = false,
};

static bool prepare(struct history_db *h)
{
    struct db *db = h->db;
    return (h->insert = db_prepare(db, "INSERT INTO readings VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")) &&
           (h->insert_block = db_prepare(db, "INSERT OR REPLACE INTO blocks VALUES(?1, ?2, ?3)")) &&
           (h->insert_name = db_prepare(db, "INSERT OR REPLACE INTO sensors VALUES(?1, ?2, 0)")) &&
           (h->update_name = db_prepare(db, "UPDATE sensors SET readings = ?2 WHERE row = ?1")) &&
           (h->insert_ring = db_prepare(db, "INSERT OR REPLACE INTO rings VALUES(?1, ?2, ?3)")) &&
           (h->delete_rings = db_prepare(db, "DELETE FROM rings WHERE id < ?1")) &&
           (h->insert_key = db_prepare(db, "INSERT INTO keys VALUES(?1, ?2)")) &&
           (h->delete_keys = db_prepare(db, "DELETE FROM keys WHERE id <= (SELECT id FROM keys ORDER BY id DESC"
                                            " LIMIT 1 OFFSET ?1)")) &&
           (h->from = db_prepare(db, "SELECT id, sensor, at, value, type, flags, boot, origin FROM readings"
                                     " WHERE id >= ?1 ORDER BY id")) &&
           (h->keys = db_prepare(db, "SELECT key FROM keys ORDER BY id")) &&
           (h->delete_range = db_prepare(db, "DELETE FROM readings WHERE id BETWEEN ?1 AND ?2")) &&
           (h->delete_row = db_prepare(db, "DELETE FROM readings WHERE id = ?1")) &&
           (h->delete_block = db_prepare(db, "DELETE FROM blocks WHERE last = ?1")) &&
           (h->blocks = db_prepare(db, "SELECT last, at, ids FROM blocks WHERE last >= ?1 ORDER BY last"));
}

static void fold_ring(struct history_fold *fold, uint64_t origin, uint64_t id)
{
    struct history_ring *place = fold->ring;
    uint32_t i;
    for (i = 0; i < fold->n_rings; i++) {
        if (fold->ring[i].origin >> 32 == origin >> 32) {
            if (origin > fold->ring[i].origin)
                fold->ring[i] = (struct history_ring){origin, id};
            return;
        }
        if (fold->ring[i].id < place->id)
            place = &fold->ring[i];
    }
    if (fold->n_rings < HISTORY_RINGS_MAX)
        place = &fold->ring[fold->n_rings++];
    *place = (struct history_ring){origin, id};
}

/* The tail has room. */
static void fold_reading(struct history_fold *fold, const struct reading *reading)
{
    if (fold->tail.n == 0)
        fold->tail_from = reading->at;
    fold->tail.id[fold->tail.n] = reading->id;
    fold->tail.row[fold->tail.n++] = reading->sensor;
    fold->count[reading->sensor]++;
    fold->changed[reading->sensor] = true;
    fold->last_id = reading->id;
    if (reading->at > fold->last_log)
        fold->last_log = reading->at;
    fold->last_boot = reading->boot;
    fold_ring(fold, reading->origin, reading->id);
}

static bool tail_is_full(const struct history_fold *fold)
{
    return fold->tail.n == BLOCK_ROWS || (fold->tail.n > 0 && fold->last_log - fold->tail_from > BLOCK_SPAN_MS);
}

enum db_result history_put_block(struct history_db *h, const struct block *block, uint64_t last, int64_t at)
{
    db_bind_int(h->insert_block, 1, (int64_t)last);
    db_bind_int(h->insert_block, 2, at);
    db_bind_blob(h->insert_block, 3, h->bytes, block_encode(block, h->bytes));
    return db_run(h->insert_block);
}

static enum db_result write_rings(struct history_db *h)
{
    struct history_fold *fold = &h->now;
    uint64_t oldest = UINT64_MAX;
    enum db_result result = DB_OK;
    for (uint32_t i = 0; i < fold->n_rings && result == DB_OK; i++) {
        db_bind_int(h->insert_ring, 1, (int64_t)(fold->ring[i].origin >> 32));
        db_bind_int(h->insert_ring, 2, (int64_t)fold->ring[i].origin);
        db_bind_int(h->insert_ring, 3, (int64_t)fold->ring[i].id);
        result = db_run(h->insert_ring);
        if (fold->ring[i].id < oldest)
            oldest = fold->ring[i].id;
    }
    if (result == DB_OK && fold->n_rings > 0) {
        db_bind_int(h->delete_rings, 1, (int64_t)oldest);
        result = db_run(h->delete_rings);
    }
    return result;
}

enum db_result history_write_block(struct history_db *h)
{
    struct history_fold *fold = &h->now;
    enum db_result result = history_put_block(h, &fold->tail, fold->last_id, fold->last_log);
    for (int row = 0; row < HISTORY_ROWS_MAX && result == DB_OK; row++) {
        if (!fold->changed[row])
            continue;
        db_bind_int(h->update_name, 1, row);
        db_bind_int(h->update_name, 2, fold->count[row]);
        result = db_run(h->update_name);
        fold->changed[row] = false;
    }
    if (result == DB_OK)
        result = write_rings(h);
    fold->last_block = fold->last_id;
    fold->tail.n = 0;
    h->blocks_made++;
    return result;
}

bool history_read(struct db_statement *s, struct reading *reading)
{
    int64_t sensor = db_int(s, 1), type = db_int(s, 4), flags = db_int(s, 5);
    *reading = (struct reading){.id = (uint64_t)db_int(s, 0),
                                .at = db_int(s, 2),
                                .value = db_real(s, 3),
                                .boot = (uint32_t)db_int(s, 6),
                                .origin = (uint64_t)db_int(s, 7),
                                .sensor = (uint16_t)sensor,
                                .type = (uint8_t)type,
                                .flags = (uint8_t)flags};
    struct reading told = *reading; /* the core knows slots, not rows */
    const char *why;
    told.sensor = SENSOR_HOME;
    return sensor >= 0 && sensor < HISTORY_ROWS_MAX && type >= 0 && type <= UINT8_MAX && flags >= 0 &&
           flags <= UINT8_MAX && reading->id > 0 && reading->origin != 0 && frame_check_reading(&told, &why);
}

static enum db_result load_names(struct history_db *h)
{
    struct db_statement *s = db_prepare(h->db, "SELECT row, name, readings FROM sensors ORDER BY row");
    if (!s)
        return db_last(h->db); /* out of memory is no damage */
    enum db_result result;
    h->now.n_names = h->now.n_stored = 1; /* row 0: the home, has no name */
    while ((result = db_step(s)) == DB_ROW) {
        int64_t row = db_int(s, 0), count = db_int(s, 2);
        if (row < 0 || row >= HISTORY_ROWS_MAX || count < 0 || count > UINT32_MAX ||
            !db_text(s, 1, h->name[row], NAME_SIZE) || !text_valid(h->name[row], NAME_SIZE)) {
            result = DB_CORRUPT;
            break;
        }
        h->now.count[row] = (uint32_t)count;
        if (row >= h->now.n_names)
            h->now.n_names = h->now.n_stored = (uint32_t)row + 1;
    }
    db_reset(s);
    return result;
}

static enum db_result load_rings(struct history_db *h)
{
    struct db_statement *s = db_prepare(h->db, "SELECT origin, id FROM rings ORDER BY id");
    if (!s)
        return db_last(h->db); /* out of memory is no damage */
    enum db_result result;
    while ((result = db_step(s)) == DB_ROW)
        fold_ring(&h->now, (uint64_t)db_int(s, 0), (uint64_t)db_int(s, 1));
    db_reset(s);
    return result;
}

static enum db_result load_last_block(struct history_db *h)
{
    struct db_statement *s = db_prepare(h->db, "SELECT last, at, ids FROM blocks ORDER BY last DESC LIMIT 1");
    if (!s)
        return db_last(h->db); /* out of memory is no damage */
    enum db_result result = db_step(s);
    if (result == DB_ROW) {
        size_t size;
        const void *data = db_blob(s, 2, &size);
        h->now.last_id = h->now.last_block = (uint64_t)db_int(s, 0);
        h->now.last_log = db_int(s, 1);
        result = h->now.last_id <= ID_LIMIT && h->now.last_log >= 0 && time_in_limits(h->now.last_log) &&
                         (size == 0 || block_decode(data, size, h->block))
                     ? DB_OK
                     : DB_CORRUPT;
    }
    db_reset(s);
    return result;
}

static enum db_result load_tail(struct history_db *h)
{
    enum db_result result;
    struct reading reading;
    db_bind_int(h->from, 1, (int64_t)h->now.last_block + 1);
    while ((result = db_step(h->from)) == DB_ROW) {
        if (!history_read(h->from, &reading) || h->now.tail.n == BLOCK_ROWS) {
            result = DB_CORRUPT; /* a transaction never leaves a full tail behind */
            break;
        }
        fold_reading(&h->now, &reading);
    }
    db_reset(h->from);
    return result;
}

static enum db_result load(struct history_db *h)
{
    enum db_result result = load_names(h);
    if (result == DB_OK)
        result = load_rings(h);
    if (result == DB_OK)
        result = load_last_block(h);
    if (result == DB_OK)
        result = load_tail(h);
    int64_t boot = 0;
    if (result == DB_OK)
        result = db_number(h->db, "SELECT boot FROM readings ORDER BY id DESC LIMIT 1", &boot);
    h->now.last_boot = (uint32_t)boot;
    /* The row of the home, for its count. */
    return result == DB_OK ? db_exec(h->db, "INSERT OR IGNORE INTO sensors VALUES(0, '', 0)") : result;
}

enum db_result history_db_open(const char *path, struct history_db **out, bool *is_new)
{
    *out = NULL;
    *is_new = false;
    struct history_db *h = calloc(1, sizeof *h);
    if (!h)
        return DB_FAILED;
    h->bytes = malloc(BLOCK_BYTES_MAX);
    h->block = malloc(sizeof *h->block);
    enum db_result result = h->bytes && h->block ? db_open(path, &KIND, &h->db, is_new) : DB_FAILED;
    if (result == DB_OK)
        result = prepare(h) ? load(h) : db_last(h->db);
    if (result != DB_OK) {
        history_db_close(h);
        return result;
    }
    history_db_limit(h, 70, 256);
    h->trim_row = -1;
    *out = h;
    return DB_OK;
}

void history_db_close(struct history_db *history)
{
    if (!history)
        return;
    db_close(history->db);
    free(history->bytes);
    free(history->block);
    free(history);
}

void history_db_leave_file(struct history_db *history)
{
    db_close(history->db);
    history->db = NULL;
}

void history_db_take_over(struct history_db *history, const struct history_db *old)
{
    struct history_fold *fold = &history->now;
    memcpy(history->name, old->name, sizeof history->name);
    fold->n_names = old->now.n_names;
    fold->last_id = old->now.last_id;
    fold->last_log = old->now.last_log;
    fold->last_boot = old->now.last_boot;
    fold->n_rings = old->now.n_rings;
    memcpy(fold->ring, old->now.ring, sizeof fold->ring);
}

void history_db_limit(struct history_db *history, uint32_t days, uint32_t mib)
{
    history->keep_ms = (int64_t)(days > 0 ? days : 1) * 86400000;
    history->keep_pages = (int64_t)(mib > 0 ? mib : 1) * 256;
}

int history_db_row(struct history_db *history, const char *name)
{
    for (uint32_t row = 1; row < history->now.n_names; row++) {
        if (strcmp(history->name[row], name) == 0)
            return (int)row;
    }
    if (history->now.n_names == HISTORY_ROWS_MAX)
        return -1;
    text_copy(history->name[history->now.n_names], NAME_SIZE, name);
    return (int)history->now.n_names++;
}

static enum db_result insert_names(struct history_db *h)
{
    enum db_result result = DB_OK;
    for (; h->now.n_stored < h->now.n_names && result == DB_OK; h->now.n_stored++) {
        db_bind_int(h->insert_name, 1, h->now.n_stored);
        db_bind_text(h->insert_name, 2, h->name[h->now.n_stored]);
        result = db_run(h->insert_name);
    }
    return result;
}

static enum db_result insert_key(struct history_db *h, const struct reading *reading)
{
    db_bind_int(h->insert_key, 1, (int64_t)reading->id);
    db_bind_int(h->insert_key, 2, (int64_t)reading->source_key);
    h->new_keys = true;
    return db_run(h->insert_key);
}

static enum db_result trim_keys(struct history_db *h)
{
    if (!h->new_keys)
        return DB_OK;
    h->new_keys = false;
    db_bind_int(h->delete_keys, 1, SOURCE_KEYS_MAX);
    return db_run(h->delete_keys);
}

static enum db_result insert_reading(struct history_db *h, const struct reading *reading)
{
    db_bind_int(h->insert, 1, (int64_t)reading->id);
    db_bind_int(h->insert, 2, reading->sensor);
    db_bind_int(h->insert, 3, reading->at);
    db_bind_real(h->insert, 4, reading->value);
    db_bind_int(h->insert, 5, reading->type);
    db_bind_int(h->insert, 6, reading->flags);
    db_bind_int(h->insert, 7, reading->boot);
    db_bind_int(h->insert, 8, (int64_t)reading->origin);
    enum db_result result = db_run(h->insert);
    if (result == DB_OK && reading->source_key != 0)
        result = insert_key(h, reading);
    if (result != DB_OK)
        return result;
    fold_reading(&h->now, reading);
    return tail_is_full(&h->now) ? history_write_block(h) : DB_OK;
}

enum db_result history_db_append(struct history_db *history, const struct queue *queue, size_t n, bool trim)
{
    history->before = history->now;
    history->blocks_made = 0;
    enum db_result result = db_begin(history->db);
    if (result == DB_OK)
        result = insert_names(history);
    for (size_t i = 0; i < n && result == DB_OK; i++)
        result = insert_reading(history, queue_at(queue, i));
    if (result == DB_OK)
        result = trim_keys(history);
    if (result == DB_OK && trim)
        result = history_trim(history);
    if (result == DB_OK)
        result = db_commit(history->db);
    if (result != DB_OK) {
        db_rollback(history->db);
        history->now = history->before;
        history->trim_row = -1;
    } else if (trim) {
        history_shrink(history);
    }
    return result;
}

uint64_t history_db_last(const struct history_db *history)
{
    return history->now.last_id;
}

int64_t history_db_last_log(const struct history_db *history)
{
    return history->now.last_log;
}

uint32_t history_db_last_boot(const struct history_db *history)
{
    return history->now.last_boot;
}

unsigned history_db_rings(const struct history_db *history, uint64_t origins[HISTORY_RINGS_MAX])
{
    for (uint32_t i = 0; i < history->now.n_rings; i++)
        origins[i] = history->now.ring[i].origin;
    return history->now.n_rings;
}

unsigned history_db_keys(struct history_db *history, uint64_t keys[SOURCE_KEYS_MAX])
{
    unsigned n = 0;
    while (db_step(history->keys) == DB_ROW && n < SOURCE_KEYS_MAX)
        keys[n++] = (uint64_t)db_int(history->keys, 0);
    db_reset(history->keys);
    return n;
}

uint64_t history_db_count(const struct history_db *history, int row)
{
    return row >= 0 && row < HISTORY_ROWS_MAX ? history->now.count[row] : 0;
}

enum db_result history_db_size(struct history_db *history, int64_t *used, int64_t *unused)
{
    int64_t pages = 0;
    *unused = 0;
    enum db_result result = db_number(history->db, "PRAGMA page_count", &pages);
    if (result == DB_OK)
        result = db_number(history->db, "PRAGMA freelist_count", unused);
    *used = pages - *unused;
    return result;
}
