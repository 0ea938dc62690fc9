/* rules.h - what becomes of a condition, and which readings are news: the core's rules as pure functions, so that live
 * and replay go by the same ones. All times are log times in ms. */
#ifndef CORE_RULES_H
#define CORE_RULES_H

#include <stdbool.h>

#include "../base/frame.h"

#define REPEAT_LOGGED INT64_C(60000)    /* an unchanged level is logged at most this often per sensor */
#define BEAT_LOGGED   INT64_C(3600000)  /* anything at all from a sensor that was silent in the log for so long */
#define REOPEN_WINDOW INT64_C(600000)   /* raised again within this after it cleared: the same alert */
#define ACKED_CLOSE   INT64_C(86400000) /* a momentary alert that a person has taken closes by itself after this */

enum rule_verdict {
    RULE_NOTHING, /* it is known already */
    RULE_NEW,     /* another alert */
    RULE_AGAIN,   /* the same one: true again, or with other words */
    RULE_COUNT    /* the same one: happened once more */
};

/* A raised condition at log time `now`. `known`: the newest alert of the same detector, kind and key, of the same
 * nature (test or not), that is not over; NULL: none. ended: when its condition was over, 0 while it is true; told_at:
 * its last news. */
enum rule_verdict rules_raised(const struct alert *known, int64_t ended, int64_t told_at,
                               const struct frame_condition *condition, bool momentary, int64_t now);

/* Closed or cancelled: no open matter. */
bool rules_over(const struct alert *alert);
/* When it closes by itself; INT64_MAX: a person has to deal with it. */
int64_t rules_closes_at(const struct alert *alert, int64_t ended, int64_t told_at);

/* Is a level worth a place in the log? logged: when this sensor's level was logged last. */
bool rules_level_is_news(bool same, int64_t logged, int64_t at);
/* A battery or link quality that has not changed: is it a sign of life worth a place in the log? told: when anything of
 * this sensor was logged last. Without these signs nobody could tell a dead button from an unused one. */
bool rules_beat_is_news(int64_t told, int64_t at);

#endif
