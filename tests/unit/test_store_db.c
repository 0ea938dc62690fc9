/* db.h: versions and migrations, foreign and newer files. */
#include "check.h"

#include "alerts_db.h"
#include "aside.h"
#include "db.h"
#include "store_things.h"

static const char *const STEPS[] = {
    "CREATE TABLE things(name TEXT NOT NULL)",
    "ALTER TABLE things ADD COLUMN size INTEGER NOT NULL DEFAULT 7; CREATE INDEX by_size ON things(size)",
    "THIS IS NOT SQL",
};

static const struct db_kind V1 = {
    .application_id = 99, .migrations = STEPS, .version = 1, .cache_kib = 64, .wal_pages = 100, .full_check = true};
static const struct db_kind V2 = {
    .application_id = 99, .migrations = STEPS, .version = 2, .cache_kib = 64, .wal_pages = 100, .full_check = true};
static const struct db_kind BROKEN = {
    .application_id = 99, .migrations = STEPS, .version = 3, .cache_kib = 64, .wal_pages = 100, .full_check = true};
static const struct db_kind OTHER = {
    .application_id = 98, .migrations = STEPS, .version = 2, .cache_kib = 64, .wal_pages = 100, .full_check = true};

static struct place place;

static int set_up(void **state)
{
    (void)state;
    place_make(&place);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    place_remove(&place);
    return 0;
}

static void make_v1(void)
{
    struct db *db;
    bool is_new;
    assert_int_equal(db_open(place.alerts, &V1, &db, &is_new), DB_OK);
    assert_true(is_new);
    assert_int_equal(db_exec(db, "INSERT INTO things VALUES('lamp')"), DB_OK);
    db_close(db);
}

static void a_version_1_file_becomes_version_2_with_its_rows(void **state)
{
    (void)state;
    make_v1();
    struct db *db;
    bool is_new;
    int64_t value;
    assert_int_equal(db_open(place.alerts, &V2, &db, &is_new), DB_OK);
    assert_false(is_new);
    assert_int_equal(db_number(db, "SELECT size FROM things WHERE name = 'lamp'", &value), DB_OK);
    assert_int_equal(value, 7);
    assert_int_equal(db_number(db, "PRAGMA user_version", &value), DB_OK);
    assert_int_equal(value, 2);
    db_close(db);
}

static void a_migration_that_fails_changes_nothing(void **state)
{
    (void)state;
    make_v1();
    struct db *db;
    bool is_new;
    int64_t value;
    assert_int_not_equal(db_open(place.alerts, &BROKEN, &db, &is_new), DB_OK);
    assert_null(db);
    assert_int_equal(db_open(place.alerts, &V2, &db, &is_new), DB_OK);
    assert_int_equal(db_number(db, "SELECT count(*) FROM things", &value), DB_OK);
    assert_int_equal(value, 1);
    db_close(db);
}

static void newer_and_foreign_files_are_told_apart_and_left_alone(void **state)
{
    (void)state;
    make_v1();
    struct db *db;
    bool is_new;
    assert_int_equal(db_open(place.alerts, &OTHER, &db, &is_new), DB_CORRUPT);
    assert_int_equal(db_open(place.alerts, &V2, &db, &is_new), DB_OK);
    db_close(db);
    assert_int_equal(db_open(place.alerts, &V1, &db, &is_new), DB_NEWER);
    assert_null(db);
}

static void what_is_no_database_is_refused(void **state)
{
    (void)state;
    struct db *db;
    bool is_new;
    FILE *file = fopen(place.alerts, "w");
    assert_non_null(file);
    assert_int_equal(db_open(place.alerts, &V1, &db, &is_new), DB_CORRUPT); /* empty */
    for (int i = 0; i < 3000; i++)
        fputs("no database", file);
    fclose(file);
    assert_int_equal(db_open(place.alerts, &V1, &db, &is_new), DB_CORRUPT);
    assert_int_equal(db_open("/nonexistent/x.db", &V1, &db, &is_new), DB_IO);
    assert_null(db);
}

