/* gatewayd/plugin.h - everything a detector plugin may use.
 *
 * A plugin is a shared object that turns readings into conditions: pure functions over a block of state. It has no
 * clock, file, socket, thread or global variable, and needs none: every input is an argument, every output a call on
 * the host. That is why the same plugin runs live, over a recorded log and in a test, and says the same each time.
 *
 * This header includes C standard headers only and compiles alone as C11 and as C++.
 *
 * ABI rules. Structs marked "append-only" may grow at their end in a later minor version and never change otherwise.
 * GW_PLUGIN records the sizes the plugin was compiled with; the host reads no more than that. A plugin of another
 * major version is refused. A plugin checks gw_host.size before it uses a member added after minor version 0.
 *
 * Life of a detector (all calls on one thread, never re-entered):
 *
 *   open -> reading | wake  (any number, in the order of the log: first history, then live) -> close
 *
 * Pointers handed to a call are valid until that call returns; copy what is needed later into the state. The host
 * copies everything a plugin hands to it before it returns.
 */
#ifndef GATEWAYD_PLUGIN_H
#define GATEWAYD_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GW_ABI_MAJOR 1u
#define GW_ABI_MINOR 1u

/* Log time: milliseconds. It runs on CLOCK_BOOTTIME, never goes back and does not follow the wall clock; use
 * differences for durations and gw_host.local for the time of day. Always >= 0. */
typedef int64_t gw_time;

#define GW_SECOND ((gw_time)1000)
#define GW_MINUTE ((gw_time)60 * GW_SECOND)
#define GW_HOUR   ((gw_time)60 * GW_MINUTE)
#define GW_DAY    ((gw_time)24 * GW_HOUR)

/* ---- what a plugin is told ------------------------------------------------------------------------------------ */

/* What a reading speaks of. Append-only; ignore a type you do not know. */
enum gw_type {
    GW_VALUE = 0,        /* a level: see the sensor kinds below */
    GW_EVENT = 1,        /* momentary, happened at .at; .value is one of enum gw_event */
    GW_AVAILABILITY = 2, /* 1: the sensor answers again, 0: it is lost (its last level is no longer to be believed) */
    GW_BATTERY = 3,      /* per cent, 0 to 100 */
    GW_BATTERY_LOW = 4,  /* 1: the device says that its battery is low, 0: it is good again */
    GW_TAMPER = 5,       /* 1: opened or torn off, 0: closed again */
    GW_LINK = 6,         /* link quality, 0 to 255 */
    GW_GAP = 7, /* of the home: nothing was recorded for .value milliseconds before .at (power cut, first clock sync) */
    GW_MODE = 8, /* of the home: .value is one of enum gw_mode */
    GW_CLOCK = 9 /* of the home: 1: the wall clock is synchronised from now on */
};

/* Momentary events, the .value of a GW_EVENT reading. Append-only. */
enum gw_event {
    GW_EVENT_PRESS = 1, /* short press of a button */
    GW_EVENT_DOUBLE = 2,
    GW_EVENT_LONG = 3,
    GW_EVENT_CORD = 4, /* pull cord */
    GW_EVENT_RELEASE = 5,
    GW_EVENT_CANCEL = 6,
    GW_EVENT_FALL = 7,
    GW_EVENT_ALARM = 8 /* a device that alarms by itself: smoke, gas, water ... */
};

enum gw_mode { GW_MODE_HOME = 0, GW_MODE_AWAY = 1, GW_MODE_VISIT = 2, GW_MODE_MAINTENANCE = 3 };

/* .flags of a reading. Append-only. */
#define GW_INITIAL  0x01u /* the first level after a start or a reconnect: a state, not a change */
#define GW_RETAINED 0x02u /* an MQTT retained message: a state, perhaps an old one */
#define GW_TEST     0x04u /* a test by a technician; conditions made from it are marked as test by the host */
#define GW_REREAD   0x08u /* the level was read again after edges may have been lost */

/* .sensor of readings that speak of the home as a whole (GW_GAP, GW_MODE, GW_CLOCK). */
#define GW_SENSOR_HOME UINT32_MAX

/* Levels (GW_VALUE) by sensor kind: bed 1 occupied; contact 1 open; motion, presence, vibration 1 active; button 1
 * held; leak, smoke, gas, co, heat 1 alarm; temperature degrees Celsius; humidity per cent; power watts; mains 1
 * present; number any figure; state 0 or 1. */

