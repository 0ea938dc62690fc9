/* The visit plugin: a carer checks in and out. */
#include "story.h"

#include "../../plugins/plan.h"

#define SENSORS "tag button hall; in button hall; out button hall; here state hall; other state hall"
#define TOGGLE  "toggle=tag; "
#define IN_OUT  "check_in=in; check_out=out; "

#define STORY(settings_, in_, out_) story_tells(&gw_plugin_v1, &(struct story){SENSORS, settings_, in_, out_})
#define REFUSED(settings_, words_)  story_refused(&gw_plugin_v1, &(struct story){SENSORS, settings_, "", ""}, words_)

static void one_button_checks_in_and_out_and_tells_the_service_time(void **state)
{
    (void)state;
    struct told *told = STORY(TOGGLE, "09:12 tag press\n", "09:12:00 raise visit\n");
    assert_string_equal(told->last.text_en, "A carer has been here since 09:12.");
    told = STORY(TOGGLE, "09:12 tag press\n09:58 tag press\n12:00 -\n",
                 "09:12:00 raise visit\n09:58:00 raise visit\n09:58:00 clear visit\n");
    assert_string_equal(told->last.text_en, "A carer was here from 09:12 to 09:58 (46 min).");
    assert_string_equal(told->last.text_zh, "护理员 09:12 签到，09:58 签退，服务 46 分钟。");
    assert_int_equal(told->last.n_evidence, 2);
    assert_true((gw_plugin_v1.alerts[0].flags & GW_ALERT_VISIT) != 0);
}

static void a_double_press_is_one_press(void **state)
{
    (void)state;
    STORY(TOGGLE, "09:12 tag press\n09:12:02 tag press\n09:12:03 tag double\n09:58 tag press\n09:58:01 tag press\n",
          "09:12:00 raise visit\n09:58:00 raise visit\n09:58:00 clear visit\n");
    STORY(IN_OUT, "09:12 in press\n09:12:02 in press\n09:58 out press\n09:58:02 out press\n",
          "09:12:00 raise visit\n09:58:00 raise visit\n09:58:00 clear visit\n");
}

static void separate_buttons_for_in_and_out(void **state)
{
    (void)state;
    STORY(IN_OUT, "09:12 in press\n09:30 in press\n09:58 out press\n",
          "09:12:00 raise visit\n09:58:00 raise visit\n09:58:00 clear visit\n");
    STORY(IN_OUT, "09:12 in press\n09:12:05 out press\n10:00 -\n",
          "09:12:00 raise visit\n09:12:05 raise visit\n09:12:05 clear visit\n");
}

static void a_check_out_without_a_check_in_is_told(void **state)
{
    (void)state;
    struct told *told = STORY(IN_OUT, "09:58 out press\n", "09:58:00 raise visit-unclear\n");
    assert_string_equal(told->last.text_en, "A carer checked out at 09:58, but nobody had checked in.");
    assert_string_equal(told->last.text_zh, "护理员 09:58 签退，但没有签到记录。");
}

static void a_switch_says_it_by_its_level_also_when_it_is_found_on(void **state)
{
    (void)state;
    STORY("present=here", "09:12 here 1\n09:20 here 1 initial\n09:58 here 0\n",
          "09:12:00 raise visit\n09:58:00 raise visit\n09:58:00 clear visit\n");
    STORY("present=here", "09:12 here 1 initial\n10:00 -\n", "09:12:00 raise visit\n");
    STORY("present=here", "09:12 here 0 initial\n10:00 -\n", "");
}

static void a_wired_button_counts_when_it_is_pushed(void **state)
{
    (void)state;
    STORY(TOGGLE, "09:00 tag 0 initial\n09:12 tag 1\n09:12:01 tag 0\n09:58 tag 1\n09:58:01 tag 0\n",
          "09:12:00 raise visit\n09:58:00 raise visit\n09:58:00 clear visit\n");
    STORY(TOGGLE, "09:00 tag 1 initial\n09:01 tag 0\n10:00 tag press retained\n", "");
}

