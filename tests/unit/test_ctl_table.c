/* Aligned columns, and texts that would steer the terminal. */
#include <string.h>

#include "check.h"
#include "ctl/table.h"

static void escape_sequences_become_question_marks(void **state)
{
    (void)state;
    char text[] = "a\x1b[2J\x07\x7f\n\xc2\x9b"
                  "b\xff@@@\xe5\xba\x8a\xe5";
    const unsigned char turn[] = {0xe2, 0x80, 0xae}; /* right to left from here on */
    memcpy(strchr(text, '@'), turn, sizeof turn);
    assert_string_equal(table_safe(text), "a?[2J?????b????\xe5\xba\x8a?");
}

static void a_good_text_stays_as_it_is(void **state)
{
    (void)state;
    char text[] = "\xe5\xba\x8a 21.5 \xc2\xb0"
                  "C";
    assert_string_equal(table_safe(text), "\xe5\xba\x8a 21.5 \xc2\xb0"
                                          "C");
}

static void chinese_takes_two_columns_and_marks_none(void **state)
{
    (void)state;
    assert_int_equal(table_width(""), 0);
    assert_int_equal(table_width("bed"), 3);
    assert_int_equal(table_width("\xe5\xba\x8a\xe5\x9e\xab"), 4);
    assert_int_equal(table_width("e\xcc\x81"), 1);
    assert_int_equal(table_width("21 \xc2\xb0"
                                 "C"),
                     5);
}

static void columns_are_aligned_and_lines_end_without_blanks(void **state)
{
    (void)state;
    static const char *const headings[] = {"NAME", "WHAT", "NOTE", NULL};
    char text[512] = "";
    struct table *table = table_create(headings);
    table_cell(table, "\xe5\xba\x8a\xe5\x9e\xab\xe4\xb8\x80");
    table_cell(table, "%d", 7);
    table_cell(table, "%s", "");
    table_cell(table, "bathroom-door");
    table_end_row(table);
    assert_int_equal(table_rows(table), 2);
    FILE *out = fmemopen(text, sizeof text, "w");
    table_print(table, out);
    fclose(out);
    assert_string_equal(text, "NAME           WHAT  NOTE\n"
                              "\xe5\xba\x8a\xe5\x9e\xab\xe4\xb8\x80         7\n"
                              "bathroom-door\n");
    table_destroy(table);
    table_destroy(NULL);
}

static void hundreds_of_rows_and_long_cells_are_kept_whole(void **state)
{
    (void)state;
    static const char *const headings[] = {"A", "B", NULL};
    char cell[3000];
    memset(cell, 'x', sizeof cell - 1);
    cell[sizeof cell - 1] = '\0';
    struct table *table = table_create(headings);
    for (unsigned i = 0; i < 600; i++) {
        table_cell(table, "%u", i);
        table_cell(table, "%s", cell); /* cut at 1 KiB: a cell is no document */
    }
    assert_int_equal(table_rows(table), 600);
    table_destroy(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escape_sequences_become_question_marks),
        cmocka_unit_test(a_good_text_stays_as_it_is),
        cmocka_unit_test(chinese_takes_two_columns_and_marks_none),
        cmocka_unit_test(columns_are_aligned_and_lines_end_without_blanks),
        cmocka_unit_test(hundreds_of_rows_and_long_cells_are_kept_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
