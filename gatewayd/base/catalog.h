/* catalog.h - what a plugin declares about itself, as its host told it: the data behind --check and `gatewayctl
 * plugins`. */
#ifndef BASE_CATALOG_H
#define BASE_CATALOG_H

#include "frame.h"

struct catalog_plugin {
    struct frame_plugin_info info;
    struct frame_plugin_role *roles;   /* info.n_roles of them, owned */
    struct frame_plugin_param *params; /* info.n_params, owned */
    struct frame_plugin_alert *alerts; /* info.n_alerts, owned */
};

/* Ask a plugin file: starts `host` (path of gatewayd-detector) with "--describe", feeds it the path and gathers its
 * table under a deadline. The plugin's code runs in that process only. NULL with the reason in error (English, says
 * what to do): missing file, not ELF, foreign ABI, crash, deadline. Waits up to deadline_ms: not for the core's loop.
 */
struct catalog_plugin *catalog_describe(const char *host, const char *plugin_path, int deadline_ms, char *error,
                                        unsigned error_size);
void catalog_free(struct catalog_plugin *plugin); /* NULL is legal */

const struct frame_plugin_role *catalog_role(const struct catalog_plugin *plugin, const char *name);   /* NULL: none */
const struct frame_plugin_param *catalog_param(const struct catalog_plugin *plugin, const char *name); /* NULL: none */

/* Does the text fit the parameter's type, range and choices? False with the reason in error: "expected a duration such
 * as
 * \"45 min\"" ... Used by the configuration check and by the host, so both say the same. */
bool catalog_value_ok(const struct frame_plugin_param *param, const char *value, char *error, unsigned error_size);

#endif
