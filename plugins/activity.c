/* activity - no sign of life: fixed limits by day and by night.
 *
 * Signs of life are movements, inner doors and drawers that move, the bed, buttons. A lone movement is none until
 * another follows within half an hour: an empty home was seen to make 14 phantom movements of a second in 83 hours,
 * and each would begin the wait for the one who fell anew. A level that lasts (a presence sensor) is a sign as long as
 * it lasts, but not for more than four hours: then it is stuck.
 *
 * Silence awake and silence asleep count together: an hour by day uses up 1/day of the limit, an hour by night or with
 * somebody in bed 1/night. The numbers, for the worst home: awake and at home the longest silence of a day (95 % / max)
 * is 173/182 minutes with movement sensors, 259/285 with door and drawer contacts only; so a warning after 6 hours, an
 * emergency after 10. Nights: the latest risers of the recorded homes are up at 9:30 after 11 hours in bed, half of
 * their nights without a trip, and the evening before may have been silent for three hours; 20 hours warn of a home
 * that is silent from 21:30 on at 11:12, and 30 hours alarm before three in the afternoon.
 *
 * Out: a door changes, and for a quarter of an hour nothing inside does, a minute after the door's last change or
 * later (sooner it may be the steps on the way out); a lone movement makes that another quarter. Nothing is counted
 * then; not back in out_too_long is a warning (absences were seen up to 11 hours with older people, two days with
 * younger ones). Back: a movement within a quarter of an hour after the door; or, the door having been missed,
 * something credible: three movements of two sensors within a quarter of an hour (phantoms come in threes, but from one
 * sensor), a presence that lasts two minutes (movement sensors were seen to hang for five hours), a button. Who falls
 * in the doorway within that minute is taken for out: only out_too_long finds them.
 *
 * Where no front door is watched, or it is lost, an absence looks like a silence, and silences are then two to eight
 * times as long: the limits are no_door_warn and no_door_alarm, by day and night.
 *
 * Mats hang too, one for ten days: a bed is occupied until somebody moves in another room, and for 16 hours at most.
 *
 * Unknown times count for nothing: gaps in the log, while every sensor inside is lost (then it is blind), and until
 * three of them have been heard of (the silence of sensors that were never fitted says nothing). Away and a carer's
 * visit end everything; afterwards it begins anew. */
#include "gatewayd/plugin.h"
#include "sensing.h"
#include "wording.h"

#define STEPS_AFTER   GW_MINUTE        /* movement this long after the door's last change is inside */
#define OUT_AFTER     (15 * GW_MINUTE) /* none for so long: out */
#define CONFIRM       (30 * GW_MINUTE) /* a lone movement waits so long for another ... */
#define CONFIRM_AFTER (10 * GW_SECOND) /* that comes at least so much later, or from another sensor */
#define HELD          (2 * GW_MINUTE)  /* a level that lasts so long is no phantom */
#define STUCK         (4 * GW_HOUR)    /* and after so long it is stuck */
#define BED_STUCK     (16 * GW_HOUR)   /* an occupied bed too */
#define HEARD_MIN     3u               /* sensors inside, of which silence says something */
#define CREDIBLE      3                /* movements that bring back who was out ... */
#define CREDIBLE_IN   (15 * GW_MINUTE) /* within this */
#define COUNTED_MAX   (8 * GW_DAY)     /* no limit is longer */

enum role { SIGN, DOOR, BED, ROLES };
enum { QUIET, SILENT, OUT_LONG, KINDS };

struct limit { /* -1: never */
    gw_time day, night, no_door;
};

struct activity {
    struct sensing sensing;
    uint32_t n_doors;
    struct limit limits[2]; /* QUIET, SILENT */
    gw_time out_too_long;
    int32_t night_from, night_to;

