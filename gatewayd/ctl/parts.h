/* parts.h - the gateway's processes as it told of them, kept until its answer is complete. */
#ifndef CTL_PARTS_H
#define CTL_PARTS_H

#include <stdbool.h>

#include "base/frame.h"

struct parts {                       /* zeroed: empty */
    struct frame_ctl_worker *worker; /* owned */
    unsigned n, capacity;
};

bool parts_take(struct parts *parts, const struct frame_ctl_worker *worker); /* false: out of memory */
void parts_free(struct parts *parts);

#endif
