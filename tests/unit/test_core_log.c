/* Log time, history and catching up. */
#include <sys/mman.h>
#include <unistd.h>

#include "core_world.h"

#include "core/state.h"

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    world_make(w);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    world_close(*state);
    free(*state);
    return 0;
}

/* From reading to what the store is given. */
static const struct reading *stored(struct world *w, double value)
{
    world_reading(w, MQTT, 1, GW_VALUE, value, GW_INITIAL, false);
    const struct frame *f = world_last(w, STORE, FRAME_READINGS);
    assert_non_null(f);
    return &f->readings.reading[f->readings.n - 1];
}

static void log_time_goes_on_where_the_log_ended(void **state)
{
    struct world *w = *state;
    world_begin(w);
    world_store_loads(w, 41, 5000000);
    world_everybody_ready(w);
    const struct reading *r = stored(w, 1);
    assert_true(r->id > 41);
    assert_in_range(r->at, 5000000, 5000100);
}

static void the_first_sync_raises_log_time_once_and_tells_the_gap(void **state)
{
    struct world *w = *state;
    world_begin(w);
    world_store_loads(w, 41, 5000000);
    world_everybody_ready(w);
    world_forget(w);
    core_wall(w->core, w->now, 9000000, CLOCK_SYNCED);
    const struct reading *r = stored(w, 1);
    assert_int_equal(r->at, 9000000);
    bool gap = false;
    for (unsigned i = 0; i < w->n_sent; i++) {
        const struct frame *f = &w->sent[i]->frame;
        for (uint32_t k = 0; f->header.type == FRAME_READINGS && k < f->readings.n; k++)
            gap |= f->readings.reading[k].type == GW_GAP;
    }
    assert_true(gap);
    assert_true(world_last(w, STORE, FRAME_STORE_BOOT)->boot.raised_once);
    assert_int_equal(world_last(w, STORE, FRAME_STORE_BOOT)->boot.raised_from, 9000000);
    assert_in_range(world_last(w, STORE, FRAME_STORE_BOOT)->boot.raised_by, 3999900, 4000000);
    core_wall(w->core, w->now, 19000000, CLOCK_SYNCED); /* a step later moves the label only */
    assert_int_equal(stored(w, 0)->at, 9000000);
    assert_int_equal(world_last(w, STORE, FRAME_STORE_BOOT)->boot.wall_minus_log, 10000000);
}

static void a_clock_set_back_never_lowers_log_time(void **state)
{
    struct world *w = *state;
    world_begin(w);
    world_store_loads(w, 41, 5000000);
    world_everybody_ready(w);
    core_wall(w->core, w->now, 1000, CLOCK_SYNCED);
    assert_in_range(stored(w, 1)->at, 5000000, 5000100);
}

static void a_late_stamp_never_comes_before_what_was_promised(void **state)
{
    struct world *w = *state;
    world_open(w);
    world_reading(w, MQTT, 1, GW_VALUE, 1, GW_INITIAL, false);
    int64_t until = world_last(w, DETECTOR + 1, FRAME_BATCH)->batch.until;
    w->now -= 500; /* the source's stamp is older, the input comes later */
    struct frame *f = world_new(w, FRAME_READINGS);
    f->readings.reading[0] = (struct reading){.origin = (UINT64_C(9) << 32) + 5, .at = w->now, .sensor = 1, .value = 0};
    frame_set_n(f, 1);
    w->now += 501;
    world_say(w, MQTT, FRAME_READINGS);
    world_answer(w, DETECTOR + 1, NULL);
    assert_true(world_last(w, DETECTOR + 1, FRAME_BATCH)->batch.reading[0].at >= until);
}

static void an_unchanged_level_is_logged_once_a_minute(void **state)
{
    struct world *w = *state;
    world_open(w);
    for (int i = 0; i < 120; i++) {
        world_reading(w, MQTT, 1, GW_VALUE, 1, 0, false);
        world_wait(w, 1000);
        if (world_last(w, DETECTOR + 1, FRAME_BATCH))
            world_answer(w, DETECTOR + 1, NULL);
        unsigned logged = world_count(w, STORE, FRAME_READINGS);
        assert_true(logged <= 2);
        if (i == 119)
            assert_int_equal(logged, 2);
    }
}

static unsigned batteries(struct world *w)
{
    unsigned n = 0;
    for (unsigned i = 0; i < w->n_sent; i++) {
        const struct frame *f = &w->sent[i]->frame;
        for (uint32_t k = 0; w->sent[i]->worker == STORE && f->header.type == FRAME_READINGS && k < f->readings.n; k++)
            n += f->readings.reading[k].type == GW_BATTERY;
    }
    return n;
}

