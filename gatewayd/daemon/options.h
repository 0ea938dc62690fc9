/* options.h - gatewayd's command line. */
#ifndef DAEMON_OPTIONS_H
#define DAEMON_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#define EXIT_CONFIG 1 /* the configuration, or something else that a person has to put right */
#define EXIT_USAGE  2

/* Pointers into argv, the environment or constants; nothing is owned. */
struct options {
    const char *config;
    const char *libexec;    /* where the workers' executables are */
    const char *plugin_dir; /* where the configuration names none */
    const char *state_dir;
    const char *run_dir;
    bool check;
    bool keep; /* with check: a good file becomes the accepted copy */
};

enum options_result {
    OPTIONS_RUN,
    OPTIONS_DONE, /* --help or --version has been answered on `out` */
    OPTIONS_WRONG /* said why on `err`: exit EXIT_USAGE */
};

enum options_result options_parse(struct options *options, int argc, char **argv, FILE *out, FILE *err);

#endif
