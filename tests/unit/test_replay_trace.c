/* A recording is hostile input: what is wrong is told with its line, what is right is read. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "replay/trace.h"

static struct trace *open_bytes(const char *text, size_t size)
{
    char path[] = "/tmp/test-replay-trace-XXXXXX", error[256] = "";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, size), size);
    close(fd);
    struct trace *trace = trace_open(path, error, sizeof error);
    unlink(path);
    assert_non_null(trace);
    return trace;
}

/* The only line is bad for this reason, and what follows is read. */
static void bad(const char *text, size_t size, const char *why)
{
    char whole[2048];
    struct trace_line line;
    int length = snprintf(whole, sizeof whole, "5,a,ON\n");
    memcpy(whole + length, text, size);
    memcpy(whole + length + size, "\n90,b,OFF\n", 10);
    struct trace *trace = open_bytes(whole, (size_t)length + size + 10);
    assert_int_equal(trace_next(trace, &line), TRACE_LINE);
    assert_int_equal(trace_next(trace, &line), TRACE_BAD);
    assert_int_equal(line.number, 2);
    if (!strstr(line.why, why))
        fail_msg("\"%s\" is told as: %s", text, line.why);
    assert_int_equal(trace_next(trace, &line), TRACE_LINE);
    assert_int_equal(line.number, 3);
    assert_string_equal(line.id, "b");
    assert_string_equal(line.value, "OFF");
    assert_int_equal(trace_next(trace, &line), TRACE_END);
    trace_close(trace);
}

#define BAD(text, why) bad(text, sizeof(text) - 1, why)

static void a_bad_line_is_told_and_the_next_one_read(void **state)
{
    (void)state;
    BAD("what,a,ON", "no number of seconds");
    BAD(",a,ON", "no number of seconds");
    BAD("1e9,a,ON", "no number of seconds");
    BAD("7.,a,ON", "no number of seconds");
    BAD("0x10,a,ON", "no number of seconds");
    BAD("-7,a,ON", "before 1970");
    BAD("999999999999999,a,ON", "9999");
    BAD("99999999999999999999999999999,a,ON", "9999");
    BAD("7,a", "fewer than three");
    BAD("7", "fewer than three");
    BAD("7,a,ON,more", "more than three");
    BAD("7,,ON", "sensor is missing");
    BAD("7,  ,ON", "sensor is missing");
    BAD("7,a,", "value is missing");
    BAD("7,\"a\",ON", "quotes");
    BAD("\"7\",a,ON", "quotes");
    BAD("7,a,\"ON\"", "quotes");
    BAD("7,a\0b,ON", "NUL");
    BAD("7,\xff\xfe,ON", "UTF-8");
    BAD("4,a,ON", "earlier");
}

static void a_line_of_any_length_costs_no_more_than_itself(void **state)
{
    (void)state;
    const size_t size = 1000000;
    char *text = malloc(size + 32);
    struct trace_line line;
    memset(text, 'x', size);
    memcpy(text + size, "\n7,a,ON\n", 8);
    struct trace *trace = open_bytes(text, size + 8);
    assert_int_equal(trace_next(trace, &line), TRACE_BAD);
    assert_int_equal(line.number, 1);
    assert_non_null(strstr(line.why, "too long"));
    assert_int_equal(trace_next(trace, &line), TRACE_LINE);
    assert_int_equal(line.number, 2);
    assert_int_equal(line.wall, 7000);
    assert_int_equal(trace_next(trace, &line), TRACE_END);
    trace_close(trace);
    free(text);
}

static void what_programs_write_is_read(void **state)
{
    (void)state;
    static const char text[] = "\xef\xbb\xbfunix_time_seconds,sensor_id,value\r\n"
                               "7,a,ON\r\n\r\n\n"
                               " 8,a,ON\n"
                               "8.5 , b c ,\t21.5\n"
                               "8.5009,床,OFF\n"
                               "253402300799,a,last"; /* no newline at the end */
    struct trace_line line;
    struct trace *trace = open_bytes(text, sizeof text - 1);
    assert_int_equal(trace_next(trace, &line), TRACE_LINE);
    assert_int_equal(line.number, 2);
    assert_int_equal(line.wall, 7000);
    assert_string_equal(line.value, "ON");
    assert_int_equal(trace_next(trace, &line), TRACE_LINE);
    assert_int_equal(line.number, 5);
    assert_int_equal(trace_next(trace, &line), TRACE_LINE);
    assert_int_equal(line.wall, 8500);
    assert_string_equal(line.id, "b c");
    assert_string_equal(line.value, "21.5");
    assert_int_equal(trace_next(trace, &line), TRACE_LINE);
    assert_int_equal(line.wall, 8500); /* finer than a millisecond is cut */
    assert_string_equal(line.id, "床");
    assert_int_equal(trace_next(trace, &line), TRACE_LINE);
    assert_int_equal(line.wall, TRACE_WALL_LAST);
    assert_int_equal(trace_next(trace, &line), TRACE_END);
    assert_int_equal(trace_next(trace, &line), TRACE_END);
    trace_close(trace);
}

static void many_lines_keep_their_numbers_over_the_buffer_s_border(void **state)
{
    (void)state;
    const unsigned n = 60000;
    char *text = malloc((size_t)n * 24);
    size_t size = 0;
    struct trace_line line;
    for (unsigned i = 0; i < n; i++)
        size += (size_t)sprintf(text + size, "%u,sensor-%u,%u\n", i, i % 7, i % 2);
    struct trace *trace = open_bytes(text, size);
    for (unsigned i = 0; i < n; i++) {
        char id[16];
        snprintf(id, sizeof id, "sensor-%u", i % 7);
        assert_int_equal(trace_next(trace, &line), TRACE_LINE);
        assert_int_equal(line.number, i + 1);
        assert_int_equal(line.wall, (int64_t)i * 1000);
        assert_string_equal(line.id, id);
    }
    assert_int_equal(trace_next(trace, &line), TRACE_END);
    trace_close(trace);
    free(text);
}

static void what_is_no_recording_is_told(void **state)
{
    (void)state;
    char error[256];
    struct trace_line line;
    assert_null(trace_open("/nowhere/at/all.csv", error, sizeof error));
    assert_non_null(strstr(error, "No such file"));
    assert_null(trace_open("/tmp", error, sizeof error));
    assert_non_null(strstr(error, "folder"));
    struct trace *trace = open_bytes("", 0);
    assert_int_equal(trace_next(trace, &line), TRACE_END);
    trace_close(trace);
    trace_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bad_line_is_told_and_the_next_one_read),
        cmocka_unit_test(a_line_of_any_length_costs_no_more_than_itself),
        cmocka_unit_test(what_programs_write_is_read),
        cmocka_unit_test(many_lines_keep_their_numbers_over_the_buffer_s_border),
        cmocka_unit_test(what_is_no_recording_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
