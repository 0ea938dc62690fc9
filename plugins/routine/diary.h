/* diary.h - what a home's last eight weeks were like, in quarters of an hour: for each, how long nobody had been seen,
 * how long the one who lives there had been in bed, how long out; and for each day a few figures. Bounded, and made of
 * log time and local time alone.
 *
 * A day of the diary runs from noon to noon, so that a night is in one piece. */
#ifndef PLUGINS_DIARY_H
#define PLUGINS_DIARY_H

#include <stdint.h>

#include "gatewayd/plugin.h"

#define DIARY_DAYS    56u
#define DIARY_SLOTS   96u
#define DIARY_SLOT    (15 * GW_MINUTE)
#define DIARY_UNIT    (10 * GW_MINUTE) /* of an age */
#define DIARY_AGE_MAX 254u             /* 42 h */
#define DIARY_UNKNOWN 255u

/* Ages: time since ... */
enum diary_age { DIARY_LIFE, DIARY_UP, DIARY_OUT, DIARY_BED, DIARY_AGES };

/* Figures of a day. */
enum diary_figure {
    DIARY_GOT_UP,  /* minutes after noon of the day before */
    DIARY_TO_BED,  /* the same */
    DIARY_TRIPS,   /* out of the bedroom between the two */
    DIARY_PACE,    /* movements an hour, of those at home and not of the night */
    DIARY_MOVES,   /* movements in five minutes in which there are any */
    DIARY_BATH,    /* minutes a visit to the bathroom */
    DIARY_OUTSIDE, /* minutes out */
    DIARY_FIGURES
};

enum diary_alarmed { DIARY_ALARM = 1, DIARY_GAP = 2 };
enum diary_seen { DIARY_SEEN = 1, DIARY_WAS_UP = 2, DIARY_WAS_OUT = 4 };

struct diary_day {
    uint64_t date;                        /* GW_EPISODE_DATE of its end; 0: none */
    uint8_t weekend;                      /* bit 0: the afternoon is Saturday's or Sunday's; bit 1: the morning is */
    uint8_t alarmed;                      /* not to be learned from: enum diary_alarmed */
    uint8_t age[DIARY_AGES][DIARY_SLOTS]; /* in units, at the end of the slot */
    uint8_t slot[DIARY_SLOTS];            /* enum diary_seen; 0: nobody looked */
    uint8_t moves_in[DIARY_SLOTS];        /* movements; no more than 255 */
    float highest[DIARY_AGES];            /* age to its limit, the day's highest; < 0: unknown */
    float figure[DIARY_FIGURES];          /* < 0: unknown */
    uint32_t moves, moving, baths;        /* movements, five minutes with any; visits to the bathroom */
    gw_time bath_time;
};

struct diary {
    struct diary_day days[DIARY_DAYS]; /* [0] the last one that is complete */
    uint32_t n;
    struct diary_day today;
    uint8_t usual[DIARY_AGES][2][DIARY_SLOTS]; /* the longest ages that are usual; by weekend; DIARY_UNKNOWN */
};

static inline uint32_t diary_slot_of(const struct gw_local *local)
{
    return (uint32_t)(local->minute + 720) % 1440u / 15u;
}

static inline int diary_weekend(const struct diary_day *day, uint32_t slot)
{
    return day->weekend >> (slot < DIARY_SLOTS / 2 ? 0 : 1) & 1;
}

static inline int diary_by_night(uint32_t slot)
{
    return slot >= 40 && slot < 72; /* 22:00 to 6:00 */
}

static inline int diary_learns_from(const struct diary_day *day)
{
    return !day->alarmed;
}

/* Nothing is known yet of the day that runs at this local time. */
void diary_begin(struct diary_day *day, const struct gw_local *local);
/* The day is over: note its figures, learn, begin the next. */
void diary_close(struct diary *diary, const struct gw_local *local);
/* Limit of an age to its usual value which a day passes with the chance `rate`; 0: fewer than `least` days are known.
 */
double diary_threshold(const struct diary *diary, int age, double rate, uint32_t least);

#endif
