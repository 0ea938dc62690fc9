/* The store, with the n-th allocation, file operation, write or fsync failing, its own or SQLite's, for every n. A
 * whole store runs in a process of its own on files in memory, as it would under the core. Afterwards the mirror is
 * lost too, as by a power cut, and another store on the same files must know everything that the first had confirmed.
 */
#include "check.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/text.h"
#include "fake_channel.h"
#include "points.h"
#include "store.h"
#include "wrap_sqlite.h"

#define ALERTS   4
#define READINGS 16

/* What the store has confirmed, or knows, seen from outside its process. */
struct seen {
    bool ready;
    uint32_t rev[ALERTS];     /* confirmed (told) revision by alert id - 1 */
    bool reading[READINGS];   /* by id - 1 */
    uint32_t token_rev[32];   /* what a token's commit was */
    uint32_t token_alert[32]; /* 0: none */
};

static struct seen *seen; /* shared with the child */
static char folder[64];

/* ---- what the core says ---- */

static void configure(struct frame *frame)
{
    frame_init(frame, FRAME_STORE_CONFIG);
    struct frame_store_config *config = &frame->store_config;
    text_copy(config->directory, sizeof config->directory, folder);
    (void)snprintf(config->mirror, sizeof config->mirror, "%s/mirror", folder);
    config->history_days = 60;
    config->history_mib = 8;
    config->batch_ms = 100;
    text_copy(config->boot_id, sizeof config->boot_id, "11111111-2222-3333-4444-555555555555");
    fake_first(frame);
    frame_sample(frame, FRAME_SENSOR);
    fake_first(frame);
    fake_first(frame_init(frame, FRAME_CONFIG_END));
}

static void say_commit(struct frame *frame, uint32_t token, uint32_t alert, uint32_t rev)
{
    struct frame_commit *commit = &frame_sample(frame, FRAME_STORE_COMMIT)->commit;
    commit->token = token;
    commit->pending = 1;
    commit->has_cursor = 1;
    commit->cursor.reading = token;
    commit->cursor.until = 1000 + token;
    commit->alert.id = alert;
    commit->alert.rev = rev;
    commit->alert.n_evidence = 1;
    text_copy(commit->alert.evidence[0].sensor, NAME_SIZE, "door");
    seen->token_alert[token] = alert;
    seen->token_rev[token] = rev;
    fake_first(frame);
}

static void say_readings(struct frame *frame, uint64_t first, unsigned n, bool urgent)
{
    frame_init(frame, FRAME_READINGS)->readings.flags = urgent ? READINGS_URGENT : 0;
    for (unsigned i = 0; i < n; i++)
        frame->readings.reading[i] = (struct reading){.id = first + i,
                                                      .origin = (UINT64_C(3) << 32) + first + i,
                                                      .source_key = urgent ? first + i : 0,
                                                      .at = (int64_t)(1000 * (first + i)),
                                                      .boot = 1};
    frame_set_n(frame, n);
    fake_first(frame);
}

/* Commits, alone and several in one transaction; readings, urgent ones and others; a boot, cursors, a forget. */
static void life(struct frame *frame)
{
    frame_init(frame, FRAME_STORE_BOOT)->boot.boot = 1;
    fake_first(frame);
    say_readings(frame, 1, 2, true);
    fake_first(NULL);
    say_commit(frame, 1, 1, 1);
    fake_first(NULL);
    say_commit(frame, 2, 2, 1);
    say_commit(frame, 3, 1, 2);
    say_readings(frame, 3, 4, false);
    fake_first(NULL);
    frame_sample(frame, FRAME_STORE_FORGET)->forget = (struct frame_forget){.alert = 1, .rev = 1, .uplinks = 1};
    fake_first(frame);
    fake_first(frame_sample(frame, FRAME_STORE_CURSOR));
    fake_first(NULL);
    say_readings(frame, 7, 1, true);
    say_commit(frame, 4, 3, 1);
    fake_first(NULL);
    fake_first(NULL);
}

/* ---- what the store says ---- */

static void on_sent(const struct frame *frame)
{
    if (frame->header.type == FRAME_READY)
        seen->ready = true;
    if (frame->header.type != FRAME_STORE_DONE || frame->done.failed)
        return;
    uint64_t token = frame->done.token;
    if (frame->done.what == STORE_DONE_READINGS) {
        for (uint64_t id = 1; id <= token && id <= READINGS; id++)
            seen->reading[id - 1] = true;
        return;
    }
    uint32_t alert = seen->token_alert[token];
    if (alert && seen->token_rev[token] > seen->rev[alert - 1])
        seen->rev[alert - 1] = seen->token_rev[token];
}

static void on_known(const struct frame *frame)
{
    if (frame->header.type == FRAME_READY)
        seen->ready = true;
    if (frame->header.type == FRAME_STORE_COMMIT) {
        const struct alert *alert = &frame->commit.alert;
        if (alert->id <= ALERTS && alert->rev > seen->rev[alert->id - 1])
            seen->rev[alert->id - 1] = alert->rev;
    }
    for (uint32_t i = 0; frame->header.type == FRAME_HISTORY && i < frame->history.n; i++)
        if (frame->history.reading[i].id <= READINGS)
            seen->reading[frame->history.reading[i].id - 1] = true;
}

