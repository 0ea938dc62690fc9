/* What bath says: its alerts with their evidence, and how well it sees. */
#include "bath.h"
#include "wording.h"

static void raise(struct bath *bath, const struct gw_host *host, uint32_t kind, gw_time from, const char *en,
                  const char *zh, const char *limit)
{
    struct gw_reading evidence[2];
    uint32_t n = 0;
    evidence[n++] = bath->began;
    if (bath->moved.id > bath->began.id)
        evidence[n++] = bath->moved;
    const struct gw_condition condition = {
        .size = sizeof condition,
        .kind = kind,
        .episode = kind == STILL && bath->moved.id > bath->began.id ? bath->moved.origin : bath->began.origin,
        .since = from,
        .text_en = en,
        .text_zh = zh,
        .evidence = evidence,
        .n_evidence = n,
        .limit = limit,
    };
    host->raise(host, &condition);
    bath->raised[kind] = 1;
}

void bath_lower(struct bath *bath, const struct gw_host *host, uint32_t kind)
{
    if (bath->raised[kind])
        host->clear(host, kind, NULL);
    bath->raised[kind] = 0;
}

void bath_say_long(struct bath *bath, const struct gw_host *host, uint32_t kind, gw_time now)
{
    const gw_time since = bath_since(bath);
    const gw_time whole = (now - since) / GW_MINUTE * GW_MINUTE; /* who moved was given more than the limit */
    const gw_time limit = kind == LONG ? bath->warn_after : timing_later(bath->alarm_after, whole);
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    const struct wording_span span = wording_span(limit);
    const struct wording_clock from = wording_clock(host, since), sign = wording_clock(host, bath_last_sign(bath));
    const char *room = host->sensor_room(host, bath->of_room);
    const int seen = bath->moved.id > bath->began.id;
    (void)snprintf(en, sizeof en, "In the %s for %s, since %s, and not out yet.%s%s%s", room[0] ? room : "bathroom",
                   span.en, from.text,
                   seen               ? " Last movement "
                   : bath->has_motion ? " No movement since."
                                      : "",
                   seen ? sign.text : "", seen ? "." : "");
    (void)snprintf(zh, sizeof zh, "%s %s，已 %s没有出来。%s%s%s", from.text,
                   bath->stay == OPEN ? "进入浴室" : "浴室门关上", span.zh,
                   seen               ? "最后一次活动 "
                   : bath->has_motion ? "之后没有动静。"
                                      : "",
                   seen ? sign.text : "", seen ? "。" : "");
    raise(bath, host, kind, since, en, zh, span.en);
}

void bath_say_still(struct bath *bath, const struct gw_host *host, gw_time limit)
{
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    const struct wording_span span = wording_span(limit);
    const struct wording_clock from = wording_clock(host, bath_since(bath)),
                               sign = wording_clock(host, bath_last_sign(bath));
    const char *room = host->sensor_room(host, bath->of_room);
    (void)snprintf(en, sizeof en, "No movement in the %s for %s (last %s), occupied since %s.",
                   room[0] ? room : "bathroom", span.en, sign.text, from.text);
    (void)snprintf(zh, sizeof zh, "%s %s，还没有出来，已 %s没有动静（最后一次活动 %s）。", from.text,
                   bath->stay == OPEN ? "进入浴室" : "浴室门关上", span.zh, sign.text);
    raise(bath, host, STILL, bath_last_sign(bath), en, zh, span.en);
}

static int all_lost(const struct bath *bath, const struct gw_host *host, uint32_t role, const char *name)
{
    return sensing_lost(&bath->sensing, role) == host->role_count(host, name);
}

void bath_tell_health(const struct bath *bath, const struct gw_host *host)
{
    const char *en = "", *zh = "";
    if (host->size <= offsetof(struct gw_host, health))
        return;
    if (bath->found_closed && !bath->has_motion && !bath->kept_closed) {
        en = "The door is closed also when nobody is inside: a movement sensor is needed.";
        zh = "没有人时门也关着，无法判断是否有人：需要加装活动传感器。";
    } else if (!bath->has_door && all_lost(bath, host, MOTION, "motion")) {
        en = "No sensor in the bathroom answers.";
        zh = "浴室内的传感器均无应答。";
    } else if (!bath->has_door && all_lost(bath, host, ELSEWHERE, "elsewhere")) {
        en = "No sensor outside the bathroom answers: who has left can't be told from who stays.";
        zh = "浴室外的传感器均无应答，无法判断是否已离开。";
    }
    host->health(host, en[0] != '\0' ? GW_HEALTH_BLIND : GW_HEALTH_OK, en, zh);
}
