/* The bed plugin: nights as they are. */
#include "story.h"
#include "story_restart.h"

#define SENSORS                                                                                                        \
    "bed bed bedroom; hall motion hall; bathroom-door contact bathroom; front-door contact front-door; "               \
    "kitchen presence kitchen"
#define ROLES_SET "bed=bed; motion=hall; motion=bathroom-door; motion=kitchen; door=front-door; "

#define STORY(settings_, in_, out_) story_tells(&gw_plugin_v1, &(struct story){SENSORS, ROLES_SET settings_, in_, out_})
#define ALONE(settings_, in_, out_)                                                                                    \
    story_tells(&gw_plugin_v1, &(struct story){SENSORS, "bed=bed; " settings_, in_, out_})

static void a_quiet_night_with_two_trips_alarms_nobody(void **state)
{
    (void)state;
    STORY("",
          "22:30 bed 1\n01:10 bed 0\n01:11 hall 1\n01:12 hall 0\n01:15 bed 1\n04:00 bed 0\n04:02 bathroom-door 1\n"
          "04:20 bed 1\n06:40 bed 0\n12:00 -\n",
          "");
}

static void left_the_bed_and_not_back_in_time_is_an_emergency_until_back(void **state)
{
    (void)state;
    struct told *told = STORY("", "22:30 bed 1\n03:10 bed 0\n04:30 bed 1\n05:00 -\n",
                              "03:40:00 raise bed-empty\n04:30:10 clear bed-empty\n");
    assert_string_equal(told->last.text_en,
                        "Left the bed at 03:10 and is not back after 30 min. No movement seen since.");
    assert_string_equal(told->last.text_zh, "03:10 离床，30 分钟后仍未回床。之后没有发现活动。");
    assert_string_equal(told->last.limit, "30 min");
    assert_int_equal(told->last.n_evidence, 1);
    assert_true(told->last.episode == told->last.evidence[0].origin);
    assert_true(told->last.since == told->last.at - 30 * GW_MINUTE);
}

static void movement_elsewhere_extends_the_absence_and_who_is_up_for_long_is_told(void **state)
{
    (void)state;
    struct told *told =
        STORY("", "22:30 bed 1\n03:00 bed 0\n03:20 hall 1\n03:21 hall 0\n05:00 -\n", "04:06:00 raise bed-empty\n");
    assert_non_null(strstr(told->last.text_en, "Last movement 03:21 (hall)."));
    assert_int_equal(told->last.n_evidence, 2);
    STORY("", "22:30 bed 1\n03:00 bed 0\n03:20 hall 1\n03:21 hall 0\n03:33 hall 1\n03:33:30 hall 0\n05:00 -\n",
          "04:18:30 raise bed-empty\n");
    STORY("", "22:00 bathroom-door 1\n22:30 bed 1\n03:00 bed 0\n05:00 -\n", "03:30:00 raise bed-empty\n");
    STORY("", "22:30 bed 1\n03:00 bed 0\n03:20 kitchen 1\n05:00 -\n", "04:30:00 raise bed-up-long\n");
}

static void an_opened_front_door_is_told(void **state)
{
    (void)state;
    struct told *told =
        STORY("", "22:30 bed 1\n03:00 bed 0\n03:05 front-door 1\n04:00 -\n", "03:30:00 raise bed-empty\n");
    assert_non_null(strstr(told->last.text_en, "The door was opened at 03:05."));
    assert_non_null(strstr(told->last.text_zh, "门 03:05 打开过。"));
}

static void getting_up_in_the_morning_is_no_absence(void **state)
{
    (void)state;
    STORY("", "22:30 bed 1\n06:45 bed 0\n06:46 hall 1\n09:00 -\n", "");
    STORY("", "13:00 bed 1\n14:00 bed 0\n23:00 -\n", "");
}

static void an_absence_from_the_night_ends_when_somebody_is_about_in_the_morning(void **state)
{
    (void)state;
    STORY("", "22:30 bed 1\n05:00 bed 0\n06:00 hall 1\n07:30 bathroom-door 1\n08:00 -\n",
          "05:30:00 raise bed-empty\n07:30:00 clear bed-empty\n");
}