/* ---- one run ---- */

static void run_store(unsigned kinds, unsigned n, bool all)
{
    static struct frame frame;
    fake_begin((struct input){NULL, NULL}, NULL, NULL);
    fake.exits = true;
    fake.on_sent = n ? on_sent : on_known;
    configure(&frame);
    fake_first(NULL);
    if (n) {
        life(&frame);
        points_arm(kinds, n, all);
    } else {
        fake_first(frame_sample(&frame, FRAME_HISTORY_QUERY));
    }
    int status = store_run(CHANNEL_FD);
    bool hit = points_disarm();
    fake_end();
    exit(hit ? status : status + 2); /* 2: the sweep is at its end */
}

/* Its exit status. */
static int in_child(unsigned kinds, unsigned n, bool all)
{
    memset(seen, 0, sizeof *seen);
    (void)fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        run_store(kinds, n, all);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFEXITED(status) || (WEXITSTATUS(status) > 3 && WEXITSTATUS(status) != EX_OSERR))
        fail_msg("point %u: the store ended with status 0x%x", n, (unsigned)status);
    return WEXITSTATUS(status);
}

/* All of them, or only what a power cut takes. A file that was healthy must not have been set aside. */
static void remove_files(unsigned n, bool all)
{
    char aside[256] = "";
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        bool is_aside = strstr(entry->d_name, "corrupt") != NULL;
        if (is_aside)
            (void)snprintf(aside, sizeof aside, "%s", entry->d_name);
        if (is_aside || (all ? entry->d_name[0] != '.' : strcmp(entry->d_name, "mirror") == 0))
            (void)unlinkat(dirfd(dir), entry->d_name, 0);
    }
    (void)closedir(dir);
    if (aside[0])
        fail_msg("point %u: a healthy file was set aside as %s", n, aside);
}

static int remove_all(void **state)
{
    (void)state;
    remove_files(0, true);
    return 0;
}

static void check_known(unsigned n, const struct seen *confirmed)
{
    remove_files(n, false);
    (void)in_child(0, 0, false);
    if (!seen->ready)
        fail_msg("point %u: the store does not start afterwards", n);
    for (unsigned i = 0; i < ALERTS; i++)
        if (seen->rev[i] < confirmed->rev[i])
            fail_msg("point %u: revision %u of alert %u was confirmed and is lost", n, confirmed->rev[i], i + 1);
    for (unsigned i = 0; i < READINGS; i++)
        if (confirmed->reading[i] && !seen->reading[i])
            fail_msg("point %u: reading %u was confirmed and is lost", n, i + 1);
}

static unsigned sweep(const char *what, unsigned kinds, bool all, unsigned step)
{
    unsigned n = 1, points = 0, ended = 0;
    for (int status = 0; status < 2 || status == EX_OSERR; n = points_next(n, step)) {
        status = in_child(kinds, n, all);
        struct seen confirmed = *seen;
        if (status != 2 && status != 3) {
            points++;
            ended += status != 0;
        } else if (confirmed.rev[0] != 2 || confirmed.rev[2] != 1 || !confirmed.reading[6]) {
            fail_msg("without a failure not everything was confirmed");
        }
        check_known(n, &confirmed);
        remove_files(n, true);
    }
    print_message("%s: %u points up to number %u; %u ended the process\n", what, points, n - 1, ended);
    return points;
}

static void our_own_memory_and_files(void **state)
{
    (void)state;
    assert_true(sweep("own calls", POINT_MEMORY | POINT_FILE, false, 1) > 20);
    assert_true(sweep("own calls, all from there on", POINT_MEMORY | POINT_FILE, true, 7) > 20);
}

static void each_write_and_fsync_of_the_databases(void **state)
{
    (void)state;
    assert_true(sweep("disk", POINT_LIBRARY_FILE, false, 7) > 40);
}

static void a_disk_that_is_gone_from_any_moment_on(void **state)
{
    (void)state;
    assert_true(sweep("disk gone", POINT_LIBRARY_FILE, true, 11) > 40);
}

static void each_allocation_of_the_databases(void **state)
{
    (void)state;
    assert_true(sweep("SQLite's memory", POINT_LIBRARY_MEMORY, false, 41) > 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(our_own_memory_and_files, remove_all),
        cmocka_unit_test_teardown(each_write_and_fsync_of_the_databases, remove_all),
        cmocka_unit_test_teardown(a_disk_that_is_gone_from_any_moment_on, remove_all),
        cmocka_unit_test_teardown(each_allocation_of_the_databases, remove_all),
    };
    wrap_sqlite();
    seen = mmap(NULL, sizeof *seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    (void)snprintf(folder, sizeof folder, "/dev/shm/gw-sweep-XXXXXX");
    if (seen == MAP_FAILED || !mkdtemp(folder))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)rmdir(folder);
    return failed;
}
