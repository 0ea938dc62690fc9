/* threshold - any number or state beyond a limit for a time: the technician's tool for what nobody thought of. The
 * fridge above 8 degrees for half an hour; the stove's power above 50 watts for an hour; the well's float switch on.
 *
 * Each sensor is looked at by itself. A value that is beyond the limit starts the time, only a value that is back by
 * the hysteresis stops it; when it has lasted, the condition holds until the value is back. Values are levels: a sensor
 * that tells changes only is believed until it says otherwise, but nothing is begun while it is lost. A value found at
 * the start is as good as any. Events are no values and passed over.
 *
 * With a window the time is counted from its beginning at the earliest, and what has not ended by its end is over then:
 * each day is a case of its own.
 *
 * The class is fixed for a kind of alert, so there is a kind for each class and the setting chooses one of them. No
 * mode mutes it: who wants to know that the stove is on wants to know it most when nobody is at home. A technician's
 * test tells its own marked alert at once, which ends by itself after a minute. */
#include "gatewayd/plugin.h"
#include "timing.h"
#include "wording.h"

#define SENSORS_MAX 128
#define TEST_LASTS  GW_MINUTE

enum { EMERGENCY, WARNING, INFO, TECHNICAL, KINDS };
enum when { ABOVE, BELOW, EQUAL, DIFFERS };

struct watched {
    struct gw_reading began; /* the value that went beyond the limit; id 0: it is not beyond */
    struct gw_reading last;  /* the last value that said so */
    gw_time test_end;        /* 0: no test */
    uint8_t lost, raised;
};

struct threshold {
    struct watched sensors[SENSORS_MAX];
    uint32_t n;
    enum when when;
    uint32_t kind, of; /* of: type of the readings */
    double limit, hysteresis;
    gw_time lasting;
    int32_t from, to;
    gw_time window_since; /* the window began, at the latest; meaningless outside */
    uint64_t window_date; /* of its beginning: part of the episode. 0: no window is set */
    int in_window;
    char words_en[GW_MAX_TEXT / 2], words_zh[GW_MAX_TEXT / 2];
};

static uint32_t index_of(const char *word, const char *const *words, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (strcmp(words[i], word) == 0)
            return i;
    }
    return 0;
}

static int threshold_open(void *state, const struct gw_host *host, char *error, size_t error_size)
{
    static const char *const classes[] = {"emergency", "warning", "info", "technical"};
    static const char *const whens[] = {"above", "below", "equal", "differs"};
    static const char *const ofs[] = {"value", "battery", "link"};
    static const uint32_t types[] = {GW_VALUE, GW_BATTERY, GW_LINK};
    struct threshold *threshold = state;
    if (host->sensors > SENSORS_MAX) {
        (void)snprintf(error, error_size, "more than %d sensors", SENSORS_MAX);
        return -1;
    }
    threshold->n = host->sensors;
    threshold->when = (enum when)index_of(host->text(host, "when"), whens, 4);
    threshold->kind = index_of(host->text(host, "class"), classes, KINDS);
    threshold->of = types[index_of(host->text(host, "of"), ofs, 3)];
    threshold->limit = host->number(host, "limit");
    threshold->hysteresis = host->number(host, "hysteresis");
    threshold->lasting = host->duration(host, "lasting");
    threshold->from = host->time_of_day(host, "from");
    threshold->to = host->time_of_day(host, "to");
    if ((threshold->from < 0) != (threshold->to < 0) || (threshold->from >= 0 && threshold->from == threshold->to)) {
        (void)snprintf(error, error_size, "from and to make a window together: set both, to different times");
        return -1;
    }
    const char *en = host->text(host, "text"), *zh = host->text(host, "text_zh");
    if (strlen(en) >= sizeof threshold->words_en || strlen(zh) >= sizeof threshold->words_zh) {
        (void)snprintf(error, error_size, "text and text_zh must be shorter than %zu bytes",
                       sizeof threshold->words_en);
        return -1;
    }
    (void)snprintf(threshold->words_en, sizeof threshold->words_en, "%s", en[0] != '\0' ? en : zh);
    (void)snprintf(threshold->words_zh, sizeof threshold->words_zh, "%s", zh[0] != '\0' ? zh : en);
    return 0;
}

