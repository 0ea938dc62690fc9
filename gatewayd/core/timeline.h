/* timeline.h - log time, reading ids and the tail of the log in memory.
 *
 * Log time = CLOCK_BOOTTIME + offset of this boot. The offset begins where the log ended, is raised at most once (at
 * the first sync, told as a gap) and never lowered; the wall clock is a label beside it. */
#ifndef CORE_TIMELINE_H
#define CORE_TIMELINE_H

#include "state.h"

/* Begin without the store's knowledge; ids are provisional until timeline_start. */
void timeline_start_without_memory(struct core *core);
/* The store's state is known: begin, or (after a start without memory) join up with what it has. */
void timeline_start(struct core *core, const struct frame_store_state *state);
/* The wall clock was looked at. */
void timeline_wall(struct core *core, int64_t wall, enum clock_quality quality);

/* The store takes frames now: what it has to keep of this boot. */
void timeline_tell_store(struct core *core);

/* Give an alert of this boot the label that is known by now: one raised before the first sync gets its true date. */
void timeline_label(const struct core *core, struct alert *alert);
/* Label of a log time of this boot: before the first sync, which raised the offset, it is another one. */
int64_t timeline_label_at(const struct core *core, int64_t at);

int64_t timeline_now(const struct core *core); /* log time */
/* Put a reading into the log: at is boottime, becomes log time; id and boot are set. */
void timeline_append(struct core *core, struct reading *reading);
/* A reading about the home itself, as of now. */
void timeline_append_home(struct core *core, uint8_t type, double value);
/* Promise: every later reading will be after this log time. */
void timeline_promise(struct core *core, int64_t until);
/* NULL if the id is not in the tail. */
const struct reading *timeline_get(const struct core *core, uint64_t id);

#endif
