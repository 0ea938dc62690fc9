#include "kinds.h"

#include <string.h>

static const struct kind_info kinds[KIND_COUNT] = {
    [KIND_BED] = {"bed", false, false, true},
    [KIND_CONTACT] = {"contact", false, false, true},
    [KIND_MOTION] = {"motion", false, false, true},
    [KIND_PRESENCE] = {"presence", false, false, true},
    [KIND_VIBRATION] = {"vibration", false, false, true},
    [KIND_BUTTON] = {"button", true, false, true},
    [KIND_CORD] = {"cord", true, false, true},
    [KIND_FALL] = {"fall", true, false, true},
    [KIND_LEAK] = {"leak", true, false, true},
    [KIND_SMOKE] = {"smoke", true, false, true},
    [KIND_GAS] = {"gas", true, false, true},
    [KIND_CO] = {"co", true, false, true},
    [KIND_HEAT] = {"heat", true, false, true},
    [KIND_TEMPERATURE] = {"temperature", false, true, false},
    [KIND_HUMIDITY] = {"humidity", false, true, false},
    [KIND_POWER] = {"power", false, true, false},
    [KIND_MAINS] = {"mains", false, false, true},
    [KIND_NUMBER] = {"number", false, true, false},
    [KIND_STATE] = {"state", false, false, true},
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