/* ---- words ---- */

/* "above 8", and with a time "above 8 for 30 min": the limit that was passed. */
static void say_limit(const struct threshold *threshold, char *en, size_t en_size, char *zh, size_t zh_size)
{
    static const char *const words_en[] = {"above", "below", "equal to", "other than"};
    static const char *const words_zh[] = {"高于", "低于", "等于", "不等于"};
    const struct wording_span span = wording_span(threshold->lasting);
    const int lasts = threshold->lasting > 0;
    (void)snprintf(en, en_size, "%s %g%s%s", words_en[threshold->when], threshold->limit, lasts ? " for " : "",
                   lasts ? span.en : "");
    (void)snprintf(zh, zh_size, "%s%g%s%s", words_zh[threshold->when], threshold->limit, lasts ? "已 " : "",
                   lasts ? span.zh : "");
}

static gw_time began_at(const struct threshold *threshold, const struct watched *sensor)
{
    const gw_time at = sensor->began.at;
    return threshold->window_date != 0 && threshold->window_since > at ? threshold->window_since : at;
}

static void say(const struct threshold *threshold, const struct gw_host *host, const struct watched *sensor)
{
    static const char *const of_en[] = {[GW_VALUE] = "", [GW_BATTERY] = "battery ", [GW_LINK] = "link quality "};
    static const char *const of_zh[] = {[GW_VALUE] = "", [GW_BATTERY] = "电量", [GW_LINK] = "信号强度"};
    char en[GW_MAX_TEXT * 2], zh[GW_MAX_TEXT * 2], limit_en[96], limit_zh[96];
    const struct gw_reading *why = &sensor->began;
    const char *name = host->sensor_name(host, why->sensor), *room = host->sensor_room(host, why->sensor);
    const struct wording_clock since = wording_clock(host, began_at(threshold, sensor));
    say_limit(threshold, limit_en, sizeof limit_en, limit_zh, sizeof limit_zh);
    const int named = threshold->words_en[0] != '\0';
    (void)snprintf(en, sizeof en, "%s%s\"%s\"%s%s%s: %s%g since %s (%s).", threshold->words_en, named ? " - " : "",
                   name, room[0] != '\0' ? " (" : "", room, room[0] != '\0' ? ")" : "", of_en[threshold->of],
                   sensor->last.value, since.text, limit_en);
    (void)snprintf(zh, sizeof zh, "%s%s%s“%s”：%s%s 起为 %g（%s）。", threshold->words_zh, named ? "——" : "",
                   wording_room_zh(room), name, of_zh[threshold->of], since.text, sensor->last.value, limit_zh);
    const struct gw_reading evidence[2] = {sensor->began, sensor->last};
    const struct gw_condition condition = {
        .size = sizeof condition,
        .kind = threshold->kind,
        .key = name,
        .episode = why->origin ^ threshold->window_date << 32,
        .since = began_at(threshold, sensor),
        .text_en = en,
        .text_zh = zh,
        .evidence = evidence,
        .n_evidence = sensor->last.id != why->id ? 2u : 1u,
        .limit = limit_en,
    };
    host->raise(host, &condition);
}

/* ---- values ---- */

/* started: it is beyond the limit already and has to come back by the hysteresis. */
static int beyond(const struct threshold *threshold, double value, int started)
{
    const double give = started ? threshold->hysteresis : 0;
    const double off = value > threshold->limit ? value - threshold->limit : threshold->limit - value;
    switch (threshold->when) {
    case ABOVE:
        return value > threshold->limit - give;
    case BELOW:
        return value < threshold->limit + give;
    case EQUAL:
        return off <= give;
    default:
        return off > 0; /* no hysteresis: back is the very value */
    }
}

