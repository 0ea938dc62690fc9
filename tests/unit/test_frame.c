#include "check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/frame.h"

static struct frame frame; /* 17 KiB: once, not on every test's stack */

static const char *why;

static bool accepted(void)
{
    why = "";
    return frame_check(&frame, frame.header.length, &why);
}

static bool is_list(unsigned type)
{
    return type == FRAME_READINGS || type == FRAME_HISTORY || type == FRAME_BATCH;
}

static struct reading *readings_of(void)
{
    switch (frame.header.type) {
    case FRAME_READINGS:
        return frame.readings.reading;
    case FRAME_HISTORY:
        return frame.history.reading;
    default:
        return frame.batch.reading;
    }
}

static void fill_readings(uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        readings_of()[i] = (struct reading){.origin = i + 1, .at = 5, .value = 1};
    frame_set_n(&frame, n);
}

static void fill_alert(struct alert *alert)
{
    alert->id = alert->rev = alert->count = 1;
    alert->class_ = GW_WARNING;
    alert->state = ALERT_RAISED;
}

/* A frame of this type as an honest process sends it: what may not be 0 is set. */
static void honest(unsigned type)
{
    frame_init(&frame, (enum frame_type)type);
    switch (type) {
    case FRAME_HELLO:
        frame.hello.version = FRAME_VERSION;
        break;
    case FRAME_MQTT_BROKER:
        frame.broker.port = 1883;
        break;
    case FRAME_UPLINK_CONFIG:
        frame.uplink_config.port = 8883;
        frame.uplink_config.version = MQTT_5;
        break;
    case FRAME_READINGS:
        fill_readings(3);
        break;
    case FRAME_SENSOR_NOTE:
        frame.sensor_note.note = NOTE_QOS;
        break;
    case FRAME_STORE_COMMIT:
        fill_alert(&frame.commit.alert);
        break;
    case FRAME_STORE_DONE:
        frame.done.what = STORE_DONE_COMMIT;
        break;
    case FRAME_HISTORY_QUERY:
        frame.history_query.limit = READINGS_PER_FRAME;
        break;
    case FRAME_PLUGIN_PARAM:
        frame.plugin_param.type = GW_PARAM_TEXT;
        break;
    case FRAME_PLUGIN_ALERT:
        frame.plugin_alert.class_ = GW_INFO;
        break;
    case FRAME_SEND:
        fill_alert(&frame.send.alert);
        break;
    case FRAME_ALERT:
        fill_alert(&frame.alert);
        break;
    case FRAME_COMMAND:
        frame.command.verb = VERB_ACK;
        break;
    case FRAME_CTL_REQUEST:
        frame.ctl_request.verb = CTL_STATUS;
        break;
    default:
        break;
    }
}

static void every_type_is_accepted_at_its_right_length_only(void **state)
{
    (void)state;
    for (unsigned type = FRAME_NONE + 1; type < FRAME_TYPES; type++) {
        honest(type);
        if (!accepted())
            fail_msg("%s refused: %s", frame_type_name(type), why);
        uint32_t length = frame.header.length;
        static const int off[] = {-1, 1, -8, 8};
        for (size_t i = 0; i < COUNT(off); i++) {
            assert_false(frame_check(&frame, length + (size_t)off[i], &why)); /* header and datagram differ */
            frame.header.length = length + (uint32_t)off[i];
            if (accepted())
                fail_msg("%s accepted with %d bytes", frame_type_name(type), off[i]);
            frame.header.length = length;
        }
    }
}

static void less_than_a_header_an_unknown_type_or_version_is_refused(void **state)
{
    (void)state;
    honest(FRAME_READY);
    for (size_t size = 0; size < sizeof(struct frame_header); size++)
        assert_false(frame_check(&frame, size, &why));
    frame.header.version = FRAME_VERSION + 1;
    assert_false(accepted());
    assert_string_equal(why, "another version");
    static const uint16_t types[] = {FRAME_NONE, FRAME_TYPES, UINT16_MAX};
    for (size_t i = 0; i < COUNT(types); i++) {
        honest(FRAME_READY);
        frame.header.type = types[i];
        assert_false(accepted());
        assert_string_equal(why, "unknown type");
        assert_string_equal(frame_type_name(types[i]), "?");
    }
}

