/* link.h - one connection to the broker, on libmosquitto, driven from the outside: fd, poll events, deadline.
 *
 * PUBACKs. libmosquitto answers a QoS 1 message before it shows it. With mosquitto_threaded_set(m, true) the answer
 * only goes into its out-queue, and nothing leaves it until link_flush writes. So whoever reads decides when the broker
 * may forget. The queue is all or nothing, and everything shares it: PINGREQ, SUBSCRIBE. While the caller holds
 * (link_hold) nothing is written; after link_drop the broker delivers what was not acknowledged again. */
#ifndef MQTT_LINK_H
#define MQTT_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/frame.h"

struct link;

enum link_state { LINK_STATE_DOWN, LINK_STATE_CONNECTING, LINK_STATE_UP };

struct link_message {
    const char *topic;
    const void *payload;
    size_t size;
    int mid;
    int qos;
    bool retained;
    bool dup; /* the broker has sent it before; also true if libmosquitto did not say */
};

/* Called from inside link_read and link_tick; must not destroy the link. */
struct link_events {
    void *context;
    void (*message)(void *context, const struct link_message *message);
    void (*up)(void *context, bool session_resumed); /* subscribe now: nothing has been read yet */
    void (*down)(void *context);
    void (*subscribed)(void *context, int mid, const int *granted, int n); /* granted: QoS or 128 */
};

/* broker is copied. suffix is added to its client id. NULL: out of memory, or the TLS files cannot be used (*why is
 * static text). */
struct link *link_create(const struct frame_broker *broker, const char *suffix, const struct link_events *events,
                         const char **why);
void link_destroy(struct link *link); /* NULL is legal; ends the TCP connection without a word: the session stays */

enum link_state link_state(const struct link *link);
/* Since when it is not up (boottime ms), 0 if it is. */
int64_t link_down_since(const struct link *link);
/* Why it is not up, in words that say what to do; "" if unknown or up. *refused: the broker answered and said no. */
const char *link_trouble(const struct link *link, const char **text_zh, bool *refused);

/* -1: nothing to poll now. */
int link_fd(const struct link *link);
/* What to poll for. reading: the caller has room for more messages. */
short link_poll_events(const struct link *link, bool reading);
/* Next call of link_tick, boottime ms. */
int64_t link_deadline(const struct link *link);
/* Connect, ping, give up on a broker that does not answer. */
void link_tick(struct link *link, int64_t now);
/* Read until nothing is there, or `limit` messages, or the connection has just come up (flush then). */
void link_read(struct link *link, int64_t now, unsigned limit);
/* Write the out-queue, unless held. */
void link_flush(struct link *link, int64_t now);
void link_hold(struct link *link, bool hold);
/* Close the socket without writing, connect again soon: what was not acknowledged comes again. */
void link_drop(struct link *link, int64_t now, const char *why, const char *why_zh);
/* -1: not connected. Else the mid that comes back in `subscribed`. QoS 1. */
int link_subscribe(struct link *link, const char *const topics[], int n);
void link_unsubscribe(struct link *link, const char *topic);

#endif
