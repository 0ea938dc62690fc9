/* frame_check.c - the table of what a frame's body may hold, and the check against it. A field that is not in the table
 * may hold any bits. */
#include <math.h>
#include <string.h>

#include "clock.h"
#include "frame.h"
#include "frame_layout.h"
#include "kinds.h"
#include "text.h"

#define SIZE_OF(body, member) sizeof(((struct body *)NULL)->member)
/* clang-format off */
#define FIELD(body, member, rule, l, h) {#member, offsetof(struct body, member), SIZE_OF(body, member), rule, 0, l, h}
/* clang-format on */
#define TEXT(body, member)             FIELD(body, member, FIELD_TEXT, 0, 0)
#define RANGE(body, member, low, high) FIELD(body, member, FIELD_RANGE, low, high)
#define BOOL(body, member)             RANGE(body, member, 0, 1)
#define TIME(body, member)             FIELD(body, member, FIELD_TIME, 0, 0)
#define SPAN(body, member)             FIELD(body, member, FIELD_SPAN, 0, 0)
#define ID(body, member)               FIELD(body, member, FIELD_ID, 0, 0)
#define FINITE(body, member)           FIELD(body, member, FIELD_FINITE, 0, 0)
#define SLOT(body, member)             FIELD(body, member, FIELD_SLOT, 0, 0)
#define ALERT(body, member)            FIELD(body, member, FIELD_ALERT, 0, 0)
#define KIND(body, member)             RANGE(body, member, 0, KIND_COUNT - 1)
#define QUALITY(body, member)          RANGE(body, member, CLOCK_UNSYNCED, CLOCK_SYNCED)

static const struct field hello[] = {RANGE(frame_hello, version, FRAME_VERSION, FRAME_VERSION),
                                     TEXT(frame_hello, role)};
static const struct field text[] = {TEXT(frame_text, text)};
static const struct field trouble[] = {TEXT(frame_trouble, subject), BOOL(frame_trouble, active),
                                       BOOL(frame_trouble, alert),   TEXT(frame_trouble, kind),
                                       TEXT(frame_trouble, text_en), TEXT(frame_trouble, text_zh)};

/* At `at`, so that struct frame_output, which holds a line, has the same rules. */
#define GPIO_LINE(body, at)                                                                                            \
    TEXT(body, at sensor), TEXT(body, at chip), TEXT(body, at line), SLOT(body, at slot), KIND(body, at kind),         \
        RANGE(body, at bias, BIAS_AS_IS, BIAS_PULL_DOWN), BOOL(body, at active_low),                                   \
        RANGE(body, at debounce_ms, 0, 3600000)

static const struct field gpio_line[] = {GPIO_LINE(frame_gpio_line, )};
static const struct field gpio_config[] = {TEXT(frame_gpio_config, ring_dir)};
static const struct field broker[] = {TEXT(frame_broker, host),
                                      TEXT(frame_broker, client_id),
                                      TEXT(frame_broker, username),
                                      TEXT(frame_broker, password),
                                      TEXT(frame_broker, ca),
                                      TEXT(frame_broker, cert),
                                      TEXT(frame_broker, key),
                                      RANGE(frame_broker, port, 1, 65535),
                                      RANGE(frame_broker, keepalive_s, 0, 65535),
                                      TEXT(frame_broker, ring_dir)};
static const struct field source_keys[] = {RANGE(frame_source_keys, n, 0, SOURCE_KEYS_PER_FRAME)};
static const struct field mqtt_sensor[] = {TEXT(frame_mqtt_sensor, sensor),
                                           TEXT(frame_mqtt_sensor, topic),
                                           TEXT(frame_mqtt_sensor, availability),
                                           TEXT(frame_mqtt_sensor, path),
                                           TEXT(frame_mqtt_sensor, on),
                                           TEXT(frame_mqtt_sensor, off),
                                           SLOT(frame_mqtt_sensor, slot),
                                           KIND(frame_mqtt_sensor, kind),
                                           RANGE(frame_mqtt_sensor, format, 0, FORMAT_COUNT - 1),
                                           BOOL(frame_mqtt_sensor, invert)};
static const struct field store_config[] = {TEXT(frame_store_config, directory),
                                            TEXT(frame_store_config, mirror),
                                            RANGE(frame_store_config, history_days, 0, 36500),
                                            RANGE(frame_store_config, history_mib, 0, 1048576),
                                            RANGE(frame_store_config, batch_ms, 0, 3600000),
                                            TEXT(frame_store_config, boot_id)};
