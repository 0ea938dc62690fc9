/* Supervision, start and reload. */
#include <signal.h>

#include "core_world.h"
#include "made_settings.h"

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    world_make(w);
    *state = w;
    return 0;
}

static int setup_open(void **state)
{
    setup(state);
    world_open(*state);
    return 0;
}

static int teardown(void **state)
{
    world_close(*state);
    free(*state);
    return 0;
}

static void a_crashed_detector_is_told_of_and_restarted_at_once_then_with_back_off(void **state)
{
    struct world *w = *state;
    unsigned starts = w->starts[DETECTOR + 1];
    world_die(w, DETECTOR + 1, SIGSEGV);
    assert_int_equal(w->starts[DETECTOR + 1], starts + 1);
    assert_true(world_raised(w, "worker-down"));
    assert_non_null(strstr(world_last(w, UPLINK, FRAME_SEND)->send.alert.text_en, "signal 11"));
    world_die(w, DETECTOR + 1, SIGSEGV);
    assert_int_equal(w->starts[DETECTOR + 1], starts + 1);
    world_wait(w, 1000);
    assert_int_equal(w->starts[DETECTOR + 1], starts + 2);
    world_die(w, DETECTOR + 1, SIGSEGV);
    world_wait(w, 1000);
    assert_int_equal(w->starts[DETECTOR + 1], starts + 2);
    world_wait(w, 1000);
    assert_int_equal(w->starts[DETECTOR + 1], starts + 3);
}

static void a_detector_is_told_as_well_again_when_it_has_taken_what_it_died_of(void **state)
{
    struct world *w = *state;
    world_reading(w, MQTT, 1, GW_VALUE, 1, GW_INITIAL, false);
    world_die(w, DETECTOR + 1, SIGSEGV);
    assert_true(world_raised(w, "worker-down"));
    world_forget(w);
    world_loaded(w, DETECTOR + 1);
    world_wait(w, 100);
    assert_true(world_last(w, DETECTOR + 1, FRAME_BATCH)->batch.n >= 1);
    assert_null(strstr(w->log, "works again"));
    world_answer(w, DETECTOR + 1, NULL);
    world_wait(w, 100);
    assert_non_null(strstr(w->log, "works again"));
}

static void a_new_detector_that_dies_before_its_first_answer_is_given_the_press_again(void **state)
{
    struct world *w = *state;
    world_begin(w);
    world_store_loads(w, 0, 0);
    world_ready(w, MQTT);
    world_ready(w, UPLINK);
    world_link(w, UPLINK, true, false);
    world_loaded(w, DETECTOR);
    world_reading(w, MQTT, 0, GW_EVENT, GW_EVENT_PRESS, 0, true);
    world_die(w, DETECTOR, SIGKILL);
    world_loaded(w, DETECTOR);
    const struct frame_batch *batch = &world_last(w, DETECTOR, FRAME_BATCH)->batch;
    assert_true(batch->n > 0);
    assert_int_equal(batch->reading[batch->n - 1].type, GW_EVENT);
    struct frame_condition call = world_condition(w, 0, 77, "button");
    world_answer(w, DETECTOR, &call);
    assert_true(world_raised(w, "call"));
}

static void a_permanent_error_is_told_and_not_retried(void **state)
{
    struct world *w = *state;
    unsigned starts = w->starts[DETECTOR];
    world_new(w, FRAME_FAILED);
    text_copy(w->scratch.text.text, TEXT_SIZE, "foreign ABI 2.0");
    world_say(w, DETECTOR, FRAME_FAILED);
    world_wait(w, 600000);
    assert_int_equal(w->starts[DETECTOR], starts);
    assert_true(world_raised(w, "worker-down"));
}

/* Between a worker's word that it cannot work and the news of its end its number is not free. */
static void a_failed_worker_is_started_again_by_a_reload_only_after_its_end(void **state)
{
    struct world *w = *state;
    unsigned starts = w->starts[DETECTOR];
    world_new(w, FRAME_FAILED);
    world_say(w, DETECTOR, FRAME_FAILED);
    struct world *same = calloc(1, sizeof(*same));
    world_make(same);
    assert_int_equal(core_reload(w->core, w->now, &same->settings), 0);
    assert_int_equal(w->starts[DETECTOR], starts);
    world_die(w, DETECTOR, SIGKILL);
    world_wait(w, 10);
    assert_int_equal(w->starts[DETECTOR], starts + 1);
    core_reload(w->core, w->now, &w->settings);
    free(same);
}

