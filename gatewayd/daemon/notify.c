#include "daemon/notify.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "daemon/priorities.h"

#define RETRY_US UINT64_C(500000)

struct notify {
    int fd; /* -1: nobody wants to know */
    struct sockaddr_un address;
    socklen_t address_size;
    char pending[512];  /* "" nothing */
    uint64_t period_us; /* of the watchdog */
    sd_event_source *retry, *watchdog;
};

/* False: the receiver has no room; anything else that may go wrong will not get better by trying again. */
static bool told(const struct notify *notify, const char *text)
{
    if (notify->fd < 0)
        return true;
    ssize_t n = sendto(notify->fd, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL,
                       (const struct sockaddr *)&notify->address, notify->address_size);
    return n >= 0 || (errno != EAGAIN && errno != ENOBUFS && errno != EINTR);
}

static int on_retry(sd_event_source *source, uint64_t usec, void *context)
{
    (void)usec;
    struct notify *notify = context;
    if (told(notify, notify->pending)) {
        notify->pending[0] = '\0';
        return 0;
    }
    sd_event_source_set_time_relative(source, RETRY_US);
    return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

void notify_state(struct notify *notify, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(notify->pending, sizeof notify->pending, format, arguments);
    va_end(arguments);
    if (told(notify, notify->pending)) {
        notify->pending[0] = '\0';
        sd_event_source_set_enabled(notify->retry, SD_EVENT_OFF);
        return;
    }
    sd_event_source_set_time_relative(notify->retry, RETRY_US);
    sd_event_source_set_enabled(notify->retry, SD_EVENT_ONESHOT);
}

/* A beat that does not fit is no loss: those before it have not been read yet. */
static int on_watchdog(sd_event_source *source, uint64_t usec, void *context)
{
    (void)usec;
    struct notify *notify = context;
    told(notify, "WATCHDOG=1");
    sd_event_source_set_time_relative(source, notify->period_us);
    return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* A path, or "@name" in the abstract namespace. */
static int open_socket(struct notify *notify)
{
    const char *path = getenv("NOTIFY_SOCKET");
    if (!path || (path[0] != '/' && path[0] != '@') || strlen(path) >= sizeof notify->address.sun_path)
        return 0;
    size_t size = strlen(path);
    notify->address.sun_family = AF_UNIX;
    memcpy(notify->address.sun_path, path, size);
    if (path[0] == '@')
        notify->address.sun_path[0] = '\0';
    notify->address_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size);
    notify->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return notify->fd < 0 ? -errno : 0;
}

struct notify *notify_create(sd_event *event)
{
    struct notify *notify = calloc(1, sizeof *notify);
    if (!notify)
        return NULL;
    notify->fd = -1;
    int r = open_socket(notify);
    if (r >= 0)
        r = sd_event_add_time_relative(event, &notify->retry, CLOCK_BOOTTIME, 0, 0, on_retry, notify);
    if (r >= 0)
        r = sd_event_source_set_enabled(notify->retry, SD_EVENT_OFF);
    uint64_t limit = 0;
    if (r >= 0 && notify->fd >= 0 && sd_watchdog_enabled(0, &limit) > 0) {
        /* A third, and up to half while waiting for company: one beat may fail. */
        notify->period_us = limit / 3;
        r = sd_event_add_time_relative(event, &notify->watchdog, CLOCK_BOOTTIME, 0, limit / 6, on_watchdog, notify);
        if (r >= 0)
            r = sd_event_source_set_priority(notify->watchdog, PRIORITY_TIMER);
    }
    if (r < 0) {
        notify_destroy(notify);
        errno = -r;
        return NULL;
    }
    return notify;
}

void notify_destroy(struct notify *notify)
{
    if (!notify)
        return;
    sd_event_source_disable_unref(notify->retry);
    sd_event_source_disable_unref(notify->watchdog);
    if (notify->fd >= 0)
        close(notify->fd);
    free(notify);
}
