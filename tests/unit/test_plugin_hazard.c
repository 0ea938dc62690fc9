/* The hazard plugin: told at once, and over only when it has been quiet. */
#include "story.h"

#define SENSORS                                                                                                        \
    "smoke smoke kitchen; gas gas kitchen; co co bedroom; heat heat kitchen; leak leak bathroom; warm temperature "    \
    "bedroom; bed bed bedroom"
#define ALL "smoke=smoke; gas=gas; co=co; heat=heat; water=leak; room=warm; "

#define STORY(settings_, in_, out_) story_tells(&gw_plugin_v1, &(struct story){SENSORS, ALL settings_, in_, out_})
#define REFUSED(settings_, words_)  story_refused(&gw_plugin_v1, &(struct story){SENSORS, ALL settings_, "", ""}, words_)

static void every_hazard_is_told_at_once_with_its_class_and_place(void **state)
{
    (void)state;
    struct told *told = STORY("", "01:00:05 smoke 1\n02:00 gas 1\n03:00 co 1\n04:00 heat 1\n05:00 leak 1\n05:00:30 -\n",
                              "01:00:05 raise smoke\n02:00:00 raise gas\n03:00:00 raise co\n04:00:00 raise heat\n"
                              "05:00:00 raise water\n");
    assert_string_equal(told->last.text_en, "Water on the floor, at 05:00 (bathroom).");
    assert_string_equal(told->last.text_zh, "浴室漏水报警，地面有水，时间 05:00。");
    assert_string_equal(told->last.key, "leak");
    assert_int_equal(told->last.n_evidence, 1);
    for (uint32_t i = 0; i < gw_plugin_v1.n_alerts; i++) {
        const struct gw_alert_kind *kind = &gw_plugin_v1.alerts[i];
        const int mild =
            strcmp(kind->name, "water") == 0 || strcmp(kind->name, "cold") == 0 || strcmp(kind->name, "hot") == 0;
        assert_int_equal(kind->class_, mild ? GW_WARNING : GW_EMERGENCY);
        assert_int_equal(strlen(kind->code), 9);
    }
}

static void a_device_that_only_sends_an_event_alarms_too_and_ends_when_it_is_quiet(void **state)
{
    (void)state;
    STORY("", "01:00 smoke alarm\n02:00 -\n", "01:00:00 raise smoke\n01:10:00 clear smoke\n");
    STORY("", "01:00 smoke alarm\n01:05 smoke alarm\n02:00 -\n",
          "01:00:00 raise smoke\n01:05:00 raise smoke\n01:15:00 clear smoke\n");
    STORY("", "01:00 smoke press\n02:00 smoke cancel\n03:00 -\n", "");
}

static void an_alarm_is_over_only_after_ten_quiet_minutes(void **state)
{
    (void)state;
    STORY("", "01:00 smoke 1\n01:02 smoke 0\n01:10 -\n", "01:00:00 raise smoke\n");
    STORY("", "01:00 smoke 1\n01:02 smoke 0\n02:00 -\n", "01:00:00 raise smoke\n01:12:00 clear smoke\n");
    /* smoke comes and goes: one alarm, from its first beginning */
    struct told *told = STORY("", "01:00 smoke 1\n01:02 smoke 0\n01:09 smoke 1\n01:10 smoke 0\n02:00 -\n",
                              "01:00:00 raise smoke\n01:09:00 raise smoke\n01:20:00 clear smoke\n");
    assert_string_equal(told->last.text_en, "Smoke alarm, at 01:00 (kitchen).");
    STORY("quiet_for=1 min", "01:00 smoke 1\n01:02 smoke 0\n02:00 -\n", "01:00:00 raise smoke\n01:03:00 clear smoke\n");
    STORY("quiet_for=never", "01:00 smoke 1\n01:02 smoke 0\n20:00 -\n", "01:00:00 raise smoke\n");
}

