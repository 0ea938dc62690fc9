/* Built for a plugin ABI that does not exist yet. */
#include "gatewayd/plugin.h"
#define FAULT_NAME "foreign-major"
#include "fault.h"

GW_EXPORT_C const struct gw_plugin gw_plugin_v1;
const struct gw_plugin gw_plugin_v1 = {.size = sizeof(struct gw_plugin),
                                       .abi_major = 9,
                                       .abi_minor = 0,
                                       .role_size = 4,
                                       .param_size = 4,
                                       .alert_size = 4,
                                       .name = FAULT_NAME,
                                       .roles = fault_roles,
                                       .alerts = fault_alerts,
                                       .open = fault_fine_open,
                                       .reading = fault_fine_reading,
                                       .wake = fault_fine_wake};
