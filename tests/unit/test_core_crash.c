/* What simulated homes (tests/sim) have found. */
#include <signal.h>

#include "core_world.h"

static struct alert stored_alert(void)
{
    struct alert a = {.id = 77, .episode = 5, .rev = 1, .count = 1, .state = ALERT_RAISED, .boot = 6, .incident = 77};
    a.class_ = GW_WARNING;
    a.since = a.raised = a.at = 4000000;
    text_copy(a.detector, NAME_SIZE, "gone");
    text_copy(a.kind, NAME_SIZE, "old");
    text_copy(a.text_en, GW_MAX_TEXT, "en");
    text_copy(a.text_zh, GW_MAX_TEXT, "zh");
    return a;
}

/* A run that loads the stored alert, cancels it (its detector has left), and gets nothing onto the disk. */
static uint32_t revision_of_a_run(struct world *w, int64_t now)
{
    world_make(w);
    w->auto_commit = false;
    w->now = now;
    world_begin(w);
    struct frame_store_state *s = &world_new(w, FRAME_STORE_STATE)->store_state;
    s->last_id = 10;
    s->last_log = 5000000;
    s->boot = 7;
    s->known_boot = 1;
    s->boot_offset = 4500000;
    world_say(w, STORE, FRAME_STORE_STATE);
    world_new(w, FRAME_STORE_COMMIT)->commit.alert = stored_alert();
    world_say(w, STORE, FRAME_STORE_COMMIT);
    world_new(w, FRAME_READY);
    world_say(w, STORE, FRAME_READY);
    const struct frame *commit = world_last(w, STORE, FRAME_STORE_COMMIT);
    assert_non_null(commit);
    assert_int_equal(commit->commit.alert.id, 77);
    uint32_t rev = commit->commit.alert.rev;
    world_close(w);
    return rev;
}

static void a_revision_that_was_never_stored_is_not_made_again_by_the_next_run(void **state)
{
    (void)state;
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    uint32_t first = revision_of_a_run(w, 1000000), second = revision_of_a_run(w, 1060000);
    assert_true(first > 1000);
    assert_true(second > first);
    free(w);
}

/* The button's press, found again in the ring by a run that knows the alert but not the reading's new id. */
static void presses_given_again_after(enum alert_state known)
{
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    world_make(w);
    world_open(w);
    for (uint64_t n = 1; n <= 2; n++) {
        world_reading(w, MQTT, 0, GW_EVENT, GW_EVENT_PRESS, 0, true);
        struct frame_condition c = world_condition(w, 0, (UINT64_C(9) << 32) + n, "button");
        world_answer(w, DETECTOR, &c);
    }
    struct alert told = world_last(w, STORE, FRAME_STORE_COMMIT)->commit.alert;
    assert_int_equal(told.count, 2);
    world_close(w);
    world_make(w);
    world_begin(w);
    struct frame_store_state *s = &world_new(w, FRAME_STORE_STATE)->store_state;
    s->last_id = 10;
    s->last_log = told.at + 1000;
    s->boot = 7;
    world_say(w, STORE, FRAME_STORE_STATE);
    told.reading = 1; /* its own was never stored */
    told.state = (uint16_t)known;
    world_new(w, FRAME_STORE_COMMIT)->commit.alert = told;
    world_say(w, STORE, FRAME_STORE_COMMIT);
    world_new(w, FRAME_READY);
    world_say(w, STORE, FRAME_READY);
    world_everybody_ready(w);
    for (uint64_t n = 1; n <= 3; n++) {
        world_forget(w);
        world_reading(w, MQTT, 0, GW_EVENT, GW_EVENT_PRESS, 0, true);
        struct frame_condition c = world_condition(w, 0, (UINT64_C(9) << 32) + n, "button");
        world_answer(w, DETECTOR, &c);
        assert_int_equal(world_count(w, STORE, FRAME_STORE_COMMIT), n == 3 ? 1 : 0);
    }
    world_close(w);
    free(w);
}

