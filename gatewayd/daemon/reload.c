#include "daemon/reload.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/spawn.h"
#include "base/text.h"
#include "daemon/priorities.h"
#include "daemon/worker_log.h"

#define DEADLINE_US UINT64_C(10000000)
#define LOG_WAKES   50
#define MORE        "\nand more: 'gatewayctl check' shows all"

struct reload {
    sd_event *event;
    const struct options *options;
    reload_sink sink;
    void *context;
    pid_t pid; /* 0: no check is running */
    int fd;    /* its stderr */
    bool late;
    struct worker_log *log;
    sd_event_source *io, *child, *deadline;
    char first[TEXT_SIZE], text[TEXT_SIZE];
    bool more; /* not all lines found a place in text */
};

static void release(struct reload *reload)
{
    reload->io = sd_event_source_disable_unref(reload->io);
    reload->child = sd_event_source_disable_unref(reload->child);
    reload->deadline = sd_event_source_disable_unref(reload->deadline);
    if (reload->fd >= 0)
        close(reload->fd);
    reload->fd = -1;
    worker_log_destroy(reload->log);
    reload->log = NULL;
    reload->pid = 0;
    reload->late = false;
}

static void stop(struct reload *reload)
{
    pid_t pid = reload->pid;
    release(reload);
    if (!pid)
        return;
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

/* Lines come as "check: file:line: message". */
static void on_line(void *context, int level, const char *line)
{
    (void)level;
    struct reload *reload = context;
    log_warning("configuration %s", line);
    const char *message = strstr(line, ": ");
    message = message ? message + 2 : line;
    if (!reload->first[0])
        text_copy(reload->first, sizeof reload->first, message);
    size_t used = strlen(reload->text);
    if (used + 1 + strlen(message) + sizeof MORE <= sizeof reload->text)
        snprintf(reload->text + used, sizeof reload->text - used, "%s%s", used ? "\n" : "", message);
    else if (!used)
        text_copy(reload->text, sizeof reload->text - sizeof MORE, message);
    else
        reload->more = true;
}

static int on_output(sd_event_source *source, int fd, uint32_t events, void *context)
{
    (void)events;
    struct reload *reload = context;
    char data[4096];
    ssize_t n = read(fd, data, sizeof data);
    if (n > 0)
        worker_log_feed(reload->log, clock_boottime_ms(), data, (size_t)n);
    else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        sd_event_source_set_enabled(source, SD_EVENT_OFF);
    return 0;
}

static int on_deadline(sd_event_source *source, uint64_t usec, void *context)
{
    (void)source, (void)usec;
    struct reload *reload = context;
    reload->late = true;
    kill(reload->pid, SIGKILL);
    return 0;
}

static int on_child(sd_event_source *source, const siginfo_t *info, void *context)
{
    (void)source;
    struct reload *reload = context;
    char data[4096];
    ssize_t n = 0;
    for (unsigned i = 0; i < 64 && (n = read(reload->fd, data, sizeof data)) > 0; i++)
        worker_log_feed(reload->log, clock_boottime_ms(), data, (size_t)n);
    worker_log_end(reload->log, clock_boottime_ms());
    bool good = info->si_code == CLD_EXITED && info->si_status == 0;
    if (!good && (reload->late || !reload->first[0])) {
        const char *why = reload->late ? "the check of the configuration did not end within 10 s"
                                       : "the check of the configuration failed without a word";
        text_copy(reload->first, sizeof reload->first, why);
        text_copy(reload->text, sizeof reload->text, why);
    }
    size_t used = strlen(reload->text);
    if (reload->more) /* room was left for it */
        snprintf(reload->text + used, sizeof reload->text - used, "%s", MORE);
    release(reload);
    struct reload_result result = {good, good ? "" : reload->first, good ? "" : reload->text};
    reload->sink(reload->context, &result);
    return 0;
}

static int add_sources(struct reload *reload)
{
    int r = sd_event_add_io(reload->event, &reload->io, reload->fd, EPOLLIN, on_output, reload);
    if (r >= 0)
        r = sd_event_source_set_priority(reload->io, PRIORITY_LOG);
    if (r >= 0)
        r = sd_event_source_set_ratelimit(reload->io, 1000000, LOG_WAKES);
    if (r >= 0)
        r = sd_event_add_time_relative(reload->event, &reload->deadline, CLOCK_BOOTTIME, DEADLINE_US, 100000,
                                       on_deadline, reload);
    if (r >= 0)
        r = sd_event_add_child(reload->event, &reload->child, reload->pid, WEXITED, on_child, reload);
    return r;
}

bool reload_start(struct reload *reload)
{
    const struct options *options = reload->options;
    /* What runs, also when the file was replaced by an update in between. */
    const char *const argv[] = {"/proc/self/exe",    "--keep",      "--check",          "--config",
                                options->config,     "--libexec",   options->libexec,   "--plugin-dir",
                                options->plugin_dir, "--state-dir", options->state_dir, "--run-dir",
                                options->run_dir,    NULL};
    reload->log = worker_log_create("check", on_line, reload);
    if (!reload->log)
        return false;
    struct spawned spawned;
    if (spawn_worker((char *const *)argv, 1, NULL, SPAWN_STDERR_PIPE, &spawned) < 0) {
        release(reload);
        return false;
    }
    close(spawned.channel);
    reload->pid = spawned.pid;
    reload->fd = spawned.log;
    reload->first[0] = reload->text[0] = '\0';
    reload->more = false;
    int r = add_sources(reload);
    if (r < 0) {
        stop(reload);
        errno = -r;
        return false;
    }
    return true;
}

bool reload_running(const struct reload *reload)
{
    return reload->pid != 0;
}

struct reload *reload_create(sd_event *event, const struct options *options, reload_sink sink, void *context)
{
    struct reload *reload = calloc(1, sizeof *reload);
    if (!reload)
        return NULL;
    reload->event = event;
    reload->options = options;
    reload->sink = sink;
    reload->context = context;
    reload->fd = -1;
    return reload;
}

void reload_destroy(struct reload *reload)
{
    if (!reload)
        return;
    stop(reload);
    free(reload);
}
