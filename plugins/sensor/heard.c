/* What sensors say: levels, figures, batteries, and whether they speak by themselves. */
#include <string.h>

#include "sensor.h"

#define BATTERY_BACK   10.0
#define ELSEWHERE_MIN  3u
#define ELSEWHERE_OVER (30 * GW_MINUTE)
#define BESIDE         GW_MINUTE /* said so soon before or after a change belongs to it */

void sensor_battery(struct supervision *all, struct watched *w, const struct gw_host *host,
                    const struct gw_reading *reading)
{
    w->has_battery = 1;
    if (reading->type == GW_BATTERY_LOW)
        w->says_low = reading->value != 0;
    else if (reading->value <= all->battery_low && w->low.id == 0)
        w->low = *reading;
    else if (reading->value >= all->battery_low + BATTERY_BACK)
        w->low.id = 0;
    if (w->says_low)
        sensor_say_low(w, host, reading);
    else if (w->low.id == 0)
        sensor_lower(w, host, reading->sensor, BATTERY);
}

static void count_change(struct supervision *all, struct watched *w, const struct gw_host *host,
                         const struct gw_reading *reading)
{
    if (w->minute == 0 || reading->at - w->minute >= GW_MINUTE) {
        w->minute = reading->at;
        w->changes = 0;
    }
    w->changes++;
    if (w->changes >= all->bouncing / 2)
        w->burst = reading->at;
    if (w->changes > all->bouncing && w->kind->is != SENSOR_SHAKES)
        sensor_say_bouncing(w, host, reading, all->bouncing);
}

/* Somebody moved, or came in: what that says of the beds. */
static void look_at_beds(struct supervision *all, const struct gw_host *host, const struct gw_reading *reading)
{
    const struct watched *mover = &all->sensors[reading->sensor];
    const char *room = host->sensor_room(host, reading->sensor);
    const int way_in = all->has_front_door ? mover->is_door : mover->kind->is == SENSOR_CONTACT;
    for (uint32_t i = 0; i < all->n; i++) {
        struct watched *bed = &all->sensors[i];
        if (bed->kind->is != SENSOR_BED || bed->on.id == 0 || bed->lost || all->persons != 1)
            continue;
        if (way_in) {
            bed->elsewheres = UINT32_MAX; /* nothing more to be known until she gets up */
        } else if (bed->elsewheres != UINT32_MAX && reading->value != 0 && mover->kind->moves &&
                   strcmp(room, host->sensor_room(host, i)) != 0) {
            if (bed->elsewheres++ == 0)
                bed->elsewhere = *reading;
            if (bed->elsewheres >= ELSEWHERE_MIN && reading->at - bed->elsewhere.at >= ELSEWHERE_OVER)
                sensor_say_hanging(bed, host, i);
        }
    }
}

static void change(struct supervision *all, struct watched *w, const struct gw_host *host,
                   const struct gw_reading *reading)
{
    const int on = reading->value != 0, initial = (reading->flags & (GW_INITIAL | GW_RETAINED)) != 0;
    const int is_on = w->kind->is == SENSOR_MAINS ? !on : on; /* of mains it is the absence that lasts */
    w->on.id = 0;
    if (is_on) {
        w->on = *reading;
        w->on_gaps = all->home.gaps;
        w->elsewheres = initial ? UINT32_MAX : 0;
    } else {
        sensor_lower(w, host, reading->sensor, STUCK);
        sensor_lower(w, host, reading->sensor, MAINS);
        sensor_lower(w, host, reading->sensor, IMPLAUSIBLE);
    }
    if (!initial)
        count_change(all, w, host, reading);
    if (!initial && w->kind->people)
        look_at_beds(all, host, reading);
}

/* A figure. What is odd for a moment is a bad measurement, for long a bad sensor. */
static void figure(struct watched *w, const struct gw_host *host, const struct gw_reading *reading)
{
    const int odd = reading->value < w->kind->lowest || reading->value > w->kind->highest;
    if (odd && w->odd.id == 0)
        w->odd = *reading;
    if (odd)
        return;
    w->odd.id = 0;
    sensor_lower(w, host, reading->sensor, IMPLAUSIBLE);
}

void sensor_value(struct supervision *all, struct watched *w, const struct gw_host *host,
                  const struct gw_reading *reading)
{
    const int changed = !w->has_level || w->level != (float)reading->value;
    w->has_level = 1;
    w->level = (float)reading->value;
    if (w->kind->figure)
        figure(w, host, reading);
    else if (changed)
        change(all, w, host, reading);
}

static int is_change(const struct watched *w, const struct gw_reading *reading)
{
    return reading->type == GW_EVENT || reading->type == GW_TAMPER ||
           (reading->type == GW_VALUE && !w->kind->figure && (!w->has_level || w->level != (float)reading->value));
}

/* What is no change may be a beat of its own. But link and battery come with every change, before or after it, and a
 * movement sensor repeats itself while people move: only what is said at rest and for itself counts. */
static void count_beat(struct watched *w, const struct gw_reading *reading)
{
    const gw_time at = reading->at;
    if (w->beat != 0 && at - w->beat >= BESIDE)
        w->beats++;
    if (is_change(w, reading)) {
        w->changed = at;
        w->beat = 0;
    } else if (w->beat == 0 || at - w->beat >= BESIDE) {
        const int rests = !w->kind->people || w->level == 0;
        w->beat = rests && (w->changed == 0 || at - w->changed >= BESIDE) ? at : 0;
    }
}

void sensor_heard(struct supervision *all, struct watched *w, const struct gw_host *host,
                  const struct gw_reading *reading)
{
    silence_any(&all->home, reading->at);
    if (w->kind->people && is_change(w, reading))
        silence_people(&all->home, reading->at);
    if (all->all_silent)
        host->clear(host, ALL_SILENT, NULL);
    all->all_silent = 0;
    sensor_lower(w, host, reading->sensor, SILENT);
    if (reading->type != GW_AVAILABILITY)
        count_beat(w, reading);
    silence_heard(&w->by_clock, &all->home, reading->at, 0);
    silence_heard(&w->by_people, &all->home, reading->at, 1);
    w->last = *reading;
}