/* One reading. Append-only. */
struct gw_reading {
    uint64_t id;     /* place in the log, > 0, strictly rising; may have holes */
    uint64_t origin; /* names this reading for ever, also after a crash: use it as a condition's episode */
    gw_time at;      /* log time, never less than that of the call before */
    double value;    /* always finite */
    uint32_t sensor; /* 0 .. gw_host.sensors - 1, or GW_SENSOR_HOME */
    uint32_t type;   /* enum gw_type */
    uint32_t flags;  /* GW_INITIAL | ... */
    uint32_t reserved;
};

/* Time of day and date in the home's time zone. Append-only. */
struct gw_local {
    int32_t year;    /* 2026 */
    int32_t month;   /* 1 .. 12 */
    int32_t day;     /* 1 .. 31 */
    int32_t weekday; /* 1 Monday .. 7 Sunday (ISO 8601) */
    int32_t minute;  /* of the day, 0 .. 1439 */
    int32_t second;  /* 0 .. 60 */
};

/* ---- what a plugin says --------------------------------------------------------------------------------------- */

enum gw_class { GW_EMERGENCY = 1, GW_WARNING = 2, GW_INFO = 3, GW_TECHNICAL = 4 };

/* An episode distinguishes one occurrence of a condition from the next, stably over crashes and replay: either the
 * origin of the reading that began it, or a local date for a rule that can fire once a day. */
#define GW_EPISODE_DATE(local)                                                                                         \
    ((uint64_t)(local).year * 10000u + (uint64_t)(local).month * 100u + (uint64_t)(local).day)

#define GW_MAX_EVIDENCE 8u   /* further readings are not kept */
#define GW_MAX_TEXT     200u /* bytes of UTF-8 per text, terminating NUL included; longer texts are cut */
#define GW_MAX_KEY      32u  /* bytes of a key, terminating NUL included */

/* A condition that is true (gw_host.raise). Append-only. */
struct gw_condition {
    uint32_t size;    /* sizeof(struct gw_condition) */
    uint32_t kind;    /* index into gw_plugin.alerts */
    const char *key;  /* [a-z0-9.-]*: tells conditions of one kind apart (a sensor's name, for instance); NULL: "" */
    uint64_t episode; /* != 0 */
    gw_time since;    /* when it began to be true */
    const char *text_en, *text_zh;     /* one sentence a relative understands */
    const struct gw_reading *evidence; /* the readings that made it true, oldest first; may be NULL */
    uint32_t n_evidence;
    uint32_t flags;    /* 0 */
    const char *limit; /* the limit that was passed, in words and unit ("45 min"); NULL: none */
};

/* How well a detector sees (gw_host.health). The core says BLIND by itself while a required sensor is lost. */
enum gw_health {
    GW_HEALTH_OK = 0,
    GW_HEALTH_LEARNING = 1, /* it does not know enough yet: what it needs, in the text */
    GW_HEALTH_BLIND = 2     /* it cannot see what it is there for, for a reason of its own */
};

struct gw_host;

/* The host as a plugin sees it. Owned by the host, valid from open to close. Append-only. Every function takes the host
 * itself first; none may be called outside a plugin call; none fails in a way a plugin must handle. */
struct gw_host {
    uint32_t size;    /* of this struct in the running host */
    uint32_t sensors; /* sensors bound to this detector, over all roles */

    /* Raise, or raise again with news; a level condition with the same key and episode is one alert. A kind out of
     * range, or an episode of 0, is logged as the plugin's mistake and ignored. */
    void (*raise)(const struct gw_host *host, const struct gw_condition *condition);
    /* The condition is true no longer; unknown ones are ignored. key as in gw_condition. */
    void (*clear)(const struct gw_host *host, uint32_t kind, const char *key);

    /* Sensors of a role: how many, and the i-th as sensor index. UINT32_MAX where there is none. */
    uint32_t (*role_count)(const struct gw_host *host, const char *role);
    uint32_t (*role_sensor)(const struct gw_host *host, const char *role, uint32_t i);
    /* "" for an index out of range. */
    const char *(*sensor_name)(const struct gw_host *host, uint32_t sensor);
    const char *(*sensor_kind)(const struct gw_host *host, uint32_t sensor);
    const char *(*sensor_room)(const struct gw_host *host, uint32_t sensor);

