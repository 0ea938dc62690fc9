/* The last accepted configuration: one file that loads alone, exchanged whole or not at all. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "daemon/lastgood.h"

struct place {
    char root[64], state[80], config[80], part[80], copy[128];
    bool good;
    unsigned asked;
    char error[512];
};

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static const char *read_file(const char *path, char *text, size_t size)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t n = fread(text, 1, size - 1, file);
    text[n] = '\0';
    fclose(file);
    return text;
}

static int make_place(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    strcpy(place->root, "/tmp/gatewayd-good-XXXXXX");
    assert_non_null(mkdtemp(place->root));
    snprintf(place->state, sizeof place->state, "%s/state", place->root);
    snprintf(place->config, sizeof place->config, "%s/main.conf", place->root);
    snprintf(place->part, sizeof place->part, "%s/part.conf", place->root);
    assert_int_equal(mkdir(place->state, 0750), 0);
    lastgood_path(place->state, place->copy, sizeof place->copy);
    write_file(place->config, "a = 1;\n@include \"part.conf\"\nb = \"@include\";\n");
    write_file(place->part, "part = 2; # no newline here");
    place->good = true;
    *state = place;
    return 0;
}

static int remove_place(void **state)
{
    struct place *place = *state;
    chmod(place->state, 0750);
    unlink(place->copy);
    unlink(place->config);
    unlink(place->part);
    rmdir(place->state);
    rmdir(place->root);
    free(place);
    return 0;
}

static bool judge(void *context, const char *path)
{
    struct place *place = context;
    place->asked++;
    assert_int_equal(access(path, R_OK), 0);
    return place->good;
}

static int store(struct place *place)
{
    return lastgood_store(place->state, place->config, judge, place, place->error, sizeof place->error);
}

static unsigned entries(const char *directory)
{
    DIR *open_directory = opendir(directory);
    assert_non_null(open_directory);
    unsigned n = 0;
    const struct dirent *entry = NULL;
    while ((entry = readdir(open_directory)))
        n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(open_directory);
    return n;
}

static void a_copy_that_does_not_load_never_replaces_the_old_one(void **state)
{
    struct place *place = *state;
    char before[512], after[512];
    assert_int_equal(store(place), 0);
    read_file(place->copy, before, sizeof before);
    write_file(place->config, "a = 3;\n");
    place->good = false;
    assert_int_equal(store(place), -1);
    assert_non_null(strstr(place->error, "does not load"));
    assert_string_equal(read_file(place->copy, after, sizeof after), before);
    assert_int_equal(entries(place->state), 1); /* and nothing lies about */
}

static void a_missing_include_keeps_the_old_copy(void **state)
{
    struct place *place = *state;
    assert_int_equal(store(place), 0);
    unlink(place->part);
    assert_int_equal(store(place), -1);
    assert_int_equal(access(place->copy, R_OK), 0);
}

static void the_copy_holds_what_was_included(void **state)
{
    struct place *place = *state;
    char text[512];
    assert_int_equal(store(place), 0);
    read_file(place->copy, text, sizeof text);
    assert_non_null(strstr(text, "a = 1;"));
    assert_non_null(strstr(text, "part = 2;"));
    assert_non_null(strstr(text, "\nb = \"@include\";"));
    assert_null(strstr(text, "part.conf"));
}

static void only_the_gateway_s_user_can_read_it(void **state)
{
    struct place *place = *state;
    struct stat status;
    umask(0);
    assert_int_equal(store(place), 0);
    assert_int_equal(stat(place->copy, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
}

static void the_same_text_is_not_written_again(void **state)
{
    struct place *place = *state;
    struct stat before, after;
    assert_int_equal(store(place), 0);
    assert_int_equal(stat(place->copy, &before), 0);
    assert_int_equal(store(place), 0);
    assert_int_equal(stat(place->copy, &after), 0);
    assert_true(before.st_ino == after.st_ino && place->asked == 1);
    write_file(place->part, "part = 2; # no newline her"); /* a shorter one is another one */
    assert_int_equal(store(place), 0);
    assert_int_equal(place->asked, 2);
}

static void a_directory_that_cannot_be_written_is_told(void **state)
{
    struct place *place = *state;
    char elsewhere[128];
    snprintf(elsewhere, sizeof elsewhere, "%s/none", place->root);
    assert_int_equal(lastgood_store(elsewhere, place->config, judge, place, place->error, sizeof place->error), -1);
    assert_non_null(strstr(place->error, "cannot write"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_copy_that_does_not_load_never_replaces_the_old_one, make_place, remove_place),
        cmocka_unit_test_setup_teardown(a_missing_include_keeps_the_old_copy, make_place, remove_place),
        cmocka_unit_test_setup_teardown(the_copy_holds_what_was_included, make_place, remove_place),
        cmocka_unit_test_setup_teardown(only_the_gateway_s_user_can_read_it, make_place, remove_place),
        cmocka_unit_test_setup_teardown(the_same_text_is_not_written_again, make_place, remove_place),
        cmocka_unit_test_setup_teardown(a_directory_that_cannot_be_written_is_told, make_place, remove_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
