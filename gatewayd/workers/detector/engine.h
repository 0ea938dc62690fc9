/* engine.h - one detector without its process: a plugin, its settings, its state, and the one rule by which readings
 * and wakes reach it in the order of the log. No fd, no dlopen, no clock: the detector process and the
 * tests drive this same code and get the same conditions.
 *
 * The time zone is the process's: call zone_load (zone.h) first. */
#ifndef DETECTOR_ENGINE_H
#define DETECTOR_ENGINE_H

#include "base/frame.h"
#include "gatewayd/plugin.h"

/* Conditions of one call (a reading, a wake), and of one batch, that are passed on; the rest is counted. By call,
 * because hundreds of presses that come in one batch after a restart are hundreds of alarms. The last quarter of both
 * is kept for emergencies, so that a plugin's chatter can't push out its own call for help. */
#define ENGINE_CONDITIONS_MAX       64u
#define ENGINE_BATCH_CONDITIONS_MAX 1024u

struct engine;

struct engine_port {
    void *context;
    /* Raised or cleared; evidence carries slots. Valid during the call. */
    void (*condition)(void *context, const struct frame_condition *condition);
    void (*log)(void *context, int level, const char *text); /* level: enum log_level */
};

/* Borrowed during engine_create only, but for the plugin itself, which must stay loaded. */
struct engine_setup {
    const struct gw_plugin *plugin; /* as the shared object has it, any minor version */
    const char *stem;               /* name of its file without ".so" */
    const struct frame_setting *settings;
    uint32_t n_settings;
    const struct frame_sensor *sensors; /* of the home */
    uint32_t n_sensors;
    struct engine_port port;
};

/* Check the plugin's table, resolve the settings and open the plugin. NULL with the reason in error: permanent, nothing
 * to retry. */
struct engine *engine_create(const struct engine_setup *setup, char *error, size_t error_size);
/* Closes the plugin. NULL is legal. */
void engine_destroy(struct engine *engine);

/* The i-th sensor it wants to see, as a BIND; false: no more. */
bool engine_bind(const struct engine *engine, uint32_t i, struct frame_bind *out);

/* Feed readings (ids rising) and let the wakes up to `until` happen, interleaved in log order: a reading before a wake
 * of the same ms. Where the log begins with nothing for this plugin, it gets a wake. Readings of sensors that are not
 * bound are passed over. wall_minus_log: for local times from the first reading on (until it, the former one held);
 * when it jumps forward over a local time that was wished for, that wake happens at once.
 *
 * A GW_GAP of `value` ms at `at`: wakes before at - value happen at their times before it; what was due in the gap
 * happens once, at `at`, after the plugin has been told of the gap; so does a local time over which the clock jumped
 * in a batch that begins with the gap. Live the same by construction: no batch's `until` lies within a gap. */
void engine_batch(struct engine *engine, const struct reading *readings, uint32_t n, int64_t until,
                  int64_t wall_minus_log);

/* What the plugin said last of how well it sees; GW_HEALTH_OK without texts if it never said anything. */
const struct frame_health *engine_health(const struct engine *engine);
int64_t engine_wake(const struct engine *engine); /* log time of the next wake; 0: none */
/* Of the last batch: conditions said, and those of them not passed on. */
uint32_t engine_said(const struct engine *engine);
uint32_t engine_dropped(const struct engine *engine);

#endif
