/* table.h - the host's own copy of what a plugin declares, checked, in the layout of this host's plugin.h whatever
 * minor version the plugin was built with. */
#ifndef DETECTOR_TABLE_H
#define DETECTOR_TABLE_H

#include "base/frame.h"
#include "gatewayd/plugin.h"

#define TABLE_STATE_MAX   (8u << 20) /* bytes of state per detector */
#define TABLE_SIZE_MAX    4096u      /* bytes of any one struct: more is no later version but nonsense */
#define TABLE_HISTORY_MAX (400 * GW_DAY)

struct table {
    struct gw_plugin plugin; /* members that the plugin does not have are zero; roles, params and alerts point below */
    struct gw_role *roles;
    struct gw_param *params;
    struct gw_alert_kind *alerts;
    struct frame_plugin_param *frames; /* of the parameters, as the configuration check knows them */
};

/* Copy and check. Strings stay the plugin's. `stem` is the file's name without ".so". NULL with the reason in error
 * (English, for a person): foreign ABI, sizes, names, counts, texts, defaults outside their own range. */
struct table *table_create(const struct gw_plugin *raw, const char *stem, char *error, size_t error_size);
void table_destroy(struct table *table); /* NULL is legal */

/* The frames that tell the core. i < the row count. Return frame. */
/* Can it raise nothing but momentary alerts: calls? */
bool table_is_momentary(const struct table *table);
const struct frame *table_info_frame(const struct table *table, struct frame *frame);
const struct frame *table_role_frame(const struct table *table, uint32_t i, struct frame *frame);
const struct frame *table_param_frame(const struct table *table, uint32_t i, struct frame *frame);
const struct frame *table_alert_frame(const struct table *table, uint32_t i, struct frame *frame);

#endif
