/* state.h - the core's memory, private to core/. One struct, one owner per member: the module named beside it is the
 * only one that changes it. Everything is sized here or by core_create; nothing is allocated later. */
#ifndef CORE_STATE_H
#define CORE_STATE_H

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "../base/kinds.h"
#include "core.h"
#include "rules.h"

/* All in ms. The sources of the customary numbers are in the README of this folder. */
#define NEVER             INT64_MAX
#define STORE_GRACE       INT64_C(3000) /* after this long without its store the gateway runs without memory */
#define STORE_ANSWER      INT64_C(2000) /* no answer from the disk within this: degraded */
#define APPEND_EVERY      INT64_C(100)  /* levels are handed to the store in bundles: each wakes a process */
#define URGENT_HELD       INT64_C(5)
#define DISK_RETRY        INT64_C(3000)  /* a disk that refuses is asked again this often, with one commit */
#define STORE_HANG        INT64_C(60000) /* an SD card may stall for long; then the process is held for hung */
#define START_DEADLINE    INT64_C(10000)
#define TABLE_DEADLINE    INT64_C(5000)  /* a plugin's table: a constructor that hangs is noticed here */
#define BATCH_DEADLINE    INT64_C(3000)  /* a detector's answer to a batch */
#define HEALTHY           INT64_C(60000) /* after this long running, the next restart is at once */
#define BACKOFF_MIN       INT64_C(1000)
#define BACKOFF_MAX       INT64_C(60000)
#define PING_EVERY        INT64_C(60000) /* a worker that answers nothing else is asked this often */
#define PING_DEADLINE     INT64_C(60000) /* a blocked DNS look-up takes half of it */
#define READY_DEADLINE    INT64_C(5000)  /* READY is told after this at the latest: nobody gains by a restart */
#define SENSOR_LOST_AFTER INT64_C(60000) /* unavailable this long: technical alert */
#define INCIDENT_WINDOW   INT64_C(600000)
#define REV_STEP_EVERY    INT64_C(100)     /* ms: more often than a run makes revisions of one alert, for long */
#define REV_STEP_MOST     INT64_C(8388608) /* ten days of them: the log's clock may be set forward by years */
#define REV_STEP_LOADED   1000u /* the first revision after a load: beyond all that may have got out unstored */
#define RESEND_EMERGENCY  INT64_C(60000) /* until accepted; DIN VDE V 0825: at most every 60 s */
#define DELIVERED_LATE    INT64_C(10000)
#define REFUSED_PAUSE     INT64_C(5000)  /* a broker that refuses is asked again, but not in a loop */
#define EMERGENCY_PUBACK  INT64_C(5000)  /* then the backup gets it too */
#define BACKUP_AFTER      INT64_C(30000) /* no other link for this long: the backup takes over */
#define LINK_DOWN_TOLD                                                                                                 \
    INT64_C(300000) /* a link down this long is told: at once by another one, else when it is back                     \
                     */
#define SESSION_LOST_RESEND                                                                                            \
    INT64_C(600000) /* a broker that lost our session gets what was said in the last 10 min again */
#define OPEN_LIST_EVERY  INT64_C(1000)
#define STALE_TECHNICAL  INT64_C(60000)      /* an own alert of a former run that nobody raised again is over */
#define TEST_UNANSWERED  INT64_C(300000)     /* the daily test alarm is answered by a computer: minutes are long */
#define CERT_NEAR_END    INT64_C(2592000000) /* 30 days */
#define CURSOR_EVERY     INT64_C(1000)       /* a detector's place goes to the store at most this often */
#define FLOOD_WINDOW     INT64_C(60000)
#define FLOOD_REVISIONS  120u  /* alerts and changes of them that one detector may make in FLOOD_WINDOW */
#define FLOOD_CALLS      6000u /* the same for momentary ones: fingers are slower */
#define FLOOD_CONDITIONS 5000u /* conditions in one batch, sent or not: beyond it the plugin is broken */

#define TAIL_SIZE                                                                                                      \
    32768u /* readings kept in memory for the readers of the log: all that the sources' rings can hold; a power of two \
            */
#define COMMITS_OUT           64u   /* commits that the store has not answered: 160 of its queue's 512 KiB */
#define STORE_WINDOW_FRAMES   128u  /* frames of readings the store has not confirmed */
#define STORE_WINDOW          8192u /* readings that the store has not confirmed */
#define NORMAL_IN_FLIGHT      4u    /* non-emergencies per uplink */
#define EMERGENCIES_IN_FLIGHT 32u
#define OWN_RING              (UINT64_C(1) << 32) /* origins of the core's own readings: one name, so that they push no ring out */
#define RINGS_KNOWN           32u
#define MARKS                 128u /* per ring; even */
#define TROUBLES_MAX          64u
#define HELD_ANSWERS          16u /* to orders of the platform, until the disk has what they say */
#define CATCH_UP_KEPT         16u
#define DEGRADED_KEPT         512u /* urgent readings that stay in the ring while the disk does not answer */

