/* format_value.c - values as devices write them to levels, numbers and events. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/kinds.h"
#include "base/text.h"
#include "format_internal.h"
#include "gatewayd/plugin.h"

struct scalar scalar_from_json(const cJSON *node)
{
    struct scalar scalar = {SCALAR_NONE, 0.0, ""};
    if (node == NULL)
        return scalar;
    if (cJSON_IsNull(node)) {
        scalar.is = SCALAR_NULL;
    } else if (cJSON_IsBool(node)) {
        scalar.is = SCALAR_BOOL;
        scalar.number = cJSON_IsTrue(node) ? 1.0 : 0.0;
    } else if (cJSON_IsNumber(node)) {
        scalar.is = SCALAR_NUMBER;
        scalar.number = node->valuedouble;
    } else if (cJSON_IsString(node) && node->valuestring != NULL) {
        scalar.is = SCALAR_TEXT;
        scalar.text = node->valuestring;
    } else {
        scalar.is = SCALAR_OTHER;
    }
    return scalar;
}

struct scalar scalar_from_text(const char *text)
{
    struct scalar scalar = {SCALAR_TEXT, 0.0, text};
    return scalar;
}

bool format_same_word(const char *a, const char *b)
{
    return strcasecmp(a, b) == 0;
}

bool scalar_is(const struct scalar *scalar, const char *word)
{
    double number;
    switch (scalar->is) {
    case SCALAR_TEXT:
        return format_same_word(scalar->text, word);
    case SCALAR_BOOL:
        return format_same_word(word, scalar->number != 0.0 ? "true" : "false");
    case SCALAR_NUMBER:
        return text_number(word, &number) && number == scalar->number;
    default:
        return false;
    }
}

/* 1, 0, or -1: no word for a level. */
static int word_level(const char *word)
{
    static const char on[] = " on true yes open opened detected alarm wet occupied present active motion held pressed "
                             "online heavy mild leak small large low triggered fault ";
    static const char off[] = " off false no close closed clear cleared normal dry unoccupied absent inactive idle ok "
                              "none offline released test standby ";
    char padded[24];
    size_t n = strlen(word);
    if (n == 0 || n > sizeof(padded) - 3 || strchr(word, ' ') != NULL)
        return -1;
    padded[0] = ' ';
    for (size_t i = 0; i < n; i++)
        padded[i + 1] = (char)(word[i] >= 'A' && word[i] <= 'Z' ? word[i] + ('a' - 'A') : word[i]);
    padded[n + 1] = ' ';
    padded[n + 2] = '\0';
    if (strstr(on, padded) != NULL)
        return 1;
    return strstr(off, padded) != NULL ? 0 : -1;
}

/* Words by which a device says that it does not know. */
static bool says_nothing(const struct scalar *scalar)
{
    return scalar->is == SCALAR_NULL || scalar->is == SCALAR_NONE ||
           (scalar->is == SCALAR_TEXT &&
            (scalar->text[0] == '\0' || format_same_word(scalar->text, "unknown") ||
             format_same_word(scalar->text, "unavailable") || format_same_word(scalar->text, "null")));
}

static enum format_outcome to_number(const struct scalar *scalar, double *value)
{
    if (scalar->is == SCALAR_NUMBER)
        *value = scalar->number;
    else if (scalar->is != SCALAR_TEXT || !text_number(scalar->text, value))
        return FORMAT_BAD;
    return isfinite(*value) ? FORMAT_OK : FORMAT_BAD;
}

static enum format_outcome to_level(const struct scalar *scalar, double *value)
{
    int level = scalar->is == SCALAR_TEXT ? word_level(scalar->text) : -1;
    if (level >= 0) {
        *value = level;
        return FORMAT_OK;
    }
    if (scalar->is == SCALAR_BOOL) {
        *value = scalar->number;
        return FORMAT_OK;
    }
    double number = 0.0;
    if (to_number(scalar, &number) != FORMAT_OK)
        return FORMAT_BAD;
    *value = number != 0.0 ? 1.0 : 0.0;
    return FORMAT_OK;
}

static enum format_outcome to_opposite(const struct scalar *scalar, double *value)
{
    /* "open" and "closed" mean what they say; only truth values speak of the contact's being made. */
    if (scalar->is == SCALAR_TEXT &&
        (strncasecmp(scalar->text, "open", 4) == 0 || strncasecmp(scalar->text, "close", 5) == 0))
        return to_level(scalar, value);
    double level = 0.0;
    if (to_level(scalar, &level) != FORMAT_OK)
        return FORMAT_BAD;
    *value = level != 0.0 ? 0.0 : 1.0;
    return FORMAT_OK;
}

/* Is `word` one of the parts of `action` between '_', '-', ' ' and '.'? Both lower case. */
static bool has_part(const char *action, const char *word)
{
    size_t n = strlen(word);
    for (const char *part = action; *part != '\0';) {
        size_t length = strcspn(part, "_- .");
        if (length == n && memcmp(part, word, n) == 0)
            return true;
        part += length;
        part += *part != '\0';
    }
    return false;
}

/* Devices name their events by part words: "1_single", "button_2_long_press", "hold_left". The first line that has one
 * of the parts counts. Any way of pressing that is not told apart here is a press: somebody who hammers on a call
 * button ("triple", "many") calls for help, and so does one who hits the "off" or "toggle" key of a remote. */
