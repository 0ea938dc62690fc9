/* test_config.c - configuration files: what is refused, with which line, and what an accepted one becomes. */
#include "config/help.h"

#include "base/kinds.h"

/* ---- bad input ---- */

/* Each line of the fixture that ends with "! text" must be reported with this text. */
static unsigned check_marks(const struct config_errors *errors, const char *name)
{
    char path[300], line[400];
    snprintf(path, sizeof path, FIXTURES "%s", name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    unsigned marks = 0;
    for (unsigned number = 1; fgets(line, sizeof line, file); number++) {
        char *mark = strstr(line, "# ! ");
        if (!mark)
            continue;
        marks++;
        mark[strcspn(mark, "\n")] = '\0';
        if (!has_error(errors, name, number, mark + 4)) {
            print_errors(errors);
            fail_msg("%s:%u: no error with \"%s\"", name, number, mark + 4);
        }
    }
    fclose(file);
    return marks;
}

static void a_configuration_with_more_than_twenty_errors_reports_all_each_with_its_line(void **state)
{
    (void)state;
    struct loaded loaded = load_file(FIXTURES "twenty.conf", &no_questions, NULL);
    unsigned marks = check_marks(&loaded.errors, "twenty.conf") + check_marks(&loaded.errors, "twenty-store.conf");
    assert_true(marks >= 20);
    if (loaded.errors.n != marks) {
        print_errors(&loaded.errors);
        fail_msg("%u errors reported, %u expected", loaded.errors.n, marks);
    }
    assert_int_equal(loaded.errors.more, 0);
    loaded_free(&loaded);
}

static void errors_come_in_the_order_of_the_file(void **state)
{
    (void)state;
    struct loaded loaded =
        load_text("zz = 1;\n" HOME "detectors = ({ name = \"X\"; plugin = \"p\"; });\n"
                  "sensors = ({ name = \"Y\"; kind = \"bed\"; gpio = { chip = \"c\"; line = 1; }; });\n"
                  "aa = 2;\n");
    static const unsigned lines[] = {1, 3, 4, 5};
    assert_int_equal(loaded.errors.n, 4);
    for (unsigned i = 0; i < 4; i++) {
        const char *colon = strchr(loaded.errors.text[i], ':');
        assert_non_null(colon);
        assert_int_equal(strtoul(colon + 1, NULL, 10), lines[i]);
    }
    loaded_free(&loaded);
}

static void a_file_that_can_not_be_read_is_one_error(void **state)
{
    (void)state;
    static const char *const paths[] = {"/nowhere/at-all.conf", "/tmp", "/dev/null", ""};
    for (size_t i = 0; i < 4; i++) {
        struct loaded loaded = load_file(paths[i], &no_questions, NULL);
        assert_null(loaded.settings);
        assert_true(loaded.errors.n >= 1);
        loaded_free(&loaded);
    }
}

/* Without the suppression that test_config_text.c needs: libconfig loses nothing here, so neither may we. */
static void a_syntax_error_is_one_error_and_leaves_nothing_behind(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++)
        one_error("\nhome = ;", 2, "syntax error");
}

static void the_home_must_be_told_whole(void **state)
{
    (void)state;
    one_error("# nothing\n", 1, "home is missing");
    one_error("\nhome = { county = \"c\"; town = \"t\"; village = \"v\"; timezone = \"Asia/Shanghai\"; };", 2,
              "home: id is missing");
    one_error("home = ( );", 1, "expected a group");
}

static void a_time_zone_must_be_one(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "Asia/Nowhere", "../../etc/passwd", "/etc/localtime", "posixrules", "", "right/Asia/Shanghai",
        "Asia",         "UTC+8; rm",        ":Asia/Shanghai", "GMT/../UTC"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[200];
        snprintf(text, sizeof text,
                 "home = { county = \"c\"; town = \"t\"; village = \"v\"; id = \"1\"; timezone = \"%s\"; };", bad[i]);
        one_error(text, 1, "timezone: ");
    }
    no_error("home = { county = \"c\"; town = \"t\"; village = \"v\"; id = \"1\"; timezone = \"UTC\"; };");
}

