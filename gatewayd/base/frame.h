/* frame.h - every message between our processes: one SOCK_SEQPACKET datagram = one frame = a header and one
 * fixed-layout body. Both ends are always built together (FRAME_VERSION is checked), so a body is its C struct; what
 * comes from the other side is still hostile: frame_check() says whether length, strings and ranges are what the type
 * promises.
 *
 * Who says what:
 *
 * core -> every worker: CONFIG_BEGIN, its items, CONFIG_END (again after a reload, whole: the worker compares by name),
 * PING
 *
 * every worker -> core: HELLO first, READY when it does its work, FAILED (permanent: not to be retried), TROUBLE, PONG
 *
 * sources (gpio, mqtt) -> core: READINGS, SENSOR_NOTE
 *
 * core -> sources: CONFIRM, and to gpio OUTPUT_SET
 *
 * store -> core: STORE_STATE; then what it knows: STORE_RING, SOURCE_KEYS, STORE_CURSOR, STORE_COMMIT (one per stored
 * revision that is open, still has to reach an uplink or was closed within the last day; token 0); READY; from then on
 * STORE_DONE and HISTORY
 *
 * core -> store: SENSOR, READINGS (append), STORE_COMMIT, STORE_CURSOR, STORE_BOOT, STORE_FORGET, HISTORY_QUERY
 *
 * detector -> core: PLUGIN_*, BIND, HEALTH, READY, CONDITION, BATCH_DONE
 *
 * core -> detector: BATCH
 *
 * uplink -> core: UPLINK_STATE, DELIVERED, COMMAND, ALERT (recovered)
 *
 * core -> uplink: SEND, OPEN_*, STATUS, CLOCK, REPLY
 *
 * gatewayctl -> core: CTL_REQUEST
 *
 * core -> gatewayctl: CTL_*, ALERT, READINGS, HISTORY
 */
#ifndef BASE_FRAME_H
#define BASE_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "alert.h"
#include "frame_ctl.h"
#include "frame_detector.h"
#include "limits.h"
#include "reading.h"

#define FRAME_VERSION 2u

