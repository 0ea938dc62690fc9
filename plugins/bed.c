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
#include "gatewayd/plugin.h"
#include "sensing.h"
#include "timing.h"
#include "wording.h"

#define BACK_AFTER      (10 * GW_SECOND) /* on for so long in all: back in bed */
#define UP_AFTER        (10 * GW_MINUTE) /* a shorter absence is a trip in a long stay in bed */
#define EVENING         (6 * GW_HOUR)    /* who moved within this before in_bed_by is at home */
#define AWAKE_BEFORE    GW_HOUR          /* who was up within this before up_by is up */
#define CHATTER_A_DAY   20u              /* short breaks that make a mat unreliable */
#define CHATTER_COUNTED GW_DAY
#define NIGHT_IN_BED    (4 * GW_HOUR)   /* a day with less says nothing about a mat */
#define SEEN_BEFORE     GW_MINUTE       /* who gets up moves so long before ... */
#define SEEN_WITHIN     (5 * GW_MINUTE) /* ... or after the mat tells it */

enum role { BED, MOTION, DOOR, BEDROOM, ROLES };
enum { EMPTY, UNSURE, UP_LONG, NOT_IN, NOT_UP, TOO_LONG, MAT, KINDS };

struct bed {
    struct sensing sensing;
    enum sensing_level mat; /* of all mats together */
    int has_motion, has_bedroom;
    gw_time safe_absence, extend, longest, settle, too_long;
    int32_t night_from, night_to, up_by, in_bed_by;

    enum { UNSETTLED, IN_BED, OUT } place; /* the mat without its chatter */
    struct gw_reading off, on;             /* the mat's last change to off, to on */
    gw_time on_sum;                        /* of short contacts while out */
    struct gw_reading stay;                /* began the stay in bed, trips included */
    gw_time stay_since;                    /* log time; moved by gaps */
    gw_time in_since;                      /* back from the last trip */
    int watched;                           /* out of bed in the night: an absence that may alarm */
    gw_time absent_since;
    struct gw_reading moved, opened; /* last movement elsewhere, last opening of the door; id 0: none */
    gw_time beside;                  /* last movement in the bedroom; 0: none */
    int passed_over;                 /* the absence was taken for the mat's */
    int seen_up;                     /* somebody moved beside the bed about when the mat went off */

    int muted;
    gw_time home_since; /* the last muting mode ended */
    gw_time chatter_since;
    uint32_t chatter;
    gw_time lain; /* in bed since chatter_since */
    int mat_bad;
    uint64_t asked;       /* date on which up_by was looked at */
    uint64_t expected_on; /* date on which in_bed_by was looked at */
    uint64_t expected;    /* date of an in_bed_by since which she is waited for; 0: not */
    int raised[KINDS];
};

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

/* Several mats in one bed are one: on if any is, lost if one that might be on is. */
static int mat_lost(const struct bed *bed)
{
    return sensing_lost(&bed->sensing, BED) > 0 && sensing_active(&bed->sensing, BED) == 0;
}

static int is_night(const struct bed *bed, const struct gw_host *host, gw_time at)
{
    return timing_is_within(host, at, bed->night_from, bed->night_to);
}

static void lower(struct bed *bed, const struct gw_host *host, uint32_t kind)
{
    if (bed->raised[kind])
        host->clear(host, kind, NULL);
    bed->raised[kind] = 0;
}

static void lower_absence(struct bed *bed, const struct gw_host *host)
{
    bed->expected = 0;
    lower(bed, host, NOT_IN);
    lower(bed, host, EMPTY);
    lower(bed, host, UNSURE);
    lower(bed, host, UP_LONG);
}

static void raise(struct bed *bed, const struct gw_host *host, uint32_t kind, uint64_t episode, gw_time since,
                  const char *en, const char *zh, const char *limit)
{
    struct gw_reading evidence[3];
    uint32_t n = 0;
    evidence[n++] = kind <= UP_LONG ? bed->off : kind == NOT_IN ? bed->moved : bed->stay;
    if (kind <= UP_LONG && bed->moved.id != 0 && bed->moved.at >= since)
        evidence[n++] = bed->moved;
    if (kind <= UP_LONG && bed->opened.id != 0 && bed->opened.at >= since)
        evidence[n++] = bed->opened;
    const struct gw_condition condition = {
        .size = sizeof condition,
        .kind = kind,
        .episode = episode,
        .since = since,
        .text_en = en,
        .text_zh = zh,
        .evidence = evidence,
        .n_evidence = n,
        .limit = limit,
    };
    host->raise(host, &condition);
    bed->raised[kind] = 1;
}

