#include "daemon/workers.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/channel.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/spawn.h"
#include "base/text.h"
#include "daemon/priorities.h"
#include "daemon/sendqueue.h"
#include "daemon/worker_log.h"

#define QUEUE_BYTES     ((size_t)512 * 1024)
#define FRAMES_PER_WAKE 16   /* taken from one worker before the others have their turn */
#define FRAMES_AT_END   4096 /* taken at most from one that has ended: more than its socket buffer holds */
#define EOF_GRACE_US    2000000
#define UNREAPED_US     1000000 /* after a kill: look whether its end was overlooked */
#define LOG_WAKES       50      /* reads of a worker's stderr per second, 4 KiB each: a flood costs no more than that */

struct worker {
    struct workers *all;
    unsigned number;
    enum worker_role role;
    pid_t pid;   /* 0: no process */
    int channel; /* -1: none, or closed by us */
    int log_fd;
    bool flooding; /* had more to say than one wake's share */
    bool told_bad;
    const char *bad_why; /* to be told from the loop; static text */
    int spawn_errno;     /* to be told from the loop; 0: none */
    struct sendqueue *queue;
    struct worker_log *log;
    sd_event_source *io, *log_io, *child, *grace;
};

struct workers {
    sd_event *event;
    const char *libexec;
    struct frame *scratch;
    struct workers_sink sink;
    sd_event_source *later; /* tells what orders have found */
    bool closed;
    char timezone[NAME_SIZE];
    struct worker worker[WORKERS_MAX];
};

struct role_info {
    const char *name;
    int nice_by; /* a detector that answers no calls adds to it by itself */
    int64_t priority;
};

static const struct role_info role_table[ROLE_COUNT] = {
    [ROLE_STORE] = {"store", 2, PRIORITY_STORE},          [ROLE_GPIO] = {"gpio", 1, PRIORITY_SOURCE},
    [ROLE_MQTT] = {"mqtt", 1, PRIORITY_SOURCE},           [ROLE_UPLINK] = {"uplink", 1, PRIORITY_SOURCE},
    [ROLE_DETECTOR] = {"detector", 1, PRIORITY_DETECTOR},
};

static bool alive(const struct worker *worker)
{
    return worker->pid || worker->spawn_errno;
}

static void close_channel(struct worker *worker)
{
    worker->io = sd_event_source_disable_unref(worker->io);
    worker->grace = sd_event_source_disable_unref(worker->grace);
    if (worker->channel >= 0)
        close(worker->channel);
    worker->channel = -1;
}

static void release(struct worker *worker)
{
    close_channel(worker);
    worker->log_io = sd_event_source_disable_unref(worker->log_io);
    worker->child = sd_event_source_disable_unref(worker->child);
    if (worker->log_fd >= 0)
        close(worker->log_fd);
    worker->log_fd = -1;
    worker_log_destroy(worker->log);
    worker->log = NULL;
    sendqueue_destroy(worker->queue);
    worker->queue = NULL;
    worker->pid = 0;
    worker->spawn_errno = 0;
    worker->bad_why = NULL;
    worker->told_bad = worker->flooding = false;
}

static void tell_bad(struct worker *worker, const char *why)
{
    if (worker->told_bad || worker->all->closed)
        return;
    worker->told_bad = true;
    worker->all->sink.bad(worker->all->sink.context, worker->number, why);
}

/* ---- what comes from it ---- */

/* Up to `budget` frames. CHANNEL_OK: there may be more. */
static enum channel_result take_frames(struct worker *worker, unsigned budget)
{
    struct workers *all = worker->all;
    for (unsigned i = 0; i < budget; i++) {
        const char *why = NULL;
        enum channel_result result = channel_receive(worker->channel, all->scratch, &why);
        if (result == CHANNEL_BAD) {
            tell_bad(worker, why);
            return CHANNEL_BAD;
        }
        if (result != CHANNEL_OK)
            return result;
        all->sink.frame(all->sink.context, worker->number, all->scratch);
        if (worker->channel < 0) /* killed for it */
            return CHANNEL_CLOSED;
    }
    return CHANNEL_OK;
}

static int on_grace(sd_event_source *source, uint64_t usec, void *context)
{
    (void)source, (void)usec;
    tell_bad(context, "it closed its channel and did not end");
    return 0;
}

/* EOF: usually it has ended and SIGCHLD is under way. */
static void on_eof(struct worker *worker)
{
    sd_event_source_set_enabled(worker->io, SD_EVENT_OFF);
    if (!worker->grace)
        sd_event_add_time_relative(worker->all->event, &worker->grace, CLOCK_BOOTTIME, EOF_GRACE_US, 100000, on_grace,
                                   worker);
}