enum worker_state {
    WORKER_UNUSED = 0,
    WORKER_STARTING, /* the process runs, READY is awaited until the deadline */
    WORKER_RUNNING,
    WORKER_WAITING,  /* for its next start */
    WORKER_STOPPING, /* killed by us, its end is awaited */
    WORKER_FAILED,   /* permanent: configuration or ABI */
    WORKER_STATES
};

struct worker { /* supervisor.c */
    enum worker_state state;
    enum worker_role role;
    char name[NAME_SIZE];
    bool retired; /* no longer configured: after its end it is forgotten */
    bool alive;   /* its process was started and its end was not told yet */
    bool restart; /* killed to take up a changed configuration: no death */
    bool spoke;   /* answered or said anything since the last ping */
    uint32_t pid, starts, deaths;
    uint32_t failures;      /* in a row without a healthy minute */
    int64_t since;          /* in this state */
    int64_t deadline;       /* of this state; NEVER */
    int64_t ping_at;        /* next ping, or NEVER */
    int64_t down_since_log; /* log time of the first death of this row; 0: it is well */
    char cause[TEXT_SIZE];
};

struct timeline {                /* timeline.c */
    bool started;                /* offset and ids are known */
    bool without_memory;         /* started without the store: ids are provisional until it comes */
    int64_t without_memory_from; /* log time of that start */
    int64_t offset;              /* log time = boottime + offset */
    int64_t floor;               /* no later reading may be before this log time */
    int64_t former;              /* what began up to this log time may be known to a former run */
    uint64_t next_id, first_id;  /* the tail holds first_id .. next_id - 1 */
    uint32_t boot;
    bool raised_once;
    int64_t raised_from; /* log times of this boot before this one ... */
    int64_t raised_by;   /* ... are so much less than the wall label makes of them; 0: not raised in this boot */
    int64_t wall_minus_log;
    enum clock_quality clock;
    bool wall_known;
    int64_t wall_minus_boottime;
    enum clock_quality wall_quality;
    struct reading *tail; /* TAIL_SIZE, place (id - tail_base) % TAIL_SIZE */
    uint64_t tail_base;
};

struct sensor {                             /* sensors.c */
    const struct sensor_settings *settings; /* NULL: slot not used (any more) */
    uint16_t kind;                          /* these and the name outlive settings over a reload */
    enum source_type source;
    uint8_t available; /* 0 lost, 1 there, 2 never heard */
    bool lost_told;
    bool doubted;       /* a detector says that it is not to be believed (GW_ALERT_LOST) */
    int64_t lost_since; /* now, while available == 0 */
    double value;
    int64_t at, heard, logged; /* log times; 0: never. logged: a level */
    int64_t told;              /* anything logged last */
    int32_t battery, link, qos;
    uint32_t battery_low, tamper, bad_payloads, lines_lost;
    bool battery_low_heard, tamper_heard; /* in this run: the first word is news, also that all is well */
    uint64_t readings;
    bool note_is_qos; /* the note is advice about the QoS */
    char note[TEXT_SIZE];
    char name[NAME_SIZE]; /* outlives settings over a reload */
};

struct mark { /* readings of a ring up to `origin` have got ids up to `id` */
    uint64_t origin, id;
};

struct source_ring { /* sources.c */
    struct mark marks[MARKS];
    uint32_t first, n;
    uint64_t taken_id;         /* of its last reading that got a place in the log */
    uint64_t durable, handled; /* as confirmed last */
};

struct store_link {       /* store_link.c */
    uint32_t commits_out; /* sent and not answered, at most COMMITS_OUT */
    bool loaded;          /* what it knew has been taken over */
    bool told;            /* this process of it has said STORE_STATE */
    bool ready;
    bool degraded;
    uint64_t next_id;    /* next reading to append */
    uint64_t durable_id; /* readings up to here are on the disk */
    uint32_t frames_out; /* appended and not confirmed */
    struct {
        uint64_t last_id;
    } sent[STORE_WINDOW_FRAMES];
    uint32_t sent_first;
    uint64_t urgent_id; /* highest urgent reading appended */
    uint64_t taking;    /* readings from here on are of a frame that is still being taken; 0: none */
    int64_t appended_at;
    int64_t urgent_since; /* now of the newest urgent reading */
    int64_t asked_at;     /* oldest unanswered question that must not wait, or NEVER */
    int64_t last_failed;  /* now of the last refusal by the disk */
    uint64_t refusals;    /* of commits, counted */
    uint64_t bytes_written;
    uint32_t alerts_file, history_file;
    bool without_history; /* its history.db is not the one that holds this log: it cannot be opened, or was set aside */
    uint64_t keys[SOURCE_KEYS_MAX]; /* source keys of recent urgent readings, oldest first */
    uint32_t n_keys;
};