    struct gw_reading last;   /* the last sign of life, or where the watch began; id 0: nothing seen yet */
    struct gw_reading lone;   /* the last movement, waiting for another; id 0: none */
    gw_time since;            /* silent since */
    gw_time awake, asleep;    /* counted silence */
    gw_time counted_to;       /* log time up to which it is counted, at the rate of ... */
    int sleeps, held, counts; /* night or bed occupied; a level lasts; the silence counts at all */

    int out, muted, blind;
    struct gw_reading door;             /* its last change; id 0: none */
    gw_time leaving;                    /* nothing sure seen inside since the door changed: out at this time; 0: no */
    struct gw_reading went;             /* the door's change after which it was out */
    struct gw_reading recent[CREDIBLE]; /* movements while out, newest first */
    gw_time on_at[SENSING_MAX];         /* the level turned on */
    uint8_t presence[SENSING_MAX];      /* of that kind */
    uint8_t heard[SENSING_MAX];         /* has told a change */
    uint8_t doubted[SENSING_MAX];       /* a bed said to be occupied while somebody moves in another room */
    uint32_t inside, heard_inside;
    int raised[KINDS];
};

/* Does it see enough to speak of silence? */
static void look(struct activity *activity, const struct gw_host *host)
{
    uint32_t lost = 0;
    for (uint32_t i = 0; i < activity->sensing.n; i++)
        lost += !sensing_plays(&activity->sensing, i, DOOR) && activity->sensing.lost[i];
    const uint32_t enough = activity->inside < HEARD_MIN ? activity->inside : HEARD_MIN;
    activity->blind = lost == activity->inside || activity->heard_inside < enough;
    if (host->size < offsetof(struct gw_host, health) + sizeof host->health)
        return;
    if (lost == activity->inside)
        host->health(host, GW_HEALTH_BLIND, "Every sensor inside the home is lost.", "家中所有传感器均已失联。");
    else if (activity->blind)
        host->health(host, GW_HEALTH_LEARNING, "Too few sensors inside the home have been heard of yet.",
                     "家中有过信号的传感器还太少。");
    else
        host->health(host, GW_HEALTH_OK, "", "");
}

static int activity_open(void *state, const struct gw_host *host, char *error, size_t error_size)
{
    static const char *const names[ROLES] = {"signs", "door", "bed"};
    struct activity *activity = state;
    if (sensing_open(&activity->sensing, host, names, ROLES, error, error_size) != 0)
        return -1;
    activity->n_doors = host->role_count(host, "door");
    for (uint32_t i = 0; i < host->sensors;
         i++) { /* the front door and the bed are themselves, whatever else is said */
        uint8_t *roles = &activity->sensing.roles[i];
        if ((*roles & (1u << DOOR)) != 0)
            *roles = 1u << DOOR;
        else if ((*roles & (1u << BED)) != 0)
            *roles = 1u << BED;
        activity->inside += (*roles & (1u << DOOR)) == 0;
        activity->presence[i] = strcmp(host->sensor_kind(host, i), "presence") == 0;
    }
    if (activity->inside == 0) {
        (void)snprintf(error, error_size, "no sensor inside the home");
        return -1;
    }
    activity->limits[QUIET] = (struct limit){host->duration(host, "day_warn"), host->duration(host, "night_warn"),
                                             host->duration(host, "no_door_warn")};
    activity->limits[SILENT] = (struct limit){host->duration(host, "day_alarm"), host->duration(host, "night_alarm"),
                                              host->duration(host, "no_door_alarm")};
    activity->out_too_long = host->duration(host, "out_too_long");
    activity->night_from = host->time_of_day(host, "night_from");
    activity->night_to = host->time_of_day(host, "night_to");
    look(activity, host);
    return 0;
}

static void lower(struct activity *activity, const struct gw_host *host, uint32_t kind)
{
    if (activity->raised[kind])
        host->clear(host, kind, NULL);
    activity->raised[kind] = 0;
}

/* ---- how silence counts ---------------------------------------------------------------------------------------- */

