/* The activity plugin: silence by day and by night, out and back, phantoms. */
#include "story.h"

#define SENSORS                                                                                                        \
    "front-door contact hall; hall motion hall; kitchen motion kitchen; fridge contact kitchen; bed bed bedroom; "     \
    "mmwave presence living-room; call button bathroom"
#define INSIDE "signs=hall; signs=kitchen; signs=fridge; signs=mmwave; signs=call; bed=bed; "

#define HOME(settings_, in_, out_)                                                                                     \
    story_tells(&gw_plugin_v1, &(struct story){SENSORS, INSIDE "door=front-door; " settings_, in_, out_})
#define NO_DOOR(settings_, in_, out_) story_tells(&gw_plugin_v1, &(struct story){SENSORS, INSIDE settings_, in_, out_})

/* A morning in the kitchen, until 10:00. */
#define MORNING                                                                                                        \
    "08:50 hall 1\n08:51 hall 0\n09:00 kitchen 1\n09:01 kitchen 0\n09:50 kitchen 1\n09:51 kitchen 0\n"                 \
    "10:00 fridge 1\n10:00:05 fridge 0\n"

static void silence_by_day_is_a_warning_then_an_emergency_and_ends_with_a_sign_of_life(void **state)
{
    (void)state;
    struct told *told = HOME("", MORNING "21:00 hall 1\n21:00:30 kitchen 1\n",
                             "16:00:05 raise no-activity\n20:00:05 raise no-activity-alarm\n"
                             "21:00:30 clear no-activity\n21:00:30 clear no-activity-alarm\n");
    assert_string_equal(told->last.text_en, "No sign of life at home for 10 h, since 10:00 (kitchen).");
    assert_string_equal(told->last.text_zh, "自 10:00（厨房）起，家中 10 小时没有任何活动迹象。");
    assert_string_equal(told->last.limit, "10 h by day, 30 h by night or in bed");
    assert_int_equal(told->last.n_evidence, 1);
    HOME("day_warn=2 h; day_alarm=never", MORNING "21:00 -\n", "12:00:05 raise no-activity\n");
}

static void a_day_and_a_night_at_home_alarm_nobody(void **state)
{
    (void)state;
    HOME("",
         MORNING "12:30 hall 1\n12:30:20 kitchen 1\n12:31 hall 0\n12:32 kitchen 0\n17:20 kitchen 1\n17:21 fridge 1\n"
                 "17:22 kitchen 0\n17:22 fridge 0\n21:40 bed 1\n09:20 bed 0\n09:21 hall 1\n09:22 hall 0\n",
         "");
    NO_DOOR("",
            MORNING "15:20 fridge 1\n15:20:05 fridge 0\n21:00 fridge 1\n21:00:05 fridge 0\n22:30 bed 1\n08:30 bed "
                    "0\n09:30 fridge 1\n",
            "");
}

static void a_night_counts_less_and_a_morning_that_does_not_begin_is_told(void **state)
{
    (void)state;
    /* half an hour of 6, eleven of 20: a third is left of the six hours by day */
    HOME("",
         "21:00 hall 1\n21:01 hall 0\n21:02 kitchen 1\n21:02 kitchen 0\n21:29 fridge 1\n21:30 fridge 0\n15:00 fridge "
         "1\n",
         "11:12:00 raise no-activity\n14:50:00 raise no-activity-alarm\n"
         "15:00:00 clear no-activity\n15:00:00 clear no-activity-alarm\n");
    HOME("night_from=21:00; night_to=21:00",
         "21:00 hall 1\n21:01 hall 0\n21:02 kitchen 1\n21:02 kitchen 0\n21:29 fridge 1\n21:30 fridge 0\n04:00 -\n",
         "03:30:00 raise no-activity\n");
}

static void who_rests_in_bed_by_day_is_not_inactive(void **state)
{
    (void)state;
    HOME("", MORNING "10:10 bed 1\n20:00 bed 0\n", "");
    HOME("", MORNING "10:10 bed 1\n10:20 bed lost\n20:00 -\n", "16:17:00 raise no-activity\n");
}

