/* Races, restarts and limits: what goes wrong between two messages. */
#include <signal.h>

#include "core_world.h"

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
    struct world *w = *state;
    core_destroy(w->core);
    w->core = NULL;
    world_forget(w);
    free(w);
    return 0;
}

static uint64_t press(struct world *w)
{
    world_reading(w, MQTT, 0, GW_EVENT, GW_EVENT_PRESS, 0, true);
    uint64_t episode = world_last(w, DETECTOR, FRAME_BATCH)->batch.reading[0].origin;
    struct frame_condition c = world_condition(w, 0, episode, "button");
    world_answer(w, DETECTOR, &c);
    const struct frame *sent = world_last(w, UPLINK, FRAME_SEND);
    return sent ? sent->send.alert.id : 0;
}

static void delivered(struct world *w, uint64_t token)
{
    struct frame_delivered *d = &world_new(w, FRAME_DELIVERED)->delivered;
    d->token = token;
    d->ok = 1;
    world_say(w, UPLINK, FRAME_DELIVERED);
}

/* A second world, for its settings. */
static struct world *other_settings(void)
{
    struct world *other = calloc(1, sizeof(*other));
    world_make(other);
    return other;
}

static bool cleared(const struct world *w, const char *kind)
{
    for (unsigned i = 0; i < w->n_sent; i++) {
        const struct frame *f = &w->sent[i]->frame;
        if (f->header.type == FRAME_STORE_COMMIT && f->commit.alert.state == ALERT_CLEARED &&
            strcmp(f->commit.alert.kind, kind) == 0)
            return true;
    }
    return false;
}

static void an_accept_that_overtakes_the_puback_of_a_repetition_leaves_the_window_open(void **state)
{
    struct world *w = *state;
    for (unsigned i = 0; i < 40; i++) {
        world_forget(w);
        uint64_t id = press(w);
        const struct frame *sent = world_last(w, UPLINK, FRAME_SEND);
        if (!sent)
            fail_msg("emergency %u was not sent", i);
        delivered(w, sent->send.token);
        world_wait(w, 60500); /* it is repeated, and the accept is there before the PUBACK */
        world_command(w, VERB_ACCEPT, id, 0);
        world_command(w, VERB_CLOSE, id, 0);
        sent = world_last(w, UPLINK, FRAME_SEND);
        delivered(w, sent->send.token);
    }
}

static void an_outbox_that_overflows_leaves_the_window_open(void **state)
{
    struct world *w = *state;
    w->uplinks[0].rate = 1000000;
    struct frame_trouble t = {.alert = 1};
    text_copy(t.text_en, GW_MAX_TEXT, "en");
    text_copy(t.text_zh, GW_MAX_TEXT, "zh");
    text_copy(t.kind, NAME_SIZE, "k");
    for (unsigned i = 0; i < 3000; i++) {
        t.active = !(i & 1);
        snprintf(t.subject, sizeof(t.subject), "s%u", i / 2 % 50);
        unsigned from = w->n_sent;
        core_trouble(w->core, w->now, &t);
        for (unsigned k = from; k < w->n_sent; k++)
            if (w->sent[k]->frame.header.type == FRAME_STORE_COMMIT)
                world_done(w, STORE_DONE_COMMIT, w->sent[k]->frame.commit.token, false);
        w->now += 100;
    }
    /* Whatever was handed over is delivered; then the rest must follow. */
    unsigned done = 0;
    for (unsigned i = 0; i < w->n_sent && done < 40; i++)
        if (w->sent[i]->frame.header.type == FRAME_SEND) {
            done++;
            delivered(w, w->sent[i]->frame.send.token);
        }
    assert_int_equal(done, 40);
}

static void a_sensor_of_a_reload_is_told_to_the_store_as_a_whole_configuration(void **state)
{
    struct world *w = *state;
    struct world *other = other_settings();
    struct sensor_settings *s = &other->sensors[other->settings.n_sensors++];
    *s = other->sensors[0];
    text_copy(s->name, NAME_SIZE, "second-button");
    world_forget(w);
    assert_int_equal(core_reload(w->core, w->now, &other->settings), 0);
    int begin = world_place(w, STORE, FRAME_CONFIG_BEGIN), sensor = world_place(w, STORE, FRAME_SENSOR),
        end = world_place(w, STORE, FRAME_CONFIG_END);
    assert_true(begin >= 0 && begin < sensor && sensor < end);
    assert_non_null(world_last(w, STORE, FRAME_STORE_CONFIG));
    core_destroy(w->core);
    w->core = NULL;
    free(other);
}