static int knows_door(const struct activity *activity)
{
    return activity->n_doors > 0 && sensing_lost(&activity->sensing, DOOR) == 0;
}

static int is_level(const struct activity *activity, uint32_t i)
{
    return sensing_plays(&activity->sensing, i, SIGN) && !activity->sensing.contact[i] && !activity->sensing.lost[i] &&
           activity->sensing.level[i] == SENSING_ON;
}

/* Does a level last? The time at which that next changes goes into *changes (0: never). */
static int level_lasts(const struct activity *activity, gw_time now, gw_time *changes)
{
    int lasts = 0;
    *changes = 0;
    for (uint32_t i = 0; i < activity->sensing.n; i++) {
        const gw_time begins = activity->on_at[i] + HELD, ends = activity->on_at[i] + STUCK;
        if (!is_level(activity, i) || now >= ends)
            continue;
        lasts |= now >= begins;
        const gw_time next = now >= begins ? ends : begins;
        if (*changes == 0 || next < *changes)
            *changes = next;
    }
    return lasts;
}

/* Somebody is in bed, as far as mats are to be believed. *changes: when one is no longer; 0: never. */
static int in_bed(const struct activity *activity, gw_time now, gw_time *changes)
{
    int occupied = 0;
    *changes = 0;
    for (uint32_t i = 0; i < activity->sensing.n; i++) {
        const gw_time ends = activity->on_at[i] + BED_STUCK;
        if (!sensing_plays(&activity->sensing, i, BED) || activity->sensing.lost[i] || activity->doubted[i] ||
            activity->sensing.level[i] != SENSING_ON || now >= ends)
            continue;
        occupied = 1;
        if (*changes == 0 || ends < *changes)
            *changes = ends;
    }
    return occupied;
}

static int is_night(const struct activity *activity, const struct gw_host *host, gw_time at)
{
    struct gw_local local;
    host->local(host, at, &local);
    return wording_in_window(local.minute, activity->night_from, activity->night_to);
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
    const gw_time passed = now - activity->counted_to;
    gw_time changes;
    if (activity->held)
        activity->since += passed;
    else if (activity->counts && activity->awake + activity->asleep < COUNTED_MAX)
        *(activity->sleeps ? &activity->asleep : &activity->awake) += passed;
    activity->counted_to = now;
    activity->held = activity->counts && level_lasts(activity, now, &changes);
    if (activity->held) {
        activity->since = now;
        activity->awake = activity->asleep = 0;
    }
    activity->counts = activity->last.id != 0 && !activity->out && !activity->muted && !activity->blind;
    activity->sleeps = in_bed(activity, now, &changes) || is_night(activity, host, now);
}

/* When the limit is reached at the present rate; 0: never. */
static gw_time limit_due(const struct activity *activity, const struct limit *limit)
{
    const gw_time awake = activity->awake, asleep = activity->asleep, now = activity->counted_to;
    if (!activity->counts || activity->held)
        return 0;
    if (!knows_door(activity))
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
    const int lone = kind != OUT_LONG && activity->lone.id > why->id;
    if (lone)
        evidence[1] = activity->lone;
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
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT + 64], limit[128], place_en[80] = "", place_zh[80] = "";
    char lone_en[112] = "", lone_zh[144] = "";
    const struct limit *l = &activity->limits[kind];
    const struct wording_span span = wording_span(activity->awake + activity->asleep);
    const struct wording_clock since = wording_clock(host, activity->since);
    const char *room = host->sensor_room(host, activity->last.sensor);
    if (room[0] != '\0') {
        (void)snprintf(place_en, sizeof place_en, " (%s)", room);
        (void)snprintf(place_zh, sizeof place_zh, "（%s）", wording_room_zh(room));
    }
    if (activity->lone.id > activity->last.id) {
        const struct wording_clock at = wording_clock(host, activity->lone.at);
        const char *where = host->sensor_room(host, activity->lone.sensor);
        (void)snprintf(lone_en, sizeof lone_en, " Only a lone movement at %s (%s).", at.text, where);
        (void)snprintf(lone_zh, sizeof lone_zh, "其间仅 %s（%s）有一次孤立的动静。", at.text, wording_room_zh(where));
    }
    (void)snprintf(en, sizeof en, "No sign of life at home for %s, since %s%s.%s", span.en, since.text, place_en,
                   lone_en);
    (void)snprintf(zh, sizeof zh, "自 %s%s起，家中 %s没有任何活动迹象。%s", since.text, place_zh, span.zh, lone_zh);
    const struct wording_span day = wording_span(knows_door(activity) ? l->day : l->no_door);
    if (knows_door(activity))
        (void)snprintf(limit, sizeof limit, "%s by day, %s by night or in bed", day.en, wording_span(l->night).en);
    else
        (void)snprintf(limit, sizeof limit, "%s without a front door sensor", day.en);
    raise(activity, host, kind, &activity->last, activity->since, en, zh, limit);
}

