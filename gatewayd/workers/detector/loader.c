#include "loader.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

int loader_stem(const char *path, char *out, size_t size)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return 0;
    const size_t length = strlen(slash + 1);
    if (length <= 3 || strcmp(slash + 1 + length - 3, ".so") != 0 || length - 3 >= size)
        return 0;
    memcpy(out, slash + 1, length - 3);
    out[length - 3] = '\0';
    return 1;
}

const struct gw_plugin *loader_open(const char *path, char *error, size_t error_size)
{
    char stem[64];
    if (!loader_stem(path, stem, sizeof stem)) {
        snprintf(error, error_size, "plugin file %s: expected a path that ends in <name>.so", path);
        return NULL;
    }
    /* RTLD_NOW: a missing function is found here and not in the middle of an alarm. */
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (object == NULL) {
        const char *why = dlerror();
        snprintf(error, error_size, "plugin file can't be loaded: %s", why != NULL ? why : path);
        return NULL;
    }
    const struct gw_plugin *plugin = dlsym(object, GW_PLUGIN_SYMBOL);
    if (plugin == NULL)
        snprintf(error, error_size, "%s is no gatewayd plugin: it has no " GW_PLUGIN_SYMBOL " (see GW_PLUGIN)", path);
    return plugin;
}
