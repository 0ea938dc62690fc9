/* What is said of sensors: the alerts with their evidence, and how much is learned. */
#include <stdio.h>

#include "sensor.h"
#include "wording.h"

/* en and zh say what is wrong with it, after its name and room. */
static void raise(struct watched *w, const struct gw_host *host, uint32_t index, uint32_t kind,
                  const struct gw_reading *why, gw_time since, const char *en, const char *zh, const char *limit)
{
    char text_en[GW_MAX_TEXT * 2], text_zh[GW_MAX_TEXT * 2];
    const char *name = host->sensor_name(host, index), *room = host->sensor_room(host, index);
    const int has_room = room[0] != '\0';
    if (sensor_is_raised(w, kind))
        return;
    w->raised |= (uint8_t)(1u << kind);
    (void)snprintf(text_en, sizeof text_en, "The sensor \"%s\"%s%s%s %s", name, has_room ? " (" : "", room,
                   has_room ? ")" : "", en);
    (void)snprintf(text_zh, sizeof text_zh, "%s传感器“%s”%s", wording_room_zh(room), name, zh);
    const struct gw_condition condition = {
        .size = sizeof condition,
        .kind = kind,
        .key = name,
        .episode = why->id != 0 ? why->origin : UINT64_C(1) + index,
        .since = since,
        .text_en = text_en,
        .text_zh = text_zh,
        .evidence = why,
        .n_evidence = why->id != 0 ? 1u : 0u,
        .limit = limit,
    };
    host->raise(host, &condition);
}

void sensor_lower(struct watched *w, const struct gw_host *host, uint32_t index, uint32_t kind)
{
    if (sensor_is_raised(w, kind))
        host->clear(host, kind, host->sensor_name(host, index));
    w->raised = (uint8_t)(w->raised & ~(1u << kind));
}

void sensor_say_silent(struct watched *w, const struct gw_host *host, uint32_t i, const struct silence *measure,
                       gw_time limit)
{
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    const gw_time usual = silence_usual(measure);
    const struct wording_span span = wording_span(limit), often = wording_span(usual);
    const int never = w->last.id == 0;
    (void)snprintf(en, sizeof en, "has %s %s%s%s%s", never ? "never been heard, for" : "been silent for", span.en,
                   usual != 0 ? "; usually it is never longer than " : "", usual != 0 ? often.en : "",
                   never ? ": is it set up rightly?" : ": is its battery empty?");
    (void)snprintf(zh, sizeof zh, "已 %s%s%s%s，请检查%s。", span.zh, never ? "从未收到消息" : "没有消息",
                   usual != 0 ? "，平时最长 " : "", usual != 0 ? often.zh : "", never ? "设置" : "电池");
    raise(w, host, i, SILENT, &w->last, measure->heard, en, zh, span.en);
}

void sensor_say_all_silent(const struct supervision *all, const struct gw_host *host, gw_time limit, int any_speaks)
{
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    const struct wording_span span = wording_span(limit);
    (void)snprintf(en, sizeof en, "No sensor has been heard for %s.%s", span.en,
                   any_speaks ? " Is the radio down?" : " Is nobody at home, or the radio down?");
    (void)snprintf(zh, sizeof zh, "已 %s没有收到任何传感器的消息，请检查%s无线接收器。", span.zh,
                   any_speaks ? "" : "是否家中无人，或");
    const struct gw_condition condition = {
        .size = sizeof condition,
        .kind = ALL_SILENT,
        .episode = (uint64_t)all->home.last_any,
        .since = all->home.last_any,
        .text_en = en,
        .text_zh = zh,
        .limit = span.en,
    };
    host->raise(host, &condition);
}

void sensor_say_low(struct watched *w, const struct gw_host *host, const struct gw_reading *reading)
{
    raise(w, host, reading->sensor, BATTERY, reading, reading->at,
          "says that its battery is low: change it within four weeks.", "电量低，请在四周内更换电池。", NULL);
}

void sensor_say_charge(struct watched *w, const struct gw_host *host, uint32_t i)
{
    char en[96], zh[96];
    (void)snprintf(en, sizeof en, "has %g %% of its battery left: change it within four weeks.", w->low.value);
    (void)snprintf(zh, sizeof zh, "电量剩余 %g%%，请在四周内更换电池。", w->low.value);
    raise(w, host, i, BATTERY, &w->low, w->low.at, en, zh, NULL);
}

void sensor_say_bouncing(struct watched *w, const struct gw_host *host, const struct gw_reading *reading, double most)
{
    char limit[32];
    (void)snprintf(limit, sizeof limit, "%g/min", most);
    raise(w, host, reading->sensor, BOUNCING, reading, w->minute,
          "changes more often than anybody could: a loose contact?", "变化过于频繁，可能接触不良。", limit);
}

void sensor_say_hanging(struct watched *bed, const struct gw_host *host, uint32_t i)
{
    raise(bed, host, i, IMPLAUSIBLE, &bed->on, bed->on.at,
          "says that the bed is occupied, but somebody moves in other rooms: the mat hangs, or she has company.",
          "显示床上有人，但其他房间有人活动，床垫传感器可能卡住，或家中另有他人。", NULL);
}

void sensor_say_opened(struct watched *w, const struct gw_host *host, const struct gw_reading *reading)
{
    raise(w, host, reading->sensor, TAMPERED, reading, reading->at, "was opened or taken off.", "被打开或拆下。", NULL);
}

void sensor_say_lasting(struct watched *w, const struct gw_host *host, uint32_t i, gw_time limit)
{
    const int mains = w->kind->is == SENSOR_MAINS;
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    const struct wording_span span = wording_span(limit);
    const struct wording_clock since = wording_clock(host, w->on.at);
    (void)snprintf(en, sizeof en,
                   mains ? "says that the power has been off since %s." : "has been on since %s: is it stuck?",
                   since.text);
    (void)snprintf(zh, sizeof zh, mains ? "显示 %s 起停电。" : "自 %s 起一直处于触发状态，可能卡住。", since.text);
    raise(w, host, i, mains ? MAINS : STUCK, &w->on, w->on.at, en, zh, span.en);
}

void sensor_say_odd(struct watched *w, const struct gw_host *host, uint32_t i)
{
    char en[96], zh[96];
    (void)snprintf(en, sizeof en, "says %g, which no home has: it is broken.", w->odd.value);
    (void)snprintf(zh, sizeof zh, "读数为 %g，不合常理，可能损坏。", w->odd.value);
    raise(w, host, i, IMPLAUSIBLE, &w->odd, w->odd.at, en, zh, NULL);
}

void sensor_tell_health(struct supervision *all, const struct gw_host *host, gw_time now)
{
    const uint32_t wanted = (uint32_t)(SENSOR_LEARNED_AFTER / GW_DAY);
    const uint32_t days = now - all->began >= SENSOR_LEARNED_AFTER ? wanted : (uint32_t)((now - all->began) / GW_DAY);
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    if (days == all->learned_days || host->size < offsetof(struct gw_host, health) + sizeof host->health)
        return;
    all->learned_days = days;
    (void)snprintf(en, sizeof en, "Learns how long each sensor is usually silent: %u of %u days seen.", days, wanted);
    (void)snprintf(zh, sizeof zh, "正在学习各传感器平时多久发一次消息：已 %u 天，共需 %u 天。", days, wanted);
    host->health(host, days < wanted ? GW_HEALTH_LEARNING : GW_HEALTH_OK, days < wanted ? en : "",
                 days < wanted ? zh : "");
}
