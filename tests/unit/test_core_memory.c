/* A core without its disk: the store comes late, holds everything in memory, or does not answer. */
#include <signal.h>

#include "core_world.h"

static struct alert stored_alert(void)
{
    struct alert a = {.id = 77, .episode = 5, .rev = 1, .count = 1, .state = ALERT_RAISED, .boot = 6, .incident = 77};
    a.class_ = GW_WARNING;
    a.since = a.raised = a.at = 4000000;
    text_copy(a.detector, NAME_SIZE, "door-watch");
    text_copy(a.kind, NAME_SIZE, "old");
    text_copy(a.text_en, GW_MAX_TEXT, "en");
    text_copy(a.text_zh, GW_MAX_TEXT, "zh");
    return a;
}

/* Pressed twice with no store at all, and acknowledged. */
static uint32_t last_revision_of_a_run_without_memory(struct world *w, int64_t now)
{
    world_make(w);
    w->now = now;
    world_begin(w);
    world_wait(w, 3100);
    world_everybody_ready(w);
    world_link(w, UPLINK, true, true);
    uint64_t id = 0;
    for (uint64_t n = 1; n <= 2; n++) {
        world_reading(w, MQTT, 0, GW_EVENT, GW_EVENT_PRESS, 0, true);
        struct frame_condition c = world_condition(w, 0, (UINT64_C(9) << 32) + n, "button");
        world_answer(w, DETECTOR, &c);
        id = world_last(w, UPLINK, FRAME_SEND)->send.alert.id;
    }
    world_command(w, VERB_ACK, id, 0);
    uint32_t rev = world_last(w, UPLINK, FRAME_SEND)->send.alert.rev;
    world_close(w);
    return rev;
}

/* Its ring gives the presses to the next run too, which must not go on where the first one has been. */
static void runs_of_one_boot_without_memory_make_no_revision_twice(void **state)
{
    (void)state;
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    uint32_t first = last_revision_of_a_run_without_memory(w, 1000000);
    assert_true(last_revision_of_a_run_without_memory(w, 1010000) > first);
    free(w);
}

/* Else a detector would see the door as it was before the power was cut, until it moves again. */
static void what_was_read_without_memory_lies_behind_the_stored_log(void **state)
{
    (void)state;
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    world_make(w);
    world_begin(w);
    core_wall(w->core, w->now, 5000000, CLOCK_UNSYNCED);
    world_wait(w, 3100);
    world_everybody_ready(w);
    world_reading(w, MQTT, 1, GW_VALUE, 1, GW_INITIAL, false);
    world_answer(w, DETECTOR + 1, NULL);
    w->auto_history = true;
    const int64_t stored = INT64_C(900000000000);
    world_store_loads(w, 10, stored);
    const struct frame *told = world_last(w, STORE, FRAME_READINGS);
    assert_non_null(told);
    assert_true(told->readings.reading[0].id == 11);
    assert_true(told->readings.reading[0].at > stored);
    world_close(w);
    free(w);
}

/* Else it is closed at once and then forgotten, and when it is raised again it is another one under the same id, whose
 * revisions begin anew. */
static void an_alarm_that_has_just_ended_waits_on_when_the_log_moves_behind_the_stored_one(void **state)
{
    (void)state;
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    world_make(w);
    world_begin(w);
    core_wall(w->core, w->now, 5000000, CLOCK_UNSYNCED);
    world_wait(w, 3100);
    world_everybody_ready(w);
    world_reading(w, MQTT, 1, GW_VALUE, 1, GW_INITIAL, false);
    struct frame_condition open = world_condition(w, 0, 77, "door");
    world_answer(w, DETECTOR + 1, &open);
    world_reading(w, MQTT, 1, GW_VALUE, 0, 0, false);
    open = world_condition(w, 0, 77, "door");
    open.raised = 0;
    world_answer(w, DETECTOR + 1, &open);
    world_forget(w);
    world_store_loads(w, 10, INT64_C(900000000000));
    world_wait(w, 60000);
    uint32_t state_now = 0;
    for (unsigned i = 0; i < w->n_sent; i++) {
        const struct frame *f = &w->sent[i]->frame;
        if (f->header.type == FRAME_STORE_COMMIT && f->commit.alert.episode == 77)
            state_now = f->commit.alert.state;
    }
    assert_int_equal(state_now, ALERT_CLEARED);
    world_close(w);
    free(w);
}

