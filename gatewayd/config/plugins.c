/* plugins.c - detectors against what their plugins say of themselves: roles, parameters, fitting sensors. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/kinds.h"
#include "base/text.h"
#include "check.h"

#define DESCRIBE_MS 2000 /* a plugin that takes longer to say what it is, hangs */
#define NAMES_MAX   256
#define LIST_SIZE   200

/* One detector being checked. */
struct subject {
    const struct detector_settings *detector;
    const struct setting_lines *lines;
    const struct catalog_plugin *plugin;
    bool defaults; /* the defaults of a plugin: roles may be missing */
};

static void plugin_path(const struct check *check, const char *plugin, char *out, size_t size)
{
    snprintf(out, size, "%s/%s.so", check->settings->plugin_dir, plugin);
}

/* Append ", word" to a list for people; what does not fit becomes "...". */
static void list_add(char *list, size_t size, const char *word)
{
    size_t used = strlen(list);
    if (used + strlen(word) + 8 < size)
        snprintf(list + used, size - used, "%s%s", used ? ", " : "", word);
    else if (used + 5 < size && !strstr(list, "..."))
        snprintf(list + used, size - used, " ...");
}

static int is_plugin_file(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return length > 3 && length < NAME_SIZE && strcmp(entry->d_name + length - 3, ".so") == 0;
}

static void report_unknown_plugin(struct check *check, const char *plugin, unsigned line)
{
    struct dirent **files = NULL;
    const char *names[NAMES_MAX];
    char all[LIST_SIZE] = "";
    int n = scandir(check->settings->plugin_dir, &files, is_plugin_file, alphasort);
    size_t candidates = 0;
    for (int i = 0; i < n && candidates < NAMES_MAX; i++) {
        files[i]->d_name[strlen(files[i]->d_name) - 3] = '\0';
        names[candidates++] = files[i]->d_name;
        list_add(all, sizeof all, files[i]->d_name);
    }
    const char *nearest = text_nearest(plugin, names, candidates);
    if (n < 0)
        report_add(check->report, line, "plugin \"%s\": the folder of the plugins, %s, can't be read", plugin,
                   check->settings->plugin_dir);
    else if (nearest)
        report_add(check->report, line, "there is no plugin \"%s\" in %s; did you mean \"%s\"?", plugin,
                   check->settings->plugin_dir, nearest);
    else
        report_add(check->report, line, "there is no plugin \"%s\" in %s; there are: %s", plugin,
                   check->settings->plugin_dir, candidates ? all : "none");
    for (int i = 0; i < n; i++)
        free(files[i]);
    free(files);
}

/* ---- one setting ---- */

static void check_unknown(struct check *check, const struct subject *subject, uint32_t i)
{
    const struct catalog_plugin *plugin = subject->plugin;
    const char *names[NAMES_MAX];
    size_t n = 0;
    char all[LIST_SIZE * 2] = "";
    for (uint32_t k = 0; k < plugin->info.n_roles && n < NAMES_MAX; k++)
        names[n++] = plugin->roles[k].name;
    for (uint32_t k = 0; k < plugin->info.n_params && n < NAMES_MAX; k++)
        names[n++] = plugin->params[k].name;
    for (size_t k = 0; k < n; k++)
        list_add(all, sizeof all, names[k]);
    for (size_t k = 0; k < detector_table.n && !subject->defaults && n < NAMES_MAX; k++)
        names[n++] = detector_table.keys[k].name;
    const struct frame_setting *setting = &subject->detector->settings[i];
    const char *nearest = text_nearest(setting->key, names, n);
    if (nearest)
        report_add(check->report, subject->lines->line[i], "the plugin \"%s\" has no \"%s\"; did you mean \"%s\"?",
                   subject->detector->plugin, setting->key, nearest);
    else
        report_add(check->report, subject->lines->line[i], "the plugin \"%s\" has no \"%s\"; it has: %s",
                   subject->detector->plugin, setting->key, all);
}

static const struct sensor_settings *find_sensor(const struct settings *settings, const char *name)
{
    for (uint32_t i = 0; i < settings->n_sensors; i++)
        if (strcmp(settings->sensors[i].name, name) == 0)
            return &settings->sensors[i];
    return NULL;
}

