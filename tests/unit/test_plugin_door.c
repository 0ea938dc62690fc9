/* The door plugin: left open, gone out, and back. */
#include "story.h"

#define SENSORS "front-door contact hall; hall motion hall; mmwave presence living-room; bed bed bedroom"

#define DOOR_ONLY(settings_, in_, out_)                                                                                \
    story_tells(&gw_plugin_v1, &(struct story){SENSORS, "door=front-door; " settings_, in_, out_})
#define FULL(settings_, in_, out_)                                                                                     \
    story_tells(&gw_plugin_v1, &(struct story){SENSORS, "door=front-door; motion=hall; bed=bed; " settings_, in_, out_})

static void a_day_of_coming_and_going_alarms_nobody(void **state)
{
    (void)state;
    FULL("",
         "09:00 front-door 0 initial\n10:00 front-door 1\n10:00:20 front-door 0\n12:00 front-door 1\n12:01 front-door "
         "0\n12:02 hall 1\n"
         "21:59 front-door 1\n21:59:30 front-door 0\n23:30 -\n",
         "");
}

static void who_was_up_and_goes_out_late_is_a_warning_and_who_comes_from_bed_an_emergency(void **state)
{
    (void)state;
#define BOTH(settings_, in_, out_)                                                                                     \
    story_tells(                                                                                                       \
        &gw_plugin_v1,                                                                                                 \
        &(struct story){SENSORS, "door=front-door; motion=hall; motion=mmwave; bed=bed; " settings_, in_, out_})
#define EVENING "21:30 mmwave 1\n21:50 mmwave 0\n21:51 hall 1\n21:52 hall 0\n"
    BOTH("", EVENING "22:05 front-door 1\n22:05:05 front-door 0\n23:00 hall 1\n",
         "22:20:00 raise gone-out-late\n23:00:00 clear gone-out-late\n");
    BOTH("up_and_about=emergency", EVENING "22:05 front-door 1\n22:05:05 front-door 0\n22:30 -\n",
         "22:20:00 raise gone-out\n");
    /* from bed; or out of a silent home, the way out being no life before */
    BOTH("", EVENING "21:55 bed 1\n22:02 bed 0\n22:05 front-door 1\n22:05:05 front-door 0\n22:30 -\n",
         "22:20:00 raise gone-out\n");
    BOTH("",
         "03:00 mmwave 1\n03:00:30 mmwave 0\n03:01 hall 1\n03:01:30 hall 0\n03:02 front-door 1\n"
         "03:02:05 front-door 0\n03:30 -\n",
         "03:17:00 raise gone-out\n");
}

static void who_comes_home_late_is_not_gone_out(void **state)
{
    (void)state;
    FULL("",
         "19:00 hall 1\n19:01 hall 0\n19:02 front-door 1\n19:02:05 front-door 0\n20:00 hall 1\n20:00:01 hall 0\n"
         "22:30 front-door 1\n22:30:05 front-door 0\n22:30:10 hall 1\n22:30:20 hall 0\n22:32 front-door 1\n"
         "22:32:05 front-door 0\n23:30 -\n",
         "");
    /* she was at home, and went */
    FULL("",
         "19:02 front-door 1\n19:02:05 front-door 0\n20:00 hall 1\n20:00:30 hall 0\n20:05 hall 1\n20:05:30 hall 0\n"
         "22:30 front-door 1\n22:30:05 front-door 0\n23:30 -\n",
         "22:45:00 raise gone-out\n");
}

static void a_door_left_open_is_told_until_it_is_closed(void **state)
{
    (void)state;
    struct told *told = DOOR_ONLY("", "10:00 front-door 1\n10:40 front-door 0\n",
                                  "10:30:00 raise door-open\n10:40:00 clear door-open\n");
    assert_string_equal(told->last.text_en, "The door \"front-door\" has been open for 30 min, since 10:00.");
    assert_string_equal(told->last.text_zh, "门厅的门 10:00 打开，已 30 分钟没有关上。");
    DOOR_ONLY("", "10:00 front-door 1 initial\n11:00 -\n", "10:30:00 raise door-open\n");
    DOOR_ONLY("open_too_long=never", "10:00 front-door 1\n20:00 -\n", "");
}

