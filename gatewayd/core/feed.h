/* feed.h - what the detectors get to read: batches from the tail in memory, or from the store for who is further
 * behind. */
#ifndef CORE_FEED_H
#define CORE_FEED_H

#include "state.h"

/* Give every idle detector what there is for it. */
void feed_pump(struct core *core);
/* The same for one whose last batch has been answered. */
void feed_one(struct core *core, struct detector *detector);
/* An answer from the store. False: no detector has asked for it. */
bool feed_history(struct core *core, const struct frame_history *history);
/* Has a detector a batch that it has not answered? */
bool feed_busy(const struct core *core);
/* Does a detector wait for an answer of the store? */
bool feed_waits(const struct core *core);
/* No answer will come. */
void feed_query_failed(struct core *core);

#endif
