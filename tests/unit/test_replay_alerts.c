/* What conditions become: by the core's rules, in the order of their beginning, each told once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/kinds.h"
#include "base/text.h"
#include "check.h"
#include "replay/alerts.h"

#define MINUTE INT64_C(60000)
#define T0     INT64_C(86400000)

enum { LEVEL, PRESS, CALM }; /* kinds */

static struct frame_plugin_alert kinds[] = {
    [LEVEL] = {.name = "too-long", .class_ = GW_EMERGENCY, .title_en = "Too long", .title_zh = "太久"},
    [PRESS] = {.name = "call", .class_ = GW_EMERGENCY, .flags = GW_ALERT_MOMENTARY},
    [CALM] = {.name = "calm", .class_ = GW_WARNING},
};
static struct sensor_settings sensors[] = {{.name = "door", .room = "bath", .kind = KIND_CONTACT}};
static struct detector_settings own = {.name = "bath"};
static const struct settings settings = {
    .home = "home", .sensors = sensors, .n_sensors = 1, .detectors = &own, .n_detectors = 1};
static const struct detector detector = {.settings = &settings, .own = &own, .n_alerts = 3, .alerts = kinds};

static struct alerts alerts;
static struct told got[64];
static unsigned n_got;

static void tell(void *context, const struct told *told)
{
    (void)context;
    assert_true(n_got < 64);
    got[n_got++] = *told;
}

static int begin(void **state)
{
    (void)state;
    n_got = 0;
    return alerts_begin(&alerts, &settings, tell, NULL) ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    alerts_end(&alerts);
    return 0;
}

static void say(unsigned kind, bool raised, int64_t at, uint64_t episode, const char *text)
{
    struct frame_condition c = {.raised = raised, .kind = kind, .episode = episode, .at = at, .since = at - MINUTE};
    text_copy(c.text_en, sizeof c.text_en, text);
    c.n_evidence = 1;
    c.evidence[0] = (struct reading){.sensor = 0, .at = at - MINUTE, .value = 1};
    alerts_until(&alerts, at - 1);
    assert_true(alerts_take(&alerts, &detector, &c));
}

static void a_level_is_told_with_its_end_when_it_can_no_longer_come_again(void **state)
{
    (void)state;
    say(LEVEL, true, T0, 7, "it began");
    say(LEVEL, false, T0 + 5 * MINUTE, 0, "");
    alerts_until(&alerts, T0 + 14 * MINUTE);
    assert_int_equal(n_got, 0);
    alerts_until(&alerts, T0 + 16 * MINUTE);
    assert_int_equal(n_got, 1);
    assert_int_equal(got[0].alert.raised, T0);
    assert_int_equal(got[0].cleared, T0 + 5 * MINUTE);
    assert_int_equal(got[0].alert.id, alert_id("home", "bath", "too-long", "", 7));
    assert_string_equal(got[0].alert.evidence[0].sensor, "door");
    assert_string_equal(got[0].title_zh, "太久");
    alerts_end(&alerts);
    assert_int_equal(n_got, 1);
}

static void true_again_within_ten_minutes_it_is_the_same_alert(void **state)
{
    (void)state;
    say(LEVEL, true, T0, 7, "a");
    say(LEVEL, false, T0 + MINUTE, 0, "");
    say(LEVEL, true, T0 + 11 * MINUTE, 8, "b");
    say(LEVEL, false, T0 + 12 * MINUTE, 0, "");
    alerts_end(&alerts);
    assert_int_equal(n_got, 1);
    assert_int_equal(got[0].spells, 2);
    assert_int_equal(got[0].alert.episode, 7);
    assert_int_equal(got[0].cleared, T0 + 12 * MINUTE);
}

static void later_it_is_another_one(void **state)
{
    (void)state;
    say(LEVEL, true, T0, 7, "a");
    say(LEVEL, false, T0 + MINUTE, 0, "");
    say(LEVEL, true, T0 + 11 * MINUTE + 1, 8, "b");
    alerts_end(&alerts);
    assert_int_equal(n_got, 2);
    assert_int_equal(got[1].alert.episode, 8);
    assert_int_equal(got[1].cleared, 0);
}

