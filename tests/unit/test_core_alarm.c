/* The way of an alarm through the core: from the reading to the platform, and what may go wrong on it. */
#include "core_world.h"

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    world_make(w);
    world_open(w);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    world_close(*state);
    free(*state);
    return 0;
}

/* A press that the call detector answers with an emergency. */
static uint64_t press(struct world *w)
{
    world_reading(w, MQTT, 0, GW_EVENT, GW_EVENT_PRESS, 0, true);
    uint64_t episode = world_last(w, DETECTOR, FRAME_BATCH)->batch.reading[0].origin;
    struct frame_condition c = world_condition(w, 0, episode, "button");
    world_answer(w, DETECTOR, &c);
    const struct frame *sent = world_last(w, UPLINK, FRAME_SEND);
    return sent ? sent->send.alert.id : 0;
}

static uint64_t open_door(struct world *w, const char *key)
{
    world_reading(w, MQTT, 1, GW_VALUE, 1, GW_INITIAL, false);
    struct frame_condition c =
        world_condition(w, 0, world_last(w, DETECTOR + 1, FRAME_BATCH)->batch.reading[0].origin, key);
    world_answer(w, DETECTOR + 1, &c);
    const struct frame *sent = world_last(w, UPLINK, FRAME_SEND);
    return sent ? sent->send.alert.id : 0;
}

static void delivered(struct world *w, uint64_t token, bool ok)
{
    struct frame_delivered *d = &world_new(w, FRAME_DELIVERED)->delivered;
    d->token = token;
    d->ok = ok;
    world_say(w, UPLINK, FRAME_DELIVERED);
}

static void all_delivered(struct world *w)
{
    for (unsigned i = 0; i < w->n_sent; i++)
        if (w->sent[i]->frame.header.type == FRAME_SEND)
            delivered(w, w->sent[i]->frame.send.token, true);
}

static void a_press_is_sent_at_once_as_an_emergency(void **state)
{
    struct world *w = *state;
    assert_int_not_equal(press(w), 0);
    const struct alert *a = &world_last(w, UPLINK, FRAME_SEND)->send.alert;
    assert_int_equal(a->class_, GW_EMERGENCY);
    assert_int_equal(a->rev, 1);
    assert_int_equal(a->state, ALERT_RAISED);
    assert_string_equal(a->text_zh, "文字");
    assert_int_equal(a->late_ms, 0);
}

static void a_first_raise_does_not_wait_for_the_disk(void **state)
{
    struct world *w = *state;
    w->auto_commit = false;
    press(w);
    assert_int_equal(world_count(w, UPLINK, FRAME_SEND), 1);
    assert_int_equal(world_count(w, STORE, FRAME_STORE_COMMIT), 1);
}

static void the_platform_is_told_before_the_disk_is_woken_and_the_reading_is_on_it_before_the_alert(void **state)
{
    struct world *w = *state;
    press(w);
    int sent = world_place(w, UPLINK, FRAME_SEND);
    int reading = world_place(w, STORE, FRAME_READINGS), commit = world_place(w, STORE, FRAME_STORE_COMMIT);
    assert_true(sent >= 0 && sent < reading && reading < commit);
}

static void a_later_revision_waits_for_the_disk(void **state)
{
    struct world *w = *state;
    press(w);
    world_forget(w);
    w->auto_commit = false;
    press(w); /* again: counted onto the same alert */
    assert_int_equal(world_count(w, UPLINK, FRAME_SEND), 0);
    uint64_t token = world_last(w, STORE, FRAME_STORE_COMMIT)->commit.token;
    world_done(w, STORE_DONE_COMMIT, token, false);
    assert_int_equal(world_last(w, UPLINK, FRAME_SEND)->send.alert.rev, 2);
    assert_int_equal(world_last(w, UPLINK, FRAME_SEND)->send.alert.count, 2);
}

