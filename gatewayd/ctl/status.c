/* gatewayctl status and sensors. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/kinds.h"
#include "base/text.h"
#include "base/words.h"
#include "ctl/ctl.h"
#include "ctl/parts.h"
#include "ctl/table.h"

/* ---- status ---- */

static void print_troubles(const struct frame_status *home, FILE *out)
{
    if (home->config_fallback)
        fputs("! The configuration file has errors; the last accepted one runs. 'gatewayctl check' shows them.\n", out);
    if (home->degraded)
        fputs("! The disk does not answer: alarms go out, but would not survive a power cut.\n", out);
    if (!home->uplinks_up)
        fputs("! No platform is connected: alarms wait. The table below says why.\n", out);
    if (home->sensors_lost)
        fprintf(out, "! Lost: %" PRIu32 " of the sensors. 'gatewayctl sensors' names them.\n", home->sensors_lost);
    if (home->detectors_down || home->detectors_blind)
        fprintf(out, "! Not watching: %" PRIu32 " of the detectors. The table below names them.\n",
                home->detectors_down + home->detectors_blind);
    if (home->drops)
        fprintf(out, "! %" PRIu32 " things were dropped at limits since the start; see the log.\n", home->drops);
}

static void print_home(const struct frame_status *home, FILE *out)
{
    char a[WORDS_SIZE], b[WORDS_SIZE], name[TEXT_SIZE];
    text_copy(name, sizeof name, home->home);
    fprintf(out, "Home       %s, mode %s\n", table_safe(name), words_mode(home->mode));
    text_copy(name, sizeof name, home->software);
    fprintf(out, "Gateway    %s, machine up for %s (boot %" PRIu32 ")\n", table_safe(name),
            words_span(home->boottime_ms, a), home->boot);
    fprintf(out, "Clock      %s, %s\n", words_when(home->log_now + home->wall_minus_log, a),
            home->clock ? "synchronised" : "NOT synchronised: times may be wrong, durations are right");
    fprintf(out, "Sensors    %" PRIu32 ", %" PRIu32 " lost, %" PRIu32 " with a low battery\n", home->sensors,
            home->sensors_lost, home->sensors_low_battery);
    fprintf(
        out,
        "Detectors  %" PRIu32 ", %" PRIu32 " down, %" PRIu32 " blind, %" PRIu32 " catching up, %" PRIu32 " learning\n",
        home->detectors, home->detectors_down, home->detectors_blind, home->detectors_behind, home->detectors_learning);
    fprintf(out, "Alerts     %" PRIu32 " open, %" PRIu32 " of them emergencies\n", home->alerts_open,
            home->emergencies_open);
    fprintf(out, "Platforms  %" PRIu32 " of %" PRIu32 " connected; %" PRIu32 " messages wait", home->uplinks_up,
            home->uplinks, home->outbox);
    fprintf(out, home->outbox ? ", the oldest for %s\n" : "%s\n",
            home->outbox ? words_span(home->outbox_oldest_ms, a) : "");
    fprintf(out, "Disk       %s; %s written since the start, %" PRIu64 " readings\n",
            home->degraded ? "DOES NOT ANSWER" : "ok", words_bytes(home->bytes_written, b), home->readings);
    print_troubles(home, out);
}

static void print_parts(const struct parts *parts, FILE *out)
{
    static const char *const headings[] = {"PART",   "STATE",  "FOR",          "HEALTH", "PID",
                                           "STARTS", "DEATHS", "LAST TROUBLE", NULL};
    struct table *table = table_create(headings);
    if (!table)
        return;
    for (unsigned i = 0; i < parts->n; i++) {
        const struct frame_ctl_worker *worker = &parts->worker[i];
        char span[WORDS_SIZE];
        table_cell(table, "%s", worker->name);
        if (worker->next_start_ms >= 0)
            table_cell(table, "%s, again in %s", worker->state, words_span(worker->next_start_ms + 999, span));
        else
            table_cell(table, "%s", worker->state);
        table_cell(table, "%s", words_span(worker->since_ms, span));
        table_cell(table, "%s", worker->health);
        if (worker->pid)
            table_cell(table, "%" PRIu32, worker->pid);
        else
            table_cell(table, "-");
        table_cell(table, "%" PRIu32, worker->starts);
        table_cell(table, "%" PRIu32, worker->deaths);
        table_cell(table, "%s", worker->cause);
    }
    fputc('\n', out);
    table_print(table, out);
    table_destroy(table);
}

static void add_count(cJSON *json, const char *key, double value)
{
    cJSON_AddNumberToObject(json, key, value);
}

