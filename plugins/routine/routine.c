/* routine - what is unusual in this home, learned from its own last weeks.
 *
 * Four ages are followed: since the last sign of life (presence.h), since the last one outside of the bedroom, since
 * going out, since the bed was left. For each quarter of an hour, weekdays and weekends apart, the diary knows the
 * longest that are usual: the mean of the longest tenth of the last eight weeks' days. What is unusual is told when an
 * age passes its usual length by a factor that the home sets by itself: of the factors that its past days reached (each
 * held against what was known before it) the one that a further day passes with the chance which the budget allows. A
 * day that alarms is not learned from; if three of a week do, it is a new habit, and is. Nor are days with a gap, or
 * the hours of away and visits.
 *
 * Slow changes are looked for once a day, at noon: the last fortnight against the weeks before (changes.h). Getting up,
 * going to bed, trips at night, how much she moves and how often, the length of a visit to the bathroom, the time
 * outside.
 *
 * The budget of false alarms is parted: 40 % silence, 10 % rest, 15 % absence, 15 % bed, 20 % slow
 * changes.
 *
 * After a start it reads eight weeks of history, and knows of them what it would know had it run all the time, but for
 * the factors of the first week. */
#include "routine.h"

static int is_one_of(const char *name, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (strcmp(name, *names) == 0)
            return 1;
    }
    return 0;
}

/* Sensors of the bedroom and the bathroom: as named, else by their rooms. */
static void find_rooms(struct routine *routine, const struct gw_host *host)
{
    static const char *const baths[] = {"bathroom", "bath", "toilet", "wc", "shower", NULL};
    const struct sensing *sensing = &routine->presence.sensing;
    const int named_bed = host->role_count(host, "bedroom") > 0, named_bath = host->role_count(host, "bathroom") > 0;
    for (uint32_t i = 0; i < sensing->n; i++) {
        const char *room = host->sensor_room(host, i);
        int bedroom = sensing_plays(sensing, i, BEDROOM) || (!named_bed && strcmp(room, "bedroom") == 0);
        for (uint32_t bed = 0; bed < sensing->n; bed++)
            bedroom |= !named_bed && sensing_plays(sensing, bed, PRESENCE_BEDS) && room[0] != '\0' &&
                       strcmp(room, host->sensor_room(host, bed)) == 0;
        routine->bedroom[i] = (uint8_t)(bedroom || sensing_plays(sensing, i, PRESENCE_BEDS));
        routine->bathroom[i] =
            (uint8_t)(sensing_plays(sensing, i, BATHROOM) || (!named_bath && is_one_of(room, baths)));
    }
}

static int routine_open(void *state, const struct gw_host *host, char *error, size_t error_size)
{
    static const char *const names[] = {"signs", "door", "bed", "bedroom", "bathroom"};
    struct routine *routine = state;
    if (presence_open(&routine->presence, host, names, 5, error, error_size) != 0)
        return -1;
    routine->budget = 1 / host->number(host, "false_alarm_every");
    routine->learn = (uint32_t)host->number(host, "learn_days");
    routine->beds = host->role_count(host, "bed");
    find_rooms(routine, host);
    routine_tell_health(routine, host);
    return 0;
}

static struct gw_wake routine_reading(void *state, const struct gw_host *host, const struct gw_reading *reading)
{
    struct routine *routine = state;
    struct presence *presence = &routine->presence;
    gw_time seen_to = reading->at;
    if (routine->boundary == 0)
        routine_begin(routine, host, reading);
    if (reading->sensor == GW_SENSOR_HOME && reading->type == GW_GAP)
        seen_to = routine_gap(routine, host, reading);
    routine_end_slots(routine, host, reading->at);
    routine_heed(routine, host, presence_pass(presence, seen_to), reading);
    const uint32_t sensor = reading->sensor;
    const int known = sensor < presence->sensing.n, before = known ? presence->sensing.level[sensor] : 0;
    const unsigned changes = presence_take(presence, host, reading);
    routine_heed(routine, host, changes, reading);
    if (known && (reading->flags & (GW_INITIAL | GW_RETAINED | GW_REREAD | GW_TEST)) == 0 &&
        before != presence->sensing.level[sensor] &&
        (presence->sensing.contact[sensor] || presence->sensing.level[sensor] == SENSING_ON))
        routine_note_move(routine, reading);
    if (known && sensing_plays(&presence->sensing, sensor, PRESENCE_BEDS) && before != presence->sensing.level[sensor])
        routine_heed_bed(routine, host, reading);
    routine_tell_health(routine, host);
    return routine_next(routine, reading->at, changes != 0 && (changes & ~(unsigned)PRESENCE_SIGN) != 0);
}

