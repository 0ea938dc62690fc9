/* sensors.c - the list of sensors: what each is, and that no two take the same thing. */
#include <stdlib.h>
#include <string.h>

#include "base/kinds.h"
#include "base/text.h"
#include "gpio.h"

static const struct key sensor_keys[] = {
    {.name = "name",
     .type = KEY_NAME,
     .required = true,
     FIELD(struct sensor_settings, name),
     .doc = "how detectors call it"},
    {.name = "kind",
     .type = KEY_KIND,
     .required = true,
     FIELD(struct sensor_settings, kind),
     .doc = "what it is: \"bed\", \"contact\" ..."},
    {.name = "room", .type = KEY_TEXT, FIELD(struct sensor_settings, room), .doc = "where it is, for people"},
    {.name = "gpio", .type = KEY_GROUP, .doc = "it is wired to a GPIO line"},
    {.name = "mqtt", .type = KEY_GROUP, .doc = "it speaks MQTT"},
};
const struct table sensor_table = TABLE("sensors", sensor_keys);

/* in the order of enum mqtt_format */
static const char *const formats[] = {"raw", "json", "zigbee2mqtt", "tasmota", "esphome", "shelly", NULL};
_Static_assert(sizeof formats / sizeof formats[0] == FORMAT_COUNT + 1, "a format without a name");

static const struct key sensor_mqtt_keys[] = {
    {.name = "topic",
     .type = KEY_TOPIC,
     .required = true,
     FIELD(struct frame_mqtt_sensor, topic),
     .doc = "where its values come"},
    {.name = "format",
     .type = KEY_CHOICE,
     .required = true,
     FIELD(struct frame_mqtt_sensor, format),
     .choices = formats,
     .doc = "raw, json, zigbee2mqtt, tasmota, esphome or shelly"},
    {.name = "path",
     .type = KEY_TEXT,
     FIELD(struct frame_mqtt_sensor, path),
     .doc = "where the value is in a JSON payload"},
    {.name = "on", .type = KEY_WORD, FIELD(struct frame_mqtt_sensor, on), .doc = "the value that means 1"},
    {.name = "off", .type = KEY_WORD, FIELD(struct frame_mqtt_sensor, off), .doc = "the value that means 0"},
    {.name = "invert",
     .type = KEY_FLAG,
     FIELD(struct frame_mqtt_sensor, invert),
     .fallback = "false",
     .doc = "0 and 1 change places"},
    {.name = "availability",
     .type = KEY_TOPIC,
     FIELD(struct frame_mqtt_sensor, availability),
     .doc = "topic that says whether it is there"},
};
const struct table sensor_mqtt_table = TABLE("sensors.mqtt", sensor_mqtt_keys);

static const char *path_fault(const struct frame_mqtt_sensor *mqtt)
{
    const char *path = mqtt->path;
    if (mqtt->format == FORMAT_RAW && *path)
        return "path: the format \"raw\" takes the whole payload; for a value within JSON say format = \"json\"";
    if (mqtt->format == FORMAT_JSON && !*path)
        return "path is missing: where in the JSON is the value? Such as \"temperature\" or \"sensor.0.state\"";
    if (*path == '.' || strstr(path, "..") || (*path && path[strlen(path) - 1] == '.'))
        return "path: an empty part; write it as \"temperature\" or \"sensor.0.state\"";
    return NULL;
}

static void read_mqtt(struct check *check, const struct node *group, struct sensor_settings *sensor)
{
    struct frame_mqtt_sensor *mqtt = &sensor->mqtt;
    if (!table_read(&sensor_mqtt_table, group, mqtt, check->report))
        return;
    const char *fault = path_fault(mqtt);
    if (fault)
        report_add(check->report, table_line(group, "path"), "%s", fault);
    if (*mqtt->on && strcmp(mqtt->on, mqtt->off) == 0)
        report_add(check->report, table_line(group, "off"), "off: the same as on (\"%s\")", mqtt->on);
    bool analog = sensor->kind < KIND_COUNT && kind_info(sensor->kind)->analog;
    static const char *const switches[] = {"on", "off", "invert"};
    for (size_t i = 0; analog && i < sizeof switches / sizeof switches[0]; i++)
        if (node_member(group, switches[i]))
            report_add(check->report, table_line(group, switches[i]),
                       "%s: a sensor of the kind %s gives a number, not on and off; remove it", switches[i],
                       kind_info(sensor->kind)->name);
    if (!check->settings->has_mqtt)
        report_add(check->report, node_line(group),
                   "this sensor needs the broker: add mqtt = { host = \"127.0.0.1\"; }; to the configuration");
}

