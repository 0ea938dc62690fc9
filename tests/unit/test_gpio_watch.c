#include "check.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/kinds.h"
#include "base/text.h"
#include "fake_lines.h"
#include "gatewayd/plugin.h"
#include "watch.h"

/* Two sensors (0 a contact, 1 a button) and an output (number 0), on lines 0, 1 and 2 of one chip. Frames to the core
 * go over fd 3, as in the worker. */
struct fixture {
    char folder[64];
    int core;
    struct watch watch;
    int64_t now;
    struct frame frame;
    struct reading got[8192]; /* all readings that came to the core, in their order */
    unsigned n;
    struct frame_trouble trouble[16];
    unsigned n_trouble;
    uint32_t lost, possible, coalesced; /* from notes */
};

static void add(struct fixture *f, const char *name, const char *line, uint16_t slot, enum kind kind, bool output)
{
    struct frame_gpio_line want = {.slot = slot, .kind = (uint16_t)kind};
    text_copy(want.sensor, sizeof(want.sensor), name);
    text_copy(want.chip, sizeof(want.chip), "chip");
    text_copy(want.line, sizeof(want.line), line);
    assert_true(table_add(f->watch.table, &want, output));
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    int ends[2];
    strcpy(f->folder, "/tmp/test-watch-XXXXXX");
    if (mkdtemp(f->folder) == NULL || channel_pair(ends) != 0)
        return -1;
    f->core = dup2(ends[1], 200);
    if (f->core != 200 || dup2(ends[0], CHANNEL_FD) != CHANNEL_FD)
        return -1;
    for (int i = 0; i < 2; i++)
        if (ends[i] != CHANNEL_FD)
            close(ends[i]);
    fake_reset();
    f->now = clock_boottime_ms();
    f->watch.outbox = outbox_create(f->folder);
    f->watch.table = table_create();
    f->watch.check_at = f->now + WATCH_CHECK_MS;
    add(f, "door", "l0", 0, KIND_CONTACT, false);
    add(f, "call", "l1", 1, KIND_BUTTON, false);
    add(f, "light", "l2", 0, KIND_STATE, true);
    *state = f;
    return f->watch.outbox == NULL;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    static const char *const files[] = {"gpio-state.ring", "gpio-urgent.ring"};
    char path[128];
    table_destroy(f->watch.table);
    outbox_destroy(f->watch.outbox);
    for (size_t i = 0; i < COUNT(files); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", f->folder, files[i]);
        unlink(path);
    }
    rmdir(f->folder);
    close(f->core);
    close(CHANNEL_FD);
    free(f);
    return 0;
}

static void take(struct fixture *f)
{
    const struct frame_sensor_note *note = &f->frame.sensor_note;
    switch (f->frame.header.type) {
    case FRAME_READINGS:
        for (uint32_t i = 0; i < f->frame.readings.n; i++)
            f->got[f->n++] = f->frame.readings.reading[i];
        break;
    case FRAME_TROUBLE:
        f->trouble[f->n_trouble++] = f->frame.trouble;
        break;
    case FRAME_SENSOR_NOTE:
        f->lost += note->note == NOTE_LINES_LOST ? note->value : 0;
        f->possible += note->note == NOTE_LINES_LOST && note->value == 0;
        f->coalesced += note->note == NOTE_LINES_COALESCED ? note->value : 0;
        break;
    default:
        fail_msg("unexpected frame");
    }
}

static void receive(struct fixture *f)
{
    const char *why = "";
    outbox_send(f->watch.outbox, CHANNEL_FD);
    while (channel_receive(f->core, &f->frame, &why) == CHANNEL_OK)
        take(f);
}

/* A turn of the loop at .now: readable as the fake's edges say. */
static void turn(struct fixture *f, short extra)
{
    watch_retry(&f->watch, f->now);
    for (unsigned i = 0; i < f->watch.table->n; i++) {
        struct entry *entry = &f->watch.table->entry[i];
        int fd = watch_fd(&f->watch, entry, f->now);
        short revents = fd >= 0 && fake_line((unsigned)fd - 1000)->n_edges ? POLLIN : 0;
        watch_serve(&f->watch, entry, fd >= 0 ? (short)(revents | extra) : 0, f->now);
    }
    watch_check(&f->watch, f->now);
    receive(f);
}

