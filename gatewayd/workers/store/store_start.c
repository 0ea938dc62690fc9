/* store_start.c - what the store says first: everything it knows, up to READY. */
#include <stdio.h>
#include <string.h>

#include "base/channel.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "store_private.h"

void store_note_cursor(struct store *s, const struct frame_cursor *cursor)
{
    unsigned i = 0;
    while (i < s->n_cursors && strcmp(s->cursor[i].detector, cursor->detector) != 0)
        i++;
    if (i == STORE_CURSORS_MAX)
        return; /* more detectors than there can be: names from long ago */
    if (i == s->n_cursors)
        s->n_cursors++;
    else if (cursor->reading < s->cursor[i].reading)
        return;
    s->cursor[i] = *cursor;
}

bool store_first_cursor(struct store *s, const char *detector)
{
    unsigned i = 0;
    while (i < s->n_begun && strcmp(s->begun[i], detector) != 0)
        i++;
    if (i < s->n_begun || i == STORE_CURSORS_MAX)
        return false;
    text_copy(s->begun[s->n_begun++], NAME_SIZE, detector);
    return true;
}

void store_map_slots(struct store *s)
{
    for (int slot = 0; slot < SENSORS_MAX; slot++) {
        const char *name = s->slot_name[slot];
        s->slot_row[slot] = name[0] ? history_db_row(s->history, name) : -1;
        if (name[0] && s->slot_row[slot] < 0)
            log_error("history.db knows too many sensor names: readings of %s are not kept", name);
    }
}

void store_mirror_log(struct store *s)
{
    struct mirror_log log = {.last_id = history_db_last(s->history), .last_log = history_db_last_log(s->history)};
    if (s->has_boot)
        log.boot = s->boot;
    memcpy(log.boot_id, s->config.boot_id, sizeof log.boot_id);
    mirror_put_log(s->mirror, &log);
}

static void raise_to(struct frame_store_state *state, uint64_t id, int64_t log)
{
    if (id > state->last_id)
        state->last_id = id;
    if (log > state->last_log)
        state->last_log = log;
}

static void find_boot(struct store *s, const struct mirror_log *mirrored, uint32_t highest)
{
    if (alerts_db_find_boot(s->alerts, s->config.boot_id, &s->boot) == DB_ROW)
        s->has_boot = true;
    else if (mirrored->boot.boot != 0 && strcmp(mirrored->boot_id, s->config.boot_id) == 0) {
        s->boot = mirrored->boot;
        s->has_boot = true;
    } else
        s->boot = (struct frame_boot){.boot = highest + 1};
}

static void list_aside(const struct store *s, char *out, size_t size)
{
    const char *first = s->alerts_file.aside, *second = s->history_file.aside;
    (void)snprintf(out, size, "%s%s%s", first, first[0] && second[0] ? " " : "", second);
}

static void send_state(struct store *s)
{
    struct frame_store_state *state = &frame_init(s->out, FRAME_STORE_STATE)->store_state;
    struct alerts_db_high high = {0};
    struct mirror_log mirrored = {0};
    enum db_result result = alerts_db_high(s->alerts, &high);
    if (result != DB_OK)
        log_error("alerts.db: the highest id can't be read");
    mirror_log(s->mirror, &mirrored);
    state->stored_id = history_db_last(s->history);
    raise_to(state, high.reading, high.log);
    raise_to(state, history_db_last(s->history), history_db_last_log(s->history));
    raise_to(state, mirrored.last_id, mirrored.last_log);
    for (unsigned i = 0; i < s->n_cursors; i++)
        raise_to(state, s->cursor[i].reading, s->cursor[i].until);
    uint32_t boot = high.boot;
    if (history_db_last_boot(s->history) > boot)
        boot = history_db_last_boot(s->history);
    if (mirrored.boot.boot > boot)
        boot = mirrored.boot.boot;
    find_boot(s, &mirrored, boot);
    state->boot = s->boot.boot;
    state->known_boot = s->has_boot;
    state->boot_offset = s->boot.boot_offset;
    state->wall_minus_log = s->boot.wall_minus_log;
    state->clock = s->boot.clock;
    state->raised_once = s->boot.raised_once;
    state->raised_from = s->boot.raised_from;
    state->raised_by = s->boot.raised_by;
    state->alerts_file = s->alerts_file.state;
    state->history_file = s->history_file.state;
    list_aside(s, state->set_aside, sizeof state->set_aside);
    store_send(s, s->out);
}

