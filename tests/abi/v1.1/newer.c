/* A plugin as one could write it for version 1.1: watches every sensor of the home, and says how well it sees. */
#include "plugin.h"

struct newer {
    int heard;
};

static int newer_open(void *state, const struct gw_host *host, char *error, size_t error_size)
{
    (void)state, (void)error, (void)error_size;
    if (host->size >= sizeof *host)
        host->health(host, GW_HEALTH_LEARNING, "It has heard nothing yet.", "尚未收到任何数据。");
    return 0;
}

static struct gw_wake newer_reading(void *state, const struct gw_host *host, const struct gw_reading *reading)
{
    const struct gw_wake none = GW_WAKE_NONE_INIT;
    struct newer *newer = state;
    (void)reading;
    newer->heard = 1;
    host->health(host, GW_HEALTH_OK, "", "");
    return none;
}

/* The first wake comes by itself where nothing was heard. */
static struct gw_wake newer_wake(void *state, const struct gw_host *host, gw_time now)
{
    const struct gw_wake none = GW_WAKE_NONE_INIT;
    const struct newer *newer = state;
    const struct gw_condition quiet = {
        .size = sizeof quiet, .kind = 0, .key = host->sensor_name(host, 0), .episode = 1, .since = now};
    if (!newer->heard)
        host->raise(host, &quiet);
    return none;
}

static const struct gw_role roles[] = {{"sensors", "*", GW_ROLE_MANY | GW_ROLE_ALL, 0, "All of them", "全部"}};
static const struct gw_alert_kind alerts[] = {
    {"quiet", GW_TECHNICAL, GW_ALERT_LOST, "0031 0067", "Quiet", "无数据", "Nothing was heard", "没有数据"}};

GW_PLUGIN(.name = "newer", .version = "1.0", .summary_en = "Built for plugin ABI 1.1", .summary_zh = "按 1.1 接口编译",
          .roles = roles, .n_roles = 1, .alerts = alerts, .n_alerts = 1, .state_size = sizeof(struct newer),
          .open = newer_open, .reading = newer_reading, .wake = newer_wake);
