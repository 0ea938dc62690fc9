/* kinds.h - the sensor kinds, as one table that the configuration, the sources and the core share. */
#ifndef BASE_KINDS_H
#define BASE_KINDS_H

#include <stdbool.h>
#include <stdint.h>

/* Order is storage-neutral: only names leave the process. */
enum kind {
    KIND_BED,
    KIND_CONTACT,
    KIND_MOTION,
    KIND_PRESENCE,
    KIND_VIBRATION,
    KIND_BUTTON, /* one-key call button, also wall button */
    KIND_CORD,   /* pull cord */
    KIND_FALL,
    KIND_LEAK,
    KIND_SMOKE,
    KIND_GAS,
    KIND_CO,
    KIND_HEAT,
    KIND_TEMPERATURE,
    KIND_HUMIDITY,
    KIND_POWER,
    KIND_MAINS, /* mains present */
    KIND_NUMBER,
    KIND_STATE,
    KIND_COUNT
};

struct kind_info {
    const char *name;
    bool urgent; /* call and hazard sensors: accepted only on the disk, own MQTT connection, QoS 0 warned about */
    bool analog; /* any finite number; else levels are 0 or 1 */
    bool gpio;   /* makes sense on a GPIO line */
};

/* Never NULL for kind < KIND_COUNT. */
const struct kind_info *kind_info(enum kind kind);
/* KIND_COUNT if there is no such kind. */
enum kind kind_by_name(const char *name);

#endif
