/* db.h - the few things the store wants from SQLite, so that its header is included in one file (db.c) only.
 *
 * Both databases are WAL with synchronous=FULL: what db_commit has accepted survives a power cut. Errors are told apart
 * by what one can do about them. Text and blobs that are bound are borrowed until db_reset. */
#ifndef STORE_DB_H
#define STORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct db;
struct db_statement; /* owned by its db, gone with it */

enum db_result {
    DB_OK = 0,
    DB_ROW,      /* db_step only: a row is there */
    DB_FULL,     /* no space left */
    DB_READONLY, /* file or file system is read-only */
    DB_IO,       /* the disk, or its directory, does not do what it should */
    DB_CORRUPT,  /* not a database, not ours, or damaged: to be set aside */
    DB_NEWER,    /* made by a newer version of this program: to be set aside */
    DB_FAILED    /* anything else (memory, a lock): to be tried again */
};

/* One of our databases. Migration i brings version i to version i + 1; PRAGMA user_version holds the version. Steps are
 * never changed once released, only added. */
struct db_kind {
    uint32_t application_id; /* PRAGMA application_id: tells our files from other SQLite files */
    const char *const *migrations;
    unsigned version; /* number of migrations */
    unsigned cache_kib;
    unsigned wal_pages; /* checkpoint after so many */
    bool full_check;    /* PRAGMA quick_check at the opening: for small files only */
};

/* Open or make it and bring it to the newest version. path may be ":memory:". *is_new: there was no file. On anything
 * but DB_OK *out is NULL and nothing is left open. */
enum db_result db_open(const char *path, const struct db_kind *kind, struct db **out, bool *is_new);
void db_close(struct db *db); /* rolls back what is not committed; NULL is legal */

/* Statements without parameters and rows, several with ';'. */
enum db_result db_exec(struct db *db, const char *sql);
enum db_result db_begin(struct db *db); /* takes the write lock at once; nothing to do if one is open */
enum db_result db_commit(struct db *db);
void db_rollback(struct db *db);
bool db_in_transaction(const struct db *db);
/* First column of the first row; 0 if there is none or it is NULL. */
enum db_result db_number(struct db *db, const char *sql, int64_t *value);

/* NULL (and the reason in db_last) if it can't be prepared, which for our fixed texts means a damaged schema. */
struct db_statement *db_prepare(struct db *db, const char *sql);
enum db_result db_last(const struct db *db);

/* Parameters from 1, columns from 0. Binding errors show up in db_step. A NULL statement is legal: db_step then gives
 * DB_CORRUPT. */
void db_bind_int(struct db_statement *statement, int i, int64_t value);
void db_bind_real(struct db_statement *statement, int i, double value);
void db_bind_text(struct db_statement *statement, int i, const char *value);
void db_bind_blob(struct db_statement *statement, int i, const void *data, size_t size);
enum db_result db_step(struct db_statement *statement);
void db_reset(struct db_statement *statement);
/* db_step to the end and db_reset, for statements that give no rows. */
enum db_result db_run(struct db_statement *statement);

int64_t db_int(struct db_statement *statement, int column);
double db_real(struct db_statement *statement, int column); /* NaN if it is not a number */
/* False: NULL, not text, or longer than size - 1; out is then "". */
bool db_text(struct db_statement *statement, int column, char *out, size_t size);
/* Valid until the next db_step or db_reset; NULL with size 0 if empty or not a blob. */
const void *db_blob(struct db_statement *statement, int column, size_t *size);

#endif
