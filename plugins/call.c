/* call - a person asks for help: button, pull cord, fall sensor. Nothing may mute it: no mode, no test.
 *
 * What may wait and what may not. A long press, a double press, a cord and a device's own alarm are deliberate: they
 * are an emergency at once, always. A short press and a fall sensor are what goes off by mistake; with pre_alarm set
 * they wait that long for the cancel button. The waiting is safe because it is a function of the log: the press is
 * already accepted, a crash or a restart in between finds it again, and only a cancel that was really pressed ends it.
 * A second press while one is waiting means "I do": the emergency is raised at once.
 *
 * A line that is found active (first level, retained message) is a state and no press; still active two seconds later
 * it is an emergency of its own, because somebody may have pulled the cord while the gateway was down. A known state
 * that is only told again is no news. */
#include "gatewayd/plugin.h"
#include "wording.h"

#define BUTTONS_MAX 128
#define LINE_SETTLE (2 * GW_SECOND)

enum { CALL, CORD, FALL, LINE_ACTIVE, MEAL, BATH, WALK, DOCTOR, CLEAN, URGENT_HELP, OTHER };

enum level { UNKNOWN, OFF, ON };
enum wait { NOTHING, PRE_ALARM, LINE, HOLD };

struct button {
    struct gw_reading since; /* the reading that the wait is about */
    gw_time due;
    uint32_t kind; /* what is raised at its end */
    enum wait wait;
    enum level level;
    int is_cancel;
};

struct call {
    struct button buttons[BUTTONS_MAX];
    gw_time pre_alarm, long_press;
    uint32_t n;
    int short_is_emergency, short_is_service;
    uint32_t service; /* kind */
};

static int call_open(void *state, const struct gw_host *host, char *error, size_t error_size)
{
    static const char *const services[] = {"meal", "bath", "walk", "doctor", "clean", "urgent-help", "other"};
    struct call *call = state;
    if (host->sensors > BUTTONS_MAX) {
        (void)snprintf(error, error_size, "more than %d sensors", BUTTONS_MAX);
        return -1;
    }
    call->n = host->sensors;
    call->pre_alarm = host->duration(host, "pre_alarm");
    call->long_press = host->duration(host, "long_press");
    const char *short_press = host->text(host, "short_press");
    call->short_is_emergency = strcmp(short_press, "emergency") == 0;
    call->short_is_service = strcmp(short_press, "service") == 0;
    call->service = OTHER;
    for (uint32_t i = 0; i < sizeof services / sizeof services[0]; i++) {
        if (strcmp(host->text(host, "service"), services[i]) == 0)
            call->service = MEAL + i;
    }
    const uint32_t cancel = host->role_sensor(host, "cancel", 0);
    if (cancel != UINT32_MAX) {
        for (uint32_t i = 0; i < host->role_count(host, "buttons"); i++) {
            if (host->role_sensor(host, "buttons", i) == cancel) {
                (void)snprintf(error, error_size, "the cancel button can't be a call button too");
                return -1;
            }
        }
        call->buttons[cancel].is_cancel = 1;
    }
    return 0;
}

