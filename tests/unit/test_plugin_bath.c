/* The bath plugin: in, out, and not out. */
#include "story.h"
#include "story_restart.h"

#define SENSORS                                                                                                        \
    "door contact bathroom; pir motion bathroom; mmwave presence bathroom; hall motion hall; bed bed bedroom"

#define DOOR_ONLY(settings_, in_, out_)                                                                                \
    story_tells(&gw_plugin_v1, &(struct story){SENSORS, "door=door; " settings_, in_, out_})
#define DOOR_AND_HALL(in_, out_)                                                                                       \
    story_tells(&gw_plugin_v1, &(struct story){SENSORS, "door=door; elsewhere=hall", in_, out_})
#define WITH_PIR(settings_, in_, out_)                                                                                 \
    story_tells(&gw_plugin_v1, &(struct story){SENSORS, "door=door; motion=pir; " settings_, in_, out_})
#define FULL(in_, out_)                                                                                                \
    story_tells(&gw_plugin_v1,                                                                                         \
                &(struct story){SENSORS, "door=door; motion=pir; elsewhere=hall; elsewhere=bed", in_, out_})

#define NO_DOOR(in_, out_)                                                                                             \
    story_tells(&gw_plugin_v1, &(struct story){SENSORS, "motion=pir; elsewhere=hall; elsewhere=bed", in_, out_})

static void an_ordinary_visit_alarms_nobody(void **state)
{
    (void)state;
    DOOR_ONLY("", "08:00 door 1 initial\n10:00 door 0\n10:20 door 1\n12:00 -\n", "");
    WITH_PIR("",
             "10:00 door 1\n10:00:02 pir 1\n10:00:05 door 0\n10:01 pir 0\n10:02 pir 1\n10:03 pir 0\n10:10 door 1\n"
             "10:10:10 door 0\n15:00 -\n",
             "");
}

static void who_stays_too_long_is_warned_about_and_then_called_for(void **state)
{
    (void)state;
    struct told *told = DOOR_ONLY("", "08:00 door 1 initial\n10:00 door 0\n10:50 door 1\n",
                                  "10:30:00 raise bath-long\n10:45:00 raise bath-too-long\n10:50:00 clear bath-long\n"
                                  "10:50:00 clear bath-too-long\n");
    assert_string_equal(told->last.text_en, "In the bathroom for 45 min, since 10:00, and not out yet.");
    assert_string_equal(told->last.text_zh, "10:00 浴室门关上，已 45 分钟没有出来。");
    assert_string_equal(told->last.limit, "45 min");
    assert_true(told->last.episode == told->last.evidence[0].origin);
}

static void who_leaves_and_closes_the_door_is_out(void **state)
{
    (void)state;
    /* the sensor inside still holds the leaver's level for a minute */
    WITH_PIR(
        "",
        "10:00 door 1\n10:00:01 pir 1\n10:00:05 door 0\n10:00:06 pir 0\n10:00:08 pir 1\n10:01:05 pir 0\n10:05 door 1\n"
        "10:05:01 pir 1\n10:05:03 door 0\n10:06 pir 0\n13:00 -\n",
        "");
    /* or sees the leaver a moment after the door has closed */
    WITH_PIR("", "10:05 door 1\n10:05:03 door 0\n10:05:05 pir 1\n10:05:50 pir 0\n13:00 -\n", "");
    DOOR_AND_HALL("10:00 door 1\n10:00:05 door 0\n10:01 hall 1\n13:00 -\n", "");
    DOOR_AND_HALL("10:00 door 1\n10:00:05 door 0\n10:00:10 hall 1\n10:00:40 hall 0\n11:00 -\n",
                  "10:30:05 raise bath-long\n10:45:05 raise bath-too-long\n");
}

static void a_presence_that_lasts_behind_the_closed_door_is_a_stay(void **state)
{
    (void)state;
    story_tells(&gw_plugin_v1, &(struct story){SENSORS, "door=door; motion=mmwave",
                                               "10:00 door 1\n10:00:01 mmwave 1\n10:00:05 door 0\n11:00 -\n",
                                               "10:30:05 raise bath-long\n10:45:05 raise bath-too-long\n"});
}

