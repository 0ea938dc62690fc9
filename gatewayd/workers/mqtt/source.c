#include "source.h"

#include <string.h>

#include "base/text.h"
#include "gatewayd/plugin.h"

#define NOTE_INTERVAL_MS 1000
#define NOTE_PAYLOAD     80 /* bytes of a payload that a note shows */

void source_init(struct source *source, const struct frame_mqtt_sensor *config)
{
    memset(source, 0, sizeof(*source));
    source->config = *config;
    source->qos = -1;
}

bool source_device_there(const struct source *source)
{
    return (source->known & (1u << GW_AVAILABILITY)) == 0 || source->last[GW_AVAILABILITY] != 0.0;
}

/* Whether a retained 1 is a call line that is really active: these formats tell both ends of a press. Of others it may
 * be yesterday's press. */
static bool tells_levels(const struct source *source)
{
    return source->has_zero || (source->config.format != FORMAT_RAW && source->config.format != FORMAT_JSON);
}

static void add(struct reading *out, const struct source *source, uint8_t type, double value, uint8_t flags)
{
    memset(out, 0, sizeof(*out));
    out->sensor = source->config.slot;
    out->type = type;
    out->value = value;
    out->flags = flags;
}

/* A retained number is where counting begins; live, the same number is the same event again. */
static bool is_repetition(struct source *source, const struct format_result *result)
{
    if (!result->counted)
        return false;
    bool same = source->counted && source->count == result->count;
    source->counted = true;
    source->count = result->count;
    return same;
}

/* Detectors see the press in a level's rise and take a level told again for no news. But a device that has never said 0
 * sends the same "1" for every press: each one is an event. */
static unsigned take_momentary_level(struct source *source, double value, bool retained, uint8_t flags,
                                     struct reading *out, bool *ignored)
{
    source->has_zero = source->has_zero || value == 0.0;
    if (retained && value != 0.0 && !tells_levels(source)) {
        *ignored = true;
        return 0;
    }
    if (retained || source->has_zero)
        add(out, source, GW_VALUE, value, flags);
    else
        add(out, source, GW_EVENT, format_rise(source->config.kind), flags);
    return 1;
}

unsigned source_take(struct source *source, const struct format_result *result, bool retained,
                     struct reading out[SOURCE_READINGS_MAX], bool *ignored)
{
    unsigned n = 0;
    uint8_t flags = retained ? GW_RETAINED | GW_INITIAL : 0;
    bool repetition = is_repetition(source, result);
    *ignored = false;
    for (unsigned i = 0; i < result->n; i++) {
        const struct format_item *item = &result->item[i];
        if (item->type == GW_VALUE) {
            if (format_momentary(source->config.kind))
                n += take_momentary_level(source, item->value, retained, flags, &out[n], ignored);
            else
                add(&out[n++], source, GW_VALUE, item->value, flags);
        } else if (item->type == GW_EVENT) {
            *ignored = *ignored || retained;
            if (!retained && !repetition)
                add(&out[n++], source, GW_EVENT, item->value, flags);
        } else if ((source->known & (1u << item->type)) == 0 || source->last[item->type] != item->value) {
            source->known |= (uint8_t)(1u << item->type);
            source->last[item->type] = item->value;
            add(&out[n++], source, item->type, item->value, flags);
        }
    }
    return n;
}

void source_note_add(struct source_note *note, const char *text, const void *payload, size_t size)
{
    note->pending++;
    if (text != NULL) {
        text_copy(note->text, sizeof(note->text), text);
        return;
    }
    const unsigned char *bytes = payload;
    size_t n = size < NOTE_PAYLOAD ? size : NOTE_PAYLOAD;
    for (size_t i = 0; i < n; i++)
        note->text[i] = (char)(bytes[i] >= ' ' && bytes[i] < 0x7f ? bytes[i] : '?');
    note->text[n] = '\0';
    if (n == 0)
        text_copy(note->text, sizeof(note->text), "(empty)");
}

bool source_note_due(struct source_note *note, int64_t now, uint32_t *count)
{
    if (note->pending == 0 || (note->told != 0 && now - note->told < NOTE_INTERVAL_MS))
        return false;
    *count = note->pending;
    note->pending = 0;
    note->told = now;
    return true;
}
