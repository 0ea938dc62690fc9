/* fault.h - what every misbehaving plugin shares: a table with one role, and a way to override one part. Each file
 * defines FAULT_NAME and, before including this, any of FAULT_OPEN, FAULT_READING, FAULT_WAKE. */
#ifndef TESTS_FAULT_H
#define TESTS_FAULT_H

#include "gatewayd/plugin.h"

static inline int fault_fine_open(void *state, const struct gw_host *host, char *error, size_t error_size)
{
    (void)state, (void)host, (void)error, (void)error_size;
    return 0;
}

static inline struct gw_wake fault_fine_reading(void *state, const struct gw_host *host,
                                                const struct gw_reading *reading)
{
    const struct gw_wake none = GW_WAKE_NONE_INIT;
    (void)state, (void)host, (void)reading;
    return none;
}

static inline struct gw_wake fault_fine_wake(void *state, const struct gw_host *host, gw_time now)
{
    const struct gw_wake none = GW_WAKE_NONE_INIT;
    (void)state, (void)host, (void)now;
    return none;
}

#ifndef FAULT_OPEN
#define FAULT_OPEN fault_fine_open
#endif
#ifndef FAULT_READING
#define FAULT_READING fault_fine_reading
#endif
#ifndef FAULT_WAKE
#define FAULT_WAKE fault_fine_wake
#endif

static const struct gw_role fault_roles[] = {
    {"sensors", "contact button motion bed", GW_ROLE_REQUIRED | GW_ROLE_MANY, 0, "Any sensor", "任意传感器"}};
static const struct gw_alert_kind fault_alerts[] = {
    {"fault", GW_WARNING, 0, NULL, "Fault", "故障", "What a bad plugin says", "故障插件的报警"}};

#define FAULT_PLUGIN                                                                                                   \
    GW_PLUGIN(.name = FAULT_NAME, .version = "1.0", .summary_en = "Misbehaves on purpose", .summary_zh = "故意出错",   \
              .roles = fault_roles, .n_roles = 1, .alerts = fault_alerts, .n_alerts = 1, .state_size = 64,             \
              .open = FAULT_OPEN, .reading = FAULT_READING, .wake = FAULT_WAKE)

#endif
