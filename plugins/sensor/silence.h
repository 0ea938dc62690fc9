/* silence.h - how long may a sensor be silent?
 *
 * Learned: of each of the last 14 days the longest completed silence; the worst day is dropped (a battery was changed,
 * a child was ill), half as much again on the largest of the rest (as much again where it depends on people, who are
 * less regular than devices). A silence that goes on is judged by that, and learned only when it has ended.
 *
 * Not every time counts. While the gateway was off nobody could be heard (`off`), nor while no sensor at all was: then
 * the radio is down, or everybody asleep, and no sensor is to blame. Of a sensor that speaks only when people move, the
 * time in which nobody does (away, or no movement anywhere for long: `still`) does not count either, in learning as in
 * judging. So an empty home does not make its sensors dead, and the dead one among living ones is found. */
#ifndef PLUGINS_SILENCE_H
#define PLUGINS_SILENCE_H

#include "gatewayd/plugin.h"

#define SILENCE_DAYS 14u
/* No sensor at all for longer than this: nobody to blame. A longer time where one speaks by itself only so seldom. */
#define SILENCE_ALL_QUIET (6 * GW_HOUR)
#define SILENCE_COMPANY   3u /* sensors, of which "all" says something */

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

/* Nobody moves now, and has not for long. */
int silence_is_still(const struct silence_home *home, gw_time now);
/* What is said of the home: some sensor spoke, somebody moved, all are away or back. */
void silence_any(struct silence_home *home, gw_time now);
void silence_people(struct silence_home *home, gw_time now);
void silence_away(struct silence_home *home, gw_time now, int away);
/* Nothing was recorded for so long before now. */
void silence_gap(struct silence_home *home, gw_time now, gw_time gap);
/* For how long it has been silent, of the time that counts. */
gw_time silence_for(const struct silence *s, const struct silence_home *home, gw_time now, int people);
/* It spoke. Call after silence_any and silence_people. */
void silence_heard(struct silence *s, const struct silence_home *home, gw_time now, int people);
/* The longest usual silence; 0: not known yet. */
gw_time silence_usual(const struct silence *s);
/* Silent for longer than this is unusual: so many halves more than the usual. Not known yet: the ceiling. */
gw_time silence_limit(const struct silence *s, uint32_t halves, gw_time floor, gw_time ceiling);

#endif
