#include "common.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
    HOST = 1000,
    PORT,
    TOPIC,
    OUT_HOST,
    OUT_PORT,
    OUT_TOPIC,
    PAYLOAD,
    EXPECT,
    CLOSE,
    ID,
    QOS,
    COUNT,
    RATE,
    QUIET,
    TOPICS,
    WINDOW,
    KEEP
};

static const struct option long_options[] = {
    {"host", required_argument, NULL, HOST},         {"port", required_argument, NULL, PORT},
    {"topic", required_argument, NULL, TOPIC},       {"out-host", required_argument, NULL, OUT_HOST},
    {"out-port", required_argument, NULL, OUT_PORT}, {"out-topic", required_argument, NULL, OUT_TOPIC},
    {"expect", required_argument, NULL, EXPECT},     {"close-topic", required_argument, NULL, CLOSE},
    {"payload", required_argument, NULL, PAYLOAD},   {"client-id", required_argument, NULL, ID},
    {"qos", required_argument, NULL, QOS},           {"count", required_argument, NULL, COUNT},
    {"rate", required_argument, NULL, RATE},         {"quiet-ms", required_argument, NULL, QUIET},
    {"topics", required_argument, NULL, TOPICS},     {"window", required_argument, NULL, WINDOW},
    {"persistent", no_argument, NULL, KEEP},         {0},
};

static void take(struct bench_options *options, int option)
{
    switch (option) {
    case HOST:
        options->host = optarg;
        break;
    case PORT:
        options->port = atoi(optarg);
        break;
    case TOPIC:
        options->topic = optarg;
        break;
    case OUT_HOST:
        options->out_host = optarg;
        break;
    case OUT_PORT:
        options->out_port = atoi(optarg);
        break;
    case OUT_TOPIC:
        options->out_topic = optarg;
        break;
    case PAYLOAD:
        options->payload = optarg;
        break;
    case EXPECT:
        options->expect = optarg;
        break;
    case CLOSE:
        options->close_topic = optarg;
        break;
    case ID:
        options->client_id = optarg;
        break;
    case QOS:
        options->qos = atoi(optarg);
        break;
    case COUNT:
        options->count = strtoull(optarg, NULL, 10);
        break;
    case RATE:
        options->rate = atof(optarg);
        break;
    case QUIET:
        options->quiet_ms = atoi(optarg);
        break;
    case TOPICS:
        options->topics = (unsigned)strtoul(optarg, NULL, 10);
        break;
    case WINDOW:
        options->window = (unsigned)strtoul(optarg, NULL, 10);
        break;
    case KEEP:
        options->persistent = true;
        break;
    default:
        (void)fprintf(stderr, "wrong use\n");
        exit(2);
    }
}

struct bench_options bench_options(int argc, char **argv)
{
    struct bench_options options = {.host = "127.0.0.1",
                                    .topic = "bench/",
                                    .out_topic = "bench-out",
                                    .client_id = "bench",
                                    .port = 1883,
                                    .qos = 1,
                                    .count = UINT64_MAX,
                                    .quiet_ms = 2000,
                                    .topics = 1,
                                    .window = 500};
    int option = 0;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
        take(&options, option);
    if (optind < argc || options.topics == 0 || options.window == 0) {
        (void)fprintf(stderr, "wrong use\n");
        exit(2);
    }
    if (options.out_host == NULL)
        options.out_host = options.host;
    if (options.out_port == 0)
        options.out_port = options.port;
    return options;
}

int64_t bench_now_ns(void)
{
    struct timespec now = {0, 0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

double bench_cpu_s(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

void bench_ready(void)
{
    puts("ready");
    (void)fflush(stdout);
}

void bench_die(const char *what, int mosquitto_error)
{
    (void)fprintf(stderr, "%s: %s\n", what, mosquitto_strerror(mosquitto_error));
    exit(1);
}

static void on_connect(struct mosquitto *client, void *link, int result)
{
    (void)client;
    if (result != 0)
        bench_die("connect", MOSQ_ERR_CONN_REFUSED);
    ((struct bench_link *)link)->connected = true;
}

static void on_subscribe(struct mosquitto *client, void *link, int mid, int n, const int *granted)
{
    (void)client, (void)mid, (void)n, (void)granted;
    ((struct bench_link *)link)->subscribed = true;
}

static void loop_until(struct mosquitto *client, const bool *done, const char *what)
{
    int64_t deadline = bench_now_ns() + INT64_C(10000000000);
    while (!*done) {
        int error = mosquitto_loop(client, 100, 1);
        if (error != MOSQ_ERR_SUCCESS || bench_now_ns() > deadline)
            bench_die(what, error != MOSQ_ERR_SUCCESS ? error : MOSQ_ERR_CONN_LOST);
    }
}

struct mosquitto *bench_connect(const struct bench_options *options, const char *host, int port, const char *suffix,
                                struct bench_link *link)
{
    char id[128];
    (void)snprintf(id, sizeof(id), "%s%s", options->client_id, suffix);
    mosquitto_lib_init();
    struct mosquitto *client = mosquitto_new(id, !options->persistent, link);
    if (client == NULL)
        bench_die("mosquitto_new", MOSQ_ERR_NOMEM);
    mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1);
    mosquitto_max_inflight_messages_set(client, 0); /* no limit */
    mosquitto_connect_callback_set(client, on_connect);
    mosquitto_subscribe_callback_set(client, on_subscribe);
    int error = mosquitto_connect(client, host, port, 60);
    if (error != MOSQ_ERR_SUCCESS)
        bench_die("connect", error);
    loop_until(client, &link->connected, "connect");
    return client;
}

void bench_subscribe(struct mosquitto *client, const char *topic, int qos)
{
    struct bench_link *link = mosquitto_userdata(client);
    link->subscribed = false;
    int error = mosquitto_subscribe(client, NULL, topic, qos);
    if (error != MOSQ_ERR_SUCCESS)
        bench_die("subscribe", error);
    loop_until(client, &link->subscribed, "subscribe");
}
