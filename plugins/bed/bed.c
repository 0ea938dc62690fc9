/* bed - out of bed at night and not back, not up by a time, too long in bed.
 *
 * The numbers. Recorded nights have toilet trips of at most 5 minutes in nine of ten, 35 in the worst; a restless
 * sleeper sat up elsewhere for more than half an hour in four nights of five. So three things are told apart. Nothing
 * moved elsewhere since she got up: after 30 minutes (safe_absence) she may lie beside the bed. Something moved, and
 * then nothing for 45 minutes (extend): she may lie there; in a chair at night hardly anybody keeps so still for so
 * long. She is up and about: after 90 minutes (longest_absence) somebody should know, but nobody need run.
 *
 * Mats chatter: one real mat left its sleeper 277 times a night for a moment, 18 times for a minute, 8 times for five
 * minutes, 4 times for fifteen. An absence begins when the mat has been off for `settle` without a break, counted from
 * the moment it went off; it ends when the mat has been on for ten seconds in all, so that one spurious contact does
 * not bring anybody back. Who gets up is seen by a sensor beside the bed within five minutes; where there is one and it
 * saw nothing, and nobody was seen elsewhere, it is the mat. A mat with many short breaks is told as unreliable, until
 * a whole night with few of them: turning over breaks its contact and moves the sensor beside it alike, so only
 * movement elsewhere counts then, her absence is a warning and never an emergency, and who came back to the bedroom is
 * back.
 *
 * Unknown times. While the mat is lost, its timers stand still; when it comes back with the level it had, they go on as
 * if it had never changed: an alarm too early rather than none. A gap in the log (power cut) counts as absence for the
 * same reason, but not as time in bed, where being wrong helps nobody.
 *
 * Going away or a carer's visit ends what was raised; an absence from before is not taken up again. */
#include "bed.h"

static int bed_open(void *state, const struct gw_host *host, char *error, size_t error_size)
{
    static const char *const names[ROLES] = {"bed", "motion", "door", "bedroom"};
    struct bed *bed = state;
    if (sensing_open(&bed->sensing, host, names, ROLES, error, error_size) != 0)
        return -1;
    bed->has_motion = host->role_count(host, "motion") > 0;
    bed->has_bedroom = host->role_count(host, "bedroom") > 0;
    bed->safe_absence = host->duration(host, "safe_absence");
    bed->extend = host->duration(host, "extend");
    bed->longest = host->duration(host, "longest_absence");
    bed->settle = host->duration(host, "settle");
    bed->too_long = host->duration(host, "too_long");
    bed->night_from = host->time_of_day(host, "night_from");
    bed->night_to = host->time_of_day(host, "night_to");
    bed->up_by = host->time_of_day(host, "up_by");
    bed->in_bed_by = host->time_of_day(host, "in_bed_by");
    if (bed->safe_absence >= 0 && bed->safe_absence < bed->settle) {
        (void)snprintf(error, error_size, "safe_absence must not be shorter than settle");
        return -1;
    }
    return 0;
}

static struct gw_wake bed_reading(void *state, const struct gw_host *host, const struct gw_reading *reading)
{
    struct bed *bed = state;
    const struct sensing *sensing = &bed->sensing;
    bed_evaluate(bed, host, reading->at); /* before the reading changes what was true until now */
    if (reading->sensor == GW_SENSOR_HOME)
        bed_home(bed, host, reading);
    bed_judge_mat(bed, host, reading->at);
    const enum sensing_change change = sensing_take(&bed->sensing, reading);
    if (sensing_plays(sensing, reading->sensor, BED)) {
        bed_mat_told(bed, host, reading);
    } else if (sensing_plays(sensing, reading->sensor, MOTION) && (reading->flags & GW_RETAINED) == 0) {
        bed_moved_elsewhere(bed, host, reading, change);
    } else if (sensing_plays(sensing, reading->sensor, BEDROOM) && (reading->flags & GW_RETAINED) == 0 &&
               (change == SENSING_TURNED_ON || change == SENSING_TURNED_OFF)) {
        bed_moved_beside(bed, reading);
    } else if (sensing_plays(sensing, reading->sensor, DOOR) && change == SENSING_TURNED_ON) {
        bed->opened = *reading;
    }
    bed_evaluate(bed, host, reading->at);
    return bed_next(bed, host, reading->at);
}

static struct gw_wake bed_wake(void *state, const struct gw_host *host, gw_time now)
{
    struct bed *bed = state;
    bed_expect(bed, host, now);
    bed_evaluate(bed, host, now);
    bed_ask(bed, host, now);
    return bed_next(bed, host, now);
}

static const struct gw_role roles[] = {
    {"bed", "bed", GW_ROLE_REQUIRED | GW_ROLE_MANY, 0, "The bed's pad or mat; several in one bed count as one",
     "床垫传感器；同一张床的多个垫子视为一个"},
    {"motion", "motion presence vibration contact", GW_ROLE_MANY, 0,
     "Movement elsewhere in the home: extends the safe absence", "家中其他位置的活动：可延长安全离床时间"},
    {"door", "contact", 0, 0, "Front door: told in the alert when it was opened meanwhile",
     "大门：期间打开过则在报警中说明"},
    {"bedroom", "motion presence vibration contact", GW_ROLE_MANY, 0,
     "Movement beside the bed: tells getting up from a mat that breaks contact",
     "床边的活动：区分真正起床与床垫接触不良"},
};

