/* activity - no sign of life: fixed limits by day and by night.
 *
 * What is a sign of life, and who is out, stands in presence.h: a lone movement is none, and a level that lasts is one
 * as long as it lasts. One who is out is not silent; not back in out_too_long is a warning (absences were seen up to 11
 * hours with older people, two days with younger ones).
 *
 * Silence awake and silence asleep count together: an hour by day uses up 1/day of the limit, an hour by night or with
 * somebody in bed 1/night. The numbers, for the worst home: awake and at home the longest silence of a day (95 % / max)
 * is 173/182 minutes with movement sensors, 259/285 with door and drawer contacts only; so a warning after 6 hours, an
 * emergency after 10. Nights: the latest risers of the recorded homes are up at 9:30 after 11 hours in bed, half of
 * their nights without a trip, and the evening before may have been silent for three hours; 20 hours warn of a home
 * that is silent from 21:30 on at 11:12, and 30 hours alarm before three in the afternoon.
 *
 * Where no front door is watched, or it is lost, an absence looks like a silence, and silences are then two to eight
 * times as long: the limits are no_door_warn and no_door_alarm, by day and night. But whose last sign of life
 * was in a room by which nobody leaves is at home, and warned of as where a door tells; not more, for the rooms only
 * guess.
 *
 * Unknown times count for nothing: gaps in the log, while every sensor inside is lost (then it is blind), and until
 * three of them have been heard of (the silence of sensors that were never fitted says nothing). Away and a carer's
 * visit end everything; afterwards it begins anew. */
#include "gatewayd/plugin.h"
#include "presence.h"
#include "timing.h"
#include "wording.h"

#define COUNTED_MAX (8 * GW_DAY) /* no limit is longer */

enum { QUIET, SILENT, OUT_LONG, KINDS };

struct limit { /* -1: never */
    gw_time day, night, no_door;
};

struct activity {
    struct presence presence;
    struct limit limits[2]; /* QUIET, SILENT */
    gw_time out_too_long;
    int32_t night_from, night_to;

    struct gw_reading last;   /* the last sign of life, or where the watch began; id 0: nothing seen yet */
    gw_time since;            /* silent since */
    gw_time awake, asleep;    /* counted silence */
    gw_time counted_to;       /* log time up to which it is counted, at the rate of ... */
    int sleeps, held, counts; /* night or bed occupied; a level lasts; the silence counts at all */
    int raised[KINDS];
};

static int activity_open(void *state, const struct gw_host *host, char *error, size_t error_size)
{
    static const char *const names[] = {"signs", "door", "bed"};
    struct activity *activity = state;
    if (presence_open(&activity->presence, host, names, 3, error, error_size) != 0)
        return -1;
    activity->limits[QUIET] = (struct limit){host->duration(host, "day_warn"), host->duration(host, "night_warn"),
                                             host->duration(host, "no_door_warn")};
    activity->limits[SILENT] = (struct limit){host->duration(host, "day_alarm"), host->duration(host, "night_alarm"),
                                              host->duration(host, "no_door_alarm")};
    activity->out_too_long = host->duration(host, "out_too_long");
    activity->night_from = host->time_of_day(host, "night_from");
    activity->night_to = host->time_of_day(host, "night_to");
    presence_health(&activity->presence, host, NULL, NULL);
    return 0;
}

static void lower(struct activity *activity, const struct gw_host *host, uint32_t kind)
{
    if (activity->raised[kind])
        host->clear(host, kind, NULL);
    activity->raised[kind] = 0;
}

/* ---- how silence counts ---------------------------------------------------------------------------------------- */

static int is_night(const struct activity *activity, const struct gw_host *host, gw_time at)
{
    return timing_is_within(host, at, activity->night_from, activity->night_to);
}

static void begin_anew(struct activity *activity, const struct gw_reading *reading)
{
    activity->last = *reading;
    activity->since = reading->at;
    activity->awake = activity->asleep = 0;
}

/* Count up to now at the rate that held until now, and take the rate from now on. */
static void count(struct activity *activity, const struct gw_host *host, gw_time now)
{
    const struct presence *presence = &activity->presence;
    const gw_time passed = now - activity->counted_to;
    if (activity->held)
        activity->since += passed;
    else if (activity->counts && activity->awake + activity->asleep < COUNTED_MAX)
        *(activity->sleeps ? &activity->asleep : &activity->awake) += passed;
    activity->counted_to = now;
    activity->counts =
        activity->last.id != 0 && (!presence->out || presence->perhaps) && !presence->muted && !presence->blind;
    activity->held = activity->counts && presence_lasts(presence, now);
    if (activity->held) {
        activity->since = now;
        activity->awake = activity->asleep = 0;
    }
    activity->sleeps = presence_in_bed(presence, now) || is_night(activity, host, now);
}

