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

static void store_all(void)
{
    for (unsigned i = 0, n = w->n_sent; i < n; i++)
        if (w->sent[i]->worker == STORE && w->sent[i]->frame.header.type == FRAME_STORE_COMMIT)
            world_done(w, STORE_DONE_COMMIT, w->sent[i]->frame.commit.token, false);
}

static void an_order_is_answered_when_the_disk_has_it(void **state)
{
    (void)state;
    static const char *const orders[] = {"away", "visit", "home"};
    begin(false);
    w->auto_commit = false;
    for (unsigned i = 0; i < 3; i++) {
        world_forget(w);
        order(orders[i], 0);
        world_wait(w, 1000);
        assert_null(world_last(w, UPLINK, FRAME_REPLY));
        store_all();
        assert_true(answer()->ok);
        assert_string_equal(answer()->text, "ok");
    }
    world_forget(w);
    order("home", 0); /* changes nothing */
    assert_true(answer()->ok);
    world_forget(w);
    order("visit", 13 * HOUR);
    assert_false(answer()->ok);
}

static void an_order_that_a_dead_disk_does_not_take_is_answered_so(void **state)
{
    (void)state;
    begin(false);
    w->auto_commit = false;
    order("away", 0);
    assert_null(world_last(w, UPLINK, FRAME_REPLY));
    world_wait(w, 2100);
    assert_true(answer()->ok);
    assert_non_null(strstr(answer()->text, "disk"));
    world_forget(w);
    order("maintenance", 0);
    assert_non_null(strstr(answer()->text, "disk"));
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

/* The store tells of an alert of the gateway's own that a former run left, 100 s old. */
static void left_by_a_former_run(const char *kind, uint32_t class_, uint32_t flags, enum alert_state state,
                                 const char *limit, int64_t since)
{
    struct frame_commit *c = &world_new(w, FRAME_STORE_COMMIT)->commit;
    struct alert *a = &c->alert;
    a->id = 4711;
    a->rev = a->count = 1;
    a->episode = 5;
    a->class_ = (uint16_t)class_;
    a->flags = flags;
    a->state = (uint16_t)state;
    a->since = a->raised = a->at = since;
    a->incident = a->id;
    text_copy(a->detector, NAME_SIZE, flags & ALERT_VISIT ? "call" : "gateway");
    text_copy(a->kind, NAME_SIZE, kind);
    text_copy(a->limit, sizeof(a->limit), limit);
    text_copy(a->text_en, sizeof(a->text_en), "text");
    text_copy(a->text_zh, sizeof(a->text_zh), "text");
    world_say(w, STORE, FRAME_STORE_COMMIT);
}

#define FORMER INT64_C(1700000000000)

/* A gateway that starts again; the store has said where its log ends and says the alerts next. */
static void restart_with(unsigned detectors, bool daily_test)
{
    world_make(w);
    w->settings.n_detectors = detectors;
    w->visit = detectors > 0;
    w->settings.daily_test = daily_test;
    world_begin(w);
    core_wall(w->core, w->now, FORMER, CLOCK_SYNCED);
    struct frame_store_state *s = &world_new(w, FRAME_STORE_STATE)->store_state;
    s->last_id = 10;
    s->last_log = FORMER;
    s->boot = 7;
    world_say(w, STORE, FRAME_STORE_STATE);
}

static void restart(bool daily_test)
{
    restart_with(0, daily_test);
}

static void loaded(void)
{
    world_new(w, FRAME_READY);
    world_say(w, STORE, FRAME_READY);
    world_everybody_ready(w);
    world_link(w, UPLINK, true, true);
}

static void a_mode_goes_on_after_a_restart_and_ends_when_it_would_have_ended(void **state)
{
    (void)state;
    restart(false);
    left_by_a_former_run("mode-away", GW_INFO, 0, ALERT_RAISED, "60 min", FORMER - 30 * MINUTE);
    loaded();
    world_wait(w, 29 * MINUTE);
    assert_int_equal(logged_mode(), GW_MODE_AWAY);
    world_wait(w, 2 * MINUTE);
    assert_int_equal(logged_mode(), GW_MODE_HOME);
}

static void a_mode_that_ran_out_while_the_gateway_was_down_is_logged_as_over(void **state)
{
    (void)state;
    restart(false);
    left_by_a_former_run("mode-away", GW_INFO, 0, ALERT_RAISED, "60 min", FORMER - 2 * HOUR);
    loaded();
    world_wait(w, 1000);
    assert_int_equal(logged_mode(), GW_MODE_HOME); /* or detectors would read "away" in the log for ever */
}

static void home_that_was_ordered_during_a_visit_stays_after_a_restart(void **state)
{
    (void)state;
    world_make(w);
    w->settings.n_detectors = 1;
    w->visit = true;
    world_open(w);
    world_reading(w, MQTT, 0, GW_EVENT, GW_EVENT_PRESS, 0, true);
    struct frame_condition visit = world_condition(w, 0, 77, "");
    world_answer(w, DETECTOR, &visit);
    world_wait(w, 1000);
    assert_int_equal(logged_mode(), GW_MODE_VISIT);
    order("home", 0);
    world_wait(w, 1000);
    assert_int_equal(logged_mode(), GW_MODE_HOME);
    const struct alert kept = world_last(w, STORE, FRAME_STORE_COMMIT)->commit.alert;
    assert_true(kept.flags & ALERT_VISIT);
    world_close(w);
    restart_with(1, false);
    left_by_a_former_run("visit", GW_INFO, kept.flags, (enum alert_state)kept.state, "", FORMER - MINUTE);
    loaded();
    world_wait(w, MINUTE);
    assert_int_equal(logged_mode(), GW_MODE_HOME);
}

static void a_home_without_any_mode_logs_none_at_its_start(void **state)
{
    (void)state;
    restart(false);
    loaded();
    world_wait(w, MINUTE);
    assert_int_equal(logged_mode(), -1);
}

static void a_store_that_comes_late_brings_its_mode_and_home_ends_both(void **state)
{
    (void)state;
    world_make(w);
    w->settings.n_detectors = 0;
    world_begin(w);
    core_wall(w->core, w->now, FORMER, CLOCK_SYNCED);
    world_wait(w, 5000); /* goes on without memory */
    world_everybody_ready(w);
    world_link(w, UPLINK, true, true);
    order("away", HOUR);
    world_wait(w, 2 * MINUTE); /* it was not ready in time and is killed */
    world_die(w, STORE, 9);
    world_wait(w, 1000);
    struct frame_store_state *s = &world_new(w, FRAME_STORE_STATE)->store_state;
    s->last_id = 10;
    s->last_log = FORMER;
    s->boot = 7;
    world_say(w, STORE, FRAME_STORE_STATE);
    left_by_a_former_run("mode-away", GW_INFO, 0, ALERT_RAISED, "180 min", FORMER);
    core_tick(w->core, w->now);
    world_new(w, FRAME_READY);
    world_say(w, STORE, FRAME_READY);
    world_wait(w, 2 * HOUR); /* the one ordered meanwhile has ended, the other goes on */
    assert_int_equal(logged_mode(), GW_MODE_AWAY);
    order("home", 0);
    world_wait(w, 1000);
    assert_int_equal(logged_mode(), GW_MODE_HOME);
    order("away", HOUR);
    world_wait(w, 2 * HOUR);
    assert_int_equal(logged_mode(), GW_MODE_HOME);
}

static void news_of_an_old_visit_does_not_end_an_ordered_one(void **state)
{
    (void)state;
    world_make(w);
    w->settings.n_detectors = 1;
    w->visit = true;
    world_open(w);
    world_reading(w, MQTT, 0, GW_EVENT, GW_EVENT_PRESS, 0, true);
    struct frame_condition visit = world_condition(w, 0, 77, "");
    world_answer(w, DETECTOR, &visit);
    world_wait(w, 1000);
    world_reading(w, MQTT, 0, GW_EVENT, GW_EVENT_PRESS, 0, true);
    visit = world_condition(w, 0, 77, "");
    visit.raised = 0;
    world_answer(w, DETECTOR, &visit);
    world_wait(w, 1000);
    assert_int_equal(logged_mode(), GW_MODE_HOME);
    const struct frame *sent = world_last(w, UPLINK, FRAME_SEND);
    assert_non_null(sent);
    uint64_t visit_id = sent->send.alert.id;
    order("visit", HOUR);
    world_wait(w, 2000);
    assert_int_equal(logged_mode(), GW_MODE_VISIT);
    world_forget(w);
    world_command(w, VERB_ACK, visit_id, 0); /* of the visit before */
    world_wait(w, 1000);
    assert_int_equal(logged_mode(), -1);
}

/* The detector answers to the mode with a visit of its own; it ends with the order, not with the detector's patience.
 */
static void a_visit_that_only_echoes_the_order_ends_with_it(void **state)
{
    (void)state;
    for (int by_home = 0; by_home < 2; by_home++) {
        world_make(w);
        w->settings.n_detectors = 1;
        w->visit = true;
        world_open(w);
        order("visit", HOUR);
        world_wait(w, 100);
        struct frame_condition echo = world_condition(w, 0, 78, "");
        echo.n_evidence = 1;
        echo.evidence[0] = (struct reading){
            .id = echo.reading, .at = echo.at, .sensor = SENSOR_HOME, .type = GW_MODE, .value = GW_MODE_VISIT};
        world_answer(w, DETECTOR, &echo);
        world_wait(w, 1000);
        assert_int_equal(logged_mode(), GW_MODE_VISIT);
        if (by_home)
            order("home", 0);
        else
            world_wait(w, 61 * MINUTE);
        world_wait(w, 1000);
        assert_int_equal(logged_mode(), GW_MODE_HOME);
        world_close(w);
    }
    world_make(w);
    world_open(w);
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

static void order_test(void)
{
    struct frame *f = world_new(w, FRAME_COMMAND);
    f->command.token = 8;
    f->command.verb = VERB_TEST;
    world_say(w, UPLINK, FRAME_COMMAND);
    world_wait(w, 1);
}

static void a_jump_of_the_clock_at_the_first_sync_does_not_end_a_mode(void **state)
{
    (void)state;
    world_make(w);
    w->settings.n_detectors = 0;
    world_begin(w);
    core_wall(w->core, w->now, FORMER, CLOCK_UNSYNCED);
    world_store_loads(w, 0, 0);
    world_everybody_ready(w);
    world_link(w, UPLINK, true, true);
    order("away", HOUR);
    world_wait(w, MINUTE);
    core_wall(w->core, w->now, FORMER + 3 * DAY, CLOCK_SYNCED);
    world_wait(w, 58 * MINUTE);
    assert_int_equal(logged_mode(), GW_MODE_AWAY);
    world_wait(w, 2 * MINUTE);
    assert_int_equal(logged_mode(), GW_MODE_HOME);
}

static void a_mode_whose_alert_the_platform_closes_is_over(void **state)
{
    (void)state;
    begin(false);
    order("away", HOUR);
    world_wait(w, 1000);
    const struct frame *sent = world_last(w, UPLINK, FRAME_SEND);
    assert_string_equal(sent->send.alert.kind, "mode-away");
    world_command(w, VERB_CLOSE, sent->send.alert.id, 0);
    world_wait(w, 1000);
    assert_int_equal(logged_mode(), GW_MODE_HOME);
    order("away", HOUR);
    world_wait(w, 1000);
    assert_int_equal(logged_mode(), GW_MODE_AWAY);
}

static void an_unanswered_test_of_a_former_run_is_not_over_by_a_restart(void **state)
{
    (void)state;
    restart(true);
    left_by_a_former_run("test-unanswered", GW_TECHNICAL, 0, ALERT_RAISED, "", FORMER - HOUR);
    loaded();
    world_wait(w, 30 * MINUTE);
    for (unsigned i = 0; i < w->n_sent; i++)
        if (w->sent[i]->frame.header.type == FRAME_SEND)
            assert_int_not_equal(w->sent[i]->frame.send.alert.state, ALERT_CLEARED);
    world_forget(w);
    order_test();
    world_command(w, VERB_ACCEPT, test_id(), 0);
    world_wait(w, MINUTE);
    bool over = false;
    for (unsigned i = 0; i < w->n_sent; i++) {
        const struct frame *f = &w->sent[i]->frame;
        over |= f->header.type == FRAME_SEND && f->send.alert.state == ALERT_CLEARED &&
                strcmp(f->send.alert.kind, "test-unanswered") == 0;
    }
    assert_true(over);
}

static void a_test_alarm_of_a_former_run_is_judged_by_this_one(void **state)
{
    (void)state;
    restart(true);
    left_by_a_former_run("test-alarm", GW_EMERGENCY, ALERT_TEST, ALERT_RAISED, "", FORMER - 1000);
    loaded();
    world_wait(w, 6 * MINUTE);
    assert_true(world_raised(w, "test-unanswered"));
}

static void a_platform_that_was_reached_only_just_now_had_no_time_to_answer(void **state)
{
    (void)state;
    begin(true);
    world_link(w, UPLINK, false, false);
    order_test();
    world_wait(w, 4 * MINUTE);
    world_link(w, UPLINK, true, true);
    world_wait(w, 10 * MINUTE);
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
        TEST(a_mode_goes_on_after_a_restart_and_ends_when_it_would_have_ended),
        TEST(a_mode_that_ran_out_while_the_gateway_was_down_is_logged_as_over),
        TEST(an_order_is_answered_when_the_disk_has_it),
        TEST(an_order_that_a_dead_disk_does_not_take_is_answered_so),
        TEST(home_that_was_ordered_during_a_visit_stays_after_a_restart),
        TEST(a_home_without_any_mode_logs_none_at_its_start),
        TEST(a_store_that_comes_late_brings_its_mode_and_home_ends_both),
        TEST(news_of_an_old_visit_does_not_end_an_ordered_one),
        TEST(a_visit_that_only_echoes_the_order_ends_with_it),
        TEST(a_jump_of_the_clock_at_the_first_sync_does_not_end_a_mode),
        TEST(a_mode_whose_alert_the_platform_closes_is_over),
        TEST(an_unanswered_test_of_a_former_run_is_not_over_by_a_restart),
        TEST(a_test_alarm_of_a_former_run_is_judged_by_this_one),
        TEST(a_platform_that_was_reached_only_just_now_had_no_time_to_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