static bool fits(const struct frame_plugin_role *role, const struct sensor_settings *sensor)
{
    return sensor->kind < KIND_COUNT && text_kinds_take(role->kinds, kind_info(sensor->kind)->name);
}

/* "a, b, c": the home's sensors that the role takes; "" if there is none. */
static void fitting_sensors(const struct settings *settings, const struct frame_plugin_role *role, char *out,
                            size_t size)
{
    *out = '\0';
    for (uint32_t i = 0; i < settings->n_sensors; i++)
        if (fits(role, &settings->sensors[i]))
            list_add(out, size, settings->sensors[i].name);
}

static void report_unknown_sensor(struct check *check, const struct frame_setting *setting, unsigned line,
                                  const struct frame_plugin_role *role)
{
    const struct settings *settings = check->settings;
    const char *names[SENSORS_MAX];
    char fitting[LIST_SIZE];
    for (uint32_t i = 0; i < settings->n_sensors; i++)
        names[i] = settings->sensors[i].name;
    const char *nearest = text_nearest(setting->value, names, settings->n_sensors);
    fitting_sensors(settings, role, fitting, sizeof fitting);
    if (nearest)
        report_add(check->report, line, "%s: there is no sensor \"%.60s\"; did you mean \"%s\"?", setting->key,
                   setting->value, nearest);
    else
        report_add(check->report, line, "%s: there is no sensor \"%.60s\"; fitting ones of this home: %s", setting->key,
                   setting->value, *fitting ? fitting : "none");
}

/* How many settings before i have the same key; with `value` only those with the same value too. */
static unsigned count_before(const struct detector_settings *detector, uint32_t i, bool value)
{
    unsigned n = 0;
    for (uint32_t k = 0; k < i; k++)
        if (strcmp(detector->settings[k].key, detector->settings[i].key) == 0 &&
            (!value || strcmp(detector->settings[k].value, detector->settings[i].value) == 0))
            n++;
    return n;
}

static void check_role(struct check *check, const struct subject *subject, uint32_t i,
                       const struct frame_plugin_role *role)
{
    const struct frame_setting *setting = &subject->detector->settings[i];
    unsigned line = subject->lines->line[i];
    const struct sensor_settings *sensor = find_sensor(check->settings, setting->value);
    char fitting[LIST_SIZE];
    if (!(role->flags & GW_ROLE_MANY) && count_before(subject->detector, i, false) == 1)
        report_add(check->report, line, "%s: one sensor is expected, not a list", setting->key);
    if (count_before(subject->detector, i, true) == 1)
        report_add(check->report, line, "%s: the sensor \"%s\" stands twice", setting->key, setting->value);
    if (!sensor) {
        report_unknown_sensor(check, setting, line, role);
    } else if (sensor->kind < KIND_COUNT && !fits(role, sensor)) {
        fitting_sensors(check->settings, role, fitting, sizeof fitting);
        report_add(
            check->report, line,
            "%s: \"%s\" is a sensor of the kind %s, which does not fit; fitting kinds: %s; fitting sensors of this "
            "home: %s",
            setting->key, setting->value, kind_info(sensor->kind)->name, role->kinds, *fitting ? fitting : "none");
    }
}

static void check_param(struct check *check, const struct subject *subject, uint32_t i,
                        const struct frame_plugin_param *param)
{
    const struct frame_setting *setting = &subject->detector->settings[i];
    char error[TEXT_SIZE] = "";
    unsigned before = count_before(subject->detector, i, false);
    if (before == 1)
        report_add(check->report, subject->lines->line[i], "%s: one value is expected, not a list", setting->key);
    if (before == 0 && !catalog_value_ok(param, setting->value, error, sizeof error))
        report_add(check->report, subject->lines->line[i], "%s: %s", setting->key, error);
}

/* ---- one detector ---- */

static void check_missing(struct check *check, const struct subject *subject, const struct frame_plugin_role *role)
{
    const struct detector_settings *detector = subject->detector;
    char fitting[LIST_SIZE];
    for (uint32_t i = 0; i < detector->n_settings; i++)
        if (strcmp(detector->settings[i].key, role->name) == 0)
            return;
    fitting_sensors(check->settings, role, fitting, sizeof fitting);
    report_add(check->report, subject->lines->detector,
               "detector \"%s\": %s is missing (%s): name a sensor of the kind %s; fitting sensors of this home: %s",
               detector->name, role->name, role->doc_en, role->kinds, *fitting ? fitting : "none");
}

