/* detector.c - a detector's process: the real engine with the real plugin. It answers a batch a little later, unless it
 * hangs. In a small home it says neither what roles it has nor how well it sees, as it did when the seeds that are kept
 * for what they found were young: a frame more, and they live another life. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "loader.h"
#include "sim.h"
#include "table.h"

#define IDLE_MOST 100

struct detector_process {
    struct sim *sim;
    unsigned worker;
    struct frame_detector_config config;
    struct frame_setting settings[32];
    struct frame_sensor sensors[2 * SENSORS];
    unsigned n_settings, n_sensors;
    const struct gw_plugin *plugin;
    struct engine *engine;
    unsigned idle; /* batches without a reading in a row */
    int64_t idle_since;
    struct frame_health told; /* what the core knows */
    struct frame out;
};

static void *begin(struct sim *sim, unsigned worker)
{
    struct detector_process *d = calloc(1, sizeof(*d));
    if (!d)
        abort();
    d->sim = sim;
    d->worker = worker;
    return d;
}

static void on_condition(void *context, const struct frame_condition *condition)
{
    struct detector_process *d = context;
    frame_init(&d->out, FRAME_CONDITION)->condition = *condition;
    daemon_say(d->sim, d->worker, &d->out);
}

static void on_log(void *context, int level, const char *text)
{
    (void)context, (void)level, (void)text;
}

static void tell_table(struct detector_process *d, const char *stem)
{
    char error[256];
    struct table *table = table_create(d->plugin, stem, error, sizeof(error));
    if (!table) {
        broken(d->sim, "plugin %s: %s", stem, error);
        return;
    }
    daemon_say(d->sim, d->worker, table_info_frame(table, &d->out));
    for (uint32_t i = 0; d->sim->whole && i < table->plugin.n_roles; i++)
        daemon_say(d->sim, d->worker, table_role_frame(table, i, &d->out));
    for (uint32_t i = 0; i < table->plugin.n_alerts; i++)
        daemon_say(d->sim, d->worker, table_alert_frame(table, i, &d->out));
    daemon_say(d->sim, d->worker, frame_init(&d->out, FRAME_PLUGIN_END));
    table_destroy(table);
}

static void tell_health(struct detector_process *d)
{
    const struct frame_health *health = engine_health(d->engine);
    if (!d->sim->whole || memcmp(health, &d->told, sizeof(*health)) == 0)
        return;
    d->told = *health;
    frame_init(&d->out, FRAME_HEALTH)->health = *health;
    daemon_say(d->sim, d->worker, &d->out);
}

static void open_engine(struct detector_process *d)
{
    char error[512], stem[64];
    d->plugin = loader_open(d->config.plugin, error, sizeof(error));
    loader_stem(d->config.plugin, stem, sizeof(stem));
    if (!d->plugin) {
        broken(d->sim, "%s", error);
        return;
    }
    tell_table(d, stem);
    const struct engine_setup setup = {
        d->plugin, stem, d->settings, d->n_settings, d->sensors, d->n_sensors, {d, on_condition, on_log}};
    d->engine = engine_create(&setup, error, sizeof(error));
    if (!d->engine) {
        broken(d->sim, "detector %s: %s", d->config.name, error);
        return;
    }
    frame_init(&d->out, FRAME_BIND);
    for (uint32_t i = 0; engine_bind(d->engine, i, &d->out.bind); i++)
        daemon_say(d->sim, d->worker, &d->out);
    tell_health(d);
    daemon_ready(d->sim, d->worker);
}

/* A plugin that wishes for a wake again and again keeps two processes busy. */
static void check_idle(struct detector_process *d, const struct frame_batch *batch)
{
    if (batch->n > 0 || d->idle == 0 || d->sim->now - d->idle_since > MINUTE) {
        d->idle = 0;
        d->idle_since = d->sim->now;
    }
    if (++d->idle > IDLE_MOST)
        broken(d->sim, "%s wakes %u times within a minute", d->config.name, d->idle);
}

static void take_batch(struct detector_process *d, const struct frame_batch *batch)
{
    uint64_t token = batch->token;
    check_idle(d, batch);
    engine_batch(d->engine, batch->reading, batch->n, batch->until, batch->wall_minus_log);
    tell_health(d);
    struct frame_batch_done *done = &frame_init(&d->out, FRAME_BATCH_DONE)->batch_done;
    done->token = token;
    done->wake = engine_wake(d->engine);
    done->raises = engine_said(d->engine);
    done->dropped = engine_dropped(d->engine);
    daemon_say(d->sim, d->worker, &d->out);
}

static int64_t turn(struct sim *sim, unsigned worker)
{
    struct detector_process *d = sim->proc[worker].state;
    const struct frame *frame;
    while ((frame = proc_take(sim, worker))) {
        if (frame->header.type == FRAME_DETECTOR_CONFIG) {
            d->config = frame->detector_config;
        } else if (frame->header.type == FRAME_SETTING && d->n_settings < 32) {
            d->settings[d->n_settings++] = frame->setting;
        } else if (frame->header.type == FRAME_SENSOR && d->n_sensors < 2 * SENSORS) {
            d->sensors[d->n_sensors++] = frame->sensor;
        } else if (frame->header.type == FRAME_CONFIG_END && !d->engine) {
            open_engine(d);
        } else if (frame->header.type == FRAME_BATCH && d->engine) {
            take_batch(d, &frame->batch);
        }
    }
    return NEVER_AT;
}

static void end(struct sim *sim, unsigned worker, bool by_itself)
{
    (void)by_itself;
    struct detector_process *d = sim->proc[worker].state;
    engine_destroy(d->engine);
    free(d);
}

const struct role_model detector_model = {begin, turn, end};
