/* test_config_plugins.c - detectors against the tables of their plugins, which a fake host tells. */
#include "config/help.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/text.h"

static char folder[] = "/tmp/test-config-plugins-XXXXXX";
static unsigned asked;

static void set_role(struct frame_plugin_role *role, const char *name, const char *kinds, uint32_t flags)
{
    text_copy(role->name, sizeof role->name, name);
    text_copy(role->kinds, sizeof role->kinds, kinds);
    text_copy(role->doc_en, sizeof role->doc_en, "a role");
    role->flags = flags;
}

static void set_param(struct frame_plugin_param *param, const char *name, uint32_t type, double maximum)
{
    text_copy(param->name, sizeof param->name, name);
    param->type = type;
    param->maximum = maximum;
}

/* The table of every fake plugin; "hangs" gives none. */
static struct catalog_plugin *fake_describe(const char *host, const char *path, int deadline_ms, char *error,
                                            unsigned error_size)
{
    asked++;
    assert_string_equal(host, "/libexec/gatewayd-detector");
    assert_true(deadline_ms > 0);
    if (strstr(path, "hangs")) {
        snprintf(error, error_size, "it did not answer");
        return NULL;
    }
    struct catalog_plugin *plugin = calloc(1, sizeof *plugin);
    plugin->info.n_roles = 3;
    plugin->info.n_params = 2;
    plugin->roles = calloc(3, sizeof *plugin->roles);
    plugin->params = calloc(2, sizeof *plugin->params);
    set_role(&plugin->roles[0], "door", "contact", GW_ROLE_REQUIRED);
    set_role(&plugin->roles[1], "presence", "motion presence", GW_ROLE_MANY);
    set_role(&plugin->roles[2], "light", "state", 0);
    set_param(&plugin->params[0], "warn_after", GW_PARAM_DURATION, 3600000);
    set_param(&plugin->params[1], "days", GW_PARAM_TEXT, 0);
    return plugin;
}

static const struct config_options asking = {
    .libexec_dir = "/libexec", .plugin_dir = folder, .ask_plugins = true, .plugin_faults_are_errors = true};

#define SENSORS                                                                                                        \
    "mqtt = { host = \"h\"; }; sensors = ("                                                                            \
    "{ name = \"bath-door\"; kind = \"contact\"; mqtt = { topic = \"a\"; format = \"raw\"; }; },"                      \
    "{ name = \"front\"; kind = \"contact\"; mqtt = { topic = \"d\"; format = \"raw\"; }; },"                          \
    "{ name = \"bath-motion\"; kind = \"motion\"; mqtt = { topic = \"b\"; format = \"raw\"; }; },"                     \
    "{ name = \"hall\"; kind = \"motion\"; mqtt = { topic = \"c\"; format = \"raw\"; }; } );\n"
#define DETECTOR(rest) HOME SENSORS "detectors = (\n{ name = \"d\"; plugin = \"bath\";\n" rest "\n} );\n"

static void one_fault(const char *text, unsigned line, const char *message)
{
    struct loaded loaded = load_bytes(text, strlen(text), &asking, fake_describe);
    if (loaded.errors.n != 1 || !has_error(&loaded.errors, "", line, message)) {
        print_errors(&loaded.errors);
        fail_msg("expected one error, at line %u: %s", line, message);
    }
    loaded_free(&loaded);
}

static void no_fault(const char *text)
{
    struct loaded loaded = load_bytes(text, strlen(text), &asking, fake_describe);
    print_errors(&loaded.errors);
    assert_non_null(loaded.settings);
    loaded_free(&loaded);
}

static void an_unknown_plugin_is_told_with_the_nearest_of_the_folder(void **state)
{
    (void)state;
    one_fault(HOME "detectors = ( { name = \"d\"; plugin = \"bth\"; } );\n", 2, "did you mean \"bath\"?");
    one_fault(HOME "detectors = ( { name = \"d\"; plugin = \"weather\"; } );\n", 2, "there are: bath, hangs");
    one_fault(HOME "defaults = { baht = { }; };\n", 2, "did you mean \"bath\"?");
    one_fault(HOME "detectors = (\n{ name = \"d\"; plugin = \"hangs\"; } );\n", 3,
              "plugin \"hangs\": it did not answer");
}

static void a_plugin_that_gives_no_table_costs_nothing_at_start(void **state)
{
    (void)state;
    static const char text[] =
        HOME "detectors = ( { name = \"d\"; plugin = \"hangs\"; }, { name = \"e\"; plugin = \"x\"; } );";
    struct config_options start = asking;
    start.plugin_faults_are_errors = false;
    struct loaded loaded = load_bytes(text, sizeof text - 1, &start, fake_describe);
    assert_non_null(loaded.settings);
    loaded_free(&loaded);
}

