#include "table.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/catalog.h"
#include "base/kinds.h"
#include "base/text.h"

struct complaint {
    char *text;
    size_t size;
};

__attribute__((format(printf, 2, 3))) static bool complain(struct complaint *complaint, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(complaint->text, complaint->size, format, args);
    va_end(args);
    return false;
}

/* The text must end within `size`; a NULL is wrong only where it is required. */
static bool text_sane(const char *text, size_t size, bool required)
{
    if (text == NULL)
        return !required;
    return strnlen(text, size) < size && text_valid(text, strlen(text) + 1) && (!required || text[0] != '\0');
}

static bool word_sane(const char *text, const char *also)
{
    if (text == NULL || strnlen(text, NAME_SIZE) >= NAME_SIZE || text[0] == '\0')
        return false;
    for (const char *c = text; *c != '\0'; c++) {
        if ((*c < 'a' || *c > 'z') && strchr(also, *c) == NULL)
            return false;
    }
    return text[0] >= 'a' && text[0] <= 'z';
}

/* Copy rows of the plugin's stride into rows of ours. */
static void *copy_rows(const void *from, uint32_t n, uint32_t stride, size_t own_size)
{
    char *rows = calloc(n > 0 ? n : 1, own_size);
    if (rows == NULL)
        return NULL;
    for (uint32_t i = 0; i < n; i++)
        memcpy(rows + i * own_size, (const char *)from + (size_t)i * stride, stride < own_size ? stride : own_size);
    return rows;
}

/* Sizes of version 1.0: a plugin that claims less was not built with any plugin.h. */
#define PLUGIN_SIZE_1_0 144u
#define ROLE_SIZE_1_0   40u
#define PARAM_SIZE_1_0  72u
#define ALERT_SIZE_1_0  56u
#if UINTPTR_MAX == UINT64_MAX
_Static_assert(sizeof(struct gw_plugin) >= PLUGIN_SIZE_1_0, "plugin.h is append-only");
_Static_assert(sizeof(struct gw_role) >= ROLE_SIZE_1_0, "plugin.h is append-only");
_Static_assert(sizeof(struct gw_param) >= PARAM_SIZE_1_0, "plugin.h is append-only");
_Static_assert(sizeof(struct gw_alert_kind) >= ALERT_SIZE_1_0, "plugin.h is append-only");
#define LEAST(size_1_0, type) (size_1_0)
#else
#define LEAST(size_1_0, type) sizeof(type)
#endif

static bool size_sane(uint32_t size, size_t least)
{
    return size >= least && size <= TABLE_SIZE_MAX && size % 4 == 0;
}

static bool check_head(const struct gw_plugin *raw, struct complaint *complaint)
{
    if (raw->abi_major != GW_ABI_MAJOR)
        return complain(complaint, "built for plugin ABI %u.%u, this gatewayd speaks %u.%u: rebuild the plugin",
                        raw->abi_major, raw->abi_minor, GW_ABI_MAJOR, GW_ABI_MINOR);
    if (!size_sane(raw->size, LEAST(PLUGIN_SIZE_1_0, struct gw_plugin)) ||
        !size_sane(raw->role_size, LEAST(ROLE_SIZE_1_0, struct gw_role)) ||
        !size_sane(raw->param_size, LEAST(PARAM_SIZE_1_0, struct gw_param)) ||
        !size_sane(raw->alert_size, LEAST(ALERT_SIZE_1_0, struct gw_alert_kind)))
        return complain(complaint, "its table has impossible sizes: register it with GW_PLUGIN");
    return true;
}

static bool check_plugin(const struct gw_plugin *plugin, const char *stem, struct complaint *complaint)
{
    if (!word_sane(plugin->name, "0123456789-"))
        return complain(complaint, "its name is not [a-z][a-z0-9-]*");
    if (strcmp(plugin->name, stem) != 0)
        return complain(complaint, "calls itself \"%s\" but its file is %.60s.so", plugin->name, stem);
    if (!text_sane(plugin->version, NAME_SIZE, true) || !text_sane(plugin->summary_en, GW_MAX_TEXT, true) ||
        !text_sane(plugin->summary_zh, GW_MAX_TEXT, true))
        return complain(complaint, "version or summary is missing, too long or not UTF-8");
    if (plugin->n_roles > PLUGIN_ROLES_MAX || plugin->n_params > PLUGIN_PARAMS_MAX ||
        plugin->n_alerts > PLUGIN_ALERTS_MAX)
        return complain(complaint, "more than %d roles, %d parameters or %d alert kinds", PLUGIN_ROLES_MAX,
                        PLUGIN_PARAMS_MAX, PLUGIN_ALERTS_MAX);
    if ((plugin->n_roles > 0 && plugin->roles == NULL) || (plugin->n_params > 0 && plugin->params == NULL) ||
        (plugin->n_alerts > 0 && plugin->alerts == NULL))
        return complain(complaint, "counts rows of a table that is not there");
    if (plugin->open == NULL || plugin->reading == NULL || plugin->wake == NULL)
        return complain(complaint, "lacks open, reading or wake");
    if (plugin->state_size > TABLE_STATE_MAX)
        return complain(complaint, "wants more than %u bytes of state", TABLE_STATE_MAX);
    if (plugin->history < 0 || plugin->history > TABLE_HISTORY_MAX)
        return complain(complaint, "wants an impossible span of history");
    return true;
}

