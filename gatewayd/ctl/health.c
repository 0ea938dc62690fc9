/* gatewayctl health: what the gateway's promises look like from outside, in words. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "ctl/ctl.h"
#include "ctl/parts.h"
#include "ctl/table.h"

#define ROWS_MAX 128
#define LATE_MS  10000
#define HOUR_MS  3600000
#define DAY_MS   86400000.0
/* A day. A cheap card of 8 GB bears some 4 TB, small writes cost it ten times their size: five years. */
#define MANY_BYTES (200.0 * 1048576)

struct report {
    struct parts parts;
    struct frame_ctl_waiting waiting[ROWS_MAX];
    unsigned n_waiting;
};

static const char *why(uint32_t waiting_for)
{
    static const char *const words[WAITING_COUNT] = {
        [WAITING_DISK] = "the disk has not confirmed it yet",
        [WAITING_LINK] = "the platform is not reached",
        [WAITING_TURN] = "more urgent messages go first, or the rate that was set holds it",
        [WAITING_BROKER] = "handed over, the broker has not confirmed it yet",
        [WAITING_REFUSED] = "the platform's broker refused it; it is tried again",
        [WAITING_ACCEPTANCE] = "it has arrived; the platform's application has not accepted it",
    };
    return waiting_for < WAITING_COUNT ? words[waiting_for] : "?";
}

/* Deaths, as a reload's restarts are none. */
static uint32_t deaths(const struct parts *parts)
{
    uint32_t n = 0;
    for (unsigned i = 0; i < parts->n; i++)
        n += parts->worker[i].deaths;
    return n;
}

static double bytes_a_day(const struct frame_status *home)
{
    return home->up_ms > 0 ? (double)home->bytes_written * DAY_MS / (double)home->up_ms : 0;
}

/* "!" before what wants attention. */
static const char *mark(bool bad)
{
    return bad ? "! " : "  ";
}

static void print_outbox(const struct ctl *ctl, const struct report *report)
{
    const struct frame_status *home = &ctl->home;
    char a[WORDS_SIZE];
    bool late = home->outbox && home->outbox_oldest_ms >= LATE_MS;
    fprintf(ctl->out, "%sOutbox      ", mark(late));
    if (!home->outbox)
        fputs("empty: everything has reached whom it concerns\n", ctl->out);
    else
        fprintf(ctl->out, "%" PRIu32 " wait, the oldest for %s\n", home->outbox, words_span(home->outbox_oldest_ms, a));
    for (unsigned i = 0; i < report->n_waiting; i++) {
        struct frame_ctl_waiting row = report->waiting[i];
        fprintf(ctl->out, "                %s %s of %s (%016" PRIx64 ", revision %" PRIu32 ") to %s, for %s: %s",
                alert_class_name(row.class_), table_safe(row.kind), table_safe(row.detector), row.alert, row.rev,
                table_safe(row.uplink), words_span(row.since_ms, a), why(row.why));
        fprintf(ctl->out, row.text[0] ? " (%s)\n" : "%s\n", table_safe(row.text));
    }
    fprintf(ctl->out, "  Deliveries  ");
    if (home->late)
        fprintf(ctl->out, "%" PRIu32 " took longer than 10 s since the start, the longest %s\n", home->late,
                words_span(home->late_worst_ms, a));
    else
        fputs("none took longer than 10 s since the start\n", ctl->out);
}

static void print_parts(const struct ctl *ctl, const struct parts *parts)
{
    char span[WORDS_SIZE];
    uint32_t n = deaths(parts);
    fprintf(ctl->out, "%sProcesses   ", mark(n > 0));
    if (n == 0)
        fprintf(ctl->out, "%u, none has died since the start %s ago\n", parts->n, words_span(ctl->home.up_ms, span));
    else
        fprintf(ctl->out, "%u, %" PRIu32 " %s since the start %s ago\n", parts->n, n, n == 1 ? "death" : "deaths",
                words_span(ctl->home.up_ms, span));
    for (unsigned i = 0; i < parts->n; i++) {
        struct frame_ctl_worker worker = parts->worker[i];
        if (worker.deaths)
            fprintf(ctl->out, "                %s: %" PRIu32 ", the last one: %s; %s for %s now\n",
                    table_safe(worker.name), worker.deaths, worker.cause[0] ? table_safe(worker.cause) : "not known",
                    table_safe(worker.state), words_span(worker.since_ms, span));
    }
}

/* What the start itself writes says nothing of a day. */
static void print_disk(const struct ctl *ctl)
{
    const struct frame_status *home = &ctl->home;
    char a[WORDS_SIZE];
    bool known = home->up_ms >= HOUR_MS;
    fprintf(ctl->out, "%sDisk        %s; %s written since the start",
            mark(home->degraded || (known && bytes_a_day(home) > MANY_BYTES)),
            home->degraded ? "DOES NOT ANSWER: alarms go out, but would not survive a power cut" : "answers",
            words_bytes(home->bytes_written, a));
    if (known)
        fprintf(ctl->out, ", that is %s a day", words_bytes((uint64_t)bytes_a_day(home), a));
    fputs("\n", ctl->out);
}