static void set_aside_files_are_bounded_and_the_newest_stay(void **state)
{
    (void)state;
    char name[5][128];
    for (int i = 0; i < 5; i++) {
        FILE *file = fopen(place.alerts, "w");
        fprintf(file, "%d", i);
        fclose(file);
        assert_int_equal(aside_set(place.alerts, "corrupt", name[i], sizeof name[i]), 0);
    }
    assert_int_equal(count_files(&place, "alerts.db"), ASIDE_KEEP);
    char path[256];
    snprintf(path, sizeof path, "%s/%s", place.directory, name[4]);
    assert_int_equal(access(path, F_OK), 0);
    snprintf(path, sizeof path, "%s/%s", place.directory, name[1]);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_equal(aside_set(place.alerts, "corrupt", name[0], sizeof name[0]), -1); /* there is none */
}

static void count(void *context, const struct frame_commit *commit)
{
    (void)commit;
    ++*(unsigned *)context;
}

static void rows_that_make_no_sense_are_counted_and_left_out(void **state)
{
    (void)state;
    struct alerts_db *alerts;
    bool is_new;
    static struct frame_commit commit;
    assert_int_equal(alerts_db_open(place.alerts, &alerts, &is_new), DB_OK);
    for (uint64_t id = 1; id <= 3; id++) {
        commit = (struct frame_commit){.pending = 1, .alert = make_alert(id, 1, ALERT_RAISED)};
        assert_int_equal(alerts_db_put(alerts, &commit), DB_OK);
    }
    assert_int_equal(alerts_db_commit(alerts), DB_OK);
    alerts_db_close(alerts);
    char command[256];
    snprintf(command, sizeof command,
             "sqlite3 '%s' \"UPDATE alerts SET state = 77 WHERE id = 1;"
             " UPDATE evidence SET value = 'x' WHERE alert = 2\"",
             place.alerts);
    assert_int_equal(system(command), 0);
    assert_int_equal(alerts_db_open(place.alerts, &alerts, &is_new), DB_OK);
    unsigned good = 0, bad = 0;
    assert_int_equal(alerts_db_each(alerts, &commit, count, &good, &bad), DB_OK);
    assert_int_equal(good, 1);
    assert_int_equal(bad, 2);
    alerts_db_close(alerts);
}

/* The core refuses a state of the store in which it stands, and would kill each store that tells it. */
static void a_boot_whose_row_makes_no_sense_is_a_new_one(void **state)
{
    (void)state;
    static const struct frame_boot rows[] = {
        {.boot = 3, .raised_from = 900, .raised_by = 800},
        {.boot = 3, .raised_from = -900},
        {.boot = 3, .raised_by = INT64_MAX},
        {.boot = 3, .boot_offset = INT64_MIN},
        {.boot = 0},
    };
    struct alerts_db *alerts;
    struct frame_boot found;
    bool is_new;
    assert_int_equal(alerts_db_open(place.alerts, &alerts, &is_new), DB_OK);
    for (unsigned i = 0; i < COUNT(rows); i++) {
        assert_int_equal(alerts_db_put_boot(alerts, &rows[i], "a boot"), DB_OK);
        assert_int_equal(alerts_db_find_boot(alerts, "a boot", &found), i == 0 ? DB_ROW : DB_OK);
        assert_int_equal(alerts_db_label(alerts, 3, &found), i == 0);
    }
    alerts_db_close(alerts);
}

static int64_t count_rows(const char *where)
{
    char command[256], text[32] = "";
    snprintf(command, sizeof command, "sqlite3 '%s' 'SELECT count(*) FROM %s'", place.alerts, where);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    assert_non_null(fgets(text, sizeof text, pipe));
    pclose(pipe);
    return atoll(text);
}

