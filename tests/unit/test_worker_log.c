/* A worker's stderr as lines: hostile bytes, endless lines, floods. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "check.h"
#include "daemon/worker_log.h"

struct told {
    unsigned n;
    int level;
    char last[2048];
    char all[65536];
};

static void take(void *context, int level, const char *line)
{
    struct told *told = context;
    told->n++;
    told->level = level;
    snprintf(told->last, sizeof told->last, "%s", line);
    size_t used = strlen(told->all);
    snprintf(told->all + used, sizeof told->all - used, "%s\n", line);
}

static struct worker_log *start(struct told *told)
{
    memset(told, 0, sizeof *told);
    return worker_log_create("detector bath", take, told);
}

static void feed(struct worker_log *log, int64_t now, const char *text)
{
    worker_log_feed(log, now, text, strlen(text));
}

static void bytes_that_steer_terminals_are_made_harmless(void **state)
{
    (void)state;
    struct told told;
    struct worker_log *log = start(&told);
    feed(log, 0,
         "a\x1b[31mred\x07 \xff\xfe \xc2\x9b"
         "1m \xe5\xba\x8a\tb\r\n");
    assert_string_equal(told.last, "detector bath: a?[31mred? ?? ??1m \xe5\xba\x8a b");
    worker_log_destroy(log);
}

static void a_nul_does_not_hide_what_follows(void **state)
{
    (void)state;
    struct told told;
    struct worker_log *log = start(&told);
    worker_log_feed(log, 0, "a\0b\n", 4);
    assert_string_equal(told.last, "detector bath: a?b");
    worker_log_destroy(log);
}

static void an_endless_line_is_cut_and_does_not_spoil_the_next(void **state)
{
    (void)state;
    struct told told;
    struct worker_log *log = start(&told);
    for (unsigned i = 0; i < 10000; i++)
        feed(log, 0, "0123456789");
    assert_int_equal(told.n, 0);
    feed(log, 0, "\nnext\n");
    assert_int_equal(told.n, 2);
    assert_string_equal(told.last, "detector bath: next");
    assert_non_null(strstr(told.all, " ...\n"));
    assert_true(strlen(told.all) < WORKER_LOG_LINE + 100);
    worker_log_destroy(log);
}

static void a_cut_inside_a_character_leaves_no_half_of_it(void **state)
{
    (void)state;
    struct told told;
    struct worker_log *log = start(&told);
    feed(log, 0, "x");
    for (unsigned i = 0; i < 1000; i++)
        feed(log, 0, "\xe5\xba\x8a");
    feed(log, 0, "\n");
    for (const char *c = told.last + strlen("detector bath: x"); *c && *c != '?' && *c != ' '; c += 3)
        assert_memory_equal(c, "\xe5\xba\x8a", 3);
    worker_log_destroy(log);
}

static void levels_are_read_from_the_line_s_beginning(void **state)
{
    (void)state;
    struct told told;
    struct worker_log *log = start(&told);
    feed(log, 0, "<6>fine\n");
    assert_int_equal(told.level, LOG_LEVEL_INFO);
    assert_string_equal(told.last, "detector bath: fine");
    feed(log, 0, "<0>the sky falls\n");
    assert_int_equal(told.level, LOG_LEVEL_ERROR);
    feed(log, 0, "assertion failed\n");
    assert_int_equal(told.level, LOG_LEVEL_NOTICE);
    feed(log, 0, "<9>odd\n");
    assert_string_equal(told.last, "detector bath: <9>odd");
    worker_log_destroy(log);
}

static void lines_come_whole_from_pieces_and_the_last_without_newline(void **state)
{
    (void)state;
    struct told told;
    struct worker_log *log = start(&told);
    feed(log, 0, "on");
    feed(log, 0, "e\ntw");
    assert_int_equal(told.n, 1);
    assert_string_equal(told.last, "detector bath: one");
    feed(log, 0, "o\n\n\nthree");
    assert_int_equal(told.n, 2);
    worker_log_end(log, 0);
    assert_int_equal(told.n, 3);
    assert_string_equal(told.last, "detector bath: three");
    worker_log_destroy(log);
}

static void a_flood_is_counted_and_the_count_is_told(void **state)
{
    (void)state;
    struct told told;
    struct worker_log *log = start(&told);
    for (unsigned i = 0; i < 1000; i++)
        feed(log, 100 + i, "spam\n");
    assert_int_equal(told.n, WORKER_LOG_BURST + 1); /* and one that says so */
    feed(log, 100 + WORKER_LOG_WINDOW, "calm\n");
    assert_int_equal(told.n, WORKER_LOG_BURST + 3);
    assert_non_null(strstr(told.all, "900 lines were dropped"));
    assert_string_equal(told.last, "detector bath: calm");
    worker_log_destroy(log);
}

static void the_count_is_told_at_the_end_too(void **state)
{
    (void)state;
    struct told told;
    struct worker_log *log = start(&told);
    for (unsigned i = 0; i < WORKER_LOG_BURST + 7; i++)
        feed(log, 5, "spam\n");
    worker_log_end(log, 6);
    assert_string_equal(told.last, "detector bath: 7 lines were dropped");
    worker_log_destroy(log);
    worker_log_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_that_steer_terminals_are_made_harmless),
        cmocka_unit_test(a_nul_does_not_hide_what_follows),
        cmocka_unit_test(an_endless_line_is_cut_and_does_not_spoil_the_next),
        cmocka_unit_test(a_cut_inside_a_character_leaves_no_half_of_it),
        cmocka_unit_test(levels_are_read_from_the_line_s_beginning),
        cmocka_unit_test(lines_come_whole_from_pieces_and_the_last_without_newline),
        cmocka_unit_test(a_flood_is_counted_and_the_count_is_told),
        cmocka_unit_test(the_count_is_told_at_the_end_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
