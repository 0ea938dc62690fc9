/* Times and values in words. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/kinds.h"
#include "base/words.h"
#include "check.h"
#include "gatewayd/plugin.h"

static void values_beyond_the_tables_are_a_question_mark_not_a_crash(void **state)
{
    (void)state;
    char out[WORDS_SIZE];
    struct reading odd = {.type = 200, .value = 1};
    assert_string_equal(words_reading(KIND_BED, &odd, out), "?");
    odd = (struct reading){.type = GW_MODE, .value = -5};
    assert_string_equal(words_reading(KIND_BED, &odd, out), "mode ?");
    odd = (struct reading){.type = GW_EVENT, .value = 1e300};
    assert_string_equal(words_reading(KIND_BED, &odd, out), "?");
    odd = (struct reading){.type = GW_GAP, .value = 1e300};
    assert_non_null(strstr(words_reading(KIND_BED, &odd, out), "nothing recorded"));
    assert_string_equal(words_event(0), "?");
    assert_string_equal(words_mode(4), "?");
    assert_string_equal(words_type(255), "?");
    assert_string_equal(words_value(UINT16_MAX, 7, out), "7");
}

static void levels_are_said_as_their_kind_says_them(void **state)
{
    (void)state;
    char out[WORDS_SIZE];
    assert_string_equal(words_value(KIND_CONTACT, 1, out), "open");
    assert_string_equal(words_value(KIND_BED, 0, out), "empty");
    assert_string_equal(words_value(KIND_TEMPERATURE, 21.5, out), "21.5 \xc2\xb0"
                                                                  "C");
    assert_string_equal(words_value(KIND_TEMPERATURE, 1, out), "1 \xc2\xb0"
                                                               "C");
    assert_string_equal(words_value(KIND_CONTACT, 3, out), "3");
    for (unsigned kind = 0; kind < KIND_COUNT; kind++)
        assert_true(words_value((uint16_t)kind, 1, out)[0]);
}

static void ages_are_said_in_the_largest_sensible_unit(void **state)
{
    (void)state;
    char out[WORDS_SIZE];
    assert_string_equal(words_ago(0, 5, out), "never");
    assert_string_equal(words_ago(10, 5, out), "just now"); /* the clock of another process may be a little behind */
    assert_string_equal(words_ago(1000, 181000, out), "3 min ago");
    assert_string_equal(words_span(59999, out), "59 s");
    assert_string_equal(words_span(3600000, out), "1 h");
    assert_string_equal(words_span(3 * 3600000 + 20 * 60000, out), "3 h 20 min");
    assert_string_equal(words_span(86400000, out), "1 day");
    assert_string_equal(words_span(200 * INT64_C(86400000), out), "200 days");
    assert_string_equal(words_span(-1, out), "0 s");
}

static void times_are_local_and_carry_their_offset_in_json(void **state)
{
    (void)state;
    char out[WORDS_SIZE];
    setenv("TZ", "CST-8", 1);
    tzset();
    assert_string_equal(words_when(1795291155900, out), "2026-11-22 03:59:15");
    assert_string_equal(words_iso(1795291155900, out), "2026-11-22T03:59:15.900+08:00");
}

static void flags_are_listed(void **state)
{
    (void)state;
    char out[WORDS_SIZE];
    assert_string_equal(words_flags(0, out), "");
    assert_string_equal(words_flags(GW_TEST | GW_INITIAL, out), "test, initial");
    assert_string_equal(words_flags(0xff, out), "test, initial, retained, read again");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_beyond_the_tables_are_a_question_mark_not_a_crash),
        cmocka_unit_test(levels_are_said_as_their_kind_says_them),
        cmocka_unit_test(ages_are_said_in_the_largest_sensible_unit),
        cmocka_unit_test(times_are_local_and_carry_their_offset_in_json),
        cmocka_unit_test(flags_are_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
