/* clockwatch.h - tells when the wall clock was set, and looks a second later and each minute whether it is
 * synchronised. */
#ifndef DAEMON_CLOCKWATCH_H
#define DAEMON_CLOCKWATCH_H

#include <systemd/sd-event.h>

#include "base/clock.h"

struct clockwatch;

typedef void (*clockwatch_sink)(void *context, int64_t wall, enum clock_quality quality);

/* The sink is called from the loop, for the first time at once. NULL with errno. */
struct clockwatch *clockwatch_create(sd_event *event, clockwatch_sink sink, void *context);
void clockwatch_destroy(struct clockwatch *watch); /* NULL is legal */

#endif
