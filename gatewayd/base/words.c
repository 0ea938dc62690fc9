#include "words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gatewayd/plugin.h"
#include "kinds.h"
#include "text.h"

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

char *words_span(int64_t ms, char *out)
{
    int64_t s = ms < 0 ? 0 : ms / 1000;
    if (s < 60)
        snprintf(out, WORDS_SIZE, "%d s", (int)s);
    else if (s < 3600)
        snprintf(out, WORDS_SIZE, "%d min", (int)(s / 60));
    else if (s < 86400 && s % 3600 >= 60)
        snprintf(out, WORDS_SIZE, "%d h %d min", (int)(s / 3600), (int)(s % 3600 / 60));
    else if (s < 86400)
        snprintf(out, WORDS_SIZE, "%d h", (int)(s / 3600));
    else
        snprintf(out, WORDS_SIZE, "%lld day%s", (long long)(s / 86400), s / 86400 == 1 ? "" : "s");
    return out;
}

char *words_ago(int64_t at, int64_t now, char *out)
{
    char span[WORDS_SIZE];
    if (at == 0)
        snprintf(out, WORDS_SIZE, "never");
    else if (now - at < 1000)
        snprintf(out, WORDS_SIZE, "just now");
    else
        snprintf(out, WORDS_SIZE, "%s ago", words_span(now - at, span));
    return out;
}

static void local_time(int64_t wall_ms, struct tm *local)
{
    time_t seconds = (time_t)(wall_ms / 1000);
    memset(local, 0, sizeof *local);
    localtime_r(&seconds, local);
}

void words_zone(const char *zone)
{
    if (zone[0] && setenv("TZ", zone, 1) == 0)
        tzset();
}

char *words_when(int64_t wall_ms, char *out)
{
    struct tm local;
    local_time(wall_ms, &local);
    strftime(out, WORDS_SIZE, "%Y-%m-%d %H:%M:%S", &local);
    return out;
}

char *words_iso(int64_t wall_ms, char *out)
{
    struct tm local;
    char day[40], zone[16];
    local_time(wall_ms, &local);
    strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &local);
    strftime(zone, sizeof zone, "%z", &local); /* +0800 */
    snprintf(out, WORDS_SIZE, "%s.%03d%.3s:%s", day, (int)(wall_ms % 1000), zone, strlen(zone) == 5 ? zone + 3 : "00");
    return out;
}

char *words_bytes(uint64_t bytes, char *out)
{
    if (bytes < 1024)
        snprintf(out, WORDS_SIZE, "%u bytes", (unsigned)bytes);
    else if (bytes < UINT64_C(1024) * 1024)
        snprintf(out, WORDS_SIZE, "%.1f KiB", (double)bytes / 1024);
    else
        snprintf(out, WORDS_SIZE, "%.1f MiB", (double)bytes / (1024.0 * 1024));
    return out;
}

struct level_words {
    const char *off, *on; /* of levels */
    const char *unit;     /* of figures */
};

static const struct level_words level_words[KIND_COUNT] = {
    [KIND_BED] = {"empty", "occupied", NULL},
    [KIND_CONTACT] = {"closed", "open", NULL},
    [KIND_MOTION] = {"still", "motion", NULL},
    [KIND_PRESENCE] = {"nobody", "somebody", NULL},
    [KIND_VIBRATION] = {"still", "vibration", NULL},
    [KIND_BUTTON] = {"released", "held", NULL},
    [KIND_CORD] = {"released", "pulled", NULL},
    [KIND_FALL] = {"upright", "fallen", NULL},
    [KIND_LEAK] = {"dry", "WATER", NULL},
    [KIND_SMOKE] = {"clear", "SMOKE", NULL},
    [KIND_GAS] = {"clear", "GAS", NULL},
    [KIND_CO] = {"clear", "CO", NULL},
    [KIND_HEAT] = {"normal", "HEAT", NULL},
    [KIND_TEMPERATURE] = {NULL, NULL, "°C"},
    [KIND_HUMIDITY] = {NULL, NULL, "%"},
    [KIND_POWER] = {NULL, NULL, "W"},
    [KIND_MAINS] = {"mains off", "mains on", NULL},
    [KIND_NUMBER] = {NULL, NULL, ""},
    [KIND_STATE] = {"off", "on", NULL},
};

