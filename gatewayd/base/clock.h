/* clock.h - the only door to the system's clocks. The core never calls it: time is an input there. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

enum clock_quality { CLOCK_UNSYNCED = 0, CLOCK_SYNCED = 1 };

int64_t clock_boottime_ms(void);
int64_t clock_boottime_us(void);
int64_t clock_wall_ms(void);
/* CLOCK_MONOTONIC ns, as the kernel stamps GPIO edges, to CLOCK_BOOTTIME ms. */
int64_t clock_monotonic_ns_to_boottime_ms(int64_t monotonic_ns);
/* Whether the kernel holds the wall clock for synchronised: adjtimex() without STA_UNSYNC, or systemd-timesyncd's
 * /run/systemd/timesync/synchronized exists. */
bool clock_is_synced(void);
/* /proc/sys/kernel/random/boot_id as 36 characters and NUL; 0, or -1 with errno. */
int clock_boot_id(char out[37]);

#endif
