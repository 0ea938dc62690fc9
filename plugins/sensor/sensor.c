/* sensor - watches the sensors themselves: silent, battery low, tampered with, stuck, bouncing, implausible, mains
 * lost. Runs without being configured. (That a device says of itself that it is gone is the core's, and told there as
 * sensor-lost; a sensor that is lost so is not called silent too.)
 *
 * Silent. What is usual is learned for each sensor (silence.h). Devices differ: one that also says what is no news (a
 * repeated level, a battery, a figure) speaks by itself and is judged by the clock; one that only says changes is
 * judged by the time in which people move. Floors: who runs on a battery sleeps for up to a day, so 25 hours; what
 * tells no battery 4 hours; what says changes only two days, and
 * what is used seldom (doors, drawers) a week. Ceilings: 25 hours for what calls for help and speaks by itself (EN
 * 50134-2 wants a sign of life each 24), three days for the rest, two weeks for changes only. Buttons, cords and fall
 * sensors are never judged by presses, nor are hazard sensors by alarms: where such a device says nothing by itself,
 * nobody can know whether it is alive. The same holds for anything on a wire that nobody used yet. All silent at once
 * is one alert.
 *
 * Battery: the device says so, or it is below the limit for an hour (cells recover from a load and the cold); over when
 * ten per cent above. EN 50134-2 gives four weeks from there.
 *
 * Stuck: on for longer than anything plausible. Movement sensors were seen to hang for five hours, mats for ten days.
 * Doors may stand open. Bouncing: more changes a minute than a person makes; over after ten quiet minutes.
 *
 * Implausible. A figure that no home has, for ten minutes. A bed that stays occupied while things move in other rooms,
 * three times over half an hour and more, though nobody can have come in: with one person in the home and no way in
 * opened since, it is the mat. That a door opens while the bed is occupied proves nothing: a neighbour has a key.
 *
 * Mains: after an hour, and a part of another that differs from home to home: when the town is dark, its platform must
 * not get a storm. */
#include <stdio.h>

#include "sensor.h"

static int sensor_open(void *state, const struct gw_host *host, char *error, size_t error_size)
{
    struct supervision *all = state;
    if (host->sensors > SENSORS_MAX) {
        (void)snprintf(error, error_size, "more than %d sensors", SENSORS_MAX);
        return -1;
    }
    all->n = all->home.sensors = host->sensors;
    all->learned_days = UINT32_MAX;
    all->home.all_quiet = SILENCE_ALL_QUIET;
    for (uint32_t i = 0; i < all->n; i++)
        all->sensors[i].kind = sensor_kind(host->sensor_kind(host, i));
    all->has_front_door = host->role_count(host, "front_door") > 0;
    for (uint32_t i = 0; i < host->role_count(host, "front_door"); i++)
        all->sensors[host->role_sensor(host, "front_door", i)].is_door = 1;
    all->battery_low = host->number(host, "battery_low");
    all->bouncing = host->number(host, "bouncing");
    all->persons = (int)host->number(host, "persons");
    all->mains_after = host->duration(host, "mains_after");
    all->mains_spread = host->duration(host, "mains_spread");
    all->all_after = host->duration(host, "all_silent_after");
    return 0;
}

static int of_the_home(struct supervision *all, const struct gw_reading *reading)
{
    if (reading->type == GW_GAP)
        silence_gap(&all->home, reading->at, (gw_time)reading->value);
    else if (reading->type == GW_MODE)
        silence_away(&all->home, reading->at, reading->value == GW_MODE_AWAY);
    else
        return 0;
    for (uint32_t i = 0; i < all->n; i++)
        all->sensors[i].elsewheres = UINT32_MAX; /* somebody may have come in */
    return 1;
}

/* Nobody was heard before: silence is counted from here. */
static void begin(struct supervision *all, gw_time now)
{
    if (all->began != 0)
        return;
    all->began = now;
    for (uint32_t i = 0; i < all->n; i++)
        all->sensors[i].by_clock.heard = all->sensors[i].by_people.heard = now;
}

static void of_a_sensor(struct supervision *all, const struct gw_host *host, const struct gw_reading *reading)
{
    struct watched *w = &all->sensors[reading->sensor];
    const int lost = reading->type == GW_AVAILABILITY && reading->value == 0;
    if (lost)
        sensor_lower(w, host, reading->sensor, SILENT); /* told by the core from here on */
    else if ((reading->flags & (GW_INITIAL | GW_RETAINED | GW_REREAD)) == 0)
        sensor_heard(all, w, host, reading);
    w->lost = (uint8_t)lost;
    if (reading->type == GW_VALUE)
        sensor_value(all, w, host, reading);
    else if (reading->type == GW_BATTERY || reading->type == GW_BATTERY_LOW)
        sensor_battery(all, w, host, reading);
    else if (reading->type == GW_TAMPER && reading->value != 0)
        sensor_say_opened(w, host, reading);
    else if (reading->type == GW_TAMPER)
        sensor_lower(w, host, reading->sensor, TAMPERED);
}

static struct gw_wake sensor_reading(void *state, const struct gw_host *host, const struct gw_reading *reading)
{
    struct supervision *all = state;
    struct gw_wake wake = GW_WAKE_NONE_INIT;
    const int was_still = silence_is_still(&all->home, reading->at) || all->all_silent;
    int everything = all->began == 0;
    begin(all, reading->at);
    if ((reading->flags & GW_TEST) == 0 && reading->sensor == GW_SENSOR_HOME)
        everything |= of_the_home(all, reading);
    else if ((reading->flags & GW_TEST) == 0 && reading->sensor < all->n)
        of_a_sensor(all, host, reading);
    everything |= was_still && !silence_is_still(&all->home, reading->at);
    if (everything)
        return sensor_judge_everything(all, host, reading->at);
    if (reading->sensor < all->n) {
        sensor_judge(all, host, reading->sensor, reading->at);
        all->next = timing_first(all->next, all->sensors[reading->sensor].due);
    }
    wake.at = all->next;
    return wake;
}

