/* replay.c - timelapse_replay CONFIG PLUGIN_DIR <log: what the configured detectors say of a log of readings (log.h),
 * straight through the engine: no core, no store, no process in between.
 *
 * stdout, a line each, tab separated: detector, kind, momentary 0 or 1, key, episode, raised 0 or 1, log time, reading.
 * Exit 1 with a word on stderr: anything that is not so. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "log.h"

struct teller {
    const char *detector;
    const struct gw_plugin *plugin;
};

static void on_condition(void *context, const struct frame_condition *c)
{
    const struct teller *teller = context;
    const struct gw_alert_kind *kind = &teller->plugin->alerts[c->kind];
    printf("%s\t%s\t%d\t%s\t%" PRIu64 "\t%u\t%" PRId64 "\t%" PRIu64 "\n", teller->detector, kind->name,
           (kind->flags & GW_ALERT_MOMENTARY) != 0, c->key, c->episode, c->raised, c->at, c->reading);
}

static void on_log(void *context, int level, const char *text)
{
    const struct teller *teller = context;
    fprintf(stderr, "%s: %d %s\n", teller->detector, level, text);
}

int main(int argc, char **argv)
{
    struct story story = {0};
    if (argc != 3)
        die("usage", "timelapse_replay CONFIG PLUGIN_DIR <log");
    struct settings *settings = log_settings(argv[1], argv[2]);
    log_read(settings, &story);
    for (uint32_t i = 0; i < settings->n_detectors; i++) {
        const struct detector_settings *detector = &settings->detectors[i];
        struct teller teller = {detector->name, log_plugin(argv[2], detector->plugin)};
        const struct engine_port port = {&teller, on_condition, on_log};
        struct engine *engine = log_engine(settings, detector, teller.plugin, &port);
        log_tell(engine, &story, 0, story.n > 0 ? story.entries[story.n - 1].at : 0);
        engine_destroy(engine);
    }
    free(story.entries);
    settings_free(settings);
    return 0;
}
