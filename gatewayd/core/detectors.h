/* detectors.h - the detectors' processes: what they are told at their start, what they say, whether they answer and
 * see. */
#ifndef CORE_DETECTORS_H
#define CORE_DETECTORS_H

#include "state.h"

void detectors_configure(struct core *core, struct detector *detector);
void detectors_ready(struct core *core, struct detector *detector);
void detectors_down(struct core *core, struct detector *detector);
void detectors_frame(struct core *core, struct detector *detector, const struct frame *frame);
/* Ids moved up (start without memory has ended). */
void detectors_shift(struct core *core, uint64_t by);
void detectors_tick(struct core *core);
int64_t detectors_deadline(const struct core *core);
/* The cursor after the batch that is being handled. */
void detectors_cursor(const struct detector *detector, struct frame_cursor *cursor);
struct detector *detectors_of_worker(struct core *core, unsigned worker);

#endif
