/* service.h - which workers are in service: at start, when the store's memory is there (or is not waited for any more),
 * and over a reload. */
#ifndef CORE_SERVICE_H
#define CORE_SERVICE_H

#include "state.h"

/* The store first; the rest follows it. */
void service_start(struct core *core);
/* What the store knew has been taken over. */
void service_store_loaded(struct core *core);
/* A worker's process has ended: what is configured and found no place before gets one. */
void service_ended(struct core *core);
/* Go on without the store if it takes too long; tell READY. */
void service_tick(struct core *core);
int64_t service_deadline(const struct core *core);
/* -1: too many sensors over the life of this process; nothing has changed. */
int service_reload(struct core *core, const struct settings *settings);

#endif
