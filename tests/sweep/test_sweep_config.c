/* The configuration, with the n-th allocation or file operation failing, for every n: an error is told, and there are
 * no settings; or all of them. */
#include "config/help.h"
#include "points.h"

/* libconfig 1.5 loses the pieces of a text when it meets a syntax error; that is not ours to mend. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libconfig.so\nleak:libconfig_\n";
}

static bool same_detectors(const struct settings *a, const struct settings *b)
{
    for (uint32_t i = 0; i < a->n_detectors; i++)
        if (strcmp(a->detectors[i].name, b->detectors[i].name) != 0 ||
            a->detectors[i].n_settings != b->detectors[i].n_settings ||
            memcmp(a->detectors[i].settings, b->detectors[i].settings,
                   a->detectors[i].n_settings * sizeof(struct frame_setting)) != 0)
            return false;
    return true;
}

static bool same(const struct settings *a, const struct settings *b)
{
    return a->n_sensors == b->n_sensors && a->n_detectors == b->n_detectors && a->n_uplinks == b->n_uplinks &&
           a->n_outputs == b->n_outputs && strcmp(a->home, b->home) == 0 && strcmp(a->timezone, b->timezone) == 0 &&
           memcmp(&a->mqtt, &b->mqtt, sizeof a->mqtt) == 0 && memcmp(&a->store, &b->store, sizeof a->store) == 0 &&
           memcmp(a->sensors, b->sensors, a->n_sensors * sizeof *a->sensors) == 0 &&
           memcmp(a->uplinks, b->uplinks, a->n_uplinks * sizeof *a->uplinks) == 0 &&
           memcmp(a->outputs, b->outputs, a->n_outputs * sizeof *a->outputs) == 0 && same_detectors(a, b);
}

/* Of a file that is good without failures, and of one with twenty errors. */
static unsigned sweep(const char *path, bool all_after)
{
    struct loaded good = load_file(path, &no_questions, NULL);
    unsigned n = 1, failed = 0;
    for (bool hit = true; hit; n++) {
        struct loaded loaded = {0};
        points_arm(POINT_MEMORY | POINT_FILE, n, all_after);
        loaded.settings = config_load_with(path, &no_questions, NULL, &loaded.errors);
        hit = points_disarm();
        if (loaded.settings && (loaded.errors.n > 0 || !good.settings || !same(good.settings, loaded.settings)))
            fail_msg("point %u of %s: settings that are not what the file says", n, path);
        if (!loaded.settings && loaded.errors.n + loaded.errors.more == 0)
            fail_msg("point %u of %s: refused without a word", n, path);
        failed += hit && !loaded.settings;
        loaded_free(&loaded);
    }
    loaded_free(&good);
    print_message("%s: %u points, %u of them cost the configuration\n", path, n - 2, failed);
    return n - 2;
}

static void each_point_is_told_and_leaves_no_half_made_settings(void **state)
{
    (void)state;
    assert_true(sweep(FIXTURES "full.conf", false) > 50);
    assert_true(sweep(FIXTURES "twenty.conf", false) > 20);
}

static void the_same_when_everything_fails_from_there_on(void **state)
{
    (void)state;
    assert_true(sweep(FIXTURES "full.conf", true) > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_point_is_told_and_leaves_no_half_made_settings),
        cmocka_unit_test(the_same_when_everything_fails_from_there_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
