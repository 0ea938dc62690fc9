/* plan.h - a week's plan as text: "Mon-Fri 08:00 18:00, Sat 09:30". Pure helper, header only, for the visit plugin.
 *
 *   plan = item { ("," | ";") item }      item = { day | day "-" day } time { time }      no day: every day
 *
 * Days are Mon Tue Wed Thu Fri Sat Sun, "daily" is all of them; upper and lower case are the same. A range may pass
 * Sunday ("Sat-Mon"). */
#ifndef PLUGINS_PLAN_H
#define PLUGINS_PLAN_H

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define PLAN_MAX  32
#define PLAN_DAYS 0xfeu /* bit 1 Monday .. bit 7 Sunday */

struct plan_slot {
    uint8_t days;
    int32_t minute; /* of the day */
};

struct plan {
    struct plan_slot slots[PLAN_MAX];
    uint32_t n;
};

/* 1 Monday .. 7 Sunday; 0: no day. */
static inline uint32_t plan_day(const char *word, size_t n)
{
    static const char *const names[] = {"", "mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    for (uint32_t day = 1; day <= 7 && n == 3; day++) {
        size_t same = 0;
        while (same < 3 && tolower((unsigned char)word[same]) == names[day][same])
            same++;
        if (same == 3)
            return day;
    }
    return 0;
}

/* Days of a word, as bits; 0: it names none. */
static inline uint8_t plan_days(const char *word)
{
    const char *dash = strchr(word, '-');
    const uint32_t first = plan_day(word, dash != NULL ? (size_t)(dash - word) : strlen(word));
    uint32_t last = dash != NULL ? plan_day(dash + 1, strlen(dash + 1)) : first;
    if (strlen(word) == 5 && tolower((unsigned char)word[0]) == 'd' && strcmp(word + 1, "aily") == 0)
        return PLAN_DAYS;
    if (first == 0 || last == 0)
        return 0;
    uint8_t days = 0;
    for (uint32_t day = first;; day = day % 7 + 1) {
        days |= (uint8_t)(1u << day);
        if (day == last)
            return days;
    }
}

/* "8:00", "08:30" as minute of the day; -1: no time. */
static inline int32_t plan_time(const char *word)
{
    const size_t n = strlen(word);
    const char *colon = strchr(word, ':');
    if (colon == NULL || colon == word || colon - word > 2 || word + n - colon != 3)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (word + i != colon && !isdigit((unsigned char)word[i]))
            return -1;
    }
    const int32_t hour = colon - word == 2 ? (word[0] - '0') * 10 + word[1] - '0' : word[0] - '0';
    const int32_t minute = (colon[1] - '0') * 10 + colon[2] - '0';
    return hour < 24 && minute < 60 ? hour * 60 + minute : -1;
}

/* One word of an item. days: those of the item so far, 0 none; timed: a time was said. -1: wrong, why in error. */
static inline int plan_word(struct plan *plan, const char *word, uint8_t *days, int *timed, char *error, size_t size)
{
    const uint8_t more = plan_days(word);
    const int32_t minute = plan_time(word);
    if (more != 0 && !*timed) {
        *days |= more;
        return 0;
    }
    if (minute < 0) {
        (void)snprintf(error, size, "\"%.40s\" is %s; write it like \"Mon-Fri 08:00, Sat 09:30\"", word,
                       more != 0 ? "a day after a time (begin a new item with a comma)" : "no day and no time");
        return -1;
    }
    if (plan->n == PLAN_MAX) {
        (void)snprintf(error, size, "more than %d times in the plan", PLAN_MAX);
        return -1;
    }
    plan->slots[plan->n].days = *days != 0 ? *days : (uint8_t)PLAN_DAYS;
    plan->slots[plan->n++].minute = minute;
    *timed = 1;
    return 0;
}

/* 0, or -1 with the reason in error (English, names the word). An empty text is an empty plan. */
static inline int plan_parse(struct plan *plan, const char *text, char *error, size_t size)
{
    char word[48];
    size_t n = 0;
    uint8_t days = 0;
    int timed = 0;
    plan->n = 0;
    for (const char *c = text;; c++) {
        const int comma = *c == ',' || *c == ';' || *c == '\0';
        if (!comma && *c != ' ' && *c != '\t') {
            if (n + 1 < sizeof word)
                word[n++] = *c;
            continue;
        }
        word[n] = '\0';
        if (n > 0 && plan_word(plan, word, &days, &timed, error, size) != 0)
            return -1;
        n = 0;
        if (comma && days != 0 && !timed) {
            (void)snprintf(error, size, "days without a time; write it like \"Mon-Fri 08:00, Sat 09:30\"");
            return -1;
        }
        if (comma)
            days = 0, timed = 0;
        if (*c == '\0')
            return 0;
    }
}

#endif
