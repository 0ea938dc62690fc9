/* check.h - what the modules of one config_load share, and the tables of all groups. Internal to config/ and its tests.
 */
#ifndef CONFIG_CHECK_H
#define CONFIG_CHECK_H

#include "base/catalog.h"
#include "config.h"
#include "reader.h"
#include "report.h"
#include "table.h"

/* catalog_describe, or a test's own. */
typedef struct catalog_plugin *(*describe_function)(const char *host, const char *plugin_path, int deadline_ms,
                                                    char *error, unsigned error_size);

/* Where each setting of a detector stands in the text: settings carry "file:line" only. */
struct setting_lines {
    unsigned detector; /* its own line */
    unsigned plugin;   /* of its plugin key */
    unsigned *line;    /* one per setting */
};

struct check {
    const struct config_options *options;
    struct report *report;
    const struct node *root;
    struct settings *settings;   /* being made */
    struct setting_lines *lines; /* one per detector, NULL without detectors */
    describe_function describe;
    bool out_of_memory;
};

/* config_load with another way to ask plugins. */
struct settings *config_load_with(const char *path, const struct config_options *options, describe_function describe,
                                  struct config_errors *errors);

/* Each reads its groups from check->root into check->settings and reports what is wrong; in this order. */
void general_read(struct check *check); /* home, contact, control, supervision, plugin_dir, store, mqtt */
void sensors_read(struct check *check);
void outputs_read(struct check *check); /* after the sensors: they may not share a line */
void uplinks_read(struct check *check); /* after the home */
void detectors_read(struct check *check);
void overrides_apply(struct check *check); /* after the detectors */
void plugins_check(struct check *check);   /* after sensors and detectors */

/* One detector's settings: each key of the group that is not the detector's own becomes a text, a list several. Used
 * for detectors, and for the defaults of a plugin (keys that `skip`, the detector's group, has are left out; NULL:
 * none). False: out of memory. */
bool detector_add_settings(struct check *check, const struct node *group, struct detector_settings *detector,
                           struct setting_lines *lines, const struct node *skip);

/* --check: what the machine lacks (a plugin, a certificate) is an error. At start it is not: the gateway must run, and
 * the worker that needs it says so. */
bool check_is_strict(const struct check *check);
/* Strict only: report a file that can't be read. path "" is legal. */
void check_file(struct check *check, const struct node *group, const char *key, const char *path);
/* Certificate and key go together, and need a CA. */
void check_certificate(struct check *check, const struct node *group, const char *ca, const char *cert,
                       const char *key);

extern const struct table root_table, home_table, contact_table, control_table, supervision_table, store_table,
    broker_table;
extern const struct table sensor_table, sensor_mqtt_table, gpio_table;
extern const struct table detector_table;
extern const struct table uplink_table, tls_table;
extern const struct table output_table, output_gpio_table;

#endif
