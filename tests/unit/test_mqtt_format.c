#include "check.h"

#include <stdio.h>
#include <string.h>

#include "base/kinds.h"
#include "base/text.h"
#include "format.h"
#include "gatewayd/plugin.h"
#include "topics.h"

#define NOTHING (-1000.0)

static struct frame_mqtt_sensor sensor_of(enum kind kind, enum mqtt_format format)
{
    struct frame_mqtt_sensor sensor;
    memset(&sensor, 0, sizeof(sensor));
    sensor.kind = (uint16_t)kind;
    sensor.format = format;
    return sensor;
}

static enum format_outcome read_bytes(const struct frame_mqtt_sensor *sensor, enum topic_role role, const void *payload,
                                      size_t size, struct format_result *result)
{
    struct format_message message;
    format_begin(&message, payload, size);
    enum format_outcome outcome = format_read(sensor, role, &message, result);
    format_end(&message);
    return outcome;
}

static double item(const struct format_result *result, unsigned type)
{
    for (unsigned i = 0; i < result->n; i++)
        if (result->item[i].type == type)
            return result->item[i].value;
    return NOTHING;
}

static enum format_outcome read_text(enum kind kind, enum mqtt_format format, const char *payload,
                                     struct format_result *result)
{
    struct frame_mqtt_sensor sensor = sensor_of(kind, format);
    return read_bytes(&sensor, TOPIC_STATE, payload, strlen(payload), result);
}

struct expectation {
    enum kind kind;
    enum mqtt_format format;
    const char *payload;
    unsigned type;
    double value; /* NOTHING: no item of this type */
};

static void expect_all(const struct expectation *expectations, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct expectation *e = &expectations[i];
        struct format_result result;
        enum format_outcome outcome = read_text(e->kind, e->format, e->payload, &result);
        double value = item(&result, e->type);
        if (outcome == FORMAT_BAD || value < e->value - 0.01 || value > e->value + 0.01)
            fail_msg("%s: %s: outcome %d, %g and not %g", kind_info(e->kind)->name, e->payload, (int)outcome, value,
                     e->value);
    }
}

static void rubbish_is_bad_and_says_nothing(void **state)
{
    (void)state;
    static const char *const rubbish[] = {
        "",
        " ",
        "{",
        "[1,2",
        "{\"contact\":}",
        "{\"contact\":NaN}",
        "perhaps",
        "{\"contact\":\"perhaps\"}",
        "{\"contact\":{}}x",
        "\xff\xfe{}",
        "{\"contact\":\"\xc3\"}",
        "true false",
        "{\"contact\":true}{}",
    };
    struct format_result result;
    for (size_t i = 0; i < COUNT(rubbish); i++) {
        if (read_text(KIND_CONTACT, FORMAT_ZIGBEE2MQTT, rubbish[i], &result) != FORMAT_BAD || result.n != 0)
            fail_msg("taken for good: %s", rubbish[i]);
    }
    static const char *const no_numbers[] = {
        "nan",
        "inf",
        "-inf",
        "1e999",
        "21,5",
        "21.5 C",
        "0x10",
        "{\"temperature\":1e999}",
        "{\"temperature\":true}",
        "{\"temperature\":\"warm\"}",
    };
    for (size_t i = 0; i < COUNT(no_numbers); i++) {
        if (read_text(KIND_TEMPERATURE, FORMAT_ZIGBEE2MQTT, no_numbers[i], &result) != FORMAT_BAD || result.n != 0)
            fail_msg("taken for a number: %s", no_numbers[i]);
    }
}

