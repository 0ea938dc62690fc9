/* changes.h - slow changes of a day's figures, and how they are told.
 *
 * The last fortnight is held against the weeks before it: whole weeks, so that both have the same share of weekends.
 * Once eight weeks are known the week between is left out, for what fades has begun to. Both are means, in which a day
 * that is far from the others (ill, a visit, a late train) counts as one at the edge; amounts of movement are compared
 * by their logarithms, for a third less is a third less in a lively home and in a quiet one. Their distance is told in
 * standard errors, which take into account that a day resembles the one before.
 *
 * A fortnight's mean is a new one once a fortnight: so few chances to be wrong allow a low limit. */
#ifndef PLUGINS_CHANGES_H
#define PLUGINS_CHANGES_H

#include "diary.h"
#include "wording.h"

/* How a figure changes for the worse, in words and in size. */
struct changes_figure {
    const char *key;
    const char *less_en, *less_zh, *more_en, *more_zh; /* NULL: a change for the better is not told */
    enum { CHANGES_CLOCK, CHANGES_NIGHTLY, CHANGES_MOVES, CHANGES_MINUTES, CHANGES_SPAN, CHANGES_HOURLY } unit;
    double least, share; /* a smaller change is none: so much, and such a part of what was before */
};
extern const struct changes_figure changes_figures[DIARY_FIGURES];

/* Of the last days against those before, of one figure. */
struct changes_change {
    double before, lately;  /* means */
    double spread;          /* their distance in standard errors, signed */
    uint32_t days, shifted; /* of the last ones known; those of them that lie off by half of figure.least or more */
};

/* Of minutes after noon. */
struct wording_clock changes_clock(double minutes);
/* The last fortnight against what was before; 0: too few days are known. */
int changes_compare(const struct diary *diary, int figure, struct changes_change *out);
/* In standard errors, for so many false alarms a day. The chance of a normal figure so far off is about exp(-x^2/2). */
double changes_limit(double budget);
/* Raise it as a condition of this kind; the figure's key tells it from the others. */
void changes_say(const struct gw_host *host, uint32_t kind, const struct changes_figure *figure,
                 const struct changes_change *change, uint64_t date, gw_time now);
/* Is it one for the worse, of `limit` standard errors or more? */
int changes_holds(const struct changes_figure *figure, const struct changes_change *change, double limit);
/* And does it last? Five days of seven must be shifted, of a figure with a smallest change: not three late evenings. */
int changes_is(const struct changes_figure *figure, const struct changes_change *change, double limit);

#endif
