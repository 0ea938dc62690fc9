/* The daemon's side of a worker: this test's own executable plays the worker under the names of real ones. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/channel.h"
#include "base/clock.h"
#include "base/text.h"
#include "check.h"
#include "daemon/workers.h"

/* ---- the worker's side: what it does is its title ---- */

static void say(unsigned n)
{
    struct frame *frame = calloc(1, sizeof *frame);
    frame_init(frame, FRAME_STORE_RING);
    for (unsigned i = 0; i < n; i++) {
        frame->store_ring.origin = i;
        channel_send_wait(CHANNEL_FD, frame);
    }
    free(frame);
}

static int play(const char *title)
{
    struct frame *frame = calloc(1, sizeof *frame);
    const char *why = "";
    int status = 0;
    if (strcmp(title, "rubbish") == 0) {
        send(CHANNEL_FD, "rubbish", 7, 0);
        pause();
    } else if (strcmp(title, "last words") == 0) {
        say(300);
        status = 7;
    } else if (strcmp(title, "flood") == 0) {
        for (;;)
            say(1000);
    } else if (strcmp(title, "deaf") == 0) {
        pause();
    } else if (strcmp(title, "silent") == 0) {
        close(CHANNEL_FD);
        pause();
    } else if (strcmp(title, "echo") == 0) {
        while (channel_receive_wait(CHANNEL_FD, frame, -1, &why) == CHANNEL_OK)
            channel_send_wait(CHANNEL_FD, frame);
    }
    free(frame);
    return status;
}

/* ---- the daemon's side ---- */

struct seen {
    sd_event *event;
    struct workers *workers;
    struct frame *scratch;
    char libexec[64], link[ROLE_COUNT][128];
    unsigned frames[4], exits[4], bads[4];
    uint64_t next[4];
    bool in_order;
    const char *why;
    struct worker_death death;
    bool kill_bad, restart;
};

static void on_frame(void *context, unsigned worker, const struct frame *frame)
{
    struct seen *seen = context;
    seen->frames[worker]++;
    if (frame->store_ring.origin != seen->next[worker]++ % 1000)
        seen->in_order = false;
}

static void on_bad(void *context, unsigned worker, const char *why)
{
    struct seen *seen = context;
    seen->bads[worker]++;
    seen->why = why;
    if (seen->kill_bad)
        workers_kill(seen->workers, worker);
}

static void on_exited(void *context, unsigned worker, struct worker_death death)
{
    struct seen *seen = context;
    seen->exits[worker]++;
    seen->death = death;
    if (seen->restart) {
        seen->restart = false;
        workers_start(seen->workers, worker, ROLE_GPIO, "last words");
    }
}

static int set_up(void **state)
{
    static const char *const names[ROLE_COUNT] = {"store", "gpio", "mqtt", "uplink", "detector"};
    struct seen *seen = calloc(1, sizeof *seen);
    const struct workers_sink sink = {seen, on_frame, on_bad, on_exited};
    strcpy(seen->libexec, "/tmp/gatewayd-workers-XXXXXX");
    assert_non_null(mkdtemp(seen->libexec));
    char self[256] = "";
    assert_true(readlink("/proc/self/exe", self, sizeof self - 1) > 0);
    for (unsigned i = 0; i < ROLE_COUNT; i++) {
        snprintf(seen->link[i], sizeof seen->link[i], "%s/gatewayd-%s", seen->libexec, names[i]);
        if (i != ROLE_UPLINK) /* the one that is not installed */
            assert_int_equal(symlink(self, seen->link[i]), 0);
    }
    assert_int_equal(sd_event_new(&seen->event), 0);
    seen->scratch = calloc(1, sizeof *seen->scratch);
    seen->workers = workers_create(seen->event, seen->libexec, seen->scratch, &sink);
    assert_non_null(seen->workers);
    seen->in_order = seen->kill_bad = true;
    *state = seen;
    return 0;
}

static int tear_down(void **state)
{
    struct seen *seen = *state;
    workers_destroy(seen->workers);
    sd_event_unref(seen->event);
    for (unsigned i = 0; i < ROLE_COUNT; i++)
        unlink(seen->link[i]);
    rmdir(seen->libexec);
    free(seen->scratch);
    free(seen);
    return 0;
}

/* Run the loop until the count is reached, for 10 s at most. */
static void run_until(struct seen *seen, const unsigned *count, unsigned wanted)
{
    int64_t end = clock_boottime_ms() + 10000;
    while (*count < wanted && clock_boottime_ms() < end)
        assert_true(sd_event_run(seen->event, 100000) >= 0);
    assert_true(*count >= wanted);
}

static void rubbish_is_told_and_ends_with_the_kill(void **state)
{
    struct seen *seen = *state;
    workers_start(seen->workers, 0, ROLE_GPIO, "rubbish");
    run_until(seen, &seen->exits[0], 1);
    assert_int_equal(seen->bads[0], 1);
    assert_int_equal(seen->frames[0], 0);
    assert_int_equal(seen->death.how, DEATH_SIGNAL);
    assert_int_equal(seen->death.code, SIGKILL);
}

static void a_missing_executable_is_an_exit_told_from_the_loop(void **state)
{
    struct seen *seen = *state;
    workers_start(seen->workers, 1, ROLE_UPLINK, "uplink platform");
    assert_int_equal(seen->exits[1], 0); /* never from inside the order */
    run_until(seen, &seen->exits[1], 1);
    assert_int_equal(seen->death.how, DEATH_SPAWN_FAILED);
    assert_int_equal(seen->death.code, ENOENT);
}