static void lower(const struct threshold *threshold, const struct gw_host *host, uint32_t index, struct watched *sensor)
{
    if (sensor->raised)
        host->clear(host, threshold->kind, host->sensor_name(host, index));
    sensor->raised = 0;
}

static void take_test(const struct threshold *threshold, const struct gw_host *host, struct watched *sensor,
                      const struct gw_reading *reading)
{
    if (!beyond(threshold, reading->value, 0)) {
        if (sensor->test_end != 0)
            sensor->test_end = reading->at;
        return;
    }
    const struct watched test = {.began = *reading, .last = *reading};
    sensor->test_end = reading->at + TEST_LASTS;
    say(threshold, host, &test);
}

static void take(const struct threshold *threshold, const struct gw_host *host, const struct gw_reading *reading,
                 struct watched *sensor)
{
    if (reading->type == GW_AVAILABILITY && (reading->flags & GW_TEST) == 0)
        sensor->lost = reading->value == 0;
    if (reading->type != threshold->of)
        return;
    if ((reading->flags & GW_TEST) != 0) {
        take_test(threshold, host, sensor, reading);
        return;
    }
    sensor->lost = 0;
    if (beyond(threshold, reading->value, sensor->began.id != 0)) {
        if (sensor->began.id == 0)
            sensor->began = *reading;
        sensor->last = *reading;
    } else {
        sensor->began.id = 0;
        lower(threshold, host, reading->sensor, sensor);
    }
}

/* ---- time ---- */

/* Where in the window now is. Its beginning is found anew at each call, so that it is right also for a detector that
 * starts in its middle. */
static void look_at_window(struct threshold *threshold, const struct gw_host *host, gw_time now)
{
    struct gw_local local, first;
    threshold->in_window = 1;
    if (threshold->from < 0)
        return;
    host->local(host, now, &local);
    threshold->in_window = timing_in_window(local.minute, threshold->from, threshold->to);
    if (!threshold->in_window)
        return;
    const int32_t minutes = (local.minute - threshold->from + 1440) % 1440;
    const gw_time since = now - minutes * GW_MINUTE - local.second * GW_SECOND;
    host->local(host, since > 0 ? since : 0, &first);
    if (threshold->window_date != GW_EPISODE_DATE(first)) {
        threshold->window_date = GW_EPISODE_DATE(first);
        threshold->window_since = since;
    }
}

/* When the value has lasted; 0: not in sight. */
static gw_time due(const struct threshold *threshold, const struct watched *sensor)
{
    if (sensor->began.id == 0 || sensor->raised || sensor->lost || !threshold->in_window)
        return 0;
    return began_at(threshold, sensor) + threshold->lasting;
}

static struct gw_wake evaluate(struct threshold *threshold, const struct gw_host *host, gw_time now)
{
    struct gw_wake wake = GW_WAKE_NONE_INIT;
    look_at_window(threshold, host, now);
    for (uint32_t i = 0; i < threshold->n; i++) {
        struct watched *sensor = &threshold->sensors[i];
        if (!threshold->in_window)
            lower(threshold, host, i, sensor);
        if (due(threshold, sensor) != 0 && due(threshold, sensor) <= now) {
            sensor->raised = 1;
            say(threshold, host, sensor);
        }
        if (sensor->test_end != 0 && sensor->test_end <= now) {
            sensor->test_end = 0;
            if (!sensor->raised) /* else both have one key: the true one's end will end the test too */
                host->clear(host, threshold->kind, host->sensor_name(host, i));
        }
        wake.at = timing_first(wake.at, due(threshold, sensor));
        wake.at = timing_first(wake.at, sensor->test_end);
    }
    if (threshold->from >= 0)
        wake.local_minute = threshold->in_window ? threshold->to : threshold->from;
    return wake;
}