/* Or a button that reports its battery each day would look as dead as one that does not. */
static void an_unchanged_battery_is_logged_once_an_hour_as_a_sign_of_life(void **state)
{
    struct world *w = *state;
    world_open(w);
    world_forget(w);
    world_reading(w, MQTT, 0, GW_BATTERY, 80, 0, true);
    world_reading(w, MQTT, 0, GW_BATTERY, 80, 0, true);
    world_wait(w, 59 * 60000);
    world_reading(w, MQTT, 0, GW_BATTERY, 80, 0, true);
    assert_int_equal(batteries(w), 1);
    world_wait(w, 60000);
    world_reading(w, MQTT, 0, GW_BATTERY, 80, GW_RETAINED, true); /* an old one is no sign */
    assert_int_equal(batteries(w), 1);
    world_reading(w, MQTT, 0, GW_BATTERY, 80, 0, true);
    world_reading(w, MQTT, 0, GW_BATTERY, 80, 0, true);
    assert_int_equal(batteries(w), 2);
}

static void a_detector_reads_its_history_page_by_page_and_then_goes_on_live(void **state)
{
    struct world *w = *state;
    w->auto_history = false;
    world_begin(w);
    struct frame_store_state *s = &world_new(w, FRAME_STORE_STATE)->store_state;
    s->last_id = 300;
    s->last_log = 5000000;
    s->boot = 7;
    world_say(w, STORE, FRAME_STORE_STATE);
    struct frame_cursor *c = &world_new(w, FRAME_STORE_CURSOR)->cursor;
    text_copy(c->detector, NAME_SIZE, "door-watch");
    c->reading = 200;
    c->until = 4000000;
    world_say(w, STORE, FRAME_STORE_CURSOR);
    world_new(w, FRAME_READY);
    world_say(w, STORE, FRAME_READY);
    world_ready(w, MQTT);
    world_new(w, FRAME_HELLO)->hello.version = FRAME_VERSION;
    text_copy(w->scratch.hello.role, NAME_SIZE, "detector");
    world_say(w, DETECTOR + 1, FRAME_HELLO);
    struct frame_plugin_info *p = &world_new(w, FRAME_PLUGIN_INFO)->plugin_info;
    text_copy(p->name, NAME_SIZE, "door");
    p->history = 3600000;
    p->n_alerts = 1;
    p->abi_major = GW_ABI_MAJOR;
    world_say(w, DETECTOR + 1, FRAME_PLUGIN_INFO);
    struct frame_plugin_alert *a = &world_new(w, FRAME_PLUGIN_ALERT)->plugin_alert;
    text_copy(a->name, NAME_SIZE, "open");
    a->class_ = GW_WARNING;
    world_say(w, DETECTOR + 1, FRAME_PLUGIN_ALERT);
    world_new(w, FRAME_PLUGIN_END);
    world_say(w, DETECTOR + 1, FRAME_PLUGIN_END);
    struct frame_bind *b = &world_new(w, FRAME_BIND)->bind;
    text_copy(b->role, NAME_SIZE, "door");
    b->slot = 1;
    world_say(w, DETECTOR + 1, FRAME_BIND);
    world_new(w, FRAME_READY);
    world_say(w, DETECTOR + 1, FRAME_READY);

    const struct frame_history_query *q = &world_last(w, STORE, FRAME_HISTORY_QUERY)->history_query;
    assert_int_equal(q->from_log, 4000000 - 3600000);
    assert_int_equal(q->to_id, 300);
    struct frame *h = world_new(w, FRAME_HISTORY);
    h->history.token = q->token;
    h->history.next_id = 0;
    h->history.reading[0] = (struct reading){.id = 100, .origin = 5, .at = 3500000, .value = 1, .sensor = 1};
    h->history.reading[1] = (struct reading){.id = 250, .origin = 6, .at = 4500000, .value = 0, .sensor = 1};
    frame_set_n(h, 2);
    world_say(w, STORE, FRAME_HISTORY);
    const struct frame *batch = world_last(w, DETECTOR + 1, FRAME_BATCH);
    assert_int_equal(batch->batch.n, 2);
    assert_false(batch->batch.flags & BATCH_LIVE);

    /* Said of what lay before the cursor: silent. Said of what came after it: raised, with its lateness. */
    struct frame_condition c1 = {.raised = 1, .kind = 0, .episode = 5, .reading = 100, .at = 3500000, .since = 3500000};
    text_copy(c1.text_en, GW_MAX_TEXT, "old");
    text_copy(c1.text_zh, GW_MAX_TEXT, "旧");
    world_new(w, FRAME_CONDITION)->condition = c1;
    world_say(w, DETECTOR + 1, FRAME_CONDITION);
    assert_int_equal(world_count(w, STORE, FRAME_STORE_COMMIT), 0);
    struct frame_condition c2 = c1;
    c2.episode = 6;
    c2.reading = 250;
    c2.at = c2.since = 4500000;
    world_answer(w, DETECTOR + 1, &c2);
    const struct frame *commit = world_last(w, STORE, FRAME_STORE_COMMIT);
    assert_non_null(commit);
    assert_true(commit->commit.alert.late_ms >= 400000);
    assert_true(world_last(w, DETECTOR + 1, FRAME_BATCH)->batch.flags & BATCH_LIVE);
}