enum frame_type {
    FRAME_NONE = 0,
    /* every worker */
    FRAME_HELLO,        /* struct frame_hello */
    FRAME_READY,        /* no body */
    FRAME_FAILED,       /* struct frame_text: why; the worker ends after it and is not started again until a reload */
    FRAME_TROUBLE,      /* struct frame_trouble: onset or recovery of something a technician should know */
    FRAME_CONFIG_BEGIN, /* no body */
    FRAME_CONFIG_END,   /* no body */
    /* items of configuration */
    FRAME_GPIO_LINE,       /* struct frame_gpio_line */
    FRAME_MQTT_BROKER,     /* struct frame_broker */
    FRAME_MQTT_SENSOR,     /* struct frame_mqtt_sensor */
    FRAME_SOURCE_KEYS,     /* struct frame_source_keys: of recent momentary readings, oldest first (mqtt) */
    FRAME_STORE_CONFIG,    /* struct frame_store_config */
    FRAME_DETECTOR_CONFIG, /* struct frame_detector_config */
    FRAME_SETTING,         /* struct frame_setting */
    FRAME_SENSOR,          /* struct frame_sensor: a sensor of the home (to detectors and to the store) */
    FRAME_UPLINK_CONFIG,   /* struct frame_uplink_config */
    /* sources */
    FRAME_READINGS,    /* struct frame_readings */
    FRAME_CONFIRM,     /* struct frame_confirm */
    FRAME_SENSOR_NOTE, /* struct frame_sensor_note */
    FRAME_OUTPUT,      /* struct frame_output: an output to drive (configuration) */
    FRAME_OUTPUT_SET,  /* struct frame_output_set */
    /* store */
    FRAME_STORE_STATE,   /* struct frame_store_state */
    FRAME_STORE_RING,    /* struct frame_store_ring */
    FRAME_STORE_CURSOR,  /* struct frame_cursor */
    FRAME_STORE_BOOT,    /* struct frame_boot */
    FRAME_STORE_COMMIT,  /* struct frame_commit */
    FRAME_STORE_DONE,    /* struct frame_done */
    FRAME_STORE_FORGET,  /* struct frame_forget */
    FRAME_HISTORY_QUERY, /* struct frame_history_query */
    FRAME_HISTORY,       /* struct frame_history */
    /* detector */
    FRAME_PLUGIN_INFO,  /* struct frame_plugin_info */
    FRAME_PLUGIN_ROLE,  /* struct frame_plugin_role */
    FRAME_PLUGIN_PARAM, /* struct frame_plugin_param */
    FRAME_PLUGIN_ALERT, /* struct frame_plugin_alert */
    FRAME_PLUGIN_END,   /* no body */
    FRAME_BIND,         /* struct frame_bind */
    FRAME_BATCH,        /* struct frame_batch */
    FRAME_CONDITION,    /* struct frame_condition */
    FRAME_BATCH_DONE,   /* struct frame_batch_done */
    /* uplink */
    FRAME_UPLINK_STATE, /* struct frame_uplink_state */
    FRAME_SEND,         /* struct frame_send */
    FRAME_DELIVERED,    /* struct frame_delivered */
    FRAME_OPEN_BEGIN,   /* no body: the list of open alerts follows as ALERT frames */
    FRAME_OPEN_END,     /* no body: publish it, retained, if it differs from what was published last */
    FRAME_ALERT,        /* struct alert */
    FRAME_STATUS,       /* struct frame_status: publish it, retained */
    FRAME_CLOCK,        /* struct frame_clock */
    FRAME_COMMAND,      /* struct frame_command */
    FRAME_REPLY,        /* struct frame_reply */
    /* gatewayctl */
    FRAME_CTL_REQUEST, /* struct frame_ctl_request */
    FRAME_CTL_HOME,    /* struct frame_status, then one frame per worker, sensor ... as asked */
    FRAME_CTL_WORKER,  /* struct frame_ctl_worker */
    FRAME_CTL_SENSOR,  /* struct frame_ctl_sensor */
    FRAME_CTL_END,     /* struct frame_ctl_end */
    FRAME_GPIO_CONFIG, /* struct frame_gpio_config: first item of the gpio worker's configuration */
    /* every worker */
    FRAME_PING,   /* no body, core -> worker: answered by channel_receive itself, so a loop that runs answers */
    FRAME_PONG,   /* no body, worker -> core */
    FRAME_HEALTH, /* struct frame_health: how well a detector sees from now on; before the BATCH_DONE or READY it goes
                     with */
    FRAME_CTL_WAITING, /* struct frame_ctl_waiting */
    FRAME_TYPES
};

struct frame_header {
    uint32_t length; /* of header and body */
    uint16_t type;   /* enum frame_type */
    uint16_t version;
};

/* ---- every worker ---- */

struct frame_hello {
    uint32_t version; /* FRAME_VERSION */
    uint32_t pid;
    char role[NAME_SIZE]; /* "gpio", "mqtt", "store", "detector", "uplink" */
};

struct frame_text {
    char text[TEXT_SIZE];
};

struct frame_trouble {
    char
        subject[NAME_SIZE]; /* what it is about: a chip, a file, a broker, a topic; onset and recovery carry the same */
    uint32_t active;        /* 1: began, 0: over */
    uint32_t alert;         /* 1: a technical alert is due, 0: log and status only */
    char kind[NAME_SIZE];   /* kind of the technical alert: "store-corrupt", "disk-full", "tls-expiring", "qos0" ... */
    char text_en[GW_MAX_TEXT], text_zh[GW_MAX_TEXT];
};

/* ---- configuration items ---- */

enum gpio_bias { BIAS_AS_IS, BIAS_DISABLED, BIAS_PULL_UP, BIAS_PULL_DOWN };

struct frame_gpio_line {
    char sensor[NAME_SIZE];
    char chip[TEXT_SIZE]; /* name, label or path */
    char line[NAME_SIZE]; /* name, or offset in digits */
    uint16_t slot;        /* to be put into the readings; SENSOR_HOME for an output */
    uint16_t kind;        /* enum kind */
    uint32_t bias;        /* enum gpio_bias */
    uint32_t active_low;
    uint32_t debounce_ms;
};