static void a_nul_deep_json_and_a_huge_payload_are_bad(void **state)
{
    (void)state;
    static char big[FORMAT_PAYLOAD_MAX + 1];
    struct frame_mqtt_sensor sensor = sensor_of(KIND_CONTACT, FORMAT_ZIGBEE2MQTT);
    struct format_result result;
    assert_int_equal(read_bytes(&sensor, TOPIC_STATE, "o\0n", 3, &result), FORMAT_BAD);
    memset(big, '[', sizeof(big));
    assert_int_equal(read_bytes(&sensor, TOPIC_STATE, big, 60000, &result), FORMAT_BAD);
    memset(big, ' ', sizeof(big));
    memcpy(big, "{\"contact\":true}", 16);
    assert_int_equal(read_bytes(&sensor, TOPIC_STATE, big, FORMAT_PAYLOAD_MAX, &result), FORMAT_OK);
    assert_int_equal(read_bytes(&sensor, TOPIC_STATE, big, FORMAT_PAYLOAD_MAX + 1, &result), FORMAT_BAD);
}

static void what_speaks_of_other_things_is_unused_not_bad(void **state)
{
    (void)state;
    struct format_result result;
    assert_int_equal(read_text(KIND_CONTACT, FORMAT_ZIGBEE2MQTT, "{\"illuminance\":7}", &result), FORMAT_UNUSED);
    assert_int_equal(read_text(KIND_CONTACT, FORMAT_ZIGBEE2MQTT, "{\"contact\":null}", &result), FORMAT_UNUSED);
    assert_int_equal(read_text(KIND_CONTACT, FORMAT_ZIGBEE2MQTT, "[]", &result), FORMAT_UNUSED);
    assert_int_equal(read_text(KIND_BUTTON, FORMAT_ZIGBEE2MQTT, "{\"action\":\"\"}", &result), FORMAT_UNUSED);
    assert_int_equal(read_text(KIND_BUTTON, FORMAT_ZIGBEE2MQTT, "{\"action\":null}", &result), FORMAT_UNUSED);
    assert_int_equal(read_text(KIND_BUTTON, FORMAT_ZIGBEE2MQTT, "{\"action\":\"none\"}", &result), FORMAT_UNUSED);
    assert_int_equal(read_text(KIND_BUTTON, FORMAT_ZIGBEE2MQTT, "{\"action\":\"brightness_step_up\"}", &result),
                     FORMAT_UNUSED);
    assert_int_equal(read_text(KIND_BUTTON, FORMAT_ZIGBEE2MQTT, "{\"action\":\"1_min_inactivity\"}", &result),
                     FORMAT_UNUSED);
    assert_int_equal(read_text(KIND_CONTACT, FORMAT_ESPHOME, "unavailable", &result), FORMAT_UNUSED);
}

static void zigbee2mqtt_levels_follow_the_kind(void **state)
{
    (void)state;
#define Z FORMAT_ZIGBEE2MQTT
    static const struct expectation expectations[] = {
        {KIND_CONTACT, Z, "{\"contact\":false}", GW_VALUE, 1}, /* the contact is not made: the door is open */
        {KIND_CONTACT, Z, "{\"contact\":true}", GW_VALUE, 0},
        {KIND_CONTACT, Z, "{\"contact\":\"open\"}", GW_VALUE, 1},
        {KIND_CONTACT, Z, "{\"contact\":\"closed\"}", GW_VALUE, 0},
        {KIND_CONTACT, Z, "false", GW_VALUE, 1},
        {KIND_MOTION, Z, "{\"occupancy\":true}", GW_VALUE, 1},
        {KIND_MOTION, Z, "{\"occupancy\":false,\"presence\":true}", GW_VALUE, 0},
        {KIND_PRESENCE, Z, "{\"occupancy\":false,\"presence\":true}", GW_VALUE, 1},
        {KIND_PRESENCE, Z, "{\"human_motion_state\":\"none\"}", GW_VALUE, 0},
        {KIND_PRESENCE, Z, "{\"human_motion_state\":\"large\"}", GW_VALUE, 1},
        {KIND_BED, Z, "{\"occupancy\":\"true\"}", GW_VALUE, 1},
        {KIND_VIBRATION, Z, "{\"vibration\":1}", GW_VALUE, 1},
        {KIND_LEAK, Z, "{\"water_leak\":true}", GW_VALUE, 1},
        {KIND_LEAK, Z, "{\"water_leak\":false}", GW_VALUE, 0},
        {KIND_SMOKE, Z, "{\"smoke\":\"ON\"}", GW_VALUE, 1},
        {KIND_GAS, Z, "{\"gas\":false}", GW_VALUE, 0},
        {KIND_CO, Z, "{\"carbon_monoxide\":true,\"co\":120}", GW_VALUE, 1},
        {KIND_HEAT, Z, "{\"heat\":true}", GW_VALUE, 1},
        {KIND_TEMPERATURE, Z, "{\"temperature\":\"21.5\"}", GW_VALUE, 21.5},
        {KIND_TEMPERATURE, Z, "{\"temperature\":-3}", GW_VALUE, -3},
        {KIND_HUMIDITY, Z, "{\"humidity\":45.2}", GW_VALUE, 45.2},
        {KIND_POWER, Z, "{\"power\":12}", GW_VALUE, 12},
        {KIND_MAINS, Z, "{\"ac_status\":true}", GW_VALUE, 0}, /* the bit says "fault" */
        {KIND_STATE, Z, "{\"state\":\"OFF\"}", GW_VALUE, 0},
        {KIND_CONTACT, Z, "{\"contact\":true,\"note\":\"a\\u0000b\"}", GW_VALUE, 0},
    };
    expect_all(expectations, COUNT(expectations));
}

