/* routine - what is unusual in this home, learned from its own last weeks.
 *
 * Four ages are followed: since the last sign of life (presence.h), since the last one outside of the bedroom, since
 * going out, since the bed was left. For each quarter of an hour, weekdays and weekends apart, the diary knows the
 * longest that are usual: the mean of the longest tenth of the last eight weeks' days. What is unusual is told when an
 * age passes its usual length by a factor that the home sets by itself: of the factors that its past days reached (each
 * held against what was known before it) the one that a further day passes with the chance which the budget allows. A
 * day that alarms is not learned from; if three of a week do, it is a new habit, and is. Nor are days with a gap, or
 * the hours of away and visits.
 *
 * Slow changes are looked for once a day, at noon: the last fortnight against the weeks before (changes.h). Getting up,
 * going to bed, trips at night, how much she moves and how often, the length of a visit to the bathroom, the time
 * outside.
 *
 * The budget of false alarms is parted: 40 % silence, 10 % rest, 15 % absence, 15 % bed, 20 % slow
 * changes.
 *
 * After a start it reads eight weeks of history, and knows of them what it would know had it run all the time, but for
 * the factors of the first week. */
#include "changes.h"
#include "gatewayd/plugin.h"
#include "presence.h"
#include "timing.h"
#include "wording.h"

#define AGE_MIN      (60 * GW_MINUTE) /* nothing shorter is told */
#define FACTOR_MIN   1.1
#define FACTOR_KEPT  1.5           /* an alarm raises the next factor by no more than this */
#define FIRST_DAYS   3.0           /* without a factor of their own */
#define GAP_MIN      GW_HOUR       /* a shorter gap spoils no day */
#define BATH_LONGEST (3 * GW_HOUR) /* then it was no visit, but the last thing seen */
#define BATH_QUIET   (30 * GW_MINUTE)
#define MOVES_MAX    30u /* of one sensor in a quarter of an hour: more is bouncing */

enum { BEDROOM = PRESENCE_BEDS + 1, BATHROOM };
enum { SILENCE, REST, ABSENCE, UPRIGHT, CHANGE, KINDS }; /* the first are the ages */

struct routine {
    struct presence presence;
    struct diary diary;
    double budget; /* false alarms a day */
    uint32_t learn, beds;
    uint64_t health; /* what was told of it */
    uint8_t bedroom[SENSING_MAX], bathroom[SENSING_MAX];

    struct gw_reading seen[DIARY_AGES]; /* from which each age counts; id 0: unknown */
    gw_time since[DIARY_AGES];
    gw_time boundary;  /* the end of the running slot; 0: nothing seen yet */
    gw_time closed_at; /* the last noon */
    uint32_t slot;
    int was_up;     /* in the running slot */
    gw_time moving; /* the last five minutes counted as moving */
    uint8_t moves[SENSING_MAX];
    gw_time bath_since, bath_last; /* 0: not in there */
    double factor[DIARY_AGES];     /* 0: not known yet */
    int raised[DIARY_AGES];
    uint8_t changed[DIARY_FIGURES];
    gw_time wake;
};

static const double shares[KINDS] = {0.40, 0.10, 0.15, 0.15, 0.20};

/* ---- setting up ------------------------------------------------------------------------------------------------ */

static int is_one_of(const char *name, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (strcmp(name, *names) == 0)
            return 1;
    }
    return 0;
}

/* Sensors of the bedroom and the bathroom: as named, else by their rooms. */
static void find_rooms(struct routine *routine, const struct gw_host *host)
{
    static const char *const baths[] = {"bathroom", "bath", "toilet", "wc", "shower", NULL};
    const struct sensing *sensing = &routine->presence.sensing;
    const int named_bed = host->role_count(host, "bedroom") > 0, named_bath = host->role_count(host, "bathroom") > 0;
    for (uint32_t i = 0; i < sensing->n; i++) {
        const char *room = host->sensor_room(host, i);
        int bedroom = sensing_plays(sensing, i, BEDROOM) || (!named_bed && strcmp(room, "bedroom") == 0);
        for (uint32_t bed = 0; bed < sensing->n; bed++)
            bedroom |= !named_bed && sensing_plays(sensing, bed, PRESENCE_BEDS) && room[0] != '\0' &&
                       strcmp(room, host->sensor_room(host, bed)) == 0;
        routine->bedroom[i] = (uint8_t)(bedroom || sensing_plays(sensing, i, PRESENCE_BEDS));
        routine->bathroom[i] =
            (uint8_t)(sensing_plays(sensing, i, BATHROOM) || (!named_bath && is_one_of(room, baths)));
    }
}