static const struct field detector_config[] = {TEXT(frame_detector_config, name), TEXT(frame_detector_config, plugin),
                                               TEXT(frame_detector_config, timezone),
                                               RANGE(frame_detector_config, memory_mib, 0, 65536)};
static const struct field setting[] = {TEXT(frame_setting, key), TEXT(frame_setting, value),
                                       TEXT(frame_setting, where)};
static const struct field sensor[] = {SLOT(frame_sensor, slot), KIND(frame_sensor, kind), TEXT(frame_sensor, name),
                                      TEXT(frame_sensor, room)};
static const struct field uplink_config[] = {TEXT(frame_uplink_config, name),
                                             TEXT(frame_uplink_config, host),
                                             TEXT(frame_uplink_config, client_id),
                                             TEXT(frame_uplink_config, username),
                                             TEXT(frame_uplink_config, password),
                                             TEXT(frame_uplink_config, ca),
                                             TEXT(frame_uplink_config, cert),
                                             TEXT(frame_uplink_config, key),
                                             TEXT(frame_uplink_config, psk_identity),
                                             TEXT(frame_uplink_config, psk),
                                             RANGE(frame_uplink_config, port, 1, 65535),
                                             BOOL(frame_uplink_config, tls),
                                             RANGE(frame_uplink_config, keepalive_s, 0, 65535),
                                             RANGE(frame_uplink_config, version, MQTT_311, MQTT_5),
                                             TEXT(frame_uplink_config, home),
                                             TEXT(frame_uplink_config, software),
                                             TEXT(frame_uplink_config, hotline),
                                             TEXT(frame_uplink_config, family),
                                             TEXT(frame_uplink_config, timezone),
                                             BOOL(frame_uplink_config, recover)};

static const struct field confirm[] = {BOOL(frame_confirm, urgent)};
static const struct field sensor_note[] = {SLOT(frame_sensor_note, slot),
                                           RANGE(frame_sensor_note, note, NOTE_QOS, NOTE_LINES_COALESCED),
                                           TEXT(frame_sensor_note, text)};
static const struct field output[] = {TEXT(frame_output, name), GPIO_LINE(frame_output, line.)};
static const struct field output_set[] = {RANGE(frame_output_set, output, 0, OUTPUTS_MAX - 1),
                                          BOOL(frame_output_set, value)};

static const struct field store_state[] = {ID(frame_store_state, last_id),
                                           ID(frame_store_state, stored_id),
                                           TIME(frame_store_state, last_log),
                                           SPAN(frame_store_state, boot_offset),
                                           SPAN(frame_store_state, wall_minus_log),
                                           TIME(frame_store_state, raised_from),
                                           SPAN(frame_store_state, raised_by),
                                           BOOL(frame_store_state, known_boot),
                                           BOOL(frame_store_state, raised_once),
                                           QUALITY(frame_store_state, clock),
                                           RANGE(frame_store_state, alerts_file, STORE_FILE_OK, STORE_FILE_SET_ASIDE),
                                           RANGE(frame_store_state, history_file, STORE_FILE_OK, STORE_FILE_SET_ASIDE),
                                           TEXT(frame_store_state, set_aside)};
static const struct field cursor[] = {TEXT(frame_cursor, detector), ID(frame_cursor, reading),
                                      TIME(frame_cursor, until)};
static const struct field boot[] = {SPAN(frame_boot, boot_offset), SPAN(frame_boot, wall_minus_log),
                                    TIME(frame_boot, raised_from), SPAN(frame_boot, raised_by),
                                    BOOL(frame_boot, raised_once), QUALITY(frame_boot, clock)};
static const struct field commit[] = {BOOL(frame_commit, has_cursor), TEXT(frame_commit, cursor.detector),
                                      ID(frame_commit, cursor.reading), TIME(frame_commit, cursor.until),
                                      ALERT(frame_commit, alert)};
static const struct field done[] = {RANGE(frame_done, what, STORE_DONE_COMMIT, STORE_DONE_READINGS),
                                    BOOL(frame_done, failed)};
static const struct field history_query[] = {SPAN(frame_history_query, from_log),
                                             RANGE(frame_history_query, limit, 1, READINGS_PER_FRAME)};