static void a_chattering_mat_brings_nobody_out_of_bed_and_nobody_back(void **state)
{
    (void)state;
    STORY("", "22:30 bed 1\n01:00 bed 0\n01:00:50 bed 1\n01:01 bed 0\n01:01:59 bed 1\n02:00 -\n", "");
    STORY("", "22:30 bed 1\n01:00 bed 0\n01:10 bed 1\n01:10:02 bed 0\n01:20 bed 1\n01:20:02 bed 0\n02:00 -\n",
          "01:30:00 raise bed-empty\n");
    STORY("",
          "22:30 bed 1\n01:00 bed 0\n01:10 bed 1\n01:10:06 bed 0\n01:10:09 bed 1\n01:10:16 bed 0\n01:10:20 bed "
          "1\n02:00 -\n",
          "");
}

static void add(char *in, const char *line)
{
    const size_t used = strlen(in);
    snprintf(in + used, 4096 - used, "%s", line);
}

static void a_very_bad_mat_is_told_and_no_longer_believed_alone(void **state)
{
    (void)state;
    char in[4096] = "22:30 bed 1\n";
    for (int i = 0; i < 20; i++)
        snprintf(in + strlen(in), sizeof in - strlen(in), "23:%02d:00 bed 0\n23:%02d:04 bed 1\n", i, i);
    /* nobody was seen to get up: it is the mat. Alone it has to be believed */
    add(in, "02:00 bed 0\n03:30 -\n");
    STORY("", in, "23:19:04 raise bed-mat-unreliable\n");
    ALONE("", in, "23:19:04 raise bed-mat-unreliable\n02:30:00 raise bed-empty\n");
    /* seen in the hall later on: a warning; and not if she is seen beside the bed after that */
    add(in, "03:40 hall 1\n03:41 hall 0\n");
    char back[4096];
    snprintf(back, sizeof back, "%s03:45 kitchen 1\n03:45:30 kitchen 0\n05:00 -\n", in);
    add(in, "04:30 bed 1\n05:00 -\n");
    STORY("", in,
          "23:19:04 raise bed-mat-unreliable\n04:26:00 raise bed-empty-unsure\n04:30:10 clear bed-empty-unsure\n");
    story_tells(&gw_plugin_v1, &(struct story){SENSORS, "bed=bed; motion=hall; bedroom=kitchen", back,
                                               "23:19:04 raise bed-mat-unreliable\n"});
}

static void who_gets_up_is_seen_beside_the_bed_or_it_is_the_mat(void **state)
{
    (void)state;
#define BESIDE(in_, out_)                                                                                              \
    story_tells(&gw_plugin_v1, &(struct story){SENSORS, "bed=bed; motion=hall; bedroom=kitchen", in_, out_})
    BESIDE("22:30 bed 1\n03:00 bed 0\n04:00 bed 1\n05:00 -\n", "");
    BESIDE("22:30 bed 1\n03:00 bed 0\n03:00:10 kitchen 1\n03:00:40 kitchen 0\n04:00 -\n", "03:30:00 raise bed-empty\n");
    BESIDE("22:30 bed 1\n03:00 bed 0\n03:40 hall 1\n03:41 hall 0\n05:00 -\n", "04:26:00 raise bed-empty\n");
    BESIDE("22:30 bed 1\n02:00 kitchen lost\n03:00 bed 0\n04:00 -\n", "03:30:00 raise bed-empty\n");
}

static void a_mat_is_good_again_after_a_night_of_few_breaks(void **state)
{
    (void)state;
    char in[4096] = "22:30 bed 1\n";
    for (int i = 0; i < 20; i++)
        snprintf(in + strlen(in), sizeof in - strlen(in), "23:%02d:00 bed 0\n23:%02d:04 bed 1\n", i, i);
    /* a night away says nothing, a night in bed does */
    add(in, "07:30 bed 0\n23:40 hall 1\n23:50 hall 0\n22:00 bed 1\n07:30 bed 0\n23:55 hall 1\n23:59 hall 0\n");
    STORY("", in, "23:19:04 raise bed-mat-unreliable\n23:55:00 clear bed-mat-unreliable\n");
}

