/* supervisor.h - the workers' lives, as a table of states and events. */
#ifndef CORE_SUPERVISOR_H
#define CORE_SUPERVISOR_H

#include "state.h"

/* Put a worker into service: its first start follows at once. */
void supervisor_add(struct core *core, unsigned worker, enum worker_role role, const char *name);
/* Take it out of service; its end is awaited, then its number is free. */
void supervisor_retire(struct core *core, unsigned worker);
/* End it and start it again at once: its configuration changed. */
void supervisor_restart(struct core *core, unsigned worker);
/* It does its work. */
void supervisor_ready(struct core *core, unsigned worker);
/* What it died of is behind it: ends the alert that told of its death. For detectors their module says so. */
void supervisor_well(struct core *core, unsigned worker);
/* It says that it can never work with this configuration; `why` is told. */
void supervisor_failed(struct core *core, unsigned worker, const char *why);
/* It broke the rules, hangs or floods: killed and restarted. `why` becomes the cause of its death. */
void supervisor_bad(struct core *core, unsigned worker, const char *why);
void supervisor_exited(struct core *core, unsigned worker, struct worker_death death);
/* It said something: so it lives. */
void supervisor_heard(struct core *core, unsigned worker);
/* Deadlines, pings and planned starts that are due. */
void supervisor_tick(struct core *core);
int64_t supervisor_deadline(const struct core *core);

bool supervisor_running(const struct core *core, unsigned worker);
const char *supervisor_state_name(enum worker_state state);

#endif
