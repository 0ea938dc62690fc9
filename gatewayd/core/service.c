#include "service.h"

#include <stdio.h>

#include "alerts.h"
#include "cursors.h"
#include "delivery.h"
#include "detectors.h"
#include "modes.h"
#include "outbox.h"
#include "outputs.h"
#include "sensors.h"
#include "sources.h"
#include "store_link.h"
#include "supervisor.h"
#include "technical.h"
#include "timeline.h"
#include "uplinks.h"

static bool has_source(const struct settings *settings, enum source_type source)
{
    for (uint32_t i = 0; i < settings->n_sensors; i++)
        if (settings->sensors[i].source == source)
            return true;
    return source == SOURCE_GPIO && settings->n_outputs > 0;
}

static void add_named(struct core *core, unsigned worker, enum worker_role role, const char *what, const char *name)
{
    char full[NAME_SIZE * 2];
    snprintf(full, sizeof(full), "%s %s", what, name);
    supervisor_add(core, worker, role, full);
}

static void add_detector(struct core *core, const struct detector_settings *settings)
{
    for (unsigned i = 0; i < DETECTORS_MAX; i++) {
        struct detector *d = &core->detectors[i];
        if (d->settings || core->workers[WORKER_DETECTOR_0 + i].state != WORKER_UNUSED)
            continue;
        struct frame_plugin_alert *alerts = d->alerts;
        struct silent *silent = d->silent;
        memset(d, 0, sizeof(*d));
        d->alerts = alerts;
        d->silent = silent;
        d->settings = settings;
        d->worker = WORKER_DETECTOR_0 + i;
        cursors_begin(core, d);
        add_named(core, d->worker, ROLE_DETECTOR, "detector", settings->name);
        return;
    }
    core_log(core, 3, "no room for detector %s", settings->name);
}

/* Its place is known before its process runs: alerts of the start wait for it. */
static struct uplink *place_uplink(struct core *core, const struct uplink_settings *settings)
{
    for (unsigned i = 0; i < UPLINKS_MAX; i++) {
        struct uplink *u = &core->uplinks[i];
        if (u->settings || core->workers[WORKER_UPLINK_0 + i].state != WORKER_UNUSED)
            continue;
        bool recover = u->recover_pending;
        memset(u, 0, sizeof(*u));
        u->settings = settings;
        u->worker = WORKER_UPLINK_0 + i;
        u->recover_pending = recover;
        u->since = core->now;
        return u;
    }
    core_log(core, 3, "no room for uplink %s", settings->link.name);
    return NULL;
}

static void start_uplink(struct core *core, const struct uplink *u)
{
    add_named(core, u->worker, ROLE_UPLINK, "uplink", u->settings->link.name);
}

static void add_missing_detectors(struct core *core)
{
    const struct settings *s = core->settings;
    for (uint32_t k = 0; k < s->n_detectors; k++) {
        bool there = false;
        for (unsigned i = 0; i < DETECTORS_MAX; i++)
            there |= core->detectors[i].settings == &s->detectors[k];
        if (!there)
            add_detector(core, &s->detectors[k]);
    }
}

static void add_missing_uplinks(struct core *core)
{
    const struct settings *s = core->settings;
    for (uint32_t k = 0; k < s->n_uplinks; k++) {
        bool there = false;
        for (unsigned i = 0; i < UPLINKS_MAX; i++)
            there |= core->uplinks[i].settings == &s->uplinks[k];
        struct uplink *u = there ? NULL : place_uplink(core, &s->uplinks[k]);
        if (u)
            start_uplink(core, u);
    }
}

static void add_missing_source(struct core *core, unsigned worker, enum worker_role role, enum source_type source,
                               const char *name)
{
    if (has_source(core->settings, source) && core->workers[worker].state == WORKER_UNUSED)
        supervisor_add(core, worker, role, name);
}

/* What is configured and has no worker yet, as far as there are places. */
static void add_missing(struct core *core)
{
    add_missing_uplinks(core);
    add_missing_detectors(core);
    add_missing_source(core, WORKER_GPIO, ROLE_GPIO, SOURCE_GPIO, "gpio");
    add_missing_source(core, WORKER_MQTT, ROLE_MQTT, SOURCE_MQTT, "mqtt");
}

/* Calls first: what feeds and carries them is started before anything that only watches. */
static void start_all(struct core *core)
{
    for (unsigned i = 0; i < UPLINKS_MAX; i++)
        if (core->uplinks[i].settings)
            start_uplink(core, &core->uplinks[i]);
    add_missing(core);
    supervisor_tick(core);
}

void service_ended(struct core *core)
{
    if (core->served && !core->stopping)
        add_missing(core);
}