static void a_store_that_tells_no_state_or_two_is_killed(void **state)
{
    struct world *w = *state;
    world_begin(w);
    world_new(w, FRAME_READY);
    world_say(w, STORE, FRAME_READY);
    assert_int_equal(w->kills[STORE], 1);
    world_die(w, STORE, SIGKILL);
    world_new(w, FRAME_STORE_STATE);
    world_say(w, STORE, FRAME_STORE_STATE);
    assert_int_equal(w->kills[STORE], 1);
    world_new(w, FRAME_STORE_STATE);
    world_say(w, STORE, FRAME_STORE_STATE);
    assert_int_equal(w->kills[STORE], 2);
}

static void a_detector_that_does_not_answer_its_batch_is_killed_and_the_others_go_on(void **state)
{
    struct world *w = *state;
    world_reading(w, MQTT, 1, GW_VALUE, 1, GW_INITIAL, false);
    world_reading(w, MQTT, 0, GW_EVENT, GW_EVENT_PRESS, 0, true);
    assert_int_equal(world_count(w, DETECTOR, FRAME_BATCH), 1);
    world_answer(w, DETECTOR, NULL);
    world_wait(w, 3100);
    assert_int_equal(w->kills[DETECTOR + 1], 1);
    assert_int_equal(w->kills[DETECTOR], 0);
}

static void a_detector_that_hangs_after_a_healthy_minute_is_started_again_at_once_each_time(void **state)
{
    struct world *w = *state;
    for (int hung = 0; hung < 5; hung++) {
        world_wait(w, 61000);
        unsigned starts = w->starts[DETECTOR + 1];
        world_reading(w, MQTT, 1, GW_VALUE, hung % 2, 0, false);
        world_wait(w, 3100);
        assert_int_equal(w->kills[DETECTOR + 1], hung + 1);
        world_die(w, DETECTOR + 1, SIGKILL);
        assert_int_equal(w->starts[DETECTOR + 1], starts + 1);
        world_ready(w, DETECTOR + 1);
    }
}

static void a_worker_that_is_not_ready_in_time_is_killed(void **state)
{
    struct world *w = *state;
    world_begin(w);
    world_store_loads(w, 0, 0);
    world_wait(w, 5100);
    assert_int_equal(w->kills[DETECTOR], 1); /* its table was due */
    world_wait(w, 5000);
    assert_int_equal(w->kills[MQTT], 1);
}

static void a_worker_that_answers_no_ping_is_killed(void **state)
{
    struct world *w = *state;
    w->deaf[GPIO] = true;
    world_wait(w, 130000);
    assert_true(world_count(w, MQTT, FRAME_PING) >= 1);
    assert_int_equal(w->kills[MQTT], 0);
    assert_int_equal(w->kills[GPIO], 0);
    world_wait(w, 60000);
    assert_int_equal(w->kills[GPIO], 1);
}

static void without_its_store_it_runs_after_three_seconds(void **state)
{
    struct world *w = *state;
    world_begin(w);
    world_wait(w, 2900);
    assert_int_equal(w->starts[MQTT], 0);
    world_wait(w, 200);
    assert_int_equal(w->starts[MQTT], 1);
    world_everybody_ready(w);
    world_link(w, UPLINK, true, true);
    assert_true(world_raised(w, "store-degraded"));
    assert_true(w->ready);
}

static void a_store_that_comes_late_gets_what_was_read_meanwhile_behind_its_own(void **state)
{
    struct world *w = *state;
    world_begin(w);
    world_wait(w, 3100);
    world_everybody_ready(w);
    world_reading(w, MQTT, 1, GW_VALUE, 1, GW_INITIAL, false);
    world_forget(w);
    world_store_loads(w, 500, 1);
    const struct frame *append = world_last(w, STORE, FRAME_READINGS);
    assert_non_null(append);
    assert_true(append->readings.reading[0].id > 500);
    assert_int_equal(append->readings.reading[0].boot, 7);
}

/* A detector that begins anew with its history would take the time between for watched time: visits missed in years,
 * nobody moving for days. */
