/* core.h - the gateway's decisions as a state machine: inputs and time go in, frames and orders come out through a
 * port. No clock, file, socket, process or thread in here; the daemon and the tests drive the same code.
 *
 * Time: every input carries `now`, CLOCK_BOOTTIME in ms, never less than the one before.
 * Memory: everything is allocated by core_create and core_reload; nothing after that.
 * Errors: what another process says wrong is counted, told and answered by killing that process; it never stops the
 * core. */
#ifndef CORE_CORE_H
#define CORE_CORE_H

#include "../base/clock.h"
#include "../base/frame.h"
#include "settings.h"

struct core;

enum worker_role { ROLE_STORE, ROLE_GPIO, ROLE_MQTT, ROLE_UPLINK, ROLE_DETECTOR, ROLE_COUNT };

/* How the daemon tells of a worker's end. */
struct worker_death {
    enum { DEATH_EXIT, DEATH_SIGNAL, DEATH_SPAWN_FAILED } how;
    int code; /* exit code, signal number or errno */
};

#define WORKERS_MAX (3 + UPLINKS_MAX + DETECTORS_MAX)

/* What the core orders. Called from inside core_* calls; must not call back into the core. Workers are numbered 0 ..
 * WORKERS_MAX - 1; a number is used again only after its worker is gone for good. */
struct core_port {
    void *context;
    /* Hand a frame to a running worker. Bounded by the core's windows; a worker that does not take it is the daemon's
     * to kill. */
    void (*send)(void *context, unsigned worker, const struct frame *frame);
    /* Start the worker; the daemon answers with core_exited when it cannot. `name` is for logs and the process list. */
    void (*start)(void *context, unsigned worker, enum worker_role role, const char *name);
    /* SIGKILL; core_exited follows. */
    void (*kill)(void *context, unsigned worker);
    /* To a gatewayctl connection. False: it does not take it; the core forgets that client and the daemon closes it. */
    bool (*reply)(void *context, unsigned client, const struct frame *frame);
    /* Once: sources, uplinks and momentary detectors are up (or have had their chance). */
    void (*ready)(void *context);
    /* gatewayctl reload, or a platform's order: load the configuration again; core_reload follows if it is good. */
    void (*want_reload)(void *context, unsigned client);
    /* One line for the log. */
    void (*log)(void *context, int level, const char *text);
};

struct core_start {
    int64_t now;
    const char *boot_id;      /* 36 characters */
    const char *run_dir;      /* for the rings and the mirror */
    bool config_fallback;     /* the last accepted copy of the configuration runs */
    const char *config_error; /* first error of the refused file, or NULL */
};

/* settings are borrowed until core_reload or core_destroy. NULL: out of memory. */
struct core *core_create(const struct settings *settings, const struct core_port *port, const struct core_start *start);
void core_destroy(struct core *core);

/* A frame (frame_check said yes) from a worker. */
void core_frame(struct core *core, int64_t now, unsigned worker, const struct frame *frame);
/* A worker has sent something that frame_check refused, or does not read its socket any more. */
void core_bad_worker(struct core *core, int64_t now, unsigned worker, const char *why);
void core_exited(struct core *core, int64_t now, unsigned worker, struct worker_death death);
/* The wall clock was looked at (at start, every minute, at every step of it): wall ms and its quality. */
void core_wall(struct core *core, int64_t now, int64_t wall, enum clock_quality quality);
/* A request from gatewayctl client `client` (0 .. CLIENTS_MAX - 1), and its end. */
void core_client(struct core *core, int64_t now, unsigned client, const struct frame *frame);
void core_client_gone(struct core *core, int64_t now, unsigned client);
/* Time has passed; call it at core_deadline or later. */
void core_tick(struct core *core, int64_t now);
/* When core_tick is wanted next, INT64_MAX never. */
int64_t core_deadline(const struct core *core);
/* The new configuration, whole: what did not change by name is not touched. -1: nothing changed, for more sensors have
 * had a name since the start than there are places. */
int core_reload(struct core *core, int64_t now, const struct settings *settings);
/* The daemon tells of something of its own as a technical alert ("config-fallback", "reload-refused" ...): active 1 or
 * 0. */
void core_trouble(struct core *core, int64_t now, const struct frame_trouble *trouble);
/* End: workers are told nothing (their fd 3 closes), open work is committed if the store still answers; true when done.
 */
bool core_stopping(struct core *core, int64_t now);

#endif
