/* door - a door open too long; gone out at night and not back.
 *
 * Gone out: the door is opened within the window (of the days set; a window that passes midnight belongs to the day on
 * which it begins) and nobody is seen inside for back_within. Seen inside: with movement sensors, a movement half a
 * minute or more after the door's last opening or closing (sooner it may be the steps on the way out), a level that
 * lasts, or the bed occupied. Without them only the door can tell: the next opening counts as the way back, so a look
 * outside at night is told as an emergency unless the door is opened once more; with a movement sensor in the hall it
 * is not.
 *
 * Who gets up at night and walks out is lost; who goes out at ten in the evening is going out. So it is an emergency
 * only when she was not up and about before: the bed was occupied within the last half hour, or nothing moved in two
 * rooms between an hour and ten minutes before the door. Else it is a warning, unless up_and_about says otherwise.
 * Where nothing inside is seen nobody can tell, and it is an emergency. Who comes home late is not gone out: nobody was
 * seen inside since the door last moved, ten minutes ago or more (a lone movement is a phantom), or she came home
 * within the last ten minutes.
 *
 * Open too long is told in every mode but a visit: an empty home with its door open needs somebody too. Gone out is not
 * looked for while the home is away or a carer is in.
 *
 * While the door is lost its timers stand still, and go on from the first beginning when it is back with the level it
 * had. Gaps in the log count: the cautious reading of what nobody saw is that nothing has changed. */
#include "gatewayd/plugin.h"
#include "sensing.h"
#include "timing.h"
#include "wording.h"

#define STEPS_AFTER (30 * GW_SECOND)
#define FROM_BED    (30 * GW_MINUTE) /* the bed was occupied so long ago: she comes from it */
#define EMPTY_FOR   (10 * GW_MINUTE)
#define NO_PHANTOM  (5 * GW_SECOND) /* a level that lasts so long is somebody */
#define SLOT        (5 * GW_MINUTE)
#define SLOTS       12 /* an hour of them */
#define LATEST      2  /* the last ones are the way out itself */

enum role { DOOR, MOTION, BED, ROLES };
enum { OPEN_LONG, GONE_OUT, GONE_LATE, KINDS };

struct door {
    struct sensing sensing;
    uint32_t door;
    int sees_inside;
    gw_time open_too_long, back_within;
    int32_t night_from, night_to;
    uint32_t days; /* bit 1 Monday .. bit 7 Sunday */

    struct gw_reading opened;  /* the last opening; id 0: none */
    struct gw_reading went;    /* the opening after which nobody was seen yet; id 0: not waiting */
    uint32_t went_as;          /* GONE_OUT or GONE_LATE */
    gw_time lone, sign;        /* something moved inside; again within ten minutes: somebody is there; 0: never */
    gw_time came_home;         /* 0: never */
    gw_time bed_at;            /* the bed was occupied; 0: never */
    uint8_t room[SENSING_MAX]; /* by sensor: the first sensor of its room, modulo 64 */
    uint64_t moved[SLOTS];     /* rooms in which something moved, a ring of slots */
    gw_time slot;              /* the newest one: log time / SLOT */
    int up_is_emergency;
    gw_time changed; /* the last opening or closing */
    gw_time home_since;
    int muted, visit;
    int raised[KINDS];
};

static uint32_t parse_days(const char *text)
{
    static const struct {
        const char *name;
        uint32_t days;
    } names[] = {
        {"all", 0xfe},    {"mon-fri", 0x3e}, {"sat-sun", 0xc0}, {"mon", 1u << 1}, {"tue", 1u << 2},
        {"wed", 1u << 3}, {"thu", 1u << 4},  {"fri", 1u << 5},  {"sat", 1u << 6}, {"sun", 1u << 7},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i].name, text) == 0)
            return names[i].days;
    }
    return 0xfe;
}

static int door_open(void *state, const struct gw_host *host, char *error, size_t error_size)
{
    static const char *const names[ROLES] = {"door", "motion", "bed"};
    struct door *door = state;
    if (sensing_open(&door->sensing, host, names, ROLES, error, error_size) != 0)
        return -1;
    door->door = host->role_sensor(host, "door", 0);
    door->sees_inside = host->role_count(host, "motion") > 0 || host->role_count(host, "bed") > 0;
    if (sensing_plays(&door->sensing, door->door, MOTION)) {
        (void)snprintf(error, error_size, "the door can't be a sensor inside too");
        return -1;
    }
    door->open_too_long = host->duration(host, "open_too_long");
    door->back_within = host->duration(host, "back_within");
    door->up_is_emergency = strcmp(host->text(host, "up_and_about"), "emergency") == 0;
    for (uint32_t i = 0; i < door->sensing.n; i++) {
        uint32_t first = 0;
        while (first < i && strcmp(host->sensor_room(host, first), host->sensor_room(host, i)) != 0)
            first++;
        door->room[i] = (uint8_t)((host->sensor_room(host, i)[0] != '\0' ? first : i) % 64);
    }
    door->night_from = host->time_of_day(host, "night_from");
    door->night_to = host->time_of_day(host, "night_to");
    door->days = parse_days(host->text(host, "days"));
    return 0;
}

