/* sensing.h - the levels of a detector's sensors by role, with what is no longer to be believed. Pure helpers, header
 * only, for the plugins in this folder.
 *
 * Test readings are passed over: a technician's "door: closed" is no door, and remembered it would hide the true level
 * that follows. (A call button's test is different: see call.c.) */
#ifndef PLUGINS_SENSING_H
#define PLUGINS_SENSING_H

#include <stdio.h>
#include <string.h>

#include "gatewayd/plugin.h"

#define SENSING_MAX 128

enum sensing_level { SENSING_UNKNOWN, SENSING_OFF, SENSING_ON };

struct sensing {
    uint32_t n;
    uint8_t roles[SENSING_MAX];   /* bit i: plays role i of the names given to sensing_open */
    uint8_t level[SENSING_MAX];   /* enum sensing_level, the last one known */
    uint8_t lost[SENSING_MAX];    /* 1: not available, the level is not to be believed */
    uint8_t contact[SENSING_MAX]; /* 1: a door or drawer: it moves when it changes, open says nothing */
};

/* What a reading has changed. */
enum sensing_change {
    SENSING_NOTHING, /* or nothing that a level says; a level told again */
    SENSING_TURNED_ON,
    SENSING_TURNED_OFF,
    SENSING_LOST,
    SENSING_BACK, /* believed again, level as it was */
};

static inline int sensing_open(struct sensing *sensing, const struct gw_host *host, const char *const *names,
                               uint32_t n_names, char *error, size_t error_size)
{
    if (host->sensors > SENSING_MAX) {
        (void)snprintf(error, error_size, "more than %d sensors", SENSING_MAX);
        return -1;
    }
    sensing->n = host->sensors;
    for (uint32_t i = 0; i < sensing->n; i++)
        sensing->contact[i] = strcmp(host->sensor_kind(host, i), "contact") == 0;
    for (uint32_t role = 0; role < n_names; role++) {
        for (uint32_t i = 0; i < host->role_count(host, names[role]); i++)
            sensing->roles[host->role_sensor(host, names[role], i)] |= (uint8_t)(1u << role);
    }
    return 0;
}

static inline int sensing_plays(const struct sensing *sensing, uint32_t sensor, uint32_t role)
{
    return sensor < sensing->n && (sensing->roles[sensor] >> role & 1u) != 0;
}

static inline enum sensing_change sensing_take(struct sensing *sensing, const struct gw_reading *reading)
{
    if (reading->sensor >= sensing->n || (reading->flags & GW_TEST) != 0)
        return SENSING_NOTHING;
    uint8_t *level = &sensing->level[reading->sensor], *lost = &sensing->lost[reading->sensor];
    if (reading->type == GW_AVAILABILITY) {
        const uint8_t before = *lost;
        *lost = reading->value == 0;
        return before == *lost ? SENSING_NOTHING : *lost ? SENSING_LOST : SENSING_BACK;
    }
    if (reading->type != GW_VALUE)
        return SENSING_NOTHING;
    const uint8_t before = *level, was_lost = *lost;
    *level = reading->value != 0 ? SENSING_ON : SENSING_OFF;
    *lost = 0;
    if (before != *level)
        return *level == SENSING_ON ? SENSING_TURNED_ON : SENSING_TURNED_OFF;
    return was_lost ? SENSING_BACK : SENSING_NOTHING;
}

/* Sensors of the role whose level is 1 and believed, and says that somebody is there. */
static inline uint32_t sensing_active(const struct sensing *sensing, uint32_t role)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < sensing->n; i++)
        n += sensing_plays(sensing, i, role) && !sensing->lost[i] && !sensing->contact[i] &&
             sensing->level[i] == SENSING_ON;
    return n;
}

static inline uint32_t sensing_lost(const struct sensing *sensing, uint32_t role)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < sensing->n; i++)
        n += sensing_plays(sensing, i, role) && sensing->lost[i];
    return n;
}

/* Nobody, or somebody else, is there to be watched over: away from home, or a carer's visit. */
static inline int sensing_mode_mutes(double mode)
{
    return mode == GW_MODE_AWAY || mode == GW_MODE_VISIT;
}

#endif