static void an_unknown_setting_is_told_with_the_nearest(void **state)
{
    (void)state;
    one_fault(DETECTOR("door = \"bath-door\"; warn_aftr = \"5 min\";"), 5, "did you mean \"warn_after\"?");
    one_fault(DETECTOR("door = \"bath-door\";\nmemry_mib = 5;"), 6, "memory_mib");
    one_fault(DETECTOR("door = \"bath-door\"; colour = \"red\";"), 5,
              "it has: door, presence, light, warn_after, days");
}

static void an_unknown_sensor_is_told_with_the_nearest(void **state)
{
    (void)state;
    one_fault(DETECTOR("door = \"bathdoor\";"), 5, "did you mean \"bath-door\"?");
    one_fault(DETECTOR("door = \"kitchen-window\";"), 5, "fitting ones of this home: bath-door, front");
}

static void a_sensor_of_the_wrong_kind_is_told_with_those_that_fit(void **state)
{
    (void)state;
    one_fault(DETECTOR("door = \"hall\";"), 5,
              "of the kind motion, which does not fit; fitting kinds: contact; fitting sensors of this home: "
              "bath-door, front");
    one_fault(DETECTOR("door = \"bath-door\"; light = \"hall\";"), 5, "fitting sensors of this home: none");
}

static void a_required_role_without_a_sensor_is_told(void **state)
{
    (void)state;
    one_fault(DETECTOR("presence = \"hall\";"), 4, "door is missing (a role)");
    one_fault(DETECTOR("door = [ ];"), 4, "door is missing");
}

static void a_list_is_taken_only_where_several_may_be(void **state)
{
    (void)state;
    one_fault(DETECTOR("door = [ \"bath-door\", \"front\" ];"), 5, "one sensor is expected, not a list");
}

static void lists_are_checked_element_by_element(void **state)
{
    (void)state;
    no_fault(DETECTOR("door = \"bath-door\"; presence = [ \"hall\", \"bath-motion\" ];"));
    one_fault(DETECTOR("door = \"bath-door\"; presence = [ \"hall\", \"hal\" ];"), 5, "did you mean \"hall\"?");
    one_fault(DETECTOR("door = \"bath-door\"; presence = [ \"hall\", \"hall\" ];"), 5, "stands twice");
    one_fault(DETECTOR("door = \"bath-door\"; warn_after = [ \"5 min\", \"6 min\" ];"), 5, "one value is expected");
}

static void values_are_checked_against_the_plugins_own_range(void **state)
{
    (void)state;
    one_fault(DETECTOR("door = \"bath-door\"; warn_after = \"5\";"), 5, "warn_after: ");
    one_fault(DETECTOR("door = \"bath-door\";\nwarn_after = \"2 h\";"), 6, "warn_after: ");
    no_fault(DETECTOR("door = \"bath-door\"; warn_after = \"1 h\";"));
}

static void a_profile_is_checked_once_also_for_plugins_that_nobody_uses(void **state)
{
    (void)state;
    one_fault(HOME "defaults = {\n bath = { warn_after = \"2 parsecs\"; }; };\n", 3, "warn_after: ");
    one_fault(HOME "defaults = {\n bath = { wran_after = \"2 min\"; }; };\n" SENSORS
                   "detectors = ( { name = \"d\"; plugin = \"bath\"; door = \"bath-door\"; },\n"
                   "{ name = \"e\"; plugin = \"bath\"; door = \"bath-door\"; } );\n",
              3, "did you mean \"warn_after\"?");
}

static void each_plugin_is_asked_once(void **state)
{
    (void)state;
    asked = 0;
    no_fault(HOME SENSORS "defaults = { bath = { warn_after = \"5 min\"; }; };\n"
                          "detectors = ( { name = \"d\"; plugin = \"bath\"; door = \"bath-door\"; },\n"
                          "{ name = \"e\"; plugin = \"bath\"; door = \"bath-door\"; } );\n");
    assert_int_equal(asked, 1);
}

static void nobody_is_asked_when_structure_only_is_wanted(void **state)
{
    (void)state;
    struct config_options quiet = asking;
    quiet.ask_plugins = false;
    asked = 0;
    static const char text[] = DETECTOR("nonsense = 1;");
    struct loaded loaded = load_bytes(text, sizeof text - 1, &quiet, fake_describe);
    assert_non_null(loaded.settings);
    assert_int_equal(asked, 0);
    loaded_free(&loaded);
}

