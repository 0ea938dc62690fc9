/* Topics, times, back-off, the window of unconfirmed alerts, retained topics. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backoff.h"
#include "check.h"
#include "isotime.h"
#include "retained.h"
#include "topic.h"
#include "window.h"

#define HOME "yiyuan/nanma/xingfu/0137"

static void homes_that_would_break_a_topic_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",        "a/b/c",    "a/b/c/d/e", "a/b//d",   "/a/b/c",    "a/b/c/",
                                      "a/+/c/d", "a/b/c/d#", "a/b/c/d e", "a/b/c/\n", "a/b/c/\xff"};
    for (size_t i = 0; i < COUNT(bad); i++)
        if (topic_home_valid(bad[i]))
            fail_msg("%s", bad[i]);
    assert_true(topic_home_valid(HOME));
    assert_true(topic_home_valid("义乌/南马/幸福/0137"));
}

static void alerts_and_requests_have_their_topics(void **state)
{
    (void)state;
    char topic[TOPIC_SIZE];
    struct alert alert = {.class_ = GW_TECHNICAL, .kind = "sensor-lost"};
    assert_string_equal(topic_alert(topic, HOME, &alert), "care/v1/home/" HOME "/alert/technical/sensor-lost");
    alert.flags = ALERT_REQUEST;
    assert_string_equal(topic_alert(topic, HOME, &alert), "care/v1/home/" HOME "/request/sensor-lost");
    strcpy(alert.kind, "a/+#b c");
    assert_string_equal(topic_alert(topic, HOME, &alert), "care/v1/home/" HOME "/request/a---b-c");
    alert.kind[0] = '\0';
    assert_string_equal(topic_alert(topic, HOME, &alert), "care/v1/home/" HOME "/request/unknown");
    assert_string_equal(topic_home(topic, HOME, "open"), "care/v1/home/" HOME "/open");
}

static void verbs_are_read_only_from_our_own_topics(void **state)
{
    (void)state;
    assert_string_equal(topic_verb("care/v1/home/" HOME "/cmd/ack", HOME), "ack");
    assert_null(topic_verb("care/v1/home/" HOME "/cmd/ack/reply", HOME));
    assert_null(topic_verb("care/v1/home/" HOME "x/cmd/ack", HOME));
    assert_null(topic_verb("care/v1/home/a/b/c/d/cmd/ack", HOME));
    assert_null(topic_verb("", HOME));
}

static void answers_go_nowhere_else(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "care/v1/",
                                      "elsewhere",
                                      "care/v2/x",
                                      "$SYS/x",
                                      "care/v1/+/x",
                                      "care/v1/#",
                                      "care/v1/\xff",
                                      "care/v1/home/a/b/c/d/cmd/ack/reply",
                                      "care/v1/home/" HOME,
                                      "care/v1/home/" HOME "/status",
                                      "care/v1/home/" HOME "/alert/emergency/x",
                                      "care/v1/home/" HOME "/cmd/ack",
                                      "care/v1/home/" HOME "/cmd/ack/replying",
                                      "care/v1/home/" HOME "/cmd/reply"};
    for (size_t i = 0; i < COUNT(bad); i++)
        if (topic_reply_allowed(bad[i], HOME))
            fail_msg("%s", bad[i]);
    char longer[TOPIC_SIZE + 8] = "care/v1/";
    memset(longer + 8, 'x', sizeof longer - 9);
    assert_false(topic_reply_allowed(longer, HOME));
    assert_true(topic_reply_allowed("care/v1/desk/town/answers", HOME));
    assert_true(topic_reply_allowed("care/v1/home/" HOME "/cmd/ack/reply", HOME));
    assert_true(topic_reply_allowed("care/v1/home/" HOME "/cmd/ack/reply/desk7", HOME));
}

static void times_that_are_none_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "2027",
                                      "2027-01-15",
                                      "2027-01-15T08:00:00",
                                      "2027-01-15 08:00:00Z",
                                      "2027-13-15T08:00:00Z",
                                      "2027-00-15T08:00:00Z",
                                      "2027-01-00T08:00:00Z",
                                      "2027-01-15T24:00:00Z",
                                      "2027-01-15T08:60:00Z",
                                      "2027-01-15T08:00:00Zx",
                                      "2027-01-15T08:00:00+8",
                                      "2027-01-15T08:00:00+15:00",
                                      "1969-01-15T08:00:00Z",
                                      "-027-01-15T08:00:00Z"};
    int64_t ms;
    for (size_t i = 0; i < COUNT(bad); i++)
        if (isotime_to_ms(bad[i], &ms))
            fail_msg("%s", bad[i]);
    static const char *const same[] = {"2027-01-15T08:00:00.120Z", "2027-01-15T16:00:00.12+08:00",
                                       "2027-01-15T04:30:00.1200009-03:30"};
    for (size_t i = 0; i < COUNT(same); i++) {
        assert_true(isotime_to_ms(same[i], &ms));
        assert_true(ms == INT64_C(1800000000120));
    }
    char text[ISOTIME_SIZE];
    assert_string_equal(isotime_from_ms(ms, text), same[0]);
}

static void pauses_grow_to_a_minute_and_differ(void **state)
{
    (void)state;
    int64_t longest = 0;
    for (unsigned failures = 1; failures < 20; failures++) {
        int64_t low = backoff_ms(failures, 0);
        for (uint32_t random = 0; random < 100000; random += 997) {
            int64_t pause = backoff_ms(failures, random);
            assert_in_range(pause, BACKOFF_MIN_MS, BACKOFF_MAX_MS);
            assert_true(pause >= low && pause <= 2 * low);
            longest = pause > longest ? pause : longest;
        }
    }
    assert_in_range(longest, 50000, BACKOFF_MAX_MS);
    assert_in_range(backoff_ms(1, UINT32_MAX), BACKOFF_MIN_MS, 2 * BACKOFF_MIN_MS);
    assert_in_range(backoff_ms(UINT32_MAX, UINT32_MAX), BACKOFF_MAX_MS / 2, BACKOFF_MAX_MS);
}

static void an_emergency_has_five_seconds_from_the_one_before(void **state)
{
    (void)state;
    static struct window window;
    struct window_entry entry;
    assert_true(window_deadline(&window) == INT64_MAX);
    window_add(&window, 1, 11, false, 1000);
    assert_true(window_deadline(&window) == 61000); /* else four that are never confirmed would stop all the others */
    window_add(&window, 2, 12, true, 2000);
    window_add(&window, 3, 13, true, 2000);
    assert_true(window_deadline(&window) == 7000);
    assert_true(window_take(&window, 1, 6000, &entry));
    assert_true(window_deadline(&window) == 7000);
    assert_true(window_take(&window, 2, 6000, &entry));
    assert_int_equal(entry.token, 12);
    assert_true(window_deadline(&window) == 11000);
    assert_false(window_take(&window, 2, 6000, &entry));
    assert_false(window_take(&window, 0, 6000, &entry));
    assert_true(window_take_oldest(&window, &entry));
    assert_int_equal(entry.token, 13);
    assert_false(window_take_oldest(&window, &entry));
}

