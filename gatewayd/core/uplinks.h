/* uplinks.h - the platforms: their links, what they are told beside alerts (open list, status), and their commands. */
#ifndef CORE_UPLINKS_H
#define CORE_UPLINKS_H

#include "state.h"

void uplinks_configure(struct core *core, unsigned uplink);
void uplinks_down(struct core *core, unsigned uplink);
void uplinks_frame(struct core *core, unsigned uplink, const struct frame *frame);
/* alerts.db was lost: our own retained list of open alerts is asked for. */
void uplinks_want_recovery(struct core *core);
/* The clock's label changed. */
void uplinks_clock(struct core *core);
/* Something in the status changed that the platform should not learn with the next heartbeat only. */
void uplinks_status(struct core *core);
/* The disk has taken an alert: a list that told of it as not durable is told again. */
void uplinks_stored(struct core *core);
/* Since when no uplink but backups is up; INT64_MAX: one is. */
int64_t uplinks_all_down_since(const struct core *core);
/* Rate limit of non-emergencies: take one, or when the next one is there. */
bool uplinks_take_token(const struct core *core, struct uplink *uplink);
int64_t uplinks_next_token(const struct core *core, const struct uplink *uplink);
/* The home at a glance. */
void uplinks_fill_status(const struct core *core, struct frame_status *status);
void uplinks_tick(struct core *core);
int64_t uplinks_deadline(const struct core *core);

#endif