static void what_nobody_recorded_before_a_start_without_memory_is_a_gap(void **state)
{
    struct world *w = *state;
    const int64_t wall = INT64_C(1700000000000), stored = wall - INT64_C(7) * 86400000;
    world_begin(w);
    core_wall(w->core, w->now, wall, CLOCK_SYNCED);
    world_wait(w, 3100);
    world_everybody_ready(w);
    world_reading(w, MQTT, 1, GW_VALUE, 1, GW_INITIAL, false);
    world_forget(w);
    world_store_loads(w, 500, stored);
    const struct frame *append = world_last(w, STORE, FRAME_READINGS);
    assert_non_null(append);
    const struct reading *gap = &append->readings.reading[0], *next = gap + 1;
    assert_int_equal(gap->id, 501);
    assert_int_equal(gap->type, GW_GAP);
    assert_int_equal(gap->sensor, SENSOR_HOME);
    assert_int_equal(gap->boot, 7);
    assert_true(gap->at > wall && gap->at <= next->at);
    assert_true(gap->value == (double)(gap->at - stored));
    assert_int_equal(next->id, 502);
    assert_int_equal(append->readings.reading[append->readings.n - 1].type, GW_VALUE);
}

static void a_home_without_a_past_has_no_gap_before_it(void **state)
{
    struct world *w = *state;
    world_begin(w);
    world_wait(w, 3100);
    world_everybody_ready(w);
    world_reading(w, MQTT, 1, GW_VALUE, 1, GW_INITIAL, false);
    world_forget(w);
    world_store_loads(w, 0, 0);
    const struct frame *append = world_last(w, STORE, FRAME_READINGS);
    assert_non_null(append);
    assert_int_equal(append->readings.reading[0].id, 1);
    for (uint32_t i = 0; i < append->readings.n; i++)
        assert_int_not_equal(append->readings.reading[i].type, GW_GAP);
}

static void workers_are_asked_at_the_same_time_whenever_they_started(void **state)
{
    struct world *w = *state;
    world_wait(w, 7300);
    world_die(w, MQTT, SIGKILL);
    world_wait(w, 1000);
    world_ready(w, MQTT);
    unsigned rounds = 0;
    for (int second = 0; second < 300; second++) {
        world_forget(w);
        world_wait(w, 1000);
        unsigned asked = world_count(w, MQTT, FRAME_PING);
        assert_int_equal(world_count(w, GPIO, FRAME_PING), asked);
        rounds += asked;
    }
    assert_in_range(rounds, 2, 5);
}

static void ready_waits_for_momentary_detectors_only(void **state)
{
    struct world *w = *state;
    world_begin(w);
    world_store_loads(w, 0, 0);
    world_ready(w, GPIO);
    world_ready(w, MQTT);
    world_ready(w, UPLINK);
    assert_false(w->ready);
    world_ready(w, DETECTOR + 1);
    assert_false(w->ready);
    world_ready(w, DETECTOR);
    assert_true(w->ready);
}

static void a_liar_is_killed(void **state)
{
    struct world *w = *state;
    world_reading(w, GPIO, 0, GW_VALUE, 1, 0, false); /* the button is not a GPIO sensor */
    assert_int_equal(w->kills[GPIO], 1);
    world_reading(w, MQTT, 1, GW_VALUE, 17, 0, false); /* a door is open or closed */
    assert_int_equal(w->kills[MQTT], 1);
}

/* The store would refuse such an alert each time, and be taken for a disk that does not answer. */
static void a_detector_that_found_something_after_a_reading_that_it_was_not_given_is_killed(void **state)
{
    struct world *w = *state;
    const uint64_t beyond[] = {1, UINT64_MAX};
    for (unsigned i = 0; i < 2; i++) {
        world_reading(w, MQTT, 0, GW_EVENT, GW_EVENT_PRESS, 0, true);
        struct frame_condition c = world_condition(w, 0, 77, "button");
        c.reading = beyond[i] == 1 ? c.reading + 1 : beyond[i];
        world_new(w, FRAME_CONDITION)->condition = c;
        core_frame(w->core, w->now, DETECTOR, &w->scratch);
        assert_int_equal(w->kills[DETECTOR], i + 1);
        assert_null(world_last(w, STORE, FRAME_STORE_COMMIT));
        world_die(w, DETECTOR, SIGKILL);
        world_ready(w, DETECTOR);
        world_forget(w);
    }
}

