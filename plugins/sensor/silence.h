/* silence.h - how long may a sensor be silent? Pure helpers, header only.
 *
 * Learned: of each of the last 14 days the longest completed silence; the worst day is dropped (a battery was changed,
 * a child was ill), half as much again on the largest of the rest (as much
 * again where it depends on people, who are less regular than devices). A silence that goes on is judged by that, and
 * learned only when it has ended.
 *
 * Not every time counts. While the gateway was off nobody could be heard (`off`), nor while no sensor at all was: then
 * the radio is down, or everybody asleep, and no sensor is to blame. Of a sensor that speaks only when people move, the
 * time in which nobody does (away, or no movement anywhere for long: `still`) does not count either, in learning as in
 * judging. So an empty home does not make its sensors dead, and the dead one among living ones is found. */
#ifndef PLUGINS_SILENCE_H
#define PLUGINS_SILENCE_H

#include <string.h>

#include "gatewayd/plugin.h"

#define SILENCE_DAYS     14u
#define SILENCE_DAYS_MIN 5u        /* days with a completed silence, or nothing is known yet */
#define SILENCE_MARGIN   (GW_HOUR) /* at least so much beyond what is usual */
/* No sensor at all for longer than this: nobody to blame. A longer time where one speaks by itself only so seldom. */
#define SILENCE_ALL_QUIET (6 * GW_HOUR)
#define SILENCE_STILL     (8 * GW_HOUR) /* nobody moved for longer than this: asleep for long, or out */
#define SILENCE_COMPANY   3u            /* sensors, of which "all" says something */

/* What of the time does not count, of the whole home: sums of what is over, and what may go on. */
struct silence_home {
    gw_time gaps;                  /* the gateway was off */
    gw_time quiet;                 /* no sensor was heard */
    gw_time still;                 /* nobody moved, or was away; without gaps */
    gw_time last_any, last_people; /* 0: never */
    gw_time away_since;            /* 0: not away */
    gw_time all_quiet;             /* SILENCE_ALL_QUIET or longer */
    uint32_t sensors;
};

/* Of one sensor. */
struct silence {
    gw_time heard;               /* 0: never */
    gw_time except;              /* the home's time that did not count, until then */
    gw_time day;                 /* of the newest entry, counted from the log's beginning */
    uint16_t gaps[SILENCE_DAYS]; /* longest completed silence by day, minutes; 0: none completed */
};

static inline gw_time silence_quiet(const struct silence_home *home, gw_time now)
{
    const gw_time quiet = home->last_any != 0 ? now - home->last_any : 0;
    return home->quiet + (home->sensors >= SILENCE_COMPANY && quiet > home->all_quiet ? quiet : 0);
}

static inline gw_time silence_still(const struct silence_home *home, gw_time now)
{
    if (home->away_since != 0)
        return home->still + now - home->away_since;
    const gw_time quiet = home->last_people != 0 ? now - home->last_people : 0;
    return home->still + (quiet > SILENCE_STILL ? quiet : 0);
}

/* The time until now that does not count; for one that speaks when people move, or for one that speaks by itself. */
static inline gw_time silence_except(const struct silence_home *home, gw_time now, int people)
{
    return home->gaps + (people ? silence_still(home, now) : silence_quiet(home, now));
}

/* Nobody moves now, and has not for long. */
static inline int silence_is_still(const struct silence_home *home, gw_time now)
{
    return silence_still(home, now) != home->still;
}

static inline void silence_any(struct silence_home *home, gw_time now)
{
    home->quiet = silence_quiet(home, now);
    home->last_any = now;
}

static inline void silence_people(struct silence_home *home, gw_time now)
{
    if (home->away_since == 0)
        home->still = silence_still(home, now);
    home->last_people = now;
}

static inline void silence_away(struct silence_home *home, gw_time now, int away)
{
    home->still = silence_still(home, now);
    home->last_people = now;
    home->away_since = away ? now : 0;
}

/* Nothing was recorded for so long before now. */
static inline void silence_gap(struct silence_home *home, gw_time now, gw_time gap)
{
    const gw_time before = now - gap;
    home->gaps += gap;
    if (before > home->last_any)
        home->quiet = silence_quiet(home, before);
    home->last_any = now;
    if (home->away_since != 0)
        home->away_since += gap; /* or it would count twice */
    else if (before > home->last_people)
        home->still = silence_still(home, before);
    home->last_people = now;
}

/* For how long it has been silent, of the time that counts. */
static inline gw_time silence_for(const struct silence *s, const struct silence_home *home, gw_time now, int people)
{
    const gw_time silent = now - s->heard - (silence_except(home, now, people) - s->except);
    return silent > 0 ? silent : 0;
}

static inline void silence_new_day(struct silence *s, gw_time now)
{
    const gw_time day = now / GW_DAY;
    for (gw_time d = s->day + 1; d <= day && d <= s->day + (gw_time)SILENCE_DAYS; d++)
        s->gaps[d % SILENCE_DAYS] = 0;
    s->day = day;
}

/* It spoke. Call after silence_any and silence_people. */
static inline void silence_heard(struct silence *s, const struct silence_home *home, gw_time now, int people)
{
    silence_new_day(s, now);
    if (s->heard != 0) {
        const gw_time minutes = silence_for(s, home, now, people) / GW_MINUTE;
        uint16_t *gap = &s->gaps[s->day % SILENCE_DAYS];
        const uint16_t is = (uint16_t)(minutes > 65535 ? 65535 : minutes + 1);
        *gap = is > *gap ? is : *gap;
    }
    s->heard = now;
    s->except = silence_except(home, now, people);
}

/* The longest usual silence; 0: not known yet. */
static inline gw_time silence_usual(const struct silence *s)
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
    return days >= SILENCE_DAYS_MIN ? (gw_time)next * GW_MINUTE : 0;
}

/* Silent for longer than this is unusual: so many halves more than the usual. Not known yet: the ceiling. */
static inline gw_time silence_limit(const struct silence *s, uint32_t halves, gw_time floor, gw_time ceiling)
{
    const gw_time usual = silence_usual(s);
    const gw_time share = usual / 2 * halves;
    const gw_time more = share > SILENCE_MARGIN ? share : SILENCE_MARGIN;
    if (usual == 0 || usual + more > ceiling)
        return ceiling;
    return usual + more > floor ? usual + more : floor;
}

#endif