static void a_press_that_the_ring_gives_again_to_the_next_run_is_not_counted_again(void **state)
{
    (void)state;
    presses_given_again_after(ALERT_RAISED);
}

/* The store tells of those that were closed lately for this. */
static void nor_is_it_when_its_alert_has_been_closed(void **state)
{
    (void)state;
    presses_given_again_after(ALERT_CLOSED);
}

static void an_acknowledgement_is_answered_when_it_is_on_the_disk(void **state)
{
    (void)state;
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    world_make(w);
    world_open(w);
    world_reading(w, MQTT, 0, GW_EVENT, GW_EVENT_PRESS, 0, true);
    struct frame_condition c = world_condition(w, 0, 5, "button");
    world_answer(w, DETECTOR, &c);
    uint64_t id = world_last(w, STORE, FRAME_STORE_COMMIT)->commit.alert.id;
    w->auto_commit = false;
    world_forget(w);
    world_command(w, VERB_ACK, id, 0);
    assert_int_equal(world_count(w, UPLINK, FRAME_REPLY), 0);
    world_done(w, STORE_DONE_COMMIT, world_last(w, STORE, FRAME_STORE_COMMIT)->commit.token, false);
    const struct frame *reply = world_last(w, UPLINK, FRAME_REPLY);
    assert_non_null(reply);
    assert_int_equal(reply->reply.ok, 1);
    /* A disk that does not answer holds nobody's answer back. */
    world_forget(w);
    world_command(w, VERB_CLOSE, id, 0);
    assert_int_equal(world_count(w, UPLINK, FRAME_REPLY), 0);
    world_wait(w, 2100);
    assert_int_equal(world_count(w, UPLINK, FRAME_REPLY), 1);
    world_close(w);
    free(w);
}

/* A former run may have told more of it than its first word, and stored nothing. */
static void what_is_found_late_does_not_go_on_with_revision_two(void **state)
{
    (void)state;
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    world_make(w);
    world_open(w);
    world_reading(w, MQTT, 1, GW_VALUE, 1, 0, false);
    struct frame_condition c = world_condition(w, 0, 5, "door");
    c.at = c.since = c.at - 60000;
    world_answer(w, DETECTOR + 1, &c);
    const struct alert *told = &world_last(w, STORE, FRAME_STORE_COMMIT)->commit.alert;
    assert_int_equal(told->rev, 1);
    uint64_t id = told->id;
    world_command(w, VERB_ACK, id, 0);
    assert_true(world_last(w, STORE, FRAME_STORE_COMMIT)->commit.alert.rev > 1000);
    world_close(w);
    free(w);
}

/* Nor does what began before this run, though it is due only now: with a dead disk nothing tells of the run before. */
static void nor_does_what_began_before_this_run(void **state)
{
    (void)state;
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    world_make(w);
    world_begin(w);
    world_store_loads(w, 10, 5000000);
    world_everybody_ready(w);
    world_link(w, UPLINK, true, true);
    world_reading(w, MQTT, 1, GW_VALUE, 1, 0, false);
    struct frame_condition c = world_condition(w, 0, 5, "door");
    c.since = 4000000;
    world_answer(w, DETECTOR + 1, &c);
    const struct alert *told = &world_last(w, STORE, FRAME_STORE_COMMIT)->commit.alert;
    assert_int_equal(told->rev, 1);
    world_command(w, VERB_ACK, told->id, 0);
    assert_true(world_last(w, STORE, FRAME_STORE_COMMIT)->commit.alert.rev > 1000);
    world_close(w);
    free(w);
}

static void the_cursor_lies_behind_the_press_that_was_told(void **state)
{
    (void)state;
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    world_make(w);
    world_open(w);
    world_wait(w, 5000);
    world_forget(w);
    world_reading(w, MQTT, 0, GW_EVENT, GW_EVENT_PRESS, 0, true);
    struct frame_condition c = world_condition(w, 0, 5, "button");
    world_answer(w, DETECTOR, &c);
    world_wait(w, 2000);
    const struct frame_cursor *cursor = NULL;
    for (unsigned i = 0; i < w->n_sent; i++) {
        const struct frame *f = &w->sent[i]->frame;
        if (f->header.type == FRAME_STORE_CURSOR && strcmp(f->cursor.detector, "call") == 0)
            cursor = &f->cursor;
    }
    assert_non_null(cursor);
    assert_true(cursor->reading >= c.reading);
    assert_true(cursor->until >= c.at);
    world_close(w);
    free(w);
}

