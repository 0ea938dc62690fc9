#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static const char usage_text[] =
    "Usage: gatewayctl replay [--config FILE] {--trace FILE.csv | --history} [OPTION...]\n"
    "What would have been alerted, and when: recorded readings through the real detectors.\n"
    "\n"
    "  -c, --config FILE      configuration (/etc/gatewayd/gatewayd.conf)\n"
    "      --trace FILE.csv   a recording: unix_time_seconds,sensor_id,value in each line, sorted\n"
    "      --history          the readings that the running gateway has kept\n"
    "      --since DAYS       with --history: of the last so many days only\n"
    "      --set DETECTOR.SETTING=VALUE  another setting than the configuration's (may be repeated)\n"
    "      --compare          the settings before it and those behind it side by side\n"
    "      --detector NAME    only the alerts of this detector (may be repeated)\n"
    "      --timezone ZONE    instead of the home's: UTC for recordings whose local time is written as UTC\n"
    "      --tail DURATION    let time go on after the last reading, so that what still waits is told\n"
    "      --lang en|zh|both  language of the texts (both)\n"
    "      --json             one JSON document a line for each alert\n"
    "      --timing           tell how fast it went on stderr\n"
    "      --socket PATH, --libexec DIR, --plugin-dir DIR, --help\n"
    "\n"
    "Exit status: 0 done, 1 failed, 2 wrong use, 3 the gateway does not run (--history).\n";

enum {
    OPTION_TRACE = 1000,
    OPTION_HISTORY,
    OPTION_SINCE,
    OPTION_SET,
    OPTION_COMPARE,
    OPTION_DETECTOR,
    OPTION_TIMEZONE,
    OPTION_TAIL,
    OPTION_LANG,
    OPTION_JSON,
    OPTION_TIMING,
    OPTION_SOCKET,
    OPTION_LIBEXEC,
    OPTION_PLUGIN_DIR
};

static const struct option long_options[] = {
    {"config", required_argument, NULL, 'c'},
    {"trace", required_argument, NULL, OPTION_TRACE},
    {"history", no_argument, NULL, OPTION_HISTORY},
    {"since", required_argument, NULL, OPTION_SINCE},
    {"set", required_argument, NULL, OPTION_SET},
    {"compare", no_argument, NULL, OPTION_COMPARE},
    {"detector", required_argument, NULL, OPTION_DETECTOR},
    {"timezone", required_argument, NULL, OPTION_TIMEZONE},
    {"tail", required_argument, NULL, OPTION_TAIL},
    {"lang", required_argument, NULL, OPTION_LANG},
    {"json", no_argument, NULL, OPTION_JSON},
    {"timing", no_argument, NULL, OPTION_TIMING},
    {"socket", required_argument, NULL, OPTION_SOCKET},
    {"libexec", required_argument, NULL, OPTION_LIBEXEC},
    {"plugin-dir", required_argument, NULL, OPTION_PLUGIN_DIR},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static bool set(struct replay_side *side, char *text, FILE *err)
{
    char *equals = strchr(text, '='), *dot = strchr(text, '.');
    for (char *next = dot; next && equals && next < equals; next = strchr(next + 1, '.'))
        dot = next; /* a detector's name may have dots, a setting's not */
    if (!equals || !dot || dot > equals || dot == text || equals == dot + 1) {
        fprintf(err, "gatewayctl: --set needs DETECTOR.SETTING=VALUE, such as bath-stay.warn_after=\"45 min\"\n");
        return false;
    }
    if (side->n == REPLAY_SETS_MAX) {
        fprintf(err, "gatewayctl: more than %u --set\n", REPLAY_SETS_MAX);
        return false;
    }
    size_t used = strlen(side->label);
    snprintf(side->label + used, sizeof side->label - used, "%s%s", used ? ", " : "", text);
    *dot = *equals = '\0';
    side->sets[side->n++] = (struct config_override){text, dot + 1, equals + 1};
    return true;
}

static bool days(const char *text, int64_t *ms, FILE *err)
{
    double number = 0;
    if (text_number(text, &number) && number > 0 && number <= 400) {
        *ms = (int64_t)(number * 86400000);
        return true;
    }
    if (text_duration(text, ms) && *ms > 0)
        return true;
    fprintf(err, "gatewayctl: --since needs a number of days such as 14, not \"%s\"\n", text);
    return false;
}

static bool language(const char *text, enum replay_language *language, FILE *err)
{
    static const char *const names[] = {"both", "en", "zh"};
    for (unsigned i = 0; i < 3; i++) {
        if (strcmp(text, names[i]) != 0)
            continue;
        *language = (enum replay_language)i;
        return true;
    }
    fprintf(err, "gatewayctl: --lang needs en, zh or both, not \"%s\"\n", text);
    return false;
}

static bool take_more(struct replay_options *o, int option, FILE *err)
{
    switch (option) {
    case OPTION_SINCE:
        return days(optarg, &o->since_ms, err);
    case OPTION_SET:
        return set(&o->side[o->compare], optarg, err);
    case OPTION_DETECTOR:
        if (o->n_only == DETECTORS_MAX)
            return false;
        o->only[o->n_only++] = optarg;
        return true;
    case OPTION_TAIL:
        if (text_duration(optarg, &o->tail_ms) && o->tail_ms >= 0)
            return true;
        fprintf(err, "gatewayctl: --tail needs a time such as \"2 h\", not \"%s\"\n", optarg);
        return false;
    case OPTION_LANG:
        return language(optarg, &o->language, err);
    default:
        return false;
    }
}

static bool take(struct replay_options *o, int option, FILE *err)
{
    static const struct {
        int option;
        size_t text, flag; /* offsets in the options; 0: not this */
    } plain[] = {
        {'c', offsetof(struct replay_options, config), 0},
        {OPTION_TRACE, offsetof(struct replay_options, trace), 0},
        {OPTION_SOCKET, offsetof(struct replay_options, socket), 0},
        {OPTION_LIBEXEC, offsetof(struct replay_options, libexec), 0},
        {OPTION_PLUGIN_DIR, offsetof(struct replay_options, plugin_dir), 0},
        {OPTION_TIMEZONE, offsetof(struct replay_options, timezone), 0},
        {OPTION_HISTORY, 0, offsetof(struct replay_options, history)},
        {OPTION_COMPARE, 0, offsetof(struct replay_options, compare)},
        {OPTION_JSON, 0, offsetof(struct replay_options, json)},
        {OPTION_TIMING, 0, offsetof(struct replay_options, timing)},
    };
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        if (plain[i].option != option)
            continue;
        if (plain[i].flag)
            *(bool *)((char *)o + plain[i].flag) = true;
        else
            *(const char **)((char *)o + plain[i].text) = optarg;
        return true;
    }
    return take_more(o, option, err);
}

