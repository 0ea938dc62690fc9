/* ctl.h - one run of gatewayctl: its arguments, its connection, where its answers go. */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include <cjson/cJSON.h>
#include <stdio.h>

#include "base/frame.h"
#include "ctl/args.h"

#define CTL_ANSWER_MS 5000
#define CTL_RELOAD_MS 15000 /* the gateway gives the check of a configuration 10 s */

struct ctl {
    const struct args *args;
    int fd; /* connection, -1: none */
    FILE *out, *err;
    struct frame_status home;                      /* after ctl_home */
    struct frame_ctl_sensor *sensors[SENSORS_MAX]; /* by slot, as answered; owned */
    struct frame frame;                            /* the last one received */
};

/* args are borrowed. NULL: out of memory. */
struct ctl *ctl_create(const struct args *args, FILE *out, FILE *err);
void ctl_destroy(struct ctl *ctl); /* NULL is legal */
/* Do what the arguments say; the exit code. */
int ctl_run(struct ctl *ctl);

/* ---- for the commands ---- */

enum ctl_next {
    CTL_NEXT_FRAME,
    CTL_NEXT_DONE,    /* CTL_END, ok */
    CTL_NEXT_REFUSED, /* CTL_END, not ok: frame.ctl_end.text */
    CTL_NEXT_LOST,    /* the gateway has ended the connection */
    CTL_NEXT_LATE     /* no answer within the time */
};

/* Send a request (verb, and what `fill` adds; may be NULL). */
void ctl_ask(struct ctl *ctl, enum ctl_verb verb, void (*fill)(const struct args *args, struct frame_ctl_request *ask));
enum ctl_next ctl_next(struct ctl *ctl, int timeout_ms);
/* Take the frame as a sensor if it is one. */
bool ctl_take_sensor(struct ctl *ctl);
/* Ask for the home's status only, as a clock. CTL_OK, or the exit code after an explanation. */
int ctl_home(struct ctl *ctl);
/* Explain why there was no good answer; the exit code. CTL_NEXT_DONE: CTL_OK. */
int ctl_explain(struct ctl *ctl, enum ctl_next end);
/* Say on err (and as JSON on out) what went wrong; returns code. printf-like. */
__attribute__((format(printf, 3, 4))) int ctl_fail(struct ctl *ctl, int code, const char *format, ...);
/* One document; frees it. */
void ctl_print_json(struct ctl *ctl, cJSON *json);
/* Log time in the gateway's idea of the wall clock, now. */
int64_t ctl_wall(const struct ctl *ctl, int64_t log_time);

/* ---- the commands; each returns the exit code ---- */

int ctl_status(struct ctl *ctl);
int ctl_health(struct ctl *ctl);
int ctl_sensors(struct ctl *ctl);
int ctl_watch(struct ctl *ctl);
int ctl_alerts(struct ctl *ctl);
int ctl_history(struct ctl *ctl);
int ctl_order(struct ctl *ctl); /* ack, test, reload */
int ctl_plugins(struct ctl *ctl);
int ctl_check(struct ctl *ctl);
int ctl_replay(struct ctl *ctl); /* becomes gatewayd in its replay mode */

/* ---- shared between them ---- */

cJSON *ctl_json_sensor(const struct ctl *ctl, const struct frame_ctl_sensor *sensor);
cJSON *ctl_json_alert(const struct alert *alert);
cJSON *ctl_json_reading(const struct ctl *ctl, const struct reading *reading, int64_t wall_minus_log);
/* "bed" for a slot, "home" for SENSOR_HOME, "?" if it was not told. */
const char *ctl_sensor_name(const struct ctl *ctl, uint16_t slot);
uint16_t ctl_sensor_kind(const struct ctl *ctl, uint16_t slot);
/* One line, with its time, for watch and history. */
void ctl_print_reading(const struct ctl *ctl, const struct reading *reading, int64_t wall_minus_log);
/* One alert as lines for watch. */
void ctl_print_alert(const struct ctl *ctl, const struct alert *alert);

#endif
