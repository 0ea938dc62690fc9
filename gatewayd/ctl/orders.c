/* gatewayctl ack, test, mode, reload and check: orders with a short answer. And replay, which gatewayd does. */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "ctl/ctl.h"
#include "ctl/table.h"

#define OUTPUT_MAX ((size_t)1024 * 1024) /* of a check: a thousand errors are not a tenth of it */

static void fill_ack(const struct args *args, struct frame_ctl_request *ask)
{
    ask->alert = args->alert;
    text_copy(ask->value, sizeof ask->value, args->by);
}

static void fill_test(const struct args *args, struct frame_ctl_request *ask)
{
    text_copy(ask->name, sizeof ask->name, args->name);
    text_copy(ask->value, sizeof ask->value, args->value);
}

static void fill_mode(const struct args *args, struct frame_ctl_request *ask)
{
    text_copy(ask->name, sizeof ask->name, args->name);
    text_copy(ask->value, sizeof ask->value, args->by);
    ask->since_ms = args->for_ms > 0 ? args->for_ms : 0;
}

int ctl_order(struct ctl *ctl)
{
    static const char ack_done[] =
        "Noted as seen at home. It lights no light and stops no escalation: the alert goes on until the platform's\n"
        "people answer it.";
    int timeout = CTL_ANSWER_MS;
    const char *done;
    switch (ctl->args->command) {
    case COMMAND_ACK:
        ctl_ask(ctl, CTL_ACK, fill_ack);
        done = ack_done;
        break;
    case COMMAND_TEST:
        ctl_ask(ctl, CTL_TEST, fill_test);
        done = ctl->args->name[0] ? "The test reading was fed in; what it raises is marked as a test."
                                  : "The silent test alarm is on its way; `gatewayctl alerts --all` shows the answer.";
        break;
    case COMMAND_MODE:
        ctl_ask(ctl, CTL_MODE, fill_mode);
        done = "The home's mode is set. Calls for help are told in every mode.";
        break;
    default:
        ctl_ask(ctl, CTL_RELOAD, NULL);
        timeout = CTL_RELOAD_MS;
        done = "The configuration was loaded again.";
    }
    enum ctl_next next = CTL_NEXT_FRAME;
    while ((next = ctl_next(ctl, timeout)) == CTL_NEXT_FRAME)
        continue;
    if (next != CTL_NEXT_DONE)
        return ctl_explain(ctl, next);
    if (!ctl->args->json) {
        fprintf(ctl->out, "%s\n", done);
        return CTL_OK;
    }
    cJSON *json = cJSON_CreateObject();
    cJSON_AddBoolToObject(json, "ok", true);
    cJSON_AddStringToObject(json, "text", ctl->frame.ctl_end.text);
    ctl_print_json(ctl, json);
    return CTL_OK;
}

/* ---- check: gatewayd does it, it alone reads configurations ---- */

/* Beside us (a build tree), where it was installed, else by PATH. */
static const char *find_gatewayd(char *path, size_t size)
{
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n > 0) {
        self[n] = '\0';
        snprintf(path, size, "%s/gatewayd", dirname(self));
        if (access(path, X_OK) == 0)
            return path;
    }
    snprintf(path, size, "%s/gatewayd", GATEWAYD_SBIN_DIR);
    return access(path, X_OK) == 0 ? path : "gatewayd";
}

static void exec_check(const struct args *args)
{
    char path[PATH_MAX + 16];
    const char *argv[10];
    unsigned n = 0;
    argv[n++] = find_gatewayd(path, sizeof path);
    argv[n++] = "--check";
    argv[n++] = "--libexec";
    argv[n++] = args->libexec;
    argv[n++] = "--plugin-dir";
    argv[n++] = args->plugin_dir;
    if (args->config) {
        argv[n++] = "--config";
        argv[n++] = args->config;
    }
    argv[n] = NULL;
    execvp(argv[0], (char *const *)argv);
}

static void add_lines(cJSON *list, char *text)
{
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        cJSON_AddItemToArray(list, cJSON_CreateString(table_safe(line)));
}

static int reap(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (!WIFEXITED(status))
        return CTL_REFUSED;
    return WEXITSTATUS(status);
}

static int check_as_json(struct ctl *ctl)
{
    int ends[2];
    if (pipe2(ends, 0) < 0)
        return ctl_fail(ctl, CTL_REFUSED, "no pipe: %s", strerror(errno));
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        exec_check(ctl->args);
        _exit(127);
    }
    close(ends[1]);
    FILE *in = fdopen(ends[0], "r");
    char *text = calloc(1, OUTPUT_MAX);
    if (text && in)
        fread(text, 1, OUTPUT_MAX - 1, in);
    if (in)
        fclose(in);
    else
        close(ends[0]);
    int status = pid > 0 ? reap(pid) : 127;
    if (status == 127 || !text) {
        free(text);
        return ctl_fail(ctl, CTL_REFUSED, "gatewayd cannot be started for the check");
    }
    cJSON *json = cJSON_CreateObject();
    cJSON_AddBoolToObject(json, "ok", status == 0);
    add_lines(cJSON_AddArrayToObject(json, "lines"), text);
    ctl_print_json(ctl, json);
    free(text);
    return status == 0 ? CTL_OK : CTL_REFUSED;
}

int ctl_check(struct ctl *ctl)
{
    if (ctl->args->json)
        return check_as_json(ctl);
    exec_check(ctl->args);
    return ctl_fail(ctl, CTL_REFUSED, "gatewayd cannot be started for the check: %s", strerror(errno));
}

int ctl_replay(struct ctl *ctl)
{
    char path[PATH_MAX + 16];
    unsigned n = 0;
    while (ctl->args->rest[n])
        n++;
    const char **argv = calloc(n + 3u, sizeof *argv);
    if (!argv)
        return ctl_fail(ctl, CTL_REFUSED, "out of memory");
    argv[0] = find_gatewayd(path, sizeof path);
    argv[1] = "--replay";
    for (unsigned i = 0; i < n; i++)
        argv[i + 2] = ctl->args->rest[i];
    execvp(argv[0], (char *const *)argv);
    free(argv);
    return ctl_fail(ctl, CTL_REFUSED, "gatewayd cannot be started for the replay: %s", strerror(errno));
}