static void the_cursor_of_a_quick_second_batch_is_stored_too(void **state)
{
    struct world *w = *state;
    press(w);
    w->now += 200;
    press(w);
    uint64_t last = world_last(w, DETECTOR, FRAME_BATCH)->batch.reading[0].id;
    world_wait(w, 2000);
    uint64_t stored = 0;
    for (unsigned i = 0; i < w->n_sent; i++)
        if (w->sent[i]->frame.header.type == FRAME_STORE_CURSOR &&
            strcmp(w->sent[i]->frame.cursor.detector, "call") == 0)
            stored = w->sent[i]->frame.cursor.reading;
    assert_true(stored >= last);
}

static void a_disk_that_refuses_for_long_does_not_get_its_store_killed(void **state)
{
    struct world *w = *state;
    w->auto_commit = false;
    press(w);
    for (unsigned i = 0; i < 300; i++) {
        unsigned n = w->n_sent;
        for (unsigned k = 0; k < n; k++)
            if (w->sent[k]->frame.header.type == FRAME_STORE_COMMIT)
                world_done(w, STORE_DONE_COMMIT, w->sent[k]->frame.commit.token, true);
        world_forget(w);
        world_wait(w, 1000);
    }
    assert_int_equal(w->kills[STORE], 0);
}

static void readings_taken_without_memory_are_not_handled_before_the_late_store_has_them(void **state)
{
    struct world *w = *state;
    w->auto_commit = false;
    world_begin(w);
    world_wait(w, 3100);
    world_everybody_ready(w);
    world_reading(w, MQTT, 0, GW_EVENT, GW_EVENT_PRESS, 0, true);
    uint64_t origin = world_last(w, DETECTOR, FRAME_BATCH)->batch.reading[0].origin;
    world_forget(w);
    world_store_loads(w, 500, 1);
    const struct frame *confirm = world_last(w, MQTT, FRAME_CONFIRM);
    assert_true(!confirm || confirm->confirm.handled < origin);
    bool urgent = false;
    const struct frame *append = world_last(w, STORE, FRAME_READINGS);
    assert_non_null(append);
    urgent = append->readings.flags & READINGS_URGENT;
    assert_true(urgent);
    world_done(w, STORE_DONE_READINGS, append->readings.reading[append->readings.n - 1].id, false);
    assert_int_equal(world_last(w, MQTT, FRAME_CONFIRM)->confirm.handled, origin);
}

static void a_store_that_stalls_over_history_does_not_stop_the_call_detector(void **state)
{
    struct world *w = *state;
    w->auto_history = w->auto_commit = false;
    world_begin(w);
    world_store_loads(w, 41, 5000000);
    world_new(w, FRAME_HELLO);
    w->scratch.hello.version = FRAME_VERSION;
    text_copy(w->scratch.hello.role, NAME_SIZE, "x");
    world_say(w, DETECTOR, FRAME_HELLO);
    world_new(w, FRAME_READY);
    world_say(w, DETECTOR, FRAME_READY);
    assert_non_null(world_last(w, STORE, FRAME_HISTORY_QUERY));
    assert_null(world_last(w, DETECTOR, FRAME_BATCH));
    world_wait(w, 2500);
    assert_non_null(world_last(w, DETECTOR, FRAME_BATCH));
}

static void answer_commits(struct world *w, bool failed)
{
    for (unsigned i = 0; i < w->n_sent; i++)
        if (w->sent[i]->frame.header.type == FRAME_STORE_COMMIT)
            world_done(w, STORE_DONE_COMMIT, w->sent[i]->frame.commit.token, failed);
}

