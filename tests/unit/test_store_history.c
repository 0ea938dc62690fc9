/* history.db: retention, queries, blocks. */
#include "check.h"

#include "block.h"
#include "history_db.h"
#include "store_things.h"

struct bench {
    struct place place;
    struct history_db *history;
    struct queue *queue;
    uint64_t next_id;
    int64_t at;
};

static void reopen(struct bench *b)
{
    bool is_new;
    history_db_close(b->history);
    assert_int_equal(history_db_open(b->place.history, &b->history, &is_new), DB_OK);
}

static int set_up(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    place_make(&b->place);
    b->queue = queue_create();
    b->next_id = 1;
    b->at = 1000;
    reopen(b);
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *b = *state;
    history_db_close(b->history);
    queue_destroy(b->queue);
    place_remove(&b->place);
    free(b);
    return 0;
}

static void put(struct bench *b, int row)
{
    struct reading reading = make_reading(b->next_id++, (uint16_t)row, b->at, 20.5);
    queue_put(b->queue, &reading);
}

static void flush(struct bench *b)
{
    size_t n = queue_count(b->queue);
    assert_int_equal(history_db_append(b->history, b->queue, n, true), DB_OK);
    queue_drop(b->queue, n);
}

/* Readings of the wanted row, counted through all answers. */
static uint64_t count_by_query(struct bench *b, int row, int64_t from_log)
{
    static struct history_wanted wanted;
    static struct frame_history out;
    memset(&wanted, 0, sizeof wanted);
    wanted.row[row] = true;
    struct frame_history_query query = {.from_id = 1, .from_log = from_log, .to_id = UINT64_MAX, .limit = 256};
    uint64_t n = 0, before = 0;
    do {
        memset(&out, 0, sizeof out);
        assert_int_equal(history_db_query(b->history, b->queue, &query, &wanted, &out), DB_OK);
        for (uint32_t i = 0; i < out.n; i++) {
            assert_true(out.reading[i].id > before && out.reading[i].at >= from_log);
            before = out.reading[i].id;
        }
        n += out.n;
        assert_true(out.next_id == 0 || out.next_id > query.from_id);
        query.from_id = out.next_id;
    } while (out.next_id != 0);
    return n;
}

static void a_block_reads_back_and_refuses_what_is_none(void **state)
{
    (void)state;
    static struct block in, out;
    static uint8_t bytes[BLOCK_BYTES_MAX];
    for (in.n = 0; in.n < BLOCK_ROWS; in.n++) {
        in.id[in.n] = (uint64_t)in.n * in.n * 1000003 + 5;
        in.row[in.n] = (uint16_t)(in.n * 31 % 1024);
    }
    size_t size = block_encode(&in, bytes);
    assert_true(block_decode(bytes, size, &out));
    assert_memory_equal(&in, &out, sizeof in);
    assert_int_equal(block_find(&in, in.id[700]), 700);
    assert_int_equal(block_find(&in, in.id[700] + 1), 701);
    assert_int_equal(block_find(&in, UINT64_MAX), BLOCK_ROWS);
    assert_false(block_decode(bytes, size - 1, &out));
    const uint8_t same_id[] = {5, 1, 0, 1}, endless[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1};
    assert_false(block_decode(same_id, sizeof same_id, &out));
    assert_false(block_decode(endless, sizeof endless, &out));
}

static void a_quiet_sensor_is_found_among_many_over_blocks_tail_and_queue(void **state)
{
    struct bench *b = *state;
    int noisy = history_db_row(b->history, "noisy"), quiet = history_db_row(b->history, "quiet");
    for (int i = 0; i < 30000; i++) {
        b->at += 1000;
        put(b, i % 1000 == 999 ? quiet : noisy);
        if (i % 500 == 0 && i < 29000)
            flush(b);
    }
    assert_int_equal(count_by_query(b, quiet, 0), 30);
    assert_int_equal(count_by_query(b, noisy, 0), 29970);
    assert_int_equal(count_by_query(b, noisy, 1000 + 20000 * 1000), 29970 - 19999 + 19);
    assert_int_equal(count_by_query(b, quiet, 1000 + 20000 * 1000), 11);
    assert_int_equal(count_by_query(b, quiet, INT64_MAX), 0);
    flush(b);
    reopen(b);
    assert_int_equal(count_by_query(b, quiet, 0), 30);
    assert_int_equal(history_db_count(b->history, quiet), 30);
    assert_int_equal(history_db_count(b->history, noisy), 29970);
    assert_int_equal(history_db_row(b->history, "quiet"), quiet);
}

