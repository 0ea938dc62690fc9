/* host.c - what a plugin may call. Everything it hands over is copied, bounded and cleaned here: the core kills a host
 * whose frames are not clean. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/kinds.h"
#include "base/log.h"
#include "base/text.h"
#include "engine_private.h"
#include "zone.h"

#define LOG_LINES_PER_HOUR 20u
#define CONDITION_SIZE_1_0 offsetof(struct gw_condition, limit) + sizeof(const char *)

static struct engine *engine_of(const struct gw_host *host)
{
    return (struct engine *)host; /* host is the engine's first member, which is not const */
}

void host_mistake(struct engine *engine, const char *format, ...)
{
    engine->mistakes++;
    if ((engine->mistakes & (engine->mistakes - 1)) != 0)
        return;
    char text[TEXT_SIZE], line[TEXT_SIZE + NAME_SIZE + 64];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    snprintf(line, sizeof line, "plugin %s %s (mistake %u)", engine->table->plugin.name, text, engine->mistakes);
    engine->port.log(engine->port.context, LOG_LEVEL_WARNING, line);
}

/* Copy at most size - 1 bytes; what is no text becomes '?'. A source that never ends is read no further than that. */
static void copy_clean(char *dst, size_t size, const char *src)
{
    size_t n = src != NULL ? strnlen(src, size - 1) : 0;
    if (n > 0)
        memcpy(dst, src, n);
    memset(dst + n, 0, size - n);
    text_clean(dst);
}

static void copy_evidence(struct engine *engine, const struct gw_condition *said, struct frame_condition *out)
{
    const uint32_t n = said->evidence == NULL ? 0 : said->n_evidence;
    bool all_tests = true;
    for (uint32_t i = 0; i < n && out->n_evidence < GW_MAX_EVIDENCE; i++) {
        const struct gw_reading *from = &said->evidence[i];
        if ((from->sensor != GW_SENSOR_HOME && from->sensor >= engine->binding->n_sensors) || !isfinite(from->value) ||
            from->at < 0 || from->type > GW_CLOCK ||
            (from->type == GW_EVENT &&
             !(from->value >= GW_EVENT_PRESS && from->value <= GW_EVENT_ALARM && floor(from->value) == from->value))) {
            host_mistake(engine, "gives evidence that is no reading");
            continue;
        }
        struct reading *to = &out->evidence[out->n_evidence++];
        to->id = from->id;
        to->origin = from->origin;
        to->at = from->at;
        to->value = from->value;
        to->sensor = from->sensor == GW_SENSOR_HOME ? SENSOR_HOME : engine->binding->sensors[from->sensor].slot;
        to->type = (uint8_t)from->type;
        to->flags = (uint8_t)from->flags;
        all_tests &= (from->flags & GW_TEST) != 0;
    }
    /* One true reading among them makes the alarm true: a test must never mute a real call. */
    if (out->n_evidence > 0 ? all_tests : engine->current != NULL && (engine->current->flags & GW_TEST) != 0)
        out->flags |= GW_TEST;
}

/* May one more of this urgency be passed on in this call and this batch? Counts it. */
static bool has_room(struct engine *engine, bool emergency)
{
    const uint32_t call = ENGINE_CONDITIONS_MAX, batch = ENGINE_BATCH_CONDITIONS_MAX;
    engine->said++;
    if (engine->passed < (emergency ? call : call / 4 * 3) &&
        engine->passed_batch < (emergency ? batch : batch / 4 * 3)) {
        engine->passed++;
        engine->passed_batch++;
        return true;
    }
    engine->dropped++;
    return false;
}

static bool may_speak(struct engine *engine, uint32_t kind)
{
    if (engine->phase != ENGINE_RUNNING) {
        host_mistake(engine, "speaks of a condition outside reading and wake");
        return false;
    }
    if (kind >= engine->table->plugin.n_alerts) {
        host_mistake(engine, "speaks of alert kind %u, it has %u", kind, engine->table->plugin.n_alerts);
        return false;
    }
    return true;
}

