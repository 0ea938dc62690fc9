/* mqtt_world.h - what the seam asks of the local broker's model. */
#ifndef SIM_MQTT_WORLD_H
#define SIM_MQTT_WORLD_H

#include <stdbool.h>
#include <stdint.h>

struct sim;

/* The message that is being handled is a retained one. */
bool mqtt_reading_retained(const struct sim *sim);
/* Its serial; 0: none is being handled. */
uint64_t mqtt_reading_message(const struct sim *sim);

#endif