static uint16_t slot_of_the_door(const struct world *w)
{
    uint16_t slot = UINT16_MAX;
    for (unsigned i = 0; i < w->n_sent; i++) {
        const struct frame *f = &w->sent[i]->frame;
        if (f->header.type == FRAME_MQTT_SENSOR && strcmp(f->mqtt_sensor.sensor, "door") == 0)
            slot = f->mqtt_sensor.slot;
    }
    return slot;
}

/* What lies in memory still bears that slot: under another one its detector would not know what the sensor said. */
static void a_sensor_that_a_reload_brings_back_has_its_slot_again(void **state)
{
    (void)state;
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    world_make(w);
    world_open(w);
    struct sensor_settings fewer[1] = {w->sensors[0]};
    struct settings without = w->settings;
    without.sensors = fewer;
    without.n_sensors = 1;
    without.n_detectors = 1;
    assert_int_equal(core_reload(w->core, w->now, &without), 0);
    world_forget(w);
    assert_int_equal(core_reload(w->core, w->now, &w->settings), 0);
    assert_int_equal(slot_of_the_door(w), 1);
    world_close(w);
    free(w);
}

/* The desk still has it: it must know that nothing more will come of it. */
static void an_emergency_whose_detector_is_taken_away_says_so_and_waits_for_its_answer(void **state)
{
    (void)state;
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    world_make(w);
    world_begin(w);
    struct frame_store_state *s = &world_new(w, FRAME_STORE_STATE)->store_state;
    s->last_id = 10;
    s->last_log = 5000000;
    s->boot = 7;
    world_say(w, STORE, FRAME_STORE_STATE);
    struct alert stored = stored_alert();
    stored.class_ = GW_EMERGENCY;
    world_new(w, FRAME_STORE_COMMIT)->commit.alert = stored;
    world_say(w, STORE, FRAME_STORE_COMMIT);
    world_new(w, FRAME_READY);
    world_say(w, STORE, FRAME_READY);
    const struct frame_commit *told = &world_last(w, STORE, FRAME_STORE_COMMIT)->commit;
    assert_true(told->alert.rev > stored.rev);
    assert_true(told->pending);
    assert_int_equal(told->alert.state, ALERT_RAISED);
    assert_true(told->alert.flags & ALERT_ENDED);
    assert_non_null(strstr(told->alert.note, "No longer watched"));
    world_close(w);
    free(w);
}

static const struct alert *door_says(struct world *w, const struct frame_condition *c)
{
    world_answer(w, DETECTOR + 1, c);
    const struct frame *commit = world_last(w, STORE, FRAME_STORE_COMMIT);
    return commit ? &commit->commit.alert : NULL;
}

/* It is the same one, and had only been cancelled because nobody watched it. */
static void what_lasts_is_told_again_when_its_detector_is_back(void **state)
{
    (void)state;
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    world_make(w);
    world_open(w);
    world_reading(w, MQTT, 1, GW_VALUE, 1, 0, false);
    struct frame_condition c = world_condition(w, 0, 5, "door");
    const struct alert raised = *door_says(w, &c);
    struct settings without = w->settings;
    without.n_detectors = 1;
    world_forget(w);
    assert_int_equal(core_reload(w->core, w->now, &without), 0);
    const struct alert cancelled = world_last(w, STORE, FRAME_STORE_COMMIT)->commit.alert;
    assert_int_equal(cancelled.state, ALERT_CANCELLED);
    assert_non_null(strstr(cancelled.note, "No longer watched"));
    world_die(w, DETECTOR + 1, SIGKILL);
    world_wait(w, 700000);
    world_forget(w);
    assert_int_equal(core_reload(w->core, w->now, &w->settings), 0);
    world_loaded(w, DETECTOR + 1);
    const struct alert *again = door_says(w, &c);
    assert_non_null(again);
    assert_int_equal(again->id, raised.id);
    assert_int_equal(again->state, ALERT_RAISED);
    assert_false(again->flags & ALERT_ENDED);
    assert_string_equal(again->note, "");
    world_close(w);
    free(w);
}