static void a_detector_that_restarts_without_the_disk_still_gets_what_the_tail_holds(void **state)
{
    struct world *w = *state;
    world_reading(w, MQTT, 1, GW_VALUE, 1, GW_INITIAL, false);
    uint64_t id = world_last(w, DETECTOR + 1, FRAME_BATCH)->batch.reading[0].id;
    world_answer(w, DETECTOR + 1, NULL);
    w->auto_commit = false;
    press(w);
    world_wait(w, 2500); /* degraded */
    world_die(w, DETECTOR + 1, SIGSEGV);
    answer_commits(w, true);
    world_forget(w);
    world_ready(w, DETECTOR + 1);
    bool seen = false;
    for (unsigned i = 0; i < w->n_sent; i++) {
        const struct frame *f = &w->sent[i]->frame;
        for (uint32_t k = 0; w->sent[i]->worker == DETECTOR + 1 && f->header.type == FRAME_BATCH && k < f->batch.n; k++)
            seen |= f->batch.reading[k].id == id;
    }
    assert_true(seen);
    /* The disk is back: with a healthy minute behind it the detector begins anew, now with its history. */
    unsigned kills = w->kills[DETECTOR + 1];
    w->auto_commit = true;
    answer_commits(w, false);
    world_done(w, STORE_DONE_READINGS, id + 1, false);
    world_wait(w, 10000);
    assert_int_equal(w->kills[DETECTOR + 1], kills);
    world_wait(w, 60000);
    assert_int_equal(w->kills[DETECTOR + 1], kills + 1);
}

static void a_reload_before_the_store_is_there_keeps_nothing_of_the_old_settings(void **state)
{
    struct world *w = *state;
    struct world *old = other_settings(), *fresh = other_settings();
    text_copy(fresh->uplinks[0].link.host, TEXT_SIZE, "elsewhere");
    const struct settings mine = w->settings;
    w->settings = old->settings;
    world_begin(w);
    assert_int_equal(core_reload(w->core, w->now, &fresh->settings), 0);
    memset(old, 0x5a, sizeof(*old));
    free(old);
    world_store_loads(w, 0, 0);
    assert_string_equal(world_last(w, UPLINK, FRAME_UPLINK_CONFIG)->uplink_config.host, "elsewhere");
    assert_int_equal(w->starts[UPLINK], 1);
    core_destroy(w->core);
    w->core = NULL;
    w->settings = mine;
    free(fresh);
}

static void a_database_lost_while_running_does_not_stop_the_open_list(void **state)
{
    struct world *w = *state;
    world_die(w, STORE, SIGKILL);
    struct frame_store_state *s = &world_new(w, FRAME_STORE_STATE)->store_state;
    s->boot = 7;
    s->alerts_file = STORE_FILE_SET_ASIDE;
    text_copy(s->set_aside, TEXT_SIZE, "alerts.db.old");
    world_say(w, STORE, FRAME_STORE_STATE);
    world_new(w, FRAME_READY);
    world_say(w, STORE, FRAME_READY);
    world_forget(w);
    press(w);
    world_wait(w, 3000);
    assert_non_null(world_last(w, UPLINK, FRAME_OPEN_END));
}

static void a_sensor_with_a_long_name_is_told_once_and_cleared(void **state)
{
    struct world *w = *state;
    text_copy(w->sensors[1].name, NAME_SIZE, "a-door-with-a-name-longer-than-any-key-is");
    world_open(w);
    world_reading(w, MQTT, 1, GW_AVAILABILITY, 0, 0, false);
    world_answer(w, DETECTOR + 1, NULL);
    world_wait(w, 62000);
    assert_true(world_raised(w, "sensor-lost"));
    world_forget(w);
    world_reading(w, MQTT, 1, GW_VALUE, 1, 0, false);
    assert_true(cleared(w, "sensor-lost"));
}

static void the_alert_of_a_sensor_that_a_reload_takes_away_is_over(void **state)
{
    struct world *w = *state;
    world_reading(w, MQTT, 1, GW_AVAILABILITY, 0, 0, false);
    world_answer(w, DETECTOR + 1, NULL);
    world_wait(w, 62000);
    assert_true(world_raised(w, "sensor-lost"));
    struct world *other = other_settings();
    other->sensors[1] = other->sensors[2];
    other->settings.n_sensors = 2;
    other->settings.n_detectors = 1;
    assert_int_equal(core_reload(w->core, w->now, &other->settings), 0);
    assert_true(cleared(w, "sensor-lost"));
    core_destroy(w->core);
    w->core = NULL;
    free(other);
}