static void check_subject(struct check *check, const struct subject *subject)
{
    const struct catalog_plugin *plugin = subject->plugin;
    for (uint32_t i = 0; i < subject->detector->n_settings; i++) {
        const char *key = subject->detector->settings[i].key;
        const struct frame_plugin_role *role = catalog_role(plugin, key);
        const struct frame_plugin_param *param = catalog_param(plugin, key);
        if (role)
            check_role(check, subject, i, role);
        else if (param)
            check_param(check, subject, i, param);
        else
            check_unknown(check, subject, i);
    }
    for (uint32_t i = 0; i < plugin->info.n_roles && !subject->defaults; i++)
        if (plugin->roles[i].flags & GW_ROLE_REQUIRED)
            check_missing(check, subject, &plugin->roles[i]);
}

/* The plugin's table; NULL if it has none to give, which is reported at the line where that counts. */
static struct catalog_plugin *ask(struct check *check, const char *plugin, unsigned line)
{
    char path[TEXT_SIZE * 2], host[TEXT_SIZE * 2], error[TEXT_SIZE] = "";
    plugin_path(check, plugin, path, sizeof path);
    if (access(path, F_OK) != 0) {
        if (check_is_strict(check))
            report_unknown_plugin(check, plugin, line);
        return NULL;
    }
    if (!check->options->ask_plugins)
        return NULL;
    const char *folder = check->options->libexec_dir;
    snprintf(host, sizeof host, "%s/gatewayd-detector", folder ? folder : ".");
    struct catalog_plugin *table = check->describe(host, path, DESCRIBE_MS, error, sizeof error);
    if (!table && check_is_strict(check))
        report_add(check->report, line, "plugin \"%s\": %s", plugin, error);
    return table;
}

/* The defaults of one plugin as if they were a detector, also when no detector of the home uses it: a typo in a profile
 * must not wait for the home where it hurts. */
static void check_defaults(struct check *check, const struct node *group, const struct catalog_plugin *plugin)
{
    struct detector_settings detector = {0};
    struct setting_lines lines = {.detector = node_line(group)};
    text_copy(detector.plugin, sizeof detector.plugin, node_name(group));
    if (detector_add_settings(check, group, &detector, &lines, NULL))
        check_subject(check, &(struct subject){&detector, &lines, plugin, true});
    free(detector.settings);
    free(lines.line);
}

static bool used_before(const struct settings *settings, uint32_t i)
{
    for (uint32_t k = 0; k < i; k++)
        if (strcmp(settings->detectors[k].plugin, settings->detectors[i].plugin) == 0)
            return true;
    return false;
}

/* Ask each plugin once, and check everything that belongs to it. */
static void check_plugin(struct check *check, const char *name, unsigned line, const struct node *defaults)
{
    struct catalog_plugin *plugin = ask(check, name, line);
    const struct settings *settings = check->settings;
    for (uint32_t i = 0; plugin && i < settings->n_detectors; i++)
        if (strcmp(settings->detectors[i].plugin, name) == 0)
            check_subject(check, &(struct subject){&settings->detectors[i], &check->lines[i], plugin, false});
    if (plugin && defaults && node_type(defaults) == NODE_GROUP)
        check_defaults(check, defaults, plugin);
    catalog_free(plugin);
}

void plugins_check(struct check *check)
{
    const struct settings *settings = check->settings;
    const struct node *defaults = node_member(check->root, "defaults");
    for (uint32_t i = 0; i < settings->n_detectors; i++) {
        const struct detector_settings *detector = &settings->detectors[i];
        if (*detector->plugin && !used_before(settings, i))
            check_plugin(check, detector->plugin, check->lines[i].plugin, node_member(defaults, detector->plugin));
    }
    for (unsigned k = 0; k < node_count(defaults); k++) {
        const struct node *group = node_child(defaults, k);
        bool used = false;
        for (uint32_t i = 0; i < settings->n_detectors && !used; i++)
            used = strcmp(settings->detectors[i].plugin, node_name(group)) == 0;
        if (!used && text_is_name(node_name(group)))
            check_plugin(check, node_name(group), node_line(group), group);
    }
}
