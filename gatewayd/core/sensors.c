#include "sensors.h"

#include <math.h>
#include <stdio.h>

#include "../base/text.h"
#include "rules.h"
#include "sources.h"
#include "technical.h"
#include "uplinks.h"

uint16_t sensors_find(const struct core *core, const char *name)
{
    for (uint32_t i = 0; i < core->n_sensors; i++)
        if (core->sensors[i].settings && strcmp(core->sensors[i].name, name) == 0)
            return (uint16_t)i;
    return UINT16_MAX;
}

static void begin(struct sensor *s, const struct sensor_settings *settings)
{
    memset(s, 0, sizeof(*s));
    s->settings = settings;
    s->available = 2;
    s->battery = s->link = s->qos = -1;
    text_copy(s->name, sizeof(s->name), settings->name);
    s->kind = settings->kind;
    s->source = settings->source;
}

static bool same_sensor(const struct sensor_settings *a, const struct sensor_settings *b)
{
    return strcmp(a->name, b->name) == 0 && a->kind == b->kind && a->source == b->source;
}

static void back(struct core *core, struct sensor *s)
{
    s->available = 1;
    s->lost_since = 0;
    uplinks_status(core);
    if (s->lost_told) {
        s->lost_told = false;
        technical_clear(core, "sensor-lost", s->name);
    }
}

static bool is_known(const struct core *core, const struct sensor_settings *settings)
{
    uint16_t slot = sensors_find(core, settings->name);
    return slot != UINT16_MAX && same_sensor(core->sensors[slot].settings, settings);
}

/* The slot that it had when it was configured before: the log in memory still speaks of it by that. NULL: none. */
static struct sensor *former(const struct core *core, const struct sensor_settings *settings)
{
    for (uint32_t i = 0; i < core->n_sensors; i++) {
        struct sensor *s = &core->sensors[i];
        if (!s->settings && s->kind == settings->kind && s->source == settings->source &&
            strcmp(s->name, settings->name) == 0)
            return s;
    }
    return NULL;
}

int sensors_configure(struct core *core, const struct settings *settings)
{
    uint32_t fresh = 0;
    for (uint32_t i = 0; i < settings->n_sensors; i++)
        fresh += !is_known(core, &settings->sensors[i]) && !former(core, &settings->sensors[i]);
    if (core->n_sensors + fresh > SENSORS_MAX)
        return -1;
    for (uint32_t i = 0; i < core->n_sensors; i++) {
        struct sensor *s = &core->sensors[i];
        const struct sensor_settings *now = NULL;
        for (uint32_t k = 0; s->settings && !now && k < settings->n_sensors; k++)
            if (same_sensor(s->settings, &settings->sensors[k]))
                now = &settings->sensors[k];
        s->settings = now;
        if (!now && s->lost_told)
            back(core, s);
    }
    for (uint32_t k = 0; k < settings->n_sensors; k++) {
        if (sensors_find(core, settings->sensors[k].name) != UINT16_MAX)
            continue;
        struct sensor *s = former(core, &settings->sensors[k]);
        if (!s && core->n_sensors == SENSORS_MAX)
            return -1;
        begin(s ? s : &core->sensors[core->n_sensors++], &settings->sensors[k]);
    }
    return 0;
}

bool sensors_reading_ok(const struct core *core, const struct reading *r)
{
    if (r->sensor >= core->n_sensors || !core->sensors[r->sensor].settings || !isfinite(r->value) || r->origin == 0)
        return false;
    const struct kind_info *kind = kind_info((enum kind)core->sensors[r->sensor].settings->kind);
    switch (r->type) {
    case GW_VALUE:
        return kind->analog || r->value == 0 || r->value == 1;
    case GW_EVENT:
        return r->value >= GW_EVENT_PRESS && r->value <= GW_EVENT_ALARM && r->value == floor(r->value);
    case GW_AVAILABILITY:
    case GW_BATTERY_LOW:
    case GW_TAMPER:
        return r->value == 0 || r->value == 1;
    case GW_BATTERY:
        return r->value >= 0 && r->value <= 100;
    case GW_LINK:
        return r->value >= 0 && r->value <= 255;
    default:
        return false;
    }
}

static bool notice_availability(struct core *core, struct sensor *s, const struct reading *r)
{
    uint8_t is = r->value != 0;
    bool only_the_link = s->available == 2 && is && r->flags & GW_INITIAL && !(r->flags & GW_RETAINED);
    if (s->available == is || only_the_link)
        return false; /* that its broker is there says nothing of a sensor never heard */
    if (is) {
        back(core, s);
    } else {
        s->available = 0;
        s->lost_since = core->now;
    }
    return true;
}

/* Attributes are states: only a change is worth a place in the log. Link quality changes all the time: steps of 16. */
static bool notice_attribute(struct sensor *s, const struct reading *r)
{
    int32_t is = (int32_t)r->value;
    int32_t *was = r->type == GW_BATTERY ? &s->battery : &s->link;
    int32_t step = r->type == GW_BATTERY ? 1 : 16;
    if (*was >= 0 && abs(*was - is) < step)
        return false;
    *was = is;
    return true;
}

/* The log may have it otherwise from a former run, and an alert that waits for its end. */
static bool notice_flag(uint32_t *flag, bool *heard, const struct reading *r)
{
    bool changed = !*heard || *flag != (r->value != 0);
    *heard = true;
    *flag = r->value != 0;
    return changed;
}

