#include "check.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/channel.h"
#include "base/clock.h"
#include "base/text.h"

struct pair {
    int fd[2];
    struct frame frame, got;
    const char *why;
};

static int setup(void **state)
{
    struct pair *pair = calloc(1, sizeof(*pair));
    *state = pair;
    return channel_pair(pair->fd);
}

static void shut(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static int teardown(void **state)
{
    struct pair *pair = *state;
    shut(&pair->fd[0]);
    shut(&pair->fd[1]);
    free(pair);
    return 0;
}

static void frames_arrive_whole_and_in_order(void **state)
{
    struct pair *pair = *state;
    for (uint64_t i = 0; i < 10; i++) {
        frame_init(&pair->frame, FRAME_STORE_RING);
        pair->frame.store_ring.origin = i;
        assert_int_equal(channel_send(pair->fd[0], &pair->frame), CHANNEL_OK);
    }
    for (uint64_t i = 0; i < 10; i++) {
        assert_int_equal(channel_receive(pair->fd[1], &pair->got, &pair->why), CHANNEL_OK);
        assert_int_equal(pair->got.store_ring.origin, i);
    }
    assert_int_equal(channel_receive(pair->fd[1], &pair->got, &pair->why), CHANNEL_EMPTY);
}

static void the_largest_frame_goes_through(void **state)
{
    struct pair *pair = *state;
    frame_init(&pair->frame, FRAME_BATCH);
    for (unsigned i = 0; i < READINGS_PER_FRAME; i++)
        pair->frame.batch.reading[i] = (struct reading){.origin = 1, .value = i};
    frame_set_n(&pair->frame, READINGS_PER_FRAME);
    assert_int_equal(channel_send(pair->fd[0], &pair->frame), CHANNEL_OK);
    assert_int_equal(channel_receive(pair->fd[1], &pair->got, &pair->why), CHANNEL_OK);
    assert_memory_equal(&pair->frame, &pair->got, pair->frame.header.length);
}

static void what_is_no_frame_is_bad_and_the_channel_goes_on(void **state)
{
    struct pair *pair = *state;
    char big[sizeof(struct frame) + 100];
    memset(big, 0, sizeof(big));
    assert_int_equal(send(pair->fd[0], "x", 1, 0), 1);
    assert_int_equal(send(pair->fd[0], big, sizeof(big), 0), sizeof(big));
    frame_init(&pair->frame, FRAME_READY);
    assert_int_equal(channel_send(pair->fd[0], &pair->frame), CHANNEL_OK);
    assert_int_equal(channel_receive(pair->fd[1], &pair->got, &pair->why), CHANNEL_BAD);
    assert_int_equal(channel_receive(pair->fd[1], &pair->got, &pair->why), CHANNEL_BAD);
    assert_string_equal(pair->why, "longer than any frame");
    assert_int_equal(channel_receive(pair->fd[1], &pair->got, &pair->why), CHANNEL_OK);
}

static void a_side_that_has_gone_is_told_and_raises_no_sigpipe(void **state)
{
    struct pair *pair = *state;
    shut(&pair->fd[1]);
    frame_init(&pair->frame, FRAME_READY);
    assert_int_equal(channel_send(pair->fd[0], &pair->frame), CHANNEL_CLOSED);
    assert_int_equal(channel_receive(pair->fd[0], &pair->got, &pair->why), CHANNEL_CLOSED);
}

static void what_was_sent_before_the_end_is_still_read(void **state)
{
    struct pair *pair = *state;
    frame_init(&pair->frame, FRAME_READY);
    assert_int_equal(channel_send(pair->fd[0], &pair->frame), CHANNEL_OK);
    shut(&pair->fd[0]);
    assert_int_equal(channel_receive(pair->fd[1], &pair->got, &pair->why), CHANNEL_OK);
    assert_int_equal(channel_receive(pair->fd[1], &pair->got, &pair->why), CHANNEL_CLOSED);
}

static void last_words_are_read_though_the_sender_left_ours_unread(void **state)
{
    struct pair *pair = *state;
    frame_init(&pair->frame, FRAME_CONFIG_END);
    assert_int_equal(channel_send(pair->fd[0], &pair->frame), CHANNEL_OK);
    frame_init(&pair->frame, FRAME_READY);
    assert_int_equal(channel_send(pair->fd[1], &pair->frame), CHANNEL_OK);
    shut(&pair->fd[1]);
    assert_int_equal(channel_receive(pair->fd[0], &pair->got, &pair->why), CHANNEL_OK);
    assert_int_equal(pair->got.header.type, FRAME_READY);
    assert_int_equal(channel_receive(pair->fd[0], &pair->got, &pair->why), CHANNEL_CLOSED);
}

static void sending_never_waits_for_a_reader_that_hangs(void **state)
{
    struct pair *pair = *state;
    frame_init(&pair->frame, FRAME_SETTING);
    enum channel_result result = CHANNEL_OK;
    unsigned sent = 0;
    for (; result == CHANNEL_OK && sent < 100000; sent++)
        result = channel_send(pair->fd[0], &pair->frame);
    assert_int_equal(result, CHANNEL_EMPTY);
    assert_true(sent > 50);
    assert_int_equal(channel_receive(pair->fd[1], &pair->got, &pair->why), CHANNEL_OK);
    while (channel_receive(pair->fd[1], &pair->got, &pair->why) == CHANNEL_OK) {
    }
    assert_int_equal(channel_send(pair->fd[0], &pair->frame), CHANNEL_OK);
}

static void both_ends_are_non_blocking_and_close_on_exec(void **state)
{
    struct pair *pair = *state;
    for (int i = 0; i < 2; i++) {
        assert_true((fcntl(pair->fd[i], F_GETFL) & O_NONBLOCK) != 0);
        assert_true((fcntl(pair->fd[i], F_GETFD) & FD_CLOEXEC) != 0);
    }
}

static void receiving_with_a_timeout_ends_in_time(void **state)
{
    struct pair *pair = *state;
    int64_t before = clock_boottime_ms();
    assert_int_equal(channel_receive_wait(pair->fd[1], &pair->got, 50, &pair->why), CHANNEL_EMPTY);
    int64_t took = clock_boottime_ms() - before;
    assert_in_range(took, 49, 5000);
    frame_init(&pair->frame, FRAME_READY);
    assert_int_equal(channel_send(pair->fd[0], &pair->frame), CHANNEL_OK);
    assert_int_equal(channel_receive_wait(pair->fd[1], &pair->got, -1, &pair->why), CHANNEL_OK);
}

/* Runs act() in a child whose fd 3 is end 1 of the pair (or closed); its wait status. */
static int in_worker(struct pair *pair, void (*act)(void), bool with_channel)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        int null = open("/dev/null", O_WRONLY);
        dup2(null, STDERR_FILENO);
        if (with_channel)
            dup2(pair->fd[1], CHANNEL_FD);
        else
            close(CHANNEL_FD);
        act();
        _exit(9);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void start(void)
{
    channel_worker_start("test");
}

static void start_and_fail(void)
{
    channel_worker_start("test");
    channel_worker_fail("no such %s: \xff", "thing");
}

static void start_and_tell(void)
{
    channel_worker_start("test");
    channel_trouble("disk", "disk-full", true, true, "The disk is full", "磁盘已满");
}

static void a_worker_without_its_channel_ends_with_2(void **state)
{
    int status = in_worker(*state, start, false);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 2);
}