#define SENSOR(rest)     HOME "mqtt = { host = \"h\"; };\nsensors = ( { name = \"s\"; " rest " } );\n"
#define MQTT(kind, rest) SENSOR("kind = \"" kind "\"; mqtt = { " rest " };")

static void a_sensor_has_one_source_that_fits_its_kind(void **state)
{
    (void)state;
    one_error(SENSOR("kind = \"bed\";"), 3, "needs one source");
    one_error(
        SENSOR("kind = \"bed\"; gpio = { chip = \"c\"; line = 1; }; mqtt = { topic = \"t\"; format = \"raw\"; };"), 3,
        "not both");
    one_error(SENSOR("kind = \"humidity\"; gpio = { chip = \"c\"; line = 1; };"), 3, "can't be on a GPIO line");
    one_error(SENSOR("kind = \"bed\"; gpio = 17;"), 3, "expected a group");
    one_error(SENSOR("kind = \"bed\"; gpio = { chip = \"c\"; };"), 3, "line is missing");
    one_error(SENSOR("kind = \"bed\"; gpio = { chip = \"c\"; line = -1; };"), 3, "its number from 0");
    one_error(SENSOR("kind = \"bed\"; gpio = { chip = \"c\"; line = true; };"), 3, "expected the line's name");
    one_error(SENSOR("kind = \"bed\"; gpio = { chip = \"c\"; line = 1; bias = \"up\"; };"), 3, "\"pull-up\"");
    one_error(HOME "sensors = ( { name = \"s\"; kind = \"bed\"; mqtt = { topic = \"t\"; format = \"raw\"; }; } );", 2,
              "this sensor needs the broker");
}

static void a_topic_is_refused_if_it_is_none(void **state)
{
    (void)state;
    static const char *const bad[] = {"a/#", "+", "a//b", "/a", "a/", "", "$SYS/broker", "a\\x01b", "a\\x00b"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[400];
        snprintf(text, sizeof text, MQTT("bed", "topic = \"%s\"; format = \"raw\";"), bad[i]);
        one_error(text, 3, "");
    }
    char text[700], topic[257];
    memset(topic, 't', 256);
    topic[256] = '\0';
    snprintf(text, sizeof text, MQTT("bed", "topic = \"%s\"; format = \"raw\";"), topic);
    one_error(text, 3, "too long: 256 bytes, at most 255");
    topic[255] = '\0';
    snprintf(text, sizeof text, MQTT("bed", "topic = \"%s\"; format = \"raw\";"), topic);
    no_error(text);
}

static void a_value_is_taken_where_it_can_be(void **state)
{
    (void)state;
    one_error(MQTT("bed", "topic = \"t\"; format = \"json\";"), 3, "path is missing");
    one_error(MQTT("bed", "topic = \"t\"; format = \"raw\"; path = \"a\";"), 3, "whole payload");
    one_error(MQTT("bed", "topic = \"t\"; format = \"json\"; path = \"a..b\";"), 3, "an empty part");
    one_error(MQTT("bed", "topic = \"t\"; format = \"raw\"; on = \"1\"; off = 1;"), 3, "the same as on");
    one_error(MQTT("temperature", "topic = \"t\"; format = \"raw\"; invert = true;"), 3, "gives a number");
}