static void a_door_is_named_in_chinese_as_people_say_it(void **state)
{
    (void)state;
    struct told *told =
        story_tells(&gw_plugin_v1, &(struct story){"d contact entrance", "door=d", "10:00 d 1\n10:31 -\n",
                                                   "10:30:00 raise door-open\n"});
    assert_string_equal(told->last.text_zh, "大门 10:00 打开，已 30 分钟没有关上。");
    told = story_tells(&gw_plugin_v1, &(struct story){"d contact 院子东边小厢房旁边的储藏", "door=d",
                                                      "10:00 d 1\n10:31 -\n", "10:30:00 raise door-open\n"});
    assert_string_equal(told->last.text_zh, "院子东边小厢房旁边的储藏的门 10:00 打开，已 30 分钟没有关上。");
}

static void gone_out_at_night_and_nobody_seen_is_an_emergency_until_somebody_is(void **state)
{
    (void)state;
    struct told *told =
        FULL("",
             "02:00 front-door 1\n02:00:10 hall 1\n02:00:20 front-door 0\n02:01 hall 0\n02:40 front-door 1\n"
             "02:40:05 hall 1\n02:40:10 front-door 0\n02:41:00 hall 0\n02:43 bed 1\n04:00 -\n",
             "02:15:00 raise gone-out\n02:43:00 clear gone-out\n");
    assert_non_null(strstr(told->last.text_zh, "门厅的门夜间 02:00 被打开，15 分钟内家中没有人活动，老人可能已外出。"));
    assert_string_equal(told->last.limit, "15 min");
}

static void a_look_outside_is_no_going_out(void **state)
{
    (void)state;
    FULL("", "02:00 front-door 1\n02:00:20 front-door 0\n02:01 hall 1\n04:00 -\n", "");
    story_tells(&gw_plugin_v1,
                &(struct story){SENSORS, "door=front-door; motion=mmwave",
                                "01:00 mmwave 1\n02:00 front-door 1\n02:00:20 front-door 0\n04:00 -\n", ""});
}

static void an_inner_door_that_stands_open_is_nobody_but_one_that_moves_is(void **state)
{
    (void)state;
    const char *sensors = "front-door contact hall; kitchen-door contact kitchen";
    story_tells(&gw_plugin_v1,
                &(struct story){sensors, "door=front-door; motion=kitchen-door",
                                "01:00 kitchen-door 1\n02:00 front-door 1\n02:00:20 front-door 0\n04:00 -\n",
                                "02:15:00 raise gone-out\n"});
    story_tells(&gw_plugin_v1,
                &(struct story){
                    sensors, "door=front-door; motion=kitchen-door",
                    "01:00 kitchen-door 1\n02:00 front-door 1\n02:00:20 front-door 0\n02:05 kitchen-door 0\n04:00 -\n",
                    ""});
}

static void without_sensors_inside_the_next_opening_is_the_way_back(void **state)
{
    (void)state;
    DOOR_ONLY("", "02:00 front-door 1\n02:01 front-door 0\n02:10 front-door 1\n02:10:10 front-door 0\n04:00 -\n", "");
    DOOR_ONLY("", "02:00 front-door 1\n02:01 front-door 0\n03:00 front-door 1\n03:00:10 front-door 0\n04:00 -\n",
              "02:15:00 raise gone-out\n03:00:00 clear gone-out\n");
}

static void gone_out_with_the_door_left_open_is_told_twice(void **state)
{
    (void)state;
    struct told *told =
        FULL("", "02:00 front-door 1\n04:00 -\n", "02:15:00 raise gone-out\n02:30:00 raise door-open\n");
    assert_non_null(told);
}

