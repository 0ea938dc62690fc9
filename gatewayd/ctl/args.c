#include "ctl/args.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"

static const char usage_text[] =
    "Usage: gatewayctl COMMAND [OPTION...]\n"
    "\n"
    "  status               is everything well: home, sensors, detectors, uplinks, outbox\n"
    "  health               are the promises kept: what waits and why, deaths, disk, drops, clock\n"
    "  sensors              every sensor with its last value, battery, link and advice\n"
    "  watch [SENSOR]       readings and alerts as they come, until Ctrl-C (--for DURATION)\n"
    "  alerts               open alerts (--all: closed ones too)\n"
    "  history [SENSOR]     readings of the last 2 h (--since DURATION)\n"
    "  ack ALERT-ID         note that somebody here has seen it (--by NAME); it goes on until the\n"
    "                       platform's people answer\n"
    "  test SENSOR VALUE    feed a reading marked as test: a number, or press, cord, fall ...;\n"
    "                       without both: the silent test alarm, which the platform must accept\n"
    "  mode MODE            home, away, visit or maintenance (--for DURATION); each but home ends by itself\n"
    "  reload               check the configuration and load it again\n"
    "  check                check the configuration file only (-c FILE)\n"
    "  replay               what would have been alerted: recorded readings through the detectors\n"
    "                       (replay --help)\n"
    "  plugins [NAME]       which detectors there are, and what they can be told\n"
    "\n"
    "      --json           answers as JSON (watch: one document a line)\n"
    "      --socket PATH    control socket (/run/gatewayd/control.sock)\n"
    "      --libexec DIR    where gatewayd-detector is (plugins, check)\n"
    "      --plugin-dir DIR where the plugins are (plugins, check)\n"
    "      --version, --help\n"
    "\n"
    "Exit status: 0 done, 1 refused or failed, 2 wrong use, 3 the gateway does not run.\n";

struct command {
    const char *name;
    int least, most; /* operands */
    const char *operands;
};

static const struct command commands[COMMAND_COUNT] = {
    [COMMAND_STATUS] = {"status", 0, 0, ""},
    [COMMAND_HEALTH] = {"health", 0, 0, ""},
    [COMMAND_SENSORS] = {"sensors", 0, 0, ""},
    [COMMAND_WATCH] = {"watch", 0, 1, "[SENSOR]"},
    [COMMAND_ALERTS] = {"alerts", 0, 0, ""},
    [COMMAND_HISTORY] = {"history", 0, 1, "[SENSOR]"},
    [COMMAND_ACK] = {"ack", 1, 1, "ALERT-ID"},
    [COMMAND_PLUGINS] = {"plugins", 0, 1, "[NAME]"},
    [COMMAND_CHECK] = {"check", 0, 0, "[-c FILE]"},
    [COMMAND_RELOAD] = {"reload", 0, 0, ""},
    [COMMAND_TEST] = {"test", 0, 2, "[SENSOR VALUE]"},
    [COMMAND_MODE] = {"mode", 1, 1, "home|away|visit|maintenance"},
    [COMMAND_REPLAY] = {"replay", 0, 0, "[OPTION...]"},
};

enum {
    OPTION_JSON = 1000,
    OPTION_SOCKET,
    OPTION_LIBEXEC,
    OPTION_PLUGIN_DIR,
    OPTION_ALL,
    OPTION_SINCE,
    OPTION_FOR,
    OPTION_BY,
    OPTION_VERSION
};

