/* queue.h - readings that are not on the disk yet, oldest first, bounded: when the disk does not take them, the oldest
 * go first and are counted. reading.sensor is the sensor's row in history.db, not its slot. */
#ifndef STORE_QUEUE_H
#define STORE_QUEUE_H

#include <stddef.h>
#include <stdint.h>

#include "base/reading.h"

#define QUEUE_MAX 20000 /* 1 MB; memory is touched as it fills */

struct queue;

struct queue *queue_create(void); /* NULL: out of memory */
void queue_destroy(struct queue *queue);
size_t queue_count(const struct queue *queue);
/* i < queue_count, 0 is the oldest. */
const struct reading *queue_at(const struct queue *queue, size_t i);
void queue_put(struct queue *queue, const struct reading *reading);
void queue_drop(struct queue *queue, size_t n); /* the n oldest: they are on the disk now */
uint64_t queue_lost(const struct queue *queue); /* dropped by queue_put since the beginning */
/* First index with an id >= id. */
size_t queue_find(const struct queue *queue, uint64_t id);

#endif
