/* The sensor plugin: dead, low, tampered with, stuck, bouncing and implausible are told apart, and an empty home is
 * none of them. */
#include "story.h"
#include "story_restart.h"

/* A fortnight at home is longer than what C promises of a literal; both our compilers take it. */
#pragma GCC diagnostic ignored "-Woverlength-strings"

#define SENSORS                                                                                                        \
    "t temperature kitchen; pir motion hall; door contact hall; bed bed bedroom; call button bedroom; smoke smoke "    \
    "kitchen; power mains hall; seat vibration kitchen"

#define STORY(settings_, in_, out_) story_tells(&gw_plugin_v1, &(struct story){SENSORS, settings_, in_, out_})

/* An ordinary day: the thermometer (on a battery) speaks by itself, the others when she moves. */
#define T         "02:00 t 20\n07:00 t 20\n"
#define MOVES     "08:00 bed 0\n08:05 pir 1\n08:06 pir 0\n08:10 door 1\n08:11 door 0\n11:00 pir 1\n11:01 pir 0\n"
#define MOVES_TOO "17:20 pir 1\n17:21 pir 0\n17:30 door 1\n17:31 door 0\n21:00 pir 1\n21:01 pir 0\n21:30 bed 1\n"
#define DAY                                                                                                            \
    T MOVES "12:00 t 20\n"                                                                                             \
            "17:00 t 20\n" MOVES_TOO "22:00 t 20\n"
#define NO_T   MOVES MOVES_TOO
#define ONLY_T "02:00 t 20\n07:00 t 20\n12:00 t 20\n17:00 t 20\n22:00 t 20\n"
#define NO_PIR                                                                                                         \
    "02:00 t 20\n07:00 t 20\n08:00 bed 0\n08:10 door 1\n08:11 door 0\n12:00 t 20\n12:30 seat 1\n12:31 seat 0\n17:00 "  \
    "t 20\n17:30 door 1\n17:31 "                                                                                       \
    "door 0\n21:30 bed 1\n22:00 t 20\n"
#define TWO                                                                                                            \
    "02:00 t 20\n02:30 u 20\n08:00 pir 1\n08:01 pir 0\n08:10 t 20\n08:30 u 20\n14:00 t 20\n14:30 u 20\n18:00 pir "     \
    "1\n18:01 pir 0\n20:00 t 20\n20:30 u 20\n"
#define PIRS "08:00 pir 1\n08:01 pir 0\n14:00 pir 1\n14:01 pir 0\n20:00 pir 1\n20:01 pir 0\n"
#define WEEK DAY DAY DAY DAY DAY DAY DAY

static void an_ordinary_fortnight_is_no_news(void **state)
{
    (void)state;
    STORY("", WEEK WEEK, "");
}

static void a_thermometer_that_dies_among_living_sensors_is_told(void **state)
{
    (void)state;
    struct told *told = STORY("", "01:00 t battery 90\n" WEEK WEEK NO_T NO_T, "23:00:00 raise sensor-silent\n");
    assert_string_equal(told->last.text_en, "The sensor \"t\" (kitchen) has been silent for 25 h; usually it is never "
                                            "longer than 5 h 1 min: is its battery empty?");
    assert_non_null(strstr(told->last.text_zh, "厨房传感器“t”已 25 小时没有消息"));
    assert_string_equal(told->last.key, "t");
    assert_true((gw_plugin_v1.alerts[0].flags & GW_ALERT_LOST) != 0);
    /* without a battery it is a mains device that speaks every five hours: half as long again */
    STORY("", WEEK WEEK NO_T NO_T "12:00 t 20\n", "08:00:00 raise sensor-silent\n12:00:00 clear sensor-silent\n");
}

static void a_dead_sensor_on_a_wire_is_found_by_the_days_it_misses(void **state)
{
    (void)state;
    /* nobody can tell a dead wire from an unused thing but by this: people move, and it never does */
    struct told *told =
        STORY("", WEEK WEEK NO_PIR NO_PIR NO_PIR NO_PIR NO_PIR NO_PIR, "04:31:00 raise sensor-silent\n");
    assert_string_equal(told->last.key, "pir");
}

