/* mirror.h: what comes back from the file in /run, also from a torn one. */
#include "check.h"

#include "alerts_db.h"
#include "mirror.h"
#include "store_things.h"

static struct place place;
static struct mirror *mirror;

static void reopen(void)
{
    bool in_file;
    mirror_close(mirror);
    mirror = mirror_open(place.mirror, &in_file);
    assert_non_null(mirror);
    assert_true(in_file);
}

static int set_up(void **state)
{
    (void)state;
    place_make(&place);
    reopen();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    mirror_close(mirror);
    mirror = NULL;
    place_remove(&place);
    return 0;
}

static unsigned count_alerts(void)
{
    unsigned place_ = 0, n = 0;
    struct alert alert;
    uint32_t pending;
    while (mirror_next(mirror, &place_, &alert, &pending))
        n++;
    return n;
}

static void the_newest_revision_comes_back_with_all_that_is_due(void **state)
{
    (void)state;
    struct alert alert = make_alert(5, 1, ALERT_RAISED);
    assert_true(mirror_put(mirror, &alert, 1));
    alert = make_alert(5, 3, ALERT_CLEARED);
    assert_true(mirror_put(mirror, &alert, 2));
    struct alert old = make_alert(5, 2, ALERT_RAISED);
    assert_true(mirror_put(mirror, &old, 4));
    reopen();
    unsigned i = 0;
    struct alert back;
    uint32_t pending;
    assert_true(mirror_next(mirror, &i, &back, &pending));
    assert_memory_equal(&back, &alert, sizeof back);
    assert_int_equal(pending, 3);
    mirror_forget(mirror, &(struct frame_forget){.alert = 5, .rev = 3, .uplinks = 1});
    i = 0;
    assert_true(mirror_next(mirror, &i, &back, &pending));
    assert_int_equal(pending, 2);
}

static void of_what_is_closed_the_newest_stay(void **state)
{
    (void)state;
    for (uint64_t id = 1; id <= 10; id++) {
        struct alert alert = make_alert(id, 1, ALERT_CLOSED);
        alert.at = 1000 * (int64_t)id;
        assert_true(mirror_put(mirror, &alert, id == 2)); /* the second is due somewhere */
    }
    struct alert open = make_alert(11, 1, ALERT_RAISED);
    open.at = 1;
    assert_true(mirror_put(mirror, &open, 0));
    mirror_trim(mirror, 4, 60000);
    assert_int_equal(count_alerts(), 6);
    mirror_trim(mirror, 4, 2000); /* 9000 and 10000 are within it */
    assert_int_equal(count_alerts(), 4);
    reopen();
    unsigned i = 0, before = 0;
    struct alert back;
    uint32_t pending;
    while (mirror_next(mirror, &i, &back, &pending))
        before += back.state == ALERT_CLOSED && pending == 0 && back.at < 9000;
    assert_int_equal(before, 0);
}

/* Else a worker that ends once a minute pushes out all that a detector might find again. */
static void what_the_gateway_said_of_itself_goes_first(void **state)
{
    (void)state;
    for (uint64_t id = 1; id <= 6; id++) {
        struct alert alert = make_alert(id, 1, ALERT_CLOSED);
        alert.at = 1000 * (int64_t)id;
        if (id > 2)
            text_copy(alert.detector, sizeof alert.detector, ALERT_OWN);
        assert_true(mirror_put(mirror, &alert, id == 3)); /* the third is due somewhere */
    }
    mirror_trim(mirror, 2, 60000);
    assert_int_equal(count_alerts(), 3);
}

static bool has(uint64_t id, uint32_t rev, uint32_t due)
{
    struct alert alert;
    uint32_t pending;
    for (unsigned i = 0; mirror_next(mirror, &i, &alert, &pending);)
        if (alert.id == id && alert.rev == rev)
            return pending == due;
    return false;
}

static void put(uint64_t id, uint32_t rev, uint16_t state, uint32_t flags, uint32_t pending)
{
    struct alert alert = make_alert(id, rev, state);
    alert.flags = flags;
    assert_true(mirror_put(mirror, &alert, pending));
}

