/* redelivery.h - which messages of a resumed session have been here before. libmosquitto does not show the DUP flag, so
 * the keys (mid, topic, payload) of the last messages are kept. Only the first messages of a resumed session are
 * compared: later the broker may use a mid again for an honest repetition of the same content. */
#ifndef MQTT_REDELIVERY_H
#define MQTT_REDELIVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Above what a broker keeps in flight by default (mosquitto: 20), and a margin for those that were told to keep more.
 */
#define REDELIVERY_KEYS 256u
/* Redelivery comes first in a resumed session: beyond so many messages, or after some that are new (a message without
 * readings leaves no key over our own restart), nothing is compared any more. */
#define REDELIVERY_WATCH   64u
#define REDELIVERY_UNKNOWN 8u

struct redelivery {
    uint64_t keys[REDELIVERY_KEYS];
    unsigned next;    /* place of the next key */
    unsigned watch;   /* messages still to be compared */
    unsigned unknown; /* that were not here before, since the connection began */
};

/* Never 0. */
uint64_t redelivery_key(int mid, const char *topic, const void *payload, size_t size);
/* Known from before this process: the ring's keys, those from the store. */
void redelivery_seed(struct redelivery *redelivery, uint64_t key);
/* A connection begins. */
void redelivery_begin(struct redelivery *redelivery, bool session_resumed);
/* A message with QoS > 0 that is not a retained one: true if it was here before; else it is kept. */
bool redelivery_is(struct redelivery *redelivery, uint64_t key);

#endif
