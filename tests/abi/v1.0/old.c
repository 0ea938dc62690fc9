/* A plugin as one could write it for version 1.0: raises on every value above its limit. */
#include <stdio.h>

#include "plugin.h"

struct old {
    double limit;
};

static int old_open(void *state, const struct gw_host *host, char *error, size_t error_size)
{
    struct old *old = state;
    (void)error, (void)error_size;
    old->limit = host->number(host, "limit");
    return 0;
}

static struct gw_wake old_reading(void *state, const struct gw_host *host, const struct gw_reading *reading)
{
    const struct gw_wake none = GW_WAKE_NONE_INIT;
    const struct old *old = state;
    if (reading->type == GW_VALUE && reading->value > old->limit) {
        const struct gw_condition condition = {.size = sizeof condition,
                                               .kind = 0,
                                               .key = host->sensor_name(host, reading->sensor),
                                               .episode = reading->origin,
                                               .since = reading->at,
                                               .text_en = "Beyond the limit.",
                                               .text_zh = "超过限值。",
                                               .evidence = reading,
                                               .n_evidence = 1,
                                               .limit = "limit"};
        host->raise(host, &condition);
    }
    return none;
}

static struct gw_wake old_wake(void *state, const struct gw_host *host, gw_time now)
{
    const struct gw_wake none = GW_WAKE_NONE_INIT;
    (void)state, (void)host, (void)now;
    return none;
}

static const struct gw_role roles[] = {{"sensor", "number contact", GW_ROLE_REQUIRED, 0, "The figure", "数值"}};
static const struct gw_param params[] = {
    {"limit", GW_PARAM_NUMBER, 0, "units", "0.5", -1000, 1000, NULL, "The limit", "限值"}};
static const struct gw_alert_kind alerts[] = {
    {"beyond", GW_WARNING, GW_ALERT_MOMENTARY, NULL, "Beyond", "超限", "Beyond the limit", "超过限值"}};

GW_PLUGIN(.name = "old", .version = "0.9", .summary_en = "Built for plugin ABI 1.0", .summary_zh = "按 1.0 接口编译",
          .roles = roles, .n_roles = 1, .n_params = 1, .params = params, .alerts = alerts, .n_alerts = 1,
          .state_size = sizeof(struct old), .open = old_open, .reading = old_reading, .wake = old_wake);
