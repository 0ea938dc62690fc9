/* loader.h - the one place that loads a plugin's code into this process. */
#ifndef DETECTOR_LOADER_H
#define DETECTOR_LOADER_H

#include <stddef.h>

#include "gatewayd/plugin.h"

/* Load the shared object at `path` (with a '/' in it) and find its table, unchecked. It stays loaded until the process
 * ends. NULL with the reason in error. Its constructors run here: they may hang or crash. */
const struct gw_plugin *loader_open(const char *path, char *error, size_t error_size);

/* File name without folder and ".so" into out. False: the path is no plugin's (no '/', no ".so", too long). */
int loader_stem(const char *path, char *out, size_t size);

#endif