static void a_press_is_confirmed_to_its_source_only_when_it_is_on_the_disk(void **state)
{
    struct world *w = *state;
    w->auto_commit = false;
    world_reading(w, MQTT, 0, GW_EVENT, GW_EVENT_PRESS, 0, true);
    assert_null(world_last(w, MQTT, FRAME_CONFIRM));
    assert_null(world_last(w, STORE, FRAME_READINGS)); /* the detector's word first ... */
    world_wait(w, 5);                                  /* ... but a detector that says nothing does not hold it up */
    assert_null(world_last(w, MQTT, FRAME_CONFIRM));
    const struct frame *append = world_last(w, STORE, FRAME_READINGS);
    assert_true(append->readings.flags & READINGS_URGENT);
    uint64_t origin = append->readings.reading[0].origin;
    world_done(w, STORE_DONE_READINGS, append->readings.reading[0].id, false);
    assert_int_equal(world_last(w, MQTT, FRAME_CONFIRM)->confirm.durable, origin);
    assert_int_equal(world_last(w, MQTT, FRAME_CONFIRM)->confirm.handled, origin);
}

static void a_reading_that_comes_again_is_dropped(void **state)
{
    struct world *w = *state;
    press(w);
    world_forget(w);
    w->next_origin--; /* the same origin once more */
    world_reading(w, MQTT, 0, GW_EVENT, GW_EVENT_PRESS, 0, true);
    assert_int_equal(world_count(w, DETECTOR, FRAME_BATCH), 0);
    assert_int_equal(world_count(w, STORE, FRAME_READINGS), 0);
}

static void a_call_overtakes_the_backlog(void **state)
{
    struct world *w = *state;
    for (int i = 0; i < 8; i++) {
        char key[8];
        snprintf(key, sizeof(key), "k%d", i);
        open_door(w, key);
    }
    assert_int_equal(world_count(w, UPLINK, FRAME_SEND), 4); /* the window of non-emergencies is full */
    world_forget(w);
    press(w);
    assert_int_equal(world_count(w, UPLINK, FRAME_SEND), 1);
    assert_int_equal(world_last(w, UPLINK, FRAME_SEND)->send.alert.class_, GW_EMERGENCY);
}

static void nothing_goes_between_calls_that_do_not_fit_into_the_window(void **state)
{
    struct world *w = *state;
    for (int i = 0; i < 40; i++)
        press(w);
    world_forget(w);
    open_door(w, "k");
    assert_int_equal(world_count(w, UPLINK, FRAME_SEND), 0);
    world_forget(w);
    press(w);
    assert_int_equal(world_count(w, UPLINK, FRAME_SEND), 0);
    for (uint64_t seq = 1; seq <= 32; seq++)
        delivered(w, seq, true);
    assert_int_equal(world_count(w, UPLINK, FRAME_SEND), 10);
    assert_int_equal(world_last(w, UPLINK, FRAME_SEND)->send.alert.class_, GW_WARNING);
}

static void an_emergency_is_sent_again_every_60_s_until_it_is_accepted(void **state)
{
    struct world *w = *state;
    uint64_t id = press(w);
    all_delivered(w);
    world_forget(w);
    world_wait(w, 59000);
    assert_int_equal(world_count(w, UPLINK, FRAME_SEND), 0);
    world_wait(w, 2000);
    assert_int_equal(world_count(w, UPLINK, FRAME_SEND), 1);
    assert_int_equal(world_last(w, UPLINK, FRAME_SEND)->send.alert.rev, 1);
    all_delivered(w);
    world_command(w, VERB_ACCEPT, id, 1);
    assert_true(world_last(w, UPLINK, FRAME_REPLY)->reply.ok);
    world_forget(w);
    world_wait(w, 300000);
    assert_int_equal(world_count(w, UPLINK, FRAME_SEND), 0);
}

static void an_accept_of_an_older_revision_does_not_stop_the_newer_one(void **state)
{
    struct world *w = *state;
    uint64_t id = press(w);
    press(w);
    all_delivered(w);
    world_command(w, VERB_ACCEPT, id, 1);
    world_forget(w);
    world_wait(w, 61000);
    assert_int_equal(world_last(w, UPLINK, FRAME_SEND)->send.alert.rev, 2);
}