static void an_empty_home_makes_no_sensor_dead(void **state)
{
    (void)state;
    /* away by mode, and away without anybody having said so */
    STORY("",
          WEEK WEEK "22:30 bed 0\n23:00 home mode 1\n" ONLY_T ONLY_T ONLY_T ONLY_T ONLY_T ONLY_T
                    "23:00 home mode 0\n" DAY,
          "");
    STORY("", WEEK WEEK "22:30 bed 0\n" ONLY_T ONLY_T ONLY_T ONLY_T ONLY_T ONLY_T DAY, "");
}

#define REPEATS                                                                                                        \
    "02:00 t 20\n07:00 t 20\n08:05 pir 1\n08:07 pir 1\n08:09 pir link 90\n08:20 pir 0\n12:00 t 20\n13:00 pir 1\n"      \
    "13:02 pir 1\n13:20 pir 0\n17:00 t 20\n22:00 t 20\n"

static void a_movement_sensor_that_repeats_itself_while_people_move_does_not_speak_by_itself(void **state)
{
    (void)state;
    const char *sensors = "t temperature kitchen; pir motion hall; call button bedroom";
    story_tells(&gw_plugin_v1,
                &(struct story){
                    sensors, "",
                    REPEATS REPEATS REPEATS REPEATS REPEATS REPEATS REPEATS REPEATS ONLY_T ONLY_T ONLY_T ONLY_T ONLY_T,
                    ""});
}

static void a_gateway_that_was_off_blames_nobody(void **state)
{
    (void)state;
    STORY("", WEEK WEEK "+5\n02:00 home gap 446400\n" DAY, "");
}

static void all_silent_at_once_is_one_alert(void **state)
{
    (void)state;
    const char *sensors = "t temperature kitchen; u temperature hall; pir motion hall; smoke smoke kitchen";
    struct told *told =
        story_tells(&gw_plugin_v1, &(struct story){sensors, "",
                                                   TWO TWO TWO TWO TWO TWO TWO
                                                   "+1\n12:00 u 20\n13:00 t 20\n14:00 pir 1\n14:01 pir 0\n",
                                                   "05:31:30 raise sensors-silent\n12:00:00 clear sensors-silent\n"});
    assert_string_equal(told->last.text_en, "No sensor has been heard for 9 h 1 min. Is the radio down?");
    assert_string_equal(told->last.text_zh, "已 9 小时 1 分钟没有收到任何传感器的消息，请检查无线接收器。");
}

static void a_button_is_never_judged_by_presses(void **state)
{
    (void)state;
    STORY("", "10:00 call press\n" WEEK WEEK WEEK, "");
}

static void a_call_button_that_gave_a_sign_each_day_is_missed_after_a_day(void **state)
{
    (void)state;
    static const char beats[] = DAY "23:00 call battery 90\n" DAY "23:00 call battery 90\n" DAY
                                    "23:00 call battery 90\n" DAY "23:00 call battery 90\n";
    STORY("", beats, "");
    char in[4096];
    snprintf(in, sizeof in, "%s%s%s", beats, DAY, DAY);
    struct told *told = STORY("", in, "00:00:00 raise sensor-silent\n");
    assert_string_equal(told->last.key, "call");
    /* what belongs to a press is no sign of its own */
    STORY("",
          DAY "23:00 call press\n23:00 call link 90\n" DAY "23:00 call link 30\n23:00:01 call press\n" DAY
              "23:00 call press\n23:00 call link 60\n" DAY DAY DAY DAY,
          "");
}

static void one_that_was_never_heard_is_told_but_not_a_cupboard_nobody_opens(void **state)
{
    (void)state;
    const char *sensors = "pir motion hall; t temperature kitchen; cupboard contact kitchen; dead motion bedroom";
    struct told *told = story_tells(&gw_plugin_v1, &(struct story){sensors, "", PIRS PIRS PIRS PIRS PIRS PIRS PIRS,
                                                                   "20:59:00 raise sensor-silent\n"
                                                                   "19:57:00 raise sensor-silent\n"});
    assert_string_equal(told->last.key, "dead");
    assert_string_equal(told->last.text_en,
                        "The sensor \"dead\" (bedroom) has never been heard, for 48 h: is it set up rightly?");
}