static struct gw_wake sensor_wake(void *state, const struct gw_host *host, gw_time now)
{
    struct supervision *all = state;
    begin(all, now);
    return sensor_judge_everything(all, host, now);
}

static const struct gw_role roles[] = {
    {"sensors", "*", GW_ROLE_MANY | GW_ROLE_ALL, 0, "The sensors that are watched; all if none is named",
     "被监测的传感器；不写即全部"},
    {"front_door", "contact", GW_ROLE_MANY, 0,
     "Ways into the home; if none is named, every door contact may be one (used to find a bed mat that hangs)",
     "入户门；不写则任何门磁都可能是（用于判断床垫卡住）"},
};

static const struct gw_param params[] = {
    {"battery_low", GW_PARAM_NUMBER, 0, "%", "15", 0, 90, NULL, "A battery with so much or less is low",
     "电量等于或低于此值为低"},
    {"bouncing", GW_PARAM_NUMBER, 0, "changes/min", "60", 5, 6000, NULL,
     "More changes a minute than this are no person's", "每分钟变化超过此次数视为异常"},
    {"persons", GW_PARAM_NUMBER, 0, "persons", "1", 1, 20, NULL,
     "How many live here; with two or more, one may lie in bed while the other moves about",
     "常住人数；两人以上时一人卧床、另一人活动不算异常"},
    {"all_silent_after", GW_PARAM_DURATION, 0, NULL, "6 h", -1, 30.0 * 86400000, NULL,
     "No sensor at all for so long is told, if one speaks by itself, else four times as long; \"never\" turns it off",
     "超过此时间没有任何传感器消息则提醒（无定时上报的传感器时按四倍时间）；\"never\" 表示不提醒"},
    {"mains_after", GW_PARAM_DURATION, 0, NULL, "1 h", -1, 86400000, NULL,
     "Power off for so long is told; \"never\" turns it off", "停电超过此时间则提醒；\"never\" 表示不提醒"},
    {"mains_spread", GW_PARAM_DURATION, 0, NULL, "1 h", 0, 14400000, NULL,
     "Up to so much later, differently in each home: no storm when the town is dark",
     "各户在此时间内错开上报，避免大面积停电时集中上报"},
};

/* clang-format off */
#define TECHNICAL(name, flags, code, en, zh, doc_en, doc_zh) {name, GW_TECHNICAL, flags, code, en, zh, doc_en, doc_zh}
/* clang-format on */

static const struct gw_alert_kind alerts[] = {
    [SILENT] = TECHNICAL("sensor-silent", GW_ALERT_LOST, "0049 0073", "Sensor silent", "传感器无消息",
                         "A sensor has been silent for longer than it ever is; ends when it is heard",
                         "传感器无消息的时间超过平时；收到消息后解除"),
    [ALL_SILENT] = TECHNICAL("sensors-silent", 0, "0032 0063", "All sensors silent", "全部传感器无消息",
                             "No sensor at all has been heard; ends when one is", "没有收到任何传感器消息；收到后解除"),
    [BATTERY] = TECHNICAL("battery-low", 0, "0049 0016", "Battery low", "电量低",
                          "A battery is low; ends when it has been changed", "传感器电量低；更换后解除"),
    [TAMPERED] =
        TECHNICAL("tamper", 0, "0038 0125", "Sensor opened", "传感器被拆动",
                  "A sensor was opened or taken off; ends when it is closed again", "传感器被打开或拆下；复原后解除"),
    [STUCK] = TECHNICAL("sensor-stuck", 0, "0049 0067", "Sensor stuck", "传感器卡住",
                        "A sensor has been on for longer than is plausible; ends when it is off",
                        "传感器触发时间过长；恢复后解除"),
    [BOUNCING] =
        TECHNICAL("sensor-bouncing", 0, "0049 0105", "Sensor bouncing", "传感器抖动",
                  "A sensor changes too often; ends after ten quiet minutes", "传感器变化过于频繁；安静十分钟后解除"),
    [IMPLAUSIBLE] =
        TECHNICAL("sensor-implausible", 0, "0049 0067", "Sensor implausible", "传感器读数不合理",
                  "What a sensor says can't be; ends when it says something else", "传感器读数不合常理；恢复后解除"),
    [MAINS] = TECHNICAL("mains-lost", 0, "0041 0085", "Power off", "停电",
                        "The power has been off for long; ends when it is back", "停电时间较长；来电后解除"),
};

/* Its last word may be a fortnight old before that is told; what is usual, it learned in the fortnight before, from
 * silences that may have begun a fortnight before that. With less a restart calls silent what one life does not. */
#define HISTORY (3 * (gw_time)SILENCE_DAYS * GW_DAY)

GW_PLUGIN(.name = "sensor", .version = "1.0",
          .summary_en = "Watches the sensors: silent, battery, tampered with, stuck, bouncing, implausible, mains",
          .summary_zh = "监测传感器：无消息、电量低、被拆动、卡住、抖动、不合理、停电", .roles = roles, .n_roles = 2,
          .n_params = 6, .params = params, .alerts = alerts, .n_alerts = KINDS, .history = HISTORY,
          .state_size = sizeof(struct supervision), .open = sensor_open, .reading = sensor_reading,
          .wake = sensor_wake);
