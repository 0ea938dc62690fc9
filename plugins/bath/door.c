/* What the bathroom's door says: does closing it begin a stay, opening it end one? And is it kept closed always? */
#include "bath.h"

#define CLOSES_BEHIND GW_MINUTE /* who leaves closes the door within this */
#define SHARE         (6 * GW_HOUR)
#define SHARE_KNOWN   GW_DAY /* not judged before */
#define FOUND_FOR     GW_DAY /* the judgement holds for so long, or it would flap */

void bath_count_closed(struct bath *bath, gw_time now)
{
    if (!bath->has_door)
        return;
    if (bath->counted == 0 || bath->muted || bath->sensing.lost[bath->door] ||
        bath->sensing.level[bath->door] == SENSING_UNKNOWN || now - bath->counted > (gw_time)BATH_SHARES * SHARE)
        bath->counted = now;
    gw_time shut = 0, known = 0;
    while (bath->counted < now) {
        const gw_time quarter = bath->counted / SHARE, end = (quarter + 1) * SHARE < now ? (quarter + 1) * SHARE : now;
        const uint32_t i = (uint32_t)(quarter % BATH_SHARES);
        if (bath->counted % SHARE == 0)
            bath->shut[i] = bath->known[i] = 0;
        bath->known[i] += end - bath->counted;
        bath->shut[i] += bath_door_is(bath, SENSING_OFF) ? end - bath->counted : 0;
        bath->counted = end;
    }
    for (uint32_t i = 0; i < BATH_SHARES; i++) {
        shut += bath->shut[i];
        known += bath->known[i];
    }
    if (known >= SHARE_KNOWN && shut * 5 > known)
        bath->much_closed = now;
    bath->found_closed = bath->much_closed != 0 && now - bath->much_closed <= FOUND_FOR;
}

/* The door has just been closed, and nothing inside could tell: does that say that somebody is in there? */
static int closing_says_so(const struct bath *bath, gw_time at)
{
    if (!bath->kept_closed)
        return !bath->found_closed;
    if (bath->has_elsewhere)
        return bath->known_out && bath->opened != 0 && at - bath->opened <= CLOSES_BEHIND;
    return !(bath->left != 0 && at - bath->left <= CLOSES_BEHIND);
}

void bath_door_changed(struct bath *bath, const struct gw_host *host, const struct gw_reading *reading,
                       enum sensing_change change)
{
    bath->door_moved = reading->at;
    if (change == SENSING_TURNED_OFF) {
        bath->closed = *reading;
        bath->held = 0;
        if (!bath->has_motion && bath->stay == EMPTY && closing_says_so(bath, reading->at))
            bath_begin(bath, CLOSED, reading);
        bath->left = 0;
        bath->known_out = 0;
        return;
    }
    if (change == SENSING_TURNED_ON)
        bath->opened = reading->at;
    if (change == SENSING_TURNED_ON && bath->stay != EMPTY) {
        if (bath->has_motion && bath->has_elsewhere)
            bath->leaving = bath->leaving != 0 ? bath->leaving : reading->at;
        else
            bath_end(bath, host);
        bath->left = reading->at;
    }
}
