#include "run.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "config/timezone.h"
#include "print.h"

static void tell_errors(const struct config_errors *errors)
{
    for (unsigned i = 0; i < errors->n; i++)
        fprintf(stderr, "%s\n", errors->text[i]);
    if (errors->more)
        fprintf(stderr, "and %u more errors\n", errors->more);
}

static bool choose_zone(struct settings *settings, const char *zone)
{
    char why[TEXT_SIZE] = "";
    if (!zone)
        return true;
    if (strlen(zone) >= sizeof settings->timezone || !timezone_ok(zone, why, sizeof why)) {
        fprintf(stderr, "--timezone: %s\n", why[0] ? why : "the name is too long");
        return false;
    }
    text_copy(settings->timezone, sizeof settings->timezone, zone);
    return true;
}

static bool has_detector(const struct settings *settings, const char *name)
{
    const char *names[DETECTORS_MAX];
    for (uint32_t i = 0; i < settings->n_detectors; i++) {
        names[i] = settings->detectors[i].name;
        if (strcmp(names[i], name) == 0)
            return true;
    }
    const char *nearest = text_nearest(name, names, settings->n_detectors);
    fprintf(stderr, "--detector: there is no detector \"%s\"%s%s%s\n", name, nearest ? "; did you mean \"" : "",
            nearest ? nearest : "", nearest ? "\"?" : "");
    return false;
}

bool run_load(struct run *run, const struct replay_options *options, const struct replay_side *side)
{
    struct config_options how = {
        .libexec_dir = options->libexec,
        .plugin_dir = options->plugin_dir,
        .ask_plugins = true,
        .overrides = side->sets,
        .n_overrides = side->n,
    };
    struct config_errors errors = {0};
    *run = (struct run){.side = side};
    run->settings = config_load(options->config, &how, &errors);
    tell_errors(&errors);
    config_errors_free(&errors);
    bool good = run->settings && choose_zone(run->settings, options->timezone);
    for (uint32_t i = 0; good && i < options->n_only; i++)
        good = has_detector(run->settings, options->only[i]);
    if (good && run->settings->n_detectors == 0) {
        fprintf(stderr, "%s: no detector is configured: nothing could be found\n", options->config);
        return false;
    }
    return good;
}

bool run_start(struct run *run, const struct replay_options *options, bool modes_logged,
               void (*tell)(void *context, const struct told *told), void *context)
{
    if (!alerts_begin(&run->alerts, run->settings, tell, context)) {
        fprintf(stderr, "out of memory\n");
        return false;
    }
    return pipeline_start(&run->pipeline, run->settings, options->libexec, options->only, options->n_only,
                          modes_logged);
}

static const struct detector *of(const struct pipeline *pipeline, uint32_t number)
{
    for (uint32_t i = 0; i < pipeline->n; i++)
        if (pipeline->detectors[i].number == number)
            return &pipeline->detectors[i];
    return NULL;
}

bool run_answers(struct run *run)
{
    if (!pipeline_answers(&run->pipeline))
        return false;
    const struct said_list *list = &run->pipeline.said;
    for (uint32_t i = 0; i < list->n; i++) {
        const struct detector *d = of(&run->pipeline, list->said[i].detector);
        if (d && d->chosen && !alerts_take(&run->alerts, d, &list->said[i].condition)) {
            fprintf(stderr, "out of memory\n");
            return false;
        }
    }
    run->pipeline.said.n = 0;
    alerts_until(&run->alerts, run->pipeline.until);
    return true;
}

bool run_feed(struct run *run, const struct chunk *chunk, int64_t until)
{
    if (!run_answers(run))
        return false;
    run->alerts.wall_minus_log = chunk->wall_minus_log;
    return pipeline_feed(&run->pipeline, chunk, until);
}

void run_tell_health(const struct run *run, const struct replay_options *options)
{
    static const char *const names[] = {"ok", "learning", "blind"};
    for (uint32_t i = 0; i < run->pipeline.n; i++) {
        const struct detector *d = &run->pipeline.detectors[i];
        uint32_t state = d->health.state;
        if (!d->chosen || state == GW_HEALTH_OK || state >= sizeof names / sizeof names[0])
            continue;
        if (!options->json) {
            bool zh = options->language == REPLAY_ZH;
            printf("%s is %s at the end: %s\n", d->own->name, names[state], zh ? d->health.text_zh : d->health.text_en);
            continue;
        }
        printf("{\"health\": \"%s\", \"detector\": \"%s\", \"text\": {\"en\": ", names[state], d->own->name);
        print_json_text(stdout, d->health.text_en);
        fputs(", \"zh\": ", stdout);
        print_json_text(stdout, d->health.text_zh);
        fputs("}}\n", stdout);
    }
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

void run_tell_timing(struct run *run)
{
    for (uint32_t i = 0; i < run->pipeline.n; i++) {
        struct detector *d = &run->pipeline.detectors[i];
        detector_end(d);
        double used = seconds(d->used.ru_utime) + seconds(d->used.ru_stime);
        fprintf(stderr,
                "detector %s: %" PRIu64 " readings, %.2f s of processor time (%.2f million a second), %ld KiB\n",
                d->own->name, d->readings, used, used > 0 ? (double)d->readings / used / 1e6 : 0, d->used.ru_maxrss);
    }
}

void run_end(struct run *run)
{
    pipeline_end(&run->pipeline);
    alerts_end(&run->alerts);
    settings_free(run->settings);
    *run = (struct run){0};
}
