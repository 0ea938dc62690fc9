/* test_config_samples.c - the files under etc/ as a technician checks them: every key and value is asked of the real
 * plugins. What only an installed home has (certificates, its user's group) is missing here, and is all that may be. */
#include "config/help.h"

static const struct config_options as_checked = {
    .libexec_dir = HOST_DIR, .plugin_dir = PLUGIN_DIR, .ask_plugins = true, .plugin_faults_are_errors = true};

static void the_sample_and_its_profile_are_what_the_plugins_take(void **state)
{
    (void)state;
    struct loaded loaded = load_file(ETC_DIR "/gatewayd.conf", &as_checked, catalog_describe);
    for (unsigned i = 0; i < loaded.errors.n; i++)
        if (!strstr(loaded.errors.text[i], "/etc/gatewayd/tls/"))
            fail_msg("%s", loaded.errors.text[i]);
    loaded_free(&loaded);
}

/* The sample with its commented examples taken in: they are what a technician will copy. */
static void the_sample_s_commented_examples_are_what_the_plugins_take(void **state)
{
    (void)state;
    static char sample[65536], text[sizeof sample * 2];
    FILE *file = fopen(ETC_DIR "/gatewayd.conf", "r");
    assert_non_null(file);
    assert_in_range(fread(sample, 1, sizeof sample - 1, file), 1, sizeof sample - 2);
    fclose(file);
    unsigned taken = 0;
    char *save = NULL;
    for (char *line = strtok_r(sample, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        bool example = strncmp(line, "  # {", 5) == 0 || strncmp(line, "  #   text", 10) == 0;
        bool include = strncmp(line, "@include \"", 10) == 0;
        taken += strncmp(line, "  # {", 5) == 0;
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s\n", include ? "@include \"" ETC_DIR "/" : "",
                 line + (example   ? 3
                         : include ? 10
                                   : 0));
    }
    assert_int_equal(taken, 8);
    struct loaded loaded = load_bytes(text, strlen(text), &as_checked, catalog_describe);
    for (unsigned i = 0; i < loaded.errors.n; i++)
        if (!strstr(loaded.errors.text[i], "/etc/gatewayd/tls/"))
            fail_msg("%s", loaded.errors.text[i]);
    loaded_free(&loaded);
}

static void each_profile_is_what_the_plugins_take(void **state)
{
    (void)state;
#define PROFILE(name) HOME "@include \"" ETC_DIR "/profiles/" name ".conf\"\n"
    static const char *const texts[] = {PROFILE("semi-disabled"), PROFILE("independent"), PROFILE("disabled"),
                                        PROFILE("living-alone"),  PROFILE("couple"),      PROFILE("dementia")};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct loaded loaded = load_bytes(texts[i], strlen(texts[i]), &as_checked, catalog_describe);
        print_errors(&loaded.errors);
        assert_non_null(loaded.settings);
        loaded_free(&loaded);
    }
}

static void a_typo_in_a_real_detector_is_told_with_the_nearest(void **state)
{
    (void)state;
    static const char text[] =
        HOME "defaults = { bath = { warn_aftr = \"30 min\"; still_after = \"soon\"; }; };\n"
             "detectors = ( { name = \"call\"; plugin = \"call\"; short_press = \"emergncy\"; } );\n";
    struct loaded loaded = load_bytes(text, sizeof text - 1, &as_checked, catalog_describe);
    print_errors(&loaded.errors);
    assert_int_equal(loaded.errors.n, 4);
    assert_true(has_error(&loaded.errors, "", 2, "did you mean \"warn_after\"?"));
    assert_true(has_error(&loaded.errors, "", 2, "still_after: "));
    assert_true(has_error(&loaded.errors, "", 3, "short_press: "));
    assert_true(has_error(&loaded.errors, "", 3, "buttons is missing"));
    loaded_free(&loaded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sample_and_its_profile_are_what_the_plugins_take),
        cmocka_unit_test(the_sample_s_commented_examples_are_what_the_plugins_take),
        cmocka_unit_test(each_profile_is_what_the_plugins_take),
        cmocka_unit_test(a_typo_in_a_real_detector_is_told_with_the_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
