/* The routine plugin: weeks of a home told by a few habits, then a day that is unlike them. */
#include "story.h"

#define SENSORS                                                                                                        \
    "front-door contact hall; hall motion hall; kitchen motion kitchen; bath motion bathroom; bedroom motion bedroom"
#define READINGS 60000u
#define DAY      ((int64_t)86400000)

/* A life, as readings. Each day is a little unlike the others, always in the same way. */
struct life {
    struct story_home *home;
    struct reading *readings;
    uint32_t n, day;
};

struct habit {
    int up, to_bed;      /* minutes of the day */
    int trips, bath_min; /* a night; of a visit */
    int every;           /* minutes between movements */
    int out, back;       /* 0: at home */
};

static const struct habit usual = {7 * 60, 22 * 60, 1, 5, 12, 14 * 60, 15 * 60 + 30};

static struct life life_begins(void)
{
    const struct story none = {SENSORS, "door=front-door", "", ""};
    struct life life = {.home = story_home(&none), .readings = calloc(READINGS, sizeof(struct reading))};
    assert_non_null(life.readings);
    return life;
}

static void life_ends(struct life *life)
{
    free(life->readings);
    free(life->home);
}

static void tell(struct life *life, double minute, const char *sensor, enum gw_type type, double value)
{
    assert_true(life->n < READINGS);
    struct reading *reading = &life->readings[life->n++];
    reading->at = STORY_LOG_START + life->day * DAY + (int64_t)(minute * 60000);
    reading->id = life->n * 10u;
    reading->origin = 0x100000000u + (uint64_t)reading->at; /* the same where a log begins later */
    reading->sensor = SENSOR_HOME;
    for (uint32_t i = 0; i < life->home->n_sensors; i++) {
        if (strcmp(life->home->sensors[i].name, sensor) == 0)
            reading->sensor = life->home->sensors[i].slot;
    }
    reading->type = (uint8_t)type;
    reading->value = value;
}

static void moves(struct life *life, double minute, const char *sensor)
{
    tell(life, minute, sensor, GW_VALUE, 1);
    tell(life, minute + 0.2, sensor, GW_VALUE, 0);
}

static void goes_through_the_door(struct life *life, double minute)
{
    tell(life, minute, "front-door", GW_VALUE, 1);
    tell(life, minute + 0.1, "front-door", GW_VALUE, 0);
}

static void visits_the_bath(struct life *life, double minute, int length)
{
    moves(life, minute, "bath");
    moves(life, minute + length / 2.0, "bath");
    moves(life, minute + length, "hall");
}

/* A number from 0 to range - 1 that looks like chance. */
static int some(const struct life *life, int what, int range)
{
    const unsigned mixed = (life->day + 1u) * 2654435761u + (unsigned)what * 40503u;
    return (int)((mixed >> 8) % (unsigned)range);
}

/* One day of the habit; nothing after `until`, in minutes. */
static void day(struct life *life, const struct habit *habit, int until)
{
    const int up = habit->up + some(life, 1, 40) - 20, bed = habit->to_bed + some(life, 2, 40) - 20;
    const int out = habit->out != 0 && habit->out < until;
    for (int trip = 0; trip < habit->trips; trip++) {
        if (120 + trip * 60 < until)
            visits_the_bath(life, 120 + trip * 60 + some(life, 3, 30), habit->bath_min);
    }
    int bath_at = up + 30;
    for (int minute = up; minute < bed && minute < until;
         minute += habit->every / 2 + some(life, minute, habit->every)) {
        if (out && minute >= habit->out - 5 && minute < habit->back)
            continue;
        if (out && minute >= habit->back && minute < habit->back + 5)
            minute = habit->back + 5;
        moves(life, minute, minute % 3 == 0 ? "hall" : "kitchen");
        if (minute >= bath_at && minute + habit->bath_min + 1 < (out && minute < habit->out ? habit->out - 5 : bed)) {
            visits_the_bath(life, minute + 1, habit->bath_min);
            minute += habit->bath_min + 1;
            bath_at = minute + 170;
        }
        if (out && minute < habit->out - 5 && minute + habit->every * 2 > habit->out) {
            goes_through_the_door(life, habit->out);
            if (habit->back < until)
                goes_through_the_door(life, habit->back);
        }
    }
    if (bed < until)
        moves(life, bed + 2, "bedroom");
    life->day++;
}

static int by_time(const void *a, const void *b)
{
    const struct reading *x = a, *y = b;
    return x->at != y->at ? (x->at > y->at) - (x->at < y->at) : (x->id > y->id) - (x->id < y->id);
}

