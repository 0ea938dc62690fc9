/* source.h - where the readings of a replay come from: a recording, or a gateway's history. A source gives them in
 * chunks, in the order of log time, with slots as in the configuration. */
#ifndef REPLAY_SOURCE_H
#define REPLAY_SOURCE_H

#include <stdio.h>

#include "core/settings.h"

#define CHUNK_READINGS 2048u /* bounds the memory of a replay, and how often its detectors are waited for */
#define ID_STEP        64u   /* ids of readings are this far apart: modes that a visit makes come between them */

struct chunk {
    uint32_t n;
    int64_t wall_minus_log; /* the same for all of them */
    struct reading reading[CHUNK_READINGS];
};

enum source_result { SOURCE_CHUNK, SOURCE_END, SOURCE_FAILED };

struct source {
    void *context;
    /* Fill the chunk (n >= 1 with SOURCE_CHUNK). FAILED: the reason has been told on stderr. */
    enum source_result (*read)(void *context, struct chunk *chunk);
    /* What was left out and why, in some lines on `err`. */
    void (*tell)(const void *context, FILE *err);
    void (*close)(void *context);
    bool modes_logged; /* the home's modes stand among the readings: visits make none again */
};

/* A recording. False with the reason in error. settings and path are borrowed until close. */
bool source_trace(struct source *source, const struct settings *settings, const char *path, char *error, size_t size);
/* The history of the gateway that answers at `socket`, `since_ms` back from now (0: all). */
bool source_history(struct source *source, const struct settings *settings, const char *socket, int64_t since_ms,
                    char *error, size_t size);

#endif
