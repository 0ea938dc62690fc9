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

#include "gatewayd/plugin.h"
#include "sensor_kinds.h"
#include "sensor_table.h"
#include "silence.h"
#include "timing.h"
#include "wording.h"

#define SENSORS_MAX       512
#define LEARNED_AFTER     (7 * GW_DAY)
#define SOON              (10 * GW_MINUTE) /* the shortest wait for what moves away */
#define TOGETHER          GW_HOUR
#define BATTERY_AFTER     GW_HOUR
#define BATTERY_BACK      10.0
#define BOUNCING_OVER     (10 * GW_MINUTE)
#define IMPLAUSIBLE_AFTER (10 * GW_MINUTE)
#define ELSEWHERE_MIN     3u
#define ELSEWHERE_OVER    (30 * GW_MINUTE)
#define BESIDE            GW_MINUTE /* said so soon before or after a change belongs to it */
#define BEATS             3u        /* so many beats: it speaks by itself */
#define BEATS_OF_PEOPLE   8u        /* of what people move, where chance may look like it */

struct watched {
    const struct sensor_kind *kind;
    struct silence by_clock;     /* of all it says */
    struct silence by_people;    /* the same, but time in which nobody moves does not count */
    struct gw_reading last;      /* heard last, of any type; id 0: never */
    struct gw_reading on;        /* a level that turned on and still is; mains: off; id 0: not */
    struct gw_reading low;       /* the battery is below the limit since; id 0: not */
    struct gw_reading odd;       /* a figure that no home has; id 0: not */
    struct gw_reading elsewhere; /* a bed: the first movement elsewhere since it is occupied and nobody came in */
    gw_time on_gaps;             /* the gaps until it turned on */
    gw_time minute, burst;       /* changes are counted since; there were many */
    gw_time changed, beat;       /* the last change; the last word that may be a beat. 0: none */
    gw_time due;                 /* to look at it again; 0: not */
    uint32_t changes, elsewheres;
    uint32_t beats;    /* said something that was no change: it speaks by itself */
    float level;       /* the last value */
    uint8_t has_level; /* there was one */
    uint8_t lost, says_low, has_battery, is_door;
    uint8_t raised; /* bit by kind */
};

struct supervision {
    struct silence_home home;
    gw_time began, next;
    gw_time mains_after, mains_spread, all_after;
    double battery_low, bouncing;
    uint32_t n, learned_days;
    int persons, has_front_door, all_silent;
    struct watched sensors[SENSORS_MAX];
};

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

/* ---- words ---- */

static int is_raised(const struct watched *w, uint32_t kind)
{
    return (w->raised >> kind & 1u) != 0;
}

static void lower(struct watched *w, const struct gw_host *host, uint32_t index, uint32_t kind)
{
    if (is_raised(w, kind))
        host->clear(host, kind, host->sensor_name(host, index));
    w->raised &= (uint8_t) ~(1u << kind);
}

/* en and zh say what is wrong with it, after its name and room. */
static void raise(struct watched *w, const struct gw_host *host, uint32_t index, uint32_t kind,
                  const struct gw_reading *why, gw_time since, const char *en, const char *zh, const char *limit)
{
    char text_en[GW_MAX_TEXT * 2], text_zh[GW_MAX_TEXT * 2];
    const char *name = host->sensor_name(host, index), *room = host->sensor_room(host, index);
    const int has_room = room[0] != '\0';
    if (is_raised(w, kind))
        return;
    w->raised |= (uint8_t)(1u << kind);
    (void)snprintf(text_en, sizeof text_en, "The sensor \"%s\"%s%s%s %s", name, has_room ? " (" : "", room,
                   has_room ? ")" : "", en);
    (void)snprintf(text_zh, sizeof text_zh, "%s传感器“%s”%s", wording_room_zh(room), name, zh);
    const struct gw_condition condition = {
        .size = sizeof condition,
        .kind = kind,
        .key = name,
        .episode = why->id != 0 ? why->origin : UINT64_C(1) + index,
        .since = since,
        .text_en = text_en,
        .text_zh = text_zh,
        .evidence = why,
        .n_evidence = why->id != 0 ? 1u : 0u,
        .limit = limit,
    };
    host->raise(host, &condition);
}

/* ---- silence ---- */

/* Does it speak by itself, or only when people move? */
static int speaks(const struct watched *w)
{
    return w->beats >= (w->kind->people ? BEATS_OF_PEOPLE : BEATS);
}

static const struct silence *measure(const struct watched *w)
{
    return speaks(w) ? &w->by_clock : &w->by_people;
}