static void say(const struct gw_host *host, uint32_t kind, const struct gw_reading *why, const char *limit)
{
    static const struct {
        const char *en, *zh;
    } words[] = {
        [CALL] = {"Call for help: the button was pressed at", "紧急呼叫：老人按下了呼叫按钮，时间"},
        [CORD] = {"Call for help: the cord was pulled at", "紧急呼叫：老人拉动了呼叫拉绳，时间"},
        [FALL] = {"Possible fall: the fall sensor gave alarm at", "可能跌倒：跌倒传感器报警，时间"},
        [LINE_ACTIVE] = {"Call for help: the call line was found active at",
                         "紧急呼叫：发现呼叫线路处于触发状态，时间"},
        [MEAL] = {"Service wanted: a meal, asked for at", "服务请求：助餐，时间"},
        [BATH] = {"Service wanted: help with bathing, asked for at", "服务请求：助浴，时间"},
        [WALK] = {"Service wanted: help with walking, asked for at", "服务请求：助行，时间"},
        [DOCTOR] = {"Service wanted: a doctor, asked for at", "服务请求：助医，时间"},
        [CLEAN] = {"Service wanted: cleaning, asked for at", "服务请求：助洁，时间"},
        [URGENT_HELP] = {"Urgent help wanted, asked for at", "服务请求：助急，请尽快联系，时间"},
        [OTHER] = {"Service wanted, asked for at", "服务请求，时间"},
    };
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    const char *room = host->sensor_room(host, why->sensor);
    const char *name = host->sensor_name(host, why->sensor);
    const char *place = room[0] != '\0' ? room : name;
    const struct wording_clock at = wording_clock(host, why->at);
    (void)snprintf(en, sizeof en, "%s %s (%s).", words[kind].en, at.text, place);
    (void)snprintf(zh, sizeof zh, "%s %s（%s）。", words[kind].zh, at.text, wording_room_zh(place));
    const struct gw_condition condition = {
        .size = sizeof condition,
        .kind = kind,
        .key = name,
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

static void wait_for(struct button *button, enum wait wait, uint32_t kind, const struct gw_reading *why,
                     gw_time how_long)
{
    button->wait = wait;
    button->kind = kind;
    button->since = *why;
    button->due = why->at + how_long;
}

/* A deliberate act: at once, and whatever was waiting on this button is part of it. A test ends no true wait. */
static void at_once(struct button *button, const struct gw_host *host, uint32_t kind, const struct gw_reading *why)
{
    if ((why->flags & GW_TEST) == 0 || (button->since.flags & GW_TEST) != 0)
        button->wait = NOTHING;
    say(host, kind, why, NULL);
}

/* What may have been a mistake: may be cancelled if so configured. */
static void cancellable(struct call *call, struct button *button, const struct gw_host *host, uint32_t kind,
                        const struct gw_reading *why)
{
    const int waits = button->wait == PRE_ALARM;
    const int test = (why->flags & GW_TEST) != 0, waits_for_test = waits && (button->since.flags & GW_TEST) != 0;
    if (waits && test && !waits_for_test)
        return; /* the true press that is waiting will be raised: a test changes nothing about it */
    if (call->pre_alarm <= 0 || (waits && test == waits_for_test))
        at_once(button, host, kind, why);
    else
        wait_for(button, PRE_ALARM, kind, why, call->pre_alarm);
}

static void short_press(struct call *call, struct button *button, const struct gw_host *host,
                        const struct gw_reading *why)
{
    if (call->short_is_emergency)
        cancellable(call, button, host, CALL, why);
    else if (call->short_is_service)
        say(host, call->service, why, NULL);
}

static void cancel(struct call *call, const struct gw_host *host, const struct gw_reading *why)
{
    for (uint32_t i = 0; i < call->n; i++) {
        struct button *button = &call->buttons[i];
        const int test = (why->flags & GW_TEST) != 0, waits_for_test = (button->since.flags & GW_TEST) != 0;
        if (button->wait == PRE_ALARM && (!test || waits_for_test)) {
            button->wait = NOTHING;
            host->log(host, "a call was cancelled at home within the pre-alarm time");
        }
    }
}

static uint32_t kind_of(const struct gw_host *host, uint32_t sensor)
{
    const char *kind = host->sensor_kind(host, sensor);
    return strcmp(kind, "cord") == 0 ? CORD : strcmp(kind, "fall") == 0 ? FALL : CALL;
}

static void event(struct call *call, struct button *button, const struct gw_host *host,
                  const struct gw_reading *reading)
{
    const uint32_t kind = kind_of(host, reading->sensor);
    switch ((int)reading->value) {
    case GW_EVENT_PRESS:
        if (kind == CALL)
            short_press(call, button, host, reading);
        else if (kind == FALL)
            cancellable(call, button, host, FALL, reading);
        else
            at_once(button, host, kind, reading);
        break;
    case GW_EVENT_DOUBLE:
    case GW_EVENT_LONG:
    case GW_EVENT_ALARM:
        at_once(button, host, kind, reading);
        break;
    case GW_EVENT_CORD:
        at_once(button, host, CORD, reading);
        break;
    case GW_EVENT_FALL:
        cancellable(call, button, host, FALL, reading);
        break;
    case GW_EVENT_CANCEL:
        cancel(call, host, reading);
        break;
    default:
        break; /* a release says nothing */
    }
}

/* The line has gone from released to held. */
static void pushed(struct call *call, struct button *button, const struct gw_host *host,
                   const struct gw_reading *reading)
{
    const uint32_t kind = kind_of(host, reading->sensor);
    if (kind == FALL)
        cancellable(call, button, host, FALL, reading);
    else if (kind == CORD)
        at_once(button, host, CORD, reading);
    else if (call->short_is_emergency)
        short_press(call, button, host, reading);
    else if ((reading->flags & GW_TEST) != 0)
        short_press(call, button, host, reading); /* nobody releases a test */
    else
        wait_for(button, HOLD, CALL, reading, call->long_press);
}

static void level(struct call *call, struct button *button, const struct gw_host *host,
                  const struct gw_reading *reading)
{
    const int active = reading->value != 0, state_only = (reading->flags & (GW_INITIAL | GW_RETAINED)) != 0;
    if ((reading->flags & GW_TEST) != 0) { /* never remembered: it would hide the true edge that follows */
        if (active)
            pushed(call, button, host, reading);
        return;
    }
    const enum level before = button->level;
    button->level = active ? ON : OFF;
    if (active && before != ON) {
        if (state_only)
            wait_for(button, LINE, LINE_ACTIVE, reading, LINE_SETTLE);
        else
            pushed(call, button, host, reading);
    } else if (!active && button->wait == LINE) {
        button->wait = NOTHING;
    } else if (!active && button->wait == HOLD) {
        button->wait = NOTHING;
        short_press(call, button, host, &button->since);
    }
}

static struct gw_wake next(const struct call *call)
{
    struct gw_wake wake = GW_WAKE_NONE_INIT;
    for (uint32_t i = 0; i < call->n; i++) {
        const struct button *button = &call->buttons[i];
        if (button->wait != NOTHING && (wake.at == 0 || button->due < wake.at))
            wake.at = button->due;
    }
    return wake;
}

static struct gw_wake call_reading(void *state, const struct gw_host *host, const struct gw_reading *reading)
{
    struct call *call = state;
    if (reading->sensor >= call->n)
        return next(call); /* the home's modes and gaps never mute a call; waits run on over a gap */
    struct button *button = &call->buttons[reading->sensor];
    if (button->is_cancel) {
        const int pressed =
            reading->type == GW_EVENT && reading->value != GW_EVENT_RELEASE && (reading->flags & GW_RETAINED) == 0;
        const int held =
            reading->type == GW_VALUE && reading->value != 0 && (reading->flags & (GW_INITIAL | GW_RETAINED)) == 0;
        if (pressed || held)
            cancel(call, host, reading);
    } else if (reading->type == GW_EVENT && (reading->flags & GW_RETAINED) == 0) {
        event(call, button, host, reading);
    } else if (reading->type == GW_VALUE) {
        level(call, button, host, reading);
    } else if (reading->type == GW_AVAILABILITY && reading->value == 0) {
        /* The level is no longer to be believed. A press that was seen stands: who has pressed and is then not heard
         * any more is called for. */
        button->level = UNKNOWN;
        if (button->wait == LINE)
            button->wait = NOTHING;
    }
    return next(call);
}

static struct gw_wake call_wake(void *state, const struct gw_host *host, gw_time now)
{
    struct call *call = state;
    for (uint32_t i = 0; i < call->n; i++) {
        struct button *button = &call->buttons[i];
        if (button->wait == NOTHING || button->due > now)
            continue;
        const enum wait wait = button->wait;
        const struct wording_span span = wording_span(wait == PRE_ALARM ? call->pre_alarm
                                                      : wait == LINE    ? LINE_SETTLE
                                                                        : call->long_press);
        button->wait = NOTHING;
        say(host, button->kind, &button->since, span.en);
    }
    return next(call);
}

static const struct gw_role roles[] = {
    {"buttons", "button cord fall", GW_ROLE_REQUIRED | GW_ROLE_MANY, 0,
     "Call buttons, pull cords, fall sensors: one press calls for help", "呼叫按钮、拉绳、跌倒传感器：触发一次即呼救"},
    {"cancel", "button", 0, 0, "Button that cancels a call within pre_alarm", "在预警时间内取消呼叫的按钮"},
};

static const struct gw_param params[] = {
    {"short_press", GW_PARAM_CHOICE, 0, NULL, "emergency", 0, 0, "emergency service ignore",
     "What a short press means; long press, double press and cord are always an emergency",
     "短按的含义；长按、双击和拉绳始终为紧急呼叫"},
    {"service", GW_PARAM_CHOICE, 0, NULL, "other", 0, 0, "meal bath walk doctor clean urgent-help other",
     "Service that a short press asks for, with short_press = \"service\"", "短按为服务请求时所请求的服务"},
    {"pre_alarm", GW_PARAM_DURATION, 0, NULL, "0 s", 0, 60000, NULL,
     "A short press or a fall may be cancelled for so long before help is called; long press and cord never wait",
     "短按或跌倒在此时间内可取消，之后才呼救；长按和拉绳从不等待"},
    {"long_press", GW_PARAM_DURATION, 0, NULL, "2 s", 500, 10000, NULL,
     "A wired button held for so long is a long press (where a short press is no emergency)",
     "有线按钮按住多久算长按（仅当短按不是紧急呼叫时）"},
};

/* clang-format off */
#define EMERGENCY(name, code, en, zh, doc_en, doc_zh)                                                                  \
    {name, GW_EMERGENCY, GW_ALERT_MOMENTARY, code, en, zh, doc_en, doc_zh}
#define REQUEST(name, class_, en, zh)                                                                                  \
    {name, class_, GW_ALERT_MOMENTARY | GW_ALERT_REQUEST, "0003 0010", en, zh,                                         \
     "The resident asked for this service with a short press", "老人短按按钮请求此服务"}
/* clang-format on */

static const struct gw_alert_kind alerts[] = {
    [CALL] = EMERGENCY("call", "0003 0010", "Call for help", "紧急呼叫", "The resident pressed a call button",
                       "老人按下了呼叫按钮"),
    [CORD] = EMERGENCY("cord", "0004 0010", "Call cord pulled", "拉绳呼叫", "The resident pulled a call cord",
                       "老人拉动了呼叫拉绳"),
    [FALL] = EMERGENCY("fall", "0005 0009", "Possible fall", "可能跌倒", "A fall sensor gave alarm", "跌倒传感器报警"),
    [LINE_ACTIVE] = EMERGENCY("call-line-active", "0004 0010", "Call line active", "呼叫线路处于触发状态",
                              "A call line was found active at start and still was 2 s later",
                              "启动时发现呼叫线路已触发，2 秒后仍为触发状态"),
    [MEAL] = REQUEST("meal", GW_INFO, "Meal service", "助餐"),
    [BATH] = REQUEST("bath", GW_INFO, "Bathing service", "助浴"),
    [WALK] = REQUEST("walk", GW_INFO, "Walking service", "助行"),
    [DOCTOR] = REQUEST("doctor", GW_WARNING, "Doctor", "助医"),
    [CLEAN] = REQUEST("clean", GW_INFO, "Cleaning service", "助洁"),
    [URGENT_HELP] = REQUEST("urgent-help", GW_EMERGENCY, "Urgent help", "助急"),
    [OTHER] = REQUEST("other", GW_INFO, "Other service", "其他服务"),
};

/* A day of history: enough to know that a line that is active has been so before, and is no new call. */
GW_PLUGIN(.name = "call", .version = "1.0", .summary_en = "Call for help: button, pull cord, fall; service requests",
          .summary_zh = "紧急呼叫：按钮、拉绳、跌倒；一键服务请求", .roles = roles, .n_roles = 2, .n_params = 4,
          .params = params, .alerts = alerts, .n_alerts = 11, .history = GW_DAY, .state_size = sizeof(struct call),
          .open = call_open, .reading = call_reading, .wake = call_wake);
