/* delivery.h - the outbox's entries on their way to the uplinks: emergencies before all else, and again until the
 * platform's application has accepted them; few others at a time and at a bounded rate. */
#ifndef CORE_DELIVERY_H
#define CORE_DELIVERY_H

#include "state.h"

/* Hand over whatever may go now. */
void delivery_pump(struct core *core);
/* An uplink says what became of what it was handed. */
void delivery_done(struct core *core, unsigned uplink, const struct frame_delivered *delivered);
/* The platform's application has everything up to this revision. */
void delivery_accepted(struct core *core, uint64_t alert, uint32_t rev);
/* Nothing is in flight there any more. */
void delivery_link_down(struct core *core, unsigned uplink);
/* The broker forgot our session: everything open and what was said lately goes again. */
void delivery_session_lost(struct core *core, unsigned uplink);
/* The uplink is not configured any more. */
void delivery_drop_uplink(struct core *core, unsigned uplink);
/* Take or give back an entry's place in the uplink's window. */
void delivery_in_flight(struct core *core, struct outbox_entry *entry, unsigned uplink, bool is);
/* Bring in the backup where it is due, send again what nobody accepted. */
/* Why this entry has not done its work at this uplink. */
enum waiting_for delivery_waits_for(const struct core *core, const struct outbox_entry *entry, unsigned uplink);
void delivery_tick(struct core *core);
int64_t delivery_deadline(const struct core *core);

#endif
