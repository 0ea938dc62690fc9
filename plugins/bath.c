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
#include "gatewayd/plugin.h"
#include "sensing.h"
#include "timing.h"
#include "wording.h"

#define ENTRY_AFTER     (5 * GW_SECOND)  /* movement this long after closing is not the leaver's */
#define HOLD            (2 * GW_MINUTE)  /* a level that lasts this long after closing neither */
#define SAME_ENTRY      (5 * GW_MINUTE)  /* the first movement so long after closing belongs to it */
#define ELSEWHERE_AFTER (30 * GW_SECOND) /* what moves elsewhere sooner was on the way in */
#define AIRED_AFTER     (30 * GW_SECOND) /* movement inside this long after opening is not the way out */
#define LEFT_AFTER      (3 * GW_MINUTE)  /* no such movement for so long: out */
#define CLOSES_BEHIND   GW_MINUTE        /* who leaves closes the door within this */
#define SURELY_OUT      3u               /* movements elsewhere ... */
#define SURELY_OUT_OVER (2 * GW_MINUTE)  /* ... over so long, none inside in between: the opening was missed */
#define BY_THE_DOOR     (2 * GW_MINUTE)  /* the door moved so long before: she came in */
#define ON_THE_WAY      (30 * GW_SECOND) /* something elsewhere did */
#define NO_PHANTOM      (5 * GW_SECOND)  /* a level that lasts so long is somebody */
#define SECOND_SIGN     (10 * GW_MINUTE) /* a second movement within this too */
#define WAY             (2 * GW_MINUTE)  /* without a door: from elsewhere to inside, or back */
#define MOVES_WITHIN    (10 * GW_MINUTE) /* who moved so long ago is not lying there */
#define SHARES          8u               /* the time that the door was closed, by quarters of a day: two days */
#define SHARE           (6 * GW_HOUR)
#define SHARE_KNOWN     GW_DAY /* not judged before */
#define FOUND_FOR       GW_DAY /* the judgement holds for so long, or it would flap */

enum role { DOOR, MOTION, ELSEWHERE, ROLES };
enum { LONG, TOO_LONG, STILL, KINDS };

struct bath {
    struct sensing sensing;
    uint32_t door, of_room; /* the door, UINT32_MAX: none; the sensor whose room is told */
    int has_door, has_motion, has_elsewhere;
    uint8_t stays_on[SENSING_MAX]; /* 1: a presence sensor, whose level says that somebody is there, moving or not */
    gw_time warn_after, alarm_after, alarm_moving_after, still_after, night_still_after;
    int32_t night_from, night_to;

    enum { EMPTY, SURE, OPEN, CLOSED } stay;
    struct gw_reading began;  /* the reading that began the stay */
    struct gw_reading closed; /* the door's last closing; id 0: none */
    struct gw_reading moved;  /* the last movement inside, begin or end; id 0: none */
    gw_time leaving;          /* the door was opened during the stay: looking for more; 0: no */
    gw_time home_since;
    gw_time left;                        /* a stay was ended by opening the door; 0: no */
    gw_time elsewhere_since;             /* the first movement elsewhere since the last inside */
    uint32_t elsewhere;                  /* how many */
    struct gw_reading lone;              /* a movement inside that may be a phantom; id 0: none */
    gw_time outside;                     /* the last movement that began elsewhere; 0: none */
    gw_time door_moved;                  /* 0: never */
    int known_out;                       /* something moved elsewhere since the door last did */
    gw_time opened;                      /* the door was; 0: never */
    gw_time shut[SHARES], known[SHARES]; /* of each quarter of a day, a ring */
    gw_time counted;                     /* up to here; 0: not begun */
    gw_time much_closed;                 /* it was for too much of the last two days; 0: never */
    int kept_closed, found_closed;       /* as configured; as seen */
    int muted, held;                     /* held: this closing's HOLD has been looked at */
    int raised[KINDS];
};

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

