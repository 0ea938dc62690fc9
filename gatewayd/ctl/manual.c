/* plugins-manual HOST FILE PLUGIN.so... - writes the manual page gatewayd-plugins(7) from what the plugins say of
 * themselves. A build tool: HOST is the gatewayd-detector just built, which is the one that may load them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/alert.h"
#include "base/catalog.h"
#include "base/text.h"
#include "ctl/plugin_words.h"

#define DESCRIBE_MS 30000 /* the machine is busy building */

/* A line of text that is no macro for the formatter: a dot or quote at its beginning, and backslashes, are guarded. */
static void line(FILE *out, const char *text)
{
    if (text[0] == '\0')
        return;
    if (text[0] == '.' || text[0] == '\'')
        fputs("\\&", out);
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\\')
            fputs("\\e", out);
        else if (*c == '-')
            fputs("\\-", out);
        else
            fputc(*c, out);
    }
    fputc('\n', out);
}

/* English, then Chinese on a line of its own. */
static void both(FILE *out, const char *en, const char *zh)
{
    line(out, en);
    fputs(".br\n", out);
    line(out, zh);
}

static void introduction(FILE *out)
{
    fputs(".\\\" Written by plugins-manual from the plugins' own tables: change those.\n"
          ".TH GATEWAYD-PLUGINS 7 \"\" \"gatewayd " GATEWAYD_VERSION "\" \"Care gateway\"\n"
          ".ad l\n.SH NAME\ngatewayd-plugins \\- what each detector watches, its sensors, settings and alerts\n"
          ".SH DESCRIPTION\n"
          "A detector is one entry of \\fBdetectors\\fR in\n.BR gatewayd.conf (5):\n"
          ".PP\n.EX\n{ name = \"bath\\-stay\"; plugin = \"bath\"; door = \"bathroom\\-door\"; warn_after = \"30 min\"; "
          "}\n"
          ".EE\n.PP\n",
          out);
    both(out,
         "Its other keys are the sensors by role and the settings of its plugin, as listed here. What is not said is "
         "taken "
         "from the profile and else from the default. A duration carries its unit (\"45 min\"), a time is written "
         "\"22:30\".",
         "每条看护规则写明所用插件、各角色的传感器和设置。未写的取自档案或默认值。时长带单位，时刻写成 \"22:30\"。");
    fputs(".PP\n", out);
    both(out, "Alerts are named as in the topic alert/CLASS/KIND. SCAIP: device type and status of CLC/TS 50134-9.",
         "报警名即主题 alert/类别/名称。SCAIP：CLC/TS 50134-9 的设备类型与状态代码。");
}

static void roles(FILE *out, const struct catalog_plugin *plugin)
{
    if (plugin->info.n_roles > 0)
        fputs(".SS Sensors\n", out);
    for (uint32_t i = 0; i < plugin->info.n_roles; i++) {
        const struct frame_plugin_role *role = &plugin->roles[i];
        const char *number = role->flags & GW_ROLE_MANY ? "a list" : "one";
        fprintf(out, ".TP\n\\fB%s\\fR (%s%s of kind %s%s)\n", role->name,
                role->flags & GW_ROLE_REQUIRED ? "needed; " : "", number,
                strcmp(role->kinds, "*") == 0 ? "any" : role->kinds,
                role->flags & GW_ROLE_ALL ? "; all of them if none is named" : "");
        both(out, role->doc_en, role->doc_zh);
    }
}

static void parameters(FILE *out, const struct catalog_plugin *plugin)
{
    char range[TEXT_SIZE];
    if (plugin->info.n_params > 0)
        fputs(".SS Settings\n", out);
    for (uint32_t i = 0; i < plugin->info.n_params; i++) {
        const struct frame_plugin_param *param = &plugin->params[i];
        fprintf(out, ".TP\n\\fB%s\\fR (%s%s%s", param->name, plugin_type_name(param->type),
                param->unit[0] ? " in " : "", param->unit);
        if (plugin_range(param, range, sizeof range)[0])
            fprintf(out, ", %s", range);
        if (param->has_default)
            fprintf(out, "; default %s)\n", param->default_value);
        else
            fputs("; not set by default)\n", out);
        both(out, param->doc_en, param->doc_zh);
    }
}

static void alerts(FILE *out, const struct catalog_plugin *plugin)
{
    if (plugin->info.n_alerts > 0)
        fputs(".SS Alerts\n", out);
    for (uint32_t i = 0; i < plugin->info.n_alerts; i++) {
        const struct frame_plugin_alert *alert = &plugin->alerts[i];
        fprintf(out, ".TP\n\\fB%s\\fR (%s, %s%s%s%s)\n", alert->name, alert_class_name(alert->class_),
                alert->flags & GW_ALERT_MOMENTARY ? "happens" : "lasts until it is over",
                alert->flags & GW_ALERT_REQUEST ? ", service request" : "", alert->code[0] ? ", SCAIP " : "",
                alert->code);
        fprintf(out, "%s / %s.\n", alert->title_en, alert->title_zh);
        both(out, alert->doc_en, alert->doc_zh);
    }
}

static void chapter(FILE *out, const struct catalog_plugin *plugin)
{
    char history[64];
    fprintf(out, ".SH %s\n", plugin->info.name);
    both(out, plugin->info.summary_en, plugin->info.summary_zh);
    if (plugin->info.history > 0)
        fprintf(out, ".PP\nLooks back over %s when it starts.\n",
                text_from_duration(plugin->info.history, history, sizeof history));
    roles(out, plugin);
    parameters(out, plugin);
    alerts(out, plugin);
}

/* 0, or -1 with the reason on stderr. */
static int write_manual(FILE *out, const char *host, char **files, int n)
{
    char error[TEXT_SIZE];
    introduction(out);
    for (int i = 0; i < n; i++) {
        struct catalog_plugin *plugin = catalog_describe(host, files[i], DESCRIBE_MS, error, sizeof error);
        if (plugin == NULL) {
            fprintf(stderr, "%s: %s\n", files[i], error);
            return -1;
        }
        chapter(out, plugin);
        catalog_free(plugin);
    }
    fputs(".SH SEE ALSO\n.BR gatewayd.conf (5),\n.BR gatewayctl (1),\n.BR gatewayd (8)\n", out);
    return ferror(out) ? -1 : 0;
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fputs("usage: plugins-manual HOST FILE PLUGIN.so...\n", stderr);
        return 2;
    }
    FILE *out = fopen(argv[2], "w");
    if (out == NULL) {
        fprintf(stderr, "%s: %s\n", argv[2], strerror(errno));
        return 1;
    }
    int result = write_manual(out, argv[1], argv + 3, argc - 3);
    if (fclose(out) != 0)
        result = -1;
    if (result != 0)
        remove(argv[2]); /* half a manual would pass for a whole one at the next build */
    return result == 0 ? 0 : 1;
}