static void send_rings_and_keys(struct store *s)
{
    uint64_t values[SOURCE_KEYS_MAX > HISTORY_RINGS_MAX ? SOURCE_KEYS_MAX : HISTORY_RINGS_MAX];
    unsigned n = history_db_rings(s->history, values);
    for (unsigned i = 0; i < n; i++) {
        frame_init(s->out, FRAME_STORE_RING)->store_ring.origin = values[i];
        store_send(s, s->out);
    }
    n = history_db_keys(s->history, values);
    for (unsigned i = 0; i < n; i += SOURCE_KEYS_PER_FRAME) {
        struct frame_source_keys *keys = &frame_init(s->out, FRAME_SOURCE_KEYS)->source_keys;
        keys->n = n - i < SOURCE_KEYS_PER_FRAME ? n - i : SOURCE_KEYS_PER_FRAME;
        memcpy(keys->key, &values[i], keys->n * sizeof(values[0]));
        store_send(s, s->out);
    }
}

static void gather_cursor(void *context, const struct frame_cursor *cursor)
{
    store_note_cursor(context, cursor);
}

static void send_cursors(struct store *s)
{
    for (unsigned i = 0; i < s->n_cursors; i++) {
        store_first_cursor(s, s->cursor[i].detector);
        mirror_put_cursor(s->mirror, &s->cursor[i]);
        frame_init(s->out, FRAME_STORE_CURSOR)->cursor = s->cursor[i];
        store_send(s, s->out);
    }
}

/* It was read into s->out. After a power cut the mirror is empty: it must know what the disk may yet lose. */
static void send_commit(void *context, const struct frame_commit *commit)
{
    struct store *s = context;
    if (!mirror_put(s->mirror, &commit->alert, commit->pending))
        log_warning("the mirror is full: an alert is kept in alerts.db only");
    store_send(s, s->out);
}

static void tell_bad_rows(const struct store *s, unsigned bad)
{
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    if (bad == 0)
        return;
    snprintf(en, sizeof en, "%u rows of %s make no sense and were left out.", bad, s->alerts_file.name);
    snprintf(zh, sizeof zh, "%s 中有 %u 行数据无效，已忽略。", s->alerts_file.name, bad);
    channel_trouble(s->alerts_file.name, "store-row", true, true, en, zh);
}

/* Rows are read straight into the frame that is sent, after its header has been set once. */
static enum db_result send_commits(struct store *s, unsigned *bad)
{
    struct frame_commit *commit = &frame_init(s->out, FRAME_STORE_COMMIT)->commit;
    return alerts_db_each(s->alerts, commit, send_commit, s, bad);
}

void store_start(struct store *s)
{
    unsigned bad = 0;
    store_map_slots(s);
    enum db_result result = alerts_db_each_cursor(s->alerts, gather_cursor, s, &bad);
    if (result == DB_OK)
        result = store_merge_mirror(s, s->alerts_file.state != STORE_FILE_OK);
    if (result == DB_OK)
        store_trim_mirror(s);
    if (result != DB_OK && result != DB_CORRUPT)
        store_fault(s, &s->alerts_file, result);
    send_state(s);
    send_rings_and_keys(s);
    send_cursors(s);
    result = send_commits(s, &bad);
    if (result != DB_OK)
        log_error("alerts.db can't be read to its end");
    tell_bad_rows(s, bad);
    /* The mirror's may be newer than the stored ones: all go with the next transaction. */
    if (s->n_cursors > 0)
        s->cursors_due = clock_boottime_ms() + STORE_CURSORS_MS;
    store_mirror_log(s);
    s->started = true;
    frame_init(s->out, FRAME_READY);
    store_send(s, s->out);
}