static void lower(struct bath *bath, const struct gw_host *host, uint32_t kind)
{
    if (bath->raised[kind])
        host->clear(host, kind, NULL);
    bath->raised[kind] = 0;
}

static void begin(struct bath *bath, int stay, const struct gw_reading *reading)
{
    if (bath->muted)
        return;
    bath->stay = stay;
    bath->lone.id = 0;
    bath->known_out = 0;
    bath->elsewhere = 0;
    bath->began = *reading;
    bath->leaving = 0;
}

static void end(struct bath *bath, const struct gw_host *host)
{
    bath->stay = EMPTY;
    bath->leaving = 0;
    for (uint32_t kind = 0; kind < KINDS; kind++)
        lower(bath, host, kind);
}

/* From when the time inside counts. */
static gw_time since(const struct bath *bath)
{
    return timing_later(bath->began.at, bath->home_since);
}

/* The last sign of life inside. */
static gw_time last_sign(const struct bath *bath)
{
    return bath->moved.id != 0 ? timing_later(bath->moved.at, since(bath)) : since(bath);
}

/* When stillness becomes an alarm; 0: not at all, as things are. *limit: by which limit. */
static gw_time still_due(const struct bath *bath, const struct gw_host *host, gw_time *limit)
{
    *limit = bath->still_after;
    if (!bath->has_motion || sensing_active(&bath->sensing, MOTION) > 0 || sensing_lost(&bath->sensing, MOTION) > 0)
        return 0;
    if (bath->night_still_after >= 0 && (*limit < 0 || bath->night_still_after < *limit) &&
        timing_is_within(host, last_sign(bath) + bath->night_still_after, bath->night_from, bath->night_to))
        *limit = bath->night_still_after;
    if (!bath->has_door && *limit >= 0 && *limit < bath->warn_after)
        *limit = bath->warn_after;
    return *limit < 0 ? 0 : last_sign(bath) + *limit;
}

static int moves_now(const struct bath *bath)
{
    int moves = 0;
    for (uint32_t i = 0; i < bath->sensing.n; i++)
        moves |= sensing_plays(&bath->sensing, i, MOTION) && !bath->sensing.lost[i] && !bath->stays_on[i] &&
                 bath->sensing.level[i] == SENSING_ON;
    return moves;
}

/* When the time inside becomes an emergency; 0: never. */
static gw_time alarm_due(const struct bath *bath, gw_time now)
{
    if (bath->alarm_after < 0)
        return 0;
    const gw_time due = since(bath) + bath->alarm_after, last = since(bath) + bath->alarm_moving_after;
    gw_time moves = moves_now(bath) ? now : bath->moved.id != 0 ? bath->moved.at : 0;
    if (!bath->has_motion || moves == 0 || last < due)
        return due;
    moves += MOVES_WITHIN;
    return moves < due ? due : moves < last ? moves : last;
}

static void raise(struct bath *bath, const struct gw_host *host, uint32_t kind, gw_time from, const char *en,
                  const char *zh, const char *limit)
{
    struct gw_reading evidence[2];
    uint32_t n = 0;
    evidence[n++] = bath->began;
    if (bath->moved.id > bath->began.id)
        evidence[n++] = bath->moved;
    const struct gw_condition condition = {
        .size = sizeof condition,
        .kind = kind,
        .episode = kind == STILL && bath->moved.id > bath->began.id ? bath->moved.origin : bath->began.origin,
        .since = from,
        .text_en = en,
        .text_zh = zh,
        .evidence = evidence,
        .n_evidence = n,
        .limit = limit,
    };
    host->raise(host, &condition);
    bath->raised[kind] = 1;
}

