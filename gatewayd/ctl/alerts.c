/* gatewayctl alerts. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "ctl/ctl.h"
#include "ctl/table.h"

static int64_t wall_of(const struct alert *alert, int64_t at)
{
    return at + alert->wall_minus_log;
}

static void add_texts(cJSON *json, const struct alert *alert)
{
    cJSON *text = cJSON_AddObjectToObject(json, "text");
    cJSON_AddStringToObject(text, "en", alert->text_en);
    cJSON_AddStringToObject(text, "zh", alert->text_zh);
}

static void add_evidence(cJSON *json, const struct alert *alert)
{
    cJSON *list = cJSON_AddArrayToObject(json, "evidence");
    for (uint32_t i = 0; i < alert->n_evidence; i++) {
        const struct alert_evidence *from = &alert->evidence[i];
        char when[WORDS_SIZE];
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "sensor", from->sensor);
        cJSON_AddStringToObject(item, "room", from->room);
        cJSON_AddStringToObject(item, "kind", from->kind);
        cJSON_AddStringToObject(item, "at", words_iso(wall_of(alert, from->at), when));
        cJSON_AddStringToObject(item, "type", words_type((uint8_t)from->type));
        cJSON_AddNumberToObject(item, "value", from->value);
        cJSON_AddItemToArray(list, item);
    }
}

cJSON *ctl_json_alert(const struct alert *alert)
{
    char text[WORDS_SIZE];
    cJSON *json = cJSON_CreateObject();
    snprintf(text, sizeof text, "%016" PRIx64, alert->id);
    cJSON_AddStringToObject(json, "id", text);
    cJSON_AddNumberToObject(json, "rev", alert->rev);
    snprintf(text, sizeof text, "%016" PRIx64, alert->incident);
    cJSON_AddStringToObject(json, "incident", text);
    cJSON_AddStringToObject(json, "class", alert_class_name(alert->class_));
    cJSON_AddStringToObject(json, "kind", alert->kind);
    cJSON_AddStringToObject(json, "state", alert_state_name(alert->state));
    cJSON_AddBoolToObject(json, "test", (alert->flags & ALERT_TEST) != 0);
    cJSON_AddBoolToObject(json, "local_ack", (alert->flags & ALERT_LOCAL_ACK) != 0);
    cJSON_AddBoolToObject(json, "durable", (alert->flags & ALERT_NOT_DURABLE) == 0);
    cJSON_AddNumberToObject(json, "count", alert->count);
    cJSON_AddStringToObject(json, "detector", alert->detector);
    cJSON_AddStringToObject(json, "key", alert->key);
    cJSON_AddStringToObject(json, "room", alert->room);
    cJSON_AddStringToObject(json, "code", alert->code);
    cJSON_AddStringToObject(json, "since", words_iso(wall_of(alert, alert->since), text));
    cJSON_AddStringToObject(json, "raised_at", words_iso(wall_of(alert, alert->raised), text));
    cJSON_AddStringToObject(json, "at", words_iso(wall_of(alert, alert->at), text));
    cJSON_AddStringToObject(json, "clock", alert->clock ? "synced" : "unsynced");
    cJSON_AddNumberToObject(json, "late_ms", (double)alert->late_ms);
    cJSON_AddStringToObject(json, "limit", alert->limit);
    cJSON_AddStringToObject(json, "by", alert->by);
    cJSON_AddStringToObject(json, "note", alert->note);
    add_texts(json, alert);
    add_evidence(json, alert);
    return json;
}

/* "raised, test, seen here" */
static void describe_state(const struct alert *alert, char *out, size_t size)
{
    snprintf(out, size, "%s%s%s%s", alert_state_name(alert->state), alert->flags & ALERT_TEST ? ", test" : "",
             alert->flags & ALERT_LOCAL_ACK ? ", seen at home" : "",
             (alert->flags & ALERT_ENDED) && alert->state < ALERT_CLEARED ? ", over" : "");
}

static void add_alert(struct table *table, const struct alert *alert)
{
    char text[WORDS_SIZE], state[WORDS_SIZE];
    describe_state(alert, state, sizeof state);
    table_cell(table, "%016" PRIx64, alert->id);
    table_cell(table, "%s", alert_class_name(alert->class_));
    table_cell(table, "%s", state);
    table_cell(table, "%s", words_when(wall_of(alert, alert->raised), text));
    table_cell(table, "%s", alert->room[0] ? alert->room : "-");
    if (alert->count > 1)
        table_cell(table, "%s (%" PRIu32 " times)", alert->text_en, alert->count);
    else
        table_cell(table, "%s", alert->text_en);
    if (alert->text_zh[0]) {
        for (unsigned i = 0; i < 5; i++)
            table_cell(table, "%s", "");
        table_cell(table, "%s", alert->text_zh);
    }
    if (alert->by[0]) {
        for (unsigned i = 0; i < 5; i++)
            table_cell(table, "%s", "");
        table_cell(table, "by %s%s%s", alert->by, alert->note[0] ? ": " : "", alert->note);
    }
}

void ctl_print_alert(const struct ctl *ctl, const struct alert *alert)
{
    char when[WORDS_SIZE], state[WORDS_SIZE], text[2 * GW_MAX_TEXT + 64];
    describe_state(alert, state, sizeof state);
    snprintf(text, sizeof text, "%s / %s", alert->text_en, alert->text_zh);
    fprintf(ctl->out, "%s  %s %s %s: %s [%016" PRIx64 "]\n", words_when(wall_of(alert, alert->at), when),
            alert->class_ == GW_EMERGENCY ? "***" : "**", alert_class_name(alert->class_), state, table_safe(text),
            alert->id);
}

static void fill_all(const struct args *args, struct frame_ctl_request *ask)
{
    ask->flags = args->all ? 1 : 0;
}

static int finish(struct ctl *ctl, enum ctl_next next, struct table *table, cJSON *json)
{
    int status = ctl_explain(ctl, next);
    if (status == CTL_OK && json) {
        ctl_print_json(ctl, json);
        json = NULL;
    } else if (status == CTL_OK && table) {
        if (table_rows(table))
            table_print(table, ctl->out);
        else
            fprintf(ctl->out, "No %s.\n", ctl->args->all ? "alerts" : "open alerts");
    }
    cJSON_Delete(json);
    table_destroy(table);
    return status;
}

int ctl_alerts(struct ctl *ctl)
{
    static const char *const headings[] = {"ID", "CLASS", "STATE", "RAISED", "ROOM", "WHAT", NULL};
    cJSON *json = ctl->args->json ? cJSON_CreateObject() : NULL;
    cJSON *list = json ? cJSON_AddArrayToObject(json, "alerts") : NULL;
    struct table *table = json ? NULL : table_create(headings);
    ctl_ask(ctl, CTL_ALERTS, fill_all);
    enum ctl_next next = CTL_NEXT_FRAME;
    while ((next = ctl_next(ctl, CTL_ANSWER_MS)) == CTL_NEXT_FRAME) {
        if (ctl->frame.header.type != FRAME_ALERT)
            continue;
        if (json)
            cJSON_AddItemToArray(list, ctl_json_alert(&ctl->frame.alert));
        else if (table)
            add_alert(table, &ctl->frame.alert);
    }
    return finish(ctl, next, table, json);
}