static const struct field history[] = {SPAN(frame_history, wall_minus_log), QUALITY(frame_history, clock)};

static const struct field plugin_info[] = {TEXT(frame_plugin_info, name),
                                           TEXT(frame_plugin_info, version),
                                           TEXT(frame_plugin_info, summary_en),
                                           TEXT(frame_plugin_info, summary_zh),
                                           TIME(frame_plugin_info, history),
                                           RANGE(frame_plugin_info, n_roles, 0, PLUGIN_ROLES_MAX),
                                           RANGE(frame_plugin_info, n_params, 0, PLUGIN_PARAMS_MAX),
                                           RANGE(frame_plugin_info, n_alerts, 0, PLUGIN_ALERTS_MAX),
                                           BOOL(frame_plugin_info, momentary)};
static const struct field plugin_role[] = {TEXT(frame_plugin_role, name), TEXT(frame_plugin_role, kinds),
                                           TEXT(frame_plugin_role, doc_en), TEXT(frame_plugin_role, doc_zh)};
static const struct field plugin_param[] = {TEXT(frame_plugin_param, name),
                                            TEXT(frame_plugin_param, unit),
                                            TEXT(frame_plugin_param, default_value),
                                            TEXT(frame_plugin_param, choices),
                                            TEXT(frame_plugin_param, doc_en),
                                            TEXT(frame_plugin_param, doc_zh),
                                            FINITE(frame_plugin_param, minimum),
                                            FINITE(frame_plugin_param, maximum),
                                            RANGE(frame_plugin_param, type, GW_PARAM_DURATION, GW_PARAM_FLAG),
                                            BOOL(frame_plugin_param, has_default)};
static const struct field plugin_alert[] = {TEXT(frame_plugin_alert, name),
                                            TEXT(frame_plugin_alert, code),
                                            RANGE(frame_plugin_alert, class_, GW_EMERGENCY, GW_TECHNICAL),
                                            TEXT(frame_plugin_alert, title_en),
                                            TEXT(frame_plugin_alert, title_zh),
                                            TEXT(frame_plugin_alert, doc_en),
                                            TEXT(frame_plugin_alert, doc_zh)};
static const struct field bind_[] = {TEXT(frame_bind, role), SLOT(frame_bind, slot), BOOL(frame_bind, required)};
static const struct field batch[] = {TIME(frame_batch, until), SPAN(frame_batch, wall_minus_log),
                                     QUALITY(frame_batch, clock)};
static const struct field condition[] = {BOOL(frame_condition, raised),
                                         RANGE(frame_condition, kind, 0, PLUGIN_ALERTS_MAX - 1),
                                         TEXT(frame_condition, key),
                                         TIME(frame_condition, at),
                                         TIME(frame_condition, since),
                                         TEXT(frame_condition, text_en),
                                         TEXT(frame_condition, text_zh),
                                         TEXT(frame_condition, limit),
                                         RANGE(frame_condition, n_evidence, 0, GW_MAX_EVIDENCE)};
static const struct field health[] = {RANGE(frame_health, state, GW_HEALTH_OK, GW_HEALTH_BLIND),
                                      TEXT(frame_health, text_en), TEXT(frame_health, text_zh)};
static const struct field batch_done[] = {TIME(frame_batch_done, wake)};

static const struct field uplink_state[] = {BOOL(frame_uplink_state, link), BOOL(frame_uplink_state, session_present),
                                            SPAN(frame_uplink_state, cert_expires), TEXT(frame_uplink_state, text)};
static const struct field send_[] = {TIME(frame_send, now_log), BOOL(frame_send, emergency), BOOL(frame_send, durable),
                                     ALERT(frame_send, alert)};
static const struct field delivered[] = {BOOL(frame_delivered, ok)};
static const struct field alert[] = {{"alert", 0, sizeof(struct alert), FIELD_ALERT, 0, 0, 0}};
static const struct field status[] = {
    TEXT(frame_status, software),        TEXT(frame_status, home),
    TEXT(frame_status, timezone),        QUALITY(frame_status, clock),
    BOOL(frame_status, degraded),        RANGE(frame_status, mode, GW_MODE_HOME, GW_MODE_MAINTENANCE),
    BOOL(frame_status, config_fallback), TIME(frame_status, log_now),
    SPAN(frame_status, wall_minus_log),  TIME(frame_status, boottime_ms)};