static void zigbee2mqtt_attributes_come_with_the_value(void **state)
{
    (void)state;
    static const char all[] = "{\"contact\":true,\"battery\":\"87.4\",\"battery_low\":false,\"tamper\":true,"
                              "\"linkquality\":300,\"voltage\":2900}";
    static const struct expectation expectations[] = {
        {KIND_CONTACT, Z, all, GW_VALUE, 0},
        {KIND_CONTACT, Z, all, GW_BATTERY, 87},
        {KIND_CONTACT, Z, all, GW_BATTERY_LOW, 0},
        {KIND_CONTACT, Z, all, GW_TAMPER, 1},
        {KIND_CONTACT, Z, all, GW_LINK, 255},
        {KIND_SMOKE, Z, "{\"battery\":5}", GW_BATTERY, 5},
        {KIND_SMOKE, Z, "{\"battery\":null,\"smoke\":false}", GW_BATTERY, NOTHING},
        {KIND_CONTACT, Z, "{\"rssi\":-50}", GW_LINK, 255},
    };
    expect_all(expectations, COUNT(expectations));
}

static void an_attribute_of_the_wrong_type_costs_itself_only(void **state)
{
    (void)state;
    struct format_result result;
    assert_int_equal(read_text(KIND_CONTACT, Z, "{\"contact\":false,\"battery\":\"full\"}", &result), FORMAT_BAD);
    assert_true(item(&result, GW_VALUE) == 1.0);
    assert_true(item(&result, GW_BATTERY) == NOTHING);
}

