/* devices.h - the things in the home, and the state of each. */
#ifndef SIM_DEVICES_H
#define SIM_DEVICES_H

#include <stdbool.h>
#include <stdint.h>

struct sim;

/* Those of a small home first. What has no level is watched for its silence only. */
enum thing {
    BED,
    BATH_DOOR,
    BATH_MOTION,
    FRONT_DOOR,
    HALL_MOTION,
    KITCHEN,
    SMOKE,
    WATER,
    MAINS,
    WARMTH,
    FRIDGE,
    THINGS
};
#define SMALL_THINGS KITCHEN
#define WITH_LEVELS  WARMTH

struct devices {
    int level[THINGS];
    int battery[THINGS]; /* per cent, of those that tell it */
    bool opened[THINGS]; /* somebody has taken the lid off */
    int64_t silent_until[THINGS], stuck_until[THINGS];
    int64_t cold_until, odd_until, warm_fridge_until;
};

void devices_begin(struct sim *sim);
void devices_mend(struct sim *sim);
int devices_level(const struct sim *sim, const char *sensor); /* -1: no level */
/* The thing has this level from now on, and says so unless it is stuck or silent. */
void devices_set(struct sim *sim, enum thing thing, int level);
void devices_set_later(struct sim *sim, int64_t in, enum thing thing, int level);
/* It says again what it said before. */
void devices_tell(struct sim *sim, enum thing thing);
int64_t devices_between(struct sim *sim, int64_t from, int64_t to); /* some time from .. to - 1 */

/* fittings.c: what a whole home has besides. */
void fittings_begin(struct sim *sim);
double fittings_warmth(struct sim *sim, double usual); /* the room's temperature, where it is usually so warm */

#endif
