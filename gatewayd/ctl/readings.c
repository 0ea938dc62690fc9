/* gatewayctl history and watch. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/kinds.h"
#include "base/text.h"
#include "base/words.h"
#include "ctl/ctl.h"
#include "ctl/table.h"

cJSON *ctl_json_reading(const struct ctl *ctl, const struct reading *reading, int64_t wall_minus_log)
{
    char text[WORDS_SIZE];
    uint16_t kind = ctl_sensor_kind(ctl, reading->sensor);
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "id", (double)reading->id);
    cJSON_AddStringToObject(json, "at", words_iso(reading->at + wall_minus_log, text));
    cJSON_AddStringToObject(json, "sensor", ctl_sensor_name(ctl, reading->sensor));
    cJSON_AddStringToObject(json, "type", words_type(reading->type));
    cJSON_AddNumberToObject(json, "value", reading->value);
    cJSON_AddStringToObject(json, "text", words_reading(kind, reading, text));
    cJSON *flags = cJSON_AddArrayToObject(json, "flags");
    for (unsigned bit = 0; bit < 8; bit++)
        if (reading->flags & (1u << bit) && words_flags((uint8_t)(1u << bit), text)[0])
            cJSON_AddItemToArray(flags, cJSON_CreateString(text));
    return json;
}

void ctl_print_reading(const struct ctl *ctl, const struct reading *reading, int64_t wall_minus_log)
{
    char when[WORDS_SIZE], what[WORDS_SIZE], flags[WORDS_SIZE];
    unsigned width = 8;
    for (unsigned i = 0; i < SENSORS_MAX; i++)
        if (ctl->sensors[i] && table_width(ctl->sensors[i]->name) > width)
            width = table_width(ctl->sensors[i]->name);
    const char *name = ctl_sensor_name(ctl, reading->sensor);
    words_flags(reading->flags, flags);
    fprintf(ctl->out, "%s  %s%*s  %s%s%s%s\n", words_when(reading->at + wall_minus_log, when), name,
            (int)(table_width(name) < width ? width - table_width(name) : 0), "",
            words_reading(ctl_sensor_kind(ctl, reading->sensor), reading, what), flags[0] ? " (" : "", flags,
            flags[0] ? ")" : "");
}

/* ---- history ---- */

static void fill_history(const struct args *args, struct frame_ctl_request *ask)
{
    text_copy(ask->name, sizeof ask->name, args->name);
    ask->since_ms = args->since_ms;
}

/* The document is written while it comes: a month of readings need not lie in memory. */
static void show_history(struct ctl *ctl, const struct frame_history *history, uint64_t *told)
{
    for (uint32_t i = 0; i < history->n; i++) {
        const struct reading *reading = &history->reading[i];
        if (!ctl->args->json) {
            ctl_print_reading(ctl, reading, history->wall_minus_log);
        } else {
            cJSON *json = ctl_json_reading(ctl, reading, history->wall_minus_log);
            char *text = cJSON_PrintUnformatted(json);
            fprintf(ctl->out, "%s\n%s", *told ? "," : "", text ? text : "null");
            cJSON_free(text);
            cJSON_Delete(json);
        }
        ++*told;
    }
}

int ctl_history(struct ctl *ctl)
{
    uint64_t told = 0;
    bool begun = false;
    ctl_ask(ctl, CTL_HISTORY, fill_history);
    enum ctl_next next = CTL_NEXT_FRAME;
    while ((next = ctl_next(ctl, CTL_ANSWER_MS)) == CTL_NEXT_FRAME) {
        if (ctl->frame.header.type != FRAME_HISTORY) {
            ctl_take_sensor(ctl);
            continue;
        }
        if (ctl->args->json && !begun)
            fputs("{\"readings\": [", ctl->out);
        begun = true;
        show_history(ctl, &ctl->frame.history, &told);
    }
    if (ctl->args->json && begun) { /* a document that was begun is ended, whatever happened */
        fputs("\n]", ctl->out);
        if (next != CTL_NEXT_DONE)
            fputs(", \"incomplete\": true", ctl->out);
        fputs("}\n", ctl->out);
        return next == CTL_NEXT_DONE ? CTL_OK : CTL_REFUSED;
    }
    int status = ctl_explain(ctl, next);
    if (status == CTL_OK && ctl->args->json)
        fputs("{\"readings\": []}\n", ctl->out);
    else if (status == CTL_OK && !told)
        fputs("No readings in that time.\n", ctl->out);
    return status;
}

