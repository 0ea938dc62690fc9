/* sensor.h - the state of the sensor plugin, and what its files ask of each other. How it decides: see sensor.c. */
#ifndef PLUGINS_SENSOR_H
#define PLUGINS_SENSOR_H

#include "gatewayd/plugin.h"
#include "kinds.h"
#include "silence.h"
#include "timing.h"

#define SENSORS_MAX          512
#define SENSOR_LEARNED_AFTER (7 * GW_DAY)
#define SENSOR_SOON          (10 * GW_MINUTE) /* the shortest wait for what moves away */

enum { SILENT, ALL_SILENT, BATTERY, TAMPERED, STUCK, BOUNCING, IMPLAUSIBLE, MAINS, KINDS };

struct watched {
    const struct sensor_kind *kind;
    struct silence by_clock;     /* of all it says */
    struct silence by_people;    /* the same, but time in which nobody moves does not count */
    struct gw_reading last;      /* heard last, of any type; id 0: never */
    struct gw_reading on;        /* a level that turned on and still is; mains: off; id 0: not */
    struct gw_reading low;       /* the battery is below the limit since; id 0: not */
    struct gw_reading odd;       /* a figure that no home has; id 0: not */
    struct gw_reading elsewhere; /* a bed: the first movement elsewhere since it is occupied and nobody came in */
    gw_time on_gaps;             /* the gaps until it turned on */
    gw_time minute, burst;       /* changes are counted since; there were many */
    gw_time changed, beat;       /* the last change; the last word that may be a beat. 0: none */
    gw_time due;                 /* to look at it again; 0: not */
    uint32_t changes, elsewheres;
    uint32_t beats;    /* said something that was no change: it speaks by itself */
    float level;       /* the last value */
    uint8_t has_level; /* there was one */
    uint8_t lost, says_low, has_battery, is_door;
    uint8_t raised; /* bit by kind */
};

struct supervision {
    struct silence_home home;
    gw_time began, next;
    gw_time mains_after, mains_spread, all_after;
    double battery_low, bouncing;
    uint32_t n, learned_days;
    int persons, has_front_door, all_silent;
    struct watched sensors[SENSORS_MAX];
};

static inline int sensor_is_raised(const struct watched *w, uint32_t kind)
{
    return (w->raised >> kind & 1u) != 0;
}

/* Everywhere: i is the sensor's index, w what is known of it. */

/* ---- heard.c: what a sensor says ---- */

/* Anything that it says by itself, which ends a silence. */
void sensor_heard(struct supervision *all, struct watched *w, const struct gw_host *host,
                  const struct gw_reading *reading);
/* GW_VALUE; GW_BATTERY and GW_BATTERY_LOW. */
void sensor_value(struct supervision *all, struct watched *w, const struct gw_host *host,
                  const struct gw_reading *reading);
void sensor_battery(struct supervision *all, struct watched *w, const struct gw_host *host,
                    const struct gw_reading *reading);

/* ---- silent.c: has it, or have all, been silent for too long? ---- */

/* Nobody has been heard lately: whatever is to be said of one sensor can wait until that is explained. (The end of a
 * power cut comes as one long silence, and only after it the word that it was one.) */
int sensor_nobody_heard(const struct supervision *all, gw_time now);
/* When its silence is too long, as things are; 0: not in sight. The same of all. */
gw_time sensor_judge_silence(struct supervision *all, const struct gw_host *host, uint32_t i, gw_time now);
gw_time sensor_judge_all(struct supervision *all, const struct gw_host *host, gw_time now);

/* ---- due.c: everything that time brings ---- */

/* Everything that may be due of one sensor. */
void sensor_judge(struct supervision *all, const struct gw_host *host, uint32_t i, gw_time now);
/* All sensors. A reading of one looks at that one only, and asks for everything when the earliest is due: a home of
 * five hundred sensors may speak a million times a second in replay. */
struct gw_wake sensor_judge_everything(struct supervision *all, const struct gw_host *host, gw_time now);

/* ---- words.c: what is said; nothing of what is said already ---- */

void sensor_say_silent(struct watched *w, const struct gw_host *host, uint32_t i, const struct silence *measure,
                       gw_time limit);
void sensor_say_all_silent(const struct supervision *all, const struct gw_host *host, gw_time limit, int any_speaks);
void sensor_say_low(struct watched *w, const struct gw_host *host, const struct gw_reading *reading);
void sensor_say_charge(struct watched *w, const struct gw_host *host, uint32_t i);
void sensor_say_bouncing(struct watched *w, const struct gw_host *host, const struct gw_reading *reading, double most);
void sensor_say_hanging(struct watched *bed, const struct gw_host *host, uint32_t i);
void sensor_say_opened(struct watched *w, const struct gw_host *host, const struct gw_reading *reading);
void sensor_say_lasting(struct watched *w, const struct gw_host *host, uint32_t i, gw_time limit);
void sensor_say_odd(struct watched *w, const struct gw_host *host, uint32_t i);
/* Ends what was raised. */
void sensor_lower(struct watched *w, const struct gw_host *host, uint32_t index, uint32_t kind);
void sensor_tell_health(struct supervision *all, const struct gw_host *host, gw_time now);

#endif