static void actions_become_events(void **state)
{
    (void)state;
    static const struct {
        const char *action;
        double event;
    } actions[] = {
        {"single", GW_EVENT_PRESS},
        {"1_single", GW_EVENT_PRESS},
        {"single_left", GW_EVENT_PRESS},
        {"button_2_short_press", GW_EVENT_PRESS},
        {"pressed", GW_EVENT_PRESS},
        {"emergency", GW_EVENT_PRESS},
        {"panic", GW_EVENT_PRESS},
        {"sos", GW_EVENT_PRESS},
        {"on", GW_EVENT_PRESS},
        {"off_l1", GW_EVENT_PRESS},
        {"toggle", GW_EVENT_PRESS},
        {"triple", GW_EVENT_PRESS},
        {"many", GW_EVENT_PRESS},
        {"button_1_click", GW_EVENT_PRESS},
        {"double", GW_EVENT_DOUBLE},
        {"double_pressed", GW_EVENT_DOUBLE},
        {"hold", GW_EVENT_LONG},
        {"1_long", GW_EVENT_LONG},
        {"button_2_long_press", GW_EVENT_LONG},
        {"held", GW_EVENT_LONG},
        {"release", GW_EVENT_RELEASE},
        {"hold_release", GW_EVENT_RELEASE},
        {"on_press_release", GW_EVENT_RELEASE},
        {"disarm", GW_EVENT_CANCEL},
    };
    for (size_t i = 0; i < COUNT(actions); i++) {
        char payload[128];
        struct format_result result;
        (void)snprintf(payload, sizeof(payload), "{\"action\":\"%s\",\"battery\":90}", actions[i].action);
        assert_int_equal(read_text(KIND_BUTTON, Z, payload, &result), FORMAT_OK);
        if (item(&result, GW_EVENT) != actions[i].event)
            fail_msg("%s: %g", actions[i].action, item(&result, GW_EVENT));
    }
    static const struct expectation expectations[] = {
        {KIND_CORD, Z, "{\"action\":\"single\"}", GW_EVENT, GW_EVENT_CORD},
        {KIND_CORD, Z, "{\"action\":\"hold\"}", GW_EVENT, GW_EVENT_CORD},
        {KIND_CORD, Z, "{\"action\":\"release\"}", GW_EVENT, GW_EVENT_RELEASE},
        {KIND_BUTTON, Z, "{\"action\":\"single\\u0000\"}", GW_EVENT, GW_EVENT_PRESS},
        {KIND_BUTTON, Z, "{\"sos\":true}", GW_VALUE, 1},
        {KIND_FALL, Z, "{\"fall_down_status\":\"fall\"}", GW_VALUE, 1},
        {KIND_FALL, Z, "{\"fall_down_status\":\"maybe_fall\"}", GW_VALUE, 0},
        {KIND_FALL, Z, "{\"fall_down_status\":\"none\"}", GW_VALUE, 0},
    };
    expect_all(expectations, COUNT(expectations));
}

static void tasmota_results_sensors_and_its_zigbee_bridge(void **state)
{
    (void)state;
#define T FORMAT_TASMOTA
    static const struct expectation expectations[] = {
        {KIND_BUTTON, T, "{\"Button1\":{\"Action\":\"SINGLE\"}}", GW_EVENT, GW_EVENT_PRESS},
        {KIND_BUTTON, T, "{\"Button3\":{\"Action\":\"DOUBLE\"}}", GW_EVENT, GW_EVENT_DOUBLE},
        {KIND_CORD, T, "{\"Button1\":{\"Action\":\"HOLD\"}}", GW_EVENT, GW_EVENT_CORD},
        {KIND_BUTTON, T, "{\"Switch1\":{\"Action\":\"ON\"}}", GW_VALUE, 1},
        {KIND_BUTTON, T, "{\"Switch1\":{\"Action\":\"OFF\"}}", GW_VALUE, 0},
        {KIND_BUTTON, T, "{\"Switch1\":{\"Action\":\"TOGGLE\"}}", GW_EVENT, GW_EVENT_PRESS},
        {KIND_BUTTON, T, "{\"POWER\":\"ON\"}", GW_VALUE, 1},
        {KIND_BUTTON, T, "ON", GW_VALUE, 1}, /* stat/x/POWER */
        {KIND_CONTACT, T, "{\"Time\":\"2026-01-01T00:00:00\",\"Switch1\":\"ON\"}", GW_VALUE, 1},
        {KIND_CONTACT, T, "{\"Switch1\":{\"Action\":\"OFF\"}}", GW_VALUE, 0},
        {KIND_TEMPERATURE, T, "{\"AM2301\":{\"Temperature\":21.5,\"Humidity\":40},\"TempUnit\":\"C\"}", GW_VALUE, 21.5},
        {KIND_TEMPERATURE, T, "{\"AM2301\":{\"Temperature\":70.7},\"TempUnit\":\"F\"}", GW_VALUE, 21.5},
        {KIND_HUMIDITY, T, "{\"AM2301\":{\"Temperature\":21.5,\"Humidity\":40}}", GW_VALUE, 40},
        {KIND_POWER, T, "{\"ENERGY\":{\"Power\":12,\"Voltage\":230}}", GW_VALUE, 12},
        {KIND_LEAK, T, "{\"ZbReceived\":{\"0x1A\":{\"Water\":1,\"BatteryPercentage\":55,\"LinkQuality\":9}}}", GW_VALUE,
         1},
        {KIND_LEAK, T, "{\"ZbReceived\":{\"0x1A\":{\"Water\":1,\"BatteryPercentage\":55}}}", GW_BATTERY, 55},
        {KIND_STATE, T, "{\"POWER1\":\"ON\",\"Wifi\":{\"RSSI\":100,\"Signal\":-50}}", GW_LINK, 255},
    };
    expect_all(expectations, COUNT(expectations));
}

