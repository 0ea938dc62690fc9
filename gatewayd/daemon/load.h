/* load.h - which configuration runs: the file, or at start the last accepted copy of it. */
#ifndef DAEMON_LOAD_H
#define DAEMON_LOAD_H

#include <stdbool.h>
#include <stddef.h>

#include "core/settings.h"
#include "daemon/options.h"

struct loaded {
    struct settings *settings; /* owned by whoever called */
    bool fallback;             /* the last accepted copy: the file has errors */
    char error[TEXT_SIZE];     /* its first error, or "" */
};

/* At start. Every error of the file goes to the log; with errors the last accepted copy is taken. An accepted file is
 * kept as the copy (if that fails it is told, nothing more). -1: neither loads. */
int load_at_start(const struct options *options, struct loaded *out);

/* At a reload, after another process has checked and kept the file (an fsync may take seconds, which the loop must
 * not): quick, asks no plugins, writes nothing. NULL with the first error.
 */
struct settings *load_again(const struct options *options, char *error, size_t error_size);

/* --check: print every error, ask the plugins for what they take; with --keep a good file is kept as the copy. The exit
 * code. */
int load_check(const struct options *options);

#endif
