#include "kinds.h"

#include <string.h>

/* silence_h: 25 h is what Zigbee2MQTT grants battery devices ("passive" devices in its availability settings): they
 * report at least once a day and may be an hour late. Call devices (button, cord, fall) are never judged by silence of
 * presses but by their heartbeat or battery; EN 50134-2 asks for a sign of life every 24 h, which the heartbeat
 * watches. Mains-powered measuring (power, mains) speaks far more often. A number or a state may come from anything. */
static const struct kind_info kinds[KIND_COUNT] = {
    [KIND_BED] = {"bed", false, false, true, 25},
    [KIND_CONTACT] = {"contact", false, false, true, 25},
    [KIND_MOTION] = {"motion", false, false, true, 25},
    [KIND_PRESENCE] = {"presence", false, false, true, 25},
    [KIND_VIBRATION] = {"vibration", false, false, true, 25},
    [KIND_BUTTON] = {"button", true, false, true, 0},
    [KIND_CORD] = {"cord", true, false, true, 0},
    [KIND_FALL] = {"fall", true, false, true, 0},
    [KIND_LEAK] = {"leak", true, false, true, 25},
    [KIND_SMOKE] = {"smoke", true, false, true, 25},
    [KIND_GAS] = {"gas", true, false, true, 25},
    [KIND_CO] = {"co", true, false, true, 25},
    [KIND_HEAT] = {"heat", true, false, true, 25},
    [KIND_TEMPERATURE] = {"temperature", false, true, false, 25},
    [KIND_HUMIDITY] = {"humidity", false, true, false, 25},
    [KIND_POWER] = {"power", false, true, false, 2},
    [KIND_MAINS] = {"mains", false, false, true, 25},
    [KIND_NUMBER] = {"number", false, true, false, 25},
    [KIND_STATE] = {"state", false, false, true, 25},
};

const struct kind_info *kind_info(enum kind kind)
{
    return &kinds[kind < KIND_COUNT ? kind : KIND_STATE];
}

enum kind kind_by_name(const char *name)
{
    for (unsigned i = 0; i < KIND_COUNT; i++) {
        if (strcmp(kinds[i].name, name) == 0)
            return (enum kind)i;
    }
    return KIND_COUNT;
}