static int in_window(const struct door *door, const struct gw_host *host, gw_time at)
{
    struct gw_local local;
    host->local(host, at, &local);
    if (!timing_in_window(local.minute, door->night_from, door->night_to))
        return 0;
    int32_t day = local.weekday;
    if (door->night_from > door->night_to && local.minute < door->night_to)
        day = day == 1 ? 7 : day - 1;
    return (door->days >> day & 1u) != 0;
}

static void lower(struct door *door, const struct gw_host *host, uint32_t kind)
{
    if (door->raised[kind])
        host->clear(host, kind, NULL);
    door->raised[kind] = 0;
}

/* "门厅的门", "大门", or by its name where the technician named no room. */
static void name_door_zh(char *out, size_t size, const char *room, const char *name)
{
    const char *zh = wording_room_zh(room);
    const size_t n = strlen(zh), gate = sizeof "门" - 1;
    if (n == 0)
        (void)snprintf(out, size, "门“%s”", name);
    else if (n >= gate && strcmp(zh + n - gate, "门") == 0)
        (void)snprintf(out, size, "%s", zh);
    else
        (void)snprintf(out, size, "%s的门", zh);
}

static void raise(struct door *door, const struct gw_host *host, uint32_t kind, const struct gw_reading *why,
                  gw_time since, gw_time limit)
{
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT + 64]; /* the host cuts, between characters */
    const struct wording_span span = wording_span(limit);
    const struct wording_clock at = wording_clock(host, since);
    const char *name = host->sensor_name(host, door->door), *room = host->sensor_room(host, door->door);
    char place[80];
    name_door_zh(place, sizeof place, room, name);
    if (kind == OPEN_LONG) {
        (void)snprintf(en, sizeof en, "The door \"%s\" has been open for %s, since %s.", name, span.en, at.text);
        (void)snprintf(zh, sizeof zh, "%s %s 打开，已 %s没有关上。", place, at.text, span.zh);
    } else {
        const int open = door->sensing.level[door->door] == SENSING_ON;
        (void)snprintf(en, sizeof en, "The door \"%s\" was opened at %s and nobody was seen inside for %s.%s", name,
                       at.text, span.en, open ? " It is still open." : "");
        (void)snprintf(zh, sizeof zh, "%s夜间 %s 被打开，%s内家中没有人活动，老人可能已外出。%s", place, at.text,
                       span.zh, open ? "门仍开着。" : "");
    }
    const struct gw_condition condition = {
        .size = sizeof condition,
        .kind = kind,
        .episode = why->origin,
        .since = since,
        .text_en = en,
        .text_zh = zh,
        .evidence = why,
        .n_evidence = 1,
        .limit = span.en,
    };
    host->raise(host, &condition);
    door->raised[kind] = 1;
}

static int is_open(const struct door *door)
{
    return !door->sensing.lost[door->door] && door->sensing.level[door->door] == SENSING_ON && door->opened.id != 0;
}

/* 0: nothing of the kind is running. */
static gw_time open_due(const struct door *door)
{
    if (!is_open(door) || door->raised[OPEN_LONG] || door->open_too_long < 0 || door->visit)
        return 0;
    return timing_later(door->opened.at, door->home_since) + door->open_too_long;
}

static gw_time gone_due(const struct door *door)
{
    if (door->went.id == 0 || door->raised[door->went_as] || door->sensing.lost[door->door])
        return 0;
    return door->went.at + door->back_within;
}

/* Somebody is inside. */
static void seen(struct door *door, const struct gw_host *host)
{
    door->went.id = 0;
    lower(door, host, GONE_OUT);
    lower(door, host, GONE_LATE);
}

/* Something moves inside. */
static void note_movement(struct door *door, const struct gw_reading *reading)
{
    const gw_time slot = reading->at / SLOT;
    if (slot - door->slot > SLOTS)
        door->slot = slot - SLOTS;
    for (; door->slot < slot; door->slot++)
        door->moved[(door->slot + 1) % SLOTS] = 0;
    door->moved[slot % SLOTS] |= UINT64_C(1) << door->room[reading->sensor];
}