static int moved_since(const struct bed *bed)
{
    return bed->moved.id != 0 && bed->moved.at >= bed->absent_since;
}

/* When the absence becomes an alarm, as things are: the bed is empty and nobody has moved for too long. */
static gw_time absence_due(const struct bed *bed, gw_time now)
{
    gw_time due = bed->absent_since + bed->safe_absence;
    if (moved_since(bed) && bed->moved.at + bed->extend > due)
        due = bed->moved.at + bed->extend;
    if (sensing_active(&bed->sensing, MOTION) > 0 && now + bed->extend > due)
        due = now + bed->extend;
    return due;
}

/* The mat is known to be bad, and others could tell: it is not believed alone. */
static int mat_doubted(const struct bed *bed)
{
    return bed->mat_bad && bed->has_motion && sensing_lost(&bed->sensing, MOTION) == 0;
}

static uint32_t empty_kind(const struct bed *bed)
{
    return mat_doubted(bed) ? UNSURE : EMPTY;
}

static void say_empty(struct bed *bed, const struct gw_host *host, uint32_t kind, gw_time now)
{
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT], more_en[160] = "", more_zh[160] = "";
    const char *doubt_en = kind == UNSURE ? " The mat is unreliable: please check." : "";
    const char *doubt_zh = kind == UNSURE ? "床垫传感器不可靠，请核实。" : "";
    const gw_time since = bed->absent_since;
    const struct wording_span span = wording_span(now - since);
    const struct wording_clock left = wording_clock(host, since);
    if (bed->opened.id != 0 && bed->opened.at >= since) {
        const struct wording_clock at = wording_clock(host, bed->opened.at);
        (void)snprintf(more_en, sizeof more_en, " The door was opened at %s.", at.text);
        (void)snprintf(more_zh, sizeof more_zh, "门 %s 打开过。", at.text);
    } else if (bed->moved.id != 0 && bed->moved.at >= since) {
        const struct wording_clock at = wording_clock(host, bed->moved.at);
        const char *room = host->sensor_room(host, bed->moved.sensor);
        (void)snprintf(more_en, sizeof more_en, " Last movement %s (%s).%s", at.text, room, doubt_en);
        (void)snprintf(more_zh, sizeof more_zh, "最后一次活动 %s（%s）。%s", at.text, wording_room_zh(room), doubt_zh);
    } else {
        (void)snprintf(more_en, sizeof more_en, " No movement seen since.%s", doubt_en);
        (void)snprintf(more_zh, sizeof more_zh, "之后没有发现活动。%s", doubt_zh);
    }
    if (bed->off.flags & GW_INITIAL) { /* found empty at the first look: nobody was seen leaving it */
        (void)snprintf(en, sizeof en, "The bed has been empty since %s at least, for %s.%s", left.text, span.en,
                       more_en);
        (void)snprintf(zh, sizeof zh, "床上至少从 %s 起无人，已 %s。%s", left.text, span.zh, more_zh);
    } else {
        (void)snprintf(en, sizeof en, "Left the bed at %s and is not back after %s.%s", left.text, span.en, more_en);
        (void)snprintf(zh, sizeof zh, "%s 离床，%s后仍未回床。%s", left.text, span.zh, more_zh);
    }
    raise(bed, host, kind, bed->off.origin, since, en, zh, span.en);
}

static void say_not_in(struct bed *bed, const struct gw_host *host)
{
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    const struct wording_span span = wording_span(bed->extend);
    const struct wording_clock moved = wording_clock(host, bed->moved.at);
    const char *room = host->sensor_room(host, bed->moved.sensor);
    (void)snprintf(en, sizeof en, "Not gone to bed. Last movement %s (%s), none for %s.", moved.text, room, span.en);
    (void)snprintf(zh, sizeof zh, "还没有上床。最后一次活动 %s（%s），已 %s没有动静。", moved.text,
                   wording_room_zh(room), span.zh);
    const uint64_t episode = bed->expected;
    bed->expected = 0;
    raise(bed, host, NOT_IN, episode, bed->moved.at, en, zh, span.en);
}

static void say_not_up(struct bed *bed, const struct gw_host *host, gw_time now)
{
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    struct gw_local local;
    host->local(host, now, &local);
    const struct wording_clock by = wording_clock(host, now), since = wording_clock(host, bed->stay_since);
    (void)snprintf(en, sizeof en, "Still in bed at %s (since %s).", by.text, since.text);
    (void)snprintf(zh, sizeof zh, "到 %s 还没有起床（%s 上床）。", by.text, since.text);
    raise(bed, host, NOT_UP, GW_EPISODE_DATE(local), bed->stay_since, en, zh, by.text);
}