static void a_wake_is_given_at_its_time(void **state)
{
    struct world *w = *state;
    world_open(w);
    world_reading(w, MQTT, 1, GW_VALUE, 1, GW_INITIAL, false);
    const struct frame *batch = world_last(w, DETECTOR + 1, FRAME_BATCH);
    int64_t wake = batch->batch.until + 30000;
    struct frame_batch_done *d = &world_new(w, FRAME_BATCH_DONE)->batch_done;
    d->token = batch->batch.token;
    d->wake = wake;
    world_say(w, DETECTOR + 1, FRAME_BATCH_DONE);
    world_forget(w);
    world_wait(w, 29990);
    assert_null(world_last(w, DETECTOR + 1, FRAME_BATCH));
    world_wait(w, 20);
    batch = world_last(w, DETECTOR + 1, FRAME_BATCH);
    assert_non_null(batch);
    assert_true(batch->batch.until >= wake);
    assert_int_equal(batch->batch.n, 0);
}

static void what_the_store_has_already_is_not_taken_again_after_a_restart(void **state)
{
    struct world *w = *state;
    world_begin(w);
    struct frame_store_state *s = &world_new(w, FRAME_STORE_STATE)->store_state;
    s->last_id = 10;
    s->last_log = 5000000;
    s->boot = 7;
    world_say(w, STORE, FRAME_STORE_STATE);
    world_new(w, FRAME_STORE_RING)->store_ring.origin = (UINT64_C(77) << 32) + 20;
    world_say(w, STORE, FRAME_STORE_RING);
    world_new(w, FRAME_READY);
    world_say(w, STORE, FRAME_READY);
    world_ready(w, MQTT);
    world_forget(w);
    struct frame *f = world_new(w, FRAME_READINGS);
    f->readings.flags = READINGS_REPLAY;
    for (uint32_t i = 0; i < 4; i++)
        f->readings.reading[i] = (struct reading){
            .origin = (UINT64_C(77) << 32) + 19 + i, .at = w->now, .sensor = 1, .value = i & 1, .flags = GW_INITIAL};
    frame_set_n(f, 4);
    world_say(w, MQTT, FRAME_READINGS);
    const struct frame *append = world_last(w, STORE, FRAME_READINGS);
    assert_int_equal(append->readings.n, 2);
    assert_int_equal(append->readings.reading[0].origin, (UINT64_C(77) << 32) + 21);
}

/* Nobody asks for memory for the first time after months, when a board may have none left. */
/* More of them than one frame holds: after a power cut the disk is the only memory of what the broker sends again. */
static void the_stored_keys_of_messages_reach_the_mqtt_worker_all_and_in_order(void **state)
{
    struct world *w = *state;
    uint64_t told = 0;
    world_begin(w);
    core_wall(w->core, w->now, 1700000000000, CLOCK_SYNCED);
    struct frame_store_state *s = &world_new(w, FRAME_STORE_STATE)->store_state;
    s->last_id = s->stored_id = 100;
    s->last_log = 1700000000000;
    s->boot = 7;
    world_say(w, STORE, FRAME_STORE_STATE);
    for (uint64_t key = 0; key < 3 * (uint64_t)SOURCE_KEYS_PER_FRAME;) {
        struct frame_source_keys *keys = &world_new(w, FRAME_SOURCE_KEYS)->source_keys;
        while (keys->n < SOURCE_KEYS_PER_FRAME - 1)
            keys->key[keys->n++] = ++key;
        world_say(w, STORE, FRAME_SOURCE_KEYS);
    }
    world_new(w, FRAME_READY);
    world_say(w, STORE, FRAME_READY);
    world_everybody_ready(w);
    for (unsigned i = 0; i < w->n_sent; i++) {
        const struct frame *f = &w->sent[i]->frame;
        for (uint32_t k = 0; f->header.type == FRAME_SOURCE_KEYS && k < f->source_keys.n; k++)
            assert_int_equal(f->source_keys.key[k], ++told);
    }
    assert_int_equal(told, 4 * (SOURCE_KEYS_PER_FRAME - 1));
}