static void refused_ones_wait_and_a_full_window_says_so(void **state)
{
    (void)state;
    static struct window window;
    struct window_entry entry;
    assert_true(window_refused(&window, 5, 0x87, 1000));
    assert_false(window_has_emergency(&window));
    assert_true(window_due(&window) == 6000);
    assert_false(window_take_due(&window, 5999, &entry));
    assert_true(window_take_due(&window, 6000, &entry));
    assert_int_equal(entry.reason, 0x87);
    for (int i = 0; i < WINDOW_MAX; i++)
        assert_true(window_add(&window, i + 1, (uint64_t)i, true, 0));
    assert_false(window_add(&window, 1, 1, true, 0));
    assert_false(window_refused(&window, 1, 0x87, 0));
}

static void a_retained_topic_is_sent_once_per_text(void **state)
{
    (void)state;
    struct retained retained = {0};
    assert_false(retained_due(&retained));
    retained_set(&retained, NULL);
    assert_false(retained_due(&retained));
    retained_set(&retained, strdup("a"));
    assert_true(retained_due(&retained));
    retained_sent(&retained, 4);
    assert_false(retained_due(&retained));
    assert_false(retained_acked(&retained, 0));
    assert_false(retained_acked(&retained, 5));
    retained_set(&retained, strdup("b")); /* news while the old text is on its way */
    assert_true(retained_acked(&retained, 4));
    assert_true(retained_due(&retained));
    retained_sent(&retained, 5);
    retained_lost(&retained, false);
    assert_true(retained_due(&retained));
    retained_sent(&retained, 6);
    assert_true(retained_acked(&retained, 6));
    retained_set(&retained, strdup("b"));
    assert_false(retained_due(&retained));
    retained_lost(&retained, true);
    assert_true(retained_due(&retained));
    retained_clear(&retained);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(homes_that_would_break_a_topic_are_refused),
        cmocka_unit_test(alerts_and_requests_have_their_topics),
        cmocka_unit_test(verbs_are_read_only_from_our_own_topics),
        cmocka_unit_test(answers_go_nowhere_else),
        cmocka_unit_test(times_that_are_none_are_refused),
        cmocka_unit_test(pauses_grow_to_a_minute_and_differ),
        cmocka_unit_test(an_emergency_has_five_seconds_from_the_one_before),
        cmocka_unit_test(refused_ones_wait_and_a_full_window_says_so),
        cmocka_unit_test(a_retained_topic_is_sent_once_per_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
