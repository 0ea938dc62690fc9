/* home.c - the configuration, in variants between which a reload goes: a sensor added, renamed, removed; a detector
 * changed, removed. A small home has the four detectors that watch a person; a whole one has every plugin. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/kinds.h"
#include "base/text.h"
#include "made_settings.h"
#include "sim.h"

#define VARIANTS  4
#define DETECTORS 10

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

static struct sensor_settings *wired(struct variant *v, const char *name, enum kind kind, const char *wire)
{
    struct sensor_settings *s = &v->sensors[v->settings.n_sensors++];
    made_sensor(s, name, kind, SOURCE_GPIO, wire);
    s->gpio.debounce_ms = 20;
    return s;
}

static struct sensor_settings *radio(struct variant *v, const char *name, enum kind kind, enum mqtt_format format)
{
    struct sensor_settings *s = &v->sensors[v->settings.n_sensors++];
    char topic[TEXT_SIZE];
    snprintf(topic, sizeof(topic), "z/%s", strcmp(name, "hall-door") == 0 ? "front-door" : name);
    made_sensor(s, name, kind, SOURCE_MQTT, topic);
    s->mqtt.format = format;
    return s;
}

static struct detector_settings *detector(struct variant *v, const char *name, const char *plugin)
{
    unsigned n = v->settings.n_detectors++;
    struct detector_settings *d = &v->detectors[n];
    made_detector(d, name, plugin);
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

static void describe(struct variant *v, const char *build)
{
    struct settings *s = &v->settings;
    char plugins[TEXT_SIZE];
    snprintf(plugins, sizeof(plugins), "%s/plugins", build);
    made_home(s, plugins);
    s->has_mqtt = true;
    s->sensors = v->sensors;
    s->detectors = v->detectors;
    s->uplinks = v->uplinks;
    s->outputs = &v->output;
    made_light(&v->output, "light");
    s->n_outputs = 1;
    made_uplink(&v->uplinks[s->n_uplinks++], "platform", false);
    made_uplink(&v->uplinks[s->n_uplinks++], "backup", true);
    for (unsigned i = 0; i < s->n_uplinks; i++)
        v->uplinks[i].heartbeat_s = 900;
}

/* 0 the whole home; 1 limits changed and a sensor more; 2 the front door renamed; 3 no bath detector, no thermometer.
 */
static void furnish(struct variant *v, unsigned number)
{
    const char *front_door = number == 2 ? "hall-door" : "front-door";
    if (number == 1)
        radio(v, "extra", KIND_MOTION, FORMAT_RAW);
    radio(v, "button", KIND_BUTTON, FORMAT_ZIGBEE2MQTT);
    wired(v, "cord", KIND_CORD, "cord");
    wired(v, "bed", KIND_BED, "bed");
    radio(v, "bath-door", KIND_CONTACT, FORMAT_RAW);
    radio(v, "bath-motion", KIND_MOTION, FORMAT_RAW);
    radio(v, front_door, KIND_CONTACT, FORMAT_RAW);
    radio(v, "hall-motion", KIND_MOTION, FORMAT_RAW);
    if (number != 3)
        radio(v, "warmth", KIND_TEMPERATURE, FORMAT_RAW);
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
    set(d, "door", front_door);
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

/* What a whole home has besides: 1 other limits; 2 no visits are watched; 3 the fridge has lost its thermometer. */
static void furnish_more(struct variant *v, unsigned number)
{
    text_copy(wired(v, "water", KIND_LEAK, "water")->room, NAME_SIZE, "bathroom");
    wired(v, "mains", KIND_MAINS, "mains");
    radio(v, "smoke", KIND_SMOKE, FORMAT_ZIGBEE2MQTT);
    text_copy(radio(v, "kitchen-motion", KIND_MOTION, FORMAT_ZIGBEE2MQTT)->room, NAME_SIZE, "kitchen");
    radio(v, "carer", KIND_BUTTON, FORMAT_ZIGBEE2MQTT);
    if (number != 3)
        radio(v, "fridge", KIND_TEMPERATURE, FORMAT_ZIGBEE2MQTT);
    struct detector_settings *d = detector(v, "hazard", "hazard");
    if (number != 3)
        set(d, "room", "warmth");
    set(d, "cold_after", "30 min");
    set(d, "quiet_for", number == 1 ? "5 min" : "10 min");
    d = detector(v, "activity", "activity");
    set(d, "door", number == 2 ? "hall-door" : "front-door");
    set(d, "day_warn", "1 h");
    set(d, "day_alarm", "2 h");
    set(d, "night_warn", number == 1 ? "90 min" : "2 h");
    set(d, "night_alarm", "4 h");
    set(d, "out_too_long", "3 h");
    d = detector(v, "routine", "routine");
    set(d, "door", number == 2 ? "hall-door" : "front-door");
    d = detector(v, "supervision", "sensor");
    set(d, "mains_after", "20 min");
    set(d, "mains_spread", "10 min");
    set(d, "bouncing", "20");
    set(d, "all_silent_after", number == 1 ? "40 min" : "1 h");
    if (number != 2) {
        d = detector(v, "visit", "visit");
        set(d, "toggle", "carer");
        set(d, "longest", "2 h");
        set(d, "planned", "09:00 17:30");
    }
    if (number == 3)
        return;
    d = detector(v, "fridge", "threshold");
    set(d, "sensors", "fridge");
    set(d, "limit", "8");
    set(d, "lasting", number == 1 ? "20 min" : "15 min");
    set(d, "hysteresis", "1");
}

struct home *home_create(struct sim *sim)
{
    struct home *home = calloc(1, sizeof(*home));
    if (!home)
        abort();
    for (unsigned i = 0; i < VARIANTS; i++) {
        describe(&home->variant[i], sim->build);
        furnish(&home->variant[i], i);
        if (sim->whole)
            furnish_more(&home->variant[i], i);
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
