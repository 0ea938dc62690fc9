/* The call plugin: nothing may mute a call. */
#include "story.h"

#define SENSORS "cord cord bathroom; button button bedroom; fall fall bedroom; off button hall"
#define BUTTONS "buttons=cord; buttons=button; buttons=fall; cancel=off; "

#define STORY(settings_, in_, out_) story_tells(&gw_plugin_v1, &(struct story){SENSORS, BUTTONS settings_, in_, out_})

static void a_press_is_an_emergency_at_once_and_says_where_and_when(void **state)
{
    (void)state;
    struct told *told = STORY("", "03:12:05 button press\n", "03:12:05 raise call\n");
    assert_string_equal(told->last.text_en, "Call for help: the button was pressed at 03:12 (bedroom).");
    assert_string_equal(told->last.text_zh, "紧急呼叫：老人按下了呼叫按钮，时间 03:12（卧室）。");
    assert_string_equal(told->last.key, "button");
    assert_int_equal(told->last.n_evidence, 1);
    assert_int_equal(told->last.evidence[0].sensor, 10);
    assert_true(told->last.episode == told->last.evidence[0].origin);
}

static void cord_fall_double_long_and_alarm_are_emergencies(void **state)
{
    (void)state;
    STORY("",
          "01:00 cord cord\n02:00 fall fall\n03:00 button double\n04:00 button long\n05:00 cord alarm\n06:00 cord 1\n"
          "06:00:30 cord 0\n07:00 fall 1\n",
          "01:00:00 raise cord\n02:00:00 raise fall\n03:00:00 raise call\n04:00:00 raise call\n05:00:00 raise cord\n"
          "06:00:00 raise cord\n07:00:00 raise fall\n");
}

static void a_wired_button_calls_when_pushed_and_not_when_released(void **state)
{
    (void)state;
    STORY("",
          "01:00 button 0 initial\n02:00 button 1\n02:00:01 button 0\n02:00:03 button release\n03:00 button 1 reread\n",
          "02:00:00 raise call\n03:00:00 raise call\n");
}

static void a_retained_press_is_no_press(void **state)
{
    (void)state;
    STORY("", "01:00 button press retained\n02:00 cord cord retained\n03:00 -\n", "");
}

static void a_line_found_active_and_still_active_two_seconds_later_is_an_emergency(void **state)
{
    (void)state;
    STORY("", "01:00 cord 1 initial\n01:00:10 -\n", "01:00:02 raise call-line-active\n");
    STORY("", "01:00 cord 1 retained\n01:00:10 -\n", "01:00:02 raise call-line-active\n");
    STORY("", "01:00 cord 1 initial\n01:00:01 cord 0\n02:00 -\n", "");
    STORY("", "01:00 cord 1 initial\n01:00:01 cord lost\n02:00 -\n", "");
}

static void an_active_line_that_is_told_again_is_no_news_unless_it_was_lost(void **state)
{
    (void)state;
    STORY("", "01:00 cord 1 initial\n02:00 cord 1 initial\n03:00 cord lost\n04:00 cord 1 initial\n05:00 -\n",
          "01:00:02 raise call-line-active\n04:00:02 raise call-line-active\n");
}

static void a_short_press_may_ask_for_a_service_while_a_long_one_still_calls(void **state)
{
    (void)state;
    STORY(
        "short_press=service; service=meal",
        "01:00 button press\n02:00 button 1\n02:00:01 button 0\n03:00 button 1\n03:00:05 button 0\n04:00 button long\n"
        "05:00 cord press\n",
        "01:00:00 raise meal\n02:00:01 raise meal\n03:00:02 raise call\n04:00:00 raise call\n05:00:00 raise cord\n");
}

static void a_short_press_may_be_ignored_but_no_other(void **state)
{
    (void)state;
    STORY("short_press=ignore", "01:00 button press\n02:00 button double\n03:00 fall fall\n",
          "02:00:00 raise call\n03:00:00 raise fall\n");
}

static void a_button_that_is_held_and_then_not_heard_any_more_calls(void **state)
{
    (void)state;
    STORY("short_press=service", "01:00 button 1\n01:00:01 button lost\n01:01 -\n", "01:00:02 raise call\n");
}