static void every_type_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (unsigned a = FRAME_NONE + 1; a < FRAME_TYPES; a++) {
        assert_string_not_equal(frame_type_name(a), "?");
        for (unsigned b = FRAME_NONE + 1; b < a; b++)
            assert_string_not_equal(frame_type_name(a), frame_type_name(b));
    }
}

static void every_text_must_end_and_be_utf8(void **state)
{
    (void)state;
#define TEXT_CHECKED(type, member)                                                                                     \
    do {                                                                                                               \
        honest(type);                                                                                                  \
        memset(frame.member, 'x', sizeof(frame.member));                                                               \
        if (accepted())                                                                                                \
            fail_msg("%s accepted without an end", #member);                                                           \
        memcpy(frame.member, "\xc3\x28", 3);                                                                           \
        if (accepted())                                                                                                \
            fail_msg("%s accepted with bad UTF-8", #member);                                                           \
        memcpy(frame.member, "\xe8\x80\x81", 4);                                                                       \
        if (!accepted())                                                                                               \
            fail_msg("%s refused with good UTF-8", #member);                                                           \
    } while (0)
    TEXT_CHECKED(FRAME_HELLO, hello.role);
    TEXT_CHECKED(FRAME_FAILED, text.text);
    TEXT_CHECKED(FRAME_TROUBLE, trouble.subject);
    TEXT_CHECKED(FRAME_TROUBLE, trouble.kind);
    TEXT_CHECKED(FRAME_TROUBLE, trouble.text_en);
    TEXT_CHECKED(FRAME_TROUBLE, trouble.text_zh);
    TEXT_CHECKED(FRAME_GPIO_LINE, gpio_line.sensor);
    TEXT_CHECKED(FRAME_GPIO_LINE, gpio_line.chip);
    TEXT_CHECKED(FRAME_GPIO_LINE, gpio_line.line);
    TEXT_CHECKED(FRAME_MQTT_BROKER, broker.host);
    TEXT_CHECKED(FRAME_MQTT_BROKER, broker.client_id);
    TEXT_CHECKED(FRAME_MQTT_BROKER, broker.username);
    TEXT_CHECKED(FRAME_MQTT_BROKER, broker.password);
    TEXT_CHECKED(FRAME_MQTT_BROKER, broker.ca);
    TEXT_CHECKED(FRAME_MQTT_BROKER, broker.cert);
    TEXT_CHECKED(FRAME_MQTT_BROKER, broker.key);
    TEXT_CHECKED(FRAME_MQTT_BROKER, broker.ring_dir);
    TEXT_CHECKED(FRAME_MQTT_SENSOR, mqtt_sensor.sensor);
    TEXT_CHECKED(FRAME_MQTT_SENSOR, mqtt_sensor.topic);
    TEXT_CHECKED(FRAME_MQTT_SENSOR, mqtt_sensor.availability);
    TEXT_CHECKED(FRAME_MQTT_SENSOR, mqtt_sensor.path);
    TEXT_CHECKED(FRAME_MQTT_SENSOR, mqtt_sensor.on);
    TEXT_CHECKED(FRAME_MQTT_SENSOR, mqtt_sensor.off);
    TEXT_CHECKED(FRAME_STORE_CONFIG, store_config.directory);
    TEXT_CHECKED(FRAME_STORE_CONFIG, store_config.mirror);
    TEXT_CHECKED(FRAME_STORE_CONFIG, store_config.boot_id);
    TEXT_CHECKED(FRAME_DETECTOR_CONFIG, detector_config.name);
    TEXT_CHECKED(FRAME_DETECTOR_CONFIG, detector_config.plugin);
    TEXT_CHECKED(FRAME_DETECTOR_CONFIG, detector_config.timezone);
    TEXT_CHECKED(FRAME_SETTING, setting.key);
    TEXT_CHECKED(FRAME_SETTING, setting.value);
    TEXT_CHECKED(FRAME_SETTING, setting.where);
    TEXT_CHECKED(FRAME_SENSOR, sensor.name);
    TEXT_CHECKED(FRAME_SENSOR, sensor.room);
    TEXT_CHECKED(FRAME_UPLINK_CONFIG, uplink_config.host);
    TEXT_CHECKED(FRAME_UPLINK_CONFIG, uplink_config.psk);
    TEXT_CHECKED(FRAME_UPLINK_CONFIG, uplink_config.home);
    TEXT_CHECKED(FRAME_UPLINK_CONFIG, uplink_config.family);
    TEXT_CHECKED(FRAME_UPLINK_CONFIG, uplink_config.timezone);
    TEXT_CHECKED(FRAME_SENSOR_NOTE, sensor_note.text);
    TEXT_CHECKED(FRAME_OUTPUT, output.name);
    TEXT_CHECKED(FRAME_OUTPUT, output.line.chip);
    TEXT_CHECKED(FRAME_STORE_STATE, store_state.set_aside);
    TEXT_CHECKED(FRAME_STORE_CURSOR, cursor.detector);
    TEXT_CHECKED(FRAME_STORE_COMMIT, commit.cursor.detector);
    TEXT_CHECKED(FRAME_STORE_COMMIT, commit.alert.text_zh);
    TEXT_CHECKED(FRAME_PLUGIN_INFO, plugin_info.name);
    TEXT_CHECKED(FRAME_PLUGIN_INFO, plugin_info.summary_zh);
    TEXT_CHECKED(FRAME_PLUGIN_ROLE, plugin_role.kinds);
    TEXT_CHECKED(FRAME_PLUGIN_PARAM, plugin_param.default_value);
    TEXT_CHECKED(FRAME_PLUGIN_PARAM, plugin_param.choices);
    TEXT_CHECKED(FRAME_PLUGIN_ALERT, plugin_alert.title_zh);
    TEXT_CHECKED(FRAME_PLUGIN_ALERT, plugin_alert.code);
    TEXT_CHECKED(FRAME_BIND, bind.role);
    TEXT_CHECKED(FRAME_CONDITION, condition.key);
    TEXT_CHECKED(FRAME_CONDITION, condition.text_en);
    TEXT_CHECKED(FRAME_CONDITION, condition.text_zh);
    TEXT_CHECKED(FRAME_CONDITION, condition.limit);
    TEXT_CHECKED(FRAME_UPLINK_STATE, uplink_state.text);
    TEXT_CHECKED(FRAME_SEND, send.alert.key);
    TEXT_CHECKED(FRAME_ALERT, alert.note);
    TEXT_CHECKED(FRAME_STATUS, status.home);
    TEXT_CHECKED(FRAME_COMMAND, command.by);
    TEXT_CHECKED(FRAME_COMMAND, command.note);
    TEXT_CHECKED(FRAME_REPLY, reply.text);
    TEXT_CHECKED(FRAME_CTL_REQUEST, ctl_request.name);
    TEXT_CHECKED(FRAME_CTL_REQUEST, ctl_request.value);
    TEXT_CHECKED(FRAME_CTL_HOME, status.software);
    TEXT_CHECKED(FRAME_CTL_WORKER, ctl_worker.cause);
    TEXT_CHECKED(FRAME_CTL_SENSOR, ctl_sensor.source);
    TEXT_CHECKED(FRAME_CTL_END, ctl_end.text);
}

static void numbers_beyond_their_range_are_refused(void **state)
{
    (void)state;
#define REFUSED(type, change)                                                                                          \
    do {                                                                                                               \
        honest(type);                                                                                                  \
        change;                                                                                                        \
        if (accepted())                                                                                                \
            fail_msg("%s accepted after %s", frame_type_name(type), #change);                                          \
    } while (0)
    REFUSED(FRAME_HELLO, frame.hello.version = FRAME_VERSION + 1);
    REFUSED(FRAME_TROUBLE, frame.trouble.active = 2);
    REFUSED(FRAME_GPIO_LINE, frame.gpio_line.kind = UINT16_MAX);
    REFUSED(FRAME_GPIO_LINE, frame.gpio_line.slot = SENSORS_MAX);
    REFUSED(FRAME_GPIO_LINE, frame.gpio_line.bias = BIAS_PULL_DOWN + 1);
    REFUSED(FRAME_OUTPUT, frame.output.line.active_low = 2);
    REFUSED(FRAME_MQTT_BROKER, frame.broker.port = 0);
    REFUSED(FRAME_MQTT_BROKER, frame.broker.port = 65536);
    REFUSED(FRAME_MQTT_SENSOR, frame.mqtt_sensor.format = FORMAT_COUNT);
    REFUSED(FRAME_MQTT_SENSOR, frame.mqtt_sensor.slot = SENSOR_HOME - 1);
    REFUSED(FRAME_UPLINK_CONFIG, frame.uplink_config.version = 3);
    REFUSED(FRAME_SENSOR_NOTE, frame.sensor_note.note = 0);
    REFUSED(FRAME_OUTPUT_SET, frame.output_set.output = OUTPUTS_MAX);
    REFUSED(FRAME_STORE_STATE, frame.store_state.alerts_file = STORE_FILE_SET_ASIDE + 1);
    REFUSED(FRAME_STORE_STATE, frame.store_state.last_log = -1);
    REFUSED(FRAME_STORE_CURSOR, frame.cursor.until = -1);
    REFUSED(FRAME_STORE_COMMIT, frame.commit.alert.rev = 0);
    REFUSED(FRAME_STORE_DONE, frame.done.what = 0);
    REFUSED(FRAME_STORE_DONE, frame.done.failed = 2);
    REFUSED(FRAME_HISTORY_QUERY, frame.history_query.limit = READINGS_PER_FRAME + 1);
    REFUSED(FRAME_HISTORY_QUERY, frame.history_query.limit = 0);
    REFUSED(FRAME_PLUGIN_INFO, frame.plugin_info.n_roles = PLUGIN_ROLES_MAX + 1);
    REFUSED(FRAME_PLUGIN_INFO, frame.plugin_info.n_params = UINT32_MAX);
    REFUSED(FRAME_PLUGIN_INFO, frame.plugin_info.history = -1);
    REFUSED(FRAME_PLUGIN_PARAM, frame.plugin_param.type = GW_PARAM_FLAG + 1);
    REFUSED(FRAME_PLUGIN_PARAM, frame.plugin_param.minimum = NAN);
    REFUSED(FRAME_PLUGIN_PARAM, frame.plugin_param.maximum = INFINITY);
    REFUSED(FRAME_PLUGIN_ALERT, frame.plugin_alert.class_ = 0);
    REFUSED(FRAME_BATCH, frame.batch.clock = 2);
    REFUSED(FRAME_BATCH, frame.batch.until = -1);
    REFUSED(FRAME_CONDITION, frame.condition.raised = 2);
    REFUSED(FRAME_CONDITION, frame.condition.kind = PLUGIN_ALERTS_MAX);
    REFUSED(FRAME_CONDITION, frame.condition.n_evidence = GW_MAX_EVIDENCE + 1);
    REFUSED(FRAME_BATCH_DONE, frame.batch_done.wake = -5);
    REFUSED(FRAME_UPLINK_STATE, frame.uplink_state.link = 2);
    REFUSED(FRAME_SEND, frame.send.alert.class_ = 9);
    REFUSED(FRAME_ALERT, frame.alert.n_evidence = 9);
    REFUSED(FRAME_STATUS, frame.status.mode = GW_MODE_MAINTENANCE + 1);
    REFUSED(FRAME_COMMAND, frame.command.verb = 0);
    REFUSED(FRAME_COMMAND, frame.command.verb = VERB_COUNT);
    REFUSED(FRAME_CTL_REQUEST, frame.ctl_request.verb = CTL_VERBS);
    REFUSED(FRAME_CTL_SENSOR, frame.ctl_sensor.value = NAN);
    REFUSED(FRAME_CTL_SENSOR, frame.ctl_sensor.available = 3);
}

static void each_reading_is_looked_at(void **state)
{
    (void)state;
    static const unsigned lists[] = {FRAME_READINGS, FRAME_HISTORY, FRAME_BATCH};
    for (size_t i = 0; i < COUNT(lists); i++) {
#define READING_REFUSED(change)                                                                                        \
    do {                                                                                                               \
        honest(lists[i]);                                                                                              \
        fill_readings(READINGS_PER_FRAME);                                                                             \
        assert_true(accepted());                                                                                       \
        struct reading *last = &readings_of()[READINGS_PER_FRAME - 1];                                                 \
        change;                                                                                                        \
        if (accepted())                                                                                                \
            fail_msg("%s accepted after %s", frame_type_name(lists[i]), #change);                                      \
    } while (0)
        READING_REFUSED(last->value = NAN);
        READING_REFUSED(last->value = -INFINITY);
        READING_REFUSED(last->sensor = SENSORS_MAX);
        READING_REFUSED(last->type = GW_CLOCK + 1);
        READING_REFUSED(last->origin = 0);
        READING_REFUSED(last->at = -1);
        READING_REFUSED(last->type = GW_EVENT; last->value = 0);
        READING_REFUSED(last->type = GW_EVENT; last->value = 1.5);
        READING_REFUSED(last->type = GW_EVENT; last->value = GW_EVENT_ALARM + 1);
    }
    honest(FRAME_CONDITION);
    frame.condition.n_evidence = 2;
    assert_true(accepted());
    frame.condition.evidence[1].value = NAN;
    assert_false(accepted());
}

static void the_count_and_the_length_of_a_list_must_agree(void **state)
{
    (void)state;
    static const unsigned lists[] = {FRAME_READINGS, FRAME_HISTORY, FRAME_BATCH};
    for (size_t i = 0; i < COUNT(lists); i++) {
        honest(lists[i]);
        fill_readings(READINGS_PER_FRAME);
        assert_true(accepted());
        assert_true(frame.header.length <= sizeof(struct frame));
        uint32_t length = frame.header.length;
        static const uint32_t lies[] = {READINGS_PER_FRAME - 1, READINGS_PER_FRAME + 1, 0, UINT32_MAX, 1u << 28};
        for (size_t k = 0; k < COUNT(lies); k++) {
            uint32_t *n = lists[i] == FRAME_READINGS  ? &frame.readings.n
                          : lists[i] == FRAME_HISTORY ? &frame.history.n
                                                      : &frame.batch.n;
            *n = lies[k];
            frame.header.length = length;
            assert_false(accepted());
        }
    }
}

static void more_readings_than_fit_are_refused_though_the_length_agrees(void **state)
{
    (void)state;
    struct frame *big = calloc(1, sizeof(*big) + 2 * sizeof(struct reading));
    frame_init(big, FRAME_READINGS);
    big->readings.n = READINGS_PER_FRAME + 1;
    big->header.length += (READINGS_PER_FRAME + 1) * (uint32_t)sizeof(struct reading);
    struct reading *reading = (struct reading *)(void *)((char *)big + offsetof(struct frame, readings.reading));
    for (uint32_t i = 0; i <= READINGS_PER_FRAME; i++)
        reading[i] = (struct reading){.origin = i + 1};
    assert_false(frame_check(big, big->header.length, &why));
    assert_string_equal(why, "count of readings out of range");
    free(big);
}

static void an_empty_list_is_a_batch_or_an_answer_never_a_sending(void **state)
{
    (void)state;
    for (unsigned type = FRAME_NONE + 1; type < FRAME_TYPES; type++) {
        if (!is_list(type))
            continue;
        frame_init(&frame, (enum frame_type)type);
        assert_int_equal(accepted(), type != FRAME_READINGS);
    }
}

/* Any bits in any body: never a crash, never a read beyond the datagram (the sanitizers watch). */
static void rubbish_is_answered_with_yes_or_no(void **state)
{
    (void)state;
    unsigned seed = 7;
    for (unsigned round = 0; round < 2000; round++) {
        unsigned type = round % (FRAME_TYPES + 1);
        size_t size = sizeof(struct frame_header);
        if (type > FRAME_NONE && type < FRAME_TYPES) {
            honest(type);
            size = frame.header.length;
        }
        struct frame *exact = malloc(size); /* of just this size, so that a byte too far is seen */
        unsigned char *bytes = (unsigned char *)exact;
        for (size_t i = 0; i < size; i++) {
            seed = seed * 1103515245u + 12345u;
            bytes[i] = (unsigned char)(seed >> 16);
        }
        exact->header = (struct frame_header){(uint32_t)size, (uint16_t)type, FRAME_VERSION};
        (void)frame_check(exact, size, &why);
        free(exact);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(less_than_a_header_an_unknown_type_or_version_is_refused),
        cmocka_unit_test(every_type_is_accepted_at_its_right_length_only),
        cmocka_unit_test(every_text_must_end_and_be_utf8),
        cmocka_unit_test(numbers_beyond_their_range_are_refused),
        cmocka_unit_test(each_reading_is_looked_at),
        cmocka_unit_test(the_count_and_the_length_of_a_list_must_agree),
        cmocka_unit_test(more_readings_than_fit_are_refused_though_the_length_agrees),
        cmocka_unit_test(an_empty_list_is_a_batch_or_an_answer_never_a_sending),
        cmocka_unit_test(rubbish_is_answered_with_yes_or_no),
        cmocka_unit_test(every_type_has_a_name_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
