/* The control socket: what strangers may do to it, and that nobody is waited for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/channel.h"
#include "base/clock.h"
#include "base/text.h"
#include "check.h"
#include "daemon/control.h"

struct seen {
    sd_event *event;
    struct control *control;
    struct frame *scratch, *mine;
    char directory[64], path[128];
    unsigned requests, gone;
    unsigned client; /* of the last request */
};

static void on_request(void *context, unsigned client, const struct frame *frame)
{
    struct seen *seen = context;
    seen->requests++;
    seen->client = client;
    assert_int_equal(frame->ctl_request.verb, CTL_STATUS);
}

static void on_gone(void *context, unsigned client)
{
    struct seen *seen = context;
    (void)client;
    seen->gone++;
}

static int set_up(void **state)
{
    struct seen *seen = calloc(1, sizeof *seen);
    const struct control_sink sink = {seen, on_request, on_gone};
    char error[256] = "";
    strcpy(seen->directory, "/tmp/gatewayd-control-XXXXXX");
    assert_non_null(mkdtemp(seen->directory));
    assert_int_equal(chmod(seen->directory, 0755), 0);
    snprintf(seen->path, sizeof seen->path, "%s/control.sock", seen->directory);
    assert_int_equal(sd_event_new(&seen->event), 0);
    seen->scratch = calloc(1, sizeof *seen->scratch);
    seen->mine = calloc(1, sizeof *seen->mine);
    seen->control = control_create(seen->event, seen->path, "", seen->scratch, &sink, error, sizeof error);
    assert_non_null(seen->control);
    *state = seen;
    return 0;
}

static int tear_down(void **state)
{
    struct seen *seen = *state;
    control_destroy(seen->control);
    assert_int_equal(access(seen->path, F_OK), -1);
    sd_event_unref(seen->event);
    rmdir(seen->directory);
    free(seen->scratch);
    free(seen->mine);
    free(seen);
    return 0;
}

static int join(struct seen *seen)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    text_copy(address.sun_path, sizeof address.sun_path, seen->path);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void ask(struct seen *seen, int fd)
{
    frame_init(seen->mine, FRAME_CTL_REQUEST);
    seen->mine->ctl_request.verb = CTL_STATUS;
    assert_int_equal(channel_send(fd, seen->mine), CHANNEL_OK);
}

static void run_until(struct seen *seen, const unsigned *count, unsigned wanted)
{
    int64_t end = clock_boottime_ms() + 5000;
    while (*count < wanted && clock_boottime_ms() < end)
        assert_true(sd_event_run(seen->event, 100000) >= 0);
    assert_int_equal(*count, wanted);
}

/* Everything that is due now. */
static void settle(struct seen *seen)
{
    while (sd_event_run(seen->event, 0) > 0)
        continue;
}

static void rubbish_sends_the_client_away_and_nobody_else(void **state)
{
    struct seen *seen = *state;
    int good = join(seen), bad = join(seen), wrong = join(seen);
    ask(seen, good);
    run_until(seen, &seen->requests, 1);
    assert_int_equal(send(bad, "rubbish", 7, 0), 7);
    run_until(seen, &seen->gone, 1);
    frame_init(seen->mine, FRAME_READY); /* correct, but not a client's */
    channel_send(wrong, seen->mine);
    run_until(seen, &seen->gone, 2);
    ask(seen, good);
    run_until(seen, &seen->requests, 2);
    close(good);
    close(bad);
    close(wrong);
    run_until(seen, &seen->gone, 3);
}

static void one_client_too_many_is_told_so(void **state)
{
    struct seen *seen = *state;
    int fds[CLIENTS_MAX + 1];
    const char *why = "";
    for (unsigned i = 0; i < CLIENTS_MAX; i++) {
        fds[i] = join(seen);
        ask(seen, fds[i]);
    }
    run_until(seen, &seen->requests, CLIENTS_MAX);
    fds[CLIENTS_MAX] = join(seen);
    settle(seen);
    assert_int_equal(channel_receive(fds[CLIENTS_MAX], seen->mine, &why), CHANNEL_OK);
    assert_int_equal(seen->mine->header.type, FRAME_CTL_END);
    assert_false(seen->mine->ctl_end.ok);
    assert_non_null(strstr(seen->mine->ctl_end.text, "too many"));
    assert_int_equal(channel_receive(fds[CLIENTS_MAX], seen->mine, &why), CHANNEL_CLOSED);
    close(fds[0]);
    run_until(seen, &seen->gone, 1);
    close(fds[CLIENTS_MAX]);
    fds[0] = join(seen); /* the place is free again */
    ask(seen, fds[0]);
    run_until(seen, &seen->requests, CLIENTS_MAX + 1);
    for (unsigned i = 0; i < CLIENTS_MAX; i++)
        close(fds[i]);
}