static void say_too_long(struct bed *bed, const struct gw_host *host)
{
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    const struct wording_span span = wording_span(bed->too_long);
    const struct wording_clock since = wording_clock(host, bed->stay_since);
    (void)snprintf(en, sizeof en, "In bed for %s, since %s.", span.en, since.text);
    (void)snprintf(zh, sizeof zh, "%s 上床，已卧床 %s。", since.text, span.zh);
    raise(bed, host, TOO_LONG, bed->stay.origin, bed->stay_since, en, zh, span.en);
}

/* A day is over: were there few breaks in a night that was slept in? */
static void judge_mat(struct bed *bed, const struct gw_host *host, gw_time now)
{
    if (now - bed->chatter_since < CHATTER_COUNTED)
        return;
    if (bed->chatter < CHATTER_A_DAY && bed->lain >= NIGHT_IN_BED) {
        bed->mat_bad = 0;
        lower(bed, host, MAT);
    }
    bed->chatter = 0;
    bed->lain = 0;
    bed->chatter_since = now;
}

static void note_chatter(struct bed *bed, const struct gw_host *host, const struct gw_reading *reading)
{
    if (++bed->chatter != CHATTER_A_DAY)
        return;
    struct gw_local local;
    host->local(host, reading->at, &local);
    bed->mat_bad = 1;
    raise(bed, host, MAT, GW_EPISODE_DATE(local), bed->chatter_since,
          "The bed mat is unreliable: it breaks contact again and again. Check its place and cable.",
          "床垫传感器不可靠：接触频繁中断，请检查位置和线缆。", "20 / 24 h");
}

/* Out of bed, as of the moment the mat went off. */
static void leave(struct bed *bed, const struct gw_host *host)
{
    bed->place = OUT;
    bed->on_sum = 0;
    bed->absent_since = bed->off.at;
    bed->watched = !bed->muted && bed->safe_absence >= 0 && is_night(bed, host, bed->off.at);
    bed->seen_up = bed->beside != 0 && bed->beside >= bed->off.at - SEEN_BEFORE;
    bed->lain += bed->off.at - timing_later(bed->in_since, bed->chatter_since) > 0
                     ? bed->off.at - timing_later(bed->in_since, bed->chatter_since)
                     : 0;
    lower(bed, host, NOT_UP);
}

static void come_back(struct bed *bed, const struct gw_host *host, gw_time now)
{
    const int long_out = bed->place == UNSETTLED || bed->on.at - bed->absent_since >= UP_AFTER;
    bed->place = IN_BED;
    bed->watched = 0;
    bed->passed_over = 0;
    bed->in_since = now;
    lower_absence(bed, host);
    if (long_out) {
        lower(bed, host, TOO_LONG);
        bed->stay = bed->on;
        bed->stay_since = bed->on.at;
    }
}

/* When the mat's level, if it stays, changes the place; 0: it says nothing new. */
static gw_time settles_at(const struct bed *bed)
{
    if (mat_lost(bed))
        return 0;
    if (bed->mat == SENSING_OFF && bed->place != OUT)
        return bed->off.at + bed->settle;
    if (bed->mat == SENSING_ON && bed->place != IN_BED)
        return bed->on.at + BACK_AFTER - bed->on_sum;
    return 0;
}

/* While the mat is on, ten seconds decide whether somebody is back: no alarm in between. */
static int waits_for_return(const struct bed *bed)
{
    return bed->watched && !bed->raised[empty_kind(bed)] && bed->mat != SENSING_ON;
}

/* Nobody was seen to get up, or she is back and the mat does not tell: it is the mat. */
static int is_the_mat(const struct bed *bed)
{
    const int elsewhere = bed->moved.id != 0 && bed->moved.at >= bed->absent_since - SEEN_BEFORE;
    if (mat_doubted(bed))
        return !elsewhere || (moved_since(bed) && bed->beside > bed->moved.at);
    return bed->has_bedroom && sensing_lost(&bed->sensing, BEDROOM) == 0 && !elsewhere && !bed->seen_up &&
           (bed->off.flags & GW_INITIAL) == 0;
}

/* Up and about for so long; 0: not looked for, or told. */
static gw_time up_long_due(const struct bed *bed)
{
    if (!bed->watched || bed->longest < 0 || bed->raised[UP_LONG] || bed->raised[EMPTY] || bed->raised[UNSURE] ||
        bed->mat == SENSING_ON || !moved_since(bed))
        return 0;
    return bed->absent_since + bed->longest;
}

