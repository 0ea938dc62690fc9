#include "engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine_private.h"
#include "zone.h"

static bool load(struct engine *engine, const struct engine_setup *setup, char *error, size_t error_size)
{
    engine->table = table_create(setup->plugin, setup->stem, error, error_size);
    if (engine->table == NULL)
        return false;
    engine->binding = binding_create(engine->table, setup->settings, setup->n_settings, setup->sensors,
                                     setup->n_sensors, error, error_size);
    if (engine->binding == NULL)
        return false;
    const size_t size = engine->table->plugin.state_size;
    engine->state = calloc(1, size > 0 ? size : 1); /* aligned for any type */
    if (engine->state == NULL) {
        snprintf(error, error_size, "out of memory");
        return false;
    }
    memset(engine->index_of_slot, 0xff, sizeof engine->index_of_slot);
    for (uint32_t i = 0; i < engine->binding->n_sensors; i++)
        engine->index_of_slot[engine->binding->sensors[i].slot] = (uint16_t)i;
    return true;
}

static bool open_plugin(struct engine *engine, char *error, size_t error_size)
{
    char why[TEXT_SIZE] = "";
    engine->phase = ENGINE_OPENING;
    const int result = engine->table->plugin.open(engine->state, &engine->host, why, sizeof why);
    engine->phase = ENGINE_OUTSIDE;
    why[sizeof why - 1] = '\0';
    if (result != 0)
        snprintf(error, error_size, "plugin \"%s\" refuses its settings: %s", engine->table->plugin.name,
                 why[0] != '\0' ? why : "no reason given");
    return result == 0;
}

struct engine *engine_create(const struct engine_setup *setup, char *error, size_t error_size)
{
    struct engine *engine = calloc(1, sizeof *engine);
    if (engine == NULL) {
        snprintf(error, error_size, "out of memory");
        return NULL;
    }
    engine->port = setup->port;
    engine->local_minute = -1;
    bool good = load(engine, setup, error, error_size);
    if (good) {
        host_init(engine);
        good = open_plugin(engine, error, error_size);
    }
    if (!good) {
        free(engine->state); /* not opened, so not closed */
        engine->state = NULL;
        engine_destroy(engine);
        return NULL;
    }
    return engine;
}

void engine_destroy(struct engine *engine)
{
    if (engine == NULL)
        return;
    if (engine->state != NULL && engine->table->plugin.close != NULL)
        engine->table->plugin.close(engine->state, &engine->host);
    free(engine->state);
    binding_destroy(engine->binding, engine->table);
    table_destroy(engine->table);
    free(engine);
}

bool engine_bind(const struct engine *engine, uint32_t i, struct frame_bind *out)
{
    if (i >= engine->binding->n_sensors)
        return false;
    const struct bound_sensor *sensor = &engine->binding->sensors[i];
    memset(out, 0, sizeof *out);
    text_copy(out->role, sizeof out->role, sensor->role);
    out->slot = sensor->slot;
    out->required = sensor->required;
    return true;
}

/* Log time at which the wished local minute begins next: now or later, and later than the last one that happened. */
static int64_t next_local(const struct engine *engine)
{
    int64_t from = engine->now;
    if (engine->local_fired >= from)
        from = engine->local_fired + 1;
    const int64_t at = zone_next_minute(from + engine->wall_minus_log, engine->local_minute) - engine->wall_minus_log;
    return at > from ? at : from;
}

/* A wish replaces the one before it. One that was wished for in a wake is at least a millisecond later, or a plugin
 * that always wants to be called at once would stop the log. */
static void take_wish(struct engine *engine, struct gw_wake wish, bool in_wake)
{
    const int64_t soonest = in_wake ? engine->now + 1 : engine->now;
    const bool at_good = wish.at >= 0 && wish.at <= TIME_LIMIT;
    if (!at_good || wish.local_minute < -1 || wish.local_minute > 1439) {
        host_mistake(engine, "wishes for an impossible wake");
        wish.at = at_good ? wish.at : 0;
        wish.local_minute = -1;
    }
    if (wish.at == 0)
        engine->wake_at = 0;
    else
        engine->wake_at = wish.at > soonest ? wish.at : soonest;
    if (wish.local_minute != engine->local_minute || engine->local_at == 0) {
        engine->local_minute = wish.local_minute;
        engine->local_at = wish.local_minute < 0 ? 0 : next_local(engine);
    }
}

static int64_t next_wake(const struct engine *engine)
{
    if (engine->wake_at == 0 || (engine->local_at != 0 && engine->local_at < engine->wake_at))
        return engine->local_at;
    return engine->wake_at;
}