static void tell_health(struct routine *routine, const struct gw_host *host)
{
    const struct presence *presence = &routine->presence;
    const int knows = routine->factor[DIARY_LIFE] > 0;
    const uint64_t health = 1u + (unsigned)presence->blind * 2u + (unsigned)knows * 4u + (uint64_t)presence->lost * 8u +
                            (uint64_t)routine->diary.n * 65536u;
    if (health == routine->health)
        return;
    routine->health = health;
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    if (knows) {
        presence_health(&routine->presence, host, NULL, NULL);
        return;
    }
    (void)snprintf(en, sizeof en, "Knows %u days of this home; what is unusual is told from %u on.",
                   (unsigned)routine->diary.n, (unsigned)routine->learn);
    (void)snprintf(zh, sizeof zh, "已了解 %u 天的生活规律，满 %u 天后开始提醒。", (unsigned)routine->diary.n,
                   (unsigned)routine->learn);
    presence_health(&routine->presence, host, en, zh);
}

static int routine_open(void *state, const struct gw_host *host, char *error, size_t error_size)
{
    static const char *const names[] = {"signs", "door", "bed", "bedroom", "bathroom"};
    struct routine *routine = state;
    if (presence_open(&routine->presence, host, names, 5, error, error_size) != 0)
        return -1;
    routine->budget = 1 / host->number(host, "false_alarm_every");
    routine->learn = (uint32_t)host->number(host, "learn_days");
    routine->beds = host->role_count(host, "bed");
    find_rooms(routine, host);
    tell_health(routine, host);
    return 0;
}

/* ---- what is said ---------------------------------------------------------------------------------------------- */

static void lower(struct routine *routine, const struct gw_host *host, int age)
{
    if (routine->raised[age])
        host->clear(host, (uint32_t)age, NULL);
    routine->raised[age] = 0;
}

/* When she usually gets up: nine days of ten, in minutes after noon. 0: not known. */
static int usually_up(const struct diary *diary, double *from, double *to)
{
    double values[DIARY_DAYS] = {0};
    uint32_t n = 0;
    for (uint32_t i = 0; i < diary->n; i++) {
        if (diary->days[i].figure[DIARY_GOT_UP] >= 0 && diary_learns_from(&diary->days[i]))
            values[n++] = (double)diary->days[i].figure[DIARY_GOT_UP];
    }
    quantile_sort(values, n);
    *from = quantile_of(values, n, 0.1);
    *to = quantile_of(values, n, 0.9);
    return n >= 5;
}

/* Is this a morning that does not begin? Then it is told as one. */
static int not_up(const struct routine *routine, const struct gw_host *host, int age, gw_time now, char *en, char *zh)
{
    double from, to;
    struct gw_local local;
    host->local(host, now, &local);
    const double minute = (double)((local.minute + 720) % 1440);
    const double up_for = (double)(now - routine->since[DIARY_UP]) / (double)GW_MINUTE;
    if (age >= DIARY_OUT || !usually_up(&routine->diary, &from, &to) || minute <= to || minute > to + 360 ||
        up_for < minute - from)
        return 0;
    const struct wording_clock at = wording_clock(host, now), a = changes_clock(from), b = changes_clock(to);
    (void)snprintf(en, GW_MAX_TEXT, "Not up at %s; usually up between %s and %s.", at.text, a.text, b.text);
    (void)snprintf(zh, GW_MAX_TEXT, "到 %s 还没有起床；平时在 %s 至 %s 之间起床。", at.text, a.text, b.text);
    return 1;
}