static void the_tail_has_all_its_memory_before_the_first_reading(void **state)
{
    struct world *w = *state;
    world_begin(w);
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes = TAIL_SIZE * sizeof(struct reading);
    static unsigned char present[TAIL_SIZE * sizeof(struct reading) / 4096];
    char *tail = (char *)w->core->timeline.tail;
    const size_t skipped = (page - (uintptr_t)tail % page) % page, pages = (bytes - skipped) / page;
    assert_in_range(pages, bytes / page - 1, sizeof present);
    assert_int_equal(mincore(tail + skipped, pages * page, present), 0);
    for (size_t i = 0; i < pages; i++)
        assert_true(present[i] & 1);
}

/* All that is read from there on would stand at that time, in this boot and those after it. */
static void a_damaged_row_of_the_history_does_not_carry_the_log_away(void **state)
{
    struct world *w = *state;
    world_begin(w);
    w->auto_history = false;
    world_store_loads(w, 41, 5000000);
    world_ready(w, MQTT);
    world_loaded(w, DETECTOR + 1);
    const uint64_t token = world_last(w, STORE, FRAME_HISTORY_QUERY)->history_query.token;
    struct frame *f = world_new(w, FRAME_HISTORY);
    f->history.token = token;
    for (uint64_t i = 0; i < 3; i++)
        f->history.reading[i] = (struct reading){.id = 39 + i,
                                                 .origin = 39 + i,
                                                 .at = i == 1 ? INT64_C(1) << 50 : 4000000 + (int64_t)i,
                                                 .sensor = 1,
                                                 .type = GW_VALUE};
    frame_set_n(f, 3);
    world_say(w, STORE, FRAME_HISTORY);
    const struct frame_batch *batch = &world_last(w, DETECTOR + 1, FRAME_BATCH)->batch;
    assert_int_equal(batch->n, 2);
    assert_int_equal(batch->until, 4000001);
    const struct reading *r = stored(w, 1);
    assert_true(r->at > 5000000 && r->at < 6000000);
}

static uint64_t ask_history(struct world *w, const char *sensor)
{
    struct frame_ctl_request *r = &world_new(w, FRAME_CTL_REQUEST)->ctl_request;
    r->verb = CTL_HISTORY;
    text_copy(r->name, sizeof(r->name), sensor);
    world_forget(w);
    core_client(w->core, w->now, 0, &w->scratch);
    return world_last(w, STORE, FRAME_HISTORY_QUERY)->history_query.token;
}

static void a_client_is_not_given_what_the_one_before_it_had_asked(void **state)
{
    struct world *w = *state;
    world_open(w);
    w->auto_history = false;
    const uint64_t former = ask_history(w, "door");
    core_client_gone(w->core, w->now, 0);
    const uint64_t token = ask_history(w, "bed");
    assert_true(token != former);
    w->n_replies = 0;
    world_new(w, FRAME_HISTORY)->history.token = former;
    world_say(w, STORE, FRAME_HISTORY);
    assert_int_equal(w->n_replies, 0);
    world_new(w, FRAME_HISTORY)->history.token = token;
    world_say(w, STORE, FRAME_HISTORY);
    assert_int_equal(w->n_replies, 1);
    assert_int_equal(w->reply[0].header.type, FRAME_CTL_END);
}

/* One message of the local broker: n presses, or the button's press and a word of the door. */
static void message(struct world *w, uint64_t key, uint32_t n, bool door_too)
{
    struct frame_readings *f = &world_new(w, FRAME_READINGS)->readings;
    f->flags = READINGS_URGENT;
    for (uint32_t i = 0; i < n; i++) {
        const bool door = door_too && i == n - 1;
        f->reading[i] = (struct reading){.origin = (UINT64_C(9) << 32) + ++w->next_origin,
                                         .source_key = key,
                                         .at = w->now,
                                         .value = door ? 1 : GW_EVENT_PRESS,
                                         .sensor = door,
                                         .type = door ? GW_VALUE : GW_EVENT};
    }
    frame_set_n(&w->scratch, n);
    world_say(w, MQTT, FRAME_READINGS);
}