/* She was at home in the evening, and nobody has moved for so long; 0: not waited for, or gone out. */
static gw_time not_in_due(const struct bed *bed)
{
    if (bed->expected == 0 || bed->moved.id == 0 || bed->opened.at > bed->moved.at ||
        sensing_active(&bed->sensing, MOTION) > 0)
        return 0;
    return bed->moved.at + bed->extend;
}

/* in_bed_by has come. */
static void expect(struct bed *bed, const struct gw_host *host, gw_time now)
{
    struct gw_local local;
    host->local(host, now, &local);
    if (bed->in_bed_by < 0 || local.minute < bed->in_bed_by || local.minute >= bed->in_bed_by + 60 ||
        bed->expected_on == GW_EPISODE_DATE(local))
        return;
    bed->expected_on = GW_EPISODE_DATE(local);
    if (bed->place != IN_BED && !bed->watched && !bed->mat_bad && !bed->muted && bed->moved.id != 0 &&
        now - bed->moved.at < EVENING)
        bed->expected = GW_EPISODE_DATE(local);
}

/* Everything that is due now. */
static void evaluate(struct bed *bed, const struct gw_host *host, gw_time now)
{
    const gw_time settles = settles_at(bed);
    if (settles != 0 && settles <= now) {
        if (bed->mat == SENSING_OFF)
            leave(bed, host);
        else
            come_back(bed, host, now);
    }
    if (mat_lost(bed) || bed->muted)
        return;
    const gw_time up_long = up_long_due(bed);
    if ((waits_for_return(bed) && absence_due(bed, now) <= now) || (up_long != 0 && up_long <= now)) {
        if (!is_night(bed, host, now))
            bed->watched = 0; /* up for the day */
        else if (absence_due(bed, now) > now)
            say_empty(bed, host, UP_LONG, now);
        else if (!is_the_mat(bed))
            say_empty(bed, host, empty_kind(bed), now);
        bed->passed_over = bed->watched && absence_due(bed, now) <= now && is_the_mat(bed);
        bed->watched = bed->watched && !bed->passed_over;
    }
    if (bed->expected != 0 && !is_night(bed, host, now))
        bed->expected = 0;
    if (not_in_due(bed) != 0 && not_in_due(bed) <= now && bed->mat != SENSING_ON)
        say_not_in(bed, host);
    if (bed->place == IN_BED && bed->too_long >= 0 && !bed->raised[TOO_LONG] &&
        timing_later(bed->stay_since, bed->home_since) + bed->too_long <= now)
        say_too_long(bed, host);
    if (bed->place == OUT && bed->raised[TOO_LONG] && bed->absent_since + UP_AFTER <= now)
        lower(bed, host, TOO_LONG);
}

/* Of two times of the day the one that comes first. */
static int32_t next_of(const struct gw_host *host, gw_time now, int32_t a, int32_t b)
{
    struct gw_local local;
    host->local(host, now, &local);
    if (a < 0 || b < 0)
        return a < 0 ? b : a;
    return (a - local.minute + 1439) % 1440 < (b - local.minute + 1439) % 1440 ? a : b;
}

static struct gw_wake next(const struct bed *bed, const struct gw_host *host, gw_time now)
{
    struct gw_wake wake = GW_WAKE_NONE_INIT;
    wake.local_minute = next_of(host, now, bed->up_by, bed->in_bed_by);
    wake.at = timing_first(wake.at, settles_at(bed));
    if (mat_lost(bed) || bed->muted)
        return wake;
    if (waits_for_return(bed))
        wake.at = timing_first(wake.at, absence_due(bed, now));
    wake.at = timing_first(wake.at, up_long_due(bed));
    if (not_in_due(bed) != 0 && bed->mat != SENSING_ON)
        wake.at = timing_first(wake.at, not_in_due(bed));
    if (bed->place == IN_BED && bed->too_long >= 0 && !bed->raised[TOO_LONG])
        wake.at = timing_first(wake.at, timing_later(bed->stay_since, bed->home_since) + bed->too_long);
    if (bed->place == OUT && bed->raised[TOO_LONG])
        wake.at = timing_first(wake.at, bed->absent_since + UP_AFTER);
    return wake;
}

