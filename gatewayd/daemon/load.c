#include "daemon/load.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "config/config.h"
#include "daemon/lastgood.h"

enum strictness {
    STRUCTURE, /* of the file; what a plugin makes of its settings shows when its detector starts */
    SETTINGS,  /* the plugins are asked too; one that can't be loaded costs its own detector only */
    EVERYTHING /* --check: that is an error as well */
};

static struct settings *load_file(const struct options *options, const char *path, enum strictness how_strict,
                                  struct config_errors *errors)
{
    struct config_options how = {
        .libexec_dir = options->libexec,
        .state_dir = options->state_dir,
        .plugin_dir = options->plugin_dir,
        .ask_plugins = how_strict >= SETTINGS,
        .plugin_faults_are_errors = how_strict == EVERYTHING,
    };
    struct settings *settings = config_load(path, &how, errors);
    char boot_id[37];
    if (settings && clock_boot_id(boot_id) == 0)
        text_copy(settings->store.boot_id, sizeof settings->store.boot_id, boot_id);
    return settings;
}

static const char *first_error(const struct config_errors *errors)
{
    return errors->n ? errors->text[0] : "out of memory";
}

struct judge {
    const struct options *options;
};

static bool copy_loads(void *context, const char *path)
{
    const struct judge *judge = context;
    struct config_errors errors = {0};
    struct settings *settings = load_file(judge->options, path, STRUCTURE, &errors);
    bool good = settings != NULL;
    settings_free(settings);
    config_errors_free(&errors);
    return good;
}

static void keep_copy(const struct options *options)
{
    char error[PATH_MAX + 128] = "";
    struct judge judge = {options};
    if (lastgood_store(options->state_dir, options->config, copy_loads, &judge, error, sizeof error) < 0)
        log_warning("the accepted configuration was not copied to the state directory: %s", error);
}

static void log_errors(const struct config_errors *errors)
{
    if (errors->n == 0)
        log_error("%s", first_error(errors));
    for (unsigned i = 0; i < errors->n; i++)
        log_error("%s", errors->text[i]);
    if (errors->n && errors->more)
        log_error("and %u more errors", errors->more);
}

static int load_copy(const struct options *options, struct loaded *out)
{
    char path[PATH_MAX];
    lastgood_path(options->state_dir, path, sizeof path);
    if (access(path, F_OK) < 0) {
        log_error("%s is not usable and no configuration has been accepted here before: the gateway cannot start",
                  options->config);
        return -1;
    }
    struct config_errors errors = {0};
    out->settings = load_file(options, path, STRUCTURE, &errors);
    out->fallback = true;
    if (out->settings)
        log_warning("%s is not usable: the last accepted configuration runs (%s)", options->config, path);
    else
        log_errors(&errors);
    config_errors_free(&errors);
    return out->settings ? 0 : -1;
}

int load_at_start(const struct options *options, struct loaded *out)
{
    struct config_errors errors = {0};
    *out = (struct loaded){.settings = load_file(options, options->config, SETTINGS, &errors)};
    int result = 0;
    if (out->settings) {
        keep_copy(options);
    } else {
        log_errors(&errors);
        text_copy(out->error, sizeof out->error, first_error(&errors));
        result = load_copy(options, out);
    }
    config_errors_free(&errors);
    return result;
}

struct settings *load_again(const struct options *options, char *error, size_t error_size)
{
    struct config_errors errors = {0};
    struct settings *settings = load_file(options, options->config, STRUCTURE, &errors);
    if (!settings)
        text_copy(error, error_size, first_error(&errors));
    config_errors_free(&errors);
    return settings;
}

int load_check(const struct options *options)
{
    struct config_errors errors = {0};
    struct settings *settings = load_file(options, options->config, EVERYTHING, &errors);
    if (settings) {
        printf("%s is good: %u sensors, %u detectors, %u uplinks, %u outputs\n", options->config, settings->n_sensors,
               settings->n_detectors, settings->n_uplinks, settings->n_outputs);
    } else {
        for (unsigned i = 0; i < errors.n || i == 0; i++)
            fprintf(stderr, "%s\n", i < errors.n ? errors.text[i] : first_error(&errors));
        unsigned n = errors.n + errors.more;
        fprintf(stderr, "%s: %u error%s\n", options->config, n, n == 1 ? "" : "s");
    }
    if (settings && options->keep)
        keep_copy(options);
    int status = settings ? EXIT_SUCCESS : EXIT_CONFIG;
    settings_free(settings);
    config_errors_free(&errors);
    return status;
}