static struct frame_condition *begin(struct engine *engine, uint32_t kind, const char *key)
{
    struct frame_condition *out = &engine->condition;
    memset(out, 0, sizeof *out);
    out->kind = kind;
    alert_key(out->key, key);
    out->reading = engine->last_id;
    out->at = engine->now;
    return out;
}

static void host_raise(const struct gw_host *host, const struct gw_condition *condition)
{
    struct engine *engine = engine_of(host);
    struct gw_condition said = {0};
    if (condition == NULL || condition->size < CONDITION_SIZE_1_0 || condition->size > TABLE_SIZE_MAX) {
        host_mistake(engine, "raises a condition without its size");
        return;
    }
    memcpy(&said, condition, condition->size < sizeof said ? condition->size : sizeof said);
    if (!may_speak(engine, said.kind))
        return;
    if (said.episode == 0) {
        host_mistake(engine, "raises a condition without an episode");
        return;
    }
    const struct gw_alert_kind *kind = &engine->table->alerts[said.kind];
    if (!has_room(engine, kind->class_ == GW_EMERGENCY))
        return;
    struct frame_condition *out = begin(engine, said.kind, said.key);
    out->raised = 1;
    out->episode = said.episode;
    out->since = said.since > engine->now ? engine->now : said.since < 0 ? 0 : said.since;
    copy_clean(out->text_en, sizeof out->text_en, said.text_en != NULL ? said.text_en : kind->title_en);
    copy_clean(out->text_zh, sizeof out->text_zh, said.text_zh != NULL ? said.text_zh : kind->title_zh);
    copy_clean(out->limit, sizeof out->limit, said.limit);
    copy_evidence(engine, &said, out);
    engine->port.condition(engine->port.context, out);
}

static void host_clear(const struct gw_host *host, uint32_t kind, const char *key)
{
    struct engine *engine = engine_of(host);
    if (!may_speak(engine, kind) || !has_room(engine, engine->table->alerts[kind].class_ == GW_EMERGENCY))
        return;
    engine->port.condition(engine->port.context, begin(engine, kind, key));
}

static uint32_t role_index(const struct engine *engine, const char *role)
{
    for (uint32_t i = 0; role != NULL && i < engine->table->plugin.n_roles; i++) {
        if (strcmp(engine->table->roles[i].name, role) == 0)
            return i;
    }
    return UINT32_MAX;
}

/* How many sensors of the role there are before index `end`. */
static uint32_t count_role(const struct engine *engine, uint32_t role, uint32_t end)
{
    uint32_t n = 0;
    for (uint32_t i = 0; role != UINT32_MAX && i < end; i++)
        n += (engine->binding->sensors[i].roles >> role) & 1u;
    return n;
}

static uint32_t host_role_count(const struct gw_host *host, const char *role)
{
    struct engine *engine = engine_of(host);
    return count_role(engine, role_index(engine, role), engine->binding->n_sensors);
}

static uint32_t host_role_sensor(const struct gw_host *host, const char *role, uint32_t i)
{
    struct engine *engine = engine_of(host);
    const uint32_t index = role_index(engine, role);
    for (uint32_t s = 0; index != UINT32_MAX && s < engine->binding->n_sensors; s++) {
        if ((engine->binding->sensors[s].roles >> index & 1u) != 0 && i-- == 0)
            return s;
    }
    return UINT32_MAX;
}

static const struct bound_sensor *bound(const struct gw_host *host, uint32_t sensor)
{
    const struct engine *engine = engine_of(host);
    return sensor < engine->binding->n_sensors ? &engine->binding->sensors[sensor] : NULL;
}

static const char *host_sensor_name(const struct gw_host *host, uint32_t sensor)
{
    const struct bound_sensor *s = bound(host, sensor);
    return s != NULL ? s->name : "";
}

static const char *host_sensor_kind(const struct gw_host *host, uint32_t sensor)
{
    const struct bound_sensor *s = bound(host, sensor);
    return s != NULL ? kind_info(s->kind)->name : "";
}

