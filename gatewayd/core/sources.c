#include "sources.h"

#include "../base/hash.h"
#include "../base/text.h"
#include "control.h"
#include "detectors.h"
#include "feed.h"
#include "sensors.h"
#include "store_link.h"
#include "timeline.h"

static unsigned worker_of(enum source_type source)
{
    return source == SOURCE_GPIO ? WORKER_GPIO : WORKER_MQTT;
}

static void send_lines(struct core *core)
{
    frame_init(&core->out, FRAME_GPIO_CONFIG);
    text_copy(core->out.gpio_config.ring_dir, sizeof(core->out.gpio_config.ring_dir), core->run_dir);
    send_frame(core, WORKER_GPIO);
    for (uint32_t i = 0; i < core->n_sensors; i++) {
        const struct sensor_settings *s = core->sensors[i].settings;
        if (!s || s->source != SOURCE_GPIO)
            continue;
        frame_init(&core->out, FRAME_GPIO_LINE);
        core->out.gpio_line = s->gpio;
        core->out.gpio_line.slot = (uint16_t)i;
        core->out.gpio_line.kind = s->kind;
        send_frame(core, WORKER_GPIO);
    }
    for (uint32_t i = 0; i < core->settings->n_outputs; i++) {
        frame_init(&core->out, FRAME_OUTPUT);
        core->out.output = core->settings->outputs[i].output;
        core->out.output.line.slot = (uint16_t)i;
        send_frame(core, WORKER_GPIO);
    }
}

static void send_keys(struct core *core)
{
    const struct store_link *s = &core->store;
    for (uint32_t i = 0; i < s->n_keys; i += SOURCE_KEYS_PER_FRAME) {
        uint32_t n = s->n_keys - i < SOURCE_KEYS_PER_FRAME ? s->n_keys - i : SOURCE_KEYS_PER_FRAME;
        frame_init(&core->out, FRAME_SOURCE_KEYS);
        core->out.source_keys.n = n;
        memcpy(core->out.source_keys.key, &s->keys[i], n * sizeof(s->keys[0]));
        send_frame(core, WORKER_MQTT);
    }
}

static void send_topics(struct core *core)
{
    frame_init(&core->out, FRAME_MQTT_BROKER);
    core->out.broker = core->settings->mqtt;
    text_copy(core->out.broker.ring_dir, sizeof(core->out.broker.ring_dir), core->run_dir);
    send_frame(core, WORKER_MQTT);
    for (uint32_t i = 0; i < core->n_sensors; i++) {
        const struct sensor_settings *s = core->sensors[i].settings;
        if (!s || s->source != SOURCE_MQTT)
            continue;
        frame_init(&core->out, FRAME_MQTT_SENSOR);
        core->out.mqtt_sensor = s->mqtt;
        core->out.mqtt_sensor.slot = (uint16_t)i;
        core->out.mqtt_sensor.kind = s->kind;
        send_frame(core, WORKER_MQTT);
    }
    send_keys(core);
}

void sources_configure(struct core *core, enum source_type source)
{
    frame_init(&core->out, FRAME_CONFIG_BEGIN);
    send_frame(core, worker_of(source));
    if (source == SOURCE_GPIO)
        send_lines(core);
    else
        send_topics(core);
    frame_init(&core->out, FRAME_CONFIG_END);
    send_frame(core, worker_of(source));
}

/* The place of the ring's name among those known; a new ring takes the place of the one known longest. */
static uint64_t *known_ring(struct core *core, uint64_t origin)
{
    for (uint32_t i = 0; i < core->n_rings; i++)
        if (core->rings[i] >> 32 == origin >> 32)
            return &core->rings[i];
    if (core->n_rings == RINGS_KNOWN) {
        memmove(core->rings, core->rings + 1, (RINGS_KNOWN - 1) * sizeof(core->rings[0]));
        core->n_rings--;
    }
    uint64_t *ring = &core->rings[core->n_rings++];
    *ring = origin >> 32 << 32;
    return ring;
}

void sources_known(struct core *core, uint64_t origin)
{
    uint64_t *ring = known_ring(core, origin);
    if (origin > *ring)
        *ring = origin;
}

static void remember_key(struct core *core, uint64_t key)
{
    struct store_link *s = &core->store;
    const uint32_t room = sizeof(s->keys) / sizeof(s->keys[0]);
    if (s->n_keys == room) {
        memmove(s->keys, s->keys + 1, (room - 1) * sizeof(s->keys[0]));
        s->n_keys--;
    }
    s->keys[s->n_keys++] = key;
}

static struct reading own_reading(const struct core *core, uint16_t slot, uint8_t type, double value)
{
    struct reading r = {.at = core->now, .value = value, .sensor = slot, .type = type};
    r.origin =
        OWN_RING | (uint32_t)hash_u64(hash_u64(hash_text(HASH_START, core->boot_id), core->timeline.next_id), slot);
    return r;
}

static bool log_if_new(struct core *core, struct reading *reading)
{
    struct reading as_logged = *reading;
    as_logged.at += core->timeline.offset;
    if (!sensors_notice(core, &as_logged))
        return false;
    timeline_append(core, reading);
    return true;
}

