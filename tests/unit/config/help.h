/* help.h - what the tests of the configuration share: configurations as text, errors by line. */
#ifndef TEST_CONFIG_HELP_H
#define TEST_CONFIG_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/catalog.h"
#include "config/check.h"

#define HOME     "home = { county = \"c\"; town = \"t\"; village = \"v\"; id = \"1\"; timezone = \"Asia/Shanghai\"; };\n"
#define FIXTURES TESTS_DIR "/config/"

struct loaded {
    struct settings *settings;
    struct config_errors errors;
};

static const struct config_options no_questions = {.plugin_dir = "/nowhere", .state_dir = "/state"};

static inline struct loaded load_file(const char *path, const struct config_options *options,
                                      describe_function describe)
{
    struct loaded loaded = {0};
    loaded.settings = config_load_with(path, options, describe, &loaded.errors);
    if ((loaded.settings != NULL) != (loaded.errors.n == 0))
        fail_msg("settings without errors, or errors without settings, is the contract");
    return loaded;
}

static inline struct loaded load_bytes(const char *text, size_t size, const struct config_options *options,
                                       describe_function describe)
{
    char path[] = "/tmp/test-config-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, size), size);
    close(fd);
    struct loaded loaded = load_file(path, options, describe);
    unlink(path);
    return loaded;
}

static inline struct loaded load_text(const char *text)
{
    return load_bytes(text, strlen(text), &no_questions, NULL);
}

static inline void loaded_free(struct loaded *loaded)
{
    settings_free(loaded->settings);
    config_errors_free(&loaded->errors);
}

/* Is there an error at the line (of a file whose path ends so) with this in its message? */
static inline bool has_error(const struct config_errors *errors, const char *file, unsigned line, const char *message)
{
    char where[300];
    snprintf(where, sizeof where, "%s:%u: ", file, line);
    for (unsigned i = 0; i < errors->n; i++) {
        const char *found = strstr(errors->text[i], where);
        if (found && strstr(found + strlen(where), message))
            return true;
    }
    return false;
}

static inline void print_errors(const struct config_errors *errors)
{
    for (unsigned i = 0; i < errors->n; i++)
        print_message("  %s\n", errors->text[i]);
}

/* The text has this one error, and no other. */
static inline void one_error(const char *text, unsigned line, const char *message)
{
    struct loaded loaded = load_text(text);
    if (loaded.errors.n != 1 || !has_error(&loaded.errors, "", line, message)) {
        print_errors(&loaded.errors);
        fail_msg("expected one error, at line %u: %s", line, message);
    }
    loaded_free(&loaded);
}

/* The text has no error. */
static inline void no_error(const char *text)
{
    struct loaded loaded = load_text(text);
    if (!loaded.settings) {
        print_errors(&loaded.errors);
        fail_msg("expected no error in: %s", text);
    }
    loaded_free(&loaded);
}

#define ASSERT_FRAME(frame_type, member, value)                                                                        \
    do {                                                                                                               \
        const char *why = "";                                                                                          \
        frame_init(frame, frame_type)->member = (value);                                                               \
        if (!frame_check(frame, frame->header.length, &why))                                                           \
            fail_msg("%s: %s", frame_type_name(frame_type), why);                                                      \
    } while (0)

/* What was accepted is sent to workers as it is: every item must be a frame that they take. */
static inline void assert_frames_are_valid(const struct settings *settings)
{
    struct frame *frame = calloc(1, sizeof *frame);
    assert_non_null(frame);
    ASSERT_FRAME(FRAME_STORE_CONFIG, store_config, settings->store);
    if (settings->has_mqtt)
        ASSERT_FRAME(FRAME_MQTT_BROKER, broker, settings->mqtt);
    for (uint32_t i = 0; i < settings->n_sensors; i++)
        if (settings->sensors[i].source == SOURCE_GPIO)
            ASSERT_FRAME(FRAME_GPIO_LINE, gpio_line, settings->sensors[i].gpio);
        else
            ASSERT_FRAME(FRAME_MQTT_SENSOR, mqtt_sensor, settings->sensors[i].mqtt);
    for (uint32_t i = 0; i < settings->n_detectors; i++)
        for (uint32_t k = 0; k < settings->detectors[i].n_settings; k++)
            ASSERT_FRAME(FRAME_SETTING, setting, settings->detectors[i].settings[k]);
    for (uint32_t i = 0; i < settings->n_uplinks; i++)
        ASSERT_FRAME(FRAME_UPLINK_CONFIG, uplink_config, settings->uplinks[i].link);
    for (uint32_t i = 0; i < settings->n_outputs; i++)
        ASSERT_FRAME(FRAME_OUTPUT, output, settings->outputs[i].output);
    free(frame);
}

#endif