static cJSON *json_home(const struct frame_status *home)
{
    char when[WORDS_SIZE];
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "home", home->home);
    cJSON_AddStringToObject(json, "software", home->software);
    cJSON_AddStringToObject(json, "mode", words_mode(home->mode));
    cJSON_AddStringToObject(json, "now", words_iso(home->log_now + home->wall_minus_log, when));
    cJSON_AddStringToObject(json, "clock", home->clock ? "synced" : "unsynced");
    add_count(json, "boot", home->boot);
    add_count(json, "boottime_ms", (double)home->boottime_ms);
    cJSON_AddBoolToObject(json, "degraded", home->degraded != 0);
    cJSON_AddBoolToObject(json, "config_fallback", home->config_fallback != 0);
    add_count(json, "sensors", home->sensors);
    add_count(json, "sensors_lost", home->sensors_lost);
    add_count(json, "sensors_low_battery", home->sensors_low_battery);
    add_count(json, "detectors", home->detectors);
    add_count(json, "detectors_down", home->detectors_down);
    add_count(json, "detectors_blind", home->detectors_blind);
    add_count(json, "detectors_behind", home->detectors_behind);
    add_count(json, "detectors_learning", home->detectors_learning);
    add_count(json, "alerts_open", home->alerts_open);
    add_count(json, "emergencies_open", home->emergencies_open);
    add_count(json, "uplinks", home->uplinks);
    add_count(json, "uplinks_up", home->uplinks_up);
    add_count(json, "outbox", home->outbox);
    add_count(json, "outbox_oldest_ms", (double)home->outbox_oldest_ms);
    add_count(json, "readings", (double)home->readings);
    add_count(json, "bytes_written", (double)home->bytes_written);
    add_count(json, "drops", home->drops);
    return json;
}

static cJSON *json_worker(const struct frame_ctl_worker *worker)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "name", worker->name);
    cJSON_AddStringToObject(json, "state", worker->state);
    cJSON_AddStringToObject(json, "plugin", worker->plugin);
    cJSON_AddStringToObject(json, "health", worker->health);
    add_count(json, "pid", worker->pid);
    add_count(json, "starts", worker->starts);
    add_count(json, "deaths", worker->deaths);
    add_count(json, "since_ms", (double)worker->since_ms);
    add_count(json, "next_start_ms", (double)worker->next_start_ms);
    cJSON_AddStringToObject(json, "cause", worker->cause);
    return json;
}

static void show_status(struct ctl *ctl, const struct parts *parts)
{
    if (!ctl->args->json) {
        print_home(&ctl->home, ctl->out);
        print_parts(parts, ctl->out);
        return;
    }
    cJSON *json = json_home(&ctl->home);
    cJSON *workers = cJSON_AddArrayToObject(json, "workers");
    for (unsigned i = 0; i < parts->n; i++)
        cJSON_AddItemToArray(workers, json_worker(&parts->worker[i]));
    ctl_print_json(ctl, json);
}

int ctl_status(struct ctl *ctl)
{
    struct parts parts = {0};
    ctl_ask(ctl, CTL_STATUS, NULL);
    enum ctl_next next = CTL_NEXT_FRAME;
    while ((next = ctl_next(ctl, CTL_ANSWER_MS)) == CTL_NEXT_FRAME) {
        if (ctl->frame.header.type == FRAME_CTL_HOME)
            ctl->home = ctl->frame.status;
        else if (ctl->frame.header.type == FRAME_CTL_WORKER && !parts_take(&parts, &ctl->frame.ctl_worker))
            break;
    }
    int status = ctl_explain(ctl, next);
    if (status == CTL_OK)
        show_status(ctl, &parts);
    parts_free(&parts);
    return status;
}

/* ---- sensors ---- */

static const char *condition(const struct frame_ctl_sensor *sensor)
{
    static const char *const names[] = {"LOST", "ok", "never heard"};
    return sensor->available < 3 ? names[sensor->available] : "?";
}

cJSON *ctl_json_sensor(const struct ctl *ctl, const struct frame_ctl_sensor *sensor)
{
    static const char *const available[] = {"lost", "ok", "never-heard"};
    char text[WORDS_SIZE];
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "name", sensor->name);
    cJSON_AddStringToObject(json, "kind", sensor->kind < KIND_COUNT ? kind_info(sensor->kind)->name : "?");
    cJSON_AddStringToObject(json, "room", sensor->room);
    cJSON_AddStringToObject(json, "source", sensor->source);
    cJSON_AddStringToObject(json, "available", sensor->available < 3 ? available[sensor->available] : "?");
    cJSON_AddItemToObject(json, "value", sensor->at ? cJSON_CreateNumber(sensor->value) : cJSON_CreateNull());
    cJSON_AddItemToObject(
        json, "at", sensor->at ? cJSON_CreateString(words_iso(ctl_wall(ctl, sensor->at), text)) : cJSON_CreateNull());
    cJSON_AddItemToObject(json, "heard",
                          sensor->heard ? cJSON_CreateString(words_iso(ctl_wall(ctl, sensor->heard), text))
                                        : cJSON_CreateNull());
    cJSON_AddItemToObject(json, "battery",
                          sensor->battery >= 0 ? cJSON_CreateNumber(sensor->battery) : cJSON_CreateNull());
    cJSON_AddItemToObject(json, "link", sensor->link >= 0 ? cJSON_CreateNumber(sensor->link) : cJSON_CreateNull());
    cJSON_AddItemToObject(json, "qos", sensor->qos >= 0 ? cJSON_CreateNumber(sensor->qos) : cJSON_CreateNull());
    cJSON_AddBoolToObject(json, "battery_low", sensor->battery_low != 0);
    cJSON_AddBoolToObject(json, "tamper", sensor->tamper != 0);
    cJSON_AddBoolToObject(json, "urgent", sensor->urgent != 0);
    add_count(json, "readings", (double)sensor->readings);
    add_count(json, "bad_payloads", sensor->bad_payloads);
    add_count(json, "lines_lost", sensor->lines_lost);
    cJSON_AddStringToObject(json, "note", sensor->note);
    return json;
}

