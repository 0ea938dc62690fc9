/* kinds.h - what is plausible for each kind of sensor, as data. Header only. */
#ifndef PLUGINS_KINDS_H
#define PLUGINS_KINDS_H

#include <string.h>

#include "gatewayd/plugin.h"

enum sensor_is { SENSOR_OTHER, SENSOR_BED, SENSOR_CONTACT, SENSOR_MAINS, SENSOR_SHAKES };

struct sensor_kind {
    const char *name;
    enum sensor_is is;
    int people;             /* says changes when people move: an empty home makes it silent */
    int moves;              /* ... and says where somebody is */
    int urgent;             /* calls for help or warns: must give a sign of life each day */
    int figure;             /* any number, else 0 or 1 */
    gw_time never_heard;    /* not a word for so long after the start: set up wrongly, or dead; 0: nobody can say */
    gw_time seldom;         /* of what speaks when people move: the least silence, while they do, to be told */
    gw_time longest_on;     /* a level of 1 for longer is stuck; 0: it may last */
    double lowest, highest; /* of a figure */
};

/* Longest on. Movement: four hours, one was seen to hang for five and nobody moves so long without a pause. Presence
 * sees who sits or sleeps: a day. A bed: a day and a half, for who is ill in bed all day. A cord or button is not held:
 * ten minutes. Contacts, alarms, states and things that shake may last.
 *
 * Seldom: in four recorded homes a day was too little for drawers, cupboards and things that shake (one alert a day).
 */
static inline const struct sensor_kind *sensor_kind(const char *name)
{
    static const struct sensor_kind kinds[] = {
        {"state", SENSOR_OTHER, 0, 0, 0, 0, 0, 0, 0, 0, 0}, /* also for what this table does not know */
        {"bed", SENSOR_BED, 1, 0, 0, 0, 2 * GW_DAY, 2 * GW_DAY, 36 * GW_HOUR, 0, 0},
        {"contact", SENSOR_CONTACT, 1, 0, 0, 0, 0, 7 * GW_DAY, 0, 0, 0},
        {"motion", SENSOR_OTHER, 1, 1, 0, 0, 2 * GW_DAY, 2 * GW_DAY, 4 * GW_HOUR, 0, 0},
        {"presence", SENSOR_OTHER, 1, 1, 0, 0, 2 * GW_DAY, 2 * GW_DAY, 24 * GW_HOUR, 0, 0},
        {"vibration", SENSOR_SHAKES, 1, 0, 0, 0, 0, 7 * GW_DAY, 0, 0, 0},
        {"button", SENSOR_OTHER, 0, 0, 1, 0, 0, 0, 10 * GW_MINUTE, 0, 0},
        {"cord", SENSOR_OTHER, 0, 0, 1, 0, 0, 0, 10 * GW_MINUTE, 0, 0},
        {"fall", SENSOR_OTHER, 0, 0, 1, 0, 0, 0, 0, 0, 0},
        {"leak", SENSOR_OTHER, 0, 0, 1, 0, 0, 0, 0, 0, 0},
        {"smoke", SENSOR_OTHER, 0, 0, 1, 0, 0, 0, 0, 0, 0},
        {"gas", SENSOR_OTHER, 0, 0, 1, 0, 0, 0, 0, 0, 0},
        {"co", SENSOR_OTHER, 0, 0, 1, 0, 0, 0, 0, 0, 0},
        {"heat", SENSOR_OTHER, 0, 0, 1, 0, 0, 0, 0, 0, 0},
        {"temperature", SENSOR_OTHER, 0, 0, 0, 1, 25 * GW_HOUR, 0, 0, -50, 150},
        {"humidity", SENSOR_OTHER, 0, 0, 0, 1, 25 * GW_HOUR, 0, 0, 0, 100},
        {"power", SENSOR_OTHER, 0, 0, 0, 1, 25 * GW_HOUR, 0, 0, -100000, 100000},
        {"mains", SENSOR_MAINS, 0, 0, 0, 0, 0, 0, 0, 0, 0},
        {"number", SENSOR_OTHER, 0, 0, 0, 1, 0, 0, 0, -1e300, 1e300},
    };
    for (size_t i = 1; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    }
    return &kinds[0];
}

#endif