struct known_cursor {
    char detector[NAME_SIZE];
    uint64_t reading;
    int64_t until;
    bool fresh; /* new, and has not yet said what is true now */
};

struct silent { /* a condition raised before the cursor while a new detector catches up */
    struct frame_condition condition;
};

struct detector {                             /* detectors.c */
    const struct detector_settings *settings; /* NULL: unused */
    unsigned worker;
    bool told;       /* table complete */
    bool live;       /* has been given everything once */
    bool fresh;      /* has no cursor: nothing momentary from history */
    bool busy;       /* a batch is with it */
    bool batch_live; /* that batch reaches up to now */
    bool asking;     /* a history query is with the store */
    bool blind, blind_told;
    bool takes_all;             /* one of its roles is every sensor of the home */
    struct frame_health health; /* as its plugin said last */
    uint64_t token;
    uint64_t next_id;  /* its place in the log */
    uint64_t batch_id; /* last id that the batch with it covers */
    int64_t batch_until;
    int64_t batch_last;     /* log time of its last reading, 0 none; may lie just behind batch_until */
    int64_t batch_at;       /* now when it was sent */
    int64_t wake;           /* log time, 0 none */
    int64_t wall_minus_log; /* as told last */
    uint64_t cursor_id;     /* transitions at or before it are silent */
    int64_t cursor_until;
    int64_t cursor_saved;
    bool cursor_news; /* not with the store yet */
    uint64_t said_id; /* place of the condition being handled */
    int64_t said_at;
    bool changed;         /* by a reload, and has not caught up with its history since */
    bool short_of_memory; /* began while the disk did not answer: with what the tail held */
    uint64_t asked_to;    /* last id that the open query covers */
    int64_t from_log;     /* begin of its history */
    uint32_t momentary;
    uint32_t n_alerts, alerts_got;
    struct frame_plugin_alert *alerts; /* its part of core.plugin_alerts */
    int64_t history;
    uint32_t n_bind;
    struct {
        uint16_t slot;
        uint16_t required;
    } bind[BINDINGS_MAX];
    uint64_t slots[SENSORS_MAX / 64];
    struct silent *silent; /* its part of core.silents */
    uint32_t n_silent;
    int64_t flood_since;
    uint32_t flood, flood_calls;
    uint64_t over_limit; /* conditions dropped */
};

struct alert_slot { /* alerts.c */
    bool used;
    bool again;      /* gateway's own: raised in this run */
    bool loaded;     /* from the disk: what a former run said without the disk is not in it */
    bool held;       /* while its changed detector catches up: that one holds it true too */
    int64_t ended;   /* log time when its condition was over, or it was acknowledged; 0 */
    int64_t told_at; /* log time of the last news without a change of state */
    /* Origins between them its detector, which was short of memory, has not been given: they are not counted yet. */
    uint64_t skip_from, skip_to; /* 0: none */
    struct alert alert;
};

struct outbox_entry { /* outbox.c */
    bool used;
    bool committed;   /* the store has it */
    bool asked;       /* it was sent there and is not answered */
    bool accepted;    /* no acceptance is needed (any more) */
    uint32_t pending; /* uplinks that must still get it */
    uint32_t row;     /* uplinks for which the disk was told last to keep it */
    uint64_t seq;     /* order of making; token of its commit */
    uint64_t refused; /* number of the refusal, 0: not refused since the disk last took one */
    int64_t made;     /* now */
    struct {
        bool in_flight, delivered;
        uint32_t times;
        int64_t sent;       /* now */
        int64_t not_before; /* now; the broker refused it */
    } to[UPLINKS_MAX];
    struct alert alert;
    bool has_cursor;
    struct frame_cursor cursor;
};

