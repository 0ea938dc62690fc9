/* ring.h - the bounded file under /run in which a source keeps readings until the core has dealt with them. Memory, no
 * wear; survives SIGKILL of everybody (MAP_SHARED page cache of a tmpfs), not a power cut.
 *
 * Origins: the high 32 bits name the ring (random, not 0, new with each new file), the low 32 bits count from 1. So
 * within a ring origins rise strictly, and no two rings share one. */
#ifndef BASE_RING_H
#define BASE_RING_H

#include <stdbool.h>
#include <stddef.h>

#include "reading.h"

struct ring;

/* Open the ring file or make it (mode 0600). capacity is in readings, a power of two; a file of another version or
 * capacity, or one that is damaged, is replaced (readings in it are lost: *lost says so, may be NULL). NULL with errno.
 */
struct ring *ring_open(const char *path, size_t capacity, bool *lost);
void ring_close(struct ring *ring); /* NULL is legal */

/* A slot's sensor by name. A ring outlives a configuration: its readings are kept under the names, and come back under
 * the slot that their sensor has now; those of a sensor that is gone are left out. Before any binding slots are taken
 * as they are. */
void ring_bind_none(struct ring *ring);
void ring_bind(struct ring *ring, uint16_t slot, const char *sensor);

/* Write one reading and give it its origin (also set in *reading). False: the ring is full of readings not yet handled.
 */
bool ring_put(struct ring *ring, struct reading *reading);
/* The same for readings that belong together, as those of one message: whoever opens the file after our death finds
 * what was added before the last ring_show, and nothing of the rest. */
bool ring_add(struct ring *ring, struct reading *reading);
void ring_show(struct ring *ring);
/* Make room by forgetting the oldest reading; true if there was one. For levels from lines that cannot wait. */
bool ring_drop_oldest(struct ring *ring);
/* The core has dealt with everything up to this origin. Origins of other rings and of the future are ignored. */
void ring_forget(struct ring *ring, uint64_t origin);
/* Readings kept, oldest first: the first one with an origin beyond `after` (0: the oldest of all). False: no more. */
bool ring_next(const struct ring *ring, uint64_t after, struct reading *reading);
size_t ring_used(const struct ring *ring);
size_t ring_free(const struct ring *ring);
/* The last `n` source keys put into this ring, handled or not, oldest first; returns how many. For MQTT redelivery. */
size_t ring_recent_keys(const struct ring *ring, uint64_t *keys, size_t n);
/* The keys put so far are told no more: they are of a session that the broker has forgotten. */
void ring_forget_keys(struct ring *ring);

#endif