static void place_uplinks(struct core *core)
{
    for (unsigned i = 0; i < UPLINKS_MAX; i++)
        core->uplinks[i].settings = NULL;
    for (uint32_t i = 0; i < core->settings->n_uplinks; i++)
        place_uplink(core, &core->settings->uplinks[i]);
}

void service_start(struct core *core)
{
    place_uplinks(core);
    supervisor_add(core, WORKER_STORE, ROLE_STORE, "store");
    supervisor_tick(core);
}

static void tell_fallback(struct core *core)
{
    if (core->config_fallback)
        technical_raise(core, "config-fallback", "", core->fallback_en, "配置文件有误，正在使用上次正确的配置。");
}

static const struct detector_settings *detector_named(const struct settings *s, const char *name)
{
    for (uint32_t i = 0; i < s->n_detectors; i++)
        if (strcmp(s->detectors[i].name, name) == 0)
            return &s->detectors[i];
    return NULL;
}

/* Detectors that left the configuration while the gateway was down: nobody else would end their alerts. */
static void cancel_of_the_gone(struct core *core)
{
    for (unsigned i = 0; i < core->alerts_top; i++) {
        const struct alert *a = &core->alerts[i].alert;
        if (core->alerts[i].used && strcmp(a->detector, GATEWAY) != 0 && !detector_named(core->settings, a->detector))
            alerts_cancel_detector(core, a->detector);
    }
    for (uint32_t i = core->n_cursors; i-- > 0;)
        if (!detector_named(core->settings, core->cursors[i].detector))
            cursors_forget(core, core->cursors[i].detector);
}

void service_store_loaded(struct core *core)
{
    if (!core->timeline.started)
        return; /* it said READY without STORE_STATE: the grace goes on */
    tell_fallback(core);
    modes_loaded(core);
    cancel_of_the_gone(core);
    if (!core->served) {
        core->served = true;
        start_all(core);
        return;
    }
    core_log(core, 5, "the store is there: detectors start again with their history");
    for (unsigned i = 0; i < DETECTORS_MAX; i++)
        if (core->detectors[i].settings)
            supervisor_restart(core, core->detectors[i].worker);
    supervisor_tick(core);
}

static void go_without_store(struct core *core)
{
    core_log(core, 3, "the store is not there after %d ms: going on without memory", (int)STORE_GRACE);
    timeline_start_without_memory(core);
    core->served = true;
    core->store.asked_at = core->now - STORE_ANSWER;
    store_link_tick(core);
    tell_fallback(core);
    start_all(core);
}

static bool has_had_its_chance(const struct core *core, unsigned worker)
{
    const struct worker *w = &core->workers[worker];
    return w->state != WORKER_STARTING && !(w->state == WORKER_WAITING && w->starts == 0);
}

/* Sources, uplinks and momentary detectors; the rest catches up behind. */
static bool all_up(const struct core *core)
{
    for (unsigned i = 0; i < WORKERS_MAX; i++) {
        if (core->workers[i].state == WORKER_UNUSED || i == WORKER_STORE || has_had_its_chance(core, i))
            continue;
        if (core->workers[i].role != ROLE_DETECTOR)
            return false;
        const struct detector *d = &core->detectors[i - WORKER_DETECTOR_0];
        if (!d->told || d->momentary)
            return false;
    }
    return true;
}

void service_tick(struct core *core)
{
    if (!core->served && core->now - core->started >= STORE_GRACE)
        go_without_store(core);
    if (core->ready_told || !core->served)
        return;
    if (all_up(core) || core->now - core->started >= STORE_GRACE + READY_DEADLINE) {
        core->ready_told = true;
        core->port.ready(core->port.context);
    }
}

int64_t service_deadline(const struct core *core)
{
    if (!core->served)
        return core->started + STORE_GRACE;
    return core->ready_told ? NEVER : core->started + STORE_GRACE + READY_DEADLINE;
}

/* ---- reload ---- */

static bool same_detector(const struct detector_settings *a, const struct detector_settings *b)
{
    if (strcmp(a->plugin, b->plugin) != 0 || a->memory_mib != b->memory_mib || a->n_settings != b->n_settings)
        return false;
    for (uint32_t i = 0; i < a->n_settings; i++)
        if (strcmp(a->settings[i].key, b->settings[i].key) != 0 ||
            strcmp(a->settings[i].value, b->settings[i].value) != 0)
            return false;
    return true;
}

/* A sensor it watches has gone or become another. */
static bool lost_a_sensor(const struct core *core, const struct detector *d)
{
    for (uint32_t i = 0; i < d->n_bind; i++)
        if (!core->sensors[d->bind[i].slot].settings)
            return true;
    return false;
}