static void everything_said_before_the_end_comes_before_the_exit(void **state)
{
    struct seen *seen = *state;
    workers_start(seen->workers, 2, ROLE_GPIO, "last words");
    run_until(seen, &seen->exits[2], 1);
    assert_int_equal(seen->frames[2], 300);
    assert_true(seen->in_order);
    assert_int_equal(seen->death.how, DEATH_EXIT);
    assert_int_equal(seen->death.code, 7);
}

static void it_may_be_started_again_from_inside_its_exit(void **state)
{
    struct seen *seen = *state;
    seen->restart = true;
    workers_start(seen->workers, 2, ROLE_GPIO, "last words");
    run_until(seen, &seen->exits[2], 2);
    assert_int_equal(seen->frames[2], 600);
}

static void one_that_does_not_read_is_told_once_and_the_others_go_on(void **state)
{
    struct seen *seen = *state;
    struct frame *frame = calloc(1, sizeof *frame);
    workers_start(seen->workers, 0, ROLE_DETECTOR, "deaf");
    workers_start(seen->workers, 1, ROLE_STORE, "echo");
    frame_init(frame, FRAME_READINGS);
    for (unsigned i = 0; i < READINGS_PER_FRAME; i++)
        frame->readings.reading[i] = (struct reading){.id = i + 1, .origin = i + 1};
    frame_set_n(frame, READINGS_PER_FRAME);
    for (unsigned i = 0; i < 200; i++)
        workers_send(seen->workers, 0, frame);
    assert_int_equal(seen->bads[0], 0); /* never from inside the order */
    frame_init(frame, FRAME_STORE_RING);
    workers_send(seen->workers, 1, frame);
    run_until(seen, &seen->frames[1], 1);
    run_until(seen, &seen->exits[0], 1);
    assert_int_equal(seen->bads[0], 1);
    assert_string_equal(seen->why, "it does not read");
    free(frame);
}

static void more_than_the_socket_takes_arrives_in_order(void **state)
{
    struct seen *seen = *state;
    struct frame *frame = calloc(1, sizeof *frame);
    workers_start(seen->workers, 1, ROLE_STORE, "echo");
    for (uint64_t i = 0; i < 2000; i++) {
        frame_init(frame, FRAME_STORE_RING);
        frame->store_ring.origin = i % 1000;
        workers_send(seen->workers, 1, frame);
    }
    run_until(seen, &seen->frames[1], 2000);
    assert_true(seen->in_order);
    assert_int_equal(seen->bads[1], 0);
    free(frame);
}

static void a_flood_leaves_the_others_their_turn(void **state)
{
    struct seen *seen = *state;
    struct frame *frame = calloc(1, sizeof *frame);
    workers_start(seen->workers, 0, ROLE_MQTT, "flood");
    run_until(seen, &seen->frames[0], 1000);
    workers_start(seen->workers, 1, ROLE_DETECTOR, "echo");
    for (uint64_t i = 0; i < 10; i++) {
        frame_init(frame, FRAME_STORE_RING);
        frame->store_ring.origin = i;
        workers_send(seen->workers, 1, frame);
        run_until(seen, &seen->frames[1], (unsigned)i + 1);
    }
    assert_int_equal(seen->exits[0], 0);
    free(frame);
}

static void closing_the_channel_without_ending_is_told(void **state)
{
    struct seen *seen = *state;
    workers_start(seen->workers, 3, ROLE_GPIO, "silent");
    run_until(seen, &seen->exits[3], 1);
    assert_int_equal(seen->bads[3], 1);
}

static void after_a_kill_nothing_more_is_heard_but_the_exit(void **state)
{
    struct seen *seen = *state;
    workers_start(seen->workers, 0, ROLE_MQTT, "flood");
    run_until(seen, &seen->frames[0], 100);
    workers_kill(seen->workers, 0);
    unsigned heard = seen->frames[0];
    run_until(seen, &seen->exits[0], 1);
    assert_int_equal(seen->frames[0], heard);
    assert_int_equal(workers_running(seen->workers), 0);
}

static void at_the_end_they_leave_by_themselves_and_nobody_is_told(void **state)
{
    struct seen *seen = *state;
    workers_start(seen->workers, 0, ROLE_GPIO, "echo");
    workers_start(seen->workers, 1, ROLE_DETECTOR, "echo");
    workers_close(seen->workers);
    int64_t end = clock_boottime_ms() + 10000;
    while (workers_running(seen->workers) && clock_boottime_ms() < end)
        assert_true(sd_event_run(seen->event, 100000) >= 0);
    assert_int_equal(workers_running(seen->workers), 0);
    assert_int_equal(seen->exits[0] + seen->exits[1], 0);
}

int main(int argc, char **argv)
{
    if (strstr(argv[0], "gatewayd-workers-"))
        return play(argc > 1 ? argv[1] : "");
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rubbish_is_told_and_ends_with_the_kill, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_missing_executable_is_an_exit_told_from_the_loop, set_up, tear_down),
        cmocka_unit_test_setup_teardown(everything_said_before_the_end_comes_before_the_exit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(it_may_be_started_again_from_inside_its_exit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_that_does_not_read_is_told_once_and_the_others_go_on, set_up, tear_down),
        cmocka_unit_test_setup_teardown(more_than_the_socket_takes_arrives_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_flood_leaves_the_others_their_turn, set_up, tear_down),
        cmocka_unit_test_setup_teardown(closing_the_channel_without_ending_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(after_a_kill_nothing_more_is_heard_but_the_exit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(at_the_end_they_leave_by_themselves_and_nobody_is_told, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
