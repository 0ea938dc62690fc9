#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "channel.h"

#define FIRST_FREE_FD 10 /* above everything a child is given */
#define EXIT_NO_EXEC  127

extern char **environ;

struct child {
    char *const *argv;
    char **environment;
    int null, log, channel; /* log -1: stderr stays as it is */
    int nice_by;
};

#define SLICE_NS 100000 /* the kernel's least */

void spawn_prompt(void)
{
    /* glibc has no wrapper; the layout is the kernel's, of its first version (linux/sched/types.h). */
    struct {
        uint32_t size, policy;
        uint64_t flags;
        int32_t nice;
        uint32_t priority;
        uint64_t runtime, deadline, period;
    } attributes = {.size = sizeof(attributes)};
    if (syscall(SYS_sched_getattr, 0, &attributes, sizeof(attributes), 0) != 0)
        return;
    attributes.flags = 0;
    attributes.runtime = SLICE_NS;
    (void)syscall(SYS_sched_setattr, 0, &attributes, 0);
}

/* ---- in the child, between fork and exec: async-signal-safe calls only ---- */

static void default_signals(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; number++)
        (void)sigaction(number, &action, NULL); /* fails for SIGKILL, SIGSTOP and libc's own: right so */
    sigset_t none;
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static void say(int fd, const char *text)
{
    ssize_t ignored = write(fd, text, strlen(text));
    (void)ignored;
}

__attribute__((noreturn)) static void child_failed(const char *path, const char *what)
{
    say(STDERR_FILENO, "<3>cannot start ");
    say(STDERR_FILENO, path);
    say(STDERR_FILENO, what);
    _exit(EXIT_NO_EXEC);
}

/* Out of the way of 0 to 3, where it might be when the daemon itself was started with these closed. */
static int moved_up(int fd)
{
    return fd >= 0 && fd < FIRST_FREE_FD ? fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FREE_FD) : fd;
}

__attribute__((noreturn)) static void child_run(const struct child *child)
{
    const char *path = child->argv[0];
    int null = moved_up(child->null), log = moved_up(child->log), channel = moved_up(child->channel);
    if (null < 0 || channel < 0 || (child->log >= 0 && log < 0))
        child_failed(path, ": out of file descriptors\n");
    if (log >= 0 && dup2(log, STDERR_FILENO) < 0)
        child_failed(path, ": no stderr\n");
    if (dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 || dup2(channel, CHANNEL_FD) < 0)
        child_failed(path, ": cannot place its file descriptors\n");
    if (close_range(CHANNEL_FD + 1, ~0U, 0) != 0)
        child_failed(path, ": cannot close the other file descriptors\n");
    if (child->nice_by > 0 && nice(child->nice_by) == -1)
        say(STDERR_FILENO, "<4>cannot lower the priority\n");
    default_signals();
    spawn_prompt();
    (void)setpgid(
        0, 0); /* Ctrl-C is the daemon's to answer. No session: the kernel would take it for a group of its own */
    execve(path, child->argv, child->environment);
    child_failed(path, errno == ENOENT ? ": no such file\n" : ": it cannot be executed\n");
}

/* ---- in the parent ---- */

/* Our environment with TZ replaced; one block, freed with one free(). Strings are borrowed but for TZ itself. */
static char **environment_with(const char *timezone)
{
    size_t n = 0;
    while (environ[n] != NULL)
        n++;
    size_t tz_size = timezone != NULL ? strlen("TZ=") + strlen(timezone) + 1 : 0;
    char **copy = malloc((n + 2) * sizeof(*copy) + tz_size);
    if (copy == NULL)
        return NULL;
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        if (timezone == NULL || strncmp(environ[i], "TZ=", 3) != 0)
            copy[used++] = environ[i];
    }
    if (timezone != NULL) {
        char *tz = (char *)(copy + n + 2);
        (void)snprintf(tz, tz_size, "TZ=%s", timezone);
        copy[used++] = tz;
    }
    copy[used] = NULL;
    return copy;
}

static void close_all(const int *fds, size_t n)
{
    int error = errno;
    for (size_t i = 0; i < n; i++) {
        if (fds[i] >= 0)
            close(fds[i]);
    }
    errno = error;
}

/* All signals are blocked over the fork, so that no handler of the daemon's ever runs in the child. */
static pid_t fork_child(const struct child *child)
{
    sigset_t all, before;
    sigfillset(&all);
    if (sigprocmask(SIG_BLOCK, &all, &before) != 0)
        return -1;
    pid_t pid = fork();
    if (pid == 0)
        child_run(child);
    int error = errno;
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return pid;
}

int spawn_worker(char *const argv[], int nice_by, const char *timezone, enum spawn_stderr how, struct spawned *out)
{
    enum { NULL_FD, LOG_READ, LOG_WRITE, OURS, THEIRS, FDS };
    int fd[FDS] = {-1, -1, -1, -1, -1};
    if (access(argv[0], X_OK) != 0)
        return -1;
    fd[NULL_FD] = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (fd[NULL_FD] < 0 || (how == SPAWN_STDERR_PIPE && pipe2(&fd[LOG_READ], O_CLOEXEC | O_NONBLOCK) != 0) ||
        channel_pair(&fd[OURS]) != 0) {
        close_all(fd, FDS);
        return -1;
    }
    struct child child = {argv, environment_with(timezone), fd[NULL_FD], fd[LOG_WRITE], fd[THEIRS], nice_by};
    pid_t pid = child.environment != NULL ? fork_child(&child) : -1;
    free(child.environment);
    if (pid < 0) {
        close_all(fd, FDS);
        return -1;
    }
    close(fd[NULL_FD]);
    close(fd[THEIRS]);
    if (fd[LOG_WRITE] >= 0)
        close(fd[LOG_WRITE]);
    *out = (struct spawned){pid, fd[OURS], fd[LOG_READ]};
    return 0;
}

char *spawn_cause(int wait_status, char *out, unsigned size)
{
    if (WIFEXITED(wait_status)) {
        int code = WEXITSTATUS(wait_status);
        (void)snprintf(out, size, "exit code %d%s", code, code == EXIT_NO_EXEC ? " (it could not be executed)" : "");
    } else if (WIFSIGNALED(wait_status)) {
        int number = WTERMSIG(wait_status);
        const char *name = sigdescr_np(number);
        (void)snprintf(out, size, "killed by signal %d (%s)", number, name != NULL ? name : "?");
    } else {
        (void)snprintf(out, size, "wait status 0x%x", (unsigned)wait_status);
    }
    return out;
}
