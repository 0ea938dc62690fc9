/* What the outbox leaves on the disk: a revision is sent again at every start for as long as its row is there. */
#include <signal.h>

#include "core_world.h"

#define PLATFORM_BIT 1u
#define BACKUP_BIT   2u
#define AT_ONCE      64u  /* commits that the store has not answered */
#define DOORS        100u /* no flood */

static struct world *two_uplinks(void)
{
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    world_make(w);
    w->uplinks[w->settings.n_uplinks] = w->uplinks[0];
    text_copy(w->uplinks[w->settings.n_uplinks].link.name, NAME_SIZE, "backup");
    w->uplinks[w->settings.n_uplinks++].backup = true;
    return w;
}

static void end(struct world *w)
{
    world_close(w);
    free(w);
}

/* The uplinks for which the disk keeps revision `rev` of the alert, by all that it has been told since world_forget. */
static uint32_t kept_for(const struct world *w, uint64_t alert, uint32_t rev, uint32_t kept)
{
    for (unsigned i = 0; i < w->n_sent; i++) {
        const struct frame *f = &w->sent[i]->frame;
        if (f->header.type == FRAME_STORE_COMMIT && f->commit.alert.id == alert && f->commit.alert.rev == rev)
            kept = f->commit.pending;
        else if (f->header.type == FRAME_STORE_FORGET && f->forget.alert == alert && f->forget.rev == rev)
            kept &= ~f->forget.uplinks;
    }
    return kept;
}

static const struct frame *sent_to(const struct world *w, unsigned uplink, uint64_t alert)
{
    for (unsigned i = w->n_sent; i-- > 0;) {
        const struct frame *f = &w->sent[i]->frame;
        if (w->sent[i]->worker == uplink && f->header.type == FRAME_SEND && f->send.alert.id == alert)
            return f;
    }
    return NULL;
}

static void delivered(struct world *w, unsigned uplink, uint64_t alert)
{
    const struct frame *send = sent_to(w, uplink, alert);
    assert_non_null(send);
    uint64_t token = send->send.token;
    struct frame *f = world_new(w, FRAME_DELIVERED);
    f->delivered.token = token;
    f->delivered.ok = 1;
    world_say(w, uplink, FRAME_DELIVERED);
}

/* A former run had brought in the backup, and its commit was made again. */
static void starts_with_row_for(struct world *w, uint32_t uplinks)
{
    world_begin(w);
    core_wall(w->core, w->now, 1700000000000, CLOCK_SYNCED);
    struct frame_store_state *s = &world_new(w, FRAME_STORE_STATE)->store_state;
    s->last_id = s->stored_id = 10;
    s->last_log = 5000000;
    s->boot = 7;
    world_say(w, STORE, FRAME_STORE_STATE);
    struct frame_commit *c = &world_new(w, FRAME_STORE_COMMIT)->commit;
    c->alert =
        (struct alert){.id = 77, .episode = 5, .rev = 1, .count = 1, .state = ALERT_RAISED, .boot = 6, .incident = 77};
    c->alert.class_ = GW_WARNING;
    c->alert.since = c->alert.raised = c->alert.at = 4000000;
    text_copy(c->alert.detector, NAME_SIZE, "door-watch");
    text_copy(c->alert.kind, NAME_SIZE, "open");
    text_copy(c->alert.text_en, GW_MAX_TEXT, "en");
    text_copy(c->alert.text_zh, GW_MAX_TEXT, "zh");
    c->pending = uplinks;
    world_say(w, STORE, FRAME_STORE_COMMIT);
    world_new(w, FRAME_READY);
    world_say(w, STORE, FRAME_READY);
    world_everybody_ready(w);
    world_link(w, UPLINK, true, true);
}

static void a_row_that_waited_for_the_backup_goes_when_the_platform_has_it(void **state)
{
    (void)state;
    struct world *w = two_uplinks();
    starts_with_row_for(w, BACKUP_BIT);
    world_wait(w, 1100);
    delivered(w, UPLINK, 77);
    assert_int_equal(kept_for(w, 77, 1, BACKUP_BIT), 0);
    end(w);
}

static void a_row_that_waited_for_an_uplink_that_is_configured_no_more_goes_too(void **state)
{
    (void)state;
    struct world *w = two_uplinks();
    starts_with_row_for(w, PLATFORM_BIT | 1u << (UPLINKS_MAX - 1));
    world_wait(w, 1100);
    delivered(w, UPLINK, 77);
    assert_int_equal(kept_for(w, 77, 1, PLATFORM_BIT | 1u << (UPLINKS_MAX - 1)), 0);
    end(w);
}

/* The disk does not answer until the backup has been brought in, and has delivered. */
static void a_row_that_is_written_after_the_backup_has_delivered_does_not_wait_for_it(void **state)
{
    (void)state;
    struct world *w = two_uplinks();
    world_open(w);
    world_link(w, UPLINK, false, true);
    world_link(w, UPLINK_B, true, true);
    w->auto_commit = false;
    world_reading(w, MQTT, 1, GW_VALUE, 1, 0, false);
    struct frame_condition c = world_condition(w, 0, 5, "door");
    world_answer(w, DETECTOR + 1, &c);
    const uint64_t id = world_last(w, STORE, FRAME_STORE_COMMIT)->commit.alert.id;
    const uint64_t token = world_last(w, STORE, FRAME_STORE_COMMIT)->commit.token;
    world_wait(w, 30100);
    world_done(w, STORE_DONE_COMMIT, token, true);
    world_wait(w, 5000); /* it is committed again, and now for the backup too */
    assert_int_equal(kept_for(w, id, 1, 0), PLATFORM_BIT | BACKUP_BIT);
    delivered(w, UPLINK_B, id);
    world_done(w, STORE_DONE_COMMIT, token, false);
    assert_int_equal(kept_for(w, id, 1, 0), PLATFORM_BIT);
    end(w);
}