static void no_value_is_taken_twice(void **state)
{
    (void)state;
#define TWO(a, b)         HOME "mqtt = { host = \"h\"; };\nsensors = (\n{ name = \"a\"; " a " },\n{ name = \"b\"; " b " } );\n"
#define TOPIC(kind, rest) "kind = \"" kind "\"; mqtt = { topic = \"t\"; " rest " };"
#define LINE(chip, line)  "kind = \"bed\"; gpio = { chip = \"" chip "\"; line = " line "; };"
    one_error(TWO(TOPIC("contact", "format = \"zigbee2mqtt\";"), TOPIC("contact", "format = \"zigbee2mqtt\";")), 5,
              "the same value");
    one_error(TWO(TOPIC("contact", "format = \"raw\";"), TOPIC("state", "format = \"raw\";")), 5, "the same value");
    no_error(TWO(TOPIC("contact", "format = \"zigbee2mqtt\";"), TOPIC("temperature", "format = \"zigbee2mqtt\";")));
    no_error(
        TWO(TOPIC("number", "format = \"json\"; path = \"a\";"), TOPIC("number", "format = \"json\"; path = \"b\";")));
    no_error(TWO(TOPIC("button", "format = \"raw\"; on = \"1\";"), TOPIC("button", "format = \"raw\"; on = \"2\";")));
    one_error(TWO(LINE("c", "17"), LINE("c", "\"017\"")), 5, "taken already by the sensor \"a\"");
    one_error(TWO(LINE("/dev/gpiochip0", "\"BED\""), LINE("gpiochip0", "\"BED\"")), 5, "taken already");
    no_error(TWO(LINE("c", "17"), LINE("d", "17")));
    one_error(TWO(LINE("c", "17"), LINE("c", "18")) "outputs = ( { name = \"o\"; shows = \"online\"; gpio = { chip = "
                                                    "\"c\"; line = 18; }; } );",
              6, "taken already by \"b\"");
}

#define UPLINK(rest) HOME "uplinks = ( { name = \"u\"; host = \"h\"; " rest " } );\n"

static void tls_options_may_not_contradict_each_other(void **state)
{
    (void)state;
    one_error(UPLINK("tls = { };"), 2, "ca is missing");
    one_error(UPLINK("tls = { ca = \"/a\"; key = \"/b\"; };"), 2, "cert is missing");
    one_error(UPLINK("tls = { cert = \"/a\"; key = \"/b\"; };"), 2, "ca is missing");
    one_error(UPLINK("tls = { psk_identity = \"a\"; };"), 2, "psk is missing");
    one_error(UPLINK("tls = { psk_identity = \"a\"; psk = \"00\"; };"), 2, "at least 32");
    one_error(UPLINK("tls = { psk_identity = \"a\"; psk = \"0123456789abcdef0123456789abcdeg\"; };"), 2, "hex");
    one_error(UPLINK("tls = true;"), 2, "expected a group");
    one_error(UPLINK("password = \"p\";"), 2, "without username");
}

static void emergencies_must_have_somewhere_to_go(void **state)
{
    (void)state;
    one_error(UPLINK("classes = [ \"info\" ];"), 2, "takes the class \"emergency\"");
    one_error(UPLINK("backup = true;"), 2, "every one is a backup");
    one_error(UPLINK("version = 4;"), 2, "\"3.1.1\"");
    one_error(HOME "uplinks = (\n{ name = \"u\"; host = \"h\"; client_id = \"x\"; },\n"
                   "{ name = \"w\"; host = \"h\"; client_id = \"x\"; } );",
              4, "throw each other out");
    one_error(HOME "uplinks = ({},{},{},{},{});", 2, "too many");
}

static void what_is_out_of_range_is_refused_with_the_range(void **state)
{
    (void)state;
    one_error(UPLINK("heartbeat = \"1 s\";"), 2, "from 5 s to");
    one_error(UPLINK("keepalive = \"2 h\";"), 2, "to 1 h, not \"2 h\"");
    one_error(UPLINK("rate = 0;"), 2, "from 1 to 6000, not 0");
    one_error(UPLINK("rate = 60.0;"), 2, "a number with a point");
    one_error(HOME "mqtt = { host = \"h\"; client_id = \"a-name-of-41-characters-is-one-too-many-a\"; };", 2,
              "at most 40");
    no_error(HOME "mqtt = { host = \"h\"; client_id = \"a-name-of-40-characters-is-the-longest-a\"; };");
}

