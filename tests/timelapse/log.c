#include "log.h"

#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zone.h"

void die(const char *what, const char *detail)
{
    fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, detail);
    exit(1);
}

static uint16_t slot_of(const struct settings *settings, const char *name)
{
    for (uint32_t i = 0; i < settings->n_sensors; i++)
        if (strcmp(settings->sensors[i].name, name) == 0)
            return (uint16_t)i;
    if (strcmp(name, "home") != 0)
        die("the configuration has no such sensor", name);
    return SENSOR_HOME;
}

static bool parse(const struct settings *settings, const char *line, struct entry *out)
{
    char name[NAME_SIZE];
    unsigned type, flags;
    struct reading *r = &out->reading;
    memset(out, 0, sizeof *out);
    out->what = line[0];
    if (line[0] == 'L')
        return sscanf(line, "L %" SCNd64 " %" SCNd64, &out->at, &out->label) == 2;
    if (line[0] == 'U')
        return sscanf(line, "U %" SCNd64, &out->at) == 1;
    if (sscanf(line, "R %" SCNd64 " %" SCNu64 " %" SCNu64 " %47s %u %lf %u", &out->at, &r->id, &r->origin, name, &type,
               &r->value, &flags) != 7)
        return false;
    r->at = out->at;
    r->sensor = slot_of(settings, name);
    r->type = (uint8_t)type;
    r->flags = (uint8_t)flags;
    return true;
}

void log_read(const struct settings *settings, struct story *story)
{
    char line[512];
    while (fgets(line, sizeof line, stdin) != NULL) {
        if (story->n == story->capacity) {
            story->capacity = story->capacity * 2 + 1024;
            story->entries = realloc(story->entries, story->capacity * sizeof *story->entries);
            if (story->entries == NULL)
                die("out of memory", "log");
        }
        if (!parse(settings, line, &story->entries[story->n++]))
            die("not a line of a log", line);
    }
}

struct settings *log_settings(const char *path, const char *plugin_dir)
{
    struct config_errors errors = {0};
    const struct config_options options = {.libexec_dir = "", .state_dir = "/", .plugin_dir = plugin_dir};
    struct settings *settings = config_load(path, &options, &errors);
    if (settings == NULL)
        die(path, errors.n > 0 ? errors.text[0] : "does not load");
    config_errors_free(&errors);
    zone_load(settings->timezone);
    return settings;
}

const struct gw_plugin *log_plugin(const char *folder, const char *name)
{
    char path[TEXT_SIZE * 2];
    snprintf(path, sizeof path, "%s/%s.so", folder, name);
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    const struct gw_plugin *plugin = object != NULL ? dlsym(object, GW_PLUGIN_SYMBOL) : NULL;
    if (plugin == NULL)
        die(path, dlerror());
    return plugin;
}

struct engine *log_engine(const struct settings *settings, const struct detector_settings *detector,
                          const struct gw_plugin *plugin, const struct engine_port *port)
{
    static struct frame_sensor sensors[SENSORS_MAX];
    char error[TEXT_SIZE * 2] = "";
    for (uint32_t i = 0; i < settings->n_sensors; i++) {
        sensors[i] = (struct frame_sensor){.slot = (uint16_t)i, .kind = settings->sensors[i].kind};
        memcpy(sensors[i].name, settings->sensors[i].name, NAME_SIZE);
        memcpy(sensors[i].room, settings->sensors[i].room, NAME_SIZE);
    }
    const struct engine_setup setup = {
        .plugin = plugin,
        .stem = detector->plugin,
        .settings = detector->settings,
        .n_settings = detector->n_settings,
        .sensors = sensors,
        .n_sensors = settings->n_sensors,
        .port = *port,
    };
    struct engine *engine = engine_create(&setup, error, sizeof error);
    if (engine == NULL)
        die(detector->name, error);
    return engine;
}

/* The last moment that was lived through before the entry: no batch ends within a gap. */
static int64_t before(const struct story *story, size_t i)
{
    const struct entry *entry = &story->entries[i], *next = i + 1 < story->n ? entry + 1 : entry;
    const struct entry *at_end = entry->what == 'L' && next->at == entry->at ? next : entry;
    const struct reading *r = &at_end->reading;
    bool gap = at_end->what == 'R' && r->sensor == SENSOR_HOME && r->type == GW_GAP && r->value > 0;
    return entry->at - 1 - (gap ? (int64_t)r->value : 0);
}

void log_tell(struct engine *engine, const struct story *story, int64_t from, int64_t to)
{
    int64_t label = 0;
    for (size_t i = 0; i < story->n && story->entries[i].at <= to; i++) {
        const struct entry *entry = &story->entries[i];
        if (entry->at >= from)
            engine_batch(engine, NULL, 0, before(story, i), label);
        if (entry->what == 'L') {
            label = entry->label;
            continue;
        }
        if (entry->at < from)
            continue;
        /* As the core does it: what else comes within this millisecond is a reading before any wake of it. */
        engine_batch(engine, &entry->reading, entry->what == 'R', entry->what == 'U' ? entry->at : entry->at - 1,
                     label);
    }
    engine_batch(engine, NULL, 0, to, label);
}