static void say_unusual(struct routine *routine, const struct gw_host *host, int age, gw_time now, gw_time usual)
{
    static const char *const what_en[] = {"No sign of life", "Nothing moved outside of the bedroom", "Out",
                                          "Not in bed"};
    static const char *const what_zh[] = {"家中没有任何活动迹象", "卧室以外没有活动", "外出", "不在床上"};
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    const struct gw_reading *why = &routine->seen[age];
    const gw_time since = routine->since[age];
    const struct wording_span span = wording_span(now - since), most = wording_span(usual);
    const struct wording_span limit = wording_span((gw_time)((double)usual * routine->factor[age]));
    const struct wording_clock from = wording_clock(host, since);
    if (!not_up(routine, host, age, now, en, zh)) {
        const int home = age == DIARY_OUT && usual <= 30 * GW_MINUTE, bed = age == DIARY_BED && usual <= GW_HOUR;
        const char *place_en = home ? "at home" : bed ? "in bed" : NULL, *place_zh = home ? "在家" : "在床上";
        (void)snprintf(en, sizeof en, "%s for %s, since %s; at this time of the day usually %s%s.", what_en[age],
                       span.en, from.text, place_en != NULL ? place_en : "not more than ",
                       place_en != NULL ? "" : most.en);
        (void)snprintf(zh, sizeof zh, "自 %s 起%s已 %s；平时这个时候%s%s。", from.text, what_zh[age], span.zh,
                       place_en != NULL ? place_zh : "不超过 ", place_en != NULL ? "" : most.zh);
    }
    const struct gw_condition condition = {
        .size = sizeof condition,
        .kind = (uint32_t)age,
        .episode = why->origin != 0 ? why->origin : why->id,
        .since = since,
        .text_en = en,
        .text_zh = zh,
        .evidence = why,
        .n_evidence = 1,
        .limit = limit.en,
    };
    host->raise(host, &condition);
    routine->raised[age] = 1;
}

/* ---- time passes ----------------------------------------------------------------------------------------------- */

static void look_for_changes(struct routine *routine, const struct gw_host *host, gw_time now)
{
    const double limit = changes_limit(routine->budget * shares[CHANGE]);
    for (int i = 0; i < DIARY_FIGURES; i++) {
        const struct changes_figure *figure = &changes_figures[i];
        struct changes_change change;
        if (!changes_compare(&routine->diary, i, &change))
            change.days = 0;
        const int holds = change.days > 0 && changes_holds(figure, &change, limit / 2);
        if (!routine->changed[i] && change.days > 0 && changes_is(figure, &change, limit)) {
            changes_say(host, CHANGE, figure, &change, routine->diary.days[0].date, now);
            routine->changed[i] = 1;
        } else if (routine->changed[i] && !holds) {
            host->clear(host, CHANGE, figure->key);
            routine->changed[i] = 0;
        }
    }
}

/* A level lasts that is a sign of life all the time; up: outside of the bedroom. */
static int lasts(const struct routine *routine, gw_time now, int up)
{
    const struct presence *presence = &routine->presence;
    for (uint32_t i = 0; i < presence->sensing.n; i++) {
        const gw_time on = now - presence->on_at[i];
        if (presence_is_level(presence, i) && on >= PRESENCE_HELD && on < PRESENCE_STUCK &&
            !(up && routine->bedroom[i]))
            return 1;
    }
    return 0;
}

static int is_known(const struct routine *routine, int age)
{
    const struct presence *presence = &routine->presence;
    if (presence->muted || presence->blind)
        return 0;
    if (age == DIARY_OUT)
        return presence_knows_out(presence);
    if (age == DIARY_BED && routine->beds == 0)
        return 0;
    return !presence->out && routine->seen[age].id != 0;
}

static gw_time age_at(const struct routine *routine, int age, gw_time at)
{
    return age == DIARY_OUT && !routine->presence.out ? 0 : at - routine->since[age];
}

/* The usual age in a slot of today; 0: not known yet. By night an hour's grace: who comes home or goes to bed later
 * than ever before by a quarter of an hour only is no alarm. */