static void esphome_topics_are_plain(void **state)
{
    (void)state;
#define E FORMAT_ESPHOME
    static const struct expectation expectations[] = {
        {KIND_CONTACT, E, "ON", GW_VALUE, 1},
        {KIND_BED, E, "OFF", GW_VALUE, 0},
        {KIND_TEMPERATURE, E, "21.53", GW_VALUE, 21.53},
        {KIND_BUTTON, E, "ON", GW_VALUE, 1},
        {KIND_BUTTON, E, "{\"event_type\":\"long_press\"}", GW_EVENT, GW_EVENT_LONG},
    };
    expect_all(expectations, COUNT(expectations));
}

static void shelly_of_both_generations(void **state)
{
    (void)state;
#define S FORMAT_SHELLY
    static const struct expectation expectations[] = {
        {KIND_CONTACT, S, "open", GW_VALUE, 1},
        {KIND_CONTACT, S, "close", GW_VALUE, 0},
        {KIND_LEAK, S, "true", GW_VALUE, 1},
        {KIND_GAS, S, "heavy", GW_VALUE, 1},
        {KIND_GAS, S, "none", GW_VALUE, 0},
        {KIND_GAS, S, "test", GW_VALUE, 0},
        {KIND_VIBRATION, S, "1", GW_VALUE, 1},
        {KIND_TEMPERATURE, S, "21.38", GW_VALUE, 21.38},
        {KIND_MOTION, S, "{\"motion\":true,\"bat\":90,\"vibration\":false}", GW_VALUE, 1},
        {KIND_MOTION, S, "{\"motion\":true,\"bat\":90,\"vibration\":false}", GW_BATTERY, 90},
        {KIND_MOTION, S, "{\"sensor\":{\"motion\":false},\"bat\":{\"value\":80}}", GW_BATTERY, 80},
        {KIND_BUTTON, S, "{\"event\":\"S\",\"event_cnt\":4}", GW_EVENT, GW_EVENT_PRESS},
        {KIND_BUTTON, S, "{\"event\":\"SS\",\"event_cnt\":5}", GW_EVENT, GW_EVENT_DOUBLE},
        {KIND_BUTTON, S, "{\"event\":\"L\",\"event_cnt\":6}", GW_EVENT, GW_EVENT_LONG},
        {KIND_BUTTON, S, "{\"event\":\"\",\"event_cnt\":0}", GW_EVENT, NOTHING},
        {KIND_SMOKE, S, "{\"method\":\"NotifyStatus\",\"params\":{\"ts\":1,\"smoke:0\":{\"id\":0,\"alarm\":true}}}",
         GW_VALUE, 1},
        {KIND_SMOKE, S, "{\"params\":{\"devicepower:0\":{\"battery\":{\"V\":2.9,\"percent\":70}}}}", GW_BATTERY, 70},
        {KIND_BUTTON, S,
         "{\"method\":\"NotifyEvent\",\"params\":{\"events\":[{\"component\":\"input:0\",\"event\":"
         "\"btn_down\"},{\"component\":\"input:0\",\"event\":\"single_push\"}]}}",
         GW_EVENT, GW_EVENT_PRESS},
        {KIND_BUTTON, S, "{\"id\":0,\"state\":true}", GW_VALUE, 1},
        {KIND_TEMPERATURE, S, "{\"id\":0,\"tC\":21.4,\"tF\":70.5}", GW_VALUE, 21.4},
        {KIND_HUMIDITY, S, "{\"params\":{\"humidity:0\":{\"id\":0,\"rh\":51}}}", GW_VALUE, 51},
        {KIND_STATE, S, "{\"output\":true,\"apower\":3}", GW_VALUE, 1},
    };
    expect_all(expectations, COUNT(expectations));
    struct frame_mqtt_sensor second = sensor_of(KIND_BUTTON, FORMAT_SHELLY);
    struct format_result result;
    static const char both[] = "{\"params\":{\"events\":[{\"component\":\"input:0\",\"event\":\"single_push\"},"
                               "{\"component\":\"input:1\",\"event\":\"long_push\"}]}}";
    text_copy(second.path, sizeof(second.path), "input:1");
    assert_int_equal(read_bytes(&second, TOPIC_STATE, both, strlen(both), &result), FORMAT_OK);
    assert_true(item(&result, GW_EVENT) == GW_EVENT_LONG);
}

