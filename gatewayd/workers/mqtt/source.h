/* source.h - one MQTT sensor: what it said last, so that attributes are told when they change, a momentary sensor's
 * level is told as what it is, and notes do not flood. No I/O. */
#ifndef MQTT_SOURCE_H
#define MQTT_SOURCE_H

#include "base/reading.h"
#include "format.h"

#define SOURCE_READINGS_MAX (FORMAT_ITEMS_MAX + 1) /* from one message */
#define SOURCE_TYPES        8u                     /* enum gw_type that a sensor itself can have */

struct source_note {
    int64_t told;     /* when the last note went; 0: never */
    uint32_t pending; /* payloads since then */
    char text[TEXT_SIZE];
};

struct source {
    struct frame_mqtt_sensor config;
    double last[SOURCE_TYPES]; /* by enum gw_type */
    uint8_t known;             /* bits: last[type] is set */
    bool has_zero;             /* momentary kinds: it has said 0 once, so it has a level */
    bool counted;
    uint32_t count; /* number of its last event, if counted */
    int qos;        /* of the last message; -1: none yet */
    int64_t qos_told;
    bool lost; /* told as unavailable because the broker is away */
    struct source_note bad, unused;
};

void source_init(struct source *source, const struct frame_mqtt_sensor *config);
/* Turn what a message says into readings (sensor, type, value, flags). Returns how many; *ignored: an event that was
 * not one (retained). */
unsigned source_take(struct source *source, const struct format_result *result, bool retained,
                     struct reading out[SOURCE_READINGS_MAX], bool *ignored);
/* The device's own word on whether it is there; true if it has not said no. */
bool source_device_there(const struct source *source);

/* Count one; the payload's beginning (or `text`, if not NULL) goes into the note. */
void source_note_add(struct source_note *note, const char *text, const void *payload, size_t size);
/* Is a note due (at most one a second)? Then *count of the payloads it stands for. */
bool source_note_due(struct source_note *note, int64_t now, uint32_t *count);

#endif