struct frame_gpio_config {
    char ring_dir[TEXT_SIZE]; /* for gpio-state.ring and gpio-urgent.ring */
};

struct frame_broker { /* the local broker */
    char host[TEXT_SIZE];
    char client_id[NAME_SIZE]; /* stem: "-urgent" and "-state" are added */
    char username[TEXT_SIZE], password[TEXT_SIZE];
    char ca[TEXT_SIZE], cert[TEXT_SIZE], key[TEXT_SIZE]; /* "": no TLS / no client certificate */
    uint32_t port;
    uint32_t keepalive_s;
    char ring_dir[TEXT_SIZE];
};

enum mqtt_format {
    FORMAT_RAW,
    FORMAT_JSON,
    FORMAT_ZIGBEE2MQTT,
    FORMAT_TASMOTA,
    FORMAT_ESPHOME,
    FORMAT_SHELLY,
    FORMAT_COUNT
};

struct frame_mqtt_sensor {
    char sensor[NAME_SIZE];
    char topic[TEXT_SIZE];              /* no wildcards */
    char availability[TEXT_SIZE];       /* topic; "": by the format's custom */
    char path[TEXT_SIZE];               /* where the value is in a JSON payload: "a.b.0", "" by the format's custom */
    char on[NAME_SIZE], off[NAME_SIZE]; /* payloads or values that mean 1 and 0; "": by the format's custom */
    uint16_t slot;
    uint16_t kind;   /* enum kind */
    uint32_t format; /* enum mqtt_format */
    uint32_t invert; /* 1: level readings are turned round */
};

struct frame_source_keys {
    uint32_t n;
    uint32_t reserved;
    uint64_t key[SOURCE_KEYS_PER_FRAME];
};

struct frame_store_config {
    char directory[TEXT_SIZE]; /* alerts.db and history.db */
    char mirror[TEXT_SIZE];    /* file in /run that mirrors open alerts and cursors */
    uint32_t history_days;
    uint32_t history_mib; /* bound of history.db */
    uint32_t batch_ms;    /* readings are committed at least this often */
    uint32_t reserved;
    char boot_id[40]; /* of this boot */
};

struct frame_detector_config {
    char name[NAME_SIZE];
    char plugin[TEXT_SIZE]; /* path of the shared object */
    char timezone[NAME_SIZE];
    uint32_t memory_mib; /* limit of its heap */
    uint32_t reserved;
};

struct frame_setting { /* one setting of a detector; a list comes as several with the same key */
    char key[NAME_SIZE];
    char value[SETTING_SIZE];
    char where[TEXT_SIZE]; /* "file:line", for messages */
};

struct frame_sensor {
    uint16_t slot;
    uint16_t kind; /* enum kind */
    uint32_t reserved;
    char name[NAME_SIZE];
    char room[NAME_SIZE];
};

enum mqtt_version { MQTT_5 = 5, MQTT_311 = 4 };

struct frame_uplink_config {
    char name[NAME_SIZE];
    char host[TEXT_SIZE];
    char client_id[TEXT_SIZE];
    char username[TEXT_SIZE], password[TEXT_SIZE];
    char ca[TEXT_SIZE], cert[TEXT_SIZE], key[TEXT_SIZE];
    char psk_identity[TEXT_SIZE], psk[TEXT_SIZE]; /* psk in hex */
    uint32_t port;
    uint32_t tls; /* 1: TLS, by CA (and certificate) or by PSK */
    uint32_t keepalive_s;
    uint32_t version;     /* enum mqtt_version */
    char home[TEXT_SIZE]; /* "county/town/village/home" */
    char software[NAME_SIZE];
    char hotline[NAME_SIZE], family[NAME_SIZE]; /* contact, into every emergency */
    char timezone[NAME_SIZE];
    uint32_t recover; /* 1: our retained "open" topic is to be read and sent back as ALERT frames: alerts.db was lost */
    uint32_t reserved;
};

