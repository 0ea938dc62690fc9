/* mqtt_world.h - what the seam asks of the local broker's model. */
#ifndef SIM_MQTT_WORLD_H
#define SIM_MQTT_WORLD_H

#include <stdbool.h>

struct sim;

/* The message that is being handled is a retained one. */
bool mqtt_reading_retained(const struct sim *sim);

#endif
