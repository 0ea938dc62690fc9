/* The test starts itself as the worker: `test_spawn --child WHAT`. */
#include "check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/channel.h"
#include "base/spawn.h"
#include "base/text.h"

/* ---- the worker ---- */

/* "0 1 2 3" as a sum of bits; the directory's own fd is not counted. */
static unsigned open_fds(void)
{
    unsigned fds = 0;
    DIR *directory = opendir("/proc/self/fd");
    const struct dirent *entry = NULL;
    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        int fd = atoi(entry->d_name);
        if (entry->d_name[0] != '.' && fd != dirfd(directory))
            fds |= 1u << (fd < 31 ? fd : 31);
    }
    if (directory != NULL)
        closedir(directory);
    return fds;
}

/* What execve leaves over: ignored and blocked ones. (A sanitizer has handlers of its own.) */
static unsigned signals_not_default(void)
{
    unsigned n = 0;
    for (int number = 1; number < 32; number++) {
        struct sigaction action;
        if (sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
            n++;
    }
    sigset_t mask;
    sigprocmask(SIG_SETMASK, NULL, &mask);
    for (int number = 1; number < 32; number++)
        n += sigismember(&mask, number) == 1;
    return n;
}

/* What the child finds, told in a TEXT frame. */
static void child_report(void)
{
    unsigned fds = open_fds(), signals = signals_not_default();
    char null_in[16] = "", null_out[16] = "";
    ssize_t in = readlink("/proc/self/fd/0", null_in, sizeof(null_in) - 1);
    ssize_t out = readlink("/proc/self/fd/1", null_out, sizeof(null_out) - 1);
    bool null_ok = in > 0 && out > 0 && strcmp(null_in, "/dev/null") == 0 && strcmp(null_out, "/dev/null") == 0;
    struct frame frame;
    frame_init(&frame, FRAME_FAILED);
    const char *tz = getenv("TZ");
    snprintf(frame.text.text, sizeof(frame.text.text), "fds=%x signals=%u nice=%d tz=%s null=%d", fds, signals,
             getpriority(PRIO_PROCESS, 0), tz != NULL ? tz : "-", null_ok);
    channel_send_wait(CHANNEL_FD, &frame);
}

static int child_main(const char *what)
{
    if (strcmp(what, "report") == 0)
        child_report();
    else if (strcmp(what, "stderr") == 0)
        fprintf(stderr, "<6>one line\n");
    else if (strcmp(what, "exit3") == 0)
        return 3;
    else if (strcmp(what, "wait") == 0)
        (void)pause();
    return 0;
}

/* ---- the tests ---- */

static char self[256];

static struct spawned spawn_child(const char *what, const char *timezone, int nice_by)
{
    char flag[] = "--child", name[16];
    text_copy(name, sizeof(name), what);
    char *argv[] = {self, flag, name, NULL};
    struct spawned child;
    assert_int_equal(spawn_worker(argv, nice_by, timezone, SPAWN_STDERR_PIPE, &child), 0);
    return child;
}

static int reap(struct spawned *child)
{
    int status = 0;
    assert_int_equal(waitpid(child->pid, &status, 0), child->pid);
    close(child->channel);
    if (child->log >= 0)
        close(child->log);
    return status;
}

static void receive_text(const struct spawned *child, char *out, size_t size)
{
    struct frame frame;
    const char *why = "";
    assert_int_equal(channel_receive_wait(child->channel, &frame, 20000, &why), CHANNEL_OK);
    assert_int_equal(frame.header.type, FRAME_FAILED);
    text_copy(out, size, frame.text.text);
}

static void a_child_has_its_four_fds_default_signals_niceness_and_zone(void **state)
{
    (void)state;
    int stray = fcntl(STDERR_FILENO, F_DUPFD, 5); /* without close-on-exec: as a library would leave it */
    assert_true(stray >= 5);
    sigset_t set, before;
    sigfillset(&set);
    sigprocmask(SIG_BLOCK, &set, &before);
    void (*handler)(int) = signal(SIGUSR1, SIG_IGN);
    struct spawned child = spawn_child("report", "Asia/Shanghai", 3);
    signal(SIGUSR1, handler);
    sigprocmask(SIG_SETMASK, &before, NULL);
    char text[TEXT_SIZE], expected[TEXT_SIZE];
    receive_text(&child, text, sizeof(text));
    snprintf(expected, sizeof(expected), "fds=f signals=0 nice=%d tz=Asia/Shanghai null=1",
             getpriority(PRIO_PROCESS, 0) + 3);
    assert_string_equal(text, expected);
    assert_int_equal(reap(&child), 0);
    close(stray);
}

static void the_environment_is_kept_without_a_zone(void **state)
{
    (void)state;
    setenv("TZ", "Europe/Berlin", 1);
    struct spawned child = spawn_child("report", NULL, 0);
    unsetenv("TZ");
    char text[TEXT_SIZE];
    receive_text(&child, text, sizeof(text));
    assert_non_null(strstr(text, "tz=Europe/Berlin"));
    reap(&child);
}

static void our_ends_are_non_blocking_and_close_on_exec(void **state)
{
    (void)state;
    struct spawned child = spawn_child("wait", NULL, 0);
    const int ours[] = {child.channel, child.log};
    for (size_t i = 0; i < COUNT(ours); i++) {
        assert_true((fcntl(ours[i], F_GETFL) & O_NONBLOCK) != 0);
        assert_true((fcntl(ours[i], F_GETFD) & FD_CLOEXEC) != 0);
    }
    kill(child.pid, SIGKILL);
    reap(&child);
}

static void stderr_comes_through_the_pipe(void **state)
{
    (void)state;
    struct spawned child = spawn_child("stderr", NULL, 0);
    struct pollfd readable = {child.log, POLLIN, 0};
    assert_int_equal(poll(&readable, 1, 20000), 1);
    char text[64] = "";
    assert_true(read(child.log, text, sizeof(text) - 1) > 0);
    assert_string_equal(text, "<6>one line\n");
    reap(&child);
}

static void a_child_that_ends_closes_its_channel(void **state)
{
    (void)state;
    struct spawned child = spawn_child("exit3", NULL, 0);
    struct frame frame;
    const char *why = "";
    assert_int_equal(channel_receive_wait(child.channel, &frame, 20000, &why), CHANNEL_CLOSED);
    char cause[64];
    assert_string_equal(spawn_cause(reap(&child), cause, sizeof(cause)), "exit code 3");
}

static void a_killed_child_is_named_by_its_signal(void **state)
{
    (void)state;
    struct spawned child = spawn_child("wait", NULL, 0);
    kill(child.pid, SIGSEGV);
    char cause[64];
    spawn_cause(reap(&child), cause, sizeof(cause));
    /* A sanitizer's own handler turns it into an exit code when it has been installed in time. */
    if (strncmp(cause, "exit code", 9) != 0)
        assert_string_equal(cause, "killed by signal 11 (Segmentation fault)");
}

static unsigned fd_count(void)
{
    unsigned n = 0;
    for (int fd = 0; fd < 256; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

static void a_file_that_is_missing_or_no_program_is_told_and_leaves_nothing_open(void **state)
{
    (void)state;
    unsigned before = fd_count();
    char missing[] = "/nonexistent/worker", plain[] = "/etc/passwd";
    char *argv[] = {missing, NULL};
    struct spawned child;
    assert_int_equal(spawn_worker(argv, 0, NULL, SPAWN_STDERR_PIPE, &child), -1);
    assert_int_equal(errno, ENOENT);
    argv[0] = plain;
    assert_int_equal(spawn_worker(argv, 0, NULL, SPAWN_STDERR_PIPE, &child), -1);
    assert_int_equal(errno, EACCES);
    assert_int_equal(fd_count(), before);
}

static void no_file_descriptors_left_is_an_error_not_a_crash(void **state)
{
    (void)state;
    unsigned before = fd_count();
    struct rlimit limit, small;
    getrlimit(RLIMIT_NOFILE, &limit);
    for (rlim_t room = 0; room < 5;
         room++) { /* null, the pipe's two and the pair's two: each may be the one too many */
        int next = dup(0);
        close(next);
        small = limit;
        small.rlim_cur = (rlim_t)next + room;
        setrlimit(RLIMIT_NOFILE, &small);
        char flag[] = "--child", what[] = "exit3";
        char *argv[] = {self, flag, what, NULL};
        struct spawned child;
        int result = spawn_worker(argv, 0, NULL, SPAWN_STDERR_PIPE, &child);
        int error = errno;
        setrlimit(RLIMIT_NOFILE, &limit);
        assert_int_equal(result, -1);
        assert_int_equal(error, EMFILE);
    }
    assert_int_equal(fd_count(), before);
}

static void a_program_that_cannot_be_executed_ends_with_127(void **state)
{
    (void)state;
    char path[] = "/tmp/test-spawn-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "no program", 10), 10);
    fchmod(fd, 0700);
    close(fd);
    char *argv[] = {path, NULL};
    struct spawned child;
    assert_int_equal(spawn_worker(argv, 0, NULL, SPAWN_STDERR_PIPE, &child), 0);
    int status = 0;
    assert_int_equal(waitpid(child.pid, &status, 0), child.pid);
    char text[256] = "", cause[64];
    assert_true(read(child.log, text, sizeof(text) - 1) > 0);
    assert_non_null(strstr(text, "cannot start /tmp/test-spawn-"));
    spawn_cause(status, cause, sizeof(cause));
    assert_string_equal(cause, "exit code 127 (it could not be executed)");
    close(child.log);
    close(child.channel);
    unlink(path);
}

int main(int argc, char *argv[])
{
    if (argc == 3 && strcmp(argv[1], "--child") == 0)
        return child_main(argv[2]);
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (length <= 0)
        return 1;
    self[length] = '\0';
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_that_is_missing_or_no_program_is_told_and_leaves_nothing_open),
        cmocka_unit_test(no_file_descriptors_left_is_an_error_not_a_crash),
        cmocka_unit_test(a_program_that_cannot_be_executed_ends_with_127),
        cmocka_unit_test(a_child_has_its_four_fds_default_signals_niceness_and_zone),
        cmocka_unit_test(the_environment_is_kept_without_a_zone),
        cmocka_unit_test(our_ends_are_non_blocking_and_close_on_exec),
        cmocka_unit_test(stderr_comes_through_the_pipe),
        cmocka_unit_test(a_child_that_ends_closes_its_channel),
        cmocka_unit_test(a_killed_child_is_named_by_its_signal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
