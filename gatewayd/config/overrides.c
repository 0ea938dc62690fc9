/* overrides.c - settings that stand instead of the file's for one run: those of `gatewayctl replay --set`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "check.h"

static void report_unknown(struct check *check, const char *detector)
{
    const struct settings *settings = check->settings;
    const char *names[DETECTORS_MAX];
    char all[200] = "";
    size_t length = 0;
    for (uint32_t i = 0; i < settings->n_detectors; i++) {
        names[i] = settings->detectors[i].name;
        if (length + strlen(names[i]) + 3 < sizeof all)
            length += (size_t)snprintf(all + length, sizeof all - length, "%s%s", length ? ", " : "", names[i]);
    }
    const char *nearest = text_nearest(detector, names, settings->n_detectors);
    if (nearest)
        report_add(check->report, REPORT_SET, "there is no detector \"%.60s\"; did you mean \"%s\"?", detector,
                   nearest);
    else
        report_add(check->report, REPORT_SET, "there is no detector \"%.60s\"; there are: %s", detector,
                   *all ? all : "none");
}

/* Take out what the file says of this key. */
static void forget(struct detector_settings *detector, struct setting_lines *lines, const char *key)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < detector->n_settings; i++) {
        if (strcmp(detector->settings[i].key, key) == 0)
            continue;
        if (kept != i) {
            detector->settings[kept] = detector->settings[i];
            lines->line[kept] = lines->line[i];
        }
        kept++;
    }
    detector->n_settings = kept;
}

static void put(struct check *check, struct detector_settings *detector, struct setting_lines *lines,
                const struct config_override *override)
{
    if (strlen(override->key) >= NAME_SIZE || strlen(override->value) >= SETTING_SIZE ||
        !text_valid(override->value, strlen(override->value) + 1)) {
        report_add(check->report, REPORT_SET, "\"%.60s\": its name or value is too long, or no UTF-8", override->key);
        return;
    }
    if (table_key(&detector_table, override->key)) {
        report_add(check->report, REPORT_SET, "%s: this can't be set for a run", override->key);
        return;
    }
    forget(detector, lines, override->key);
    size_t n = detector->n_settings + 1u;
    struct frame_setting *settings = realloc(detector->settings, n * sizeof *settings);
    detector->settings = settings ? settings : detector->settings;
    unsigned *line = settings ? realloc(lines->line, n * sizeof *line) : NULL;
    if (!line) {
        check->out_of_memory = true;
        return;
    }
    lines->line = line;
    line[n - 1] = REPORT_SET;
    settings[n - 1] = (struct frame_setting){.where = "--set"};
    text_copy(settings[n - 1].key, NAME_SIZE, override->key);
    text_copy(settings[n - 1].value, SETTING_SIZE, override->value);
    detector->n_settings = (uint32_t)n;
}

void overrides_apply(struct check *check)
{
    for (unsigned i = 0; i < check->options->n_overrides && !check->out_of_memory; i++) {
        const struct config_override *override = &check->options->overrides[i];
        uint32_t k = 0;
        while (k < check->settings->n_detectors && strcmp(check->settings->detectors[k].name, override->detector) != 0)
            k++;
        if (k < check->settings->n_detectors)
            put(check, &check->settings->detectors[k], &check->lines[k], override);
        else
            report_unknown(check, override->detector);
    }
}