static void stillness_is_called_for_sooner_at_night(void **state)
{
    (void)state;
    struct told *told =
        WITH_PIR("", "03:00 door 1\n03:00:05 door 0\n03:01 pir 1\n03:02 pir 0\n03:25 pir 1\n03:26 door 1\n",
                 "03:17:00 raise bath-still\n03:25:00 clear bath-still\n");
    assert_string_equal(told->last.text_zh, "03:00 浴室门关上，还没有出来，已 15 分钟没有动静（最后一次活动 03:02）。");
    WITH_PIR("", "15:00 door 1\n15:00:05 door 0\n15:01 pir 1\n15:02 pir 0\n15:40 -\n",
             "15:30:05 raise bath-long\n15:32:00 raise bath-still\n");
}

static void elsewhere_does_not_end_a_stay_behind_a_closed_door(void **state)
{
    (void)state;
    FULL("10:00 door 1\n10:00:05 door 0\n10:01 pir 1\n10:02 pir 0\n10:10 hall 1\n10:20 pir 1\n10:21 pir 0\n10:40 door "
         "1\n10:40:20 hall 0\n"
         "10:40:40 hall 1\n11:00 -\n",
         "10:30:05 raise bath-long\n10:40:40 clear bath-long\n");
}

static void a_missed_opening_is_made_good_by_movement_elsewhere(void **state)
{
    (void)state;
    FULL("10:00 door 1\n10:00:05 door 0\n10:01 pir 1\n10:02 pir 0\n10:10 hall 1\n10:10:30 hall 0\n10:11 hall 1\n"
         "10:11:30 hall 0\n10:12 bed 1\n13:00 -\n",
         "");
    FULL("10:00 door 1\n10:00:05 door 0\n10:01 pir 1\n10:02 pir 0\n10:10 hall 1\n10:10:30 hall 0\n10:11 hall 1\n10:31 "
         "-\n",
         "10:30:05 raise bath-long\n");
}

static void a_door_kept_closed_is_closed_behind_who_leaves(void **state)
{
    (void)state;
    DOOR_ONLY(
        "door_kept_closed=true",
        "10:00 door 1\n10:00:05 door 0\n10:10 door 1\n10:10:05 door 0\n13:00 door 1\n13:00:05 door 0\n13:40 door 1\n"
        "13:40:05 door 0\n20:00 -\n",
        "13:30:05 raise bath-long\n13:40:00 clear bath-long\n");
    DOOR_ONLY("door_kept_closed=true", "10:00 door 1\n10:00:05 door 0\n10:10 door 1\n10:20 door 0\n10:51 -\n",
              "10:50:00 raise bath-long\n");
}

static void airing_the_room_does_not_end_the_stay(void **state)
{
    (void)state;
    FULL("10:00 door 1\n10:00:05 door 0\n10:01 pir 1\n10:02 pir 0\n10:20 door 1\n10:21 pir 1\n10:22 pir 0\n10:22:30 "
         "door 0\n10:24 pir 1\n"
         "10:25 pir 0\n10:46 -\n",
         "10:30:05 raise bath-long\n10:45:05 raise bath-too-long\n");
}

static void an_open_door_and_nothing_moving_is_out_after_three_minutes(void **state)
{
    (void)state;
    FULL("10:00 door 1\n10:00:05 door 0\n10:01 pir 1\n10:20 door 1\n10:20:20 pir 0\n12:00 -\n", "");
    FULL("10:00 door 1\n10:00:05 door 0\n10:01 pir 1\n10:31 door 1\n12:00 -\n",
         "10:30:05 raise bath-long\n10:34:00 clear bath-long\n");
}

