/* orders.h - commands of the platform: from the wire to the core, and the answers back. Counted, rate limited; a flood
 * of them costs answers first and never an accept or an acknowledgement of a real alert. */
#ifndef UPLINK_ORDERS_H
#define UPLINK_ORDERS_H

#include "payload.h"
#include "wire.h"

struct orders;

/* wire and home are borrowed; subject names this uplink in what is told to the core. NULL: out of memory. */
struct orders *orders_create(struct wire *wire, const struct payload_home *home, const char *subject);
void orders_destroy(struct orders *orders); /* NULL is legal */

struct orders_clock {
    int64_t now;  /* CLOCK_BOOTTIME ms */
    int64_t wall; /* ms */
    bool synced;
};

/* A message on <root>/cmd/<verb>: hands a FRAME_COMMAND to the core, or answers that it is refused. */
void orders_message(struct orders *orders, const struct orders_clock *clock, const char *verb,
                    const struct wire_message *message);
/* FRAME_REPLY: publish the answer. Unknown tokens are ignored. */
void orders_reply(struct orders *orders, int64_t now, const struct frame_reply *reply);
/* Answer what the core left unanswered, tell the end of a series of bad commands. */
void orders_tick(struct orders *orders, int64_t now);
int64_t orders_deadline(const struct orders *orders);
void orders_counts(const struct orders *orders, uint64_t *taken, uint64_t *refused);

#endif