/* Can this silence be told from absence? For an emergency only a door will do. */
static int is_told(const struct activity *activity, uint32_t kind)
{
    const struct presence *presence = &activity->presence;
    return !presence->out && (kind == SILENT ? presence_knows_door(presence) : presence_knows_out(presence));
}

/* When the limit is reached at the present rate; 0: never. */
static gw_time limit_due(const struct activity *activity, uint32_t kind)
{
    const struct limit *limit = &activity->limits[kind];
    const gw_time awake = activity->awake, asleep = activity->asleep, now = activity->counted_to;
    if (!activity->counts || activity->held)
        return 0;
    if (!is_told(activity, kind))
        return limit->no_door < 0 ? 0 : now + limit->no_door - awake - asleep;
    if (limit->day < 0 || limit->night < 0)
        return 0;
    /* awake / day + asleep / night = 1; below 2^60 by the parameters' ranges */
    const gw_time left = limit->day * limit->night - awake * limit->night - asleep * limit->day;
    const gw_time rate = activity->sleeps ? limit->day : limit->night;
    return left <= 0 ? now : now + (left + rate - 1) / rate;
}

/* ---- what is said ---------------------------------------------------------------------------------------------- */

static void raise(struct activity *activity, const struct gw_host *host, uint32_t kind, const struct gw_reading *why,
                  gw_time since, const char *en, const char *zh, const char *limit)
{
    struct gw_reading evidence[2] = {*why};
    const int lone = kind != OUT_LONG && activity->presence.lone.id > why->id;
    if (lone)
        evidence[1] = activity->presence.lone;
    const struct gw_condition condition = {
        .size = sizeof condition,
        .kind = kind,
        .episode = why->origin != 0 ? why->origin : why->id,
        .since = since,
        .text_en = en,
        .text_zh = zh,
        .evidence = evidence,
        .n_evidence = lone ? 2 : 1,
        .limit = limit,
    };
    host->raise(host, &condition);
    activity->raised[kind] = 1;
}

static void say_silent(struct activity *activity, const struct gw_host *host, uint32_t kind)
{
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT + 64], limit[136], place_en[80] = "", place_zh[80] = "";
    char lone_en[112] = "", lone_zh[144] = "";
    const struct limit *l = &activity->limits[kind];
    const struct wording_span span = wording_span(activity->awake + activity->asleep);
    const struct wording_clock since = wording_clock(host, activity->since);
    const char *room = host->sensor_room(host, activity->last.sensor);
    if (room[0] != '\0') {
        (void)snprintf(place_en, sizeof place_en, " (%s)", room);
        (void)snprintf(place_zh, sizeof place_zh, "（%s）", wording_room_zh(room));
    }
    if (activity->presence.lone.id > activity->last.id) {
        const struct wording_clock at = wording_clock(host, activity->presence.lone.at);
        const char *where = host->sensor_room(host, activity->presence.lone.sensor);
        (void)snprintf(lone_en, sizeof lone_en, " Only a lone movement at %s (%s).", at.text, where);
        (void)snprintf(lone_zh, sizeof lone_zh, "其间仅 %s（%s）有一次孤立的动静。", at.text, wording_room_zh(where));
    }
    (void)snprintf(en, sizeof en, "No sign of life at home for %s, since %s%s.%s", span.en, since.text, place_en,
                   lone_en);
    (void)snprintf(zh, sizeof zh, "自 %s%s起，家中 %s没有任何活动迹象。%s", since.text, place_zh, span.zh, lone_zh);
    const struct wording_span day = wording_span(is_told(activity, kind) ? l->day : l->no_door);
    if (is_told(activity, kind))
        (void)snprintf(limit, sizeof limit, "%s by day, %s by night or in bed", day.en, wording_span(l->night).en);
    else
        (void)snprintf(limit, sizeof limit, "%s where nobody can tell silence from absence", day.en);
    raise(activity, host, kind, &activity->last, activity->since, en, zh, limit);
}

