/* What is unusual: the ages against what the diary knows of this time of the day. */
#include "routine.h"
#include "timing.h"

#define AGE_MIN     (60 * GW_MINUTE) /* nothing shorter is told */
#define FACTOR_KEPT 1.5              /* an alarm raises the next factor by no more than this */

/* The usual age in a slot of today; 0: not known yet. By night an hour's grace: who comes home or goes to bed later
 * than ever before by a quarter of an hour only is no alarm. */
static gw_time usual_at(const struct routine *routine, int age, uint32_t slot)
{
    const struct diary *diary = &routine->diary;
    const uint32_t grace = age >= DIARY_OUT && diary_by_night(slot) ? 4 : 0;
    uint8_t usual = 0;
    for (uint32_t from = slot < grace ? 0 : slot - grace; diary->n > 0 && from <= slot; from++) {
        const uint8_t here = diary->usual[age][diary_weekend(&diary->today, from)][from];
        if (here == DIARY_UNKNOWN)
            return 0;
        usual = here > usual ? here : usual;
    }
    return diary->n == 0 ? 0 : (usual + 1) * DIARY_UNIT; /* ages are rounded down */
}

void routine_judge(struct routine *routine, const struct gw_host *host, int age, gw_time at, uint32_t slot)
{
    struct diary_day *today = &routine->diary.today;
    const gw_time length = routine_age_at(routine, age, at), usual = usual_at(routine, age, slot);
    if (usual == 0)
        return;
    const double limit = routine->factor[age];
    double reached = (double)length / (double)usual;
    /* One morning slept in is sixteen times the usual, and must not blind it for weeks to the next. */
    static const double most[DIARY_AGES] = {4, 4, 100, 16};
    if (limit > 0 && reached > limit && length >= AGE_MIN) {
        if (!routine->raised[age] && !((age == DIARY_UP || age == DIARY_BED) && routine->raised[DIARY_LIFE]))
            routine_say_unusual(routine, host, age, at, usual);
        today->alarmed |= DIARY_ALARM;
    }
    if (limit > 0 && reached > limit * FACTOR_KEPT)
        reached = limit * FACTOR_KEPT;
    if (reached > most[age])
        reached = most[age];
    if (reached > (double)today->highest[age])
        today->highest[age] = (float)reached;
}

/* The end of the slot in which the next limit may be passed, should nothing happen until then. */
static gw_time next_limit(const struct routine *routine, gw_time now)
{
    for (uint32_t ahead = 0; ahead < DIARY_SLOTS - routine->slot; ahead++) {
        const uint32_t slot = routine->slot + ahead;
        const gw_time at = routine->boundary + ahead * DIARY_SLOT;
        for (int age = 0; age < DIARY_AGES; age++) {
            const gw_time usual = usual_at(routine, age, slot);
            if (usual > 0 && routine->factor[age] > 0 && !routine->raised[age] && routine_is_known(routine, age) &&
                (double)routine_age_at(routine, age, at) > routine->factor[age] * (double)usual && at > now)
                return at;
        }
    }
    return routine->boundary + (DIARY_SLOTS - 1 - routine->slot) * DIARY_SLOT; /* noon */
}

struct gw_wake routine_next(struct routine *routine, gw_time now, int anew)
{
    struct gw_wake wake = GW_WAKE_NONE_INIT;
    if (routine->boundary == 0)
        return wake;
    if (anew || routine->wake <= now)
        routine->wake = next_limit(routine, now);
    wake.at = presence_wake(&routine->presence, now);
    wake.at = timing_first(wake.at, routine->wake);
    return wake;
}