static void an_undelivered_alert_goes_again_when_the_link_is_back(void **state)
{
    struct world *w = *state;
    press(w);
    world_link(w, UPLINK, false, false);
    world_forget(w);
    world_wait(w, 86400000);
    assert_int_equal(world_count(w, UPLINK, FRAME_SEND), 0);
    world_link(w, UPLINK, true, true);
    unsigned calls = 0;
    for (unsigned i = 0; i < w->n_sent; i++)
        if (w->sent[i]->frame.header.type == FRAME_SEND)
            calls += w->sent[i]->frame.send.alert.class_ == GW_EMERGENCY;
    assert_int_equal(calls, 1);
    assert_int_equal(w->sent[world_place(w, UPLINK, FRAME_SEND)]->frame.send.alert.class_, GW_EMERGENCY);
    assert_true(world_raised(w, "link-down")); /* how long nobody could be reached is told, behind it */
}

static void a_lost_session_brings_everything_open_again(void **state)
{
    struct world *w = *state;
    open_door(w, "");
    all_delivered(w);
    world_link(w, UPLINK, false, false);
    world_forget(w);
    world_link(w, UPLINK, true, false);
    assert_true(world_raised(w, "open"));
}

static bool light(const struct world *w)
{
    const struct frame *f = world_last(w, GPIO, FRAME_OUTPUT_SET);
    return f && f->output_set.value;
}

static void only_a_person_at_the_platform_lights_the_light(void **state)
{
    struct world *w = *state;
    uint64_t id = press(w);
    world_command(w, VERB_ACCEPT, id, 0);
    assert_false(light(w));
    struct frame_ctl_request *r = &world_new(w, FRAME_CTL_REQUEST)->ctl_request;
    r->verb = CTL_ACK;
    r->alert = id;
    core_client(w->core, w->now, 0, &w->scratch);
    assert_int_equal(w->n_replies, 0); /* answered when it is on the disk */
    world_done(w, STORE_DONE_COMMIT, world_last(w, STORE, FRAME_STORE_COMMIT)->commit.token, false);
    assert_true(w->n_replies == 1 && w->reply[0].ctl_end.ok);
    assert_false(light(w));
    world_command(w, VERB_ACK, id, 0);
    assert_true(light(w));
    assert_int_equal(world_last(w, UPLINK, FRAME_SEND)->send.alert.state, ALERT_ACKNOWLEDGED);
    world_command(w, VERB_CLOSE, id, 0);
    assert_false(light(w));
}

static void a_press_after_the_acknowledgement_is_a_new_alarm(void **state)
{
    struct world *w = *state;
    uint64_t first = press(w);
    world_command(w, VERB_ACK, first, 0);
    uint64_t second = press(w);
    assert_int_not_equal(first, second);
}

static uint64_t close_door(struct world *w)
{
    world_reading(w, MQTT, 1, GW_VALUE, 0, 0, false);
    struct frame_condition c = world_condition(w, 0, 0, "");
    c.raised = 0;
    world_answer(w, DETECTOR + 1, &c);
    return world_last(w, UPLINK, FRAME_SEND)->send.alert.id;
}

/* To the desk it is raised: whoever takes it there must see that it is taken. */
static void what_is_true_again_after_its_acknowledgement_can_be_acknowledged_again(void **state)
{
    struct world *w = *state;
    uint64_t id = open_door(w, "");
    world_command(w, VERB_ACK, id, 0);
    close_door(w);
    world_wait(w, 60000);
    open_door(w, "");
    const struct alert *stored = &world_last(w, STORE, FRAME_STORE_COMMIT)->commit.alert;
    assert_true(stored->id == id && stored->state == ALERT_RAISED);
    world_forget(w);
    world_command(w, VERB_ACK, id, 0);
    assert_string_equal(world_last(w, UPLINK, FRAME_REPLY)->reply.text, "ok");
    stored = &world_last(w, STORE, FRAME_STORE_COMMIT)->commit.alert;
    assert_true(stored->id == id && stored->state == ALERT_ACKNOWLEDGED);
    world_command(w, VERB_ACK, id, 0);
    assert_string_equal(world_last(w, UPLINK, FRAME_REPLY)->reply.text, "already so");
}