static void a_stay_with_the_door_open_ends_with_movement_elsewhere(void **state)
{
    (void)state;
    FULL("03:00 door 1 initial\n03:10 pir 1\n03:11 pir 0\n03:20 hall 1\n05:00 -\n", "");
    FULL("03:00 door 1 initial\n03:10 pir 1\n03:11 pir 0\n03:20 bed 1\n05:00 -\n", "");
    FULL("03:00 door 1 initial\n03:10 pir 1\n03:11 pir 0\n03:30 -\n", "03:26:00 raise bath-still\n");
}

static void what_is_true_at_the_start_counts(void **state)
{
    (void)state;
    DOOR_ONLY("", "03:00 door 0 initial\n04:00 -\n", "03:30:00 raise bath-long\n03:45:00 raise bath-too-long\n");
    WITH_PIR("", "03:00 door 0 initial\n03:00 pir 1 initial\n03:10 pir 0\n03:30 -\n",
             "03:25:00 raise bath-still\n03:30:00 raise bath-long\n");
}

static void a_phantom_is_nobody(void **state)
{
    (void)state;
    /* one blip in an empty bathroom, its door open or closed, and nobody on the way there */
    FULL("01:00 door 1 initial\n03:10 pir 1\n03:10:01 pir 0\n05:00 -\n", "");
    FULL("01:00 door 1\n01:00:20 door 0\n03:10 pir 1\n03:10:01 pir 0\n05:00 -\n", "");
    /* a second one within ten minutes, one that lasts, one after a step in the hall: somebody */
    FULL("01:00 door 1 initial\n03:10 pir 1\n03:10:01 pir 0\n03:15 pir 1\n03:15:01 pir 0\n03:31 -\n",
         "03:30:01 raise bath-still\n");
    FULL("01:00 door 1 initial\n03:10 pir 1\n03:10:09 pir 0\n03:26 -\n", "03:25:09 raise bath-still\n");
    FULL("01:00 door 1 initial\n03:09:40 hall 1\n03:09:50 hall 0\n03:10 pir 1\n03:10:01 pir 0\n03:26 -\n",
         "03:25:01 raise bath-still\n");
}

static void who_moves_has_time_for_a_long_bath(void **state)
{
    (void)state;
    WITH_PIR("still_after=never; night_still_after=never",
             "10:00 door 1\n10:00:05 door 0\n10:01 pir 1\n10:02 pir 0\n10:40 pir 1\n10:40:30 pir 0\n11:10 -\n",
             "10:30:05 raise bath-long\n10:50:30 raise bath-too-long\n");
    struct told *told = WITH_PIR("", "10:00 door 1\n10:00:05 door 0\n10:01 pir 1\n10:50 pir 0\n10:55 pir 1\n11:10 -\n",
                                 "10:30:05 raise bath-long\n11:00:05 raise bath-too-long\n");
    assert_string_equal(told->last.limit, "1 h");
}

/* A day and a half on which the door is closed for most of the time, with nobody inside. */
#define KEPT_CLOSED                                                                                                    \
    "08:00 door 0\n08:00:50 hall 1\n20:00 door 1\n20:00:05 door 0\n20:00:50 hall 0\n20:01 hall 1\n"                    \
    "08:00 door 1\n08:00:05 door 0\n08:00:40 hall 0\n08:00:50 hall 1\n10:00 door 1\n10:00:05 door 0\n"                 \
    "10:00:40 hall 0\n10:00:50 hall 1\n"

static void a_door_found_closed_all_the_time_says_nothing_by_itself(void **state)
{
    (void)state;
    DOOR_AND_HALL(KEPT_CLOSED "12:00 door 1\n12:00:05 door 0\n14:00 -\n", "");
    /* told so, it guesses: in, for she was seen outside; out, for she was not; and what was aired says nothing */
#define GUESS(in_, out_)                                                                                               \
    story_tells(&gw_plugin_v1,                                                                                         \
                &(struct story){SENSORS, "door=door; elsewhere=hall; door_kept_closed=true", KEPT_CLOSED in_, out_})
    GUESS("12:00 door 1\n12:00:05 door 0\n12:46 -\n", "12:30:05 raise bath-long\n12:45:05 raise bath-too-long\n");
    GUESS("12:00 door 1\n12:00:05 door 0\n12:06 door 1\n12:06:05 door 0\n14:00 -\n", "");
    GUESS("12:00 door 1\n12:20 door 0\n14:00 -\n", "");
}