static void one_that_is_gone_by_its_own_word_is_the_core_s(void **state)
{
    (void)state;
    STORY("", "01:00 t battery 90\n" WEEK WEEK "23:00 t lost\n" NO_T NO_T NO_T, "");
    STORY("", "01:00 t battery 90\n" WEEK WEEK NO_T NO_T "21:31 t lost\n",
          "23:00:00 raise sensor-silent\n21:31:00 clear sensor-silent\n");
}

static void a_low_battery_is_told_by_the_device_at_once_and_by_figures_after_an_hour(void **state)
{
    (void)state;
    struct told *told = STORY("", "10:00 t low 1\n11:00 t low 1\n12:00 t low 0\n",
                              "10:00:00 raise battery-low\n12:00:00 clear battery-low\n");
    assert_non_null(strstr(told->last.text_en, "says that its battery is low"));
    told = STORY("", "10:00 t battery 15\n12:00 t battery 20\n13:00 t battery 25\n",
                 "11:00:00 raise battery-low\n13:00:00 clear battery-low\n");
    assert_string_equal(told->last.text_zh, "厨房传感器“t”电量剩余 15%，请在四周内更换电池。");
    STORY("", "10:00 t battery 10\n10:30 t battery 30\n13:00 t battery 16\n15:00 t battery 100\n", "");
    STORY("battery_low=30", "10:00 t battery 30\n12:00 t battery 100\n",
          "11:00:00 raise battery-low\n12:00:00 clear battery-low\n");
    STORY("", "10:00 t battery 0 test\n10:01 t low 1 test\n12:00 -\n", "");
}

static void tampering_is_told_at_once(void **state)
{
    (void)state;
    struct told *told =
        STORY("", "10:00 smoke tamper 1\n10:05 smoke tamper 0\n", "10:00:00 raise tamper\n10:05:00 clear tamper\n");
    assert_string_equal(told->last.text_en, "The sensor \"smoke\" (kitchen) was opened or taken off.");
    STORY("", "10:00 smoke tamper 1 initial\n11:00 -\n", "10:00:00 raise tamper\n");
}

static void what_is_on_for_too_long_is_stuck_each_kind_by_its_own_time(void **state)
{
    (void)state;
    struct told *told = STORY("", "10:00 pir 1\n13:50 t 20\n16:00 pir 0\n",
                              "14:00:00 raise sensor-stuck\n16:00:00 clear sensor-stuck\n");
    assert_string_equal(told->last.text_en, "The sensor \"pir\" (hall) has been on since 10:00: is it stuck?");
    STORY("", "10:00 call 1\n10:11 call 0\n", "10:10:00 raise sensor-stuck\n10:11:00 clear sensor-stuck\n");
    STORY("", "10:00 seat 1\n11:30 seat 0\n", "");
    STORY("all_silent_after=never", "22:00 bed 1\n09:00 bed 1\n+1\n09:30 t 20\n10:00 -\n",
          "10:00:00 raise sensor-stuck\n");
    STORY("", "10:00 door 1\n09:00 door 1\n10:00 -\n", "");
    STORY("", "10:00 pir 1 initial\n13:50 t 20\n15:00 -\n", "14:00:00 raise sensor-stuck\n");
    /* with nobody to be heard it waits until somebody is */
    STORY("", "10:00 pir 1\n15:00 t 20\n16:00 -\n", "15:00:00 raise sensor-stuck\n");
    STORY("", "10:00 pir 1\n11:00 pir lost\n15:00 -\n", "");
    STORY("", "10:00 pir 1\n13:59 pir 0\n14:00 pir 1\n15:00 -\n", "");
}

/* A drawer that is used every six days, and then for a few. Days without it are told from days without anybody. */
static void a_restart_knows_the_silences_of_weeks_ago(void **state)
{
    (void)state;
    static const int uses[] = {2, 9, 15, 16, 17, 18, 31, -1}; /* -1: no more */
    static char in[16384];
    size_t used = 0, next = 0;
    for (int day = 0; day < 33; day++) {
        used += (size_t)snprintf(in + used, sizeof in - used, "02:00 door 1\n02:01 door 0\n08:00 pir 1\n08:01 pir 0\n");
        if (next < sizeof uses / sizeof uses[0] && day == uses[next]) {
            next++;
            used += (size_t)snprintf(in + used, sizeof in - used, "12:00 drawer 1\n12:01 drawer 0\n");
        }
        used += (size_t)snprintf(in + used, sizeof in - used, "14:00 door 1\n14:01 door 0\n20:00 pir 1\n20:01 pir 0\n");
    }
    const struct story story = {"drawer contact kitchen; pir motion hall; door contact hall", "", in, ""};
    story_survives_restarts(&gw_plugin_v1, &story);
}

