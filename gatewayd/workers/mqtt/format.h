/* format.h - what a payload says about a sensor: pure, no state, no clock. The customs of each device family are tables
 * (format_tables.c); what a level or an event is, by kind, is in format_value.c. */
#ifndef MQTT_FORMAT_H
#define MQTT_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/frame.h"

#define FORMAT_ITEMS_MAX   8                   /* one value and one of each attribute */
#define FORMAT_PAYLOAD_MAX ((size_t)64 * 1024) /* longer payloads are counted as bad and not looked into */

enum topic_role { TOPIC_STATE, TOPIC_AVAILABILITY, TOPIC_BATTERY };

enum format_outcome {
    FORMAT_OK,     /* at least one item */
    FORMAT_UNUSED, /* well formed, but nothing in it for this sensor */
    FORMAT_BAD     /* no text, no JSON, wrong type, not finite, out of range */
};

struct format_item {
    double value;
    uint8_t type; /* enum gw_type */
};

struct format_result {
    unsigned n;
    bool counted;   /* the device numbers its events: the same number again is a repetition, not an event */
    uint32_t count; /* that number */
    struct format_item item[FORMAT_ITEMS_MAX];
};

/* One message, parsed at most once however many sensors share its topic. Borrowed payload. */
struct format_message {
    const char *payload;
    size_t size;
    void *json; /* cJSON, once looked at and if it is JSON */
    enum { MESSAGE_NEW, MESSAGE_PLAIN, MESSAGE_JSON, MESSAGE_BAD } state;
    char plain[128]; /* MESSAGE_PLAIN: the trimmed text */
};

void format_begin(struct format_message *message, const void *payload, size_t size);
void format_end(struct format_message *message);

/* What the message says about this sensor. For momentary kinds (format_momentary) a GW_VALUE item is a level, or
 * a press of a device that knows no release: the caller has the memory to tell. */
enum format_outcome format_read(const struct frame_mqtt_sensor *sensor, enum topic_role role,
                                struct format_message *message, struct format_result *result);
/* Kinds whose sensors report happenings: button, cord, fall. */
bool format_momentary(unsigned kind);
/* The event that a 1 of this momentary kind is. */
double format_rise(unsigned kind);

#endif