/* Silent for longer than this is too long; 0: nobody can say. */
static gw_time silent_limit(const struct watched *w)
{
    if (w->last.id == 0)
        return w->kind->never_heard;
    if (speaks(w))
        return silence_limit(&w->by_clock, 1, w->has_battery || w->kind->urgent ? 25 * GW_HOUR : 4 * GW_HOUR,
                             w->kind->urgent ? 25 * GW_HOUR : 3 * GW_DAY);
    return w->kind->people ? silence_limit(&w->by_people, 2, w->kind->seldom, 14 * GW_DAY) : 0;
}

static void say_silent(struct watched *w, const struct gw_host *host, uint32_t i, gw_time limit)
{
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    const gw_time usual = silence_usual(measure(w));
    const struct wording_span span = wording_span(limit), often = wording_span(usual);
    const int never = w->last.id == 0;
    (void)snprintf(en, sizeof en, "has %s %s%s%s%s", never ? "never been heard, for" : "been silent for", span.en,
                   usual != 0 ? "; usually it is never longer than " : "", usual != 0 ? often.en : "",
                   never ? ": is it set up rightly?" : ": is its battery empty?");
    (void)snprintf(zh, sizeof zh, "已 %s%s%s%s，请检查%s。", span.zh, never ? "从未收到消息" : "没有消息",
                   usual != 0 ? "，平时最长 " : "", usual != 0 ? often.zh : "", never ? "设置" : "电池");
    raise(w, host, i, SILENT, &w->last, measure(w)->heard, en, zh, span.en);
}

/* Nobody has been heard lately: whatever is to be said of one sensor can wait until that is explained. (The end of a
 * power cut comes as one long silence, and only after it the word that it was one.) */
static int nobody_heard(const struct supervision *all, gw_time now)
{
    return all->n >= SILENCE_COMPANY && now - all->home.last_any > TOGETHER;
}

/* When its silence is too long, as things are; 0: not in sight. */
static gw_time judge_silence(struct supervision *all, const struct gw_host *host, uint32_t i, gw_time now)
{
    struct watched *w = &all->sensors[i];
    const gw_time limit = silent_limit(w);
    const int people = !speaks(w) && w->kind->people;
    if (limit == 0 || w->lost || all->all_silent || is_raised(w, SILENT) || is_raised(w, STUCK))
        return 0; /* or it is told already */
    const gw_time silent = silence_for(measure(w), &all->home, now, people);
    if (silent >= limit && nobody_heard(all, now) && all->home.last_any - w->last.at < TOGETHER)
        return now + SOON; /* they fell silent together: not its fault alone */
    if (silent >= limit) {
        say_silent(w, host, i, limit);
        return 0;
    }
    if (people && silence_is_still(&all->home, now))
        return 0; /* the time stands still until somebody moves */
    return now + (limit - silent > SOON ? limit - silent : SOON);
}

/* For how long all may be silent: by the one that speaks most often. Where no two speak by themselves, an empty home,
 * or one asleep, is silent too. */
static gw_time all_limit(const struct supervision *all, uint32_t *speaking)
{
    gw_time shortest = 0;
    uint32_t n = 0;
    for (uint32_t i = 0; i < all->n; i++) {
        const struct watched *w = &all->sensors[i];
        if (!speaks(w) || is_raised(w, SILENT) || w->lost || silence_usual(&w->by_clock) == 0)
            continue;
        shortest = timing_first(shortest, silent_limit(w));
        n++;
    }
    const gw_time least = all->all_after >= 0 ? all->all_after : SILENCE_ALL_QUIET;
    *speaking = n;
    if (n < 2)
        return 4 * least;
    return shortest > least ? shortest : least;
}

static gw_time judge_all(struct supervision *all, const struct gw_host *host, gw_time now)
{
    uint32_t speaking = 0;
    const gw_time limit = all_limit(all, &speaking);
    const int any_speaks = speaking >= 2;
    all->home.all_quiet = speaking > 0 && limit > SILENCE_ALL_QUIET ? limit : SILENCE_ALL_QUIET;
    if (all->n < SILENCE_COMPANY || all->home.last_any == 0 || all->all_after < 0 || all->all_silent ||
        (all->home.away_since != 0 && !any_speaks))
        return 0;
    if (all->home.last_any + limit > now)
        return all->home.last_any + limit;
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    const struct wording_span span = wording_span(limit);
    all->all_silent = 1;
    (void)snprintf(en, sizeof en, "No sensor has been heard for %s.%s", span.en,
                   any_speaks ? " Is the radio down?" : " Is nobody at home, or the radio down?");
    (void)snprintf(zh, sizeof zh, "已 %s没有收到任何传感器的消息，请检查%s无线接收器。", span.zh,
                   any_speaks ? "" : "是否家中无人，或");
    const struct gw_condition condition = {
        .size = sizeof condition,
        .kind = ALL_SILENT,
        .episode = (uint64_t)all->home.last_any,
        .since = all->home.last_any,
        .text_en = en,
        .text_zh = zh,
        .limit = span.en,
    };
    host->raise(host, &condition);
    return 0;
}

