/* store_files.c - the two files through good and bad days.
 *
 * Damaged, foreign or newer: set aside, begun anew. No space, read-only, I/O errors: told, tried again by whoever
 * writes.
 *
 * Not to be opened at all (which a read-only disk is too: SQLite needs locks and a log to read): if the mirror knows
 * where this boot's log is, the database lives in memory from there on, open alerts come from the mirror, and every
 * DONE says failed. Else (a start after a power cut) nothing is answered: ids and log times given now would be wrong
 * ones once the disk is there, so the core runs without memory, as it does for a store that is not there, and joins the
 * two itself. Either way the disk is looked at every few seconds. When it is back, a store that answered ends and is
 * started anew with the files: STORE_STATE is the one place where both are brought together. Alerts survive that in the
 * mirror, readings in the core's tail: none of it had been confirmed. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "aside.h"
#include "base/channel.h"
#include "base/log.h"
#include "store_private.h"

#define MEMORY_HISTORY_MIB 2

static void path_of(const struct store *s, const struct store_file *file, char path[TEXT_SIZE + 32])
{
    snprintf(path, TEXT_SIZE + 32, "%s/%s", s->config.directory, file->name);
}

struct fault_text {
    const char *kind, *en, *zh;
};

static const struct fault_text *fault_text(enum db_result result)
{
    static const struct fault_text FULL = {"disk-full", "The gateway's disk is full: %s is not being saved.",
                                           "网关磁盘已满：%s 无法保存。"};
    static const struct fault_text READONLY = {
        "disk-read-only", "The gateway's disk is read-only: %s is not being saved.", "网关磁盘为只读：%s 无法保存。"};
    static const struct fault_text OTHER = {"disk-error", "The gateway's disk does not work: %s is not being saved.",
                                            "网关磁盘故障：%s 无法保存。"};
    return result == DB_FULL ? &FULL : result == DB_READONLY ? &READONLY : &OTHER;
}

static void tell(const struct store_file *file, enum db_result fault, bool active)
{
    const struct fault_text *text = fault_text(fault);
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    /* The formats are the three above. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(en, sizeof en, text->en, file->name);
    snprintf(zh, sizeof zh, text->zh, file->name);
#pragma GCC diagnostic pop
    channel_trouble(file->name, text->kind, active, true, en, zh);
}

void store_fault(struct store *s, struct store_file *file, enum db_result result)
{
    (void)s;
    if (result != DB_OK && file->fault != DB_OK && fault_text(result) == fault_text(file->fault))
        return;
    if (file->fault != DB_OK) {
        tell(file, file->fault, false);
        log_notice("%s: over: %s", file->name, fault_text(file->fault)->kind);
    }
    file->fault = result;
    if (result != DB_OK) {
        tell(file, result, true);
        log_error("%s: %s", file->name, fault_text(result)->kind);
    }
}

static enum db_result open_path(struct store *s, const struct store_file *file, const char *path, bool *is_new)
{
    if (file == &s->alerts_file)
        return alerts_db_open(path, &s->alerts, is_new);
    return history_db_open(path, &s->history, is_new);
}

static int open_file(struct store *s, struct store_file *file)
{
    char path[TEXT_SIZE + 32];
    path_of(s, file, path);
    bool is_new;
    file->memory = false;
    file->aside[0] = '\0';
    enum db_result result = open_path(s, file, path, &is_new);
    file->state = is_new ? STORE_FILE_NEW : STORE_FILE_OK;
    if (result == DB_CORRUPT || result == DB_NEWER) {
        if (aside_set(path, result == DB_NEWER ? "newer" : "corrupt", file->aside, sizeof file->aside) == 0) {
            log_error("%s was %s: set aside as %s, a new one is begun", file->name,
                      result == DB_NEWER ? "made by a newer version" : "damaged", file->aside);
            file->state = STORE_FILE_SET_ASIDE;
            result = open_path(s, file, path, &is_new);
        } else {
            result = DB_IO;
        }
    }
    if (result == DB_OK) {
        store_fault(s, file, DB_OK);
        return 0;
    }
    if (access(s->config.directory, W_OK) != 0 && errno == EROFS)
        result = DB_READONLY;
    if (file->fault == DB_OK)
        log_error("%s can't be opened", path);
    store_fault(s, file, result);
    file->memory = true;
    if (file->state != STORE_FILE_SET_ASIDE)
        file->state = STORE_FILE_NEW;
    return open_path(s, file, ":memory:", &is_new) == DB_OK ? 0 : -1;
}

static bool mirror_knows_log(const struct store *s)
{
    struct mirror_log log;
    return mirror_log(s->mirror, &log) && log.boot.boot != 0 && strcmp(log.boot_id, s->config.boot_id) == 0;
}

bool store_open(struct store *s)
{
    bool in_file;
    s->mirror = mirror_open(s->config.mirror, &in_file);
    if (!s->mirror)
        channel_worker_quit("out of memory");
    if (!in_file)
        log_error("%s can't be used: open alerts would not survive a damaged alerts.db", s->config.mirror);
    if (open_file(s, &s->alerts_file) != 0 || open_file(s, &s->history_file) != 0)
        channel_worker_quit("out of memory");
    if ((s->alerts_file.memory || s->history_file.memory) && !mirror_knows_log(s)) {
        store_close(s);
        return false;
    }
    history_db_limit(s->history, s->config.history_days,
                     s->history_file.memory ? MEMORY_HISTORY_MIB : s->config.history_mib);
    return true;
}

void store_close(struct store *s)
{
    alerts_db_close(s->alerts);
    history_db_close(s->history);
    mirror_close(s->mirror);
    s->alerts = NULL;
    s->history = NULL;
    s->mirror = NULL;
}

/* A newer revision than alerts.db has, or a raise that is kept beside a newer one. */
static bool mirror_knows_better(const struct store *s, const struct frame_commit *commit)
{
    const struct alert *alert = &commit->alert;
    uint32_t known = alerts_db_rev(s->alerts, alert->id);
    bool raise = alert->class_ == GW_EMERGENCY && alert->state == ALERT_RAISED && commit->pending != 0;
    return known < alert->rev || (raise && known > alert->rev && alerts_db_live(s->alerts, alert->id) &&
                                  !alerts_db_has(s->alerts, alert->id, alert->rev));
}

