/* redelivery.h - which messages have been here before: the broker sends again, with DUP set, what it had sent and has
 * no PUBACK for. A message is dropped if it comes with DUP and its key (mid, topic, payload) is known of this session.
 *
 * Why the keys: DUP alone says that it was sent, not that it was read. Why DUP: a broker that lost its last minutes
 * (SIGKILL, power) counts its mids from an older one, so an honest press may have the key of a former one, at any time.
 *
 * Bounds. No honest message is dropped but one that was sent and never read, by a broker that had forgotten that it had
 * used this mid for the same words. No redelivery counts twice but of a message that lies more than SOURCE_KEYS_MAX
 * behind; no broker promises so few: mosquitto 2.0 keeps to max_inflight_messages (20) only until the first PUBACK of a
 * resumed session, then it sends all that waits. Nor by a broker that forgot that it had sent the message (no DUP). */
#ifndef MQTT_REDELIVERY_H
#define MQTT_REDELIVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"

struct redelivery {
    uint64_t keys[SOURCE_KEYS_MAX];
    unsigned next; /* place of the next key */
};

/* Never 0. */
uint64_t redelivery_key(int mid, const char *topic, const void *payload, size_t size);
/* Known from before this process: the ring's keys, those from the store. */
void redelivery_seed(struct redelivery *redelivery, uint64_t key);
/* A session begins, its mids from 1: nothing of a former one comes again. */
void redelivery_forget(struct redelivery *redelivery);
/* A message with QoS > 0 that is not a retained one: true if it was here before; else it is kept. */
bool redelivery_is(struct redelivery *redelivery, bool dup, uint64_t key);

#endif
