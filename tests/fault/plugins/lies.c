/* Says things that are not so: unknown kinds, no episode, evidence that is no reading, texts without end. */
#include <math.h>
#include <string.h>

#include "gatewayd/plugin.h"

static struct gw_wake bad_reading(void *state, const struct gw_host *host, const struct gw_reading *reading)
{
    const struct gw_wake none = GW_WAKE_NONE_INIT;
    (void)state, (void)host, (void)reading;
    char endless[300];
    memset(endless, 0xff, sizeof endless);
    struct gw_reading evidence[2] = {*reading, *reading};
    evidence[0].value = NAN;
    evidence[1].sensor = 1234;
    struct gw_condition condition = {.size = sizeof condition, .kind = 42, .episode = 1};
    host->raise(host, &condition);
    condition.kind = 0;
    condition.episode = 0;
    host->raise(host, &condition);
    host->clear(host, 42, NULL);
    condition.episode = 7;
    condition.since = INT64_MIN;
    condition.key = condition.text_en = condition.text_zh = condition.limit = endless;
    condition.evidence = evidence;
    condition.n_evidence = 2;
    host->raise(host, &condition);
    return none;
}

#define FAULT_NAME    "lies"
#define FAULT_READING bad_reading
#include "fault.h"

FAULT_PLUGIN;