static void a_lone_movement_is_no_sign_of_life_but_is_told(void **state)
{
    (void)state;
    struct told *told = HOME("", MORNING "13:00 hall 1\n13:00:01 hall 0\n15:00 hall 1\n15:00:01 hall 0\n18:00 -\n",
                             "16:00:05 raise no-activity\n");
    assert_string_equal(
        told->last.text_en,
        "No sign of life at home for 6 h, since 10:00 (kitchen). Only a lone movement at 15:00 (hall).");
    assert_string_equal(told->last.text_zh,
                        "自 10:00（厨房）起，家中 6 小时没有任何活动迹象。其间仅 15:00（门厅）有一次孤立的动静。");
    assert_int_equal(told->last.n_evidence, 2);
    HOME("", MORNING "13:00 hall 1\n13:00:01 hall 0\n13:20 hall 1\n13:20:01 hall 0\n18:00 -\n", "");
    HOME("", MORNING "13:00 fridge 1\n18:00 -\n", "");   /* somebody pulled it */
    HOME("", MORNING "13:00 call press\n18:00 -\n", ""); /* and pressed this */
    HOME("", MORNING "13:00 hall 1 test\n13:10 hall 0 test\n13:20 hall 1 test\n17:00 -\n",
         "16:00:05 raise no-activity\n");
}

static void a_presence_that_lasts_is_life_until_it_is_stuck(void **state)
{
    (void)state;
    HOME("", MORNING "12:00 mmwave 1\n15:59 mmwave 0\n19:00 -\n", "");
    HOME("", MORNING "12:00 mmwave 1\n23:59 -\n", "22:00:00 raise no-activity\n");
    HOME("", MORNING "12:00 mmwave 1\n13:00 mmwave lost\n21:00 -\n", "19:00:00 raise no-activity\n");
}

#define OUT MORNING "10:30 front-door 1\n10:30:20 hall 1\n10:30:30 front-door 0\n10:31 hall 0\n"

static void who_left_by_the_front_door_is_out_not_silent(void **state)
{
    (void)state;
    HOME("", OUT "20:00 front-door 1\n20:00:10 front-door 0\n20:02 hall 1\n20:03 kitchen 1\n22:00 -\n", "");
    struct told *told = HOME("", OUT "10:29 -\n12:00 front-door 1\n12:00:10 front-door 0\n12:02 hall 1\n17:00 -\n",
                             "10:30:30 raise out-too-long\n12:00:00 clear out-too-long\n");
    assert_string_equal(told->last.text_en, "Went out at 10:30 and is not back after 24 h.");
    assert_string_equal(told->last.text_zh, "10:30 外出，24 小时后仍未返回。");
}

static void who_comes_back_is_watched_again(void **state)
{
    (void)state;
    HOME("", OUT "12:00 front-door 1\n12:00:10 front-door 0\n12:02 hall 1\n12:03 hall 0\n19:00 -\n",
         "18:02:00 raise no-activity\n");
}

static void a_door_opened_for_the_postman_is_no_going_out(void **state)
{
    (void)state;
    HOME("",
         MORNING "10:30 front-door 1\n10:31 front-door 0\n10:33 kitchen 1\n10:34 kitchen 0\n10:40 kitchen 1\n10:41 "
                 "kitchen 0\n18:00 -\n",
         "16:40:00 raise no-activity\n");
    HOME("",
         MORNING "10:10 bed 1\n10:30 front-door 1\n10:31 front-door 0\n08:00 -\n", /* a carer's key, she lies in bed */
         "06:31:00 raise no-activity\n");
}

static void phantoms_in_an_empty_home_bring_nobody_back(void **state)
{
    (void)state;
    HOME("",
         OUT "15:28 kitchen 1\n15:28:01 kitchen 0\n19:54 hall 1\n19:54:02 hall 0\n22:44 hall 1\n22:44:02 hall 0\n"
             "22:49 hall 1\n22:49:01 hall 0\n23:03 hall 1\n23:03:01 hall 0\n09:13 kitchen 1\n09:13:01 kitchen 0\n"
             "12:00 hall 1\n12:00:01 hall 0\n22:00 -\n",
         "10:30:30 raise out-too-long\n");
}

static void a_phantom_at_a_movement_sensor_on_the_way_out_is_no_return(void **state)
{
    (void)state;
    story_tells(&gw_plugin_v1,
                &(struct story){SENSORS "; way-out motion entrance", INSIDE "door=way-out",
                                MORNING "10:30 way-out 1\n10:30:05 way-out 0\n20:00 way-out 1\n20:00:01 way-out 0\n"
                                        "10:29 -\n11:00 -\n12:00 way-out 1\n12:00:05 way-out 0\n12:02 hall 1\n",
                                "10:30:05 raise out-too-long\n12:02:00 clear out-too-long\n"});
}

