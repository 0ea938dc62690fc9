#include "detector.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/channel.h"
#include "base/clock.h"
#include "base/text.h"

#define START_MS      20000 /* a machine that is busy with other things; live it is 5 s */
#define ANSWER_MS     60000 /* a chunk is up to nine batches, for each of which live allows 3 s */
#define LOG_LINES_MAX 50u   /* of one detector, told on stderr */

__attribute__((format(printf, 2, 3))) static bool fail(struct detector *d, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(d->error, sizeof d->error, format, arguments);
    va_end(arguments);
    return false;
}

/* ---- what it says ---- */

static bool slot_in(const struct detector *d, uint16_t slot)
{
    return slot == SENSOR_HOME || (slot < SENSORS_MAX && (d->slots[slot / 64] >> (slot % 64) & 1u));
}

static bool keep(struct detector *d, struct said_list *list, const struct frame_condition *c)
{
    if (c->kind >= d->n_alerts || (c->raised && c->episode == 0))
        return fail(d, "it said something about an alert that it does not have");
    for (uint32_t i = 0; i < c->n_evidence; i++)
        if (!slot_in(d, c->evidence[i].sensor))
            return fail(d, "it said something about a sensor that it does not have");
    if (list->n == list->capacity) {
        uint32_t capacity = list->capacity ? 2 * list->capacity : 64;
        struct said *said = realloc(list->said, capacity * sizeof *said);
        if (!said)
            return fail(d, "out of memory");
        list->said = said;
        list->capacity = capacity;
    }
    list->said[list->n++] = (struct said){d->number, d->order++, *c};
    return true;
}

static bool take_table(struct detector *d, const struct frame *frame)
{
    if (frame->header.type == FRAME_PLUGIN_INFO) {
        d->n_alerts = frame->plugin_info.n_alerts;
        return d->n_alerts <= PLUGIN_ALERTS_MAX ? true : fail(d, "the plugin declares too many kinds of alert");
    }
    if (d->alerts_got == d->n_alerts)
        return fail(d, "the plugin declares more kinds of alert than it says");
    d->alerts[d->alerts_got++] = frame->plugin_alert;
    d->visits |= (frame->plugin_alert.flags & GW_ALERT_VISIT) != 0;
    return true;
}

static bool bind_sensor(struct detector *d, const struct frame_bind *bind)
{
    if (bind->slot >= d->settings->n_sensors)
        return fail(d, "it wants a sensor that does not exist");
    d->slots[bind->slot / 64] |= UINT64_C(1) << (bind->slot % 64);
    return true;
}

/* False: it failed. list NULL: it has not been given anything yet. */
static bool take(struct detector *d, const struct frame *frame, struct said_list *list)
{
    switch (frame->header.type) {
    case FRAME_PLUGIN_INFO:
    case FRAME_PLUGIN_ALERT:
        return take_table(d, frame);
    case FRAME_BIND:
        return bind_sensor(d, &frame->bind);
    case FRAME_HEALTH:
        d->health = frame->health;
        return true;
    case FRAME_CONDITION:
        return list ? keep(d, list, &frame->condition) : fail(d, "it speaks before it is asked");
    case FRAME_BATCH_DONE:
        if (frame->batch_done.token != d->answered + 1 || frame->batch_done.token > d->token)
            return fail(d, "it answered a batch that it was not given");
        d->answered++;
        d->wake = frame->batch_done.wake;
        d->dropped += frame->batch_done.dropped;
        return true;
    case FRAME_FAILED:
        return fail(d, "%s", frame->text.text);
    default:
        return true;
    }
}

/* ---- the process ---- */

/* Its lines on stderr, with its name instead of the journal's level. */
static void tell_log(struct detector *d)
{
    char text[4096];
    ssize_t got = d->process.log >= 0 ? read(d->process.log, text, sizeof text - 1) : 0;
    if (got <= 0)
        return;
    text[got] = '\0';
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        if (d->log_lines++ == LOG_LINES_MAX)
            fprintf(stderr, "detector %s: more lines are not shown\n", d->own->name);
        if (d->log_lines > LOG_LINES_MAX)
            continue;
        bool level = line[0] == '<' && line[1] && line[2] == '>';
        fprintf(stderr, "detector %s: %s\n", d->own->name, level ? line + 3 : line);
    }
}

