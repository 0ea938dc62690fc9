/* The JSON of alerts, status, answers; the open list and its way back. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "check.h"
#include "open.h"
#include "payload.h"
#include "recover.h"

#define LOG_TO_WALL INT64_C(1800000000000) /* 2027-01-15T08:00:00Z */

static const struct payload_home home = {"yiyuan/nanma/xingfu/0137", "0.1.0", "6512349", ""};

static struct alert example(void)
{
    struct alert alert = {.id = 0xab,
                          .episode = 7,
                          .rev = 3,
                          .count = 2,
                          .class_ = GW_EMERGENCY,
                          .state = ALERT_ACKNOWLEDGED,
                          .flags = ALERT_TEST | ALERT_MOMENTARY | ALERT_ACKED,
                          .detector = "bath-stay",
                          .kind = "stay-long",
                          .key = "bath",
                          .code = "0034 0009",
                          .room = "bathroom",
                          .text_en = "\"Grandma\" \\ 45 min\nin the bath",
                          .text_zh = "奶奶在浴室",
                          .limit = "45 min",
                          .by = "Li",
                          .note = "on the way",
                          .since = 1000,
                          .raised = 2000,
                          .at = 3001,
                          .wall_minus_log = LOG_TO_WALL,
                          .boot = 4,
                          .clock = CLOCK_SYNCED,
                          .n_evidence = 3};
    struct alert_evidence evidence = {
        .sensor = "call", .room = "bathroom", .kind = "button", .at = 1000, .value = GW_EVENT_CORD, .type = GW_EVENT};
    alert.evidence[0] = alert.evidence[1] = evidence;
    alert.evidence[2] = (struct alert_evidence){.sensor = "temp", .at = 1500, .value = 21.5, .flags = GW_INITIAL};
    return alert;
}

static cJSON *said(char *text)
{
    assert_non_null(text);
    assert_true(text_utf8(text, strlen(text)));
    cJSON *object = cJSON_Parse(text);
    assert_non_null(object);
    free(text);
    return object;
}

static const char *text_at(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return text ? text : "(none)";
}

static double number_at(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    assert_true(cJSON_IsNumber(item));
    return item->valuedouble;
}

static const cJSON *at(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    assert_non_null(item);
    return item;
}

static void alert_says_every_field(void **state)
{
    (void)state;
    struct alert alert = example();
    struct payload_delivery how = {.durable = true, .late_ms = 86400000, .again = 5};
    cJSON *o = said(payload_alert(&home, &alert, &how));
    assert_string_equal(text_at(o, "id"), "00000000000000ab");
    assert_string_equal(text_at(o, "incident"), "00000000000000ab");
    assert_int_equal(number_at(o, "rev"), 3);
    assert_int_equal(number_at(o, "count"), 2);
    assert_string_equal(text_at(o, "home"), home.home);
    assert_string_equal(text_at(o, "class"), "emergency");
    assert_string_equal(text_at(o, "kind"), "stay-long");
    assert_string_equal(text_at(o, "state"), "acknowledged");
    assert_true(cJSON_IsTrue(at(o, "test")));
    assert_string_equal(text_at(o, "raised_at"), "2027-01-15T08:00:02.000Z");
    assert_string_equal(text_at(o, "at"), "2027-01-15T08:00:03.001Z");
    assert_string_equal(text_at(o, "clock"), "synced");
    assert_int_equal(number_at(o, "boot"), 4);
    assert_int_equal(number_at(o, "late_ms"), 86400000);
    assert_int_equal(number_at(o, "again"), 5);
    assert_true(cJSON_IsTrue(at(o, "durable")));
    assert_string_equal(text_at(o, "detector"), "bath-stay");
    assert_string_equal(text_at(at(o, "text"), "en"), alert.text_en);
    assert_string_equal(text_at(at(o, "text"), "zh"), alert.text_zh);
    assert_string_equal(text_at(o, "limit"), "45 min");
    assert_string_equal(text_at(at(at(o, "code"), "scaip"), "device"), "0034");
    assert_string_equal(text_at(at(at(o, "code"), "scaip"), "status"), "0009");
    assert_string_equal(text_at(at(at(o, "code"), "scaip"), "location"), "011");
    assert_string_equal(text_at(o, "by"), "Li");
    assert_string_equal(text_at(o, "note"), "on the way");
    assert_string_equal(text_at(at(o, "escalation"), "level"), "home");
    assert_string_equal(text_at(at(o, "contact"), "hotline"), "6512349");
    assert_null(cJSON_GetObjectItem(at(o, "contact"), "family"));
    assert_int_equal(cJSON_GetArraySize(at(o, "evidence")), 3);
    assert_int_equal(cJSON_GetArraySize(at(o, "sensors")), 2);
    const cJSON *first = cJSON_GetArrayItem(at(o, "evidence"), 0);
    assert_string_equal(text_at(first, "event"), "cord");
    assert_string_equal(text_at(first, "at"), "2027-01-15T08:00:01.000Z");
    cJSON_Delete(o);
}