static void say_out_long(struct activity *activity, const struct gw_host *host)
{
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    const struct wording_span span = wording_span(activity->out_too_long);
    const struct wording_clock at = wording_clock(host, activity->went.at);
    (void)snprintf(en, sizeof en, "Went out at %s and is not back after %s.", at.text, span.en);
    (void)snprintf(zh, sizeof zh, "%s 外出，%s后仍未返回。", at.text, span.zh);
    raise(activity, host, OUT_LONG, &activity->went, activity->went.at, en, zh, span.en);
}

/* ---- at home or out -------------------------------------------------------------------------------------------- */

static void come_home(struct activity *activity, const struct gw_host *host, const struct gw_reading *reading)
{
    activity->out = activity->leaving = 0;
    memset(activity->recent, 0, sizeof activity->recent);
    begin_anew(activity, reading);
    lower(activity, host, OUT_LONG);
}

static void go_out(struct activity *activity, const struct gw_host *host)
{
    gw_time changes;
    activity->leaving = 0;
    if (activity->sleeps && in_bed(activity, activity->counted_to, &changes))
        return; /* the other one left, or a carer */
    for (uint32_t i = 0; i < activity->sensing.n; i++) {
        if (is_level(activity, i) && activity->counted_to - activity->on_at[i] < STUCK)
            return;
    }
    activity->out = 1;
    activity->went = activity->door;
    activity->lone.id = 0;
    memset(activity->recent, 0, sizeof activity->recent);
    lower(activity, host, QUIET);
    lower(activity, host, SILENT);
}

static void door_changed(struct activity *activity, const struct gw_host *host, const struct gw_reading *reading)
{
    activity->door = *reading;
    if (activity->muted)
        return;
    if (activity->out) {
        activity->went = *reading; /* back and out again, unless somebody is seen inside */
        lower(activity, host, OUT_LONG);
        return;
    }
    activity->leaving = reading->at + OUT_AFTER;
    if (!activity->raised[QUIET] && !activity->raised[SILENT]) /* whoever opens it: the one in need may lie there yet */
        begin_anew(activity, reading);
}

/* Three movements of two sensors? */
static int is_credible(struct activity *activity, const struct gw_reading *reading)
{
    struct gw_reading *recent = activity->recent;
    memmove(recent + 1, recent, (CREDIBLE - 1) * sizeof *recent);
    recent[0] = *reading;
    const struct gw_reading *oldest = &recent[CREDIBLE - 1];
    int sensors = 0;
    for (int i = 1; i < CREDIBLE; i++)
        sensors |= recent[i].sensor != recent[0].sensor;
    return oldest->id != 0 && reading->at - oldest->at <= CREDIBLE_IN && sensors;
}

