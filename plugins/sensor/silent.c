/* Silence: of one sensor, by what is usual for it, and of all. */
#include "sensor.h"

#define TOGETHER        GW_HOUR
#define BEATS           3u /* so many beats: it speaks by itself */
#define BEATS_OF_PEOPLE 8u /* of what people move, where chance may look like it */

/* Does it speak by itself, or only when people move? */
static int speaks(const struct watched *w)
{
    return w->beats >= (w->kind->people ? BEATS_OF_PEOPLE : BEATS);
}

static const struct silence *measure(const struct watched *w)
{
    return speaks(w) ? &w->by_clock : &w->by_people;
}

/* Silent for longer than this is too long; 0: nobody can say. */
static gw_time silent_limit(const struct watched *w)
{
    if (w->last.id == 0)
        return w->kind->never_heard;
    if (speaks(w))
        return silence_limit(&w->by_clock, 1, w->has_battery || w->kind->urgent ? 25 * GW_HOUR : 4 * GW_HOUR,
                             w->kind->urgent ? 25 * GW_HOUR : 3 * GW_DAY);
    return w->kind->people ? silence_limit(&w->by_people, 2, w->kind->seldom, 14 * GW_DAY) : 0;
}

int sensor_nobody_heard(const struct supervision *all, gw_time now)
{
    return all->n >= SILENCE_COMPANY && now - all->home.last_any > TOGETHER;
}

gw_time sensor_judge_silence(struct supervision *all, const struct gw_host *host, uint32_t i, gw_time now)
{
    struct watched *w = &all->sensors[i];
    const gw_time limit = silent_limit(w);
    const int people = !speaks(w) && w->kind->people;
    if (limit == 0 || w->lost || all->all_silent || sensor_is_raised(w, SILENT) || sensor_is_raised(w, STUCK))
        return 0; /* or it is told already */
    const gw_time silent = silence_for(measure(w), &all->home, now, people);
    if (silent >= limit && sensor_nobody_heard(all, now) && all->home.last_any - w->last.at < TOGETHER)
        return now + SENSOR_SOON; /* they fell silent together: not its fault alone */
    if (silent >= limit) {
        sensor_say_silent(w, host, i, measure(w), limit);
        return 0;
    }
    if (people && silence_is_still(&all->home, now))
        return 0; /* the time stands still until somebody moves */
    return now + (limit - silent > SENSOR_SOON ? limit - silent : SENSOR_SOON);
}

/* For how long all may be silent: by the one that speaks most often. Where no two speak by themselves, an empty home,
 * or one asleep, is silent too. */
static gw_time all_limit(const struct supervision *all, uint32_t *speaking)
{
    gw_time shortest = 0;
    uint32_t n = 0;
    for (uint32_t i = 0; i < all->n; i++) {
        const struct watched *w = &all->sensors[i];
        if (!speaks(w) || sensor_is_raised(w, SILENT) || w->lost || silence_usual(&w->by_clock) == 0)
            continue;
        shortest = timing_first(shortest, silent_limit(w));
        n++;
    }
    const gw_time least = all->all_after >= 0 ? all->all_after : SILENCE_ALL_QUIET;
    *speaking = n;
    if (n < 2)
        return 4 * least;
    return shortest > least ? shortest : least;
}

gw_time sensor_judge_all(struct supervision *all, const struct gw_host *host, gw_time now)
{
    uint32_t speaking = 0;
    const gw_time limit = all_limit(all, &speaking);
    const int any_speaks = speaking >= 2;
    all->home.all_quiet = speaking > 0 && limit > SILENCE_ALL_QUIET ? limit : SILENCE_ALL_QUIET;
    if (all->n < SILENCE_COMPANY || all->home.last_any == 0 || all->all_after < 0 || all->all_silent ||
        (all->home.away_since != 0 && !any_speaks))
        return 0;
    if (all->home.last_any + limit > now)
        return all->home.last_any + limit;
    all->all_silent = 1;
    sensor_say_all_silent(all, host, limit, any_speaks);
    return 0;
}