static void say_long(struct bath *bath, const struct gw_host *host, uint32_t kind, gw_time now)
{
    const gw_time whole = (now - since(bath)) / GW_MINUTE * GW_MINUTE; /* who moved was given more than the limit */
    const gw_time limit = kind == LONG ? bath->warn_after : timing_later(bath->alarm_after, whole);
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    const struct wording_span span = wording_span(limit);
    const struct wording_clock from = wording_clock(host, since(bath)), sign = wording_clock(host, last_sign(bath));
    const char *room = host->sensor_room(host, bath->of_room);
    const int seen = bath->moved.id > bath->began.id;
    (void)snprintf(en, sizeof en, "In the %s for %s, since %s, and not out yet.%s%s%s", room[0] ? room : "bathroom",
                   span.en, from.text,
                   seen               ? " Last movement "
                   : bath->has_motion ? " No movement since."
                                      : "",
                   seen ? sign.text : "", seen ? "." : "");
    (void)snprintf(zh, sizeof zh, "%s %s，已 %s没有出来。%s%s%s", from.text,
                   bath->stay == OPEN ? "进入浴室" : "浴室门关上", span.zh,
                   seen               ? "最后一次活动 "
                   : bath->has_motion ? "之后没有动静。"
                                      : "",
                   seen ? sign.text : "", seen ? "。" : "");
    raise(bath, host, kind, since(bath), en, zh, span.en);
}

static void say_still(struct bath *bath, const struct gw_host *host, gw_time limit)
{
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    const struct wording_span span = wording_span(limit);
    const struct wording_clock from = wording_clock(host, since(bath)), sign = wording_clock(host, last_sign(bath));
    const char *room = host->sensor_room(host, bath->of_room);
    (void)snprintf(en, sizeof en, "No movement in the %s for %s (last %s), occupied since %s.",
                   room[0] ? room : "bathroom", span.en, sign.text, from.text);
    (void)snprintf(zh, sizeof zh, "%s %s，还没有出来，已 %s没有动静（最后一次活动 %s）。", from.text,
                   bath->stay == OPEN ? "进入浴室" : "浴室门关上", span.zh, sign.text);
    raise(bath, host, STILL, last_sign(bath), en, zh, span.en);
}

static int door_lost(const struct bath *bath)
{
    return bath->has_door && bath->sensing.lost[bath->door];
}

static int door_is(const struct bath *bath, enum sensing_level level)
{
    return bath->has_door && !bath->sensing.lost[bath->door] && bath->sensing.level[bath->door] == level;
}

/* The time at which a level inside that lasts says that somebody stayed in behind the closed door; 0: no such question.
 */
static gw_time hold_due(const struct bath *bath)
{
    const gw_time from = timing_later(bath->closed.at, bath->home_since);
    if (bath->stay != EMPTY || bath->held || bath->muted || !door_is(bath, SENSING_OFF) || bath->closed.id == 0)
        return 0;
    if (bath->moved.at > from + ENTRY_AFTER)
        return 0; /* began later: see came_in */
    return sensing_active(&bath->sensing, MOTION) > 0 ? from + HOLD : 0;
}

/* A level that lasts is somebody; 0: there is none to wait for. */
static gw_time lone_due(const struct bath *bath)
{
    return bath->lone.id != 0 && sensing_active(&bath->sensing, MOTION) > 0 ? bath->lone.at + NO_PHANTOM : 0;
}

/* Adds the time since the last look, and says if the door is kept closed: if a day ago or less it was for more than a
 * fifth of two days. This rests on three days and nothing before them: a restart judges as one life does. (The history
 * is a day longer, for the door is not known before it moves.) */