static void mat_told(struct bed *bed, const struct gw_host *host, const struct gw_reading *reading)
{
    const enum sensing_level before = bed->mat;
    if (reading->type != GW_VALUE || (reading->flags & GW_TEST) != 0 || mat_lost(bed))
        return;
    bed->mat = sensing_active(&bed->sensing, BED) > 0 ? SENSING_ON : SENSING_OFF;
    if (before == bed->mat)
        return;
    if (bed->mat == SENSING_OFF) {
        if (bed->place == OUT)
            bed->on_sum += reading->at - bed->on.at;
        bed->off = *reading;
    } else {
        const int was_off = bed->off.id != 0;
        if (was_off && bed->place == IN_BED && (reading->flags & (GW_INITIAL | GW_RETAINED)) == 0)
            note_chatter(bed, host, reading);
        if (was_off && reading->at - bed->off.at >= bed->settle)
            bed->on_sum = 0;
        bed->on = *reading;
    }
}

static void home(struct bed *bed, const struct gw_host *host, const struct gw_reading *reading)
{
    if (reading->type == GW_GAP) {
        bed->stay_since += bed->place == IN_BED ? (gw_time)reading->value : 0;
        if (bed->stay_since > reading->at)
            bed->stay_since = reading->at;
    }
    if (reading->type != GW_MODE || (reading->flags & GW_TEST) != 0)
        return;
    const int muted = sensing_mode_mutes(reading->value);
    if (muted) {
        bed->watched = 0;
        lower_absence(bed, host);
        lower(bed, host, NOT_UP);
        lower(bed, host, TOO_LONG);
    } else if (bed->muted) {
        bed->home_since = reading->at;
    }
    bed->muted = muted;
}

static struct gw_wake bed_reading(void *state, const struct gw_host *host, const struct gw_reading *reading)
{
    struct bed *bed = state;
    const struct sensing *sensing = &bed->sensing;
    evaluate(bed, host, reading->at); /* before the reading changes what was true until now */
    if (reading->sensor == GW_SENSOR_HOME)
        home(bed, host, reading);
    judge_mat(bed, host, reading->at);
    const enum sensing_change change = sensing_take(&bed->sensing, reading);
    if (sensing_plays(sensing, reading->sensor, BED)) {
        mat_told(bed, host, reading);
    } else if (sensing_plays(sensing, reading->sensor, MOTION) && (reading->flags & GW_RETAINED) == 0) {
        if (change == SENSING_TURNED_ON ||
            (change == SENSING_TURNED_OFF && (sensing->contact[reading->sensor] || reading->flags == 0))) {
            bed->moved = *reading;
            if (bed->passed_over && bed->place == OUT && !bed->muted && is_night(bed, host, reading->at)) {
                bed->passed_over = 0;
                bed->watched = 1; /* it was not the mat after all, or is not now */
                bed->absent_since = reading->at;
            }
            if ((bed->raised[EMPTY] || bed->raised[UNSURE] || bed->raised[NOT_IN]) &&
                !is_night(bed, host, reading->at)) {
                bed->watched = 0; /* the night is over and somebody is about */
                lower_absence(bed, host);
            }
        }
    } else if (sensing_plays(sensing, reading->sensor, BEDROOM) && (reading->flags & GW_RETAINED) == 0 &&
               (change == SENSING_TURNED_ON || change == SENSING_TURNED_OFF)) {
        bed->beside = reading->at;
        if (bed->place == OUT && reading->at - bed->absent_since <= SEEN_WITHIN)
            bed->seen_up = 1;
    } else if (sensing_plays(sensing, reading->sensor, DOOR) && change == SENSING_TURNED_ON) {
        bed->opened = *reading;
    }
    evaluate(bed, host, reading->at);
    return next(bed, host, reading->at);
}

static struct gw_wake bed_wake(void *state, const struct gw_host *host, gw_time now)
{
    struct bed *bed = state;
    struct gw_local local;
    expect(bed, host, now);
    evaluate(bed, host, now);
    host->local(host, now, &local);
    /* In an hour that DST skips, or after a step of the clock, the wake comes later than the time itself. */
    if (bed->up_by >= 0 && local.minute >= bed->up_by && local.minute < bed->up_by + 60 &&
        bed->asked != GW_EPISODE_DATE(local)) {
        bed->asked = GW_EPISODE_DATE(local);
        if (bed->place == IN_BED && !bed->muted && !mat_lost(bed) && bed->in_since <= now - AWAKE_BEFORE)
            say_not_up(bed, host, now);
    }
    return next(bed, host, now);
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
          .params = params, .alerts = alerts, .n_alerts = KINDS, .history = 2 * GW_DAY,
          .state_size = sizeof(struct bed), .open = bed_open, .reading = bed_reading, .wake = bed_wake);
