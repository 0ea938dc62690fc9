/* retained.h - one retained topic of ours: what should stand there, what the broker has confirmed. Only the newest text
 * is sent, one at a time. */
#ifndef UPLINK_RETAINED_H
#define UPLINK_RETAINED_H

#include <stdbool.h>
#include <stdint.h>

struct retained {
    char *wanted; /* owned; NULL: nothing to say yet */
    uint64_t wanted_hash, sent_hash, confirmed_hash;
    int mid; /* in flight; 0: none */
    bool confirmed;
};

/* Takes over the text; NULL is ignored. */
void retained_set(struct retained *retained, char *text);
void retained_clear(struct retained *retained);
/* Is there something to send now? */
bool retained_due(const struct retained *retained);
void retained_sent(struct retained *retained, int mid);
/* True if the confirmation was for this topic. */
bool retained_acked(struct retained *retained, int mid);
/* The connection was lost; forget true: what the broker confirmed before does not count any more. */
void retained_lost(struct retained *retained, bool forget);

#endif
