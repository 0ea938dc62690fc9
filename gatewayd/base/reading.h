/* reading.h - one reading as it travels between our processes, in the ring files and into the store. */
#ifndef BASE_READING_H
#define BASE_READING_H

#include <stdint.h>

#define SENSOR_HOME UINT16_MAX /* readings about the home itself: gap, mode, clock */

/* Types, events and flags are those of gatewayd/plugin.h (enum gw_type, enum gw_event, GW_INITIAL ...). */
struct reading {
    uint64_t id;         /* place in the log, rising from 1; 0 until the core has assigned it */
    uint64_t origin;     /* given once by the source and kept for ever: see ring.h; never 0 */
    uint64_t source_key; /* recognises a redelivered MQTT message (hash of mid, topic, payload); 0: none */
    int64_t at;          /* from a source: CLOCK_BOOTTIME in ms; from the core on: log time in ms */
    double value;        /* finite */
    uint32_t boot;       /* number of the boot it was taken in; 0 until the core has assigned it */
    uint16_t sensor;     /* slot of the sensor in the core's table, or SENSOR_HOME */
    uint8_t type;        /* enum gw_type */
    uint8_t flags;       /* GW_INITIAL | ... */
};

_Static_assert(sizeof(struct reading) == 48, "reading has holes");

#endif
