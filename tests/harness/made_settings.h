/* made_settings.h - parts of a home's settings as tests need them, made without a configuration file. Each function
 * fills in one part that the caller keeps and that was zero before. */
#ifndef TESTS_HARNESS_MADE_SETTINGS_H
#define TESTS_HARNESS_MADE_SETTINGS_H

#include "base/kinds.h"
#include "core/settings.h"

/* Home c/t/v/h in Shanghai, broker on this machine (has_mqtt is left to the caller), state in /state. */
void made_home(struct settings *settings, const char *plugin_dir);
/* place: the line's name or number for SOURCE_GPIO (chip "chip"), the topic for SOURCE_MQTT (format raw). */
void made_sensor(struct sensor_settings *sensor, const char *name, enum kind kind, enum source_type source,
                 const char *place);
void made_detector(struct detector_settings *detector, const char *name, const char *plugin);
/* To a platform at port 1883, all classes, status each 180 s. */
void made_uplink(struct uplink_settings *uplink, const char *name, bool backup);
/* "light", shows that a person has acknowledged, on this line of chip "chip". */
void made_light(struct output_settings *output, const char *line);

#endif