static void who_was_never_out_is_found_by_three_movements(void **state)
{
    (void)state;
    HOME("",
         OUT "12:00 kitchen 1\n12:00:30 hall 1\n12:02 kitchen 0\n12:03 kitchen 1\n12:04 hall 0\n12:05 kitchen 0\n"
             "19:00 -\n",
         "18:05:00 raise no-activity\n");
    HOME("", OUT "12:00 mmwave 1\n13:00 mmwave 0\n20:00 -\n", "19:00:00 raise no-activity\n");
    HOME("", OUT "12:00 call press\n20:00 -\n", "18:00:00 raise no-activity\n");
}

static void a_door_opened_to_one_in_need_ends_nothing_until_somebody_is_seen(void **state)
{
    (void)state;
    HOME("", MORNING "17:00 front-door 1\n17:00:10 front-door 0\n17:02 hall 1\n17:03 kitchen 1\n18:00 -\n",
         "16:00:05 raise no-activity\n17:03:00 clear no-activity\n");
    HOME("", MORNING "17:00 front-door 1\n17:00:10 front-door 0\n21:00 -\n",
         "16:00:05 raise no-activity\n"); /* nobody looked in the bedroom; she may as well have come and gone */
}

static void without_a_front_door_only_long_silences_count(void **state)
{
    (void)state;
#define TO_THE_HALL MORNING "10:05 hall 1\n10:06 hall 0\n10:07 hall 1\n10:08 hall 0\n"
    struct told *told = NO_DOOR("", TO_THE_HALL "00:30 -\n22:30 -\n10:30 -\n",
                                "00:07:00 raise no-activity\n10:07:00 raise no-activity-alarm\n");
    assert_string_equal(told->last.limit, "48 h where nobody can tell silence from absence");
    HOME("", "08:00 front-door lost\n" TO_THE_HALL "01:00 -\n", "00:07:00 raise no-activity\n");
    story_tells(
        &gw_plugin_v1,
        &(struct story){
            "a motion study; b motion study; c motion study", "",
            "10:00 a 1\n10:01 b 1\n10:02 c 1\n10:03 a 0\n10:03 b 0\n10:03 c 0\n10:05 a 1\n10:05:30 a 0\n01:00 -\n",
            "00:05:00 raise no-activity\n"});
}

static void without_a_front_door_who_was_last_in_a_room_is_at_home(void **state)
{
    (void)state;
    NO_DOOR("", MORNING "00:30 -\n22:30 -\n", "16:00:05 raise no-activity\n"); /* but no emergency on a guess */
    NO_DOOR("", TO_THE_HALL "14:00 kitchen 1\n14:00:01 kitchen 0\n23:00 -\n", "");
    NO_DOOR("", TO_THE_HALL "14:00 kitchen 1\n14:01 kitchen 0\n14:10 kitchen 1\n14:11 kitchen 0\n21:00 -\n",
            "20:10:00 raise no-activity\n");
}

static void away_and_a_visit_are_not_watched_and_all_begins_anew_afterwards(void **state)
{
    (void)state;
    HOME("", MORNING "10:30 home mode 1\n10:30 -\n10:30 -\n11:00 home mode 0\n18:00 -\n",
         "17:00:00 raise no-activity\n");
    HOME("", MORNING "16:30 home mode 2\n17:30 home mode 0\n23:00 -\n",
         "16:00:05 raise no-activity\n16:30:00 clear no-activity\n");
    HOME("", MORNING "12:00 home mode 3\n17:00 -\n", "16:00:05 raise no-activity\n"); /* a technician saves nobody */
    HOME("", OUT "20:00 home mode 1\n20:00 -\n19:00 -\n19:00 -\n", "");
}

static void a_gap_is_time_that_nobody_saw(void **state)
{
    (void)state;
    HOME("", MORNING "13:00 home gap 7200\n20:00 -\n", "18:00:05 raise no-activity\n");
    HOME("", MORNING "18:00 home gap 25200\n22:00 -\n", ""); /* longer than is left of the limit */
    HOME("", MORNING "18:00 home gap 25200\n02:00 -\n", "01:20:16 raise no-activity\n");
    HOME("", MORNING "17:00 home gap 2880\n18:00 -\n", /* told before it, it stays told */
         "16:00:05 raise no-activity\n");
}

