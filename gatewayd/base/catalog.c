#include "catalog.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "channel.h"
#include "clock.h"
#include "spawn.h"
#include "text.h"

/* What has been gathered so far. */
struct gather {
    struct catalog_plugin *plugin;
    uint32_t roles, params, alerts;
    bool has_info, complete;
    char *error;
    unsigned error_size;
};

static bool gather_fail(struct gather *gather, const char *text)
{
    text_copy(gather->error, gather->error_size, text);
    return false;
}

static bool take_info(struct gather *gather, const struct frame_plugin_info *info)
{
    struct catalog_plugin *plugin = gather->plugin;
    if (gather->has_info)
        return gather_fail(gather, "its host described it twice");
    gather->has_info = true;
    plugin->info = *info;
    plugin->roles = calloc(info->n_roles + 1, sizeof(*plugin->roles)); /* + 1: never a size of 0 */
    plugin->params = calloc(info->n_params + 1, sizeof(*plugin->params));
    plugin->alerts = calloc(info->n_alerts + 1, sizeof(*plugin->alerts));
    if (plugin->roles == NULL || plugin->params == NULL || plugin->alerts == NULL)
        return gather_fail(gather, "out of memory");
    return true;
}

static bool is_complete(const struct gather *gather)
{
    const struct frame_plugin_info *info = &gather->plugin->info;
    return gather->has_info && gather->roles == info->n_roles && gather->params == info->n_params &&
           gather->alerts == info->n_alerts;
}

/* False: stop, the error says why. */
static bool gather_frame(struct gather *gather, const struct frame *frame)
{
    struct catalog_plugin *plugin = gather->plugin;
    switch (frame->header.type) {
    case FRAME_PLUGIN_INFO:
        return take_info(gather, &frame->plugin_info);
    case FRAME_PLUGIN_ROLE:
        if (!gather->has_info || gather->roles >= plugin->info.n_roles)
            return gather_fail(gather, "it declares more roles than it says");
        plugin->roles[gather->roles++] = frame->plugin_role;
        return true;
    case FRAME_PLUGIN_PARAM:
        if (!gather->has_info || gather->params >= plugin->info.n_params)
            return gather_fail(gather, "it declares more parameters than it says");
        plugin->params[gather->params++] = frame->plugin_param;
        return true;
    case FRAME_PLUGIN_ALERT:
        if (!gather->has_info || gather->alerts >= plugin->info.n_alerts)
            return gather_fail(gather, "it declares more alert kinds than it says");
        plugin->alerts[gather->alerts++] = frame->plugin_alert;
        return true;
    case FRAME_PLUGIN_END:
        gather->complete = is_complete(gather);
        return gather->complete ? true : gather_fail(gather, "it declares less than it says");
    case FRAME_FAILED:
        return gather_fail(gather, frame->text.text);
    default:
        return true; /* HELLO, TROUBLE: nothing we need */
    }
}

/* Kill if need be, reap, and put how it died into the error if nothing better is known. */
static void finish_host(const struct spawned *host, bool end_it, char *cause, unsigned cause_size)
{
    if (end_it)
        kill(host->pid, SIGKILL);
    int status = 0;
    pid_t got = 0;
    do {
        got = waitpid(host->pid, &status, 0);
    } while (got < 0 && errno == EINTR);
    spawn_cause(status, cause, cause_size);
    close(host->channel);
}

static bool ask_host(const struct spawned *host, const char *plugin_path, int64_t deadline, struct gather *gather,
                     struct frame *frame)
{
    static const enum frame_type question[] = {FRAME_CONFIG_BEGIN, FRAME_DETECTOR_CONFIG, FRAME_CONFIG_END};
    for (size_t i = 0; i < sizeof(question) / sizeof(question[0]); i++) {
        frame_init(frame, question[i]);
        if (question[i] == FRAME_DETECTOR_CONFIG) {
            text_copy(frame->detector_config.name, NAME_SIZE, "describe");
            if (!text_copy(frame->detector_config.plugin, TEXT_SIZE, plugin_path))
                return gather_fail(gather, "its path is too long");
        }
        if (channel_send(host->channel, frame) != CHANNEL_OK)
            break; /* dead already: what it said before is still to be read */
    }
    while (!gather->complete) {
        int64_t left = deadline - clock_boottime_ms();
        const char *why = "";
        switch (channel_receive_wait(host->channel, frame, left > 0 ? (int)left : 0, &why)) {
        case CHANNEL_OK:
            if (!gather_frame(gather, frame))
                return false;
            break;
        case CHANNEL_EMPTY:
            return gather_fail(gather, "it hangs while it is loaded (no answer in time)");
        case CHANNEL_BAD:
            return gather_fail(gather, "its host sent a bad message");
        case CHANNEL_CLOSED:
            return false;
        }
    }
    return true;
}