static const struct field clock_[] = {SPAN(frame_clock, wall_minus_log), QUALITY(frame_clock, quality)};
static const struct field command[] = {RANGE(frame_command, verb, VERB_ACCEPT, VERB_COUNT - 1), TEXT(frame_command, by),
                                       TIME(frame_command, for_ms), TEXT(frame_command, note)};
static const struct field reply[] = {BOOL(frame_reply, ok), TEXT(frame_reply, text)};

static const struct field ctl_request[] = {RANGE(frame_ctl_request, verb, CTL_STATUS, CTL_VERBS - 1),
                                           SPAN(frame_ctl_request, since_ms), TEXT(frame_ctl_request, name),
                                           TEXT(frame_ctl_request, value)};
static const struct field ctl_worker[] = {TEXT(frame_ctl_worker, name), TEXT(frame_ctl_worker, state),
                                          TEXT(frame_ctl_worker, plugin), TEXT(frame_ctl_worker, health),
                                          TEXT(frame_ctl_worker, cause)};
static const struct field ctl_sensor[] = {
    SLOT(frame_ctl_sensor, slot),    KIND(frame_ctl_sensor, kind), RANGE(frame_ctl_sensor, available, 0, 2),
    TEXT(frame_ctl_sensor, name),    TEXT(frame_ctl_sensor, room), TEXT(frame_ctl_sensor, source),
    FINITE(frame_ctl_sensor, value), TEXT(frame_ctl_sensor, note)};
static const struct field ctl_waiting[] = {RANGE(frame_ctl_waiting, why, 0, WAITING_COUNT - 1),
                                           RANGE(frame_ctl_waiting, class_, 0, GW_TECHNICAL),
                                           TEXT(frame_ctl_waiting, detector),
                                           TEXT(frame_ctl_waiting, kind),
                                           TEXT(frame_ctl_waiting, uplink),
                                           TEXT(frame_ctl_waiting, text)};
static const struct field ctl_end[] = {BOOL(frame_ctl_end, ok), TEXT(frame_ctl_end, text)};

#define N(fields) (sizeof(fields) / sizeof((fields)[0]))
/* clang-format off */
#define EMPTY(name) {name, 0, 0, 0, 0, NULL}
#define FREE(name, body) {name, sizeof(struct body), sizeof(struct body), 0, 0, NULL}
#define BODY(name, body, f) {name, sizeof(struct body), sizeof(struct body), 0, N(f), f}
#define LISTED(name, body, fields, count)                                                                              \
    {name, sizeof(struct body), offsetof(struct body, reading), offsetof(struct body, n) + 1, count, fields}
/* clang-format on */

