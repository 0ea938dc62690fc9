/* detectors.c - detectors with their settings as text, and the defaults that a profile gives to all of one plugin. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "check.h"

#define SETTINGS_MAX 256 /* of one detector */
#define SUPERVISION  "supervision"

static const struct key detector_keys[] = {
    {.name = "name",
     .type = KEY_NAME,
     .required = true,
     FIELD(struct detector_settings, name),
     .doc = "how alerts call it"},
    {.name = "plugin",
     .type = KEY_NAME,
     .required = true,
     FIELD(struct detector_settings, plugin),
     .doc = "what it does: \"bath\", \"call\" ..."},
    /* a detector needs some 100 KiB; the rest is for a plugin's own data, and the end of one that leaks */
    {.name = "memory_mib",
     .type = KEY_NUMBER,
     FIELD(struct detector_settings, memory_mib),
     .minimum = 4,
     .maximum = 1024,
     .fallback = "32",
     .doc = "a plugin that takes more is restarted"},
};
const struct table detector_table = {"detectors", detector_keys, sizeof detector_keys / sizeof detector_keys[0], true};

static struct frame_setting *new_setting(struct check *check, struct detector_settings *detector,
                                         struct setting_lines *lines, unsigned line)
{
    size_t n = detector->n_settings + 1u;
    struct frame_setting *settings = realloc(detector->settings, n * sizeof *settings);
    detector->settings = settings ? settings : detector->settings;
    unsigned *line_of = settings ? realloc(lines->line, n * sizeof *line_of) : NULL;
    if (!line_of) {
        check->out_of_memory = true;
        return NULL;
    }
    lines->line = line_of;
    line_of[n - 1] = line;
    detector->n_settings = (uint32_t)n;
    settings[n - 1] = (struct frame_setting){0};
    return &settings[n - 1];
}

/* One value; `key` is the node that names it, value the same or an element of its list. */
static bool add_value(struct check *check, const struct node *key, const struct node *value,
                      struct detector_settings *detector, struct setting_lines *lines)
{
    char text[SETTING_SIZE];
    if (!node_scalar(value, text, sizeof text) || !text_valid(text, sizeof text)) {
        report_add(check->report, node_line(value),
                   "%s: expected a text, a number, true or false, or a list of them, not %s", node_name(key),
                   node_type(value) == NODE_TEXT ? "a text of more than 1023 bytes or no UTF-8"
                                                 : node_type_name(value));
        return true;
    }
    if (detector->n_settings == SETTINGS_MAX) {
        report_add(check->report, node_line(value), "%s: more than %d values for one detector", node_name(key),
                   SETTINGS_MAX);
        return true;
    }
    struct frame_setting *setting = new_setting(check, detector, lines, node_line(value));
    if (!setting)
        return false;
    text_copy(setting->key, sizeof setting->key, node_name(key));
    text_copy(setting->value, sizeof setting->value, text);
    report_where(check->report, node_line(value), setting->where, sizeof setting->where);
    return true;
}

static bool add_key(struct check *check, const struct node *node, struct detector_settings *detector,
                    struct setting_lines *lines)
{
    if (strlen(node_name(node)) >= NAME_SIZE) {
        report_add(check->report, node_line(node), "the key is too long: at most %d characters", NAME_SIZE - 1);
        return true;
    }
    if (node_type(node) != NODE_ARRAY && node_type(node) != NODE_LIST)
        return add_value(check, node, node, detector, lines);
    for (unsigned i = 0; i < node_count(node); i++)
        if (!add_value(check, node, node_child(node, i), detector, lines))
            return false;
    return true;
}

bool detector_add_settings(struct check *check, const struct node *group, struct detector_settings *detector,
                           struct setting_lines *lines, const struct node *skip)
{
    for (unsigned i = 0; i < node_count(group); i++) {
        const struct node *node = node_child(group, i);
        if (table_key(&detector_table, node_name(node)) || node_member(skip, node_name(node)))
            continue;
        if (!add_key(check, node, detector, lines))
            return false;
    }
    return true;
}

/* A detector's own keys are no defaults: they would be dropped without a word. */
static void check_defaults(struct check *check, const struct node *defaults)
{
    for (unsigned i = 0; i < node_count(defaults); i++) {
        const struct node *group = node_child(defaults, i);
        if (node_type(group) != NODE_GROUP) {
            table_wrong(group, check->report, "expected the name of a plugin and its settings: %s = { key = value; };",
                        node_name(group));
            continue;
        }
        for (unsigned k = 0; k < node_count(group); k++)
            if (table_key(&detector_table, node_name(node_child(group, k))))
                table_wrong(node_child(group, k), check->report, "can't be a default: say it at the detector itself");
    }
}

static bool read_detector(struct check *check, const struct node *list, unsigned i, const struct node *defaults)
{
    const struct node *group = node_child(list, i);
    struct detector_settings *detector = &check->settings->detectors[i];
    struct setting_lines *lines = &check->lines[i];
    table_read(&detector_table, group, detector, check->report);
    if (node_type(group) != NODE_GROUP)
        return true;
    lines->detector = node_line(group);
    lines->plugin = table_line(group, "plugin");
    table_unique(list, i, check->settings->detectors[0].name, sizeof *detector, check->report);
    if (strcmp(detector->name, ALERT_OWN) == 0)
        report_add(check->report, table_line(group, "name"),
                   "name: \"gateway\" is what the gateway's own alerts are called; take another");
    return detector_add_settings(check, group, detector, lines, NULL) &&
           (!*detector->plugin ||
            detector_add_settings(check, node_member(defaults, detector->plugin), detector, lines, group));
}

/* Supervision runs without being configured: a detector of the plugin "sensor", where that is installed and no detector
 * of the file uses it. There is room for one more than the list may have. */
static bool add_supervision(struct check *check, const struct node *defaults)
{
    struct settings *settings = check->settings;
    char path[TEXT_SIZE * 2];
    snprintf(path, sizeof path, "%s/sensor.so", settings->plugin_dir);
    if (!settings->supervised || settings->n_detectors == DETECTORS_MAX || access(path, R_OK) != 0)
        return true;
    for (uint32_t i = 0; i < settings->n_detectors; i++)
        if (strcmp(settings->detectors[i].plugin, "sensor") == 0 ||
            strcmp(settings->detectors[i].name, SUPERVISION) == 0)
            return true;
    struct detector_settings *detector = &settings->detectors[settings->n_detectors];
    table_read(&detector_table, NULL, detector, check->report);
    text_copy(detector->name, sizeof detector->name, SUPERVISION);
    text_copy(detector->plugin, sizeof detector->plugin, "sensor");
    struct setting_lines *lines = &check->lines[settings->n_detectors++];
    lines->detector = lines->plugin = 1;
    return detector_add_settings(check, node_member(defaults, "sensor"), detector, lines, NULL);
}

void detectors_read(struct check *check)
{
    const struct node *list = node_member(check->root, "detectors"), *defaults = node_member(check->root, "defaults");
    struct settings *settings = check->settings;
    unsigned n = table_list(list, DETECTORS_MAX, check->report);
    settings->detectors = calloc(n + 1u, sizeof *settings->detectors);
    check->lines = calloc(n + 1u, sizeof *check->lines);
    if (!settings->detectors || !check->lines) {
        check->out_of_memory = true;
        return;
    }
    settings->n_detectors = n;
    check_defaults(check, defaults);
    for (unsigned i = 0; i < n; i++)
        if (!read_detector(check, list, i, defaults))
            return;
    check->out_of_memory |= !add_supervision(check, defaults);
}