static void plugin_file(const char *name, bool make)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s.so", folder, name);
    if (make)
        close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    else
        unlink(path);
}

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    plugin_file("bath", true);
    plugin_file("hangs", true);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    plugin_file("bath", false);
    plugin_file("hangs", false);
    return rmdir(folder);
}

/* With these other settings than the file's there is this one error; message NULL: none. */
static struct loaded with_set(const char *rest, const char *detector, const char *key, const char *value,
                              const char *message)
{
    const struct config_override set = {detector, key, value};
    struct config_options options = asking;
    char text[2048];
    options.overrides = &set;
    options.n_overrides = 1;
    snprintf(text, sizeof text, "%s%s} );\n", HOME SENSORS "detectors = (\n{ name = \"d\"; plugin = \"bath\";\n", rest);
    struct loaded loaded = load_bytes(text, strlen(text), &options, fake_describe);
    if (message && (loaded.errors.n != 1 || strncmp(loaded.errors.text[0], "--set: ", 7) != 0 ||
                    !strstr(loaded.errors.text[0], message))) {
        print_errors(&loaded.errors);
        fail_msg("expected one error of --set: %s", message);
    }
    if (!message)
        assert_int_equal(loaded.errors.n, 0);
    return loaded;
}

static void a_wrong_set_is_told_like_a_wrong_setting(void **state)
{
    (void)state;
    static const char file[] = "door = \"bath-door\"; warn_after = \"5 min\";";
    static const struct {
        const char *detector, *key, *value, *message;
    } wrong[] = {
        {"bath", "warn_after", "5 min", "there is no detector \"bath\"; there are: d"},
        {"d", "warn_aftr", "5 min", "did you mean \"warn_after\"?"},
        {"d", "warn_after", "5 mni", "expected a duration"},
        {"d", "warn_after", "2 h", "out of range"},
        {"d", "door", "bath-dor", "did you mean \"bath-door\"?"},
        {"d", "door", "hall", "does not fit"},
        {"d", "plugin", "door", "can't be set"},
        {"d", "warn_after", "\xff", "no UTF-8"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct loaded loaded = with_set(file, wrong[i].detector, wrong[i].key, wrong[i].value, wrong[i].message);
        loaded_free(&loaded);
    }
}

static void a_set_stands_instead_of_the_file_s_and_of_nothing_else(void **state)
{
    (void)state;
    struct loaded loaded =
        with_set("door = \"bath-door\"; warn_after = \"5 min\"; days = \"x\";", "d", "warn_after", "7 min", NULL);
    const struct detector_settings *d = &loaded.settings->detectors[0];
    assert_int_equal(d->n_settings, 3);
    assert_string_equal(d->settings[0].key, "door");
    assert_string_equal(d->settings[1].key, "days");
    assert_string_equal(d->settings[2].key, "warn_after");
    assert_string_equal(d->settings[2].value, "7 min");
    loaded_free(&loaded);
    loaded = with_set("door = \"bath-door\"; presence = [ \"hall\", \"bath-motion\" ];", "d", "presence", "hall", NULL);
    assert_int_equal(loaded.settings->detectors[0].n_settings, 2);
    loaded_free(&loaded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_set_is_told_like_a_wrong_setting),
        cmocka_unit_test(a_set_stands_instead_of_the_file_s_and_of_nothing_else),
        cmocka_unit_test(an_unknown_plugin_is_told_with_the_nearest_of_the_folder),
        cmocka_unit_test(a_plugin_that_gives_no_table_costs_nothing_at_start),
        cmocka_unit_test(an_unknown_setting_is_told_with_the_nearest),
        cmocka_unit_test(an_unknown_sensor_is_told_with_the_nearest),
        cmocka_unit_test(a_sensor_of_the_wrong_kind_is_told_with_those_that_fit),
        cmocka_unit_test(a_required_role_without_a_sensor_is_told),
        cmocka_unit_test(a_list_is_taken_only_where_several_may_be),
        cmocka_unit_test(lists_are_checked_element_by_element),
        cmocka_unit_test(values_are_checked_against_the_plugins_own_range),
        cmocka_unit_test(a_profile_is_checked_once_also_for_plugins_that_nobody_uses),
        cmocka_unit_test(each_plugin_is_asked_once),
        cmocka_unit_test(nobody_is_asked_when_structure_only_is_wanted),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