static const struct frame_layout layouts[FRAME_TYPES] = {
    [FRAME_HELLO] = BODY("hello", frame_hello, hello),
    [FRAME_READY] = EMPTY("ready"),
    [FRAME_FAILED] = BODY("failed", frame_text, text),
    [FRAME_TROUBLE] = BODY("trouble", frame_trouble, trouble),
    [FRAME_CONFIG_BEGIN] = EMPTY("config-begin"),
    [FRAME_CONFIG_END] = EMPTY("config-end"),
    [FRAME_GPIO_LINE] = BODY("gpio-line", frame_gpio_line, gpio_line),
    [FRAME_MQTT_BROKER] = BODY("mqtt-broker", frame_broker, broker),
    [FRAME_MQTT_SENSOR] = BODY("mqtt-sensor", frame_mqtt_sensor, mqtt_sensor),
    [FRAME_SOURCE_KEYS] = BODY("source-keys", frame_source_keys, source_keys),
    [FRAME_STORE_CONFIG] = BODY("store-config", frame_store_config, store_config),
    [FRAME_DETECTOR_CONFIG] = BODY("detector-config", frame_detector_config, detector_config),
    [FRAME_SETTING] = BODY("setting", frame_setting, setting),
    [FRAME_SENSOR] = BODY("sensor", frame_sensor, sensor),
    [FRAME_UPLINK_CONFIG] = BODY("uplink-config", frame_uplink_config, uplink_config),
    [FRAME_READINGS] = LISTED("readings", frame_readings, NULL, 0),
    [FRAME_CONFIRM] = BODY("confirm", frame_confirm, confirm),
    [FRAME_SENSOR_NOTE] = BODY("sensor-note", frame_sensor_note, sensor_note),
    [FRAME_OUTPUT] = BODY("output", frame_output, output),
    [FRAME_OUTPUT_SET] = BODY("output-set", frame_output_set, output_set),
    [FRAME_STORE_STATE] = BODY("store-state", frame_store_state, store_state),
    [FRAME_STORE_RING] = FREE("store-ring", frame_store_ring),
    [FRAME_STORE_CURSOR] = BODY("store-cursor", frame_cursor, cursor),
    [FRAME_STORE_BOOT] = BODY("store-boot", frame_boot, boot),
    [FRAME_STORE_COMMIT] = BODY("store-commit", frame_commit, commit),
    [FRAME_STORE_DONE] = BODY("store-done", frame_done, done),
    [FRAME_STORE_FORGET] = FREE("store-forget", frame_forget),
    [FRAME_HISTORY_QUERY] = BODY("history-query", frame_history_query, history_query),
    [FRAME_HISTORY] = LISTED("history", frame_history, history, N(history)),
    [FRAME_PLUGIN_INFO] = BODY("plugin-info", frame_plugin_info, plugin_info),
    [FRAME_PLUGIN_ROLE] = BODY("plugin-role", frame_plugin_role, plugin_role),
    [FRAME_PLUGIN_PARAM] = BODY("plugin-param", frame_plugin_param, plugin_param),
    [FRAME_PLUGIN_ALERT] = BODY("plugin-alert", frame_plugin_alert, plugin_alert),
    [FRAME_PLUGIN_END] = EMPTY("plugin-end"),
    [FRAME_BIND] = BODY("bind", frame_bind, bind_),
    [FRAME_BATCH] = LISTED("batch", frame_batch, batch, N(batch)),
    [FRAME_CONDITION] = BODY("condition", frame_condition, condition),
    [FRAME_BATCH_DONE] = BODY("batch-done", frame_batch_done, batch_done),
    [FRAME_UPLINK_STATE] = BODY("uplink-state", frame_uplink_state, uplink_state),
    [FRAME_SEND] = BODY("send", frame_send, send_),
    [FRAME_DELIVERED] = BODY("delivered", frame_delivered, delivered),
    [FRAME_OPEN_BEGIN] = EMPTY("open-begin"),
    [FRAME_OPEN_END] = EMPTY("open-end"),
    [FRAME_ALERT] = BODY("alert", alert, alert),
    [FRAME_STATUS] = BODY("status", frame_status, status),
    [FRAME_CLOCK] = BODY("clock", frame_clock, clock_),
    [FRAME_COMMAND] = BODY("command", frame_command, command),
    [FRAME_REPLY] = BODY("reply", frame_reply, reply),
    [FRAME_CTL_REQUEST] = BODY("ctl-request", frame_ctl_request, ctl_request),
    [FRAME_CTL_HOME] = BODY("ctl-home", frame_status, status),
    [FRAME_CTL_WORKER] = BODY("ctl-worker", frame_ctl_worker, ctl_worker),
    [FRAME_CTL_SENSOR] = BODY("ctl-sensor", frame_ctl_sensor, ctl_sensor),
    [FRAME_CTL_WAITING] = BODY("ctl-waiting", frame_ctl_waiting, ctl_waiting),
    [FRAME_CTL_END] = BODY("ctl-end", frame_ctl_end, ctl_end),
    [FRAME_GPIO_CONFIG] = BODY("gpio-config", frame_gpio_config, gpio_config),
    [FRAME_PING] = EMPTY("ping"),
    [FRAME_PONG] = EMPTY("pong"),
    [FRAME_HEALTH] = BODY("health", frame_health, health),
};

const struct frame_layout *frame_layout(unsigned type)
{
    return type < FRAME_TYPES && layouts[type].name != NULL ? &layouts[type] : NULL;
}

static bool refuse(const char **why, const char *reason)
{
    *why = reason;
    return false;
}

static bool slot_ok(uint16_t slot)
{
    return slot < SENSORS_MAX || slot == SENSOR_HOME;
}

static bool in_range(const char *at, const struct field *field)
{
    uint32_t value = 0;
    uint16_t narrow = 0;
    if (field->size == sizeof(narrow)) {
        memcpy(&narrow, at, sizeof(narrow));
        value = narrow;
    } else {
        memcpy(&value, at, sizeof(value));
    }
    return value >= field->low && value <= field->high;
}

