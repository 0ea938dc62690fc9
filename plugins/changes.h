/* changes.h - slow changes of a day's figures, and how they are told. Pure helpers, header only, for the routine
 * plugin. */
#ifndef PLUGINS_CHANGES_H
#define PLUGINS_CHANGES_H

#include "diary.h"
#include "wording.h"

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
    enum { CHANGES_CLOCK, CHANGES_NIGHTLY, CHANGES_MOVES, CHANGES_MINUTES, CHANGES_SPAN, CHANGES_PERCENT } unit;
    double least, share; /* a smaller change is none: so much, and such a part of what was before */
} changes_figures[DIARY_FIGURES] = {
    [DIARY_GOT_UP] = {"got-up", "Gets up earlier", "起床变早", "Gets up later", "起床变晚", CHANGES_CLOCK, 45, 0},
    [DIARY_TO_BED] = {"to-bed", "Goes to bed earlier", "就寝变早", "Goes to bed later", "就寝变晚", CHANGES_CLOCK, 30,
                      0},
    [DIARY_TRIPS] = {"night-trips", NULL, NULL, "More trips at night", "夜间起床次数增多", CHANGES_NIGHTLY, 1, 0},
    [DIARY_BUSY] = {"busy", "Moves about less of the day", "白天有活动的时间减少", NULL, NULL, CHANGES_PERCENT, 5, 0.1},
    [DIARY_MOVES] = {"movement", "Moves less while up", "活动时动作减少", NULL, NULL, CHANGES_MOVES, 0, 0.1},
    [DIARY_BATH] = {"bathroom", NULL, NULL, "Longer visits to the bathroom", "在浴室停留时间变长", CHANGES_MINUTES, 3,
                    0.3},
    [DIARY_OUTSIDE] = {"outside", "Less time outside", "外出时间减少", NULL, NULL, CHANGES_SPAN, 30, 0.25},
};

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
                                               [CHANGES_PERCENT] = " % of the time"};
        static const char *const after_zh[] = {[CHANGES_NIGHTLY] = " 次/夜",
                                               [CHANGES_MOVES] = " 次/5 分钟",
                                               [CHANGES_MINUTES] = " 分钟",
                                               [CHANGES_PERCENT] = "% 的时间"};
        const int digits = figure->unit == CHANGES_NIGHTLY || figure->unit == CHANGES_MOVES;
        (void)snprintf(out.en, sizeof out.en, "%.*f%s", digits, value, after_en[figure->unit]);
        (void)snprintf(out.zh, sizeof out.zh, "%.*f%s", digits, value, after_zh[figure->unit]);
    }
    return out;
}

/* Raise it as a condition of this kind; the figure's key tells it from the others. */
static inline void changes_say(const struct gw_host *host, uint32_t kind, const struct changes_figure *figure,
                               const struct diary_change *change, uint32_t days, uint64_t date, gw_time now)
{
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    const struct changes_amount lately = changes_amount(figure, change->lately),
                                before = changes_amount(figure, change->before);
    const int more = change->spread > 0;
    (void)snprintf(en, sizeof en, "%s: %s on average in the last %u days, %s before.",
                   more ? figure->more_en : figure->less_en, lately.en, (unsigned)days, before.en);
    (void)snprintf(zh, sizeof zh, "%s：最近 %u 天平均 %s，此前 %s。", more ? figure->more_zh : figure->less_zh,
                   (unsigned)days, lately.zh, before.zh);
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
static inline int changes_is(const struct changes_figure *figure, const struct diary_change *change, double limit)
{
    const double by = change->lately - change->before, size = by < 0 ? -by : by;
    const double spread = change->spread < 0 ? -change->spread : change->spread;
    return spread >= limit && size >= figure->least && size >= figure->share * change->before &&
           (by < 0 ? figure->less_en : figure->more_en) != NULL;
}

#endif
