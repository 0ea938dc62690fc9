/* gatewayctl plugins: what the detectors on this machine are and what they can be told, from their own tables. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/catalog.h"
#include "base/text.h"
#include "base/words.h"
#include "ctl/ctl.h"
#include "ctl/plugin_words.h"
#include "ctl/table.h"

#define DESCRIBE_MS 3000

/* ---- as text ---- */

static void line(FILE *out, const char *indent, const char *text)
{
    char safe[TEXT_SIZE];
    text_copy(safe, sizeof safe, text);
    if (safe[0])
        fprintf(out, "%s%s\n", indent, table_safe(safe));
}

static void print_roles(const struct catalog_plugin *plugin, FILE *out)
{
    fputs("\nSensors it uses:\n", out);
    for (uint32_t i = 0; i < plugin->info.n_roles; i++) {
        const struct frame_plugin_role *role = &plugin->roles[i];
        fprintf(out, "  %s: %s%s of %s%s%s\n", role->name, role->flags & GW_ROLE_REQUIRED ? "needed, " : "",
                role->flags & GW_ROLE_MANY ? "a list of sensors" : "one sensor",
                strcmp(role->kinds, "*") == 0 ? "any kind" : "kind ", strcmp(role->kinds, "*") == 0 ? "" : role->kinds,
                role->flags & GW_ROLE_ALL ? "; every one of the home if none is named" : "");
        line(out, "      ", role->doc_en);
        line(out, "      ", role->doc_zh);
    }
}

static void print_params(const struct catalog_plugin *plugin, FILE *out)
{
    fputs("\nSettings:\n", out);
    for (uint32_t i = 0; i < plugin->info.n_params; i++) {
        const struct frame_plugin_param *param = &plugin->params[i];
        char text[TEXT_SIZE];
        fprintf(out, "  %s: %s%s%s", param->name, plugin_type_name(param->type), param->unit[0] ? " in " : "",
                param->unit);
        if (plugin_range(param, text, sizeof text)[0])
            fprintf(out, " (%s)", text);
        if (param->has_default)
            fprintf(out, ", otherwise %s\n", param->default_value);
        else
            fputs(", not set otherwise\n", out);
        line(out, "      ", param->doc_en);
        line(out, "      ", param->doc_zh);
    }
}

static void print_alerts(const struct catalog_plugin *plugin, FILE *out)
{
    fputs("\nAlerts:\n", out);
    for (uint32_t i = 0; i < plugin->info.n_alerts; i++) {
        const struct frame_plugin_alert *alert = &plugin->alerts[i];
        fprintf(out, "  %s: %s%s%s%s%s\n", alert->name, alert_class_name(alert->class_),
                alert->flags & GW_ALERT_MOMENTARY ? ", happens" : ", lasts until it is over",
                alert->flags & GW_ALERT_REQUEST ? ", service request"
                : alert->flags & GW_ALERT_VISIT ? ", a carer's visit"
                                                : "",
                alert->code[0] ? ", SCAIP " : "", alert->code);
        line(out, "      ", alert->title_en);
        line(out, "      ", alert->title_zh);
        line(out, "      ", alert->doc_en);
        line(out, "      ", alert->doc_zh);
    }
}

static void print_plugin(const struct catalog_plugin *plugin, FILE *out)
{
    char history[64];
    fprintf(out, "%s %s (ABI %u.%u)\n", plugin->info.name, plugin->info.version, plugin->info.abi_major,
            plugin->info.abi_minor);
    line(out, "  ", plugin->info.summary_en);
    line(out, "  ", plugin->info.summary_zh);
    if (plugin->info.history > 0)
        fprintf(out, "  looks back over %s when it starts\n",
                text_from_duration(plugin->info.history, history, sizeof history));
    print_roles(plugin, out);
    print_params(plugin, out);
    print_alerts(plugin, out);
}

/* ---- as JSON ---- */

static void add_doc(cJSON *json, const char *key, const char *en, const char *zh)
{
    cJSON *doc = cJSON_AddObjectToObject(json, key);
    cJSON_AddStringToObject(doc, "en", en);
    cJSON_AddStringToObject(doc, "zh", zh);
}

static void json_words(cJSON *json, const char *key, const char *list)
{
    char copy[TEXT_SIZE];
    char *rest = NULL;
    text_copy(copy, sizeof copy, list);
    cJSON *array = cJSON_AddArrayToObject(json, key);
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        cJSON_AddItemToArray(array, cJSON_CreateString(word));
}

static cJSON *json_param(const struct frame_plugin_param *param)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "name", param->name);
    cJSON_AddStringToObject(json, "type", plugin_type_name(param->type));
    if (param->unit[0])
        cJSON_AddStringToObject(json, "unit", param->unit);
    cJSON_AddItemToObject(json, "default",
                          param->has_default ? cJSON_CreateString(param->default_value) : cJSON_CreateNull());
    if (param->type != GW_PARAM_CHOICE && (param->minimum != 0.0 || param->maximum != 0.0)) {
        cJSON_AddNumberToObject(json, "minimum", param->minimum);
        cJSON_AddNumberToObject(json, "maximum", param->maximum);
    }
    if (param->type == GW_PARAM_CHOICE)
        json_words(json, "choices", param->choices);
    add_doc(json, "doc", param->doc_en, param->doc_zh);
    return json;
}