static void closed_alerts_are_bounded_and_open_ones_stay(void **state)
{
    (void)state;
    struct alerts_db *alerts;
    bool is_new;
    static struct frame_commit commit;
    assert_int_equal(alerts_db_open(place.alerts, &alerts, &is_new), DB_OK);
    for (uint64_t id = 1; id <= ALERTS_CLOSED_MAX + 300; id++) {
        commit.alert = make_alert(id, 1, id <= 60 ? ALERT_RAISED : ALERT_CLOSED);
        commit.alert.at = 2000 + (int64_t)id;
        assert_int_equal(alerts_db_put(alerts, &commit), DB_OK);
    }
    assert_int_equal(alerts_db_commit(alerts), DB_OK);
    alerts_db_close(alerts);
    assert_int_equal(count_rows("alerts WHERE state = 1"), 60);
    assert_in_range(count_rows("alerts WHERE live = 0"), ALERTS_CLOSED_MAX - 1, ALERTS_CLOSED_MAX + 1);
    assert_int_equal(count_rows("alerts WHERE id = 61"), 0);
    assert_int_equal(count_rows("evidence WHERE alert NOT IN (SELECT row FROM alerts)"), 0);
    assert_int_equal(alerts_db_open(place.alerts, &alerts, &is_new), DB_OK);
    commit.alert = make_alert(9999, 1, ALERT_CLOSED);
    commit.alert.at = 2000 + ALERTS_CLOSED_MAX + ALERTS_CLOSED_MS;
    for (int i = 0; i < 100; i++) {
        commit.alert.id++;
        assert_int_equal(alerts_db_put(alerts, &commit), DB_OK);
    }
    assert_int_equal(alerts_db_commit(alerts), DB_OK);
    alerts_db_close(alerts);
    assert_in_range(count_rows("alerts WHERE live = 0"), 100, 600);
}

/* Those of a detector that was taken out of the configuration. */
static void so_are_cancelled_ones(void **state)
{
    (void)state;
    struct alerts_db *alerts;
    bool is_new;
    static struct frame_commit commit;
    assert_int_equal(alerts_db_open(place.alerts, &alerts, &is_new), DB_OK);
    commit.alert = make_alert(1, 1, ALERT_CANCELLED);
    assert_int_equal(alerts_db_put(alerts, &commit), DB_OK);
    assert_int_equal(alerts_db_commit(alerts), DB_OK);
    alerts_db_close(alerts);
    assert_int_equal(count_rows("alerts WHERE live = 0"), 1);
    assert_int_equal(alerts_db_open(place.alerts, &alerts, &is_new), DB_OK);
    commit.alert = make_alert(1, 2, ALERT_RAISED); /* the detector is back */
    assert_int_equal(alerts_db_put(alerts, &commit), DB_OK);
    assert_int_equal(alerts_db_commit(alerts), DB_OK);
    alerts_db_close(alerts);
    assert_int_equal(count_rows("alerts WHERE live = 1"), 1);
    assert_int_equal(count_rows("alerts"), 1);
}

static void closed_alerts_of_the_last_day_are_told_at_the_start_the_newest_only(void **state)
{
    (void)state;
    struct alerts_db *alerts;
    bool is_new;
    static struct frame_commit commit;
    const int64_t day = 86400000;
    assert_int_equal(alerts_db_open(place.alerts, &alerts, &is_new), DB_OK);
    for (uint64_t id = 1; id <= 200; id++) {
        commit.alert = make_alert(id, 1, id == 7 ? ALERT_RAISED : ALERT_CLOSED);
        commit.alert.at = id <= 10 ? 1000 : 2000 + day + (int64_t)id; /* the first ten are of the day before */
        assert_int_equal(alerts_db_put(alerts, &commit), DB_OK);
    }
    unsigned good = 0, bad = 0;
    assert_int_equal(alerts_db_each(alerts, &commit, count, &good, &bad), DB_OK);
    assert_int_equal(good, 64 + 1);       /* and the open one, however old */
    assert_int_equal(commit.alert.id, 7); /* last: nothing that is over takes its room */
    assert_int_equal(bad, 0);
    alerts_db_close(alerts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_version_1_file_becomes_version_2_with_its_rows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_migration_that_fails_changes_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(newer_and_foreign_files_are_told_apart_and_left_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_database_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(set_aside_files_are_bounded_and_the_newest_stay, set_up, tear_down),
        cmocka_unit_test_setup_teardown(closed_alerts_of_the_last_day_are_told_at_the_start_the_newest_only, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(closed_alerts_are_bounded_and_open_ones_stay, set_up, tear_down),
        cmocka_unit_test_setup_teardown(so_are_cancelled_ones, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_boot_whose_row_makes_no_sense_is_a_new_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rows_that_make_no_sense_are_counted_and_left_out, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