/* She leaves the door open by day, and is in there for an hour at noon; at night it is closed for a while. */
#define NOON        "12:00 door 0\n13:00 door 1\n"
#define DAY(night_) NOON "22:00 door 0\n" night_ " door 1\n"

static void a_restart_judges_the_door_as_one_life_does(void **state)
{
    (void)state;
    /* for two days it is kept closed; then a seventh or a twentieth of the time */
#define CLOSED_FIRST                                                                                                   \
    "08:00 door 1\n08:01 door 0\n20:00 door 1\n20:01 door 0\n08:00 door 1\n08:01 door 0\n20:00 door 1\n"
    const struct story seventh = {SENSORS, "door=door",
                                  CLOSED_FIRST DAY("00:30") DAY("00:30") DAY("00:30") DAY("00:30") DAY("00:30")
                                      DAY("00:30") NOON "18:00 -\n",
                                  ""};
    const struct story twentieth = {
        SENSORS, "door=door",
        CLOSED_FIRST DAY("22:10") DAY("22:10") DAY("22:10") DAY("22:10") DAY("22:10") NOON "18:00 -\n", ""};
    story_survives_restarts(&gw_plugin_v1, &seventh);
    story_survives_restarts(&gw_plugin_v1, &twentieth);
    /* and it is a story in which something is said */
    struct told *told = &(struct told){0};
    story_run(&gw_plugin_v1, &twentieth, 0, told);
    assert_non_null(strstr(told->lines, "raise bath-too-long"));
}

static void a_lost_door_stops_the_timers_and_a_lost_sensor_inside_is_not_still(void **state)
{
    (void)state;
    DOOR_ONLY("", "10:00 door 1\n10:01 door 0\n10:10 door lost\n12:00 -\n", "");
    DOOR_ONLY("", "10:00 door 1\n10:01 door 0\n10:10 door lost\n11:00 door back\n12:00 -\n",
              "11:00:00 raise bath-long\n11:00:00 raise bath-too-long\n");
    WITH_PIR("", "03:00 door 1\n03:00:05 door 0\n03:01 pir 1\n03:02 pir 0\n03:05 pir lost\n03:29 -\n", "");
}

static void a_power_cut_counts_as_time_inside(void **state)
{
    (void)state;
    DOOR_ONLY("", "10:00 door 1\n10:01 door 0\n10:10 -\n11:00 home gap 3000\n",
              "11:00:00 raise bath-long\n11:00:00 raise bath-too-long\n");
}

static void away_and_a_visit_mute_it_and_a_closed_door_counts_anew_after(void **state)
{
    (void)state;
    DOOR_ONLY("", "10:00 door 1\n10:01 door 0\n10:35 home mode 2\n12:00 home mode 0\n12:31 -\n",
              "10:31:00 raise bath-long\n10:35:00 clear bath-long\n12:30:00 raise bath-long\n");
    DOOR_ONLY("", "09:00 home mode 1\n10:00 door 1\n10:01 door 0\n12:00 -\n", "");
}

static void who_moves_inside_while_a_carer_is_here_is_watched_from_the_end_of_the_visit(void **state)
{
    (void)state;
    WITH_PIR("", "08:00 door 1\n08:01 door 0\n10:00 pir 1\n10:00:03 home mode 2\n11:00 home mode 0\n11:32 -\n",
             "11:30:00 raise bath-long\n");
}

static void a_lone_movement_of_long_ago_does_not_begin_a_later_stay(void **state)
{
    (void)state;
    WITH_PIR("",
             "08:00 door 1\n08:01 door 0\n10:00 pir 1\n10:00:03 pir 0\n10:05 door 1\n10:40 pir 1\n"
             "10:40:20 pir 0\n11:00 -\n",
             "");
}

