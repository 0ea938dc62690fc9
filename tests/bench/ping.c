/* ping - one trigger at a time: publishes --payload to --topic, waits for the answer on --out-topic (a filter) of the
 * other broker (one with --expect in it), --count times (in turn to --topics of them); --rate bounds triggers a second.
 * Prints percentiles in microseconds; an answer that does not come within 10 s is lost. */
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common.h"

#define LOST_AFTER_NS INT64_C(10000000000)

struct ping {
    struct bench_link in, out;
    const struct bench_options *options;
    uint64_t answers;
    int64_t answered;
};

/* So that the next trigger begins an alert of its own and is not one more of this one. */
static void end_alert(struct mosquitto *desk, const char *topic, const char *alert)
{
    const char *id = strstr(alert, "\"id\":\"");
    if (id == NULL)
        return;
    char command[64];
    int length = snprintf(command, sizeof(command), "{\"id\":\"%.16s\",\"by\":\"bench\"}", id + strlen("\"id\":\""));
    int error = mosquitto_publish(desk, NULL, topic, length, command, 1, false);
    if (error != MOSQ_ERR_SUCCESS)
        bench_die("publish", error);
}

static void on_message(struct mosquitto *client, void *user, const struct mosquitto_message *message)
{
    struct ping *ping = (struct ping *)(void *)((char *)user - offsetof(struct ping, out));
    const struct bench_options *options = ping->options;
    char text[4096];
    size_t length = (size_t)message->payloadlen < sizeof(text) ? (size_t)message->payloadlen : sizeof(text) - 1;
    memcpy(text, message->payload, length);
    text[length] = '\0';
    if (message->retain || (options->expect != NULL && strstr(text, options->expect) == NULL))
        return;
    ping->answers++;
    ping->answered = bench_now_ns();
    if (options->close_topic != NULL)
        end_alert(client, options->close_topic, text);
}

static void turn(struct mosquitto *client, short events)
{
    int error = MOSQ_ERR_SUCCESS;
    if ((events & ~POLLOUT) != 0)
        error = mosquitto_loop_read(client, 1);
    if (error == MOSQ_ERR_SUCCESS && mosquitto_want_write(client))
        error = mosquitto_loop_write(client, 1);
    if (error == MOSQ_ERR_SUCCESS)
        error = mosquitto_loop_misc(client);
    if (error != MOSQ_ERR_SUCCESS)
        bench_die("loop", error);
}

/* Both connections, until an answer beyond `seen` is there or the time is over. */
static bool wait_answer(struct ping *ping, struct mosquitto *source, struct mosquitto *desk, uint64_t seen,
                        int64_t until)
{
    while (ping->answers == seen && bench_now_ns() < until) {
        struct pollfd fds[2] = {{mosquitto_socket(source), POLLIN, 0}, {mosquitto_socket(desk), POLLIN, 0}};
        int64_t left = (until - bench_now_ns()) / 1000000;
        (void)poll(fds, 2, left > 0 ? (int)left + 1 : 0);
        turn(desk, fds[1].revents);
        turn(source, fds[0].revents);
    }
    return ping->answers != seen;
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static double percentile_us(const int64_t *sorted, uint64_t n, double part)
{
    return n > 0 ? (double)sorted[(uint64_t)((double)(n - 1) * part + 0.5)] / 1e3 : 0;
}

int main(int argc, char **argv)
{
    struct bench_options options = bench_options(argc, argv);
    if (options.count == UINT64_MAX)
        options.count = 1000;
    int64_t *took = calloc(options.count, sizeof(*took));
    if (took == NULL)
        bench_die("memory", MOSQ_ERR_NOMEM);
    const char *payload = options.payload != NULL ? options.payload : "{\"action\":\"single\",\"battery\":97}";
    struct ping ping = {.options = &options};
    struct mosquitto *desk = bench_connect(&options, options.out_host, options.out_port, "-desk", &ping.out);
    mosquitto_message_callback_set(desk, on_message);
    bench_subscribe(desk, options.out_topic, 1);
    struct mosquitto *source = bench_connect(&options, options.host, options.port, "-trigger", &ping.in);
    bench_ready();
    uint64_t answered = 0, lost = 0;
    for (uint64_t i = 0; i < options.count; i++) {
        int64_t began = bench_now_ns();
        uint64_t seen = ping.answers;
        char topic[256];
        if (options.topics > 1)
            (void)snprintf(topic, sizeof(topic), "%s%u", options.topic, (unsigned)(i % options.topics));
        else
            (void)snprintf(topic, sizeof(topic), "%s", options.topic);
        int error = mosquitto_publish(source, NULL, topic, (int)strlen(payload), payload, options.qos, false);
        if (error != MOSQ_ERR_SUCCESS)
            bench_die("publish", error);
        if (wait_answer(&ping, source, desk, seen, began + LOST_AFTER_NS))
            took[answered++] = ping.answered - began;
        else
            lost++;
        /* The rest of the turn: also what comes late or twice is taken off, and is no answer to the next trigger. */
        int64_t next = began + (options.rate > 0 ? (int64_t)(1e9 / options.rate) : 0);
        while (wait_answer(&ping, source, desk, ping.answers, next)) {
        }
    }
    qsort(took, answered, sizeof(*took), by_size);
    printf("{\"answered\": %llu, \"lost\": %llu, \"p50_us\": %.1f, \"p90_us\": %.1f, \"p99_us\": %.1f, "
           "\"max_us\": %.1f}\n",
           (unsigned long long)answered, (unsigned long long)lost, percentile_us(took, answered, 0.5),
           percentile_us(took, answered, 0.9), percentile_us(took, answered, 0.99), percentile_us(took, answered, 1));
    free(took);
    mosquitto_destroy(source);
    mosquitto_destroy(desk);
    mosquitto_lib_cleanup();
    return 0;
}