static struct told *told_of(struct life *life, uint32_t from_day, double until, char *health, size_t size)
{
    static struct told told;
    char error[512] = "";
    struct engine *engine = story_engine(&gw_plugin_v1, life->home, &told, error, sizeof error);
    if (engine == NULL)
        fail_msg("refused: %s", error);
    qsort(life->readings, life->n, sizeof *life->readings, by_time);
    uint32_t first = 0;
    for (uint32_t i = 0; i < life->n; i++) {
        life->readings[i].id = (i + 1) * 10u;
        first += life->readings[i].at < STORY_LOG_START + from_day * DAY;
    }
    const int64_t end = STORY_LOG_START + (int64_t)(life->day - 1) * DAY + (int64_t)(until * 60000);
    for (uint32_t i = first; i < life->n; i++) /* one by one, as live */
        engine_batch(engine, &life->readings[i], 1, life->readings[i].at - 1, told.midnight - STORY_LOG_START);
    engine_batch(engine, NULL, 0, end, told.midnight - STORY_LOG_START);
    if (health != NULL)
        snprintf(health, size, "%s", engine_health(engine)->text_en);
    engine_destroy(engine);
    return &told;
}

static void weeks(struct life *life, uint32_t n)
{
    for (uint32_t i = 0; i < n * 7; i++)
        day(life, &usual, 1440);
}

static void the_usual_weeks_alarm_nobody(void **state)
{
    (void)state;
    struct life life = life_begins();
    weeks(&life, 10);
    assert_string_equal(told_of(&life, 0, 1439, NULL, 0)->lines, "");
    life_ends(&life);
}

static void it_says_what_it_needs_until_it_knows_the_home(void **state)
{
    (void)state;
    char health[GW_MAX_TEXT];
    struct life life = life_begins();
    for (int i = 0; i < 4; i++)
        day(&life, &usual, 1440);
    day(&life, &usual, 600); /* falls on the fifth day: not known yet */
    assert_string_equal(told_of(&life, 0, 1439, health, sizeof health)->lines, "");
    assert_string_equal(health, "Knows 5 days of this home; what is unusual is told from 7 on.");
    weeks(&life, 1);
    (void)told_of(&life, 0, 1439, health, sizeof health);
    assert_string_equal(health, "");
    life_ends(&life);
}

static void a_morning_that_does_not_begin_is_told_with_the_usual_time(void **state)
{
    (void)state;
    struct life life = life_begins();
    weeks(&life, 3);
    day(&life, &usual, 180);
    const struct told *told = told_of(&life, 0, 720, NULL, 0);
    assert_non_null(strstr(told->lines, "raise unusual-silence\n"));
    assert_memory_equal(told->last.text_en, "Not up at ", 10);
    assert_non_null(strstr(told->last.text_en, "; usually up between 06:45 and 07:"));
    assert_non_null(strstr(told->last.text_zh, "还没有起床；平时在 06:45 至 07:"));
    life_ends(&life);
}

static void a_fall_by_day_is_found_within_hours(void **state)
{
    (void)state;
    struct life life = life_begins();
    weeks(&life, 3);
    day(&life, &usual, 600);
    const struct told *told = told_of(&life, 0, 840, NULL, 0);
    assert_non_null(strstr(told->lines, "raise unusual-silence\n"));
    assert_non_null(strstr(told->last.text_en, "No sign of life for "));
    assert_non_null(strstr(told->last.text_en, "; at this time of the day usually not more than "));
    life_ends(&life);
}

static void who_does_not_come_home_as_usual_is_told(void **state)
{
    (void)state;
    struct life life = life_begins();
    weeks(&life, 3);
    struct habit late = usual;
    late.back = 1500;
    day(&life, &late, 1440);
    const struct told *told = told_of(&life, 0, 1380, NULL, 0);
    assert_non_null(strstr(told->lines, "raise unusual-absence\n"));
    assert_non_null(strstr(told->last.text_en, "Out for "));
    life_ends(&life);
}

static void away_and_a_visit_are_not_watched(void **state)
{
    (void)state;
    for (int mode = GW_MODE_AWAY; mode <= GW_MODE_VISIT; mode++) {
        struct life life = life_begins();
        weeks(&life, 3);
        tell(&life, 100, "home", GW_MODE, mode);
        day(&life, &usual, 180);
        assert_string_equal(told_of(&life, 0, 1439, NULL, 0)->lines, "");
        life_ends(&life);
    }
}

static void slow_changes_are_told_once_with_what_was_before(void **state)
{
    (void)state;
    struct life life = life_begins();
    struct habit restless = usual;
    restless.trips = 4;
    restless.bath_min = 11;
    weeks(&life, 5);
    for (int i = 0; i < 14; i++)
        day(&life, &restless, 1440);
    const struct told *told = told_of(&life, 0, 1439, NULL, 0);
    unsigned changes = 0;
    for (const char *at = told->lines; (at = strstr(at, "raise slow-change\n")) != NULL; at++)
        changes++;
    assert_in_range(changes, 2, 3); /* trips, visits, and what they add to the movements */
    assert_null(strstr(told->lines, "unusual"));
    assert_non_null(strstr(told->last.text_en, " on average in the last "));
    assert_non_null(strstr(told->last.text_zh, "天平均"));
    life_ends(&life);
}

