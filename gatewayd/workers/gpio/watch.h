/* watch.h - the lines at work: requested, read, lost and requested again; what they show goes to the outbox. */
#ifndef GPIO_WATCH_H
#define GPIO_WATCH_H

#include "outbox.h"
#include "table.h"

#define WATCH_CHECK_MS 10000 /* every line is looked at this often: some kernels do not tell when a chip goes away */

struct watch {
    struct table *table;   /* owned by the worker */
    struct outbox *outbox; /* owned by the worker; NULL: not open yet, nothing is watched */
    int64_t check_at;
};

/* Request the lines that are not held, of the chips whose time to be tried has come. */
void watch_retry(struct watch *watch, int64_t now);
/* One line's turn: edges (revents of its fd, 0 none), looks that are due. Bounded work. */
void watch_serve(struct watch *watch, struct entry *entry, short revents, int64_t now);
/* Look at every line held, if it is time to. */
void watch_check(struct watch *watch, int64_t now);
/* Drive an output; a line that is not held gets the value when it is requested. */
void watch_set(struct watch *watch, struct entry *entry, int value, int64_t now);
/* The fd of the line, if its edges are wanted now, else -1. */
int watch_fd(const struct watch *watch, const struct entry *entry, int64_t now);
/* When one of the above is to be called next without anything happening. */
int64_t watch_deadline(const struct watch *watch, int64_t now);

#endif
