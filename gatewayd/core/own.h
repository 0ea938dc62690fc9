/* own.h - the gateway's own alerts: levels that a module of the core holds true. */
#ifndef CORE_OWN_H
#define CORE_OWN_H

#include "state.h"

/* Borrowed during the call. */
struct own_alert {
    const char *kind, *key; /* kind: the topic's last part; key tells several apart, shorter than GW_MAX_KEY */
    uint16_t class_;        /* enum gw_class */
    uint32_t flags;         /* ALERT_TEST */
    const char *code;       /* SCAIP "device status" */
    const char *limit;      /* NULL: none */
    uint64_t episode;       /* 0: from the time */
    bool renew;             /* said anew: the alert begins now, also where it is open already */
    const char *text_en, *text_zh;
};

/* True from now on. One that is open already stays as it is, unless renewed; one that ended less than REOPEN_WINDOW
 * ago is open again. NULL: no room, counted. */
struct alert_slot *own_raise(struct core *core, const struct own_alert *own);
/* True no longer; unknown ones are ignored. */
void own_clear(struct core *core, const char *kind, const char *key);
/* Said once and meant to last, over restarts too: kinds that begin with "mode-" or "test-". All others are levels, over
 * a minute after a start in which nobody has raised them again. */
bool own_lasts(const struct alert *alert);
/* The one that is true now; NULL. */
struct alert_slot *own_find(struct core *core, const char *kind, const char *key);

#endif