static struct gw_wake routine_wake(void *state, const struct gw_host *host, gw_time now)
{
    struct routine *routine = state;
    if (routine->boundary == 0)
        return routine_next(routine, now, 0);
    routine_end_slots(routine, host, now);
    const struct gw_reading none = {.sensor = GW_SENSOR_HOME,
                                    .at = now,
                                    .id = routine->seen[DIARY_LIFE].id,
                                    .origin = routine->seen[DIARY_LIFE].origin};
    const unsigned changes = presence_pass(&routine->presence, now);
    routine_heed(routine, host, changes, &none);
    return routine_next(routine, now, changes != 0);
}

static const struct gw_role roles[] = {
    {"signs", "motion presence vibration contact button cord bed", GW_ROLE_MANY | GW_ROLE_ALL, 0,
     "Signs of life inside; where none are named, every sensor of these kinds",
     "室内的活动迹象；未指定时使用所有这些类型的传感器"},
    {"door", "contact motion", GW_ROLE_MANY, 0,
     "The doors by which one leaves the home; without them an absence looks like silence, and is learned as such",
     "外出的门；未配置时外出与无活动无法区分，并按无活动学习"},
    {"bed", "bed", GW_ROLE_MANY | GW_ROLE_ALL, 0, "The bed's pad or mat", "床垫传感器"},
    {"bedroom", "motion presence vibration contact", GW_ROLE_MANY, 0,
     "Sensors that also see who lies in bed; where none are named, those of the room \"bedroom\" and of the beds",
     "也能感知卧床者的传感器；未指定时为卧室内的传感器"},
    {"bathroom", "motion presence vibration contact", GW_ROLE_MANY, 0,
     "Sensors of the bathroom and toilet; where none are named, those of the rooms of that name",
     "浴室和卫生间的传感器；未指定时按房间名称确定"},
};

static const struct gw_param params[] = {
    {"false_alarm_every", GW_PARAM_NUMBER, 0, "days", "28", 3, 365, NULL,
     "Not more than one false alarm in so many days: it sets its limits to that",
     "误报不多于每若干天一次，据此自动设定时限"},
    {"learn_days", GW_PARAM_NUMBER, 0, "days", "7", 4, 28, NULL, "Silent until it knows so many days of the home",
     "了解家中生活规律满此天数后才开始提醒"},
};

static const struct gw_alert_kind alerts[] = {
    [SILENCE] = {"unusual-silence", GW_WARNING, 0, "0010 0009", "Unusually long without a sign of life",
                 "异常长时间无活动", "Longer without a sign of life than this home knows at this time of the day",
                 "无活动时间超过该家庭此时段的平时水平"},
    [REST] = {"unusual-rest", GW_WARNING, 0, "0010 0009", "Unusually long in the bedroom", "异常长时间未出卧室",
              "Longer without leaving the bedroom than this home knows at this time of the day",
              "未出卧室时间超过该家庭此时段的平时水平"},
    [ABSENCE] = {"unusual-absence", GW_WARNING, 0, "0010 0003", "Out for unusually long", "外出时间异常长",
                 "Out for longer than this home knows at this time of the day", "外出时间超过该家庭此时段的平时水平"},
    [UPRIGHT] = {"unusual-night", GW_WARNING, 0, "0012 0003", "Unusually late not in bed", "异常晚未上床",
                 "Not in bed at a time of the night at which this home knows it occupied",
                 "夜间此时段平时已上床，但床上无人"},
    [CHANGE] = {"slow-change", GW_INFO, 0, "0010 0009", "A habit changes", "生活习惯改变",
                "A week or two unlike the weeks before; ends when it is as before, or has become usual",
                "最近一两周与此前不同；恢复原状或成为习惯后解除"},
};

GW_PLUGIN(.name = "routine", .version = "1.0",
          .summary_en = "What is unusual in this home, learned from its last weeks",
          .summary_zh = "根据最近几周的生活规律发现异常", .roles = roles, .n_roles = 5, .n_params = 2, .params = params,
          .alerts = alerts, .n_alerts = KINDS, .history = (DIARY_DAYS + 1) * GW_DAY,
          .state_size = sizeof(struct routine), .open = routine_open, .reading = routine_reading, .wake = routine_wake);
