/* diary.h - what a home's last eight weeks were like, in quarters of an hour: for each, how long nobody had been seen,
 * how long the one who lives there had been in bed, how long out; and for each day a few figures. Bounded, and made of
 * log time and local time alone. Pure helpers, header only, for the routine plugin.
 *
 * A day of the diary runs from noon to noon, so that a night is in one piece. */
#ifndef PLUGINS_DIARY_H
#define PLUGINS_DIARY_H

#include <stdint.h>
#include <string.h>

#include "gatewayd/plugin.h"
#include "quantile.h"

#define DIARY_DAYS      56u
#define DIARY_SLOTS     96u
#define DIARY_SLOT      (15 * GW_MINUTE)
#define DIARY_UNIT      (10 * GW_MINUTE) /* of an age */
#define DIARY_AGE_MAX   254u             /* 42 h */
#define DIARY_UNKNOWN   255u
#define DIARY_EVENING   24u /* slot of 18:00: the night is looked for from here */
#define DIARY_NIGHT     12u /* slots: a shorter rest is no night */
#define DIARY_AWAKE     8u  /* slots: of fewer at home and up, and of fewer movements, nothing is concluded */
#define DIARY_MOVES_MIN 8u
#define DIARY_DAY_MIN   92u /* slots that must have been seen, or the day's figures are not used */

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

static inline void diary_begin(struct diary_day *day, const struct gw_local *local)
{
    memset(day, 0, sizeof *day);
    memset(day->age, DIARY_UNKNOWN, sizeof day->age);
    const int32_t today = local->weekday, tomorrow = today % 7 + 1, yesterday = (today + 5) % 7 + 1;
    const int afternoon = local->minute >= 720;
    day->weekend = (uint8_t)((afternoon ? today >= 6 : yesterday >= 6) | (afternoon ? tomorrow >= 6 : today >= 6) << 1);
    for (int i = 0; i < DIARY_AGES; i++)
        day->highest[i] = -1;
    for (int i = 0; i < DIARY_FIGURES; i++)
        day->figure[i] = -1;
}

static inline int diary_by_night(uint32_t slot)
{
    return slot >= 40 && slot < 72; /* 22:00 to 6:00 */
}

static inline int diary_learns_from(const struct diary_day *day)
{
    return !day->alarmed;
}

/* ---- a day's figures ------------------------------------------------------------------------------------------- */

/* The night: the stretch with the most rest and the least of being up. slots [*from, *to); 0: none. */
static inline int diary_night(const struct diary_day *day, uint32_t *from, uint32_t *to)
{
    int best = 0, sum = 0;
    uint32_t start = DIARY_EVENING;
    for (uint32_t slot = DIARY_EVENING; slot < DIARY_SLOTS; slot++) {
        const unsigned seen = day->slot[slot];
        const int rests = (seen & (DIARY_WAS_UP | DIARY_WAS_OUT)) == 0;
        sum += rests ? 1 : -2;
        if (sum <= 0) {
            sum = 0;
            start = slot + 1;
        } else if (sum > best) {
            best = sum;
            *from = start;
            *to = slot + 1;
        }
    }
    return best >= (int)DIARY_NIGHT;
}

static inline void diary_figures(struct diary_day *day)
{
    uint32_t from = 0, to = 0, seen = 0, awake = 0, moves = 0, outside = 0, trips = 0;
    for (uint32_t slot = 0; slot < DIARY_SLOTS; slot++) {
        seen += (day->slot[slot] & DIARY_SEEN) != 0;
        outside += (day->slot[slot] & DIARY_WAS_OUT) != 0;
    }
    if (seen < DIARY_DAY_MIN)
        return;
    const int night = diary_night(day, &from, &to);
    for (uint32_t slot = 0; slot < DIARY_SLOTS; slot++) {
        const int in_night = night && slot >= from && slot < to, up = (day->slot[slot] & DIARY_WAS_UP) != 0;
        if (!in_night && (day->slot[slot] & (DIARY_SEEN | DIARY_WAS_OUT)) == DIARY_SEEN) {
            awake++;
            moves += day->moves_in[slot];
        }
        trips += in_night && up && slot > from && (day->slot[slot - 1] & DIARY_WAS_UP) == 0;
    }
    if (night) {
        day->figure[DIARY_TO_BED] = (float)(from * 15);
        day->figure[DIARY_GOT_UP] = (float)(to * 15);
        day->figure[DIARY_TRIPS] = (float)trips;
    }
    if (awake >= DIARY_AWAKE && moves >= DIARY_MOVES_MIN)
        day->figure[DIARY_PACE] = (float)moves * 4 / (float)awake;
    if (day->moving >= 24)
        day->figure[DIARY_MOVES] = (float)day->moves / (float)day->moving;
    if (day->baths > 0)
        day->figure[DIARY_BATH] = (float)((double)day->bath_time / (double)GW_MINUTE) / (float)day->baths;
    day->figure[DIARY_OUTSIDE] = (float)(outside * 15);
}

/* ---- what is usual --------------------------------------------------------------------------------------------- */

