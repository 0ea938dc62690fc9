/* modes.h - the home's mode: home, away, visit (a carer is here), maintenance (a technician is here). Each but home
 * ends by itself. Every change is a logged reading (GW_MODE), so detectors and replay know it. A mode that was ordered
 * is an alert of the gateway's own (kind "mode-away" ...): so it outlives a restart, and a desk sees it. No mode mutes
 * a call: detectors decide what it means, the core does nothing with it. */
#ifndef CORE_MODES_H
#define CORE_MODES_H

#include "state.h"

enum mode_answer { MODE_OK, MODE_UNKNOWN, MODE_TOO_LONG, MODE_NOT_NOW };

/* "home", "away" ...; -1: no such mode. */
int modes_by_name(const char *name);
/* Somebody orders a mode for so long (ms; 0: as long as is customary); home ends what was ordered before. */
enum mode_answer modes_order(struct core *core, uint32_t mode, int64_t for_ms, const char *by);
/* What a refused order is answered. */
const char *modes_answer(enum mode_answer answer);
/* An alert changed that a mode hangs on: the mode itself follows with the next tick. */
void modes_dirty(struct core *core);
/* A carer's visit is over: so is an ordered mode visit. */
void modes_visit_over(struct core *core);
/* The store's alerts are there: what was ordered before goes on. */
void modes_loaded(struct core *core);
void modes_tick(struct core *core);
int64_t modes_deadline(const struct core *core);

#endif
