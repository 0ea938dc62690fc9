/* What seeds of tests/sim have found: crash after crash while the disk takes nothing. */
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_revision_that_was_never_stored_is_not_made_again_by_the_next_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
