/* cursors.h - up to where each detector has read and said: what lies before is silent when it reads it again. */
#ifndef CORE_CURSORS_H
#define CORE_CURSORS_H

#include "state.h"

/* NULL: it has none, it is new. */
const struct known_cursor *cursors_known(const struct core *core, const char *detector);
/* Take note of where it is now. */
void cursors_remember(struct core *core, const struct detector *detector);
/* May it go to the disk now? Not before all that the detector has said: a disk that refused that, and then takes the
 * cursor, loses it with the power, for nobody would say it again. */
bool cursors_may_go(const struct core *core, const struct detector *detector);
/* Tell the store if there is news and it may go, at most every CURSOR_EVERY: alerts carry their own. */
void cursors_save(struct core *core, struct detector *detector);
/* When that is due; NEVER. */
int64_t cursors_save_at(const struct core *core, const struct detector *detector);
/* Configured: a new one begins at this moment, not when its process is ready. A press in between is no history. */
void cursors_begin(struct core *core, struct detector *detector);
/* Does its place count in the stored log? Not while it lacks its history (what it has skipped is still to be found),
 * and not before the store was loaded: the clock and the numbers of a run without memory are its own. */
bool cursors_count(const struct core *core, const struct detector *detector);
/* The log's clock moved: places that this run made move with it. */
void cursors_clock_moved(struct core *core, int64_t by);
/* It is not configured (any more): when it comes back it is a new one and begins at its now. */
void cursors_forget(struct core *core, const char *detector);

#endif