static void live(struct activity *activity, const struct gw_host *host, const struct gw_reading *reading)
{
    const char *room = host->sensor_room(host, reading->sensor);
    for (uint32_t i = 0; i < activity->sensing.n; i++)
        activity->doubted[i] |= reading->sensor < activity->sensing.n &&
                                strcmp(host->sensor_room(host, i), room) != 0 &&
                                reading->at - activity->on_at[i] >= STEPS_AFTER;
    begin_anew(activity, reading);
    lower(activity, host, QUIET);
    lower(activity, host, SILENT);
}

/* sure: by itself a sign of life, no phantom. */
static void sign(struct activity *activity, const struct gw_host *host, const struct gw_reading *reading, int sure)
{
    const gw_time from_door = reading->at - activity->door.at;
    const int by_door = activity->door.id != 0 && from_door >= STEPS_AFTER && from_door <= OUT_AFTER;
    const int press = reading->type == GW_EVENT;
    if (activity->out) {
        if (by_door || press || is_credible(activity, reading))
            come_home(activity, host, reading);
        return;
    }
    const struct gw_reading *lone = &activity->lone;
    if (activity->leaving != 0 && (from_door >= STEPS_AFTER || press)) {
        const int another = lone->id > activity->door.id && lone->at - activity->door.at >= STEPS_AFTER;
        activity->leaving = sure || another ? 0 : reading->at + OUT_AFTER;
    }
    const int confirmed = lone->id != 0 && reading->at - lone->at <= CONFIRM &&
                          (lone->sensor != reading->sensor || reading->at - lone->at >= CONFIRM_AFTER);
    if (sure || confirmed)
        live(activity, host, reading);
    activity->lone = *reading;
}

/* ---- the plugin's calls ---------------------------------------------------------------------------------------- */

static gw_time out_due(const struct activity *activity)
{
    return activity->muted ? 0 : activity->leaving;
}

static gw_time out_long_due(const struct activity *activity)
{
    if (!activity->out || activity->muted || activity->raised[OUT_LONG] || activity->out_too_long < 0)
        return 0;
    return activity->went.at + activity->out_too_long;
}

/* A presence that began while out, and lasts. */
static int somebody_stays(const struct activity *activity, gw_time now)
{
    for (uint32_t i = 0; i < activity->sensing.n; i++) {
        if (activity->presence[i] && is_level(activity, i) && activity->on_at[i] > activity->went.at &&
            now - activity->on_at[i] >= HELD && now - activity->on_at[i] < STUCK)
            return 1;
    }
    return 0;
}

