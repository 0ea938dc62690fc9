#include "topics.h"

#include <stdio.h>
#include <string.h>

static bool put(char *out, size_t size, const char *start, size_t n, const char *end)
{
    int length = snprintf(out, size, "%.*s%s", (int)n, start, end);
    return length > 0 && (size_t)length < size;
}

/* "tele" in the place of "stat" or "tele", wherever the device's FullTopic has it, and LWT at the end. */
static bool tasmota_lwt(const char *topic, char *out, size_t size)
{
    const char *last = strrchr(topic, '/');
    if (last == NULL)
        return false;
    for (const char *part = topic; part < last; part += strcspn(part, "/") + 1) {
        size_t n = strcspn(part, "/");
        if (n == 4 && (memcmp(part, "stat", 4) == 0 || memcmp(part, "tele", 4) == 0)) {
            int length =
                snprintf(out, size, "%.*stele%.*s/LWT", (int)(part - topic), topic, (int)(last - part - 4), part + 4);
            return length > 0 && (size_t)length < size;
        }
    }
    return false;
}

/* <prefix>/<component>/<object>/state -> <prefix>/status; the prefix may itself have slashes. */
static bool esphome_status(const char *topic, char *out, size_t size)
{
    size_t n = strlen(topic);
    for (int parts = 0; parts < 3; parts++) {
        while (n > 0 && topic[n - 1] != '/')
            n--;
        if (n == 0)
            return false;
        n--;
    }
    return n > 0 && put(out, size, topic, n, "/status");
}

/* Length of "shellies/<id>" (Gen1), or of what stands before /events/rpc and /status/ (Gen2+); 0: neither. */
static size_t shelly_device(const char *topic, bool *gen1)
{
    *gen1 = strncmp(topic, "shellies/", 9) == 0;
    if (*gen1)
        return topic[9 + strcspn(topic + 9, "/")] == '/' ? 9 + strcspn(topic + 9, "/") : 0;
    const char *end = strstr(topic, "/events/rpc");
    if (end == NULL)
        end = strstr(topic, "/status/");
    return end == NULL ? 0 : (size_t)(end - topic);
}

bool topics_availability(const struct frame_mqtt_sensor *sensor, char *out, size_t size)
{
    bool gen1;
    size_t n;
    if (sensor->availability[0] != '\0')
        return put(out, size, sensor->availability, strlen(sensor->availability), "");
    switch (sensor->format) {
    case FORMAT_ZIGBEE2MQTT:
        return put(out, size, sensor->topic, strlen(sensor->topic), "/availability");
    case FORMAT_TASMOTA:
        return tasmota_lwt(sensor->topic, out, size);
    case FORMAT_ESPHOME:
        return esphome_status(sensor->topic, out, size);
    case FORMAT_SHELLY:
        n = shelly_device(sensor->topic, &gen1);
        return n > 0 && put(out, size, sensor->topic, n, "/online");
    default:
        return false;
    }
}

bool topics_battery(const struct frame_mqtt_sensor *sensor, char *out, size_t size)
{
    bool gen1;
    if (sensor->format != FORMAT_SHELLY)
        return false;
    size_t n = shelly_device(sensor->topic, &gen1);
    if (n == 0)
        return false;
    if (!gen1) /* events/rpc carries it itself */
        return strstr(sensor->topic, "/status/") != NULL && put(out, size, sensor->topic, n, "/status/devicepower:0");
    return put(out, size, sensor->topic, n, "/sensor/battery") && strcmp(out, sensor->topic) != 0;
}

const char *topics_qos_advice(const struct frame_mqtt_sensor *sensor)
{
    switch (sensor->format) {
    case FORMAT_ZIGBEE2MQTT:
        return "comes at QoS 0, a message can be lost: in Zigbee2MQTT's configuration.yaml set `qos: 1` for this "
               "device "
               "(devices: or device_options:)";
    case FORMAT_TASMOTA:
        return "comes at QoS 0, a message can be lost: Tasmota cannot publish at QoS 1; use another device for calls "
               "and "
               "hazards, or wire it to a GPIO line";
    case FORMAT_ESPHOME:
        return "comes at QoS 0, a message can be lost: in the ESPHome configuration set `qos: 1` under this component";
    case FORMAT_SHELLY:
        return strncmp(sensor->topic, "shellies/", 9) == 0
                   ? "comes at QoS 0, a message can be lost: set \"Max QoS\" to 1 in the Shelly's MQTT settings "
                     "(mqtt_max_qos=1)"
                   : "comes at QoS 0, a message can be lost: this Shelly's firmware should publish at QoS 1; update "
                     "it, "
                     "and look for a bridge that lowers the QoS";
    default:
        return "comes at QoS 0, a message can be lost: let the device publish at QoS 1";
    }
}