/* ---- what a sensor says ---- */

static void battery(struct supervision *all, struct watched *w, const struct gw_host *host,
                    const struct gw_reading *reading)
{
    w->has_battery = 1;
    if (reading->type == GW_BATTERY_LOW)
        w->says_low = reading->value != 0;
    else if (reading->value <= all->battery_low && w->low.id == 0)
        w->low = *reading;
    else if (reading->value >= all->battery_low + BATTERY_BACK)
        w->low.id = 0;
    if (w->says_low)
        raise(w, host, reading->sensor, BATTERY, reading, reading->at,
              "says that its battery is low: change it within four weeks.", "电量低，请在四周内更换电池。", NULL);
    else if (w->low.id == 0)
        lower(w, host, reading->sensor, BATTERY);
}

static void count_change(struct supervision *all, struct watched *w, const struct gw_host *host,
                         const struct gw_reading *reading)
{
    if (w->minute == 0 || reading->at - w->minute >= GW_MINUTE) {
        w->minute = reading->at;
        w->changes = 0;
    }
    w->changes++;
    if (w->changes >= all->bouncing / 2)
        w->burst = reading->at;
    if (w->changes <= all->bouncing || w->kind->is == SENSOR_SHAKES)
        return;
    char limit[32];
    (void)snprintf(limit, sizeof limit, "%g/min", all->bouncing);
    raise(w, host, reading->sensor, BOUNCING, reading, w->minute,
          "changes more often than anybody could: a loose contact?", "变化过于频繁，可能接触不良。", limit);
}

/* Somebody moved, or came in: what that says of the beds. */
static void look_at_beds(struct supervision *all, const struct gw_host *host, const struct gw_reading *reading)
{
    const struct watched *mover = &all->sensors[reading->sensor];
    const char *room = host->sensor_room(host, reading->sensor);
    const int way_in = all->has_front_door ? mover->is_door : mover->kind->is == SENSOR_CONTACT;
    for (uint32_t i = 0; i < all->n; i++) {
        struct watched *bed = &all->sensors[i];
        if (bed->kind->is != SENSOR_BED || bed->on.id == 0 || bed->lost || all->persons != 1)
            continue;
        if (way_in) {
            bed->elsewheres = UINT32_MAX; /* nothing more to be known until she gets up */
        } else if (bed->elsewheres != UINT32_MAX && reading->value != 0 && mover->kind->moves &&
                   strcmp(room, host->sensor_room(host, i)) != 0) {
            if (bed->elsewheres++ == 0)
                bed->elsewhere = *reading;
            if (bed->elsewheres >= ELSEWHERE_MIN && reading->at - bed->elsewhere.at >= ELSEWHERE_OVER)
                raise(bed, host, i, IMPLAUSIBLE, &bed->on, bed->on.at,
                      "says that the bed is occupied, but somebody moves in other rooms: the mat hangs, or she has "
                      "company.",
                      "显示床上有人，但其他房间有人活动，床垫传感器可能卡住，或家中另有他人。", NULL);
        }
    }
}

static void change(struct supervision *all, struct watched *w, const struct gw_host *host,
                   const struct gw_reading *reading)
{
    const int on = reading->value != 0, initial = (reading->flags & (GW_INITIAL | GW_RETAINED)) != 0;
    const int is_on = w->kind->is == SENSOR_MAINS ? !on : on; /* of mains it is the absence that lasts */
    w->on.id = 0;
    if (is_on) {
        w->on = *reading;
        w->on_gaps = all->home.gaps;
        w->elsewheres = initial ? UINT32_MAX : 0;
    } else {
        lower(w, host, reading->sensor, STUCK);
        lower(w, host, reading->sensor, MAINS);
        lower(w, host, reading->sensor, IMPLAUSIBLE);
    }
    if (!initial)
        count_change(all, w, host, reading);
    if (!initial && w->kind->people)
        look_at_beds(all, host, reading);
}