static void alert_with_nothing_in_it_is_still_understandable(void **state)
{
    (void)state;
    struct alert alert = {.id = 1,
                          .rev = 1,
                          .count = 1,
                          .class_ = GW_WARNING,
                          .state = ALERT_RAISED,
                          .kind = "door",
                          .room = "hall",
                          .code = "nonsense",
                          .n_evidence = 1000};
    alert.evidence[0].value = NAN;
    alert.evidence[1] = (struct alert_evidence){.type = GW_EVENT, .value = 1e300};
    struct payload_delivery how = {.late_ms = -5};
    cJSON *o = said(payload_alert(&home, &alert, &how));
    assert_string_equal(text_at(at(o, "text"), "en"), "door (hall)");
    assert_string_equal(text_at(at(o, "text"), "zh"), "door (hall)");
    assert_int_equal(number_at(o, "late_ms"), 0);
    assert_null(cJSON_GetObjectItem(o, "code"));
    assert_null(cJSON_GetObjectItem(o, "contact"));
    assert_string_equal(text_at(o, "clock"), "unsynced");
    assert_int_equal(cJSON_GetArraySize(at(o, "evidence")), GW_MAX_EVIDENCE);
    cJSON_Delete(o);
}

static void times_out_of_range_do_not_break_the_text(void **state)
{
    (void)state;
    struct alert alert = example();
    alert.at = INT64_MAX / 2;
    alert.since = INT64_MIN / 2;
    struct payload_delivery how = {0};
    cJSON *o = said(payload_alert(&home, &alert, &how));
    assert_string_equal(text_at(o, "at"), "9999-12-31T23:59:59.999Z");
    assert_string_equal(text_at(o, "since"), "1970-01-01T00:00:00.000Z");
    cJSON_Delete(o);
}

static void status_will_and_answer(void **state)
{
    (void)state;
    struct frame_status status = {.log_now = 60000,
                                  .wall_minus_log = LOG_TO_WALL,
                                  .boottime_ms = 60000,
                                  .mode = 99,
                                  .outbox = 2,
                                  .outbox_oldest_ms = 61999,
                                  .sensors = 20,
                                  .sensors_lost = 1};
    struct payload_link link = {.tls = true, .cert_expires = LOG_TO_WALL};
    cJSON *o = said(payload_status(&home, &status, &link));
    assert_true(cJSON_IsTrue(at(o, "online")));
    assert_string_equal(text_at(o, "last_boot"), "2027-01-15T08:00:00.000Z");
    assert_string_equal(text_at(o, "mode"), "home");
    assert_int_equal(number_at(o, "oldest_unsent_s"), 61);
    assert_int_equal(number_at(at(o, "sensors"), "lost"), 1);
    assert_true(cJSON_IsFalse(at(at(o, "tls"), "dates_checked")));
    cJSON_Delete(o);

    o = said(payload_offline(&home));
    assert_true(cJSON_IsFalse(at(o, "online")));
    cJSON_Delete(o);

    struct payload_answer answer = {.ok = true, .verb = "ack", .alert = 1, .text = "ok"};
    o = said(payload_reply(&home, &answer));
    assert_string_equal(text_at(o, "id"), "0000000000000001");
    cJSON_Delete(o);
}

struct recovered {
    unsigned n;
    struct alert alerts[8];
};

static void keep(void *context, const struct alert *alert)
{
    struct recovered *recovered = context;
    if (recovered->n < COUNT(recovered->alerts))
        recovered->alerts[recovered->n] = *alert;
    recovered->n++;
}