static int on_channel(sd_event_source *source, int fd, uint32_t events, void *context)
{
    struct worker *worker = context;
    if (events & EPOLLOUT) {
        sendqueue_flush(worker->queue, fd);
        if (sendqueue_empty(worker->queue))
            sd_event_source_set_io_events(source, EPOLLIN);
    }
    if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
        return 0;
    enum channel_result result = take_frames(worker, FRAMES_PER_WAKE);
    if (worker->channel < 0)
        return 0;
    if (result == CHANNEL_CLOSED) {
        on_eof(worker);
        return 0;
    }
    bool flooding = result == CHANNEL_OK;
    if (flooding != worker->flooding) {
        /* Who does not come to an end loses its place before the others and takes turns with them. */
        worker->flooding = flooding;
        sd_event_source_set_priority(source, flooding ? PRIORITY_BULK : role_table[worker->role].priority);
    }
    return 0;
}

static void log_sink(void *context, int level, const char *line)
{
    (void)context;
    log_line((enum log_level)level, "%s", line);
}

static int on_log(sd_event_source *source, int fd, uint32_t events, void *context)
{
    (void)events;
    struct worker *worker = context;
    char data[4096];
    ssize_t n = read(fd, data, sizeof data);
    if (n > 0)
        worker_log_feed(worker->log, clock_boottime_ms(), data, (size_t)n);
    else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        sd_event_source_set_enabled(source, SD_EVENT_OFF);
    return 0;
}

static void take_last_words(struct worker *worker)
{
    char data[4096];
    ssize_t n = 0;
    for (unsigned i = 0; i < 32 && (n = read(worker->log_fd, data, sizeof data)) > 0; i++)
        worker_log_feed(worker->log, clock_boottime_ms(), data, (size_t)n);
    worker_log_end(worker->log, clock_boottime_ms());
}

static int on_child(sd_event_source *source, const siginfo_t *info, void *context)
{
    (void)source;
    struct worker *worker = context;
    struct workers *all = worker->all;
    struct worker_death death = {.how = info->si_code == CLD_EXITED ? DEATH_EXIT : DEATH_SIGNAL,
                                 .code = info->si_status};
    worker->pid = 0; /* reaped: its number may be another process now */
    if (worker->channel >= 0 && !worker->told_bad && !all->closed)
        take_frames(worker, FRAMES_AT_END);
    take_last_words(worker);
    release(worker);
    if (!all->closed)
        all->sink.exited(all->sink.context, worker->number, death);
    return 0;
}

/* ---- orders ---- */

/* Its end should have been told by now. A debugger or a leak checker that traces the dying process can swallow the one
 * notice of its pidfd: then nobody would ever reap it, and it would never be started again. */
static int on_unreaped(sd_event_source *source, uint64_t usec, void *context)
{
    struct worker *worker = context;
    siginfo_t info = {0};
    if (waitid(P_PID, (id_t)worker->pid, &info, WEXITED | WNOHANG) == 0 && info.si_pid == worker->pid)
        return on_child(source, &info, worker);
    sd_event_source_set_time(source, usec + UNREAPED_US);
    sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
    return 0;
}

static int on_later(sd_event_source *source, void *context)
{
    (void)source;
    struct workers *all = context;
    for (unsigned i = 0; i < WORKERS_MAX && !all->closed; i++) {
        struct worker *worker = &all->worker[i];
        if (worker->bad_why) {
            const char *why = worker->bad_why;
            worker->bad_why = NULL;
            tell_bad(worker, why);
        }
        if (worker->spawn_errno) {
            struct worker_death death = {.how = DEATH_SPAWN_FAILED, .code = worker->spawn_errno};
            release(worker);
            all->sink.exited(all->sink.context, i, death);
        }
    }
    return 0;
}

static void tell_later(struct workers *all)
{
    sd_event_source_set_enabled(all->later, SD_EVENT_ONESHOT);
}

static int add_sources(struct worker *worker)
{
    sd_event *event = worker->all->event;
    int r = sd_event_add_io(event, &worker->io, worker->channel, EPOLLIN, on_channel, worker);
    if (r >= 0)
        r = sd_event_source_set_priority(worker->io, role_table[worker->role].priority);
    if (r >= 0)
        r = sd_event_add_io(event, &worker->log_io, worker->log_fd, EPOLLIN, on_log, worker);
    if (r >= 0)
        r = sd_event_source_set_priority(worker->log_io, PRIORITY_LOG);
    if (r >= 0)
        r = sd_event_source_set_ratelimit(worker->log_io, 1000000, LOG_WAKES);
    if (r >= 0)
        r = sd_event_add_child(event, &worker->child, worker->pid, WEXITED, on_child, worker);
    if (r >= 0)
        r = sd_event_source_set_priority(worker->child, PRIORITY_CHILD);
    return r;
}