static void the_brokers_options_may_not_contradict_each_other(void **state)
{
    (void)state;
    one_error(HOME "mqtt = { host = \"h\"; password = \"p\"; };", 2, "without username");
    one_error(HOME "mqtt = { host = \"h\"; ca = \"/a\"; cert = \"/b\"; };", 2, "key is missing");
    one_error(HOME "mqtt = { port = 1883; };", 2, "host is missing");
}

static void text_that_is_not_utf8_is_refused_and_the_message_is(void **state)
{
    (void)state;
    static const char text[] = HOME "contact = { hotline = \"\xb5\xe7\"; };\n"; /* GBK */
    struct loaded loaded = load_text(text);
    assert_true(has_error(&loaded.errors, "", 2, "save the file as UTF-8"));
    assert_non_null(strstr(loaded.errors.text[0], "(\"??\")"));
    loaded_free(&loaded);
}

static void files_and_groups_are_looked_for_when_checked_strictly_only(void **state)
{
    (void)state;
    static const char text[] =
        UPLINK("tls = { ca = \"/nowhere/ca.pem\"; };") "control = { group = \"no-such-group\"; };\n"
                                                       "detectors = ( { name = \"d\"; plugin = "
                                                       "\"bath\"; } );\n";
    no_error(text);
    struct config_options strict = {.plugin_dir = "/nowhere", .plugin_faults_are_errors = true};
    struct loaded loaded = load_bytes(text, sizeof text - 1, &strict, NULL);
    assert_int_equal(loaded.errors.n, 3);
    assert_true(has_error(&loaded.errors, "", 2, "ca: /nowhere/ca.pem: No such file"));
    assert_true(has_error(&loaded.errors, "", 3, "no group \"no-such-group\""));
    assert_true(has_error(&loaded.errors, "", 4, "plugin \"bath\": the folder of the plugins"));
    loaded_free(&loaded);
}

static void at_most_1000_errors_are_kept_and_the_rest_counted(void **state)
{
    (void)state;
    char *text = malloc(40 * 1200 + sizeof HOME);
    size_t used = (size_t)sprintf(text, HOME);
    for (unsigned i = 0; i < 1200; i++)
        used += (size_t)sprintf(text + used, "unknown%u = 1;\n", i);
    struct loaded loaded = load_text(text);
    assert_int_equal(loaded.errors.n, 1000);
    assert_int_equal(loaded.errors.more, 200);
    loaded_free(&loaded);
    free(text);
}

/* ---- good input ---- */

static void every_key_arrives_in_its_field(void **state)
{
    (void)state;
    struct loaded loaded = load_file(FIXTURES "full.conf", &no_questions, NULL);
    print_errors(&loaded.errors);
    const struct settings *s = loaded.settings;
    assert_non_null(s);
    assert_string_equal(s->county, "yiyuan");
    assert_string_equal(s->home, "0137");
    assert_string_equal(s->hotline, "6512349");
    assert_true(s->has_mqtt);
    assert_int_equal(s->mqtt.port, 1884);
    assert_int_equal(s->mqtt.keepalive_s, 90);
    assert_string_equal(s->mqtt.client_id, "hub");
    assert_string_equal(s->store.directory, "/data");
    assert_int_equal(s->store.history_days, 30);
    assert_int_equal(s->store.history_mib, 64);
    assert_int_equal(s->store.batch_ms, 500);
    assert_string_equal(s->control_group, "care");
    assert_string_equal(s->plugin_dir, "/opt/plugins");
    assert_int_equal(s->n_sensors, 2);
    assert_int_equal(s->sensors[0].source, SOURCE_GPIO);
    assert_string_equal(s->sensors[0].room, "卧室");
    assert_string_equal(s->sensors[0].gpio.line, "17");
    assert_string_equal(s->sensors[0].gpio.sensor, "bed");
    assert_int_equal(s->sensors[0].gpio.bias, BIAS_PULL_UP);
    assert_int_equal(s->sensors[0].gpio.active_low, 1);
    assert_int_equal(s->sensors[0].gpio.debounce_ms, 50);
    assert_int_equal(s->sensors[1].source, SOURCE_MQTT);
    assert_int_equal(s->sensors[1].mqtt.kind, KIND_CORD);
    assert_int_equal(s->sensors[1].mqtt.format, FORMAT_JSON);
    assert_string_equal(s->sensors[1].mqtt.path, "Switch1.Action");
    assert_string_equal(s->sensors[1].mqtt.on, "1");
    assert_string_equal(s->sensors[1].mqtt.off, "false");
    assert_int_equal(s->sensors[1].mqtt.invert, 1);
    assert_string_equal(s->sensors[1].mqtt.availability, "tele/cord/LWT");
    loaded_free(&loaded);
}

