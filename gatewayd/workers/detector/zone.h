/* zone.h - wall clock milliseconds to the home's local time and back. The zone is the process's (TZ): load it once,
 * before the sandbox closes; afterwards nothing here touches a file. */
#ifndef DETECTOR_ZONE_H
#define DETECTOR_ZONE_H

#include "gatewayd/plugin.h"

/* Make `name` ("Asia/Shanghai"; "" or NULL: what TZ says) the zone of this process. */
void zone_load(const char *name);

/* Local date and time of a wall clock instant (ms since 1970 UTC; any value). */
void zone_local(int64_t wall, struct gw_local *out);

/* The first instant >= from at which the local clock begins to show the minute of the day (0 .. 1439): in an hour that
 * comes twice the first pass only, in an hour that is skipped the moment after it. Where no calendar reaches (8000
 * years from 1970) a day later than `from`. */
int64_t zone_next_minute(int64_t from, int32_t minute);

#endif
