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

static void each_profile_is_what_the_plugins_take(void **state)
{
    (void)state;
    static const char *const texts[] = {HOME "@include \"" ETC_DIR "/profiles/semi-disabled.conf\"\n",
                                        HOME "@include \"" ETC_DIR "/profiles/independent.conf\"\n"};
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
        cmocka_unit_test(each_profile_is_what_the_plugins_take),
        cmocka_unit_test(a_typo_in_a_real_detector_is_told_with_the_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
