#include "binding.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/catalog.h"
#include "base/kinds.h"
#include "base/text.h"

_Static_assert(PLUGIN_ROLES_MAX <= 64, "roles of a sensor are bits of a uint64_t");

struct work {
    const struct table *table;
    struct binding *binding;
    const struct frame_sensor *sensors;
    uint32_t n_sensors;
    char *error;
    size_t error_size;
    bool is_set[PLUGIN_PARAMS_MAX]; /* parameters that the configuration has named */
};

__attribute__((format(printf, 2, 3))) static bool wrong(const struct work *work, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(work->error, work->error_size, format, args);
    va_end(args);
    return false;
}

static const struct frame_sensor *find_sensor(const struct work *work, const char *name)
{
    for (uint32_t i = 0; i < work->n_sensors; i++) {
        if (strcmp(work->sensors[i].name, name) == 0)
            return &work->sensors[i];
    }
    return NULL;
}

static const char *nearest_sensor(const struct work *work, const char *name)
{
    const char *names[SENSORS_MAX];
    for (uint32_t i = 0; i < work->n_sensors && i < SENSORS_MAX; i++)
        names[i] = work->sensors[i].name;
    return text_nearest(name, names, work->n_sensors < SENSORS_MAX ? work->n_sensors : SENSORS_MAX);
}

static bool unknown_key(const struct work *work, const struct frame_setting *setting)
{
    const char *names[PLUGIN_ROLES_MAX + PLUGIN_PARAMS_MAX];
    size_t n = 0;
    for (uint32_t i = 0; i < work->table->plugin.n_roles; i++)
        names[n++] = work->table->roles[i].name;
    for (uint32_t i = 0; i < work->table->plugin.n_params; i++)
        names[n++] = work->table->params[i].name;
    const char *nearest = text_nearest(setting->key, names, n);
    return wrong(work, "%s: plugin \"%s\" has no setting \"%s\"%s%s%s", setting->where, work->table->plugin.name,
                 setting->key, nearest != NULL ? "; did you mean \"" : "", nearest != NULL ? nearest : "",
                 nearest != NULL ? "\"?" : "");
}

/* One sensor has one index, however many roles it plays. */
static struct bound_sensor *bound_sensor(struct binding *binding, const struct frame_sensor *sensor)
{
    for (uint32_t i = 0; i < binding->n_sensors; i++) {
        if (binding->sensors[i].slot == sensor->slot)
            return &binding->sensors[i];
    }
    if (binding->n_sensors == BINDINGS_MAX)
        return NULL;
    struct bound_sensor *bound = &binding->sensors[binding->n_sensors++];
    text_copy(bound->name, sizeof bound->name, sensor->name);
    text_copy(bound->room, sizeof bound->room, sensor->room);
    bound->slot = sensor->slot;
    bound->kind = sensor->kind;
    return bound;
}

static uint32_t role_sensors(const struct binding *binding, uint32_t role)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < binding->n_sensors; i++)
        n += (binding->sensors[i].roles >> role) & 1u;
    return n;
}

static void play(struct bound_sensor *bound, const struct gw_role *role, uint32_t i)
{
    bound->roles |= (uint64_t)1 << i;
    if (bound->role == NULL)
        bound->role = role->name;
    if ((role->flags & (GW_ROLE_REQUIRED | GW_ROLE_RELIED)) != 0)
        bound->required = 1;
}

/* A role that the configuration leaves open gets every sensor that fits. */
static void bind_all(struct work *work, uint32_t i)
{
    const struct gw_role *role = &work->table->roles[i];
    for (uint32_t s = 0; s < work->n_sensors; s++) {
        if (!text_kinds_take(role->kinds, kind_info(work->sensors[s].kind)->name))
            continue;
        struct bound_sensor *bound = bound_sensor(work->binding, &work->sensors[s]);
        if (bound != NULL)
            play(bound, role, i);
    }
}

static bool bind_role(struct work *work, const struct frame_setting *setting, uint32_t i)
{
    const struct gw_role *role = &work->table->roles[i];
    const struct frame_sensor *sensor = find_sensor(work, setting->value);
    if (sensor == NULL) {
        const char *nearest = nearest_sensor(work, setting->value);
        return wrong(work, "%s: %s: there is no sensor \"%.60s\"%s%s%s", setting->where, role->name, setting->value,
                     nearest != NULL ? "; did you mean \"" : "", nearest != NULL ? nearest : "",
                     nearest != NULL ? "\"?" : "");
    }
    if (!text_kinds_take(role->kinds, kind_info(sensor->kind)->name))
        return wrong(work, "%s: %s: sensor \"%s\" is a %s, this role takes: %.100s", setting->where, role->name,
                     sensor->name, kind_info(sensor->kind)->name, role->kinds);
    if ((role->flags & GW_ROLE_MANY) == 0 && role_sensors(work->binding, i) > 0)
        return wrong(work, "%s: %s takes one sensor", setting->where, role->name);
    struct bound_sensor *bound = bound_sensor(work->binding, sensor);
    if (bound == NULL)
        return wrong(work, "%s: more than %d sensors", setting->where, BINDINGS_MAX);
    if ((bound->roles >> i & 1u) != 0)
        return wrong(work, "%s: %s: sensor \"%s\" twice", setting->where, role->name, sensor->name);
    play(bound, role, i);
    return true;
}

