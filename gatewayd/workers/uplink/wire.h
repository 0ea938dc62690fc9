/* wire.h - the MQTT connection to one platform, kept up for ever: connect, log in, find out what is wrong, try again.
 *
 * Every connection is a new libmosquitto client with the same client id: what was in flight when a connection is lost
 * is forgotten here (the owner is told and hands it over again), so that after an outage nothing old is sent by the
 * library itself before an emergency. The session at the broker (subscriptions, commands for us) stays.
 *
 * A command's PUBACK goes only after events.message has returned. No function but wire_create fails for good. */
#ifndef UPLINK_WIRE_H
#define UPLINK_WIRE_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/frame.h"

#define WIRE_CORRELATION_MAX 128u /* bytes of MQTT 5 correlation data that we give back */

struct wire;

/* A message from the platform; everything in it ends with the callback. */
struct wire_message {
    const char *topic;
    const void *payload;
    size_t size;
    bool retained;
    bool expired;               /* MQTT 5 message expiry has run out */
    const char *response_topic; /* NULL: none */
    const void *correlation;    /* NULL: none */
    size_t correlation_size;
};

/* Called from wire_handle and wire_tick only. They may publish and subscribe. */
struct wire_events {
    void *context;
    void (*up)(void *context, bool session_present, const char *text);
    /* Down, or down still for another reason; text says what to do. */
    void (*down)(void *context, const char *text);
    void (*acked)(void *context, int mid, int reason);      /* PUBACK; MQTT 5 reason code or 0 */
    void (*subscribed)(void *context, int mid, int reason); /* SUBACK; >= 128: refused */
    void (*message)(void *context, const struct wire_message *message);
};

struct wire_publication {
    const char *topic, *payload;
    bool retained;
    const void *correlation; /* MQTT 5 only; NULL: none */
    size_t correlation_size;
};

/* config, will_topic and will are borrowed. The first attempt is made at the first wire_tick. NULL: out of memory. */
struct wire *wire_create(const struct frame_uplink_config *config, const char *will_topic, const char *will,
                         const struct wire_events *events);
/* Cuts the connection without a goodbye, so that the broker publishes the will. NULL is legal. */
void wire_destroy(struct wire *wire);

/* The clock's quality decides whether the dates of certificates are checked, from the next connection on. */
void wire_set_clock(struct wire *wire, bool synced);
bool wire_up(const struct wire *wire);
/* Up, but over certificates whose dates were not checked, and now they could be. */
bool wire_wants_recheck(const struct wire *wire);
bool wire_dates_checked(const struct wire *wire);
int64_t wire_cert_expires(const struct wire *wire); /* as tls_expires; of the last connection */

/* QoS 1. 0 and *mid, or a MQTT 5 reason code (>= 128): not sent. */
int wire_publish(struct wire *wire, const struct wire_publication *publication, int *mid);
/* QoS 1; `retained`: retained messages are wanted. 0 or -1. */
int wire_subscribe(struct wire *wire, const char *topic, bool retained, int *mid);
void wire_unsubscribe(struct wire *wire, const char *topic);
/* Drop the connection and connect again at once. */
void wire_restart(struct wire *wire, int64_t now, const char *text);
/* Something urgent waits: try now instead of at the end of a pause, but not more often than every 5 s. */
void wire_nudge(struct wire *wire, int64_t now);

/* What to poll for; fd -1: nothing. */
struct pollfd wire_poll(const struct wire *wire);
void wire_handle(struct wire *wire, int64_t now, short revents);
/* Time has passed (CLOCK_BOOTTIME ms). */
void wire_tick(struct wire *wire, int64_t now);
int64_t wire_deadline(const struct wire *wire);

#endif