static void a_level_clears_and_within_ten_minutes_is_the_same_alert(void **state)
{
    struct world *w = *state;
    uint64_t id = open_door(w, "");
    world_forget(w);
    close_door(w);
    assert_null(world_last(w, UPLINK, FRAME_REPLY));
    const struct frame *cleared = world_last(w, UPLINK, FRAME_SEND);
    assert_int_equal(cleared->send.alert.state, ALERT_CLEARED);
    assert_int_equal(cleared->send.alert.rev, 2);
    world_wait(w, 300000);
    assert_int_equal(open_door(w, ""), id);
}

/* What a person answered, was answered to what was then. */
static void what_is_true_again_waits_for_a_person_again(void **state)
{
    struct world *w = *state;
    uint64_t id = open_door(w, "");
    world_command(w, VERB_ACK, id, 0);
    assert_int_equal(close_door(w), id);
    assert_true(world_last(w, UPLINK, FRAME_SEND)->send.alert.flags & ALERT_ACKED);
    world_wait(w, 300000);
    assert_int_equal(open_door(w, ""), id);
    const struct alert *again = &world_last(w, UPLINK, FRAME_SEND)->send.alert;
    assert_int_equal(again->state, ALERT_RAISED);
    assert_false(again->flags & (ALERT_ACKED | ALERT_ACCEPTED_ONCE | ALERT_LOCAL_ACK));
    assert_string_equal(again->by, "");
    all_delivered(w); /* few are under way at once */
    world_command(w, VERB_ACK, id, 0);
    assert_int_equal(world_last(w, UPLINK, FRAME_SEND)->send.alert.state, ALERT_ACKNOWLEDGED);
}

static void an_unknown_alert_is_refused_and_changes_nothing(void **state)
{
    struct world *w = *state;
    press(w);
    world_forget(w);
    world_command(w, VERB_ACK, 12345, 0);
    assert_false(world_last(w, UPLINK, FRAME_REPLY)->reply.ok);
    assert_int_equal(world_count(w, UPLINK, FRAME_SEND), 0);
}

static void a_disk_that_does_not_answer_delays_nothing(void **state)
{
    struct world *w = *state;
    w->auto_commit = false;
    press(w);
    world_forget(w);
    world_wait(w, 2100);
    assert_true(world_raised(w, "store-degraded"));
    assert_non_null(world_last(w, MQTT, FRAME_CONFIRM)); /* the ring is what accepts now */
    world_forget(w);
    press(w);
    assert_int_equal(world_last(w, UPLINK, FRAME_SEND)->send.alert.rev, 2);
    assert_false(world_last(w, UPLINK, FRAME_SEND)->send.durable);
}

/* In the newest list: -1 not there, 0 not durable, 1 durable. */
static int listed_as_durable(struct world *w, uint64_t alert)
{
    int found = -1;
    for (unsigned i = 0; i < w->n_sent; i++) {
        const struct frame *f = &w->sent[i]->frame;
        if (f->header.type == FRAME_OPEN_BEGIN)
            found = -1;
        else if (f->header.type == FRAME_ALERT && w->sent[i]->worker == UPLINK && f->alert.id == alert)
            found = !(f->alert.flags & ALERT_NOT_DURABLE);
    }
    return found;
}