/* ---- sources ---- */

struct frame_readings { /* n readings; the frame is only as long as they are */
    uint32_t n;         /* 1 .. READINGS_PER_FRAME */
    uint32_t flags;     /* READINGS_* */
    struct reading reading[READINGS_PER_FRAME];
};
#define READINGS_URGENT 0x01u /* from the urgent ring: to be committed at once, CONFIRM.durable is waited for */
#define READINGS_REPLAY 0x02u /* from the ring after a restart of either side: may be known already */

struct frame_confirm {
    uint64_t durable; /* origin: urgent readings up to here are accepted (PUBACK may go) */
    uint64_t handled; /* origin: the ring may forget up to here */
    uint32_t urgent;  /* 1: the urgent ring, 0: the other */
    uint32_t reserved;
};

/* LINES_LOST: edges that the kernel dropped (value 0 with a text: maybe some, this kernel interface can't tell);
 * LINES_COALESCED: changes of a noisy line that were not told one by one; its end level was. */
enum sensor_note { NOTE_QOS = 1, NOTE_BAD_PAYLOAD, NOTE_LINES_LOST, NOTE_UNUSED_PAYLOAD, NOTE_LINES_COALESCED };

struct frame_sensor_note {
    uint16_t slot;
    uint16_t note;        /* enum sensor_note */
    uint32_t value;       /* QoS 0 .. 2, or how many more since the last note */
    char text[TEXT_SIZE]; /* BAD_PAYLOAD: the beginning of what came, printable; QOS: which setting changes it; or "" */
};

struct frame_output {
    char name[NAME_SIZE];
    struct frame_gpio_line line; /* slot is the output's number */
};

struct frame_output_set {
    uint32_t output; /* number */
    uint32_t value;  /* 0 or 1 */
};

/* ---- store ---- */

enum store_file_state { STORE_FILE_OK, STORE_FILE_NEW, STORE_FILE_SET_ASIDE };

struct frame_store_state {          /* the store's first answer to its configuration */
    uint64_t last_id;               /* highest reading id or cursor ever given; 0: none */
    int64_t last_log;               /* highest log time stored, ms; 0: none */
    int64_t boot_offset;            /* log time - boottime of this boot, valid if known_boot */
    int64_t wall_minus_log;         /* label of this boot, valid if known_boot */
    uint32_t boot;                  /* number of this boot (new or known) */
    uint32_t known_boot;            /* 1: this boot_id had been stored before: the offset holds */
    uint32_t raised_once;           /* 1: this boot's offset had been raised already (first sync) */
    uint32_t clock;                 /* enum clock_quality of the label */
    uint32_t alerts_file;           /* enum store_file_state */
    uint32_t history_file;          /* enum store_file_state */
    char set_aside[TEXT_SIZE];      /* name of the file that was set aside, or "" */
    uint64_t stored_id;             /* readings up to here are on the disk; last_id may be beyond it, by a cursor */
    int64_t raised_from, raised_by; /* of this boot, as in frame_boot */
};

struct frame_store_ring {
    uint64_t origin; /* the highest stored one of its ring (high 32 bits name the ring) */
};

struct frame_cursor {
    char detector[NAME_SIZE];
    uint64_t reading; /* every reading up to this id has been seen and its alerts are stored */
    int64_t until;    /* and every wake up to this log time; 0: forgotten, the detector is not configured */
};

struct frame_boot { /* offset and label of the current boot changed */
    uint32_t boot;
    uint32_t raised_once;
    int64_t boot_offset;
    int64_t wall_minus_log; /* label of its log times from raised_from on */
    uint32_t clock;
    uint32_t reserved;
    int64_t raised_from; /* log times of this boot before this one ... */
    int64_t
        raised_by; /* ... have so much more as their label: the first sync raised the offset by that; 0: it did not */
};

/* One transaction of alerts.db: this revision, who still has to get it, and the detector's cursor. */
struct frame_commit {
    uint64_t token;   /* comes back in STORE_DONE */
    uint32_t pending; /* uplinks (bits by number in the configuration) that this revision must still reach */
    uint32_t has_cursor;
    struct frame_cursor cursor;
    struct alert alert;
};

