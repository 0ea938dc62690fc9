/* home.c - the configuration, in variants between which a reload goes: a sensor added, renamed, removed; a detector
 * changed, removed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/kinds.h"
#include "base/text.h"
#include "sim.h"

#define VARIANTS  4
#define DETECTORS 4

struct variant {
    struct settings settings;
    struct sensor_settings sensors[SENSORS];
    struct detector_settings detectors[DETECTORS];
    struct frame_setting lines[DETECTORS][12];
    struct uplink_settings uplinks[PLATFORMS];
    struct output_settings output;
};

struct home {
    unsigned now;
    struct variant variant[VARIANTS];
};

static void sensor(struct variant *v, const char *name, enum kind kind, const char *wire)
{
    struct sensor_settings *s = &v->sensors[v->settings.n_sensors++];
    text_copy(s->name, NAME_SIZE, name);
    text_copy(s->room, NAME_SIZE, "room");
    s->kind = (uint16_t)kind;
    s->source = wire ? SOURCE_GPIO : SOURCE_MQTT;
    if (wire) {
        text_copy(s->gpio.sensor, NAME_SIZE, name);
        text_copy(s->gpio.chip, TEXT_SIZE, "chip");
        text_copy(s->gpio.line, NAME_SIZE, wire);
        s->gpio.debounce_ms = 20;
        return;
    }
    text_copy(s->mqtt.sensor, NAME_SIZE, name);
    s->mqtt.format = kind == KIND_BUTTON ? FORMAT_ZIGBEE2MQTT : FORMAT_RAW;
    snprintf(s->mqtt.topic, TEXT_SIZE, "z/%s", strcmp(name, "hall-door") == 0 ? "front-door" : name);
}

static struct detector_settings *detector(struct variant *v, const char *name, const char *plugin)
{
    unsigned n = v->settings.n_detectors++;
    struct detector_settings *d = &v->detectors[n];
    text_copy(d->name, NAME_SIZE, name);
    text_copy(d->plugin, NAME_SIZE, plugin);
    d->memory_mib = 16;
    d->settings = v->lines[n];
    return d;
}

static void set(struct detector_settings *d, const char *key, const char *value)
{
    struct frame_setting *s = &d->settings[d->n_settings++];
    text_copy(s->key, sizeof(s->key), key);
    text_copy(s->value, sizeof(s->value), value);
    text_copy(s->where, sizeof(s->where), "home.c:1");
}

static void uplink(struct variant *v, const char *name, bool backup)
{
    struct uplink_settings *u = &v->uplinks[v->settings.n_uplinks++];
    text_copy(u->link.name, NAME_SIZE, name);
    text_copy(u->link.host, TEXT_SIZE, "care.example.org");
    text_copy(u->link.home, TEXT_SIZE, "c/t/v/h");
    u->link.version = MQTT_5;
    u->link.port = 1883;
    u->link.keepalive_s = 60;
    u->classes = 0x1e;
    u->backup = backup;
    u->rate = 60;
    u->heartbeat_s = 900;
}

static void describe(struct variant *v, const char *build)
{
    struct settings *s = &v->settings;
    text_copy(s->county, NAME_SIZE, "c");
    text_copy(s->town, NAME_SIZE, "t");
    text_copy(s->village, NAME_SIZE, "v");
    text_copy(s->home, NAME_SIZE, "h");
    text_copy(s->timezone, NAME_SIZE, "Asia/Shanghai");
    snprintf(s->plugin_dir, TEXT_SIZE, "%s/plugins", build);
    s->has_mqtt = true;
    text_copy(s->mqtt.host, TEXT_SIZE, "localhost");
    text_copy(s->mqtt.client_id, NAME_SIZE, "gatewayd");
    s->mqtt.port = 1883;
    s->mqtt.keepalive_s = 60;
    text_copy(s->store.directory, TEXT_SIZE, "/state");
    s->store.history_days = 70;
    s->store.history_mib = 64;
    s->store.batch_ms = 5000;
    s->sensors = v->sensors;
    s->detectors = v->detectors;
    s->uplinks = v->uplinks;
    s->outputs = &v->output;
    s->n_outputs = 1;
    text_copy(v->output.output.name, NAME_SIZE, "light");
    text_copy(v->output.output.line.chip, TEXT_SIZE, "chip");
    text_copy(v->output.output.line.line, NAME_SIZE, "light");
    v->output.shows = SHOWS_ACKNOWLEDGED;
    uplink(v, "platform", false);
    uplink(v, "backup", true);
}

/* 0 the whole home; 1 limits changed and a sensor more; 2 the front door renamed; 3 no bath detector, no thermometer.
 */
static void furnish(struct variant *v, unsigned number)
{
    if (number == 1)
        sensor(v, "extra", KIND_MOTION, NULL);
    sensor(v, "button", KIND_BUTTON, NULL);
    sensor(v, "cord", KIND_CORD, "cord");
    sensor(v, "bed", KIND_BED, "bed");
    sensor(v, "bath-door", KIND_CONTACT, NULL);
    sensor(v, "bath-motion", KIND_MOTION, NULL);
    sensor(v, number == 2 ? "hall-door" : "front-door", KIND_CONTACT, NULL);
    sensor(v, "hall-motion", KIND_MOTION, NULL);
    if (number != 3)
        sensor(v, "warmth", KIND_TEMPERATURE, NULL);
    struct detector_settings *d = detector(v, "call", "call");
    set(d, "buttons", "button");
    set(d, "buttons", "cord");
    d = detector(v, "bed", "bed");
    set(d, "bed", "bed");
    set(d, "safe_absence", number == 1 ? "25 min" : "20 min");
    set(d, "night_from", "00:00");
    set(d, "night_to", "23:59");
    set(d, "too_long", "3 h");
    d = detector(v, "door", "door");
    set(d, "door", number == 2 ? "hall-door" : "front-door");
    set(d, "motion", "hall-motion");
    set(d, "open_too_long", number == 1 ? "15 min" : "10 min");
    if (number == 3)
        return;
    d = detector(v, "bath", "bath");
    set(d, "door", "bath-door");
    set(d, "motion", "bath-motion");
    set(d, "warn_after", "10 min");
    set(d, "alarm_after", number == 1 ? "30 min" : "20 min");
    set(d, "still_after", "15 min");
}

struct home *home_create(struct sim *sim)
{
    struct home *home = calloc(1, sizeof(*home));
    if (!home)
        abort();
    for (unsigned i = 0; i < VARIANTS; i++) {
        describe(&home->variant[i], sim->build);
        furnish(&home->variant[i], i);
    }
    return home;
}

void home_destroy(struct home *home)
{
    free(home);
}

const struct settings *home_settings(const struct sim *sim)
{
    return &sim->home->variant[sim->home->now].settings;
}

const struct settings *home_settings_of(const struct sim *sim, unsigned variant)
{
    return variant < VARIANTS ? &sim->home->variant[variant].settings : NULL;
}

unsigned home_variant(const struct sim *sim)
{
    return sim->home->now;
}

void home_change(struct sim *sim)
{
    static const char *const words[VARIANTS] = {"the home as it was", "other limits and a sensor more",
                                                "the front door renamed", "bath detector and thermometer removed"};
    sim->home->now = (sim->home->now + 1 + (unsigned)sim_below(sim, VARIANTS - 1)) % VARIANTS;
    say(sim, "reload: %s", words[sim->home->now]);
}