    /* Parameters as configured, else their default; already checked against the declared type and range.
     * An undeclared name is logged as the plugin's mistake and gives 0 / -1 / "". */
    gw_time (*duration)(const struct gw_host *host, const char *param);    /* ms; -1: "never" / not set */
    int32_t (*time_of_day)(const struct gw_host *host, const char *param); /* minute of the day; -1: not set */
    double (*number)(const struct gw_host *host, const char *param);
    int (*flag)(const struct gw_host *host, const char *param);         /* 0 or 1 */
    const char *(*text)(const struct gw_host *host, const char *param); /* GW_PARAM_TEXT and GW_PARAM_CHOICE */

    /* Log time to local time. Follows corrections of the wall clock; durations must not be made from it. */
    void (*local)(const struct gw_host *host, gw_time at, struct gw_local *out);

    /* A line for the log, in English; cut at 200 bytes, rate limited. */
    void (*log)(const struct gw_host *host, const char *message);

    /* Since minor version 1: check size first. How well the detector sees from now on, with the reason as one sentence
     * each ("" with GW_HEALTH_OK). Shown in gatewayctl status; BLIND is told to the platform as a technical alert. Say
     * it at every change, in open too; an unchanged state and text costs nothing. */
    void (*health)(const struct gw_host *host, uint32_t state, const char *text_en, const char *text_zh);
};

/* The next call a plugin wants without a reading. Each return value replaces the wish before it; both members may be
 * set, the earlier one fires. Wakes and readings come in the order of log time, a reading before a wake of the same ms.
 * For plugins of minor version 1 and later the host itself wishes for the first: wake is called once where the log
 * begins, if no reading is there (so that a plugin may wait for what never comes).
 *
 * No wake falls within a gap: before a GW_GAP reading only wakes that were due before the gap began (.at - .value)
 * happen. One that was due in it happens once, at the end of the gap, after the plugin was given the GW_GAP reading,
 * unless its answer to that reading takes the wish back. So a plugin knows of the gap before it judges the time.
 */
struct gw_wake {
    gw_time at;           /* log time; 0: none. In the past: at once */
    int32_t local_minute; /* next time the local clock shows this minute of the day, 0 .. 1439; -1: none. In the hour
                             that DST repeats it fires once, in the hour it skips at the first moment after */
    uint32_t reserved;    /* 0 */
};
/* clang-format off */
#define GW_WAKE_NONE_INIT {0, -1, 0u}
/* clang-format on */

/* ---- what a plugin is: data ----------------------------------------------------------------------------------- */

#define GW_ROLE_REQUIRED 0x01u /* without it the configuration is wrong, and the detector is blind while it is lost */
#define GW_ROLE_MANY     0x02u /* a list of sensors is allowed */
#define GW_ROLE_ALL      0x04u /* since minor 1: where the configuration names none, every sensor of these kinds */
#define GW_ROLE_RELIED   0x08u /* since minor 1: may be left out; where it is not, blind while the sensor is lost */

/* A part that sensors play for the detector. The role's name is the key in the configuration. Append-only. */
struct gw_role {
    const char *name;  /* [a-z_]+ */
    const char *kinds; /* accepted sensor kinds, separated by spaces: "contact motion"; "*" (since minor 1): any */
    uint32_t flags;    /* GW_ROLE_REQUIRED | ... */
    uint32_t reserved;
    const char *doc_en, *doc_zh; /* one line */
};

enum gw_param_type {
    GW_PARAM_DURATION = 1, /* "45 min"; "never" where minimum is negative */
    GW_PARAM_TIME = 2,     /* "22:30" */
    GW_PARAM_NUMBER = 3,
    GW_PARAM_TEXT = 4,
    GW_PARAM_CHOICE = 5, /* one of .choices */
    GW_PARAM_FLAG = 6    /* true, false */
};