enum store_done { STORE_DONE_COMMIT = 1, STORE_DONE_READINGS };

struct frame_done {
    uint64_t token; /* COMMIT: its token; READINGS: all readings up to this id are on the disk */
    uint64_t bytes; /* written to disk since start, for the wear meter */
    uint32_t what;  /* enum store_done */
    uint32_t
        failed; /* 1: the disk refused (full, read-only, I/O error); the store tries again by itself for READINGS */
};

struct frame_forget { /* the revision of this alert need not reach these uplinks any more; closed and nothing pending:
                         archived */
    uint64_t alert;
    uint32_t rev;     /* this alone: an older one may still wait to be accepted */
    uint32_t uplinks; /* bits */
};

struct frame_history_query {
    uint64_t token;   /* comes back */
    uint64_t from_id; /* first id wanted; with from_log: the later of both */
    int64_t from_log;
    uint64_t to_id; /* last id wanted */
    uint32_t limit; /* readings in the answer, <= READINGS_PER_FRAME; the answer never mixes boots */
    uint32_t reserved;
    uint64_t slots[SENSORS_MAX / 64]; /* bit set: this sensor is wanted; SENSOR_HOME always is */
};

struct frame_history {
    uint64_t token;
    uint64_t next_id;       /* ask from here on; 0: there is nothing more up to to_id */
    int64_t wall_minus_log; /* label of these readings' boot */
    uint32_t clock;
    uint32_t n; /* may be 0 */
    struct reading reading[READINGS_PER_FRAME];
};

/* ---- uplink ---- */

enum uplink_link { LINK_DOWN = 0, LINK_UP = 1 };

struct frame_uplink_state {
    uint32_t link;            /* enum uplink_link */
    uint32_t session_present; /* LINK_UP: the broker still had our session */
    int64_t cert_expires;     /* wall ms of the earliest end in our own chain; 0: no certificate */
    char text[TEXT_SIZE];     /* LINK_DOWN: why, in words with what to do */
};

struct frame_send {     /* publish this revision of this alert */
    uint64_t token;     /* comes back in DELIVERED */
    uint32_t emergency; /* at once; no PUBACK within 5 s: reconnect */
    uint32_t durable;
    int64_t now_log; /* log time now, for late_ms of delivery */
    uint64_t again;  /* how often it was handed over before */
    struct alert alert;
};

struct frame_delivered {
    uint64_t token;
    uint32_t ok; /* 1: PUBACK with success; 0: not (connection lost, refused): hand it over again when the link is up */
    uint32_t reason; /* MQTT 5 reason code, 0 if none */
};

struct frame_status { /* the home at a glance: the retained status topic and `gatewayctl status` */
    char software[NAME_SIZE];
    char home[TEXT_SIZE];
    int64_t log_now, wall_minus_log;
    int64_t boottime_ms;
    uint32_t clock; /* enum clock_quality */
    uint32_t boot;
    uint32_t degraded; /* 1: the disk does not answer */
    uint32_t mode;     /* enum gw_mode */
    uint32_t sensors, sensors_lost, sensors_low_battery;
    uint32_t detectors, detectors_down, detectors_blind, detectors_behind;
    uint32_t alerts_open, emergencies_open;
    uint32_t outbox;          /* revisions not yet delivered everywhere */
    int64_t outbox_oldest_ms; /* age of the oldest */
    uint64_t readings;        /* accepted since start */
    uint64_t bytes_written;   /* to disk since start */
    uint32_t drops;           /* at limits, since start: should be 0 */
    uint32_t config_fallback; /* 1: the last accepted copy of the configuration runs */
    uint32_t uplinks, uplinks_up;
    char timezone[NAME_SIZE]; /* of the home */
    uint32_t detectors_learning;
    uint32_t late;         /* first deliveries since start that took longer than 10 s */
    int64_t late_worst_ms; /* the longest of them */
    int64_t up_ms;         /* since the daemon's start */
};

