#include "worker.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/channel.h"
#include "base/log.h"
#include "engine.h"
#include "loader.h"
#include "sandbox.h"
#include "table.h"
#include "zone.h"

struct worker {
    struct frame *in, *out;
    struct frame_detector_config config;
    struct frame_setting *settings;
    struct frame_sensor *sensors;
    uint32_t n_settings, n_sensors;
    struct engine *engine;
    struct frame_health told; /* what the core knows */
};

#define SETTINGS_MAX 512u
#define STAND_BACK   4 /* added to the nice value of a detector that answers no calls */

/* The next frame; ends the process when the core has gone. */
static const struct frame *next_frame(struct worker *worker)
{
    const char *why = "";
    const enum channel_result result = channel_receive_wait(CHANNEL_FD, worker->in, -1, &why);
    if (result == CHANNEL_CLOSED)
        exit(EXIT_SUCCESS);
    if (result != CHANNEL_OK)
        channel_worker_fail("a frame from the core is bad: %s", why);
    return worker->in;
}

static void receive_detector(struct worker *worker)
{
    const struct frame *frame = next_frame(worker);
    if (frame->header.type == FRAME_CONFIG_BEGIN)
        frame = next_frame(worker);
    if (frame->header.type != FRAME_DETECTOR_CONFIG)
        channel_worker_fail("expected a detector's configuration, not %s", frame_type_name(frame->header.type));
    worker->config = frame->detector_config;
}

/* One more element at the end of an array that the core fills. */
static void *grow(void *array, uint32_t n, size_t size)
{
    if ((n & (n - 1)) == 0) {
        array = realloc(array, (n > 0 ? 2 * (size_t)n : 1) * size);
        if (array == NULL)
            channel_worker_quit("out of memory");
    }
    return array;
}

static void receive_rest(struct worker *worker)
{
    for (;;) {
        const struct frame *frame = next_frame(worker);
        switch (frame->header.type) {
        case FRAME_SETTING:
            if (worker->n_settings == SETTINGS_MAX)
                channel_worker_fail("more than %u settings", SETTINGS_MAX);
            worker->settings = grow(worker->settings, worker->n_settings, sizeof *worker->settings);
            worker->settings[worker->n_settings++] = frame->setting;
            break;
        case FRAME_SENSOR:
            if (worker->n_sensors == SENSORS_MAX || frame->sensor.slot >= SENSORS_MAX)
                channel_worker_fail("more than %d sensors", SENSORS_MAX);
            worker->sensors = grow(worker->sensors, worker->n_sensors, sizeof *worker->sensors);
            worker->sensors[worker->n_sensors++] = frame->sensor;
            break;
        case FRAME_CONFIG_END:
            return;
        default:
            channel_worker_fail("unexpected %s in a detector's configuration", frame_type_name(frame->header.type));
        }
    }
}

static void tell(const struct frame *frame)
{
    channel_send_wait(CHANNEL_FD, frame);
}

static void tell_table(struct worker *worker, const struct table *table)
{
    tell(table_info_frame(table, worker->out));
    for (uint32_t i = 0; i < table->plugin.n_roles; i++)
        tell(table_role_frame(table, i, worker->out));
    for (uint32_t i = 0; i < table->plugin.n_params; i++)
        tell(table_param_frame(table, i, worker->out));
    for (uint32_t i = 0; i < table->plugin.n_alerts; i++)
        tell(table_alert_frame(table, i, worker->out));
    tell(frame_init(worker->out, FRAME_PLUGIN_END));
}

static void on_condition(void *context, const struct frame_condition *condition)
{
    struct worker *worker = context;
    frame_init(worker->out, FRAME_CONDITION)->condition = *condition;
    tell(worker->out);
}

static void on_log(void *context, int level, const char *text)
{
    (void)context;
    log_line((enum log_level)level, "%s", text);
}

/* Load, tell, and leave everything behind that is not needed any more. */
static const struct gw_plugin *load(struct worker *worker, char *stem, size_t stem_size)
{
    char error[2 * TEXT_SIZE];
    if (sandbox_limit(worker->config.memory_mib) != 0)
        channel_worker_fail("can't limit this process: %s", strerror(errno));
    const struct gw_plugin *plugin = loader_open(worker->config.plugin, error, sizeof error);
    if (plugin == NULL)
        channel_worker_fail("%s", error);
    loader_stem(worker->config.plugin, stem, stem_size);
    struct table *table = table_create(plugin, stem, error, sizeof error);
    if (table == NULL)
        channel_worker_fail("plugin %s: %s", stem, error);
    if (!table_is_momentary(table))
        (void)nice(STAND_BACK);
    if (sandbox_close() != 0)
        channel_worker_fail("can't close the sandbox: %s", strerror(errno));
    tell_table(worker, table);
    table_destroy(table);
    return plugin;
}

static void tell_health(struct worker *worker)
{
    const struct frame_health *health = engine_health(worker->engine);
    if (memcmp(health, &worker->told, sizeof *health) == 0)
        return;
    worker->told = *health;
    frame_init(worker->out, FRAME_HEALTH)->health = *health;
    tell(worker->out);
}

static void open_engine(struct worker *worker, const struct gw_plugin *plugin, const char *stem)
{
    char error[2 * TEXT_SIZE];
    const struct engine_setup setup = {
        .plugin = plugin,
        .stem = stem,
        .settings = worker->settings,
        .n_settings = worker->n_settings,
        .sensors = worker->sensors,
        .n_sensors = worker->n_sensors,
        .port = {worker, on_condition, on_log},
    };
    worker->engine = engine_create(&setup, error, sizeof error);
    if (worker->engine == NULL)
        channel_worker_fail("%s", error);
    free(worker->settings);
    free(worker->sensors);
    worker->settings = NULL;
    worker->sensors = NULL;
    malloc_trim(0);
    frame_init(worker->out, FRAME_BIND);
    for (uint32_t i = 0; engine_bind(worker->engine, i, &worker->out->bind); i++)
        tell(worker->out);
    tell_health(worker);
    tell(frame_init(worker->out, FRAME_READY));
}

static void take_batch(struct worker *worker)
{
    const struct frame_batch *batch = &worker->in->batch;
    const uint64_t token = batch->token;
    engine_batch(worker->engine, batch->reading, batch->n, batch->until, batch->wall_minus_log);
    tell_health(worker);
    struct frame_batch_done *done = &frame_init(worker->out, FRAME_BATCH_DONE)->batch_done;
    done->token = token;
    done->wake = engine_wake(worker->engine);
    done->raises = engine_said(worker->engine);
    done->dropped = engine_dropped(worker->engine);
    tell(worker->out);
}

static struct worker *create(void)
{
    struct worker *worker = calloc(1, sizeof *worker);
    if (worker != NULL) {
        worker->in = calloc(1, sizeof *worker->in);
        worker->out = calloc(1, sizeof *worker->out);
    }
    if (worker == NULL || worker->in == NULL || worker->out == NULL)
        channel_worker_quit("out of memory");
    return worker;
}

void worker_run(int describe)
{
    char stem[64];
    channel_worker_start("detector");
    struct worker *worker = create();
    receive_detector(worker);
    zone_load(worker->config.timezone);
    const struct gw_plugin *plugin = load(worker, stem, sizeof stem);
    if (describe)
        exit(EXIT_SUCCESS);
    receive_rest(worker);
    open_engine(worker, plugin, stem);
    for (;;) {
        /* A reload starts a changed detector anew; to the others it brings nothing but what they have. */
        if (next_frame(worker)->header.type == FRAME_BATCH)
            take_batch(worker);
    }
}
