/* changes.h - slow changes of a day's figures, and how they are told. Pure helpers, header only, for the routine
 * plugin.
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
#include "quantile.h"
#include "wording.h"

#define CHANGES_LATELY     14u
#define CHANGES_BETWEEN    7u /* days left out, if so many remain: */
#define CHANGES_REMAIN     28u
#define CHANGES_KNOWN_MIN  14u /* days before that must be known */
#define CHANGES_LATELY_MIN 6u  /* and of the last ones: who works is hardly at home on the other days */
#define CHANGES_EDGE       3.0 /* spreads from the median */
#define CHANGES_DIRECTIONS 4   /* that share the budget: two amounts, and seven that must last as well (changes_is) */

/* Of minutes after noon. */
static inline struct wording_clock changes_clock(double minutes)
{
    struct wording_clock out;
    const unsigned minute = (unsigned)(minutes + 720.5) % 1440u;
    (void)snprintf(out.text, sizeof out.text, "%02u:%02u", minute / 60u, minute % 60u);
    return out;
}

static const struct changes_figure {
    const char *key;
    const char *less_en, *less_zh, *more_en, *more_zh; /* NULL: a change for the better is not told */
    enum { CHANGES_CLOCK, CHANGES_NIGHTLY, CHANGES_MOVES, CHANGES_MINUTES, CHANGES_SPAN, CHANGES_HOURLY } unit;
    double least, share; /* a smaller change is none: so much, and such a part of what was before */
} changes_figures[DIARY_FIGURES] = {
    [DIARY_GOT_UP] = {"got-up", "Gets up earlier", "起床变早", "Gets up later", "起床变晚", CHANGES_CLOCK, 60, 0},
    [DIARY_TO_BED] = {"to-bed", "Goes to bed earlier", "就寝变早", "Goes to bed later", "就寝变晚", CHANGES_CLOCK, 60,
                      0},
    [DIARY_TRIPS] = {"night-trips", NULL, NULL, "More trips at night", "夜间起床次数增多", CHANGES_NIGHTLY, 1, 0},
    [DIARY_PACE] = {"activity", "Moves about less", "活动减少", NULL, NULL, CHANGES_HOURLY, 0, 0.1},
    [DIARY_MOVES] = {"movement", "Moves less while up", "活动时动作减少", NULL, NULL, CHANGES_MOVES, 0, 0.1},
    [DIARY_BATH] = {"bathroom", NULL, NULL, "Longer visits to the bathroom", "在浴室停留时间变长", CHANGES_MINUTES, 3,
                    0.3},
    [DIARY_OUTSIDE] = {"outside", "Less time outside", "外出时间减少", NULL, NULL, CHANGES_SPAN, 30, 0.25},
};

/* Of the last days against those before, of one figure. */
struct changes_change {
    double before, lately;  /* means */
    double spread;          /* their distance in standard errors, signed */
    uint32_t days, shifted; /* of the last ones known; those of them that lie off by half of figure.least or more */
};

/* The known values of days [from, to) of the diary, the last one first. Returns how many. */
static inline uint32_t changes_take(const struct diary *diary, int figure, uint32_t from, uint32_t to, double *values)
{
    const int ratio = changes_figures[figure].least <= 0;
    uint32_t n = 0;
    for (uint32_t i = from; i < to && i < diary->n; i++) {
        const double value = (double)diary->days[i].figure[figure];
        if (diary_learns_from(&diary->days[i]) && value >= 0 && (!ratio || value > 0))
            values[n++] = ratio ? quantile_ln(value) : value;
    }
    return n;
}

/* The median of the values, and how far from it a day may be before it counts as one at the edge. */
static inline double changes_median(const double *values, uint32_t n, double least, double *edge)
{
    double sorted[DIARY_DAYS] = {0};
    memcpy(sorted, values, n * sizeof *values);
    quantile_sort(sorted, n);
    const double median = quantile_of(sorted, n, 0.5);
    for (uint32_t i = 0; i < n; i++)
        sorted[i] = sorted[i] < median ? median - sorted[i] : sorted[i] - median;
    quantile_sort(sorted, n);
    const double spread = 1.4826 * quantile_of(sorted, n, 0.5); /* a normal one's standard deviation */
    *edge = CHANGES_EDGE * (spread > least ? spread : least);
    return median;
}

/* Brings the values in from beyond the edge; returns their mean. */
static inline double changes_mean(double *values, uint32_t n, double median, double edge)
{
    double sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        values[i] = values[i] > median + edge ? median + edge : values[i] < median - edge ? median - edge : values[i];
        sum += values[i];
    }
    return sum / n;
}

/* Variance of the mean of days like these, times their number: days resemble the one before, so that weeks vary more
 * than they would by chance. Never less than that of a quarter of the smallest change: no life is always the same. */
static inline double changes_variance(const double *values, uint32_t n, double mean, double smallest)
{
    double square = 0, product = 0;
    for (uint32_t i = 0; i < n; i++) {
        square += (values[i] - mean) * (values[i] - mean);
        product += i == 0 ? 0 : (values[i] - mean) * (values[i - 1] - mean);
    }
    double like = square > 0 ? product / square : 0;
    like = like < 0 ? 0 : like > 0.6 ? 0.6 : like;
    const double variance = square / (n - 1), floor = smallest * smallest / 16;
    return (variance > floor ? variance : floor) * (1 + 2 * like);
}

