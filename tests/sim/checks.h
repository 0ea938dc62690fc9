/* checks.h - what the checks remember of a run, for the comparison at its end. */
#ifndef SIM_CHECKS_H
#define SIM_CHECKS_H

#include "sim.h"

struct call {
    uint64_t origin;
    uint64_t message; /* of the local broker; 0: a wire. A redelivered one is the same call under another origin */
    char sensor[NAME_SIZE]; /* "": the core was not there to ask */
    bool accepted;          /* promised, also over a power cut */
    bool gone;              /* a power cut took it before that */
    unsigned again;         /* runs without memory that took a person's word with them: the next one tells it anew */
    int64_t again_at;
};

#define ERA_DETECTORS 32

struct era { /* from this log time on this variant of the home was configured */
    unsigned variant;
    int64_t from;
    struct { /* a detector knows the log up to here as it was; what comes is said as it is configured now */
        char name[NAME_SIZE];
        int64_t until;
    } seen[ERA_DETECTORS];
    unsigned n_seen;
};

struct cut { /* what happened between is not in the log: the disk did not have it yet when the power was cut */
    int64_t from, to;
    size_t n_eras; /* so many were before it */
};

struct untimed { /* the core died while the disk was dead: what the log had not got yet comes again from the rings, with
                  * the time of the next run's start */
    int64_t from, to;
};

struct blur {
    int64_t from, to; /* log times; to 0: lasts */
};

struct began { /* a detector's process, under this variant of the home, with its history from there on */
    char detector[NAME_SIZE];
    unsigned variant;
    int64_t from_log;
    int64_t at; /* the log's time when it began */
};

struct guess { /* a condition, said by a detector without its history */
    char detector[NAME_SIZE], kind[NAME_SIZE], key[GW_MAX_KEY];
    uint64_t episode;
};

struct checks {
    bool live;
    int64_t last_log;
    bool has_offset, without_memory;
    int64_t offset;
    bool raised; /* the offset had its one chance in this boot */
    struct call *call;
    size_t n_calls;
    struct era *era;
    size_t n_eras;
    struct cut *cut;
    size_t n_cuts;
    struct untimed *untimed;
    size_t n_untimed;
    struct blur *blur; /* when a detector began without its history: what it says is its best guess */
    size_t n_blurs;
    struct began *began;
    size_t n_began;
    int64_t from_log[DETECTORS_MAX]; /* of the processes that run */
    struct guess *guess;
    size_t n_guesses;
    bool alerts_lost, history_lost;
    int64_t looked; /* at the sensors' levels */
};

void checks_power_cut(struct sim *sim);
bool checks_same_call(const struct call *a, const struct call *b);

#endif