/* The text has passed catalog_value_ok. */
static bool store_value(struct bound_param *param, uint32_t type, const char *value)
{
    int minute = -1;
    switch (type) {
    case GW_PARAM_DURATION:
        return text_duration(value, &param->ms);
    case GW_PARAM_TIME:
        if (!text_time_of_day(value, &minute))
            return false;
        param->minute = minute;
        return true;
    case GW_PARAM_NUMBER:
        return text_number(value, &param->number);
    case GW_PARAM_FLAG:
        param->flag = strcmp(value, "true") == 0;
        return true;
    default:
        free(param->text);
        param->text = strdup(value);
        return param->text != NULL;
    }
}

static bool set_param(struct work *work, const struct frame_setting *setting, uint32_t i)
{
    const struct gw_param *param = &work->table->params[i];
    char why[TEXT_SIZE];
    if (work->is_set[i])
        return wrong(work, "%s: %s is set twice", setting->where, param->name);
    if (!catalog_value_ok(&work->table->frames[i], setting->value, why, sizeof why))
        return wrong(work, "%s: %s: %s", setting->where, param->name, why);
    if (!store_value(&work->binding->params[i], param->type, setting->value))
        return wrong(work, "%s: %s: \"%.60s\" can't be used", setting->where, param->name, setting->value);
    work->is_set[i] = true;
    return true;
}

static bool apply(struct work *work, const struct frame_setting *setting)
{
    for (uint32_t i = 0; i < work->table->plugin.n_roles; i++) {
        if (strcmp(work->table->roles[i].name, setting->key) == 0)
            return bind_role(work, setting, i);
    }
    for (uint32_t i = 0; i < work->table->plugin.n_params; i++) {
        if (strcmp(work->table->params[i].name, setting->key) == 0)
            return set_param(work, setting, i);
    }
    return unknown_key(work, setting);
}

static bool complete(struct work *work)
{
    for (uint32_t i = 0; i < work->table->plugin.n_params; i++) {
        struct bound_param *param = &work->binding->params[i];
        const struct gw_param *declared = &work->table->params[i];
        if (!work->is_set[i] && declared->default_value != NULL &&
            !store_value(param, declared->type, declared->default_value))
            return wrong(work, "%s: its default can't be used", declared->name);
        if (param->text == NULL && (param->text = strdup("")) == NULL)
            return wrong(work, "out of memory");
    }
    for (uint32_t i = 0; i < work->table->plugin.n_roles; i++) {
        const struct gw_role *role = &work->table->roles[i];
        if ((role->flags & GW_ROLE_ALL) != 0 && role_sensors(work->binding, i) == 0)
            bind_all(work, i);
        if ((role->flags & GW_ROLE_REQUIRED) != 0 && role_sensors(work->binding, i) == 0)
            return wrong(work, "plugin \"%s\" needs a sensor as \"%s\" (%.100s)", work->table->plugin.name, role->name,
                         role->kinds);
    }
    return true;
}

struct binding *binding_create(const struct table *table, const struct frame_setting *settings, uint32_t n_settings,
                               const struct frame_sensor *sensors, uint32_t n_sensors, char *error, size_t error_size)
{
    struct binding *binding = calloc(1, sizeof *binding);
    struct work work = {table, binding, sensors, n_sensors, error, error_size, {false}};
    const uint32_t n_params = table->plugin.n_params;
    if (binding != NULL) {
        binding->params = calloc(n_params > 0 ? n_params : 1, sizeof *binding->params);
        binding->sensors = calloc(BINDINGS_MAX, sizeof *binding->sensors);
    }
    bool good = binding != NULL && binding->params != NULL && binding->sensors != NULL;
    if (!good) {
        wrong(&work, "out of memory");
        binding_destroy(binding, table);
        return NULL;
    }
    for (uint32_t i = 0; i < n_params; i++) {
        binding->params[i].ms = -1;
        binding->params[i].minute = -1;
    }
    for (uint32_t i = 0; good && i < n_settings; i++)
        good = apply(&work, &settings[i]);
    if (good)
        good = complete(&work);
    if (!good) {
        binding_destroy(binding, table);
        return NULL;
    }
    return binding;
}

void binding_destroy(struct binding *binding, const struct table *table)
{
    if (binding == NULL)
        return;
    for (uint32_t i = 0; binding->params != NULL && i < table->plugin.n_params; i++)
        free(binding->params[i].text);
    free(binding->params);
    free(binding->sensors);
    free(binding);
}
