/* topics.h - which further topics speak of a sensor, by its format's custom, and what raises a device's QoS. */
#ifndef MQTT_TOPICS_H
#define MQTT_TOPICS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/frame.h"

/* Where the device's availability (last will) is published: as configured, else by custom. False: there is none. */
bool topics_availability(const struct frame_mqtt_sensor *sensor, char *out, size_t size);
/* Where its battery is published when not in the state itself. False: nowhere. */
bool topics_battery(const struct frame_mqtt_sensor *sensor, char *out, size_t size);
/* For a call or hazard sensor whose messages come at QoS 0: what can be done about it, in one sentence. */
const char *topics_qos_advice(const struct frame_mqtt_sensor *sensor);

#endif