static void the_platform_checks_in_and_out_by_the_mode(void **state)
{
    (void)state;
    struct told *told = STORY(TOGGLE, "09:12 home mode 2\n", "09:12:00 raise visit\n");
    assert_string_equal(told->last.text_zh, "护理员 09:12 签到（平台登记），正在服务。");
    STORY(TOGGLE, "09:12 home mode 2\n09:58 home mode 0\n",
          "09:12:00 raise visit\n09:58:00 raise visit\n09:58:00 clear visit\n");
    STORY(TOGGLE, "09:12 home mode 2\n09:12:10 home mode 0\n",
          "09:12:00 raise visit\n09:12:10 raise visit\n09:12:10 clear visit\n");
    STORY(TOGGLE, "09:12 tag press\n09:58 home mode 0\n10:30 home mode 1\n11:00 home mode 0\n",
          "09:12:00 raise visit\n09:58:00 raise visit\n09:58:00 clear visit\n");
}

static void the_echo_of_our_own_visit_is_no_order(void **state)
{
    (void)state;
    STORY(IN_OUT, "09:12 in press\n09:12:01 home mode 2\n09:58 out press\n09:58:01 home mode 0\n10:30 -\n",
          "09:12:00 raise visit\n09:58:00 raise visit\n09:58:00 clear visit\n");
    /* in and out, before the core has said anything */
    STORY(IN_OUT, "09:12 in press\n09:12:02 out press\n09:12:03 home mode 2\n09:12:04 home mode 0\n10:30 -\n",
          "09:12:00 raise visit\n09:12:02 raise visit\n09:12:02 clear visit\n");
    STORY(IN_OUT,
          "09:12 in press\n09:13 out press\n09:13:05 in press\n09:13:06 home mode 0\n09:13:07 home mode 2\n10:00 -\n",
          "09:12:00 raise visit\n09:13:00 raise visit\n09:13:00 clear visit\n09:13:05 raise visit\n");
}

/* After a crash the core knows the mode from the alert, and the press comes again from the ring behind it. */
static void a_check_in_that_comes_again_behind_its_own_mode_is_no_check_out(void **state)
{
    (void)state;
    const char *out = "09:12:00 raise visit\n09:12:02 clear visit\n09:12:02 raise visit\n09:58:00 raise visit\n"
                      "09:58:00 clear visit\n";
    STORY(TOGGLE, "09:12 home mode 2\n09:12:02 tag press\n09:58 tag press\n12:00 -\n", out);
    STORY(IN_OUT, "09:12 home mode 2\n09:12:02 in press\n09:58 out press\n12:00 -\n", out);
    STORY(TOGGLE, "09:12 home mode 2\n09:40 tag press\n12:00 -\n",
          "09:12:00 raise visit\n09:40:00 raise visit\n09:40:00 clear visit\n");
}

static void a_visit_that_never_ends_counts_as_over_and_is_told(void **state)
{
    (void)state;
    struct told *told = STORY(TOGGLE, "09:12 tag press\n15:00 -\n",
                              "09:12:00 raise visit\n13:12:00 clear visit\n13:12:00 raise visit-not-ended\n");
    assert_non_null(strstr(told->last.text_en, "The carer who came at 09:12 has not checked out for 4 h"));
    assert_string_equal(told->last.limit, "4 h");
    /* late check-out; next carer */
    STORY(TOGGLE "longest=1 h", "09:00 tag press\n10:30 tag press\n12:00 -\n",
          "09:00:00 raise visit\n10:00:00 clear visit\n10:00:00 raise visit-not-ended\n"
          "10:30:00 clear visit-not-ended\n");
    STORY(TOGGLE "longest=1 h", "09:00 tag press\n11:30 tag press\n12:00 -\n",
          "09:00:00 raise visit\n10:00:00 clear visit\n10:00:00 raise visit-not-ended\n"
          "11:30:00 clear visit-not-ended\n11:30:00 raise visit\n");
    /* what the core says of the end is its echo */
    STORY(TOGGLE "longest=1 h", "09:00 tag press\n10:00:01 home mode 0\n12:00 -\n",
          "09:00:00 raise visit\n10:00:00 clear visit\n10:00:00 raise visit-not-ended\n");
}

static void a_gateway_that_was_down_in_between_still_knows_the_visit(void **state)
{
    (void)state;
    STORY(TOGGLE, "09:12 tag press\n09:40 home gap 1200\n09:58 tag press\n",
          "09:12:00 raise visit\n09:58:00 raise visit\n09:58:00 clear visit\n");
}

