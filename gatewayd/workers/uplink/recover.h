/* recover.h - our own retained list of open alerts, read back when alerts.db was lost. What the broker gives us is
 * checked like any other outside value. */
#ifndef UPLINK_RECOVER_H
#define UPLINK_RECOVER_H

#include <stddef.h>
#include <stdint.h>

#include "base/alert.h"

/* Called for each usable alert; ALERT_RECOVERED is set in it. */
typedef void recover_emit(void *context, const struct alert *alert);

/* Read a payload of <root>/open. wall_minus_log: to turn its times into log time. How many alerts there were, unusable
 * ones left out; -1: it is no list at all. */
int recover_parse(const char *data, size_t size, int64_t wall_minus_log, recover_emit *emit, void *context);

#endif
