#include "payload.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "isotime.h"

static void add_id(cJSON *object, const char *name, uint64_t id)
{
    char text[20];
    snprintf(text, sizeof text, "%016" PRIx64, id);
    cJSON_AddStringToObject(object, name, text);
}

static void add_time(cJSON *object, const char *name, int64_t wall_ms)
{
    char text[ISOTIME_SIZE];
    cJSON_AddStringToObject(object, name, isotime_from_ms(wall_ms, text));
}

static void add_text_if(cJSON *object, const char *name, const char *text)
{
    if (text[0])
        cJSON_AddStringToObject(object, name, text);
}

static void add_clock(cJSON *object, uint32_t quality)
{
    cJSON_AddStringToObject(object, "clock", quality == CLOCK_SYNCED ? "synced" : "unsynced");
}

static char *print(cJSON *object)
{
    char *text = cJSON_PrintUnformatted(object);
    cJSON_Delete(object);
    return text;
}

static const char *type_name(uint32_t type)
{
    static const char *const names[] = {"value",  "event", "availability", "battery", "battery-low",
                                        "tamper", "link",  "gap",          "mode",    "clock"};
    return type < sizeof names / sizeof names[0] ? names[type] : "other";
}

static const char *event_name(double value)
{
    static const char *const names[] = {"?", "press", "double", "long", "cord", "release", "cancel", "fall", "alarm"};
    const size_t n = sizeof names / sizeof names[0];
    return value >= 1 && value < (double)n ? names[(int)value] : names[0];
}

/* SCAIP place of a room, from its usual names; NULL if it has none. */
static const char *place_code(const char *room)
{
    static const struct {
        const char *room, *code;
    } places[] = {
        {"bathroom", "011"}, {"bath", "011"},     {"bedroom", "012"},    {"bed", "012"},
        {"kitchen", "021"},  {"entrance", "039"}, {"front-door", "039"}, {"hall", "042"},
        {"hallway", "042"},  {"living", "043"},   {"livingroom", "043"}, {"living-room", "043"},
    };
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (strcmp(room, places[i].room) == 0)
            return places[i].code;
    return NULL;
}

static void add_code(cJSON *object, const struct alert *alert)
{
    char device[8] = "", status[8] = "";
    if (sscanf(alert->code, "%4[0-9] %4[0-9]", device, status) != 2)
        return;
    cJSON *scaip = cJSON_AddObjectToObject(cJSON_AddObjectToObject(object, "code"), "scaip");
    cJSON_AddStringToObject(scaip, "device", device);
    cJSON_AddStringToObject(scaip, "status", status);
    const char *place = place_code(alert->room);
    if (place)
        cJSON_AddStringToObject(scaip, "location", place);
}

static void add_flags(cJSON *object, uint32_t flags)
{
    static const struct {
        uint32_t flag;
        const char *name;
    } names[] = {{ALERT_MOMENTARY, "momentary"},    {ALERT_REQUEST, "request"},    {ALERT_LOCAL_ACK, "local-ack"},
                 {ALERT_ACCEPTED_ONCE, "accepted"}, {ALERT_ACKED, "acknowledged"}, {ALERT_ENDED, "ended"},
                 {ALERT_RECOVERED, "recovered"},    {ALERT_VISIT, "visit"},        {ALERT_LOST, "lost"}};
    cJSON *list = cJSON_AddArrayToObject(object, "flags");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (flags & names[i].flag)
            cJSON_AddItemToArray(list, cJSON_CreateString(names[i].name));
}

/* An alert must be understandable alone, so a text is never empty. */
static void add_text(cJSON *object, const struct alert *alert)
{
    char plain[2 * NAME_SIZE + 4];
    snprintf(plain, sizeof plain, "%s%s%s%s", alert->kind, alert->room[0] ? " (" : "", alert->room,
             alert->room[0] ? ")" : "");
    cJSON *text = cJSON_AddObjectToObject(object, "text");
    cJSON_AddStringToObject(text, "en", alert->text_en[0] ? alert->text_en : plain);
    cJSON_AddStringToObject(text, "zh", alert->text_zh[0] ? alert->text_zh : plain);
}

