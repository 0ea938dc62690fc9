/* store_link.h - the store as the core sees it: a reader of the log that also keeps the alerts, and may be slow, dead
 * or lying. */
#ifndef CORE_STORE_LINK_H
#define CORE_STORE_LINK_H

#include "state.h"

void store_link_configure(struct core *core);
void store_link_down(struct core *core);
void store_link_frame(struct core *core, const struct frame *frame);
/* Send the frame in core->out if the store is there. */
bool store_link_send(struct core *core);
/* Append what it can take; its window holds back levels, never urgent readings. */
void store_link_pump(struct core *core);
/* The same, urgent readings too that wait for a detector's word: before a commit, so that what made an alert is on the
 * disk no later than the alert. */
void store_link_flush(struct core *core);
/* The newest reading in the log must be on the disk before its sender is told. */
void store_link_urgent(struct core *core);
/* A source's frame is being taken: none of its readings goes to the store before all are in the log. */
void store_link_taking(struct core *core, bool is);
/* A question that must be answered soon has been sent. */
void store_link_asked(struct core *core);
/* The tail runs over a reading the store never got. */
void store_link_lost_one(struct core *core);
/* May history be asked for? */
bool store_link_can_query(const struct core *core);
void store_link_tick(struct core *core);
int64_t store_link_deadline(const struct core *core);

#endif