static void count_closed(struct bath *bath, gw_time now)
{
    if (!bath->has_door)
        return;
    if (bath->counted == 0 || bath->muted || bath->sensing.lost[bath->door] ||
        bath->sensing.level[bath->door] == SENSING_UNKNOWN || now - bath->counted > (gw_time)SHARES * SHARE)
        bath->counted = now;
    gw_time shut = 0, known = 0;
    while (bath->counted < now) {
        const gw_time quarter = bath->counted / SHARE, end = (quarter + 1) * SHARE < now ? (quarter + 1) * SHARE : now;
        const uint32_t i = (uint32_t)(quarter % SHARES);
        if (bath->counted % SHARE == 0)
            bath->shut[i] = bath->known[i] = 0;
        bath->known[i] += end - bath->counted;
        bath->shut[i] += door_is(bath, SENSING_OFF) ? end - bath->counted : 0;
        bath->counted = end;
    }
    for (uint32_t i = 0; i < SHARES; i++) {
        shut += bath->shut[i];
        known += bath->known[i];
    }
    if (known >= SHARE_KNOWN && shut * 5 > known)
        bath->much_closed = now;
    bath->found_closed = bath->much_closed != 0 && now - bath->much_closed <= FOUND_FOR;
}

static int all_lost(const struct bath *bath, const struct gw_host *host, uint32_t role, const char *name)
{
    return sensing_lost(&bath->sensing, role) == host->role_count(host, name);
}

static void tell_health(const struct bath *bath, const struct gw_host *host)
{
    const char *en = "", *zh = "";
    if (host->size <= offsetof(struct gw_host, health))
        return;
    if (bath->found_closed && !bath->has_motion && !bath->kept_closed) {
        en = "The door is closed also when nobody is inside: a movement sensor is needed.";
        zh = "没有人时门也关着，无法判断是否有人：需要加装活动传感器。";
    } else if (!bath->has_door && all_lost(bath, host, MOTION, "motion")) {
        en = "No sensor in the bathroom answers.";
        zh = "浴室内的传感器均无应答。";
    } else if (!bath->has_door && all_lost(bath, host, ELSEWHERE, "elsewhere")) {
        en = "No sensor outside the bathroom answers: who has left can't be told from who stays.";
        zh = "浴室外的传感器均无应答，无法判断是否已离开。";
    }
    host->health(host, en[0] != '\0' ? GW_HEALTH_BLIND : GW_HEALTH_OK, en, zh);
}

/* Everything that is due now. */
static void evaluate(struct bath *bath, const struct gw_host *host, gw_time now)
{
    gw_time limit = 0;
    if (lone_due(bath) != 0 && lone_due(bath) <= now)
        begin(bath, door_is(bath, SENSING_OFF) ? SURE : OPEN, &bath->lone);
    if (hold_due(bath) != 0 && hold_due(bath) <= now) {
        bath->held = 1;
        begin(bath, SURE, &bath->closed);
    }
    if (bath->leaving != 0 && bath->leaving + LEFT_AFTER <= now)
        end(bath, host);
    if (bath->stay == EMPTY || bath->leaving != 0 || door_lost(bath))
        return;
    if (bath->warn_after >= 0 && !bath->raised[LONG] && since(bath) + bath->warn_after <= now)
        say_long(bath, host, LONG, now);
    if (!bath->raised[TOO_LONG] && alarm_due(bath, now) != 0 && alarm_due(bath, now) <= now)
        say_long(bath, host, TOO_LONG, now);
    const gw_time still = still_due(bath, host, &limit);
    if (still != 0 && !bath->raised[STILL] && still <= now)
        say_still(bath, host, limit);
}

static struct gw_wake next(const struct bath *bath, const struct gw_host *host, gw_time now)
{
    struct gw_wake wake = GW_WAKE_NONE_INIT;
    gw_time limit = 0;
    wake.at = timing_first(wake.at, lone_due(bath));
    wake.at = timing_first(wake.at, hold_due(bath));
    if (bath->leaving != 0)
        wake.at = timing_first(wake.at, bath->leaving + LEFT_AFTER);
    if (bath->stay == EMPTY || bath->leaving != 0 || door_lost(bath))
        return wake;
    if (bath->warn_after >= 0 && !bath->raised[LONG])
        wake.at = timing_first(wake.at, since(bath) + bath->warn_after);
    if (!bath->raised[TOO_LONG] && alarm_due(bath, now) != 0)
        wake.at = timing_first(wake.at, alarm_due(bath, now));
    if (!bath->raised[STILL] && still_due(bath, host, &limit) != 0)
        wake.at = timing_first(wake.at, still_due(bath, host, &limit));
    return wake;
}