static void a_link_that_is_up_before_its_worker_is_ready_makes_no_busy_loop(void **state)
{
    struct world *w = *state;
    world_begin(w);
    world_store_loads(w, 0, 0);
    world_link(w, UPLINK, true, true);
    core_tick(w->core, w->now);
    assert_true(core_deadline(w->core) > w->now);
    w->now += 2000;
    core_tick(w->core, w->now);
    assert_true(core_deadline(w->core) > w->now);
}

static void a_sensor_that_is_back_with_an_unchanged_level_is_back_for_its_detector_too(void **state)
{
    struct world *w = *state;
    world_reading(w, MQTT, 1, GW_VALUE, 1, 0, false);
    world_answer(w, DETECTOR + 1, NULL);
    world_reading(w, MQTT, 1, GW_AVAILABILITY, 0, 0, false);
    world_answer(w, DETECTOR + 1, NULL);
    world_forget(w);
    world_reading(w, MQTT, 1, GW_VALUE, 1, 0, false);
    const struct frame *batch = world_last(w, DETECTOR + 1, FRAME_BATCH);
    assert_non_null(batch);
    assert_int_equal(batch->batch.reading[0].type, GW_AVAILABILITY);
    assert_true(batch->batch.reading[0].value == 1);
}

static struct alert stored_alert(const char *detector, uint32_t class_)
{
    struct alert a = {.id = 77, .episode = 5, .rev = 1, .count = 1, .state = ALERT_RAISED, .boot = 6, .incident = 77};
    a.class_ = (uint16_t)class_;
    a.since = a.raised = a.at = 4000000;
    text_copy(a.detector, NAME_SIZE, detector);
    text_copy(a.kind, NAME_SIZE, "old");
    text_copy(a.text_en, GW_MAX_TEXT, "en");
    text_copy(a.text_zh, GW_MAX_TEXT, "zh");
    return a;
}

static void an_alert_of_a_detector_that_left_the_configuration_over_a_restart_is_cancelled(void **state)
{
    struct world *w = *state;
    world_begin(w);
    struct frame_store_state *s = &world_new(w, FRAME_STORE_STATE)->store_state;
    s->last_id = 10;
    s->last_log = 5000000;
    s->boot = 7;
    world_say(w, STORE, FRAME_STORE_STATE);
    world_new(w, FRAME_STORE_COMMIT)->commit.alert = stored_alert("gone", GW_WARNING);
    world_say(w, STORE, FRAME_STORE_COMMIT);
    world_new(w, FRAME_READY);
    world_say(w, STORE, FRAME_READY);
    const struct frame *commit = world_last(w, STORE, FRAME_STORE_COMMIT);
    assert_non_null(commit);
    assert_int_equal(commit->commit.alert.id, 77);
    assert_int_equal(commit->commit.alert.state, ALERT_CANCELLED);
}

static void an_emergency_of_a_removed_detector_ends_when_it_is_answered(void **state)
{
    struct world *w = *state;
    world_begin(w);
    struct frame_store_state *s = &world_new(w, FRAME_STORE_STATE)->store_state;
    s->last_id = 10;
    s->last_log = 5000000;
    s->boot = 7;
    world_say(w, STORE, FRAME_STORE_STATE);
    world_new(w, FRAME_STORE_COMMIT)->commit.alert = stored_alert("gone", GW_EMERGENCY);
    world_say(w, STORE, FRAME_STORE_COMMIT);
    world_new(w, FRAME_READY);
    world_say(w, STORE, FRAME_READY);
    world_everybody_ready(w);
    world_link(w, UPLINK, true, true);
    world_forget(w);
    world_command(w, VERB_ACK, 77, 0);
    world_wait(w, 700000);
    bool closed = false;
    for (unsigned i = 0; i < w->n_sent; i++)
        closed |= w->sent[i]->frame.header.type == FRAME_STORE_COMMIT && w->sent[i]->frame.commit.alert.id == 77 &&
                  w->sent[i]->frame.commit.alert.state == ALERT_CLOSED;
    assert_true(closed);
}