/* Else each alert would wake the disk a second time. */
static void nothing_is_forgotten_that_no_row_waits_for(void **state)
{
    (void)state;
    struct world *w = two_uplinks();
    world_open(w);
    world_link(w, UPLINK, false, true);
    world_reading(w, MQTT, 1, GW_VALUE, 1, 0, false);
    struct frame_condition c = world_condition(w, 0, 5, "door");
    world_answer(w, DETECTOR + 1, &c);
    const uint64_t id = world_last(w, STORE, FRAME_STORE_COMMIT)->commit.alert.id;
    assert_int_equal(world_count(w, STORE, FRAME_STORE_FORGET), 0);
    world_link(w, UPLINK, true, true);
    delivered(w, UPLINK, id);
    assert_int_equal(world_count(w, STORE, FRAME_STORE_FORGET), 1);
    end(w);
}

static void open_doors(struct world *w, unsigned n)
{
    for (unsigned k = 0; k < n; k++) {
        char key[16];
        snprintf(key, sizeof(key), "%u", k);
        world_reading(w, MQTT, 1, GW_VALUE, 1, GW_INITIAL, false);
        struct frame_condition c = world_condition(w, 0, 1000 + k, key);
        world_answer(w, DETECTOR + 1, &c);
    }
}

static unsigned answer_commits(struct world *w, bool failed)
{
    unsigned n = 0;
    for (unsigned i = 0; i < w->n_sent; i++)
        if (w->sent[i]->frame.header.type == FRAME_STORE_COMMIT) {
            world_done(w, STORE_DONE_COMMIT, w->sent[i]->frame.commit.token, failed);
            n++;
        }
    return n;
}

/* Else a store that comes back to a day's revisions is killed because they do not fit its queue, again and again. */
static void a_store_is_given_no_more_than_its_queue_holds_and_all_in_the_end(void **state)
{
    (void)state;
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    world_make(w);
    world_open(w);
    w->auto_commit = false;
    open_doors(w, DOORS);
    assert_true(world_count(w, STORE, FRAME_STORE_COMMIT) <= AT_ONCE);
    answer_commits(w, true); /* the disk refuses: each goes there once, for the mirror */
    world_forget(w);
    world_wait(w, 10000);
    assert_true(world_count(w, STORE, FRAME_STORE_COMMIT) <= AT_ONCE);
    assert_true(answer_commits(w, false) >= DOORS);
    world_forget(w);
    world_wait(w, 10000);
    assert_int_equal(world_count(w, STORE, FRAME_STORE_COMMIT), 0);
    end(w);
}

static struct world *with_unstored_doors(unsigned n)
{
    struct world *w = two_uplinks();
    world_open(w);
    w->auto_commit = false;
    open_doors(w, n);
    return w;
}

static uint64_t last_commit(const struct world *w)
{
    return world_last(w, STORE, FRAME_STORE_COMMIT)->commit.token;
}

/* Where the power fails between the two, nobody would count the call again. */
static void a_cursor_does_not_reach_the_disk_before_what_its_detector_has_said(void **state)
{
    (void)state;
    struct world *w = with_unstored_doors(1);
    const uint64_t said = last_commit(w);
    world_forget(w);
    world_done(w, STORE_DONE_COMMIT, said, true);
    open_doors(w, 1); /* the same again: nothing new, but it has read on */
    world_wait(w, 2000);
    assert_int_equal(world_count(w, STORE, FRAME_STORE_CURSOR), 0);
    world_done(w, STORE_DONE_COMMIT, said, false);
    world_wait(w, 2000);
    assert_int_equal(world_count(w, STORE, FRAME_STORE_CURSOR), 1);
    assert_true(world_last(w, STORE, FRAME_STORE_CURSOR)->cursor.reading > 0);
    end(w);
}

/* Else a card that is full for days is written to for every alert that waits, every three seconds. */
static void a_disk_that_refuses_is_asked_with_one_commit_at_a_time_and_each_has_its_turn(void **state)
{
    (void)state;
    struct world *w = with_unstored_doors(3);
    const unsigned all = answer_commits(w, true);
    assert_true(all >= 3);
    uint64_t tried[8] = {0};
    for (unsigned turn = 0; turn < all && turn < 8; turn++) {
        world_forget(w);
        world_wait(w, 3000);
        assert_int_equal(world_count(w, STORE, FRAME_STORE_COMMIT), 1);
        tried[turn] = last_commit(w);
        for (unsigned k = 0; k < turn; k++)
            assert_true(tried[k] != tried[turn]);
        world_done(w, STORE_DONE_COMMIT, tried[turn], true);
    }
    world_forget(w);
    world_wait(w, 3000);
    world_done(w, STORE_DONE_COMMIT, last_commit(w), false); /* it takes one, and is given the others at once */
    assert_int_equal(world_count(w, STORE, FRAME_STORE_COMMIT), all);
    end(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_store_is_given_no_more_than_its_queue_holds_and_all_in_the_end),
        cmocka_unit_test(a_disk_that_refuses_is_asked_with_one_commit_at_a_time_and_each_has_its_turn),
        cmocka_unit_test(a_cursor_does_not_reach_the_disk_before_what_its_detector_has_said),
        cmocka_unit_test(a_row_that_waited_for_the_backup_goes_when_the_platform_has_it),
        cmocka_unit_test(a_row_that_waited_for_an_uplink_that_is_configured_no_more_goes_too),
        cmocka_unit_test(a_row_that_is_written_after_the_backup_has_delivered_does_not_wait_for_it),
        cmocka_unit_test(nothing_is_forgotten_that_no_row_waits_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