static void limits_may_be_set_or_turned_off(void **state)
{
    (void)state;
    struct told *told = DOOR_ONLY("warn_after=never; alarm_after=20 s", "10:00 door 1\n10:01 door 0\n10:02 -\n",
                                  "10:01:20 raise bath-too-long\n");
    assert_string_equal(told->last.limit, "20 s");
}

static void tests_and_wrong_settings(void **state)
{
    (void)state;
    DOOR_ONLY("", "10:00 door 1\n10:01 door 0 test\n12:00 -\n", "");
    story_refused(&gw_plugin_v1, &(struct story){SENSORS, "motion=pir", "", ""}, "without a \"door\"");
    story_refused(&gw_plugin_v1, &(struct story){SENSORS, "elsewhere=hall", "", ""}, "without a \"door\"");
    story_refused(&gw_plugin_v1, &(struct story){SENSORS, "", "", ""}, "\"motion\" and \"elsewhere\" are needed");
    story_refused(&gw_plugin_v1, &(struct story){SENSORS, "door=door; motion=pir; elsewhere=pir", "", ""}, "two roles");
}

static void without_a_door_a_stay_begins_and_ends_with_movement(void **state)
{
    (void)state;
    NO_DOOR("03:00 hall 1\n03:00:05 pir 1\n03:00:50 hall 0\n03:01 pir 0\n03:05 pir 1\n03:05:10 hall 1\n03:06 pir 0\n"
            "03:06:10 hall 0\n06:00 -\n",
            "");
    struct told *told =
        NO_DOOR("10:00 hall 1\n10:00:05 pir 1\n10:00:50 hall 0\n10:01 pir 0\n10:40 pir 1\n10:40:05 pir 0\n"
                "10:40:30 hall 1\n12:00 -\n",
                "10:30:05 raise bath-long\n10:31:00 raise bath-still\n10:40:00 clear bath-still\n"
                "10:40:30 clear bath-long\n");
    assert_string_equal(told->last.text_zh, "10:00 进入浴室，还没有出来，已 30 分钟没有动静（最后一次活动 10:01）。");
    assert_non_null(strstr(told->last.text_en, "No movement in the bathroom for 30 min"));
    /* a look in: two movements elsewhere are enough in the first half minute too; the bed is sure */
    NO_DOOR("03:00 hall 1\n03:00:05 pir 1\n03:00:10 pir 0\n03:00:12 hall 0\n03:00:15 hall 1\n03:00:18 hall 0\n"
            "03:00:25 hall 1\n05:00 -\n",
            "");
    NO_DOOR("03:00 hall 1\n03:00:05 pir 1\n03:00:10 pir 0\n03:10 bed 1\n05:00 -\n", "");
}

static void without_a_door_a_phantom_elsewhere_does_not_end_the_stay(void **state)
{
    (void)state;
    NO_DOOR("03:00 hall 1\n03:00:05 pir 1\n03:00:50 hall 0\n03:01 pir 0\n03:08 hall 1\n03:08:01 hall 0\n03:32 -\n",
            "03:30:05 raise bath-long\n03:31:00 raise bath-still\n");
    NO_DOOR("03:00 hall 1\n03:00:05 pir 1\n03:00:50 hall 0\n03:01 pir 0\n03:04 hall 1\n03:04:01 hall 0\n03:15 hall 1\n"
            "03:15:01 hall 0\n03:32 -\n",
            "03:30:05 raise bath-long\n03:31:00 raise bath-still\n");
    NO_DOOR("03:00 hall 1\n03:00:05 pir 1\n03:00:50 hall 0\n03:01 pir 0\n03:08 hall 1\n03:08:01 hall 0\n03:09 hall 1\n"
            "05:00 -\n",
            "");
}

