/* detectors.h - each detector is a reader of the log with a place in it: fed from the tail in memory, or from the store
 * when it is further behind; one batch at a time; its conditions become alerts. */
#ifndef CORE_DETECTORS_H
#define CORE_DETECTORS_H

#include "state.h"

void detectors_configure(struct core *core, struct detector *detector);
void detectors_ready(struct core *core, struct detector *detector);
void detectors_down(struct core *core, struct detector *detector);
void detectors_frame(struct core *core, struct detector *detector, const struct frame *frame);
/* Give every idle detector what there is for it. */
void detectors_pump(struct core *core);
/* An answer from the store. False: none of theirs. */
bool detectors_history(struct core *core, const struct frame_history *history);
/* Configured: a new one begins at this moment, not when its process is ready. A press in between is no history. */
void detectors_added(struct core *core, struct detector *detector);
/* It is not configured (any more): when it comes back it is a new one and begins at its now. */
void detectors_forget_cursor(struct core *core, const char *name);
/* Does one of them wait for an answer of the store? */
bool detectors_ask(const struct core *core);
void detectors_query_failed(struct core *core);
/* Ids moved up (start without memory has ended). */
void detectors_shift(struct core *core, uint64_t by);
/* Everything that was committed with the alerts of this detector is known up to here. */
void detectors_tick(struct core *core);
int64_t detectors_deadline(const struct core *core);
/* The cursor after the batch that is being handled. */
void detectors_cursor(const struct detector *detector, struct frame_cursor *cursor);
struct detector *detectors_of_worker(struct core *core, unsigned worker);

#endif