/* Something moved inside, at least STEPS_AFTER the door, or stopped. A phantom comes alone and is short. */
static void note_sign(struct door *door, gw_time at, int began)
{
    if (!began) {
        if (door->lone > door->sign && at - door->lone >= NO_PHANTOM)
            door->sign = door->lone;
        return;
    }
    if (door->changed != 0 && at - door->changed < STEPS_AFTER)
        return;
    if (door->lone != 0 && at - door->lone <= EMPTY_FOR)
        door->sign = at;
    door->lone = at;
}

/* Is she only now coming home? */
static int was_empty(const struct door *door, gw_time at)
{
    if (door->came_home != 0 && at - door->came_home < EMPTY_FOR && door->sign < door->came_home)
        return 1;
    return door->sees_inside && door->changed != 0 && door->sign < door->changed && at - door->changed >= EMPTY_FOR &&
           sensing_active(&door->sensing, MOTION) + sensing_active(&door->sensing, BED) == 0;
}

/* Was she up and about before the door was opened? */
static int was_up(const struct door *door, gw_time at)
{
    uint64_t rooms = 0;
    if (sensing_active(&door->sensing, BED) > 0 || (door->bed_at != 0 && at - door->bed_at <= FROM_BED))
        return 0;
    for (gw_time slot = door->slot > SLOTS ? door->slot - SLOTS + 1 : 0; slot <= door->slot; slot++) {
        if (slot > at / SLOT - SLOTS && slot <= at / SLOT - LATEST)
            rooms |= door->moved[slot % SLOTS];
    }
    return (rooms & (rooms - 1)) != 0;
}

static void evaluate(struct door *door, const struct gw_host *host, gw_time now)
{
    if (open_due(door) != 0 && open_due(door) <= now)
        raise(door, host, OPEN_LONG, &door->opened, timing_later(door->opened.at, door->home_since),
              door->open_too_long);
    if (gone_due(door) != 0 && gone_due(door) <= now) {
        if (sensing_active(&door->sensing, MOTION) + sensing_active(&door->sensing, BED) > 0)
            seen(door, host);
        else
            raise(door, host, door->went_as, &door->went, door->went.at, door->back_within);
    }
}

static struct gw_wake next(const struct door *door)
{
    struct gw_wake wake = GW_WAKE_NONE_INIT;
    wake.at = timing_first(open_due(door), gone_due(door));
    return wake;
}

static void door_changed(struct door *door, const struct gw_host *host, const struct gw_reading *reading,
                         enum sensing_change change)
{
    const int home = change == SENSING_TURNED_ON && was_empty(door, reading->at);
    if (home)
        door->came_home = reading->at;
    door->changed = reading->at;
    if (change == SENSING_TURNED_OFF) {
        lower(door, host, OPEN_LONG);
        return;
    }
    door->opened = *reading;
    if (door->went.id != 0 && !door->sees_inside) {
        seen(door, host); /* the way back */
        return;
    }
    if (door->went.id == 0 && !home && !door->muted && door->back_within >= 0 && in_window(door, host, reading->at)) {
        door->went = *reading;
        door->went_as = was_up(door, reading->at) && !door->up_is_emergency ? GONE_LATE : GONE_OUT;
    } else if (door->went.id != 0 && !door->raised[door->went_as])
        door->went = *reading; /* opened again and nobody seen in between: the wait begins anew */
}

static void home(struct door *door, const struct gw_host *host, const struct gw_reading *reading)
{
    if (reading->type != GW_MODE || (reading->flags & GW_TEST) != 0)
        return;
    const int muted = sensing_mode_mutes(reading->value), visit = reading->value == GW_MODE_VISIT;
    if (muted)
        seen(door, host);
    if (visit)
        lower(door, host, OPEN_LONG);
    else if (door->visit)
        door->home_since = reading->at;
    door->muted = muted;
    door->visit = visit;
}

