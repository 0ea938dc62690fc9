/* detector.h - one gatewayd-detector process as a replay drives it: configured and fed exactly as the core does, but
 * waited for. */
#ifndef REPLAY_DETECTOR_H
#define REPLAY_DETECTOR_H

#include <sys/resource.h>

#include "base/spawn.h"
#include "core/settings.h"

struct detector;

/* A condition that it said. */
struct said {
    uint32_t detector; /* its number */
    uint32_t order;    /* of its saying */
    struct frame_condition condition;
};

struct said_list { /* grows to what one chunk brings at most, which the detector's host bounds; owned by its user */
    struct said *said;
    uint32_t n, capacity;
};

struct detector {
    uint32_t number; /* in the configuration */
    const struct settings *settings;
    const struct detector_settings *own;
    struct spawned process; /* pid 0: none */
    bool ready;
    bool chosen; /* its alerts are told */
    bool visits; /* it makes visits: it is fed before the others */
    uint32_t n_alerts, alerts_got;
    struct frame_plugin_alert *alerts; /* PLUGIN_ALERTS_MAX, owned */
    uint64_t slots[SENSORS_MAX / 64];
    uint64_t token, answered;
    int64_t wake; /* log time of its next wish, 0 none */
    uint64_t readings, dropped;
    uint32_t order;
    uint32_t log_lines;
    struct frame_health health; /* as said last */
    struct rusage used;         /* after detector_end */
    char error[2 * TEXT_SIZE];  /* why it failed */
};

/* Start the process and send its configuration. False with the reason in error. `libexec`: the folder of
 * gatewayd-detector. settings are borrowed. */
bool detector_start(struct detector *detector, const struct settings *settings, uint32_t number, const char *libexec);
/* Wait until it is ready. False with the reason in error. */
bool detector_ready(struct detector *detector);
/* Feed those of the n readings that it wants; wakes up to `until` are due. frame: two of
 * them, room to work in. */
bool detector_feed(struct detector *detector, const struct reading *readings, uint32_t n, int64_t until,
                   int64_t wall_minus_log, struct frame *frame, struct said_list *list);
/* Wait until it has answered everything; what it says goes to the list. */
bool detector_answers(struct detector *detector, struct frame *frame, struct said_list *list);

/* End the process and free what belongs to it. Legal in any state of a zeroed detector. */
void detector_end(struct detector *detector);

#endif
