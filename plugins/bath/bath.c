/* bath - too long in the bathroom, or no movement in there.
 *
 * How a stay is seen. With movement sensors inside: the door is closed and something moves after that, so somebody is
 * inside, whatever goes on elsewhere (SURE). The movement of the one who leaves is kept apart: it must begin five
 * seconds after closing, or last two minutes longer than it (sensors hold their level for a minute or so). With the
 * door left open, a stay begins with movement inside and ends with movement elsewhere (OPEN); that needs sensors
 * elsewhere. With a door contact only, closed means occupied, until it opens or something moves elsewhere (CLOSED):
 * where nobody is inside the door must stand open, or a movement sensor be added.
 *
 * The way out. The door opens: out, if there is nothing else to go by. With sensors inside and elsewhere it is looked
 * at more closely: movement elsewhere ends the stay at once, three minutes without movement inside do too; movement
 * inside half a minute or more after the opening means that only the door was opened. The stay then goes on with its
 * first beginning: the question is how long she has been in there, not how often she has aired. Door contacts miss
 * openings: when things move elsewhere three times, over two minutes and more, and nothing inside in between, she is
 * out however closed the door is (or somebody else is at home who can look). A single movement elsewhere may be a
 * phantom.
 *
 * A single blip of a movement sensor, of a second or so and with nobody on the way there, is a phantom: an empty home
 * had fourteen in 83 hours. So movement begins a stay when the door moved in the two minutes before it or something
 * elsewhere in the last half minute, when it lasts five seconds, or when it comes a second time within ten minutes.
 *
 * A door that is kept closed also when nobody is inside says nothing where there is no sensor inside: found closed for
 * more than a fifth of two days, it begins no stay for a day, and the detector says that it is blind. With
 * door_kept_closed it guesses: opened and closed again begins a stay if something moved elsewhere since the door last
 * moved, for then she was not inside; with nothing elsewhere to go by, who opens and closes it within a minute after a
 * stay has left, each wrong guess turning the next one round. In a recorded home four in ten such guesses were wrong.
 *
 * Without a door contact it goes by movement alone, as with the door left open. She must have come from somewhere (in
 * two minutes, or in ten with two signs): empty homes blip in pairs. A phantom elsewhere must not end the stay of who
 * lies still: movement within two minutes of the last inside is her way out; later, or in the first half minute, it
 * takes a second one, or a door, a drawer or the bed. Stillness waits for warn_after: 28 minutes of it were recorded.
 *
 * Limits. 15 minutes still at night, 30 by day are customary; a bath or shower takes up to about 50 minutes, and of all
 * visits one to four in a hundred pass half an hour: a warning at 30, an emergency at 45 minutes. Who was seen moving
 * in the ten minutes before has until 60, for those are the long baths.
 *
 * Unknown times. While the door is lost the timers stand still, and go on from the first beginning when it is back;
 * while a sensor inside is lost nobody is called still. A gap in the log (power cut) is counted as time inside: who was
 * in there before may be in there yet, and an alarm too early is the smaller harm. Away and a carer's visit end the
 * stay; afterwards a closed door counts anew. */
#include "bath.h"

static int bath_open(void *state, const struct gw_host *host, char *error, size_t error_size)
{
    static const char *const names[ROLES] = {"door", "motion", "elsewhere"};
    struct bath *bath = state;
    if (sensing_open(&bath->sensing, host, names, ROLES, error, error_size) != 0)
        return -1;
    bath->door = host->role_sensor(host, "door", 0);
    bath->has_motion = host->role_count(host, "motion") > 0;
    bath->has_elsewhere = host->role_count(host, "elsewhere") > 0;
    bath->has_door = bath->door != UINT32_MAX;
    bath->of_room = bath->has_door ? bath->door : host->role_sensor(host, "motion", 0);
    if (!bath->has_door && (!bath->has_motion || !bath->has_elsewhere)) {
        (void)snprintf(error, error_size, "without a \"door\" sensors as \"motion\" and \"elsewhere\" are needed");
        return -1;
    }
    for (uint32_t i = 0; i < bath->sensing.n; i++) {
        bath->stays_on[i] = strcmp(host->sensor_kind(host, i), "presence") == 0;
        const uint32_t roles = bath->sensing.roles[i];
        if ((roles & (roles - 1)) != 0) {
            (void)snprintf(error, error_size, "sensor \"%.40s\" can't have two roles", host->sensor_name(host, i));
            return -1;
        }
    }
    bath->warn_after = host->duration(host, "warn_after");
    bath->alarm_after = host->duration(host, "alarm_after");
    bath->alarm_moving_after = host->duration(host, "alarm_moving_after");
    bath->still_after = host->duration(host, "still_after");
    bath->night_still_after = host->duration(host, "night_still_after");
    bath->kept_closed = host->flag(host, "door_kept_closed");
    bath->night_from = host->time_of_day(host, "night_from");
    bath->night_to = host->time_of_day(host, "night_to");
    return 0;
}

