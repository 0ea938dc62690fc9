/* sim.h - a home, its gateway and its platform in one process on virtual time. The core, the plugins, the detector
 * engine, the ring files and the modules of the gpio and mqtt workers are the real ones; processes, disk, brokers and
 * people are models. One seed decides everything.
 *
 * Time: `now` is virtual ms since the beginning; boottime = now - boot_at; the wall clock is now + wall_offset. */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/core.h"
#include "devices.h"

#define SECOND   INT64_C(1000)
#define MINUTE   (60 * SECOND)
#define HOUR     (60 * MINUTE)
#define DAY      (24 * HOUR)
#define NEVER_AT INT64_MAX

#define SENSORS   20 /* names of sensors that a home can have; a variant has some of them */
#define PROCS     WORKERS_MAX
#define PLATFORMS 2
#define EPOCH     INT64_C(1767225600000) /* 2026-01-01: the wall clock when the simulation begins */

struct sim;

struct event {
    int64_t at;
    uint64_t seq;
    void (*run)(struct sim *sim, const struct event *event);
    uint64_t a, b;
    void *data; /* freed after it has run */
};

/* Frames on their way to a process. */
struct parcel {
    struct parcel *next;
    int64_t at;
    struct frame frame; /* only as long as its header says */
};

struct proc {
    bool alive;
    bool told_bad;
    bool closed; /* killed by the core: nothing of it is wanted */
    uint32_t life;
    enum worker_role role;
    char name[2 * NAME_SIZE];
    struct parcel *first, **last;
    size_t bytes; /* waiting in its inbox */
    int64_t last_in, last_out;
    int64_t busy_until; /* it does not read before that: a hung disk, a hung process */
    int64_t run_at;     /* next turn */
    int64_t own_at;     /* next turn for something else than its inbox */
    void *state;
};

/* How often what happens, per simulated day. Drawn anew for every seed. */
struct rates {
    double kill_worker, kill_core, power_cut, reload;
    double disk_slow, disk_fails, disk_corrupt;
    double remote_down, local_down, local_killed, backlog, frenzy, ack_late, ack_never, puback_lost;
    double wall_step, hang;
    double bounce, silent, storm, press, life, fittings;
    bool late_sync;
};

struct counts {
    uint64_t events, kills, core_kills, cuts, reloads, presses, accepted, sent, alerts, steps;
};

struct sim {
    uint64_t seed;
    uint64_t random[2];
    int64_t now, boot_at, ends, quiet_from;
    unsigned boots;
    struct event *heap;
    size_t n_heap, room;
    uint64_t seq;
    struct rates rates;
    struct counts counts;
    bool whole;        /* a home with every plugin, else one with call, bed, bath and door */
    bool quiet;        /* the end: nothing more goes wrong */
    int64_t disturbed; /* a process began or ended, the local broker came or went, a reload */
    bool failed;
    bool verbose;
    char failure[512];
    const char *build;

    int64_t wall_offset;
    bool synced;
    char boot_id[40];
    char run_dir[128];

    struct core *core;
    uint32_t core_life;
    int64_t core_due;  /* its next deadline, boottime; meaningless while core_moved */
    bool core_moved;   /* something was given to it since it was asked for its deadline */
    bool core_stepped; /* ... in this step */
    struct proc proc[PROCS];

    struct devices devices;
    int64_t strike_in; /* steps until an armed fault strikes; 0: none */
    unsigned strike;   /* what it is */
    struct home *home;
    struct store *store;
    struct broker *local;
    struct gpio_world *wires;
    struct platform *platform;
    struct checks *checks;
    struct journal *journal;
};

/* ---- world.c: time, chance, events ---- */
uint64_t sim_random(struct sim *sim);
uint64_t sim_below(struct sim *sim, uint64_t n); /* 0 .. n - 1 */
bool sim_chance(struct sim *sim, double p);
/* ms until the next one of something that happens so often a day; NEVER_AT for a rate of 0. */
int64_t sim_wait(struct sim *sim, double per_day);
void sim_at(struct sim *sim, int64_t at, void (*run)(struct sim *, const struct event *), uint64_t a, uint64_t b,
            void *data);