/* The day's highest age about a slot; < 0: unknown. */
static inline double diary_age_about(const struct diary_day *day, int age, uint32_t slot)
{
    double most = -1;
    for (uint32_t near = slot == 0 ? 0 : slot - 1; near <= slot + 1 && near < DIARY_SLOTS; near++) {
        if (day->age[age][near] != DIARY_UNKNOWN && day->age[age][near] > most)
            most = day->age[age][near];
    }
    return most;
}

/* Mean of the longest tenth of the ages, of two at least, over the days (weekend: 0, 1; -1: all); < 0: too few. */
static inline double diary_longest(const struct diary *diary, int age, int weekend, uint32_t slot, uint32_t *n)
{
    double ages[DIARY_DAYS] = {0}, sum = 0;
    *n = 0;
    for (uint32_t i = 0; i < diary->n; i++) {
        const struct diary_day *day = &diary->days[i];
        if (!diary_learns_from(day) || (weekend >= 0 && diary_weekend(day, slot) != weekend))
            continue;
        const double about = diary_age_about(day, age, slot);
        if (about >= 0)
            ages[(*n)++] = about;
    }
    if (*n < 2)
        return -1;
    quantile_sort(ages, *n);
    const uint32_t top = *n / 10 > 2 ? *n / 10 : 2;
    for (uint32_t i = *n - top; i < *n; i++)
        sum += ages[i];
    return sum / top;
}

static inline uint8_t diary_round(double age)
{
    const uint32_t halves = (uint32_t)(age * 2);
    return (uint8_t)((halves + 1) / 2);
}

/* The longest that she is usually out by day, whenever she goes: people go out at all hours. In units. */
static inline uint8_t diary_longest_out(const struct diary *diary)
{
    double longest[DIARY_DAYS] = {0}, sum = 0;
    uint32_t n = 0;
    for (uint32_t i = 0; i < diary->n; i++) {
        double most = 0;
        for (uint32_t slot = 0; slot < DIARY_SLOTS && diary_learns_from(&diary->days[i]); slot++) {
            const uint8_t out = diary->days[i].age[DIARY_OUT][slot];
            most = out != DIARY_UNKNOWN && !diary_by_night(slot) && out > most ? out : most;
        }
        longest[n++] = most;
    }
    quantile_sort(longest, n);
    const uint32_t top = n / 10 > 2 ? n / 10 : n < 2 ? n : 2;
    for (uint32_t i = n - top; i < n; i++)
        sum += longest[i];
    return top == 0 ? 0 : diary_round(sum / top);
}

static inline void diary_learn(struct diary *diary)
{
    const uint8_t out = diary_longest_out(diary);
    for (int age = 0; age < DIARY_AGES; age++) {
        for (uint32_t slot = 0; slot < DIARY_SLOTS; slot++) {
            uint32_t n, n_class;
            const double all = diary_longest(diary, age, -1, slot, &n);
            for (int weekend = 0; weekend < 2; weekend++) {
                double usual = diary_longest(diary, age, weekend, slot, &n_class);
                if (usual < 0)
                    n_class = 0;
                /* few Saturdays are known: lean on all days as if on five more */
                usual = ((usual < 0 ? 0 : usual) * n_class + all * 5) / (n_class + 5);
                usual = usual < 2 ? 2 : usual; /* up to half an hour */
                if (age == DIARY_OUT && !diary_by_night(slot) && usual < out)
                    usual = out;
                diary->usual[age][weekend][slot] = n < 3 ? DIARY_UNKNOWN : diary_round(usual);
            }
        }
    }
}

/* What alarms on three days of a week is no alarm but a new habit: learn from it after all. */
static inline void diary_accept(struct diary *diary)
{
    uint32_t alarmed = 0;
    for (uint32_t i = 0; i < 7 && i < diary->n; i++)
        alarmed += diary->days[i].alarmed == DIARY_ALARM;
    for (uint32_t i = 0; alarmed >= 3 && i < 7 && i < diary->n; i++)
        diary->days[i].alarmed &= (uint8_t)~DIARY_ALARM;
}

/* The day is over: note its figures, learn, begin the next. */
static inline void diary_close(struct diary *diary, const struct gw_local *local)
{
    diary->today.date = GW_EPISODE_DATE(*local);
    diary_figures(&diary->today);
    memmove(diary->days + 1, diary->days, (DIARY_DAYS - 1) * sizeof *diary->days);
    diary->days[0] = diary->today;
    if (diary->n < DIARY_DAYS)
        diary->n++;
    diary_accept(diary);
    diary_learn(diary);
    diary_begin(&diary->today, local);
}

/* Limit of an age to its usual value which a day passes with the chance `rate`; 0: fewer than `least` days are known.
 */
static inline double diary_threshold(const struct diary *diary, int age, double rate, uint32_t least)
{
    double highest[DIARY_DAYS] = {0};
    uint32_t n = 0;
    for (uint32_t i = 0; i < diary->n; i++) {
        if (diary->days[i].highest[age] >= 0)
            highest[n++] = (double)diary->days[i].highest[age];
    }
    return n < least ? 0 : quantile_rare(highest, n, rate);
}

#endif
