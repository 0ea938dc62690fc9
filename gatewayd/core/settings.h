/* settings.h - the configuration as the core and the daemon use it: checked, plain, owned by whoever loaded it. Made by
 * config/ from libconfig text, by tests by hand. Immutable once made. */
#ifndef CORE_SETTINGS_H
#define CORE_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "../base/frame.h"

enum source_type { SOURCE_GPIO, SOURCE_MQTT };

struct sensor_settings {
    char name[NAME_SIZE];
    char room[NAME_SIZE];
    uint16_t kind; /* enum kind */
    enum source_type source;
    struct frame_gpio_line gpio;   /* SOURCE_GPIO; slot is filled in by the core */
    struct frame_mqtt_sensor mqtt; /* SOURCE_MQTT; slot is filled in by the core */
};

struct detector_settings {
    char name[NAME_SIZE];
    char plugin[NAME_SIZE]; /* its name: the file is <plugin_dir>/<plugin>.so */
    uint32_t memory_mib;
    struct frame_setting *settings; /* in the order of the file, then the profile's defaults not set there */
    uint32_t n_settings;
};

enum output_shows { SHOWS_ACKNOWLEDGED, SHOWS_EMERGENCY, SHOWS_ONLINE };

struct output_settings {
    struct frame_output output;
    enum output_shows shows;
};

struct uplink_settings {
    struct frame_uplink_config link; /* complete but for `recover` */
    uint32_t classes;                /* bit (1 << enum gw_class): which alerts go there */
    bool backup;   /* used only when no other has been up for 30 s, or an emergency was not confirmed within 5 s */
    uint32_t rate; /* non-emergencies per minute at most */
    uint32_t heartbeat_s; /* status at least this often */
};

struct settings {
    char county[NAME_SIZE], town[NAME_SIZE], village[NAME_SIZE], home[NAME_SIZE];
    char timezone[NAME_SIZE];
    char hotline[NAME_SIZE], family[NAME_SIZE];
    bool supervised; /* a detector of the plugin sensor was added if there was none; for config/ alone */
    bool daily_test; /* a silent test alarm every day */
    bool has_mqtt;
    struct frame_broker mqtt;
    struct frame_store_config store; /* boot_id is filled in by the daemon */
    char plugin_dir[TEXT_SIZE];
    char control_group[NAME_SIZE]; /* group that may use the control socket; "" root and the daemon's own */
    struct sensor_settings *sensors;
    uint32_t n_sensors;
    struct detector_settings *detectors;
    uint32_t n_detectors;
    struct uplink_settings *uplinks;
    uint32_t n_uplinks;
    struct output_settings *outputs;
    uint32_t n_outputs;
};

/* Free it and all it owns. NULL is legal. */
void settings_free(struct settings *settings);

#endif
