/* visit - a carer checks in and out: service time, and while it lasts the home's mode is visit.
 *
 * Ways to check in. A button or tag reader that toggles, separate ones for in and out, a switch whose level says that
 * somebody is here, or the platform: the mode visit (and home) that it sets. A press within a minute of the one before
 * is a double press and none. One visit at a time: who checks in while another is here changes nothing. Checked out
 * without having checked in is told, because somebody's service time is missing.
 *
 * A visit that never ends would mute the watching of an empty home for ever: after the longest time it counts as over,
 * and a warning says so until the next check-in or check-out. A toggle within an hour after that is the late check-out,
 * later it is the next carer.
 *
 * Planned visits. One that begins up to an hour early, or up to the grace late, or is under way then, has begun; one
 * visit may stand for two planned close together. Else a warning, until a visit begins, for a day at most. Away nobody
 * is expected. Where the gateway was down meanwhile it says that it could not see everything. A detector that is new
 * does not ask for what was planned before it began.
 *
 * Our own visit comes back from the log as the home's mode. Within half a minute of a check-in or check-out here such a
 * reading is our echo and no order: without this a quick in and out would go round for ever. The echo may come first:
 * after a crash the mode is known from the alert before the press comes again from the source. A check-in within half
 * a minute after the mode is that arrival.
 *
 * A test by a technician begins no visit: a mode that mutes is nothing to try out. */
#include "gatewayd/plugin.h"
#include "plan.h"
#include "timing.h"
#include "wording.h"

#define SENSORS_MAX  128
#define DOUBLE_PRESS GW_MINUTE
#define ECHO         (30 * GW_SECOND)
#define EARLY        GW_HOUR
#define LATE_OUT     GW_HOUR
#define MISSED_ENDS  GW_DAY

enum { VISIT, NOT_ENDED, MISSED, UNCLEAR, KINDS };
enum role { NONE, TOGGLE, CHECK_IN, CHECK_OUT, PRESENT };

struct planned {
    uint64_t date;  /* this day's due time has passed; 0: none yet */
    gw_time missed; /* told since; 0: not */
};

struct visit {
    struct plan plan;
    struct planned planned[PLAN_MAX];
    uint8_t role[SENSORS_MAX]; /* enum role */
    uint8_t down[SENSORS_MAX]; /* the button is held, the switch is on */
    uint32_t n;
    gw_time longest, grace;
    struct gw_reading began; /* id 0: nobody is here */
    gw_time last_began, last_ended, last_press, changed_here;
    gw_time over;   /* the longest time ended a visit then, and it is told; 0: no */
    gw_time gap_at; /* the end of the last gap */
    int by_platform, away, started;
};

static int visit_open(void *state, const struct gw_host *host, char *error, size_t error_size)
{
    static const char *const roles[] = {"", "toggle", "check_in", "check_out", "present"};
    struct visit *visit = state;
    char why[160];
    if (host->sensors > SENSORS_MAX) {
        (void)snprintf(error, error_size, "more than %d sensors", SENSORS_MAX);
        return -1;
    }
    visit->n = host->sensors;
    for (uint32_t role = TOGGLE; role <= PRESENT; role++) {
        for (uint32_t i = 0; i < host->role_count(host, roles[role]); i++) {
            const uint32_t sensor = host->role_sensor(host, roles[role], i);
            if (visit->role[sensor] != NONE) {
                (void)snprintf(error, error_size, "\"%.40s\" can't be %s and %s", host->sensor_name(host, sensor),
                               roles[visit->role[sensor]], roles[role]);
                return -1;
            }
            visit->role[sensor] = (uint8_t)role;
        }
    }
    if (plan_parse(&visit->plan, host->text(host, "planned"), why, sizeof why) != 0) {
        (void)snprintf(error, error_size, "planned: %s", why);
        return -1;
    }
    visit->longest = host->duration(host, "longest");
    visit->grace = host->duration(host, "grace");
    return 0;
}

/* ---- words ---- */

