/* devices.h - the state of the things in the home. */
#ifndef SIM_DEVICES_H
#define SIM_DEVICES_H

#include <stdint.h>

struct sim;

struct devices {
    int level[5];
    int64_t silent_until[5], stuck_until[5];
};

void devices_begin(struct sim *sim);
void devices_mend(struct sim *sim);
int devices_level(const struct sim *sim, const char *sensor); /* -1: no level */

#endif
