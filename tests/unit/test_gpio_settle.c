#include "check.h"

#include <stdlib.h>

#include "gatewayd/plugin.h"
#include "settle.h"

#define T0 INT64_C(1000000)

static struct settle begin(int64_t debounce, int level)
{
    struct settle settle = {0};
    struct settle_level first = settle_first(&settle, debounce, T0, level);
    assert_int_equal(first.level, level);
    assert_int_equal(first.flags, GW_INITIAL);
    assert_int_equal(first.at, T0);
    return settle;
}

static void told(const struct settle_level *out, int64_t at, int level, unsigned flags)
{
    assert_int_equal(out->at, at);
    assert_int_equal(out->level, level);
    assert_int_equal(out->flags, flags);
}

static void an_edge_is_told_at_once_with_its_own_time(void **state)
{
    (void)state;
    struct settle settle = begin(0, 0);
    struct settle_level out;
    assert_true(settle_edge(&settle, T0 + 10, T0 + 7, 1, &out));
    told(&out, T0 + 7, 1, 0);
    assert_true(settle_edge(&settle, T0 + 20, T0 + 20, 0, &out));
    told(&out, T0 + 20, 0, 0);
    assert_true(settle.due == SETTLE_NEVER);
}

static void the_same_level_again_is_not_told(void **state)
{
    (void)state;
    struct settle settle = begin(0, 1);
    struct settle_level out;
    assert_false(settle_edge(&settle, T0 + 1, T0 + 1, 1, &out));
    assert_true(settle.due == SETTLE_NEVER);
}

static void debounce_tells_after_the_quiet_time_with_the_last_edges_time(void **state)
{
    (void)state;
    struct settle settle = begin(50, 0);
    struct settle_level out;
    for (int i = 0; i < 7; i++)
        assert_false(settle_edge(&settle, T0 + i, T0 + i, (i + 1) % 2, &out));
    assert_int_equal(settle.due, T0 + 6 + 50);
    assert_true(settle_look(&settle, settle.due, 1, &out));
    told(&out, T0 + 6, 1, 0);
    assert_true(settle.due == SETTLE_NEVER);
}

static void debounce_ends_in_the_level_that_the_line_shows(void **state)
{
    (void)state;
    struct settle settle = begin(50, 0);
    struct settle_level out;
    /* The last edge (back to 0) was lost: the look sees it, waits once more, and nothing is told. */
    assert_false(settle_edge(&settle, T0, T0, 1, &out));
    assert_false(settle_look(&settle, T0 + 50, 0, &out));
    assert_int_equal(settle.due, T0 + 100);
    assert_false(settle_look(&settle, T0 + 100, 0, &out));
    assert_true(settle.due == SETTLE_NEVER);
    /* And the other way round: the line has gone to 1, only an edge to 0 was seen. */
    assert_false(settle_edge(&settle, T0 + 200, T0 + 200, 0, &out));
    assert_false(settle_look(&settle, T0 + 250, 1, &out));
    assert_true(settle_look(&settle, T0 + 300, 1, &out));
    told(&out, T0 + 250, 1, GW_REREAD);
}

static void a_line_that_never_rests_is_looked_at_all_the_same(void **state)
{
    (void)state;
    struct settle settle = begin(50, 0);
    struct settle_level out;
    int64_t t = T0;
    for (; settle.due > t && t < T0 + 10000; t += 10)
        assert_false(settle_edge(&settle, t, t, (int)(t / 10 % 2), &out));
    assert_in_range(t, T0, T0 + 11 * 50);
    assert_true(settle_look(&settle, t, 1, &out));
    assert_int_equal(out.level, 1);
}

static void a_noisy_line_is_coalesced_and_ends_right(void **state)
{
    (void)state;
    for (int end = 0; end < 2; end++) {
        struct settle settle = begin(0, 0);
        struct settle_level out = {0};
        int said = 0, readings = 0;
        int64_t t = T0;
        for (; t < T0 + 60000; t++) { /* 1000 edges a second for a minute */
            int level = (int)(t % 2);
            if (settle_edge(&settle, t, t, level, &out))
                said = out.level, readings++;
            if (settle.due <= t && settle_look(&settle, t, level, &out))
                said = out.level, readings++;
        }
        settle_edge(&settle, t, t, end, &out);
        for (int i = 0; i < 10 && settle.due != SETTLE_NEVER; i++) {
            assert_true(settle.due <= t + 101);
            if (settle_look(&settle, settle.due, end, &out))
                said = out.level, readings++;
        }
        assert_true(settle.due == SETTLE_NEVER);
        assert_int_equal(said, end);
        assert_in_range(readings, 500, SETTLE_BURST + 61 * SETTLE_PER_SECOND);
        assert_in_range(settle.coalesced, 59000, 60000);
    }
}