static void a_client_that_does_not_read_is_given_up_without_gone(void **state)
{
    struct seen *seen = *state;
    int slow = join(seen);
    ask(seen, slow);
    run_until(seen, &seen->requests, 1);
    frame_init(seen->mine, FRAME_CTL_SENSOR);
    unsigned n = 0;
    while (control_reply(seen->control, seen->client, seen->mine))
        assert_true(++n < 100000);
    assert_true(n > 500); /* about a MiB is kept for it */
    assert_false(control_reply(seen->control, seen->client, seen->mine));
    settle(seen);
    assert_int_equal(seen->gone, 0);
    assert_int_equal(control_serial(seen->control, seen->client), 0);
    close(slow);
}

static void what_is_kept_for_a_client_arrives_when_it_reads(void **state)
{
    struct seen *seen = *state;
    int fd = join(seen);
    const char *why = "";
    ask(seen, fd);
    run_until(seen, &seen->requests, 1);
    for (unsigned i = 0; i < 500; i++) {
        frame_init(seen->mine, FRAME_CTL_SENSOR);
        seen->mine->ctl_sensor.readings = i;
        assert_true(control_reply(seen->control, seen->client, seen->mine));
    }
    unsigned got = 0;
    for (unsigned i = 0; i < 10000 && got < 500; i++) {
        settle(seen);
        while (channel_receive(fd, seen->mine, &why) == CHANNEL_OK)
            assert_int_equal(seen->mine->ctl_sensor.readings, got++);
    }
    assert_int_equal(got, 500);
    close(fd);
}

static void an_answer_never_reaches_the_next_one_under_the_same_number(void **state)
{
    struct seen *seen = *state;
    const char *why = "";
    int first = join(seen);
    ask(seen, first);
    run_until(seen, &seen->requests, 1);
    unsigned number = seen->client;
    uint64_t serial = control_serial(seen->control, number);
    assert_true(serial != 0);
    close(first);
    run_until(seen, &seen->gone, 1);
    int second = join(seen);
    ask(seen, second);
    run_until(seen, &seen->requests, 2);
    assert_int_equal(seen->client, number);
    control_end(seen->control, number, serial, true, "not yours");
    control_end(seen->control, number, control_serial(seen->control, number), true, "yours");
    assert_int_equal(channel_receive(second, seen->mine, &why), CHANNEL_OK);
    assert_string_equal(seen->mine->ctl_end.text, "yours");
    close(second);
}

static void others_are_refused_by_the_file_and_by_who_they_are(void **state)
{
    struct seen *seen = *state;
    struct stat status;
    assert_int_equal(stat(seen->path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0660);
    if (geteuid() != 0)
        skip();                                   /* needs another user to try */
    assert_int_equal(chmod(seen->path, 0666), 0); /* as if somebody had opened it up */
    pid_t pid = fork();
    if (pid == 0) {
        const char *why = "";
        if (setgid(65534) < 0 || setuid(65534) < 0)
            _exit(2);
        int fd = join(seen);
        bool refused = channel_receive_wait(fd, seen->mine, 5000, &why) == CHANNEL_OK &&
                       seen->mine->header.type == FRAME_CTL_END && !seen->mine->ctl_end.ok;
        _exit(refused ? 0 : 1);
    }
    int result = -1;
    int64_t end = clock_boottime_ms() + 10000;
    while (waitpid(pid, &result, WNOHANG) == 0 && clock_boottime_ms() < end)
        sd_event_run(seen->event, 10000);
    assert_true(WIFEXITED(result));
    assert_int_equal(WEXITSTATUS(result), 0);
    assert_int_equal(seen->requests, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rubbish_sends_the_client_away_and_nobody_else, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_client_too_many_is_told_so, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_client_that_does_not_read_is_given_up_without_gone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_kept_for_a_client_arrives_when_it_reads, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_answer_never_reaches_the_next_one_under_the_same_number, set_up, tear_down),
        cmocka_unit_test_setup_teardown(others_are_refused_by_the_file_and_by_who_they_are, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
