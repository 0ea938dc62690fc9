#include "check.h"

#include <string.h>

#include "base/hash.h"
#include "base/kinds.h"
#include "base/limits.h"
#include "base/text.h"

static void copy_cuts_between_characters_never_inside_one(void **state)
{
    (void)state;
    char out[6];
    assert_true(text_copy(out, sizeof(out), "abcde"));
    assert_string_equal(out, "abcde");
    assert_false(text_copy(out, sizeof(out), "abcdef"));
    assert_string_equal(out, "abcde");
    assert_false(text_copy(out, sizeof(out), "ab老人")); /* 2 + 3 + 3 bytes: the second does not fit */
    assert_string_equal(out, "ab老");
    assert_false(text_copy(out, 5, "ab老人"));
    assert_string_equal(out, "ab");
    assert_true(text_copy(out, sizeof(out), NULL));
    assert_string_equal(out, "");
    assert_false(text_copy(out, 0, "x"));
}

static void utf8_refuses_overlong_surrogates_cut_and_nul(void **state)
{
    (void)state;
    static const struct {
        const char *data;
        size_t size;
        bool ok;
    } cases[] = {
        {"", 0, true},
        {"a", 1, true},
        {"老", 3, true},
        {"\xf0\x9f\x92\xa1", 4, true},
        {"a\0b", 3, false},
        {"\xc0\x80", 2, false},
        {"\xe0\x80\x80", 3, false},
        {"\xed\xa0\x80", 3, false},
        {"\xf4\x90\x80\x80", 4, false},
        {"\xf5\x80\x80\x80", 4, false},
        {"\xe8\x80", 2, false},
        {"\x80", 1, false},
        {"\xff", 1, false},
        {"\xc3\x28", 2, false},
        {"\xf0\x80\x80\x80", 4, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(text_utf8(cases[i].data, cases[i].size), cases[i].ok);
}

static void cleaned_is_any_string_and_what_was_text_in_it_stays(void **state)
{
    (void)state;
    static const struct {
        const char *text, *clean;
    } cases[] = {
        {"", ""},
        {"bed\t老人\n", "bed\t老人\n"},
        {"a\x01\x7f\xff b", "a??? b"},
        {"老\xe4人", "老?人"}, /* Latin-1 amid UTF-8 */
        {"老人\xe8\x80", "老人"},
        {"老人\xe8", "老人"},
        {"\xf0\x9f\x92", ""},
        {"x\x80\x80", "x??"},
        {"x\xc0\x80", "x??"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[32] = "";
        text_copy(text, sizeof(text), cases[i].text);
        text_clean(text);
        assert_string_equal(text, cases[i].clean);
        assert_true(text_valid(text, sizeof(text)));
    }
    char line[] = "bed\t老\xff人\n";
    text_clean_line(line);
    assert_string_equal(line, "bed?老?人?");
}

static void valid_wants_an_end_and_no_control_characters(void **state)
{
    (void)state;
    char array[4] = {'a', 'b', 'c', 'd'};
    assert_false(text_valid(array, sizeof(array)));
    memcpy(array, "abc", 4);
    assert_true(text_valid(array, sizeof(array)));
    memcpy(array, "a\n\t", 4);
    assert_true(text_valid(array, sizeof(array)));
    memcpy(array, "a\x1b[", 4);
    assert_false(text_valid(array, sizeof(array)));
    memcpy(array, "a\x7f", 3);
    assert_false(text_valid(array, sizeof(array)));
    memcpy(array, "a\0\xff\xff", 4); /* what lies behind the end does not matter */
    assert_true(text_valid(array, sizeof(array)));
}

static void each_byte_is_judged_the_same_in_every_place(void **state)
{
    (void)state;
    for (size_t place = 0; place < 24; place++) {
        for (unsigned byte = 1; byte < 256; byte++) {
            char array[25] = "abcdefghijklmnopqrstuvwx";
            array[place] = (char)byte;
            bool plain = (byte >= ' ' && byte < 0x7f) || byte == '\t' || byte == '\n';
            if (text_valid(array, sizeof(array)) != plain)
                fail_msg("byte %02x at %zu", byte, place);
        }
    }
}

static void names_fit_into_topics_and_files(void **state)
{
    (void)state;
    static const char *const good[] = {"a", "bath-door", "0137", "x.y_z"};
    static const char *const bad[] = {"", ".hidden", "-x", "a/b", "a b", "A", "a+", "a#", "床", "../x"};
    for (size_t i = 0; i < COUNT(good); i++)
        assert_true(text_is_name(good[i]));
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(text_is_name(bad[i]));
    char name[NAME_SIZE + 1];
    memset(name, 'a', sizeof(name));
    name[NAME_SIZE] = '\0';
    assert_false(text_is_name(name));
    name[NAME_SIZE - 1] = '\0';
    assert_true(text_is_name(name));
}

static void durations_are_read_as_people_write_them(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {
        {"50 ms", 50},
        {"30 s", 30000},
        {"45 min", 2700000},
        {"2 h", 7200000},
        {"1 day", 86400000},
        {"1.5 h", 5400000},
        {"never", -1},
        {"45min", 2700000},
        {"2 hours", 7200000},
        {"1 minute", 60000},
        {"3 days", 259200000},
        {"0 s", 0},
        {"1 h 30 min", 5400000},
        {"400 days", INT64_C(34560000000)},
        {"8 weeks", INT64_C(4838400000)},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t ms = -2;
        if (!text_duration(cases[i].text, &ms) || ms != cases[i].ms)
            fail_msg("\"%s\" gave %lld", cases[i].text, (long long)ms);
    }
}

static void durations_that_are_none_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",           "45",
                                      "min",        "-1 s",
                                      "1 x",        "1e3 s",
                                      "nan s",      "inf s",
                                      "0x10 s",     "1 s 2",
                                      "30 min 1 h", "1 h 1 h",
                                      "401 days",   "1..5 h",
                                      "1,5 h",      "Never",
                                      "1 mss",      "1 hs",
                                      "1 s;",       "９ s",
                                      "1. h",       "9999999999999999999999 ms"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        int64_t ms = 77;
        if (text_duration(bad[i], &ms))
            fail_msg("\"%s\" was taken as %lld ms", bad[i], (long long)ms);
        assert_int_equal(ms, 77);
    }
}

static void durations_written_read_back_the_same(void **state)
{
    (void)state;
    static const int64_t values[] = {-1, 0, 1, 50, 999, 1000, 61000, 2700000, 5400000, 86400000, 90061001, 172800000};
    char text[96];
    for (size_t i = 0; i < COUNT(values); i++) {
        int64_t back = -2;
        assert_true(text_duration(text_from_duration(values[i], text, sizeof(text)), &back));
        assert_int_equal(back, values[i]);
    }
    assert_string_equal(text_from_duration(5400000, text, sizeof(text)), "1 h 30 min");
    assert_string_equal(text_from_duration(2700000, text, sizeof(text)), "45 min");
    assert_string_equal(text_from_duration(-1, text, sizeof(text)), "never");
    assert_string_equal(text_from_duration(5400000, text, 4), "1 h");
}

static void times_of_day_are_strict(void **state)
{
    (void)state;
    int minute = -1;
    assert_true(text_time_of_day("7:05", &minute));
    assert_int_equal(minute, 425);
    assert_true(text_time_of_day("22:30", &minute));
    assert_int_equal(minute, 1350);
    assert_true(text_time_of_day("00:00", &minute));
    assert_int_equal(minute, 0);
    static const char *const bad[] = {"",       "24:00",  "12:60",   "7:5",   "7",    ":30",
                                      "07:05 ", "123:00", "7:05:00", "-7:05", "7.05", "７:05"};
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(text_time_of_day(bad[i], &minute));
}

static void numbers_are_whole_finite_and_decimal(void **state)
{
    (void)state;
    double value = 0;
    assert_true(text_number("21.5", &value));
    assert_true(value == 21.5);
    assert_true(text_number("-3", &value));
    assert_true(value == -3);
    assert_true(text_number("1e3", &value));
    assert_true(value == 1000);
    assert_true(text_number(".5", &value));
    static const char *const bad[] = {"",     " 1",    "1 ", "1,5", "nan", "NaN", "inf",   "-inf",
                                      "0x10", "1e999", "1e", "-",   ".",   "+",   "1.2.3", "12abc"};
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(text_number(bad[i], &value));
}

static void numbers_are_written_short(void **state)
{
    (void)state;
    char text[32];
    assert_string_equal(text_from_number(21.5, text, sizeof(text)), "21.5");
    assert_string_equal(text_from_number(1, text, sizeof(text)), "1");
    assert_string_equal(text_from_number(-0.0, text, sizeof(text)), "0");
    assert_string_equal(text_from_number(1234567, text, sizeof(text)), "1234567");
    assert_string_equal(text_from_number(0.1 + 0.2, text, sizeof(text)), "0.3");
    assert_string_equal(text_from_number(1e300, text, sizeof(text)), "1e+300");
}

static void nearest_finds_typing_errors_and_nothing_far_off(void **state)
{
    (void)state;
    static const char *const keys[] = {"warn_after", "alarm_after", "door", "buttons", "night_from"};
    assert_string_equal(text_nearest("warn_aftre", keys, COUNT(keys)), "warn_after");  /* swapped */
    assert_string_equal(text_nearest("alarmafter", keys, COUNT(keys)), "alarm_after"); /* missing */
    assert_string_equal(text_nearest("doors", keys, COUNT(keys)), "door");             /* one too many */
    assert_string_equal(text_nearest("batons", keys, COUNT(keys)), "buttons");
    assert_string_equal(text_nearest("door", keys, COUNT(keys)), "door");
    assert_null(text_nearest("colour", keys, COUNT(keys)));
    assert_null(text_nearest("", keys, COUNT(keys)));
    assert_null(text_nearest("door", keys, 0));
    char word[200];
    memset(word, 'd', sizeof(word) - 1);
    word[sizeof(word) - 1] = '\0';
    assert_null(text_nearest(word, keys, COUNT(keys)));
}

static void lists_hold_whole_words_only(void **state)
{
    (void)state;
    assert_true(text_list_has("contact motion", "motion"));
    assert_true(text_list_has("contact  motion ", "contact"));
    assert_false(text_list_has("contact motion", "mot"));
    assert_false(text_list_has("contact motion", "contact motion"));
    assert_false(text_list_has("contact", ""));
    assert_false(text_list_has("", "x"));
}

static void hashes_are_the_published_ones(void **state)
{
    (void)state;
    assert_true(hash_bytes(HASH_START, "", 0) == UINT64_C(0xcbf29ce484222325));
    assert_true(hash_bytes(HASH_START, "a", 1) == UINT64_C(0xaf63dc4c8601ec8c));
    assert_true(hash_bytes(HASH_START, "foobar", 6) == UINT64_C(0x85944171f73967e8));
    assert_true(hash_text(hash_text(HASH_START, "ab"), "c") != hash_text(hash_text(HASH_START, "a"), "bc"));
}

static void every_kind_has_a_name_that_finds_it(void **state)
{
    (void)state;
    for (unsigned i = 0; i < KIND_COUNT; i++) {
        const struct kind_info *info = kind_info((enum kind)i);
        assert_non_null(info->name);
        assert_int_equal(kind_by_name(info->name), i);
    }
    assert_int_equal(kind_by_name("no-such-kind"), KIND_COUNT);
    assert_true(kind_info(KIND_BUTTON)->urgent && kind_info(KIND_SMOKE)->urgent && kind_info(KIND_LEAK)->urgent);
    assert_false(kind_info(KIND_BED)->urgent || kind_info(KIND_TEMPERATURE)->urgent);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_byte_is_judged_the_same_in_every_place),
        cmocka_unit_test(copy_cuts_between_characters_never_inside_one),
        cmocka_unit_test(utf8_refuses_overlong_surrogates_cut_and_nul),
        cmocka_unit_test(cleaned_is_any_string_and_what_was_text_in_it_stays),
        cmocka_unit_test(valid_wants_an_end_and_no_control_characters),
        cmocka_unit_test(names_fit_into_topics_and_files),
        cmocka_unit_test(durations_are_read_as_people_write_them),
        cmocka_unit_test(durations_that_are_none_are_refused),
        cmocka_unit_test(durations_written_read_back_the_same),
        cmocka_unit_test(times_of_day_are_strict),
        cmocka_unit_test(numbers_are_whole_finite_and_decimal),
        cmocka_unit_test(numbers_are_written_short),
        cmocka_unit_test(nearest_finds_typing_errors_and_nothing_far_off),
        cmocka_unit_test(lists_hold_whole_words_only),
        cmocka_unit_test(hashes_are_the_published_ones),
        cmocka_unit_test(every_kind_has_a_name_that_finds_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
