/* bath.h - the state of the bath plugin, and what its files ask of each other. How it decides: see bath.c. */
#ifndef PLUGINS_BATH_H
#define PLUGINS_BATH_H

#include "gatewayd/plugin.h"
#include "sensing.h"
#include "timing.h"

#define BATH_SHARES 8u /* the time that the door was closed, by quarters of a day: two days */

enum role { DOOR, MOTION, ELSEWHERE, ROLES };
enum { LONG, TOO_LONG, STILL, KINDS };

struct bath {
    struct sensing sensing;
    uint32_t door, of_room; /* the door, UINT32_MAX: none; the sensor whose room is told */
    int has_door, has_motion, has_elsewhere;
    uint8_t stays_on[SENSING_MAX]; /* 1: a presence sensor, whose level says that somebody is there, moving or not */
    gw_time warn_after, alarm_after, alarm_moving_after, still_after, night_still_after;
    int32_t night_from, night_to;

    enum { EMPTY, SURE, OPEN, CLOSED } stay;
    struct gw_reading began;  /* the reading that began the stay */
    struct gw_reading closed; /* the door's last closing; id 0: none */
    struct gw_reading moved;  /* the last movement inside, begin or end; id 0: none */
    gw_time leaving;          /* the door was opened during the stay: looking for more; 0: no */
    gw_time home_since;
    gw_time left;                                  /* a stay was ended by opening the door; 0: no */
    gw_time elsewhere_since;                       /* the first movement elsewhere since the last inside */
    uint32_t elsewhere;                            /* how many */
    struct gw_reading lone;                        /* a movement inside that may be a phantom; id 0: none */
    gw_time outside;                               /* the last movement that began elsewhere; 0: none */
    gw_time door_moved;                            /* 0: never */
    int known_out;                                 /* something moved elsewhere since the door last did */
    gw_time opened;                                /* the door was; 0: never */
    gw_time shut[BATH_SHARES], known[BATH_SHARES]; /* of each quarter of a day, a ring */
    gw_time counted;                               /* up to here; 0: not begun */
    gw_time much_closed;                           /* it was for too much of the last two days; 0: never */
    int kept_closed, found_closed;                 /* as configured; as seen */
    int muted, held;                               /* held: this closing's HOLD has been looked at */
    int raised[KINDS];
};

/* From when the time inside counts. */
static inline gw_time bath_since(const struct bath *bath)
{
    return timing_later(bath->began.at, bath->home_since);
}

/* The last sign of life inside. */
static inline gw_time bath_last_sign(const struct bath *bath)
{
    return bath->moved.id != 0 ? timing_later(bath->moved.at, bath_since(bath)) : bath_since(bath);
}

static inline int bath_door_is(const struct bath *bath, enum sensing_level level)
{
    return bath->has_door && !bath->sensing.lost[bath->door] && bath->sensing.level[bath->door] == level;
}

/* ---- stay.c: is somebody inside? ---- */

/* A stay begins with this reading, unless the mode mutes. stay: SURE, OPEN or CLOSED. */
void bath_begin(struct bath *bath, int stay, const struct gw_reading *reading);
/* Out: ends what was raised. */
void bath_end(struct bath *bath, const struct gw_host *host);
/* A sensor inside, began: turned on; elsewhere. */
void bath_moved_inside(struct bath *bath, const struct gw_host *host, const struct gw_reading *reading, int began);
void bath_moved_elsewhere(struct bath *bath, const struct gw_host *host, const struct gw_reading *reading);
/* Of the home as a whole: its mode. */
void bath_home(struct bath *bath, const struct gw_host *host, const struct gw_reading *reading);
/* What the time up to now has changed; when time changes it next, 0: not by itself. */
void bath_pass(struct bath *bath, const struct gw_host *host, gw_time now);
gw_time bath_passes_at(const struct bath *bath);

/* ---- door.c: what the door says of that ---- */

void bath_door_changed(struct bath *bath, const struct gw_host *host, const struct gw_reading *reading,
                       enum sensing_change change);
/* Adds the time since the last look, and says if the door is kept closed: if a day ago or less it was for more than a
 * fifth of two days. This rests on three days and nothing before them: a restart judges as one life does. (The history
 * is five days longer: the door is not known before it moves, and one was seen to stand for so long.) */
void bath_count_closed(struct bath *bath, gw_time now);

/* ---- due.c: has it lasted too long? ---- */

/* Everything that is due now; and when something will be. */
void bath_evaluate(struct bath *bath, const struct gw_host *host, gw_time now);
struct gw_wake bath_next(const struct bath *bath, const struct gw_host *host, gw_time now);

/* ---- words.c: what is said ---- */

/* kind: LONG or TOO_LONG. */
void bath_say_long(struct bath *bath, const struct gw_host *host, uint32_t kind, gw_time now);
void bath_say_still(struct bath *bath, const struct gw_host *host, gw_time limit);
/* Ends what was raised. */
void bath_lower(struct bath *bath, const struct gw_host *host, uint32_t kind);
void bath_tell_health(const struct bath *bath, const struct gw_host *host);

#endif