static void wake_until(struct engine *engine, int64_t until)
{
    for (int64_t at = next_wake(engine); at != 0 && at <= until; at = next_wake(engine)) {
        if (at > engine->now)
            engine->now = at;
        if (engine->local_at != 0 && engine->local_at <= at) {
            engine->local_fired = engine->now;
            engine->local_at = 0;
        }
        engine->phase = ENGINE_RUNNING;
        engine->passed = 0;
        const struct gw_wake wish = engine->table->plugin.wake(engine->state, &engine->host, engine->now);
        engine->phase = ENGINE_OUTSIDE;
        take_wish(engine, wish, true);
    }
}

/* Log time in which nothing was recorded, ms before this reading; 0: none. Mostly it passed in no time, when the log
 * was raised at the first sync. Nobody lived through it: what was to happen in it happens once, after the plugin has
 * been told, and not on every day of years, nor by a plugin that takes the jump for a silence. */
static int64_t unseen(const struct reading *reading)
{
    const bool gap = reading->sensor == SENSOR_HOME && reading->type == GW_GAP && reading->value > 0;
    return gap && reading->value < (double)reading->at ? (int64_t)reading->value : 0;
}

static void feed(struct engine *engine, const struct reading *reading)
{
    uint32_t sensor = GW_SENSOR_HOME;
    if (reading->sensor != SENSOR_HOME) {
        if (reading->sensor >= SENSORS_MAX || engine->index_of_slot[reading->sensor] == NO_INDEX)
            return;
        sensor = engine->index_of_slot[reading->sensor];
    }
    if (reading->at > engine->now) {
        wake_until(engine, reading->at - 1 - unseen(reading));
        engine->now = reading->at;
    }
    /* Only now: what a wake found is found after the reading before it, live as in history. */
    engine->last_id = reading->id;
    const struct gw_reading told = {
        .id = reading->id,
        .origin = reading->origin,
        .at = engine->now,
        .value = reading->type == GW_GAP ? (double)unseen(reading) : reading->value,
        .sensor = sensor,
        .type = reading->type,
        .flags = reading->flags,
    };
    engine->current = reading;
    engine->phase = ENGINE_RUNNING;
    engine->passed = 0;
    const struct gw_wake wish = engine->table->plugin.reading(engine->state, &engine->host, &told);
    engine->phase = ENGINE_OUTSIDE;
    engine->current = NULL;
    take_wish(engine, wish, false);
}

/* skipped_at: when a local time over which the clock jumped is made up for. */
static void set_wall(struct engine *engine, int64_t wall_minus_log, int64_t skipped_at)
{
    const int64_t before = engine->wall_minus_log;
    engine->wall_minus_log = wall_minus_log;
    if (before == wall_minus_log || engine->local_at == 0)
        return;
    if (engine->local_at + before <= engine->now + wall_minus_log)
        engine->local_at = skipped_at > 0 ? skipped_at : 1;
    else
        engine->local_at = next_local(engine);
}

void engine_batch(struct engine *engine, const struct reading *readings, uint32_t n, int64_t until,
                  int64_t wall_minus_log)
{
    engine->said = engine->passed_batch = engine->dropped = 0;
    /* Until its first reading the old label held: in history the boot before may have had years of another clock. */
    if (n > 0 && wall_minus_log != engine->wall_minus_log)
        wake_until(engine, readings[0].at - 1 - unseen(&readings[0]));
    /* The clock jumps with the gap of the first sync: not before the plugin is told of it. */
    set_wall(engine, wall_minus_log, n > 0 && unseen(&readings[0]) > 0 ? readings[0].at : engine->now);
    if (!engine->begun) { /* a plugin that waits for what does not come has to be called once to say so */
        engine->begun = true;
        if (engine->table->plugin.abi_minor >= 1) /* older ones were promised no call that they did not wish for */
            engine->wake_at = n > 0 ? readings[0].at : until;
    }
    for (uint32_t i = 0; i < n; i++)
        feed(engine, &readings[i]);
    wake_until(engine, until);
    if (until > engine->now)
        engine->now = until;
}

const struct frame_health *engine_health(const struct engine *engine)
{
    return &engine->health;
}

int64_t engine_wake(const struct engine *engine)
{
    return next_wake(engine);
}

uint32_t engine_said(const struct engine *engine)
{
    return engine->said;
}

uint32_t engine_dropped(const struct engine *engine)
{
    return engine->dropped;
}