static void a_first_raise_is_told_as_durable_only_when_the_disk_has_it(void **state)
{
    struct world *w = *state;
    w->auto_commit = false;
    press(w);
    const struct frame_send first = world_last(w, UPLINK, FRAME_SEND)->send;
    uint64_t token = world_last(w, STORE, FRAME_STORE_COMMIT)->commit.token;
    assert_int_equal(first.alert.rev, 1);
    assert_false(first.durable);
    delivered(w, first.token, true);
    world_wait(w, 1100);
    assert_int_equal(listed_as_durable(w, first.alert.id), 0);
    world_done(w, STORE_DONE_COMMIT, token, false);
    w->auto_commit = true;
    world_wait(w, 1100);
    assert_int_equal(listed_as_durable(w, first.alert.id), 1);
    world_forget(w);
    world_wait(w, 60000); /* nobody has accepted it: it is sent again, and is on the disk by now */
    const struct frame_send *again = &world_last(w, UPLINK, FRAME_SEND)->send;
    assert_int_equal(again->alert.id, first.alert.id);
    assert_int_equal(again->alert.rev, 1);
    assert_true(again->durable);
}

static void what_was_made_just_before_the_disk_failed_is_not_told_as_durable(void **state)
{
    struct world *w = *state;
    press(w);
    w->auto_commit = false;
    world_forget(w);
    press(w);
    assert_int_equal(world_count(w, UPLINK, FRAME_SEND), 0); /* a second revision waits for its commit */
    world_wait(w, 2100);
    unsigned told = 0;
    for (unsigned i = 0; i < w->n_sent; i++) {
        const struct frame *frame = &w->sent[i]->frame;
        if (frame->header.type != FRAME_SEND || frame->send.alert.class_ != GW_EMERGENCY)
            continue;
        assert_int_equal(frame->send.alert.rev, 2);
        assert_false(frame->send.durable);
        told++;
    }
    assert_int_equal(told, 1);
}

static void a_disk_that_refuses_is_tried_again_until_it_takes_the_alert(void **state)
{
    struct world *w = *state;
    w->auto_commit = false;
    press(w);
    uint64_t token = world_last(w, STORE, FRAME_STORE_COMMIT)->commit.token;
    world_done(w, STORE_DONE_COMMIT, token, true);
    world_forget(w);
    world_wait(w, 4000);
    bool again = false;
    for (unsigned i = 0; i < w->n_sent; i++)
        again |= w->sent[i]->frame.header.type == FRAME_STORE_COMMIT && w->sent[i]->frame.commit.token == token;
    assert_true(again);
}

static void the_cursor_travels_with_the_alert_and_never_beyond_it(void **state)
{
    struct world *w = *state;
    press(w);
    const struct frame *commit = world_last(w, STORE, FRAME_STORE_COMMIT);
    assert_true(commit->commit.has_cursor);
    assert_string_equal(commit->commit.cursor.detector, "call");
    assert_true(commit->commit.cursor.reading < commit->commit.alert.reading);
}

static void a_test_reading_makes_an_alert_marked_as_test_and_mutes_no_real_call(void **state)
{
    struct world *w = *state;
    struct frame_ctl_request *r = &world_new(w, FRAME_CTL_REQUEST)->ctl_request;
    r->verb = CTL_TEST;
    text_copy(r->name, NAME_SIZE, "button");
    text_copy(r->value, NAME_SIZE, "press");
    core_client(w->core, w->now, 0, &w->scratch);
    assert_true(w->reply[0].ctl_end.ok);
    struct frame_condition c = world_condition(w, 0, 99, "button");
    c.flags = GW_TEST;
    world_answer(w, DETECTOR, &c);
    assert_true(world_last(w, UPLINK, FRAME_SEND)->send.alert.flags & ALERT_TEST);
    uint64_t test = world_last(w, UPLINK, FRAME_SEND)->send.alert.id;
    assert_int_not_equal(press(w), test);
    assert_false(world_last(w, UPLINK, FRAME_SEND)->send.alert.flags & ALERT_TEST);
}

static void technician_tests(struct world *w, const char *sensor, const char *value)
{
    struct frame_ctl_request *r = &world_new(w, FRAME_CTL_REQUEST)->ctl_request;
    r->verb = CTL_TEST;
    text_copy(r->name, NAME_SIZE, sensor);
    text_copy(r->value, NAME_SIZE, value);
    core_client(w->core, w->now, 0, &w->scratch);
    assert_true(w->reply[w->n_replies - 1].ctl_end.ok);
}