/* Four weeks as usual, then `n` days of this habit. */
static struct told *after_weeks(const struct habit *habit, int n)
{
    struct life life = life_begins();
    weeks(&life, 4);
    for (int i = 0; i < n; i++)
        day(&life, habit, 1440);
    for (int i = n; i < 14; i++)
        day(&life, &usual, 1440);
    struct told *told = told_of(&life, 0, 1439, NULL, 0);
    life_ends(&life);
    return told;
}

static void who_moves_less_and_less_is_told_as_fading(void **state)
{
    (void)state;
    struct life life = life_begins();
    struct habit fading = usual;
    weeks(&life, 5);
    for (int i = 0; i < 28; i++) {
        fading.every = usual.every + (i < 14 ? i : 14) * 6 / 14;
        day(&life, &fading, 1440);
    }
    const struct told *told = told_of(&life, 0, 1439, NULL, 0);
    assert_non_null(strstr(told->lines, "raise slow-change\n"));
    assert_memory_equal(told->last.text_en, "Moves about less: ", 18);
    assert_non_null(strstr(told->last.text_en, " movements an hour on average in the last 14 days, "));
    assert_non_null(strstr(told->last.text_zh, "活动减少：最近 14 天平均 "));
    life_ends(&life);
}

static void who_is_out_more_does_not_fade(void **state)
{
    (void)state;
    struct habit outgoing = usual;
    outgoing.out = 11 * 60;
    outgoing.back = 17 * 60;
    assert_null(strstr(after_weeks(&outgoing, 14)->lines, "raise slow-change\n"));
}

static void a_few_days_unlike_the_others_are_no_slow_change(void **state)
{
    (void)state;
    struct habit late = usual, ill = usual;
    late.to_bed = 24 * 60 - 30;
    assert_null(strstr(after_weeks(&late, 6)->lines, "raise slow-change\n"));
    ill.every = 45;
    ill.trips = 4;
    assert_null(strstr(after_weeks(&ill, 4)->lines, "raise slow-change\n"));
}

static void an_hour_later_to_bed_for_a_fortnight_is_a_slow_change(void **state)
{
    (void)state;
    struct habit late = usual;
    late.to_bed = 24 * 60 - 30;
    const struct told *told = after_weeks(&late, 14);
    assert_non_null(strstr(told->lines, "raise slow-change\n"));
    assert_memory_equal(told->last.text_en, "Goes to bed later: ", 19);
    late.to_bed = usual.to_bed + 40;
    assert_null(strstr(after_weeks(&late, 14)->lines, "raise slow-change\n"));
}

/* The lines of the last day of a life whose last day is silent from ten on. */
static const char *last_day(struct life *life, uint32_t from)
{
    static char lines[512];
    day(life, &usual, 600);
    snprintf(lines, sizeof lines, "%.500s", told_of(life, from, 900, NULL, 0)->lines);
    return lines;
}

static void a_day_that_alarms_is_not_learned_from(void **state)
{
    (void)state;
    struct life never = life_begins(), once = life_begins();
    char first[512];
    weeks(&never, 4);
    snprintf(first, sizeof first, "%.500s", last_day(&never, 0));
    weeks(&once, 3);
    day(&once, &usual, 600);
    for (int i = 0; i < 6; i++)
        day(&once, &usual, 1440);
    day(&once, &usual, 600);
    /* "HH:MM:SS raise unusual-silence": as early, though a day of silence came before; an hour's allowance, for an
     * alarm also makes it a little more patient */
    const char *raised = NULL;
    for (const char *at = told_of(&once, 0, 900, NULL, 0)->lines; (at = strstr(at, " raise unusual-silence\n")) != NULL;
         at++)
        raised = at;
    assert_non_null(raised);
    assert_in_range(atoi(raised - 8), 10, atoi(first) + 1);
    life_ends(&never);
    life_ends(&once);
}

static void what_happens_on_three_days_of_a_week_is_a_new_habit(void **state)
{
    (void)state;
    struct life life = life_begins();
    struct habit sleeper = usual;
    sleeper.up = 10 * 60;
    weeks(&life, 3);
    for (int i = 0; i < 14; i++)
        day(&life, &sleeper, 1440);
    unsigned alarms = 0;
    const struct told *told = told_of(&life, 0, 1439, NULL, 0);
    for (const char *at = told->lines; (at = strstr(at, "raise unusual-")) != NULL; at++)
        alarms++;
    assert_in_range(alarms, 1, 5);
    assert_non_null(strstr(told->lines, "raise slow-change\n"));
    life_ends(&life);
}

