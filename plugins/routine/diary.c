/* A day's figures, and what is usual. */
#include "diary.h"

#include <string.h>

#include "quantile.h"

#define EVENING   24u /* slot of 18:00: the night is looked for from here */
#define NIGHT     12u /* slots: a shorter rest is no night */
#define AWAKE     8u  /* slots: of fewer at home and up, and of fewer movements, nothing is concluded */
#define MOVES_MIN 8u
#define DAY_MIN   92u /* slots that must have been seen, or the day's figures are not used */

void diary_begin(struct diary_day *day, const struct gw_local *local)
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

/* ---- a day's figures ------------------------------------------------------------------------------------------- */

/* The night: the stretch with the most rest and the least of being up. slots [*from, *to); 0: none. */
static int find_night(const struct diary_day *day, uint32_t *from, uint32_t *to)
{
    int best = 0, sum = 0;
    uint32_t start = EVENING;
    for (uint32_t slot = EVENING; slot < DIARY_SLOTS; slot++) {
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
    return best >= (int)NIGHT;
}

static void note_figures(struct diary_day *day)
{
    uint32_t from = 0, to = 0, seen = 0, awake = 0, moves = 0, outside = 0, trips = 0;
    for (uint32_t slot = 0; slot < DIARY_SLOTS; slot++) {
        seen += (day->slot[slot] & DIARY_SEEN) != 0;
        outside += (day->slot[slot] & DIARY_WAS_OUT) != 0;
    }
    if (seen < DAY_MIN)
        return;
    const int night = find_night(day, &from, &to);
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
    if (awake >= AWAKE && moves >= MOVES_MIN)
        day->figure[DIARY_PACE] = (float)moves * 4 / (float)awake;
    if (day->moving >= 24)
        day->figure[DIARY_MOVES] = (float)day->moves / (float)day->moving;
    if (day->baths > 0)
        day->figure[DIARY_BATH] = (float)((double)day->bath_time / (double)GW_MINUTE) / (float)day->baths;
    day->figure[DIARY_OUTSIDE] = (float)(outside * 15);
}

/* ---- what is usual --------------------------------------------------------------------------------------------- */

/* The day's highest age about a slot; < 0: unknown. */
static double age_about(const struct diary_day *day, int age, uint32_t slot)
{
    double most = -1;
    for (uint32_t near = slot == 0 ? 0 : slot - 1; near <= slot + 1 && near < DIARY_SLOTS; near++) {
        if (day->age[age][near] != DIARY_UNKNOWN && day->age[age][near] > most)
            most = day->age[age][near];
    }
    return most;
}

/* Mean of the longest tenth of the ages, of two at least, over the days (weekend: 0, 1; -1: all); < 0: too few. */
static double longest_usual(const struct diary *diary, int age, int weekend, uint32_t slot, uint32_t *n)
{
    double ages[DIARY_DAYS] = {0}, sum = 0;
    *n = 0;
    for (uint32_t i = 0; i < diary->n; i++) {
        const struct diary_day *day = &diary->days[i];
        if (!diary_learns_from(day) || (weekend >= 0 && diary_weekend(day, slot) != weekend))
            continue;
        const double about = age_about(day, age, slot);
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

static uint8_t rounded(double age)
{
    const uint32_t halves = (uint32_t)(age * 2);
    return (uint8_t)((halves + 1) / 2);
}

/* The longest that she is usually out by day, whenever she goes: people go out at all hours. In units. */
static uint8_t longest_out(const struct diary *diary)
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
    return top == 0 ? 0 : rounded(sum / top);
}

static void learn(struct diary *diary)
{
    const uint8_t out = longest_out(diary);
    for (int age = 0; age < DIARY_AGES; age++) {
        for (uint32_t slot = 0; slot < DIARY_SLOTS; slot++) {
            uint32_t n, n_class;
            const double all = longest_usual(diary, age, -1, slot, &n);
            for (int weekend = 0; weekend < 2; weekend++) {
                double usual = longest_usual(diary, age, weekend, slot, &n_class);
                if (usual < 0)
                    n_class = 0;
                /* few Saturdays are known: lean on all days as if on five more */
                usual = ((usual < 0 ? 0 : usual) * n_class + all * 5) / (n_class + 5);
                usual = usual < 2 ? 2 : usual; /* up to half an hour */
                if (age == DIARY_OUT && !diary_by_night(slot) && usual < out)
                    usual = out;
                diary->usual[age][weekend][slot] = n < 3 ? DIARY_UNKNOWN : rounded(usual);
            }
        }
    }
}

/* What alarms on three days of a week is no alarm but a new habit: learn from it after all. */
static void accept_habit(struct diary *diary)
{
    uint32_t alarmed = 0;
    for (uint32_t i = 0; i < 7 && i < diary->n; i++)
        alarmed += diary->days[i].alarmed == DIARY_ALARM;
    for (uint32_t i = 0; alarmed >= 3 && i < 7 && i < diary->n; i++)
        diary->days[i].alarmed &= (uint8_t)~DIARY_ALARM;
}

void diary_close(struct diary *diary, const struct gw_local *local)
{
    diary->today.date = GW_EPISODE_DATE(*local);
    note_figures(&diary->today);
    memmove(diary->days + 1, diary->days, (DIARY_DAYS - 1) * sizeof *diary->days);
    diary->days[0] = diary->today;
    if (diary->n < DIARY_DAYS)
        diary->n++;
    accept_habit(diary);
    learn(diary);
    diary_begin(&diary->today, local);
}

double diary_threshold(const struct diary *diary, int age, double rate, uint32_t least)
{
    double highest[DIARY_DAYS] = {0};
    uint32_t n = 0;
    for (uint32_t i = 0; i < diary->n; i++) {
        if (diary->days[i].highest[age] >= 0)
            highest[n++] = (double)diary->days[i].highest[age];
    }
    return n < least ? 0 : quantile_rare(highest, n, rate);
}
