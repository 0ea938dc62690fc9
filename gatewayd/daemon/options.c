#include "daemon/options.h"

#include <getopt.h>
#include <stdlib.h>

static const char usage_text[] =
    "Usage: gatewayd [OPTION...]\n"
    "The care gateway of one home: reads sensors, runs detectors, tells care platforms.\n"
    "\n"
    "  -c, --config FILE   configuration (/etc/gatewayd/gatewayd.conf)\n"
    "      --check         check the configuration, print every error, exit 0 or 1\n"
    "      --keep          with --check: keep a good one as the last accepted configuration\n"
    "      --replay ...    as the first argument: what gatewayctl replay runs\n"
    "      --libexec DIR   where gatewayd-gpio and the other workers are\n"
    "      --plugin-dir DIR  where detector plugins are, if the configuration names no place\n"
    "      --state-dir DIR what must survive a power cut ($STATE_DIRECTORY or /var/lib/gatewayd)\n"
    "      --run-dir DIR   rings and control socket ($RUNTIME_DIRECTORY or /run/gatewayd)\n"
    "      --version       print the version\n"
    "      --help          print this\n"
    "\n"
    "Exit status: 0 ended on request, 1 configuration or system, 2 wrong use.\n";

enum {
    OPTION_CHECK = 1000,
    OPTION_KEEP,
    OPTION_LIBEXEC,
    OPTION_PLUGIN_DIR,
    OPTION_STATE_DIR,
    OPTION_RUN_DIR,
    OPTION_VERSION
};

static const struct option long_options[] = {
    {"config", required_argument, NULL, 'c'},
    {"check", no_argument, NULL, OPTION_CHECK},
    {"keep", no_argument, NULL, OPTION_KEEP},
    {"libexec", required_argument, NULL, OPTION_LIBEXEC},
    {"plugin-dir", required_argument, NULL, OPTION_PLUGIN_DIR},
    {"state-dir", required_argument, NULL, OPTION_STATE_DIR},
    {"run-dir", required_argument, NULL, OPTION_RUN_DIR},
    {"version", no_argument, NULL, OPTION_VERSION},
    {"help", no_argument, NULL, 'h'},
    {0},
};

/* systemd sets the variable from StateDirectory= and RuntimeDirectory= of the unit. */
static const char *directory_from(const char *variable, const char *otherwise)
{
    const char *value = getenv(variable);
    return value && value[0] == '/' ? value : otherwise;
}

static enum options_result wrong(FILE *err)
{
    fputs("Try 'gatewayd --help'.\n", err);
    return OPTIONS_WRONG;
}

enum options_result options_parse(struct options *options, int argc, char **argv, FILE *out, FILE *err)
{
    *options = (struct options){
        .config = "/etc/gatewayd/gatewayd.conf",
        .libexec = GATEWAYD_LIBEXEC_DIR,
        .plugin_dir = GATEWAYD_PLUGIN_DIR,
        .state_dir = directory_from("STATE_DIRECTORY", "/var/lib/gatewayd"),
        .run_dir = directory_from("RUNTIME_DIRECTORY", "/run/gatewayd"),
    };
    optind = 0; /* a GNU extension: start over, also in a test's second call */
    opterr = 0;
    int option = 0;
    while ((option = getopt_long(argc, argv, ":c:h", long_options, NULL)) != -1) {
        if (optarg && !*optarg) {
            fprintf(err, "gatewayd: %s needs a value that is not empty\n", argv[optind - 1]);
            return wrong(err);
        }
        switch (option) {
        case 'c':
            options->config = optarg;
            break;
        case OPTION_CHECK:
            options->check = true;
            break;
        case OPTION_KEEP:
            options->keep = true;
            break;
        case OPTION_LIBEXEC:
            options->libexec = optarg;
            break;
        case OPTION_PLUGIN_DIR:
            options->plugin_dir = optarg;
            break;
        case OPTION_STATE_DIR:
            options->state_dir = optarg;
            break;
        case OPTION_RUN_DIR:
            options->run_dir = optarg;
            break;
        case OPTION_VERSION:
            fputs("gatewayd " GATEWAYD_VERSION "\n", out);
            return OPTIONS_DONE;
        case 'h':
            fputs(usage_text, out);
            return OPTIONS_DONE;
        case ':':
            fprintf(err, "gatewayd: %s needs a value\n", argv[optind - 1]);
            return wrong(err);
        default:
            fprintf(err, "gatewayd: unknown option %s\n", argv[optind - 1]);
            return wrong(err);
        }
    }
    if (options->keep && !options->check) {
        fprintf(err, "gatewayd: --keep belongs to --check\n");
        return wrong(err);
    }
    if (optind < argc) {
        fprintf(err, "gatewayd: unexpected argument %s\n", argv[optind]);
        return wrong(err);
    }
    return OPTIONS_RUN;
}
