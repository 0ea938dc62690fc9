#include "store.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/channel.h"
#include "base/clock.h"
#include "base/log.h"
#include "store_private.h"

#define ROWS_AT_ONCE   4000  /* readings that are committed without waiting for the batch's time */
#define RETRY_MS       5000  /* after the disk refused readings */
#define DISK_MS        10000 /* between looks at a disk that could not be opened */
#define OPEN_MS        2000  /* between tries to open it at the start */
#define FRAMES_AT_ONCE 64    /* frames that share transactions, when they stand in the socket together */

void store_send(struct store *s, const struct frame *frame)
{
    enum channel_result result = CHANNEL_EMPTY;
    while (!s->gone && result == CHANNEL_EMPTY) {
        result = channel_send(s->channel, frame);
        if (result == CHANNEL_EMPTY) {
            struct pollfd wait = {.fd = s->channel, .events = POLLOUT};
            poll(&wait, 1, -1);
        }
    }
    if (result == CHANNEL_CLOSED)
        s->gone = true;
}

/* What this process caused to be written to the disk: for the wear meter. 0 if the kernel does not tell. */
static uint64_t bytes_written(void)
{
    char text[512];
    int fd = open("/proc/self/io", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    text[n > 0 ? n : 0] = '\0';
    const char *line = strstr(text, "\nwrite_bytes: ");
    return line ? strtoull(line + strlen("\nwrite_bytes: "), NULL, 10) : 0;
}

static void send_done(struct store *s, enum store_done what, uint64_t token, bool failed)
{
    struct frame_done *done = &frame_init(s->out, FRAME_STORE_DONE)->done;
    done->token = token;
    done->bytes = bytes_written();
    done->what = what;
    done->failed = failed;
    store_send(s, s->out);
}

static void set_due(int64_t *due, int64_t after)
{
    if (*due == STORE_NEVER)
        *due = clock_boottime_ms() + after;
}

/* ---- alerts.db ---- */

/* The open transaction has ended: well, or with this result. */
static void end_alerts(struct store *s, enum db_result result)
{
    if (result == DB_CORRUPT) /* the mirror has what was in the transaction: it goes into the new file */
        result = store_replace_alerts(s);
    if (!s->alerts)
        channel_worker_quit("out of memory");
    if (!s->alerts_file.memory)
        store_fault(s, &s->alerts_file, result);
    if (result == DB_OK && s->alerts_over)
        store_trim_mirror(s);
    unsigned n = s->n_tokens;
    s->n_tokens = 0;
    s->alerts_now = s->alerts_over = false;
    s->alerts_due = STORE_NEVER;
    for (unsigned i = 0; i < n; i++)
        send_done(s, STORE_DONE_COMMIT, s->token[i], result != DB_OK || s->alerts_file.memory);
    if (store_lacks_disk(s))
        set_due(&s->disk_due, DISK_MS);
}

static void commit_alerts(struct store *s)
{
    enum db_result result = DB_OK;
    for (unsigned i = 0; i < s->n_cursors && result == DB_OK; i++)
        result = alerts_db_put_cursor(s->alerts, &s->cursor[i]);
    if (result == DB_OK)
        result = alerts_db_commit(s->alerts);
    if (result == DB_OK)
        s->n_cursors = 0;
    s->cursors_due = STORE_NEVER;
    if (s->n_cursors > 0)
        set_due(&s->cursors_due, STORE_CURSORS_MS);
    end_alerts(s, result);
}

static void on_commit(struct store *s)
{
    const struct frame_commit *commit = &s->in->commit;
    if (!mirror_put(s->mirror, &commit->alert, commit->pending))
        log_warning("the mirror is full: an alert is kept in alerts.db only");
    if (commit->has_cursor) {
        mirror_put_cursor(s->mirror, &commit->cursor);
        store_note_cursor(s, &commit->cursor); /* in place of an older one that waits; both go in one transaction */
    }
    s->token[s->n_tokens++] = commit->token;
    s->alerts_now = true;
    s->alerts_over = s->alerts_over || (commit->alert.state >= ALERT_CANCELLED && commit->pending == 0);
    enum db_result result = alerts_db_put(s->alerts, commit);
    if (result != DB_OK)
        end_alerts(s, result);
    else if (s->n_tokens == STORE_TOKENS_MAX)
        commit_alerts(s);
}

/* Not on the disk at once: forgotten by a crash it is sent once more, and the platform knows it by (id, rev). Until it
 * is there the mirror keeps what it has: else an alert that the disk still holds open would come back. */
static void on_forget(struct store *s)
{
    const struct frame_forget *forget = &s->in->forget;
    bool live = true;
    mirror_forget(s->mirror, forget);
    enum db_result result = alerts_db_forget(s->alerts, forget, &live);
    if (result != DB_OK) {
        end_alerts(s, result);
        return;
    }
    s->alerts_over = s->alerts_over || !live;
    set_due(&s->alerts_due, s->config.batch_ms);
}

static void on_cursor(struct store *s)
{
    mirror_put_cursor(s->mirror, &s->in->cursor);
    store_note_cursor(s, &s->in->cursor);
    if (store_first_cursor(s, s->in->cursor.detector))
        s->cursors_due = clock_boottime_ms();
    set_due(&s->cursors_due, STORE_CURSORS_MS);
}

static void on_boot(struct store *s)
{
    s->boot = s->in->boot;
    s->has_boot = true;
    store_mirror_log(s);
    s->alerts_now = true;
    enum db_result result = alerts_db_put_boot(s->alerts, &s->boot, s->config.boot_id);
    if (result != DB_OK)
        end_alerts(s, result);
}

/* ---- history.db ---- */

static void tell_lost(struct store *s)
{
    uint64_t lost = queue_lost(s->queue);
    if (lost != s->lost_told)
        log_warning("history.db: %llu readings were lost while the disk did not take them",
                    (unsigned long long)(lost - s->lost_told));
    s->lost_told = lost;
}

/* Everything up to here has been dealt with: it is on the disk, or it is of no sensor that is kept. */
static uint64_t last_taken(const struct store *s)
{
    uint64_t last = history_db_last(s->history);
    return s->taken > last ? s->taken : last;
}

static void commit_readings(struct store *s, bool trim)
{
    size_t n = queue_count(s->queue);
    enum db_result result = n > 0 ? history_db_append(s->history, s->queue, n, trim) : DB_OK;
    if (result == DB_CORRUPT) {
        store_replace_history(s);
        if (!s->history)
            channel_worker_quit("out of memory");
        result = history_db_append(s->history, s->queue, n, false);
    }
    s->readings_now = false;
    s->readings_due = STORE_NEVER;
    if (result == DB_OK) {
        queue_drop(s->queue, n);
        tell_lost(s);
        store_mirror_log(s);
    } else {
        set_due(&s->readings_due, RETRY_MS);
    }
    if (!s->history_file.memory)
        store_fault(s, &s->history_file, result);
    if (store_lacks_disk(s))
        set_due(&s->disk_due, DISK_MS);
    if (s->readings_said)
        send_done(s, STORE_DONE_READINGS, last_taken(s), result != DB_OK || s->history_file.memory);
    s->readings_said = result != DB_OK; /* the core hears of it when they are there */
}

static void put_reading(struct store *s, struct reading reading, bool urgent)
{
    size_t waiting = queue_count(s->queue);
    uint64_t last = waiting > 0 ? queue_at(s->queue, waiting - 1)->id : history_db_last(s->history);
    if (reading.id <= last || reading.id > ID_LIMIT)
        return; /* sent again by the core after a restart: it is here already */
    int row = HISTORY_ROW_HOME;
    if (reading.sensor != SENSOR_HOME)
        row = reading.sensor < SENSORS_MAX ? s->slot_row[reading.sensor] : -1;
    if (row < 0) {
        if (s->unknown++ == 0)
            log_warning("a reading of slot %u, which has no sensor, is not kept", reading.sensor);
        return;
    }
    reading.sensor = (uint16_t)row;
    if (!urgent)
        reading.source_key = 0;
    queue_put(s->queue, &reading);
}

static void on_readings(struct store *s)
{
    const struct frame_readings *readings = &s->in->readings;
    bool urgent = readings->flags & READINGS_URGENT;
    for (uint32_t i = 0; i < readings->n; i++) {
        put_reading(s, readings->reading[i], urgent);
        if (readings->reading[i].id > s->taken)
            s->taken = readings->reading[i].id;
    }
    s->readings_said = true;
    s->readings_now = s->readings_now || urgent;
    bool failing = s->history_file.fault != DB_OK && !s->history_file.memory;
    if (queue_count(s->queue) >= ROWS_AT_ONCE && !failing)
        commit_readings(s, !urgent);
    else
        set_due(&s->readings_due, s->config.batch_ms);
}

/* An answer has one label: that of its boot, and before the boot's first sync, which raised the offset, a later one. */
static void label_answer(struct store *s, struct frame_history *out)
{
    struct frame_boot label = s->boot;
    if (out->n > 0 && out->reading[0].boot != s->boot.boot)
        alerts_db_label(s->alerts, out->reading[0].boot, &label);
    out->wall_minus_log = label.wall_minus_log;
    out->clock = label.clock;
    if (out->n == 0 || label.raised_by == 0 || out->reading[0].at >= label.raised_from)
        return;
    out->wall_minus_log += label.raised_by;
    for (uint32_t i = 1; i < out->n; i++) {
        if (out->reading[i].at >= label.raised_from) {
            out->n = i;
            out->next_id = out->reading[i].id;
        }
    }
}

static void on_query(struct store *s)
{
    const struct frame_history_query *query = &s->in->history_query;
    struct history_wanted wanted = {.row[HISTORY_ROW_HOME] = true, .slot[HISTORY_ROW_HOME] = SENSOR_HOME};
    for (unsigned slot = 0; slot < SENSORS_MAX; slot++) {
        int row = s->slot_row[slot];
        if (row >= 0 && (query->slots[slot / 64] >> (slot % 64) & 1)) {
            wanted.row[row] = true;
            wanted.slot[row] = (uint16_t)slot;
        }
    }
    struct frame_history *out = &frame_init(s->out, FRAME_HISTORY)->history;
    enum db_result result = history_db_query(s->history, s->queue, query, &wanted, out);
    if (result == DB_CORRUPT) {
        store_replace_history(s);
        if (!s->history)
            channel_worker_quit("out of memory");
        out = &frame_init(s->out, FRAME_HISTORY)->history; /* telling of it used the frame */
        history_db_query(s->history, s->queue, query, &wanted, out);
    }
    out->token = query->token;
    label_answer(s, out);
    frame_set_n(s->out, out->n);
    store_send(s, s->out);
}

/* ---- configuration ---- */

static void begin(struct store *s)
{
    s->opening = !store_open(s);
    if (!s->opening)
        store_start(s);
    s->disk_due = s->opening ? clock_boottime_ms() + OPEN_MS : STORE_NEVER;
    if (!s->opening && store_lacks_disk(s))
        set_due(&s->disk_due, DISK_MS);
}

static void on_config_end(struct store *s)
{
    bool other_place = s->started && (strcmp(s->wanted.directory, s->config.directory) != 0 ||
                                      strcmp(s->wanted.mirror, s->config.mirror) != 0);
    if (other_place) {
        s->again = true;
        return;
    }
    s->config = s->wanted;
    if (s->started) {
        history_db_limit(s->history, s->config.history_days, s->config.history_mib);
        store_map_slots(s);
        return;
    }
    if (s->config.directory[0] == '\0')
        channel_worker_fail("no directory was configured for the store");
    begin(s);
}

static void on_sensor(struct store *s)
{
    const struct frame_sensor *sensor = &s->in->sensor;
    if (sensor->slot < SENSORS_MAX)
        memcpy(s->slot_name[sensor->slot], sensor->name, NAME_SIZE);
}

static void handle(struct store *s)
{
    switch (s->in->header.type) {
    case FRAME_CONFIG_BEGIN:
        memset(s->slot_name, 0, SENSORS_MAX * sizeof *s->slot_name);
        return;
    case FRAME_STORE_CONFIG:
        s->wanted = s->in->store_config;
        return;
    case FRAME_SENSOR:
        on_sensor(s);
        return;
    case FRAME_CONFIG_END:
        on_config_end(s);
        return;
    default:
        break;
    }
    if (!s->started) {
        log_warning("%s before the configuration", frame_type_name(s->in->header.type));
        return;
    }
    switch (s->in->header.type) {
    case FRAME_READINGS:
        on_readings(s);
        break;
    case FRAME_STORE_COMMIT:
        on_commit(s);
        break;
    case FRAME_STORE_FORGET:
        on_forget(s);
        break;
    case FRAME_STORE_CURSOR:
        on_cursor(s);
        break;
    case FRAME_STORE_BOOT:
        on_boot(s);
        break;
    case FRAME_HISTORY_QUERY:
        on_query(s);
        break;
    default:
        log_warning("a %s frame is not for the store", frame_type_name(s->in->header.type));
    }
}

/* ---- the loop ---- */

/* Before waiting: what was asked for at once goes to the disk. Readings first, so that a cursor in alerts.db does not
 * get ahead of them on a healthy disk: a store that is started again is then sent what is missing. (A first raise does
 * not wait for this, the core sends it before it is committed.) */
static void settle(struct store *s)
{
    bool healthy = s->history_file.fault == DB_OK;
    if (s->readings_now || (s->alerts_now && healthy && queue_count(s->queue) > 0))
        commit_readings(s, false);
    if (s->alerts_now)
        commit_alerts(s);
}

static void run_timers(struct store *s)
{
    int64_t now = clock_boottime_ms();
    if (s->opening && now >= s->disk_due)
        begin(s);
    if (!s->started)
        return;
    if (now >= s->alerts_due || now >= s->cursors_due)
        commit_alerts(s);
    if (now >= s->readings_due)
        commit_readings(s, true);
    if (now >= s->disk_due) {
        s->again = store_disk_is_back(s);
        s->disk_due = now + DISK_MS;
    }
}

static int until_next(const struct store *s)
{
    int64_t due = s->alerts_due;
    if (s->cursors_due < due)
        due = s->cursors_due;
    if (s->readings_due < due)
        due = s->readings_due;
    if (s->disk_due < due)
        due = s->disk_due;
    if (due == STORE_NEVER)
        return -1;
    int64_t wait = due - clock_boottime_ms();
    return wait < 0 ? 0 : wait > 3600000 ? 3600000 : (int)wait;
}

/* True: a frame was handled. */
static bool receive(struct store *s)
{
    const char *why = "";
    switch (channel_receive(s->channel, s->in, &why)) {
    case CHANNEL_OK:
        handle(s);
        return true;
    case CHANNEL_CLOSED:
        s->gone = true;
        return false;
    case CHANNEL_BAD:
        log_warning("a frame from the core was refused: %s", why);
        return true;
    default:
        return false;
    }
}

static void loop(struct store *s)
{
    while (!s->gone && !s->again) {
        int frames = 0;
        while (frames < FRAMES_AT_ONCE && !s->again && receive(s))
            frames++;
        settle(s);
        run_timers(s);
        if (frames == 0 && !s->gone && !s->again) {
            struct pollfd wait = {.fd = s->channel, .events = POLLIN};
            poll(&wait, 1, until_next(s));
        }
    }
}

static void finish(struct store *s)
{
    if (s->started) {
        commit_readings(s, false);
        commit_alerts(s);
        if (s->again)
            log_notice("ending to begin anew with %s", s->config.directory);
        if (s->again && s->alerts_file.fault != DB_OK)
            store_fault(s, &s->alerts_file, DB_OK);
        if (s->again && s->history_file.fault != DB_OK)
            store_fault(s, &s->history_file, DB_OK);
    }
    store_close(s);
}

int store_run(int channel)
{
    struct store *s = calloc(1, sizeof *s);
    if (!s)
        return 1;
    s->channel = channel;
    s->in = calloc(1, sizeof *s->in);
    s->out = calloc(1, sizeof *s->out);
    s->slot_name = calloc(SENSORS_MAX, sizeof *s->slot_name);
    s->queue = queue_create();
    s->alerts_file.name = "alerts.db";
    s->history_file.name = "history.db";
    s->alerts_due = s->readings_due = s->cursors_due = s->disk_due = STORE_NEVER;
    bool ready = s->in && s->out && s->slot_name && s->queue;
    if (ready) {
        loop(s);
        finish(s);
    }
    queue_destroy(s->queue);
    free(s->slot_name);
    free(s->out);
    free(s->in);
    free(s);
    return ready ? 0 : 1;
}