static void the_same_episode_is_not_alerted_twice(void **state)
{
    (void)state;
    say(CALM, true, T0, 20260103, "a"); /* a rule that can fire once a day */
    say(CALM, false, T0 + MINUTE, 0, "");
    say(CALM, true, T0 + 60 * MINUTE, 20260103, "a");
    alerts_end(&alerts);
    assert_int_equal(n_got, 1);
}

static void presses_count_up_until_a_person_is_assumed_to_have_taken_it(void **state)
{
    (void)state;
    say(PRESS, true, T0, 1, "p");
    say(PRESS, true, T0, 1, "p"); /* the same press again is none */
    say(PRESS, true, T0 + MINUTE, 2, "p");
    say(PRESS, true, T0 + 9 * MINUTE, 3, "p");
    say(PRESS, true, T0 + 11 * MINUTE, 4, "p");
    assert_int_equal(n_got, 1); /* nothing can be added to the first any more */
    alerts_end(&alerts);
    assert_int_equal(n_got, 2);
    assert_int_equal(got[0].alert.count, 3);
    assert_int_equal(got[1].alert.count, 1);
}

static void a_test_is_not_counted_onto_a_press(void **state)
{
    (void)state;
    struct frame_condition test = {.raised = 1, .kind = PRESS, .episode = 9, .at = T0 + MINUTE, .flags = GW_TEST};
    say(PRESS, true, T0, 1, "p");
    assert_true(alerts_take(&alerts, &detector, &test));
    alerts_end(&alerts);
    assert_int_equal(n_got, 2);
    assert_int_equal(got[0].alert.count, 1);
    assert_true(got[1].alert.flags & ALERT_TEST);
}

static void they_are_told_in_the_order_of_their_beginning(void **state)
{
    (void)state;
    say(LEVEL, true, T0, 1, "long");
    say(PRESS, true, T0 + MINUTE, 2, "p");
    alerts_until(&alerts, T0 + 60 * MINUTE);
    assert_int_equal(n_got, 0); /* the press is final, but the one before it is not */
    say(LEVEL, false, T0 + 61 * MINUTE, 0, "");
    alerts_end(&alerts);
    assert_int_equal(n_got, 2);
    assert_string_equal(got[0].alert.kind, "too-long");
}

static void news_of_a_true_level_is_taken_and_clears_of_nothing_are_ignored(void **state)
{
    (void)state;
    say(LEVEL, false, T0 - MINUTE, 0, "");
    say(LEVEL, true, T0, 1, "a");
    say(LEVEL, true, T0 + 2 * MINUTE, 1, "b");
    alerts_end(&alerts);
    assert_int_equal(n_got, 1);
    assert_string_equal(got[0].alert.text_en, "b");
    assert_int_equal(got[0].spells, 1);
}

static void more_open_alerts_than_are_kept_are_told_early_and_counted(void **state)
{
    (void)state;
    struct frame_condition c = {.raised = 1, .kind = LEVEL, .at = T0};
    struct alerts many;
    assert_true(alerts_begin(&many, &settings, tell, NULL));
    for (unsigned i = 0; i < ALERTS_KEPT + 10; i++) {
        snprintf(c.key, sizeof c.key, "key-%u", i);
        c.episode = i + 1;
        assert_true(alerts_take(&many, &detector, &c));
    }
    assert_int_equal(n_got, 10);
    assert_int_equal(many.early, 10);
    n_got = 0;
    many.tell = NULL;
    while (many.n > 0) /* not told: only freed */
        free(many.list[--many.n]);
    free(many.list);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_level_is_told_with_its_end_when_it_can_no_longer_come_again),
        TEST(true_again_within_ten_minutes_it_is_the_same_alert),
        TEST(later_it_is_another_one),
        TEST(the_same_episode_is_not_alerted_twice),
        TEST(presses_count_up_until_a_person_is_assumed_to_have_taken_it),
        TEST(a_test_is_not_counted_onto_a_press),
        TEST(they_are_told_in_the_order_of_their_beginning),
        TEST(news_of_a_true_level_is_taken_and_clears_of_nothing_are_ignored),
        TEST(more_open_alerts_than_are_kept_are_told_early_and_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
