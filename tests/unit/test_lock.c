/* One gateway per state directory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "daemon/lock.h"

struct place {
    char root[64], state[128];
};

static int make_place(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    strcpy(place->root, "/tmp/gatewayd-lock-XXXXXX");
    assert_non_null(mkdtemp(place->root));
    snprintf(place->state, sizeof place->state, "%s/state", place->root);
    *state = place;
    return 0;
}

static int remove_place(void **state)
{
    struct place *place = *state;
    rmdir(place->state);
    rmdir(place->root);
    free(place);
    return 0;
}

static void a_second_gateway_is_refused_and_told_who_holds_it(void **state)
{
    struct place *place = *state;
    char error[512] = "", pid[32];
    struct lock *first = lock_take(place->state, error, sizeof error);
    assert_non_null(first);
    assert_null(lock_take(place->state, error, sizeof error));
    snprintf(pid, sizeof pid, "(pid %d)", (int)getpid());
    assert_non_null(strstr(error, place->state));
    assert_non_null(strstr(error, pid));
    lock_release(first);
    struct lock *second = lock_take(place->state, error, sizeof error);
    assert_non_null(second);
    lock_release(second);
}

static void a_file_in_the_directory_s_place_is_an_error(void **state)
{
    struct place *place = *state;
    char error[512] = "";
    FILE *file = fopen(place->state, "w");
    assert_non_null(file);
    fclose(file);
    assert_null(lock_take(place->state, error, sizeof error));
    assert_non_null(strstr(error, "Not a directory"));
    unlink(place->state);
}

static void a_missing_parent_is_an_error(void **state)
{
    struct place *place = *state;
    char error[512] = "", deep[200];
    snprintf(deep, sizeof deep, "%s/no/state", place->root);
    assert_null(lock_take(deep, error, sizeof error));
    assert_non_null(strstr(error, "No such file"));
    lock_release(NULL);
}

static void the_directory_is_made_for_its_owner(void **state)
{
    struct place *place = *state;
    char error[512] = "";
    struct stat status;
    umask(0);
    struct lock *lock = lock_take(place->state, error, sizeof error);
    assert_non_null(lock);
    assert_int_equal(stat(place->state, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0750);
    lock_release(lock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_second_gateway_is_refused_and_told_who_holds_it, make_place, remove_place),
        cmocka_unit_test_setup_teardown(a_file_in_the_directory_s_place_is_an_error, make_place, remove_place),
        cmocka_unit_test_setup_teardown(a_missing_parent_is_an_error, make_place, remove_place),
        cmocka_unit_test_setup_teardown(the_directory_is_made_for_its_owner, make_place, remove_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