static void with_every_sensor_lost_nothing_is_counted(void **state)
{
    (void)state;
    const char *sensors = "door contact hall; hall motion hall", *settings = "signs=hall; door=door";
    story_tells(&gw_plugin_v1,
                &(struct story){sensors, settings,
                                "10:00 hall 1\n10:00:30 hall 0\n10:01 hall 1\n10:02 hall 0\n11:01 hall lost\n"
                                "15:00 hall back\n21:00 -\n",
                                "20:00:00 raise no-activity\n"});
}

static void a_level_already_there_is_no_movement(void **state)
{
    (void)state;
    HOME("",
         MORNING
         "10:05 mmwave 1 initial\n10:06 mmwave 0\n10:07 front-door 1 initial\n10:08 hall 1 retained\n10:09 hall 0\n"
         "17:00 -\n",
         "16:00:05 raise no-activity\n");
}

static void the_silence_of_sensors_never_heard_of_says_nothing(void **state)
{
    (void)state;
    HOME("", "08:50 hall 1\n08:51 hall 0\n09:00 kitchen 1\n09:01 kitchen 0\n23:00 -\n23:00 -\n", "");
    story_tells(&gw_plugin_v1,
                &(struct story){"hall motion hall", "signs=hall", "08:50 hall 1\n08:51 hall 0\n23:00 -\n",
                                "22:50:00 raise no-activity\n"});
}

static void a_mat_that_hangs_keeps_nobody_in_bed(void **state)
{
    (void)state;
    HOME("", "07:00 bed 1\n" MORNING "20:00 -\n", "16:00:05 raise no-activity\n");
    HOME("", "07:00 bed 1\n" OUT "10:00 -\n", "");
    HOME("", MORNING "10:10 bed 1\n10:11 hall 0\n10:00 -\n", "06:10:00 raise no-activity\n");
}

static void all_is_known_again_after_a_restart_from_history(void **state)
{
    (void)state; /* the same readings, the first morning cut off */
    const char *told = "16:00:05 raise no-activity\n";
#define EVENING                                                                                                        \
    "15:00 fridge 1\n15:00:05 fridge 0\n20:00 fridge 1\n20:00:05 fridge 0\n21:00 fridge 1\n21:00:05 fridge 0\n"
    HOME("", MORNING EVENING MORNING "18:00 -\n", told);
    HOME("", EVENING MORNING "18:00 -\n", told);
}

static void without_a_sensor_inside_it_is_refused(void **state)
{
    (void)state;
    story_refused(&gw_plugin_v1, &(struct story){"front-door contact hall", "door=front-door", "", ""},
                  "no sensor inside");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_by_day_is_a_warning_then_an_emergency_and_ends_with_a_sign_of_life),
        cmocka_unit_test(a_day_and_a_night_at_home_alarm_nobody),
        cmocka_unit_test(a_night_counts_less_and_a_morning_that_does_not_begin_is_told),
        cmocka_unit_test(who_rests_in_bed_by_day_is_not_inactive),
        cmocka_unit_test(a_lone_movement_is_no_sign_of_life_but_is_told),
        cmocka_unit_test(a_presence_that_lasts_is_life_until_it_is_stuck),
        cmocka_unit_test(who_left_by_the_front_door_is_out_not_silent),
        cmocka_unit_test(who_comes_back_is_watched_again),
        cmocka_unit_test(a_door_opened_for_the_postman_is_no_going_out),
        cmocka_unit_test(phantoms_in_an_empty_home_bring_nobody_back),
        cmocka_unit_test(a_phantom_at_a_movement_sensor_on_the_way_out_is_no_return),
        cmocka_unit_test(who_was_never_out_is_found_by_three_movements),
        cmocka_unit_test(a_door_opened_to_one_in_need_ends_nothing_until_somebody_is_seen),
        cmocka_unit_test(without_a_front_door_only_long_silences_count),
        cmocka_unit_test(without_a_front_door_who_was_last_in_a_room_is_at_home),
        cmocka_unit_test(away_and_a_visit_are_not_watched_and_all_begins_anew_afterwards),
        cmocka_unit_test(a_gap_is_time_that_nobody_saw),
        cmocka_unit_test(with_every_sensor_lost_nothing_is_counted),
        cmocka_unit_test(a_level_already_there_is_no_movement),
        cmocka_unit_test(the_silence_of_sensors_never_heard_of_says_nothing),
        cmocka_unit_test(a_mat_that_hangs_keeps_nobody_in_bed),
        cmocka_unit_test(all_is_known_again_after_a_restart_from_history),
        cmocka_unit_test(without_a_sensor_inside_it_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