/* Frames to the store that have a reading of the message; *n: its readings in all of them, which must come
 * urgently. */
static unsigned frames_of(const struct world *w, uint64_t key, unsigned *n)
{
    unsigned frames = 0;
    *n = 0;
    for (unsigned i = 0; i < w->n_sent; i++) {
        const struct frame *f = &w->sent[i]->frame;
        if (w->sent[i]->worker != STORE || f->header.type != FRAME_READINGS)
            continue;
        unsigned before = *n;
        for (uint32_t k = 0; k < f->readings.n; k++)
            *n += f->readings.reading[k].source_key == key;
        frames += *n > before;
        assert_true(*n == before || f->readings.flags & READINGS_URGENT); /* else its key is not kept */
    }
    return frames;
}

/* The store may put two frames onto the disk one after the other. With some readings of a message there its key is
 * known, and what comes again when the power fails between would be dropped, with the readings that are not there.
 */
static void a_message_goes_to_the_disk_in_one_frame(void **state)
{
    struct world *w = *state;
    unsigned n;
    world_open(w);
    world_die(w, STORE, 9);
    for (int i = 0; i < 250; i++)
        world_reading(w, MQTT, 1, GW_VALUE, i % 2 == 0, 0, false);
    message(w, 501, 10, false);
    for (int i = 0; i < 100; i++)
        world_reading(w, MQTT, 1, GW_VALUE, i % 2 == 0, 0, false);
    message(w, 502, 1, false);
    world_wait(w, 1000);
    world_forget(w);
    world_store_loads(w, 0, 0);
    assert_int_equal(frames_of(w, 501, &n), 1);
    assert_int_equal(n, 10);
    assert_int_equal(frames_of(w, 502, &n), 1);
    assert_int_equal(n, 1);
}

/* The end of that alarm is stored in the middle of the message, and takes along what is to be stored before it. */
static void also_one_that_ends_an_alarm_of_a_lost_sensor(void **state)
{
    struct world *w = *state;
    unsigned n;
    world_open(w);
    world_reading(w, MQTT, 1, GW_VALUE, 0, 0, false);
    world_reading(w, MQTT, 1, GW_AVAILABILITY, 0, 0, false);
    world_wait(w, 61000);
    world_forget(w);
    message(w, 503, 2, true);
    world_wait(w, 10);
    assert_true(world_place(w, STORE, FRAME_STORE_COMMIT) >= 0);
    assert_int_equal(frames_of(w, 503, &n), 1);
    assert_int_equal(n, 2);
}

static void an_urgent_reading_is_stored_urgently_also_behind_later_ones(void **state)
{
    struct world *w = *state;
    unsigned n;
    world_open(w);
    world_die(w, STORE, 9);
    message(w, 504, 1, false);
    for (int i = 0; i < 300; i++)
        world_reading(w, MQTT, 1, GW_VALUE, i % 2 == 0, 0, false);
    message(w, 505, 1, false);
    world_wait(w, 1000);
    world_forget(w);
    world_store_loads(w, 0, 0);
    assert_int_equal(frames_of(w, 504, &n), 1);
    assert_int_equal(frames_of(w, 505, &n), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(a_clock_set_back_never_lowers_log_time),
        T(a_late_stamp_never_comes_before_what_was_promised),
        T(log_time_goes_on_where_the_log_ended),
        T(the_first_sync_raises_log_time_once_and_tells_the_gap),
        T(an_unchanged_level_is_logged_once_a_minute),
        T(an_unchanged_battery_is_logged_once_an_hour_as_a_sign_of_life),
        T(a_detector_reads_its_history_page_by_page_and_then_goes_on_live),
        T(a_wake_is_given_at_its_time),
        T(the_stored_keys_of_messages_reach_the_mqtt_worker_all_and_in_order),
        T(the_tail_has_all_its_memory_before_the_first_reading),
        T(what_the_store_has_already_is_not_taken_again_after_a_restart),
        T(a_damaged_row_of_the_history_does_not_carry_the_log_away),
        T(a_client_is_not_given_what_the_one_before_it_had_asked),
        T(a_message_goes_to_the_disk_in_one_frame),
        T(also_one_that_ends_an_alarm_of_a_lost_sensor),
        T(an_urgent_reading_is_stored_urgently_also_behind_later_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