static void one_that_is_stuck_is_not_called_silent_too(void **state)
{
    (void)state;
    STORY("", WEEK WEEK "23:00 pir 1\n" NO_PIR NO_PIR NO_PIR NO_PIR NO_PIR NO_PIR, "03:00:00 raise sensor-stuck\n");
}

static void a_loose_contact_bounces(void **state)
{
    (void)state;
    char in[8192] = "10:00 door 0\n";
    for (int i = 0; i < 80; i++)
        snprintf(in + strlen(in), sizeof in - strlen(in), "10:%02d:%02d door %d\n", 5 + i / 120, i / 2 % 60, 1 - i % 2);
    strcat(in, "11:00 -\n");
    struct told *told = STORY("", in, "10:05:30 raise sensor-bouncing\n10:15:39 clear sensor-bouncing\n");
    assert_string_equal(told->last.limit, "60/min");
    STORY("bouncing=100", in, "");
}

static void a_mat_that_hangs_is_found_when_somebody_moves_elsewhere(void **state)
{
    (void)state;
    struct told *told =
        STORY("", "22:00 bed 1\n07:00 pir 1\n07:01 pir 0\n07:20 pir 1\n07:21 pir 0\n07:40 pir 1\n08:00 bed 0\n",
              "07:40:00 raise sensor-implausible\n08:00:00 clear sensor-implausible\n");
    assert_string_equal(told->last.key, "bed");
    /* two live here; somebody came in; a carer is here; once to the toilet and a mat that forgets it */
    STORY("persons=2", "22:00 bed 1\n07:00 pir 1\n07:01 pir 0\n07:20 pir 1\n07:21 pir 0\n07:40 pir 1\n08:00 bed 0\n",
          "");
    STORY("",
          "22:00 bed 1\n06:50 door 1\n07:00 pir 1\n07:01 pir 0\n07:20 pir 1\n07:21 pir 0\n07:40 pir 1\n08:00 bed 0\n",
          "");
    STORY("",
          "22:00 bed 1\n06:50 home mode 2\n07:00 pir 1\n07:01 pir 0\n07:20 pir 1\n07:21 pir 0\n07:40 pir 1\n08:00 bed "
          "0\n",
          "");
    STORY("",
          "22:00 bed 1\n03:00 pir 1\n03:01 pir 0\n03:02 pir 1\n03:03 pir 0\n03:04 pir 1\n03:05 pir 0\n08:00 bed 0\n",
          "");
}

static void only_the_ways_in_that_are_named_let_somebody_in(void **state)
{
    (void)state;
    const char *sensors = "pir motion hall; front contact hall; fridge contact kitchen; bed bed bedroom";
    const char *in = "22:00 bed 1\n06:50 fridge 1\n06:51 fridge 0\n07:00 pir 1\n07:01 pir 0\n07:20 pir 1\n07:21 pir "
                     "0\n07:40 pir 1\n";
    story_tells(&gw_plugin_v1, &(struct story){sensors, "front_door=front", in, "07:40:00 raise sensor-implausible\n"});
    story_tells(&gw_plugin_v1, &(struct story){sensors, "", in, ""});
}

static void figures_that_no_home_has_are_a_broken_sensor(void **state)
{
    (void)state;
    struct told *told = STORY("", "10:00 t -127\n10:05 t -127\n11:00 t 20\n",
                              "10:10:00 raise sensor-implausible\n11:00:00 clear sensor-implausible\n");
    assert_non_null(strstr(told->last.text_en, "says -127, which no home has"));
    STORY("", "10:00 t -127\n10:05 t 20\n11:00 t 999\n11:01 t 21\n12:00 -\n", "");
}

