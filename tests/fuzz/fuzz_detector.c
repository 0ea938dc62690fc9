/* fuzz_detector.c - what the core says to a detector: settings, and batches of readings, for each plugin of the tree.
 * The first line of the input is the plugin; then come lines "key=value" up to an empty one, then steps.
 *
 * Whatever comes, the plugin's words become frames that the core takes: it kills a detector that says anything else. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/kinds.h"
#include "base/text.h"
#include "engine.h"
#include "fuzz.h"
#include "zone.h"

#define SETTINGS  24
#define SENSORS   KIND_COUNT
#define READINGS  512
#define HOUR      INT64_C(3600000)
#define LONGEST   (HOUR * 24 * 60)  /* of one batch */
#define SPAN      (HOUR * 24 * 400) /* of one input */
#define FIRST_LOG INT64_C(1700000000000)

/* PLUGINS comes from the build: X(bath) X(bed) ... */
#define X(name) extern const struct gw_plugin gw_plugin_of_##name;
PLUGINS
#undef X

static const struct {
    const char *name;
    const struct gw_plugin *plugin;
} plugins[] = {
#define X(name_) {#name_, &gw_plugin_of_##name_},
    PLUGINS
#undef X
};
#define N_PLUGINS (sizeof plugins / sizeof plugins[0])

struct run {
    struct engine *engine;
    struct frame batch, out;
    int64_t log, wall_minus_log;
    uint64_t id;
};

static void on_condition(void *context, const struct frame_condition *condition)
{
    struct run *run = context;
    frame_init(&run->out, FRAME_CONDITION)->condition = *condition;
    ALWAYS(frame_is_good(&run->out));
}

static void on_log(void *context, int level, const char *text)
{
    (void)context, (void)level;
    ALWAYS(text[0]);
}

/* By name; what is none is one of them all the same. */
static size_t read_plugin(struct input *in)
{
    char name[NAME_SIZE];
    input_text(in, "\n", name, sizeof name);
    for (size_t i = 0; i < N_PLUGINS; i++)
        if (strcmp(plugins[i].name, name) == 0)
            return i;
    return (uint8_t)name[0] % N_PLUGINS;
}

static uint32_t read_settings(struct input *in, struct frame_setting *settings)
{
    uint32_t n = 0;
    while (n < SETTINGS && input_left(in)) {
        struct input line = input_part(in, "\n");
        if (!input_left(&line))
            break;
        struct frame_setting *s = &settings[n++];
        input_text(&line, "=", s->key, sizeof s->key);
        input_text(&line, "\n", s->value, sizeof s->value);
        text_copy(s->where, sizeof s->where, "gatewayd.conf:1");
        if (!text_valid(s->key, sizeof s->key) || !text_valid(s->value, sizeof s->value))
            n--;
    }
    return n;
}

/* One sensor of every kind, named like it; slots are not in their order. */
static void make_sensors(struct frame_sensor *sensors)
{
    for (unsigned i = 0; i < SENSORS; i++) {
        sensors[i] = (struct frame_sensor){.slot = (uint16_t)(SENSORS - i), .kind = (uint16_t)i};
        text_copy(sensors[i].name, NAME_SIZE, kind_info((enum kind)i)->name);
        text_copy(sensors[i].room, NAME_SIZE, i & 1 ? "bathroom" : "卧室");
    }
}

static void end_batch(struct run *run)
{
    struct frame_batch *batch = &run->batch.batch;
    batch->until = run->log;
    batch->wall_minus_log = run->wall_minus_log;
    frame_set_n(&run->batch, batch->n);
    ALWAYS(frame_is_good(&run->batch));
    engine_batch(run->engine, batch->reading, batch->n, batch->until, batch->wall_minus_log);
    struct frame_batch_done *done = &frame_init(&run->out, FRAME_BATCH_DONE)->batch_done;
    done->wake = engine_wake(run->engine);
    done->raises = engine_said(run->engine);
    done->dropped = engine_dropped(run->engine);
    ALWAYS(frame_is_good(&run->out) && done->dropped <= done->raises);
    ALWAYS(done->wake == 0 || done->wake > run->log);
    frame_init(&run->batch, FRAME_BATCH);
}

static void add_reading(struct run *run, struct input *in)
{
    uint8_t what = input_byte(in);
    struct reading reading = {.id = ++run->id, .origin = run->id, .at = run->log};
    const char *why;
    reading.sensor = what == 0xff ? SENSOR_HOME : what % (SENSORS + 2);
    reading.type = input_byte(in) % (GW_CLOCK + 1);
    reading.value = (int8_t)input_byte(in);
    reading.flags = input_byte(in);
    if (!frame_check_reading(&reading, &why))
        reading.value = GW_EVENT_PRESS;
    if (run->batch.batch.n == READINGS_PER_FRAME)
        end_batch(run);
    run->batch.batch.reading[run->batch.batch.n++] = reading;
}

static void step(struct run *run, struct input *in)
{
    int64_t by;
    switch (input_byte(in) % 8) {
    case 0:
        end_batch(run);
        break;
    case 1:
        by = (int64_t)input_number(in, 4) * 1000;
        run->log += by < LONGEST ? by : LONGEST;
        end_batch(run);
        break;
    case 2:
        run->wall_minus_log = (int64_t)input_number(in, 6) - (INT64_C(1) << 40);
        break;
    case 3:
        run->log += (int64_t)input_number(in, 2) * 100;
        break;
    default:
        run->log += input_byte(in) * 1000;
        add_reading(run, in);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct frame_setting settings[SETTINGS];
    static struct frame_sensor sensors[SENSORS];
    static struct run run;
    struct input in = {data, data + size};
    size_t which = read_plugin(&in);
    zone_load(which % 2 ? "Asia/Shanghai" : "Europe/Berlin");
    make_sensors(sensors);
    memset(&run, 0, sizeof run);
    run.log = FIRST_LOG;
    frame_init(&run.batch, FRAME_BATCH);
    const struct engine_setup setup = {.plugin = plugins[which].plugin,
                                       .stem = plugins[which].name,
                                       .settings = settings,
                                       .n_settings = read_settings(&in, settings),
                                       .sensors = sensors,
                                       .n_sensors = SENSORS,
                                       .port = {&run, on_condition, on_log}};
    char error[2 * TEXT_SIZE] = "";
    run.engine = engine_create(&setup, error, sizeof error);
    ALWAYS(run.engine || error[0]);
    if (!run.engine)
        return 0;
    frame_init(&run.out, FRAME_BIND);
    for (uint32_t i = 0; engine_bind(run.engine, i, &run.out.bind); i++)
        ALWAYS(frame_is_good(&run.out));
    for (unsigned i = 0; i < READINGS && input_left(&in) && run.log < FIRST_LOG + SPAN; i++)
        step(&run, &in);
    end_batch(&run);
    engine_destroy(run.engine);
    return 0;
}
