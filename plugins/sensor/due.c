/* What time brings: what lasts for too long, and when to look again. */
#include "sensor.h"

#define BATTERY_AFTER     GW_HOUR
#define BOUNCING_OVER     (10 * GW_MINUTE)
#define IMPLAUSIBLE_AFTER (10 * GW_MINUTE)

static gw_time judge_level(struct supervision *all, const struct gw_host *host, uint32_t i, gw_time now)
{
    struct watched *w = &all->sensors[i];
    const int mains = w->kind->is == SENSOR_MAINS;
    if (w->on.id == 0 || w->lost || sensor_is_raised(w, mains ? MAINS : STUCK))
        return 0;
    const gw_time spread =
        all->mains_spread > 0 ? (gw_time)((w->on.origin * UINT64_C(0x9e3779b97f4a7c15)) >> 33) % all->mains_spread : 0;
    const gw_time limit = mains ? (all->mains_after < 0 ? 0 : all->mains_after + spread) : w->kind->longest_on;
    const gw_time due = w->on.at + limit + (mains ? 0 : all->home.gaps - w->on_gaps);
    if (mains ? all->mains_after < 0 : limit == 0)
        return 0;
    if (due > now)
        return due;
    if (!mains && sensor_nobody_heard(all, now))
        return now + SENSOR_SOON;
    sensor_say_lasting(w, host, i, limit);
    return 0;
}

void sensor_judge(struct supervision *all, const struct gw_host *host, uint32_t i, gw_time now)
{
    struct watched *w = &all->sensors[i];
    gw_time due = timing_first(sensor_judge_silence(all, host, i, now), judge_level(all, host, i, now));
    if (w->low.id != 0 && !sensor_is_raised(w, BATTERY)) {
        if (w->low.at + BATTERY_AFTER <= now)
            sensor_say_charge(w, host, i);
        due = timing_first(due, sensor_is_raised(w, BATTERY) ? 0 : w->low.at + BATTERY_AFTER);
    }
    if (w->odd.id != 0 && !sensor_is_raised(w, IMPLAUSIBLE)) {
        if (w->odd.at + IMPLAUSIBLE_AFTER <= now)
            sensor_say_odd(w, host, i);
        due = timing_first(due, sensor_is_raised(w, IMPLAUSIBLE) ? 0 : w->odd.at + IMPLAUSIBLE_AFTER);
    }
    if (sensor_is_raised(w, BOUNCING)) {
        if (w->burst + BOUNCING_OVER <= now)
            sensor_lower(w, host, i, BOUNCING);
        else
            due = timing_first(due, w->burst + BOUNCING_OVER);
    }
    w->due = due;
}

struct gw_wake sensor_judge_everything(struct supervision *all, const struct gw_host *host, gw_time now)
{
    struct gw_wake wake = GW_WAKE_NONE_INIT;
    all->next = sensor_judge_all(all, host, now);
    for (uint32_t i = 0; i < all->n; i++) {
        sensor_judge(all, host, i, now);
        all->next = timing_first(all->next, all->sensors[i].due);
    }
    sensor_tell_health(all, host, now);
    if (all->learned_days * GW_DAY < SENSOR_LEARNED_AFTER)
        all->next = timing_first(all->next, all->began + (all->learned_days + 1) * GW_DAY);
    wake.at = all->next;
    return wake;
}