/* Its end goes out once, as any message; that it was is told until somebody accepts it. */
static void an_emergency_that_is_over_keeps_its_raise_until_it_is_accepted(void **state)
{
    (void)state;
    put(5, 1, ALERT_RAISED, 0, 1);
    put(5, 2, ALERT_CLEARED, ALERT_ENDED, 1);
    reopen();
    assert_int_equal(count_alerts(), 2);
    assert_true(has(5, 1, 1) && has(5, 2, 1));
    mirror_forget(mirror, &(struct frame_forget){.alert = 5, .rev = 2, .uplinks = UINT32_MAX});
    assert_true(has(5, 1, 1) && has(5, 2, 0));
    put(5, 3, ALERT_CLEARED, ALERT_ENDED | ALERT_LOCAL_ACK, 1);
    assert_int_equal(count_alerts(), 2);
    assert_true(has(5, 1, 1) && has(5, 3, 1));
    mirror_forget(mirror, &(struct frame_forget){.alert = 5, .rev = 1, .uplinks = UINT32_MAX});
    assert_int_equal(count_alerts(), 1);
    assert_true(has(5, 3, 1));
}

static void a_newer_raise_or_an_answer_says_more_than_an_older_raise(void **state)
{
    (void)state;
    put(5, 1, ALERT_RAISED, 0, 1);
    put(5, 2, ALERT_CLEARED, ALERT_ENDED, 1);
    put(5, 3, ALERT_RAISED, 0, 1);
    assert_int_equal(count_alerts(), 1);
    put(5, 4, ALERT_CLEARED, ALERT_ENDED, 1);
    assert_true(has(5, 3, 1) && has(5, 4, 1));
    put(5, 5, ALERT_CLEARED, ALERT_ENDED | ALERT_ACKED, 1);
    assert_int_equal(count_alerts(), 1);
    put(6, 1, ALERT_RAISED, 0, 1);
    put(6, 2, ALERT_CLEARED, ALERT_ENDED, 1);
    put(6, 3, ALERT_CLOSED, ALERT_ENDED, 1);
    assert_int_equal(count_alerts(), 2);
    put(7, 1, ALERT_RAISED, 0, 0); /* it has been accepted */
    put(7, 2, ALERT_CLEARED, ALERT_ENDED, 1);
    assert_int_equal(count_alerts(), 3);
    struct alert warning = make_alert(8, 1, ALERT_RAISED);
    warning.class_ = GW_WARNING; /* a PUBACK is enough */
    assert_true(mirror_put(mirror, &warning, 1));
    warning.rev = 2;
    warning.state = ALERT_CLEARED;
    assert_true(mirror_put(mirror, &warning, 1));
    assert_int_equal(count_alerts(), 4);
}

/* A dead disk is asked again every few seconds, in no order of revisions; what is delivered without it has no FORGET.
 */
static void a_raise_that_is_committed_again_is_kept_or_dropped_as_it_is_due(void **state)
{
    (void)state;
    put(5, 2, ALERT_CLEARED, ALERT_ENDED, 1);
    put(5, 1, ALERT_RAISED, 0, 1);
    put(5, 1, ALERT_RAISED, 0, 1);
    assert_int_equal(count_alerts(), 2);
    put(5, 1, ALERT_RAISED, 0, 0);
    assert_int_equal(count_alerts(), 1);
    put(5, 1, ALERT_RAISED, 0, 1);
    put(5, 1, ALERT_ACCEPTED, 0, 1);
    assert_int_equal(count_alerts(), 1);
}

/* The core commits every 5 s again what a dead disk refuses: that is no reason to write it all again. */
static void what_is_there_already_is_not_written_again(void **state)
{
    (void)state;
    struct alert alert = make_alert(5, 1, ALERT_RAISED);
    assert_true(mirror_put(mirror, &alert, 3));
    static char before[1 << 20], after[sizeof before];
    FILE *file = fopen(place.mirror, "r");
    assert_non_null(file);
    setvbuf(file, NULL, _IONBF, 0);
    size_t size = fread(before, 1, sizeof before, file);
    assert_true(size > sizeof alert);
    assert_true(mirror_put(mirror, &alert, 1));
    rewind(file);
    assert_int_equal(fread(after, 1, sizeof after, file), size);
    fclose(file);
    assert_memory_equal(before, after, size);
    assert_true(mirror_put(mirror, &alert, 4)); /* an uplink more */
    struct alert back;
    uint32_t pending = 0;
    unsigned i = 0;
    assert_true(mirror_next(mirror, &i, &back, &pending));
    assert_int_equal(pending, 7);
    alert.count = 2;
    assert_true(mirror_put(mirror, &alert, 1)); /* other words */
    i = 0;
    assert_true(mirror_next(mirror, &i, &back, &pending));
    assert_int_equal(back.count, 2);
    assert_int_equal(count_alerts(), 1);
}