static void uplinks_and_outputs_arrive_complete(void **state)
{
    (void)state;
    struct loaded loaded = load_file(FIXTURES "full.conf", &no_questions, NULL);
    const struct uplink_settings *up = loaded.settings->uplinks;
    assert_int_equal(loaded.settings->n_uplinks, 2);
    assert_string_equal(up[0].link.home, "yiyuan/nanma/xingfu/0137");
    assert_string_equal(up[0].link.hotline, "6512349");
    assert_string_equal(up[0].link.timezone, "Asia/Shanghai");
    assert_int_equal(up[0].link.version, MQTT_311);
    assert_int_equal(up[0].link.port, 8884);
    assert_int_equal(up[0].link.tls, 1);
    assert_int_equal(up[0].link.keepalive_s, 60);
    assert_int_equal(up[0].classes, (1 << GW_EMERGENCY) | (1 << GW_TECHNICAL));
    assert_int_equal(up[0].heartbeat_s, 25 * 3600);
    assert_int_equal(up[0].rate, 10);
    assert_false(up[0].backup);
    assert_true(up[1].backup);
    assert_int_equal(up[1].link.port, 8883);
    assert_int_equal(up[1].link.version, MQTT_5);
    assert_string_equal(up[1].link.psk_identity, "home");
    const struct output_settings *out = loaded.settings->outputs;
    assert_int_equal(loaded.settings->n_outputs, 1);
    assert_string_equal(out->output.name, "help-light");
    assert_string_equal(out->output.line.line, "HELP_LED");
    assert_int_equal(out->output.line.active_low, 1);
    assert_int_equal(out->shows, SHOWS_EMERGENCY);
    loaded_free(&loaded);
}

static void what_is_accepted_makes_frames_that_workers_take(void **state)
{
    (void)state;
    struct loaded loaded = load_file(FIXTURES "full.conf", &no_questions, NULL);
    assert_non_null(loaded.settings);
    assert_frames_are_valid(loaded.settings);
    loaded_free(&loaded);
}

static void what_is_not_said_has_its_default(void **state)
{
    (void)state;
    struct loaded loaded =
        load_text(HOME "mqtt = { host = \"h\"; }; uplinks = ( { name = \"u\"; host = \"h\"; } );"
                       "sensors = ( { name = \"s\"; kind = \"bed\"; gpio = { chip = \"c\"; line = 1; }; "
                       "} ); detectors = ( { name = \"d\"; plugin = \"p\"; } );");
    const struct settings *s = loaded.settings;
    assert_non_null(s);
    assert_int_equal(s->mqtt.port, 1883);
    assert_string_equal(s->mqtt.client_id, "gatewayd-1");
    assert_string_equal(s->store.directory, "/state");
    assert_int_equal(s->store.history_days, 70);
    assert_int_equal(s->store.batch_ms, 5000);
    assert_string_equal(s->plugin_dir, "/nowhere");
    assert_int_equal(s->sensors[0].gpio.debounce_ms, 20);
    assert_int_equal(s->detectors[0].memory_mib, 32);
    assert_int_equal(s->uplinks[0].link.port, 1883);
    assert_int_equal(s->uplinks[0].link.version, MQTT_5);
    assert_int_equal(s->uplinks[0].heartbeat_s, 180);
    assert_int_equal(s->uplinks[0].rate, 60);
    assert_int_equal(s->uplinks[0].classes, 0x1e);
    loaded_free(&loaded);
}