struct catalog_plugin *catalog_describe(const char *host, const char *plugin_path, int deadline_ms, char *error,
                                        unsigned error_size)
{
    int64_t deadline = clock_boottime_ms() + deadline_ms;
    struct gather gather = {.error = error, .error_size = error_size};
    char path[TEXT_SIZE], describe[] = "--describe";
    char *argv[] = {path, describe, NULL};
    struct spawned child;
    error[0] = '\0';
    if (access(plugin_path, R_OK) != 0) {
        (void)snprintf(error, error_size, "%s: %s", plugin_path, strerror(errno));
        return NULL;
    }
    text_copy(path, sizeof(path), host);
    if (spawn_worker(argv, 0, NULL, SPAWN_STDERR_PIPE, &child) != 0) {
        (void)snprintf(error, error_size, "cannot start %s: %s", host, strerror(errno));
        return NULL;
    }
    close(child.log);
    struct frame *frame = malloc(sizeof(*frame));
    gather.plugin = calloc(1, sizeof(*gather.plugin));
    bool ok = false;
    if (frame == NULL || gather.plugin == NULL)
        gather_fail(&gather, "out of memory");
    else
        ok = ask_host(&child, plugin_path, deadline, &gather, frame);
    free(frame);
    char cause[96];
    finish_host(&child, error[0] != '\0' || ok, cause, sizeof(cause));
    if (ok)
        return gather.plugin;
    if (error[0] == '\0')
        (void)snprintf(error, error_size, "it ended while it was loaded: %s", cause);
    catalog_free(gather.plugin);
    return NULL;
}

void catalog_free(struct catalog_plugin *plugin)
{
    if (plugin == NULL)
        return;
    free(plugin->roles);
    free(plugin->params);
    free(plugin->alerts);
    free(plugin);
}

const struct frame_plugin_role *catalog_role(const struct catalog_plugin *plugin, const char *name)
{
    for (uint32_t i = 0; i < plugin->info.n_roles; i++) {
        if (strcmp(plugin->roles[i].name, name) == 0)
            return &plugin->roles[i];
    }
    return NULL;
}

const struct frame_plugin_param *catalog_param(const struct catalog_plugin *plugin, const char *name)
{
    for (uint32_t i = 0; i < plugin->info.n_params; i++) {
        if (strcmp(plugin->params[i].name, name) == 0)
            return &plugin->params[i];
    }
    return NULL;
}

/* ---- values ---- */

static bool duration_ok(const struct frame_plugin_param *param, const char *value, char *error, unsigned error_size)
{
    int64_t ms = 0;
    bool ranged = param->minimum != 0 || param->maximum != 0;
    if (!text_duration(value, &ms)) {
        (void)snprintf(error, error_size, "expected a duration such as \"45 min\", not \"%s\"", value);
        return false;
    }
    if (ms < 0 && param->minimum >= 0) {
        (void)snprintf(error, error_size, "\"never\" is not allowed here: expected a duration such as \"45 min\"");
        return false;
    }
    if (ms >= 0 && ranged && ((double)ms < param->minimum || (double)ms > param->maximum)) {
        char low[64], high[64];
        text_from_duration(param->minimum > 0 ? (int64_t)param->minimum : 0, low, sizeof(low));
        text_from_duration((int64_t)param->maximum, high, sizeof(high));
        (void)snprintf(error, error_size, "\"%s\" is out of range: %s to %s", value, low, high);
        return false;
    }
    return true;
}

static bool number_ok(const struct frame_plugin_param *param, const char *value, char *error, unsigned error_size)
{
    double number = 0;
    bool ranged = param->minimum != 0 || param->maximum != 0;
    if (!text_number(value, &number)) {
        (void)snprintf(error, error_size, "expected a number, not \"%s\"", value);
        return false;
    }
    if (ranged && (number < param->minimum || number > param->maximum)) {
        char low[64], high[64];
        text_from_number(param->minimum, low, sizeof(low));
        text_from_number(param->maximum, high, sizeof(high));
        (void)snprintf(error, error_size, "%s is out of range: %s to %s%s%s", value, low, high,
                       param->unit[0] != '\0' ? " " : "", param->unit);
        return false;
    }
    return true;
}

bool catalog_value_ok(const struct frame_plugin_param *param, const char *value, char *error, unsigned error_size)
{
    int minute = 0;
    switch (param->type) {
    case GW_PARAM_DURATION:
        return duration_ok(param, value, error, error_size);
    case GW_PARAM_NUMBER:
        return number_ok(param, value, error, error_size);
    case GW_PARAM_TIME:
        if (text_time_of_day(value, &minute))
            return true;
        (void)snprintf(error, error_size, "expected a time of day such as \"22:30\", not \"%s\"", value);
        return false;
    case GW_PARAM_CHOICE:
        if (text_list_has(param->choices, value))
            return true;
        (void)snprintf(error, error_size, "expected one of: %s; not \"%s\"", param->choices, value);
        return false;
    case GW_PARAM_FLAG:
        if (strcmp(value, "true") == 0 || strcmp(value, "false") == 0)
            return true;
        (void)snprintf(error, error_size, "expected true or false, not \"%s\"", value);
        return false;
    default: /* GW_PARAM_TEXT */
        if (text_utf8(value, strlen(value)))
            return true;
        (void)snprintf(error, error_size, "expected text in UTF-8");
        return false;
    }
}
