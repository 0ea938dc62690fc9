#include "clock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#define BOOT_ID_LENGTH 36

static int64_t clock_ns(clockid_t id)
{
    struct timespec now = {0, 0};
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t clock_boottime_ms(void)
{
    return clock_ns(CLOCK_BOOTTIME) / 1000000;
}

int64_t clock_boottime_us(void)
{
    return clock_ns(CLOCK_BOOTTIME) / 1000;
}

int64_t clock_wall_ms(void)
{
    return clock_ns(CLOCK_REALTIME) / 1000000;
}

/* The clocks differ by the time spent in suspend, which is constant while we run. */
int64_t clock_monotonic_ns_to_boottime_ms(int64_t monotonic_ns)
{
    int64_t suspended = clock_ns(CLOCK_BOOTTIME) - clock_ns(CLOCK_MONOTONIC);
    /* Two reads of one clock are never equal: below a microsecond and a half this is their distance, not a suspend. */
    if (suspended < 0)
        suspended = 0;
    return (monotonic_ns + suspended) / 1000000;
}

bool clock_is_synced(void)
{
    struct timex state = {0};
    if (adjtimex(&state) >= 0 && (state.status & STA_UNSYNC) == 0)
        return true;
    return access("/run/systemd/timesync/synchronized", F_OK) == 0;
}

int clock_boot_id(char out[37])
{
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t got = read(fd, out, BOOT_ID_LENGTH);
    int error = errno;
    close(fd);
    if (got != BOOT_ID_LENGTH) {
        errno = got < 0 ? error : EIO;
        return -1;
    }
    out[BOOT_ID_LENGTH] = '\0';
    return 0;
}
