/* hub.h - the small computer itself: too hot, starved of voltage, on its battery, its disk read-only or nearly full.
 * Looks when told to, has no loop and no clock. */
#ifndef DAEMON_HUB_H
#define DAEMON_HUB_H

#include <stdint.h>

#include "base/frame.h"

struct hub;

/* Onset or recovery of one thing, due as a technical alert. Valid during the call. */
typedef void (*hub_sink)(void *context, const struct frame_trouble *trouble);

/* sys: "/sys", or a test's folder; state_dir: on the disk that is to be watched. Both are borrowed while it lives.
 * NULL: out of memory. */
struct hub *hub_create(const char *sys, const char *state_dir, hub_sink sink, void *context);
void hub_destroy(struct hub *hub); /* NULL is legal */

/* Look at everything; now: CLOCK_BOOTTIME in ms. Files that are not there (no sensor, no battery) say nothing. */
void hub_look(struct hub *hub, int64_t now);

#endif
