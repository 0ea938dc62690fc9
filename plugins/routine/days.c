/* Slots and days: what is written into the diary, and what is learned from it at noon. */
#include "changes.h"
#include "routine.h"

#define FACTOR_MIN   1.1
#define FIRST_DAYS   3.0           /* without a factor of their own */
#define GAP_MIN      GW_HOUR       /* a shorter gap spoils no day */
#define BATH_LONGEST (3 * GW_HOUR) /* then it was no visit, but the last thing seen */
#define BATH_QUIET   (30 * GW_MINUTE)
#define MOVES_MAX    30u /* of one sensor in a quarter of an hour: more is bouncing */

static const double shares[KINDS] = {0.40, 0.10, 0.15, 0.15, 0.20}; /* of the budget of false alarms */

static void note_bath(struct routine *routine, const struct gw_reading *reading)
{
    struct diary_day *today = &routine->diary.today;
    if (routine->bathroom[reading->sensor]) {
        if (routine->bath_since == 0)
            routine->bath_since = reading->at;
        routine->bath_last = reading->at;
        return;
    }
    if (routine->bath_since == 0)
        return;
    const gw_time end = reading->at - routine->bath_last < BATH_QUIET ? reading->at : routine->bath_last + GW_MINUTE;
    if (end - routine->bath_since <= BATH_LONGEST) {
        today->baths++;
        today->bath_time += end - routine->bath_since;
    }
    routine->bath_since = 0;
}

void routine_note_move(struct routine *routine, const struct gw_reading *reading)
{
    const struct presence *presence = &routine->presence;
    if (presence->muted || presence->out || sensing_plays(&presence->sensing, reading->sensor, PRESENCE_DOORS))
        return;
    note_bath(routine, reading);
    if (!routine->bedroom[reading->sensor] && routine->moves[reading->sensor] < MOVES_MAX) {
        routine->moves[reading->sensor]++;
        routine->diary.today.moves++;
        routine->diary.today.moves_in[routine->slot] += routine->diary.today.moves_in[routine->slot] < UINT8_MAX;
        routine->diary.today.moving += reading->at / (5 * GW_MINUTE) != routine->moving;
        routine->moving = reading->at / (5 * GW_MINUTE);
    }
}

static void look_for_changes(struct routine *routine, const struct gw_host *host, gw_time now)
{
    const double limit = changes_limit(routine->budget * shares[CHANGE]);
    for (int i = 0; i < DIARY_FIGURES; i++) {
        const struct changes_figure *figure = &changes_figures[i];
        struct changes_change change;
        if (!changes_compare(&routine->diary, i, &change))
            change.days = 0;
        const int holds = change.days > 0 && changes_holds(figure, &change, limit / 2);
        if (!routine->changed[i] && change.days > 0 && changes_is(figure, &change, limit)) {
            changes_say(host, CHANGE, figure, &change, routine->diary.days[0].date, now);
            routine->changed[i] = 1;
        } else if (routine->changed[i] && !holds) {
            host->clear(host, CHANGE, figure->key);
            routine->changed[i] = 0;
        }
    }
}

static void end_slot(struct routine *routine, const struct gw_host *host, gw_time at, uint32_t slot)
{
    struct diary_day *today = &routine->diary.today;
    const struct presence *presence = &routine->presence;
    routine_lasting(routine, at);
    today->slot[slot] =
        (uint8_t)(!presence->muted && !presence->blind
                      ? DIARY_SEEN | (routine->was_up ? DIARY_WAS_UP : 0) | (presence->out ? DIARY_WAS_OUT : 0)
                      : 0);
    routine->was_up = 0;
    memset(routine->moves, 0, sizeof routine->moves);
    for (int age = 0; age < DIARY_AGES; age++) {
        const gw_time units = routine_age_at(routine, age, at) / DIARY_UNIT;
        if (!routine_is_known(routine, age))
            continue;
        today->age[age][slot] = (uint8_t)(units < (gw_time)DIARY_AGE_MAX ? units : (gw_time)DIARY_AGE_MAX);
        routine_judge(routine, host, age, at, slot);
    }
}

static void close_day(struct routine *routine, const struct gw_host *host, gw_time now)
{
    struct diary *diary = &routine->diary;
    struct gw_local local;
    host->local(host, now, &local);
    if (diary->today.alarmed & DIARY_GAP)
        for (int age = 0; age < DIARY_AGES; age++)
            diary->today.highest[age] = -1;
    diary_close(diary, &local);
    const uint32_t least = routine->learn > FIRST_DAYS ? routine->learn - (uint32_t)FIRST_DAYS : 1;
    for (int age = 0; age < DIARY_AGES; age++) {
        const double factor = diary_threshold(diary, age, routine->budget * shares[age], least);
        routine->factor[age] = factor > 0 && factor < FACTOR_MIN ? FACTOR_MIN : factor;
    }
    routine->closed_at = now;
    look_for_changes(routine, host, now);
    routine_tell_health(routine, host);
}

static void begin_slot(struct routine *routine, const struct gw_host *host, gw_time at)
{
    struct gw_local local;
    host->local(host, at, &local);
    routine->slot = diary_slot_of(&local);
    routine->boundary =
        at + DIARY_SLOT - (local.minute % 15 * 60 + (local.second < 60 ? local.second : 59)) * GW_SECOND;
}

/* Did noon pass between two slots? A step back of an hour or two is the end of summer time, or a clock put right. */
static int is_noon(const struct routine *routine, uint32_t before, gw_time now)
{
    return routine->slot + 8 < before || now - routine->closed_at >= 26 * GW_HOUR;
}

void routine_begin(struct routine *routine, const struct gw_host *host, const struct gw_reading *reading)
{
    struct gw_local local;
    host->local(host, reading->at, &local);
    begin_slot(routine, host, reading->at);
    diary_begin(&routine->diary.today, &local);
    routine->diary.today.alarmed = DIARY_GAP; /* the first day is not whole */
    routine->closed_at = reading->at;
    for (int age = 0; age < DIARY_AGES; age++)
        routine_from_now(routine, age, reading, reading->at);
}

void routine_end_slots(struct routine *routine, const struct gw_host *host, gw_time now)
{
    while (routine->boundary <= now) {
        const gw_time at = routine->boundary;
        const uint32_t slot = routine->slot;
        end_slot(routine, host, at, slot);
        begin_slot(routine, host, at);
        if (is_noon(routine, slot, at))
            close_day(routine, host, at);
    }
}

gw_time routine_gap(struct routine *routine, const struct gw_host *host, const struct gw_reading *reading)
{
    const gw_time now = reading->at;
    const gw_time length = reading->value < 0 ? 0 : reading->value < (double)now ? (gw_time)reading->value : now;
    routine_end_slots(routine, host, now - length);
    for (int age = 0; age < DIARY_AGES; age++) {
        routine->since[age] += age == DIARY_OUT ? 0 : length;
        routine->since[age] = routine->since[age] > now ? now : routine->since[age];
    }
    if (length >= GAP_MIN)
        routine->diary.today.alarmed |= DIARY_GAP;
    const uint32_t before = routine->slot;
    begin_slot(routine, host, now);
    if (is_noon(routine, before, now)) {
        close_day(routine, host, now);
        routine->diary.today.alarmed |= length >= GAP_MIN ? DIARY_GAP : 0;
    }
    return now - length;
}
