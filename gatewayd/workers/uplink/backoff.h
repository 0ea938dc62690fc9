/* backoff.h - when to try again: 1 to 60 s, doubling, with jitter, so that a thousand homes do not come back at once.
 */
#ifndef UPLINK_BACKOFF_H
#define UPLINK_BACKOFF_H

#include <stdint.h>

#define BACKOFF_MIN_MS INT64_C(1000)
#define BACKOFF_MAX_MS INT64_C(60000)

/* Milliseconds to wait after this many failures in a row (1: the first). random: any number, evenly spread. */
int64_t backoff_ms(unsigned failures, uint32_t random);

#endif
