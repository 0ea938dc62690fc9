#include "home.h"

#include <string.h>

#include "base/kinds.h"
#include "base/text.h"

static void add_sensor(struct home *home, const char *name, enum kind kind, enum source_type source)
{
    struct sensor_settings *s = &home->sensors[home->settings.n_sensors++];
    text_copy(s->name, NAME_SIZE, name);
    text_copy(s->room, NAME_SIZE, "room");
    s->kind = s->gpio.kind = s->mqtt.kind = (uint16_t)kind;
    s->source = source;
    text_copy(s->gpio.sensor, NAME_SIZE, name);
    text_copy(s->gpio.chip, TEXT_SIZE, "chip");
    text_copy(s->gpio.line, NAME_SIZE, "1");
    text_copy(s->mqtt.sensor, NAME_SIZE, name);
    text_copy(s->mqtt.topic, TEXT_SIZE, name);
}

static void add_uplink(struct home *home, const char *name, bool backup)
{
    struct uplink_settings *u = &home->uplinks[home->settings.n_uplinks++];
    text_copy(u->link.name, NAME_SIZE, name);
    text_copy(u->link.host, TEXT_SIZE, "localhost");
    text_copy(u->link.home, TEXT_SIZE, "c/t/v/h");
    u->link.version = MQTT_5;
    u->link.port = 1883;
    u->link.keepalive_s = 60;
    u->classes = 0x1e;
    u->backup = backup;
    u->rate = 60;
    u->heartbeat_s = 180;
}

static void add_detector(struct home *home, const char *name, const char *plugin)
{
    struct detector_settings *d = &home->detectors[home->settings.n_detectors++];
    text_copy(d->name, NAME_SIZE, name);
    text_copy(d->plugin, NAME_SIZE, plugin);
}

static void add_output(struct home *home)
{
    struct output_settings *o = &home->outputs[home->settings.n_outputs++];
    text_copy(o->output.name, NAME_SIZE, "light");
    text_copy(o->output.line.chip, TEXT_SIZE, "chip");
    text_copy(o->output.line.line, NAME_SIZE, "2");
    o->shows = SHOWS_ACKNOWLEDGED;
}

static void set_general(struct settings *s)
{
    text_copy(s->county, NAME_SIZE, "c");
    text_copy(s->town, NAME_SIZE, "t");
    text_copy(s->village, NAME_SIZE, "v");
    text_copy(s->home, NAME_SIZE, "h");
    text_copy(s->timezone, NAME_SIZE, "Asia/Shanghai");
    text_copy(s->plugin_dir, TEXT_SIZE, "/plugins");
    text_copy(s->mqtt.host, TEXT_SIZE, "localhost");
    s->has_mqtt = true;
    s->mqtt.port = 1883;
    s->mqtt.keepalive_s = 60;
    text_copy(s->store.directory, TEXT_SIZE, "/state");
    s->store.history_days = 70;
    s->store.history_mib = 64;
    s->store.batch_ms = 5000;
}

void home_make(struct home *home, unsigned variant)
{
    memset(home, 0, sizeof *home);
    struct settings *s = &home->settings;
    s->sensors = home->sensors;
    s->detectors = home->detectors;
    s->uplinks = home->uplinks;
    s->outputs = home->outputs;
    set_general(s);
    add_sensor(home, "button", KIND_BUTTON, SOURCE_MQTT);
    add_sensor(home, "door", KIND_CONTACT, variant == 1 ? SOURCE_GPIO : SOURCE_MQTT);
    if (variant != 2)
        add_sensor(home, "bed", KIND_BED, SOURCE_GPIO);
    add_sensor(home, "warmth", KIND_TEMPERATURE, SOURCE_MQTT);
    add_uplink(home, "platform", false);
    if (variant != 3)
        add_uplink(home, "second", true);
    if (variant != 4)
        add_detector(home, "call", "call");
    add_detector(home, "door-watch", "door");
    if (variant == 5)
        add_detector(home, "other", "door");
    add_output(home);
}