static bool check_role(const struct gw_role *role, uint32_t i, struct complaint *complaint)
{
    if (!word_sane(role->name, "_"))
        return complain(complaint, "role %u: its name is not [a-z_]+", i);
    if (!text_sane(role->kinds, TEXT_SIZE, true) || !text_sane(role->doc_en, TEXT_SIZE, true) ||
        !text_sane(role->doc_zh, TEXT_SIZE, true))
        return complain(complaint, "role %s: kinds or doc is missing, too long or not UTF-8", role->name);
    return true;
}

static bool check_alert(const struct gw_alert_kind *alert, uint32_t i, struct complaint *complaint)
{
    if (!word_sane(alert->name, "-"))
        return complain(complaint, "alert %u: its name is not [a-z-]+", i);
    if (alert->class_ < GW_EMERGENCY || alert->class_ > GW_TECHNICAL)
        return complain(complaint, "alert %s: unknown class %u", alert->name, alert->class_);
    if (!text_sane(alert->code, sizeof((struct frame_plugin_alert *)0)->code, false))
        return complain(complaint, "alert %s: bad code", alert->name);
    if (!text_sane(alert->title_en, GW_MAX_TEXT, true) || !text_sane(alert->title_zh, GW_MAX_TEXT, true) ||
        !text_sane(alert->doc_en, TEXT_SIZE, true) || !text_sane(alert->doc_zh, TEXT_SIZE, true))
        return complain(complaint, "alert %s: title or doc is missing, too long or not UTF-8", alert->name);
    return true;
}

static bool check_param(const struct table *table, uint32_t i, struct complaint *complaint)
{
    const struct gw_param *param = &table->params[i];
    if (!word_sane(param->name, "_"))
        return complain(complaint, "parameter %u: its name is not [a-z_]+", i);
    if (param->type < GW_PARAM_DURATION || param->type > GW_PARAM_FLAG)
        return complain(complaint, "parameter %s: unknown type %u", param->name, param->type);
    if (!isfinite(param->minimum) || !isfinite(param->maximum) || param->minimum > param->maximum)
        return complain(complaint, "parameter %s: impossible range", param->name);
    if (!text_sane(param->unit, NAME_SIZE, false) || !text_sane(param->default_value, TEXT_SIZE, false) ||
        !text_sane(param->choices, TEXT_SIZE, param->type == GW_PARAM_CHOICE) ||
        !text_sane(param->doc_en, TEXT_SIZE, true) || !text_sane(param->doc_zh, TEXT_SIZE, true))
        return complain(complaint, "parameter %s: a text is missing, too long or not UTF-8", param->name);
    for (uint32_t k = 0; k < i; k++) {
        if (strcmp(table->params[k].name, param->name) == 0)
            return complain(complaint, "parameter %s is declared twice", param->name);
    }
    for (uint32_t k = 0; k < table->plugin.n_roles; k++) {
        if (strcmp(table->roles[k].name, param->name) == 0)
            return complain(complaint, "%s is both a role and a parameter", param->name);
    }
    return true;
}

static void fill_param(const struct gw_param *param, struct frame_plugin_param *out)
{
    text_copy(out->name, sizeof out->name, param->name);
    text_copy(out->unit, sizeof out->unit, param->unit);
    text_copy(out->default_value, sizeof out->default_value, param->default_value);
    text_copy(out->choices, sizeof out->choices, param->choices);
    text_copy(out->doc_en, sizeof out->doc_en, param->doc_en);
    text_copy(out->doc_zh, sizeof out->doc_zh, param->doc_zh);
    out->minimum = param->minimum;
    out->maximum = param->maximum;
    out->type = param->type;
    out->has_default = param->default_value != NULL;
}

static bool check_rows(struct table *table, struct complaint *complaint)
{
    for (uint32_t i = 0; i < table->plugin.n_roles; i++) {
        if (!check_role(&table->roles[i], i, complaint))
            return false;
        for (uint32_t k = 0; k < i; k++) {
            if (strcmp(table->roles[k].name, table->roles[i].name) == 0)
                return complain(complaint, "role %s is declared twice", table->roles[i].name);
        }
    }
    for (uint32_t i = 0; i < table->plugin.n_alerts; i++) {
        if (!check_alert(&table->alerts[i], i, complaint))
            return false;
    }
    for (uint32_t i = 0; i < table->plugin.n_params; i++) {
        char why[TEXT_SIZE];
        if (!check_param(table, i, complaint))
            return false;
        fill_param(&table->params[i], &table->frames[i]);
        if (table->frames[i].has_default &&
            !catalog_value_ok(&table->frames[i], table->frames[i].default_value, why, sizeof why))
            return complain(complaint, "parameter %s: its own default is wrong: %s", table->params[i].name, why);
    }
    return true;
}

