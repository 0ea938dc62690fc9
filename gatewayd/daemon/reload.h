/* reload.h - the check before a reload, in a process of its own: `gatewayd --check` asks plugins and may take seconds,
 * which the loop must not. It also keeps the accepted copy, which waits for the disk. */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "base/limits.h"
#include "daemon/options.h"

struct reload;

/* What the check said; texts are valid during the call. */
struct reload_result {
    bool good;
    const char *first; /* its first line, or what became of the check; "" if good */
    const char *text;  /* as many lines as fit into a CTL_END frame */
};
typedef void (*reload_sink)(void *context, const struct reload_result *result);

/* Everything borrowed. NULL: out of memory. */
struct reload *reload_create(sd_event *event, const struct options *options, reload_sink sink, void *context);
void reload_destroy(struct reload *reload); /* ends a running check; NULL is legal */

bool reload_running(const struct reload *reload);
/* Start the check; the sink is called once, from the loop, within 10 s. False: it cannot be started (errno). */
bool reload_start(struct reload *reload);

#endif
