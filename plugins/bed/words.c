/* What bed says: its alerts with their evidence. */
#include "bed.h"
#include "wording.h"

static void raise(struct bed *bed, const struct gw_host *host, uint32_t kind, uint64_t episode, gw_time since,
                  const char *en, const char *zh, const char *limit)
{
    struct gw_reading evidence[3];
    uint32_t n = 0;
    evidence[n++] = kind <= UP_LONG ? bed->off : kind == NOT_IN ? bed->moved : bed->stay;
    if (kind <= UP_LONG && bed->moved.id != 0 && bed->moved.at >= since)
        evidence[n++] = bed->moved;
    if (kind <= UP_LONG && bed->opened.id != 0 && bed->opened.at >= since)
        evidence[n++] = bed->opened;
    const struct gw_condition condition = {
        .size = sizeof condition,
        .kind = kind,
        .episode = episode,
        .since = since,
        .text_en = en,
        .text_zh = zh,
        .evidence = evidence,
        .n_evidence = n,
        .limit = limit,
    };
    host->raise(host, &condition);
    bed->raised[kind] = 1;
}

void bed_lower(struct bed *bed, const struct gw_host *host, uint32_t kind)
{
    if (bed->raised[kind])
        host->clear(host, kind, NULL);
    bed->raised[kind] = 0;
}

void bed_lower_absence(struct bed *bed, const struct gw_host *host)
{
    bed->expected = 0;
    bed_lower(bed, host, NOT_IN);
    bed_lower(bed, host, EMPTY);
    bed_lower(bed, host, UNSURE);
    bed_lower(bed, host, UP_LONG);
}

void bed_say_empty(struct bed *bed, const struct gw_host *host, uint32_t kind, gw_time now)
{
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT], more_en[160] = "", more_zh[160] = "";
    const char *doubt_en = kind == UNSURE ? " The mat is unreliable: please check." : "";
    const char *doubt_zh = kind == UNSURE ? "床垫传感器不可靠，请核实。" : "";
    const gw_time since = bed->absent_since;
    const struct wording_span span = wording_span(now - since);
    const struct wording_clock left = wording_clock(host, since);
    if (bed->opened.id != 0 && bed->opened.at >= since) {
        const struct wording_clock at = wording_clock(host, bed->opened.at);
        (void)snprintf(more_en, sizeof more_en, " The door was opened at %s.", at.text);
        (void)snprintf(more_zh, sizeof more_zh, "门 %s 打开过。", at.text);
    } else if (bed->moved.id != 0 && bed->moved.at >= since) {
        const struct wording_clock at = wording_clock(host, bed->moved.at);
        const char *room = host->sensor_room(host, bed->moved.sensor);
        (void)snprintf(more_en, sizeof more_en, " Last movement %s (%s).%s", at.text, room, doubt_en);
        (void)snprintf(more_zh, sizeof more_zh, "最后一次活动 %s（%s）。%s", at.text, wording_room_zh(room), doubt_zh);
    } else {
        (void)snprintf(more_en, sizeof more_en, " No movement seen since.%s", doubt_en);
        (void)snprintf(more_zh, sizeof more_zh, "之后没有发现活动。%s", doubt_zh);
    }
    if (bed->off.flags & GW_INITIAL) { /* found empty at the first look: nobody was seen leaving it */
        (void)snprintf(en, sizeof en, "The bed has been empty since %s at least, for %s.%s", left.text, span.en,
                       more_en);
        (void)snprintf(zh, sizeof zh, "床上至少从 %s 起无人，已 %s。%s", left.text, span.zh, more_zh);
    } else {
        (void)snprintf(en, sizeof en, "Left the bed at %s and is not back after %s.%s", left.text, span.en, more_en);
        (void)snprintf(zh, sizeof zh, "%s 离床，%s后仍未回床。%s", left.text, span.zh, more_zh);
    }
    raise(bed, host, kind, bed->off.origin, since, en, zh, span.en);
}

void bed_say_not_in(struct bed *bed, const struct gw_host *host)
{
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    const struct wording_span span = wording_span(bed->extend);
    const struct wording_clock moved = wording_clock(host, bed->moved.at);
    const char *room = host->sensor_room(host, bed->moved.sensor);
    (void)snprintf(en, sizeof en, "Not gone to bed. Last movement %s (%s), none for %s.", moved.text, room, span.en);
    (void)snprintf(zh, sizeof zh, "还没有上床。最后一次活动 %s（%s），已 %s没有动静。", moved.text,
                   wording_room_zh(room), span.zh);
    const uint64_t episode = bed->expected;
    bed->expected = 0;
    raise(bed, host, NOT_IN, episode, bed->moved.at, en, zh, span.en);
}

void bed_say_not_up(struct bed *bed, const struct gw_host *host, gw_time now)
{
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    struct gw_local local;
    host->local(host, now, &local);
    const struct wording_clock by = wording_clock(host, now), since = wording_clock(host, bed->stay_since);
    (void)snprintf(en, sizeof en, "Still in bed at %s (since %s).", by.text, since.text);
    (void)snprintf(zh, sizeof zh, "到 %s 还没有起床（%s 上床）。", by.text, since.text);
    raise(bed, host, NOT_UP, GW_EPISODE_DATE(local), bed->stay_since, en, zh, by.text);
}

void bed_say_too_long(struct bed *bed, const struct gw_host *host)
{
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    const struct wording_span span = wording_span(bed->too_long);
    const struct wording_clock since = wording_clock(host, bed->stay_since);
    (void)snprintf(en, sizeof en, "In bed for %s, since %s.", span.en, since.text);
    (void)snprintf(zh, sizeof zh, "%s 上床，已卧床 %s。", since.text, span.zh);
    raise(bed, host, TOO_LONG, bed->stay.origin, bed->stay_since, en, zh, span.en);
}

void bed_say_mat(struct bed *bed, const struct gw_host *host, gw_time now)
{
    struct gw_local local;
    host->local(host, now, &local);
    raise(bed, host, MAT, GW_EPISODE_DATE(local), bed->chatter_since,
          "The bed mat is unreliable: it breaks contact again and again. Check its place and cable.",
          "床垫传感器不可靠：接触频繁中断，请检查位置和线缆。", "20 / 24 h");
}
