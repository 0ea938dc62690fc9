/* The threshold plugin: any number or state, beyond a limit, for a time. */
#include "story.h"

#define SENSORS "fridge temperature kitchen; stove power kitchen; float state yard; bed bed bedroom"

#define STORY(settings_, in_, out_) story_tells(&gw_plugin_v1, &(struct story){SENSORS, settings_, in_, out_})
#define REFUSED(settings_, words_)  story_refused(&gw_plugin_v1, &(struct story){SENSORS, settings_, "", ""}, words_)

static void a_warm_fridge_is_told_when_it_has_lasted_and_until_it_is_cold_again(void **state)
{
    (void)state;
    struct told *told = STORY(
        "sensors=fridge; limit=8; lasting=30 min; hysteresis=1; text=The fridge is too warm; text_zh=冰箱温度过高",
        "10:00 fridge 8.5\n10:20 fridge 9\n11:00 fridge 7.5\n11:10 fridge 7\n11:30 fridge 8.5\n11:50 fridge 6\n"
        "13:00 -\n",
        "10:30:00 raise threshold-warning\n11:10:00 clear threshold-warning\n");
    assert_string_equal(told->last.text_en,
                        "The fridge is too warm - \"fridge\" (kitchen): 9 since 10:00 (above 8 for 30 min).");
    assert_string_equal(told->last.text_zh, "冰箱温度过高——厨房“fridge”：10:00 起为 9（高于8已 30 分钟）。");
    assert_string_equal(told->last.limit, "above 8 for 30 min");
    assert_int_equal(told->last.n_evidence, 2);
    assert_string_equal(told->last.key, "fridge");
}

static void the_limit_itself_is_not_beyond_it(void **state)
{
    (void)state;
    STORY("sensors=fridge; limit=8; lasting=0 s", "10:00 fridge 8\n11:00 -\n", "");
    STORY("sensors=fridge; limit=8; lasting=0 s; when=below", "10:00 fridge 8\n11:00 -\n", "");
}

static void below_equal_and_differs(void **state)
{
    (void)state;
    STORY("sensors=fridge; limit=-10; lasting=0 s; when=below; hysteresis=2",
          "10:00 fridge -11\n11:00 fridge -9\n12:00 fridge -8\n13:00 -\n",
          "10:00:00 raise threshold-warning\n12:00:00 clear threshold-warning\n");
    STORY("sensors=float; limit=1; lasting=10 s; when=equal", "10:00 float 1\n10:01 float 0\n11:00 -\n",
          "10:00:10 raise threshold-warning\n10:01:00 clear threshold-warning\n");
    STORY("sensors=float; limit=1; when=differs", "10:00 float 1 initial\n10:05 float 0\n11:00 float 1\n12:00 -\n",
          "10:06:00 raise threshold-warning\n11:00:00 clear threshold-warning\n");
}

static void by_default_a_state_that_is_on_for_a_minute_is_a_warning(void **state)
{
    (void)state;
    STORY("sensors=float", "10:00 float 1\n10:00:30 float 0\n10:01 float 1\n11:00 -\n",
          "10:02:00 raise threshold-warning\n");
    STORY("sensors=float", "10:00 float 1 initial\n11:00 -\n", "10:01:00 raise threshold-warning\n");
    STORY("sensors=float", "10:00 float 1 retained\n11:00 -\n", "10:01:00 raise threshold-warning\n");
}

static void the_class_chooses_the_kind(void **state)
{
    (void)state;
    STORY("sensors=float; class=emergency; lasting=0 s", "10:00 float 1\n", "10:00:00 raise threshold-emergency\n");
    STORY("sensors=float; class=info; lasting=0 s", "10:00 float 1\n", "10:00:00 raise threshold-info\n");
    STORY("sensors=float; class=technical; lasting=0 s", "10:00 float 1\n", "10:00:00 raise threshold-technical\n");
}

static void each_sensor_is_looked_at_by_itself(void **state)
{
    (void)state;
    STORY("sensors=stove; sensors=fridge; limit=50; lasting=1 h",
          "10:00 stove 800\n10:30 fridge 60\n11:10 stove 0\n11:40 fridge 4\n12:00 -\n",
          "11:00:00 raise threshold-warning\n11:10:00 clear threshold-warning\n11:30:00 raise threshold-warning\n"
          "11:40:00 clear threshold-warning\n");
}

static void the_battery_may_be_what_is_compared(void **state)
{
    (void)state;
    STORY("sensors=bed; of=battery; when=below; limit=20; lasting=0 s; class=technical",
          "10:00 bed 0\n10:01 bed battery 30\n11:00 bed battery 15\n12:00 bed battery 90\n",
          "11:00:00 raise threshold-technical\n12:00:00 clear threshold-technical\n");
    STORY("sensors=bed; of=link; when=below; limit=20; lasting=0 s", "10:00 bed 0\n10:01 bed link 10\n",
          "10:01:00 raise threshold-warning\n");
}

