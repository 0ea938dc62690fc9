/* pipeline.h - all detectors of one setting, fed with the same readings in log time. Two steps: those that make visits
 * first, whose modes then stand in what the others see; without any, one. */
#ifndef REPLAY_PIPELINE_H
#define REPLAY_PIPELINE_H

#include "detector.h"
#include "source.h"

#define VISITS_MAX 32u /* at the same time; more are one visit too */

struct visit { /* an alert that makes the mode `visit` while it is true */
    uint32_t detector, kind;
    char key[GW_MAX_KEY];
};

struct pipeline {
    struct detector *detectors; /* n of them */
    uint32_t n, started;
    bool visits; /* one of them makes visits */
    struct visit visit[VISITS_MAX];
    uint32_t n_visits;
    double mode;            /* the home's without a visit, as the recording says */
    int64_t until;          /* everything up to here has been fed */
    struct reading *merged; /* the chunk with the modes; owned */
    uint32_t merged_capacity;
    struct said_list said; /* of the chunk being handled */
    struct frame *frames;  /* two */
};

/* Start a process per detector. `only`: names of the detectors whose alerts are wanted (n_only 0: all); others run only
 * if they make visits. modes_logged: visits make no modes. False: told on stderr. */
bool pipeline_start(struct pipeline *pipeline, const struct settings *settings, const char *libexec,
                    const char *const *only, uint32_t n_only, bool modes_logged);
/* Hand a chunk on; returns while the detectors work. `until`: wakes up to here are due. */
bool pipeline_feed(struct pipeline *pipeline, const struct chunk *chunk, int64_t until);
/* Wait for their answers; pipeline->said then holds what they said, in the order of log time, until the next feed. */
bool pipeline_answers(struct pipeline *pipeline);
void pipeline_end(struct pipeline *pipeline); /* legal for a zeroed one */

#endif
