/* The ages: how long ago a sign of life was, one outside of the bedroom, the way out, leaving the bed. */
#include "routine.h"

static int at_night(const struct gw_host *host, gw_time at)
{
    struct gw_local local;
    host->local(host, at, &local);
    return diary_by_night(diary_slot_of(&local));
}

void routine_heed(struct routine *routine, const struct gw_host *host, unsigned changes,
                  const struct gw_reading *reading)
{
    const int up = reading->sensor >= SENSING_MAX || !routine->bedroom[reading->sensor];
    const int anew = (changes & (PRESENCE_BACK | PRESENCE_ANEW)) != 0;
    if (anew || (changes & (PRESENCE_SIGN | PRESENCE_DOOR)) != 0) {
        routine_from_now(routine, DIARY_LIFE, reading, reading->at);
        routine_lower(routine, host, DIARY_LIFE);
    }
    if (anew || ((changes & (PRESENCE_SIGN | PRESENCE_DOOR)) != 0 && up)) {
        routine_from_now(routine, DIARY_UP, reading, reading->at);
        routine->was_up |= (changes & PRESENCE_ANEW) == 0;
        routine_lower(routine, host, DIARY_UP);
    }
    if (anew) {
        routine_lower(routine, host, DIARY_OUT);
        routine_lower(routine, host, DIARY_BED);
        routine_from_now(routine, DIARY_BED, reading, reading->at); /* the time out counts for nothing */
    }
    if ((changes & PRESENCE_WENT) != 0 && routine->presence.perhaps && at_night(host, routine->presence.went.at))
        (void)presence_back(&routine->presence); /* by night the last sign in the hall is the way to bed */
    else if ((changes & PRESENCE_WENT) != 0)
        routine_from_now(routine, DIARY_OUT, &routine->presence.went, routine->presence.went.at);
}

void routine_heed_bed(struct routine *routine, const struct gw_host *host, const struct gw_reading *reading)
{
    routine_from_now(routine, DIARY_BED, reading, reading->at);
    if (presence_in_bed(&routine->presence, reading->at))
        routine_lower(routine, host, DIARY_BED);
}

/* A level lasts that is a sign of life all the time; up: outside of the bedroom. */
static int lasts(const struct routine *routine, gw_time now, int up)
{
    const struct presence *presence = &routine->presence;
    for (uint32_t i = 0; i < presence->sensing.n; i++) {
        const gw_time on = now - presence->on_at[i];
        if (presence_is_level(presence, i) && on >= PRESENCE_HELD && on < PRESENCE_STUCK &&
            !(up && routine->bedroom[i]))
            return 1;
    }
    return 0;
}

void routine_lasting(struct routine *routine, gw_time at)
{
    const struct presence *presence = &routine->presence;
    for (int up = 0; up < 2; up++) {
        if (!presence->out && lasts(routine, at, up)) {
            routine->since[up ? DIARY_UP : DIARY_LIFE] = at;
            routine->was_up |= up;
        }
    }
    if (presence_in_bed(presence, at))
        routine->since[DIARY_BED] = at;
}

int routine_is_known(const struct routine *routine, int age)
{
    const struct presence *presence = &routine->presence;
    if (presence->muted || presence->blind)
        return 0;
    if (age == DIARY_OUT)
        return presence_knows_out(presence);
    if (age == DIARY_BED && routine->beds == 0)
        return 0;
    return !presence->out && routine->seen[age].id != 0;
}