static void the_noisiest_sensor_is_cut_first_and_the_size_holds(void **state)
{
    struct bench *b = *state;
    int noisy = history_db_row(b->history, "noisy"), quiet = history_db_row(b->history, "quiet");
    history_db_limit(b->history, 70, 1);
    for (int i = 0; i < 120000; i++) {
        b->at += 100;
        put(b, i % 50 == 0 ? quiet : noisy);
        if (i % 256 == 0)
            flush(b);
    }
    flush(b);
    int64_t used, unused;
    assert_int_equal(history_db_size(b->history, &used, &unused), DB_OK);
    assert_in_range(used, 128, 256 + 64);
    assert_int_equal(history_db_count(b->history, quiet), 2400);
    assert_int_equal(count_by_query(b, quiet, 0), 2400);
    uint64_t left = history_db_count(b->history, noisy);
    assert_in_range(left, 4000, 60000);
    assert_int_equal(count_by_query(b, noisy, 0), left);
    assert_true(count_by_query(b, noisy, b->at - 100 * 2000) > 1900); /* its newest are there */
    reopen(b);
    assert_int_equal(history_db_count(b->history, noisy), left);
    assert_int_equal(history_db_count(b->history, quiet), 2400);
}

static void what_is_older_than_the_days_goes_also_in_a_quiet_home(void **state)
{
    struct bench *b = *state;
    int row = history_db_row(b->history, "door");
    history_db_limit(b->history, 10, 64);
    for (int day = 0; day < 40; day++) {
        for (int i = 0; i < 24; i++) {
            b->at += 3600000;
            put(b, row);
        }
        flush(b);
    }
    uint64_t n = count_by_query(b, row, 0);
    assert_in_range(n, 10 * 24, 13 * 24);
    assert_int_equal(history_db_count(b->history, row), n);
    reopen(b);
    assert_int_equal(history_db_count(b->history, row), n);
}

static void a_lowered_limit_makes_the_file_smaller_step_by_step(void **state)
{
    struct bench *b = *state;
    int row = history_db_row(b->history, "noisy");
    for (int i = 0; i < 400000; i++) {
        b->at += 100;
        put(b, row);
        if (i % 4000 == 0)
            flush(b);
    }
    flush(b);
    int64_t before, used, unused;
    assert_int_equal(history_db_size(b->history, &before, &unused), DB_OK);
    history_db_limit(b->history, 70, 1);
    for (int i = 0; i < 300; i++) {
        put(b, row);
        flush(b);
    }
    assert_int_equal(history_db_size(b->history, &used, &unused), DB_OK);
    assert_in_range(used, 100, 256 + 32);
    assert_true(before > 2400 && used + unused < before); /* free pages went back to the file system */
    assert_int_equal(count_by_query(b, row, 0), history_db_count(b->history, row));
}

static void only_the_last_keys_and_the_newest_rings_are_kept(void **state)
{
    struct bench *b = *state;
    int row = history_db_row(b->history, "call");
    for (uint64_t i = 0; i < 4000; i++) {
        b->at += 10;
        struct reading reading = make_reading(b->next_id++, (uint16_t)row, b->at, 1);
        reading.source_key = 5000 + i;
        reading.origin = (i / 80 + 1) << 32 | (i % 80 + 1);
        queue_put(b->queue, &reading);
    }
    flush(b);
    reopen(b);
    uint64_t keys[SOURCE_KEYS_MAX], rings[HISTORY_RINGS_MAX];
    assert_int_equal(history_db_keys(b->history, keys), SOURCE_KEYS_MAX);
    assert_int_equal(keys[SOURCE_KEYS_MAX - 1], 8999);
    assert_int_equal(keys[0], 8999 - (SOURCE_KEYS_MAX - 1));
    unsigned n = history_db_rings(b->history, rings);
    assert_int_equal(n, HISTORY_RINGS_MAX);
    bool newest = false;
    for (unsigned i = 0; i < n; i++)
        newest = newest || rings[i] == (UINT64_C(50) << 32 | 80);
    assert_true(newest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_reads_back_and_refuses_what_is_none),
        cmocka_unit_test_setup_teardown(a_quiet_sensor_is_found_among_many_over_blocks_tail_and_queue, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_noisiest_sensor_is_cut_first_and_the_size_holds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_older_than_the_days_goes_also_in_a_quiet_home, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_lowered_limit_makes_the_file_smaller_step_by_step, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_the_last_keys_and_the_newest_rings_are_kept, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