static const char *contradiction(const struct replay_options *o)
{
    if (o->history == (o->trace != NULL))
        return "say either --trace FILE.csv or --history";
    if (o->since_ms && !o->history)
        return "--since belongs to --history";
    if (o->compare && o->side[0].n + o->side[1].n == 0)
        return "--compare needs a --set before it, behind it, or both";
    return NULL;
}

static enum replay_parsed wrong(FILE *err)
{
    fputs("Try 'gatewayctl replay --help'.\n", err);
    return REPLAY_WRONG;
}

enum replay_parsed replay_parse(struct replay_options *o, int argc, char **argv, FILE *out, FILE *err)
{
    *o = (struct replay_options){.config = "/etc/gatewayd/gatewayd.conf",
                                 .socket = "/run/gatewayd/control.sock",
                                 .libexec = GATEWAYD_LIBEXEC_DIR,
                                 .plugin_dir = GATEWAYD_PLUGIN_DIR};
    optind = 0; /* a GNU extension: start over, also in a test's second call */
    opterr = 0;
    int option = 0;
    while ((option = getopt_long(argc, argv, ":c:h", long_options, NULL)) != -1) {
        if (option == 'h') {
            fputs(usage_text, out);
            return REPLAY_DONE;
        }
        if (option == ':' || option == '?' || (optarg && !*optarg)) {
            fprintf(err, "gatewayctl: %s%s\n", option == '?' ? "unknown option " : argv[optind - 1],
                    option == '?' ? argv[optind - 1] : " needs a value");
            return wrong(err);
        }
        if (!take(o, option, err))
            return wrong(err);
    }
    const char *why = optind < argc ? "replay takes options only" : contradiction(o);
    if (why) {
        fprintf(err, "gatewayctl: %s\n", why);
        return wrong(err);
    }
    for (unsigned i = 0; i < 2; i++)
        if (o->side[i].n == 0)
            text_copy(o->side[i].label, sizeof o->side[i].label, "the configuration as it is");
    return REPLAY_RUN;
}
