/* sendqueue.h - frames that a full socket could not take yet, in order and bounded. Address space is set aside at
 * creation, memory is used only while something waits: nothing is allocated when a frame is pushed. */
#ifndef DAEMON_SENDQUEUE_H
#define DAEMON_SENDQUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/frame.h"

struct sendqueue;

/* Room for `capacity` bytes of frames. NULL: out of memory. */
struct sendqueue *sendqueue_create(size_t capacity);
void sendqueue_destroy(struct sendqueue *queue); /* NULL is legal */

/* Send now if nothing waits before it and the socket takes it, else keep a copy. False: no room, the frame is not kept
 * and the receiver has to be given up (an order with a hole in it is worth nothing). A closed socket swallows frames:
 * the reader's side of the caller sees the end. */
bool sendqueue_send(struct sendqueue *queue, int fd, const struct frame *frame);
/* The socket takes more: send what waits. */
void sendqueue_flush(struct sendqueue *queue, int fd);
bool sendqueue_empty(const struct sendqueue *queue);

#endif
