/* workers.h - the worker processes as the daemon holds them: start, frames both ways, stderr, end. Knows no core: what
 * happens goes to a sink, what is wanted comes as orders by worker number.
 *
 * Orders may be given from inside the sink's calls; the sink is never called from inside an order (what an order finds
 * wrong is told from the loop). */
#ifndef DAEMON_WORKERS_H
#define DAEMON_WORKERS_H

#include <systemd/sd-event.h>

#include "core/core.h"

struct workers;

struct workers_sink {
    void *context;
    /* A frame that frame_check has passed; valid during the call. */
    void (*frame)(void *context, unsigned worker, const struct frame *frame);
    /* It sent what frame_check refused, closed its channel without ending, or does not read. Once per start. */
    void (*bad)(void *context, unsigned worker, const char *why);
    /* Exactly once per start, after its last frame: it has ended, or could not be started. The number may be started
     * again from inside the call. */
    void (*exited)(void *context, unsigned worker, struct worker_death death);
};

/* Executables are <libexec>/gatewayd-<role>; `scratch` is the buffer that frames are received into, shared by all who
 * receive on this loop. SIGCHLD must be blocked. All borrowed until workers_destroy. NULL: out of memory. */
struct workers *workers_create(sd_event *event, const char *libexec, struct frame *scratch,
                               const struct workers_sink *sink);
/* Kills and reaps what still runs; the sink is not called. NULL is legal. */
void workers_destroy(struct workers *workers);

/* TZ of workers that are started from now on. */
void workers_set_timezone(struct workers *workers, const char *timezone);
void workers_start(struct workers *workers, unsigned worker, enum worker_role role, const char *name);
void workers_send(struct workers *workers, unsigned worker, const struct frame *frame);
void workers_kill(struct workers *workers, unsigned worker);

/* The end: close every channel (workers end then) and tell the sink nothing more. */
void workers_close(struct workers *workers);
unsigned workers_running(const struct workers *workers);

#endif
