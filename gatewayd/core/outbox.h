/* outbox.h - every revision of every alert until it is on the disk and has reached whom it concerns (delivery.h). */
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
/* A new entry for this revision; NULL: there is nothing that could give way. */
struct outbox_entry *outbox_begin(struct core *core, const struct alert *alert);
/* The disk need not keep this revision for anybody but those that still wait for it: also not for a backup that a
 * former run had brought in, or for an uplink that is no more. */
void outbox_forget(struct core *core, const struct outbox_entry *entry);
/* Free the entry if it has done its work: it is on the disk and nobody waits for it. */
void outbox_settle(struct core *core, struct outbox_entry *entry);
bool outbox_is_emergency(const struct outbox_entry *entry);
/* Is this uplink to have alerts of this class? */
bool outbox_wanted(const struct uplink *uplink, const struct alert *alert);

bool outbox_waits(const struct core *core, uint64_t alert);
void outbox_depth(const struct core *core, uint32_t *depth, int64_t *oldest_ms);
/* Ids of readings have moved by so much. */
void outbox_shift(struct core *core, uint64_t by);
/* Ask a disk that refused once more. */
void outbox_tick(struct core *core);
int64_t outbox_deadline(const struct core *core);

/* The newest entry of this alert that the disk does not have yet; 0: none. And is that one (still) not there? */
uint64_t outbox_uncommitted(const struct core *core, uint64_t alert);
bool outbox_is_uncommitted(const struct core *core, uint64_t seq);
/* Does the disk have this alert as it is now? */
bool outbox_is_durable(const struct core *core, uint64_t alert);
/* Say so in a copy of it that goes out. */
void outbox_mark(struct alert *copy, bool durable);

#endif