static void paths_words_and_inversion_are_as_configured(void **state)
{
    (void)state;
    struct format_result result;
    struct frame_mqtt_sensor sensor = sensor_of(KIND_NUMBER, FORMAT_JSON);
    static const char nested[] = "{\"a\":{\"b\":[1,{\"c\":7.5}]},\"battery\":20}";
    text_copy(sensor.path, sizeof(sensor.path), "a.b.1.c");
    assert_int_equal(read_bytes(&sensor, TOPIC_STATE, nested, strlen(nested), &result), FORMAT_OK);
    assert_true(item(&result, GW_VALUE) == 7.5 && item(&result, GW_BATTERY) == 20.0);
    text_copy(sensor.path, sizeof(sensor.path), "a.b.9");
    assert_int_equal(read_bytes(&sensor, TOPIC_STATE, "{\"a\":{\"b\":[]}}", 14, &result), FORMAT_UNUSED);

    sensor = sensor_of(KIND_CONTACT, FORMAT_RAW);
    text_copy(sensor.on, sizeof(sensor.on), "up");
    text_copy(sensor.off, sizeof(sensor.off), "down");
    assert_int_equal(read_bytes(&sensor, TOPIC_STATE, "UP", 2, &result), FORMAT_OK);
    assert_true(item(&result, GW_VALUE) == 1.0);
    assert_int_equal(read_bytes(&sensor, TOPIC_STATE, "sideways", 8, &result), FORMAT_BAD);
    sensor.invert = 1;
    assert_int_equal(read_bytes(&sensor, TOPIC_STATE, "up", 2, &result), FORMAT_OK);
    assert_true(item(&result, GW_VALUE) == 0.0);

    sensor = sensor_of(KIND_BUTTON, FORMAT_ZIGBEE2MQTT);
    text_copy(sensor.on, sizeof(sensor.on), "recall_1");
    assert_int_equal(read_bytes(&sensor, TOPIC_STATE, "{\"action\":\"recall_1\"}", 21, &result), FORMAT_OK);
    assert_true(item(&result, GW_EVENT) == GW_EVENT_PRESS);
    assert_int_equal(read_bytes(&sensor, TOPIC_STATE, "{\"action\":\"single\"}", 19, &result), FORMAT_UNUSED);

    sensor = sensor_of(KIND_CONTACT, FORMAT_ZIGBEE2MQTT);
    text_copy(sensor.path, sizeof(sensor.path), "contact"); /* said aloud it still means the same */
    assert_int_equal(read_bytes(&sensor, TOPIC_STATE, "{\"contact\":false}", 17, &result), FORMAT_OK);
    assert_true(item(&result, GW_VALUE) == 1.0);
}