static struct gw_wake bath_reading(void *state, const struct gw_host *host, const struct gw_reading *reading)
{
    struct bath *bath = state;
    const struct sensing *sensing = &bath->sensing;
    bath_evaluate(bath, host, reading->at); /* before the reading changes what was true until now */
    bath_count_closed(bath, reading->at);
    if (reading->sensor == GW_SENSOR_HOME)
        bath_home(bath, host, reading);
    const enum sensing_change change = sensing_take(&bath->sensing, reading);
    const int turned = change == SENSING_TURNED_ON || change == SENSING_TURNED_OFF;
    if (turned && reading->sensor == bath->door)
        bath_door_changed(bath, host, reading, change);
    else if (turned && sensing_plays(sensing, reading->sensor, MOTION))
        bath_moved_inside(bath, host, reading, change == SENSING_TURNED_ON);
    else if (turned && sensing_plays(sensing, reading->sensor, ELSEWHERE) &&
             (reading->flags & (GW_INITIAL | GW_RETAINED)) == 0 &&
             (change == SENSING_TURNED_ON || sensing->contact[reading->sensor] ||
              strcmp(host->sensor_kind(host, reading->sensor), "bed") == 0))
        bath_moved_elsewhere(bath, host, reading);
    if (sensing_plays(sensing, reading->sensor, ELSEWHERE) &&
        (change == SENSING_TURNED_ON || (turned && !bath->has_door)))
        bath->outside = reading->at;
    bath_evaluate(bath, host, reading->at);
    bath_tell_health(bath, host);
    return bath_next(bath, host, reading->at);
}

static struct gw_wake bath_wake(void *state, const struct gw_host *host, gw_time now)
{
    struct bath *bath = state;
    bath_evaluate(bath, host, now);
    return bath_next(bath, host, now);
}

static const struct gw_role roles[] = {
    {"door", "contact", GW_ROLE_RELIED, 0,
     "The bathroom's door; without motion closed means occupied. Without a door, motion and elsewhere are needed",
     "浴室门；没有活动传感器时，门关上即视为有人。未配置门时须同时配置 motion 和 elsewhere"},
    {"motion", "motion presence vibration", GW_ROLE_MANY, 0, "Movement inside: tells who stays from who leaves",
     "浴室内的活动传感器：区分留在里面和已离开"},
    {"elsewhere", "motion presence vibration contact bed", GW_ROLE_MANY, 0,
     "Movement elsewhere says that the resident is out; leave it empty where two people live",
     "其他位置的活动表示老人已出来；两人同住时不要填写"},
};

static const struct gw_param params[] = {
    {"warn_after", GW_PARAM_DURATION, 0, NULL, "30 min", -1, 24.0 * 3600000, NULL,
     "Inside for so long is a warning; \"never\" turns it off", "在浴室超过此时间则提醒；\"never\" 表示不提醒"},
    {"alarm_after", GW_PARAM_DURATION, 0, NULL, "45 min", -1, 24.0 * 3600000, NULL,
     "Inside for so long is an emergency; \"never\" turns it off", "在浴室超过此时间则报警；\"never\" 表示不报警"},
    {"alarm_moving_after", GW_PARAM_DURATION, 0, NULL, "60 min", 0, 24.0 * 3600000, NULL,
     "Who was seen moving inside in the last 10 min has so long instead of alarm_after",
     "最近 10 分钟内仍有动静时，以此时限代替 alarm_after"},
    {"still_after", GW_PARAM_DURATION, 0, NULL, "30 min", -1, 24.0 * 3600000, NULL,
     "Inside and no movement for so long is an emergency (with movement sensors); \"never\" turns it off",
     "有人且超过此时间没有动静则报警（需要活动传感器）；\"never\" 表示不报警"},
    {"night_still_after", GW_PARAM_DURATION, 0, NULL, "15 min", -1, 24.0 * 3600000, NULL, "The same at night",
     "夜间没有动静超过此时间则报警"},
    {"door_kept_closed", GW_PARAM_FLAG, 0, NULL, "false", 0, 0, NULL,
     "The door is closed also when nobody is inside; found out by itself after a day (a movement sensor is better)",
     "没有人时门也关着（一天后可自行发现；建议加装活动传感器）"},
    {"night_from", GW_PARAM_TIME, 0, NULL, "22:00", 0, 0, NULL, "The night begins", "夜间开始"},
    {"night_to", GW_PARAM_TIME, 0, NULL, "07:00", 0, 0, NULL, "The night ends", "夜间结束"},
};

static const struct gw_alert_kind alerts[] = {
    [LONG] = {"bath-long", GW_WARNING, 0, "0034 0009", "Long in the bathroom", "在浴室时间较长",
              "In the bathroom for longer than warn_after; ends when out", "在浴室的时间超过提醒时限；出来后解除"},
    [TOO_LONG] = {"bath-too-long", GW_EMERGENCY, 0, "0034 0009", "Too long in the bathroom", "在浴室时间过长",
                  "In the bathroom for longer than alarm_after; ends when out", "在浴室的时间超过报警时限；出来后解除"},
    [STILL] = {"bath-still", GW_EMERGENCY, 0, "0034 0009", "No movement in the bathroom", "浴室内没有动静",
               "Somebody is in the bathroom and does not move; ends with movement or when out",
               "浴室有人但长时间没有动静；有动静或出来后解除"},
};

GW_PLUGIN(.name = "bath", .version = "1.0", .summary_en = "Too long in the bathroom, or no movement in there",
          .summary_zh = "在浴室时间过长或没有动静", .roles = roles, .n_roles = ROLES, .n_params = 8, .params = params,
          .alerts = alerts, .n_alerts = KINDS, .history = 8 * GW_DAY, .state_size = sizeof(struct bath),
          .open = bath_open, .reading = bath_reading, .wake = bath_wake);