/* Its word would end the gateway's own alerts: an ordered mode, another detector's death, a lost sensor. */
static void a_detector_that_tells_of_the_gateways_troubles_is_killed(void **state)
{
    struct world *w = *state;
    world_die(w, DETECTOR, SIGSEGV);
    assert_true(world_raised(w, "worker-down"));
    world_forget(w);
    struct frame_trouble *t = &world_new(w, FRAME_TROUBLE)->trouble;
    text_copy(t->kind, sizeof(t->kind), "worker-down");
    text_copy(t->subject, sizeof(t->subject), "detector call");
    world_say(w, DETECTOR + 1, FRAME_TROUBLE);
    assert_int_equal(w->kills[DETECTOR + 1], 1);
    assert_null(world_last(w, STORE, FRAME_STORE_COMMIT));
}

static void a_detector_that_tells_its_table_twice_is_killed(void **state)
{
    struct world *w = *state;
    world_new(w, FRAME_PLUGIN_INFO)->plugin_info.n_alerts = 5; /* four of which were never told */
    world_say(w, DETECTOR, FRAME_PLUGIN_INFO);
    assert_int_equal(w->kills[DETECTOR], 1);
}

/* Cut within a character it would be an alert that the store and the uplinks refuse. */
static void the_error_of_a_refused_file_is_cut_between_characters(void **state)
{
    struct world *w = *state;
    char error[120];
    for (int before = 98; before <= 100; before++) {
        memset(error, 'e', sizeof(error));
        text_copy(error + before, sizeof(error) - (size_t)before, "卧室");
        core_destroy(w->core);
        w->core = NULL;
        world_forget(w);
        w->config_error = error;
        world_begin(w);
        world_store_loads(w, 0, 0);
        const struct frame *commit = world_last(w, STORE, FRAME_STORE_COMMIT);
        const char *why = "";
        assert_non_null(commit);
        assert_string_equal(commit->commit.alert.kind, "config-fallback");
        assert_true(frame_check(commit, commit->header.length, &why));
    }
}

static void a_reload_touches_only_what_changed(void **state)
{
    struct world *w = *state;
    struct world *other = calloc(1, sizeof(*other));
    world_make(other);
    struct frame_setting setting = {.key = "open_too_long", .value = "5 min", .where = "x:1"};
    other->detectors[1].settings = &setting;
    other->detectors[1].n_settings = 1;
    assert_int_equal(core_reload(w->core, w->now, &other->settings), 0);
    assert_int_equal(w->kills[DETECTOR + 1], 1);
    assert_int_equal(w->kills[DETECTOR], 0);
    assert_int_equal(w->kills[UPLINK], 0);
    assert_int_equal(w->kills[MQTT], 0);
    world_die(w, DETECTOR + 1, SIGKILL);
    assert_int_equal(w->starts[DETECTOR + 1], 2);
    assert_false(world_raised(w, "worker-down"));
    core_destroy(w->core);
    w->core = NULL;
    world_forget(w);
    free(other);
}

static void a_source_that_is_wanted_again_before_its_process_has_ended_is_started_after_that(void **state)
{
    struct world *w = *state;
    struct world *without = calloc(1, sizeof(*without));
    world_make(without);
    without->settings.n_sensors = 2; /* no GPIO */
    without->settings.n_outputs = 0;
    assert_int_equal(core_reload(w->core, w->now, &without->settings), 0);
    assert_int_equal(w->kills[GPIO], 1);
    assert_int_equal(core_reload(w->core, w->now, &w->settings), 0);
    assert_int_equal(w->starts[GPIO], 1);
    world_die(w, GPIO, SIGKILL);
    assert_int_equal(w->starts[GPIO], 2);
    free(without);
}

static void an_uplink_that_finds_no_room_at_a_reload_gets_the_place_of_the_next_one_that_ends(void **state)
{
    struct world *w = *state;
    struct world *reloads[2];
    for (unsigned i = 0; i < 2; i++) {
        reloads[i] = calloc(1, sizeof(*reloads[i]));
        world_make(reloads[i]);
        reloads[i]->settings.n_uplinks = 2;
        made_uplink(&reloads[i]->uplinks[0], i ? "c" : "a", false);
        made_uplink(&reloads[i]->uplinks[1], i ? "d" : "b", false);
        assert_int_equal(core_reload(w->core, w->now, &reloads[i]->settings), 0);
    }
    assert_int_equal(w->starts[UPLINK + 3], 1);
    world_die(w, UPLINK + 1, SIGKILL);
    assert_int_equal(w->starts[UPLINK + 1], 2);
    world_die(w, UPLINK, SIGKILL);
    assert_int_equal(w->starts[UPLINK], 1);
    core_destroy(w->core);
    w->core = NULL;
    world_forget(w);
    free(reloads[0]);
    free(reloads[1]);
}