int64_t sim_boottime(const struct sim *sim);
int64_t sim_wall(const struct sim *sim);
bool sim_step(struct sim *sim); /* false: over */
struct sim *sim_create(uint64_t seed, double days, bool whole, const char *build);
void sim_destroy(struct sim *sim);

/* ---- journal.c: the last steps in words ---- */
struct journal *journal_create(void);
__attribute__((format(printf, 2, 3))) void say(struct sim *sim, const char *format, ...);
void journal_print(const struct sim *sim);
/* An invariant is broken: the run ends. Only the first one counts. */
__attribute__((format(printf, 2, 3))) void broken(struct sim *sim, const char *format, ...);

/* ---- seam.c: the real modules' clock, channel and random numbers ---- */
void seam_enter(struct sim *sim, unsigned worker); /* whose code runs now */

/* ---- daemon.c: processes and the daemon around the core ---- */
void daemon_start_core(struct sim *sim);
void daemon_kill_core(struct sim *sim, bool with_workers);
void daemon_kill(struct sim *sim, unsigned worker);
void daemon_power_cut(struct sim *sim);
void daemon_say(struct sim *sim, unsigned worker, const struct frame *frame); /* from a process to the core */
void daemon_exit(struct sim *sim, unsigned worker, int code);                 /* a process ends by itself */
void daemon_wake(struct sim *sim, unsigned worker, int64_t at);               /* its next turn */
void daemon_tick(struct sim *sim);
int64_t daemon_deadline(struct sim *sim);
void daemon_wall(struct sim *sim); /* the wall clock was looked at */
void daemon_reload(struct sim *sim);
void daemon_ready(struct sim *sim, unsigned worker);

/* What a kind of process is. turn: its inbox is read by proc_take; returns when it wants its next turn (virtual ms). */
struct role_model {
    void *(*begin)(struct sim *sim, unsigned worker);
    int64_t (*turn)(struct sim *sim, unsigned worker);
    void (*end)(struct sim *sim, unsigned worker, bool by_itself); /* the process is gone; by_itself: it saw EOF */
};
extern const struct role_model store_model, gpio_model, mqtt_model, uplink_model, detector_model;
/* The next frame for the process, or NULL; valid until the next call. */
const struct frame *proc_take(struct sim *sim, unsigned worker);

/* ---- home.c: configuration and its variants ---- */
struct home *home_create(struct sim *sim);
void home_destroy(struct home *home);
const struct settings *home_settings(const struct sim *sim);
/* Another variant: a sensor added, renamed, removed; a detector changed, removed. True if it differs. */
void home_change(struct sim *sim);
unsigned home_variant(const struct sim *sim);
const struct settings *home_settings_of(const struct sim *sim, unsigned variant);

/* ---- devices.c, gpio.c, mqtt.c: the things in the home ---- */
struct gpio_world *gpio_create(void);
void gpio_level(struct sim *sim, const char *line, int level);
int gpio_wire(const struct sim *sim, const char *line, int64_t *since); /* -1: no such line */
int gpio_output(const struct sim *sim);
void gpio_power_cut(struct sim *sim);
struct broker *mqtt_create(void);
void mqtt_destroy(struct broker *broker);
void mqtt_publish(struct sim *sim, const char *topic, const char *payload, bool retained);
void mqtt_press(struct sim *sim, const char *topic, const char *payload, bool retained); /* somebody calls */
/* What a client that subscribes is shown, and since when; NULL: nothing. */
const char *mqtt_retained(const struct sim *sim, const char *topic, int64_t *since);
void mqtt_broker_up(struct sim *sim, bool up);
void mqtt_power_cut(struct sim *sim);
void mqtt_broker_killed(struct sim *sim); /* before it has saved what came since the last time */
void mqtt_broker_saves(struct sim *sim);

/* ---- store.c ---- */
struct store *store_create(void);
void store_destroy(struct store *store);
void store_power_cut(struct sim *sim);
void store_disk(struct sim *sim, int64_t slow_ms, bool fails);
void store_corrupt(struct sim *sim, bool alerts, bool history);
/* The whole log as it was ever on the disk, oldest first, sensors by name number (SENSOR_HOME as is); how many. */
size_t store_log(const struct sim *sim, const struct reading **log);
/* In which file that place of it is or was: another one since each that was set aside. */
unsigned store_file_of(const struct sim *sim, size_t place);
/* Label of a boot. */
void store_label(const struct sim *sim, uint32_t boot, int64_t *wall_minus_log, uint32_t *clock);
bool store_acked(const struct sim *sim, uint64_t alert); /* with a person's word */
/* The disk has another alert of its matter, a momentary one that nobody has answered: what comes again counts onto it.
 */