static void an_accept_at_one_platform_keeps_the_other_platform_waiting_on_the_disk(void **state)
{
    struct world *w = *state;
    w->uplinks[1] = w->uplinks[0];
    text_copy(w->uplinks[1].link.name, NAME_SIZE, "second");
    w->settings.n_uplinks = 2;
    world_open(w);
    uint64_t id = press(w);
    delivered(w, world_last(w, UPLINK, FRAME_SEND)->send.token);
    world_command(w, VERB_ACCEPT, id, 0);
    const struct frame *commit = world_last(w, STORE, FRAME_STORE_COMMIT);
    assert_int_equal(commit->commit.alert.state, ALERT_ACCEPTED);
    assert_true(commit->commit.pending & 2u);
}

static void a_clear_ends_the_real_alert_also_when_a_test_of_it_is_open(void **state)
{
    struct world *w = *state;
    world_reading(w, MQTT, 1, GW_VALUE, 1, GW_INITIAL, false);
    struct frame_condition c = world_condition(w, 0, 5, "");
    world_answer(w, DETECTOR + 1, &c);
    uint64_t id = world_last(w, UPLINK, FRAME_SEND)->send.alert.id;
    world_reading(w, MQTT, 1, GW_VALUE, 1, GW_TEST, false);
    c = world_condition(w, 0, 6, "");
    c.flags = GW_TEST;
    world_answer(w, DETECTOR + 1, &c);
    world_forget(w);
    world_reading(w, MQTT, 1, GW_VALUE, 0, 0, false);
    c = world_condition(w, 0, 0, "");
    c.raised = 0;
    world_answer(w, DETECTOR + 1, &c);
    bool real = false;
    for (unsigned i = 0; i < w->n_sent; i++)
        real |= w->sent[i]->frame.header.type == FRAME_STORE_COMMIT && w->sent[i]->frame.commit.alert.id == id &&
                w->sent[i]->frame.commit.alert.state == ALERT_CLEARED;
    assert_true(real);
}

/* It began without its history while the disk was away, and did not know what the closed door ends. With its history it
 * finds the opening and the closing, both before its cursor. */
static void what_ended_unseen_by_a_detector_without_its_history_is_cleared_when_it_has_it(void **state)
{
    struct world *w = *state;
    world_reading(w, MQTT, 1, GW_VALUE, 1, 0, false);
    struct frame_condition raised = world_condition(w, 0, 5, "");
    world_answer(w, DETECTOR + 1, &raised);
    char kind[NAME_SIZE];
    text_copy(kind, sizeof(kind), world_last(w, UPLINK, FRAME_SEND)->send.alert.kind);
    world_reading(w, MQTT, 1, GW_VALUE, 0, 0, false);
    struct frame_condition ended = world_condition(w, 0, 0, "");
    ended.raised = 0;
    world_answer(w, DETECTOR + 1, NULL); /* it has seen the door close, and nothing to clear */
    world_wait(w, 2000);
    world_reading(w, MQTT, 1, GW_VALUE, 0, GW_INITIAL, false);
    world_answer(w, DETECTOR + 1, NULL); /* the cursor is behind both */
    world_die(w, DETECTOR + 1, SIGKILL);
    world_wait(w, 1000);
    world_forget(w);
    world_loaded(w, DETECTOR + 1);
    for (int again = 0; again < 2; again++) { /* opened and closed twice */
        world_new(w, FRAME_CONDITION)->condition = raised;
        world_say(w, DETECTOR + 1, FRAME_CONDITION);
        world_new(w, FRAME_CONDITION)->condition = ended;
        world_say(w, DETECTOR + 1, FRAME_CONDITION);
    }
    assert_false(cleared(w, kind));
    world_answer(w, DETECTOR + 1, NULL);
    assert_true(cleared(w, kind));
}

/* The disk is dead at the start: the store answers from memory, and knows of the log what the mirror says. */
static void a_detector_that_began_with_a_store_in_memory_begins_anew_when_the_disk_is_back(void **state)
{
    struct world *w = *state;
    world_begin(w);
    struct frame_store_state *s = &world_new(w, FRAME_STORE_STATE)->store_state;
    s->last_id = 41;
    s->last_log = 5000000;
    s->boot = 7;
    s->known_boot = 1;
    world_say(w, STORE, FRAME_STORE_STATE);
    world_new(w, FRAME_READY);
    world_say(w, STORE, FRAME_READY);
    world_everybody_ready(w);
    world_wait(w, 2 * 60000); /* in vain as long as the store has no more than that */
    assert_int_equal(w->kills[DETECTOR + 1], 0);
    world_die(w, STORE, SIGKILL);
    world_wait(w, 10);
    world_store_loads(w, 41, 5000000);
    world_wait(w, 10);
    assert_int_equal(w->kills[DETECTOR + 1], 1);
}

