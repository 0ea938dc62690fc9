/* hazard - fire, gas, carbon monoxide, water, and a room that is too cold or too hot. Told at once, in every mode.
 *
 * Latched. A smoke alarm that ends has not ended the fire: smoke thins out and comes back, a cheap alarm stops for its
 * own breath, the melting one says nothing at all. So an alarm is over only when its sensor has been quiet for a while,
 * answered all the time; lost, or through a gap in the log, the time starts anew. One fire is one alert, not ten. (That
 * a person has to see it is the core's part: an emergency that has ended stays until it is answered.)
 *
 * What is an emergency. Smoke, gas, carbon monoxide and heat kill within minutes. Water is a warning: a tap that runs
 * over needs somebody to call and look, not an ambulance; who lies beside it is found by the bath detector. Cold and
 * hot rooms harm over hours: warnings. Below 12 degrees the blood pressure of the old rises; an hour, because airing in
 * winter takes a quarter of one. Above 35 degrees for an hour is a heat wave indoors. 54 degrees is where heat
 * detectors for living rooms begin to alarm (EN 54-5): a thermometer that says so is one.
 *
 * A level that is found (first value, retained message) is a state and alarms; a retained event is an old one and does
 * not. What no room has is passed over: beyond -40 to 125 degrees, and 85.0, which a DS18B20 says when it has not
 * measured yet. A technician's test tells its own marked alert, which ends by itself after a minute. */
#include "gatewayd/plugin.h"
#include "timing.h"
#include "wording.h"

#define SENSORS_MAX  128
#define TEST_LASTS   GW_MINUTE
#define HYSTERESIS   1.0 /* degrees */
#define COLDEST      (-40.0)
#define HOTTEST      125.0
#define NOT_MEASURED 85.0

enum { SMOKE, GAS, CO, HEAT, WATER, COLD, HOT, KINDS };

enum level { UNKNOWN, OFF, ON };

struct hazard_sensor {
    uint8_t kind;     /* SMOKE ... WATER; COLD: a thermometer */
    uint8_t level;    /* enum level; of a thermometer: too hot for life */
    uint8_t lost;     /* does not answer: says nothing of an end */
    uint8_t raised;   /* the alarm is open, bit by kind */
    uint8_t tested;   /* the same for tests */
    gw_time quiet;    /* nothing more was said since */
    gw_time test_end; /* 0: no test */
    struct gw_reading began;
    struct gw_reading passed[2]; /* [0] below the limit of cold, [1] above that of hot, since; id 0: not */
};

struct hazard {
    struct hazard_sensor sensors[SENSORS_MAX];
    uint32_t n;
    gw_time quiet_for, cold_after, hot_after;
    double cold_below, hot_above, heat_above;
};

static int hazard_open(void *state, const struct gw_host *host, char *error, size_t error_size)
{
    static const char *const roles[] = {"smoke", "gas", "co", "heat", "water", "room"}; /* as the kinds, then COLD */
    struct hazard *hazard = state;
    if (host->sensors > SENSORS_MAX || host->sensors == 0) {
        (void)snprintf(error, error_size,
                       host->sensors == 0 ? "no sensor to watch: name smoke, gas, co, heat, water or room"
                                          : "more than %d sensors",
                       SENSORS_MAX);
        return -1;
    }
    hazard->n = host->sensors;
    for (uint32_t role = 0; role < sizeof roles / sizeof roles[0]; role++) {
        for (uint32_t i = 0; i < host->role_count(host, roles[role]); i++)
            hazard->sensors[host->role_sensor(host, roles[role], i)].kind = (uint8_t)role;
    }
    hazard->quiet_for = host->duration(host, "quiet_for");
    hazard->cold_after = host->duration(host, "cold_after");
    hazard->hot_after = host->duration(host, "hot_after");
    hazard->cold_below = host->number(host, "cold_below");
    hazard->hot_above = host->number(host, "hot_above");
    hazard->heat_above = host->number(host, "heat_above");
    if (hazard->cold_below + HYSTERESIS >= hazard->hot_above || hazard->hot_above > hazard->heat_above) {
        (void)snprintf(error, error_size, "cold_below, hot_above and heat_above must rise in this order");
        return -1;
    }
    return 0;
}