bool store_counts_onto(const struct sim *sim, const struct alert *alert);
uint32_t store_rev(const struct sim *sim, uint64_t alert); /* newest on the disk, open or closed; 0: none */
bool store_logged(const struct sim *sim, uint64_t origin); /* the log ever had it */
bool store_healthy(const struct sim *sim);
const char *store_name(const struct sim *sim, uint16_t number);

/* ---- platform.c ---- */
struct platform *platform_create(void);
void platform_destroy(struct platform *platform);
void platform_broker(struct sim *sim, unsigned which, bool up);
/* From an uplink process. */
bool platform_up(const struct sim *sim, unsigned which);
bool platform_session(struct sim *sim, unsigned which); /* a client connects: was it here before? */
void platform_publish(struct sim *sim, unsigned which, const struct alert *alert);
void platform_open_list(struct sim *sim, unsigned which, const struct alert *alerts, unsigned n);
unsigned platform_read_open_list(const struct sim *sim, unsigned which, const struct alert **alerts);
void platform_reply(struct sim *sim, const struct frame_command *command, const struct frame_reply *reply);
/* From the platform's application. */
void uplink_command(struct sim *sim, unsigned which, const struct frame_command *command);
void platform_power_cut(struct sim *sim, bool disk_answers);
void platform_forget_acks(struct sim *sim); /* of a run without memory that ends */
unsigned platform_missed(struct sim *sim);  /* emergencies that the application has missed and never got again */

struct platform_alert { /* what the application knows of one alert */
    uint64_t id, episode;
    uint32_t rev, count, state, flags;
    uint16_t class_;
    char detector[NAME_SIZE], kind[NAME_SIZE], key[GW_MAX_KEY];
    int64_t raised, first_at, last_at; /* log times: of the alert; of the first and the last revision */
    bool guessed;                      /* of a boot that began without memory: its log times were a guess */
    int64_t ended;                     /* log time when it was told to be over, 0: it is not */
    bool ack_sent, ack_ok;
    bool ack_weak; /* answered while the disk did not */
    struct {
        uint32_t rev, count, state;
    } revs[64];
    unsigned n_revs;
};
size_t platform_alerts(const struct sim *sim, const struct platform_alert **alerts);

/* ---- faults.c ---- */
void faults_draw(struct sim *sim);
void faults_begin(struct sim *sim);
void faults_boot(struct sim *sim);
void faults_step(struct sim *sim);        /* an armed fault may strike now */
void faults_near_a_call(struct sim *sim); /* somebody has just called: the worst moment */

/* ---- checks.c: after every step; oracle.c: at the end ---- */
struct checks *checks_create(void);
void checks_destroy(struct checks *checks);
void checks_sent(struct sim *sim, unsigned worker, const struct frame *frame);  /* the core has said it */
void checks_heard(struct sim *sim, unsigned worker, const struct frame *frame); /* the core has heard it */
void checks_step(struct sim *sim);
bool checks_disk_answers(const struct sim *sim); /* else what is said now may be forgotten in a crash */
bool checks_guessed(const struct sim *sim);      /* this boot began without memory: its log times were a guess */
void checks_boot(struct sim *sim);
void checks_power_cut(struct sim *sim);
void checks_core_begins(struct sim *sim);
void checks_core_dies(struct sim *sim);
/* message: of the local broker, by its serial; 0: of a wire. */
void checks_ring_put(struct sim *sim, const struct reading *reading, uint64_t message, bool retained);
void checks_acked(struct sim *sim, uint64_t message, bool press); /* the local broker may forget it: it is accepted */
void checks_disk_lost(struct sim *sim, bool alerts);
/* Both databases were lost: the log began anew, and alerts that the platform knows may be of its future, or forgotten.
 */
bool checks_begun_anew(const struct sim *sim);
void checks_reload(struct sim *sim);
void oracle_compare(struct sim *sim);

#endif