/* As a detector does that was given a longer limit: over by the new one, and true again when that has passed. */
static void what_was_over_and_closed_is_told_again_under_its_episode(void **state)
{
    (void)state;
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    world_make(w);
    world_open(w);
    world_reading(w, MQTT, 1, GW_VALUE, 1, 0, false);
    struct frame_condition c = world_condition(w, 0, 5, "door");
    assert_int_equal(door_says(w, &c)->state, ALERT_RAISED);
    world_reading(w, MQTT, 1, GW_VALUE, 0, 0, false);
    struct frame_condition over = world_condition(w, 0, 0, "door");
    over.raised = 0;
    assert_int_equal(door_says(w, &over)->state, ALERT_CLEARED);
    world_wait(w, 700000);
    assert_int_equal(world_last(w, STORE, FRAME_STORE_COMMIT)->commit.alert.state, ALERT_CLOSED);
    world_reading(w, MQTT, 1, GW_VALUE, 1, 0, false);
    c.at = world_condition(w, 0, 5, "door").at;
    c.reading = world_condition(w, 0, 5, "door").reading;
    assert_int_equal(door_says(w, &c)->state, ALERT_RAISED);
    world_close(w);
    free(w);
}

/* The same home, whose door detector is configured otherwise. */
static struct settings with_another_door(const struct world *w, struct detector_settings changed[2])
{
    struct settings other = w->settings;
    memcpy(changed, w->detectors, 2 * sizeof(changed[0]));
    changed[1].memory_mib++;
    other.detectors = changed;
    return other;
}

/* Its process is ready to catch up with its history. */
static void change_the_door(struct world *w, const struct settings *to)
{
    assert_int_equal(core_reload(w->core, w->now, to), 0);
    world_die(w, DETECTOR + 1, SIGKILL);
    world_forget(w);
    world_loaded(w, DETECTOR + 1);
}

static uint32_t state_of_the_door(const struct world *w, uint64_t episode)
{
    uint32_t state = 0;
    for (unsigned i = 0; i < w->n_sent; i++) {
        const struct frame *f = &w->sent[i]->frame;
        if (f->header.type == FRAME_STORE_COMMIT && f->commit.alert.episode == episode)
            state = f->commit.alert.state;
    }
    return state;
}

/* Its sensor has another name now, or its limit is longer: nobody else would ever say that it is over. */
static void what_a_changed_detector_no_longer_holds_true_is_over(void **state)
{
    (void)state;
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    world_make(w);
    world_open(w);
    struct detector_settings changed[2];
    const struct settings other = with_another_door(w, changed);
    world_reading(w, MQTT, 1, GW_VALUE, 1, 0, false);
    struct frame_condition c = world_condition(w, 0, 5, "door");
    assert_int_equal(door_says(w, &c)->state, ALERT_RAISED);
    change_the_door(w, &other);
    world_answer(w, DETECTOR + 1, &c);
    assert_int_equal(state_of_the_door(w, 5), 0); /* true by the changed one too */
    change_the_door(w, &w->settings);
    world_answer(w, DETECTOR + 1, NULL);
    assert_int_equal(state_of_the_door(w, 5), ALERT_CANCELLED);
    change_the_door(w, &other);
    world_answer(w, DETECTOR + 1, &c);
    assert_int_equal(state_of_the_door(w, 5), ALERT_RAISED);
    world_close(w);
    free(w);
}