static void raise(const struct gw_host *host, uint32_t kind, const struct gw_reading *why, const char *en,
                  const char *zh, const char *limit)
{
    const struct gw_condition condition = {
        .size = sizeof condition,
        .kind = kind,
        .key = host->sensor_name(host, why->sensor),
        .episode = why->origin,
        .since = why->at,
        .text_en = en,
        .text_zh = zh,
        .evidence = why,
        .n_evidence = 1,
        .limit = limit,
    };
    host->raise(host, &condition);
}

/* since: when the alarm that is told began; why: the reading that tells it (again). */
static void say_alarm(const struct gw_host *host, uint32_t kind, gw_time since, const struct gw_reading *why)
{
    static const struct {
        const char *en, *zh;
    } words[] = {
        [SMOKE] = {"Smoke alarm", "烟雾报警，可能着火"},
        [GAS] = {"Gas alarm: gas may be leaking", "燃气报警，可能燃气泄漏"},
        [CO] = {"Carbon monoxide alarm: the air may be poisonous", "一氧化碳报警，可能煤气中毒"},
        [HEAT] = {"Heat alarm: there may be a fire", "高温报警，可能着火"},
        [WATER] = {"Water on the floor", "漏水报警，地面有水"},
    };
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    const char *room = host->sensor_room(host, why->sensor), *name = host->sensor_name(host, why->sensor);
    const char *place = room[0] != '\0' ? room : name;
    const int found = (why->flags & (GW_INITIAL | GW_RETAINED)) != 0;
    const struct wording_clock at = wording_clock(host, since);
    (void)snprintf(en, sizeof en, "%s, %s %s (%s).", words[kind].en, found ? "found active at" : "at", at.text, place);
    (void)snprintf(zh, sizeof zh, "%s%s，%s %s。", wording_room_zh(place), words[kind].zh, found ? "发现时间" : "时间",
                   at.text);
    raise(host, kind, why, en, zh, NULL);
}

static void say_room(const struct hazard *hazard, const struct gw_host *host, uint32_t kind,
                     const struct gw_reading *why)
{
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT], limit[32];
    const int cold = kind == COLD;
    const char *room = host->sensor_room(host, why->sensor), *name = host->sensor_name(host, why->sensor);
    const char *place = room[0] != '\0' ? room : name;
    const double bound = cold ? hazard->cold_below : hazard->hot_above;
    const struct wording_clock since = wording_clock(host, why->at);
    (void)snprintf(limit, sizeof limit, "%g degC", bound);
    (void)snprintf(en, sizeof en, "It is too %s (%s): %s %g degrees since %s.", cold ? "cold" : "hot", place,
                   cold ? "below" : "above", bound, since.text);
    (void)snprintf(zh, sizeof zh, "%s室温过%s：%s 起%s %g 度。", wording_room_zh(place), cold ? "低" : "高", since.text,
                   cold ? "低于" : "高于", bound);
    raise(host, kind, why, en, zh, limit);
}

static void lower(struct hazard_sensor *sensor, const struct gw_host *host, uint32_t index, uint32_t kind)
{
    const uint8_t bit = (uint8_t)(1u << kind);
    if ((sensor->raised & bit) != 0)
        host->clear(host, kind, host->sensor_name(host, index)); /* ends a test of this kind too */
    sensor->raised &= (uint8_t)~bit;
    sensor->tested &= (uint8_t)~bit;
}

/* ---- a sensor that alarms by itself, and a thermometer in the fire ---- */

static void alarm_on(struct hazard_sensor *sensor, const struct gw_host *host, uint32_t kind,
                     const struct gw_reading *reading)
{
    if ((sensor->raised & 1u << kind) == 0)
        sensor->began = *reading;
    sensor->raised |= (uint8_t)(1u << kind);
    sensor->quiet = reading->at;
    /* Told again with a new episode: a person may have closed what was told before. */
    say_alarm(host, kind, sensor->began.at, reading);
}

