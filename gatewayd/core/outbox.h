/* outbox.h - revisions on their way: first to the disk, then to every uplink that wants them, emergencies before all
 * else and again until the platform's application has accepted them. */
#ifndef CORE_OUTBOX_H
#define CORE_OUTBOX_H

#include "state.h"

/* A new revision of this alert; detector: whose batch made it (its cursor is stored with it), or NULL. */
void outbox_add(struct core *core, const struct alert_slot *slot, const struct detector *detector);
/* The alert changed without a revision (accepted): store it. */
void outbox_store_state(struct core *core, const struct alert_slot *slot);
/* A stored revision at start. */
void outbox_load(struct core *core, const struct frame_commit *commit);
/* The store is (back) there: what it has not confirmed goes to it again. */
void outbox_recommit(struct core *core);
void outbox_committed(struct core *core, uint64_t token);
void outbox_commit_failed(struct core *core, uint64_t token);
bool outbox_commits_open(const struct core *core);
/* The platform's application has everything up to this revision. */
void outbox_accepted(struct core *core, uint64_t alert, uint32_t rev);

/* Hand over whatever may go now. */
void outbox_pump(struct core *core);
void outbox_delivered(struct core *core, unsigned uplink, const struct frame_delivered *delivered);
/* Nothing is in flight there any more. */
void outbox_link_down(struct core *core, unsigned uplink);
/* The broker forgot our session: everything open and what was said lately goes again. */
void outbox_session_lost(struct core *core, unsigned uplink);
/* The uplink is not configured any more. */
void outbox_drop_uplink(struct core *core, unsigned uplink);
bool outbox_waits(const struct core *core, uint64_t alert);
void outbox_depth(const struct core *core, uint32_t *depth, int64_t *oldest_ms);
/* Ids of readings have moved by so much. */
void outbox_shift(struct core *core, uint64_t by);
void outbox_tick(struct core *core);
int64_t outbox_deadline(const struct core *core);

#endif