/* The door has just been closed, and nothing inside could tell: does that say that somebody is in there? */
static int closing_says_so(const struct bath *bath, gw_time at)
{
    if (!bath->kept_closed)
        return !bath->found_closed;
    if (bath->has_elsewhere)
        return bath->known_out && bath->opened != 0 && at - bath->opened <= CLOSES_BEHIND;
    return !(bath->left != 0 && at - bath->left <= CLOSES_BEHIND);
}

static void door_changed(struct bath *bath, const struct gw_host *host, const struct gw_reading *reading,
                         enum sensing_change change)
{
    bath->door_moved = reading->at;
    if (change == SENSING_TURNED_OFF) {
        bath->closed = *reading;
        bath->held = 0;
        if (!bath->has_motion && bath->stay == EMPTY && closing_says_so(bath, reading->at))
            begin(bath, CLOSED, reading);
        bath->left = 0;
        bath->known_out = 0;
        return;
    }
    if (change == SENSING_TURNED_ON)
        bath->opened = reading->at;
    if (change == SENSING_TURNED_ON && bath->stay != EMPTY) {
        if (bath->has_motion && bath->has_elsewhere)
            bath->leaving = bath->leaving != 0 ? bath->leaving : reading->at;
        else
            end(bath, host);
        bath->left = reading->at;
    }
}

/* Movement while nobody was known to be inside. */
static void came_in(struct bath *bath, const struct gw_reading *reading, int behind_door)
{
    const struct gw_reading *from = reading;
    const gw_time way = bath->has_door ? ON_THE_WAY : WAY;
    if (!bath->has_door && (bath->outside == 0 || reading->at - bath->outside > SECOND_SIGN))
        return; /* nobody was there to come in */
    const int on_the_way = (bath->outside != 0 && reading->at - bath->outside <= way) ||
                           (bath->door_moved != 0 && reading->at - bath->door_moved <= BY_THE_DOOR);
    if (behind_door && reading->at - bath->closed.at <= SAME_ENTRY)
        from = &bath->closed;
    else if (!on_the_way) {
        const int again = bath->lone.id != 0 && reading->at - bath->lone.at <= SECOND_SIGN;
        if (!again) {
            bath->lone = *reading;
            return;
        }
        from = &bath->lone;
    }
    const struct gw_reading began = *from;
    begin(bath, behind_door ? SURE : OPEN, &began);
}

static void moved_inside(struct bath *bath, const struct gw_host *host, const struct gw_reading *reading, int began)
{
    const int behind_door =
        door_is(bath, SENSING_OFF) && bath->closed.id != 0 && reading->at - bath->closed.at >= ENTRY_AFTER;
    if (!began && bath->lone.id != 0 && bath->stay == EMPTY && reading->at - bath->lone.at < NO_PHANTOM)
        return; /* the end of what may be a phantom */
    bath->moved = *reading;
    bath->elsewhere = 0;
    lower(bath, host, STILL);
    if (!began)
        return;
    if (bath->leaving != 0) {
        if (reading->at - bath->leaving >= AIRED_AFTER) {
            bath->leaving = 0;
            bath->stay = behind_door ? SURE : OPEN;
        }
    } else if (bath->stay == EMPTY &&
               (behind_door || (bath->has_elsewhere && (!bath->has_door || door_is(bath, SENSING_ON))))) {
        came_in(bath, reading, behind_door);
    } else if (behind_door) {
        bath->stay = SURE;
    }
}

