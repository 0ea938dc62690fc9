#include "zone.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAY_S    INT64_C(86400)
#define YEAR_MS  ((int64_t)366 * DAY_S * 1000)
#define WALL_MAX (8000 * YEAR_MS) /* beyond it no calendar makes sense; keeps struct tm from overflowing */

void zone_load(const char *name)
{
    if (name != NULL && name[0] != '\0')
        setenv("TZ", name, 1);
    tzset();
    /* localtime_r reads the zone file on its first use, and never again. */
    struct gw_local unused;
    zone_local(0, &unused);
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Seconds since 1970 to broken-down local time. */
static void to_tm(int64_t seconds, struct tm *out)
{
    const time_t t = (time_t)seconds;
    if (localtime_r(&t, out) == NULL)
        memset(out, 0, sizeof *out);
}

static int64_t offset_at(int64_t seconds)
{
    struct tm tm;
    to_tm(seconds, &tm);
    return tm.tm_gmtoff;
}

void zone_local(int64_t wall, struct gw_local *out)
{
    struct tm tm;
    if (wall > WALL_MAX || wall < -WALL_MAX)
        wall = 0;
    to_tm(floor_div(wall, 1000), &tm);
    out->year = tm.tm_year + 1900;
    out->month = tm.tm_mon + 1;
    out->day = tm.tm_mday;
    out->weekday = tm.tm_wday == 0 ? 7 : tm.tm_wday;
    out->minute = tm.tm_hour * 60 + tm.tm_min;
    out->second = tm.tm_sec;
}

/* The first instant at which the local clock, read as if it were UTC, shows at least `shown`. One rule for both days
 * of DST: in the repeated hour it is the first pass, in the skipped hour the end of the skip. A zone changes its offset
 * at most once within a day. */
static int64_t first_showing(int64_t shown)
{
    const int64_t before = offset_at(shown - DAY_S);
    const int64_t t = shown - before; /* right unless the offset has changed in between */
    const int64_t after = offset_at(t);
    if (after == before)
        return t;
    int64_t low = t - DAY_S, high = t; /* set forward or back in (low, high]: find the moment */
    while (high - low > 1) {
        const int64_t middle = low + (high - low) / 2;
        if (offset_at(middle) == after)
            high = middle;
        else
            low = middle;
    }
    return shown - after > high ? shown - after : high;
}

int64_t zone_next_minute(int64_t from, int32_t minute)
{
    if (from > WALL_MAX || from < -WALL_MAX)
        return from < INT64_MAX - DAY_S * 1000 ? from + DAY_S * 1000 : INT64_MAX; /* not at once, again and again */
    const int64_t seconds = floor_div(from, 1000);
    const int64_t day = floor_div(seconds + offset_at(seconds), DAY_S) - 1;
    for (int64_t ahead = 0;; ahead++) {
        const int64_t t = first_showing((day + ahead) * DAY_S + (int64_t)minute * 60) * 1000;
        if (t >= from || ahead > 3)
            return t;
    }
}