/* Also when it comes in the middle of the day, or of the evening, that is counted. */
static void a_restart_doubts_the_mat_as_one_life_does(void **state)
{
    (void)state;
    static const int breaks[] = {12, 30, 15, 3, 25, 18, 2, 19};
    char in[8192] = "09:00 bed 0\n";
    for (size_t night = 0; night < sizeof breaks / sizeof breaks[0]; night++) {
        snprintf(in + strlen(in), sizeof in - strlen(in), "21:00 hall 1\n21:01 hall 0\n22:30 bed 1\n");
        for (int i = 0; i < breaks[night]; i++)
            snprintf(in + strlen(in), sizeof in - strlen(in), "23:%02d bed 0\n23:%02d:04 bed 1\n", i, i);
        snprintf(in + strlen(in), sizeof in - strlen(in), "07:30 bed 0\n09:30 hall 1\n09:31 hall 0\n");
    }
    struct gw_plugin forgetful = gw_plugin_v1; /* where each night is slept in, three days are enough */
    forgetful.history = 3 * GW_DAY;
    story_survives_restarts(&forgetful, &(struct story){SENSORS, ROLES_SET, in, ""});
}

static void what_is_true_at_the_start_counts(void **state)
{
    (void)state;
    STORY("", "02:00 bed 0 initial\n03:00 -\n", "02:30:00 raise bed-empty\n");
    STORY("too_long=14 h", "02:00 bed 1 initial\n17:00 -\n", "16:00:00 raise bed-too-long\n");
}

static void a_lost_mat_stops_its_timers_and_goes_on_when_it_is_back(void **state)
{
    (void)state;
    STORY("", "22:30 bed 1\n03:00 bed 0\n03:20 bed lost\n05:00 -\n", "");
    STORY("", "22:30 bed 1\n03:00 bed 0\n03:20 bed lost\n04:00 bed 0 initial\n05:00 -\n", "04:00:00 raise bed-empty\n");
    STORY("", "22:30 bed 1\n03:00 bed 0\n03:20 bed lost\n04:00 bed 1 initial\n05:00 -\n", "");
}

static void away_and_a_visit_mute_it_and_maintenance_does_not(void **state)
{
    (void)state;
    STORY("", "22:30 bed 1\n02:00 home mode 1\n03:00 bed 0\n05:00 -\n", "");
    STORY("", "22:30 bed 1\n03:00 bed 0\n03:40 home mode 2\n05:00 -\n",
          "03:30:00 raise bed-empty\n03:40:00 clear bed-empty\n");
    STORY("", "22:30 bed 1\n02:00 home mode 3\n03:00 bed 0\n05:00 -\n", "03:30:00 raise bed-empty\n");
}

static void not_up_by_nine(void **state)
{
    (void)state;
    struct told *told = STORY("up_by=09:00", "22:30 bed 1\n10:00 bed 0\n12:00 -\n",
                              "09:00:00 raise bed-not-up\n10:01:00 clear bed-not-up\n");
    assert_string_equal(told->last.text_zh, "到 09:00 还没有起床（22:30 上床）。");
    assert_true(told->last.episode == 20260303);
    STORY("up_by=09:00", "22:30 bed 1\n08:10 bed 0\n08:20 bed 1\n09:30 -\n", "");
    STORY("up_by=09:00", "22:30 bed 1\n07:00 bed 0\n12:00 -\n", "");
}

static void who_does_not_reach_her_bed_is_looked_for(void **state)
{
    (void)state;
#define BED_BY "in_bed_by=01:00; up_by=09:00"
    struct told *told = STORY(BED_BY, "20:00 bed 0 initial\n23:10 hall 1\n23:11 hall 0\n08:00 hall 1\n09:30 -\n",
                              "01:00:00 raise bed-not-reached\n08:00:00 clear bed-not-reached\n");
    assert_string_equal(told->last.text_en, "Not gone to bed. Last movement 23:11 (hall), none for 45 min.");
    /* up late, and then to bed; gone out for the night; nobody at home all evening; in bed in time */
    STORY(BED_BY, "20:00 bed 0 initial\n00:50 hall 1\n00:51 hall 0\n01:30 bed 1\n08:50 bed 0\n09:30 -\n", "");
    STORY(BED_BY, "20:00 bed 0 initial\n00:30 hall 1\n00:31 hall 0\n00:32 front-door 1\n06:00 -\n", "");
    STORY(BED_BY, "18:00 bed 0 initial\n18:30 hall 1\n18:31 hall 0\n06:00 -\n", "");
    STORY(BED_BY, "20:00 bed 0 initial\n22:00 hall 1\n22:01 hall 0\n22:30 bed 1\n08:50 bed 0\n09:30 -\n", "");
}