/* Turns at each deadline until `ms` later. */
static void run(struct fixture *f, int64_t ms)
{
    int64_t end = f->now + ms;
    for (int i = 0; i < 100000; i++) {
        turn(f, 0);
        int64_t next = watch_deadline(&f->watch, f->now);
        if (next > end)
            break;
        f->now = next > f->now ? next : f->now;
    }
    f->now = end;
}

/* The n-th reading that came (from 0). */
static void came(const struct fixture *f, unsigned n, unsigned slot, enum gw_type type, int value, unsigned flags)
{
    assert_true(n < f->n);
    assert_int_equal(f->got[n].sensor, slot);
    assert_int_equal(f->got[n].type, type);
    assert_true(f->got[n].value == value);
    assert_int_equal(f->got[n].flags, flags);
}

static void begin(struct fixture *f)
{
    turn(f, 0);
    f->n = f->n_trouble = 0;
}

static void start_tells_availability_and_the_first_level(void **state)
{
    struct fixture *f = *state;
    fake_line(0)->level = 1;
    turn(f, 0);
    assert_int_equal(f->n, 4);
    came(f, 0, 1, GW_AVAILABILITY, 1, 0); /* the urgent ring goes first */
    came(f, 1, 1, GW_VALUE, 0, GW_INITIAL);
    came(f, 2, 0, GW_AVAILABILITY, 1, 0);
    came(f, 3, 0, GW_VALUE, 1, GW_INITIAL);
    assert_int_equal(fake_line(2)->output_value, 0);
    assert_int_equal(f->n_trouble, 0);
}

static void gaps_in_the_sequence_are_counted_and_the_level_read_again(void **state)
{
    struct fixture *f = *state;
    fake_line(0)->counts = true;
    begin(f);
    fake_edge(0, f->now, 1);
    turn(f, 0);
    came(f, 0, 0, GW_VALUE, 1, 0);
    fake_line(0)->seqno += 976;
    for (int i = 0; i < 200; i++)
        fake_edge(0, f->now, i % 2);
    fake_line(0)->level = 0; /* and the edge to it is lost as well */
    run(f, 500);
    assert_int_equal(f->lost, 976);
    assert_int_equal(f->n, 2);
    came(f, 1, 0, GW_VALUE, 0, GW_REREAD);
    assert_int_equal(fake_line(0)->n_edges, 0);
}

static void the_sequence_number_may_wrap(void **state)
{
    struct fixture *f = *state;
    fake_line(0)->counts = true;
    begin(f);
    f->watch.table->entry[0].seqno = UINT32_MAX - 1;
    fake_line(0)->seqno = UINT32_MAX - 1;
    fake_edge(0, f->now, 1);
    turn(f, 0);
    fake_line(0)->seqno = UINT32_MAX; /* the fake must count past 0, which stands for "not counted" */
    fake_edge(0, f->now, 0);
    turn(f, 0);
    fake_edge(0, f->now, 1);
    turn(f, 0);
    assert_int_equal(f->n, 3);
    run(f, 1100);
    assert_int_equal(f->lost, 0);
}

static void a_full_buffer_that_cannot_tell_is_flagged_and_the_level_read_again(void **state)
{
    struct fixture *f = *state;
    begin(f);
    fake_edge(0, f->now, 1);
    fake_line(0)->maybe_lost = true;
    fake_line(0)->level = 0;
    run(f, 500);
    assert_int_equal(f->possible, 1);
    assert_int_equal(f->lost, 0);
    came(f, f->n - 1, 0, GW_VALUE, 0, GW_REREAD);
}

