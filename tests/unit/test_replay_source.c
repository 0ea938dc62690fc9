/* A recording's ids and words become readings of the configured sensors. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/kinds.h"
#include "base/text.h"
#include "check.h"
#include "replay/names.h"
#include "replay/source.h"
#include "replay/vocabulary.h"

static struct sensor_settings sensors[] = {
    {.name = "front", .kind = KIND_CONTACT, .source = SOURCE_MQTT, .mqtt = {.topic = "zigbee2mqtt/hall door"}},
    {.name = "bed", .kind = KIND_BED, .source = SOURCE_GPIO, .gpio = {.line = "BED_PAD"}},
    {.name = "cord", .kind = KIND_BUTTON, .source = SOURCE_GPIO, .gpio = {.line = "front"}},
    {.name = "warmth", .kind = KIND_TEMPERATURE, .source = SOURCE_MQTT, .mqtt = {.topic = "a/state"}},
    {.name = "leak", .kind = KIND_LEAK, .source = SOURCE_MQTT, .mqtt = {.topic = "b/state"}},
};
static const struct settings settings = {.home = "h", .sensors = sensors, .n_sensors = 5};

static void a_sensor_is_found_by_name_line_or_topic(void **state)
{
    (void)state;
    struct names *names = names_create(&settings);
    assert_non_null(names);
    assert_int_equal(names_find(names, "FRONT"), 0); /* a name goes before another sensor's line */
    assert_int_equal(names_find(names, "Hall Door"), 0);
    assert_int_equal(names_find(names, "bed_pad"), 1);
    assert_int_equal(names_find(names, "state"), NAMES_AMBIGUOUS);
    assert_int_equal(names_find(names, "HOME"), NAMES_HOME);
    assert_int_equal(names_find(names, "zigbee2mqtt/hall door"), NAMES_NONE);
    assert_int_equal(names_find(names, ""), NAMES_NONE);
    names_destroy(names);
}

static void says(uint16_t kind, const char *word, unsigned expected_type, double expected)
{
    uint8_t type = 255;
    double value = -1;
    if (!vocabulary_read(kind, word, &type, &value) || type != expected_type || value != expected)
        fail_msg("\"%s\" is read as type %u, value %g", word, type, value);
}

static void cannot_say(uint16_t kind, const char *word)
{
    uint8_t type = 0;
    double value = 0;
    if (vocabulary_read(kind, word, &type, &value))
        fail_msg("\"%s\" is read as type %u, value %g", word, type, value);
}

static void words_are_read_ignoring_their_case(void **state)
{
    (void)state;
    says(KIND_CONTACT, "OPEN", GW_VALUE, 1);
    says(KIND_CONTACT, "closed", GW_VALUE, 0);
    says(KIND_CONTACT, "Close", GW_VALUE, 0);
    says(KIND_MOTION, "on", GW_VALUE, 1);
    says(KIND_PRESENCE, "absent", GW_VALUE, 0);
    says(KIND_BED, "1", GW_VALUE, 1);
    says(KIND_BED, "0.0", GW_VALUE, 0);
    says(KIND_BUTTON, "press", GW_EVENT, GW_EVENT_PRESS);
    says(KIND_CORD, "CORD", GW_EVENT, GW_EVENT_CORD);
    says(KIND_FALL, "FALL", GW_EVENT, GW_EVENT_FALL);
    says(KIND_TEMPERATURE, "-3.5", GW_VALUE, -3.5);
    says(KIND_TEMPERATURE, "1", GW_VALUE, 1);
    says(KIND_CONTACT, "LOST", GW_AVAILABILITY, 0);
    says(KIND_CONTACT, "battery=7", GW_BATTERY, 7);
    says(KIND_COUNT, "visit", GW_MODE, GW_MODE_VISIT);
}

static void what_a_sensor_cannot_say_is_refused(void **state)
{
    (void)state;
    cannot_say(KIND_CONTACT, "2");
    cannot_say(KIND_CONTACT, "21.5");
    cannot_say(KIND_CONTACT, "AJAR");
    cannot_say(KIND_TEMPERATURE, "ON");
    cannot_say(KIND_TEMPERATURE, "nan");
    cannot_say(KIND_TEMPERATURE, "1e999");
    cannot_say(KIND_TEMPERATURE, "21.5 C");
    cannot_say(KIND_CONTACT, "battery=101");
    cannot_say(KIND_CONTACT, "battery=");
    cannot_say(KIND_COUNT, "ON");
    cannot_say(KIND_CONTACT, "");
}

/* ---- the source ---- */

static struct source source;
static struct chunk chunk;
static char path[64]; /* the source borrows it */