static void a_window_counts_from_its_beginning_and_ends_what_lasts(void **state)
{
    (void)state;
    struct told *told = STORY("sensors=stove; limit=50; lasting=30 min; from=22:00; to=06:00",
                              "20:00 stove 800\n23:00 stove 900\n07:00 -\n21:00 -\n23:30 stove 0\n",
                              "22:30:00 raise threshold-warning\n06:00:00 clear threshold-warning\n"
                              "22:30:00 raise threshold-warning\n23:30:00 clear threshold-warning\n");
    assert_non_null(strstr(told->last.text_en, "since 22:00"));
    STORY("sensors=stove; limit=50; lasting=30 min; from=09:00; to=12:00",
          "11:45 stove 800\n13:00 stove 0\n14:00 stove 800\n15:00 -\n", "");
    STORY("sensors=stove; limit=50; lasting=30 min; from=09:00; to=12:00", "10:00 stove 800 initial\n12:30 -\n",
          "10:30:00 raise threshold-warning\n12:00:00 clear threshold-warning\n");
}

static void two_evenings_are_two_alerts(void **state)
{
    (void)state;
    static const char settings[] = "sensors=stove; limit=50; lasting=30 min; from=22:00; to=06:00";
    const uint64_t first =
        STORY(settings, "20:00 stove 800\n23:00 -\n", "22:30:00 raise threshold-warning\n")->last.episode;
    struct told *told = STORY(settings, "20:00 stove 800\n07:00 -\n23:00 -\n",
                              "22:30:00 raise threshold-warning\n06:00:00 clear threshold-warning\n"
                              "22:30:00 raise threshold-warning\n");
    assert_true(told->last.episode != first);
}

static void a_lost_sensor_begins_nothing_and_ends_nothing(void **state)
{
    (void)state;
    STORY("sensors=fridge; limit=8; lasting=30 min", "10:00 fridge 9\n10:10 fridge lost\n12:00 -\n", "");
    STORY("sensors=fridge; limit=8; lasting=30 min", "10:00 fridge 9\n10:40 fridge lost\n12:00 -\n",
          "10:30:00 raise threshold-warning\n");
    STORY("sensors=fridge; limit=8; lasting=30 min", "10:00 fridge 9\n10:10 fridge lost\n12:00 fridge 9\n13:00 -\n",
          "12:00:00 raise threshold-warning\n");
}

static void a_test_is_marked_ends_by_itself_and_changes_nothing(void **state)
{
    (void)state;
    STORY("sensors=fridge; limit=8; lasting=30 min", "10:00 fridge 9 test\n12:00 -\n",
          "10:00:00 raise threshold-warning test\n10:01:00 clear threshold-warning\n");
    STORY("sensors=fridge; limit=8; lasting=30 min",
          "10:00 fridge 9\n10:10 fridge 5 test\n10:40 fridge 9 test\n12:00 -\n",
          "10:30:00 raise threshold-warning\n10:40:00 raise threshold-warning test\n");
}

static void events_are_no_values(void **state)
{
    (void)state;
    STORY("sensors=float; lasting=0 s", "10:00 float press\n10:01 float alarm\n11:00 -\n", "");
}

static void wrong_settings_are_refused_with_the_reason(void **state)
{
    (void)state;
    REFUSED("", "sensors");
    REFUSED("sensors=fridge; when=over", "when");
    REFUSED("sensors=fridge; limit=warm", "limit");
    REFUSED("sensors=fridge; hysteresis=-1", "hysteresis");
    REFUSED("sensors=fridge; from=22:00", "set both");
    REFUSED("sensors=fridge; from=22:00; to=22:00", "set both");
    REFUSED("sensors=fridge; class=urgent", "class");
    REFUSED("sensors=fridge; text=This text is longer than what an alert can hold beside its figures, and so it is not "
            "taken at all but told to the technician",
            "shorter");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_warm_fridge_is_told_when_it_has_lasted_and_until_it_is_cold_again),
        cmocka_unit_test(the_limit_itself_is_not_beyond_it),
        cmocka_unit_test(below_equal_and_differs),
        cmocka_unit_test(by_default_a_state_that_is_on_for_a_minute_is_a_warning),
        cmocka_unit_test(the_class_chooses_the_kind),
        cmocka_unit_test(each_sensor_is_looked_at_by_itself),
        cmocka_unit_test(the_battery_may_be_what_is_compared),
        cmocka_unit_test(a_window_counts_from_its_beginning_and_ends_what_lasts),
        cmocka_unit_test(two_evenings_are_two_alerts),
        cmocka_unit_test(a_lost_sensor_begins_nothing_and_ends_nothing),
        cmocka_unit_test(a_test_is_marked_ends_by_itself_and_changes_nothing),
        cmocka_unit_test(events_are_no_values),
        cmocka_unit_test(wrong_settings_are_refused_with_the_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
