#include "daemon/clockwatch.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "daemon/priorities.h"

#define LOOK_US     UINT64_C(60000000)
#define ACCURACY_US UINT64_C(5000000) /* may wait for another wake-up that long */
#define AGAIN_US    UINT64_C(1000000) /* who sets the clock says only afterwards that it is synchronised */

/* A timer beyond any date in use: it is there to be cancelled. Fits a 32-bit time_t. */
#define FAR_AWAY_S INT32_MAX

struct clockwatch {
    clockwatch_sink sink;
    void *context;
    int fd; /* timerfd that reads ECANCELED whenever the wall clock is set */
    sd_event_source *set, *minute;
};

static void look(struct clockwatch *watch)
{
    watch->sink(watch->context, clock_wall_ms(), clock_is_synced() ? CLOCK_SYNCED : CLOCK_UNSYNCED);
}

static int arm(int fd)
{
    struct itimerspec never = {.it_value = {.tv_sec = FAR_AWAY_S}};
    return timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL);
}

static int look_after(struct clockwatch *watch, uint64_t usec, uint64_t accuracy)
{
    sd_event_source_set_time_relative(watch->minute, usec);
    sd_event_source_set_time_accuracy(watch->minute, accuracy);
    return sd_event_source_set_enabled(watch->minute, SD_EVENT_ONESHOT);
}

static int on_set(sd_event_source *source, int fd, uint32_t events, void *context)
{
    (void)events;
    uint64_t expired = 0;
    if (read(fd, &expired, sizeof expired) == (ssize_t)sizeof expired)
        /* The clock has passed FAR_AWAY_S: steps are found by the minute then. */
        return sd_event_source_set_enabled(source, SD_EVENT_OFF);
    if (errno != ECANCELED)
        return 0;
    arm(fd); /* before looking: set once more in between, it is either told again or seen */
    look(context);
    return look_after(context, AGAIN_US, AGAIN_US / 10);
}

static int on_minute(sd_event_source *source, uint64_t usec, void *context)
{
    (void)source;
    (void)usec;
    look(context);
    return look_after(context, LOOK_US, ACCURACY_US);
}

struct clockwatch *clockwatch_create(sd_event *event, clockwatch_sink sink, void *context)
{
    struct clockwatch *watch = calloc(1, sizeof *watch);
    if (!watch)
        return NULL;
    watch->sink = sink;
    watch->context = context;
    watch->fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    int r = watch->fd < 0 || arm(watch->fd) < 0 ? -errno : 0;
    if (r >= 0)
        r = sd_event_add_io(event, &watch->set, watch->fd, EPOLLIN, on_set, watch);
    if (r >= 0)
        r = sd_event_source_set_priority(watch->set, PRIORITY_TIMER);
    if (r >= 0)
        r = sd_event_add_time_relative(event, &watch->minute, CLOCK_BOOTTIME, 0, 1, on_minute, watch);
    if (r < 0) {
        clockwatch_destroy(watch);
        errno = -r;
        return NULL;
    }
    return watch;
}

void clockwatch_destroy(struct clockwatch *watch)
{
    if (!watch)
        return;
    sd_event_source_disable_unref(watch->set);
    sd_event_source_disable_unref(watch->minute);
    if (watch->fd >= 0)
        close(watch->fd);
    free(watch);
}
