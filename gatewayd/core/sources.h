/* sources.h - readings come in here: checked, told apart from what is known already, put into the log, and confirmed to
 * the source's ring once they are safe. */
#ifndef CORE_SOURCES_H
#define CORE_SOURCES_H

#include "state.h"

void sources_configure(struct core *core, enum source_type source); /* send the worker its configuration, whole */
/* READINGS from a source. False: the worker lies (text in *why). */
bool sources_readings(struct core *core, enum source_type source, const struct frame_readings *frame, const char **why);
/* The core's own reading about a sensor (test, availability). */
void sources_take_own(struct core *core, uint16_t slot, uint8_t type, double value, uint8_t flags);
/* The ring whose name is in this origin is stored up to it. */
void sources_known(struct core *core, uint64_t origin);
/* More is on the disk, or the disk is not waited for any more: confirm. */
void sources_confirm(struct core *core);

/* Ids have moved by so much. */
void sources_shift(struct core *core, uint64_t by);

#endif