static void read_source(struct check *check, const struct node *group, struct sensor_settings *sensor)
{
    const struct node *gpio = node_member(group, "gpio"), *mqtt = node_member(group, "mqtt");
    if (!gpio == !mqtt) {
        report_add(check->report, node_line(group),
                   "sensor \"%s\" needs one source: either gpio = { ... } or mqtt = { ... }%s", sensor->name,
                   gpio ? ", not both" : "");
    }
    sensor->source = gpio ? SOURCE_GPIO : SOURCE_MQTT;
    if (gpio && sensor->kind < KIND_COUNT && !kind_info(sensor->kind)->gpio)
        report_add(check->report, node_line(gpio),
                   "a sensor of the kind %s can't be on a GPIO line, which knows on and off only",
                   kind_info(sensor->kind)->name);
    if (gpio && node_type(gpio) == NODE_GROUP)
        gpio_read(check, &gpio_table, gpio, &sensor->gpio);
    if (mqtt && node_type(mqtt) == NODE_GROUP)
        read_mqtt(check, mqtt, sensor);
    text_copy(sensor->gpio.sensor, sizeof sensor->gpio.sensor, gpio ? sensor->name : "");
    text_copy(sensor->mqtt.sensor, sizeof sensor->mqtt.sensor, gpio ? "" : sensor->name);
    sensor->gpio.kind = sensor->mqtt.kind = sensor->kind;
}

/* Several sensors may take different values from one topic (contact and temperature from one device), not the same. */
static bool same_value(const struct sensor_settings *a, const struct sensor_settings *b)
{
    const struct frame_mqtt_sensor *left = &a->mqtt, *right = &b->mqtt;
    if (!*left->topic || strcmp(left->topic, right->topic) != 0 || left->format != right->format ||
        strcmp(left->path, right->path) != 0 || strcmp(left->on, right->on) != 0)
        return false;
    return *left->path || left->format == FORMAT_RAW || a->kind == b->kind;
}

static void check_twice(struct check *check, const struct node *list, unsigned i)
{
    const struct sensor_settings *sensors = check->settings->sensors, *sensor = &sensors[i];
    const struct node *group = node_child(list, i);
    for (unsigned k = 0; k < i; k++) {
        if (sensors[k].source != sensor->source)
            continue;
        if (sensor->source == SOURCE_GPIO && gpio_same(&sensor->gpio, &sensors[k].gpio))
            report_add(check->report, table_line(node_member(group, "gpio"), "line"),
                       "line %s of %s is taken already by the sensor \"%s\"", sensor->gpio.line, sensor->gpio.chip,
                       sensors[k].name);
        else if (sensor->source == SOURCE_MQTT && same_value(sensor, &sensors[k]))
            report_add(check->report, table_line(node_member(group, "mqtt"), "topic"),
                       "the sensor \"%s\" takes the same value of the topic \"%s\"; two values of one topic need "
                       "different kinds, paths or on values",
                       sensors[k].name, sensor->mqtt.topic);
        else
            continue;
        return;
    }
}

void sensors_read(struct check *check)
{
    const struct node *list = node_member(check->root, "sensors");
    struct settings *settings = check->settings;
    unsigned n = table_list(list, SENSORS_MAX, check->report);
    settings->sensors = calloc(n ? n : 1, sizeof *settings->sensors);
    if (!settings->sensors) {
        check->out_of_memory = true;
        return;
    }
    settings->n_sensors = n;
    for (unsigned i = 0; i < n; i++) {
        const struct node *group = node_child(list, i);
        struct sensor_settings *sensor = &settings->sensors[i];
        sensor->kind = KIND_COUNT; /* unknown, if it has none: no errors that follow from it */
        table_read(&sensor_table, group, sensor, check->report);
        if (node_type(group) != NODE_GROUP)
            continue;
        read_source(check, group, sensor);
        table_unique(list, i, settings->sensors[0].name, sizeof *settings->sensors, check->report);
        check_twice(check, list, i);
    }
}