static void what_is_true_already_by_a_changed_limit_is_told(void **state)
{
    (void)state;
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    world_make(w);
    world_open(w);
    struct detector_settings changed[2];
    const struct settings other = with_another_door(w, changed);
    world_reading(w, MQTT, 1, GW_VALUE, 1, 0, false);
    struct frame_condition c = world_condition(w, 0, 5, "door");
    world_answer(w, DETECTOR + 1, NULL);
    world_wait(w, 5000);
    change_the_door(w, &other);
    world_answer(w, DETECTOR + 1, &c);
    assert_int_equal(state_of_the_door(w, 5), ALERT_RAISED);
    world_close(w);
    free(w);
}

/* A door that has stood open for days: from the last hour alone nobody would know what its closing ends. */
static void a_detector_sees_again_what_it_still_holds_true_however_old(void **state)
{
    (void)state;
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    world_make(w);
    world_begin(w);
    const int64_t now = INT64_C(900000000);
    struct frame_store_state *s = &world_new(w, FRAME_STORE_STATE)->store_state;
    s->last_id = s->stored_id = 10;
    s->last_log = now;
    s->boot = 7;
    world_say(w, STORE, FRAME_STORE_STATE);
    struct frame_cursor *cursor = &world_new(w, FRAME_STORE_CURSOR)->cursor;
    text_copy(cursor->detector, NAME_SIZE, "door-watch");
    cursor->reading = 10;
    cursor->until = now;
    world_say(w, STORE, FRAME_STORE_CURSOR);
    struct alert stored = stored_alert();
    text_copy(stored.detector, NAME_SIZE, "door-watch");
    world_new(w, FRAME_STORE_COMMIT)->commit.alert = stored;
    world_say(w, STORE, FRAME_STORE_COMMIT);
    world_new(w, FRAME_READY);
    world_say(w, STORE, FRAME_READY);
    world_forget(w);
    w->auto_history = false;
    world_loaded(w, DETECTOR + 1);
    const struct frame *query = world_last(w, STORE, FRAME_HISTORY_QUERY);
    assert_non_null(query);
    assert_true(query->history_query.from_log <= stored.since);
    world_close(w);
    free(w);
}

/* The lid was open when the former run ended; closed meanwhile, nobody else would say so. */
static void that_a_lid_is_closed_is_news_to_a_new_run(void **state)
{
    (void)state;
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    world_make(w);
    world_open(w);
    world_reading(w, MQTT, 1, GW_BATTERY, 90, 0, false);
    world_answer(w, DETECTOR + 1, NULL);
    world_forget(w);
    world_reading(w, MQTT, 1, GW_TAMPER, 0, 0, false);
    world_wait(w, 200);
    const struct frame *told = world_last(w, STORE, FRAME_READINGS);
    assert_non_null(told);
    assert_int_equal(told->readings.reading[told->readings.n - 1].type, GW_TAMPER);
    world_close(w);
    free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_revision_that_was_never_stored_is_not_made_again_by_the_next_run),
        cmocka_unit_test(a_press_that_the_ring_gives_again_to_the_next_run_is_not_counted_again),
        cmocka_unit_test(nor_is_it_when_its_alert_has_been_closed),
        cmocka_unit_test(an_acknowledgement_is_answered_when_it_is_on_the_disk),
        cmocka_unit_test(what_is_found_late_does_not_go_on_with_revision_two),
        cmocka_unit_test(nor_does_what_began_before_this_run),
        cmocka_unit_test(the_cursor_lies_behind_the_press_that_was_told),
        cmocka_unit_test(a_sensor_that_a_reload_brings_back_has_its_slot_again),
        cmocka_unit_test(an_emergency_whose_detector_is_taken_away_says_so_and_waits_for_its_answer),
        cmocka_unit_test(what_lasts_is_told_again_when_its_detector_is_back),
        cmocka_unit_test(that_a_lid_is_closed_is_news_to_a_new_run),
        cmocka_unit_test(what_a_changed_detector_no_longer_holds_true_is_over),
        cmocka_unit_test(what_is_true_already_by_a_changed_limit_is_told),
        cmocka_unit_test(what_was_over_and_closed_is_told_again_under_its_episode),
        cmocka_unit_test(a_detector_sees_again_what_it_still_holds_true_however_old),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
