/* How long each sensor has been silent, and is usually, of the time that counts. */
#include "silence.h"

#define DAYS_MIN 5u            /* days with a completed silence, or nothing is known yet */
#define MARGIN   (GW_HOUR)     /* at least so much beyond what is usual */
#define STILL    (8 * GW_HOUR) /* nobody moved for longer than this: asleep for long, or out */

static gw_time quiet_until(const struct silence_home *home, gw_time now)
{
    const gw_time quiet = home->last_any != 0 ? now - home->last_any : 0;
    return home->quiet + (home->sensors >= SILENCE_COMPANY && quiet > home->all_quiet ? quiet : 0);
}

static gw_time still_until(const struct silence_home *home, gw_time now)
{
    if (home->away_since != 0)
        return home->still + now - home->away_since;
    const gw_time quiet = home->last_people != 0 ? now - home->last_people : 0;
    return home->still + (quiet > STILL ? quiet : 0);
}

/* The time until now that does not count; for one that speaks when people move, or for one that speaks by itself. */
static gw_time except_until(const struct silence_home *home, gw_time now, int people)
{
    return home->gaps + (people ? still_until(home, now) : quiet_until(home, now));
}

int silence_is_still(const struct silence_home *home, gw_time now)
{
    return still_until(home, now) != home->still;
}

void silence_any(struct silence_home *home, gw_time now)
{
    home->quiet = quiet_until(home, now);
    home->last_any = now;
}

void silence_people(struct silence_home *home, gw_time now)
{
    if (home->away_since == 0)
        home->still = still_until(home, now);
    home->last_people = now;
}

void silence_away(struct silence_home *home, gw_time now, int away)
{
    home->still = still_until(home, now);
    home->last_people = now;
    home->away_since = away ? now : 0;
}

void silence_gap(struct silence_home *home, gw_time now, gw_time gap)
{
    const gw_time before = now - gap;
    home->gaps += gap;
    if (before > home->last_any)
        home->quiet = quiet_until(home, before);
    home->last_any = now;
    if (home->away_since != 0)
        home->away_since += gap; /* or it would count twice */
    else if (before > home->last_people)
        home->still = still_until(home, before);
    home->last_people = now;
}

gw_time silence_for(const struct silence *s, const struct silence_home *home, gw_time now, int people)
{
    const gw_time silent = now - s->heard - (except_until(home, now, people) - s->except);
    return silent > 0 ? silent : 0;
}

static void new_day(struct silence *s, gw_time now)
{
    const gw_time day = now / GW_DAY;
    for (gw_time d = s->day + 1; d <= day && d <= s->day + (gw_time)SILENCE_DAYS; d++)
        s->gaps[d % SILENCE_DAYS] = 0;
    s->day = day;
}

void silence_heard(struct silence *s, const struct silence_home *home, gw_time now, int people)
{
    new_day(s, now);
    if (s->heard != 0) {
        const gw_time minutes = silence_for(s, home, now, people) / GW_MINUTE;
        uint16_t *gap = &s->gaps[s->day % SILENCE_DAYS];
        const uint16_t is = (uint16_t)(minutes > 65535 ? 65535 : minutes + 1);
        *gap = is > *gap ? is : *gap;
    }
    s->heard = now;
    s->except = except_until(home, now, people);
}

gw_time silence_usual(const struct silence *s)
{
    uint16_t worst = 0, next = 0;
    uint32_t days = 0;
    for (uint32_t i = 0; i < SILENCE_DAYS; i++) {
        const uint16_t gap = s->gaps[i];
        days += gap != 0;
        if (gap > worst) {
            next = worst;
            worst = gap;
        } else if (gap > next) {
            next = gap;
        }
    }
    return days >= DAYS_MIN ? (gw_time)next * GW_MINUTE : 0;
}

gw_time silence_limit(const struct silence *s, uint32_t halves, gw_time floor, gw_time ceiling)
{
    const gw_time usual = silence_usual(s);
    const gw_time share = usual / 2 * halves;
    const gw_time more = share > MARGIN ? share : MARGIN;
    if (usual == 0 || usual + more > ceiling)
        return ceiling;
    return usual + more > floor ? usual + more : floor;
}
