#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/ring.h"
#include "gatewayd/plugin.h"

#define CAPACITY    16
#define HEADER_SIZE 64 /* of the file's layout: ring.c */
#define ENTRY_SIZE  64

struct fixture {
    char directory[64];
    char path[96];
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    strcpy(f->directory, "/tmp/test-ring-XXXXXX");
    if (mkdtemp(f->directory) == NULL)
        return -1;
    snprintf(f->path, sizeof(f->path), "%s/ring", f->directory);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    unlink(f->path);
    rmdir(f->directory);
    free(f);
    return 0;
}

static struct reading reading_of(unsigned i)
{
    struct reading reading = {.source_key = 1000 + i, .at = i, .value = i * 0.5, .sensor = 3, .type = GW_VALUE};
    return reading;
}

static void put(struct ring *ring, unsigned from, unsigned n)
{
    for (unsigned i = from; i < from + n; i++) {
        struct reading reading = reading_of(i);
        assert_true(ring_put(ring, &reading));
        assert_true(reading.origin != 0);
    }
}

/* The ring holds exactly readings from .. from + n - 1, in order. */
static void assert_holds(const struct ring *ring, unsigned from, unsigned n)
{
    struct reading reading;
    uint64_t after = 0;
    unsigned found = 0;
    while (ring_next(ring, after, &reading)) {
        assert_int_equal(reading.at, from + found);
        assert_true(reading.value == (from + found) * 0.5);
        assert_true(reading.origin > after);
        after = reading.origin;
        found++;
    }
    assert_int_equal(found, n);
    assert_int_equal(ring_used(ring), n);
    assert_int_equal(ring_free(ring), CAPACITY - n);
}

/* Overwrite bytes of the file in place. */
static void damage(const char *path, off_t at, const void *bytes, size_t n)
{
    int fd = open(path, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, n, at), n);
    close(fd);
}

static void a_capacity_that_is_no_power_of_two_is_refused(void **state)
{
    struct fixture *f = *state;
    assert_null(ring_open(f->path, 0, NULL));
    assert_null(ring_open(f->path, 12, NULL));
    assert_int_equal(errno, EINVAL);
}

static void a_path_that_cannot_be_is_refused(void **state)
{
    (void)state;
    assert_null(ring_open("/nonexistent/ring", CAPACITY, NULL));
    assert_int_equal(errno, ENOENT);
    assert_null(ring_open("/tmp", CAPACITY, NULL));
}

static void a_symbolic_link_is_not_followed(void **state)
{
    struct fixture *f = *state;
    char target[128];
    snprintf(target, sizeof(target), "%s.target", f->path);
    assert_int_equal(symlink(target, f->path), 0);
    assert_null(ring_open(f->path, CAPACITY, NULL));
    assert_int_equal(errno, ELOOP);
    assert_int_equal(unlink(target), -1); /* nothing was made there */
}

