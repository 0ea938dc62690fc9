/* alerts_private.h - what alerts.c (what detectors say), own.c (what the gateway says of itself) and answers.c (what
 * people answer) share. */
#ifndef CORE_ALERTS_PRIVATE_H
#define CORE_ALERTS_PRIVATE_H

#include "alerts.h"

struct alert_slot *alerts_by_id(struct core *core, uint64_t id); /* NULL: not known */
/* The newest one of this detector, kind and key that is not over; NULL. */
struct alert_slot *alerts_by_name(struct core *core, const char *detector, const char *kind, const char *key);
/* Room for one more of this class, if need be the room of what is missed least; NULL: there is none, counted. */
struct alert_slot *alerts_free_slot(struct core *core, uint16_t class_);
/* The next revision: everybody is told. detector: whose batch made it, or NULL. */
void alerts_revise(struct core *core, struct alert_slot *slot, enum alert_state state, struct detector *detector);
/* Only the moment when it ends: news of a visit that was over before may come after another one was announced. */
void alerts_note_end(struct core *core, const struct alert *alert);
/* What was answered so far was answered to something that is over: it asks anew. */
void alerts_ask_anew(struct alert *alert);
/* Its condition is over: state is cleared or cancelled, or still raised where nobody has answered an emergency. */
void alerts_end_condition(struct core *core, struct alert_slot *slot, enum alert_state state,
                          struct detector *detector);

#endif
