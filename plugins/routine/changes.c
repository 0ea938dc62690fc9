/* The last fortnight against the weeks before it, and how that is told. */
#include "changes.h"

#include <string.h>

#include "quantile.h"

#define LATELY     14u
#define BETWEEN    7u /* days left out, if so many remain: */
#define REMAIN     28u
#define KNOWN_MIN  14u /* days before that must be known */
#define LATELY_MIN 6u  /* and of the last ones: who works is hardly at home on the other days */
#define EDGE       3.0 /* spreads from the median */
#define DIRECTIONS 4   /* that share the budget: two amounts, and seven that must last as well (changes_is) */

const struct changes_figure changes_figures[DIARY_FIGURES] = {
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

struct wording_clock changes_clock(double minutes)
{
    struct wording_clock out;
    const unsigned minute = (unsigned)(minutes + 720.5) % 1440u;
    (void)snprintf(out.text, sizeof out.text, "%02u:%02u", minute / 60u, minute % 60u);
    return out;
}

/* The known values of days [from, to) of the diary, the last one first. Returns how many. */
static uint32_t take(const struct diary *diary, int figure, uint32_t from, uint32_t to, double *values)
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
static double median_of(const double *values, uint32_t n, double least, double *edge)
{
    double sorted[DIARY_DAYS] = {0};
    memcpy(sorted, values, n * sizeof *values);
    quantile_sort(sorted, n);
    const double median = quantile_of(sorted, n, 0.5);
    for (uint32_t i = 0; i < n; i++)
        sorted[i] = sorted[i] < median ? median - sorted[i] : sorted[i] - median;
    quantile_sort(sorted, n);
    const double spread = 1.4826 * quantile_of(sorted, n, 0.5); /* a normal one's standard deviation */
    *edge = EDGE * (spread > least ? spread : least);
    return median;
}

/* Brings the values in from beyond the edge; returns their mean. */
static double mean_of(double *values, uint32_t n, double median, double edge)
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
static double variance_of(const double *values, uint32_t n, double mean, double smallest)
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

int changes_compare(const struct diary *diary, int figure, struct changes_change *out)
{
    double lately[DIARY_DAYS] = {0}, before[DIARY_DAYS] = {0}, edge;
    const double least = changes_figures[figure].least, smallest = least > 0 ? least : changes_figures[figure].share;
    const int apart = diary->n >= LATELY + BETWEEN + REMAIN;
    const uint32_t from = LATELY + (apart ? BETWEEN : 0);
    const uint32_t n = take(diary, figure, 0, LATELY, lately);
    const uint32_t n_before = take(diary, figure, from, DIARY_DAYS, before);
    if (n < LATELY_MIN || n_before < KNOWN_MIN)
        return 0;
    const double median = median_of(before, n_before, smallest, &edge);
    out->before = mean_of(before, n_before, median, edge);
    out->lately = mean_of(lately, n, median, edge);
    out->days = n;
    out->shifted = 0;
    const int more = out->lately > out->before;
    for (uint32_t i = 0; i < n; i++)
        out->shifted += (more ? lately[i] - median : median - lately[i]) >= least / 2;
    const double variance = variance_of(before, n_before, out->before, smallest);
    const double error = quantile_root(variance * (1.0 / n + 1.0 / n_before)) * (1 + 4.0 / n_before);
    out->spread = (out->lately - out->before) / error;
    if (least <= 0) {
        out->lately = quantile_exp(out->lately);
        out->before = quantile_exp(out->before);
    }
    return 1;
}

double changes_limit(double budget)
{
    return quantile_root(2 * quantile_ln(DIRECTIONS / (LATELY * budget)));
}

struct amount {
    char en[48], zh[64];
};

static struct amount amount_of(const struct changes_figure *figure, double value)
{
    struct amount out;
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

void changes_say(const struct gw_host *host, uint32_t kind, const struct changes_figure *figure,
                 const struct changes_change *change, uint64_t date, gw_time now)
{
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    const struct amount lately = amount_of(figure, change->lately), before = amount_of(figure, change->before);
    const int more = change->spread > 0;
    (void)snprintf(en, sizeof en, "%s: %s on average in the last %u days, %s before.",
                   more ? figure->more_en : figure->less_en, lately.en, LATELY, before.en);
    (void)snprintf(zh, sizeof zh, "%s：最近 %u 天平均 %s，此前 %s。", more ? figure->more_zh : figure->less_zh, LATELY,
                   lately.zh, before.zh);
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

int changes_holds(const struct changes_figure *figure, const struct changes_change *change, double limit)
{
    const double by = change->lately - change->before, size = by < 0 ? -by : by;
    const double spread = change->spread < 0 ? -change->spread : change->spread;
    return spread >= limit && size >= figure->least && size >= figure->share * change->before &&
           (by < 0 ? figure->less_en : figure->more_en) != NULL;
}

int changes_is(const struct changes_figure *figure, const struct changes_change *change, double limit)
{
    return changes_holds(figure, change, limit) && (figure->least <= 0 || change->shifted * 7 >= change->days * 5);
}
