/* timing.h - times compared, and windows of the day. Pure helpers, header only, for the plugins in this folder. */
#ifndef PLUGINS_TIMING_H
#define PLUGINS_TIMING_H

#include "gatewayd/plugin.h"

static inline gw_time timing_later(gw_time a, gw_time b)
{
    return a > b ? a : b;
}

/* Of two times to wake at the one that comes first. 0 is none, as in gw_wake. */
static inline gw_time timing_first(gw_time a, gw_time b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

/* Is the minute of the day in the window from .. to (which may pass midnight)? An unset or empty window holds nothing.
 */
static inline int timing_in_window(int32_t minute, int32_t from, int32_t to)
{
    if (from < 0 || to < 0 || from == to)
        return 0;
    return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

/* The same of a log time. */
static inline int timing_is_within(const struct gw_host *host, gw_time at, int32_t from, int32_t to)
{
    struct gw_local local;
    host->local(host, at, &local);
    return timing_in_window(local.minute, from, to);
}

#endif