static struct gw_wake door_reading(void *state, const struct gw_host *host, const struct gw_reading *reading)
{
    struct door *door = state;
    const struct sensing *sensing = &door->sensing;
    evaluate(door, host, reading->at); /* before the reading changes what was true until now */
    if (reading->sensor == GW_SENSOR_HOME)
        home(door, host, reading);
    const enum sensing_change change = sensing_take(&door->sensing, reading);
    const int state_only = (reading->flags & (GW_INITIAL | GW_RETAINED)) != 0;
    const int turned = change == SENSING_TURNED_ON || change == SENSING_TURNED_OFF;
    if (turned && sensing_plays(sensing, reading->sensor, BED))
        door->bed_at = reading->at;
    if (turned && !state_only && sensing_plays(sensing, reading->sensor, MOTION))
        note_movement(door, reading);
    if (turned && !state_only &&
        (sensing_plays(sensing, reading->sensor, MOTION) || sensing_plays(sensing, reading->sensor, BED)))
        note_sign(door, reading->at, change == SENSING_TURNED_ON || sensing->contact[reading->sensor]);
    if (reading->sensor == door->door) {
        if (turned)
            door_changed(door, host, reading, change);
    } else if ((change == SENSING_TURNED_ON || (change == SENSING_TURNED_OFF && sensing->contact[reading->sensor])) &&
               door->went.id != 0 && !state_only) {
        const int bed = sensing_plays(sensing, reading->sensor, BED);
        if (bed || (sensing_plays(sensing, reading->sensor, MOTION) && reading->at - door->changed >= STEPS_AFTER))
            seen(door, host);
    }
    evaluate(door, host, reading->at);
    return next(door);
}

static struct gw_wake door_wake(void *state, const struct gw_host *host, gw_time now)
{
    struct door *door = state;
    evaluate(door, host, now);
    return next(door);
}

static const struct gw_role roles[] = {
    {"door", "contact", GW_ROLE_REQUIRED, 0, "The door", "门磁"},
    {"motion", "motion presence vibration contact", GW_ROLE_MANY, 0,
     "Movement inside: somebody is at home; strongly advised, without it only the next opening counts as coming back",
     "室内活动：表示有人在家；建议配置，否则只能以再次开门判断返回"},
    {"bed", "bed", GW_ROLE_MANY, 0, "An occupied bed: somebody is at home", "床上有人表示在家"},
};

static const struct gw_param params[] = {
    {"open_too_long", GW_PARAM_DURATION, 0, NULL, "30 min", -1, 7.0 * 86400000, NULL,
     "Open for longer than this is a warning; \"never\" turns it off", "门打开超过此时间则提醒；\"never\" 表示不提醒"},
    {"back_within", GW_PARAM_DURATION, 0, NULL, "15 min", -1, 12.0 * 3600000, NULL,
     "Opened in the window and nobody seen inside for so long is an emergency; \"never\" turns it off",
     "在时段内开门后超过此时间家中无人活动则报警；\"never\" 表示不报警"},
    {"night_from", GW_PARAM_TIME, 0, NULL, "22:00", 0, 0, NULL, "The window begins", "时段开始"},
    {"night_to", GW_PARAM_TIME, 0, NULL, "06:00", 0, 0, NULL, "The window ends", "时段结束"},
    {"days", GW_PARAM_CHOICE, 0, NULL, "all", 0, 0, "all mon-fri sat-sun mon tue wed thu fri sat sun",
     "Days on which the window begins; for several windows use several detectors",
     "时段开始的日期；多个时段请配置多个检测器"},
    {"up_and_about", GW_PARAM_CHOICE, 0, NULL, "warning", 0, 0, "warning emergency",
     "Going out in the window is this for who was up and about before, and did not come from bed",
     "在时段内外出前一直在活动（并非刚起床）时的报警级别"},
};

static const struct gw_alert_kind alerts[] = {
    [OPEN_LONG] = {"door-open", GW_WARNING, 0, "0014 0077", "Door open too long", "门长时间未关",
                   "The door has been open for too long; ends when it is closed", "门打开时间过长；关上后解除"},
    [GONE_OUT] = {"gone-out", GW_EMERGENCY, 0, "0015 0003", "Gone out and not back", "夜间外出未归",
                  "The door was opened in the window and nobody is back; ends when somebody is seen inside",
                  "时段内开门后无人返回；室内有人活动后解除"},
    [GONE_LATE] =
        {"gone-out-late", GW_WARNING, 0, "0014 0003", "Gone out late and not back", "较晚外出未归",
         "As gone-out, but she was up and about before the door was opened; ends when somebody is seen inside",
         "时段内外出未归，但外出前一直在活动；室内有人活动后解除"},
};

GW_PLUGIN(.name = "door", .version = "1.0", .summary_en = "Door open too long; gone out at night and not back",
          .summary_zh = "门长时间未关；夜间外出未归", .roles = roles, .n_roles = ROLES, .n_params = 6, .params = params,
          .alerts = alerts, .n_alerts = KINDS, .history = GW_DAY, .state_size = sizeof(struct door), .open = door_open,
          .reading = door_reading, .wake = door_wake);
