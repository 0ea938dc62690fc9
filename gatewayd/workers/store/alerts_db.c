#include "alerts_db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alert_row.h"
#include "base/text.h"

#define BOOT_COLUMNS "number, boot_offset, wall_minus_log, clock, raised_once, raised_from, raised_by"

struct alerts_db {
    struct db *db;
    struct db_statement *insert, *delete_same, *find_row, *insert_evidence, *delete_old, *settle, *is_live, *forget;
    struct db_statement *delete_aged, *delete_most, *put_cursor, *put_boot, *delete_boots;
    struct db_statement *each, *evidence, *each_cursor, *rev, *find_boot, *label;
};

/* live = 1: open, or some revision of it is pending. The partial indexes hold just these, and the others by age, so
 * that a year of closed alerts costs the start nothing. */
static const char *const MIGRATIONS[] = {
    "CREATE TABLE alerts("
    " row INTEGER PRIMARY KEY, pending INTEGER NOT NULL, live INTEGER NOT NULL,"
    " id INTEGER NOT NULL, rev INTEGER NOT NULL, episode INTEGER NOT NULL, count INTEGER NOT NULL,"
    " class INTEGER NOT NULL, state INTEGER NOT NULL, flags INTEGER NOT NULL, detector TEXT NOT NULL,"
    " kind TEXT NOT NULL, key TEXT NOT NULL, code TEXT NOT NULL, room TEXT NOT NULL, text_en TEXT NOT NULL,"
    " text_zh TEXT NOT NULL, passed TEXT NOT NULL, \"by\" TEXT NOT NULL, note TEXT NOT NULL, since INTEGER NOT NULL,"
    " raised INTEGER NOT NULL, at INTEGER NOT NULL, late_ms INTEGER NOT NULL, wall_minus_log INTEGER NOT NULL,"
    " boot INTEGER NOT NULL, clock INTEGER NOT NULL, incident INTEGER NOT NULL, reading INTEGER NOT NULL,"
    " UNIQUE(id, rev));"
    "CREATE INDEX alerts_live ON alerts(id, rev) WHERE live = 1;"
    "CREATE INDEX alerts_closed ON alerts(at) WHERE live = 0;"
    "CREATE TABLE evidence("
    " alert INTEGER NOT NULL REFERENCES alerts(row) ON DELETE CASCADE, n INTEGER NOT NULL, sensor TEXT NOT NULL,"
    " room TEXT NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL, value REAL NOT NULL, type INTEGER NOT NULL,"
    " flags INTEGER NOT NULL, PRIMARY KEY(alert, n)) WITHOUT ROWID;"
    "CREATE TABLE cursors(detector TEXT PRIMARY KEY, reading INTEGER NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE boots(number INTEGER PRIMARY KEY, boot_id TEXT NOT NULL UNIQUE, boot_offset INTEGER NOT NULL,"
    " wall_minus_log INTEGER NOT NULL, clock INTEGER NOT NULL, raised_once INTEGER NOT NULL);",
    "ALTER TABLE alerts ADD COLUMN counted INTEGER NOT NULL DEFAULT 0;",
    ("ALTER TABLE boots ADD COLUMN raised_from INTEGER NOT NULL DEFAULT 0;"
     "ALTER TABLE boots ADD COLUMN raised_by INTEGER NOT NULL DEFAULT 0;"),
};

static const struct db_kind KIND = {
    .application_id = 0x47574131, /* "GWA1" */
    .migrations = MIGRATIONS,
    .version = sizeof MIGRATIONS / sizeof MIGRATIONS[0],
    .cache_kib = 256,
    .wal_pages = 256,
    .full_check = true, /* a few MiB at most: some 10 ms */
};