/* A figure. What is odd for a moment is a bad measurement, for long a bad sensor. */
static void figure(struct watched *w, const struct gw_host *host, const struct gw_reading *reading)
{
    const int odd = reading->value < w->kind->lowest || reading->value > w->kind->highest;
    if (odd && w->odd.id == 0)
        w->odd = *reading;
    if (odd)
        return;
    w->odd.id = 0;
    lower(w, host, reading->sensor, IMPLAUSIBLE);
}

static void value(struct supervision *all, struct watched *w, const struct gw_host *host,
                  const struct gw_reading *reading)
{
    const int changed = !w->has_level || w->level != (float)reading->value;
    w->has_level = 1;
    w->level = (float)reading->value;
    if (w->kind->figure)
        figure(w, host, reading);
    else if (changed)
        change(all, w, host, reading);
}

static int is_change(const struct watched *w, const struct gw_reading *reading)
{
    return reading->type == GW_EVENT || reading->type == GW_TAMPER ||
           (reading->type == GW_VALUE && !w->kind->figure && (!w->has_level || w->level != (float)reading->value));
}

/* What is no change may be a beat of its own. But link and battery come with every change, before or after it, and a
 * movement sensor repeats itself while people move: only what is said at rest and for itself counts. */
static void count_beat(struct watched *w, const struct gw_reading *reading)
{
    const gw_time at = reading->at;
    if (w->beat != 0 && at - w->beat >= BESIDE)
        w->beats++;
    if (is_change(w, reading)) {
        w->changed = at;
        w->beat = 0;
    } else if (w->beat == 0 || at - w->beat >= BESIDE) {
        const int rests = !w->kind->people || w->level == 0;
        w->beat = rests && (w->changed == 0 || at - w->changed >= BESIDE) ? at : 0;
    }
}

static void heard(struct supervision *all, struct watched *w, const struct gw_host *host,
                  const struct gw_reading *reading)
{
    silence_any(&all->home, reading->at);
    if (w->kind->people && is_change(w, reading))
        silence_people(&all->home, reading->at);
    if (all->all_silent)
        host->clear(host, ALL_SILENT, NULL);
    all->all_silent = 0;
    lower(w, host, reading->sensor, SILENT);
    if (reading->type != GW_AVAILABILITY)
        count_beat(w, reading);
    silence_heard(&w->by_clock, &all->home, reading->at, 0);
    silence_heard(&w->by_people, &all->home, reading->at, 1);
    w->last = *reading;
}

/* ---- time ---- */

static gw_time judge_level(struct supervision *all, const struct gw_host *host, uint32_t i, gw_time now)
{
    struct watched *w = &all->sensors[i];
    const int mains = w->kind->is == SENSOR_MAINS;
    if (w->on.id == 0 || w->lost || is_raised(w, mains ? MAINS : STUCK))
        return 0;
    const gw_time spread =
        all->mains_spread > 0 ? (gw_time)((w->on.origin * UINT64_C(0x9e3779b97f4a7c15)) >> 33) % all->mains_spread : 0;
    const gw_time limit = mains ? (all->mains_after < 0 ? 0 : all->mains_after + spread) : w->kind->longest_on;
    const gw_time due = w->on.at + limit + (mains ? 0 : all->home.gaps - w->on_gaps);
    if (mains ? all->mains_after < 0 : limit == 0)
        return 0;
    if (due > now)
        return due;
    if (!mains && nobody_heard(all, now))
        return now + SOON;
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    const struct wording_span span = wording_span(limit);
    const struct wording_clock since = wording_clock(host, w->on.at);
    (void)snprintf(en, sizeof en,
                   mains ? "says that the power has been off since %s." : "has been on since %s: is it stuck?",
                   since.text);
    (void)snprintf(zh, sizeof zh, mains ? "显示 %s 起停电。" : "自 %s 起一直处于触发状态，可能卡住。", since.text);
    raise(w, host, i, mains ? MAINS : STUCK, &w->on, w->on.at, en, zh, span.en);
    return 0;
}