static void a_first_sync_does_not_lose_sensors_before_their_time(void **state)
{
    struct world *w = *state;
    world_begin(w);
    world_store_loads(w, 41, 5000000);
    world_everybody_ready(w);
    world_link(w, UPLINK, true, true);
    world_reading(w, MQTT, 1, GW_AVAILABILITY, 0, 0, false);
    world_answer(w, DETECTOR + 1, NULL);
    core_wall(w->core, w->now, 90000000, CLOCK_SYNCED);
    world_wait(w, 50000);
    assert_false(world_raised(w, "sensor-lost"));
    world_wait(w, 11000);
    assert_true(world_raised(w, "sensor-lost"));
}

static void the_cursor_stored_with_a_clear_lies_behind_its_raise(void **state)
{
    struct world *w = *state;
    world_reading(w, MQTT, 1, GW_VALUE, 1, GW_INITIAL, false);
    struct frame_condition c = world_condition(w, 0, 5, "");
    world_answer(w, DETECTOR + 1, &c);
    uint64_t raise = c.reading;
    w->now += 400;
    world_reading(w, MQTT, 1, GW_VALUE, 0, 0, false);
    c = world_condition(w, 0, 0, "");
    c.raised = 0;
    world_answer(w, DETECTOR + 1, &c);
    const struct frame *commit = world_last(w, STORE, FRAME_STORE_COMMIT);
    assert_int_equal(commit->commit.alert.state, ALERT_CLEARED);
    assert_true(commit->commit.cursor.reading >= raise);
    assert_true(commit->commit.cursor.until >= commit->commit.alert.raised);
}

static void calls_that_a_person_has_taken_give_way_to_a_new_one(void **state)
{
    struct world *w = *state;
    for (unsigned i = 0; i < ALERTS_MAX + 10; i++) {
        world_forget(w);
        uint64_t id = press(w);
        const struct frame *sent = world_last(w, UPLINK, FRAME_SEND);
        if (!sent || sent->send.alert.state != ALERT_RAISED)
            fail_msg("call %u was not sent", i);
        delivered(w, sent->send.token);
        world_command(w, VERB_ACK, id, 0);
        delivered(w, world_last(w, UPLINK, FRAME_SEND)->send.token);
        world_wait(w, 1000);
    }
}

static void a_test_does_not_put_out_the_light_of_a_real_call(void **state)
{
    struct world *w = *state;
    uint64_t id = press(w);
    world_command(w, VERB_ACK, id, 0);
    assert_true(world_last(w, GPIO, FRAME_OUTPUT_SET)->output_set.value);
    world_reading(w, MQTT, 0, GW_EVENT, GW_EVENT_PRESS, GW_TEST, true);
    struct frame_condition c = world_condition(w, 0, 99, "button");
    c.flags = GW_TEST;
    world_answer(w, DETECTOR, &c);
    assert_true(world_last(w, GPIO, FRAME_OUTPUT_SET)->output_set.value);
}

static void the_backup_takes_over_what_is_no_emergency_after_its_time_and_not_later(void **state)
{
    struct world *w = *state;
    w->uplinks[1] = w->uplinks[0];
    text_copy(w->uplinks[1].link.name, NAME_SIZE, "backup");
    w->uplinks[1].backup = true;
    w->uplinks[1].heartbeat_s = 100000;
    w->settings.n_uplinks = 2;
    world_open(w);
    world_link(w, UPLINK_B, true, true);
    world_wait(w, 2000);
    world_link(w, UPLINK, false, false);
    world_wait(w, 1000);
    world_forget(w);
    world_reading(w, MQTT, 1, GW_VALUE, 1, GW_INITIAL, false);
    struct frame_condition c = world_condition(w, 0, 5, "");
    world_answer(w, DETECTOR + 1, &c);
    world_forget(w);
    world_wait(w, 2000);
    world_forget(w);
    for (int64_t end = w->now + 30000, due; (due = core_deadline(w->core)) <= end;) {
        w->now = due > w->now ? due : w->now;
        core_tick(w->core, w->now);
    }
    assert_int_equal(world_count(w, UPLINK_B, FRAME_SEND), 1);
}

