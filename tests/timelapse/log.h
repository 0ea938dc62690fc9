/* log.h - a log of readings as text, and a configured detector's engine to tell it to: for the programs beside it,
 * which end with a word on stderr where anything is not as it should be.
 *
 * A line each, in the order of the log:
 *   L <log time> <wall_minus_log>                        the label that local times are made with from here on
 *   R <log time> <id> <origin> <sensor> <type> <value> <flags>   sensor: its name, or "home"
 *   U <log time>                                         the end of the log: wakes up to here are due */
#ifndef TIMELAPSE_LOG_H
#define TIMELAPSE_LOG_H

#include "config/config.h"
#include "engine.h"

struct entry {
    char what; /* L, R or U */
    int64_t at, label;
    struct reading reading;
};

struct story {
    struct entry *entries;
    size_t n, capacity;
};

_Noreturn void die(const char *what, const char *detail);

/* The configuration, its time zone being this process's from now on. */
struct settings *log_settings(const char *path, const char *plugin_dir);
/* The log on stdin. */
void log_read(const struct settings *settings, struct story *story);
/* <folder>/<name>.so; stays loaded. */
const struct gw_plugin *log_plugin(const char *folder, const char *name);
struct engine *log_engine(const struct settings *settings, const struct detector_settings *detector,
                          const struct gw_plugin *plugin, const struct engine_port *port);
/* What the log has from `from` up to `to`, both included, with the wakes up to `to`. */
void log_tell(struct engine *engine, const struct story *story, int64_t from, int64_t to);

#endif
