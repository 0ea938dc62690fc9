/* replay.h - what the plugins say of the log of accepted readings, for the comparison at the end (oracle.c). */
#ifndef SIM_REPLAY_H
#define SIM_REPLAY_H

#include "checks.h"
#include "gatewayd/plugin.h"

#define SAID_MAX 8192 /* room for what is said of one home */

struct said {
    bool raised, must, momentary;
    unsigned variant;
    uint64_t episode;
    int64_t at;
    char detector[NAME_SIZE], kind[NAME_SIZE], key[GW_MAX_KEY];
};

struct oracle {
    struct sim *sim;
    const struct settings *settings;
    const struct detector_settings *detector;
    const struct gw_plugin *plugin;
    unsigned variant;
    struct said *said;
    size_t n;
};

/* Every detector over the whole log, under each variant of the home that was configured. */
void replay_variants(struct oracle *o);
/* One process over what it could know. */
void replay_process(struct oracle *o, const struct began *began);
/* How the detector was configured when it came to this log time. */
unsigned replay_variant_at(const struct sim *sim, const char *detector, int64_t at);
/* The sensor's number in the log. */
unsigned replay_number_of(const struct sim *sim, const char *name);
/* Its rule goes by the time of day, and this home's wall clock jumps: more than one answer is right. */
bool replay_follows_the_clock(const struct sim *sim, const char *kind);

#endif