static void say_out_long(struct activity *activity, const struct gw_host *host)
{
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    const struct wording_span span = wording_span(activity->out_too_long);
    const struct wording_clock at = wording_clock(host, activity->presence.went.at);
    (void)snprintf(en, sizeof en, "Went out at %s and is not back after %s.", at.text, span.en);
    (void)snprintf(zh, sizeof zh, "%s 外出，%s后仍未返回。", at.text, span.zh);
    raise(activity, host, OUT_LONG, &activity->presence.went, activity->presence.went.at, en, zh, span.en);
}

/* ---- the plugin's calls ---------------------------------------------------------------------------------------- */

static void heed(struct activity *activity, const struct gw_host *host, unsigned changes,
                 const struct gw_reading *reading)
{
    if ((changes & PRESENCE_DOOR) != 0 && !activity->raised[QUIET] && !activity->raised[SILENT])
        begin_anew(activity, reading); /* whoever opens it: the one in need may lie there yet */
    if ((changes & (PRESENCE_SIGN | PRESENCE_ANEW)) != 0)
        begin_anew(activity, reading);
    if ((changes & (PRESENCE_SIGN | PRESENCE_ANEW)) != 0) { /* not when out: who looked in may have seen nobody */
        lower(activity, host, QUIET);
        lower(activity, host, SILENT);
    }
    if ((changes & (PRESENCE_BACK | PRESENCE_ANEW)) != 0)
        lower(activity, host, OUT_LONG);
}

static gw_time out_long_due(const struct activity *activity)
{
    if (!activity->presence.out || activity->presence.perhaps || activity->presence.muted ||
        activity->raised[OUT_LONG] || activity->out_too_long < 0)
        return 0;
    return activity->presence.went.at + activity->out_too_long;
}

static void evaluate(struct activity *activity, const struct gw_host *host, gw_time now)
{
    count(activity, host, now);
    for (uint32_t kind = QUIET; kind <= SILENT; kind++) {
        const gw_time due = limit_due(activity, kind);
        if (due != 0 && due <= now && !activity->raised[kind])
            say_silent(activity, host, kind);
    }
    if (activity->held) {
        lower(activity, host, QUIET);
        lower(activity, host, SILENT);
    }
    if (out_long_due(activity) != 0 && out_long_due(activity) <= now)
        say_out_long(activity, host);
}

/* The time up to now, before a reading changes what was true until then. */
static void pass(struct activity *activity, const struct gw_host *host, gw_time now)
{
    count(activity, host, now);
    const struct presence *presence = &activity->presence;
    const unsigned changes = presence_pass(&activity->presence, now);
    heed(activity, host, changes, presence->recent[0].id != 0 ? &presence->recent[0] : &presence->went);
    evaluate(activity, host, now);
}

static struct gw_wake next(const struct activity *activity, const struct gw_host *host, gw_time now)
{
    struct gw_wake wake = GW_WAKE_NONE_INIT;
    if (activity->presence.muted || activity->last.id == 0)
        return wake;
    if (activity->night_from != activity->night_to)
        wake.local_minute = is_night(activity, host, now) ? activity->night_to : activity->night_from;
    wake.at = presence_wake(&activity->presence, now);
    for (uint32_t kind = QUIET; kind <= SILENT; kind++) {
        if (!activity->raised[kind])
            wake.at = timing_first(wake.at, limit_due(activity, kind));
    }
    wake.at = timing_first(wake.at, out_long_due(activity));
    return wake;
}

/* Nobody looked: the time goes on where the gap ends, and what was due in it is not yet. */
static void skip_gap(struct activity *activity, const struct gw_host *host, const struct gw_reading *gap)
{
    gw_time before = activity->counted_to;
    if (gap->value >= 0 && gap->value < (double)(gap->at - before))
        before = gap->at - (gw_time)gap->value;
    pass(activity, host, before);
    activity->counted_to = gap->at;
    count(activity, host, gap->at);
}

static struct gw_wake activity_reading(void *state, const struct gw_host *host, const struct gw_reading *reading)
{
    struct activity *activity = state;
    if (activity->last.id == 0) {
        activity->counted_to = reading->at;
        begin_anew(activity, reading);
    }
    if (reading->type == GW_GAP)
        skip_gap(activity, host, reading);
    else
        pass(activity, host, reading->at);
    heed(activity, host, presence_take(&activity->presence, host, reading), reading);
    presence_health(&activity->presence, host, NULL, NULL);
    evaluate(activity, host, reading->at);
    return next(activity, host, reading->at);
}

