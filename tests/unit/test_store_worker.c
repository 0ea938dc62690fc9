/* The real gatewayd-store behind its channel: what it said DONE to survives SIGKILL, damaged files and bad disks. */
#include "check.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "alerts_db.h"
#include "base/channel.h"
#include "base/clock.h"
#include "base/spawn.h"
#include "mirror.h"
#include "store_things.h"

#define DEADLINE_MS 20000

struct told { /* of one start */
    struct frame_store_state state;
    struct frame_commit commit[32];
    unsigned n_commits, n_cursors, n_rings, n_keys;
    struct frame_cursor cursor[8];
    uint64_t ring[8], key[80];
    char trouble[8][NAME_SIZE]; /* kinds of onsets, in order */
    unsigned n_troubles, n_over;
};

struct bench {
    struct place place;
    struct spawned store;
    struct frame frame;
    struct told told;
    struct frame_done done; /* the last one */
    uint32_t batch_ms;
};

static void say(struct bench *b)
{
    channel_send_wait(b->store.channel, &b->frame);
}

static void hear_trouble(struct bench *b)
{
    const struct frame_trouble *trouble = &b->frame.trouble;
    if (!trouble->active)
        b->told.n_over++;
    else if (b->told.n_troubles < 8)
        memcpy(b->told.trouble[b->told.n_troubles++], trouble->kind, NAME_SIZE);
}

/* The next frame of this type; troubles on the way are kept. */
static void hear(struct bench *b, enum frame_type type)
{
    int64_t deadline = clock_boottime_ms() + DEADLINE_MS;
    for (;;) {
        const char *why = "";
        int left = (int)(deadline - clock_boottime_ms());
        enum channel_result result = channel_receive_wait(b->store.channel, &b->frame, left > 0 ? left : 0, &why);
        if (result != CHANNEL_OK)
            fail_msg("no %s: %d %s", frame_type_name(type), result, why);
        if (b->frame.header.type == FRAME_TROUBLE)
            hear_trouble(b);
        if (b->frame.header.type == FRAME_STORE_DONE)
            b->done = b->frame.done;
        if (b->frame.header.type == type)
            return;
    }
}

static void spawn(struct bench *b)
{
    char path[] = STORE_BINARY;
    char *argv[] = {path, NULL};
    assert_int_equal(spawn_worker(argv, 0, NULL, SPAWN_STDERR_INHERIT, &b->store), 0);
    memset(&b->told, 0, sizeof b->told);
    hear(b, FRAME_HELLO);
}

static void say_sensor(struct bench *b, uint16_t slot, const char *name)
{
    frame_init(&b->frame, FRAME_SENSOR)->sensor.slot = slot;
    strcpy(b->frame.sensor.name, name);
    say(b);
}

static void configure(struct bench *b, const char *boot_id)
{
    frame_init(&b->frame, FRAME_CONFIG_BEGIN);
    say(b);
    struct frame_store_config *config = &frame_init(&b->frame, FRAME_STORE_CONFIG)->store_config;
    strcpy(config->directory, b->place.directory);
    strcpy(config->mirror, b->place.mirror);
    config->history_days = 70;
    config->history_mib = 64;
    config->batch_ms = b->batch_ms;
    strcpy(config->boot_id, boot_id);
    say(b);
    say_sensor(b, 0, "door");
    say_sensor(b, 1, "bed");
    frame_init(&b->frame, FRAME_CONFIG_END);
    say(b);
}

static void hear_start(struct bench *b)
{
    struct told *told = &b->told;
    hear(b, FRAME_STORE_STATE);
    told->state = b->frame.store_state;
    for (;;) {
        const char *why;
        assert_int_equal(channel_receive_wait(b->store.channel, &b->frame, DEADLINE_MS, &why), CHANNEL_OK);
        switch (b->frame.header.type) {
        case FRAME_READY:
            return;
        case FRAME_STORE_COMMIT:
            told->commit[told->n_commits++ % 32] = b->frame.commit;
            break;
        case FRAME_STORE_CURSOR:
            told->cursor[told->n_cursors++ % 8] = b->frame.cursor;
            break;
        case FRAME_STORE_RING:
            told->ring[told->n_rings++ % 8] = b->frame.store_ring.origin;
            break;
        case FRAME_SOURCE_KEYS:
            for (uint32_t i = 0; i < b->frame.source_keys.n; i++)
                told->key[told->n_keys++ % 80] = b->frame.source_keys.key[i];
            break;
        case FRAME_TROUBLE:
            hear_trouble(b);
            break;
        default:
            fail_msg("unexpected %s", frame_type_name(b->frame.header.type));
        }
    }
}

#define BOOT_1 "11111111-1111-1111-1111-111111111111"
#define BOOT_2 "22222222-2222-2222-2222-222222222222"