static void a_removed_detector_leaves_no_alert_behind_but_its_emergencies(void **state)
{
    struct world *w = *state;
    world_reading(w, MQTT, 1, GW_VALUE, 1, GW_INITIAL, false);
    struct frame_condition c = world_condition(w, 0, 5, "");
    world_answer(w, DETECTOR + 1, &c);
    world_reading(w, MQTT, 0, GW_EVENT, GW_EVENT_PRESS, 0, true);
    c = world_condition(w, 0, 6, "");
    world_answer(w, DETECTOR, &c);
    struct world *other = calloc(1, sizeof(*other));
    world_make(other);
    other->settings.n_detectors = 0;
    world_forget(w);
    assert_int_equal(core_reload(w->core, w->now, &other->settings), 0);
    unsigned cancelled = 0;
    for (unsigned i = 0; i < w->n_sent; i++)
        if (w->sent[i]->frame.header.type == FRAME_STORE_COMMIT &&
            w->sent[i]->frame.commit.alert.state == ALERT_CANCELLED) {
            cancelled++;
            assert_string_equal(w->sent[i]->frame.commit.alert.detector, "door-watch");
        }
    assert_int_equal(cancelled, 1);
    core_destroy(w->core);
    w->core = NULL;
    world_forget(w);
    free(other);
}

static void a_lost_sensor_is_told_after_a_minute_and_makes_its_detector_blind(void **state)
{
    struct world *w = *state;
    world_reading(w, MQTT, 1, GW_AVAILABILITY, 0, 0, false);
    world_answer(w, DETECTOR + 1, NULL);
    world_wait(w, 50000);
    assert_false(world_raised(w, "sensor-lost"));
    world_wait(w, 11000);
    assert_true(world_raised(w, "sensor-lost"));
    world_wait(w, 1000);
    assert_true(world_raised(w, "detector-blind"));
    world_reading(w, MQTT, 1, GW_AVAILABILITY, 1, 0, false);
    world_answer(w, DETECTOR + 1, NULL);
    world_wait(w, 1000);
    assert_int_equal(world_last(w, UPLINK, FRAME_SEND)->send.alert.state, ALERT_CLEARED);
}

static void the_backup_takes_over_when_no_other_link_is_up(void **state)
{
    struct world *w = *state;
    struct uplink_settings *u = &w->uplinks[1];
    *u = w->uplinks[0];
    text_copy(u->link.name, NAME_SIZE, "backup");
    u->backup = true;
    w->settings.n_uplinks = 2;
    world_open(w);
    world_link(w, UPLINK_B, true, true);
    world_forget(w);
    world_reading(w, MQTT, 0, GW_EVENT, GW_EVENT_PRESS, 0, true);
    struct frame_condition c = world_condition(w, 0, 6, "");
    world_answer(w, DETECTOR, &c);
    assert_int_equal(world_count(w, UPLINK, FRAME_SEND), 1);
    assert_int_equal(world_count(w, UPLINK_B, FRAME_SEND), 0);
    world_wait(w, 5100); /* no PUBACK */
    assert_int_equal(world_count(w, UPLINK_B, FRAME_SEND), 1);
}

#define DAY INT64_C(86400000)

static void link_with_certificate(struct world *w, int64_t expires)
{
    struct frame_uplink_state *s = &world_new(w, FRAME_UPLINK_STATE)->uplink_state;
    s->link = LINK_UP;
    s->session_present = 1;
    s->cert_expires = expires;
    world_say(w, UPLINK, FRAME_UPLINK_STATE);
}

