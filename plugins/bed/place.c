/* Where she is: in bed or out of it, the mat without its chatter and with what moves beside it and elsewhere. */
#include "bed.h"

#define BACK_AFTER  (10 * GW_SECOND) /* on for so long in all: back in bed */
#define SEEN_BEFORE GW_MINUTE        /* who gets up moves so long before ... */
#define SEEN_WITHIN (5 * GW_MINUTE)  /* ... or after the mat tells it */

/* Out of bed, as of the moment the mat went off. */
static void leave(struct bed *bed, const struct gw_host *host)
{
    bed->place = OUT;
    bed->on_sum = 0;
    bed->absent_since = bed->off.at;
    bed->watched = !bed->muted && bed->safe_absence >= 0 && bed_is_night(bed, host, bed->off.at);
    bed->seen_up = bed->beside != 0 && bed->beside >= bed->off.at - SEEN_BEFORE;
    const gw_time lain_since = timing_later(bed->in_since, bed->chatter_since);
    bed->lain += bed->off.at > lain_since ? bed->off.at - lain_since : 0;
    bed_lower(bed, host, NOT_UP);
}

static void come_back(struct bed *bed, const struct gw_host *host, gw_time now)
{
    const int long_out = bed->place == UNSETTLED || bed->on.at - bed->absent_since >= BED_UP_AFTER;
    bed->place = IN_BED;
    bed->watched = 0;
    bed->passed_over = 0;
    bed->in_since = now;
    bed_lower_absence(bed, host);
    if (long_out) {
        bed_lower(bed, host, TOO_LONG);
        bed->stay = bed->on;
        bed->stay_since = bed->on.at;
    }
}

void bed_pass(struct bed *bed, const struct gw_host *host, gw_time now)
{
    const gw_time settles = bed_passes_at(bed);
    if (settles == 0 || settles > now)
        return;
    if (bed->mat == SENSING_OFF)
        leave(bed, host);
    else
        come_back(bed, host, now);
}

gw_time bed_passes_at(const struct bed *bed)
{
    if (bed_mat_lost(bed))
        return 0;
    if (bed->mat == SENSING_OFF && bed->place != OUT)
        return bed->off.at + bed->settle;
    if (bed->mat == SENSING_ON && bed->place != IN_BED)
        return bed->on.at + BACK_AFTER - bed->on_sum;
    return 0;
}

int bed_is_the_mat(const struct bed *bed)
{
    const int elsewhere = bed->moved.id != 0 && bed->moved.at >= bed->absent_since - SEEN_BEFORE;
    if (bed_mat_doubted(bed))
        return !elsewhere || (bed_moved_since(bed) && bed->beside > bed->moved.at);
    return bed->has_bedroom && sensing_lost(&bed->sensing, BEDROOM) == 0 && !elsewhere && !bed->seen_up &&
           (bed->off.flags & GW_INITIAL) == 0;
}

void bed_moved_elsewhere(struct bed *bed, const struct gw_host *host, const struct gw_reading *reading,
                         enum sensing_change change)
{
    const int off = change == SENSING_TURNED_OFF && (bed->sensing.contact[reading->sensor] || reading->flags == 0);
    if (change != SENSING_TURNED_ON && !off)
        return;
    bed->moved = *reading;
    if (bed->passed_over && bed->place == OUT && !bed->muted && bed_is_night(bed, host, reading->at)) {
        bed->passed_over = 0;
        bed->watched = 1; /* it was not the mat after all, or is not now */
        bed->absent_since = reading->at;
    }
    if ((bed->raised[EMPTY] || bed->raised[UNSURE] || bed->raised[NOT_IN]) && !bed_is_night(bed, host, reading->at)) {
        bed->watched = 0; /* the night is over and somebody is about */
        bed_lower_absence(bed, host);
    }
}

void bed_moved_beside(struct bed *bed, const struct gw_reading *reading)
{
    bed->beside = reading->at;
    if (bed->place == OUT && reading->at - bed->absent_since <= SEEN_WITHIN)
        bed->seen_up = 1;
}

void bed_home(struct bed *bed, const struct gw_host *host, const struct gw_reading *reading)
{
    if (reading->type == GW_GAP) {
        bed->stay_since += bed->place == IN_BED ? (gw_time)reading->value : 0;
        if (bed->stay_since > reading->at)
            bed->stay_since = reading->at;
    }
    if (reading->type != GW_MODE || (reading->flags & GW_TEST) != 0)
        return;
    const int muted = sensing_mode_mutes(reading->value);
    if (muted) {
        bed->watched = 0;
        bed_lower_absence(bed, host);
        bed_lower(bed, host, NOT_UP);
        bed_lower(bed, host, TOO_LONG);
    } else if (bed->muted) {
        bed->home_since = reading->at;
    }
    bed->muted = muted;
}
