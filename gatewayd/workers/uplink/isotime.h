/* isotime.h - wall clock times as ISO 8601 text in UTC. */
#ifndef UPLINK_ISOTIME_H
#define UPLINK_ISOTIME_H

#include <stdbool.h>
#include <stdint.h>

#define ISOTIME_SIZE 32

/* "2026-11-21T19:45:43.120Z"; times before 1970 or after 9999 become the nearer of the two. Returns out. */
char *isotime_from_ms(int64_t wall_ms, char out[ISOTIME_SIZE]);
/* The same form; the fraction may be missing, the zone may also be "+08:00". False if it is anything else. */
bool isotime_to_ms(const char *text, int64_t *wall_ms);

#endif