static bool died(struct detector *d)
{
    int status = 0;
    char cause[96];
    tell_log(d);
    kill(d->process.pid, SIGKILL); /* it closed its channel: if it has not ended by itself, it has not failed well */
    while (wait4(d->process.pid, &status, 0, &d->used) < 0 && errno == EINTR)
        continue;
    d->process.pid = 0;
    return fail(d, "it ended: %s", spawn_cause(status, cause, sizeof cause));
}

/* Take one frame from it, waiting for it or (with `room`) for room to send. */
static bool next(struct detector *d, struct frame *frame, struct said_list *list, int timeout_ms, bool room)
{
    const char *why = "";
    switch (channel_receive(d->process.channel, frame, &why)) {
    case CHANNEL_OK:
        return take(d, frame, list);
    case CHANNEL_CLOSED:
        return died(d);
    case CHANNEL_BAD:
        return fail(d, "it sent a bad message: %s", why);
    case CHANNEL_EMPTY:
        break;
    }
    tell_log(d);
    struct pollfd fd = {d->process.channel, (short)(POLLIN | (room ? POLLOUT : 0)), 0};
    int ready = poll(&fd, 1, timeout_ms);
    return ready == 0 ? fail(d, "it hangs: no answer within %d s", timeout_ms / 1000) : true;
}

/* While the socket is full, what it says is taken: else both would wait for each other. `in`: room for that; not
 * `out`. */
static bool send_one(struct detector *d, const struct frame *out, struct frame *in, struct said_list *list)
{
    for (;;) {
        switch (channel_send(d->process.channel, out)) {
        case CHANNEL_OK:
            return true;
        case CHANNEL_EMPTY:
            if (!next(d, in, list, ANSWER_MS, true))
                return false;
            break;
        default:
            while (next(d, in, list, ANSWER_MS, false)) /* its last words say why */
                continue;
            return false;
        }
    }
}

static bool configure(struct detector *d, struct frame *out, struct frame *in)
{
    bool good = send_one(d, frame_init(out, FRAME_CONFIG_BEGIN), in, NULL);
    frame_init(out, FRAME_DETECTOR_CONFIG);
    struct frame_detector_config *c = &out->detector_config;
    text_copy(c->name, sizeof c->name, d->own->name);
    text_copy(c->timezone, sizeof c->timezone, d->settings->timezone);
    if ((size_t)snprintf(c->plugin, sizeof c->plugin, "%s/%s.so", d->settings->plugin_dir, d->own->plugin) >=
        sizeof c->plugin)
        return fail(d, "the path of its plugin is too long");
    c->memory_mib = d->own->memory_mib;
    good = good && send_one(d, out, in, NULL);
    for (uint32_t i = 0; good && i < d->own->n_settings; i++) {
        frame_init(out, FRAME_SETTING)->setting = d->own->settings[i];
        good = send_one(d, out, in, NULL);
    }
    for (uint32_t i = 0; good && i < d->settings->n_sensors; i++) {
        struct frame_sensor *sensor = &frame_init(out, FRAME_SENSOR)->sensor;
        sensor->slot = (uint16_t)i;
        sensor->kind = d->settings->sensors[i].kind;
        text_copy(sensor->name, NAME_SIZE, d->settings->sensors[i].name);
        text_copy(sensor->room, NAME_SIZE, d->settings->sensors[i].room);
        good = send_one(d, out, in, NULL);
    }
    return good && send_one(d, frame_init(out, FRAME_CONFIG_END), in, NULL);
}