/* Its clock and its numbers are not the log's: kept as a place in the log, all that lies behind would be told anew. */
static void no_place_of_a_run_without_memory_goes_to_the_late_store(void **state)
{
    (void)state;
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    world_make(w);
    w->auto_commit = false;
    world_begin(w);
    world_wait(w, 3100);
    world_everybody_ready(w);
    world_reading(w, MQTT, 0, GW_EVENT, GW_EVENT_PRESS, 0, true);
    struct frame_condition c = world_condition(w, 0, 6, "button");
    world_answer(w, DETECTOR, &c);
    world_store_loads(w, 10, INT64_C(900000000000));
    world_wait(w, 2000);
    assert_true(world_count(w, STORE, FRAME_STORE_COMMIT) > 0);
    for (unsigned i = 0; i < w->n_sent; i++) {
        const struct frame *f = &w->sent[i]->frame;
        assert_false(f->header.type == FRAME_STORE_CURSOR);
        assert_false(f->header.type == FRAME_STORE_COMMIT && f->commit.has_cursor);
    }
    world_close(w);
    free(w);
}

/* The disk does not open: the store has it from the mirror, which a power cut would take away. */
static void what_came_back_from_the_mirror_is_durable_when_the_disk_has_it(void **state)
{
    (void)state;
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    world_make(w);
    w->auto_commit = false;
    world_begin(w);
    struct frame_store_state *s = &world_new(w, FRAME_STORE_STATE)->store_state;
    s->last_id = 10;
    s->last_log = 5000000;
    s->boot = 7;
    s->alerts_file = STORE_FILE_NEW; /* in its memory */
    world_say(w, STORE, FRAME_STORE_STATE);
    struct frame_commit *commit = &world_new(w, FRAME_STORE_COMMIT)->commit;
    commit->alert = stored_alert();
    commit->alert.flags |= ALERT_RECOVERED;
    commit->pending = 1;
    world_say(w, STORE, FRAME_STORE_COMMIT);
    world_new(w, FRAME_READY);
    world_say(w, STORE, FRAME_READY);
    const struct frame *again = world_last(w, STORE, FRAME_STORE_COMMIT);
    assert_non_null(again);
    world_loaded(w, UPLINK);
    world_link(w, UPLINK, true, true);
    assert_true(world_last(w, UPLINK, FRAME_SEND)->send.alert.flags & ALERT_NOT_DURABLE);
    world_done(w, STORE_DONE_COMMIT, again->commit.token, false);
    world_forget(w);
    world_link(w, UPLINK, false, false);
    world_link(w, UPLINK, true, true);
    assert_false(world_last(w, UPLINK, FRAME_SEND)->send.alert.flags & ALERT_NOT_DURABLE);
    world_close(w);
    free(w);
}

/* The store has ten readings, of which the call detector has seen five; then its disk answers no more. */
static void begin_with_five_unread(struct world *w)
{
    world_begin(w);
    struct frame_store_state *s = &world_new(w, FRAME_STORE_STATE)->store_state;
    s->last_id = s->stored_id = 10;
    s->last_log = 5000000;
    s->boot = 7;
    world_say(w, STORE, FRAME_STORE_STATE);
    struct frame_cursor *cursor = &world_new(w, FRAME_STORE_CURSOR)->cursor;
    text_copy(cursor->detector, NAME_SIZE, "call");
    cursor->reading = 5;
    cursor->until = 4000000;
    world_say(w, STORE, FRAME_STORE_CURSOR);
    world_new(w, FRAME_READY);
    world_say(w, STORE, FRAME_READY);
    world_loaded(w, MQTT);
}

/* A press that only the log has, as the power was cut then, is found when the disk answers: not before, nor never. */
static void a_detector_that_begins_without_its_history_keeps_its_place_in_the_log(void **state)
{
    (void)state;
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    world_make(w);
    w->auto_commit = false;
    begin_with_five_unread(w);
    world_reading(w, MQTT, 0, GW_EVENT, GW_EVENT_PRESS, 0, true);
    world_wait(w, 2100); /* the disk does not answer */
    world_ready(w, DETECTOR);
    world_reading(w, MQTT, 0, GW_EVENT, GW_EVENT_PRESS, 0, true);
    struct frame_condition c = world_condition(w, 0, 6, "button");
    world_answer(w, DETECTOR, &c);
    world_wait(w, 2000);
    assert_true(world_count(w, STORE, FRAME_STORE_COMMIT) > 0);
    for (unsigned i = 0; i < w->n_sent; i++) {
        const struct frame *f = &w->sent[i]->frame;
        bool moves = f->header.type == FRAME_STORE_CURSOR && strcmp(f->cursor.detector, "call") == 0;
        moves |= f->header.type == FRAME_STORE_COMMIT && f->commit.has_cursor;
        assert_false(moves);
    }
    world_close(w);
    free(w);
}