static void a_lost_chip_makes_its_sensors_unavailable_once_and_is_retried_for_ever(void **state)
{
    struct fixture *f = *state;
    begin(f);
    for (unsigned i = 0; i < FAKE_LINES; i++)
        fake_line(i)->broken = true, fake_line(i)->fault = LINES_NO_CHIP;
    turn(f, POLLERR | POLLHUP);
    assert_int_equal(f->n, 2);
    came(f, 0, 1, GW_AVAILABILITY, 0, 0);
    came(f, 1, 0, GW_AVAILABILITY, 0, 0);
    run(f, 3600000);
    assert_int_equal(f->n, 2);
    assert_int_equal(f->n_trouble, 1);
    assert_string_equal(f->trouble[0].subject, "chip");
    assert_in_range(fake_line(0)->requests, 360, 370); /* every 10 s */
    assert_in_range(fake_line(1)->requests, 1, 2);     /* of a chip that is away only one line is tried */
    for (unsigned i = 0; i < FAKE_LINES; i++)
        fake_line(i)->broken = false, fake_line(i)->fault = LINES_OK;
    fake_line(1)->level = 1;
    run(f, RETRY_MAX_MS);
    assert_int_equal(f->n, 6);
    came(f, 2, 1, GW_AVAILABILITY, 1, 0);
    came(f, 3, 1, GW_VALUE, 1, GW_INITIAL);
    assert_int_equal(f->n_trouble, 2);
    assert_int_equal(f->trouble[1].active, 0);
}

static void a_chip_that_goes_without_waking_anybody_is_found_by_the_check(void **state)
{
    struct fixture *f = *state;
    begin(f);
    for (unsigned i = 0; i < FAKE_LINES; i++)
        fake_line(i)->broken = true, fake_line(i)->fault = LINES_NO_CHIP;
    run(f, WATCH_CHECK_MS + 1);
    came(f, 0, 1, GW_AVAILABILITY, 0, 0);
    came(f, 1, 0, GW_AVAILABILITY, 0, 0);
}

static void a_level_without_an_edge_is_found_by_the_check(void **state)
{
    struct fixture *f = *state;
    begin(f);
    fake_line(0)->level = 1;
    run(f, WATCH_CHECK_MS + SETTLE_GRACE_MS);
    assert_int_equal(f->n, 1);
    came(f, 0, 0, GW_VALUE, 1, GW_REREAD);
}

static void one_bad_line_costs_only_itself(void **state)
{
    struct fixture *f = *state;
    static const enum lines_fault faults[] = {LINES_NO_LINE, LINES_BUSY, LINES_NO_UAPI, LINES_REFUSED};
    for (size_t i = 0; i < COUNT(faults); i++) {
        fake_line(0)->fault = faults[i];
        f->watch.table->chip[0].retry_at = 0;
        turn(f, 0);
        run(f, 60000);
        assert_int_equal(f->n_trouble, 1);
        assert_string_equal(f->trouble[0].subject, "door");
        came(f, f->n - 1, 0, GW_AVAILABILITY, 0, 0);
        fake_line(0)->fault = LINES_OK;
        run(f, RETRY_MAX_MS);
        assert_int_equal(f->n_trouble, 2);
        lines_release(f->watch.table->entry[0].line);
        f->watch.table->entry[0].line = NULL;
        f->n_trouble = 0;
        assert_int_equal(fake_line(1)->requests, 1);
    }
}

static void an_urgent_line_waits_when_its_ring_is_full_and_ends_right(void **state)
{
    struct fixture *f = *state;
    struct reading filler = {.at = 1, .sensor = 1, .type = GW_VALUE};
    begin(f);
    while (outbox_room(f->watch.outbox, true, 1))
        assert_true(outbox_put(f->watch.outbox, true, &filler));
    receive(f);
    f->n = 0;
    fake_edge(1, f->now, 1);
    fake_edge(0, f->now, 1);
    run(f, 60000);
    assert_int_equal(f->n, 1); /* the door's */
    came(f, 0, 0, GW_VALUE, 1, 0);
    assert_int_equal(fake_line(1)->n_edges, 1);
    assert_int_equal(watch_fd(&f->watch, &f->watch.table->entry[1], f->now), -1);
    struct frame_confirm confirm = {.durable = filler.origin, .handled = filler.origin, .urgent = 1};
    outbox_confirm(f->watch.outbox, &confirm);
    turn(f, 0);
    assert_int_equal(f->n, 2);
    came(f, 1, 1, GW_VALUE, 1, 0);
}