static void a_detector_that_is_configured_again_begins_at_now(void **state)
{
    struct world *w = *state;
    press(w);
    struct world *without = other_settings(), *with = other_settings();
    without->settings.n_detectors = 0;
    assert_int_equal(core_reload(w->core, w->now, &without->settings), 0);
    world_die(w, DETECTOR, SIGKILL);
    world_die(w, DETECTOR + 1, SIGKILL);
    world_reading(w, MQTT, 0, GW_EVENT, GW_EVENT_PRESS, 0, true);
    w->now += 3600000;
    assert_int_equal(core_reload(w->core, w->now, &with->settings), 0);
    world_forget(w);
    world_loaded(w, DETECTOR);
    const struct frame *batch = world_last(w, DETECTOR, FRAME_BATCH);
    assert_non_null(batch);
    assert_int_equal(batch->batch.n, 0);
    core_destroy(w->core);
    w->core = NULL;
    free(without);
    free(with);
}

static void a_press_that_is_found_again_under_another_id_is_not_counted_twice(void **state)
{
    struct world *w = *state;
    press(w);
    uint64_t episode = world_last(w, DETECTOR, FRAME_BATCH)->batch.reading[0].origin;
    world_forget(w);
    world_reading(w, MQTT, 0, GW_EVENT, GW_EVENT_PRESS, 0, true);
    struct frame_condition c = world_condition(w, 0, episode, "button");
    world_answer(w, DETECTOR, &c);
    assert_int_equal(world_count(w, UPLINK, FRAME_SEND), 0);
}

static void say_press_again(struct world *w, uint64_t episode)
{
    world_reading(w, MQTT, 0, GW_EVENT, GW_EVENT_PRESS, 0, true);
    struct frame_condition c = world_condition(w, 0, episode, "button");
    world_answer(w, DETECTOR, &c);
}

/* The disk took the alert (or the mirror has it) and not the readings: after a crash the ring gives them again. */
static void a_press_that_was_counted_up_and_is_found_again_under_another_id_is_not_counted_twice(void **state)
{
    struct world *w = *state;
    uint64_t episode[4];
    for (int i = 0; i < 4; i++) {
        press(w);
        episode[i] = world_last(w, DETECTOR, FRAME_BATCH)->batch.reading[0].origin;
    }
    world_forget(w);
    for (int i = 0; i < 4; i++)
        say_press_again(w, episode[i]);
    assert_int_equal(world_count(w, UPLINK, FRAME_SEND), 0);
    press(w);
    assert_int_equal(world_last(w, UPLINK, FRAME_SEND)->send.alert.count, 5);
}

static void a_warning_does_not_wait_behind_technical_news(void **state)
{
    struct world *w = *state;
    struct frame_trouble t = {.alert = 1, .active = 1};
    text_copy(t.text_en, GW_MAX_TEXT, "en");
    text_copy(t.text_zh, GW_MAX_TEXT, "zh");
    text_copy(t.kind, NAME_SIZE, "k");
    for (unsigned i = 0; i < 8; i++) {
        snprintf(t.subject, sizeof(t.subject), "s%u", i);
        core_trouble(w->core, w->now, &t);
    }
    world_wait(w, 100);
    world_reading(w, MQTT, 1, GW_VALUE, 1, GW_INITIAL, false);
    struct frame_condition c = world_condition(w, 0, 5, "");
    world_answer(w, DETECTOR + 1, &c);
    uint64_t first = world_last(w, UPLINK, FRAME_SEND)->send.token;
    world_forget(w);
    delivered(w, first);
    assert_int_equal(world_last(w, UPLINK, FRAME_SEND)->send.alert.class_, GW_WARNING);
}