/* Everything that may be due of one sensor. */
static void judge(struct supervision *all, const struct gw_host *host, uint32_t i, gw_time now)
{
    struct watched *w = &all->sensors[i];
    gw_time due = timing_first(judge_silence(all, host, i, now), judge_level(all, host, i, now));
    char text[96], zh[96];
    if (w->low.id != 0 && !is_raised(w, BATTERY)) {
        if (w->low.at + BATTERY_AFTER <= now) {
            (void)snprintf(text, sizeof text, "has %g %% of its battery left: change it within four weeks.",
                           w->low.value);
            (void)snprintf(zh, sizeof zh, "电量剩余 %g%%，请在四周内更换电池。", w->low.value);
            raise(w, host, i, BATTERY, &w->low, w->low.at, text, zh, NULL);
        }
        due = timing_first(due, is_raised(w, BATTERY) ? 0 : w->low.at + BATTERY_AFTER);
    }
    if (w->odd.id != 0 && !is_raised(w, IMPLAUSIBLE)) {
        if (w->odd.at + IMPLAUSIBLE_AFTER <= now) {
            (void)snprintf(text, sizeof text, "says %g, which no home has: it is broken.", w->odd.value);
            (void)snprintf(zh, sizeof zh, "读数为 %g，不合常理，可能损坏。", w->odd.value);
            raise(w, host, i, IMPLAUSIBLE, &w->odd, w->odd.at, text, zh, NULL);
        }
        due = timing_first(due, is_raised(w, IMPLAUSIBLE) ? 0 : w->odd.at + IMPLAUSIBLE_AFTER);
    }
    if (is_raised(w, BOUNCING)) {
        if (w->burst + BOUNCING_OVER <= now)
            lower(w, host, i, BOUNCING);
        else
            due = timing_first(due, w->burst + BOUNCING_OVER);
    }
    w->due = due;
}

static void tell_health(struct supervision *all, const struct gw_host *host, gw_time now)
{
    const uint32_t wanted = (uint32_t)(LEARNED_AFTER / GW_DAY);
    const uint32_t days = now - all->began >= LEARNED_AFTER ? wanted : (uint32_t)((now - all->began) / GW_DAY);
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    if (days == all->learned_days || host->size < offsetof(struct gw_host, health) + sizeof host->health)
        return;
    all->learned_days = days;
    (void)snprintf(en, sizeof en, "Learns how long each sensor is usually silent: %u of %u days seen.", days, wanted);
    (void)snprintf(zh, sizeof zh, "正在学习各传感器平时多久发一次消息：已 %u 天，共需 %u 天。", days, wanted);
    host->health(host, days < wanted ? GW_HEALTH_LEARNING : GW_HEALTH_OK, days < wanted ? en : "",
                 days < wanted ? zh : "");
}

/* All sensors. A reading of one looks at that one only, and asks for everything when the earliest is due: a home of
 * five hundred sensors may speak a million times a second in replay. */
static struct gw_wake judge_everything(struct supervision *all, const struct gw_host *host, gw_time now)
{
    struct gw_wake wake = GW_WAKE_NONE_INIT;
    all->next = judge_all(all, host, now);
    for (uint32_t i = 0; i < all->n; i++) {
        judge(all, host, i, now);
        all->next = timing_first(all->next, all->sensors[i].due);
    }
    tell_health(all, host, now);
    if (all->learned_days * GW_DAY < LEARNED_AFTER)
        all->next = timing_first(all->next, all->began + (all->learned_days + 1) * GW_DAY);
    wake.at = all->next;
    return wake;
}

/* ---- calls ---- */

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
        lower(w, host, reading->sensor, SILENT); /* told by the core from here on */
    else if ((reading->flags & (GW_INITIAL | GW_RETAINED | GW_REREAD)) == 0)
        heard(all, w, host, reading);
    w->lost = (uint8_t)lost;
    if (reading->type == GW_VALUE)
        value(all, w, host, reading);
    else if (reading->type == GW_BATTERY || reading->type == GW_BATTERY_LOW)
        battery(all, w, host, reading);
    else if (reading->type == GW_TAMPER && reading->value != 0)
        raise(w, host, reading->sensor, TAMPERED, reading, reading->at, "was opened or taken off.", "被打开或拆下。",
              NULL);
    else if (reading->type == GW_TAMPER)
        lower(w, host, reading->sensor, TAMPERED);
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
        return judge_everything(all, host, reading->at);
    if (reading->sensor < all->n) {
        judge(all, host, reading->sensor, reading->at);
        all->next = timing_first(all->next, all->sensors[reading->sensor].due);
    }
    wake.at = all->next;
    return wake;
}

static struct gw_wake sensor_wake(void *state, const struct gw_host *host, gw_time now)
{
    struct supervision *all = state;
    begin(all, now);
    return judge_everything(all, host, now);
}

GW_PLUGIN(.name = "sensor", .version = "1.0",
          .summary_en = "Watches the sensors: silent, battery, tampered with, stuck, bouncing, implausible, mains",
          .summary_zh = "监测传感器：无消息、电量低、被拆动、卡住、抖动、不合理、停电", .roles = roles, .n_roles = 2,
          .n_params = 6, .params = params, .alerts = alerts, .n_alerts = KINDS, .history = 14 * GW_DAY,
          .state_size = sizeof(struct supervision), .open = sensor_open, .reading = sensor_reading,
          .wake = sensor_wake);
