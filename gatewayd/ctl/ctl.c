#include "ctl/ctl.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/channel.h"
#include "base/text.h"
#include "base/words.h"
#include "ctl/table.h"

struct ctl *ctl_create(const struct args *args, FILE *out, FILE *err)
{
    struct ctl *ctl = calloc(1, sizeof *ctl);
    if (!ctl)
        return NULL;
    ctl->args = args;
    ctl->fd = -1;
    ctl->out = out;
    ctl->err = err;
    return ctl;
}

void ctl_destroy(struct ctl *ctl)
{
    if (!ctl)
        return;
    if (ctl->fd >= 0)
        close(ctl->fd);
    for (unsigned i = 0; i < SENSORS_MAX; i++)
        free(ctl->sensors[i]);
    free(ctl);
}

void ctl_print_json(struct ctl *ctl, cJSON *json)
{
    char *text = ctl->args->command == COMMAND_WATCH ? cJSON_PrintUnformatted(json) : cJSON_Print(json);
    fprintf(ctl->out, "%s\n", text ? text : "{}");
    fflush(ctl->out);
    cJSON_free(text);
    cJSON_Delete(json);
}

int ctl_fail(struct ctl *ctl, int code, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fputs("gatewayctl: ", ctl->err);
    for (char *line = text, *end = NULL; line; line = end ? end + 1 : NULL) {
        end = strchr(line, '\n'); /* our own; a line itself may be hostile */
        if (end)
            *end = '\0';
        fprintf(ctl->err, "%s\n", table_safe(line));
        if (end)
            *end = '\n';
    }
    if (ctl->args->json) {
        cJSON *json = cJSON_CreateObject();
        cJSON_AddBoolToObject(json, "ok", false);
        cJSON_AddStringToObject(json, "error", text);
        ctl_print_json(ctl, json);
    }
    return code;
}

/* ---- the connection ---- */

static int connect_to(struct ctl *ctl)
{
    const char *path = ctl->args->socket;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        return ctl_fail(ctl, CTL_USAGE, "the path of the socket is too long");
    text_copy(address.sun_path, sizeof address.sun_path, path);
    ctl->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (ctl->fd < 0)
        return ctl_fail(ctl, CTL_REFUSED, "no socket: %s", strerror(errno));
    if (connect(ctl->fd, (struct sockaddr *)&address, sizeof address) == 0)
        return CTL_OK;
    if (errno == EACCES || errno == EPERM)
        return ctl_fail(ctl, CTL_REFUSED,
                        "you may not use %s: run it with sudo, or become a member of the gateway's control group",
                        path);
    return ctl_fail(ctl, CTL_NOT_RUNNING,
                    "the gateway is not running (nobody answers at %s)\n"
                    "start it with 'systemctl start gatewayd'; why it ended: 'journalctl -u gatewayd -n 50'",
                    path);
}

void ctl_ask(struct ctl *ctl, enum ctl_verb verb, void (*fill)(const struct args *args, struct frame_ctl_request *ask))
{
    struct frame *frame = frame_init(&ctl->frame, FRAME_CTL_REQUEST);
    frame->ctl_request.verb = verb;
    if (fill)
        fill(ctl->args, &frame->ctl_request);
    channel_send(ctl->fd, frame); /* if the gateway sends us away, why is read next */
}

enum ctl_next ctl_next(struct ctl *ctl, int timeout_ms)
{
    const char *why = "";
    switch (channel_receive_wait(ctl->fd, &ctl->frame, timeout_ms, &why)) {
    case CHANNEL_OK:
        break;
    case CHANNEL_EMPTY:
        return CTL_NEXT_LATE;
    case CHANNEL_CLOSED:
    case CHANNEL_BAD:
        return CTL_NEXT_LOST;
    }
    if (ctl->frame.header.type == FRAME_CTL_HOME)
        words_zone(ctl->frame.status.timezone);
    if (ctl->frame.header.type != FRAME_CTL_END)
        return CTL_NEXT_FRAME;
    return ctl->frame.ctl_end.ok ? CTL_NEXT_DONE : CTL_NEXT_REFUSED;
}