static void level(struct hazard_sensor *sensor, const struct gw_host *host, uint32_t kind,
                  const struct gw_reading *reading, int on)
{
    if (on && sensor->level != ON)
        alarm_on(sensor, host, kind, reading);
    else if (!on && sensor->level == ON)
        sensor->quiet = reading->at;
    sensor->level = on ? ON : OFF;
}

/* It answers. After a loss the quiet begins anew: what it would have said meanwhile nobody knows. */
static void answers(struct hazard_sensor *sensor, gw_time at)
{
    if (sensor->lost)
        sensor->quiet = at;
    sensor->lost = 0;
}

/* ---- a thermometer in a room ---- */

static void room(struct hazard *hazard, struct hazard_sensor *sensor, const struct gw_host *host,
                 const struct gw_reading *reading)
{
    const double value = reading->value;
    if (value < COLDEST || value > HOTTEST || value == NOT_MEASURED)
        return;
    answers(sensor, reading->at);
    const double heat = hazard->heat_above - (sensor->level == ON ? HYSTERESIS : 0);
    level(sensor, host, HEAT, reading, value >= heat);
    const int is[2] = {
        value<hazard->cold_below + (sensor->passed[0].id != 0 ? HYSTERESIS : 0), value> hazard->hot_above -
        (sensor->passed[1].id != 0 ? HYSTERESIS : 0)};
    for (uint32_t i = 0; i < 2; i++) {
        if (is[i] && sensor->passed[i].id == 0)
            sensor->passed[i] = *reading;
        if (is[i])
            continue;
        sensor->passed[i].id = 0;
        lower(sensor, host, reading->sensor, COLD + i);
    }
}

/* ---- tests ---- */

static void test(struct hazard *hazard, struct hazard_sensor *sensor, const struct gw_host *host,
                 const struct gw_reading *reading)
{
    uint32_t kind = sensor->kind;
    int on = reading->type == GW_EVENT ? reading->value == GW_EVENT_ALARM : reading->value != 0;
    if (reading->type != GW_VALUE && reading->type != GW_EVENT)
        return;
    if (kind == COLD) {
        kind = reading->value >= hazard->heat_above ? HEAT : reading->value > hazard->hot_above ? HOT : COLD;
        on = kind != COLD || reading->value < hazard->cold_below;
    }
    if (!on) {
        sensor->test_end = reading->at; /* over now */
        return;
    }
    sensor->tested |= (uint8_t)(1u << kind);
    sensor->test_end = reading->at + TEST_LASTS;
    if (kind < COLD)
        say_alarm(host, kind, reading->at, reading);
    else
        say_room(hazard, host, kind, reading);
}

/* A true alarm of the same kind is not ended with its test: both have one key. Its own end will end the test too. */
static void end_test(struct hazard_sensor *sensor, const struct gw_host *host, uint32_t index)
{
    sensor->test_end = 0;
    for (uint32_t kind = 0; kind < KINDS; kind++) {
        if ((sensor->tested & ~sensor->raised & 1u << kind) != 0)
            host->clear(host, kind, host->sensor_name(host, index));
    }
    sensor->tested &= sensor->raised;
}

/* ---- time ---- */

/* When the alarm of this sensor is over if nothing comes; 0: not at all. */
static gw_time alarm_end(const struct hazard *hazard, const struct hazard_sensor *sensor)
{
    const uint32_t alarms = sensor->raised & ((1u << COLD) - 1);
    if (alarms == 0 || sensor->level == ON || sensor->lost || hazard->quiet_for < 0)
        return 0;
    return sensor->quiet + hazard->quiet_for;
}

/* When cold (i 0) or hot (i 1) has lasted; 0: not in sight. */
static gw_time room_due(const struct hazard *hazard, const struct hazard_sensor *sensor, uint32_t i)
{
    const gw_time after = i == 0 ? hazard->cold_after : hazard->hot_after;
    if (sensor->passed[i].id == 0 || sensor->lost || after < 0 || (sensor->raised & 1u << (COLD + i)) != 0)
        return 0;
    return sensor->passed[i].at + after;
}