/* ---- watch ---- */

static void fill_watch(const struct args *args, struct frame_ctl_request *ask)
{
    text_copy(ask->name, sizeof ask->name, args->name);
}

static void wrap_json(struct ctl *ctl, const char *key, cJSON *item)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddItemToObject(json, key, item);
    ctl_print_json(ctl, json);
}

static void show_sensor(struct ctl *ctl)
{
    const struct frame_ctl_sensor *sensor = &ctl->frame.ctl_sensor;
    char value[WORDS_SIZE], ago[WORDS_SIZE];
    if (!ctl_take_sensor(ctl))
        return;
    if (ctl->args->json)
        wrap_json(ctl, "sensor", ctl_json_sensor(ctl, sensor));
    else
        fprintf(ctl->out, "%s is %s (%s)%s\n", sensor->name,
                sensor->at ? words_value(sensor->kind, sensor->value, value) : "unknown",
                words_ago(sensor->at, ctl->home.log_now, ago), sensor->available == 0 ? ", LOST" : "");
}

static void show_frame(struct ctl *ctl)
{
    const struct frame *frame = &ctl->frame;
    switch (frame->header.type) {
    case FRAME_CTL_SENSOR:
        show_sensor(ctl);
        break;
    case FRAME_READINGS:
        for (uint32_t i = 0; i < frame->readings.n; i++) {
            const struct reading *reading = &frame->readings.reading[i];
            if (ctl->args->json)
                wrap_json(ctl, "reading", ctl_json_reading(ctl, reading, ctl->home.wall_minus_log));
            else
                ctl_print_reading(ctl, reading, ctl->home.wall_minus_log);
        }
        break;
    case FRAME_ALERT:
        if (ctl->args->json)
            wrap_json(ctl, "alert", ctl_json_alert(&frame->alert));
        else
            ctl_print_alert(ctl, &frame->alert);
        break;
    case FRAME_CTL_HOME:
        ctl->home = frame->status; /* the clock was corrected */
        break;
    default:
        break;
    }
    fflush(ctl->out);
}

static int interrupts(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int watch_until(struct ctl *ctl, int signals, int64_t end)
{
    for (;;) {
        int64_t left = end < 0 ? -1 : end - clock_boottime_ms();
        if (end >= 0 && left <= 0)
            return CTL_OK;
        struct pollfd fds[2] = {{ctl->fd, POLLIN, 0}, {signals, POLLIN, 0}};
        int ready = poll(fds, 2, left > INT32_MAX ? INT32_MAX : (int)left);
        if (ready < 0 && errno != EINTR)
            return ctl_fail(ctl, CTL_REFUSED, "poll: %s", strerror(errno));
        if (fds[1].revents || ferror(ctl->out))
            return CTL_OK;
        if (ready <= 0 || !fds[0].revents)
            continue;
        enum ctl_next next = ctl_next(ctl, 0);
        if (next == CTL_NEXT_FRAME)
            show_frame(ctl);
        else if (next != CTL_NEXT_LATE)
            return next == CTL_NEXT_DONE ? CTL_OK : ctl_explain(ctl, next);
    }
}

int ctl_watch(struct ctl *ctl)
{
    int status = ctl_home(ctl);
    if (status != CTL_OK)
        return status;
    int64_t end = ctl->args->for_ms < 0 ? -1 : clock_boottime_ms() + ctl->args->for_ms;
    int signals = interrupts();
    ctl_ask(ctl, CTL_WATCH, fill_watch);
    status = watch_until(ctl, signals, end);
    if (signals >= 0)
        close(signals);
    return status;
}
