/* What routine says: its alerts with their evidence, and how much it knows. (Slow changes: changes.c.) */
#include "changes.h"
#include "quantile.h"
#include "routine.h"
#include "wording.h"

void routine_tell_health(struct routine *routine, const struct gw_host *host)
{
    const struct presence *presence = &routine->presence;
    const int knows = routine->factor[DIARY_LIFE] > 0;
    const uint64_t health = 1u + (unsigned)presence->blind * 2u + (unsigned)knows * 4u + (uint64_t)presence->lost * 8u +
                            (uint64_t)routine->diary.n * 65536u;
    if (health == routine->health)
        return;
    routine->health = health;
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    if (knows) {
        presence_health(&routine->presence, host, NULL, NULL);
        return;
    }
    (void)snprintf(en, sizeof en, "Knows %u days of this home; what is unusual is told from %u on.",
                   (unsigned)routine->diary.n, (unsigned)routine->learn);
    (void)snprintf(zh, sizeof zh, "已了解 %u 天的生活规律，满 %u 天后开始提醒。", (unsigned)routine->diary.n,
                   (unsigned)routine->learn);
    presence_health(&routine->presence, host, en, zh);
}

void routine_lower(struct routine *routine, const struct gw_host *host, int age)
{
    if (routine->raised[age])
        host->clear(host, (uint32_t)age, NULL);
    routine->raised[age] = 0;
}

/* When she usually gets up: nine days of ten, in minutes after noon. 0: not known. */
static int usually_up(const struct diary *diary, double *from, double *to)
{
    double values[DIARY_DAYS] = {0};
    uint32_t n = 0;
    for (uint32_t i = 0; i < diary->n; i++) {
        if (diary->days[i].figure[DIARY_GOT_UP] >= 0 && diary_learns_from(&diary->days[i]))
            values[n++] = (double)diary->days[i].figure[DIARY_GOT_UP];
    }
    quantile_sort(values, n);
    *from = quantile_of(values, n, 0.1);
    *to = quantile_of(values, n, 0.9);
    return n >= 5;
}

/* Is this a morning that does not begin? Then it is told as one. */
static int not_up(const struct routine *routine, const struct gw_host *host, int age, gw_time now, char *en, char *zh)
{
    double from, to;
    struct gw_local local;
    host->local(host, now, &local);
    const double minute = (double)((local.minute + 720) % 1440);
    const double up_for = (double)(now - routine->since[DIARY_UP]) / (double)GW_MINUTE;
    if (age >= DIARY_OUT || !usually_up(&routine->diary, &from, &to) || minute <= to || minute > to + 360 ||
        up_for < minute - from)
        return 0;
    const struct wording_clock at = wording_clock(host, now), a = changes_clock(from), b = changes_clock(to);
    (void)snprintf(en, GW_MAX_TEXT, "Not up at %s; usually up between %s and %s.", at.text, a.text, b.text);
    (void)snprintf(zh, GW_MAX_TEXT, "到 %s 还没有起床；平时在 %s 至 %s 之间起床。", at.text, a.text, b.text);
    return 1;
}

void routine_say_unusual(struct routine *routine, const struct gw_host *host, int age, gw_time now, gw_time usual)
{
    static const char *const what_en[] = {"No sign of life", "Nothing moved outside of the bedroom", "Out",
                                          "Not in bed"};
    static const char *const what_zh[] = {"家中没有任何活动迹象", "卧室以外没有活动", "外出", "不在床上"};
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    const struct gw_reading *why = &routine->seen[age];
    const gw_time since = routine->since[age];
    const struct wording_span span = wording_span(now - since), most = wording_span(usual);
    const struct wording_span limit = wording_span((gw_time)((double)usual * routine->factor[age]));
    const struct wording_clock from = wording_clock(host, since);
    if (!not_up(routine, host, age, now, en, zh)) {
        const int home = age == DIARY_OUT && usual <= 30 * GW_MINUTE, bed = age == DIARY_BED && usual <= GW_HOUR;
        const char *place_en = home ? "at home" : bed ? "in bed" : NULL, *place_zh = home ? "在家" : "在床上";
        (void)snprintf(en, sizeof en, "%s for %s, since %s; at this time of the day usually %s%s.", what_en[age],
                       span.en, from.text, place_en != NULL ? place_en : "not more than ",
                       place_en != NULL ? "" : most.en);
        (void)snprintf(zh, sizeof zh, "自 %s 起%s已 %s；平时这个时候%s%s。", from.text, what_zh[age], span.zh,
                       place_en != NULL ? place_zh : "不超过 ", place_en != NULL ? "" : most.zh);
    }
    const struct gw_condition condition = {
        .size = sizeof condition,
        .kind = (uint32_t)age,
        .episode = why->origin != 0 ? why->origin : why->id,
        .since = since,
        .text_en = en,
        .text_zh = zh,
        .evidence = why,
        .n_evidence = 1,
        .limit = limit.en,
    };
    host->raise(host, &condition);
    routine->raised[age] = 1;
}