static void a_new_ring_is_empty_and_private(void **state)
{
    struct fixture *f = *state;
    bool lost = true;
    struct ring *ring = ring_open(f->path, CAPACITY, &lost);
    assert_non_null(ring);
    assert_false(lost);
    assert_holds(ring, 0, 0);
    struct stat info;
    assert_int_equal(stat(f->path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    ring_close(ring);
    ring_close(NULL);
}

static void readings_survive_a_new_opening(void **state)
{
    struct fixture *f = *state;
    bool lost = true;
    struct ring *ring = ring_open(f->path, CAPACITY, NULL);
    put(ring, 0, 5);
    ring_close(ring);
    ring = ring_open(f->path, CAPACITY, &lost);
    assert_false(lost);
    assert_holds(ring, 0, 5);
    put(ring, 5, 1);
    assert_holds(ring, 0, 6);
    ring_close(ring);
}

static void a_full_ring_takes_no_more_until_something_is_handled(void **state)
{
    struct fixture *f = *state;
    struct ring *ring = ring_open(f->path, CAPACITY, NULL);
    put(ring, 0, CAPACITY);
    struct reading reading = reading_of(99), first;
    assert_false(ring_put(ring, &reading));
    assert_int_equal(reading.origin, 0);
    assert_holds(ring, 0, CAPACITY);
    assert_true(ring_next(ring, 0, &first));
    ring_forget(ring, first.origin);
    put(ring, CAPACITY, 1);
    assert_holds(ring, 1, CAPACITY);
    assert_true(ring_drop_oldest(ring));
    assert_holds(ring, 2, CAPACITY - 1);
    ring_close(ring);
}

static void nothing_is_lost_or_mixed_when_it_wraps_round(void **state)
{
    struct fixture *f = *state;
    struct ring *ring = ring_open(f->path, CAPACITY, NULL);
    unsigned first = 0;
    for (unsigned next = 0; next < 20 * CAPACITY; next += 5) {
        while (ring_free(ring) < 5) {
            assert_true(ring_drop_oldest(ring));
            first++;
        }
        put(ring, next, 5);
        assert_holds(ring, first, next + 5 - first);
    }
    ring_close(ring);
    ring = ring_open(f->path, CAPACITY, NULL);
    assert_holds(ring, first, 20 * CAPACITY - first);
    while (ring_drop_oldest(ring))
        first++;
    assert_int_equal(first, 20 * CAPACITY);
    assert_holds(ring, 0, 0);
    ring_close(ring);
}

static void forgetting_foreign_future_and_old_origins_changes_nothing(void **state)
{
    struct fixture *f = *state;
    struct ring *ring = ring_open(f->path, CAPACITY, NULL);
    put(ring, 0, 6);
    struct reading first, third;
    assert_true(ring_next(ring, 0, &first));
    assert_true(ring_next(ring, first.origin + 1, &third));
    ring_forget(ring, third.origin);
    assert_holds(ring, 3, 3);
    ring_forget(ring, first.origin);
    ring_forget(ring, 0);
    ring_forget(ring, third.origin + 100);
    ring_forget(ring, third.origin + (UINT64_C(1) << 32));
    ring_forget(ring, third.origin - (UINT64_C(1) << 32));
    ring_forget(ring, UINT64_MAX);
    assert_holds(ring, 3, 3);
    ring_close(ring);
}

static void next_after_a_foreign_origin_begins_with_the_oldest(void **state)
{
    struct fixture *f = *state;
    struct ring *ring = ring_open(f->path, CAPACITY, NULL);
    put(ring, 0, 4);
    struct reading reading;
    assert_true(ring_next(ring, UINT64_MAX, &reading));
    assert_int_equal(reading.at, 0);
    assert_true(ring_next(ring, 5, &reading));
    assert_int_equal(reading.at, 0);
    uint64_t last = reading.origin + 3;
    assert_false(ring_next(ring, last, &reading));
    assert_false(ring_next(ring, last + 1, &reading));
    ring_close(ring);
}

static void two_rings_share_no_origin(void **state)
{
    struct fixture *f = *state;
    struct reading a = reading_of(1), b = reading_of(1);
    struct ring *ring = ring_open(f->path, CAPACITY, NULL);
    assert_true(ring_put(ring, &a));
    ring_close(ring);
    unlink(f->path);
    ring = ring_open(f->path, CAPACITY, NULL);
    assert_true(ring_put(ring, &b));
    ring_close(ring);
    assert_true(a.origin >> 32 != b.origin >> 32);
    assert_true(a.origin >> 32 != 0);
    assert_int_equal(a.origin & UINT32_MAX, 1);
}

static void a_file_of_another_size_or_capacity_is_replaced_and_told(void **state)
{
    struct fixture *f = *state;
    bool lost = false;
    struct ring *ring = ring_open(f->path, CAPACITY, NULL);
    put(ring, 0, 3);
    ring_close(ring);
    ring = ring_open(f->path, 2 * CAPACITY, &lost);
    assert_non_null(ring);
    assert_true(lost);
    assert_int_equal(ring_used(ring), 0);
    ring_close(ring);
    assert_int_equal(truncate(f->path, 100), 0);
    lost = false;
    ring = ring_open(f->path, CAPACITY, &lost);
    assert_true(lost);
    assert_holds(ring, 0, 0);
    put(ring, 0, CAPACITY);
    assert_holds(ring, 0, CAPACITY);
    ring_close(ring);
}

static void a_damaged_header_is_replaced_and_told(void **state)
{
    struct fixture *f = *state;
    for (off_t at = 0; at < 48; at += 8) { /* magic, entry size, capacity, boot, head, tail */
        struct ring *ring = ring_open(f->path, CAPACITY, NULL);
        put(ring, 0, 3);
        ring_close(ring);
        damage(f->path, at, "\x55\x55\x55\x55\x55\x55\x55\x55", 8);
        bool lost = false;
        ring = ring_open(f->path, CAPACITY, &lost);
        assert_true(lost);
        assert_holds(ring, 0, 0);
        ring_close(ring);
        unlink(f->path);
    }
}

static void a_torn_entry_is_left_out_and_told_the_others_stay(void **state)
{
    struct fixture *f = *state;
    struct ring *ring = ring_open(f->path, CAPACITY, NULL);
    put(ring, 0, 3);
    ring_close(ring);
    /* origin 2 of the ring lies in place 2: change a byte of its value */
    damage(f->path, HEADER_SIZE + 2 * ENTRY_SIZE + 32, "\x01", 1);
    bool lost = false;
    ring = ring_open(f->path, CAPACITY, &lost);
    assert_true(lost);
    struct reading reading;
    assert_true(ring_next(ring, 0, &reading));
    assert_int_equal(reading.at, 0);
    assert_true(ring_next(ring, reading.origin, &reading));
    assert_int_equal(reading.at, 2);
    assert_false(ring_next(ring, reading.origin, &reading));
    ring_close(ring);
}

static void rubbish_is_replaced_and_never_crashes(void **state)
{
    struct fixture *f = *state;
    unsigned seed = 1;
    for (int round = 0; round < 50; round++) {
        unsigned char bytes[HEADER_SIZE + CAPACITY * ENTRY_SIZE];
        for (size_t i = 0; i < sizeof(bytes); i++) {
            seed = seed * 1103515245u + 12345u;
            bytes[i] = (unsigned char)(seed >> 16);
        }
        int fd = open(f->path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        assert_int_equal(write(fd, bytes, sizeof(bytes)), sizeof(bytes));
        close(fd);
        bool lost = false;
        struct ring *ring = ring_open(f->path, CAPACITY, &lost);
        assert_true(lost);
        assert_holds(ring, 0, 0);
        ring_close(ring);
    }
}

static void of_readings_added_together_a_successor_finds_all_or_none(void **state)
{
    struct fixture *f = *state;
    struct ring *ring = ring_open(f->path, CAPACITY, NULL);
    put(ring, 0, 1);
    struct reading level = reading_of(1), press = reading_of(2);
    level.source_key = press.source_key = 77; /* one message */
    assert_true(ring_add(ring, &level));
    assert_int_equal(ring_free(ring), CAPACITY - 2);
    struct ring *successor = ring_open(f->path, CAPACITY, NULL); /* the file as a SIGKILL now would leave it */
    uint64_t keys[8];
    assert_int_equal(ring_used(successor), 1);
    assert_int_equal(ring_recent_keys(successor, keys, 8), 1);
    assert_int_not_equal(keys[0], 77);
    ring_close(successor);
    assert_true(ring_add(ring, &press));
    assert_true(press.origin == level.origin + 1);
    ring_show(ring);
    successor = ring_open(f->path, CAPACITY, NULL);
    assert_int_equal(ring_used(successor), 3);
    assert_int_equal(ring_recent_keys(successor, keys, 8), 3);
    assert_int_equal(keys[1], 77);
    assert_int_equal(keys[2], 77);
    ring_close(successor);
    while (ring_free(ring) > 0)
        assert_true(ring_add(ring, &level));
    assert_false(ring_add(ring, &level));
    ring_close(ring);
}

static void recent_keys_are_told_also_of_handled_readings(void **state)
{
    struct fixture *f = *state;
    uint64_t keys[8];
    struct ring *ring = ring_open(f->path, CAPACITY, NULL);
    assert_int_equal(ring_recent_keys(ring, keys, 8), 0);
    put(ring, 0, 3);
    struct reading without_key = reading_of(3);
    without_key.source_key = 0;
    assert_true(ring_put(ring, &without_key));
    while (ring_drop_oldest(ring)) {
    }
    ring_close(ring);
    ring = ring_open(f->path, CAPACITY, NULL);
    assert_int_equal(ring_recent_keys(ring, keys, 8), 3);
    assert_int_equal(keys[0], 1000);
    assert_int_equal(keys[2], 1002);
    for (unsigned i = 4; i < 4 + 3 * CAPACITY; i++) {
        put(ring, i, 1);
        ring_drop_oldest(ring);
    }
    assert_int_equal(ring_recent_keys(ring, keys, 8), 8);
    assert_int_equal(keys[7], 1000 + 3 + 3 * CAPACITY);
    assert_int_equal(keys[0], keys[7] - 7);
    ring_forget_keys(ring);
    assert_int_equal(ring_recent_keys(ring, keys, 8), 0);
    put(ring, 1, 2);
    ring_close(ring);
    ring = ring_open(f->path, CAPACITY, NULL);
    assert_int_equal(ring_recent_keys(ring, keys, 8), 2);
    assert_int_equal(keys[0], 1001);
    ring_close(ring);
}

/* A writer that puts readings until it is killed; each put is told through the pipe after it has returned. */
__attribute__((noreturn)) static void write_until_killed(const char *path, int told)
{
    struct ring *ring = ring_open(path, CAPACITY, NULL);
    for (unsigned i = 0;; i++) {
        struct reading reading = reading_of(i);
        while (!ring_put(ring, &reading))
            ring_drop_oldest(ring);
        if (write(told, &i, sizeof(i)) != sizeof(i))
            _exit(1);
    }
}

static void sigkill_of_the_writer_leaves_whole_readings_only(void **state)
{
    struct fixture *f = *state;
    for (unsigned round = 0; round < 40; round++) {
        int told[2];
        assert_int_equal(pipe(told), 0);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0)
            write_until_killed(f->path, told[1]);
        close(told[1]);
        unsigned last = 0, wanted = round * 7;
        do { /* the pipe's buffer lets it run on while we kill */
            assert_int_equal(read(told[0], &last, sizeof(last)), sizeof(last));
        } while (last < wanted);
        kill(pid, SIGKILL);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
        unsigned next = 0;
        while (read(told[0], &next, sizeof(next)) == sizeof(next))
            last = next;
        close(told[0]);

        bool lost = true;
        struct ring *ring = ring_open(f->path, CAPACITY, &lost);
        assert_false(lost);
        struct reading reading;
        uint64_t after = 0;
        unsigned found = 0;
        int64_t youngest = -1;
        while (ring_next(ring, after, &reading)) {
            assert_true(found == 0 || reading.at == youngest + 1);
            assert_true(reading.value == (double)reading.at * 0.5);
            youngest = reading.at;
            after = reading.origin;
            found++;
        }
        assert_int_equal(found, ring_used(ring));
        assert_true(youngest == last || youngest == (int64_t)last + 1); /* all that was told is there */
        ring_close(ring);
        unlink(f->path);
    }
}

/* A crash between the entry and its publication: the entry is there, head is not. */
static void an_entry_that_was_not_published_does_not_count(void **state)
{
    struct fixture *f = *state;
    struct ring *ring = ring_open(f->path, CAPACITY, NULL);
    put(ring, 0, 3);
    struct reading last;
    assert_true(ring_next(ring, 0, &last));
    uint64_t head = last.origin + 1;
    ring_close(ring);
    damage(f->path, 32, &head, sizeof(head)); /* head back by one: as if the third had not been published */
    bool lost = true;
    ring = ring_open(f->path, CAPACITY, &lost);
    assert_false(lost);
    assert_holds(ring, 0, 2);
    put(ring, 2, 1);
    assert_holds(ring, 0, 3);
    ring_close(ring);
}

static void a_reading_follows_its_sensor_to_another_slot_and_one_without_a_sensor_is_left_out(void **state)
{
    struct fixture *f = *state;
    struct ring *ring = ring_open(f->path, CAPACITY, NULL);
    ring_bind(ring, 3, "door");
    ring_bind(ring, 4, "call");
    for (uint16_t slot = 3; slot <= 4; slot++) {
        struct reading reading = {.at = slot, .sensor = slot};
        assert_true(ring_put(ring, &reading));
    }
    ring_close(ring);
    ring = ring_open(f->path, CAPACITY, NULL);
    ring_bind_none(ring);
    ring_bind(ring, 3, "call"); /* the door was taken out of the configuration, the button moved up */
    struct reading reading;
    assert_true(ring_next(ring, 0, &reading));
    assert_int_equal(reading.at, 4);
    assert_int_equal(reading.sensor, 3);
    assert_false(ring_next(ring, reading.origin, &reading));
    ring_close(ring);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    static const struct CMUnitTest tests[] = {
        T(a_capacity_that_is_no_power_of_two_is_refused),
        T(a_path_that_cannot_be_is_refused),
        T(a_symbolic_link_is_not_followed),
        T(a_file_of_another_size_or_capacity_is_replaced_and_told),
        T(a_damaged_header_is_replaced_and_told),
        T(a_torn_entry_is_left_out_and_told_the_others_stay),
        T(rubbish_is_replaced_and_never_crashes),
        T(a_new_ring_is_empty_and_private),
        T(readings_survive_a_new_opening),
        T(a_full_ring_takes_no_more_until_something_is_handled),
        T(nothing_is_lost_or_mixed_when_it_wraps_round),
        T(forgetting_foreign_future_and_old_origins_changes_nothing),
        T(next_after_a_foreign_origin_begins_with_the_oldest),
        T(two_rings_share_no_origin),
        T(of_readings_added_together_a_successor_finds_all_or_none),
        T(recent_keys_are_told_also_of_handled_readings),
        T(an_entry_that_was_not_published_does_not_count),
        T(sigkill_of_the_writer_leaves_whole_readings_only),
        T(a_reading_follows_its_sensor_to_another_slot_and_one_without_a_sensor_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