/* The stories begin on a Monday. */
static void a_planned_visit_that_does_not_begin_is_told_until_one_does(void **state)
{
    (void)state;
    STORY(TOGGLE "planned=Mon-Fri 08:00 18:00, Sat 09:30",
          "07:00 other 0\n09:10 tag press\n09:50 tag press\n17:00 tag press\n"
          "17:30 tag press\n19:00 -\n",
          "08:30:00 raise visit-missed\n09:10:00 clear visit-missed\n09:10:00 raise visit\n09:50:00 raise visit\n"
          "09:50:00 clear visit\n17:00:00 raise visit\n17:30:00 raise visit\n17:30:00 clear visit\n");
    struct told *told = STORY(TOGGLE "planned=Mon-Fri 08:00 18:00, Sat 09:30", "07:00 other 0\n09:00 -\n",
                              "08:30:00 raise visit-missed\n");
    assert_string_equal(told->last.text_en, "The visit planned for 08:00 has not begun 30 min later.");
    assert_string_equal(told->last.text_zh, "计划 08:00 的上门服务，超过 30 分钟仍无人签到。");
    assert_string_equal(told->last.key, "0800");
}

static void early_late_and_under_way_have_begun(void **state)
{
    (void)state;
    STORY(TOGGLE "planned=08:00", "06:50 other 0\n07:05 tag press\n07:20 tag press\n09:00 -\n",
          "07:05:00 raise visit\n07:20:00 raise visit\n07:20:00 clear visit\n");
    STORY(TOGGLE "planned=08:00", "06:50 other 0\n08:29 tag press\n09:00 -\n", "08:29:00 raise visit\n");
    STORY(TOGGLE "planned=08:00", "05:00 other 0\n06:00 tag press\n08:10 tag press\n09:00 -\n",
          "06:00:00 raise visit\n08:10:00 raise visit\n08:10:00 clear visit\n");
    STORY(TOGGLE "planned=08:00", "05:00 other 0\n06:00 tag press\n06:30 tag press\n09:00 -\n",
          "06:00:00 raise visit\n06:30:00 raise visit\n06:30:00 clear visit\n08:30:00 raise visit-missed\n");
}

static void a_missed_visit_is_told_a_day_at_most_and_each_day_anew(void **state)
{
    (void)state;
    STORY(TOGGLE "planned=Mon 08:00", "07:00 other 0\n+1\n12:00 -\n",
          "08:30:00 raise visit-missed\n08:30:00 clear visit-missed\n");
    static const char daily[] = TOGGLE "planned=08:00";
    const uint64_t first = STORY(daily, "07:00 other 0\n09:00 -\n", "08:30:00 raise visit-missed\n")->last.episode;
    struct told *told = STORY(daily, "07:00 other 0\n09:00 tag press\n09:30 tag press\n08:40 -\n",
                              "08:30:00 raise visit-missed\n09:00:00 clear visit-missed\n09:00:00 raise visit\n"
                              "09:30:00 raise visit\n09:30:00 clear visit\n08:30:00 raise visit-missed\n");
    assert_true(told->last.episode != first);
}

static void nobody_is_expected_away_nor_before_the_detector_began_nor_on_other_days(void **state)
{
    (void)state;
    STORY(TOGGLE "planned=08:00", "07:00 home mode 1\n12:00 -\n", "");
    STORY(TOGGLE "planned=08:00", "09:00 other 0\n12:00 -\n", "");
    STORY(TOGGLE "planned=Tue-Sun 08:00", "07:00 other 0\n12:00 -\n", "");
    STORY(TOGGLE "planned=Sat-Mon 23:50", "07:00 other 0\n23:59 -\n01:00 -\n", "00:20:00 raise visit-missed\n");
    STORY(TOGGLE "planned=Tue 23:50", "07:00 other 0\n01:00 -\n23:00 -\n01:00 -\n", "00:20:00 raise visit-missed\n");
}

static void a_gateway_that_was_down_says_that_it_could_not_see_everything(void **state)
{
    (void)state;
    struct told *told =
        STORY(TOGGLE "planned=08:00", "07:00 other 0\n08:20 home gap 3000\n09:00 -\n", "08:30:00 raise visit-missed\n");
    assert_string_equal(told->last.text_en,
                        "The visit planned for 08:00 has not begun 30 min later. The gateway was off "
                        "for part of the time.");
}

