/* args.h - gatewayctl's command line. */
#ifndef CTL_ARGS_H
#define CTL_ARGS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum ctl_exit { CTL_OK = 0, CTL_REFUSED = 1, CTL_USAGE = 2, CTL_NOT_RUNNING = 3 };

enum ctl_command {
    COMMAND_STATUS,
    COMMAND_HEALTH,
    COMMAND_SENSORS,
    COMMAND_WATCH,
    COMMAND_ALERTS,
    COMMAND_HISTORY,
    COMMAND_ACK,
    COMMAND_PLUGINS,
    COMMAND_CHECK,
    COMMAND_RELOAD,
    COMMAND_TEST,
    COMMAND_REPLAY,
    COMMAND_MODE,
    COMMAND_COUNT
};

/* Pointers into argv, the environment or constants; nothing is owned. */
struct args {
    enum ctl_command command;
    bool json;
    bool all;         /* alerts: closed ones too */
    const char *name; /* sensor or plugin; "" for all */
    const char *value, *by;
    const char *socket, *libexec, *plugin_dir;
    const char *config; /* check: NULL for gatewayd's default */
    uint64_t alert;
    int64_t since_ms;
    char **rest;    /* replay: what stands behind it, for gatewayd to read */
    int64_t for_ms; /* watch: -1 until interrupted; mode: -1 as is customary */
};

enum args_result { ARGS_RUN, ARGS_DONE, ARGS_WRONG };

/* ARGS_DONE: help or version answered on out. ARGS_WRONG: said why on err, exit CTL_USAGE. */
enum args_result args_parse(struct args *args, int argc, char **argv, FILE *out, FILE *err);

#endif
