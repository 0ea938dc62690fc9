/* alerts.h - what would have been alerted: conditions become alerts by the core's rules. Nobody is there who takes
 * them; a person is assumed to take each one TAKEN_AFTER it was raised. */
#ifndef REPLAY_ALERTS_H
#define REPLAY_ALERTS_H

#include "core/rules.h"
#include "core/settings.h"
#include "detector.h"

#define TAKEN_AFTER REOPEN_WINDOW
#define ALERTS_KEPT 1024u /* that are open, or may still be the same as what comes; more: the oldest is told early */

/* One alert as it is told, once, when nothing can be added to it any more. */
struct told {
    struct alert alert;
    const struct detector_settings *detector;
    uint32_t kind; /* of the plugin */
    char title_en[GW_MAX_TEXT], title_zh[GW_MAX_TEXT];
    int64_t cleared;                         /* log time; 0: not, or momentary */
    uint32_t spells;                         /* how often it became true; from 1 */
    int64_t told_at;                         /* log time of its last news */
    int64_t ended;                           /* as rules.h has it */
    bool out;                                /* has been told */
    uint16_t evidence_kind[GW_MAX_EVIDENCE]; /* enum kind, or KIND_COUNT for the home */
};

struct alerts {
    const struct settings *settings;
    int64_t wall_minus_log;
    struct told **list; /* ALERTS_KEPT, in the order of raising */
    uint32_t n;
    uint64_t told, early; /* so many were told; told while they might still change */
    void (*tell)(void *context, const struct told *told);
    void *context;
};

/* settings are borrowed. False: out of memory. */
bool alerts_begin(struct alerts *alerts, const struct settings *settings,
                  void (*tell)(void *context, const struct told *told), void *context);
/* In the order of log time. False: out of memory. */
bool alerts_take(struct alerts *alerts, const struct detector *detector, const struct frame_condition *condition);
/* Log time has come to `now`: tell those that are final. */
void alerts_until(struct alerts *alerts, int64_t now);
/* The recording is over: tell the rest and free everything. */
void alerts_end(struct alerts *alerts);

#endif