static void open_list_comes_back_as_it_was(void **state)
{
    (void)state;
    struct open_list *list = open_create(&home);
    struct alert emergency = example();
    struct alert technical = example();
    technical.id = 2;
    technical.class_ = GW_TECHNICAL;
    technical.flags = ALERT_ENDED | ALERT_NOT_DURABLE;
    open_begin(list);
    open_add(list, &technical);
    open_add(list, &emergency);
    char *json = open_end(list);
    static struct recovered recovered;
    assert_int_equal(recover_parse(json, strlen(json), LOG_TO_WALL, keep, &recovered), 2);
    const struct alert *first = &recovered.alerts[0];
    assert_int_equal(first->id, 0xab);
    assert_int_equal(first->flags, emergency.flags | ALERT_RECOVERED);
    assert_int_equal(first->episode, 7);
    assert_int_equal(first->rev, 3);
    assert_int_equal(first->state, ALERT_ACKNOWLEDGED);
    assert_int_equal(first->since, 1000);
    assert_int_equal(first->raised, 2000);
    assert_int_equal(first->at, 3001);
    assert_string_equal(first->text_en, emergency.text_en);
    assert_string_equal(first->code, "0034 0009");
    assert_string_equal(first->key, "bath");
    assert_int_equal(recovered.alerts[1].flags, technical.flags | ALERT_RECOVERED);
    free(json);
    open_destroy(list);
}

static void open_list_is_bounded_and_keeps_the_most_urgent(void **state)
{
    (void)state;
    struct open_list *list = open_create(&home);
    struct alert alert = example();
    open_begin(list);
    for (unsigned i = 0; i < ALERTS_MAX; i++) {
        alert.id = i + 1;
        alert.class_ = i == ALERTS_MAX - 1 ? GW_EMERGENCY : GW_INFO;
        open_add(list, &alert);
    }
    open_add(list, &alert);
    cJSON *o = said(open_end(list));
    int n = cJSON_GetArraySize(at(o, "alerts"));
    assert_in_range(n, 20, ALERTS_MAX - 1);
    assert_int_equal(number_at(o, "more"), ALERTS_MAX + 1 - n);
    assert_string_equal(text_at(cJSON_GetArrayItem(at(o, "alerts"), 0), "class"), "emergency");
    cJSON_Delete(o);
    o = said(open_end(list));
    assert_int_equal(cJSON_GetArraySize(at(o, "alerts")), 0);
    cJSON_Delete(o);
    open_destroy(list);
    open_destroy(NULL);
}

static void damaged_lists_recover_nothing_and_harm_nothing(void **state)
{
    (void)state;
    static const char *const none[] = {"", "{", "[]", "7", "{\"alerts\":{}}", "{\"alerts\":\"\xff\"}"};
    static const char *const empty[] = {
        "{\"alerts\":[]}",
        "{\"alerts\":[1,null,\"x\",{},[]]}",
        "{\"alerts\":[{\"id\":\"00000000000000ab\",\"rev\":1}]}",
        "{\"alerts\":[{\"id\":\"00000000000000ab\",\"episode\":\"0000000000000001\",\"incident\":\"00000000000000ab\","
        "\"rev\":-1,\"count\":1,\"boot\":1}]}",
        "{\"alerts\":[{\"id\":\"00000000000000ab\",\"episode\":\"0000000000000001\",\"incident\":\"00000000000000ab\","
        "\"rev\":1,\"count\":1,\"boot\":1,\"class\":\"panic\",\"state\":\"raised\"}]}",
    };
    static struct recovered recovered;
    recovered.n = 0;
    for (size_t i = 0; i < COUNT(none); i++)
        assert_int_equal(recover_parse(none[i], strlen(none[i]), 0, keep, &recovered), -1);
    for (size_t i = 0; i < COUNT(empty); i++)
        assert_int_equal(recover_parse(empty[i], strlen(empty[i]), 0, keep, &recovered), 0);
    assert_int_equal(recovered.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alert_says_every_field),
        cmocka_unit_test(alert_with_nothing_in_it_is_still_understandable),
        cmocka_unit_test(times_out_of_range_do_not_break_the_text),
        cmocka_unit_test(status_will_and_answer),
        cmocka_unit_test(open_list_comes_back_as_it_was),
        cmocka_unit_test(open_list_is_bounded_and_keeps_the_most_urgent),
        cmocka_unit_test(damaged_lists_recover_nothing_and_harm_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
