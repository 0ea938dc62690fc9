#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "check.h"
#include "source.h"

static const struct key root_keys[] = {
    {.name = "home",
     .type = KEY_GROUP,
     .required = true,
     .doc = "home = { county = \"...\"; town = \"...\"; village = \"...\"; id = \"...\"; timezone = \"Asia/Shanghai\"; "
            "};"},
    {.name = "contact", .type = KEY_GROUP, .doc = "numbers for those who answer"},
    {.name = "mqtt", .type = KEY_GROUP, .doc = "the broker in the home"},
    {.name = "store", .type = KEY_GROUP, .doc = "the databases"},
    {.name = "supervision", .type = KEY_GROUP, .doc = "how the installation watches itself"},
    {.name = "control", .type = KEY_GROUP, .doc = "who may use gatewayctl"},
    {.name = "plugin_dir", .type = KEY_PATH, FIELD(struct settings, plugin_dir), .doc = "where the plugins are"},
    {.name = "sensors", .type = KEY_LIST, .doc = "what reports"},
    {.name = "detectors", .type = KEY_LIST, .doc = "what is watched for"},
    {.name = "defaults", .type = KEY_GROUP, .doc = "settings for all detectors of a plugin"},
    {.name = "uplinks", .type = KEY_LIST, .doc = "where alerts go"},
    {.name = "outputs", .type = KEY_LIST, .doc = "lights and buzzers in the home"},
};
const struct table root_table = TABLE("the configuration", root_keys);

bool check_is_strict(const struct check *check)
{
    return check->options->plugin_faults_are_errors;
}

void check_file(struct check *check, const struct node *group, const char *key, const char *path)
{
    if (!*path || !check_is_strict(check))
        return;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char byte = 0;
    if (fd < 0 || read(fd, &byte, 1) < 0)
        report_add(check->report, table_line(group, key), "%s: %s: %s", key, path, strerror(errno));
    if (fd >= 0)
        close(fd);
}

void check_certificate(struct check *check, const struct node *group, const char *ca, const char *cert, const char *key)
{
    if (!*cert != !*key)
        report_add(check->report, table_line(group, *cert ? "cert" : "key"), "cert and key go together; %s is missing",
                   *cert ? "key" : "cert");
    if ((*cert || *key) && !*ca)
        report_add(check->report, table_line(group, *cert ? "cert" : "key"),
                   "ca is missing: which certificates may sign the other side's?");
    check_file(check, group, "ca", ca);
    check_file(check, group, "cert", cert);
    check_file(check, group, "key", key);
}

static void read_all(struct check *check)
{
    struct settings *settings = check->settings;
    const char *plugins = check->options->plugin_dir;
    text_copy(settings->plugin_dir, sizeof settings->plugin_dir, plugins ? plugins : GATEWAYD_PLUGIN_DIR);
    table_read(&root_table, check->root, settings, check->report);
    static void (*const steps[])(struct check *) = {general_read,   sensors_read,    outputs_read, uplinks_read,
                                                    detectors_read, overrides_apply, plugins_check};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && !check->out_of_memory; i++)
        steps[i](check);
}

static void check_free(struct check *check)
{
    for (uint32_t i = 0; check->lines && i < check->settings->n_detectors; i++)
        free(check->lines[i].line);
    free(check->lines);
}

/* The settings if all went well. */
static struct settings *read_settings(const struct reader *reader, const struct config_options *options,
                                      describe_function describe, struct report *report)
{
    struct check check = {
        .options = options,
        .report = report,
        .root = reader_root(reader),
        .settings = calloc(1, sizeof *check.settings),
        .describe = describe,
    };
    if (check.settings)
        read_all(&check);
    if (!check.settings || check.out_of_memory)
        report_add(report, 1, "out of memory");
    if (check.settings)
        check_free(&check);
    if (report_count(report) == 0)
        return check.settings;
    settings_free(check.settings);
    return NULL;
}

static struct settings *load(const char *path, const struct config_options *options, describe_function describe,
                             struct report *report, struct source **source)
{
    *source = source_load(path, report);
    if (!*source) {
        report_add(report, 0, "out of memory");
        return NULL;
    }
    if (!source_sound(*source))
        return NULL;
    const char *error = NULL;
    unsigned line = 0;
    struct reader *reader = reader_parse(source_text(*source), &error, &line);
    if (!reader) {
        char text[60];
        source_line(*source, line ? line : 1, text, sizeof text);
        report_add(report, line ? line : 1, "%s%s%s%s", error, *text ? " (at: " : "", text, *text ? ")" : "");
        return NULL;
    }
    struct settings *settings = read_settings(reader, options, describe, report);
    reader_free(reader);
    return settings;
}

struct settings *config_load_with(const char *path, const struct config_options *options, describe_function describe,
                                  struct config_errors *errors)
{
    static const struct config_options none = {0};
    struct source *source = NULL;
    *errors = (struct config_errors){0};
    struct report *report = report_create();
    if (!report) {
        errors->more = 1;
        return NULL;
    }
    struct settings *settings = load(path, options ? options : &none, describe, report, &source);
    report_tell(report, errors);
    source_free(source);
    report_destroy(report);
    return settings;
}

struct settings *config_load(const char *path, const struct config_options *options, struct config_errors *errors)
{
    return config_load_with(path, options, catalog_describe, errors);
}