static bool notice_value(struct sensor *s, const struct reading *r)
{
    bool same = s->at && s->value == r->value && !(r->flags & GW_INITIAL);
    s->value = r->value;
    s->at = r->at;
    s->readings++;
    if (!rules_level_is_news(same, s->logged, r->at))
        return false;
    s->logged = r->at;
    return true;
}

static bool notice(struct core *core, struct sensor *s, const struct reading *r)
{
    if (r->type == GW_AVAILABILITY)
        return notice_availability(core, s, r);
    if (!(r->flags & GW_RETAINED))
        s->heard = r->at;
    if (s->available != 1)
        back(core, s);
    switch (r->type) {
    case GW_VALUE:
        return notice_value(s, r);
    case GW_EVENT:
        s->at = r->at;
        s->readings++;
        return true;
    case GW_BATTERY_LOW:
        return notice_flag(&s->battery_low, &s->battery_low_heard, r);
    case GW_TAMPER:
        return notice_flag(&s->tamper, &s->tamper_heard, r);
    default:
        return notice_attribute(s, r);
    }
}

bool sensors_notice(struct core *core, const struct reading *r)
{
    struct sensor *s = &core->sensors[r->sensor];
    if (r->flags & GW_TEST)
        return true; /* says nothing of the sensor: remembered it would make a lost one heard, a true press a repeat */
    bool attribute = r->type != GW_VALUE && r->type != GW_EVENT && r->type != GW_AVAILABILITY;
    bool fresh = !(r->flags & (GW_INITIAL | GW_RETAINED));
    bool news = notice(core, s, r) || (attribute && fresh && rules_beat_is_news(s->told, r->at));
    if (news)
        s->told = r->at;
    return news;
}

void sensors_note(struct core *core, const struct frame_sensor_note *note)
{
    if (note->slot >= core->n_sensors || !core->sensors[note->slot].settings)
        return;
    struct sensor *s = &core->sensors[note->slot];
    switch (note->note) {
    case NOTE_QOS:
        s->qos = (int32_t)note->value;
        if (note->text[0])
            core_log(core, 4, "sensor %s: %s", s->name, note->text);
        if (note->text[0] || s->note_is_qos) /* a good QoS takes back only what was said of the QoS */
            text_copy(s->note, sizeof(s->note), note->text);
        s->note_is_qos = note->text[0] != '\0';
        break;
    case NOTE_BAD_PAYLOAD:
        if (s->bad_payloads == 0)
            core_log(core, 4, "sensor %s: payload not understood: %s", s->name, note->text);
        s->bad_payloads += note->value;
        text_copy(s->note, sizeof(s->note), note->text);
        s->note_is_qos = false;
        break;
    case NOTE_UNUSED_PAYLOAD:
        if (!s->note[0]) {
            core_log(core, 5, "sensor %s: not used: %s", s->name, note->text);
            char text[TEXT_SIZE * 2];
            snprintf(text, sizeof(text), "not used: %s", note->text);
            text_copy(s->note, sizeof(s->note), text);
        }
        break;
    case NOTE_LINES_LOST:
        if (s->lines_lost == 0)
            core_log(core, 4, "sensor %s: edges lost in the kernel: %s", s->name, note->text);
        s->lines_lost += note->value;
        break;
    default:
        break;
    }
}

void sensors_doubt(struct core *core, const char *key, bool doubted)
{
    char own[GW_MAX_KEY];
    for (uint32_t i = 0; i < core->n_sensors; i++) {
        struct sensor *s = &core->sensors[i];
        alert_key(own, s->name);
        if (s->settings && strcmp(own, key) == 0)
            s->doubted = doubted;
    }
}

static bool is_lost(const struct sensor *s)
{
    return s->settings && s->available == 0 && !s->lost_told;
}

void sensors_tick(struct core *core)
{
    for (uint32_t i = 0; i < core->n_sensors; i++) {
        struct sensor *s = &core->sensors[i];
        if (!is_lost(s) || core->now - s->lost_since < SENSOR_LOST_AFTER)
            continue;
        char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
        const char *room = s->settings->room;
        snprintf(en, sizeof(en), "The sensor \"%s\"%s%s%s does not answer any more.", s->name, room[0] ? " (" : "",
                 room, room[0] ? ")" : "");
        snprintf(zh, sizeof(zh), "传感器“%s”%s%s%s已无响应。", s->name, room[0] ? "（" : "", room, room[0] ? "）" : "");
        s->lost_told = true;
        technical_raise(core, "sensor-lost", s->name, en, zh);
    }
}

int64_t sensors_deadline(const struct core *core)
{
    int64_t first = NEVER;
    for (uint32_t i = 0; i < core->n_sensors; i++) {
        const struct sensor *s = &core->sensors[i];
        if (!is_lost(s))
            continue;
        int64_t due = s->lost_since + SENSOR_LOST_AFTER;
        first = due < first ? due : first;
    }
    return first;
}

void sensors_source_down(struct core *core, enum source_type source)
{
    for (uint32_t i = 0; i < core->n_sensors; i++) {
        const struct sensor *s = &core->sensors[i];
        if (s->settings && s->settings->source == source && s->available == 1)
            sources_take_own(core, (uint16_t)i, GW_AVAILABILITY, 0, 0);
    }
}