static void raise(const struct gw_host *host, uint32_t kind, const char *key, uint64_t episode, gw_time since,
                  const char *en, const char *zh, const struct gw_reading *why, uint32_t n_why, const char *limit)
{
    const struct gw_condition condition = {
        .size = sizeof condition,
        .kind = kind,
        .key = key,
        .episode = episode,
        .since = since,
        .text_en = en,
        .text_zh = zh,
        .evidence = why,
        .n_evidence = n_why,
        .limit = limit,
    };
    host->raise(host, &condition);
}

/* Each visit is an alert of its own, however soon the next carer comes: the core takes one key for one alert. */
static void visit_key(const struct visit *visit, char *key, size_t size)
{
    (void)snprintf(key, size, "%016llx", (unsigned long long)visit->began.origin);
}

static void lower(const struct visit *visit, const struct gw_host *host)
{
    char key[GW_MAX_KEY];
    visit_key(visit, key, sizeof key);
    host->clear(host, VISIT, key);
}

static void say_here(const struct visit *visit, const struct gw_host *host)
{
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT], key[GW_MAX_KEY];
    const struct wording_clock at = wording_clock(host, visit->began.at);
    (void)snprintf(en, sizeof en, "A carer has been here since %s%s.", at.text,
                   visit->by_platform ? " (entered at the platform)" : "");
    (void)snprintf(zh, sizeof zh, "护理员 %s 签到%s，正在服务。", at.text, visit->by_platform ? "（平台登记）" : "");
    visit_key(visit, key, sizeof key);
    raise(host, VISIT, key, visit->began.origin, visit->began.at, en, zh, &visit->began, 1, NULL);
}

/* The service time goes out with the last news of the visit: its end has no words of its own. */
static void say_gone(const struct visit *visit, const struct gw_host *host, const struct gw_reading *end)
{
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT], key[GW_MAX_KEY];
    const struct wording_clock from = wording_clock(host, visit->began.at), to = wording_clock(host, end->at);
    const struct wording_span span = wording_span(end->at - visit->began.at);
    const struct gw_reading why[2] = {visit->began, *end};
    (void)snprintf(en, sizeof en, "A carer was here from %s to %s (%s).", from.text, to.text, span.en);
    (void)snprintf(zh, sizeof zh, "护理员 %s 签到，%s 签退，服务 %s。", from.text, to.text, span.zh);
    visit_key(visit, key, sizeof key);
    raise(host, VISIT, key, visit->began.origin, visit->began.at, en, zh, why, 2, NULL);
}

static void say_not_ended(const struct visit *visit, const struct gw_host *host)
{
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    const struct wording_clock from = wording_clock(host, visit->began.at);
    const struct wording_span span = wording_span(visit->longest);
    (void)snprintf(en, sizeof en,
                   "The carer who came at %s has not checked out for %s; the visit counts as over, the home is watched "
                   "again.",
                   from.text, span.en);
    (void)snprintf(zh, sizeof zh, "护理员 %s 签到后已 %s未签退；本次服务按结束处理，恢复看护。", from.text, span.zh);
    raise(host, NOT_ENDED, NULL, visit->began.origin, visit->began.at, en, zh, &visit->began, 1, span.en);
}

static void say_unclear(const struct gw_host *host, const struct gw_reading *why)
{
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    const struct wording_clock at = wording_clock(host, why->at);
    (void)snprintf(en, sizeof en, "A carer checked out at %s, but nobody had checked in.", at.text);
    (void)snprintf(zh, sizeof zh, "护理员 %s 签退，但没有签到记录。", at.text);
    raise(host, UNCLEAR, NULL, why->origin, why->at, en, zh, why, 1, NULL);
}

static void slot_key(char *key, size_t size, const struct plan_slot *slot)
{
    (void)snprintf(key, size, "%02d%02d", (int)(slot->minute / 60), (int)(slot->minute % 60));
}

