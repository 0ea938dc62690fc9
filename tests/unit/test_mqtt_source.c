#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/kinds.h"
#include "base/text.h"
#include "gatewayd/plugin.h"
#include "redelivery.h"
#include "routes.h"
#include "source.h"

static struct source source_of(enum kind kind, enum mqtt_format format, const char *topic)
{
    struct frame_mqtt_sensor config;
    struct source source;
    memset(&config, 0, sizeof(config));
    config.kind = (uint16_t)kind;
    config.format = format;
    text_copy(config.topic, sizeof(config.topic), topic);
    config.slot = 3;
    source_init(&source, &config);
    return source;
}

static unsigned feed_text(struct source *source, const char *payload, bool retained,
                          struct reading out[SOURCE_READINGS_MAX], bool *ignored)
{
    struct format_message message;
    struct format_result result;
    format_begin(&message, payload, strlen(payload));
    (void)format_read(&source->config, TOPIC_STATE, &message, &result);
    format_end(&message);
    return source_take(source, &result, retained, out, ignored);
}

static void attributes_are_told_when_they_change(void **state)
{
    (void)state;
    struct source source = source_of(KIND_CONTACT, FORMAT_ZIGBEE2MQTT, "t");
    struct reading out[SOURCE_READINGS_MAX];
    bool ignored;
    assert_int_equal(feed_text(&source, "{\"contact\":true,\"battery\":90,\"tamper\":false}", false, out, &ignored), 3);
    assert_int_equal(out[0].sensor, 3);
    assert_int_equal(feed_text(&source, "{\"contact\":true,\"battery\":90,\"tamper\":false}", false, out, &ignored), 1);
    assert_int_equal(out[0].type, GW_VALUE); /* each state is a sign of life */
    assert_int_equal(feed_text(&source, "{\"contact\":true,\"battery\":89,\"tamper\":false}", false, out, &ignored), 2);
}

static void an_action_then_empty_then_null_is_one_event(void **state)
{
    (void)state;
    struct source source = source_of(KIND_BUTTON, FORMAT_ZIGBEE2MQTT, "t");
    struct reading out[SOURCE_READINGS_MAX];
    bool ignored;
    assert_int_equal(feed_text(&source, "{\"action\":\"single\"}", false, out, &ignored), 1);
    assert_int_equal(out[0].type, GW_EVENT);
    assert_int_equal(feed_text(&source, "{\"action\":\"\"}", false, out, &ignored), 0);
    assert_int_equal(feed_text(&source, "{\"action\":null}", false, out, &ignored), 0);
    assert_int_equal(feed_text(&source, "{\"action\":\"single\"}", false, out, &ignored), 1);
}

static void a_retained_press_is_never_an_event(void **state)
{
    (void)state;
    struct source button = source_of(KIND_BUTTON, FORMAT_ZIGBEE2MQTT, "t");
    struct source raw = source_of(KIND_BUTTON, FORMAT_RAW, "t");
    struct source leak = source_of(KIND_LEAK, FORMAT_ZIGBEE2MQTT, "t");
    struct reading out[SOURCE_READINGS_MAX];
    bool ignored;
    assert_int_equal(feed_text(&button, "{\"action\":\"single\"}", true, out, &ignored), 0);
    assert_true(ignored);
    assert_int_equal(feed_text(&raw, "1", true, out, &ignored), 0);
    assert_true(ignored);
    assert_int_equal(feed_text(&leak, "{\"water_leak\":true}", true, out, &ignored), 1);
    assert_false(ignored);
    assert_int_equal(out[0].flags, GW_RETAINED | GW_INITIAL);
}

static void a_button_that_only_says_1_presses_every_time(void **state)
{
    (void)state;
    struct source source = source_of(KIND_CORD, FORMAT_RAW, "t");
    struct reading out[SOURCE_READINGS_MAX];
    bool ignored;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(feed_text(&source, "1", false, out, &ignored), 1);
        assert_int_equal(out[0].type, GW_EVENT);
        assert_true(out[0].value == GW_EVENT_CORD);
    }
}

static void a_button_with_a_level_tells_the_level(void **state)
{
    (void)state;
    struct source source = source_of(KIND_BUTTON, FORMAT_ESPHOME, "t");
    struct reading out[SOURCE_READINGS_MAX];
    bool ignored;
    assert_int_equal(feed_text(&source, "OFF", true, out, &ignored), 1);
    assert_int_equal(out[0].type, GW_VALUE);
    assert_int_equal(feed_text(&source, "ON", false, out, &ignored), 1);
    assert_int_equal(out[0].type, GW_VALUE);
    assert_true(out[0].value == 1.0);
}

static void a_numbered_event_told_again_is_no_event(void **state)
{
    (void)state;
    struct source source = source_of(KIND_BUTTON, FORMAT_SHELLY, "t");
    struct reading out[SOURCE_READINGS_MAX];
    bool ignored;
    assert_int_equal(feed_text(&source, "{\"event\":\"S\",\"event_cnt\":4}", true, out, &ignored), 0);
    assert_int_equal(feed_text(&source, "{\"event\":\"S\",\"event_cnt\":4}", false, out, &ignored), 0);
    assert_int_equal(feed_text(&source, "{\"event\":\"S\",\"event_cnt\":5}", false, out, &ignored), 1);
    assert_int_equal(feed_text(&source, "{\"event\":\"S\",\"event_cnt\":5}", false, out, &ignored), 0);
}