static gw_time usual_at(const struct routine *routine, int age, uint32_t slot)
{
    const struct diary *diary = &routine->diary;
    const uint32_t grace = age >= DIARY_OUT && diary_by_night(slot) ? 4 : 0;
    uint8_t usual = 0;
    for (uint32_t from = slot < grace ? 0 : slot - grace; diary->n > 0 && from <= slot; from++) {
        const uint8_t here = diary->usual[age][diary_weekend(&diary->today, from)][from];
        if (here == DIARY_UNKNOWN)
            return 0;
        usual = here > usual ? here : usual;
    }
    return diary->n == 0 ? 0 : (usual + 1) * DIARY_UNIT; /* ages are rounded down */
}

static void judge(struct routine *routine, const struct gw_host *host, int age, gw_time at, gw_time usual)
{
    struct diary_day *today = &routine->diary.today;
    const gw_time length = age_at(routine, age, at);
    const double limit = routine->factor[age];
    double reached = (double)length / (double)usual;
    /* One morning slept in is sixteen times the usual, and must not blind it for weeks to the next. */
    static const double most[DIARY_AGES] = {4, 4, 100, 16};
    if (limit > 0 && reached > limit && length >= AGE_MIN) {
        if (!routine->raised[age] && !((age == DIARY_UP || age == DIARY_BED) && routine->raised[DIARY_LIFE]))
            say_unusual(routine, host, age, at, usual);
        today->alarmed |= DIARY_ALARM;
    }
    if (limit > 0 && reached > limit * FACTOR_KEPT)
        reached = limit * FACTOR_KEPT;
    if (reached > most[age])
        reached = most[age];
    if (reached > (double)today->highest[age])
        today->highest[age] = (float)reached;
}

static void end_slot(struct routine *routine, const struct gw_host *host, gw_time at, uint32_t slot)
{
    struct diary_day *today = &routine->diary.today;
    const struct presence *presence = &routine->presence;
    for (int up = 0; up < 2; up++) {
        if (!presence->out && lasts(routine, at, up)) {
            routine->since[up ? DIARY_UP : DIARY_LIFE] = at;
            routine->was_up |= up;
        }
    }
    if (presence_in_bed(presence, at))
        routine->since[DIARY_BED] = at;
    today->slot[slot] =
        (uint8_t)(!presence->muted && !presence->blind
                      ? DIARY_SEEN | (routine->was_up ? DIARY_WAS_UP : 0) | (presence->out ? DIARY_WAS_OUT : 0)
                      : 0);
    routine->was_up = 0;
    memset(routine->moves, 0, sizeof routine->moves);
    for (int age = 0; age < DIARY_AGES; age++) {
        const gw_time units = age_at(routine, age, at) / DIARY_UNIT, usual = usual_at(routine, age, slot);
        if (!is_known(routine, age))
            continue;
        today->age[age][slot] = (uint8_t)(units < (gw_time)DIARY_AGE_MAX ? units : (gw_time)DIARY_AGE_MAX);
        if (usual > 0)
            judge(routine, host, age, at, usual);
    }
}

static void close_day(struct routine *routine, const struct gw_host *host, gw_time now)
{
    struct diary *diary = &routine->diary;
    struct gw_local local;
    host->local(host, now, &local);
    if (diary->today.alarmed & DIARY_GAP)
        for (int age = 0; age < DIARY_AGES; age++)
            diary->today.highest[age] = -1;
    diary_close(diary, &local);
    const uint32_t least = routine->learn > FIRST_DAYS ? routine->learn - (uint32_t)FIRST_DAYS : 1;
    for (int age = 0; age < DIARY_AGES; age++) {
        const double factor = diary_threshold(diary, age, routine->budget * shares[age], least);
        routine->factor[age] = factor > 0 && factor < FACTOR_MIN ? FACTOR_MIN : factor;
    }
    routine->closed_at = now;
    look_for_changes(routine, host, now);
    tell_health(routine, host);
}

static void begin_slot(struct routine *routine, const struct gw_host *host, gw_time at)
{
    struct gw_local local;
    host->local(host, at, &local);
    routine->slot = diary_slot_of(&local);
    routine->boundary =
        at + DIARY_SLOT - (local.minute % 15 * 60 + (local.second < 60 ? local.second : 59)) * GW_SECOND;
}