static uint32_t count_of_the_calls(const struct world *w)
{
    uint32_t count = 0;
    for (unsigned i = 0; i < w->n_sent; i++) {
        const struct frame *f = &w->sent[i]->frame;
        if (f->header.type == FRAME_STORE_COMMIT && strcmp(f->commit.alert.detector, "call") == 0)
            count = f->commit.alert.count;
    }
    return count;
}

/* What the disk has of these two presses. */
static void tell_history(struct world *w, const struct frame_condition *first, const struct frame_condition *second)
{
    const struct frame *query = world_last(w, STORE, FRAME_HISTORY_QUERY);
    assert_non_null(query);
    const uint64_t token = query->history_query.token;
    const struct frame_condition *press[2] = {first, second};
    struct frame_history *h = &world_new(w, FRAME_HISTORY)->history;
    h->token = token;
    h->n = 2;
    for (unsigned i = 0; i < 2; i++)
        h->reading[i] = (struct reading){.id = press[i]->reading,
                                         .at = press[i]->at,
                                         .origin = press[i]->episode,
                                         .type = GW_EVENT,
                                         .value = GW_EVENT_PRESS,
                                         .boot = 7};
    frame_set_n(&w->scratch, 2);
    world_say(w, STORE, FRAME_HISTORY);
}

/* Of one ring the newest press that was counted stands for all before it, but not for those that were left out. */
static void a_press_that_only_the_disk_had_is_counted_when_it_answers(void **state)
{
    (void)state;
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    world_make(w);
    w->auto_commit = w->auto_history = false;
    begin_with_five_unread(w);
    w->next_origin = 5;
    world_reading(w, MQTT, 0, GW_EVENT, GW_EVENT_PRESS, 0, true);
    world_wait(w, 2100); /* the disk does not answer */
    world_loaded(w, DETECTOR);
    const struct frame *batch = world_last(w, DETECTOR, FRAME_BATCH);
    assert_non_null(batch);
    const uint64_t origin = batch->batch.reading[0].origin;
    struct frame_condition now = world_condition(w, 0, origin, "button");
    world_answer(w, DETECTOR, &now);
    assert_int_equal(count_of_the_calls(w), 1);
    w->auto_commit = true;
    for (unsigned i = 0, n = w->n_sent; i < n; i++)
        if (w->sent[i]->frame.header.type == FRAME_STORE_COMMIT)
            world_done(w, STORE_DONE_COMMIT, w->sent[i]->frame.commit.token, false);
    world_done(w, STORE_DONE_READINGS, 11, false);
    world_wait(w, 70000); /* it begins anew, with its history */
    world_die(w, DETECTOR, SIGKILL);
    world_forget(w);
    world_loaded(w, DETECTOR);
    struct frame_condition before = now;
    before.episode = origin - 1;
    before.reading = 7;
    before.at = before.since = 4500000;
    tell_history(w, &before, &now);
    world_new(w, FRAME_CONDITION)->condition = before;
    world_say(w, DETECTOR, FRAME_CONDITION);
    world_answer(w, DETECTOR, &now);
    assert_int_equal(count_of_the_calls(w), 2);
    world_close(w);
    free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_of_one_boot_without_memory_make_no_revision_twice),
        cmocka_unit_test(what_was_read_without_memory_lies_behind_the_stored_log),
        cmocka_unit_test(an_alarm_that_has_just_ended_waits_on_when_the_log_moves_behind_the_stored_one),
        cmocka_unit_test(no_place_of_a_run_without_memory_goes_to_the_late_store),
        cmocka_unit_test(what_came_back_from_the_mirror_is_durable_when_the_disk_has_it),
        cmocka_unit_test(a_detector_that_begins_without_its_history_keeps_its_place_in_the_log),
        cmocka_unit_test(a_press_that_only_the_disk_had_is_counted_when_it_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
