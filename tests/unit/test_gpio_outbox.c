#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gatewayd/plugin.h"
#include "outbox.h"

struct fixture {
    char folder[64];
    int ends[2]; /* ours, the core's */
    struct outbox *outbox;
    struct frame frame;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    strcpy(f->folder, "/tmp/test-outbox-XXXXXX");
    if (mkdtemp(f->folder) == NULL || channel_pair(f->ends) != 0)
        return -1;
    f->outbox = outbox_create(f->folder);
    *state = f;
    return f->outbox == NULL;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    static const char *const files[] = {"gpio-state.ring", "gpio-urgent.ring"};
    char path[128];
    outbox_destroy(f->outbox);
    for (size_t i = 0; i < COUNT(files); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", f->folder, files[i]);
        unlink(path);
    }
    rmdir(f->folder);
    close(f->ends[0]);
    close(f->ends[1]);
    free(f);
    return 0;
}

static uint64_t put(struct fixture *f, bool urgent, double value)
{
    struct reading reading = {.at = 1, .value = value, .sensor = 3, .type = GW_VALUE};
    assert_true(outbox_put(f->outbox, urgent, &reading));
    assert_true(reading.origin != 0);
    return reading.origin;
}

/* The next frame at the core; 0: none. */
static uint32_t receive(struct fixture *f, uint32_t flags)
{
    const char *why = "";
    enum channel_result result = channel_receive(f->ends[1], &f->frame, &why);
    if (result == CHANNEL_EMPTY)
        return 0;
    assert_int_equal(result, CHANNEL_OK);
    assert_int_equal(f->frame.header.type, FRAME_READINGS);
    assert_int_equal(f->frame.readings.flags, flags);
    return f->frame.readings.n;
}

static void confirm(struct fixture *f, bool urgent, uint64_t handled)
{
    struct frame_confirm said = {.durable = handled, .handled = handled, .urgent = urgent};
    outbox_confirm(f->outbox, &said);
}

static void a_folder_that_is_not_there_is_an_error(void **state)
{
    (void)state;
    assert_null(outbox_create("/nowhere/at/all"));
    outbox_destroy(NULL);
}

static void readings_go_in_one_frame_and_only_once_the_urgent_ones_first(void **state)
{
    struct fixture *f = *state;
    put(f, false, 1);
    put(f, false, 0);
    put(f, true, 1);
    assert_int_equal(outbox_send(f->outbox, f->ends[0]), CHANNEL_OK);
    assert_int_equal(receive(f, READINGS_URGENT), 1);
    assert_int_equal(receive(f, 0), 2);
    assert_true(f->frame.readings.reading[1].value == 0);
    assert_int_equal(outbox_send(f->outbox, f->ends[0]), CHANNEL_OK);
    assert_int_equal(receive(f, 0), 0);
}

static void a_successor_sends_the_unconfirmed_rest_first_as_a_replay(void **state)
{
    struct fixture *f = *state;
    uint64_t first = put(f, false, 1);
    put(f, false, 0);
    put(f, true, 1);
    assert_int_equal(outbox_send(f->outbox, f->ends[0]), CHANNEL_OK);
    receive(f, READINGS_URGENT);
    receive(f, 0);
    confirm(f, false, first);
    outbox_destroy(f->outbox);
    f->outbox = outbox_create(f->folder);
    put(f, false, 1);
    assert_int_equal(outbox_send(f->outbox, f->ends[0]), CHANNEL_OK);
    assert_int_equal(receive(f, READINGS_URGENT | READINGS_REPLAY), 1);
    assert_int_equal(receive(f, READINGS_REPLAY), 1);
    assert_int_equal(f->frame.readings.reading[0].origin, first + 1);
    assert_int_equal(receive(f, 0), 1);
}

static void confirmations_of_what_was_not_sent_are_ignored(void **state)
{
    struct fixture *f = *state;
    uint64_t first = put(f, true, 1);
    confirm(f, true, first);
    confirm(f, true, UINT64_MAX);
    confirm(f, true, 0);
    confirm(f, false, first);
    assert_int_equal(outbox_send(f->outbox, f->ends[0]), CHANNEL_OK);
    assert_int_equal(receive(f, READINGS_URGENT), 1);
    confirm(f, true, first);
    assert_true(outbox_room(f->outbox, true, OUTBOX_URGENT_RING));
}

static void urgent_readings_are_refused_never_dropped(void **state)
{
    struct fixture *f = *state;
    struct reading reading = {.at = 1, .sensor = 3, .type = GW_VALUE};
    uint64_t first = put(f, true, 1);
    for (int i = 1; i < OUTBOX_URGENT_RING; i++)
        put(f, true, i % 2);
    assert_false(outbox_room(f->outbox, true, 1));
    assert_false(outbox_put(f->outbox, true, &reading));
    assert_int_equal(outbox_dropped(f->outbox), 0);
    assert_int_equal(outbox_send(f->outbox, f->ends[0]), CHANNEL_OK);
    confirm(f, true, first + 9);
    assert_true(outbox_room(f->outbox, true, 10));
    assert_false(outbox_room(f->outbox, true, 11));
    assert_true(outbox_put(f->outbox, true, &reading));
}

static void levels_give_way_oldest_first_and_are_counted_if_unsent(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < OUTBOX_STATE_RING + 5; i++)
        put(f, false, i);
    assert_int_equal(outbox_dropped(f->outbox), 5);
    assert_int_equal(outbox_dropped(f->outbox), 0);
    double expected = 5;
    while (outbox_send(f->outbox, f->ends[0]) == CHANNEL_EMPTY || expected < OUTBOX_STATE_RING + 5) {
        uint32_t n = receive(f, 0);
        assert_true(n > 0);
        for (uint32_t i = 0; i < n; i++)
            assert_true(f->frame.readings.reading[i].value == expected++);
    }
    put(f, false, 0); /* sent ones that give way are in the core's hands already */
    assert_int_equal(outbox_dropped(f->outbox), 0);
}

static void a_core_that_takes_nothing_is_not_waited_for(void **state)
{
    struct fixture *f = *state;
    enum channel_result result = CHANNEL_OK;
    uint32_t sent = 0, received = 0;
    for (int i = 0; i < 1000 && result == CHANNEL_OK; i++) {
        for (int j = 0; j < READINGS_PER_FRAME; j++, sent++)
            put(f, false, 1);
        result = outbox_send(f->outbox, f->ends[0]);
    }
    assert_int_equal(result, CHANNEL_EMPTY);
    for (uint32_t n = 1; n > 0;) {
        received += n = receive(f, 0);
        if (n == 0)
            break;
        assert_int_not_equal(outbox_send(f->outbox, f->ends[0]), CHANNEL_CLOSED);
    }
    assert_int_equal(received + outbox_dropped(f->outbox), sent);
}

static void a_core_that_has_gone_is_noticed(void **state)
{
    struct fixture *f = *state;
    put(f, false, 1);
    close(f->ends[1]);
    f->ends[1] = -1;
    assert_int_equal(outbox_send(f->outbox, f->ends[0]), CHANNEL_CLOSED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_folder_that_is_not_there_is_an_error),
        TEST(readings_go_in_one_frame_and_only_once_the_urgent_ones_first),
        TEST(a_successor_sends_the_unconfirmed_rest_first_as_a_replay),
        TEST(confirmations_of_what_was_not_sent_are_ignored),
        TEST(urgent_readings_are_refused_never_dropped),
        TEST(levels_give_way_oldest_first_and_are_counted_if_unsent),
        TEST(a_core_that_takes_nothing_is_not_waited_for),
        TEST(a_core_that_has_gone_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