static void a_window_belongs_to_the_day_it_begins_on(void **state)
{
    (void)state; /* the story begins on a Monday */
    FULL("days=mon",
         "23:00 front-door 1\n23:00:10 front-door 0\n23:20 hall 1\n23:21 hall 0\n01:00 front-door 1\n01:00:10 "
         "front-door 0\n01:30 -\n",
         "23:15:00 raise gone-out\n23:20:00 clear gone-out\n01:15:00 raise gone-out\n");
    FULL("days=tue",
         "01:00 front-door 1\n01:00:10 front-door 0\n23:00 front-door 1\n23:00:10 front-door 0\n"
         "01:00 front-door 1\n01:00:10 front-door 0\n02:00 -\n",
         "");
    FULL("days=sun", "01:00 front-door 1\n01:00:10 front-door 0\n02:00 -\n", "01:15:00 raise gone-out\n");
    FULL("days=sat-sun", "23:00 front-door 1\n23:00:10 front-door 0\n23:59 -\n", "");
}

static void away_and_a_visit_do_not_look_for_goers_but_an_open_door_is_told_when_away(void **state)
{
    (void)state;
    FULL("", "01:00 home mode 1\n02:00 front-door 1\n04:00 -\n", "02:30:00 raise door-open\n");
    FULL("", "01:00 home mode 2\n02:00 front-door 1\n04:00 home mode 0\n04:31 -\n", "04:30:00 raise door-open\n");
    FULL("", "02:00 front-door 1\n02:00:10 front-door 0\n02:20 home mode 2\n",
         "02:15:00 raise gone-out\n02:20:00 clear gone-out\n");
}

static void a_lost_door_stops_the_timers(void **state)
{
    (void)state;
    FULL("", "10:00 front-door 1\n10:10 front-door lost\n12:00 -\n", "");
    FULL("", "10:00 front-door 1\n10:10 front-door lost\n12:00 front-door 1 initial\n", "12:00:00 raise door-open\n");
    FULL("", "02:00 front-door 1\n02:01 front-door 0\n02:05 front-door lost\n04:00 -\n", "");
}

static void tests_and_wrong_settings(void **state)
{
    (void)state;
    FULL("", "02:00 front-door 1 test\n04:00 -\n", "");
    story_refused(&gw_plugin_v1, &(struct story){SENSORS, "door=front-door; days=someday", "", ""},
                  "home.conf:2: days");
    story_refused(&gw_plugin_v1, &(struct story){SENSORS, "door=front-door; motion=front-door", "", ""}, "inside too");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_of_coming_and_going_alarms_nobody),
        cmocka_unit_test(who_was_up_and_goes_out_late_is_a_warning_and_who_comes_from_bed_an_emergency),
        cmocka_unit_test(who_comes_home_late_is_not_gone_out),
        cmocka_unit_test(a_door_left_open_is_told_until_it_is_closed),
        cmocka_unit_test(a_door_is_named_in_chinese_as_people_say_it),
        cmocka_unit_test(gone_out_at_night_and_nobody_seen_is_an_emergency_until_somebody_is),
        cmocka_unit_test(a_look_outside_is_no_going_out),
        cmocka_unit_test(an_inner_door_that_stands_open_is_nobody_but_one_that_moves_is),
        cmocka_unit_test(without_sensors_inside_the_next_opening_is_the_way_back),
        cmocka_unit_test(gone_out_with_the_door_left_open_is_told_twice),
        cmocka_unit_test(a_window_belongs_to_the_day_it_begins_on),
        cmocka_unit_test(away_and_a_visit_do_not_look_for_goers_but_an_open_door_is_told_when_away),
        cmocka_unit_test(a_lost_door_stops_the_timers),
        cmocka_unit_test(tests_and_wrong_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