static void notes_come_once_a_second_and_count(void **state)
{
    (void)state;
    struct source source = source_of(KIND_CONTACT, FORMAT_RAW, "t");
    uint32_t count = 0;
    assert_false(source_note_due(&source.bad, 5000, &count));
    source_note_add(&source.bad, NULL,
                    "a\x01\xff"
                    "b",
                    4);
    assert_true(source_note_due(&source.bad, 5000, &count));
    assert_int_equal(count, 1);
    assert_string_equal(source.bad.text, "a??b");
    for (int i = 0; i < 50; i++)
        source_note_add(&source.bad, NULL, "", 0);
    assert_false(source_note_due(&source.bad, 5999, &count));
    assert_true(source_note_due(&source.bad, 6000, &count));
    assert_int_equal(count, 50);
    assert_string_equal(source.bad.text, "(empty)");
}

static uint64_t press(unsigned mid)
{
    return redelivery_key((int)mid, "t", "on", 2);
}

/* As mosquitto 2.0 does it: a backlog is sent whole after the first PUBACK, and whole again if its PUBACKs are lost. */
static void a_whole_backlog_that_comes_again_is_known(void **state)
{
    (void)state;
    struct redelivery *redelivery = calloc(1, sizeof(*redelivery));
    for (unsigned mid = 1; mid <= SOURCE_KEYS_MAX; mid++)
        assert_false(redelivery_is(redelivery, false, press(mid)));
    for (unsigned mid = 1; mid <= SOURCE_KEYS_MAX; mid++)
        assert_true(redelivery_is(redelivery, true, press(mid)));
    free(redelivery);
}

static void what_was_sent_and_never_read_is_new_before_between_and_after_what_is_known(void **state)
{
    (void)state;
    struct redelivery *redelivery = calloc(1, sizeof(*redelivery));
    for (unsigned mid = 20; mid < 40; mid++)
        redelivery_seed(redelivery, press(mid));
    for (unsigned mid = 1; mid < 100; mid++)
        assert_int_equal(redelivery_is(redelivery, true, press(mid)), mid >= 20 && mid < 40);
    for (unsigned mid = 1; mid < 100; mid++)
        assert_true(redelivery_is(redelivery, true, press(mid)));
    free(redelivery);
}

static void the_same_words_under_a_mid_that_was_used_before_are_news_if_sent_for_the_first_time(void **state)
{
    (void)state;
    struct redelivery *redelivery = calloc(1, sizeof(*redelivery));
    uint64_t a = press(7);
    assert_true(a != press(8) && a != redelivery_key(7, "to", "n", 1));
    assert_false(redelivery_is(redelivery, false, a));
    assert_false(redelivery_is(redelivery, false, a)); /* its broker began with an older state */
    assert_true(redelivery_is(redelivery, true, a));
    redelivery_forget(redelivery);
    assert_false(redelivery_is(redelivery, true, a)); /* of another session: sent, not read, and not the same one */
    free(redelivery);
}

static void routes_find_every_topic_and_no_other(void **state)
{
    (void)state;
    enum { N = 300 };
    static struct source sources[N];
    struct source *list[N];
    char topic[64];
    for (int i = 0; i < N; i++) {
        (void)snprintf(topic, sizeof(topic), "zigbee2mqtt/房间 %d", i / 2); /* two sensors share each topic */
        sources[i] = source_of(i % 2 == 0 ? KIND_CONTACT : KIND_TEMPERATURE, FORMAT_ZIGBEE2MQTT, topic);
        list[i] = &sources[i];
    }
    struct routes *routes = routes_create(list, N);
    assert_non_null(routes);
    assert_int_equal(routes_count(routes), N); /* N / 2 topics and as many of availability */
    for (int i = 0; i < N; i++) {
        const struct route *route = routes_find(routes, sources[i].config.topic);
        assert_non_null(route);
        assert_int_equal(route->n, 2);
        assert_ptr_equal(route->targets[i % 2].source, &sources[i]);
    }
    assert_null(routes_find(routes, "zigbee2mqtt/房间 1000"));
    assert_null(routes_find(routes, ""));
    routes_destroy(routes);
    routes_destroy(NULL);
    routes = routes_create(list, 0);
    assert_null(routes_find(routes, "x"));
    routes_destroy(routes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attributes_are_told_when_they_change),
        cmocka_unit_test(an_action_then_empty_then_null_is_one_event),
        cmocka_unit_test(a_retained_press_is_never_an_event),
        cmocka_unit_test(a_button_that_only_says_1_presses_every_time),
        cmocka_unit_test(a_button_with_a_level_tells_the_level),
        cmocka_unit_test(a_numbered_event_told_again_is_no_event),
        cmocka_unit_test(notes_come_once_a_second_and_count),
        cmocka_unit_test(a_whole_backlog_that_comes_again_is_known),
        cmocka_unit_test(what_was_sent_and_never_read_is_new_before_between_and_after_what_is_known),
        cmocka_unit_test(the_same_words_under_a_mid_that_was_used_before_are_news_if_sent_for_the_first_time),
        cmocka_unit_test(routes_find_every_topic_and_no_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