static void open_text(const char *text)
{
    char error[256] = "";
    text_copy(path, sizeof path, "/tmp/test-replay-source-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    assert_true(source_trace(&source, &settings, path, error, sizeof error));
    unlink(path);
}

static void times_ids_and_origins_are_those_of_a_log(void **state)
{
    (void)state;
    open_text("1203980414,front,OPEN\n1203980414,bed,ON\n1203980500.25,front,CLOSE\n");
    assert_int_equal(source.read(source.context, &chunk), SOURCE_CHUNK);
    assert_int_equal(chunk.n, 3);
    for (unsigned i = 0; i < 3; i++) {
        assert_true(chunk.reading[i].at > 0);
        assert_true(chunk.reading[i].origin != 0);
        assert_true(i == 0 || chunk.reading[i].id > chunk.reading[i - 1].id + 1);
        assert_true(i == 0 || chunk.reading[i].origin != chunk.reading[i - 1].origin);
        assert_int_equal(chunk.reading[i].flags, 0); /* a recording holds changes, not states found at a start */
    }
    assert_int_equal(chunk.reading[2].at + chunk.wall_minus_log, INT64_C(1203980500250));
    assert_int_not_equal(chunk.wall_minus_log, 0);
    uint64_t origin = chunk.reading[2].origin;
    assert_int_equal(source.read(source.context, &chunk), SOURCE_END);
    source.close(source.context);
    open_text("1203980500.25,front,CLOSE\n"); /* the same reading, in a recording that was cut: the same origin */
    assert_int_equal(source.read(source.context, &chunk), SOURCE_CHUNK);
    assert_int_equal(chunk.reading[0].origin, origin);
    source.close(source.context);
}

static void equal_readings_of_one_moment_are_told_apart(void **state)
{
    (void)state;
    open_text("1000,cord,PRESS\n1000,cord,PRESS\n1000,cord,PRESS\n");
    assert_int_equal(source.read(source.context, &chunk), SOURCE_CHUNK);
    assert_int_equal(chunk.n, 3);
    assert_int_not_equal(chunk.reading[0].origin, chunk.reading[1].origin);
    assert_int_not_equal(chunk.reading[1].origin, chunk.reading[2].origin);
    assert_int_not_equal(chunk.reading[0].origin, chunk.reading[2].origin);
    source.close(source.context);
}

static void an_unchanged_level_is_no_news_within_a_minute_as_live(void **state)
{
    (void)state;
    open_text("1000,bed,ON\n1030,bed,ON\n1061,bed,ON\n1062,bed,OFF\n1063,bed,ON\n1064,cord,PRESS\n1064,cord,PRESS\n");
    assert_int_equal(source.read(source.context, &chunk), SOURCE_CHUNK);
    assert_int_equal(chunk.n, 6);
    assert_int_equal(chunk.reading[1].at - chunk.reading[0].at, 61000);
    source.close(source.context);
}

static void what_is_left_out_is_told(void **state)
{
    (void)state;
    char *text = NULL;
    size_t size = 0;
    open_text("1000,bed,ON\n1001,ghost,ON\n1002,ghost,OFF\n1003,state,1\n");
    assert_int_equal(source.read(source.context, &chunk), SOURCE_CHUNK);
    assert_int_equal(chunk.n, 1);
    FILE *out = open_memstream(&text, &size);
    source.tell(source.context, out);
    fclose(out);
    assert_non_null(strstr(text, "\"ghost\" is no sensor of this configuration: 2 readings left out"));
    assert_non_null(strstr(text, "\"state\" may be two sensors of this configuration: 1 readings left out"));
    free(text);
    source.close(source.context);
}

static void a_long_recording_comes_in_chunks_of_one_size(void **state)
{
    (void)state;
    const unsigned n = 3 * CHUNK_READINGS + 5;
    char *text = malloc((size_t)n * 32);
    size_t size = 0;
    for (unsigned i = 0; i < n; i++)
        size += (size_t)sprintf(text + size, "%u,front,%u\n", 1000 + i, i % 2);
    open_text(text);
    free(text);
    unsigned got = 0;
    int64_t last = 0;
    while (source.read(source.context, &chunk) == SOURCE_CHUNK) {
        assert_true(chunk.n <= CHUNK_READINGS);
        assert_true(chunk.reading[0].at >= last);
        last = chunk.reading[chunk.n - 1].at;
        got += chunk.n;
    }
    assert_int_equal(got, n);
    source.close(source.context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sensor_is_found_by_name_line_or_topic),
        cmocka_unit_test(words_are_read_ignoring_their_case),
        cmocka_unit_test(what_a_sensor_cannot_say_is_refused),
        cmocka_unit_test(times_ids_and_origins_are_those_of_a_log),
        cmocka_unit_test(equal_readings_of_one_moment_are_told_apart),
        cmocka_unit_test(an_unchanged_level_is_no_news_within_a_minute_as_live),
        cmocka_unit_test(what_is_left_out_is_told),
        cmocka_unit_test(a_long_recording_comes_in_chunks_of_one_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
