/* selftest.h - the daily silent test alarm: goes the whole way of an emergency, shows nothing at home or on a desk
 * (test is true), and must be accepted by the platform's application. One that stays without answer is a technical
 * alert: the way is broken before somebody needs it. (Periodic test at most every 24 h: customary for alarm senders.)
 */
#ifndef CORE_SELFTEST_H
#define CORE_SELFTEST_H

#include "state.h"

/* Make one now (a technician or the platform asks). */
void selftest_run(struct core *core);
void selftest_tick(struct core *core);
int64_t selftest_deadline(const struct core *core);

#endif
