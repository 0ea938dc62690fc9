/* frames.c - frames out of an input. Random bytes are hardly ever a frame that frame_check takes, so each begins as a
 * good one of its type, and the input says which bytes of it are others. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "fuzz.h"

#define LENGTH_AS_IT_IS 0xff

static struct alert sample_alert(void)
{
    struct alert alert = {
        .id = 1, .episode = 1, .rev = 1, .count = 1, .class_ = GW_EMERGENCY, .state = ALERT_RAISED, .at = 1000};
    text_copy(alert.detector, sizeof alert.detector, "call");
    text_copy(alert.kind, sizeof alert.kind, "call");
    return alert;
}

static void sample_readings(struct frame *frame, struct reading *readings, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        readings[i] = (struct reading){
            .id = 1 + i, .origin = (UINT64_C(3) << 32) + 1 + i, .at = 1000 + i, .boot = 1, .sensor = (uint16_t)(i % 4)};
    frame_set_n(frame, n);
}

static void sample_config(struct frame *frame)
{
    switch (frame->header.type) {
    case FRAME_MQTT_BROKER:
        text_copy(frame->broker.host, TEXT_SIZE, "localhost");
        frame->broker.port = 1883;
        frame->broker.keepalive_s = 60;
        break;
    case FRAME_MQTT_SENSOR:
        text_copy(frame->mqtt_sensor.sensor, NAME_SIZE, "door");
        text_copy(frame->mqtt_sensor.topic, TEXT_SIZE, "home/door");
        break;
    case FRAME_GPIO_LINE:
        text_copy(frame->gpio_line.sensor, NAME_SIZE, "bed");
        text_copy(frame->gpio_line.chip, TEXT_SIZE, "chip");
        text_copy(frame->gpio_line.line, NAME_SIZE, "l0");
        break;
    case FRAME_OUTPUT:
        text_copy(frame->output.name, NAME_SIZE, "light");
        text_copy(frame->output.line.chip, TEXT_SIZE, "chip");
        text_copy(frame->output.line.line, NAME_SIZE, "l1");
        break;
    case FRAME_UPLINK_CONFIG:
        text_copy(frame->uplink_config.home, TEXT_SIZE, "c/t/v/h");
        text_copy(frame->uplink_config.host, TEXT_SIZE, "localhost");
        frame->uplink_config.port = 1883;
        frame->uplink_config.version = MQTT_5;
        break;
    case FRAME_SENSOR:
        text_copy(frame->sensor.name, NAME_SIZE, "door");
        break;
    default:
        break;
    }
}

struct frame *frame_sample(struct frame *frame, unsigned type)
{
    frame_init(frame, (enum frame_type)type);
    sample_config(frame);
    switch (type) {
    case FRAME_HELLO:
        frame->hello.version = FRAME_VERSION;
        break;
    case FRAME_READINGS:
        sample_readings(frame, frame->readings.reading, 1);
        break;
    case FRAME_SENSOR_NOTE:
        frame->sensor_note.note = NOTE_QOS;
        break;
    case FRAME_STORE_COMMIT:
        frame->commit.alert = sample_alert();
        text_copy(frame->commit.cursor.detector, NAME_SIZE, "call");
        break;
    case FRAME_STORE_CURSOR:
        text_copy(frame->cursor.detector, NAME_SIZE, "call");
        break;
    case FRAME_STORE_DONE:
        frame->done.what = STORE_DONE_COMMIT;
        break;
    case FRAME_HISTORY_QUERY:
        frame->history_query.limit = READINGS_PER_FRAME;
        frame->history_query.to_id = INT64_MAX;
        memset(frame->history_query.slots, 0xff, sizeof frame->history_query.slots);
        break;
    case FRAME_PLUGIN_PARAM:
        frame->plugin_param.type = GW_PARAM_DURATION;
        break;
    case FRAME_PLUGIN_ALERT:
        frame->plugin_alert.class_ = GW_WARNING;
        break;
    case FRAME_SEND:
        frame->send.alert = sample_alert();
        frame->send.durable = 1;
        break;
    case FRAME_ALERT:
        frame->alert = sample_alert();
        break;
    case FRAME_COMMAND:
        frame->command.verb = VERB_ACCEPT;
        frame->command.alert = 1;
        break;
    case FRAME_CTL_REQUEST:
        frame->ctl_request.verb = CTL_STATUS;
        break;
    default:
        break;
    }
    return frame;
}

size_t input_patch(struct input *in, struct frame *frame)
{
    char *bytes = (char *)frame;
    for (size_t n = input_byte(in); n > 0 && input_left(in); n = input_byte(in)) {
        size_t at = input_number(in, 2) % (sizeof *frame - 256);
        if (n == LENGTH_AS_IT_IS) /* a frame of a length of its own */
            return at;
        input_take(in, bytes + sizeof(struct frame_header) + at, n);
    }
    return frame->header.length;
}

size_t input_frame(struct input *in, struct frame *frame)
{
    unsigned type = input_byte(in) % FRAME_TYPES;
    frame_sample(frame, type == FRAME_NONE ? FRAME_READY : type);
    if (type == FRAME_NONE)
        frame->header.type = (uint16_t)input_number(in, 2);
    if (type == FRAME_READINGS || type == FRAME_BATCH || type == FRAME_HISTORY) {
        struct reading *list = type == FRAME_READINGS ? frame->readings.reading
                               : type == FRAME_BATCH  ? frame->batch.reading
                                                      : frame->history.reading;
        sample_readings(frame, list, input_byte(in));
    }
    return input_patch(in, frame);
}

bool frame_is_good(const struct frame *frame)
{
    const char *why = "";
    return frame_check(frame, frame->header.length, &why);
}