static void an_urgent_message_without_news_waits_for_no_batch_of_others(void **state)
{
    struct world *w = *state;
    world_reading(w, MQTT, 0, GW_BATTERY, 50, 0, true);
    world_answer(w, DETECTOR, NULL);
    world_reading(w, MQTT, 1, GW_VALUE, 1, GW_INITIAL, false); /* the store commits it in 5 s */
    world_answer(w, DETECTOR + 1, NULL);
    world_forget(w);
    world_reading(w, MQTT, 0, GW_BATTERY, 50, 0, true);
    const struct frame *confirm = world_last(w, MQTT, FRAME_CONFIRM);
    assert_non_null(confirm);
    assert_true(confirm->confirm.urgent && (uint32_t)confirm->confirm.durable == w->next_origin);
    press(w); /* stored at once, by the batch with it */
    world_reading(w, MQTT, 1, GW_VALUE, 0, 0, false);
    world_reading(w, MQTT, 0, GW_BATTERY, 50, 0, true);
    world_command(w, VERB_ACK, world_last(w, UPLINK, FRAME_SEND)->send.alert.id, 0); /* a commit is answered */
    world_wait(w, 2900);
    assert_false(world_raised(w, "store-degraded"));
}

static void a_press_before_a_new_detector_is_ready_is_no_history(void **state)
{
    struct world *w = *state;
    world_begin(w);
    world_store_loads(w, 0, 0);
    world_ready(w, MQTT);
    w->now += 10;
    world_reading(w, MQTT, 0, GW_EVENT, GW_EVENT_PRESS, 0, true);
    w->now += 10;
    world_loaded(w, DETECTOR);
    struct frame_condition c = world_condition(w, 0, 5, "button");
    world_answer(w, DETECTOR, &c);
    const struct frame *commit = world_last(w, STORE, FRAME_STORE_COMMIT);
    assert_non_null(commit);
    assert_int_equal(commit->commit.alert.class_, GW_EMERGENCY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define O(name) cmocka_unit_test_setup_teardown(name, setup_open, teardown)
        O(an_accept_that_overtakes_the_puback_of_a_repetition_leaves_the_window_open),
        O(an_outbox_that_overflows_leaves_the_window_open),
        O(a_sensor_of_a_reload_is_told_to_the_store_as_a_whole_configuration),
        O(the_cursor_of_a_quick_second_batch_is_stored_too),
        O(a_disk_that_refuses_for_long_does_not_get_its_store_killed),
        T(readings_taken_without_memory_are_not_handled_before_the_late_store_has_them),
        T(a_store_that_stalls_over_history_does_not_stop_the_call_detector),
        O(a_detector_that_restarts_without_the_disk_still_gets_what_the_tail_holds),
        T(a_reload_before_the_store_is_there_keeps_nothing_of_the_old_settings),
        O(a_database_lost_while_running_does_not_stop_the_open_list),
        T(a_sensor_with_a_long_name_is_told_once_and_cleared),
        O(the_alert_of_a_sensor_that_a_reload_takes_away_is_over),
        T(a_link_that_is_up_before_its_worker_is_ready_makes_no_busy_loop),
        O(a_sensor_that_is_back_with_an_unchanged_level_is_back_for_its_detector_too),
        T(an_alert_of_a_detector_that_left_the_configuration_over_a_restart_is_cancelled),
        T(an_emergency_of_a_removed_detector_ends_when_it_is_answered),
        T(an_accept_at_one_platform_keeps_the_other_platform_waiting_on_the_disk),
        O(a_clear_ends_the_real_alert_also_when_a_test_of_it_is_open),
        T(a_first_sync_does_not_lose_sensors_before_their_time),
        O(what_ended_unseen_by_a_detector_without_its_history_is_cleared_when_it_has_it),
        T(a_detector_that_began_with_a_store_in_memory_begins_anew_when_the_disk_is_back),
        O(the_cursor_stored_with_a_clear_lies_behind_its_raise),
        O(a_press_that_is_found_again_under_another_id_is_not_counted_twice),
        O(a_press_that_was_counted_up_and_is_found_again_under_another_id_is_not_counted_twice),
        O(a_warning_does_not_wait_behind_technical_news),
        O(an_urgent_message_without_news_waits_for_no_batch_of_others),
        T(a_press_before_a_new_detector_is_ready_is_no_history),
        O(calls_that_a_person_has_taken_give_way_to_a_new_one),
        O(a_test_does_not_put_out_the_light_of_a_real_call),
        T(the_backup_takes_over_what_is_no_emergency_after_its_time_and_not_later),
        O(a_detector_that_is_configured_again_begins_at_now),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