static void availability_and_battery_topics(void **state)
{
    (void)state;
    static const struct {
        enum mqtt_format format;
        const char *topic, *availability, *battery;
    } topics[] = {
        {FORMAT_ZIGBEE2MQTT, "zigbee2mqtt/浴室/bathroom door", "zigbee2mqtt/浴室/bathroom door/availability", NULL},
        {FORMAT_TASMOTA, "stat/cord/RESULT", "tele/cord/LWT", NULL},
        {FORMAT_TASMOTA, "home/cord/tele/SENSOR", "home/cord/tele/LWT", NULL},
        {FORMAT_TASMOTA, "cord", NULL, NULL},
        {FORMAT_ESPHOME, "hall/node/binary_sensor/bed/state", "hall/node/status", NULL},
        {FORMAT_ESPHOME, "bed/state", NULL, NULL},
        {FORMAT_SHELLY, "shellies/shellydw-1/sensor/state", "shellies/shellydw-1/online",
         "shellies/shellydw-1/sensor/battery"},
        {FORMAT_SHELLY, "shellyplussmoke-1/events/rpc", "shellyplussmoke-1/online", NULL},
        {FORMAT_SHELLY, "my/shelly/status/input:0", "my/shelly/online", "my/shelly/status/devicepower:0"},
        {FORMAT_RAW, "door", NULL, NULL},
    };
    for (size_t i = 0; i < COUNT(topics); i++) {
        char out[TEXT_SIZE + 16];
        struct frame_mqtt_sensor sensor = sensor_of(KIND_CONTACT, topics[i].format);
        text_copy(sensor.topic, sizeof(sensor.topic), topics[i].topic);
        assert_int_equal(topics_availability(&sensor, out, sizeof(out)), topics[i].availability != NULL);
        if (topics[i].availability != NULL)
            assert_string_equal(out, topics[i].availability);
        assert_int_equal(topics_battery(&sensor, out, sizeof(out)), topics[i].battery != NULL);
        if (topics[i].battery != NULL)
            assert_string_equal(out, topics[i].battery);
        text_copy(sensor.availability, sizeof(sensor.availability), "elsewhere");
        assert_true(topics_availability(&sensor, out, sizeof(out)));
        assert_string_equal(out, "elsewhere");
    }
}

static void availability_is_plain_or_json(void **state)
{
    (void)state;
    static const struct {
        const char *payload;
        double there;
    } words[] = {
        {"online", 1}, {"Offline", 0}, {"true", 1}, {"{\"state\":\"online\"}", 1}, {"{\"state\":\"offline\"}", 0}};
    struct frame_mqtt_sensor sensor = sensor_of(KIND_BUTTON, FORMAT_ZIGBEE2MQTT);
    struct format_result result;
    for (size_t i = 0; i < COUNT(words); i++) {
        assert_int_equal(read_bytes(&sensor, TOPIC_AVAILABILITY, words[i].payload, strlen(words[i].payload), &result),
                         FORMAT_OK);
        assert_true(item(&result, GW_AVAILABILITY) == words[i].there);
    }
    assert_int_equal(read_bytes(&sensor, TOPIC_AVAILABILITY, "perhaps", 7, &result), FORMAT_BAD);
    assert_int_equal(read_bytes(&sensor, TOPIC_BATTERY, "88", 2, &result), FORMAT_OK);
    assert_true(item(&result, GW_BATTERY) == 88.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rubbish_is_bad_and_says_nothing),
        cmocka_unit_test(a_nul_deep_json_and_a_huge_payload_are_bad),
        cmocka_unit_test(what_speaks_of_other_things_is_unused_not_bad),
        cmocka_unit_test(zigbee2mqtt_levels_follow_the_kind),
        cmocka_unit_test(zigbee2mqtt_attributes_come_with_the_value),
        cmocka_unit_test(an_attribute_of_the_wrong_type_costs_itself_only),
        cmocka_unit_test(actions_become_events),
        cmocka_unit_test(tasmota_results_sensors_and_its_zigbee_bridge),
        cmocka_unit_test(esphome_topics_are_plain),
        cmocka_unit_test(shelly_of_both_generations),
        cmocka_unit_test(paths_words_and_inversion_are_as_configured),
        cmocka_unit_test(availability_and_battery_topics),
        cmocka_unit_test(availability_is_plain_or_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