/* Take one reading into the log if it says something new. True if it got a place. */
static bool take(struct core *core, struct reading *reading)
{
    core->readings++;
    const bool speaks = reading->type != GW_AVAILABILITY && !(reading->flags & GW_TEST);
    if (speaks && core->sensors[reading->sensor].available == 0) {
        /* Who speaks is back. Detectors are told so, also when what it says is nothing new. */
        struct reading back = own_reading(core, reading->sensor, GW_AVAILABILITY, 1);
        back.at = reading->at;
        log_if_new(core, &back);
    }
    return log_if_new(core, reading);
}

void sources_take_own(struct core *core, uint16_t slot, uint8_t type, double value, uint8_t flags)
{
    struct reading r = own_reading(core, slot, type, value);
    r.flags = flags;
    take(core, &r);
    feed_pump(core);
    store_link_pump(core);
    control_watch_tail(core);
}

/* Marks are full: every second one goes, so that what they confirm stays even over the whole ring. */
static void thin_out(struct source_ring *ring)
{
    for (uint32_t i = 0; i < MARKS / 2; i++)
        ring->marks[(ring->first + i) % MARKS] = ring->marks[(ring->first + 2 * i + 1) % MARKS];
    ring->n = MARKS / 2;
}

static void mark(struct source_ring *ring, uint64_t origin, uint64_t id)
{
    if (ring->n == MARKS)
        thin_out(ring);
    ring->marks[(ring->first + ring->n++) % MARKS] = (struct mark){origin, id};
}

/* Into the log, if it is not known and says something new. False: its sensor cannot make it. */
static bool take_from_ring(struct core *core, enum source_type source, uint32_t flags, struct reading r)
{
    const bool urgent = flags & READINGS_URGENT;
    if (r.sensor < core->n_sensors && !core->sensors[r.sensor].settings)
        return true; /* from before a reload that took the sensor away */
    if (!sensors_reading_ok(core, &r) || core->sensors[r.sensor].settings->source != source)
        return flags & READINGS_REPLAY; /* its sensor was of another kind when it was read */
    uint64_t *known = known_ring(core, r.origin);
    if (r.origin <= *known)
        return true;
    *known = r.origin;
    if (r.source_key && urgent)
        remember_key(core, r.source_key);
    else
        r.source_key = 0; /* a level that comes again does no harm */
    if (!take(core, &r))
        return true;
    core->source_rings[source][urgent].taken_id = r.id;
    if (urgent)
        store_link_urgent(core);
    return true;
}

bool sources_readings(struct core *core, enum source_type source, const struct frame_readings *frame, const char **why)
{
    struct source_ring *ring = &core->source_rings[source][frame->flags & READINGS_URGENT ? 1 : 0];
    bool sane = true;
    store_link_taking(core, true);
    for (uint32_t i = 0; sane && i < frame->n; i++)
        sane = take_from_ring(core, source, frame->flags, frame->reading[i]);
    store_link_taking(core, false);
    if (!sane) {
        *why = "sent a reading that its sensor cannot make";
        return false;
    }
    const uint64_t last = frame->reading[frame->n - 1].origin;
    /* What says nothing new waits for what this ring has said before, not for the batch of other sensors. */
    if (last)
        mark(ring, last, ring->taken_id);
    /* Detectors first: a call overtakes the disk. */
    feed_pump(core);
    store_link_pump(core);
    sources_confirm(core);
    control_watch_tail(core);
    return true;
}

void sources_shift(struct core *core, uint64_t by)
{
    for (int i = 0; i < 4; i++) {
        struct source_ring *ring = &core->source_rings[i / 2][i % 2];
        ring->taken_id += ring->taken_id ? by : 0;
        for (uint32_t k = 0; k < ring->n; k++)
            ring->marks[(ring->first + k) % MARKS].id += by;
    }
}

static void confirm(struct core *core, enum source_type source, bool urgent)
{
    struct source_ring *ring = &core->source_rings[source][urgent];
    const struct store_link *store = &core->store;
    uint64_t durable = ring->durable, handled = ring->handled;
    /* Without a disk the ring is what holds a reading: keep the newest ones there, forget only what would fill it. */
    uint64_t newest = ring->n ? ring->marks[(ring->first + ring->n - 1) % MARKS].origin : 0;
    while (ring->n) {
        const struct mark *m = &ring->marks[ring->first];
        bool stored = m->id <= store->durable_id;
        if (!stored && !(store->degraded && newest - m->origin >= DEGRADED_KEPT))
            break;
        handled = m->origin;
        ring->first = (ring->first + 1) % MARKS;
        ring->n--;
    }
    bool further = handled > durable || handled >> 32 != durable >> 32; /* a new ring may have a lower name */
    durable = store->degraded && newest ? newest : further ? handled : durable;
    if (durable == ring->durable && handled == ring->handled)
        return;
    ring->durable = durable;
    ring->handled = handled;
    if (core->workers[worker_of(source)].state != WORKER_RUNNING &&
        core->workers[worker_of(source)].state != WORKER_STARTING)
        return;
    frame_init(&core->out, FRAME_CONFIRM);
    core->out.confirm.durable = durable;
    core->out.confirm.handled = handled;
    core->out.confirm.urgent = urgent;
    send_frame(core, worker_of(source));
}

void sources_confirm(struct core *core)
{
    for (int source = 0; source < 2; source++)
        for (int urgent = 0; urgent < 2; urgent++)
            confirm(core, (enum source_type)source, urgent);
}