/* A setting. The parameter's name is the key in the configuration. Append-only. */
struct gw_param {
    const char *name; /* [a-z_]+ */
    uint32_t type;    /* enum gw_param_type */
    uint32_t reserved;
    const char *unit;          /* GW_PARAM_NUMBER: "degC", for people; else NULL */
    const char *default_value; /* as one would write it in the configuration; NULL: not set */
    double minimum, maximum;   /* GW_PARAM_NUMBER as is, GW_PARAM_DURATION in ms; both 0: no range */
    const char *choices;       /* GW_PARAM_CHOICE: "a b c"; else NULL */
    const char *doc_en, *doc_zh;
};

#define GW_ALERT_MOMENTARY 0x01u /* happened, cannot end by itself. Else a level: true until cleared */
#define GW_ALERT_REQUEST   0x02u /* a service request: the kind's name is the service (topic request/<name>) */
/* Since minor version 1. VISIT: a carer's visit (topic visit); while one is raised the home's mode is GW_MODE_VISIT.
 * LOST: the key names a sensor that is not to be believed meanwhile: detectors that require it are blind. */
#define GW_ALERT_VISIT 0x04u
#define GW_ALERT_LOST  0x08u

/* A kind of alert that the plugin can raise. Append-only. */
struct gw_alert_kind {
    const char *name; /* [a-z-]+, the last part of the topic */
    uint32_t class_;  /* enum gw_class */
    uint32_t flags;   /* GW_ALERT_MOMENTARY | ... */
    const char *code; /* SCAIP "device status", e.g. "0034 0009" (CLC/TS 50134-9); NULL: none */
    const char *title_en, *title_zh;
    const char *doc_en, *doc_zh;
};

/* The plugin. Append-only. */
struct gw_plugin {
    uint32_t size; /* this and the next six are set by GW_PLUGIN */
    uint16_t abi_major, abi_minor;
    uint32_t role_size, param_size, alert_size;
    uint32_t reserved;

    const char *name;    /* [a-z][a-z0-9-]*, equal to the file's name without .so */
    const char *version; /* of the plugin, for people */
    const char *summary_en, *summary_zh;

    const struct gw_role *roles;
    uint32_t n_roles;
    uint32_t n_params;
    const struct gw_param *params;
    const struct gw_alert_kind *alerts;
    uint32_t n_alerts;
    uint32_t reserved2;

    gw_time history;   /* how much of the log it wants to see at its start */
    size_t state_size; /* bytes of state per detector; the host allocates it, zeroed, aligned for any type */

    /* Called once, before any reading. May refuse the configuration: write why into error (English, NUL-terminated) and
     * return -1; the detector then stays off until the configuration changes. 0: go. */
    int (*open)(void *state, const struct gw_host *host, char *error, size_t error_size);
    struct gw_wake (*reading)(void *state, const struct gw_host *host, const struct gw_reading *reading);
    struct gw_wake (*wake)(void *state, const struct gw_host *host, gw_time now);
    void (*close)(void *state, const struct gw_host *host); /* may be NULL */
};

/* The name that the host looks up. */
#define GW_PLUGIN_SYMBOL "gw_plugin_v1"

/* Visible also when the plugin is compiled with -fvisibility=hidden. */
#if defined(__GNUC__)
#define GW_VISIBLE __attribute__((visibility("default")))
#else
#define GW_VISIBLE
#endif

#if defined(__cplusplus)
#define GW_EXPORT_C extern "C" GW_VISIBLE
#else
#define GW_EXPORT_C extern GW_VISIBLE
#endif

/* First member initialisers of a struct gw_plugin. */
#define GW_PLUGIN_HEAD                                                                                                 \
    (uint32_t)sizeof(struct gw_plugin), (uint16_t)GW_ABI_MAJOR, (uint16_t)GW_ABI_MINOR,                                \
        (uint32_t)sizeof(struct gw_role), (uint32_t)sizeof(struct gw_param), (uint32_t)sizeof(struct gw_alert_kind),   \
        0u

/* The one registration: GW_PLUGIN(.name = "bath", .version = "1.0", ...);  once per shared object. (C++ before 20 has
 * no designated initialisers: write the members in their order.) */
#define GW_PLUGIN(...)                                                                                                 \
    GW_EXPORT_C const struct gw_plugin gw_plugin_v1;                                                                   \
    const struct gw_plugin gw_plugin_v1 = {GW_PLUGIN_HEAD, __VA_ARGS__}

#ifdef __cplusplus
}
#endif
#endif
