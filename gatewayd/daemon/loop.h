/* loop.h - the daemon's one loop: between the core, which decides, and everything that happens. */
#ifndef DAEMON_LOOP_H
#define DAEMON_LOOP_H

#include "daemon/load.h"
#include "daemon/options.h"

struct loop;

/* Signals the loop takes are blocked from here on: call it first of all, so that none is lost or kills before. */
void loop_block_signals(void);

/* Build everything and start the workers. Takes over loaded->settings in any case. NULL: the reason has been logged. */
struct loop *loop_create(const struct options *options, struct loaded *loaded);
/* Until SIGTERM or SIGINT. The exit code. */
int loop_run(struct loop *loop);
void loop_destroy(struct loop *loop); /* NULL is legal */

#endif
