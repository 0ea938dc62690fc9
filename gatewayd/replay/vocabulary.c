#include "vocabulary.h"

#include <string.h>
#include <strings.h>

#include "base/kinds.h"
#include "base/text.h"
#include "gatewayd/plugin.h"

struct word {
    const char *text;
    uint8_t type;
    int value;
};

static const struct word words[] = {
    {"ON", GW_VALUE, 1},
    {"OFF", GW_VALUE, 0},
    {"OPEN", GW_VALUE, 1},
    {"CLOSE", GW_VALUE, 0},
    {"CLOSED", GW_VALUE, 0},
    {"TRUE", GW_VALUE, 1},
    {"FALSE", GW_VALUE, 0},
    {"PRESENT", GW_VALUE, 1},
    {"ABSENT", GW_VALUE, 0},
    {"OCCUPIED", GW_VALUE, 1},
    {"EMPTY", GW_VALUE, 0},
    {"ACTIVE", GW_VALUE, 1},
    {"INACTIVE", GW_VALUE, 0},
    {"PRESS", GW_EVENT, GW_EVENT_PRESS},
    {"DOUBLE", GW_EVENT, GW_EVENT_DOUBLE},
    {"LONG", GW_EVENT, GW_EVENT_LONG},
    {"CORD", GW_EVENT, GW_EVENT_CORD},
    {"RELEASE", GW_EVENT, GW_EVENT_RELEASE},
    {"CANCEL", GW_EVENT, GW_EVENT_CANCEL},
    {"FALL", GW_EVENT, GW_EVENT_FALL},
    {"ALARM", GW_EVENT, GW_EVENT_ALARM},
    {"LOST", GW_AVAILABILITY, 0},
    {"BACK", GW_AVAILABILITY, 1},
    {"BATTERY-LOW", GW_BATTERY_LOW, 1},
    {"BATTERY-GOOD", GW_BATTERY_LOW, 0},
    {"TAMPER", GW_TAMPER, 1},
    {"TAMPER-OVER", GW_TAMPER, 0},
};

static bool number(const struct kind_info *kind, const char *text, uint8_t *type, double *value)
{
    *type = GW_VALUE;
    return text_number(text, value) && (kind->analog || *value == 0 || *value == 1);
}

static bool mode(const char *word, uint8_t *type, double *value)
{
    static const char *const modes[] = {"HOME", "AWAY", "VISIT", "MAINTENANCE"};
    for (unsigned i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        if (strcasecmp(word, modes[i]) != 0)
            continue;
        *type = GW_MODE;
        *value = i;
        return true;
    }
    return false;
}

bool vocabulary_read(uint16_t kind, const char *word, uint8_t *type, double *value)
{
    if (kind >= KIND_COUNT)
        return mode(word, type, value);
    if (word[0] && !word[1] && (word[0] == '0' || word[0] == '1')) {
        *type = GW_VALUE;
        *value = word[0] - '0';
        return true;
    }
    const struct kind_info *info = kind_info((enum kind)kind);
    for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcasecmp(word, words[i].text) != 0)
            continue;
        *type = words[i].type;
        *value = words[i].value;
        return !(info->analog && words[i].type == GW_VALUE);
    }
    if (strncasecmp(word, "BATTERY=", 8) == 0) {
        *type = GW_BATTERY;
        return text_number(word + 8, value) && *value >= 0 && *value <= 100;
    }
    return number(info, word, type, value);
}