/* Did noon pass between two slots? A step back of an hour or two is the end of summer time, or a clock put right. */
static int is_noon(const struct routine *routine, uint32_t before, gw_time now)
{
    return routine->slot + 8 < before || now - routine->closed_at >= 26 * GW_HOUR;
}

static void end_slots(struct routine *routine, const struct gw_host *host, gw_time now)
{
    while (routine->boundary <= now) {
        const gw_time at = routine->boundary;
        const uint32_t slot = routine->slot;
        end_slot(routine, host, at, slot);
        begin_slot(routine, host, at);
        if (is_noon(routine, slot, at))
            close_day(routine, host, at);
    }
}

/* The end of the slot in which the next limit may be passed, should nothing happen until then. */
static gw_time next_limit(const struct routine *routine, gw_time now)
{
    for (uint32_t ahead = 0; ahead < DIARY_SLOTS - routine->slot; ahead++) {
        const uint32_t slot = routine->slot + ahead;
        const gw_time at = routine->boundary + ahead * DIARY_SLOT;
        for (int age = 0; age < DIARY_AGES; age++) {
            const gw_time usual = usual_at(routine, age, slot);
            if (usual > 0 && routine->factor[age] > 0 && !routine->raised[age] && is_known(routine, age) &&
                (double)age_at(routine, age, at) > routine->factor[age] * (double)usual && at > now)
                return at;
        }
    }
    return routine->boundary + (DIARY_SLOTS - 1 - routine->slot) * DIARY_SLOT; /* noon */
}

/* Signs of life only put the next limit off: the wake stays, and looks again when it comes. */
static struct gw_wake next(struct routine *routine, gw_time now, int anew)
{
    struct gw_wake wake = GW_WAKE_NONE_INIT;
    if (routine->boundary == 0)
        return wake;
    if (anew || routine->wake <= now)
        routine->wake = next_limit(routine, now);
    wake.at = presence_wake(&routine->presence, now);
    wake.at = timing_first(wake.at, routine->wake);
    return wake;
}

/* ---- the plugin's calls ---------------------------------------------------------------------------------------- */

static void from_now(struct routine *routine, int age, const struct gw_reading *reading, gw_time at)
{
    routine->seen[age] = *reading;
    routine->since[age] = at;
}

static int at_night(const struct gw_host *host, gw_time at)
{
    struct gw_local local;
    host->local(host, at, &local);
    return diary_by_night(diary_slot_of(&local));
}

static void heed(struct routine *routine, const struct gw_host *host, unsigned changes,
                 const struct gw_reading *reading)
{
    const int up = reading->sensor >= SENSING_MAX || !routine->bedroom[reading->sensor];
    const int anew = (changes & (PRESENCE_BACK | PRESENCE_ANEW)) != 0;
    if (anew || (changes & (PRESENCE_SIGN | PRESENCE_DOOR)) != 0) {
        from_now(routine, DIARY_LIFE, reading, reading->at);
        lower(routine, host, DIARY_LIFE);
    }
    if (anew || ((changes & (PRESENCE_SIGN | PRESENCE_DOOR)) != 0 && up)) {
        from_now(routine, DIARY_UP, reading, reading->at);
        routine->was_up |= (changes & PRESENCE_ANEW) == 0;
        lower(routine, host, DIARY_UP);
    }
    if (anew) {
        lower(routine, host, DIARY_OUT);
        lower(routine, host, DIARY_BED);
        from_now(routine, DIARY_BED, reading, reading->at); /* the time out counts for nothing */
    }
    if ((changes & PRESENCE_WENT) != 0 && routine->presence.perhaps && at_night(host, routine->presence.went.at))
        (void)presence_back(&routine->presence); /* by night the last sign in the hall is the way to bed */
    else if ((changes & PRESENCE_WENT) != 0)
        from_now(routine, DIARY_OUT, &routine->presence.went, routine->presence.went.at);
}