char *words_value(uint16_t kind, double value, char *out)
{
    const struct level_words none = {NULL, NULL, ""};
    const struct level_words *words = kind < KIND_COUNT ? &level_words[kind] : &none;
    char number[32];
    if (words->on && (value == 0.0 || value == 1.0))
        snprintf(out, WORDS_SIZE, "%s", value == 1.0 ? words->on : words->off);
    else
        snprintf(out, WORDS_SIZE, "%s%s%s", text_from_number(value, number, sizeof number),
                 words->unit && words->unit[0] ? " " : "", words->unit ? words->unit : "");
    return out;
}

const char *words_type(uint8_t type)
{
    static const char *const names[] = {
        [GW_VALUE] = "value",     [GW_EVENT] = "event", [GW_AVAILABILITY] = "availability",
        [GW_BATTERY] = "battery", [GW_LINK] = "link",   [GW_BATTERY_LOW] = "battery-low",
        [GW_TAMPER] = "tamper",   [GW_GAP] = "gap",     [GW_MODE] = "mode",
        [GW_CLOCK] = "clock",
    };
    return type < LENGTH(names) ? names[type] : "?";
}

const char *words_event(double value)
{
    static const char *const names[] = {
        "?", "press", "double", "long", "cord", "release", "cancel", "fall", "alarm",
    };
    unsigned event = value >= 1.0 && value < 1000.0 ? (unsigned)value : 0;
    return event < LENGTH(names) ? names[event] : "?";
}

const char *words_mode(uint32_t mode)
{
    static const char *const names[] = {"home", "away", "visit", "maintenance"};
    return mode < LENGTH(names) ? names[mode] : "?";
}

char *words_reading(uint16_t kind, const struct reading *reading, char *out)
{
    char span[WORDS_SIZE];
    bool on = reading->value == 1.0;
    switch (reading->type) {
    case GW_VALUE:
        return words_value(kind, reading->value, out);
    case GW_EVENT:
        snprintf(out, WORDS_SIZE, "%s", words_event(reading->value));
        break;
    case GW_AVAILABILITY:
        snprintf(out, WORDS_SIZE, "%s", on ? "there again" : "lost");
        break;
    case GW_BATTERY:
        snprintf(out, WORDS_SIZE, "battery %.0f %%", reading->value);
        break;
    case GW_BATTERY_LOW:
        snprintf(out, WORDS_SIZE, "%s", on ? "battery low" : "battery good");
        break;
    case GW_TAMPER:
        snprintf(out, WORDS_SIZE, "%s", on ? "tampered with" : "tamper over");
        break;
    case GW_LINK:
        snprintf(out, WORDS_SIZE, "link %.0f", reading->value);
        break;
    case GW_GAP:
        snprintf(out, WORDS_SIZE, "nothing recorded for %s",
                 words_span(reading->value < 1e15 ? (int64_t)reading->value : 0, span));
        break;
    case GW_MODE:
        snprintf(out, WORDS_SIZE, "mode %s",
                 words_mode(reading->value >= 0 && reading->value < 16 ? (uint32_t)reading->value : 99));
        break;
    case GW_CLOCK:
        snprintf(out, WORDS_SIZE, "clock synchronised");
        break;
    default:
        snprintf(out, WORDS_SIZE, "?");
    }
    return out;
}

char *words_flags(uint8_t flags, char *out)
{
    static const struct {
        uint8_t flag;
        const char *name;
    } names[] = {{GW_TEST, "test"}, {GW_INITIAL, "initial"}, {GW_RETAINED, "retained"}, {GW_REREAD, "read again"}};
    out[0] = '\0';
    for (size_t i = 0; i < LENGTH(names); i++) {
        if (flags & names[i].flag) {
            size_t used = strlen(out);
            snprintf(out + used, WORDS_SIZE - used, "%s%s", used ? ", " : "", names[i].name);
        }
    }
    return out;
}