static void a_burnt_detector_is_not_quiet(void **state)
{
    (void)state;
    STORY("", "01:00 smoke 1\n01:02 smoke lost\n09:00 -\n", "01:00:00 raise smoke\n");
    STORY("", "01:00 smoke 1\n01:02 smoke 0\n01:03 smoke lost\n09:00 -\n", "01:00:00 raise smoke\n");
    STORY("", "01:00 smoke 1\n01:02 smoke 0\n01:03 smoke lost\n09:00 smoke back\n10:00 -\n",
          "01:00:00 raise smoke\n09:10:00 clear smoke\n");
    STORY("", "01:00 smoke 1\n01:02 smoke 0\n01:03 smoke lost\n09:00 smoke 0 initial\n10:00 -\n",
          "01:00:00 raise smoke\n09:10:00 clear smoke\n");
}

static void a_power_cut_is_not_quiet_either(void **state)
{
    (void)state;
    STORY("", "01:00 smoke 1\n01:02 smoke 0\n01:09 home gap 300\n02:00 -\n",
          "01:00:00 raise smoke\n01:19:00 clear smoke\n");
}

static void what_is_already_true_at_boot_alarms(void **state)
{
    (void)state;
    struct told *told = STORY("", "01:00 smoke 1 initial\n01:30 -\n", "01:00:00 raise smoke\n");
    assert_string_equal(told->last.text_en, "Smoke alarm, found active at 01:00 (kitchen).");
    assert_string_equal(told->last.text_zh, "厨房烟雾报警，可能着火，发现时间 01:00。");
    STORY("", "01:00 leak 1 retained\n01:30 -\n", "01:00:00 raise water\n");
    STORY("", "01:00 smoke 0 initial\n01:30 -\n", "");
    STORY("", "01:00 smoke 1\n01:30 smoke 1 initial\n02:00 smoke 1 reread\n03:00 -\n", "01:00:00 raise smoke\n");
}

static void a_retained_event_is_an_old_one(void **state)
{
    (void)state;
    STORY("", "01:00 smoke alarm retained\n02:00 -\n", "");
}

static void no_mode_mutes_a_hazard(void **state)
{
    (void)state;
    STORY("", "00:30 home mode 1\n01:00 smoke 1\n02:00 home mode 3\n03:00 gas 1\n03:30 -\n",
          "01:00:00 raise smoke\n03:00:00 raise gas\n");
}

static void a_test_is_marked_and_ends_by_itself(void **state)
{
    (void)state;
    STORY("", "01:00 smoke 1 test\n03:00 -\n", "01:00:00 raise smoke test\n01:01:00 clear smoke\n");
    STORY("", "01:00 smoke alarm test\n01:00:10 smoke 0 test\n03:00 -\n",
          "01:00:00 raise smoke test\n01:00:10 clear smoke\n");
    STORY("", "01:00 warm 5 test\n03:00 -\n", "01:00:00 raise cold test\n01:01:00 clear cold\n");
    STORY("", "01:00 warm 60 test\n03:00 -\n", "01:00:00 raise heat test\n01:01:00 clear heat\n");
    STORY("", "01:00 warm 20 test\n01:30 smoke 0 test\n01:40 smoke lost test\n03:00 -\n", "");
}

static void a_test_never_hides_or_ends_a_true_alarm(void **state)
{
    (void)state;
    STORY("", "01:00 smoke 1 test\n01:00:30 smoke 1\n01:00:40 smoke 0 test\n03:00 -\n",
          "01:00:00 raise smoke test\n01:00:30 raise smoke\n");
    STORY("", "01:00 smoke 1\n01:10 smoke 1 test\n01:12 smoke 0\n03:00 -\n",
          "01:00:00 raise smoke\n01:10:00 raise smoke test\n01:22:00 clear smoke\n");
}