static void evaluate(struct activity *activity, const struct gw_host *host, gw_time now)
{
    count(activity, host, now);
    if (activity->out && somebody_stays(activity, now))
        come_home(activity, host, activity->recent[0].id != 0 ? &activity->recent[0] : &activity->went);
    if (out_due(activity) != 0 && out_due(activity) <= now)
        go_out(activity, host);
    count(activity, host, now);
    for (uint32_t kind = QUIET; kind <= SILENT; kind++) {
        const gw_time due = limit_due(activity, &activity->limits[kind]);
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

static void earliest(struct gw_wake *wake, gw_time at)
{
    if (at != 0 && (wake->at == 0 || at < wake->at))
        wake->at = at;
}

static struct gw_wake next(const struct activity *activity, const struct gw_host *host, gw_time now)
{
    struct gw_wake wake = GW_WAKE_NONE_INIT;
    gw_time changes;
    if (activity->muted || activity->last.id == 0)
        return wake;
    if (activity->night_from != activity->night_to)
        wake.local_minute = is_night(activity, host, now) ? activity->night_to : activity->night_from;
    for (uint32_t kind = QUIET; kind <= SILENT; kind++) {
        if (!activity->raised[kind])
            earliest(&wake, limit_due(activity, &activity->limits[kind]));
    }
    (void)level_lasts(activity, now, &changes);
    earliest(&wake, changes);
    (void)in_bed(activity, now, &changes);
    earliest(&wake, changes);
    earliest(&wake, out_due(activity));
    earliest(&wake, out_long_due(activity));
    return wake;
}

static void home(struct activity *activity, const struct gw_host *host, const struct gw_reading *reading)
{
    if (reading->type == GW_GAP && reading->value > 0) { /* counted already, but nobody looked */
        const gw_time gap = reading->value < (double)COUNTED_MAX ? (gw_time)reading->value : COUNTED_MAX;
        gw_time *most = activity->sleeps ? &activity->asleep : &activity->awake;
        gw_time *rest = activity->sleeps ? &activity->awake : &activity->asleep;
        const gw_time over = gap > *most ? gap - *most : 0;
        *most -= gap - over;
        *rest -= over > *rest ? *rest : over;
        activity->leaving = 0;
    }
    if (reading->type != GW_MODE || (reading->flags & GW_TEST) != 0)
        return;
    const int muted = sensing_mode_mutes(reading->value);
    if (muted || activity->muted) {
        come_home(activity, host, reading);
        lower(activity, host, QUIET);
        lower(activity, host, SILENT);
        activity->lone.id = 0;
    }
    activity->muted = muted;
}

static void take(struct activity *activity, const struct gw_host *host, const struct gw_reading *reading)
{
    const struct sensing *sensing = &activity->sensing;
    const gw_time on_at = reading->sensor < sensing->n ? activity->on_at[reading->sensor] : 0;
    const enum sensing_change change = sensing_take(&activity->sensing, reading);
    const int turned = change == SENSING_TURNED_ON || change == SENSING_TURNED_OFF;
    if (reading->sensor >= sensing->n || (reading->flags & GW_TEST) != 0)
        return;
    if (change == SENSING_TURNED_ON) {
        activity->on_at[reading->sensor] = reading->at;
        activity->doubted[reading->sensor] = 0;
    }
    const int state_only = (reading->flags & (GW_INITIAL | GW_RETAINED | GW_REREAD)) != 0;
    if (!activity->heard[reading->sensor] && !state_only && (turned || reading->type == GW_EVENT)) {
        activity->heard[reading->sensor] = 1;
        activity->heard_inside += !sensing_plays(sensing, reading->sensor, DOOR);
    }
    look(activity, host);
    if (state_only || activity->muted)
        return;
    if (reading->type == GW_EVENT)
        sign(activity, host, reading, 1);
    else if (turned && sensing_plays(sensing, reading->sensor, DOOR))
        door_changed(activity, host, reading);
    else if (turned && (sensing->contact[reading->sensor] || sensing_plays(sensing, reading->sensor, BED)))
        sign(activity, host, reading, 1);
    else if (change == SENSING_TURNED_ON)
        sign(activity, host, reading, 0);
    else if (change == SENSING_TURNED_OFF && !activity->out && reading->at - on_at >= HELD)
        live(activity, host, reading);
}

static struct gw_wake activity_reading(void *state, const struct gw_host *host, const struct gw_reading *reading)
{
    struct activity *activity = state;
    if (activity->last.id == 0) {
        activity->counted_to = reading->at;
        begin_anew(activity, reading);
    }
    evaluate(activity, host, reading->at); /* before the reading changes what was true until now */
    if (reading->sensor == GW_SENSOR_HOME)
        home(activity, host, reading);
    else
        take(activity, host, reading);
    evaluate(activity, host, reading->at);
    return next(activity, host, reading->at);
}

static struct gw_wake activity_wake(void *state, const struct gw_host *host, gw_time now)
{
    struct activity *activity = state;
    evaluate(activity, host, now);
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
          .summary_zh = "家中长时间无活动迹象；外出过久", .roles = roles, .n_roles = ROLES, .n_params = 9,
          .params = params, .alerts = alerts, .n_alerts = KINDS, .history = 7 * GW_DAY,
          .state_size = sizeof(struct activity), .open = activity_open, .reading = activity_reading,
          .wake = activity_wake);
