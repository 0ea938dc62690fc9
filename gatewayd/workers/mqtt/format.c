/* format.c - a message and a sensor to items, by the format's table. */
#include <stdio.h>
#include <string.h>

#include "base/kinds.h"
#include "base/text.h"
#include "format_internal.h"
#include "gatewayd/plugin.h"

void format_begin(struct format_message *message, const void *payload, size_t size)
{
    message->payload = payload;
    message->size = size;
    message->json = NULL;
    message->state = MESSAGE_NEW;
    message->plain[0] = '\0';
}

void format_end(struct format_message *message)
{
    cJSON_Delete(message->json);
    message->json = NULL;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* A plain text, also one in JSON's quotation marks. */
static void look_at_plain(struct format_message *message, const char *text, size_t n)
{
    if (n >= 2 && text[0] == '"' && text[n - 1] == '"' && memchr(text + 1, '\\', n - 2) == NULL) {
        text++;
        n -= 2;
    }
    if (n >= sizeof(message->plain)) {
        message->state = MESSAGE_BAD;
        return;
    }
    memcpy(message->plain, text, n);
    message->plain[n] = '\0';
    message->state = MESSAGE_PLAIN;
}

static void look_at(struct format_message *message)
{
    const char *text = message->payload;
    size_t n = message->size;
    message->state = MESSAGE_BAD;
    if (n == 0 || n > FORMAT_PAYLOAD_MAX || !text_utf8(text, n))
        return;
    while (n > 0 && is_space(text[0])) {
        text++;
        n--;
    }
    while (n > 0 && is_space(text[n - 1]))
        n--;
    if (n == 0)
        return;
    if (text[0] != '{' && text[0] != '[') {
        look_at_plain(message, text, n);
        return;
    }
    const char *end = NULL;
    message->json = cJSON_ParseWithLengthOpts(text, n, &end, 0);
    if (message->json != NULL && end == text + n)
        message->state = MESSAGE_JSON;
}

/* What the configuration says the words are. FORMAT_UNUSED: it does not say. */
static enum format_outcome by_configured_words(const struct frame_mqtt_sensor *sensor, const struct scalar *scalar,
                                               struct format_item *item)
{
    bool on = sensor->on[0] != '\0' && scalar_is(scalar, sensor->on);
    bool off = !on && sensor->off[0] != '\0' && scalar_is(scalar, sensor->off);
    if (!on && !off)
        return sensor->on[0] != '\0' && sensor->off[0] != '\0' && !format_momentary(sensor->kind) ? FORMAT_BAD
                                                                                                  : FORMAT_UNUSED;
    item->type = GW_VALUE;
    item->value = on ? 1.0 : 0.0;
    if (format_momentary(sensor->kind)) {
        item->type = GW_EVENT;
        item->value = on ? format_rise(sensor->kind) : GW_EVENT_RELEASE;
    }
    return FORMAT_OK;
}

static enum format_outcome convert_value(const struct frame_mqtt_sensor *sensor, const struct scalar *scalar,
                                         enum convert convert, struct format_item *item)
{
    if (sensor->on[0] != '\0' || sensor->off[0] != '\0') {
        enum format_outcome outcome = by_configured_words(sensor, scalar, item);
        /* With its own words configured, a button knows no others. */
        if (outcome != FORMAT_UNUSED || (format_momentary(sensor->kind) && sensor->on[0] != '\0'))
            return outcome;
    }
    return scalar_convert(scalar, convert, sensor->kind, GW_VALUE, item);
}

static enum format_outcome take_value(const struct frame_mqtt_sensor *sensor, const struct scalar *scalar,
                                      enum convert convert, struct format_result *result)
{
    struct format_item item;
    enum format_outcome outcome = convert_value(sensor, scalar, convert, &item);
    if (outcome != FORMAT_OK)
        return outcome;
    if (item.type == GW_VALUE && sensor->invert && !kind_info((enum kind)sensor->kind)->analog)
        item.value = item.value != 0.0 ? 0.0 : 1.0;
    result->item[result->n++] = item;
    return FORMAT_OK;
}

/* Shelly Gen2+: {"method":"NotifyEvent","params":{"events":[{"component":"input:0","event":"single_push"}]}}: a list,
 * filtered by component; a table can't say that. */
static enum format_outcome shelly_events(const struct frame_mqtt_sensor *sensor, const cJSON *json,
                                         struct format_result *result)
{
    const cJSON *event = NULL;
    enum format_outcome outcome = FORMAT_UNUSED;
    cJSON_ArrayForEach(event, format_find(json, "params.events"))
    {
        struct scalar component = scalar_from_json(format_find(event, "component"));
        struct scalar word = scalar_from_json(format_find(event, "event"));
        bool mine = sensor->path[0] != '\0' ? scalar_is(&component, sensor->path)
                                            : component.is == SCALAR_TEXT && strncmp(component.text, "input:", 6) == 0;
        if (!mine || word.is != SCALAR_TEXT || strncmp(word.text, "btn_", 4) == 0) /* raw edges, told again as pushes */
            continue;
        outcome = take_value(sensor, &word, TO_EVENT, result);
        if (outcome == FORMAT_OK)
            break;
    }
    return outcome;
}

static enum convert convert_of_path(const struct format_table *table, const struct frame_mqtt_sensor *sensor)
{
    const char *last = strrchr(sensor->path, '.');
    last = last == NULL ? sensor->path : last + 1;
    for (unsigned i = 0; i < table->n; i++)
        if (table->rules[i].type == GW_VALUE && (table->rules[i].kinds & KINDS(sensor->kind)) != 0 &&
            strcmp(table->rules[i].path, last) == 0)
            return (enum convert)table->rules[i].convert;
    return TO_DEFAULT;
}

static enum format_outcome value_at_path(const struct frame_mqtt_sensor *sensor, const struct format_table *table,
                                         const cJSON *json, struct format_result *result)
{
    const cJSON *node = format_find(json, sensor->path);
    if (cJSON_IsObject(node) && format_find(node, "Action") != NULL) /* Tasmota: path "Button2" */
        node = format_find(node, "Action");
    if (node == NULL)
        return FORMAT_UNUSED;
    struct scalar scalar = scalar_from_json(node);
    return take_value(sensor, &scalar, convert_of_path(table, sensor), result);
}

/* Of each type the first rule whose path is there and says something. */
static enum format_outcome by_rules(const struct frame_mqtt_sensor *sensor, const struct format_table *table,
                                    const cJSON *json, bool value_too, struct format_result *result)
{
    enum format_outcome worst = FORMAT_UNUSED;
    uint32_t have = value_too ? 0 : 1u << GW_VALUE;
    for (unsigned i = 0; i < table->n && result->n < FORMAT_ITEMS_MAX; i++) {
        const struct format_rule *rule = &table->rules[i];
        if ((rule->kinds & KINDS(sensor->kind)) == 0 || (have & (1u << rule->type)) != 0)
            continue;
        struct scalar scalar = scalar_from_json(format_find(json, rule->path));
        if (scalar.is == SCALAR_NONE || scalar.is == SCALAR_NULL || scalar.is == SCALAR_OTHER)
            continue; /* "battery": {...} is another family's way of saying it */
        enum format_outcome outcome;
        if (rule->type == GW_VALUE) {
            outcome = take_value(sensor, &scalar, (enum convert)rule->convert, result);
        } else {
            outcome = scalar_convert(&scalar, (enum convert)rule->convert, sensor->kind, rule->type,
                                     &result->item[result->n]);
            result->n += outcome == FORMAT_OK;
        }
        if (outcome == FORMAT_OK)
            have |= 1u << rule->type;
        else if (outcome == FORMAT_BAD)
            worst = FORMAT_BAD;
    }
    return worst;
}

static void to_celsius(const struct frame_mqtt_sensor *sensor, const cJSON *json, struct format_result *result)
{
    const cJSON *unit = cJSON_GetObjectItemCaseSensitive(json, "TempUnit");
    if (sensor->kind == KIND_TEMPERATURE && cJSON_IsString(unit) && unit->valuestring[0] == 'F')
        for (unsigned i = 0; i < result->n; i++)
            if (result->item[i].type == GW_VALUE)
                result->item[i].value = (result->item[i].value - 32.0) / 1.8;
}

static void event_count(const cJSON *json, struct format_result *result)
{
    const cJSON *count = cJSON_GetObjectItemCaseSensitive(json, "event_cnt"); /* Shelly Gen1 repeats its last event */
    if (cJSON_IsNumber(count) && count->valuedouble >= 0.0 && count->valuedouble <= UINT32_MAX) {
        result->counted = true;
        result->count = (uint32_t)count->valuedouble;
    }
}

static enum format_outcome read_json(const struct frame_mqtt_sensor *sensor, const cJSON *json,
                                     struct format_result *result)
{
    const struct format_table *table = format_table(sensor->format);
    enum format_outcome value = FORMAT_UNUSED;
    bool events = sensor->format == FORMAT_SHELLY && format_find(json, "params.events") != NULL;
    bool component = sensor->format == FORMAT_SHELLY && strchr(sensor->path, ':') != NULL &&
                     strchr(sensor->path, '.') == NULL; /* "input:1" chooses within events/rpc */
    bool by_path = sensor->path[0] != '\0' && !component;
    component = component && format_find(json, "params") != NULL;
    if (sensor->format == FORMAT_RAW)
        return FORMAT_BAD;
    if (events && format_momentary(sensor->kind))
        value = shelly_events(sensor, json, result);
    else if (by_path)
        value = value_at_path(sensor, table, json, result);
    else if (component)
        value = by_rules(sensor, table, format_find(format_find(json, "params"), sensor->path), true, result);
    enum format_outcome rest = by_rules(sensor, table, json, !events && !by_path && !component, result);
    to_celsius(sensor, json, result);
    event_count(json, result);
    if (value == FORMAT_BAD || rest == FORMAT_BAD)
        return FORMAT_BAD;
    return result->n > 0 ? FORMAT_OK : FORMAT_UNUSED;
}

static enum format_outcome read_state(const struct frame_mqtt_sensor *sensor, struct format_message *message,
                                      struct format_result *result)
{
    if (message->state == MESSAGE_JSON)
        return read_json(sensor, message->json, result);
    struct scalar scalar = scalar_from_text(message->plain);
    enum convert convert = sensor->kind == KIND_CONTACT ? format_table(sensor->format)->plain_contact : TO_DEFAULT;
    return take_value(sensor, &scalar, convert, result);
}

static enum format_outcome read_attribute(struct format_message *message, uint8_t type, struct format_result *result)
{
    struct scalar scalar = scalar_from_text(message->plain);
    enum convert convert = type == GW_BATTERY ? TO_PERCENT : TO_LEVEL;
    if (message->state == MESSAGE_JSON) {
        static const char *const paths[] = {"state", "value", "battery.percent", "percent", "online"};
        scalar.is = SCALAR_NONE;
        for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]) && scalar.is == SCALAR_NONE; i++)
            scalar = scalar_from_json(format_find(message->json, paths[i]));
    }
    enum format_outcome outcome = scalar_convert(&scalar, convert, KIND_STATE, type, &result->item[0]);
    result->n = outcome == FORMAT_OK;
    return outcome;
}

enum format_outcome format_read(const struct frame_mqtt_sensor *sensor, enum topic_role role,
                                struct format_message *message, struct format_result *result)
{
    result->n = 0;
    result->counted = false;
    result->count = 0;
    if (message->state == MESSAGE_NEW)
        look_at(message);
    if (message->state == MESSAGE_BAD)
        return FORMAT_BAD;
    if (role == TOPIC_STATE)
        return read_state(sensor, message, result);
    return read_attribute(message, role == TOPIC_BATTERY ? GW_BATTERY : GW_AVAILABILITY, result);
}