static void note_bath(struct routine *routine, const struct gw_reading *reading)
{
    struct diary_day *today = &routine->diary.today;
    if (routine->bathroom[reading->sensor]) {
        if (routine->bath_since == 0)
            routine->bath_since = reading->at;
        routine->bath_last = reading->at;
        return;
    }
    if (routine->bath_since == 0)
        return;
    const gw_time end = reading->at - routine->bath_last < BATH_QUIET ? reading->at : routine->bath_last + GW_MINUTE;
    if (end - routine->bath_since <= BATH_LONGEST) {
        today->baths++;
        today->bath_time += end - routine->bath_since;
    }
    routine->bath_since = 0;
}

/* A movement inside, phantoms and all. */
static void note_move(struct routine *routine, const struct gw_reading *reading)
{
    const struct presence *presence = &routine->presence;
    if (presence->muted || presence->out || sensing_plays(&presence->sensing, reading->sensor, PRESENCE_DOORS))
        return;
    note_bath(routine, reading);
    if (!routine->bedroom[reading->sensor] && routine->moves[reading->sensor] < MOVES_MAX) {
        routine->moves[reading->sensor]++;
        routine->diary.today.moves++;
        routine->diary.today.moves_in[routine->slot] += routine->diary.today.moves_in[routine->slot] < UINT8_MAX;
        routine->diary.today.moving += reading->at / (5 * GW_MINUTE) != routine->moving;
        routine->moving = reading->at / (5 * GW_MINUTE);
    }
}

/* Nobody looked: the ages go on where the gap ends, and what was due in it is not yet. When the gap began. */
static gw_time gap(struct routine *routine, const struct gw_host *host, const struct gw_reading *reading)
{
    const gw_time now = reading->at;
    const gw_time length = reading->value < 0 ? 0 : reading->value < (double)now ? (gw_time)reading->value : now;
    end_slots(routine, host, now - length);
    for (int age = 0; age < DIARY_AGES; age++) {
        routine->since[age] += age == DIARY_OUT ? 0 : length;
        routine->since[age] = routine->since[age] > now ? now : routine->since[age];
    }
    if (length >= GAP_MIN)
        routine->diary.today.alarmed |= DIARY_GAP;
    const uint32_t before = routine->slot;
    begin_slot(routine, host, now);
    if (is_noon(routine, before, now)) {
        close_day(routine, host, now);
        routine->diary.today.alarmed |= length >= GAP_MIN ? DIARY_GAP : 0;
    }
    return now - length;
}

static struct gw_wake routine_reading(void *state, const struct gw_host *host, const struct gw_reading *reading)
{
    struct routine *routine = state;
    struct presence *presence = &routine->presence;
    gw_time seen_to = reading->at;
    if (routine->boundary == 0) {
        struct gw_local local;
        host->local(host, reading->at, &local);
        begin_slot(routine, host, reading->at);
        diary_begin(&routine->diary.today, &local);
        routine->diary.today.alarmed = DIARY_GAP; /* the first day is not whole */
        routine->closed_at = reading->at;
        for (int age = 0; age < DIARY_AGES; age++)
            from_now(routine, age, reading, reading->at);
    }
    if (reading->sensor == GW_SENSOR_HOME && reading->type == GW_GAP)
        seen_to = gap(routine, host, reading);
    end_slots(routine, host, reading->at);
    heed(routine, host, presence_pass(presence, seen_to), reading);
    const uint32_t sensor = reading->sensor;
    const int known = sensor < presence->sensing.n, before = known ? presence->sensing.level[sensor] : 0;
    const unsigned changes = presence_take(presence, host, reading);
    heed(routine, host, changes, reading);
    if (known && (reading->flags & (GW_INITIAL | GW_RETAINED | GW_REREAD | GW_TEST)) == 0 &&
        before != presence->sensing.level[sensor] &&
        (presence->sensing.contact[sensor] || presence->sensing.level[sensor] == SENSING_ON))
        note_move(routine, reading);
    if (known && sensing_plays(&presence->sensing, sensor, PRESENCE_BEDS) &&
        before != presence->sensing.level[sensor]) {
        from_now(routine, DIARY_BED, reading, reading->at);
        if (presence_in_bed(presence, reading->at))
            lower(routine, host, DIARY_BED);
    }
    tell_health(routine, host);
    return next(routine, reading->at, changes != 0 && (changes & ~(unsigned)PRESENCE_SIGN) != 0);
}