static void say_missed(struct visit *visit, const struct gw_host *host, uint32_t i, gw_time now)
{
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT], key[GW_MAX_KEY];
    const struct plan_slot *slot = &visit->plan.slots[i];
    const struct wording_span span = wording_span(visit->grace);
    const int dark = visit->gap_at != 0 && visit->gap_at > now - visit->grace - EARLY;
    const int hour = (int)(slot->minute / 60), minute = (int)(slot->minute % 60);
    slot_key(key, sizeof key, slot);
    (void)snprintf(en, sizeof en, "The visit planned for %02d:%02d has not begun %s later.%s", hour, minute, span.en,
                   dark ? " The gateway was off for part of the time." : "");
    (void)snprintf(zh, sizeof zh, "计划 %02d:%02d 的上门服务，超过 %s仍无人签到。%s", hour, minute, span.zh,
                   dark ? "其间网关曾断电。" : "");
    visit->planned[i].missed = now;
    raise(host, MISSED, key, visit->planned[i].date << 11 | (uint64_t)slot->minute, now, en, zh, NULL, 0, span.en);
}

/* ---- a visit begins and ends ---- */

static void not_missed(struct visit *visit, const struct gw_host *host, uint32_t i)
{
    char key[GW_MAX_KEY];
    if (visit->planned[i].missed == 0)
        return;
    slot_key(key, sizeof key, &visit->plan.slots[i]);
    visit->planned[i].missed = 0;
    for (uint32_t k = 0; k < visit->plan.n; k++) { /* the same hour may be planned twice, for different days */
        if (visit->plan.slots[k].minute == visit->plan.slots[i].minute)
            visit->planned[k].missed = 0;
    }
    host->clear(host, MISSED, key);
}

static void forget_over(struct visit *visit, const struct gw_host *host)
{
    if (visit->over != 0)
        host->clear(host, NOT_ENDED, NULL);
    visit->over = 0;
}

static int mode_came_first(const struct visit *visit, const struct gw_reading *reading)
{
    return visit->began.id != 0 && visit->by_platform && reading->at - visit->began.at < ECHO;
}

static void begin(struct visit *visit, const struct gw_host *host, const struct gw_reading *why, int by_platform)
{
    if (!by_platform && mode_came_first(visit, why)) { /* the same arrival */
        lower(visit, host);
        visit->began.id = 0;
    }
    if (visit->began.id != 0)
        return;
    forget_over(visit, host);
    visit->began = *why;
    visit->last_began = why->at;
    visit->by_platform = by_platform;
    visit->changed_here = by_platform ? visit->changed_here : why->at;
    for (uint32_t i = 0; i < visit->plan.n; i++)
        not_missed(visit, host, i);
    say_here(visit, host);
}

static void end(struct visit *visit, const struct gw_host *host, const struct gw_reading *why, int by_platform)
{
    if (visit->began.id == 0 && visit->over != 0) {
        forget_over(visit, host); /* the late check-out */
        return;
    }
    if (visit->began.id == 0) {
        if (!by_platform)
            say_unclear(host, why);
        return;
    }
    say_gone(visit, host, why);
    lower(visit, host);
    visit->began.id = 0;
    visit->last_ended = why->at;
    visit->changed_here = by_platform ? visit->changed_here : why->at;
}

static void end_by_itself(struct visit *visit, const struct gw_host *host, gw_time now)
{
    lower(visit, host);
    say_not_ended(visit, host);
    visit->over = now;
    visit->last_ended = now;
    visit->changed_here = now;
    visit->began.id = 0;
}

/* ---- what comes in ---- */

static int is_press(struct visit *visit, const struct gw_reading *reading)
{
    const int state = (reading->flags & (GW_INITIAL | GW_RETAINED)) != 0;
    if (reading->type == GW_EVENT)
        return !state && (reading->value == GW_EVENT_PRESS || reading->value == GW_EVENT_DOUBLE ||
                          reading->value == GW_EVENT_LONG);
    if (reading->type != GW_VALUE)
        return 0;
    const int was = visit->down[reading->sensor];
    visit->down[reading->sensor] = reading->value != 0;
    return !state && !was && reading->value != 0;
}

