/* Payloads as devices send them, some in this tree and, where there is a folder of them ($GATEWAYD_TEST_DATA),
 * thousands of recorded ones: nothing crashes, and what is a contact, a presence, a leak, a smoke alarm or an action is
 * understood. */
#include "check.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/kinds.h"
#include "format.h"
#include "gatewayd/plugin.h"

struct tally {
    unsigned lines, levels, actions, known_actions;
};

static enum format_outcome read_one(enum kind kind, enum mqtt_format format, const char *payload,
                                    struct format_result *result)
{
    struct frame_mqtt_sensor sensor;
    struct format_message message;
    memset(&sensor, 0, sizeof(sensor));
    sensor.kind = (uint16_t)kind;
    sensor.format = format;
    format_begin(&message, payload, strlen(payload));
    enum format_outcome outcome = format_read(&sensor, TOPIC_STATE, &message, result);
    format_end(&message);
    return outcome;
}

static void expect_level(struct tally *tally, const cJSON *json, const char *payload, const char *key, enum kind kind,
                         bool opposite)
{
    const cJSON *node = cJSON_GetObjectItemCaseSensitive(json, key);
    struct format_result result;
    if (!cJSON_IsBool(node))
        return;
    assert_int_not_equal(read_one(kind, FORMAT_ZIGBEE2MQTT, payload, &result), FORMAT_UNUSED);
    if (result.n == 0 || result.item[0].type != GW_VALUE ||
        (result.item[0].value != 0.0) == (cJSON_IsTrue(node) == opposite))
        fail_msg("%s in %s", key, payload);
    tally->levels++;
}

static void take_action(struct tally *tally, const cJSON *json, const char *payload)
{
    struct format_result result;
    const cJSON *action = cJSON_GetObjectItemCaseSensitive(json, "action");
    if (!cJSON_IsString(action))
        return;
    tally->actions++;
    (void)read_one(KIND_BUTTON, FORMAT_ZIGBEE2MQTT, payload, &result);
    for (unsigned i = 0; i < result.n; i++)
        tally->known_actions += result.item[i].type == GW_EVENT;
}

static void take_line(struct tally *tally, const char *line)
{
    struct format_result result;
    cJSON *record = cJSON_Parse(line);
    const cJSON *payload = cJSON_GetObjectItemCaseSensitive(record, "payload");
    if (cJSON_IsString(payload)) {
        tally->lines++;
        for (unsigned kind = 0; kind < KIND_COUNT; kind++)
            for (unsigned format = 0; format < FORMAT_COUNT; format++)
                (void)read_one((enum kind)kind, (enum mqtt_format)format, payload->valuestring, &result);
        cJSON *json = cJSON_Parse(payload->valuestring);
        expect_level(tally, json, payload->valuestring, "contact", KIND_CONTACT, true);
        expect_level(tally, json, payload->valuestring, "occupancy", KIND_MOTION, false);
        expect_level(tally, json, payload->valuestring, "water_leak", KIND_LEAK, false);
        expect_level(tally, json, payload->valuestring, "smoke", KIND_SMOKE, false);
        expect_level(tally, json, payload->valuestring, "gas", KIND_GAS, false);
        take_action(tally, json, payload->valuestring);
        cJSON_Delete(json);
    }
    cJSON_Delete(record);
}

static bool take_file(struct tally *tally, const char *folder, const char *name)
{
    char path[1024];
    char *line = NULL;
    size_t size = 0;
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return false;
    while (getline(&line, &size, file) > 0)
        take_line(tally, line);
    free(line);
    (void)fclose(file);
    return true;
}

static void payloads_of_every_family_are_understood(void **state)
{
    (void)state;
    struct tally tally = {0};
    assert_true(take_file(&tally, MQTT_PAYLOADS, "zigbee2mqtt_payloads.jsonl"));
    assert_int_equal(tally.lines, 26);
    assert_int_equal(tally.levels, 15);
    assert_int_equal(tally.actions, 8);
    assert_int_equal(tally.known_actions, 6); /* not "rotate_left", not "" */
    assert_true(take_file(&tally, MQTT_PAYLOADS, "other_payloads.jsonl"));
    assert_int_equal(tally.lines, 26 + 18);
}

/* What the small fixtures promise, with thousands; where there are none the fixtures have to do. */
static void recorded_payloads_are_understood(void **state)
{
    (void)state;
    const char *folder = getenv("GATEWAYD_TEST_DATA");
    struct tally tally = {0};
    if (folder == NULL || !take_file(&tally, folder, "zigbee2mqtt_payloads.jsonl")) {
        print_message("GATEWAYD_TEST_DATA names no folder of recordings: only the payloads of this tree were tried\n");
        return;
    }
    print_message("%u payloads, %u levels, %u of %u actions are events\n", tally.lines, tally.levels,
                  tally.known_actions, tally.actions);
    assert_true(tally.lines > 5000);
    assert_true(tally.levels > 1700);
    assert_true(tally.known_actions > 950);
    (void)take_file(&tally, folder, "tasmota_discovery.jsonl");
    (void)take_file(&tally, folder, "shelly_gen1_ha_discovery.jsonl");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(payloads_of_every_family_are_understood),
        cmocka_unit_test(recorded_payloads_are_understood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
