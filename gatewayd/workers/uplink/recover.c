#include "recover.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/clock.h"
#include "base/text.h"
#include "isotime.h"

static const char *string_of(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return text ? text : "";
}

static bool id_of(const cJSON *object, const char *name, uint64_t *id)
{
    const char *text = string_of(object, name);
    if (strlen(text) != 16 || strspn(text, "0123456789abcdef") != 16)
        return false;
    return sscanf(text, "%16" SCNx64, id) == 1;
}

static bool count_of(const cJSON *object, const char *name, uint32_t *count)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0 && item->valuedouble <= UINT32_MAX))
        return false;
    *count = (uint32_t)item->valuedouble;
    return true;
}

static int64_t time_of(const cJSON *object, const char *name, int64_t wall_minus_log)
{
    int64_t wall;
    if (!isotime_to_ms(string_of(object, name), &wall) || wall < wall_minus_log)
        return 0;
    return wall - wall_minus_log;
}

static uint32_t flags_of(const cJSON *object)
{
    static const struct {
        const char *name;
        uint32_t flag;
    } names[] = {{"momentary", ALERT_MOMENTARY}, {"request", ALERT_REQUEST},
                 {"local-ack", ALERT_LOCAL_ACK}, {"accepted", ALERT_ACCEPTED_ONCE},
                 {"acknowledged", ALERT_ACKED},  {"ended", ALERT_ENDED},
                 {"visit", ALERT_VISIT},         {"lost", ALERT_LOST}};
    uint32_t flags = ALERT_RECOVERED;
    const cJSON *item;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(object, "flags"))
    {
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
            if (cJSON_IsString(item) && strcmp(item->valuestring, names[i].name) == 0)
                flags |= names[i].flag;
    }
    if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, "test")))
        flags |= ALERT_TEST;
    if (!cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, "durable")))
        flags |= ALERT_NOT_DURABLE;
    return flags;
}

static void texts_of(const cJSON *object, struct alert *alert)
{
    const cJSON *text = cJSON_GetObjectItemCaseSensitive(object, "text");
    const cJSON *scaip = cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(object, "code"), "scaip");
    text_copy(alert->detector, sizeof alert->detector, string_of(object, "detector"));
    text_copy(alert->kind, sizeof alert->kind, string_of(object, "kind"));
    text_copy(alert->key, sizeof alert->key, string_of(object, "key"));
    text_copy(alert->room, sizeof alert->room, string_of(object, "room"));
    text_copy(alert->text_en, sizeof alert->text_en, string_of(text, "en"));
    text_copy(alert->text_zh, sizeof alert->text_zh, string_of(text, "zh"));
    text_copy(alert->limit, sizeof alert->limit, string_of(object, "limit"));
    text_copy(alert->by, sizeof alert->by, string_of(object, "by"));
    text_copy(alert->note, sizeof alert->note, string_of(object, "note"));
    if (cJSON_IsObject(scaip))
        snprintf(alert->code, sizeof alert->code, "%.4s %.4s", string_of(scaip, "device"), string_of(scaip, "status"));
}

static bool alert_of(const cJSON *object, int64_t wall_minus_log, struct alert *alert)
{
    *alert = (struct alert){0};
    if (!id_of(object, "id", &alert->id) || !id_of(object, "episode", &alert->episode) ||
        !id_of(object, "incident", &alert->incident) || !count_of(object, "rev", &alert->rev) ||
        !count_of(object, "count", &alert->count) || !count_of(object, "boot", &alert->boot))
        return false;
    alert->class_ = (uint16_t)alert_class_by_name(string_of(object, "class"));
    alert->state = (uint16_t)alert_state_by_name(string_of(object, "state"));
    alert->flags = flags_of(object);
    texts_of(object, alert);
    alert->since = time_of(object, "since", wall_minus_log);
    alert->raised = time_of(object, "raised_at", wall_minus_log);
    alert->at = time_of(object, "at", wall_minus_log);
    alert->wall_minus_log = wall_minus_log;
    alert->clock = strcmp(string_of(object, "clock"), "synced") == 0 ? CLOCK_SYNCED : CLOCK_UNSYNCED;
    return alert_valid(alert);
}

int recover_parse(const char *data, size_t size, int64_t wall_minus_log, recover_emit *emit, void *context)
{
    if (!text_utf8(data, size))
        return -1;
    cJSON *root = cJSON_ParseWithLength(data, size);
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(root, "alerts");
    int found = cJSON_IsArray(list) ? 0 : -1;
    const cJSON *item;
    cJSON_ArrayForEach(item, list)
    {
        struct alert alert;
        if (found >= ALERTS_MAX)
            break;
        if (!alert_of(item, wall_minus_log, &alert))
            continue;
        emit(context, &alert);
        found++;
    }
    cJSON_Delete(root);
    return found;
}