static bool prepare_writes(struct alerts_db *a)
{
    char sql[2048], names[1024], marks[512];
    alert_row_names(names, sizeof names);
    snprintf(sql, sizeof sql, "INSERT INTO alerts(pending, live, %s) VALUES(?1, 1, %s)", names,
             alert_row_marks(marks, sizeof marks, 2));
    return (a->insert = db_prepare(a->db, sql)) &&
           (a->delete_same = db_prepare(a->db, "DELETE FROM alerts WHERE id = ?1 AND rev = ?2")) &&
           (a->find_row = db_prepare(a->db, "SELECT row FROM alerts WHERE id = ?1 AND rev = ?2")) &&
           (a->insert_evidence =
                db_prepare(a->db, "INSERT INTO evidence VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")) &&
           (a->forget = db_prepare(a->db, "UPDATE alerts SET pending = pending & ~?3"
                                          " WHERE id = ?1 AND rev = ?2 AND pending & ?3 <> 0")) &&
           (a->delete_old = db_prepare(a->db, "DELETE FROM alerts WHERE id = ?1 AND pending = 0"
                                              " AND rev < (SELECT max(rev) FROM alerts WHERE id = ?1)")) &&
           (a->settle = db_prepare(a->db, "UPDATE alerts SET live = 0 WHERE id = ?1 AND live = 1 AND state >= ?2"
                                          " AND NOT EXISTS (SELECT 1 FROM alerts WHERE id = ?1 AND pending <> 0)")) &&
           (a->is_live = db_prepare(a->db, "SELECT count(*) FROM alerts WHERE id = ?1 AND live = 1")) &&
           (a->delete_aged = db_prepare(a->db, "DELETE FROM alerts WHERE row IN (SELECT row FROM alerts"
                                               " WHERE live = 0 AND at < ?1 ORDER BY at LIMIT 20)")) &&
           (a->delete_most = db_prepare(a->db, "DELETE FROM alerts WHERE row IN (SELECT row FROM alerts"
                                               " WHERE live = 0 ORDER BY at LIMIT max(0, min(20,"
                                               " (SELECT count(*) FROM alerts WHERE live = 0) - ?1)))")) &&
           (a->put_cursor = db_prepare(a->db, "INSERT INTO cursors VALUES(?1, ?2, ?3) ON CONFLICT(detector)"
                                              " DO UPDATE SET reading = excluded.reading, until = excluded.until")) &&
           (a->put_boot = db_prepare(a->db, "INSERT OR REPLACE INTO boots VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")) &&
           (a->delete_boots = db_prepare(a->db, "DELETE FROM boots WHERE number <= ?1"));
}

static bool prepare_reads(struct alerts_db *a)
{
    char sql[2048], names[1024];
    /* Those of the last day that are closed too: a press that was counted onto one and comes again must be known, and
     * a condition that is found again. The gateway's own begin anew each time, and may be many when something fails. */
    snprintf(sql, sizeof sql,
             "SELECT row, pending, %s FROM alerts WHERE row IN (SELECT row FROM alerts WHERE live = 1 UNION ALL"
             " SELECT row FROM (SELECT row FROM alerts WHERE live = 0"
             " AND detector <> '" ALERT_OWN
             "' AND at > (SELECT max(at) FROM alerts WHERE live = 0) - %lld ORDER BY at DESC LIMIT %d))"
             " ORDER BY live, id, rev",
             alert_row_names(names, sizeof names), (long long)ALERTS_CLOSED_TOLD_MS, ALERTS_CLOSED_TOLD);
    return (a->each = db_prepare(a->db, sql)) &&
           (a->evidence = db_prepare(a->db, "SELECT sensor, room, kind, at, value, type, flags FROM evidence"
                                            " WHERE alert = ?1 ORDER BY n")) &&
           (a->each_cursor = db_prepare(a->db, "SELECT detector, reading, until FROM cursors")) &&
           (a->rev = db_prepare(a->db, "SELECT max(rev) FROM alerts WHERE id = ?1")) &&
           (a->find_boot = db_prepare(a->db, "SELECT " BOOT_COLUMNS " FROM boots WHERE boot_id = ?1")) &&
           (a->label = db_prepare(a->db, "SELECT " BOOT_COLUMNS " FROM boots WHERE number <= ?1"
                                         " ORDER BY number DESC LIMIT 1"));
}