struct table *table_create(const struct gw_plugin *raw, const char *stem, char *error, size_t error_size)
{
    struct complaint complaint = {error, error_size};
    if (!check_head(raw, &complaint))
        return NULL;
    struct table *table = calloc(1, sizeof *table);
    if (table == NULL) {
        complain(&complaint, "out of memory");
        return NULL;
    }
    struct gw_plugin *plugin = &table->plugin;
    memcpy(plugin, raw, raw->size < sizeof *plugin ? raw->size : sizeof *plugin);
    bool good = check_plugin(plugin, stem, &complaint);
    if (good) {
        table->roles = copy_rows(plugin->roles, plugin->n_roles, plugin->role_size, sizeof *table->roles);
        table->params = copy_rows(plugin->params, plugin->n_params, plugin->param_size, sizeof *table->params);
        table->alerts = copy_rows(plugin->alerts, plugin->n_alerts, plugin->alert_size, sizeof *table->alerts);
        table->frames = calloc(plugin->n_params > 0 ? plugin->n_params : 1, sizeof *table->frames);
        good = table->roles != NULL && table->params != NULL && table->alerts != NULL && table->frames != NULL;
        if (!good)
            complain(&complaint, "out of memory");
    }
    if (!good || !check_rows(table, &complaint)) {
        table_destroy(table);
        return NULL;
    }
    plugin->roles = table->roles;
    plugin->params = table->params;
    plugin->alerts = table->alerts;
    return table;
}

void table_destroy(struct table *table)
{
    if (table == NULL)
        return;
    free(table->roles);
    free(table->params);
    free(table->alerts);
    free(table->frames);
    free(table);
}

bool table_is_momentary(const struct table *table)
{
    for (uint32_t i = 0; i < table->plugin.n_alerts; i++)
        if ((table->alerts[i].flags & GW_ALERT_MOMENTARY) == 0)
            return false;
    return table->plugin.n_alerts > 0;
}

const struct frame *table_info_frame(const struct table *table, struct frame *frame)
{
    const struct gw_plugin *plugin = &table->plugin;
    struct frame_plugin_info *info = &frame_init(frame, FRAME_PLUGIN_INFO)->plugin_info;
    text_copy(info->name, sizeof info->name, plugin->name);
    text_copy(info->version, sizeof info->version, plugin->version);
    text_copy(info->summary_en, sizeof info->summary_en, plugin->summary_en);
    text_copy(info->summary_zh, sizeof info->summary_zh, plugin->summary_zh);
    info->history = plugin->history;
    info->n_roles = plugin->n_roles;
    info->n_params = plugin->n_params;
    info->n_alerts = plugin->n_alerts;
    info->abi_major = plugin->abi_major;
    info->abi_minor = plugin->abi_minor;
    info->momentary = table_is_momentary(table);
    return frame;
}

const struct frame *table_role_frame(const struct table *table, uint32_t i, struct frame *frame)
{
    const struct gw_role *role = &table->roles[i];
    struct frame_plugin_role *out = &frame_init(frame, FRAME_PLUGIN_ROLE)->plugin_role;
    text_copy(out->name, sizeof out->name, role->name);
    text_copy(out->kinds, sizeof out->kinds, role->kinds);
    text_copy(out->doc_en, sizeof out->doc_en, role->doc_en);
    text_copy(out->doc_zh, sizeof out->doc_zh, role->doc_zh);
    out->flags = role->flags & (GW_ROLE_REQUIRED | GW_ROLE_MANY | GW_ROLE_ALL | GW_ROLE_RELIED);
    return frame;
}

const struct frame *table_param_frame(const struct table *table, uint32_t i, struct frame *frame)
{
    frame_init(frame, FRAME_PLUGIN_PARAM)->plugin_param = table->frames[i];
    return frame;
}

const struct frame *table_alert_frame(const struct table *table, uint32_t i, struct frame *frame)
{
    const struct gw_alert_kind *alert = &table->alerts[i];
    struct frame_plugin_alert *out = &frame_init(frame, FRAME_PLUGIN_ALERT)->plugin_alert;
    text_copy(out->name, sizeof out->name, alert->name);
    text_copy(out->code, sizeof out->code, alert->code);
    out->class_ = alert->class_;
    out->flags = alert->flags & (GW_ALERT_MOMENTARY | GW_ALERT_REQUEST | GW_ALERT_VISIT | GW_ALERT_LOST);
    text_copy(out->title_en, sizeof out->title_en, alert->title_en);
    text_copy(out->title_zh, sizeof out->title_zh, alert->title_zh);
    text_copy(out->doc_en, sizeof out->doc_en, alert->doc_en);
    text_copy(out->doc_zh, sizeof out->doc_zh, alert->doc_zh);
    return frame;
}