static struct gw_wake activity_wake(void *state, const struct gw_host *host, gw_time now)
{
    struct activity *activity = state;
    pass(activity, host, now);
    return next(activity, host, now);
}

static const struct gw_role roles[] = {
    {"signs", "motion presence vibration contact button cord bed", GW_ROLE_MANY | GW_ROLE_ALL, 0,
     "Signs of life inside; where none are named, every sensor of these kinds",
     "室内的活动迹象；未指定时使用所有这些类型的传感器"},
    {"door", "contact motion", GW_ROLE_MANY, 0,
     "The doors by which one leaves the home (or a movement sensor that sees nothing but the way out); strongly "
     "advised, without it an absence looks like silence",
     "外出的门（或仅能看到出口的移动传感器）；强烈建议配置，否则无法区分外出与无活动"},
    {"bed", "bed", GW_ROLE_MANY | GW_ROLE_ALL, 0, "An occupied bed: the longer limit of the night holds",
     "床上有人时使用夜间的较长时限"},
};

static const struct gw_param params[] = {
    {"day_warn", GW_PARAM_DURATION, 0, NULL, "6 h", -1, 7.0 * 86400000, NULL,
     "No sign of life by day for longer than this is a warning; \"never\" turns it off",
     "白天无活动迹象超过此时间则提醒；\"never\" 表示不提醒"},
    {"day_alarm", GW_PARAM_DURATION, 0, NULL, "10 h", -1, 7.0 * 86400000, NULL,
     "No sign of life by day for longer than this is an emergency", "白天无活动迹象超过此时间则报警"},
    {"night_warn", GW_PARAM_DURATION, 0, NULL, "20 h", -1, 7.0 * 86400000, NULL,
     "The same by night and in bed; silence by day and by night count together, each by its limit",
     "夜间或卧床时的提醒时限；白天与夜间的时间按各自时限合计"},
    {"night_alarm", GW_PARAM_DURATION, 0, NULL, "30 h", -1, 7.0 * 86400000, NULL, "The same for the emergency",
     "夜间或卧床时的报警时限"},
    {"night_from", GW_PARAM_TIME, 0, NULL, "22:00", 0, 0, NULL, "The night begins", "夜间开始"},
    {"night_to", GW_PARAM_TIME, 0, NULL, "09:00", 0, 0, NULL, "The night ends", "夜间结束"},
    {"no_door_warn", GW_PARAM_DURATION, 0, NULL, "14 h", -1, 7.0 * 86400000, NULL,
     "Limit for the warning while no front door is watched", "没有大门传感器时的提醒时限"},
    {"no_door_alarm", GW_PARAM_DURATION, 0, NULL, "48 h", -1, 7.0 * 86400000, NULL,
     "Limit for the emergency while no front door is watched", "没有大门传感器时的报警时限"},
    {"out_too_long", GW_PARAM_DURATION, 0, NULL, "24 h", -1, 7.0 * 86400000, NULL,
     "Out for longer than this is a warning; \"never\" turns it off", "外出超过此时间则提醒；\"never\" 表示不提醒"},
};

static const struct gw_alert_kind alerts[] = {
    [QUIET] = {"no-activity", GW_WARNING, 0, "0010 0009", "No sign of life for some time", "较长时间无活动",
               "No sign of life at home for longer than the limit; ends with a sign of life",
               "家中无活动迹象超过时限；有活动后解除"},
    [SILENT] = {"no-activity-alarm", GW_EMERGENCY, 0, "0010 0009", "No sign of life", "长时间无活动",
                "No sign of life at home for much longer; ends with a sign of life",
                "家中无活动迹象已远超时限；有活动后解除"},
    [OUT_LONG] = {"out-too-long", GW_WARNING, 0, "0010 0003", "Out for very long", "外出过久",
                  "Left by the front door and not seen since; ends when back", "外出后久未返回；返回后解除"},
};

GW_PLUGIN(.name = "activity", .version = "1.0", .summary_en = "No sign of life at home; out for very long",
          .summary_zh = "家中长时间无活动迹象；外出过久", .roles = roles, .n_roles = 3, .n_params = 9, .params = params,
          .alerts = alerts, .n_alerts = KINDS, .history = 7 * GW_DAY, .state_size = sizeof(struct activity),
          .open = activity_open, .reading = activity_reading, .wake = activity_wake);
