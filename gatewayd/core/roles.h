/* roles.h - what each kind of worker is told and what becomes of what it says: the switchboard between supervision and
 * the modules that know the roles. */
#ifndef CORE_ROLES_H
#define CORE_ROLES_H

#include "state.h"

/* The process is there: hand it its configuration. */
void roles_started(struct core *core, unsigned worker);
void roles_ready(struct core *core, unsigned worker);
/* It has ended, or failed for good. */
void roles_down(struct core *core, unsigned worker);
/* A checked frame from it. */
void roles_frame(struct core *core, unsigned worker, const struct frame *frame);

#endif