static void print_rest(const struct ctl *ctl)
{
    const struct frame_status *home = &ctl->home;
    print_disk(ctl);
    fprintf(ctl->out, "%sDropped     ", mark(home->drops > 0));
    if (home->drops)
        fprintf(ctl->out, "%" PRIu32 " things at limits since the start (should be 0); the log names them\n",
                home->drops);
    else
        fputs("nothing\n", ctl->out);
    fprintf(ctl->out, "%sClock       %s\n", mark(home->clock == 0),
            home->clock ? "synchronised"
                        : "NOT synchronised: times may be wrong, durations are right; is there an NTP server?");
    fprintf(ctl->out,
            "%sWatching    %" PRIu32 " detectors: %" PRIu32 " down, %" PRIu32 " blind, %" PRIu32 " learning; %" PRIu32
            " of %" PRIu32 " sensors lost\n",
            mark(home->detectors_down || home->detectors_blind || home->sensors_lost), home->detectors,
            home->detectors_down, home->detectors_blind, home->detectors_learning, home->sensors_lost, home->sensors);
}

static void print_json(struct ctl *ctl, const struct report *report)
{
    const struct frame_status *home = &ctl->home;
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "up_ms", (double)home->up_ms);
    cJSON_AddNumberToObject(json, "outbox", home->outbox);
    cJSON_AddNumberToObject(json, "outbox_oldest_ms", (double)home->outbox_oldest_ms);
    cJSON *waiting = cJSON_AddArrayToObject(json, "waiting");
    for (unsigned i = 0; i < report->n_waiting; i++) {
        const struct frame_ctl_waiting *row = &report->waiting[i];
        char id[20];
        snprintf(id, sizeof id, "%016" PRIx64, row->alert);
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "id", id);
        cJSON_AddNumberToObject(item, "rev", row->rev);
        cJSON_AddStringToObject(item, "class", alert_class_name(row->class_));
        cJSON_AddStringToObject(item, "detector", row->detector);
        cJSON_AddStringToObject(item, "kind", row->kind);
        cJSON_AddStringToObject(item, "uplink", row->uplink);
        cJSON_AddNumberToObject(item, "since_ms", (double)row->since_ms);
        cJSON_AddNumberToObject(item, "times", row->times);
        cJSON_AddStringToObject(item, "why", why(row->why));
        cJSON_AddStringToObject(item, "text", row->text);
        cJSON_AddItemToArray(waiting, item);
    }
    cJSON_AddNumberToObject(json, "late", home->late);
    cJSON_AddNumberToObject(json, "late_worst_ms", (double)home->late_worst_ms);
    cJSON *parts = cJSON_AddArrayToObject(json, "deaths");
    for (unsigned i = 0; i < report->parts.n; i++) {
        const struct frame_ctl_worker *worker = &report->parts.worker[i];
        if (!worker->deaths)
            continue;
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "name", worker->name);
        cJSON_AddNumberToObject(item, "deaths", worker->deaths);
        cJSON_AddStringToObject(item, "cause", worker->cause);
        cJSON_AddItemToArray(parts, item);
    }
    cJSON_AddNumberToObject(json, "bytes_written", (double)home->bytes_written);
    cJSON_AddNumberToObject(json, "bytes_a_day", bytes_a_day(home));
    cJSON_AddNumberToObject(json, "drops", home->drops);
    cJSON_AddBoolToObject(json, "degraded", home->degraded != 0);
    cJSON_AddStringToObject(json, "clock", home->clock ? "synced" : "unsynced");
    ctl_print_json(ctl, json);
}

int ctl_health(struct ctl *ctl)
{
    struct report *report = calloc(1, sizeof *report);
    if (!report)
        return ctl_fail(ctl, CTL_REFUSED, "out of memory");
    ctl_ask(ctl, CTL_HEALTH, NULL);
    enum ctl_next next = CTL_NEXT_FRAME;
    while ((next = ctl_next(ctl, CTL_ANSWER_MS)) == CTL_NEXT_FRAME) {
        if (ctl->frame.header.type == FRAME_CTL_HOME)
            ctl->home = ctl->frame.status;
        else if (ctl->frame.header.type == FRAME_CTL_WORKER && !parts_take(&report->parts, &ctl->frame.ctl_worker))
            break;
        else if (ctl->frame.header.type == FRAME_CTL_WAITING && report->n_waiting < ROWS_MAX)
            report->waiting[report->n_waiting++] = ctl->frame.ctl_waiting;
    }
    int status = ctl_explain(ctl, next);
    if (status == CTL_OK && ctl->args->json) {
        print_json(ctl, report);
    } else if (status == CTL_OK) {
        print_outbox(ctl, report);
        print_parts(ctl, &report->parts);
        print_rest(ctl);
    }
    parts_free(&report->parts);
    free(report);
    return status;
}
