/* bed.h - the state of the bed plugin, and what its files ask of each other. How it decides: see bed.c. */
#ifndef PLUGINS_BED_H
#define PLUGINS_BED_H

#include "gatewayd/plugin.h"
#include "sensing.h"
#include "timing.h"

#define BED_UP_AFTER (10 * GW_MINUTE) /* a shorter absence is a trip in a long stay in bed */

enum role { BED, MOTION, DOOR, BEDROOM, ROLES };
enum { EMPTY, UNSURE, UP_LONG, NOT_IN, NOT_UP, TOO_LONG, MAT, KINDS };

struct bed {
    struct sensing sensing;
    enum sensing_level mat; /* of all mats together */
    int has_motion, has_bedroom;
    gw_time safe_absence, extend, longest, settle, too_long;
    int32_t night_from, night_to, up_by, in_bed_by;

    enum { UNSETTLED, IN_BED, OUT } place; /* the mat without its chatter */
    struct gw_reading off, on;             /* the mat's last change to off, to on */
    gw_time on_sum;                        /* of short contacts while out */
    struct gw_reading stay;                /* began the stay in bed, trips included */
    gw_time stay_since;                    /* log time; moved by gaps */
    gw_time in_since;                      /* back from the last trip */
    int watched;                           /* out of bed in the night: an absence that may alarm */
    gw_time absent_since;
    struct gw_reading moved, opened; /* last movement elsewhere, last opening of the door; id 0: none */
    gw_time beside;                  /* last movement in the bedroom; 0: none */
    int passed_over;                 /* the absence was taken for the mat's */
    int seen_up;                     /* somebody moved beside the bed about when the mat went off */

    int muted;
    gw_time home_since;    /* the last muting mode ended */
    gw_time chatter_since; /* the first reading of the day that is counted */
    uint32_t chatter;
    gw_time lain; /* in bed since chatter_since */
    int mat_bad;
    uint64_t asked;       /* date on which up_by was looked at */
    uint64_t expected_on; /* date on which in_bed_by was looked at */
    uint64_t expected;    /* date of an in_bed_by since which she is waited for; 0: not */
    int raised[KINDS];
};

static inline int bed_is_night(const struct bed *bed, const struct gw_host *host, gw_time at)
{
    return timing_is_within(host, at, bed->night_from, bed->night_to);
}

static inline int bed_moved_since(const struct bed *bed)
{
    return bed->moved.id != 0 && bed->moved.at >= bed->absent_since;
}

/* ---- mat.c: what the mat says, and is it to be believed? ---- */

/* Several mats in one bed are one: on if any is, lost if one that might be on is. */
int bed_mat_lost(const struct bed *bed);
/* The mat is known to be bad, and others could tell: it is not believed alone. */
int bed_mat_doubted(const struct bed *bed);
/* A reading of a mat, which bed->sensing has taken. */
void bed_mat_told(struct bed *bed, const struct gw_host *host, const struct gw_reading *reading);
/* A day is over: were there few breaks in a night that was slept in? */
void bed_judge_mat(struct bed *bed, const struct gw_host *host, gw_time now);

/* ---- place.c: is she in bed? ---- */

/* What the time up to now has changed; when time, if the mat's level stays, changes it next, 0: not by itself. */
void bed_pass(struct bed *bed, const struct gw_host *host, gw_time now);
gw_time bed_passes_at(const struct bed *bed);
/* Nobody was seen to get up, or she is back and the mat does not tell: it is the mat. */
int bed_is_the_mat(const struct bed *bed);
/* A sensor elsewhere, which has changed so; one beside the bed. */
void bed_moved_elsewhere(struct bed *bed, const struct gw_host *host, const struct gw_reading *reading,
                         enum sensing_change change);
void bed_moved_beside(struct bed *bed, const struct gw_reading *reading);
/* Of the home as a whole: its mode, a gap. */
void bed_home(struct bed *bed, const struct gw_host *host, const struct gw_reading *reading);

/* ---- due.c: has it lasted too long? ---- */

/* Is it in_bed_by, and is she waited for? Is it up_by, and is she not up? */
void bed_expect(struct bed *bed, const struct gw_host *host, gw_time now);
void bed_ask(struct bed *bed, const struct gw_host *host, gw_time now);
/* Everything that is due now; and when something will be. */
void bed_evaluate(struct bed *bed, const struct gw_host *host, gw_time now);
struct gw_wake bed_next(const struct bed *bed, const struct gw_host *host, gw_time now);

/* ---- words.c: what is said ---- */

/* kind: EMPTY, UNSURE or UP_LONG. */
void bed_say_empty(struct bed *bed, const struct gw_host *host, uint32_t kind, gw_time now);
void bed_say_not_in(struct bed *bed, const struct gw_host *host);
void bed_say_not_up(struct bed *bed, const struct gw_host *host, gw_time now);
void bed_say_too_long(struct bed *bed, const struct gw_host *host);
void bed_say_mat(struct bed *bed, const struct gw_host *host, gw_time now);
/* Ends what was raised; and all that is said of an absence. */
void bed_lower(struct bed *bed, const struct gw_host *host, uint32_t kind);
void bed_lower_absence(struct bed *bed, const struct gw_host *host);

#endif
