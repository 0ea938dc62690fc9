/* window.h - alerts that are published and not yet confirmed (PUBACK). */
#ifndef UPLINK_WINDOW_H
#define UPLINK_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"

#define WINDOW_MAX    (2 * ALERTS_MAX)
#define WINDOW_ACK_MS INT64_C(5000) /* an emergency must be confirmed within this */
#define WINDOW_LATE_MS                                                                                                 \
    INT64_C(60000) /* and what is no emergency within this: a few that never are would fill its window */
#define WINDOW_PAUSE_MS INT64_C(5000) /* what the broker refuses goes back to the core after this */

struct window {
    unsigned n;
    int64_t last_emergency_ack;
    struct window_entry {
        uint64_t token;
        int64_t sent_at;
        int mid;    /* 0: refused, waits to go back to the core, which would hand it over again at once */
        int reason; /* of a refused one: MQTT 5 reason code */
        bool emergency;
    } entries[WINDOW_MAX]; /* in the order of sending */
};

/* False: full. */
bool window_add(struct window *window, int mid, uint64_t token, bool emergency, int64_t now);
/* Take out the entry of this packet id. False: there is none. */
bool window_take(struct window *window, int mid, int64_t now, struct window_entry *entry);
/* The broker refused it; it waits for window_take_due. False: full. */
bool window_refused(struct window *window, uint64_t token, int reason, int64_t now);
/* Take out a refused one whose time has come. False: there is none. */
bool window_take_due(struct window *window, int64_t now, struct window_entry *entry);
/* Take out the oldest. False: empty. */
bool window_take_oldest(struct window *window, struct window_entry *entry);
bool window_has_emergency(const struct window *window);
/* When a refused one is due; INT64_MAX: none. */
int64_t window_due(const struct window *window);
/* When the oldest emergency, or the oldest of the rest, should have been confirmed; INT64_MAX: none. Brokers confirm in
 * order, so in a row of emergencies each has its 5 s from the confirmation of the one before. */
int64_t window_deadline(const struct window *window);

#endif
