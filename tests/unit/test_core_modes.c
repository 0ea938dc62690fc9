/* The home's modes and the daily test alarm. */
#include "core_world.h"

#define MINUTE INT64_C(60000)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

static struct world *w;

static int setup(void **state)
{
    (void)state;
    w = calloc(1, sizeof(*w));
    return w ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    world_close(w);
    free(w);
    return 0;
}

/* A home without detectors: nobody has to play them through whole days. */
static void begin(bool daily_test)
{
    world_make(w);
    w->settings.n_detectors = 0;
    w->settings.daily_test = daily_test;
    world_open(w);
}

static void order(const char *mode, int64_t for_ms)
{
    struct frame *f = world_new(w, FRAME_COMMAND);
    f->command.token = 7;
    f->command.verb = VERB_MODE;
    f->command.for_ms = for_ms;
    text_copy(f->command.note, sizeof(f->command.note), mode);
    world_say(w, UPLINK, FRAME_COMMAND);
    world_wait(w, 1);
}

static const struct frame_reply *answer(void)
{
    const struct frame *f = world_last(w, UPLINK, FRAME_REPLY);
    assert_non_null(f);
    return &f->reply;
}

/* The value of the last GW_MODE reading that was given to the store; -1: none. */
static int logged_mode(void)
{
    int mode = -1;
    for (unsigned i = 0; i < w->n_sent; i++) {
        const struct frame *f = &w->sent[i]->frame;
        if (w->sent[i]->worker != STORE || f->header.type != FRAME_READINGS)
            continue;
        for (uint32_t k = 0; k < f->readings.n; k++)
            if (f->readings.reading[k].type == GW_MODE)
                mode = (int)f->readings.reading[k].value;
    }
    return mode;
}

static void a_mode_is_a_logged_reading_and_ends_by_itself(void **state)
{
    (void)state;
    begin(false);
    order("away", 3 * HOUR);
    world_wait(w, 1000);
    assert_true(answer()->ok);
    assert_int_equal(logged_mode(), GW_MODE_AWAY);
    assert_true(world_raised(w, "mode-away"));
    world_forget(w);
    world_wait(w, 3 * HOUR - 2 * MINUTE);
    assert_int_equal(logged_mode(), -1);
    world_wait(w, 3 * MINUTE);
    assert_int_equal(logged_mode(), GW_MODE_HOME);
}

static void a_mode_that_is_too_long_or_unknown_changes_nothing(void **state)
{
    (void)state;
    begin(false);
    order("visit", 13 * HOUR);
    assert_false(answer()->ok);
    assert_non_null(strstr(answer()->text, "too long"));
    order("party", 0);
    assert_false(answer()->ok);
    world_wait(w, 1000);
    assert_int_equal(logged_mode(), -1);
}

static void home_ends_what_was_ordered_and_a_new_order_replaces_the_old(void **state)
{
    (void)state;
    begin(false);
    order("away", HOUR);
    order("away", 5 * HOUR);
    world_wait(w, 2 * HOUR);
    assert_int_equal(logged_mode(), GW_MODE_AWAY);
    order("maintenance", HOUR);
    world_wait(w, 1000);
    assert_int_equal(logged_mode(), GW_MODE_MAINTENANCE);
    world_wait(w, HOUR + MINUTE);
    assert_int_equal(logged_mode(), GW_MODE_AWAY); /* which was meant to go on */
    order("home", 0);
    world_wait(w, 1000);
    assert_int_equal(logged_mode(), GW_MODE_HOME);
}

static void a_long_mode_is_logged_again_for_those_who_look_back_a_day(void **state)
{
    (void)state;
    begin(false);
    order("away", 2 * DAY);
    world_wait(w, 1000);
    world_forget(w);
    world_wait(w, 7 * HOUR);
    assert_int_equal(logged_mode(), GW_MODE_AWAY);
}

/* A home whose one detector is a carer's check-in. */
static void who_checks_out_ends_the_mode_whoever_ordered_it(void **state)
{
    (void)state;
    world_make(w);
    w->settings.n_detectors = 1;
    w->visit = true;
    world_open(w);
    order("visit", 0);
    world_reading(w, MQTT, 0, GW_EVENT, GW_EVENT_PRESS, 0, true);
    struct frame_condition visit = world_condition(w, 0, 77, "");
    world_answer(w, DETECTOR, &visit);
    world_wait(w, 2000);
    assert_int_equal(logged_mode(), GW_MODE_VISIT);
    world_answer(w, DETECTOR, NULL);
    world_reading(w, MQTT, 0, GW_EVENT, GW_EVENT_PRESS, 0, true);
    visit = world_condition(w, 0, 77, "");
    visit.raised = 0;
    world_answer(w, DETECTOR, &visit);
    world_wait(w, 2000);
    assert_int_equal(logged_mode(), GW_MODE_HOME);
}

static unsigned tests_sent(void)
{
    unsigned n = 0;
    for (unsigned i = 0; i < w->n_sent; i++) {
        const struct frame *f = &w->sent[i]->frame;
        n += w->sent[i]->worker == UPLINK && f->header.type == FRAME_SEND &&
             strcmp(f->send.alert.kind, "test-alarm") == 0 && f->send.alert.rev == 1 && f->send.again == 0;
    }
    return n;
}

static uint64_t test_id(void)
{
    for (unsigned i = w->n_sent; i-- > 0;) {
        const struct frame *f = &w->sent[i]->frame;
        if (f->header.type == FRAME_SEND && strcmp(f->send.alert.kind, "test-alarm") == 0)
            return f->send.alert.id;
    }
    return 0;
}

static void one_silent_test_alarm_a_day_whatever_the_clock_does(void **state)
{
    (void)state;
    begin(true);
    world_wait(w, DAY);
    for (int day = 0; day < 5; day++) {
        world_forget(w);
        if (day == 3) /* by years: that day may see a second one, but not within 12 h */
            core_wall(w->core, w->now, INT64_C(1790000000000), CLOCK_SYNCED);
        for (int hour = 0; hour < 24; hour++) {
            world_wait(w, HOUR);
            if (test_id())
                world_command(w, VERB_ACCEPT, test_id(), 0);
        }
        assert_in_range(tests_sent(), 1, day == 3 ? 2 : 1);
        assert_false(world_raised(w, "test-unanswered"));
    }
}

static void a_test_alarm_that_nobody_accepts_is_told(void **state)
{
    (void)state;
    begin(true);
    world_wait(w, DAY + HOUR);
    assert_true(tests_sent() >= 1);
    assert_true(world_raised(w, "test-unanswered"));
}

static void without_a_link_the_missing_answer_is_not_the_platforms_fault(void **state)
{
    (void)state;
    begin(true);
    world_link(w, UPLINK, false, false);
    world_wait(w, DAY + HOUR);
    world_link(w, UPLINK, true, true);
    world_wait(w, MINUTE);
    assert_false(world_raised(w, "test-unanswered"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_mode_is_a_logged_reading_and_ends_by_itself),
        TEST(a_mode_that_is_too_long_or_unknown_changes_nothing),
        TEST(home_ends_what_was_ordered_and_a_new_order_replaces_the_old),
        TEST(a_long_mode_is_logged_again_for_those_who_look_back_a_day),
        TEST(who_checks_out_ends_the_mode_whoever_ordered_it),
        TEST(one_silent_test_alarm_a_day_whatever_the_clock_does),
        TEST(a_test_alarm_that_nobody_accepts_is_told),
        TEST(without_a_link_the_missing_answer_is_not_the_platforms_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
