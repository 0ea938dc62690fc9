/* The hub's own health, from a folder that looks like /sys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/hub.h"

#define MINUTE INT64_C(60000)

static char root[64];
static char told[1024]; /* "+kind " for an onset, "-kind " for its end */
static struct hub *hub;

static void on_trouble(void *context, const struct frame_trouble *trouble)
{
    (void)context;
    size_t used = strlen(told);
    snprintf(told + used, sizeof told - used, "%c%s ", trouble->active ? '+' : '-', trouble->kind);
    assert_true(trouble->alert && trouble->text_en[0] && trouble->text_zh[0]);
}

/* Write a file below the root, with the folders on its way. */
static void put(const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", root, name);
    for (char *c = path + strlen(root) + 1; *c; c++) {
        if (*c != '/')
            continue;
        *c = '\0';
        mkdir(path, 0755);
        *c = '/';
    }
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int setup(void **state)
{
    (void)state;
    snprintf(root, sizeof root, "/tmp/test-hub-XXXXXX");
    told[0] = '\0';
    if (!mkdtemp(root))
        return -1;
    hub = hub_create(root, root, on_trouble, NULL);
    return hub ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    char command[128];
    hub_destroy(hub);
    snprintf(command, sizeof command, "rm -rf '%s'", root);
    return system(command);
}

static void a_board_that_measures_nothing_says_nothing(void **state)
{
    (void)state;
    hub_look(hub, 0);
    hub_look(hub, 60 * MINUTE);
    assert_string_equal(told, "");
}

static void what_is_no_number_is_no_measurement(void **state)
{
    (void)state;
    put("class/thermal/thermal_zone0/temp", "hot\n");
    put("class/thermal/thermal_zone1/temp", "");
    put("class/thermal/thermal_zone2/temp", "999999999\n"); /* as an open wire reads */
    put("class/power_supply/x/type", "Toaster\n");
    put("class/hwmon/hwmon0/in0_lcrit_alarm", "-\n");
    hub_look(hub, 0);
    assert_string_equal(told, "");
}

static void heat_is_told_once_and_is_over_only_when_it_has_cooled_down(void **state)
{
    (void)state;
    put("class/thermal/thermal_zone0/temp", "40000\n");
    put("class/thermal/thermal_zone1/temp", "80500\n");
    hub_look(hub, 0);
    put("class/thermal/thermal_zone1/temp", "79000\n");
    hub_look(hub, MINUTE);
    assert_string_equal(told, "+hub-hot ");
    put("class/thermal/thermal_zone1/temp", "69000\n");
    hub_look(hub, 2 * MINUTE);
    assert_string_equal(told, "+hub-hot -hub-hot ");
}

static void a_dip_of_the_voltage_is_over_after_ten_calm_minutes(void **state)
{
    (void)state;
    put("class/hwmon/hwmon3/in0_lcrit_alarm", "0\n");
    hub_look(hub, MINUTE);
    put("class/hwmon/hwmon3/in0_lcrit_alarm", "1\n");
    hub_look(hub, 2 * MINUTE);
    put("class/hwmon/hwmon3/in0_lcrit_alarm", "0\n");
    hub_look(hub, 11 * MINUTE);
    assert_string_equal(told, "+hub-undervoltage ");
    hub_look(hub, 12 * MINUTE);
    assert_string_equal(told, "+hub-undervoltage -hub-undervoltage ");
}

static void mains_are_missed_after_five_minutes_on_a_battery(void **state)
{
    (void)state;
    put("class/power_supply/ac/type", "Mains\n");
    put("class/power_supply/ac/online", "0\n");
    hub_look(hub, MINUTE);
    hub_look(hub, 10 * MINUTE);
    assert_string_equal(told, ""); /* no battery: it would be dark by now, the file lies */
    put("class/power_supply/ups/type", "Battery\n");
    put("class/power_supply/ups/capacity", "60\n");
    hub_look(hub, 11 * MINUTE);
    hub_look(hub, 15 * MINUTE);
    assert_string_equal(told, "");
    hub_look(hub, 16 * MINUTE);
    assert_string_equal(told, "+hub-on-battery ");
    put("class/power_supply/ups/capacity", "19\n");
    hub_look(hub, 17 * MINUTE);
    put("class/power_supply/ac/online", "1\n");
    put("class/power_supply/ups/capacity", "25\n");
    hub_look(hub, 18 * MINUTE);
    assert_string_equal(told, "+hub-on-battery +hub-battery-low -hub-on-battery ");
    put("class/power_supply/ups/capacity", "30\n");
    hub_look(hub, 19 * MINUTE);
    assert_string_equal(told, "+hub-on-battery +hub-battery-low -hub-on-battery -hub-battery-low ");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_board_that_measures_nothing_says_nothing),
        TEST(what_is_no_number_is_no_measurement),
        TEST(heat_is_told_once_and_is_over_only_when_it_has_cooled_down),
        TEST(a_dip_of_the_voltage_is_over_after_ten_calm_minutes),
        TEST(mains_are_missed_after_five_minutes_on_a_battery),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
