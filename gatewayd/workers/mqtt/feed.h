/* feed.h - one connection with its ring and its sensors: from messages to READINGS frames, and from CONFIRM to PUBACK.
 * There are two: urgent (calls and hazards; PUBACK after CONFIRM.durable) and state (PUBACK after the ring). */
#ifndef MQTT_FEED_H
#define MQTT_FEED_H

#include "routes.h"

struct feed;

/* fd: the channel to the core. NULL: out of memory or no ring file (errno; *why static text). */
struct feed *feed_create(int fd, const struct frame_broker *broker, bool urgent, const char **why);
void feed_destroy(struct feed *feed); /* NULL is legal */

/* The store's word on what was there before this ring. */
void feed_seed_key(struct feed *feed, uint64_t key);
/* Send what the ring still holds. Once, at start, when it has its sensors. */
void feed_replay(struct feed *feed);
/* Its sensors from now on (borrowed; by name the same ones as before keep their state and subscription). False: out of
 * memory, nothing changed. */
bool feed_set_sources(struct feed *feed, struct source *const sources[], unsigned n, int64_t now);
void feed_confirm(struct feed *feed, const struct frame_confirm *confirm, int64_t now);

int feed_fd(const struct feed *feed);
short feed_poll_events(const struct feed *feed);
int64_t feed_deadline(const struct feed *feed);
/* revents of its fd, 0 if there were none; also does what is due. */
void feed_run(struct feed *feed, short revents, int64_t now);

bool feed_ready(const struct feed *feed); /* connected and subscribed, or it has had its chance */
/* Is there trouble worth telling a person (refused, or down beyond the grace)? NULL: no. */
const char *feed_trouble(const struct feed *feed, int64_t now, const char **text_zh, bool *refused);

#endif