static struct gw_wake routine_wake(void *state, const struct gw_host *host, gw_time now)
{
    struct routine *routine = state;
    if (routine->boundary == 0)
        return next(routine, now, 0);
    end_slots(routine, host, now);
    const struct gw_reading none = {.sensor = GW_SENSOR_HOME,
                                    .at = now,
                                    .id = routine->seen[DIARY_LIFE].id,
                                    .origin = routine->seen[DIARY_LIFE].origin};
    const unsigned changes = presence_pass(&routine->presence, now);
    heed(routine, host, changes, &none);
    return next(routine, now, changes != 0);
}

static const struct gw_role roles[] = {
    {"signs", "motion presence vibration contact button cord bed", GW_ROLE_MANY | GW_ROLE_ALL, 0,
     "Signs of life inside; where none are named, every sensor of these kinds",
     "室内的活动迹象；未指定时使用所有这些类型的传感器"},
    {"door", "contact motion", GW_ROLE_MANY, 0,
     "The doors by which one leaves the home; without them an absence looks like silence, and is learned as such",
     "外出的门；未配置时外出与无活动无法区分，并按无活动学习"},
    {"bed", "bed", GW_ROLE_MANY | GW_ROLE_ALL, 0, "The bed's pad or mat", "床垫传感器"},
    {"bedroom", "motion presence vibration contact", GW_ROLE_MANY, 0,
     "Sensors that also see who lies in bed; where none are named, those of the room \"bedroom\" and of the beds",
     "也能感知卧床者的传感器；未指定时为卧室内的传感器"},
    {"bathroom", "motion presence vibration contact", GW_ROLE_MANY, 0,
     "Sensors of the bathroom and toilet; where none are named, those of the rooms of that name",
     "浴室和卫生间的传感器；未指定时按房间名称确定"},
};

static const struct gw_param params[] = {
    {"false_alarm_every", GW_PARAM_NUMBER, 0, "days", "28", 3, 365, NULL,
     "Not more than one false alarm in so many days: it sets its limits to that",
     "误报不多于每若干天一次，据此自动设定时限"},
    {"learn_days", GW_PARAM_NUMBER, 0, "days", "7", 4, 28, NULL, "Silent until it knows so many days of the home",
     "了解家中生活规律满此天数后才开始提醒"},
};

static const struct gw_alert_kind alerts[] = {
    [SILENCE] = {"unusual-silence", GW_WARNING, 0, "0010 0009", "Unusually long without a sign of life",
                 "异常长时间无活动", "Longer without a sign of life than this home knows at this time of the day",
                 "无活动时间超过该家庭此时段的平时水平"},
    [REST] = {"unusual-rest", GW_WARNING, 0, "0010 0009", "Unusually long in the bedroom", "异常长时间未出卧室",
              "Longer without leaving the bedroom than this home knows at this time of the day",
              "未出卧室时间超过该家庭此时段的平时水平"},
    [ABSENCE] = {"unusual-absence", GW_WARNING, 0, "0010 0003", "Out for unusually long", "外出时间异常长",
                 "Out for longer than this home knows at this time of the day", "外出时间超过该家庭此时段的平时水平"},
    [UPRIGHT] = {"unusual-night", GW_WARNING, 0, "0012 0003", "Unusually late not in bed", "异常晚未上床",
                 "Not in bed at a time of the night at which this home knows it occupied",
                 "夜间此时段平时已上床，但床上无人"},
    [CHANGE] = {"slow-change", GW_INFO, 0, "0010 0009", "A habit changes", "生活习惯改变",
                "A week or two unlike the weeks before; ends when it is as before, or has become usual",
                "最近一两周与此前不同；恢复原状或成为习惯后解除"},
};

GW_PLUGIN(.name = "routine", .version = "1.0",
          .summary_en = "What is unusual in this home, learned from its last weeks",
          .summary_zh = "根据最近几周的生活规律发现异常", .roles = roles, .n_roles = 5, .n_params = 2, .params = params,
          .alerts = alerts, .n_alerts = KINDS, .history = (DIARY_DAYS + 1) * GW_DAY,
          .state_size = sizeof(struct routine), .open = routine_open, .reading = routine_reading, .wake = routine_wake);