enum db_result store_merge_mirror(struct store *s, bool recovered)
{
    struct frame_commit *commit = &s->out->commit;
    enum db_result result = DB_OK;
    unsigned place = 0;
    memset(commit, 0, sizeof *commit);
    while (result == DB_OK && mirror_next(s->mirror, &place, &commit->alert, &commit->pending)) {
        if (!mirror_knows_better(s, commit))
            continue;
        if (recovered)
            commit->alert.flags |= ALERT_RECOVERED;
        result = alerts_db_put(s->alerts, commit);
    }
    struct frame_cursor cursor;
    place = 0;
    while (result == DB_OK && mirror_next_cursor(s->mirror, &place, &cursor)) {
        store_note_cursor(s, &cursor);
        if (recovered)
            result = alerts_db_put_cursor(s->alerts, &cursor);
    }
    if (result == DB_OK && recovered && s->has_boot)
        result = alerts_db_put_boot(s->alerts, &s->boot, s->config.boot_id);
    return result == DB_OK ? alerts_db_commit(s->alerts) : result;
}

/* Not while alerts.db is in memory: the file on the disk may still hold such an alert open. */
void store_trim_mirror(struct store *s)
{
    if (!s->alerts_file.memory)
        mirror_trim(s->mirror, ALERTS_CLOSED_TOLD, ALERTS_CLOSED_TOLD_MS);
}

static void tell_set_aside(const struct store_file *file)
{
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    snprintf(en, sizeof en, "%s was damaged and has been set aside as %s.", file->name, file->aside);
    snprintf(zh, sizeof zh, "%s 已损坏，已另存为 %s。", file->name, file->aside);
    channel_trouble(file->name, "store-corrupt", true, true, en, zh);
}

enum db_result store_replace_alerts(struct store *s)
{
    alerts_db_close(s->alerts);
    s->alerts = NULL;
    if (open_file(s, &s->alerts_file) != 0)
        return DB_FAILED;
    /* The opening's own check may find nothing wrong with what a statement stumbled over; then it goes on with it. */
    if (s->alerts_file.state == STORE_FILE_SET_ASIDE)
        tell_set_aside(&s->alerts_file);
    return store_merge_mirror(s, s->alerts_file.state != STORE_FILE_OK);
}

void store_replace_history(struct store *s)
{
    struct history_db *old = s->history;
    char path[TEXT_SIZE + 32];
    path_of(s, &s->history_file, path);
    s->history = NULL;
    history_db_leave_file(old);
    /* Set aside here: the quick opening would not find what the reading found. */
    if (!s->history_file.memory && aside_set(path, "corrupt", s->history_file.aside, sizeof s->history_file.aside) != 0)
        log_error("%s is damaged and can't be set aside", path);
    char name[sizeof s->history_file.aside];
    memcpy(name, s->history_file.aside, sizeof name);
    if (open_file(s, &s->history_file) == 0) {
        if (s->history_file.aside[0] == '\0')
            memcpy(s->history_file.aside, name, sizeof name);
        s->history_file.state = STORE_FILE_SET_ASIDE;
        tell_set_aside(&s->history_file);
        history_db_take_over(s->history, old);
        history_db_limit(s->history, s->config.history_days,
                         s->history_file.memory ? MEMORY_HISTORY_MIB : s->config.history_mib);
    }
    history_db_close(old);
}

static bool opens(struct store *s, const struct store_file *file)
{
    char path[TEXT_SIZE + 32];
    path_of(s, file, path);
    /* Nothing is made here: the next start shall see that the file is new. */
    if (access(path, F_OK) != 0)
        return access(s->config.directory, W_OK | X_OK) == 0;
    bool is_new;
    struct alerts_db *alerts = NULL;
    struct history_db *history = NULL;
    enum db_result result =
        file == &s->alerts_file ? alerts_db_open(path, &alerts, &is_new) : history_db_open(path, &history, &is_new);
    alerts_db_close(alerts);
    history_db_close(history);
    return result == DB_OK || result == DB_CORRUPT || result == DB_NEWER;
}

bool store_lacks_disk(const struct store *s)
{
    return s->alerts_file.memory || s->history_file.memory;
}

bool store_disk_is_back(struct store *s)
{
    /* A file that is open in this process must not be opened a second time: closing it would drop its locks. */
    if (access(s->config.directory, W_OK | X_OK) != 0)
        return false;
    return (!s->alerts_file.memory || opens(s, &s->alerts_file)) &&
           (!s->history_file.memory || opens(s, &s->history_file));
}