static const char *host_sensor_room(const struct gw_host *host, uint32_t sensor)
{
    const struct bound_sensor *s = bound(host, sensor);
    return s != NULL ? s->room : "";
}

/* NULL, and a mistake, if there is no parameter of that name and one of these types. */
static const struct bound_param *param(const struct gw_host *host, const char *name, uint32_t type, uint32_t or_type)
{
    struct engine *engine = engine_of(host);
    for (uint32_t i = 0; name != NULL && i < engine->table->plugin.n_params; i++) {
        const struct gw_param *declared = &engine->table->params[i];
        if (strcmp(declared->name, name) == 0 && (declared->type == type || declared->type == or_type))
            return &engine->binding->params[i];
    }
    host_mistake(engine, "asks for a parameter it has not declared: %.60s", name != NULL ? name : "NULL");
    return NULL;
}

static gw_time host_duration(const struct gw_host *host, const char *name)
{
    const struct bound_param *p = param(host, name, GW_PARAM_DURATION, GW_PARAM_DURATION);
    return p != NULL ? p->ms : 0;
}

static int32_t host_time_of_day(const struct gw_host *host, const char *name)
{
    const struct bound_param *p = param(host, name, GW_PARAM_TIME, GW_PARAM_TIME);
    return p != NULL ? p->minute : -1;
}

static double host_number(const struct gw_host *host, const char *name)
{
    const struct bound_param *p = param(host, name, GW_PARAM_NUMBER, GW_PARAM_NUMBER);
    return p != NULL ? p->number : 0;
}

static int host_flag(const struct gw_host *host, const char *name)
{
    const struct bound_param *p = param(host, name, GW_PARAM_FLAG, GW_PARAM_FLAG);
    return p != NULL ? p->flag : 0;
}

static const char *host_text(const struct gw_host *host, const char *name)
{
    const struct bound_param *p = param(host, name, GW_PARAM_TEXT, GW_PARAM_CHOICE);
    return p != NULL ? p->text : "";
}

static void host_local(const struct gw_host *host, gw_time at, struct gw_local *out)
{
    zone_local(at + engine_of(host)->wall_minus_log, out);
}

static void host_log(const struct gw_host *host, const char *message)
{
    struct engine *engine = engine_of(host);
    if (engine->now - engine->log_since >= GW_HOUR) {
        engine->log_since = engine->now;
        engine->log_lines = 0;
    }
    if (engine->log_lines++ >= LOG_LINES_PER_HOUR)
        return;
    char text[GW_MAX_TEXT];
    copy_clean(text, sizeof text, message);
    text_clean_line(text); /* no line of somebody else's */
    engine->port.log(engine->port.context, LOG_LEVEL_INFO, text);
}

static void host_health(const struct gw_host *host, uint32_t state, const char *text_en, const char *text_zh)
{
    struct engine *engine = engine_of(host);
    if (engine->phase == ENGINE_OUTSIDE || state > GW_HEALTH_BLIND) {
        host_mistake(engine, "tells an impossible health, or tells it outside a call");
        return;
    }
    engine->health.state = state;
    copy_clean(engine->health.text_en, sizeof engine->health.text_en, state == GW_HEALTH_OK ? "" : text_en);
    copy_clean(engine->health.text_zh, sizeof engine->health.text_zh, state == GW_HEALTH_OK ? "" : text_zh);
}

void host_init(struct engine *engine)
{
    engine->host = (struct gw_host){
        .size = sizeof(struct gw_host),
        .sensors = engine->binding->n_sensors,
        .raise = host_raise,
        .clear = host_clear,
        .role_count = host_role_count,
        .role_sensor = host_role_sensor,
        .sensor_name = host_sensor_name,
        .sensor_kind = host_sensor_kind,
        .sensor_room = host_sensor_room,
        .duration = host_duration,
        .time_of_day = host_time_of_day,
        .number = host_number,
        .flag = host_flag,
        .text = host_text,
        .local = host_local,
        .log = host_log,
        .health = host_health,
    };
}