struct frame_clock {
    int64_t wall_minus_log;
    uint32_t quality; /* enum clock_quality */
    uint32_t reserved;
};

enum verb { VERB_ACCEPT = 1, VERB_ACK, VERB_CLOSE, VERB_STATUS, VERB_TEST, VERB_MODE, VERB_MESSAGE, VERB_COUNT };

struct frame_command { /* from the platform; parsed and bounded by the uplink, decided by the core */
    uint64_t token;    /* comes back in REPLY */
    uint32_t verb;     /* enum verb */
    uint32_t rev;      /* accept, ack, close: the revision seen, 0: any */
    uint64_t alert;    /* accept, ack, close */
    char by[NAME_SIZE];
    char note[NOTE_SIZE]; /* ack, close: note; test: sensor, or "" for the silent test alarm; mode: mode; message: the
                             text */
    int64_t for_ms;       /* mode: how long; 0: as is customary */
};

struct frame_reply {
    uint64_t token;
    uint32_t ok;
    uint32_t reserved;
    char text[TEXT_SIZE];
};

/* ---- the frame itself ---- */

/* Room for the largest frame. Allocate it once (it is about 17 KiB), never on a hot path's stack. Read the body only
 * after frame_check said yes. */
struct frame {
    struct frame_header header;
    union {
        struct frame_hello hello;
        struct frame_text text;
        struct frame_trouble trouble;
        struct frame_gpio_line gpio_line;
        struct frame_broker broker;
        struct frame_mqtt_sensor mqtt_sensor;
        struct frame_source_keys source_keys;
        struct frame_store_config store_config;
        struct frame_detector_config detector_config;
        struct frame_setting setting;
        struct frame_sensor sensor;
        struct frame_uplink_config uplink_config;
        struct frame_readings readings;
        struct frame_confirm confirm;
        struct frame_sensor_note sensor_note;
        struct frame_output output;
        struct frame_output_set output_set;
        struct frame_store_state store_state;
        struct frame_store_ring store_ring;
        struct frame_cursor cursor;
        struct frame_boot boot;
        struct frame_commit commit;
        struct frame_done done;
        struct frame_forget forget;
        struct frame_history_query history_query;
        struct frame_history history;
        struct frame_plugin_info plugin_info;
        struct frame_plugin_role plugin_role;
        struct frame_plugin_param plugin_param;
        struct frame_plugin_alert plugin_alert;
        struct frame_bind bind;
        struct frame_batch batch;
        struct frame_condition condition;
        struct frame_batch_done batch_done;
        struct frame_health health;
        struct frame_uplink_state uplink_state;
        struct frame_send send;
        struct frame_delivered delivered;
        struct alert alert;
        struct frame_status status;
        struct frame_clock clock;
        struct frame_command command;
        struct frame_reply reply;
        struct frame_ctl_request ctl_request;
        struct frame_ctl_worker ctl_worker;
        struct frame_ctl_sensor ctl_sensor;
        struct frame_ctl_end ctl_end;
        struct frame_ctl_waiting ctl_waiting;
        struct frame_gpio_config gpio_config;
    };
};

/* Zero the body that belongs to type (the header too) and set header.type, .version and .length; returns frame. For
 * READINGS, HISTORY and BATCH the length is that of n = 0 and the readings behind it keep what was there (16 KiB, of
 * which most frames send little): fill in each of the n wholly, then call frame_set_n. */
struct frame *frame_init(struct frame *frame, enum frame_type type);
/* Set n of a READINGS, HISTORY or BATCH frame and the length that goes with it. n <= READINGS_PER_FRAME. */
void frame_set_n(struct frame *frame, uint32_t n);
/* Is a received datagram of `size` bytes a correct frame: version, known type, exact length for the type, terminated
 * valid UTF-8 strings, finite numbers, counts and enums within range? False with the reason in *why (static text). */
bool frame_check(const struct frame *frame, size_t size, const char **why);
/* The same for one reading, which may lack its origin. */
bool frame_check_reading(const struct reading *reading, const char **why);
/* "readings", for logs and tests; "?" for an unknown type. */
const char *frame_type_name(unsigned type);

#endif