static void add_sensor(const struct ctl *ctl, struct table *table, const struct frame_ctl_sensor *sensor)
{
    char text[WORDS_SIZE];
    table_cell(table, "%s", sensor->name);
    table_cell(table, "%s", sensor->kind < KIND_COUNT ? kind_info(sensor->kind)->name : "?");
    table_cell(table, "%s", sensor->room);
    table_cell(table, "%s%s", condition(sensor), sensor->tamper ? ", TAMPERED" : "");
    table_cell(table, "%s", sensor->at ? words_value(sensor->kind, sensor->value, text) : "-");
    table_cell(table, "%s", words_ago(sensor->at, ctl->home.log_now, text));
    table_cell(table, "%s", words_ago(sensor->heard, ctl->home.log_now, text));
    if (sensor->battery >= 0)
        table_cell(table, "%d %%%s", sensor->battery, sensor->battery_low ? " LOW" : "");
    else
        table_cell(table, "%s", sensor->battery_low ? "LOW" : "-");
    if (sensor->qos >= 0)
        table_cell(table, "%d", sensor->qos);
    else
        table_cell(table, "-");
    table_cell(table, "%s", sensor->source);
}

/* What needs a sentence, under the table. */
static void print_advice(const struct frame_ctl_sensor *sensor, FILE *out)
{
    char note[TEXT_SIZE];
    text_copy(note, sizeof note, sensor->note);
    table_safe(note);
    if (sensor->bad_payloads)
        fprintf(out, "! %s: %" PRIu32 " messages were not understood%s%s\n", sensor->name, sensor->bad_payloads,
                note[0] ? ": " : "", note);
    else if (sensor->urgent && sensor->qos == 0)
        fprintf(out, "! %s: its messages come at QoS 0 and can be lost on the way%s%s\n", sensor->name,
                note[0] ? ": " : "", note);
    else if (note[0])
        fprintf(out, "! %s: %s\n", sensor->name, note);
    if (sensor->lines_lost)
        fprintf(out, "! %s: %" PRIu32 " changes of its line came too fast and were lost; its level was read again\n",
                sensor->name, sensor->lines_lost);
}

static void show_sensors(struct ctl *ctl)
{
    static const char *const headings[] = {"SENSOR", "KIND",    "ROOM", "STATE",  "VALUE", "SINCE",
                                           "HEARD",  "BATTERY", "QOS",  "SOURCE", NULL};
    struct table *table = table_create(headings);
    if (!table)
        return;
    for (unsigned i = 0; i < SENSORS_MAX; i++)
        if (ctl->sensors[i])
            add_sensor(ctl, table, ctl->sensors[i]);
    table_print(table, ctl->out);
    table_destroy(table);
    for (unsigned i = 0; i < SENSORS_MAX; i++)
        if (ctl->sensors[i])
            print_advice(ctl->sensors[i], ctl->out);
}

int ctl_sensors(struct ctl *ctl)
{
    int status = ctl_home(ctl);
    if (status != CTL_OK)
        return status;
    ctl_ask(ctl, CTL_SENSORS, NULL);
    enum ctl_next next = CTL_NEXT_FRAME;
    while ((next = ctl_next(ctl, CTL_ANSWER_MS)) == CTL_NEXT_FRAME)
        ctl_take_sensor(ctl);
    status = ctl_explain(ctl, next);
    if (status != CTL_OK)
        return status;
    if (!ctl->args->json) {
        show_sensors(ctl);
        return CTL_OK;
    }
    cJSON *json = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(json, "sensors");
    for (unsigned i = 0; i < SENSORS_MAX; i++)
        if (ctl->sensors[i])
            cJSON_AddItemToArray(list, ctl_json_sensor(ctl, ctl->sensors[i]));
    ctl_print_json(ctl, json);
    return CTL_OK;
}
