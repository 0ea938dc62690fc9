/* When a stay, or stillness in it, has lasted too long. */
#include "bath.h"

#define MOVES_WITHIN (10 * GW_MINUTE) /* who moved so long ago is not lying there */

static int door_lost(const struct bath *bath)
{
    return bath->has_door && bath->sensing.lost[bath->door];
}

/* When stillness becomes an alarm; 0: not at all, as things are. *limit: by which limit. */
static gw_time still_due(const struct bath *bath, const struct gw_host *host, gw_time *limit)
{
    *limit = bath->still_after;
    if (!bath->has_motion || sensing_active(&bath->sensing, MOTION) > 0 || sensing_lost(&bath->sensing, MOTION) > 0)
        return 0;
    if (bath->night_still_after >= 0 && (*limit < 0 || bath->night_still_after < *limit) &&
        timing_is_within(host, bath_last_sign(bath) + bath->night_still_after, bath->night_from, bath->night_to))
        *limit = bath->night_still_after;
    if (!bath->has_door && *limit >= 0 && *limit < bath->warn_after)
        *limit = bath->warn_after;
    return *limit < 0 ? 0 : bath_last_sign(bath) + *limit;
}

static int moves_now(const struct bath *bath)
{
    int moves = 0;
    for (uint32_t i = 0; i < bath->sensing.n; i++)
        moves |= sensing_plays(&bath->sensing, i, MOTION) && !bath->sensing.lost[i] && !bath->stays_on[i] &&
                 bath->sensing.level[i] == SENSING_ON;
    return moves;
}

/* When the time inside becomes an emergency; 0: never. */
static gw_time alarm_due(const struct bath *bath, gw_time now)
{
    if (bath->alarm_after < 0)
        return 0;
    const gw_time due = bath_since(bath) + bath->alarm_after, last = bath_since(bath) + bath->alarm_moving_after;
    gw_time moves = moves_now(bath) ? now : bath->moved.id != 0 ? bath->moved.at : 0;
    if (!bath->has_motion || moves == 0 || last < due)
        return due;
    moves += MOVES_WITHIN;
    return moves < due ? due : moves < last ? moves : last;
}

void bath_evaluate(struct bath *bath, const struct gw_host *host, gw_time now)
{
    gw_time limit = 0;
    bath_pass(bath, host, now);
    if (bath->stay == EMPTY || bath->leaving != 0 || door_lost(bath))
        return;
    if (bath->warn_after >= 0 && !bath->raised[LONG] && bath_since(bath) + bath->warn_after <= now)
        bath_say_long(bath, host, LONG, now);
    if (!bath->raised[TOO_LONG] && alarm_due(bath, now) != 0 && alarm_due(bath, now) <= now)
        bath_say_long(bath, host, TOO_LONG, now);
    const gw_time still = still_due(bath, host, &limit);
    if (still != 0 && !bath->raised[STILL] && still <= now)
        bath_say_still(bath, host, limit);
}

struct gw_wake bath_next(const struct bath *bath, const struct gw_host *host, gw_time now)
{
    struct gw_wake wake = GW_WAKE_NONE_INIT;
    gw_time limit = 0;
    wake.at = bath_passes_at(bath);
    if (bath->stay == EMPTY || bath->leaving != 0 || door_lost(bath))
        return wake;
    if (bath->warn_after >= 0 && !bath->raised[LONG])
        wake.at = timing_first(wake.at, bath_since(bath) + bath->warn_after);
    if (!bath->raised[TOO_LONG] && alarm_due(bath, now) != 0)
        wake.at = timing_first(wake.at, alarm_due(bath, now));
    if (!bath->raised[STILL] && still_due(bath, host, &limit) != 0)
        wake.at = timing_first(wake.at, still_due(bath, host, &limit));
    return wake;
}