static void evaluate_one(struct hazard *hazard, const struct gw_host *host, uint32_t index, gw_time now)
{
    struct hazard_sensor *sensor = &hazard->sensors[index];
    const gw_time end = alarm_end(hazard, sensor);
    for (uint32_t kind = 0; kind < COLD && end != 0 && end <= now; kind++)
        lower(sensor, host, index, kind);
    for (uint32_t i = 0; i < 2; i++) {
        const gw_time due = room_due(hazard, sensor, i);
        if (due == 0 || due > now)
            continue;
        sensor->raised |= (uint8_t)(1u << (COLD + i));
        say_room(hazard, host, COLD + i, &sensor->passed[i]);
    }
    if (sensor->test_end != 0 && sensor->test_end <= now)
        end_test(sensor, host, index);
}

static struct gw_wake evaluate(struct hazard *hazard, const struct gw_host *host, gw_time now)
{
    struct gw_wake wake = GW_WAKE_NONE_INIT;
    for (uint32_t i = 0; i < hazard->n; i++) {
        const struct hazard_sensor *sensor = &hazard->sensors[i];
        evaluate_one(hazard, host, i, now);
        wake.at = timing_first(wake.at, alarm_end(hazard, sensor));
        wake.at = timing_first(wake.at, room_due(hazard, sensor, 0));
        wake.at = timing_first(wake.at, room_due(hazard, sensor, 1));
        wake.at = timing_first(wake.at, sensor->test_end);
    }
    return wake;
}

static void take(struct hazard *hazard, const struct gw_host *host, const struct gw_reading *reading)
{
    struct hazard_sensor *sensor = &hazard->sensors[reading->sensor];
    if ((reading->flags & GW_TEST) != 0) {
        test(hazard, sensor, host, reading);
    } else if (reading->type == GW_AVAILABILITY) {
        if (reading->value != 0)
            answers(sensor, reading->at);
        else
            sensor->lost = 1;
    } else if (reading->type == GW_VALUE && sensor->kind == COLD) {
        room(hazard, sensor, host, reading);
    } else if (reading->type == GW_VALUE) {
        answers(sensor, reading->at);
        level(sensor, host, sensor->kind, reading, reading->value != 0);
    } else if (reading->type == GW_EVENT && reading->value == GW_EVENT_ALARM && sensor->kind != COLD &&
               (reading->flags & (GW_INITIAL | GW_RETAINED)) == 0) {
        answers(sensor, reading->at);
        alarm_on(sensor, host, sensor->kind, reading);
    }
}

static struct gw_wake hazard_reading(void *state, const struct gw_host *host, const struct gw_reading *reading)
{
    struct hazard *hazard = state;
    if (reading->sensor < hazard->n)
        take(hazard, host, reading);
    else if (reading->type == GW_GAP) {
        for (uint32_t i = 0; i < hazard->n; i++)
            hazard->sensors[i].quiet = reading->at; /* what nobody heard was no quiet */
    }
    return evaluate(hazard, host, reading->at);
}

static struct gw_wake hazard_wake(void *state, const struct gw_host *host, gw_time now)
{
    return evaluate(state, host, now);
}

static const struct gw_role roles[] = {
    {"smoke", "smoke", GW_ROLE_MANY | GW_ROLE_ALL, 0, "Smoke alarms", "烟雾报警器"},
    {"gas", "gas", GW_ROLE_MANY | GW_ROLE_ALL, 0, "Gas alarms", "燃气报警器"},
    {"co", "co", GW_ROLE_MANY | GW_ROLE_ALL, 0, "Carbon monoxide alarms", "一氧化碳报警器"},
    {"heat", "heat", GW_ROLE_MANY | GW_ROLE_ALL, 0, "Heat alarms", "感温报警器"},
    {"water", "leak", GW_ROLE_MANY | GW_ROLE_ALL, 0, "Water on the floor", "漏水传感器"},
    {"room", "temperature", GW_ROLE_MANY, 0,
     "Thermometers in rooms where she lives; none in fridges, stoves or outdoors",
     "老人起居房间的温度计；不要填冰箱、灶台或室外的"},
};