static cJSON *json_plugin(const struct catalog_plugin *plugin)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "name", plugin->info.name);
    cJSON_AddStringToObject(json, "version", plugin->info.version);
    cJSON_AddNumberToObject(json, "history_ms", (double)plugin->info.history);
    add_doc(json, "summary", plugin->info.summary_en, plugin->info.summary_zh);
    cJSON *roles = cJSON_AddArrayToObject(json, "roles");
    for (uint32_t i = 0; i < plugin->info.n_roles; i++) {
        const struct frame_plugin_role *role = &plugin->roles[i];
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "name", role->name);
        json_words(item, "kinds", role->kinds);
        cJSON_AddBoolToObject(item, "required", (role->flags & GW_ROLE_REQUIRED) != 0);
        cJSON_AddBoolToObject(item, "many", (role->flags & GW_ROLE_MANY) != 0);
        cJSON_AddBoolToObject(item, "all", (role->flags & GW_ROLE_ALL) != 0);
        add_doc(item, "doc", role->doc_en, role->doc_zh);
        cJSON_AddItemToArray(roles, item);
    }
    cJSON *params = cJSON_AddArrayToObject(json, "parameters");
    for (uint32_t i = 0; i < plugin->info.n_params; i++)
        cJSON_AddItemToArray(params, json_param(&plugin->params[i]));
    cJSON *alerts = cJSON_AddArrayToObject(json, "alerts");
    for (uint32_t i = 0; i < plugin->info.n_alerts; i++) {
        const struct frame_plugin_alert *alert = &plugin->alerts[i];
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "name", alert->name);
        cJSON_AddStringToObject(item, "class", alert_class_name(alert->class_));
        cJSON_AddBoolToObject(item, "momentary", (alert->flags & GW_ALERT_MOMENTARY) != 0);
        cJSON_AddBoolToObject(item, "request", (alert->flags & GW_ALERT_REQUEST) != 0);
        cJSON_AddBoolToObject(item, "visit", (alert->flags & GW_ALERT_VISIT) != 0);
        cJSON_AddStringToObject(item, "code", alert->code);
        add_doc(item, "title", alert->title_en, alert->title_zh);
        add_doc(item, "doc", alert->doc_en, alert->doc_zh);
        cJSON_AddItemToArray(alerts, item);
    }
    return json;
}

/* ---- which ---- */

static struct catalog_plugin *describe(const struct args *args, const char *name, char *error, unsigned error_size)
{
    char host[PATH_MAX], path[PATH_MAX];
    snprintf(host, sizeof host, "%s/gatewayd-detector", args->libexec);
    snprintf(path, sizeof path, "%s/%s.so", args->plugin_dir, name);
    return catalog_describe(host, path, DESCRIBE_MS, error, error_size);
}

static int one_plugin(struct ctl *ctl)
{
    char error[TEXT_SIZE];
    if (!text_is_name(ctl->args->name))
        return ctl_fail(ctl, CTL_USAGE, "a plugin's name is made of small letters, digits and -");
    struct catalog_plugin *plugin = describe(ctl->args, ctl->args->name, error, sizeof error);
    if (!plugin)
        return ctl_fail(ctl, CTL_REFUSED, "%s: %s", ctl->args->name, error);
    if (ctl->args->json)
        ctl_print_json(ctl, json_plugin(plugin));
    else
        print_plugin(plugin, ctl->out);
    catalog_free(plugin);
    return CTL_OK;
}

static int is_plugin(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);
    return n > 3 && n < NAME_SIZE && strcmp(entry->d_name + n - 3, ".so") == 0;
}

static void list_one(struct ctl *ctl, const char *name, struct table *table, cJSON *list)
{
    char error[TEXT_SIZE] = "";
    struct catalog_plugin *plugin = describe(ctl->args, name, error, sizeof error);
    if (list && plugin) {
        cJSON_AddItemToArray(list, json_plugin(plugin));
    } else if (list) {
        cJSON *json = cJSON_CreateObject();
        cJSON_AddStringToObject(json, "name", name);
        cJSON_AddStringToObject(json, "error", error);
        cJSON_AddItemToArray(list, json);
    } else {
        table_cell(table, "%s", name);
        table_cell(table, "%s", plugin ? plugin->info.version : "-");
        table_cell(table, "%s", plugin ? plugin->info.summary_en : error);
        table_cell(table, "%s", plugin ? plugin->info.summary_zh : "");
    }
    catalog_free(plugin);
}

int ctl_plugins(struct ctl *ctl)
{
    static const char *const headings[] = {"PLUGIN", "VERSION", "WHAT IT WATCHES", "", NULL};
    if (ctl->args->name[0])
        return one_plugin(ctl);
    struct dirent **entries = NULL;
    int n = scandir(ctl->args->plugin_dir, &entries, is_plugin, alphasort);
    if (n < 0)
        return ctl_fail(ctl, CTL_REFUSED, "cannot read %s: %s; tell where the plugins are with --plugin-dir",
                        ctl->args->plugin_dir, strerror(errno));
    cJSON *json = ctl->args->json ? cJSON_CreateObject() : NULL;
    cJSON *list = json ? cJSON_AddArrayToObject(json, "plugins") : NULL;
    struct table *table = json ? NULL : table_create(headings);
    for (int i = 0; i < n; i++) {
        entries[i]->d_name[strlen(entries[i]->d_name) - 3] = '\0';
        if (list || table)
            list_one(ctl, entries[i]->d_name, table, list);
        free(entries[i]);
    }
    free(entries);
    if (json)
        ctl_print_json(ctl, json);
    else if (table)
        table_print(table, ctl->out);
    table_destroy(table);
    return CTL_OK;
}