static void press(struct visit *visit, const struct gw_host *host, const struct gw_reading *reading)
{
    const int again = visit->last_press != 0 && reading->at - visit->last_press < DOUBLE_PRESS;
    const uint32_t role = visit->role[reading->sensor];
    const int late = visit->over != 0 && reading->at - visit->over < LATE_OUT;
    visit->last_press = reading->at;
    if (role == TOGGLE && again)
        return;
    if (role == CHECK_IN || (role == TOGGLE && ((visit->began.id == 0 && !late) || mode_came_first(visit, reading))))
        begin(visit, host, reading, 0);
    else if (!again || visit->began.id != 0)
        end(visit, host, reading, 0);
}

static void present(struct visit *visit, const struct gw_host *host, const struct gw_reading *reading)
{
    const int was = visit->down[reading->sensor], is = reading->value != 0;
    if (reading->type != GW_VALUE)
        return;
    visit->down[reading->sensor] = (uint8_t)is;
    if (is && !was)
        begin(visit, host, reading, 0);
    else if (!is && was)
        end(visit, host, reading, 0);
}

static void home(struct visit *visit, const struct gw_host *host, const struct gw_reading *reading)
{
    if (reading->type == GW_GAP)
        visit->gap_at = reading->at;
    if (reading->type != GW_MODE)
        return;
    visit->away = reading->value == GW_MODE_AWAY;
    if (visit->changed_here != 0 && reading->at - visit->changed_here < ECHO)
        return;
    if (reading->value == GW_MODE_VISIT)
        begin(visit, host, reading, 1);
    else if (reading->value == GW_MODE_HOME)
        end(visit, host, reading, 1);
}

/* ---- time ---- */

/* Minutes after the midnight of the planned day at which a visit is missed; may be past the next midnight. */
static int32_t due_minute(const struct visit *visit, const struct plan_slot *slot)
{
    return slot->minute + (int32_t)(visit->grace / GW_MINUTE);
}

static void look_at_plan(struct visit *visit, const struct gw_host *host, gw_time now)
{
    struct gw_local local;
    host->local(host, now, &local);
    for (uint32_t i = 0; i < visit->plan.n && visit->grace >= 0; i++) {
        const struct plan_slot *slot = &visit->plan.slots[i];
        const int32_t due = due_minute(visit, slot);
        const int32_t day = due < 1440 ? local.weekday : (local.weekday + 5) % 7 + 1;
        const int passed = local.minute >= due % 1440;
        if (!passed || visit->planned[i].date == GW_EPISODE_DATE(local) || (slot->days >> day & 1u) == 0)
            continue;
        visit->planned[i].date = GW_EPISODE_DATE(local);
        const gw_time at = now - (local.minute - due % 1440) * GW_MINUTE - visit->grace; /* when it was planned for */
        const int came = visit->began.id != 0 || (visit->last_ended != 0 && visit->last_ended >= at) ||
                         (visit->last_began != 0 && visit->last_began >= at - EARLY);
        if (visit->started && !came && !visit->away)
            say_missed(visit, host, i, now);
    }
    visit->started = 1;
}

static struct gw_wake evaluate(struct visit *visit, const struct gw_host *host, gw_time now)
{
    struct gw_wake wake = GW_WAKE_NONE_INIT;
    struct gw_local local;
    if (visit->began.id != 0 && visit->longest >= 0 && visit->began.at + visit->longest <= now)
        end_by_itself(visit, host, now);
    look_at_plan(visit, host, now);
    if (visit->began.id != 0 && visit->longest >= 0)
        wake.at = timing_first(wake.at, visit->began.at + visit->longest);
    host->local(host, now, &local);
    int32_t soonest = 1441;
    for (uint32_t i = 0; i < visit->plan.n; i++) {
        if (visit->planned[i].missed != 0 && visit->planned[i].missed + MISSED_ENDS <= now)
            not_missed(visit, host, i);
        if (visit->planned[i].missed != 0)
            wake.at = timing_first(wake.at, visit->planned[i].missed + MISSED_ENDS);
        const int32_t due = due_minute(visit, &visit->plan.slots[i]) % 1440;
        const int32_t in = (due - local.minute + 1439) % 1440 + 1; /* 1 .. 1440: this minute's is a day away */
        if (in < soonest) {
            soonest = in;
            wake.local_minute = due;
        }
    }
    return wake;
}