static double word_event(const char *word)
{
    static const struct {
        double event;
        const char *parts[16];
    } table[] = {
        {GW_EVENT_RELEASE, {"release", "released", "up_release", "clear", "btn_up"}},
        {GW_EVENT_CANCEL, {"cancel", "disarm"}},
        {GW_EVENT_CORD, {"pull", "pulled", "cord"}},
        {GW_EVENT_LONG, {"long", "hold", "held", "l", "longpush", "longpress", "ls", "sl"}},
        {GW_EVENT_DOUBLE, {"double", "ss", "doublepush"}},
        {GW_EVENT_FALL, {"fall", "fallen"}},
        {GW_EVENT_PRESS,
         {"single", "press", "pressed", "click", "clicked", "push", "pushed", "short", "s", "sss", "triple",
          "quadruple", "quintuple", "many", "on", "off"}},
        {GW_EVENT_PRESS, {"toggle", "emergency", "panic", "sos", "help", "call", "alarm", "ring", "start", "tap"}},
    };
    char lower[64] = "";
    size_t n = 0;
    for (; word[n] != '\0' && n < sizeof(lower) - 1; n++)
        lower[n] = (char)(word[n] >= 'A' && word[n] <= 'Z' ? word[n] + ('a' - 'A') : word[n]);
    lower[n] = '\0';
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        for (size_t k = 0; k < 16 && table[i].parts[k] != NULL; k++)
            if (has_part(lower, table[i].parts[k]))
                return table[i].event;
    return 0.0;
}

bool format_momentary(unsigned kind)
{
    return kind == KIND_BUTTON || kind == KIND_CORD || kind == KIND_FALL;
}

double format_rise(unsigned kind)
{
    return kind == KIND_CORD ? GW_EVENT_CORD : kind == KIND_FALL ? GW_EVENT_FALL : GW_EVENT_PRESS;
}

static enum format_outcome to_event(const struct scalar *scalar, unsigned kind, struct format_item *item)
{
    double number;
    if (scalar->is != SCALAR_TEXT) /* "1" a press, and what a boolean says */
        return to_level(scalar, &item->value);
    double event = word_event(scalar->text);
    if (event == 0.0 && text_number(scalar->text, &number))
        return to_level(scalar, &item->value);
    if (event == 0.0)
        return FORMAT_UNUSED;
    if (kind == KIND_CORD && event != GW_EVENT_RELEASE && event != GW_EVENT_CANCEL)
        event = GW_EVENT_CORD;
    item->type = GW_EVENT;
    item->value = event;
    return FORMAT_OK;
}

static enum format_outcome to_switch(const struct scalar *scalar, unsigned kind, struct format_item *item)
{
    /* "pressed", "held" and "alarm" are words of both; with a switch they are levels. */
    if (scalar->is != SCALAR_TEXT || word_level(scalar->text) >= 0)
        return to_level(scalar, &item->value);
    return to_event(scalar, kind, item);
}

static enum format_outcome to_fall(const struct scalar *scalar, double *value)
{
    if (scalar->is == SCALAR_TEXT && word_level(scalar->text) < 0) {
        *value = format_same_word(scalar->text, "fall") || format_same_word(scalar->text, "fallen");
        return FORMAT_OK; /* "maybe_fall" is the sensor still making up its mind */
    }
    return to_level(scalar, value);
}

static enum format_outcome to_range(const struct scalar *scalar, double low, double high, double scale, double *value)
{
    double number = 0.0;
    if (to_number(scalar, &number) != FORMAT_OK)
        return FORMAT_BAD;
    number = number < low ? low : number > high ? high : number;
    *value = floor((number - low) * scale + 0.5);
    return FORMAT_OK;
}

enum convert format_default_convert(unsigned kind)
{
    if (kind == KIND_FALL)
        return TO_FALL;
    if (format_momentary(kind))
        return TO_SWITCH;
    return kind_info((enum kind)kind)->analog ? TO_NUMBER : TO_LEVEL;
}

enum format_outcome scalar_convert(const struct scalar *scalar, enum convert convert, unsigned kind, uint8_t type,
                                   struct format_item *item)
{
    item->type = type;
    item->value = 0.0;
    if (says_nothing(scalar))
        return FORMAT_UNUSED;
    if (scalar->is == SCALAR_OTHER)
        return FORMAT_BAD;
    if (convert == TO_DEFAULT)
        convert = format_default_convert(kind);
    switch (convert) {
    case TO_LEVEL:
        return to_level(scalar, &item->value);
    case TO_OPPOSITE:
        return to_opposite(scalar, &item->value);
    case TO_EVENT:
        return to_event(scalar, kind, item);
    case TO_SWITCH:
        return to_switch(scalar, kind, item);
    case TO_FALL:
        return to_fall(scalar, &item->value);
    case TO_PERCENT:
        return to_range(scalar, 0.0, 100.0, 1.0, &item->value);
    case TO_LINK:
        return to_range(scalar, 0.0, 255.0, 1.0, &item->value);
    case TO_LINK_PERCENT:
        return to_range(scalar, 0.0, 100.0, 2.55, &item->value);
    case TO_LINK_DBM:
        return to_range(scalar, -100.0, -50.0, 5.1, &item->value);
    default:
        return to_number(scalar, &item->value);
    }
}
