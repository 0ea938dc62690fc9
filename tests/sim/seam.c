/* seam.c - what the real modules ask of the system, answered by the simulation: they link these instead of base's clock
 * and channel. Being links of the linker they have no context; the one pointer below is theirs. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/channel.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/ring.h"
#include "base/text.h"
#include "mqtt_world.h"
#include "sim.h"

static struct {
    struct sim *sim;
    unsigned worker;
    struct frame frame;
    time_t midnight; /* local, of `day` */
    struct tm day;
} current;

void seam_enter(struct sim *sim, unsigned worker)
{
    current.sim = sim;
    current.worker = worker;
}

int64_t clock_boottime_ms(void)
{
    return sim_boottime(current.sim);
}

int64_t clock_boottime_us(void)
{
    return sim_boottime(current.sim) * 1000;
}

int64_t clock_wall_ms(void)
{
    return sim_wall(current.sim);
}

int64_t clock_monotonic_ns_to_boottime_ms(int64_t monotonic_ns)
{
    return monotonic_ns / 1000000;
}

bool clock_is_synced(void)
{
    return current.sim->synced;
}

int clock_boot_id(char out[37])
{
    memcpy(out, current.sim->boot_id, 36);
    out[36] = '\0';
    return 0;
}

ssize_t getrandom(void *out, size_t size, unsigned flags)
{
    (void)flags;
    for (size_t i = 0; i < size; i++)
        ((unsigned char *)out)[i] = (unsigned char)sim_random(current.sim);
    return (ssize_t)size;
}

/* Every simulated home is in China, eight hours east of Greenwich since 1991; libc would read its rule anew each time,
 * and count from 1970: most questions are about one and the same day. */
struct tm *localtime_r(const time_t *seconds, struct tm *out)
{
    const long east = 8L * 3600, of_day = 24L * 3600;
    const time_t local = *seconds + east;
    const time_t midnight = local - (local % of_day + of_day) % of_day;
    if (current.midnight != midnight || current.day.tm_zone == NULL) {
        if (gmtime_r(&midnight, &current.day) == NULL)
            return NULL;
        current.midnight = midnight;
        current.day.tm_gmtoff = east;
        current.day.tm_zone = "CST";
    }
    *out = current.day;
    out->tm_hour = (int)((local - midnight) / 3600);
    out->tm_min = (int)((local - midnight) / 60 % 60);
    out->tm_sec = (int)((local - midnight) % 60);
    return out;
}

/* Rings are made anew at each start: their pages may come when they are used, memory is enough here. */
int posix_fallocate(int fd, off_t offset, off_t size)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return errno;
    return info.st_size >= offset + size || ftruncate(fd, offset + size) == 0 ? 0 : errno;
}

void log_line(enum log_level level, const char *format, ...)
{
    char text[300];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (level <= LOG_LEVEL_WARNING)
        say(current.sim, "%s logs: %s", current.sim->proc[current.worker].name, text);
}

enum channel_result channel_send(int fd, const struct frame *frame)
{
    (void)fd;
    daemon_say(current.sim, current.worker, frame);
    return CHANNEL_OK;
}

void channel_send_wait(int fd, const struct frame *frame)
{
    channel_send(fd, frame);
}

void channel_trouble(const char *subject, const char *kind, bool active, bool alert, const char *text_en,
                     const char *text_zh)
{
    struct frame_trouble *trouble = &frame_init(&current.frame, FRAME_TROUBLE)->trouble;
    text_copy(trouble->subject, sizeof(trouble->subject), subject);
    text_copy(trouble->kind, sizeof(trouble->kind), kind);
    trouble->active = active;
    trouble->alert = alert;
    text_copy(trouble->text_en, sizeof(trouble->text_en), text_en);
    text_copy(trouble->text_zh, sizeof(trouble->text_zh), text_zh);
    channel_send(CHANNEL_FD, &current.frame);
}

/* The rest of channel.h that modules of base speak of and nobody here calls. */
int channel_pair(int ends[2])
{
    ends[0] = ends[1] = -1;
    return -1;
}

enum channel_result channel_receive_wait(int fd, struct frame *frame, int timeout_ms, const char **why)
{
    (void)fd, (void)frame, (void)timeout_ms;
    *why = "nothing is read here";
    return CHANNEL_CLOSED;
}

void channel_worker_quit(const char *text)
{
    fprintf(stderr, "a worker's module gives up: %s\n", text);
    abort();
}

/* Every reading on its way into a ring file is seen here (linked with --wrap): gpio's come by ring_put, mqtt's by
 * ring_add. */
bool __real_ring_add(struct ring *ring, struct reading *reading);
bool __wrap_ring_add(struct ring *ring, struct reading *reading);
bool __wrap_ring_add(struct ring *ring, struct reading *reading)
{
    if (!__real_ring_add(ring, reading))
        return false;
    checks_ring_put(current.sim, reading, mqtt_reading_message(current.sim), mqtt_reading_retained(current.sim));
    return true;
}

bool __real_ring_put(struct ring *ring, struct reading *reading);
bool __wrap_ring_put(struct ring *ring, struct reading *reading);
bool __wrap_ring_put(struct ring *ring, struct reading *reading)
{
    if (!__real_ring_put(ring, reading))
        return false;
    checks_ring_put(current.sim, reading, mqtt_reading_message(current.sim), mqtt_reading_retained(current.sim));
    return true;
}
