/* home.h - the settings of a small home: button, door, bed pad, thermometer; detectors call and door; a platform and a
 * backup; a help light. Variants differ by what a reload changes. */
#ifndef TESTS_FUZZ_HOME_H
#define TESTS_FUZZ_HOME_H

#include "core/core.h"

/* Worker numbers as the core gives them out. */
enum { STORE = 0, GPIO = 1, MQTT = 2, UPLINK = 3, DETECTOR = 3 + UPLINKS_MAX };

#define HOME_VARIANTS 6

struct home {
    struct settings settings;
    struct sensor_settings sensors[4];
    struct detector_settings detectors[3];
    struct uplink_settings uplinks[2];
    struct output_settings outputs[1];
};

/* home must stay where it is: its settings point into it. */
void home_make(struct home *home, unsigned variant);

#endif