static const struct gw_param params[] = {
    {"quiet_for", GW_PARAM_DURATION, 0, NULL, "10 min", -1, 86400000, NULL,
     "An alarm is over when its sensor has been quiet for so long; \"never\": only a person ends it",
     "报警器安静超过此时间才算解除；\"never\" 表示只能人工解除"},
    {"cold_below", GW_PARAM_NUMBER, 0, "degC", "12", -40, 30, NULL, "A room below this is too cold",
     "室温低于此值为过冷"},
    {"cold_after", GW_PARAM_DURATION, 0, NULL, "1 h", -1, 7.0 * 86400000, NULL,
     "Too cold for longer than this is a warning; \"never\" turns it off",
     "过冷超过此时间则提醒；\"never\" 表示不提醒"},
    {"hot_above", GW_PARAM_NUMBER, 0, "degC", "35", 15, 80, NULL, "A room above this is too hot", "室温高于此值为过热"},
    {"hot_after", GW_PARAM_DURATION, 0, NULL, "1 h", -1, 7.0 * 86400000, NULL,
     "Too hot for longer than this is a warning; \"never\" turns it off", "过热超过此时间则提醒；\"never\" 表示不提醒"},
    {"heat_above", GW_PARAM_NUMBER, 0, "degC", "54", 40, 125, NULL,
     "A thermometer that says this or more gives the fire alarm at once", "温度计达到此值立即按火警报警"},
};

static const struct gw_alert_kind alerts[] = {
    [SMOKE] = {"smoke", GW_EMERGENCY, 0, "0023 0009", "Smoke alarm", "烟雾报警",
               "A smoke alarm went off; ends when it has been quiet for a while", "烟雾报警器报警；安静一段时间后解除"},
    [GAS] = {"gas", GW_EMERGENCY, 0, "0021 0009", "Gas alarm", "燃气报警",
             "A gas alarm went off; ends when it has been quiet for a while", "燃气报警器报警；安静一段时间后解除"},
    [CO] = {"co", GW_EMERGENCY, 0, "0026 0009", "Carbon monoxide alarm", "一氧化碳报警",
            "A carbon monoxide alarm went off; ends when it has been quiet for a while",
            "一氧化碳报警器报警；安静一段时间后解除"},
    [HEAT] =
        {"heat", GW_EMERGENCY, 0, "0025 0009", "Heat alarm", "高温报警",
         "A heat alarm went off, or a thermometer says that there is a fire; ends when it has been quiet for a while",
         "感温报警器报警，或温度计达到火警温度；安静一段时间后解除"},
    [WATER] = {"water", GW_WARNING, 0, "0033 0009", "Water on the floor", "漏水",
               "A sensor is wet; ends when it has been dry for a while", "传感器遇水；干燥一段时间后解除"},
    [COLD] = {"cold", GW_WARNING, 0, "0020 0101", "Room too cold", "室温过低",
              "A room has been too cold for too long; ends when it is a degree warmer",
              "室温过低时间过长；回升 1 度后解除"},
    [HOT] = {"hot", GW_WARNING, 0, "0020 0100", "Room too hot", "室温过高",
             "A room has been too hot for too long; ends when it is a degree cooler",
             "室温过高时间过长；回落 1 度后解除"},
};

GW_PLUGIN(.name = "hazard", .version = "1.0", .summary_en = "Smoke, gas, carbon monoxide, water, heat and cold",
          .summary_zh = "烟雾、燃气、一氧化碳、漏水、高温与低温", .roles = roles, .n_roles = 6, .n_params = 6,
          .params = params, .alerts = alerts, .n_alerts = KINDS, .history = 7 * GW_DAY,
          .state_size = sizeof(struct hazard), .open = hazard_open, .reading = hazard_reading, .wake = hazard_wake);
