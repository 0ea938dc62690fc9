/* floor_subscriber - subscribes, counts, does nothing else: the floor of every rate and of CPU per message. Ends after
 * --count messages, or when none came for --quiet-ms after the first. */
#include <stdio.h>

#include "common.h"

struct counter {
    struct bench_link link;
    uint64_t received, bytes;
    int64_t first, last;
};

static void on_message(struct mosquitto *client, void *user, const struct mosquitto_message *message)
{
    (void)client;
    struct counter *counter = user;
    counter->last = bench_now_ns();
    if (counter->received++ == 0)
        counter->first = counter->last;
    counter->bytes += (uint64_t)message->payloadlen;
}

int main(int argc, char **argv)
{
    struct bench_options options = bench_options(argc, argv);
    struct counter counter = {.received = 0};
    struct mosquitto *client = bench_connect(&options, options.host, options.port, "-subscriber", &counter.link);
    mosquitto_message_callback_set(client, on_message);
    bench_subscribe(client, options.topic, options.qos);
    double cpu = bench_cpu_s();
    bench_ready();
    while (counter.received < options.count) {
        int error = mosquitto_loop(client, 100, 1);
        if (error != MOSQ_ERR_SUCCESS)
            bench_die("loop", error);
        if (counter.received > 0 && bench_now_ns() - counter.last > (int64_t)options.quiet_ms * 1000000)
            break;
    }
    cpu = bench_cpu_s() - cpu;
    double seconds = (double)(counter.last - counter.first) / 1e9;
    printf("{\"received\": %llu, \"seconds\": %.6f, \"rate\": %.1f, \"cpu_s\": %.6f, \"cpu_s_per_million\": %.3f}\n",
           (unsigned long long)counter.received, seconds, seconds > 0 ? (double)counter.received / seconds : 0, cpu,
           counter.received > 0 ? cpu * 1e6 / (double)counter.received : 0);
    mosquitto_disconnect(client);
    mosquitto_destroy(client);
    mosquitto_lib_cleanup();
    return 0;
}