static void start(struct bench *b)
{
    spawn(b);
    configure(b, BOOT_1);
    hear_start(b);
}

static void kill_store(struct bench *b)
{
    kill(b->store.pid, SIGKILL);
    assert_int_equal(waitpid(b->store.pid, NULL, 0), b->store.pid);
    close(b->store.channel);
}

static void end_store(struct bench *b)
{
    int status;
    close(b->store.channel);
    assert_int_equal(waitpid(b->store.pid, &status, 0), b->store.pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void say_commit(struct bench *b, uint64_t token, const struct alert *alert, uint32_t pending)
{
    struct frame_commit *commit = &frame_init(&b->frame, FRAME_STORE_COMMIT)->commit;
    commit->token = token;
    commit->pending = pending;
    commit->has_cursor = 1;
    strcpy(commit->cursor.detector, "call");
    commit->cursor.reading = 10 + token;
    commit->cursor.until = 5000 + (int64_t)token;
    commit->alert = *alert;
    say(b);
}

static bool hear_commit_done(struct bench *b, uint64_t token)
{
    do {
        hear(b, FRAME_STORE_DONE);
    } while (b->done.what != STORE_DONE_COMMIT);
    assert_int_equal(b->done.token, token);
    return !b->done.failed;
}

static bool commit_ok(struct bench *b, uint64_t token, uint64_t id, uint32_t rev, uint16_t state, uint32_t pending)
{
    struct alert alert = make_alert(id, rev, state);
    say_commit(b, token, &alert, pending);
    return hear_commit_done(b, token);
}

static void say_readings(struct bench *b, uint64_t first, uint32_t n, uint32_t flags)
{
    struct frame_readings *readings = &frame_init(&b->frame, FRAME_READINGS)->readings;
    readings->flags = flags;
    for (uint32_t i = 0; i < n; i++) {
        readings->reading[i] = make_reading(first + i, (uint16_t)(i % 2), 1000 * (int64_t)(first + i), 1.0);
        readings->reading[i].source_key = 0x8000000000000000u + first + i;
    }
    frame_set_n(&b->frame, n);
    say(b);
}

static void hear_readings_done(struct bench *b)
{
    do {
        hear(b, FRAME_STORE_DONE);
    } while (b->done.what != STORE_DONE_READINGS);
}

static const struct frame_history *ask(struct bench *b, uint64_t from, uint64_t slots)
{
    struct frame_history_query *query = &frame_init(&b->frame, FRAME_HISTORY_QUERY)->history_query;
    query->token = 77;
    query->from_id = from;
    query->to_id = UINT64_MAX;
    query->limit = 100;
    query->slots[0] = slots;
    say(b);
    hear(b, FRAME_HISTORY);
    assert_int_equal(b->frame.history.token, 77);
    return &b->frame.history;
}

static int set_up(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    b->batch_ms = 50;
    place_make(&b->place);
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *b = *state;
    if (b->store.pid > 0 && waitpid(b->store.pid, NULL, WNOHANG) == 0) { /* the test failed */
        kill(b->store.pid, SIGKILL);
        waitpid(b->store.pid, NULL, 0);
    }
    umount(b->place.directory);
    place_remove(&b->place);
    free(b);
    return 0;
}

/* ---- tests ---- */

static void what_a_done_covers_survives_sigkill(void **state)
{
    struct bench *b = *state;
    start(b);
    assert_int_equal(b->told.state.alerts_file, STORE_FILE_NEW);
    assert_int_equal(b->told.state.last_id, 0);
    assert_true(commit_ok(b, 1, 100, 1, ALERT_RAISED, 3));
    say_readings(b, 1, 5, READINGS_URGENT);
    hear_readings_done(b);
    assert_int_equal(b->done.token, 5);
    kill_store(b);
    unlink(b->place.mirror);
    start(b);
    assert_int_equal(b->told.state.alerts_file, STORE_FILE_OK);
    assert_int_equal(b->told.n_commits, 1);
    struct alert alert = make_alert(100, 1, ALERT_RAISED);
    assert_memory_equal(&b->told.commit[0].alert, &alert, sizeof alert);
    assert_int_equal(b->told.commit[0].pending, 3);
    assert_int_equal(b->told.n_cursors, 1);
    assert_int_equal(b->told.cursor[0].reading, 11);
    assert_int_equal(b->told.state.last_id, 11);
    assert_int_equal(b->told.state.stored_id, 5);
    assert_int_equal(b->told.n_rings, 1);
    assert_true(b->told.ring[0] == UINT64_C(0x9000000100000005));
    assert_int_equal(b->told.n_keys, 5);
    assert_true(b->told.key[4] == 0x8000000000000005u);
    assert_int_equal(ask(b, 1, 3)->n, 5);
    end_store(b);
}

static void a_batch_is_on_the_disk_within_its_time_and_keeps_no_keys(void **state)
{
    struct bench *b = *state;
    start(b);
    say_readings(b, 1, 256, 0);
    hear_readings_done(b);
    assert_int_equal(b->done.token, 256);
    assert_int_equal(b->done.failed, 0);
    kill_store(b);
    start(b);
    assert_int_equal(b->told.state.last_id, 256);
    assert_int_equal(b->told.state.last_log, 256000);
    assert_int_equal(b->told.n_keys, 0);
    end_store(b);
}

static void every_pending_revision_comes_back_until_it_is_forgotten(void **state)
{
    struct bench *b = *state;
    start(b);
    assert_true(commit_ok(b, 1, 100, 1, ALERT_RAISED, 3));
    assert_true(commit_ok(b, 2, 100, 2, ALERT_ACKNOWLEDGED, 3));
    assert_true(commit_ok(b, 3, 100, 3, ALERT_CLOSED, 3));
    kill_store(b);
    start(b);
    assert_int_equal(b->told.n_commits, 3);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(b->told.commit[i].alert.rev, i + 1);
    frame_init(&b->frame, FRAME_STORE_FORGET)->forget = (struct frame_forget){.alert = 100, .rev = 2, .uplinks = 3};
    say(b);
    end_store(b);
    start(b);
    assert_int_equal(b->told.n_commits, 2); /* the raise was delivered too, but nobody has accepted it */
    assert_int_equal(b->told.commit[0].alert.rev, 1);
    assert_int_equal(b->told.commit[1].alert.rev, 3);
    for (uint32_t rev = 1; rev <= 3; rev += 2) {
        frame_init(&b->frame, FRAME_STORE_FORGET)->forget =
            (struct frame_forget){.alert = 100, .rev = rev, .uplinks = 3};
        say(b);
    }
    end_store(b);
    start(b);
    assert_int_equal(b->told.n_commits, 1); /* closed within the last day: known, but nobody waits for it */
    assert_int_equal(b->told.commit[0].alert.state, ALERT_CLOSED);
    assert_int_equal(b->told.commit[0].pending, 0);
    end_store(b);
}

/* They begin anew each time; a worker that ends once a minute must not push out the others. */
static void what_the_gateway_said_of_itself_and_is_over_is_not_told_at_a_start(void **state)
{
    struct bench *b = *state;
    start(b);
    for (uint64_t id = 100; id <= 101; id++) {
        struct alert alert = make_alert(id, 1, ALERT_CLOSED);
        text_copy(alert.detector, sizeof alert.detector, id == 100 ? ALERT_OWN : "door");
        say_commit(b, id, &alert, 0);
        assert_true(hear_commit_done(b, id));
    }
    end_store(b);
    start(b);
    assert_int_equal(b->told.n_commits, 1);
    assert_string_equal(b->told.commit[0].alert.detector, "door");
    end_store(b);
}

static void an_older_pending_revision_does_not_hide_the_closing(void **state)
{
    struct bench *b = *state;
    start(b);
    assert_true(commit_ok(b, 1, 100, 1, ALERT_RAISED, 2));
    assert_true(commit_ok(b, 2, 100, 2, ALERT_CLOSED, 0));
    end_store(b);
    unlink(b->place.mirror);
    start(b);
    assert_int_equal(b->told.n_commits, 2);
    assert_int_equal(b->told.commit[1].alert.state, ALERT_CLOSED);
    end_store(b);
}

/* Readings 1 to 6 at 1 s to 6 s of the log, all of this boot: the first sync has raised the log by 3 s before the
 * fifth. In the next run of the store as well, and from another boot. */
static void labels_from_before_the_first_sync_are_corrected(void **state)
{
    static const char *const runs[] = {NULL, BOOT_1, BOOT_2};
    struct bench *b = *state;
    start(b);
    say_readings(b, 1, 6, READINGS_URGENT);
    hear_readings_done(b);
    frame_init(&b->frame, FRAME_STORE_BOOT)->boot = (struct frame_boot){1, 1, -700, 100000, 1, 0, 5000, 3000};
    say(b);
    assert_true(commit_ok(b, 1, 100, 1, ALERT_RAISED, 0));
    for (unsigned i = 0; i < 3; i++) {
        if (runs[i] != NULL) {
            end_store(b);
            unlink(b->place.mirror);
            spawn(b);
            configure(b, runs[i]);
            hear_start(b);
        }
        const struct frame_history *before = ask(b, 1, 3);
        assert_int_equal(before->n, 4);
        assert_int_equal(before->next_id, 5);
        assert_int_equal(before->wall_minus_log, 103000);
        const struct frame_history *after = ask(b, 5, 3);
        assert_int_equal(after->n, 2);
        assert_int_equal(after->wall_minus_log, 100000);
    }
    end_store(b);
}

static void the_boot_keeps_its_number_and_offset(void **state)
{
    struct bench *b = *state;
    start(b);
    assert_int_equal(b->told.state.boot, 1);
    assert_int_equal(b->told.state.known_boot, 0);
    frame_init(&b->frame, FRAME_STORE_BOOT)->boot = (struct frame_boot){1, 1, -700, 1234567, 1, 0, 900, 800};
    say(b);
    assert_true(commit_ok(b, 1, 100, 1, ALERT_RAISED, 0));
    kill_store(b);
    unlink(b->place.mirror);
    start(b);
    assert_int_equal(b->told.state.boot, 1);
    assert_int_equal(b->told.state.known_boot, 1);
    assert_int_equal(b->told.state.boot_offset, -700);
    assert_int_equal(b->told.state.raised_once, 1);
    assert_int_equal(b->told.state.raised_from, 900);
    assert_int_equal(b->told.state.raised_by, 800);
    end_store(b);
    spawn(b);
    configure(b, BOOT_2);
    hear_start(b);
    assert_int_equal(b->told.state.boot, 2);
    assert_int_equal(b->told.state.known_boot, 0);
    end_store(b);
}

static void damage(const struct bench *b, int how)
{
    switch (how) {
    case 0:
        assert_int_equal(truncate(b->place.alerts, 0), 0);
        break;
    case 1:
        scribble(b->place.alerts, 0, 100);
        break;
    case 2:
        for (off_t page = 1; page < 9; page++)
            scribble(b->place.alerts, page * 4096, 4096);
        break;
    default:
        assert_int_equal(truncate(b->place.alerts, 5000), 0);
    }
}

/* Until it is there, a power cut makes the detector a new one, that tells nothing of what the log already has. */
static void the_first_cursor_of_a_detector_is_written_at_once(void **state)
{
    struct bench *b = *state;
    start(b);
    struct frame_cursor *cursor = &frame_init(&b->frame, FRAME_STORE_CURSOR)->cursor;
    strcpy(cursor->detector, "bath");
    cursor->reading = 7;
    cursor->until = 5000;
    say(b);
    for (uint64_t id = 1; id <= 2; id++) { /* when the second one is answered, all that was due at the first is done */
        say_readings(b, id, 1, READINGS_URGENT);
        hear_readings_done(b);
    }
    kill_store(b);
    unlink(b->place.mirror);
    start(b);
    assert_int_equal(b->told.n_cursors, 1);
    assert_int_equal(b->told.cursor[0].reading, 7);
    end_store(b);
}

static void open_alerts_come_back_from_the_mirror_whatever_the_damage(void **state)
{
    struct bench *b = *state;
    for (int how = 0; how < 4; how++) {
        start(b);
        assert_true(commit_ok(b, 1, 100, (uint32_t)how + 1, ALERT_RAISED, 1));
        assert_true(commit_ok(b, 1, 200, 2 * (uint32_t)how + 1, ALERT_RAISED, 1));
        assert_true(commit_ok(b, 1, 200, 2 * (uint32_t)how + 2, ALERT_CLEARED, 1));
        frame_init(&b->frame, FRAME_STORE_BOOT)->boot = (struct frame_boot){1, 0, -700, 5, 1, 0};
        say(b);
        end_store(b);
        char wal[160];
        snprintf(wal, sizeof wal, "%s-wal", b->place.alerts);
        unlink(wal); /* else the log repairs the file */
        damage(b, how);
        start(b);
        assert_int_equal(b->told.state.alerts_file, STORE_FILE_SET_ASIDE);
        assert_non_null(strstr(b->told.state.set_aside, "alerts.db.corrupt-"));
        assert_int_equal(b->told.n_commits, 3);
        assert_int_equal(b->told.commit[0].alert.rev, how + 1);
        assert_int_equal(b->told.commit[0].pending, 1);
        assert_int_equal(b->told.commit[1].alert.rev, 2 * how + 1); /* nobody has accepted it yet */
        assert_int_equal(b->told.commit[1].pending, 1);
        assert_int_equal(b->told.commit[2].alert.rev, 2 * how + 2);
        assert_true(b->told.commit[0].alert.flags & ALERT_RECOVERED);
        assert_int_equal(b->told.cursor[0].reading, 11);
        assert_int_equal(b->told.state.known_boot, 1);
        end_store(b);
    }
    assert_int_equal(count_files(&b->place, "alerts.db.corrupt-"), 3); /* the oldest of four was deleted */
}

/* /run is empty then, and the file is damaged before anything is told of the alert. */
static void the_mirror_knows_what_the_disk_knew_before_the_power_was_cut(void **state)
{
    struct bench *b = *state;
    start(b);
    assert_true(commit_ok(b, 1, 100, 1, ALERT_RAISED, 1));
    assert_true(commit_ok(b, 2, 200, 1, ALERT_CLOSED, 0));
    end_store(b);
    unlink(b->place.mirror);
    start(b);
    assert_int_equal(b->told.n_commits, 2);
    end_store(b);
    damage(b, 0);
    start(b);
    assert_int_equal(b->told.state.alerts_file, STORE_FILE_SET_ASIDE);
    assert_int_equal(b->told.n_commits, 2);
    assert_int_equal(b->told.commit[0].alert.id, 200);
    assert_int_equal(b->told.commit[0].alert.state, ALERT_CLOSED);
    assert_int_equal(b->told.commit[1].alert.id, 100);
    assert_int_equal(b->told.commit[1].pending, 1);
    assert_int_equal(b->told.n_cursors, 1);
    assert_string_equal(b->told.cursor[0].detector, "call");
    end_store(b);
}

/* Alerts of full length, so that the table does not fit the cache. */
static void commit_long(struct bench *b, uint64_t id, uint32_t rev)
{
    struct alert alert = make_alert(id, rev, ALERT_RAISED);
    memset(alert.text_en, 'e', sizeof alert.text_en - 1);
    memset(alert.text_zh, 'z', sizeof alert.text_zh - 1);
    memset(alert.note, 'n', sizeof alert.note - 1);
    say_commit(b, id, &alert, 1);
    hear(b, FRAME_STORE_DONE);
    assert_int_equal(b->done.failed, 0);
}

static void alerts_found_damaged_while_running_go_on_in_a_new_file(void **state)
{
    struct bench *b = *state;
    start(b);
    for (uint64_t id = 1; id <= 250; id++)
        commit_long(b, id, 1);
    for (off_t page = 1; page < 200; page++)
        scribble(b->place.alerts, page * 4096, 4096);
    for (uint64_t id = 1; id <= 250; id++)
        commit_long(b, id, 2);
    assert_true(b->told.n_troubles >= 1);
    assert_string_equal(b->told.trouble[0], "store-corrupt");
    assert_true(count_files(&b->place, "alerts.db.corrupt-") >= 1);
    kill_store(b);
    unlink(b->place.mirror);
    start(b);
    assert_int_equal(b->told.state.alerts_file, STORE_FILE_OK);
    assert_in_range(b->told.n_commits, 250, 500);
    assert_int_equal(b->told.commit[(b->told.n_commits - 1) % 32].alert.id, 250);
    end_store(b);
}

static void a_cut_log_costs_its_last_commits_only(void **state)
{
    struct bench *b = *state;
    start(b);
    assert_true(commit_ok(b, 1, 100, 1, ALERT_RAISED, 1));
    assert_true(commit_ok(b, 2, 200, 1, ALERT_RAISED, 1));
    kill_store(b);
    unlink(b->place.mirror);
    char wal[160];
    snprintf(wal, sizeof wal, "%s-wal", b->place.alerts);
    struct stat info;
    assert_int_equal(stat(wal, &info), 0);
    assert_int_equal(truncate(wal, info.st_size - 100), 0);
    start(b);
    assert_int_equal(b->told.state.alerts_file, STORE_FILE_OK);
    assert_int_equal(b->told.n_commits, 1);
    assert_int_equal(b->told.commit[0].alert.id, 100);
    end_store(b);
}

static void damaged_history_is_set_aside_when_it_is_read_and_the_log_goes_on(void **state)
{
    struct bench *b = *state;
    start(b);
    for (uint64_t first = 1; first < 20000; first += 200)
        say_readings(b, first, 200, 0);
    say_readings(b, 20001, 1, READINGS_URGENT);
    do {
        hear_readings_done(b);
    } while (b->done.token < 20001);
    end_store(b);
    for (off_t page = 10; page < 60; page++)
        scribble(b->place.history, page * 4096, 4096);
    start(b);
    assert_int_equal(b->told.state.last_id, 20001);
    uint64_t next = 1;
    while (next != 0 && b->told.n_troubles == 0)
        next = ask(b, next, 3)->next_id;
    assert_int_equal(b->told.n_troubles, 1);
    assert_string_equal(b->told.trouble[0], "store-corrupt");
    assert_int_equal(count_files(&b->place, "history.db.corrupt-"), 1);
    say_readings(b, 20002, 2, READINGS_URGENT);
    hear_readings_done(b);
    assert_int_equal(b->done.failed, 0);
    assert_int_equal(ask(b, 1, 3)->n, 2);
    assert_true(commit_ok(b, 1, 100, 1, ALERT_RAISED, 1));
    end_store(b);
}

static void history_of_a_garbage_header_is_set_aside_at_the_start(void **state)
{
    struct bench *b = *state;
    start(b);
    say_readings(b, 1, 10, READINGS_URGENT);
    hear_readings_done(b);
    assert_true(commit_ok(b, 1, 100, 1, ALERT_RAISED, 1));
    end_store(b);
    scribble(b->place.history, 0, 4096);
    start(b);
    assert_int_equal(b->told.state.alerts_file, STORE_FILE_OK);
    assert_int_equal(b->told.state.history_file, STORE_FILE_SET_ASIDE);
    assert_true(b->told.state.last_id >= 10);
    assert_int_equal(b->told.n_commits, 1);
    end_store(b);
}

static void waiting_readings_are_in_the_history_too_and_boots_do_not_mix(void **state)
{
    struct bench *b = *state;
    b->batch_ms = 600000;
    start(b);
    struct frame_readings *readings = &frame_init(&b->frame, FRAME_READINGS)->readings;
    for (uint32_t i = 0; i < 6; i++) {
        readings->reading[i] = make_reading(i + 1, i == 5 ? SENSOR_HOME : 0, 1000, 1);
        readings->reading[i].boot = i < 4 ? 1 : 2;
    }
    frame_set_n(&b->frame, 6);
    say(b);
    const struct frame_history *history = ask(b, 1, 1);
    assert_int_equal(history->n, 4);
    assert_int_equal(history->next_id, 5);
    history = ask(b, 5, 1);
    assert_int_equal(history->n, 2);
    assert_int_equal(history->next_id, 0);
    assert_int_equal(history->reading[1].sensor, SENSOR_HOME);
    assert_int_equal(ask(b, 1, 2)->n, 1); /* of the other sensor nothing, of the home always */
    end_store(b);                         /* the end writes them */
    start(b);
    assert_int_equal(b->told.state.last_id, 6);
    end_store(b);
}

static void a_sensor_keeps_its_history_when_slots_change(void **state)
{
    struct bench *b = *state;
    start(b);
    say_readings(b, 1, 10, READINGS_URGENT);
    hear_readings_done(b);
    frame_init(&b->frame, FRAME_CONFIG_BEGIN);
    say(b);
    say_sensor(b, 7, "door");
    frame_init(&b->frame, FRAME_CONFIG_END);
    say(b);
    const struct frame_history *history = ask(b, 1, 1u << 7);
    assert_int_equal(history->n, 5);
    assert_int_equal(history->reading[0].sensor, 7);
    assert_int_equal(history->reading[1].id, 3);
    assert_int_equal(ask(b, 1, 3)->n, 0);
    end_store(b);
}

static void readings_that_come_again_are_kept_once(void **state)
{
    struct bench *b = *state;
    start(b);
    say_readings(b, 1, 10, READINGS_URGENT);
    hear_readings_done(b);
    say_readings(b, 1, 12, READINGS_URGENT);
    hear_readings_done(b);
    assert_int_equal(b->done.token, 12);
    assert_int_equal(b->done.failed, 0);
    assert_int_equal(ask(b, 1, 3)->n, 12);
    end_store(b);
}

static bool small_disk(struct bench *b)
{
    if (mount("tmpfs", b->place.directory, "tmpfs", 0, "size=600k") == 0)
        return true;
    print_message("no right to mount a small tmpfs: not tried\n");
    return false;
}

static void a_full_disk_fails_and_recovers_and_the_store_lives(void **state)
{
    struct bench *b = *state;
    if (!small_disk(b))
        skip();
    snprintf(b->place.mirror, sizeof b->place.mirror, "%s-mirror", b->place.directory);
    start(b);
    char filler[160];
    snprintf(filler, sizeof filler, "%s/filler", b->place.directory);
    int fd = open(filler, O_CREAT | O_WRONLY, 0600);
    char block[4096] = {1};
    while (write(fd, block, sizeof block) > 0) {
    }
    close(fd);
    bool ok = true;
    uint64_t token = 1;
    for (; token < 400 && ok; token++)
        ok = commit_ok(b, token, 1000 + token, 1, ALERT_RAISED, 1);
    assert_false(ok);
    say_readings(b, 1, 200, READINGS_URGENT);
    hear_readings_done(b);
    assert_true(b->told.n_troubles >= 1);
    assert_string_equal(b->told.trouble[0], "disk-full");
    unlink(filler);
    assert_true(commit_ok(b, 900, 5000, 1, ALERT_RAISED, 1));
    assert_true(b->told.n_over >= 1);
    do {
        say_readings(b, 201, 1, READINGS_URGENT);
        hear_readings_done(b);
    } while (b->done.failed);
    assert_int_equal(b->done.token, 201);
    assert_int_equal(ask(b, 101, 3)->n, 100);
    end_store(b);
    unlink(b->place.mirror);
}

static void say_boot(struct bench *b)
{
    frame_init(&b->frame, FRAME_STORE_BOOT)->boot = (struct frame_boot){1, 0, -700, 5, 1, 0};
    say(b);
}

static void on_a_read_only_disk_it_works_from_the_mirror_and_comes_back(void **state)
{
    struct bench *b = *state;
    if (!small_disk(b))
        skip();
    snprintf(b->place.mirror, sizeof b->place.mirror, "%s-mirror", b->place.directory);
    start(b);
    say_boot(b);
    assert_true(commit_ok(b, 1, 100, 1, ALERT_RAISED, 1));
    say_readings(b, 1, 10, READINGS_URGENT);
    hear_readings_done(b);
    kill_store(b);
    assert_int_equal(mount(NULL, b->place.directory, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
    start(b);
    assert_string_equal(b->told.trouble[0], "disk-read-only");
    assert_int_equal(b->told.n_commits, 1);
    assert_int_equal(b->told.state.last_id, 11);
    assert_int_equal(b->told.state.known_boot, 1);
    assert_false(commit_ok(b, 2, 200, 1, ALERT_RAISED, 1));
    say_readings(b, 12, 1, READINGS_URGENT);
    hear_readings_done(b);
    assert_int_equal(b->done.failed, 1);
    assert_int_equal(ask(b, 1, 3)->n, 1);
    assert_int_equal(mount(NULL, b->place.directory, NULL, MS_REMOUNT, NULL), 0);
    int status; /* it finds the disk well again and ends, to be started anew */
    assert_int_equal(waitpid(b->store.pid, &status, 0), b->store.pid);
    assert_int_equal(status, 0);
    close(b->store.channel);
    start(b);
    assert_int_equal(b->told.n_commits, 2); /* the second one from the mirror */
    assert_int_equal(b->told.commit[1].alert.id, 200);
    assert_int_equal(b->told.n_troubles, 0);
    assert_int_equal(b->told.state.stored_id, 10);
    assert_true(commit_ok(b, 3, 300, 1, ALERT_RAISED, 1));
    end_store(b);
    unlink(b->place.mirror);
}

static void say_forget(struct bench *b, uint64_t alert, uint32_t rev)
{
    frame_init(&b->frame, FRAME_STORE_FORGET)->forget = (struct frame_forget){.alert = alert, .rev = rev, .uplinks = 1};
    say(b);
}

/* alerts.db still holds it open, and the core that knew better is gone. */
static void an_alert_closed_without_the_disk_does_not_come_back_open(void **state)
{
    struct bench *b = *state;
    if (!small_disk(b))
        skip();
    snprintf(b->place.mirror, sizeof b->place.mirror, "%s-mirror", b->place.directory);
    start(b);
    say_boot(b);
    assert_true(commit_ok(b, 1, 100, 1, ALERT_RAISED, 1));
    say_readings(b, 1, 1, READINGS_URGENT);
    hear_readings_done(b);
    kill_store(b);
    assert_int_equal(mount(NULL, b->place.directory, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
    start(b);
    assert_false(commit_ok(b, 2, 100, 2, ALERT_CLOSED, 1));
    say_forget(b, 100, 2);
    assert_false(commit_ok(b, 3, 200, 1, ALERT_RAISED, 1)); /* what was forgotten has been committed with it */
    kill_store(b);
    assert_int_equal(mount(NULL, b->place.directory, NULL, MS_REMOUNT, NULL), 0);
    start(b);
    uint32_t state_of_100 = ALERT_CLOSED; /* in the newest revision, which is told last; or not at all */
    for (unsigned i = 0; i < b->told.n_commits; i++)
        if (b->told.commit[i].alert.id == 100)
            state_of_100 = b->told.commit[i].alert.state;
    assert_int_equal(state_of_100, ALERT_CLOSED);
    end_store(b);
    unlink(b->place.mirror);
}

static unsigned count_mirrored(const struct mirror *mirror, struct alert *last)
{
    unsigned place = 0, n = 0;
    uint32_t pending;
    while (mirror_next(mirror, &place, last, &pending))
        n++;
    return n;
}

/* A start without the disk must know it as closed. */
static void the_mirror_keeps_a_closing_until_the_disk_has_it_and_a_day_longer(void **state)
{
    struct bench *b = *state;
    struct mirror *mirror;
    struct alert alert;
    bool in_file;
    start(b);
    assert_true(commit_ok(b, 1, 100, 1, ALERT_RAISED, 1));
    assert_true(commit_ok(b, 2, 100, 2, ALERT_CLOSED, 1));
    say_forget(b, 100, 1);
    say_forget(b, 100, 2);
    say_readings(b, 1, 1, READINGS_URGENT);
    hear_readings_done(b); /* it has read what was forgotten, and not written it */
    mirror = mirror_open(b->place.mirror, &in_file);
    assert_non_null(mirror);
    assert_int_equal(count_mirrored(mirror, &alert), 1);
    assert_int_equal(alert.state, ALERT_CLOSED);
    struct alert later = make_alert(200, 1, ALERT_CLOSED);
    later.at = alert.at + ALERTS_CLOSED_TOLD_MS - 1;
    say_commit(b, 3, &later, 0);
    assert_true(hear_commit_done(b, 3));
    assert_int_equal(count_mirrored(mirror, &alert), 2);
    later.id = 300;
    later.at++;
    say_commit(b, 4, &later, 0);
    assert_true(hear_commit_done(b, 4));
    assert_int_equal(count_mirrored(mirror, &alert), 2); /* 200 and 300 */
    mirror_close(mirror);
    end_store(b);
}

static void a_disk_that_refuses_writes_is_tried_again_until_it_takes_them(void **state)
{
    struct bench *b = *state;
    start(b);
    struct rlimit before;
    assert_int_equal(prlimit(b->store.pid, RLIMIT_FSIZE, NULL, &before), 0);
    struct rlimit none = {0, before.rlim_max};
    assert_int_equal(prlimit(b->store.pid, RLIMIT_FSIZE, &none, NULL), 0); /* every growing write fails: EFBIG */
    assert_false(commit_ok(b, 1, 100, 1, ALERT_RAISED, 1));
    say_readings(b, 1, 3, READINGS_URGENT);
    hear_readings_done(b);
    assert_int_equal(b->done.failed, 1);
    assert_int_equal(ask(b, 1, 3)->n, 3); /* they wait in memory */
    assert_string_equal(b->told.trouble[0], "disk-error");
    assert_int_equal(prlimit(b->store.pid, RLIMIT_FSIZE, &before, NULL), 0);
    hear_readings_done(b); /* by itself */
    assert_int_equal(b->done.failed, 0);
    assert_int_equal(b->done.token, 3);
    assert_true(commit_ok(b, 2, 100, 1, ALERT_RAISED, 1));
    end_store(b);
}

static void without_a_directory_it_waits_and_tells_and_begins_when_it_is_there(void **state)
{
    struct bench *b = *state;
    assert_int_equal(rmdir(b->place.directory), 0);
    snprintf(b->place.mirror, sizeof b->place.mirror, "%s-mirror", b->place.directory);
    spawn(b);
    configure(b, BOOT_1);
    hear(b, FRAME_TROUBLE);
    assert_string_equal(b->frame.trouble.kind, "disk-error");
    assert_int_equal(mkdir(b->place.directory, 0700), 0);
    hear_start(b);
    assert_true(commit_ok(b, 1, 100, 1, ALERT_RAISED, 1));
    end_store(b);
    unlink(b->place.mirror);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_a_done_covers_survives_sigkill, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_batch_is_on_the_disk_within_its_time_and_keeps_no_keys, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_pending_revision_comes_back_until_it_is_forgotten, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_the_gateway_said_of_itself_and_is_over_is_not_told_at_a_start, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_older_pending_revision_does_not_hide_the_closing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(labels_from_before_the_first_sync_are_corrected, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_boot_keeps_its_number_and_offset, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_first_cursor_of_a_detector_is_written_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(open_alerts_come_back_from_the_mirror_whatever_the_damage, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_mirror_knows_what_the_disk_knew_before_the_power_was_cut, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(alerts_found_damaged_while_running_go_on_in_a_new_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_cut_log_costs_its_last_commits_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(damaged_history_is_set_aside_when_it_is_read_and_the_log_goes_on, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(history_of_a_garbage_header_is_set_aside_at_the_start, set_up, tear_down),
        cmocka_unit_test_setup_teardown(waiting_readings_are_in_the_history_too_and_boots_do_not_mix, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_sensor_keeps_its_history_when_slots_change, set_up, tear_down),
        cmocka_unit_test_setup_teardown(readings_that_come_again_are_kept_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_full_disk_fails_and_recovers_and_the_store_lives, set_up, tear_down),
        cmocka_unit_test_setup_teardown(on_a_read_only_disk_it_works_from_the_mirror_and_comes_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_alert_closed_without_the_disk_does_not_come_back_open, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_mirror_keeps_a_closing_until_the_disk_has_it_and_a_day_longer, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_disk_that_refuses_writes_is_tried_again_until_it_takes_them, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(without_a_directory_it_waits_and_tells_and_begins_when_it_is_there, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