static void one_turn_reads_a_bounded_number_of_edges_of_each_line(void **state)
{
    struct fixture *f = *state;
    begin(f);
    for (int i = 0; i < 1000; i++)
        fake_edge(0, f->now, i % 2);
    fake_edge(1, f->now, 1);
    turn(f, 0);
    assert_int_equal(fake_line(0)->n_edges, 1000 - LINES_EDGES_PER_READ);
    came(f, 0, 1, GW_VALUE, 1, 0);
    fake_line(0)->level = 1;
    run(f, 2000);
    assert_int_equal(fake_line(0)->n_edges, 0);
    came(f, f->n - 1, 0, GW_VALUE, 1, f->got[f->n - 1].flags);
    assert_true(f->coalesced > 900);
}

static void an_edges_time_is_never_in_the_future_nor_nonsense(void **state)
{
    struct fixture *f = *state;
    begin(f);
    fake_edge(0, f->now + 1000000000, 1); /* a wall clock's time, as old kernels stamp */
    fake_edge(0, -5, 0);
    turn(f, 0);
    assert_int_equal(f->n, 2);
    assert_int_equal(f->got[0].at, f->now);
    assert_int_equal(f->got[1].at, f->now);
}

static void an_output_gets_its_value_back_with_its_chip(void **state)
{
    struct fixture *f = *state;
    begin(f);
    struct entry *light = &f->watch.table->entry[2];
    watch_set(&f->watch, light, 1, f->now);
    assert_int_equal(fake_line(2)->output_value, 1);
    fake_line(2)->broken = true;
    watch_set(&f->watch, light, 1, f->now);
    assert_null(light->line);
    fake_line(2)->broken = false;
    fake_line(2)->output_value = -1;
    run(f, RETRY_MAX_MS);
    assert_int_equal(fake_line(2)->output_value, 1);
    assert_int_equal(f->n, 0); /* an output is no sensor */
}

static void debounce_is_done_here_only_where_the_kernel_has_none(void **state)
{
    struct fixture *f = *state;
    for (int kernel = 0; kernel < 2; kernel++) {
        fake_line(0)->debounced = kernel;
        fake_line(0)->level = 0;
        f->watch.table->entry[0].want.debounce_ms = 50;
        lines_release(f->watch.table->entry[0].line);
        f->watch.table->entry[0].line = NULL;
        f->watch.table->chip[0].retry_at = 0;
        begin(f);
        fake_edge(0, f->now, 1);
        turn(f, 0);
        assert_int_equal(f->n, kernel);
        run(f, 100);
        assert_int_equal(f->n, 1);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(start_tells_availability_and_the_first_level),
        TEST(gaps_in_the_sequence_are_counted_and_the_level_read_again),
        TEST(the_sequence_number_may_wrap),
        TEST(a_full_buffer_that_cannot_tell_is_flagged_and_the_level_read_again),
        TEST(a_lost_chip_makes_its_sensors_unavailable_once_and_is_retried_for_ever),
        TEST(a_chip_that_goes_without_waking_anybody_is_found_by_the_check),
        TEST(a_level_without_an_edge_is_found_by_the_check),
        TEST(one_bad_line_costs_only_itself),
        TEST(an_urgent_line_waits_when_its_ring_is_full_and_ends_right),
        TEST(one_turn_reads_a_bounded_number_of_edges_of_each_line),
        TEST(an_edges_time_is_never_in_the_future_nor_nonsense),
        TEST(an_output_gets_its_value_back_with_its_chip),
        TEST(debounce_is_done_here_only_where_the_kernel_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