static void a_cold_room_is_a_warning_after_an_hour(void **state)
{
    (void)state;
    struct told *told = STORY("", "01:00 warm 11.5\n01:30 warm 10\n03:00 warm 12.5\n04:00 warm 13\n05:00 -\n",
                              "02:00:00 raise cold\n04:00:00 clear cold\n");
    assert_string_equal(told->last.text_en, "It is too cold (bedroom): below 12 degrees since 01:00.");
    assert_string_equal(told->last.text_zh, "卧室室温过低：01:00 起低于 12 度。");
    assert_string_equal(told->last.limit, "12 degC");
    STORY("", "01:00 warm 11.5\n01:59 warm 13\n02:10 warm 11.5\n03:00 -\n", ""); /* aired */
    STORY("", "01:00 warm 5 initial\n02:30 -\n", "02:00:00 raise cold\n");
    STORY("cold_after=never", "01:00 warm -5\n09:00 -\n", "");
    STORY("cold_below=16; cold_after=2 h", "01:00 warm 15\n04:00 -\n", "03:00:00 raise cold\n");
}

static void a_hot_room_is_a_warning_and_a_burning_one_an_emergency_at_once(void **state)
{
    (void)state;
    STORY("", "12:00 warm 36\n13:30 warm 34.5\n14:00 warm 34\n15:00 -\n", "13:00:00 raise hot\n14:00:00 clear hot\n");
    STORY("", "12:00 warm 20\n12:01 warm 56\n12:02 warm 53.5\n12:03 warm 30\n13:00 -\n",
          "12:01:00 raise heat\n12:13:00 clear heat\n");
}

static void a_thermometer_that_lies_or_is_lost_says_nothing(void **state)
{
    (void)state;
    STORY("", "12:00 warm 85\n12:01 warm -127\n12:02 warm 999\n14:00 -\n", "");
    STORY("", "12:00 warm 5\n12:30 warm lost\n15:00 -\n", "");
    STORY("", "12:00 warm 5\n12:30 warm lost\n15:00 warm 6\n16:00 -\n", "15:00:00 raise cold\n");
    STORY("", "12:00 warm 5\n13:30 warm lost\n15:00 -\n", "13:00:00 raise cold\n");
}

static void a_home_without_any_hazard_sensor_and_limits_in_the_wrong_order_are_refused(void **state)
{
    (void)state;
    story_refused(&gw_plugin_v1, &(struct story){"bed bed bedroom", "", "", ""}, "no sensor to watch");
    REFUSED("cold_below=25; hot_above=20", "must rise");
    REFUSED("hot_above=60; heat_above=50", "must rise");
    REFUSED("quiet_for=soon", "quiet_for");
    story_refused(&gw_plugin_v1, &(struct story){SENSORS, "smoke=bed", "", ""}, "smoke");
}

static void every_hazard_sensor_of_the_home_is_watched_if_none_is_named(void **state)
{
    (void)state;
    story_tells(&gw_plugin_v1, &(struct story){SENSORS, "", "01:00 smoke 1\n02:00 leak 1\n03:00 warm 5\n05:00 -\n",
                                               "01:00:00 raise smoke\n02:00:00 raise water\n"});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_hazard_is_told_at_once_with_its_class_and_place),
        cmocka_unit_test(a_device_that_only_sends_an_event_alarms_too_and_ends_when_it_is_quiet),
        cmocka_unit_test(an_alarm_is_over_only_after_ten_quiet_minutes),
        cmocka_unit_test(a_burnt_detector_is_not_quiet),
        cmocka_unit_test(a_power_cut_is_not_quiet_either),
        cmocka_unit_test(what_is_already_true_at_boot_alarms),
        cmocka_unit_test(a_retained_event_is_an_old_one),
        cmocka_unit_test(no_mode_mutes_a_hazard),
        cmocka_unit_test(a_test_is_marked_and_ends_by_itself),
        cmocka_unit_test(a_test_never_hides_or_ends_a_true_alarm),
        cmocka_unit_test(a_cold_room_is_a_warning_after_an_hour),
        cmocka_unit_test(a_hot_room_is_a_warning_and_a_burning_one_an_emergency_at_once),
        cmocka_unit_test(a_thermometer_that_lies_or_is_lost_says_nothing),
        cmocka_unit_test(a_home_without_any_hazard_sensor_and_limits_in_the_wrong_order_are_refused),
        cmocka_unit_test(every_hazard_sensor_of_the_home_is_watched_if_none_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