static struct gw_wake visit_reading(void *state, const struct gw_host *host, const struct gw_reading *reading)
{
    struct visit *visit = state;
    const int test = (reading->flags & GW_TEST) != 0;
    if (test && reading->sensor < visit->n)
        host->log(host, "a test of the check-in button arrived; it begins no visit");
    else if (!test && reading->sensor == GW_SENSOR_HOME)
        home(visit, host, reading);
    else if (!test && reading->sensor < visit->n && visit->role[reading->sensor] == PRESENT)
        present(visit, host, reading);
    else if (!test && reading->sensor < visit->n && is_press(visit, reading))
        press(visit, host, reading);
    return evaluate(visit, host, reading->at);
}

static struct gw_wake visit_wake(void *state, const struct gw_host *host, gw_time now)
{
    return evaluate(state, host, now);
}

static const struct gw_role roles[] = {
    {"toggle", "button", GW_ROLE_MANY, 0, "Buttons or tag readers: the first press checks in, the next one out",
     "按钮或刷卡器：第一次按为签到，再按为签退"},
    {"check_in", "button", GW_ROLE_MANY, 0, "Buttons or tag readers that only check in", "只用于签到的按钮或刷卡器"},
    {"check_out", "button", GW_ROLE_MANY, 0, "Buttons or tag readers that only check out", "只用于签退的按钮或刷卡器"},
    {"present", "state contact", GW_ROLE_MANY, 0, "A switch that is on while a carer is here",
     "护理员在场时保持接通的开关"},
};

static const struct gw_param params[] = {
    {"longest", GW_PARAM_DURATION, 0, NULL, "4 h", 60000, 86400000, NULL,
     "Not checked out for longer than this is a warning, and the visit counts as over",
     "超过此时间未签退则提醒，并按服务结束处理"},
    {"planned", GW_PARAM_TEXT, 0, NULL, NULL, 0, 0, NULL,
     "When visits are planned: \"Mon-Fri 08:00 18:00, Sat 09:30\"; without days: daily",
     "计划的上门时间：\"Mon-Fri 08:00 18:00, Sat 09:30\"；不写星期即每天"},
    {"grace", GW_PARAM_DURATION, 0, NULL, "30 min", 0, 43200000, NULL,
     "A planned visit that has not begun so long after its time is a warning", "计划时间过后此时间内无人签到则提醒"},
};

static const struct gw_alert_kind alerts[] = {
    [VISIT] = {"visit", GW_INFO, GW_ALERT_VISIT, "0043 0121", "Carer's visit", "上门服务",
               "A carer is here; ends with the check-out, its last text has the service time",
               "护理员在场；签退后结束，最后的文字含服务时长"},
    [NOT_ENDED] = {"visit-not-ended", GW_WARNING, 0, "0043 0104", "Visit not ended", "上门服务未签退",
                   "A carer has not checked out for too long; ends with the next check-in or check-out",
                   "护理员长时间未签退；下次签到或签退后解除"},
    [MISSED] = {"visit-missed", GW_WARNING, 0, "0043 0003", "Planned visit not begun", "计划的服务未开始",
                "Nobody has checked in for a planned visit; ends when a visit begins, or after a day",
                "计划的上门服务无人签到；有人签到或一天后解除"},
    [UNCLEAR] = {"visit-unclear", GW_INFO, GW_ALERT_MOMENTARY, "0043 0105", "Checked out without checking in",
                 "签退前没有签到", "A carer checked out and nobody had checked in", "护理员签退，但没有签到记录"},
};

GW_PLUGIN(.name = "visit", .version = "1.0",
          .summary_en = "A carer checks in and out: service time, visits not ended, planned visits not begun",
          .summary_zh = "护理员签到签退：服务时长、未签退、计划服务未开始", .roles = roles, .n_roles = 4, .n_params = 3,
          .params = params, .alerts = alerts, .n_alerts = KINDS, .history = 2 * GW_DAY,
          .state_size = sizeof(struct visit), .open = visit_open, .reading = visit_reading, .wake = visit_wake);
