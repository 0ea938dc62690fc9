/* replay.c - timelapse_replay CONFIG PLUGIN_DIR <log: what the configured detectors say of a log of readings, straight
 * through the engine: no core, no store, no process in between.
 *
 * stdin, a line each, in the order of the log:
 *   L <log time> <wall_minus_log>                        the label that local times are made with from here on
 *   R <log time> <id> <origin> <sensor> <type> <value> <flags>   sensor: its name, or "home"
 *   U <log time>                                         the end of the log: wakes up to here are due
 * stdout, a line each, tab separated: detector, kind, momentary 0 or 1, key, episode, raised 0 or 1, log time, reading.
 * Exit 1 with a word on stderr: anything that is not so. */
#include <dlfcn.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "engine.h"
#include "table.h"
#include "zone.h"

struct entry {
    char what; /* L, R or U */
    int64_t at, label;
    struct reading reading;
};

struct story {
    struct entry *entries;
    size_t n, capacity;
};

struct teller {
    const char *detector;
    const struct table *table;
};

static void die(const char *what, const char *detail)
{
    fprintf(stderr, "timelapse_replay: %s: %s\n", what, detail);
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

static void load_story(const struct settings *settings, struct story *story)
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

static void on_condition(void *context, const struct frame_condition *c)
{
    const struct teller *teller = context;
    const struct gw_alert_kind *kind = &teller->table->alerts[c->kind];
    printf("%s\t%s\t%d\t%s\t%" PRIu64 "\t%u\t%" PRId64 "\t%" PRIu64 "\n", teller->detector, kind->name,
           (kind->flags & GW_ALERT_MOMENTARY) != 0, c->key, c->episode, c->raised, c->at, c->reading);
}

static void on_log(void *context, int level, const char *text)
{
    const struct teller *teller = context;
    fprintf(stderr, "%s: %d %s\n", teller->detector, level, text);
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

static void tell(struct engine *engine, const struct story *story)
{
    int64_t label = 0;
    for (size_t i = 0; i < story->n; i++) {
        const struct entry *entry = &story->entries[i];
        engine_batch(engine, NULL, 0, before(story, i), label);
        if (entry->what == 'L') {
            label = entry->label;
            continue;
        }
        /* As the core does it: what else comes within this millisecond is a reading before any wake of it. */
        engine_batch(engine, &entry->reading, entry->what == 'R', entry->what == 'U' ? entry->at : entry->at - 1,
                     label);
    }
}

static const struct gw_plugin *load_plugin(const char *folder, const char *name)
{
    char path[TEXT_SIZE * 2];
    snprintf(path, sizeof path, "%s/%s.so", folder, name);
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    const struct gw_plugin *plugin = object != NULL ? dlsym(object, GW_PLUGIN_SYMBOL) : NULL;
    if (plugin == NULL)
        die(path, dlerror());
    return plugin;
}

static void run(const struct settings *settings, const struct detector_settings *detector, const char *folder,
                const struct story *story)
{
    static struct frame_sensor sensors[SENSORS_MAX];
    char error[TEXT_SIZE * 2] = "";
    for (uint32_t i = 0; i < settings->n_sensors; i++) {
        sensors[i] = (struct frame_sensor){.slot = (uint16_t)i, .kind = settings->sensors[i].kind};
        memcpy(sensors[i].name, settings->sensors[i].name, NAME_SIZE);
        memcpy(sensors[i].room, settings->sensors[i].room, NAME_SIZE);
    }
    const struct gw_plugin *plugin = load_plugin(folder, detector->plugin);
    struct table *table = table_create(plugin, detector->plugin, error, sizeof error);
    if (table == NULL)
        die(detector->plugin, error);
    struct teller teller = {detector->name, table};
    const struct engine_setup setup = {
        .plugin = plugin,
        .stem = detector->plugin,
        .settings = detector->settings,
        .n_settings = detector->n_settings,
        .sensors = sensors,
        .n_sensors = settings->n_sensors,
        .port = {&teller, on_condition, on_log},
    };
    struct engine *engine = engine_create(&setup, error, sizeof error);
    if (engine == NULL)
        die(detector->name, error);
    tell(engine, story);
    engine_destroy(engine);
    table_destroy(table);
}

int main(int argc, char **argv)
{
    struct config_errors errors = {0};
    struct story story = {0};
    if (argc != 3)
        die("usage", "timelapse_replay CONFIG PLUGIN_DIR <log");
    const struct config_options options = {.libexec_dir = "", .state_dir = "/", .plugin_dir = argv[2]};
    struct settings *settings = config_load(argv[1], &options, &errors);
    if (settings == NULL)
        die(argv[1], errors.n > 0 ? errors.text[0] : "does not load");
    zone_load(settings->timezone);
    load_story(settings, &story);
    for (uint32_t i = 0; i < settings->n_detectors; i++)
        run(settings, &settings->detectors[i], argv[2], &story);
    free(story.entries);
    settings_free(settings);
    config_errors_free(&errors);
    return 0;
}