/* 0 or a positive errno; nothing is left over then. */
static int spawn(struct worker *worker, const char *name)
{
    struct workers *all = worker->all;
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/gatewayd-%s", all->libexec, role_table[worker->role].name) >= (int)sizeof path)
        return ENAMETOOLONG;
    char title[TEXT_SIZE]; /* tells the detectors apart in ps */
    text_copy(title, sizeof title, name);
    char *argv[] = {path, title, NULL};
    worker->queue = sendqueue_create(QUEUE_BYTES);
    worker->log = worker_log_create(name, log_sink, NULL);
    if (!worker->queue || !worker->log)
        return ENOMEM;
    struct spawned spawned;
    if (spawn_worker(argv, role_table[worker->role].nice_by, all->timezone[0] ? all->timezone : NULL, SPAWN_STDERR_PIPE,
                     &spawned) < 0)
        return errno;
    worker->pid = spawned.pid;
    worker->channel = spawned.channel;
    worker->log_fd = spawned.log;
    int r = add_sources(worker);
    if (r < 0) {
        kill(worker->pid, SIGKILL);
        worker->child = sd_event_source_disable_unref(worker->child);
        waitpid(worker->pid, NULL, 0);
        return -r;
    }
    return 0;
}

void workers_start(struct workers *workers, unsigned number, enum worker_role role, const char *name)
{
    if (number >= WORKERS_MAX || role >= ROLE_COUNT || alive(&workers->worker[number])) {
        log_error("bug: worker %u was started twice", number);
        return;
    }
    struct worker *worker = &workers->worker[number];
    worker->role = role;
    int error = spawn(worker, name);
    if (error) {
        log_error("cannot start %s (%s/gatewayd-%s): %s", name, workers->libexec, role_table[role].name,
                  strerror(error));
        release(worker);
        worker->spawn_errno = error;
        tell_later(workers);
    }
}

void workers_send(struct workers *workers, unsigned number, const struct frame *frame)
{
    if (number >= WORKERS_MAX)
        return;
    struct worker *worker = &workers->worker[number];
    if (worker->channel < 0 || worker->bad_why || worker->told_bad)
        return;
    bool waited = !sendqueue_empty(worker->queue);
    if (!sendqueue_send(worker->queue, worker->channel, frame)) {
        worker->bad_why = "it does not read";
        tell_later(workers);
        return;
    }
    if (!waited && !sendqueue_empty(worker->queue))
        sd_event_source_set_io_events(worker->io, EPOLLIN | EPOLLOUT);
}

void workers_kill(struct workers *workers, unsigned number)
{
    if (number >= WORKERS_MAX || !workers->worker[number].pid)
        return;
    struct worker *worker = &workers->worker[number];
    kill(worker->pid, SIGKILL); /* first: or it sees the end of its channel and begins to end by itself */
    close_channel(worker);      /* nothing of what it still has to say is wanted */
    sd_event_add_time_relative(workers->event, &worker->grace, CLOCK_BOOTTIME, UNREAPED_US, 100000, on_unreaped,
                               worker);
}

void workers_set_timezone(struct workers *workers, const char *zone)
{
    text_copy(workers->timezone, sizeof workers->timezone, zone);
}

/* ---- all of them ---- */

struct workers *workers_create(sd_event *event, const char *libexec, struct frame *scratch,
                               const struct workers_sink *sink)
{
    struct workers *workers = calloc(1, sizeof *workers);
    if (!workers)
        return NULL;
    workers->event = event;
    workers->libexec = libexec;
    workers->scratch = scratch;
    workers->sink = *sink;
    for (unsigned i = 0; i < WORKERS_MAX; i++) {
        workers->worker[i].all = workers;
        workers->worker[i].number = i;
        workers->worker[i].channel = workers->worker[i].log_fd = -1;
    }
    if (sd_event_add_defer(event, &workers->later, on_later, workers) < 0 ||
        sd_event_source_set_enabled(workers->later, SD_EVENT_OFF) < 0) {
        sd_event_source_disable_unref(workers->later);
        free(workers);
        return NULL;
    }
    return workers;
}

void workers_close(struct workers *workers)
{
    workers->closed = true;
    for (unsigned i = 0; i < WORKERS_MAX; i++)
        close_channel(&workers->worker[i]);
}

unsigned workers_running(const struct workers *workers)
{
    unsigned n = 0;
    for (unsigned i = 0; i < WORKERS_MAX; i++)
        n += workers->worker[i].pid != 0;
    return n;
}

void workers_destroy(struct workers *workers)
{
    if (!workers)
        return;
    workers_close(workers);
    for (unsigned i = 0; i < WORKERS_MAX; i++) {
        struct worker *worker = &workers->worker[i];
        pid_t pid = worker->pid;
        if (pid) {
            worker->child = sd_event_source_disable_unref(worker->child);
            kill(pid, SIGKILL);
            waitpid(pid, NULL, 0);
            take_last_words(worker);
        }
        release(worker);
    }
    sd_event_source_disable_unref(workers->later);
    free(workers);
}