/* The last fortnight against what was before; 0: too few days are known. */
static inline int changes_compare(const struct diary *diary, int figure, struct changes_change *out)
{
    double lately[DIARY_DAYS] = {0}, before[DIARY_DAYS] = {0}, edge;
    const double least = changes_figures[figure].least, smallest = least > 0 ? least : changes_figures[figure].share;
    const int apart = diary->n >= CHANGES_LATELY + CHANGES_BETWEEN + CHANGES_REMAIN;
    const uint32_t from = CHANGES_LATELY + (apart ? CHANGES_BETWEEN : 0);
    const uint32_t n = changes_take(diary, figure, 0, CHANGES_LATELY, lately);
    const uint32_t n_before = changes_take(diary, figure, from, DIARY_DAYS, before);
    if (n < CHANGES_LATELY_MIN || n_before < CHANGES_KNOWN_MIN)
        return 0;
    const double median = changes_median(before, n_before, smallest, &edge);
    out->before = changes_mean(before, n_before, median, edge);
    out->lately = changes_mean(lately, n, median, edge);
    out->days = n;
    out->shifted = 0;
    const int more = out->lately > out->before;
    for (uint32_t i = 0; i < n; i++)
        out->shifted += (more ? lately[i] - median : median - lately[i]) >= least / 2;
    const double variance = changes_variance(before, n_before, out->before, smallest);
    const double error = quantile_root(variance * (1.0 / n + 1.0 / n_before)) * (1 + 4.0 / n_before);
    out->spread = (out->lately - out->before) / error;
    if (least <= 0) {
        out->lately = quantile_exp(out->lately);
        out->before = quantile_exp(out->before);
    }
    return 1;
}

/* In standard errors, for so many false alarms a day. The chance of a normal figure so far off is about exp(-x^2/2). */
static inline double changes_limit(double budget)
{
    return quantile_root(2 * quantile_ln(CHANGES_DIRECTIONS / (CHANGES_LATELY * budget)));
}

struct changes_amount {
    char en[48], zh[64];
};

static inline struct changes_amount changes_amount(const struct changes_figure *figure, double value)
{
    struct changes_amount out;
    if (figure->unit == CHANGES_CLOCK) {
        const struct wording_clock at = changes_clock(value);
        (void)snprintf(out.en, sizeof out.en, "%s", at.text);
        (void)snprintf(out.zh, sizeof out.zh, "%s", at.text);
    } else if (figure->unit == CHANGES_SPAN) {
        const struct wording_span span = wording_span((gw_time)(value * (double)GW_MINUTE));
        (void)snprintf(out.en, sizeof out.en, "%s", span.en);
        (void)snprintf(out.zh, sizeof out.zh, "%s", span.zh);
    } else {
        static const char *const after_en[] = {[CHANGES_NIGHTLY] = " a night",
                                               [CHANGES_MOVES] = " movements in 5 min",
                                               [CHANGES_MINUTES] = " min",
                                               [CHANGES_HOURLY] = " movements an hour"};
        static const char *const after_zh[] = {[CHANGES_NIGHTLY] = " 次/夜",
                                               [CHANGES_MOVES] = " 次/5 分钟",
                                               [CHANGES_MINUTES] = " 分钟",
                                               [CHANGES_HOURLY] = " 次/小时"};
        const int digits = figure->unit != CHANGES_MINUTES;
        (void)snprintf(out.en, sizeof out.en, "%.*f%s", digits, value, after_en[figure->unit]);
        (void)snprintf(out.zh, sizeof out.zh, "%.*f%s", digits, value, after_zh[figure->unit]);
    }
    return out;
}

/* Raise it as a condition of this kind; the figure's key tells it from the others. */
static inline void changes_say(const struct gw_host *host, uint32_t kind, const struct changes_figure *figure,
                               const struct changes_change *change, uint64_t date, gw_time now)
{
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    const struct changes_amount lately = changes_amount(figure, change->lately),
                                before = changes_amount(figure, change->before);
    const int more = change->spread > 0;
    (void)snprintf(en, sizeof en, "%s: %s on average in the last %u days, %s before.",
                   more ? figure->more_en : figure->less_en, lately.en, CHANGES_LATELY, before.en);
    (void)snprintf(zh, sizeof zh, "%s：最近 %u 天平均 %s，此前 %s。", more ? figure->more_zh : figure->less_zh,
                   CHANGES_LATELY, lately.zh, before.zh);
    const struct gw_condition condition = {
        .size = sizeof condition,
        .kind = kind,
        .key = figure->key,
        .episode = date,
        .since = now,
        .text_en = en,
        .text_zh = zh,
        .limit = before.en,
    };
    host->raise(host, &condition);
}

/* Is it one for the worse, of `limit` standard errors or more? */
static inline int changes_holds(const struct changes_figure *figure, const struct changes_change *change, double limit)
{
    const double by = change->lately - change->before, size = by < 0 ? -by : by;
    const double spread = change->spread < 0 ? -change->spread : change->spread;
    return spread >= limit && size >= figure->least && size >= figure->share * change->before &&
           (by < 0 ? figure->less_en : figure->more_en) != NULL;
}

/* And does it last? Five days of seven must be shifted, of a figure with a smallest change: not three late evenings. */
static inline int changes_is(const struct changes_figure *figure, const struct changes_change *change, double limit)
{
    return changes_holds(figure, change, limit) && (figure->least <= 0 || change->shifted * 7 >= change->days * 5);
}

#endif
