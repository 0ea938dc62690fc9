/* routine.h - the state of the routine plugin, and what its files ask of each other. How it decides: see routine.c. */
#ifndef PLUGINS_ROUTINE_H
#define PLUGINS_ROUTINE_H

#include "diary.h"
#include "gatewayd/plugin.h"
#include "presence.h"

enum { BEDROOM = PRESENCE_BEDS + 1, BATHROOM };
enum { SILENCE, REST, ABSENCE, UPRIGHT, CHANGE, KINDS }; /* the first are the ages */

struct routine {
    struct presence presence;
    struct diary diary;
    double budget; /* false alarms a day */
    uint32_t learn, beds;
    uint64_t health; /* what was told of it */
    uint8_t bedroom[SENSING_MAX], bathroom[SENSING_MAX];

    struct gw_reading seen[DIARY_AGES]; /* from which each age counts; id 0: unknown */
    gw_time since[DIARY_AGES];
    gw_time boundary;  /* the end of the running slot; 0: nothing seen yet */
    gw_time closed_at; /* the last noon */
    uint32_t slot;
    int was_up;     /* in the running slot */
    gw_time moving; /* the last five minutes counted as moving */
    uint8_t moves[SENSING_MAX];
    gw_time bath_since, bath_last; /* 0: not in there */
    double factor[DIARY_AGES];     /* 0: not known yet */
    int raised[DIARY_AGES];
    uint8_t changed[DIARY_FIGURES];
    gw_time wake;
};

static inline void routine_from_now(struct routine *routine, int age, const struct gw_reading *reading, gw_time at)
{
    routine->seen[age] = *reading;
    routine->since[age] = at;
}

static inline gw_time routine_age_at(const struct routine *routine, int age, gw_time at)
{
    return age == DIARY_OUT && !routine->presence.out ? 0 : at - routine->since[age];
}

/* ---- ages.c: since when ---- */

/* What the presence has changed with this reading, or with the time up to it: bits of enum presence_change. */
void routine_heed(struct routine *routine, const struct gw_host *host, unsigned changes,
                  const struct gw_reading *reading);
/* A bed's level has changed. */
void routine_heed_bed(struct routine *routine, const struct gw_host *host, const struct gw_reading *reading);
/* Levels that last are signs of life up to now. */
void routine_lasting(struct routine *routine, gw_time at);
/* Can the age be told, as things are? */
int routine_is_known(const struct routine *routine, int age);

/* ---- days.c: what is written into the diary ---- */

/* The first reading. */
void routine_begin(struct routine *routine, const struct gw_host *host, const struct gw_reading *reading);
/* Ends the slots, and the days, that are over by now. */
void routine_end_slots(struct routine *routine, const struct gw_host *host, gw_time now);
/* A movement inside, phantoms and all. */
void routine_note_move(struct routine *routine, const struct gw_reading *reading);
/* Nobody looked: the ages go on where the gap ends, and what was due in it is not yet. When the gap began. */
gw_time routine_gap(struct routine *routine, const struct gw_host *host, const struct gw_reading *reading);

/* ---- due.c: is it unusual? ---- */

/* An age at the end of a slot. */
void routine_judge(struct routine *routine, const struct gw_host *host, int age, gw_time at, uint32_t slot);
/* When something will be due. anew: it may be sooner than was thought. Signs of life only put the next limit off: the
 * wake stays, and looks again when it comes. */
struct gw_wake routine_next(struct routine *routine, gw_time now, int anew);

/* ---- words.c: what is said ---- */

/* usual: the usual length of the age. */
void routine_say_unusual(struct routine *routine, const struct gw_host *host, int age, gw_time now, gw_time usual);
/* Ends what was raised. */
void routine_lower(struct routine *routine, const struct gw_host *host, int age);
void routine_tell_health(struct routine *routine, const struct gw_host *host);

#endif
