/* fuzz_mqtt.c - payloads of every format. The input's first lines are the sensor: format, kind, role of the topic and
 * flags as one character each and then the path; the topic; what means 1; what means 0. The rest are payloads, parted
 * by the byte 0x1e, which come one after the other, as to one sensor. */
#include <math.h>
#include <string.h>

#include "base/kinds.h"
#include "base/text.h"
#include "format.h"
#include "fuzz.h"
#include "source.h"
#include "topics.h"

#define FLAG_INVERT   1u
#define FLAG_RETAINED 2u /* the first message */
#define FLAG_URGENT   4u

static enum topic_role read_sensor(struct input *in, struct frame_mqtt_sensor *sensor, unsigned *flags)
{
    *sensor = (struct frame_mqtt_sensor){.slot = 3};
    sensor->format = (uint32_t)(input_byte(in) - '0') % FORMAT_COUNT;
    sensor->kind = (uint16_t)((unsigned)(input_byte(in) - 'a') % KIND_COUNT);
    enum topic_role role = (enum topic_role)((unsigned)(input_byte(in) - '0') % 3);
    *flags = input_byte(in);
    sensor->invert = *flags & FLAG_INVERT;
    input_text(in, "\n", sensor->path, sizeof sensor->path);
    input_text(in, "\n", sensor->topic, sizeof sensor->topic);
    input_text(in, "\n", sensor->on, sizeof sensor->on);
    input_text(in, "\n", sensor->off, sizeof sensor->off);
    return role;
}

/* The configuration lets only text through. */
static bool is_text(const struct frame_mqtt_sensor *sensor)
{
    static struct frame frame;
    frame_init(&frame, FRAME_MQTT_SENSOR)->mqtt_sensor = *sensor;
    return frame_is_good(&frame);
}

static void topics(const struct frame_mqtt_sensor *sensor)
{
    char topic[TEXT_SIZE];
    if (topics_availability(sensor, topic, sizeof topic))
        ALWAYS(text_valid(topic, sizeof topic));
    if (topics_battery(sensor, topic, sizeof topic))
        ALWAYS(text_valid(topic, sizeof topic));
    ALWAYS(topics_qos_advice(sensor) != NULL);
}

static void take(struct source *source, const struct format_result *result, bool retained, bool urgent)
{
    static struct frame frame;
    bool ignored = false;
    struct reading out[SOURCE_READINGS_MAX];
    unsigned n = source_take(source, result, retained, out, &ignored);
    ALWAYS(n <= SOURCE_READINGS_MAX);
    if (n == 0)
        return;
    frame_init(&frame, FRAME_READINGS)->readings.flags = urgent ? READINGS_URGENT : 0;
    for (unsigned i = 0; i < n; i++) {
        out[i].origin = 1 + i;
        frame.readings.reading[i] = out[i];
        ALWAYS(!retained || out[i].type != GW_EVENT);
    }
    frame_set_n(&frame, n);
    ALWAYS(frame_is_good(&frame));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, data + size};
    struct frame_mqtt_sensor sensor;
    struct source source;
    unsigned flags = 0;
    enum topic_role role = read_sensor(&in, &sensor, &flags);
    if (!is_text(&sensor))
        return -1;
    topics(&sensor);
    source_init(&source, &sensor);
    bool retained = flags & FLAG_RETAINED;
    do {
        struct input payload = input_part(&in, "\x1e");
        struct format_message message;
        struct format_result result;
        format_begin(&message, payload.at, (size_t)(payload.end - payload.at));
        enum format_outcome outcome = format_read(&sensor, role, &message, &result);
        ALWAYS(result.n <= FORMAT_ITEMS_MAX);
        ALWAYS((outcome != FORMAT_OK) || result.n > 0);
        for (unsigned i = 0; i < result.n; i++)
            ALWAYS(isfinite(result.item[i].value));
        take(&source, &result, retained, flags & FLAG_URGENT);
        if (outcome == FORMAT_BAD) {
            source_note_add(&source.bad, NULL, payload.at, (size_t)(payload.end - payload.at));
            ALWAYS(text_valid(source.bad.text, sizeof source.bad.text));
        }
        format_end(&message);
        retained = false;
    } while (input_left(&in));
    return 0;
}