static struct gw_wake threshold_reading(void *state, const struct gw_host *host, const struct gw_reading *reading)
{
    struct threshold *threshold = state;
    if (reading->sensor < threshold->n)
        take(threshold, host, reading, &threshold->sensors[reading->sensor]);
    return evaluate(threshold, host, reading->at);
}

static struct gw_wake threshold_wake(void *state, const struct gw_host *host, gw_time now)
{
    return evaluate(state, host, now);
}

static const struct gw_role roles[] = {
    {"sensors", "*", GW_ROLE_REQUIRED | GW_ROLE_MANY, 0, "What is watched, each by itself", "被看护的传感器，各自判断"},
};

static const struct gw_param params[] = {
    {"when", GW_PARAM_CHOICE, 0, NULL, "above", 0, 0, "above below equal differs",
     "How the value stands to the limit when something is wrong", "数值与限值怎样比较时算异常"},
    {"limit", GW_PARAM_NUMBER, 0, NULL, "0", -1e9, 1e9, NULL, "The limit; with \"above\" and 0, a state that is on",
     "限值；\"above\" 配 0 即状态为开"},
    {"lasting", GW_PARAM_DURATION, 0, NULL, "1 min", 0, 30.0 * 86400000, NULL,
     "Beyond the limit for so long; \"0 s\": at once", "超限持续时间；\"0 s\" 表示立即"},
    {"hysteresis", GW_PARAM_NUMBER, 0, NULL, "0", 0, 1e9, NULL, "Over only when the value is back by more than this",
     "回差：回落超过此值才解除"},
    {"of", GW_PARAM_CHOICE, 0, NULL, "value", 0, 0, "value battery link",
     "What is compared: what the sensor measures, its battery in per cent, its link quality 0 to 255",
     "比较对象：测量值、电量百分比、信号强度 0 至 255"},
    {"from", GW_PARAM_TIME, 0, NULL, NULL, 0, 0, NULL, "Only from this time of the day ...", "只在一天中的此时刻起 ……"},
    {"to", GW_PARAM_TIME, 0, NULL, NULL, 0, 0, NULL, "... to this one", "…… 至此时刻"},
    {"class", GW_PARAM_CHOICE, 0, NULL, "warning", 0, 0, "emergency warning info technical",
     "How urgent it is; chooses the kind of alert", "紧急程度，决定报警类别"},
    {"text", GW_PARAM_TEXT, 0, NULL, NULL, 0, 0, NULL, "What is wrong, in a few words: \"The fridge is too warm\"",
     "英文说明，例如 \"The fridge is too warm\""},
    {"text_zh", GW_PARAM_TEXT, 0, NULL, NULL, 0, 0, NULL, "The same in Chinese", "中文说明，例如“冰箱温度过高”"},
};

/* clang-format off */
#define KIND(name, class_)                                                                                             \
    {name, class_, 0, "0049 0011", "Limit passed", "数值超限", "A value is beyond its limit; ends when it is back",        \
     "数值超过限值；恢复后解除"}
/* clang-format on */

static const struct gw_alert_kind alerts[] = {
    [EMERGENCY] = KIND("threshold-emergency", GW_EMERGENCY),
    [WARNING] = KIND("threshold-warning", GW_WARNING),
    [INFO] = KIND("threshold-info", GW_INFO),
    [TECHNICAL] = KIND("threshold-technical", GW_TECHNICAL),
};

GW_PLUGIN(.name = "threshold", .version = "1.0", .summary_en = "Any number or state beyond a limit for a time",
          .summary_zh = "任意数值或状态超限持续一段时间", .roles = roles, .n_roles = 1, .n_params = 10,
          .params = params, .alerts = alerts, .n_alerts = KINDS, .history = 7 * GW_DAY,
          .state_size = sizeof(struct threshold), .open = threshold_open, .reading = threshold_reading,
          .wake = threshold_wake);