static void a_damaged_record_is_left_out_and_the_others_stay(void **state)
{
    (void)state;
    for (uint64_t id = 1; id <= 3; id++) {
        struct alert alert = make_alert(id, 1, ALERT_RAISED);
        assert_true(mirror_put(mirror, &alert, 1));
    }
    mirror_close(mirror);
    mirror = NULL;
    FILE *file = fopen(place.mirror, "r+");
    static char bytes[1 << 21];
    size_t n = fread(bytes, 1, sizeof bytes, file);
    char *text = memmem(bytes, n, "The call button", 15);
    assert_non_null(text);
    fseek(file, text - bytes, SEEK_SET);
    fputs("A", file);
    fclose(file);
    reopen();
    assert_int_equal(count_alerts(), 2);
}

static void another_file_is_begun_anew_and_a_missing_directory_is_memory(void **state)
{
    (void)state;
    struct alert alert = make_alert(1, 1, ALERT_RAISED);
    assert_true(mirror_put(mirror, &alert, 1));
    mirror_close(mirror);
    mirror = NULL;
    scribble(place.mirror, 0, 16);
    reopen();
    assert_int_equal(count_alerts(), 0);
    bool in_file;
    struct mirror *other = mirror_open("/nonexistent/mirror", &in_file);
    assert_false(in_file);
    assert_true(mirror_put(other, &alert, 1));
    mirror_close(other);
}

static void it_is_full_at_its_bound_and_says_so(void **state)
{
    (void)state;
    unsigned n = 0;
    for (uint64_t id = 1; id < 1000; id++) {
        struct alert alert = make_alert(id, 1, ALERT_RAISED);
        n += mirror_put(mirror, &alert, 1);
    }
    assert_in_range(n, ALERTS_MAX + ALERTS_CLOSED_TOLD, ALERTS_MAX + 2 * ALERTS_CLOSED_TOLD);
    reopen();
    assert_int_equal(count_alerts(), n);
}

static void cursors_and_the_log_come_back_newest(void **state)
{
    (void)state;
    for (uint64_t i = 1; i < 5; i++) {
        assert_true(mirror_put_cursor(mirror, &(struct frame_cursor){"bed", i, (int64_t)i}));
        mirror_put_log(mirror, &(struct mirror_log){.last_id = i, .boot = {.boot = 4}, .boot_id = "x"});
        if (i == 2)
            reopen();
    }
    reopen();
    unsigned i = 0;
    struct frame_cursor cursor;
    struct mirror_log log;
    assert_true(mirror_next_cursor(mirror, &i, &cursor));
    assert_int_equal(cursor.reading, 4);
    assert_false(mirror_next_cursor(mirror, &i, &cursor));
    assert_true(mirror_log(mirror, &log));
    assert_int_equal(log.last_id, 4);
    assert_int_equal(log.boot.boot, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_newest_revision_comes_back_with_all_that_is_due, set_up, tear_down),
        cmocka_unit_test_setup_teardown(of_what_is_closed_the_newest_stay, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_the_gateway_said_of_itself_goes_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_emergency_that_is_over_keeps_its_raise_until_it_is_accepted, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_newer_raise_or_an_answer_says_more_than_an_older_raise, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_raise_that_is_committed_again_is_kept_or_dropped_as_it_is_due, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_there_already_is_not_written_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_damaged_record_is_left_out_and_the_others_stay, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_file_is_begun_anew_and_a_missing_directory_is_memory, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(it_is_full_at_its_bound_and_says_so, set_up, tear_down),
        cmocka_unit_test_setup_teardown(cursors_and_the_log_come_back_newest, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
