/* Local time: the two days of DST, and zones without it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "zone.h"

static int64_t utc(int year, int month, int day, int hour, int minute)
{
    struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day, .tm_hour = hour, .tm_min = minute};
    return (int64_t)timegm(&tm) * 1000;
}

static void local_time_has_date_weekday_and_minute(void **state)
{
    (void)state;
    struct gw_local local;
    zone_load("Asia/Shanghai");
    zone_local(utc(2026, 3, 1, 16, 30) + 59999, &local);
    assert_int_equal(local.year, 2026);
    assert_int_equal(local.month, 3);
    assert_int_equal(local.day, 2);
    assert_int_equal(local.weekday, 1);
    assert_int_equal(local.minute, 30);
    assert_int_equal(local.second, 59);
}

static void times_before_1970_and_beyond_all_calendars_do_no_harm(void **state)
{
    (void)state;
    struct gw_local local;
    zone_load("Asia/Shanghai");
    zone_local(-1, &local);
    assert_int_equal(local.minute, 7 * 60 + 59);
    zone_local(INT64_MAX, &local);
    zone_local(INT64_MIN, &local);
    assert_true(zone_next_minute(INT64_MAX, 600) == INT64_MAX);
}

static void the_next_minute_is_today_or_tomorrow(void **state)
{
    (void)state;
    zone_load("Asia/Shanghai");
    const int64_t nine = utc(2026, 3, 2, 1, 0);
    assert_true(zone_next_minute(nine - 5000, 540) == nine);
    assert_true(zone_next_minute(nine, 540) == nine);
    assert_true(zone_next_minute(nine + 1, 540) == nine + 86400000);
    assert_true(zone_next_minute(nine, 0) == utc(2026, 3, 2, 16, 0));
}

static void in_the_hour_that_spring_skips_it_is_the_moment_after(void **state)
{
    (void)state;
    zone_load("Europe/Berlin");
    const int64_t skip = utc(2026, 3, 29, 1, 0); /* 02:00 CET is 03:00 CEST */
    assert_true(zone_next_minute(skip - 3600000, 150) == skip);
    assert_true(zone_next_minute(skip - 3600000, 120) == skip);
    assert_true(zone_next_minute(skip - 3600000, 119) == skip - 60000);
    assert_true(zone_next_minute(skip - 3600000, 180) == skip);
    assert_true(zone_next_minute(skip - 3600000, 181) == skip + 60000);
    assert_true(zone_next_minute(skip + 1, 150) == utc(2026, 3, 30, 0, 30));
}

static void in_the_hour_that_autumn_repeats_it_is_the_first_pass_only(void **state)
{
    (void)state;
    zone_load("Europe/Berlin");
    const int64_t first = utc(2026, 10, 25, 0, 30); /* 02:30 CEST; again at 01:30 UTC */
    assert_true(zone_next_minute(first - 7200000, 150) == first);
    assert_true(zone_next_minute(first, 150) == first);
    assert_true(zone_next_minute(first + 1, 150) == utc(2026, 10, 26, 1, 30));
    assert_true(zone_next_minute(first, 180) == utc(2026, 10, 25, 2, 0));
    assert_true(zone_next_minute(first, 179) == utc(2026, 10, 25, 0, 59));
}

static void every_quarter_of_a_year_agrees_with_the_clock(void **state)
{
    (void)state;
    static const char *const zones[] = {"Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns", "Asia/Shanghai"};
    for (size_t z = 0; z < sizeof zones / sizeof zones[0]; z++) {
        zone_load(zones[z]);
        for (int64_t from = utc(2026, 1, 1, 0, 7); from < utc(2027, 1, 1, 0, 0); from += 17 * 3600 * 1000 + 60000) {
            const int64_t at = zone_next_minute(from, 135);
            struct gw_local here, before;
            zone_local(at, &here);
            zone_local(at - 1000, &before);
            assert_true(at >= from && at - from <= 25 * 3600000LL);
            assert_true(here.minute == 135 || (before.minute < 135 && here.minute > 135)); /* or skipped */
        }
    }
}

static void beyond_the_calendar_a_wake_is_a_day_later_and_not_at_once(void **state)
{
    (void)state;
    assert_true(zone_next_minute(INT64_C(280372914909037), 540) == INT64_C(280372914909037) + 86400000);
    assert_true(zone_next_minute(INT64_C(-280372914909037), 540) == INT64_C(-280372914909037) + 86400000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(local_time_has_date_weekday_and_minute),
        cmocka_unit_test(times_before_1970_and_beyond_all_calendars_do_no_harm),
        cmocka_unit_test(the_next_minute_is_today_or_tomorrow),
        cmocka_unit_test(beyond_the_calendar_a_wake_is_a_day_later_and_not_at_once),
        cmocka_unit_test(in_the_hour_that_spring_skips_it_is_the_moment_after),
        cmocka_unit_test(in_the_hour_that_autumn_repeats_it_is_the_first_pass_only),
        cmocka_unit_test(every_quarter_of_a_year_agrees_with_the_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