enum db_result alerts_db_open(const char *path, struct alerts_db **out, bool *is_new)
{
    *out = NULL;
    *is_new = false;
    struct alerts_db *a = calloc(1, sizeof *a);
    if (!a)
        return DB_FAILED;
    enum db_result result = db_open(path, &KIND, &a->db, is_new);
    if (result == DB_OK && !(prepare_writes(a) && prepare_reads(a)))
        result = db_last(a->db);
    if (result != DB_OK) {
        alerts_db_close(a);
        return result;
    }
    *out = a;
    return DB_OK;
}

void alerts_db_close(struct alerts_db *alerts)
{
    if (!alerts)
        return;
    db_close(alerts->db);
    free(alerts);
}

static enum db_result undo_unless_ok(struct alerts_db *a, enum db_result result)
{
    if (result != DB_OK)
        db_rollback(a->db);
    return result;
}

static enum db_result run_by_id(struct db_statement *statement, uint64_t id, int64_t second)
{
    db_bind_int(statement, 1, (int64_t)id);
    if (second >= 0)
        db_bind_int(statement, 2, second);
    return db_run(statement);
}

static enum db_result put_evidence(struct alerts_db *a, const struct alert *alert)
{
    if (alert->n_evidence == 0)
        return DB_OK;
    db_bind_int(a->find_row, 1, (int64_t)alert->id);
    db_bind_int(a->find_row, 2, alert->rev);
    enum db_result result = db_step(a->find_row);
    int64_t row = result == DB_ROW ? db_int(a->find_row, 0) : 0;
    db_reset(a->find_row);
    if (result != DB_ROW)
        return result == DB_OK ? DB_CORRUPT : result;
    for (uint32_t i = 0; i < alert->n_evidence && i < GW_MAX_EVIDENCE; i++) {
        db_bind_int(a->insert_evidence, 1, row);
        db_bind_int(a->insert_evidence, 2, i);
        alert_row_bind_evidence(a->insert_evidence, &alert->evidence[i]);
        result = db_run(a->insert_evidence);
        if (result != DB_OK)
            return result;
    }
    return DB_OK;
}

/* Older revisions that reached everybody go; an alert that is closed or cancelled and reached everybody becomes
 * history. */
static enum db_result settle(struct alerts_db *a, uint64_t id)
{
    enum db_result result = run_by_id(a->delete_old, id, -1);
    return result == DB_OK ? run_by_id(a->settle, id, ALERT_CANCELLED) : result;
}

/* A few at a time: as many come as go. */
static enum db_result delete_beyond(struct alerts_db *a, int64_t now)
{
    db_bind_int(a->delete_aged, 1, now - ALERTS_CLOSED_MS);
    enum db_result result = db_run(a->delete_aged);
    db_bind_int(a->delete_most, 1, ALERTS_CLOSED_MAX);
    return result == DB_OK ? db_run(a->delete_most) : result;
}

static enum db_result put_alert(struct alerts_db *a, const struct alert *alert, uint32_t pending)
{
    enum db_result result = run_by_id(a->delete_same, alert->id, alert->rev);
    if (result == DB_OK) {
        db_bind_int(a->insert, 1, pending);
        alert_row_bind(a->insert, 2, alert);
        result = db_run(a->insert);
    }
    if (result == DB_OK)
        result = put_evidence(a, alert);
    if (result == DB_OK)
        result = settle(a, alert->id);
    return result == DB_OK && alert->state >= ALERT_CANCELLED ? delete_beyond(a, alert->at) : result;
}

static enum db_result put_cursor(struct alerts_db *a, const struct frame_cursor *cursor)
{
    db_bind_text(a->put_cursor, 1, cursor->detector);
    db_bind_int(a->put_cursor, 2, (int64_t)cursor->reading);
    db_bind_int(a->put_cursor, 3, cursor->until);
    return db_run(a->put_cursor);
}

enum db_result alerts_db_put(struct alerts_db *alerts, const struct frame_commit *commit)
{
    enum db_result result = db_begin(alerts->db);
    if (result == DB_OK)
        result = put_alert(alerts, &commit->alert, commit->pending);
    if (result == DB_OK && commit->has_cursor)
        result = put_cursor(alerts, &commit->cursor);
    return undo_unless_ok(alerts, result);
}

