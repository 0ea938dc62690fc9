#include "made_settings.h"

#include "base/text.h"

void made_home(struct settings *s, const char *plugin_dir)
{
    text_copy(s->county, NAME_SIZE, "c");
    text_copy(s->town, NAME_SIZE, "t");
    text_copy(s->village, NAME_SIZE, "v");
    text_copy(s->home, NAME_SIZE, "h");
    text_copy(s->timezone, NAME_SIZE, "Asia/Shanghai");
    text_copy(s->plugin_dir, TEXT_SIZE, plugin_dir);
    text_copy(s->mqtt.host, TEXT_SIZE, "localhost");
    text_copy(s->mqtt.client_id, NAME_SIZE, "gatewayd");
    s->mqtt.port = 1883;
    s->mqtt.keepalive_s = 60;
    text_copy(s->store.directory, TEXT_SIZE, "/state");
    s->store.history_days = 70;
    s->store.history_mib = 64;
    s->store.batch_ms = 5000;
}

void made_sensor(struct sensor_settings *s, const char *name, enum kind kind, enum source_type source,
                 const char *place)
{
    text_copy(s->name, NAME_SIZE, name);
    text_copy(s->room, NAME_SIZE, "room");
    s->kind = s->gpio.kind = s->mqtt.kind = (uint16_t)kind;
    s->source = source;
    text_copy(s->gpio.sensor, NAME_SIZE, name);
    text_copy(s->mqtt.sensor, NAME_SIZE, name);
    if (source == SOURCE_GPIO) {
        text_copy(s->gpio.chip, TEXT_SIZE, "chip");
        text_copy(s->gpio.line, NAME_SIZE, place);
    } else {
        text_copy(s->mqtt.topic, TEXT_SIZE, place);
    }
}

void made_detector(struct detector_settings *d, const char *name, const char *plugin)
{
    text_copy(d->name, NAME_SIZE, name);
    text_copy(d->plugin, NAME_SIZE, plugin);
}

void made_uplink(struct uplink_settings *u, const char *name, bool backup)
{
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

void made_light(struct output_settings *o, const char *line)
{
    text_copy(o->output.name, NAME_SIZE, "light");
    text_copy(o->output.line.chip, TEXT_SIZE, "chip");
    text_copy(o->output.line.line, NAME_SIZE, line);
    o->shows = SHOWS_ACKNOWLEDGED;
}
