#include "rules.h"

#include <string.h>

enum rule_verdict rules_raised(const struct alert *known, int64_t ended, int64_t told_at,
                               const struct frame_condition *condition, bool momentary, int64_t now)
{
    if (!known)
        return RULE_NEW;
    if (momentary) {
        if (known->episode == condition->episode)
            return RULE_NOTHING; /* the ring gave its reading again, under a new id */
        /* Pressed again while nobody has taken it: the same alert, counted. */
        return known->flags & ALERT_ACKED ? RULE_NEW : RULE_COUNT;
    }
    if (ended)
        return now - ended > REOPEN_WINDOW ? RULE_NEW : RULE_AGAIN;
    bool news = strcmp(known->text_en, condition->text_en) != 0 || strcmp(known->limit, condition->limit) != 0;
    return news && now - told_at >= REPEAT_LOGGED ? RULE_AGAIN : RULE_NOTHING;
}

bool rules_over(const struct alert *alert)
{
    return alert->state == ALERT_CLOSED || alert->state == ALERT_CANCELLED;
}

int64_t rules_closes_at(const struct alert *alert, int64_t ended, int64_t told_at)
{
    if (rules_over(alert))
        return INT64_MAX;
    if (alert->flags & ALERT_TEST)
        return told_at + REOPEN_WINDOW;
    if (alert->flags & ALERT_MOMENTARY && alert->class_ != GW_EMERGENCY)
        return told_at + ACKED_CLOSE;
    if (!ended)
        return INT64_MAX;
    if (alert->flags & ALERT_MOMENTARY)
        return ended + ACKED_CLOSE;
    if (alert->class_ == GW_EMERGENCY && !(alert->flags & ALERT_ACKED))
        return INT64_MAX;
    return ended + REOPEN_WINDOW;
}

bool rules_level_is_news(bool same, int64_t logged, int64_t at)
{
    return !same || at - logged >= REPEAT_LOGGED;
}

bool rules_beat_is_news(int64_t told, int64_t at)
{
    return at - told >= BEAT_LOGGED;
}