static const struct gw_param params[] = {
    {"safe_absence", GW_PARAM_DURATION, 0, NULL, "30 min", -1, 12.0 * 3600000, NULL,
     "Out of bed at night for longer than this is an emergency; \"never\" turns it off",
     "夜间离床超过此时间即报警；\"never\" 表示不报警"},
    {"extend", GW_PARAM_DURATION, 0, NULL, "45 min", 0, 12.0 * 3600000, NULL,
     "A movement elsewhere allows so much more from then on", "其他位置有活动时，从该时刻起再延长此时间"},
    {"longest_absence", GW_PARAM_DURATION, 0, NULL, "90 min", -1, 24.0 * 3600000, NULL,
     "Up and about for longer than this is a warning; \"never\" turns it off",
     "夜间起床活动超过此时间则提醒；\"never\" 表示不提醒"},
    {"settle", GW_PARAM_DURATION, 0, NULL, "60 s", 0, 600000, NULL,
     "The mat must be off for so long without a break: mats chatter", "床垫须连续无人达此时间才算离床（防误判）"},
    {"night_from", GW_PARAM_TIME, 0, NULL, "22:00", 0, 0, NULL, "The night begins", "夜间开始"},
    {"night_to", GW_PARAM_TIME, 0, NULL, "07:00", 0, 0, NULL, "The night ends", "夜间结束"},
    {"up_by", GW_PARAM_TIME, 0, NULL, NULL, 0, 0, NULL,
     "Still in bed at this time, and not up within the hour before, is a warning", "到此时间仍未起床则提醒"},
    {"in_bed_by", GW_PARAM_TIME, 0, NULL, NULL, 0, 0, NULL,
     "Moved about at home in the evening, not in bed at this time and then still for `extend`, is a warning",
     "晚间在家有活动，到此时间未上床、且此后 extend 时长内没有动静则提醒"},
    {"too_long", GW_PARAM_DURATION, 0, NULL, "14 h", -1, 7.0 * 86400000, NULL,
     "In bed for longer than this, trips under 10 min included, is a warning; \"never\" turns it off",
     "卧床超过此时间则提醒（10 分钟以内的离床不计）；\"never\" 表示不提醒"},
};

static const struct gw_alert_kind alerts[] = {
    [EMPTY] = {"bed-empty", GW_EMERGENCY, 0, "0012 0003", "Not back in bed", "夜间离床未归",
               "Left the bed at night and did not come back in time; ends when back in bed",
               "夜间离床后未按时回床；回床后解除"},
    [UNSURE] = {"bed-empty-unsure", GW_WARNING, 0, "0012 0003", "Perhaps not back in bed", "可能夜间离床未归",
                "As bed-empty, but the mat is unreliable: another sensor saw somebody get up, none sees where she is",
                "夜间离床后未按时回床，但床垫传感器不可靠：其他传感器发现起床，但不知现在何处"},
    [UP_LONG] = {"bed-up-long", GW_WARNING, 0, "0012 0003", "Up for long at night", "夜间长时间起床活动",
                 "Out of bed at night and moving about for longer than longest_absence; ends when back in bed",
                 "夜间离床并持续活动超过时限；回床后解除"},
    [NOT_IN] = {"bed-not-reached", GW_WARNING, 0, "0012 0003", "Not gone to bed", "未上床",
                "At home, not in bed by the time set and nobody moves; ends in bed or with movement by day",
                "在家但到设定时间未上床，且没有动静；上床或白天有活动后解除"},
    [NOT_UP] = {"bed-not-up", GW_WARNING, 0, "0012 0009", "Not up yet", "未按时起床",
                "Still in bed at the time set; ends when up", "到设定时间仍在床上；起床后解除"},
    [TOO_LONG] = {"bed-too-long", GW_WARNING, 0, "0012 0009", "Too long in bed", "卧床过久",
                  "In bed for too long; ends when up for 10 minutes", "卧床时间过长；起床 10 分钟后解除"},
    [MAT] = {"bed-mat-unreliable", GW_TECHNICAL, 0, "0012 0067", "Bed mat unreliable", "床垫传感器不可靠",
             "The mat breaks contact very often; ends after a day with few breaks",
             "床垫传感器接触频繁中断；一天内中断很少后解除"},
};

GW_PLUGIN(.name = "bed", .version = "1.0", .summary_en = "Out of bed at night and not back, not up, too long in bed",
          .summary_zh = "夜间离床未归、未按时起床、卧床过久", .roles = roles, .n_roles = ROLES, .n_params = 9,
          .params = params, .alerts = alerts, .n_alerts = KINDS,
          .history = 15 * GW_DAY, /* mats were seen to hang for ten days; too_long may be a week */
          .state_size = sizeof(struct bed), .open = bed_open, .reading = bed_reading, .wake = bed_wake);
