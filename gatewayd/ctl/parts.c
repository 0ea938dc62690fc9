#include "ctl/parts.h"

#include <stdlib.h>

bool parts_take(struct parts *parts, const struct frame_ctl_worker *worker)
{
    if (parts->n == parts->capacity) {
        unsigned capacity = parts->capacity ? parts->capacity * 2 : 16;
        struct frame_ctl_worker *more = realloc(parts->worker, capacity * sizeof *more);
        if (!more)
            return false;
        parts->worker = more;
        parts->capacity = capacity;
    }
    parts->worker[parts->n++] = *worker;
    return true;
}

void parts_free(struct parts *parts)
{
    free(parts->worker);
    *parts = (struct parts){0};
}
