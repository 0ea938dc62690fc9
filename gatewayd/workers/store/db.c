#include "db.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#define STATEMENTS_MAX 40
/* All of SQLite's heap; it gives pages of its caches back before it goes beyond. The whole gateway has 16 MiB. */
#define HEAP_SOFT_LIMIT INT64_C(2097152)

struct db {
    sqlite3 *handle;
    enum db_result last;
    unsigned n;
    struct db_statement *statements[STATEMENTS_MAX];
};

struct db_statement {
    struct db *db;
    sqlite3_stmt *handle;
    int bind_error;
};

static enum db_result result_of(int code)
{
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_DONE:
        return DB_OK;
    case SQLITE_ROW:
        return DB_ROW;
    case SQLITE_FULL:
        return DB_FULL;
    case SQLITE_READONLY:
        return DB_READONLY;
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
        return DB_IO;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_SCHEMA:
    case SQLITE_ERROR: /* our texts are fixed: "no such table" means that the file's schema is not what it says */
    case SQLITE_MISMATCH:
        return DB_CORRUPT;
    default:
        return DB_FAILED;
    }
}

static enum db_result note(struct db *db, int code)
{
    enum db_result result = result_of(code);
    if (result != DB_OK && result != DB_ROW)
        db->last = result;
    return result;
}

enum db_result db_exec(struct db *db, const char *sql)
{
    return note(db, sqlite3_exec(db->handle, sql, NULL, NULL, NULL));
}

enum db_result db_number(struct db *db, const char *sql, int64_t *value)
{
    *value = 0;
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(db->handle, sql, -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        *value = sqlite3_column_int64(statement, 0);
        code = SQLITE_OK;
    }
    sqlite3_finalize(statement);
    return note(db, code);
}

static enum db_result set_pragmas(struct db *db, const struct db_kind *kind)
{
    char sql[512];
    /* cell_size_check finds damaged pages when they are read instead of walking into them. auto_vacuum only has an
     * effect on a file that has no table yet. */
    snprintf(sql, sizeof sql,
             "PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA mmap_size=0;"
             "PRAGMA temp_store=MEMORY; PRAGMA foreign_keys=ON; PRAGMA cell_size_check=ON; PRAGMA trusted_schema=OFF;"
             "PRAGMA cache_size=-%u; PRAGMA wal_autocheckpoint=%u; PRAGMA journal_size_limit=%u;",
             kind->cache_kib, kind->wal_pages, kind->wal_pages * 4096u);
    return db_exec(db, sql);
}

/* Version 0 with tables is not ours; a table of version 0 cannot exist otherwise, as each migration is one transaction.
 */
static enum db_result check_owner(struct db *db, const struct db_kind *kind, int64_t *version)
{
    int64_t id, tables;
    enum db_result result = db_number(db, "PRAGMA user_version", version);
    if (result == DB_OK)
        result = db_number(db, "PRAGMA application_id", &id);
    if (result == DB_OK)
        result = db_number(db, "SELECT count(*) FROM sqlite_schema", &tables);
    if (result != DB_OK)
        return result;
    if (*version == 0)
        return tables == 0 ? DB_OK : DB_CORRUPT;
    if (*version < 0 || (uint32_t)id != kind->application_id)
        return DB_CORRUPT;
    return *version > (int64_t)kind->version ? DB_NEWER : DB_OK;
}

static enum db_result migrate(struct db *db, const struct db_kind *kind, int64_t version)
{
    for (unsigned i = (unsigned)version; i < kind->version; i++) {
        char sql[96];
        snprintf(sql, sizeof sql, "PRAGMA user_version=%u; PRAGMA application_id=%u;", i + 1, kind->application_id);
        enum db_result result = db_begin(db);
        if (result == DB_OK)
            result = db_exec(db, kind->migrations[i]);
        if (result == DB_OK)
            result = db_exec(db, sql);
        if (result == DB_OK)
            result = db_commit(db);
        if (result != DB_OK) {
            db_rollback(db);
            return result;
        }
    }
    return DB_OK;
}

static enum db_result quick_check(struct db *db)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(db->handle, "PRAGMA quick_check(1)", -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    enum db_result result = code == SQLITE_ROW ? DB_OK : note(db, code);
    if (code == SQLITE_ROW) {
        const unsigned char *text = sqlite3_column_text(statement, 0);
        if (!text || strcmp((const char *)text, "ok") != 0)
            result = db->last = DB_CORRUPT;
    }
    sqlite3_finalize(statement);
    return result;
}

/* Before the first read. Exclusive: the index of the log lives on the heap instead of in a mapped -shm file, which a
 * full or dying disk answers with SIGBUS; the daemon's lock on the directory keeps others out anyway. The log file is
 * kept and not truncated at the end, so that a full disk still has room for some transactions. */
static enum db_result prepare_access(struct db *db)
{
    int keep = 1;
    enum db_result result = db_exec(db, "PRAGMA locking_mode=EXCLUSIVE");
    sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
    return result;
}

static enum db_result prepare_file(struct db *db, const struct db_kind *kind)
{
    int64_t version = 0;
    /* Read first: what is not a database must not be touched by the pragmas that write. */
    enum db_result result = prepare_access(db);
    if (result == DB_OK)
        result = check_owner(db, kind, &version);
    if (result == DB_OK && sqlite3_db_readonly(db->handle, "main") == 1)
        result = DB_READONLY;
    if (result == DB_OK)
        result = set_pragmas(db, kind);
    if (result == DB_OK && kind->full_check && version > 0)
        result = quick_check(db);
    if (result == DB_OK)
        result = migrate(db, kind, version);
    return result;
}