static void add_evidence(cJSON *object, const struct alert *alert)
{
    cJSON *sensors = cJSON_AddArrayToObject(object, "sensors");
    cJSON *list = cJSON_AddArrayToObject(object, "evidence");
    for (uint32_t i = 0; i < alert->n_evidence && i < GW_MAX_EVIDENCE; i++) {
        const struct alert_evidence *evidence = &alert->evidence[i];
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "sensor", evidence->sensor);
        add_text_if(item, "room", evidence->room);
        add_text_if(item, "kind", evidence->kind);
        cJSON_AddStringToObject(item, "type", type_name(evidence->type));
        if (evidence->type == GW_EVENT)
            cJSON_AddStringToObject(item, "event", event_name(evidence->value));
        cJSON_AddNumberToObject(item, "value", isfinite(evidence->value) ? evidence->value : 0);
        add_time(item, "at", evidence->at + alert->wall_minus_log);
        if (evidence->flags & GW_TEST)
            cJSON_AddTrueToObject(item, "test");
        if (evidence->flags & (GW_INITIAL | GW_RETAINED))
            cJSON_AddTrueToObject(item, "initial");
        cJSON_AddItemToArray(list, item);

        bool known = false;
        for (uint32_t j = 0; j < i && !known; j++)
            known = strcmp(alert->evidence[j].sensor, evidence->sensor) == 0;
        if (!known && evidence->sensor[0])
            cJSON_AddItemToArray(sensors, cJSON_CreateString(evidence->sensor));
    }
}

static void add_contact(cJSON *object, const struct payload_home *home)
{
    if (!home->hotline[0] && !home->family[0])
        return;
    cJSON *contact = cJSON_AddObjectToObject(object, "contact");
    add_text_if(contact, "hotline", home->hotline);
    add_text_if(contact, "family", home->family);
}

cJSON *payload_alert_object(const struct payload_home *home, const struct alert *alert,
                            const struct payload_delivery *how)
{
    cJSON *object = cJSON_CreateObject();
    add_id(object, "id", alert->id);
    cJSON_AddNumberToObject(object, "rev", alert->rev);
    add_id(object, "incident", alert->incident ? alert->incident : alert->id);
    add_id(object, "episode", alert->episode);
    cJSON_AddNumberToObject(object, "count", alert->count);
    cJSON_AddStringToObject(object, "home", home->home);
    cJSON_AddStringToObject(object, "class", alert_class_name(alert->class_));
    cJSON_AddStringToObject(object, "kind", alert->kind);
    cJSON_AddStringToObject(object, "state", alert_state_name(alert->state));
    cJSON_AddBoolToObject(object, "test", (alert->flags & ALERT_TEST) != 0);
    add_flags(object, alert->flags);
    add_time(object, "since", alert->since + alert->wall_minus_log);
    add_time(object, "raised_at", alert->raised + alert->wall_minus_log);
    add_time(object, "at", alert->at + alert->wall_minus_log);
    bool grows = !(alert->flags & ALERT_ENDED) || alert->state == ALERT_CLEARED; /* not by what is said later of it */
    const int64_t lasted_s = (alert->at - alert->since) / 1000; /* service time, by a clock that nobody sets */
    if (alert->flags & ALERT_VISIT && grows)
        cJSON_AddNumberToObject(object, "lasted_s", (double)lasted_s);
    add_clock(object, alert->clock);
    cJSON_AddNumberToObject(object, "boot", alert->boot);
    cJSON_AddNumberToObject(object, "late_ms", (double)(how->late_ms > 0 ? how->late_ms : 0));
    cJSON_AddBoolToObject(object, "durable", how->durable);
    if (how->again)
        cJSON_AddNumberToObject(object, "again", (double)how->again);
    cJSON_AddStringToObject(object, "detector", alert->detector);
    cJSON_AddStringToObject(object, "key", alert->key);
    cJSON_AddStringToObject(object, "room", alert->room);
    add_text(object, alert);
    add_text_if(object, "limit", alert->limit);
    add_code(object, alert);
    add_text_if(object, "by", alert->by);
    add_text_if(object, "note", alert->note);
    cJSON_AddStringToObject(cJSON_AddObjectToObject(object, "escalation"), "level", "home");
    if (!how->compact) {
        add_evidence(object, alert);
        if (alert->class_ == GW_EMERGENCY)
            add_contact(object, home);
    }
    return object;
}