static const struct option long_options[] = {
    {"json", no_argument, NULL, OPTION_JSON},
    {"socket", required_argument, NULL, OPTION_SOCKET},
    {"libexec", required_argument, NULL, OPTION_LIBEXEC},
    {"plugin-dir", required_argument, NULL, OPTION_PLUGIN_DIR},
    {"config", required_argument, NULL, 'c'},
    {"all", no_argument, NULL, OPTION_ALL},
    {"since", required_argument, NULL, OPTION_SINCE},
    {"for", required_argument, NULL, OPTION_FOR},
    {"by", required_argument, NULL, OPTION_BY},
    {"version", no_argument, NULL, OPTION_VERSION},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static enum args_result wrong(FILE *err)
{
    fputs("Try 'gatewayctl --help'.\n", err);
    return ARGS_WRONG;
}

static bool span(const char *option, const char *text, int64_t *ms, FILE *err)
{
    if (text_duration(text, ms) && *ms > 0)
        return true;
    fprintf(err, "gatewayctl: %s needs a time such as \"2h\" or \"30 s\", not \"%s\"\n", option, text);
    return false;
}

#define OF(command) (1u << (command))

/* Options that only some commands know are refused elsewhere: better than to seem to obey. */
static bool fits(const struct args *args, int option, const char *text, FILE *err)
{
    static const struct {
        int option;
        unsigned commands; /* OF(...) */
    } of[] = {{'c', OF(COMMAND_CHECK)},
              {OPTION_ALL, OF(COMMAND_ALERTS)},
              {OPTION_SINCE, OF(COMMAND_HISTORY)},
              {OPTION_FOR, OF(COMMAND_WATCH) | OF(COMMAND_MODE)},
              {OPTION_BY, OF(COMMAND_ACK) | OF(COMMAND_MODE)}};
    for (size_t i = 0; i < sizeof of / sizeof of[0]; i++) {
        if (of[i].option != option || of[i].commands & OF(args->command))
            continue;
        unsigned first = 0;
        while (!(of[i].commands & OF(first)))
            first++;
        fprintf(err, "gatewayctl: %s belongs to %s, not to %s\n", text, commands[first].name,
                commands[args->command].name);
        return false;
    }
    return true;
}

static bool take(struct args *args, int option, FILE *err)
{
    switch (option) {
    case OPTION_JSON:
        args->json = true;
        return true;
    case OPTION_SOCKET:
        args->socket = optarg;
        return true;
    case OPTION_LIBEXEC:
        args->libexec = optarg;
        return true;
    case OPTION_PLUGIN_DIR:
        args->plugin_dir = optarg;
        return true;
    case 'c':
        args->config = optarg;
        return true;
    case OPTION_ALL:
        args->all = true;
        return true;
    case OPTION_SINCE:
        return span("--since", optarg, &args->since_ms, err);
    case OPTION_FOR:
        return span("--for", optarg, &args->for_ms, err);
    case OPTION_BY:
        args->by = optarg;
        return true;
    default:
        return false;
    }
}

/* gatewayctl's own words for itself come before the command, all other options anywhere. */
static bool find_command(struct args *args, const char *word, FILE *err)
{
    const char *names[COMMAND_COUNT];
    for (unsigned i = 0; i < COMMAND_COUNT; i++) {
        names[i] = commands[i].name;
        if (strcmp(word, commands[i].name) == 0) {
            args->command = (enum ctl_command)i;
            return true;
        }
    }
    const char *near = text_nearest(word, names, COMMAND_COUNT);
    fprintf(err, "gatewayctl: there is no command \"%s\"%s%s%s\n", word, near ? "; did you mean \"" : "",
            near ? near : "", near ? "\"?" : "");
    return false;
}

static bool take_alert(struct args *args, const char *text, FILE *err)
{
    char *end = NULL;
    errno = 0;
    args->alert = strtoull(text, &end, 16);
    if (errno == 0 && end != text && !*end && text[0] != '-' && args->alert != 0)
        return true;
    fprintf(err, "gatewayctl: \"%s\" is no alert id; 'gatewayctl alerts' shows them in the first column\n", text);
    return false;
}

static bool take_operands(struct args *args, char **operand, int n, FILE *err)
{
    const struct command *command = &commands[args->command];
    bool half = args->command == COMMAND_TEST && n == 1; /* a sensor without what it is to say */
    if (n < command->least || n > command->most || half) {
        fprintf(err, "Usage: gatewayctl %s %s\n", command->name, command->operands);
        return false;
    }
    if (args->command == COMMAND_ACK)
        return take_alert(args, operand[0], err);
    for (int i = 0; i < n; i++) {
        if (strlen(operand[i]) >= NAME_SIZE || !text_valid(operand[i], strlen(operand[i]) + 1)) {
            fprintf(err, "gatewayctl: this is no name or value that a gateway can have\n");
            return false;
        }
    }
    args->name = n > 0 ? operand[0] : "";
    args->value = n > 1 ? operand[1] : "";
    return true;
}

static const char *who_asks(void)
{
    const char *who = getenv("SUDO_USER");
    if (!who)
        who = getenv("USER");
    return who && *who ? who : "local";
}

static enum args_result ended_early(int option, char **argv, FILE *out, FILE *err)
{
    switch (option) {
    case OPTION_VERSION:
        fputs("gatewayctl " GATEWAYD_VERSION "\n", out);
        return ARGS_DONE;
    case 'h':
        fputs(usage_text, out);
        return ARGS_DONE;
    case ':':
        fprintf(err, "gatewayctl: %s needs a value\n", argv[optind - 1]);
        return wrong(err);
    case '?':
        fprintf(err, "gatewayctl: unknown option %s\n", argv[optind - 1]);
        return wrong(err);
    default:
        return ARGS_RUN;
    }
}

enum args_result args_parse(struct args *args, int argc, char **argv, FILE *out, FILE *err)
{
    *args = (struct args){
        .name = "",
        .value = "",
        .by = who_asks(),
        .socket = "/run/gatewayd/control.sock",
        .libexec = GATEWAYD_LIBEXEC_DIR,
        .plugin_dir = GATEWAYD_PLUGIN_DIR,
        .since_ms = INT64_C(2) * 3600000,
        .for_ms = -1,
    };
    if (argc > 1 && strcmp(argv[1], "replay") == 0) { /* all its options are its own */
        args->command = COMMAND_REPLAY;
        args->rest = argv + 2;
        return ARGS_RUN;
    }
    bool seen[OPTION_VERSION + 1] = {false};
    optind = 0; /* a GNU extension: start over, also in a test's second call */
    opterr = 0;
    int option = 0;
    while ((option = getopt_long(argc, argv, ":c:h", long_options, NULL)) != -1) {
        enum args_result early = ended_early(option, argv, out, err);
        if (early != ARGS_RUN)
            return early;
        if (!take(args, option, err))
            return wrong(err);
        seen[option] = true;
    }
    if (optind >= argc) {
        fputs(usage_text, err);
        return ARGS_WRONG;
    }
    if (!find_command(args, argv[optind], err))
        return wrong(err);
    if (args->command == COMMAND_REPLAY) {
        fputs("gatewayctl: replay comes first: gatewayctl replay [OPTION...]\n", err);
        return wrong(err);
    }
    static const struct {
        int option;
        const char *text;
    } special[] = {
        {'c', "-c"}, {OPTION_ALL, "--all"}, {OPTION_SINCE, "--since"}, {OPTION_FOR, "--for"}, {OPTION_BY, "--by"}};
    for (size_t i = 0; i < sizeof special / sizeof special[0]; i++)
        if (seen[special[i].option] && !fits(args, special[i].option, special[i].text, err))
            return wrong(err);
    return take_operands(args, argv + optind + 1, argc - optind - 1, err) ? ARGS_RUN : wrong(err);
}