/* Without a door: is this movement elsewhere her way out? */
static int is_way_out(const struct bath *bath, const struct gw_host *host, const struct gw_reading *reading, int late)
{
    const int moves = sensing_active(&bath->sensing, MOTION) > 0 || reading->at - bath->moved.at <= WAY;
    return (late && moves) || bath->elsewhere > 1 || bath->sensing.contact[reading->sensor] ||
           strcmp(host->sensor_kind(host, reading->sensor), "bed") == 0;
}

static void moved_elsewhere(struct bath *bath, const struct gw_host *host, const struct gw_reading *reading)
{
    const int late = reading->at - bath->began.at >= ELSEWHERE_AFTER;
    bath->known_out = 1;
    if (bath->elsewhere != 0 && !bath->has_door && reading->at - bath->elsewhere_since > SECOND_SIGN)
        bath->elsewhere = 0; /* it was a phantom */
    if (bath->elsewhere++ == 0)
        bath->elsewhere_since = reading->at;
    const int surely = bath->elsewhere >= SURELY_OUT && reading->at - bath->elsewhere_since >= SURELY_OUT_OVER;
    const int open = bath->has_door ? late : is_way_out(bath, host, reading, late);
    if (bath->leaving != 0 || (bath->stay == SURE && surely) || (bath->stay == OPEN && open) ||
        (bath->stay == CLOSED && late))
        end(bath, host);
}

static void home(struct bath *bath, const struct gw_host *host, const struct gw_reading *reading)
{
    if (reading->type != GW_MODE || (reading->flags & GW_TEST) != 0)
        return;
    const int muted = sensing_mode_mutes(reading->value);
    if (muted)
        end(bath, host);
    if (!muted && bath->muted) {
        bath->muted = 0;
        bath->home_since = reading->at;
        bath->held = 0;
        if (!bath->has_motion && door_is(bath, SENSING_OFF) && bath->closed.id != 0 && !bath->found_closed)
            begin(bath, CLOSED, &bath->closed);
    }
    bath->muted = muted;
}

static struct gw_wake bath_reading(void *state, const struct gw_host *host, const struct gw_reading *reading)
{
    struct bath *bath = state;
    const struct sensing *sensing = &bath->sensing;
    evaluate(bath, host, reading->at); /* before the reading changes what was true until now */
    count_closed(bath, reading->at);
    if (reading->sensor == GW_SENSOR_HOME)
        home(bath, host, reading);
    const enum sensing_change change = sensing_take(&bath->sensing, reading);
    const int turned = change == SENSING_TURNED_ON || change == SENSING_TURNED_OFF;
    if (turned && reading->sensor == bath->door)
        door_changed(bath, host, reading, change);
    else if (turned && sensing_plays(sensing, reading->sensor, MOTION))
        moved_inside(bath, host, reading, change == SENSING_TURNED_ON);
    else if (turned && sensing_plays(sensing, reading->sensor, ELSEWHERE) &&
             (reading->flags & (GW_INITIAL | GW_RETAINED)) == 0 &&
             (change == SENSING_TURNED_ON || sensing->contact[reading->sensor] ||
              strcmp(host->sensor_kind(host, reading->sensor), "bed") == 0))
        moved_elsewhere(bath, host, reading);
    if (sensing_plays(sensing, reading->sensor, ELSEWHERE) &&
        (change == SENSING_TURNED_ON || (turned && !bath->has_door)))
        bath->outside = reading->at;
    evaluate(bath, host, reading->at);
    tell_health(bath, host);
    return next(bath, host, reading->at);
}

static struct gw_wake bath_wake(void *state, const struct gw_host *host, gw_time now)
{
    struct bath *bath = state;
    evaluate(bath, host, now);
    return next(bath, host, now);
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
          .alerts = alerts, .n_alerts = KINDS, .history = 4 * GW_DAY, .state_size = sizeof(struct bath),
          .open = bath_open, .reading = bath_reading, .wake = bath_wake);