bool alerts_db_live(struct alerts_db *alerts, uint64_t id)
{
    bool live = true;
    db_bind_int(alerts->is_live, 1, (int64_t)id);
    if (db_step(alerts->is_live) == DB_ROW)
        live = db_int(alerts->is_live, 0) > 0;
    db_reset(alerts->is_live);
    return live;
}

bool alerts_db_has(struct alerts_db *alerts, uint64_t id, uint32_t rev)
{
    db_bind_int(alerts->find_row, 1, (int64_t)id);
    db_bind_int(alerts->find_row, 2, rev);
    bool has = db_step(alerts->find_row) == DB_ROW;
    db_reset(alerts->find_row);
    return has;
}

enum db_result alerts_db_forget(struct alerts_db *alerts, const struct frame_forget *forget, bool *live)
{
    *live = true;
    enum db_result result = db_begin(alerts->db);
    if (result == DB_OK) {
        db_bind_int(alerts->forget, 3, forget->uplinks);
        result = run_by_id(alerts->forget, forget->alert, forget->rev);
    }
    if (result == DB_OK)
        result = settle(alerts, forget->alert);
    if (result == DB_OK)
        *live = alerts_db_live(alerts, forget->alert);
    return undo_unless_ok(alerts, result);
}

enum db_result alerts_db_put_cursor(struct alerts_db *alerts, const struct frame_cursor *cursor)
{
    enum db_result result = db_begin(alerts->db);
    if (result == DB_OK)
        result = put_cursor(alerts, cursor);
    return undo_unless_ok(alerts, result);
}

enum db_result alerts_db_put_boot(struct alerts_db *alerts, const struct frame_boot *boot, const char *boot_id)
{
    enum db_result result = db_begin(alerts->db);
    if (result == DB_OK) {
        struct db_statement *s = alerts->put_boot;
        db_bind_int(s, 1, boot->boot);
        db_bind_text(s, 2, boot_id);
        db_bind_int(s, 3, boot->boot_offset);
        db_bind_int(s, 4, boot->wall_minus_log);
        db_bind_int(s, 5, boot->clock);
        db_bind_int(s, 6, boot->raised_once);
        db_bind_int(s, 7, boot->raised_from);
        db_bind_int(s, 8, boot->raised_by);
        result = db_run(s);
    }
    if (result == DB_OK && boot->boot > ALERTS_BOOTS_MAX) {
        db_bind_int(alerts->delete_boots, 1, (int64_t)boot->boot - ALERTS_BOOTS_MAX);
        result = db_run(alerts->delete_boots);
    }
    return undo_unless_ok(alerts, result);
}

enum db_result alerts_db_commit(struct alerts_db *alerts)
{
    return undo_unless_ok(alerts, db_commit(alerts->db));
}

static bool read_evidence(struct alerts_db *a, int64_t row, struct alert *alert)
{
    bool good = true;
    enum db_result result;
    db_bind_int(a->evidence, 1, row);
    while ((result = db_step(a->evidence)) == DB_ROW && alert->n_evidence < GW_MAX_EVIDENCE) {
        good = alert_row_read_evidence(a->evidence, &alert->evidence[alert->n_evidence]);
        if (!good)
            break;
        alert->n_evidence++;
    }
    db_reset(a->evidence);
    return good && (result == DB_OK || result == DB_ROW);
}

enum db_result alerts_db_each(struct alerts_db *alerts, struct frame_commit *commit,
                              void (*each)(void *context, const struct frame_commit *commit), void *context,
                              unsigned *bad)
{
    enum db_result result;
    while ((result = db_step(alerts->each)) == DB_ROW) {
        memset(commit, 0, sizeof *commit);
        commit->pending = (uint32_t)db_int(alerts->each, 1);
        if (alert_row_read(alerts->each, 2, &commit->alert) &&
            read_evidence(alerts, db_int(alerts->each, 0), &commit->alert) && alert_valid(&commit->alert))
            each(context, commit);
        else
            ++*bad;
    }
    db_reset(alerts->each);
    return result;
}