static void a_noisy_line_need_not_be_read_between_looks(void **state)
{
    (void)state;
    struct settle settle = begin(0, 0);
    struct settle_level out;
    assert_false(settle_muted(&settle, T0));
    for (int i = 0; i <= SETTLE_BURST; i++)
        settle_edge(&settle, T0, T0, (i + 1) % 2, &out);
    assert_true(settle_muted(&settle, T0 + 1));
    assert_false(settle_muted(&settle, settle.due));
    settle_lost(&settle, T0 + 1);
    assert_false(settle_look(&settle, T0 + 1, 0, &out)); /* no change may be told yet */
    assert_true(settle_muted(&settle, T0 + 2));
    assert_true(settle_look(&settle, settle.due, 0, &out)); /* the same level: told, as edges were lost */
    assert_int_equal(out.flags, GW_REREAD);
}

static void after_a_loss_the_level_is_told_as_read_again_even_if_it_is_the_same(void **state)
{
    (void)state;
    struct settle settle = begin(0, 1);
    struct settle_level out;
    settle_lost(&settle, T0 + 5);
    assert_int_equal(settle.due, T0 + 5);
    assert_false(settle_edge(&settle, T0 + 5, T0 + 2, 0, &out)); /* the look tells what comes out of it */
    assert_true(settle_look(&settle, T0 + 5, 1, &out));
    told(&out, T0 + 5, 1, GW_REREAD);
    assert_true(settle_edge(&settle, T0 + 9, T0 + 9, 0, &out));
    told(&out, T0 + 9, 0, 0);
}

static void a_change_that_no_edge_told_of_is_found_by_the_check(void **state)
{
    (void)state;
    struct settle settle = begin(0, 0);
    struct settle_level out;
    settle_check(&settle, T0, 0);
    assert_true(settle.due == SETTLE_NEVER);
    settle_check(&settle, T0, 1);
    assert_int_equal(settle.due, T0 + SETTLE_GRACE_MS);
    assert_true(settle_look(&settle, settle.due, 1, &out));
    told(&out, T0 + SETTLE_GRACE_MS, 1, GW_REREAD);
}

static void an_edge_on_its_way_during_a_check_is_still_a_change_that_was_seen(void **state)
{
    (void)state;
    struct settle settle = begin(0, 0);
    struct settle_level out;
    settle_check(&settle, T0, 1);
    assert_true(settle_edge(&settle, T0 + 1, T0 - 1, 1, &out));
    told(&out, T0 - 1, 1, 0);
    assert_true(settle.due == SETTLE_NEVER);
}

/* Whatever comes in whatever order: when all is quiet, the level told last is the level of the line. */
static void the_end_level_is_right_for_any_sequence(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 2000; seed++) {
        unsigned random = seed * 2654435761U;
        struct settle settle = begin(seed % 2 ? 20 : 0, 0);
        struct settle_level out = {0};
        int level = 0, said = 0;
        int64_t t = T0;
        for (int i = 0; i < 200; i++) {
            random = random * 1664525U + 1013904223U;
            t += (random >> 8) % 8;
            level ^= (random >> 12) % 2;
            bool told_now = false;
            if ((random >> 16) % 8 == 0)
                settle_lost(&settle, t);
            else if ((random >> 16) % 8 == 1)
                settle_check(&settle, t, level);
            else
                told_now = settle_edge(&settle, t, t, level, &out);
            if (told_now)
                said = out.level;
            if (settle.due <= t && settle_look(&settle, t, level, &out))
                said = out.level;
        }
        settle_check(&settle, t, level);
        for (int i = 0; i < 20 && settle.due != SETTLE_NEVER; i++)
            if (settle_look(&settle, settle.due > t ? (t = settle.due) : t, level, &out))
                said = out.level;
        assert_true(settle.due == SETTLE_NEVER);
        assert_int_equal(said, level);
        assert_int_equal(settle.said, level);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_edge_is_told_at_once_with_its_own_time),
        cmocka_unit_test(the_same_level_again_is_not_told),
        cmocka_unit_test(debounce_tells_after_the_quiet_time_with_the_last_edges_time),
        cmocka_unit_test(debounce_ends_in_the_level_that_the_line_shows),
        cmocka_unit_test(a_line_that_never_rests_is_looked_at_all_the_same),
        cmocka_unit_test(a_noisy_line_is_coalesced_and_ends_right),
        cmocka_unit_test(a_noisy_line_need_not_be_read_between_looks),
        cmocka_unit_test(after_a_loss_the_level_is_told_as_read_again_even_if_it_is_the_same),
        cmocka_unit_test(a_change_that_no_edge_told_of_is_found_by_the_check),
        cmocka_unit_test(an_edge_on_its_way_during_a_check_is_still_a_change_that_was_seen),
        cmocka_unit_test(the_end_level_is_right_for_any_sequence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
