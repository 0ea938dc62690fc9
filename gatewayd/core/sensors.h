/* sensors.h - what is known of every sensor now. */
#ifndef CORE_SENSORS_H
#define CORE_SENSORS_H

#include "state.h"

/* Take over the configured sensors by name: a sensor of the same name, kind and source type keeps its slot. A slot is
 * not given to another sensor while the process lives, so that no reading in memory changes its meaning. -1: more than
 * SENSORS_MAX. */
int sensors_configure(struct core *core, const struct settings *settings);
/* UINT16_MAX: none. */
uint16_t sensors_find(const struct core *core, const char *name);
/* Is this what a sensor of its kind may say? (slot known, type known, level 0 or 1, per cent in range ...) */
bool sensors_reading_ok(const struct core *core, const struct reading *reading);
/* Take notice of a reading (at in log time); false: nothing new, not worth a place in the log. A test reading
 * changes nothing here and is always worth its place. */
bool sensors_notice(struct core *core, const struct reading *reading);
void sensors_note(struct core *core, const struct frame_sensor_note *note);
/* A detector says that the sensor whose name makes this alert's key is not to be believed, or is again. */
void sensors_doubt(struct core *core, const char *key, bool doubted);
/* Tell of sensors that stay lost. */
void sensors_tick(struct core *core);
int64_t sensors_deadline(const struct core *core);
/* Make all sensors of a source unavailable: its worker is gone. */
void sensors_source_down(struct core *core, enum source_type source);

#endif