static void a_client_id_stays_the_same_and_is_the_homes_own(void **state)
{
    (void)state;
    struct loaded a = load_text(UPLINK("")), b = load_text("\n" UPLINK("rate = 5;"));
    struct loaded c =
        load_text("home = { county = \"c\"; town = \"t\"; village = \"v\"; id = \"2\"; timezone = \"UTC\"; };"
                  "uplinks = ( { name = \"u\"; host = \"h\"; } );");
    const char *id = a.settings->uplinks[0].link.client_id;
    assert_string_equal(id, b.settings->uplinks[0].link.client_id);
    assert_string_not_equal(id, c.settings->uplinks[0].link.client_id);
    assert_true(strlen(id) <= 23);
    loaded_free(&a);
    loaded_free(&b);
    loaded_free(&c);
}

static const char *setting_value(const struct detector_settings *detector, unsigned i, const char *key)
{
    assert_true(i < detector->n_settings);
    assert_string_equal(detector->settings[i].key, key);
    return detector->settings[i].value;
}

static void settings_of_a_detector_become_text_and_the_profile_fills_in_what_is_not_set(void **state)
{
    (void)state;
    struct loaded loaded = load_file(FIXTURES "full.conf", &no_questions, NULL);
    const struct detector_settings *d = loaded.settings->detectors;
    assert_int_equal(d->memory_mib, 8);
    assert_int_equal(d->n_settings, 9);
    assert_string_equal(setting_value(d, 0, "warn_after"), "20 min");
    assert_string_equal(setting_value(d, 1, "door"), "a");
    assert_string_equal(setting_value(d, 2, "door"), "b");
    assert_string_equal(setting_value(d, 3, "n"), "3");
    assert_string_equal(setting_value(d, 4, "x"), "1.5");
    assert_string_equal(setting_value(d, 5, "flag"), "true");
    assert_string_equal(setting_value(d, 6, "alarm_after"), "45 min");
    assert_string_equal(setting_value(d, 7, "rooms"), "a");
    assert_string_equal(setting_value(d, 8, "rooms"), "b");
    assert_non_null(strstr(d->settings[0].where, "/full.conf:18"));
    assert_non_null(strstr(d->settings[6].where, "/defaults.conf:2"));
    loaded_free(&loaded);
}

static void a_defaults_group_can_not_name_or_choose(void **state)
{
    (void)state;
    one_error(HOME "defaults = { bath = { plugin = \"bed\"; }; };", 2, "can't be a default");
    one_error(HOME "defaults = { bath = 5; };", 2, "expected the name of a plugin");
}

/* ---- what ships ---- */

static void every_sample_file_loads(void **state)
{
    (void)state;
    struct loaded loaded = load_file(ETC_DIR "/gatewayd.conf", &no_questions, NULL);
    print_errors(&loaded.errors);
    assert_non_null(loaded.settings);
    assert_true(loaded.settings->n_detectors > 0);
    loaded_free(&loaded);
    static const char *const profiles[] = {"semi-disabled", "independent"};
    for (size_t i = 0; i < 2; i++) {
        char text[600];
        snprintf(text, sizeof text,
                 HOME "@include \"" ETC_DIR "/profiles/%s.conf\"\ndetectors = ( { name = \"d\"; plugin = "
                      "\"bath\"; } );\n",
                 profiles[i]);
        loaded = load_text(text);
        print_errors(&loaded.errors);
        assert_non_null(loaded.settings);
        assert_true(loaded.settings->detectors[0].n_settings > 0);
        loaded_free(&loaded);
    }
}