static void a_worker_says_hello(void **state)
{
    struct pair *pair = *state;
    int status = in_worker(pair, start, true);
    assert_int_equal(WEXITSTATUS(status), 9);
    assert_int_equal(channel_receive(pair->fd[0], &pair->got, &pair->why), CHANNEL_OK);
    assert_int_equal(pair->got.header.type, FRAME_HELLO);
    assert_string_equal(pair->got.hello.role, "test");
}

static void a_worker_that_fails_says_why_in_valid_text(void **state)
{
    struct pair *pair = *state;
    int status = in_worker(pair, start_and_fail, true);
    assert_int_equal(WEXITSTATUS(status), 78);
    assert_int_equal(channel_receive(pair->fd[0], &pair->got, &pair->why), CHANNEL_OK);
    assert_int_equal(channel_receive(pair->fd[0], &pair->got, &pair->why), CHANNEL_OK);
    assert_int_equal(pair->got.header.type, FRAME_FAILED);
    assert_string_equal(pair->got.text.text, "no such thing: ?");
}

static void trouble_travels_with_both_texts(void **state)
{
    struct pair *pair = *state;
    (void)in_worker(pair, start_and_tell, true);
    assert_int_equal(channel_receive(pair->fd[0], &pair->got, &pair->why), CHANNEL_OK);
    assert_int_equal(channel_receive(pair->fd[0], &pair->got, &pair->why), CHANNEL_OK);
    assert_int_equal(pair->got.header.type, FRAME_TROUBLE);
    assert_int_equal(pair->got.trouble.active, 1);
    assert_string_equal(pair->got.trouble.kind, "disk-full");
    assert_string_equal(pair->got.trouble.text_zh, "磁盘已满");
}

/* The pair was made by this process; a grandchild's parent is another: as when the core had died before. */
static void start_in_grandchild(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        channel_worker_start("test");
        _exit(9);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    _exit(WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 42 : 43);
}

static void a_worker_whose_core_has_gone_ends_at_once(void **state)
{
    int status = in_worker(*state, start_in_grandchild, true);
    assert_int_equal(WEXITSTATUS(status), 42);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    static const struct CMUnitTest tests[] = {
        T(what_is_no_frame_is_bad_and_the_channel_goes_on),
        T(a_side_that_has_gone_is_told_and_raises_no_sigpipe),
        T(what_was_sent_before_the_end_is_still_read),
        T(last_words_are_read_though_the_sender_left_ours_unread),
        T(sending_never_waits_for_a_reader_that_hangs),
        T(frames_arrive_whole_and_in_order),
        T(the_largest_frame_goes_through),
        T(both_ends_are_non_blocking_and_close_on_exec),
        T(receiving_with_a_timeout_ends_in_time),
        T(a_worker_without_its_channel_ends_with_2),
        T(a_worker_whose_core_has_gone_ends_at_once),
        T(a_worker_says_hello),
        T(a_worker_that_fails_says_why_in_valid_text),
        T(trouble_travels_with_both_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
