#include "daemon/sendqueue.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/channel.h"

/* Once so much memory has been touched it is given back to the system when the queue is empty again. */
#define KEEP_BYTES ((size_t)64 * 1024)

struct sendqueue {
    unsigned char *data; /* own mapping; the frames lie in it one behind the other, each at a multiple of 8 */
    size_t capacity;
    size_t head, tail; /* frames are in head .. tail */
    size_t touched;
};

static size_t padded(size_t size)
{
    return (size + 7) & ~(size_t)7;
}

struct sendqueue *sendqueue_create(size_t capacity)
{
    struct sendqueue *queue = calloc(1, sizeof *queue);
    if (!queue)
        return NULL;
    queue->capacity = padded(capacity);
    queue->data =
        mmap(NULL, queue->capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (queue->data == MAP_FAILED) {
        free(queue);
        return NULL;
    }
    return queue;
}

void sendqueue_destroy(struct sendqueue *queue)
{
    if (!queue)
        return;
    munmap(queue->data, queue->capacity);
    free(queue);
}

bool sendqueue_empty(const struct sendqueue *queue)
{
    return queue->head == queue->tail;
}

static bool push(struct sendqueue *queue, const struct frame *frame)
{
    size_t size = padded(frame->header.length);
    if (queue->capacity - (queue->tail - queue->head) < size)
        return false;
    if (queue->capacity - queue->tail < size) {
        memmove(queue->data, queue->data + queue->head, queue->tail - queue->head);
        queue->tail -= queue->head;
        queue->head = 0;
    }
    memcpy(queue->data + queue->tail, frame, frame->header.length);
    queue->tail += size;
    if (queue->touched < queue->tail)
        queue->touched = queue->tail;
    return true;
}

bool sendqueue_send(struct sendqueue *queue, int fd, const struct frame *frame)
{
    if (sendqueue_empty(queue) && channel_send(fd, frame) != CHANNEL_EMPTY)
        return true;
    return push(queue, frame);
}

void sendqueue_flush(struct sendqueue *queue, int fd)
{
    while (queue->head < queue->tail) {
        /* Only header and body of the frame's own length are looked at, so it may lie at the mapping's very end. */
        const struct frame *frame = (const struct frame *)(const void *)(queue->data + queue->head);
        if (channel_send(fd, frame) == CHANNEL_EMPTY)
            return;
        queue->head += padded(frame->header.length);
    }
    queue->head = queue->tail = 0;
    if (queue->touched > KEEP_BYTES)
        madvise(queue->data, queue->capacity, MADV_DONTNEED);
    queue->touched = 0;
}