int ctl_explain(struct ctl *ctl, enum ctl_next end)
{
    char text[TEXT_SIZE];
    switch (end) {
    case CTL_NEXT_FRAME:
    case CTL_NEXT_DONE:
        return CTL_OK;
    case CTL_NEXT_REFUSED:
        text_copy(text, sizeof text, ctl->frame.ctl_end.text);
        return ctl_fail(ctl, CTL_REFUSED, "%s", text[0] ? text : "the gateway refused");
    case CTL_NEXT_LOST:
        return ctl_fail(ctl, CTL_NOT_RUNNING,
                        "the gateway has ended the connection; see 'journalctl -u gatewayd -n 50'");
    case CTL_NEXT_LATE:
        return ctl_fail(ctl, CTL_REFUSED, "the gateway does not answer; see 'journalctl -u gatewayd -n 50'");
    }
    return CTL_REFUSED;
}

bool ctl_take_sensor(struct ctl *ctl)
{
    const struct frame_ctl_sensor *sensor = &ctl->frame.ctl_sensor;
    if (ctl->frame.header.type != FRAME_CTL_SENSOR || sensor->slot >= SENSORS_MAX)
        return false;
    if (!ctl->sensors[sensor->slot])
        ctl->sensors[sensor->slot] = malloc(sizeof *sensor);
    if (ctl->sensors[sensor->slot])
        *ctl->sensors[sensor->slot] = *sensor;
    return true;
}

int ctl_home(struct ctl *ctl)
{
    ctl_ask(ctl, CTL_STATUS, NULL);
    enum ctl_next next = CTL_NEXT_FRAME;
    while ((next = ctl_next(ctl, CTL_ANSWER_MS)) == CTL_NEXT_FRAME)
        if (ctl->frame.header.type == FRAME_CTL_HOME)
            ctl->home = ctl->frame.status;
    return ctl_explain(ctl, next);
}

int64_t ctl_wall(const struct ctl *ctl, int64_t log_time)
{
    return log_time + ctl->home.wall_minus_log;
}

const char *ctl_sensor_name(const struct ctl *ctl, uint16_t slot)
{
    if (slot == SENSOR_HOME)
        return "home";
    return slot < SENSORS_MAX && ctl->sensors[slot] ? ctl->sensors[slot]->name : "?";
}

uint16_t ctl_sensor_kind(const struct ctl *ctl, uint16_t slot)
{
    return slot < SENSORS_MAX && ctl->sensors[slot] ? ctl->sensors[slot]->kind : UINT16_MAX;
}

/* ---- which command ---- */

int ctl_run(struct ctl *ctl)
{
    static const struct {
        int (*run)(struct ctl *ctl);
        bool connect;
    } commands[COMMAND_COUNT] = {
        [COMMAND_STATUS] = {ctl_status, true},    [COMMAND_SENSORS] = {ctl_sensors, true},
        [COMMAND_HEALTH] = {ctl_health, true},    [COMMAND_WATCH] = {ctl_watch, true},
        [COMMAND_ALERTS] = {ctl_alerts, true},    [COMMAND_HISTORY] = {ctl_history, true},
        [COMMAND_ACK] = {ctl_order, true},        [COMMAND_TEST] = {ctl_order, true},
        [COMMAND_MODE] = {ctl_order, true},       [COMMAND_RELOAD] = {ctl_order, true},
        [COMMAND_PLUGINS] = {ctl_plugins, false}, [COMMAND_CHECK] = {ctl_check, false},
        [COMMAND_REPLAY] = {ctl_replay, false},
    };
    enum ctl_command command = ctl->args->command;
    if (commands[command].connect && ctl->fd < 0) {
        int status = connect_to(ctl);
        if (status != CTL_OK)
            return status;
    }
    return commands[command].run(ctl);
}