char *payload_alert(const struct payload_home *home, const struct alert *alert, const struct payload_delivery *how)
{
    return print(payload_alert_object(home, alert, how));
}

static void add_counts(cJSON *object, const struct frame_status *status)
{
    cJSON *sensors = cJSON_AddObjectToObject(object, "sensors");
    cJSON_AddNumberToObject(sensors, "total", status->sensors);
    cJSON_AddNumberToObject(sensors, "lost", status->sensors_lost);
    cJSON_AddNumberToObject(sensors, "low_battery", status->sensors_low_battery);
    cJSON *detectors = cJSON_AddObjectToObject(object, "detectors");
    cJSON_AddNumberToObject(detectors, "total", status->detectors);
    cJSON_AddNumberToObject(detectors, "down", status->detectors_down);
    cJSON_AddNumberToObject(detectors, "blind", status->detectors_blind);
    cJSON_AddNumberToObject(detectors, "behind", status->detectors_behind);
    cJSON_AddNumberToObject(detectors, "learning", status->detectors_learning);
    cJSON *alerts = cJSON_AddObjectToObject(object, "alerts");
    cJSON_AddNumberToObject(alerts, "open", status->alerts_open);
    cJSON_AddNumberToObject(alerts, "emergencies", status->emergencies_open);
    cJSON *uplinks = cJSON_AddObjectToObject(object, "uplinks");
    cJSON_AddNumberToObject(uplinks, "total", status->uplinks);
    cJSON_AddNumberToObject(uplinks, "up", status->uplinks_up);
}

static void add_link(cJSON *object, const struct payload_link *link)
{
    cJSON *commands = cJSON_AddObjectToObject(object, "commands");
    cJSON_AddNumberToObject(commands, "taken", (double)link->commands);
    cJSON_AddNumberToObject(commands, "refused", (double)link->commands_refused);
    if (!link->tls)
        return;
    cJSON *tls = cJSON_AddObjectToObject(object, "tls");
    cJSON_AddBoolToObject(tls, "dates_checked", link->dates_checked);
    if (link->cert_expires)
        add_time(tls, "certificate_expires", link->cert_expires);
}

char *payload_status(const struct payload_home *home, const struct frame_status *status,
                     const struct payload_link *link)
{
    static const char *const modes[] = {"home", "away", "visit", "maintenance"};
    int64_t wall = status->log_now + status->wall_minus_log;
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "home", home->home);
    cJSON_AddBoolToObject(object, "online", true);
    cJSON_AddStringToObject(object, "version", home->software);
    add_time(object, "at", wall);
    add_clock(object, status->clock);
    cJSON_AddNumberToObject(object, "boot", status->boot);
    add_time(object, "last_boot", wall - status->boottime_ms);
    cJSON_AddStringToObject(object, "mode", status->mode < 4 ? modes[status->mode] : "home");
    cJSON_AddBoolToObject(object, "degraded", status->degraded != 0);
    cJSON_AddBoolToObject(object, "config_fallback", status->config_fallback != 0);
    cJSON_AddNumberToObject(object, "outbox", status->outbox);
    int64_t oldest_s = status->outbox_oldest_ms > 0 ? status->outbox_oldest_ms / 1000 : 0;
    cJSON_AddNumberToObject(object, "oldest_unsent_s", (double)oldest_s);
    add_counts(object, status);
    cJSON_AddNumberToObject(object, "readings", (double)status->readings);
    cJSON_AddNumberToObject(object, "bytes_written", (double)status->bytes_written);
    cJSON_AddNumberToObject(object, "drops", status->drops);
    add_link(object, link);
    return print(object);
}

char *payload_offline(const struct payload_home *home)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "home", home->home);
    cJSON_AddBoolToObject(object, "online", false);
    cJSON_AddStringToObject(object, "version", home->software);
    return print(object);
}

char *payload_reply(const struct payload_home *home, const struct payload_answer *answer)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "home", home->home);
    cJSON_AddStringToObject(object, "verb", answer->verb);
    cJSON_AddBoolToObject(object, "ok", answer->ok);
    if (answer->alert)
        add_id(object, "id", answer->alert);
    cJSON_AddStringToObject(object, "text", answer->text);
    return print(object);
}
