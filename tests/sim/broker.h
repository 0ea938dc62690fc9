/* broker.h - the local broker: what it keeps for its two persistent sessions, and what it retains. */
#ifndef SIM_BROKER_H
#define SIM_BROKER_H

#include <stdbool.h>
#include <stdint.h>

#include "sim.h"

#define IN_FLIGHT 20
#define RETAINED  48
#define TOPICS    48

struct link;

struct message {
    struct message *next;
    int mid;
    uint64_t
        serial; /* no two have the same one, whatever their mids and words; a retained one shown again is another */
    bool press; /* somebody has called just now */
    bool retained;
    bool sent, dup; /* in this connection; in any */
    char topic[64], payload[96];
};

struct session {
    bool known; /* a client has been here: what it missed waits */
    struct message *first, **last;
    unsigned waiting;
    int mid;
    char topics[TOPICS][64];
    unsigned n_topics;
    struct link *link; /* of the worker that is alive; NULL */
    int saved_mid;     /* as its file has it */
};

struct broker {
    bool up;
    struct session session[2]; /* state, urgent */
    struct {
        char topic[64], payload[96];
        int64_t since;
    } retained[RETAINED];
    unsigned n_retained;
    uint64_t serials;
    const struct message *shown; /* to the worker, just now */
};

bool broker_subscribed(const struct session *session, const char *topic);
struct message *broker_enqueue(struct broker *broker, struct session *session, const char *topic, const char *payload);
/* The client has the first message that waits: it is forgotten. */
void broker_acked(struct session *session);

#endif
