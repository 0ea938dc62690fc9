/* When an absence, a stay in bed or the wait for her has lasted too long. */
#include "bed.h"

#define EVENING      (6 * GW_HOUR) /* who moved within this before in_bed_by is at home */
#define AWAKE_BEFORE GW_HOUR       /* who was up within this before up_by is up */

/* When the absence becomes an alarm, as things are: the bed is empty and nobody has moved for too long. */
static gw_time absence_due(const struct bed *bed, gw_time now)
{
    gw_time due = bed->absent_since + bed->safe_absence;
    if (bed_moved_since(bed) && bed->moved.at + bed->extend > due)
        due = bed->moved.at + bed->extend;
    if (sensing_active(&bed->sensing, MOTION) > 0 && now + bed->extend > due)
        due = now + bed->extend;
    return due;
}

static uint32_t empty_kind(const struct bed *bed)
{
    return bed_mat_doubted(bed) ? UNSURE : EMPTY;
}

/* While the mat is on, ten seconds decide whether somebody is back: no alarm in between. */
static int waits_for_return(const struct bed *bed)
{
    return bed->watched && !bed->raised[empty_kind(bed)] && bed->mat != SENSING_ON;
}

/* Up and about for so long; 0: not looked for, or told. */
static gw_time up_long_due(const struct bed *bed)
{
    if (!bed->watched || bed->longest < 0 || bed->raised[UP_LONG] || bed->raised[EMPTY] || bed->raised[UNSURE] ||
        bed->mat == SENSING_ON || !bed_moved_since(bed))
        return 0;
    return bed->absent_since + bed->longest;
}

/* She was at home in the evening, and nobody has moved for so long; 0: not waited for, or gone out. */
static gw_time not_in_due(const struct bed *bed)
{
    if (bed->expected == 0 || bed->moved.id == 0 || bed->opened.at > bed->moved.at ||
        sensing_active(&bed->sensing, MOTION) > 0)
        return 0;
    return bed->moved.at + bed->extend;
}

void bed_expect(struct bed *bed, const struct gw_host *host, gw_time now)
{
    struct gw_local local;
    host->local(host, now, &local);
    if (bed->in_bed_by < 0 || local.minute < bed->in_bed_by || local.minute >= bed->in_bed_by + 60 ||
        bed->expected_on == GW_EPISODE_DATE(local))
        return;
    bed->expected_on = GW_EPISODE_DATE(local);
    if (bed->place != IN_BED && !bed->watched && !bed->mat_bad && !bed->muted && bed->moved.id != 0 &&
        now - bed->moved.at < EVENING)
        bed->expected = GW_EPISODE_DATE(local);
}

void bed_ask(struct bed *bed, const struct gw_host *host, gw_time now)
{
    struct gw_local local;
    host->local(host, now, &local);
    /* In an hour that DST skips, or after a step of the clock, the wake comes later than the time itself. */
    if (bed->up_by < 0 || local.minute < bed->up_by || local.minute >= bed->up_by + 60 ||
        bed->asked == GW_EPISODE_DATE(local))
        return;
    bed->asked = GW_EPISODE_DATE(local);
    if (bed->place == IN_BED && !bed->muted && !bed_mat_lost(bed) && bed->in_since <= now - AWAKE_BEFORE)
        bed_say_not_up(bed, host, now);
}

void bed_evaluate(struct bed *bed, const struct gw_host *host, gw_time now)
{
    bed_pass(bed, host, now);
    if (bed_mat_lost(bed) || bed->muted)
        return;
    const gw_time up_long = up_long_due(bed);
    if ((waits_for_return(bed) && absence_due(bed, now) <= now) || (up_long != 0 && up_long <= now)) {
        if (!bed_is_night(bed, host, now))
            bed->watched = 0; /* up for the day */
        else if (absence_due(bed, now) > now)
            bed_say_empty(bed, host, UP_LONG, now);
        else if (!bed_is_the_mat(bed))
            bed_say_empty(bed, host, empty_kind(bed), now);
        bed->passed_over = bed->watched && absence_due(bed, now) <= now && bed_is_the_mat(bed);
        bed->watched = bed->watched && !bed->passed_over;
    }
    if (bed->expected != 0 && !bed_is_night(bed, host, now))
        bed->expected = 0;
    if (not_in_due(bed) != 0 && not_in_due(bed) <= now && bed->mat != SENSING_ON)
        bed_say_not_in(bed, host);
    if (bed->place == IN_BED && bed->too_long >= 0 && !bed->raised[TOO_LONG] &&
        timing_later(bed->stay_since, bed->home_since) + bed->too_long <= now)
        bed_say_too_long(bed, host);
    if (bed->place == OUT && bed->raised[TOO_LONG] && bed->absent_since + BED_UP_AFTER <= now)
        bed_lower(bed, host, TOO_LONG);
}

/* Of two times of the day the one that comes first. */
static int32_t next_of(const struct gw_host *host, gw_time now, int32_t a, int32_t b)
{
    struct gw_local local;
    host->local(host, now, &local);
    if (a < 0 || b < 0)
        return a < 0 ? b : a;
    return (a - local.minute + 1439) % 1440 < (b - local.minute + 1439) % 1440 ? a : b;
}

struct gw_wake bed_next(const struct bed *bed, const struct gw_host *host, gw_time now)
{
    struct gw_wake wake = GW_WAKE_NONE_INIT;
    wake.local_minute = next_of(host, now, bed->up_by, bed->in_bed_by);
    wake.at = bed_passes_at(bed);
    if (bed_mat_lost(bed) || bed->muted)
        return wake;
    if (waits_for_return(bed))
        wake.at = timing_first(wake.at, absence_due(bed, now));
    wake.at = timing_first(wake.at, up_long_due(bed));
    if (not_in_due(bed) != 0 && bed->mat != SENSING_ON)
        wake.at = timing_first(wake.at, not_in_due(bed));
    if (bed->place == IN_BED && bed->too_long >= 0 && !bed->raised[TOO_LONG])
        wake.at = timing_first(wake.at, timing_later(bed->stay_since, bed->home_since) + bed->too_long);
    if (bed->place == OUT && bed->raised[TOO_LONG])
        wake.at = timing_first(wake.at, bed->absent_since + BED_UP_AFTER);
    return wake;
}