static bool told_in_a_batch(const struct world *w, unsigned detector, uint32_t type, double value, uint32_t flags)
{
    for (unsigned i = 0; i < w->n_sent; i++) {
        const struct frame *f = &w->sent[i]->frame;
        if (w->sent[i]->worker != detector || f->header.type != FRAME_BATCH)
            continue;
        for (uint32_t k = 0; k < f->batch.n; k++) {
            const struct reading *r = &f->batch.reading[k];
            if (r->type == type && r->value == value && r->flags == flags)
                return true;
        }
    }
    return false;
}

static void a_test_of_a_lost_sensor_does_not_make_it_heard(void **state)
{
    struct world *w = *state;
    world_reading(w, MQTT, 1, GW_AVAILABILITY, 0, 0, false);
    world_answer(w, DETECTOR + 1, NULL);
    world_forget(w);
    technician_tests(w, "door", "1");
    assert_true(told_in_a_batch(w, DETECTOR + 1, GW_VALUE, 1, GW_TEST));
    world_answer(w, DETECTOR + 1, NULL);
    assert_false(told_in_a_batch(w, DETECTOR + 1, GW_AVAILABILITY, 1, 0));
    world_wait(w, 62000);
    assert_true(world_raised(w, "sensor-lost"));
}

static void a_true_level_after_a_test_of_the_same_level_is_no_repetition(void **state)
{
    struct world *w = *state;
    world_reading(w, MQTT, 1, GW_VALUE, 0, 0, false);
    world_answer(w, DETECTOR + 1, NULL);
    technician_tests(w, "door", "1");
    world_answer(w, DETECTOR + 1, NULL);
    world_forget(w);
    world_reading(w, MQTT, 1, GW_VALUE, 1, 0, false);
    assert_true(told_in_a_batch(w, DETECTOR + 1, GW_VALUE, 1, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(an_unknown_alert_is_refused_and_changes_nothing),
        T(a_disk_that_does_not_answer_delays_nothing),
        T(a_first_raise_is_told_as_durable_only_when_the_disk_has_it),
        T(what_was_made_just_before_the_disk_failed_is_not_told_as_durable),
        T(a_disk_that_refuses_is_tried_again_until_it_takes_the_alert),
        T(a_press_is_sent_at_once_as_an_emergency),
        T(a_first_raise_does_not_wait_for_the_disk),
        T(the_platform_is_told_before_the_disk_is_woken_and_the_reading_is_on_it_before_the_alert),
        T(a_later_revision_waits_for_the_disk),
        T(a_press_is_confirmed_to_its_source_only_when_it_is_on_the_disk),
        T(a_reading_that_comes_again_is_dropped),
        T(a_call_overtakes_the_backlog),
        T(nothing_goes_between_calls_that_do_not_fit_into_the_window),
        T(an_emergency_is_sent_again_every_60_s_until_it_is_accepted),
        T(an_accept_of_an_older_revision_does_not_stop_the_newer_one),
        T(an_undelivered_alert_goes_again_when_the_link_is_back),
        T(a_lost_session_brings_everything_open_again),
        T(only_a_person_at_the_platform_lights_the_light),
        T(a_press_after_the_acknowledgement_is_a_new_alarm),
        T(what_is_true_again_after_its_acknowledgement_can_be_acknowledged_again),
        T(a_level_clears_and_within_ten_minutes_is_the_same_alert),
        T(what_is_true_again_waits_for_a_person_again),
        T(the_cursor_travels_with_the_alert_and_never_beyond_it),
        T(a_test_reading_makes_an_alert_marked_as_test_and_mutes_no_real_call),
        T(a_test_of_a_lost_sensor_does_not_make_it_heard),
        T(a_true_level_after_a_test_of_the_same_level_is_no_repetition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