static void without_a_door_phantoms_inside_are_nobody(void **state)
{
    (void)state;
    NO_DOOR("03:00 pir 1\n03:00:01 pir 0\n03:00:04 pir 1\n03:44 pir 0\n05:00 -\n", "");
    NO_DOOR("02:00 hall 1\n02:01 hall 0\n03:00 pir 1\n03:00:01 pir 0\n03:00:04 pir 1\n03:00:05 pir 0\n05:00 -\n", "");
    /* who got out of bed is somebody */
    NO_DOOR("22:00 bed 1\n03:00 bed 0\n03:00:40 pir 1\n03:00:50 pir 0\n03:31 -\n",
            "03:30:40 raise bath-long\n03:30:50 raise bath-still\n");
}

static void without_a_door_lost_sensors_make_it_blind(void **state)
{
    (void)state;
    struct told *told =
        NO_DOOR("10:00 hall 1\n10:00:05 pir 1\n10:01 pir 0\n10:05 pir lost\n10:31 -\n", "10:30:05 raise bath-long\n");
    assert_int_equal(told->health.state, GW_HEALTH_BLIND);
    assert_string_equal(told->health.text_en, "No sensor in the bathroom answers.");
    told = NO_DOOR("10:05 hall lost\n10:06 -\n", "");
    assert_int_equal(told->health.state, GW_HEALTH_OK);
    told = NO_DOOR("10:05 hall lost\n10:06 bed lost\n10:07 -\n", "");
    assert_int_equal(told->health.state, GW_HEALTH_BLIND);
    told = NO_DOOR("10:05 hall lost\n10:06 bed lost\n10:07 bed back\n", "");
    assert_int_equal(told->health.state, GW_HEALTH_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ordinary_visit_alarms_nobody),
        cmocka_unit_test(who_stays_too_long_is_warned_about_and_then_called_for),
        cmocka_unit_test(who_leaves_and_closes_the_door_is_out),
        cmocka_unit_test(a_presence_that_lasts_behind_the_closed_door_is_a_stay),
        cmocka_unit_test(stillness_is_called_for_sooner_at_night),
        cmocka_unit_test(elsewhere_does_not_end_a_stay_behind_a_closed_door),
        cmocka_unit_test(a_missed_opening_is_made_good_by_movement_elsewhere),
        cmocka_unit_test(a_door_kept_closed_is_closed_behind_who_leaves),
        cmocka_unit_test(airing_the_room_does_not_end_the_stay),
        cmocka_unit_test(an_open_door_and_nothing_moving_is_out_after_three_minutes),
        cmocka_unit_test(a_stay_with_the_door_open_ends_with_movement_elsewhere),
        cmocka_unit_test(what_is_true_at_the_start_counts),
        cmocka_unit_test(a_phantom_is_nobody),
        cmocka_unit_test(who_moves_has_time_for_a_long_bath),
        cmocka_unit_test(a_door_found_closed_all_the_time_says_nothing_by_itself),
        cmocka_unit_test(a_restart_judges_the_door_as_one_life_does),
        cmocka_unit_test(a_lost_door_stops_the_timers_and_a_lost_sensor_inside_is_not_still),
        cmocka_unit_test(a_power_cut_counts_as_time_inside),
        cmocka_unit_test(away_and_a_visit_mute_it_and_a_closed_door_counts_anew_after),
        cmocka_unit_test(who_moves_inside_while_a_carer_is_here_is_watched_from_the_end_of_the_visit),
        cmocka_unit_test(a_lone_movement_of_long_ago_does_not_begin_a_later_stay),
        cmocka_unit_test(limits_may_be_set_or_turned_off),
        cmocka_unit_test(without_a_door_a_stay_begins_and_ends_with_movement),
        cmocka_unit_test(without_a_door_a_phantom_elsewhere_does_not_end_the_stay),
        cmocka_unit_test(without_a_door_phantoms_inside_are_nobody),
        cmocka_unit_test(without_a_door_lost_sensors_make_it_blind),
        cmocka_unit_test(tests_and_wrong_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