static void too_long_in_bed_with_short_trips_and_without_the_power_cut(void **state)
{
    (void)state;
    STORY("", "20:00 bed 1\n02:00 bed 0\n02:05 bed 1\n11:00 bed 0\n11:20 -\n",
          "10:00:00 raise bed-too-long\n11:10:00 clear bed-too-long\n");
    STORY("", "20:00 bed 1\n02:00 home gap 7200\n12:30 -\n", "12:00:00 raise bed-too-long\n");
    STORY("too_long=never", "20:00 bed 1\n19:00 -\n", "");
}

static void two_mats_in_one_bed_are_one(void **state)
{
    (void)state;
    const char *sensors = "left bed bedroom; right bed bedroom";
    story_tells(&gw_plugin_v1,
                &(struct story){sensors, "bed=left; bed=right",
                                "22:30 left 1\n22:30 right 0\n01:00 right 1\n01:00:05 left 0\n02:00 -\n", ""});
    story_tells(&gw_plugin_v1,
                &(struct story){sensors, "bed=left; bed=right", "22:30 left 1\n22:30 right 0\n01:00 left 0\n02:00 -\n",
                                "01:30:00 raise bed-empty\n"});
    story_tells(&gw_plugin_v1,
                &(struct story){sensors, "bed=left; bed=right",
                                "22:30 left 1\n22:30 right 0\n00:00 right lost\n01:00 left 0\n02:00 -\n", ""});
}

static void tests_of_the_mat_change_nothing(void **state)
{
    (void)state;
    STORY("", "22:30 bed 1\n03:00 bed 0\n03:10 bed 1 test\n04:00 -\n", "03:30:00 raise bed-empty\n");
}

static void wrong_settings_are_refused(void **state)
{
    (void)state;
    story_refused(&gw_plugin_v1, &(struct story){SENSORS, "bed=hall", "", ""}, "is a motion, this role takes: bed");
    story_refused(&gw_plugin_v1, &(struct story){SENSORS, "bed=bed; safe_absence=20 s", "", ""}, "settle");
    story_refused(&gw_plugin_v1, &(struct story){SENSORS, "bed=bed; up_bye=09:00", "", ""}, "did you mean \"up_by\"");
    story_refused(&gw_plugin_v1, &(struct story){SENSORS, "bed=bedd", "", ""}, "did you mean \"bed\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quiet_night_with_two_trips_alarms_nobody),
        cmocka_unit_test(left_the_bed_and_not_back_in_time_is_an_emergency_until_back),
        cmocka_unit_test(movement_elsewhere_extends_the_absence_and_who_is_up_for_long_is_told),
        cmocka_unit_test(an_opened_front_door_is_told),
        cmocka_unit_test(getting_up_in_the_morning_is_no_absence),
        cmocka_unit_test(an_absence_from_the_night_ends_when_somebody_is_about_in_the_morning),
        cmocka_unit_test(a_chattering_mat_brings_nobody_out_of_bed_and_nobody_back),
        cmocka_unit_test(a_very_bad_mat_is_told_and_no_longer_believed_alone),
        cmocka_unit_test(who_gets_up_is_seen_beside_the_bed_or_it_is_the_mat),
        cmocka_unit_test(a_restart_doubts_the_mat_as_one_life_does),
        cmocka_unit_test(a_mat_is_good_again_after_a_night_of_few_breaks),
        cmocka_unit_test(what_is_true_at_the_start_counts),
        cmocka_unit_test(a_lost_mat_stops_its_timers_and_goes_on_when_it_is_back),
        cmocka_unit_test(away_and_a_visit_mute_it_and_maintenance_does_not),
        cmocka_unit_test(not_up_by_nine),
        cmocka_unit_test(who_does_not_reach_her_bed_is_looked_for),
        cmocka_unit_test(too_long_in_bed_with_short_trips_and_without_the_power_cut),
        cmocka_unit_test(two_mats_in_one_bed_are_one),
        cmocka_unit_test(tests_of_the_mat_change_nothing),
        cmocka_unit_test(wrong_settings_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