/* Nothing in it was ever confirmed. Left where it is, empty, it would count as one that has lost its content. */
static void remove_half_made(const char *path)
{
    char log[512];
    snprintf(log, sizeof log, "%s-wal", path);
    unlink(log);
    unlink(path);
}

enum db_result db_open(const char *path, const struct db_kind *kind, struct db **out, bool *is_new)
{
    *out = NULL;
    struct stat file;
    bool in_memory = strcmp(path, ":memory:") == 0;
    bool exists = !in_memory && stat(path, &file) == 0;
    *is_new = !exists;
    if (!exists && !in_memory && errno != ENOENT)
        return DB_IO;
    /* SQLite takes an empty file for a new database. Ours is never empty once made: its content has been lost. */
    if (exists && file.st_size == 0)
        return DB_CORRUPT;
    struct db *db = calloc(1, sizeof *db);
    if (!db)
        return DB_FAILED;
    sqlite3_soft_heap_limit64(HEAP_SOFT_LIMIT);
    int code =
        sqlite3_open_v2(path, &db->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    enum db_result result = note(db, code);
    if (result == DB_OK) {
        sqlite3_extended_result_codes(db->handle, 1);
        sqlite3_busy_timeout(db->handle, 2000); /* a technician's sqlite3 may be looking */
        result = prepare_file(db, kind);
    }
    if (result != DB_OK) {
        db_close(db);
        if (*is_new && !in_memory)
            remove_half_made(path);
        return result;
    }
    *out = db;
    return DB_OK;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    for (unsigned i = 0; i < db->n; i++) {
        sqlite3_finalize(db->statements[i]->handle);
        free(db->statements[i]);
    }
    sqlite3_close_v2(db->handle);
    free(db);
}

bool db_in_transaction(const struct db *db)
{
    return sqlite3_get_autocommit(db->handle) == 0;
}

enum db_result db_begin(struct db *db)
{
    return db_in_transaction(db) ? DB_OK : db_exec(db, "BEGIN IMMEDIATE");
}

enum db_result db_commit(struct db *db)
{
    return db_in_transaction(db) ? db_exec(db, "COMMIT") : DB_OK;
}

void db_rollback(struct db *db)
{
    enum db_result last = db->last;
    if (db_in_transaction(db))
        db_exec(db, "ROLLBACK");
    db->last = last;
}

struct db_statement *db_prepare(struct db *db, const char *sql)
{
    if (db->n == STATEMENTS_MAX) {
        db->last = DB_FAILED;
        return NULL;
    }
    struct db_statement *statement = calloc(1, sizeof *statement);
    if (!statement) {
        db->last = DB_FAILED;
        return NULL;
    }
    statement->db = db;
    int code = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement->handle, NULL);
    if (note(db, code) != DB_OK) {
        free(statement);
        return NULL;
    }
    db->statements[db->n++] = statement;
    return statement;
}

enum db_result db_last(const struct db *db)
{
    return db->last;
}

static void note_bind(struct db_statement *statement, int code)
{
    if (code != SQLITE_OK)
        statement->bind_error = code;
}

void db_bind_int(struct db_statement *statement, int i, int64_t value)
{
    if (statement)
        note_bind(statement, sqlite3_bind_int64(statement->handle, i, value));
}

void db_bind_real(struct db_statement *statement, int i, double value)
{
    if (statement)
        note_bind(statement, sqlite3_bind_double(statement->handle, i, value));
}

void db_bind_text(struct db_statement *statement, int i, const char *value)
{
    if (statement)
        note_bind(statement, sqlite3_bind_text(statement->handle, i, value, -1, SQLITE_STATIC));
}

void db_bind_blob(struct db_statement *statement, int i, const void *data, size_t size)
{
    if (statement)
        note_bind(statement, sqlite3_bind_blob(statement->handle, i, data, (int)size, SQLITE_STATIC));
}

enum db_result db_step(struct db_statement *statement)
{
    if (!statement)
        return DB_CORRUPT;
    if (statement->bind_error != 0)
        return note(statement->db, statement->bind_error);
    return note(statement->db, sqlite3_step(statement->handle));
}

void db_reset(struct db_statement *statement)
{
    if (!statement)
        return;
    sqlite3_reset(statement->handle);
    statement->bind_error = 0;
}

enum db_result db_run(struct db_statement *statement)
{
    enum db_result result;
    do {
        result = db_step(statement);
    } while (result == DB_ROW);
    db_reset(statement);
    return result;
}

int64_t db_int(struct db_statement *statement, int column)
{
    return sqlite3_column_int64(statement->handle, column);
}

double db_real(struct db_statement *statement, int column)
{
    int type = sqlite3_column_type(statement->handle, column);
    if (type != SQLITE_FLOAT && type != SQLITE_INTEGER)
        return NAN;
    return sqlite3_column_double(statement->handle, column);
}

bool db_text(struct db_statement *statement, int column, char *out, size_t size)
{
    out[0] = '\0';
    if (sqlite3_column_type(statement->handle, column) != SQLITE_TEXT)
        return false;
    const unsigned char *text = sqlite3_column_text(statement->handle, column);
    size_t n = (size_t)sqlite3_column_bytes(statement->handle, column);
    if (!text || n >= size)
        return false;
    memcpy(out, text, n);
    out[n] = '\0';
    return true;
}

const void *db_blob(struct db_statement *statement, int column, size_t *size)
{
    *size = 0;
    if (sqlite3_column_type(statement->handle, column) != SQLITE_BLOB)
        return NULL;
    const void *data = sqlite3_column_blob(statement->handle, column);
    if (data)
        *size = (size_t)sqlite3_column_bytes(statement->handle, column);
    return data;
}