static char *read_whole(const char *path)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char *text = calloc(1, 200000);
    assert_true(fread(text, 1, 199999, file) > 0);
    fclose(file);
    return text;
}

static void the_manual_and_the_sample_know_every_key_and_default(void **state)
{
    (void)state;
    static const struct table *const tables[] = {&root_table,        &home_table,   &contact_table,    &control_table,
                                                 &supervision_table, &store_table,  &broker_table,     &sensor_table,
                                                 &sensor_mqtt_table, &gpio_table,   &detector_table,   &uplink_table,
                                                 &tls_table,         &output_table, &output_gpio_table};
    char *manual = read_whole(MANUAL), *sample = read_whole(ETC_DIR "/gatewayd.conf");
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++)
        for (size_t k = 0; k < tables[t]->n; k++) {
            const struct key *key = &tables[t]->keys[k];
            char entry[100], section[100];
            snprintf(entry, sizeof entry, "\n.B %s\n", key->name);
            snprintf(section, sizeof section, "\n.SS %s\n", key->name);
            if (!strstr(manual, entry) && !strstr(manual, section))
                fail_msg("the manual has no entry for %s of %s", key->name, tables[t]->name);
            if (!strstr(sample, key->name) && strcmp(key->name, "defaults") != 0)
                fail_msg("the sample does not show %s of %s", key->name, tables[t]->name);
            if (key->fallback && (!strstr(manual, key->fallback) || !strstr(sample, key->fallback)))
                fail_msg("manual or sample do not tell the default %s of %s", key->fallback, key->name);
        }
    free(manual);
    free(sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_configuration_with_more_than_twenty_errors_reports_all_each_with_its_line),
        cmocka_unit_test(errors_come_in_the_order_of_the_file),
        cmocka_unit_test(a_file_that_can_not_be_read_is_one_error),
        cmocka_unit_test(a_syntax_error_is_one_error_and_leaves_nothing_behind),
        cmocka_unit_test(the_home_must_be_told_whole),
        cmocka_unit_test(a_time_zone_must_be_one),
        cmocka_unit_test(a_sensor_has_one_source_that_fits_its_kind),
        cmocka_unit_test(a_topic_is_refused_if_it_is_none),
        cmocka_unit_test(a_value_is_taken_where_it_can_be),
        cmocka_unit_test(no_value_is_taken_twice),
        cmocka_unit_test(tls_options_may_not_contradict_each_other),
        cmocka_unit_test(emergencies_must_have_somewhere_to_go),
        cmocka_unit_test(what_is_out_of_range_is_refused_with_the_range),
        cmocka_unit_test(the_brokers_options_may_not_contradict_each_other),
        cmocka_unit_test(text_that_is_not_utf8_is_refused_and_the_message_is),
        cmocka_unit_test(files_and_groups_are_looked_for_when_checked_strictly_only),
        cmocka_unit_test(at_most_1000_errors_are_kept_and_the_rest_counted),
        cmocka_unit_test(every_key_arrives_in_its_field),
        cmocka_unit_test(uplinks_and_outputs_arrive_complete),
        cmocka_unit_test(what_is_accepted_makes_frames_that_workers_take),
        cmocka_unit_test(what_is_not_said_has_its_default),
        cmocka_unit_test(a_client_id_stays_the_same_and_is_the_homes_own),
        cmocka_unit_test(settings_of_a_detector_become_text_and_the_profile_fills_in_what_is_not_set),
        cmocka_unit_test(a_defaults_group_can_not_name_or_choose),
        cmocka_unit_test(every_sample_file_loads),
        cmocka_unit_test(the_manual_and_the_sample_know_every_key_and_default),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
