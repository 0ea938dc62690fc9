/* subscriptions.h - which topics one connection has asked its broker for, and what the broker said. */
#ifndef MQTT_SUBSCRIPTIONS_H
#define MQTT_SUBSCRIPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "link.h"
#include "routes.h"

#define TOPICS_PER_SUBSCRIBE 64
#define SUBSCRIBES_MAX       32 /* in flight */

/* One SUBSCRIBE that waits for its SUBACK. */
struct subscribe {
    int mid; /* 0: free */
    unsigned n;
    char *topics[TOPICS_PER_SUBSCRIBE]; /* owned */
};

struct subscriptions {
    struct subscribe in_flight[SUBSCRIBES_MAX];
    int64_t retry_at; /* 0: no topic is refused */
    bool wanted;      /* new topics wait for a moment with nothing unconfirmed */
    bool complete;    /* all SUBACKs have come */
};

/* Ask for every topic, or for those that we do not have. What can't be sent now stays `wanted`. */
void subscriptions_send(struct subscriptions *s, struct link *link, const struct routes *routes, bool all);
/* A SUBACK: granted[i] is a QoS, or more than 2 where the broker refused; trouble is told by onset and end. */
void subscriptions_granted(struct subscriptions *s, const struct routes *routes, int mid, const int *granted, int n,
                           int64_t now);
/* No SUBACK will come any more. */
void subscriptions_forget(struct subscriptions *s);

#endif