enum db_result alerts_db_each_cursor(struct alerts_db *alerts,
                                     void (*each)(void *context, const struct frame_cursor *cursor), void *context,
                                     unsigned *bad)
{
    enum db_result result;
    while ((result = db_step(alerts->each_cursor)) == DB_ROW) {
        struct frame_cursor cursor = {.reading = (uint64_t)db_int(alerts->each_cursor, 1),
                                      .until = db_int(alerts->each_cursor, 2)};
        if (db_text(alerts->each_cursor, 0, cursor.detector, sizeof cursor.detector) &&
            text_valid(cursor.detector, sizeof cursor.detector) && cursor.until >= 0 && time_in_limits(cursor.until) &&
            cursor.reading <= ID_LIMIT)
            each(context, &cursor);
        else
            ++*bad;
    }
    db_reset(alerts->each_cursor);
    return result;
}

uint32_t alerts_db_rev(struct alerts_db *alerts, uint64_t id)
{
    uint32_t rev = 0;
    db_bind_int(alerts->rev, 1, (int64_t)id);
    if (db_step(alerts->rev) == DB_ROW)
        rev = (uint32_t)db_int(alerts->rev, 0);
    db_reset(alerts->rev);
    return rev;
}

/* The highest sensible value of these columns of cursors and alerts: one damaged row must not carry the log away. */
static enum db_result highest(struct alerts_db *a, const char *of_cursors, const char *of_alerts, int64_t limit,
                              int64_t *value)
{
    char sql[256];
    snprintf(sql, sizeof sql,
             "SELECT max((SELECT coalesce(max(%s), 0) FROM cursors WHERE %s <= %lld),"
             " (SELECT coalesce(max(%s), 0) FROM alerts WHERE %s <= %lld))",
             of_cursors, of_cursors, (long long)limit, of_alerts, of_alerts, (long long)limit);
    return db_number(a->db, sql, value);
}

enum db_result alerts_db_high(struct alerts_db *alerts, struct alerts_db_high *high)
{
    int64_t reading = 0, log = 0, boot = 0;
    enum db_result result = highest(alerts, "reading", "reading", ID_LIMIT, &reading);
    if (result == DB_OK)
        result = highest(alerts, "until", "at", TIME_LIMIT, &log);
    if (result == DB_OK)
        result = db_number(alerts->db, "SELECT coalesce(max(number), 0) FROM boots WHERE number < 4294967295", &boot);
    high->reading = reading > 0 ? (uint64_t)reading : 0;
    high->log = log > 0 ? log : 0;
    high->boot = boot > 0 ? (uint32_t)boot : 0;
    return result;
}

static void read_boot(struct db_statement *row, struct frame_boot *boot)
{
    *boot = (struct frame_boot){.boot = (uint32_t)db_int(row, 0),
                                .boot_offset = db_int(row, 1),
                                .wall_minus_log = db_int(row, 2),
                                .clock = db_int(row, 3) == 1,
                                .raised_once = db_int(row, 4) == 1,
                                .raised_from = db_int(row, 5),
                                .raised_by = db_int(row, 6)};
}

static bool boot_in_limits(const struct frame_boot *boot)
{
    return boot->boot != 0 && time_in_limits(boot->boot_offset) && time_in_limits(boot->wall_minus_log) &&
           boot->raised_from >= 0 && time_in_limits(boot->raised_from) && time_in_limits(boot->raised_by);
}

enum db_result alerts_db_find_boot(struct alerts_db *alerts, const char *boot_id, struct frame_boot *boot)
{
    db_bind_text(alerts->find_boot, 1, boot_id);
    enum db_result result = db_step(alerts->find_boot);
    if (result == DB_ROW)
        read_boot(alerts->find_boot, boot);
    db_reset(alerts->find_boot);
    if (result == DB_ROW && !boot_in_limits(boot))
        result = DB_OK; /* a damaged row: it is a new boot then */
    return result;
}

bool alerts_db_label(struct alerts_db *alerts, uint32_t boot, struct frame_boot *label)
{
    db_bind_int(alerts->label, 1, boot);
    bool found = db_step(alerts->label) == DB_ROW;
    struct frame_boot row;
    if (found)
        read_boot(alerts->label, &row);
    found = found && boot_in_limits(&row);
    if (found)
        *label = row;
    db_reset(alerts->label);
    return found;
}