/* A day of the habit of which nothing is known from ten to three, and nothing happens after `until`. */
static void day_with_a_gap(struct life *life, int until)
{
    const uint32_t first = life->n;
    const int64_t midnight = STORY_LOG_START + life->day * DAY;
    uint32_t kept = first;
    day(life, &usual, until);
    for (uint32_t i = first; i < life->n; i++) {
        const int64_t minute = (life->readings[i].at - midnight) / 60000;
        if (minute < 600 || minute >= 900)
            life->readings[kept++] = life->readings[i];
    }
    life->n = kept;
    life->day--;
    tell(life, 900, "home", GW_GAP, 5 * 3600e3);
    life->day++;
}

static void a_gap_alarms_nobody_and_is_not_learned_from(void **state)
{
    (void)state;
    struct life life = life_begins();
    weeks(&life, 3);
    day_with_a_gap(&life, 1440);
    weeks(&life, 1);
    assert_string_equal(told_of(&life, 0, 1439, NULL, 0)->lines, "");
    life_ends(&life);
}

static void a_silence_after_a_gap_counts_from_its_end(void **state)
{
    (void)state;
    struct life life = life_begins();
    weeks(&life, 3);
    day_with_a_gap(&life, 900);
    assert_string_equal(told_of(&life, 0, 1020, NULL, 0)->lines, "16:45:00 raise unusual-silence\n");
    life_ends(&life);
}

static void after_a_restart_it_knows_what_eight_weeks_of_history_tell(void **state)
{
    (void)state;
    struct life life = life_begins();
    weeks(&life, 10);
    char all[512], late[512];
    snprintf(all, sizeof all, "%.500s", last_day(&life, 0));
    snprintf(late, sizeof late, "%.500s", told_of(&life, 13, 900, NULL, 0)->lines);
    assert_non_null(strstr(all, "raise unusual-silence\n"));
    /* what it said while it knew little is history; today it says the same */
    assert_string_equal(strrchr(all, ':') - 5, strrchr(late, ':') - 5);
    life_ends(&life);
}

static void with_every_sensor_lost_it_is_blind_and_silent(void **state)
{
    (void)state;
    static const char *const names[] = {"hall", "kitchen", "bath", "bedroom"};
    char health[GW_MAX_TEXT];
    struct life life = life_begins();
    weeks(&life, 3);
    day(&life, &usual, 480);
    life.day--;
    for (size_t i = 0; i < 4; i++)
        tell(&life, 481, names[i], GW_AVAILABILITY, 0);
    life.day++;
    assert_string_equal(told_of(&life, 0, 1439, health, sizeof health)->lines, "");
    assert_string_equal(health, "Every sensor inside the home is lost.");
    life_ends(&life);
}

static void wrong_settings_are_refused(void **state)
{
    (void)state;
    story_refused(&gw_plugin_v1, &(struct story){SENSORS, "false_alarm_every=1", "", ""}, "false_alarm_every");
    story_refused(&gw_plugin_v1, &(struct story){SENSORS, "learn_days=400", "", ""}, "learn_days");
    story_refused(&gw_plugin_v1, &(struct story){"front-door contact hall", "door=front-door", "", ""},
                  "no sensor inside");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_usual_weeks_alarm_nobody),
        cmocka_unit_test(it_says_what_it_needs_until_it_knows_the_home),
        cmocka_unit_test(a_morning_that_does_not_begin_is_told_with_the_usual_time),
        cmocka_unit_test(a_fall_by_day_is_found_within_hours),
        cmocka_unit_test(who_does_not_come_home_as_usual_is_told),
        cmocka_unit_test(away_and_a_visit_are_not_watched),
        cmocka_unit_test(slow_changes_are_told_once_with_what_was_before),
        cmocka_unit_test(who_moves_less_and_less_is_told_as_fading),
        cmocka_unit_test(who_is_out_more_does_not_fade),
        cmocka_unit_test(a_few_days_unlike_the_others_are_no_slow_change),
        cmocka_unit_test(an_hour_later_to_bed_for_a_fortnight_is_a_slow_change),
        cmocka_unit_test(a_day_that_alarms_is_not_learned_from),
        cmocka_unit_test(what_happens_on_three_days_of_a_week_is_a_new_habit),
        cmocka_unit_test(a_gap_alarms_nobody_and_is_not_learned_from),
        cmocka_unit_test(a_silence_after_a_gap_counts_from_its_end),
        cmocka_unit_test(after_a_restart_it_knows_what_eight_weeks_of_history_tell),
        cmocka_unit_test(with_every_sensor_lost_it_is_blind_and_silent),
        cmocka_unit_test(wrong_settings_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