/* Are the sensors the same ones, whatever wire they hang on? */
static bool same_sensors(const struct settings *a, const struct settings *b)
{
    if (a->n_sensors != b->n_sensors)
        return false;
    for (uint32_t i = 0; i < a->n_sensors; i++)
        if (strcmp(a->sensors[i].name, b->sensors[i].name) != 0 || a->sensors[i].kind != b->sensors[i].kind)
            return false;
    return true;
}

static void reload_detectors(struct core *core, const struct settings *was)
{
    const struct settings *s = core->settings;
    bool others = !same_sensors(was, s);
    bool place_changed = strcmp(was->timezone, s->timezone) != 0 || strcmp(was->plugin_dir, s->plugin_dir) != 0;
    for (unsigned i = 0; i < DETECTORS_MAX; i++) {
        struct detector *d = &core->detectors[i];
        if (!d->settings)
            continue;
        const struct detector_settings *now = detector_named(s, d->settings->name);
        if (!now) {
            alerts_cancel_detector(core, d->settings->name);
            technical_clear(core, "detector-blind", d->settings->name);
            cursors_forget(core, d->settings->name);
            d->settings = NULL;
            supervisor_retire(core, d->worker);
            continue;
        }
        bool changed = place_changed || !same_detector(d->settings, now) || lost_a_sensor(core, d) ||
                       (d->takes_all && others) || core->workers[d->worker].state == WORKER_FAILED;
        d->settings = now;
        d->changed |= changed;
        if (changed)
            supervisor_restart(core, d->worker);
    }
}

static const struct uplink_settings *uplink_named(const struct settings *s, const char *name)
{
    for (uint32_t i = 0; i < s->n_uplinks; i++)
        if (strcmp(s->uplinks[i].link.name, name) == 0)
            return &s->uplinks[i];
    return NULL;
}

static void reload_uplinks(struct core *core)
{
    const struct settings *s = core->settings;
    for (unsigned i = 0; i < UPLINKS_MAX; i++) {
        struct uplink *u = &core->uplinks[i];
        if (!u->settings)
            continue;
        const struct uplink_settings *now = uplink_named(s, u->settings->link.name);
        if (!now) {
            delivery_drop_uplink(core, i);
            if (u->down_told)
                technical_link(core, u, false);
            technical_clear(core, "certificate-expiring", u->settings->link.name);
            u->up = false;
            u->settings = NULL;
            supervisor_retire(core, u->worker);
            continue;
        }
        bool changed = memcmp(&u->settings->link, &now->link, sizeof(now->link)) != 0 ||
                       core->workers[u->worker].state == WORKER_FAILED;
        u->settings = now;
        if (changed)
            supervisor_restart(core, u->worker);
    }
}

static void reload_source(struct core *core, unsigned worker, enum source_type source)
{
    enum worker_state state = core->workers[worker].state;
    if (state == WORKER_UNUSED)
        return;
    if (!has_source(core->settings, source))
        supervisor_retire(core, worker);
    else if (state == WORKER_FAILED)
        supervisor_restart(core, worker);
    else if (state == WORKER_RUNNING || state == WORKER_STARTING)
        sources_configure(core, source); /* whole; the worker touches only what changed */
}

/* New sensors' names for the store; a changed directory or bound needs a new process. */
static void reload_store(struct core *core, const struct settings *was)
{
    if (memcmp(&was->store, &core->settings->store, sizeof(was->store)) != 0 ||
        core->workers[WORKER_STORE].state == WORKER_FAILED) {
        supervisor_restart(core, WORKER_STORE);
        return;
    }
    enum worker_state state = core->workers[WORKER_STORE].state;
    if (state == WORKER_RUNNING || state == WORKER_STARTING)
        store_link_configure(core); /* whole: at its end the store gives new sensors their rows */
}

int service_reload(struct core *core, const struct settings *settings)
{
    const struct settings *was = core->settings;
    if (sensors_configure(core, settings) < 0)
        return -1;
    core->settings = settings;
    core->config_fallback = false;
    reload_store(core, was);
    if (!core->served) {
        place_uplinks(core); /* nothing but the store has been started yet, but their places are known */
        return 0;
    }
    reload_detectors(core, was);
    reload_uplinks(core);
    reload_source(core, WORKER_GPIO, SOURCE_GPIO);
    reload_source(core, WORKER_MQTT, SOURCE_MQTT);
    add_missing(core);
    technical_clear(core, "config-fallback", "");
    technical_clear(core, "reload-refused", "");
    outputs_forget(core);
    outputs_refresh(core);
    supervisor_tick(core);
    return 0;
}
