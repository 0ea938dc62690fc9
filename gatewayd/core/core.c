#include "core.h"

#include <stdarg.h>
#include <stdio.h>

#include "../base/text.h"
#include "alerts.h"
#include "commands.h"
#include "control.h"
#include "delivery.h"
#include "detectors.h"
#include "feed.h"
#include "modes.h"
#include "outbox.h"
#include "roles.h"
#include "selftest.h"
#include "sensors.h"
#include "service.h"
#include "store_link.h"
#include "supervisor.h"
#include "technical.h"
#include "timeline.h"
#include "uplinks.h"

#define PAGE_AT_LEAST 4096u /* bytes */

void core_log(struct core *core, int level, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    core->port.log(core->port.context, level, text);
}

/* A table that is filled whole in time: its pages are taken now, not one by one over the first months. */
static void *calloc_touched(size_t n, size_t size)
{
    volatile uint8_t *table = calloc(n, size);
    for (size_t i = 0; table != NULL && i < n * size; i += PAGE_AT_LEAST)
        table[i] = 0;
    return (void *)table;
}

static bool allocate(struct core *core)
{
    core->timeline.tail = calloc_touched(TAIL_SIZE, sizeof(struct reading));
    core->sensors = calloc(SENSORS_MAX, sizeof(struct sensor));
    core->detectors = calloc(DETECTORS_MAX, sizeof(struct detector));
    core->alerts = calloc(ALERTS_MAX, sizeof(struct alert_slot));
    core->outbox = calloc(OUTBOX_MAX, sizeof(struct outbox_entry));
    core->plugin_alerts = calloc((size_t)DETECTORS_MAX * PLUGIN_ALERTS_MAX, sizeof(struct frame_plugin_alert));
    core->silents = calloc((size_t)DETECTORS_MAX * CATCH_UP_KEPT, sizeof(struct silent));
    if (!core->timeline.tail || !core->sensors || !core->detectors || !core->alerts || !core->outbox ||
        !core->plugin_alerts || !core->silents)
        return false;
    for (size_t i = 0; i < DETECTORS_MAX; i++) {
        core->detectors[i].alerts = core->plugin_alerts + i * PLUGIN_ALERTS_MAX;
        core->detectors[i].silent = core->silents + i * CATCH_UP_KEPT;
    }
    return true;
}

struct core *core_create(const struct settings *settings, const struct core_port *port, const struct core_start *start)
{
    struct core *core = calloc(1, sizeof(*core));
    if (!core)
        return NULL;
    core->settings = settings;
    core->port = *port;
    core->now = core->started = start->now;
    core->config_fallback = start->config_fallback;
    text_copy(core->boot_id, sizeof(core->boot_id), start->boot_id);
    text_copy(core->run_dir, sizeof(core->run_dir), start->run_dir);
    char fallback[TEXT_SIZE + GW_MAX_TEXT];
    snprintf(fallback, sizeof(fallback), "The configuration file has errors; the last good one runs. %.*s", TEXT_SIZE,
             start->config_error ? start->config_error : "");
    text_copy(core->fallback_en, sizeof(core->fallback_en), fallback); /* at a character's border */
    core->store.asked_at = NEVER;
    if (!allocate(core) || sensors_configure(core, settings) < 0) {
        core_destroy(core);
        return NULL;
    }
    service_start(core);
    return core;
}

void core_destroy(struct core *core)
{
    if (!core)
        return;
    free(core->plugin_alerts);
    free(core->silents);
    free(core->timeline.tail);
    free(core->sensors);
    free(core->detectors);
    free(core->alerts);
    free(core->outbox);
    free(core);
}

static void at(struct core *core, int64_t now)
{
    if (now > core->now)
        core->now = now;
}

void core_frame(struct core *core, int64_t now, unsigned worker, const struct frame *frame)
{
    at(core, now);
    roles_frame(core, worker, frame);
    commands_settle(core);
    control_settle(core);
    service_tick(core);
}

void core_bad_worker(struct core *core, int64_t now, unsigned worker, const char *why)
{
    at(core, now);
    supervisor_bad(core, worker, why);
}

void core_exited(struct core *core, int64_t now, unsigned worker, struct worker_death death)
{
    at(core, now);
    supervisor_exited(core, worker, death);
    service_ended(core);
    supervisor_tick(core); /* a restart that is due at once */
    service_tick(core);
}

void core_wall(struct core *core, int64_t now, int64_t wall, enum clock_quality quality)
{
    at(core, now);
    timeline_wall(core, wall, quality);
    for (unsigned i = 0; i < UPLINKS_MAX; i++)
        if (core->uplinks[i].settings)
            technical_certificate(core, &core->uplinks[i]);
    feed_pump(core);
}

void core_client(struct core *core, int64_t now, unsigned client, const struct frame *frame)
{
    at(core, now);
    if (frame->header.type == FRAME_CTL_REQUEST)
        control_request(core, client, &frame->ctl_request);
}

void core_client_gone(struct core *core, int64_t now, unsigned client)
{
    at(core, now);
    control_gone(core, client);
}

void core_tick(struct core *core, int64_t now)
{
    at(core, now);
    supervisor_tick(core);
    service_tick(core);
    if (!core->timeline.started)
        return;
    store_link_tick(core);
    sensors_tick(core);
    detectors_tick(core);
    alerts_tick(core);
    outbox_tick(core);
    selftest_tick(core);
    delivery_tick(core);
    uplinks_tick(core);
    commands_settle(core);
    control_settle(core);
    modes_tick(core); /* last: alerts of all the others bear on it */
}

int64_t core_deadline(const struct core *core)
{
    int64_t due = supervisor_deadline(core), other = service_deadline(core);
    due = other < due ? other : due;
    if (!core->timeline.started)
        return due;
    const int64_t all[] = {store_link_deadline(core), sensors_deadline(core), detectors_deadline(core),
                           alerts_deadline(core),     outbox_deadline(core),  delivery_deadline(core),
                           uplinks_deadline(core),    modes_deadline(core),   selftest_deadline(core)};
    for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        due = all[i] < due ? all[i] : due;
    return due;
}

int core_reload(struct core *core, int64_t now, const struct settings *settings)
{
    at(core, now);
    return service_reload(core, settings);
}

void core_trouble(struct core *core, int64_t now, const struct frame_trouble *trouble)
{
    at(core, now);
    if (core->timeline.started)
        technical_trouble(core, WORKERS_MAX, trouble);
}

bool core_stopping(struct core *core, int64_t now)
{
    at(core, now);
    core->stopping = true;
    return !core->store.ready || !outbox_commits_open(core);
}
