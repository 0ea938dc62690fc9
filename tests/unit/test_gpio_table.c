#include "check.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "fake_lines.h"
#include "table.h"

static int setup(void **state)
{
    (void)state;
    fake_reset();
    return 0;
}

static struct frame_gpio_line line(const char *sensor, const char *name, uint16_t slot)
{
    struct frame_gpio_line want = {.slot = slot};
    text_copy(want.sensor, sizeof(want.sensor), sensor);
    text_copy(want.chip, sizeof(want.chip), "chip");
    text_copy(want.line, sizeof(want.line), name);
    return want;
}

static void add(struct table *table, struct frame_gpio_line want, bool output)
{
    assert_true(table_add(table, &want, output));
}

/* A table with these two, held as if requested. */
static struct table *two_held(void)
{
    struct table *table = table_create();
    add(table, line("door", "l0", 3), false);
    add(table, line("bed", "l1", 4), false);
    for (unsigned i = 0; i < table->n; i++) {
        enum lines_fault fault;
        table->entry[i].line = lines_request(&table->entry[i].want, -1, &fault);
        assert_non_null(table->entry[i].line);
    }
    return table;
}

static void too_many_lines_are_refused(void **state)
{
    (void)state;
    struct table *table = table_create();
    char name[NAME_SIZE];
    for (unsigned i = 0; i < SENSORS_MAX + OUTPUTS_MAX; i++) {
        (void)snprintf(name, sizeof(name), "s%u", i);
        add(table, line(name, "l0", 0), i % 2);
    }
    struct frame_gpio_line one_more = line("more", "l0", 0);
    assert_false(table_add(table, &one_more, false));
    assert_int_equal(table->n_chips, 1);
    table_destroy(table);
    table_destroy(NULL);
}

static void a_line_that_only_changes_slot_or_kind_is_kept(void **state)
{
    (void)state;
    struct table *old = two_held(), *new = table_create();
    old->entry[1].settle.said = 1;
    struct frame_gpio_line bed = line("bed", "l1", 9);
    bed.kind = 5;
    add(new, bed, false);
    add(new, line("door", "l0", 3), false);
    assert_int_equal(table_adopt(new, old), 2);
    assert_int_equal(fake_line(0)->releases + fake_line(1)->releases, 0);
    assert_int_equal(new->entry[0].want.slot, 9);
    assert_int_equal(new->entry[0].want.kind, 5);
    assert_int_equal(new->entry[0].settle.said, 1);
    table_destroy(old);
    assert_true(fake_line(0)->held && fake_line(1)->held);
    table_destroy(new);
    assert_false(fake_line(0)->held || fake_line(1)->held);
}

static void any_change_of_the_wiring_releases_the_line(void **state)
{
    (void)state;
    for (int change = 0; change < 6; change++) {
        fake_reset();
        struct table *old = two_held(), *new = table_create();
        struct frame_gpio_line door = line("door", change == 0 ? "l2" : "l0", 3);
        door.bias = change == 1 ? BIAS_PULL_UP : BIAS_AS_IS;
        door.active_low = change == 2;
        door.debounce_ms = change == 3 ? 50 : 0;
        if (change == 4)
            text_copy(door.chip, sizeof(door.chip), "other");
        add(new, door, change == 5); /* an input that becomes an output */
        add(new, line("bed", "l1", 4), false);
        assert_int_equal(table_adopt(new, old), 1);
        assert_int_equal(fake_line(0)->releases, 1);
        assert_int_equal(fake_line(1)->releases, 0);
        assert_null(new->entry[0].line);
        table_destroy(old);
        table_destroy(new);
    }
}

static void two_that_swap_are_both_released_before_either_is_requested(void **state)
{
    (void)state;
    struct table *old = two_held(), *new = table_create();
    add(new, line("door", "l1", 3), false);
    add(new, line("bed", "l0", 4), false);
    assert_int_equal(table_adopt(new, old), 0);
    assert_false(fake_line(0)->held || fake_line(1)->held);
    table_destroy(old);
    table_destroy(new);
}

static void an_outputs_value_outlives_its_rewiring(void **state)
{
    (void)state;
    struct table *old = table_create(), *new = table_create();
    add(old, line("light", "l0", 1), true);
    old->entry[0].value = 1;
    add(new, line("light", "l1", 2), true);
    assert_int_equal(table_adopt(new, old), 0);
    assert_ptr_equal(table_output(new, 2), &new->entry[0]);
    assert_null(table_output(new, 1));
    assert_int_equal(new->entry[0].value, 1);
    table_destroy(old);
    table_destroy(new);
}

static void told_trouble_is_handed_over_by_name(void **state)
{
    (void)state;
    struct table *old = two_held(), *new = table_create();
    old->entry[0].told_fault = old->entry[1].told_fault = true;
    old->chip[0].told_missing = true;
    add(new, line("bed", "l3", 4), false);
    table_adopt(new, old);
    assert_true(new->entry[0].told_fault &&new->chip[0].told_missing);
    assert_false(old->entry[1].told_fault || old->chip[0].told_missing);
    assert_true(old->entry[0].told_fault); /* the removed one's has to be ended by somebody */
    table_destroy(old);
    table_destroy(new);
}

static void retries_back_off_to_ten_seconds_and_stay_there(void **state)
{
    (void)state;
    struct chip chip = {.delay = RETRY_FIRST_MS};
    int64_t now = 0;
    for (int i = 0; i < 20; i++) {
        chip_back_off(&chip, now);
        assert_in_range(chip.retry_at - now, RETRY_FIRST_MS, RETRY_MAX_MS);
        now = chip.retry_at;
    }
    chip_back_off(&chip, now);
    assert_int_equal(chip.retry_at - now, RETRY_MAX_MS);
}

static void offsets_are_digits_and_nothing_else(void **state)
{
    (void)state;
    assert_int_equal(lines_offset("0"), 0);
    assert_int_equal(lines_offset("17"), 17);
    assert_int_equal(lines_offset("GPIO17"), -1);
    assert_int_equal(lines_offset("17a"), -1);
    assert_int_equal(lines_offset("-1"), -1);
    assert_int_equal(lines_offset(" 1"), -1);
    assert_int_equal(lines_offset(""), -1);
    assert_int_equal(lines_offset("99999999999999999999"), -1);
    assert_int_equal(lines_offset("2147483648"), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(too_many_lines_are_refused, setup),
        cmocka_unit_test_setup(a_line_that_only_changes_slot_or_kind_is_kept, setup),
        cmocka_unit_test_setup(any_change_of_the_wiring_releases_the_line, setup),
        cmocka_unit_test_setup(two_that_swap_are_both_released_before_either_is_requested, setup),
        cmocka_unit_test_setup(an_outputs_value_outlives_its_rewiring, setup),
        cmocka_unit_test_setup(told_trouble_is_handed_over_by_name, setup),
        cmocka_unit_test_setup(retries_back_off_to_ten_seconds_and_stay_there, setup),
        cmocka_unit_test(offsets_are_digits_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
