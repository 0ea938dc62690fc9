/* config.h - libconfig text to checked settings. Every error of a file is reported in one run. */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "../core/settings.h"

/* Errors in the order of the file; owned by the caller through config_errors_free. */
struct config_errors {
    char **text; /* "file:line: message", English, says what would be right */
    unsigned n, capacity;
    unsigned more; /* beyond the 1000 that are kept, or that there was no memory for; n may be 0 then */
};
void config_errors_free(struct config_errors *errors);

/* A setting of a detector that stands instead of the file's; checked like it, told as "--set". */
struct config_override {
    const char *detector, *key, *value;
};

struct config_options {
    const char *libexec_dir;       /* where gatewayd-detector is, to ask plugins for their tables */
    const char *state_dir;         /* default of store.directory */
    const char *plugin_dir;        /* default of plugin_dir */
    bool ask_plugins;              /* check detectors against their plugins' tables (--check); else structure only */
    bool plugin_faults_are_errors; /* --check: what the machine lacks (a plugin that can't be loaded, a certificate that
                                      can't be read, a group) is an error; at start it costs what needs it only */
    const struct config_override *overrides; /* NULL: none */
    unsigned n_overrides;
};

/* Load and check. Settings only if there were no errors; else NULL, and errors.n + errors.more is not 0. */
struct settings *config_load(const char *path, const struct config_options *options, struct config_errors *errors);

#endif
