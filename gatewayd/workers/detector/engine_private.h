/* engine_private.h - the engine's parts: engine.c (order of calls), host.c (what a plugin may call). */
#ifndef DETECTOR_ENGINE_PRIVATE_H
#define DETECTOR_ENGINE_PRIVATE_H

#include "binding.h"
#include "engine.h"
#include "table.h"

#define NO_INDEX UINT16_MAX

struct engine {
    struct gw_host host; /* first: a plugin's host pointer is the engine's */
    struct engine_port port;
    struct table *table;
    struct binding *binding;
    void *state;
    uint16_t index_of_slot[SENSORS_MAX];

    int64_t now; /* log time of the call into the plugin, or of the last one */
    int64_t wall_minus_log;
    const struct reading *current; /* in a reading call, else NULL */
    uint64_t last_id;
    enum { ENGINE_OUTSIDE, ENGINE_OPENING, ENGINE_RUNNING } phase;

    bool begun;           /* has had a batch */
    int64_t wake_at;      /* log time, 0: none */
    int64_t local_at;     /* log time of the local minute that was wished for, 0: none */
    int32_t local_minute; /* -1: none */
    int64_t local_fired;  /* log time of the last one that happened; the next is later */

    uint32_t said, passed_batch, dropped; /* of this batch */
    uint32_t passed;                      /* of this call */
    uint32_t mistakes;                    /* of the plugin, logged at 1, 2, 4, 8 ... */
    uint32_t log_lines;                   /* of the plugin since log_since */
    int64_t log_since;                    /* log time */
    struct frame_health health;           /* as the plugin said last */
    struct frame_condition condition;     /* room to make one */
};

/* Fill in engine->host. */
void host_init(struct engine *engine);
/* A plugin's mistake: counted, logged more and more rarely. */
__attribute__((format(printf, 2, 3))) void host_mistake(struct engine *engine, const char *format, ...);

#endif
