/* The kinds of sensors, and what is plausible for each. */
#include "kinds.h"

#include <string.h>

/* Longest on. Movement: four hours, one was seen to hang for five and nobody moves so long without a pause. Presence
 * sees who sits or sleeps: a day. A bed: a day and a half, for who is ill in bed all day. A cord or button is not held:
 * ten minutes. Contacts, alarms, states and things that shake may last.
 *
 * Seldom: in four recorded homes a day was too little for drawers, cupboards and things that shake (one alert a day).
 */
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

const struct sensor_kind *sensor_kind(const char *name)
{
    for (size_t i = 1; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    }
    return &kinds[0];
}