bool detector_start(struct detector *d, const struct settings *settings, uint32_t number, const char *libexec)
{
    char path[TEXT_SIZE * 2];
    char *argv[] = {path, NULL};
    *d = (struct detector){.number = number, .settings = settings, .own = &settings->detectors[number]};
    snprintf(path, sizeof path, "%s/gatewayd-detector", libexec);
    d->alerts = calloc(PLUGIN_ALERTS_MAX, sizeof *d->alerts);
    struct frame *frames = calloc(2, sizeof *frames);
    bool good = false;
    if (!d->alerts || !frames)
        fail(d, "out of memory");
    else if (spawn_worker(argv, 0, NULL, SPAWN_STDERR_PIPE, &d->process) != 0)
        fail(d, "can't start %s: %s", path, strerror(errno));
    else
        good = configure(d, &frames[0], &frames[1]);
    free(frames);
    return good;
}

bool detector_ready(struct detector *d)
{
    struct frame *frame = calloc(1, sizeof *frame);
    if (!frame)
        return fail(d, "out of memory");
    bool good = true;
    frame->header.type = FRAME_NONE;
    while (good && frame->header.type != FRAME_READY)
        good = next(d, frame, NULL, START_MS, false);
    free(frame);
    d->ready = good;
    return good;
}

/* ---- the readings ---- */

static bool send_batch(struct detector *d, struct frame *frame, uint32_t n, int64_t until, struct said_list *list)
{
    frame->batch.token = ++d->token;
    frame->batch.until = until;
    frame_set_n(frame, n);
    d->readings += n;
    return send_one(d, frame, frame + 1, list);
}

static void begin_batch(struct frame *frame, int64_t wall_minus_log)
{
    frame_init(frame, FRAME_BATCH);
    frame->batch.wall_minus_log = wall_minus_log;
    frame->batch.clock = CLOCK_SYNCED;
}

/* Where the log begins: live it would have been given what is now, which is nothing. */
static bool begin_log(struct detector *d, int64_t first, int64_t wall_minus_log, struct frame *frame,
                      struct said_list *list)
{
    begin_batch(frame, wall_minus_log);
    return send_batch(d, frame, 0, first - 1, list);
}

bool detector_feed(struct detector *d, const struct reading *readings, uint32_t n, int64_t until,
                   int64_t wall_minus_log, struct frame *frame, struct said_list *list)
{
    uint32_t in_batch = 0;
    int64_t last = 0;
    if (d->token == 0 && !begin_log(d, n > 0 ? readings[0].at : until, wall_minus_log, frame, list))
        return false;
    begin_batch(frame, wall_minus_log);
    for (uint32_t i = 0; i < n; i++) {
        if (!slot_in(d, readings[i].sensor))
            continue;
        if (in_batch == READINGS_PER_FRAME) {
            /* Up to the millisecond before: the next reading may be of the same one, and comes before its wakes. */
            if (!send_batch(d, frame, in_batch, last - 1, list))
                return false;
            begin_batch(frame, wall_minus_log);
            in_batch = 0;
        }
        frame->batch.reading[in_batch++] = readings[i];
        last = readings[i].at;
    }
    if (in_batch == 0 && (d->wake == 0 || d->wake > until))
        return true; /* nothing for it, as live */
    return send_batch(d, frame, in_batch, until, list);
}

bool detector_answers(struct detector *d, struct frame *frame, struct said_list *list)
{
    while (d->answered < d->token)
        if (!next(d, frame, list, ANSWER_MS, false))
            return false;
    return true;
}

void detector_end(struct detector *d)
{
    if (d->process.pid > 0) {
        close(d->process.channel);
        d->process.channel = -1;
        if (!d->ready || d->answered != d->token) /* else it ends by itself when its channel closes */
            kill(d->process.pid, SIGKILL);
        int status = 0;
        while (wait4(d->process.pid, &status, 0, &d->used) < 0 && errno == EINTR)
            continue;
    }
    tell_log(d);
    if (d->own && d->process.channel > 0)
        close(d->process.channel);
    if (d->own && d->process.log > 0)
        close(d->process.log);
    free(d->alerts);
    d->alerts = NULL;
    d->process = (struct spawned){0, -1, -1};
}