static void a_test_begins_no_visit(void **state)
{
    (void)state;
    STORY(TOGGLE "present=here", "09:00 tag press test\n09:10 here 1 test\n09:20 home mode 2 test\n10:00 -\n", "");
}

static void bad_plans_and_roles_are_refused_with_the_word_that_is_wrong(void **state)
{
    (void)state;
    REFUSED(TOGGLE "planned=Mon-Fri 8 Uhr", "\"8\" is no day and no time");
    REFUSED(TOGGLE "planned=Mon-Foo 08:00", "\"Mon-Foo\" is no day");
    REFUSED(TOGGLE "planned=Mon 24:00", "\"24:00\"");
    REFUSED(TOGGLE "planned=Mon 08:60", "\"08:60\"");
    REFUSED(TOGGLE "planned=Mon-Fri", "days without a time");
    REFUSED(TOGGLE "planned=08:00 Mon", "a day after a time");
    REFUSED(TOGGLE "planned=-08:00", "\"-08:00\"");
    REFUSED(TOGGLE "planned=周一 08:00", "is no day");
    REFUSED(TOGGLE "planned=1:00 1:01 1:02 1:03 1:04 1:05 1:06 1:07 1:08 1:09 1:10 1:11 1:12 1:13 1:14 1:15 1:16 1:17 "
                   "1:18 1:19 1:20 1:21 1:22 1:23 1:24 1:25 1:26 1:27 1:28 1:29 1:30 1:31 1:32",
            "more than 32 times");
    REFUSED("toggle=tag; check_in=tag", "can't be toggle and check_in");
    REFUSED("toggle=here", "toggle");
    REFUSED("longest=never", "longest");
}

static void plans_are_read_as_written(void **state)
{
    (void)state;
    struct plan plan;
    char error[160] = "";
    assert_int_equal(plan_parse(&plan, " mon wed-THU 8:05  18:00 ;, daily 23:59", error, sizeof error), 0);
    assert_int_equal(plan.n, 3);
    assert_int_equal(plan.slots[0].days, 1u << 1 | 1u << 3 | 1u << 4);
    assert_int_equal(plan.slots[0].minute, 485);
    assert_int_equal(plan.slots[1].days, plan.slots[0].days);
    assert_int_equal(plan.slots[2].days, PLAN_DAYS);
    assert_int_equal(plan_parse(&plan, "Sun-Tue 00:00", error, sizeof error), 0);
    assert_int_equal(plan.slots[0].days, 1u << 7 | 1u << 1 | 1u << 2);
    assert_int_equal(plan_parse(&plan, "", error, sizeof error), 0);
    assert_int_equal(plan.n, 0);
    char endless[300];
    memset(endless, 'x', sizeof endless);
    endless[sizeof endless - 1] = '\0';
    assert_int_equal(plan_parse(&plan, endless, error, sizeof error), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_button_checks_in_and_out_and_tells_the_service_time),
        cmocka_unit_test(a_double_press_is_one_press),
        cmocka_unit_test(separate_buttons_for_in_and_out),
        cmocka_unit_test(a_check_out_without_a_check_in_is_told),
        cmocka_unit_test(a_switch_says_it_by_its_level_also_when_it_is_found_on),
        cmocka_unit_test(a_wired_button_counts_when_it_is_pushed),
        cmocka_unit_test(the_platform_checks_in_and_out_by_the_mode),
        cmocka_unit_test(the_echo_of_our_own_visit_is_no_order),
        cmocka_unit_test(a_check_in_that_comes_again_behind_its_own_mode_is_no_check_out),
        cmocka_unit_test(a_visit_that_never_ends_counts_as_over_and_is_told),
        cmocka_unit_test(a_gateway_that_was_down_in_between_still_knows_the_visit),
        cmocka_unit_test(a_planned_visit_that_does_not_begin_is_told_until_one_does),
        cmocka_unit_test(early_late_and_under_way_have_begun),
        cmocka_unit_test(a_missed_visit_is_told_a_day_at_most_and_each_day_anew),
        cmocka_unit_test(nobody_is_expected_away_nor_before_the_detector_began_nor_on_other_days),
        cmocka_unit_test(a_gateway_that_was_down_says_that_it_could_not_see_everything),
        cmocka_unit_test(a_test_begins_no_visit),
        cmocka_unit_test(bad_plans_and_roles_are_refused_with_the_word_that_is_wrong),
        cmocka_unit_test(plans_are_read_as_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