static void a_power_cut_is_told_late_and_not_by_all_homes_at_once(void **state)
{
    (void)state;
    STORY("mains_spread=0 s", "10:00 power 1\n10:30 power 0\n12:00 power 1\n",
          "11:30:00 raise mains-lost\n12:00:00 clear mains-lost\n");
    STORY("mains_spread=0 s", "10:30 power 0\n11:00 power 1\n13:00 -\n", "");
    STORY("mains_spread=0 s", "10:30 power 0 initial\n13:00 -\n", "11:30:00 raise mains-lost\n");
    STORY("mains_after=never", "10:30 power 0\n20:00 -\n", "");
    struct told told;
    static char first[sizeof told.lines];
    story_run(&gw_plugin_v1, &(struct story){SENSORS, "mains_spread=4 h", "10:00 power 0\n15:30 -\n", ""}, 0, &told);
    snprintf(first, sizeof first, "%s", told.lines);
    story_run(&gw_plugin_v1, &(struct story){SENSORS, "mains_spread=4 h", "09:00 t 20\n10:00 power 0\n15:30 -\n", ""},
              0, &told);
    assert_non_null(strstr(first, "mains-lost"));
    assert_non_null(strstr(told.lines, "mains-lost"));
    assert_string_not_equal(first, told.lines);
}

static void it_says_that_it_learns_for_a_week(void **state)
{
    (void)state;
    struct told told;
    story_run(&gw_plugin_v1, &(struct story){SENSORS, "", DAY DAY DAY, ""}, 1, &told);
    assert_int_equal(told.health.state, GW_HEALTH_LEARNING);
    assert_string_equal(told.health.text_en, "Learns how long each sensor is usually silent: 2 of 7 days seen.");
    story_run(&gw_plugin_v1, &(struct story){SENSORS, "", WEEK DAY, ""}, 1, &told);
    assert_int_equal(told.health.state, GW_HEALTH_OK);
}

static void wrong_settings_are_refused(void **state)
{
    (void)state;
    story_refused(&gw_plugin_v1, &(struct story){SENSORS, "persons=0", "", ""}, "persons");
    story_refused(&gw_plugin_v1, &(struct story){SENSORS, "battery_low=lots", "", ""}, "battery_low");
    story_refused(&gw_plugin_v1, &(struct story){SENSORS, "sensors=nothing", "", ""}, "nothing");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ordinary_fortnight_is_no_news),
        cmocka_unit_test(a_thermometer_that_dies_among_living_sensors_is_told),
        cmocka_unit_test(a_dead_sensor_on_a_wire_is_found_by_the_days_it_misses),
        cmocka_unit_test(an_empty_home_makes_no_sensor_dead),
        cmocka_unit_test(a_movement_sensor_that_repeats_itself_while_people_move_does_not_speak_by_itself),
        cmocka_unit_test(a_gateway_that_was_off_blames_nobody),
        cmocka_unit_test(all_silent_at_once_is_one_alert),
        cmocka_unit_test(a_button_is_never_judged_by_presses),
        cmocka_unit_test(a_call_button_that_gave_a_sign_each_day_is_missed_after_a_day),
        cmocka_unit_test(one_that_was_never_heard_is_told_but_not_a_cupboard_nobody_opens),
        cmocka_unit_test(one_that_is_gone_by_its_own_word_is_the_core_s),
        cmocka_unit_test(a_low_battery_is_told_by_the_device_at_once_and_by_figures_after_an_hour),
        cmocka_unit_test(tampering_is_told_at_once),
        cmocka_unit_test(what_is_on_for_too_long_is_stuck_each_kind_by_its_own_time),
        cmocka_unit_test(a_restart_knows_the_silences_of_weeks_ago),
        cmocka_unit_test(one_that_is_stuck_is_not_called_silent_too),
        cmocka_unit_test(a_loose_contact_bounces),
        cmocka_unit_test(a_mat_that_hangs_is_found_when_somebody_moves_elsewhere),
        cmocka_unit_test(only_the_ways_in_that_are_named_let_somebody_in),
        cmocka_unit_test(figures_that_no_home_has_are_a_broken_sensor),
        cmocka_unit_test(a_power_cut_is_told_late_and_not_by_all_homes_at_once),
        cmocka_unit_test(it_says_that_it_learns_for_a_week),
        cmocka_unit_test(wrong_settings_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