static void a_certificate_is_announced_30_days_before_its_end_by_a_clock_that_is_right(void **state)
{
    struct world *w = *state;
    const int64_t wall = 1700000000000;
    world_begin(w);
    core_wall(w->core, w->now, wall, CLOCK_UNSYNCED);
    world_store_loads(w, 0, 0);
    world_everybody_ready(w);
    link_with_certificate(w, wall + 29 * DAY);
    assert_false(world_raised(w, "certificate-expiring")); /* 1970 would make every certificate good, 2050 none */
    core_wall(w->core, w->now, wall, CLOCK_SYNCED);
    assert_true(world_raised(w, "certificate-expiring"));
    world_forget(w);
    link_with_certificate(w, wall + 31 * DAY); /* renewed */
    assert_int_equal(world_last(w, UPLINK, FRAME_SEND)->send.alert.state, ALERT_CLEARED);
    world_forget(w);
    world_wait(w, 2 * DAY);
    core_wall(w->core, w->now, wall + 2 * DAY, CLOCK_SYNCED); /* as the daemon does each minute */
    const struct alert *a = &world_last(w, STORE, FRAME_STORE_COMMIT)->commit.alert;
    assert_string_equal(a->kind, "certificate-expiring");
    assert_int_equal(a->state, ALERT_RAISED);
}

static void a_sensor_of_a_reload_while_the_store_starts_gets_its_row(void **state)
{
    (void)state;
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    world_make(w);
    world_begin(w);
    world_forget(w); /* the store has its configuration, and has not said what it knows */
    struct sensor_settings sensors[4];
    memcpy(sensors, w->sensors, sizeof(sensors));
    struct settings other = w->settings;
    other.sensors = sensors;
    text_copy(sensors[1].name, NAME_SIZE, "garden-door");
    assert_int_equal(core_reload(w->core, w->now, &other), 0);
    bool told = false;
    for (unsigned i = 0; i < w->n_sent; i++) {
        const struct frame *f = &w->sent[i]->frame;
        told |=
            w->sent[i]->worker == STORE && f->header.type == FRAME_SENSOR && strcmp(f->sensor.name, "garden-door") == 0;
    }
    assert_true(told);
    assert_non_null(world_last(w, STORE, FRAME_CONFIG_END));
    world_close(w);
    free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sensor_of_a_reload_while_the_store_starts_gets_its_row),
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define O(name) cmocka_unit_test_setup_teardown(name, setup_open, teardown)
        O(a_liar_is_killed),
        O(a_detector_that_found_something_after_a_reading_that_it_was_not_given_is_killed),
        O(a_detector_that_tells_of_the_gateways_troubles_is_killed),
        O(a_detector_that_tells_its_table_twice_is_killed),
        T(a_worker_that_is_not_ready_in_time_is_killed),
        O(a_worker_that_answers_no_ping_is_killed),
        O(workers_are_asked_at_the_same_time_whenever_they_started),
        O(a_detector_is_told_as_well_again_when_it_has_taken_what_it_died_of),
        T(a_new_detector_that_dies_before_its_first_answer_is_given_the_press_again),
        O(a_permanent_error_is_told_and_not_retried),
        O(a_failed_worker_is_started_again_by_a_reload_only_after_its_end),
        T(a_store_that_tells_no_state_or_two_is_killed),
        O(a_crashed_detector_is_told_of_and_restarted_at_once_then_with_back_off),
        O(a_detector_that_does_not_answer_its_batch_is_killed_and_the_others_go_on),
        O(a_detector_that_hangs_after_a_healthy_minute_is_started_again_at_once_each_time),
        T(without_its_store_it_runs_after_three_seconds),
        T(a_store_that_comes_late_gets_what_was_read_meanwhile_behind_its_own),
        T(what_nobody_recorded_before_a_start_without_memory_is_a_gap),
        T(a_home_without_a_past_has_no_gap_before_it),
        T(ready_waits_for_momentary_detectors_only),
        T(the_error_of_a_refused_file_is_cut_between_characters),
        O(a_reload_touches_only_what_changed),
        O(a_source_that_is_wanted_again_before_its_process_has_ended_is_started_after_that),
        O(an_uplink_that_finds_no_room_at_a_reload_gets_the_place_of_the_next_one_that_ends),
        O(a_removed_detector_leaves_no_alert_behind_but_its_emergencies),
        O(a_lost_sensor_is_told_after_a_minute_and_makes_its_detector_blind),
        T(the_backup_takes_over_when_no_other_link_is_up),
        T(a_certificate_is_announced_30_days_before_its_end_by_a_clock_that_is_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
