/* common.h - options, clock and connection of the benchmark programs. Each program prints one line "ready" when it may
 * be used and one JSON object at its end. */
#ifndef BENCH_COMMON_H
#define BENCH_COMMON_H

#include <stdbool.h>
#include <stdint.h>

#include <mosquitto.h>

struct bench_options {
    const char *host, *topic;         /* where it listens or publishes */
    const char *out_host, *out_topic; /* relay: where it publishes; ping: where the answer comes */
    const char *payload;              /* ping: what triggers; NULL: the program's own */
    const char *expect;               /* ping: only messages that hold this text are answers; NULL: all */
    const char *close_topic;          /* ping: where to publish {"id", "by"} of each answer; NULL: nowhere */
    const char *client_id;
    int port, out_port, qos;
    uint64_t count;  /* messages until it ends */
    double rate;     /* publisher: messages a second, 0: as fast as it goes */
    int quiet_ms;    /* subscriber: ends when no message came for so long after the first */
    unsigned topics; /* publisher: <topic>0 .. <topic>N-1 */
    unsigned window; /* publisher at QoS 1: messages without PUBACK at most */
    bool persistent; /* keep the session (fixed client_id) */
};

/* Exits with 2 on wrong use. */
struct bench_options bench_options(int argc, char **argv);

int64_t bench_now_ns(void); /* CLOCK_MONOTONIC */
double bench_cpu_s(void);   /* of this process, user and system */
void bench_ready(void);     /* prints "ready" */
__attribute__((noreturn)) void bench_die(const char *what, int mosquitto_error);

/* First member of what a program keeps for its client. */
struct bench_link {
    bool connected, subscribed;
};

/* A connected client of ours (mosquitto_lib_init included), CONNACK received; exits with 1 when it can't. */
struct mosquitto *bench_connect(const struct bench_options *options, const char *host, int port, const char *suffix,
                                struct bench_link *link);
/* Subscribe and wait for the SUBACK. */
void bench_subscribe(struct mosquitto *client, const char *topic, int qos);

#endif