static void within_the_pre_alarm_only_the_cancel_button_cancels(void **state)
{
    (void)state;
    STORY("pre_alarm=30 s", "01:00 button press\n01:00:20 off press\n01:05 -\n", "");
    STORY("pre_alarm=30 s", "01:00 button press\n01:00:20 off release\n01:05 -\n", "01:00:30 raise call\n");
    STORY("pre_alarm=30 s", "01:00 button press\n01:00:31 off press\n01:05 -\n", "01:00:30 raise call\n");
    STORY("pre_alarm=30 s", "01:00 button press\n01:00:20 off 1 initial\n01:05 -\n", "01:00:30 raise call\n");
    STORY("pre_alarm=30 s", "01:00 fall fall\n01:00:20 fall cancel\n01:05 -\n", "");
}

static void insisting_and_deliberate_acts_do_not_wait(void **state)
{
    (void)state;
    STORY("pre_alarm=30 s", "01:00 button press\n01:00:05 button press\n02:00 cord cord\n03:00 button long\n04:00 -\n",
          "01:00:05 raise call\n02:00:00 raise cord\n03:00:00 raise call\n");
}

static void a_power_cut_within_the_pre_alarm_does_not_lose_the_call(void **state)
{
    (void)state;
    STORY("pre_alarm=30 s", "01:00 button press\n05:00 home gap 14395\n", "05:00:00 raise call\n");
}

static void no_mode_mutes_a_call(void **state)
{
    (void)state;
    STORY("",
          "01:00 home mode 1\n01:01 button press\n02:00 home mode 2\n02:01 cord cord\n03:00 home mode 3\n03:01 fall "
          "fall\n",
          "01:01:00 raise call\n02:01:00 raise cord\n03:01:00 raise fall\n");
}

static void a_test_is_marked_and_never_hides_a_true_call(void **state)
{
    (void)state;
    STORY("", "01:00 button 1 test\n01:00:05 button 1\n02:00 cord cord test\n02:00:01 cord cord\n",
          "01:00:00 raise call test\n01:00:05 raise call\n02:00:00 raise cord test\n02:00:01 raise cord\n");
    STORY("pre_alarm=30 s", "01:00 button press\n01:00:05 button press test\n01:00:10 off press test\n01:05 -\n",
          "01:00:30 raise call\n");
    STORY("pre_alarm=30 s", "01:00 button press test\n01:00:05 button press\n01:05 -\n", "01:00:35 raise call\n");
}

static void the_cancel_button_cannot_be_a_call_button(void **state)
{
    (void)state;
    story_refused(&gw_plugin_v1, &(struct story){SENSORS, "buttons=button; cancel=button", "", ""}, "cancel button");
    story_refused(&gw_plugin_v1, &(struct story){SENSORS, "cancel=off", "", ""}, "needs a sensor as \"buttons\"");
    story_refused(&gw_plugin_v1, &(struct story){SENSORS, BUTTONS "pre_alarm=10 min", "", ""},
                  "home.conf:5: pre_alarm");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_press_is_an_emergency_at_once_and_says_where_and_when),
        cmocka_unit_test(cord_fall_double_long_and_alarm_are_emergencies),
        cmocka_unit_test(a_wired_button_calls_when_pushed_and_not_when_released),
        cmocka_unit_test(a_retained_press_is_no_press),
        cmocka_unit_test(a_line_found_active_and_still_active_two_seconds_later_is_an_emergency),
        cmocka_unit_test(an_active_line_that_is_told_again_is_no_news_unless_it_was_lost),
        cmocka_unit_test(a_short_press_may_ask_for_a_service_while_a_long_one_still_calls),
        cmocka_unit_test(a_short_press_may_be_ignored_but_no_other),
        cmocka_unit_test(a_button_that_is_held_and_then_not_heard_any_more_calls),
        cmocka_unit_test(within_the_pre_alarm_only_the_cancel_button_cancels),
        cmocka_unit_test(insisting_and_deliberate_acts_do_not_wait),
        cmocka_unit_test(a_power_cut_within_the_pre_alarm_does_not_lose_the_call),
        cmocka_unit_test(no_mode_mutes_a_call),
        cmocka_unit_test(a_test_is_marked_and_never_hides_a_true_call),
        cmocka_unit_test(the_cancel_button_cannot_be_a_call_button),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