static bool field_ok(const char *body, const struct field *field)
{
    const char *at = body + field->offset;
    int64_t time = 0;
    uint64_t id = 0;
    double number = 0;
    uint16_t slot = 0;
    switch (field->rule) {
    case FIELD_TEXT:
        return text_valid(at, field->size);
    case FIELD_RANGE:
        return in_range(at, field);
    case FIELD_TIME:
        memcpy(&time, at, sizeof(time));
        return time >= 0 && time_in_limits(time);
    case FIELD_SPAN:
        memcpy(&time, at, sizeof(time));
        return time_in_limits(time);
    case FIELD_ID:
        memcpy(&id, at, sizeof(id));
        return id <= ID_LIMIT;
    case FIELD_FINITE:
        memcpy(&number, at, sizeof(number));
        return isfinite(number);
    case FIELD_SLOT:
        memcpy(&slot, at, sizeof(slot));
        return slot_ok(slot);
    case FIELD_ALERT:
        return alert_valid((const struct alert *)(const void *)at);
    default:
        return false;
    }
}

static bool event_ok(double value)
{
    return value >= GW_EVENT_PRESS && value <= GW_EVENT_ALARM && value == floor(value);
}

bool frame_check_reading(const struct reading *reading, const char **why)
{
    if (!isfinite(reading->value))
        return refuse(why, "a reading's value is not finite");
    if (reading->at < 0 || !time_in_limits(reading->at))
        return refuse(why, "a reading's time is out of range");
    if (reading->id > ID_LIMIT)
        return refuse(why, "a reading's id is out of range");
    if (!slot_ok(reading->sensor))
        return refuse(why, "a reading's sensor is out of range");
    if (reading->type > GW_CLOCK)
        return refuse(why, "a reading's type is unknown");
    if (reading->type == GW_EVENT && !event_ok(reading->value))
        return refuse(why, "a reading's event is unknown");
    return true;
}

static bool readings_ok(const struct reading *reading, uint32_t n, const char **why)
{
    for (uint32_t i = 0; i < n; i++) {
        if (!frame_check_reading(&reading[i], why))
            return false;
    }
    return true;
}

/* The list at the end of READINGS, HISTORY and BATCH: count, length that goes with it, and each reading. */
static bool list_ok(const struct frame *frame, const struct frame_layout *layout, const char **why)
{
    const char *body = (const char *)frame + sizeof(struct frame_header);
    uint32_t n = 0;
    if (frame->header.length < sizeof(struct frame_header) + layout->head)
        return refuse(why, "too short");
    memcpy(&n, body + layout->n_offset - 1, sizeof(n));
    if (n > READINGS_PER_FRAME || (n == 0 && frame->header.type == FRAME_READINGS))
        return refuse(why, "count of readings out of range");
    if (frame->header.length != sizeof(struct frame_header) + layout->head + n * sizeof(struct reading))
        return refuse(why, "length and count of readings differ");
    const struct reading *readings = (const struct reading *)(const void *)(body + layout->head);
    for (uint32_t i = 0; i < n; i++) {
        if (readings[i].origin == 0)
            return refuse(why, "a reading has no origin");
    }
    return readings_ok(readings, n, why);
}

static bool header_ok(const struct frame *frame, size_t size, const char **why)
{
    if (size < sizeof(struct frame_header))
        return refuse(why, "shorter than its header");
    if (frame->header.version != FRAME_VERSION)
        return refuse(why, "another version");
    if (frame->header.length != size)
        return refuse(why, "length in the header and length received differ");
    return true;
}

bool frame_check(const struct frame *frame, size_t size, const char **why)
{
    if (!header_ok(frame, size, why))
        return false;
    const struct frame_layout *layout = frame_layout(frame->header.type);
    if (layout == NULL)
        return refuse(why, "unknown type");
    if (layout->n_offset != 0) {
        if (!list_ok(frame, layout, why))
            return false;
    } else if (size != sizeof(struct frame_header) + layout->size) {
        return refuse(why, "wrong length for its type");
    }
    const char *body = (const char *)frame + sizeof(struct frame_header);
    for (uint32_t i = 0; i < layout->n_fields; i++) {
        if (!field_ok(body, &layout->fields[i]))
            return refuse(why, layout->fields[i].name);
    }
    if (frame->header.type == FRAME_CONDITION)
        return readings_ok(frame->condition.evidence, frame->condition.n_evidence, why);
    return true;
}
