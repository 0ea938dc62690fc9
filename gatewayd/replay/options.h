/* options.h - the command line of `gatewayctl replay`. */
#ifndef REPLAY_OPTIONS_H
#define REPLAY_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "config/config.h"

#define REPLAY_SETS_MAX 32u

struct replay_side { /* a setting: what --set says before or after --compare */
    struct config_override sets[REPLAY_SETS_MAX];
    uint32_t n;
    char label[512]; /* "bath-stay.warn_after=30 min", or "the configuration" */
};

enum replay_language { REPLAY_BOTH, REPLAY_EN, REPLAY_ZH };

/* Pointers into argv or constants; nothing is owned. */
struct replay_options {
    const char *config, *trace, *socket, *libexec, *plugin_dir;
    const char *timezone; /* NULL: the home's */
    const char *only[DETECTORS_MAX];
    uint32_t n_only;
    bool history, compare, json, timing;
    int64_t since_ms; /* 0: all */
    int64_t tail_ms;
    enum replay_language language;
    struct replay_side side[2];
};

enum replay_parsed { REPLAY_RUN, REPLAY_DONE, REPLAY_WRONG };

/* argv[0] is not looked at. DONE: help answered on out; WRONG: said why on err. */
enum replay_parsed replay_parse(struct replay_options *options, int argc, char **argv, FILE *out, FILE *err);

#endif