struct uplink {                             /* uplinks.c; outbox.c for in_flight and tokens */
    const struct uplink_settings *settings; /* NULL: unused */
    unsigned worker;
    bool up;
    bool down_told;
    bool ever_up;
    int64_t since; /* of up or down */
    uint32_t normal_in_flight, emergencies_in_flight;
    double rate_tokens;
    int64_t rate_at;
    int64_t status_due;
    bool status_wanted, open_wanted;
    int64_t cert_expires;
    bool recover_pending;
    char text[TEXT_SIZE];
};

struct client { /* control.c */
    bool used, watching, history;
    uint64_t next_id, to_id;
    int64_t from_log;
    uint64_t token; /* of its last query; over all clients of this number */
    uint64_t slots[SENSORS_MAX / 64];
    uint64_t waits_for; /* seq of the outbox entry that has to be on the disk before `answer` goes; 0: none */
    const char *answer;
};

struct held_answer { /* commands.c */
    unsigned uplink;
    bool ok;
    uint64_t token;
    uint64_t seq; /* of the outbox entry that has to be on the disk */
    char text[NAME_SIZE];
};

struct trouble { /* technical.c */
    bool used;
    unsigned worker;
    char subject[NAME_SIZE], kind[NAME_SIZE];
};

struct selftest {  /* selftest.c */
    int64_t day;   /* that was tested, or needs no test; 0: not begun */
    int64_t made;  /* log time of the last one; 0: none in this run */
    int64_t since; /* now, when the open test was made; 0: none is open */
};

struct core {
    const struct settings *settings;
    struct core_port port;
    int64_t now; /* of the input being handled */
    char boot_id[40];
    char run_dir[TEXT_SIZE];
    int64_t started;
    char fallback_en[GW_MAX_TEXT];
    bool ready_told;
    bool served; /* the workers behind the store are in service */
    bool stopping;
    bool config_fallback;
    bool open_dirty, open_unsure; /* uplinks.c; unsure: the list told of an alert that the disk did not have */
    bool mode_dirty, visit_over, mode_unsure; /* modes.c, as the next three; unsure: the log's last mode may differ */
    uint32_t mode;                            /* enum gw_mode */
    int64_t mode_told;                        /* log time */
    int64_t home_ordered; /* log time, of this run; visits that began before, heard of or not, do not hold the mode */
    struct selftest selftest;
    uint64_t readings;
    uint32_t drops;
    struct frame out; /* the one frame being made */

    struct worker workers[WORKERS_MAX];
    struct timeline timeline;
    struct sensor *sensors;                /* SENSORS_MAX */
    uint32_t n_sensors;                    /* slots in use or used before */
    uint32_t n_rings;                      /* sources.c */
    uint64_t rings[RINGS_KNOWN];           /* highest origin taken per ring */
    struct source_ring source_rings[2][2]; /* [gpio, mqtt][state, urgent] */
    struct store_link store;
    struct known_cursor cursors[DETECTORS_MAX * 2];
    uint32_t n_cursors;
    struct detector *detectors;               /* DETECTORS_MAX */
    struct frame_plugin_alert *plugin_alerts; /* PLUGIN_ALERTS_MAX for each detector */
    struct silent *silents;                   /* CATCH_UP_KEPT for each detector */
    struct alert_slot *alerts;                /* ALERTS_MAX; used ones lie below alerts_top */
    uint32_t alerts_top;
    struct outbox_entry *outbox; /* OUTBOX_MAX; used ones lie below outbox_top */
    uint32_t outbox_top;
    uint32_t late;      /* delivery.c: first deliveries that took longer than DELIVERED_LATE ... */
    int64_t late_worst; /* ... and the longest of them */
    uint64_t outbox_seq;
    int64_t open_told;
    struct uplink uplinks[UPLINKS_MAX];
    struct client clients[CLIENTS_MAX];
    struct held_answer held[HELD_ANSWERS];
    unsigned n_held;
    struct trouble troubles[TROUBLES_MAX];
    bool output_value[OUTPUTS_MAX], output_known[OUTPUTS_MAX];
};

/* Worker numbers are fixed by role and place, so a number never means two workers at a time. */
enum { WORKER_STORE = 0, WORKER_GPIO = 1, WORKER_MQTT = 2, WORKER_UPLINK_0 = 3, WORKER_DETECTOR_0 = 3 + UPLINKS_MAX };

__attribute__((format(printf, 3, 4))) void core_log(struct core *core, int level, const char *format, ...);

static inline void send_frame(struct core *core, unsigned worker)
{
    core->port.send(core->port.context, worker, &core->out);
}

static inline bool slot_in(const uint64_t *slots, uint16_t slot)
{
    return slot == SENSOR_HOME || (slot < SENSORS_MAX && (slots[slot / 64] >> (slot % 64) & 1u));
}

#endif
