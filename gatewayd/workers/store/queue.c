#include "queue.h"

#include <stdlib.h>

struct queue {
    size_t first, n;
    uint64_t lost;
    struct reading reading[QUEUE_MAX];
};

struct queue *queue_create(void)
{
    return calloc(1, sizeof(struct queue));
}

void queue_destroy(struct queue *queue)
{
    free(queue);
}

size_t queue_count(const struct queue *queue)
{
    return queue->n;
}

const struct reading *queue_at(const struct queue *queue, size_t i)
{
    return &queue->reading[(queue->first + i) % QUEUE_MAX];
}

void queue_put(struct queue *queue, const struct reading *reading)
{
    if (queue->n == QUEUE_MAX) {
        queue_drop(queue, 1);
        queue->lost++;
    }
    queue->reading[(queue->first + queue->n++) % QUEUE_MAX] = *reading;
}

void queue_drop(struct queue *queue, size_t n)
{
    if (n > queue->n)
        n = queue->n;
    queue->n -= n;
    /* An empty queue begins at its start again, so that a healthy disk keeps it in few pages of memory. */
    queue->first = queue->n ? (queue->first + n) % QUEUE_MAX : 0;
}

uint64_t queue_lost(const struct queue *queue)
{
    return queue->lost;
}

size_t queue_find(const struct queue *queue, uint64_t id)
{
    size_t low = 0, high = queue->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (queue_at(queue, middle)->id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
