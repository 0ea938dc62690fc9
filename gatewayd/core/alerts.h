/* alerts.h - the alerts' lives: raised, counted, acknowledged, cleared, closed. Every change is a revision for the
 * outbox. */
#ifndef CORE_ALERTS_H
#define CORE_ALERTS_H

#include "state.h"

#define GATEWAY ALERT_OWN

/* What a detector says. True: it made a revision. */
bool alerts_condition(struct core *core, struct detector *detector, const struct frame_condition *condition);
/* Is there an alert that a clear of this condition would end? */
bool alerts_holds(const struct core *core, const struct detector *detector, const struct frame_condition *condition);
/* A changed detector reads its history again: first nothing is held, then what it says; when it has caught up the
 * alerts are cancelled that it does not hold true. */
void alerts_hold_none(struct core *core, const struct detector *detector);
void alerts_hold(struct core *core, const struct detector *detector, const struct frame_condition *condition);
void alerts_cancel_unheld(struct core *core, const struct detector *detector);
/* Log time when the oldest condition began that this detector still holds true here; `now` if there is none. */
int64_t alerts_oldest(const struct core *core, const char *detector, int64_t now);
/* The detector is no longer configured: its alerts are cancelled, its emergencies stay until answered; both say why. */
void alerts_cancel_detector(struct core *core, const char *detector);
/* A stored or recovered alert, newest revision wins. NULL: no room. */
struct alert_slot *alerts_adopt(struct core *core, const struct alert *alert);
/* From our own retained list after alerts.db was lost: with its id and revision it is the same alert to the platform.
 */
void alerts_recover(struct core *core, const struct alert *alert);
/* The log's clock was set forward by so much, and no time passed: what waits for a time (to close, to be the same alert
 * no more, to be forgotten) goes on waiting. */
void alerts_clock_moved(struct core *core, int64_t by);
/* Ids of readings have moved by so much. */
void alerts_shift(struct core *core, uint64_t by);
bool alerts_over(const struct alert *alert); /* closed, cancelled: no open matter */
/* A desk must see it: true now, or an emergency that nobody has taken. */
bool alerts_open(const struct alert *alert);
bool alerts_needs_acceptance(const struct alert *alert);
void alerts_tick(struct core *core);
int64_t alerts_deadline(const struct core *core);
void alerts_count(const struct core *core, uint32_t *open, uint32_t *emergencies);

#endif
