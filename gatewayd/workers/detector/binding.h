/* binding.h - a detector's settings resolved against its plugin's table: which sensor plays which role, and the value
 * of every parameter. */
#ifndef DETECTOR_BINDING_H
#define DETECTOR_BINDING_H

#include "table.h"

struct bound_sensor { /* place in the array: the plugin's index */
    char name[NAME_SIZE];
    char room[NAME_SIZE];
    const char *role; /* the first one it plays; the table's */
    uint64_t roles;   /* bit i: plays role i */
    uint16_t slot;
    uint16_t kind;     /* enum kind */
    uint16_t required; /* or relied on, for one of its roles */
};

struct bound_param {
    int64_t ms;     /* DURATION, -1 never or not set */
    int32_t minute; /* TIME, -1 not set */
    int32_t flag;   /* FLAG */
    double number;  /* NUMBER */
    char *text;     /* TEXT and CHOICE, owned; never NULL */
};

struct binding {
    struct bound_sensor *sensors;
    uint32_t n_sensors;
    struct bound_param *params; /* as many as the table has */
};

/* sensors: those of the home. NULL with the first error, "file:line: ..." where it stands in a file: unknown key (with
 * the nearest right one), unknown sensor, wrong kind, too many, a required role without a sensor, a value out of its
 * range. Nothing is borrowed but the table. */
struct binding *binding_create(const struct table *table, const struct frame_setting *settings, uint32_t n_settings,
                               const struct frame_sensor *sensors, uint32_t n_sensors, char *error, size_t error_size);
void binding_destroy(struct binding *binding, const struct table *table); /* NULL is legal */

#endif
