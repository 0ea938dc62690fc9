/* publisher - a town's worth of Zigbee devices: --count messages over --topics topics, paced (--rate) or as fast as the
 * broker takes them, at QoS 1 with at most --window without PUBACK. It speaks of every message that the broker has
 * acknowledged. Payloads are like those of Zigbee2MQTT, about 176 bytes; every value differs from the one before. */
#include <stdio.h>
#include <time.h>

#include "common.h"

struct publisher {
    struct bench_link link;
    struct bench_options options;
    uint64_t sent, acknowledged;
};

static void on_publish(struct mosquitto *client, void *user, int mid)
{
    (void)client, (void)mid;
    ((struct publisher *)user)->acknowledged++;
}

static void loop(struct mosquitto *client, int timeout_ms)
{
    int error = mosquitto_loop(client, timeout_ms, 1);
    if (error != MOSQ_ERR_SUCCESS)
        bench_die("loop", error);
}

static void send_one(struct publisher *publisher, struct mosquitto *client)
{
    char topic[256], payload[256];
    uint64_t i = publisher->sent;
    unsigned number = (unsigned)(i % publisher->options.topics);
    (void)snprintf(topic, sizeof(topic), "%s%u", publisher->options.topic, number);
    int length = snprintf(payload, sizeof(payload),
                          "{\"battery\":%u,\"contact\":%s,\"device_temperature\":%u,\"humidity\":%u.%02u,"
                          "\"linkquality\":%u,\"occupancy\":%s,\"power_outage_count\":%u,\"temperature\":%u.%02u,"
                          "\"trigger_count\":%llu,\"voltage\":%u}",
                          80u + number % 20, i / publisher->options.topics % 2 == 0 ? "true" : "false", 20 + number % 9,
                          40 + number % 30, (unsigned)(i % 100), 90 + (unsigned)(i % 80),
                          i / publisher->options.topics % 2 == 0 ? "false" : "true", number % 7, 18 + number % 8,
                          (unsigned)(i % 100), (unsigned long long)i, 2900 + number % 150);
    int error = mosquitto_publish(client, NULL, topic, length, payload, publisher->options.qos, false);
    if (error != MOSQ_ERR_SUCCESS)
        bench_die("publish", error);
    publisher->sent++;
}

/* At a pace: sleeps until the next message is due, in steps of at least a millisecond so that a burst is one wake-up.
 */
static void wait_for_turn(const struct publisher *publisher, struct mosquitto *client, int64_t began)
{
    int64_t due = began + (int64_t)((double)publisher->sent * 1e9 / publisher->options.rate);
    while (bench_now_ns() < due) {
        int64_t left = due - bench_now_ns();
        struct timespec pause = {0, left > 1000000 ? 1000000 : left > 0 ? (long)left : 0};
        loop(client, 0);
        clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
    }
}

int main(int argc, char **argv)
{
    struct publisher publisher = {.options = bench_options(argc, argv)};
    const struct bench_options *options = &publisher.options;
    struct mosquitto *client = bench_connect(options, options->host, options->port, "-publisher", &publisher.link);
    mosquitto_publish_callback_set(client, on_publish);
    bench_ready();
    int64_t began = bench_now_ns();
    double cpu = bench_cpu_s();
    while (publisher.sent < options->count) {
        if (options->rate > 0)
            wait_for_turn(&publisher, client, began);
        send_one(&publisher, client);
        while (publisher.sent - publisher.acknowledged >= options->window)
            loop(client, 100);
        if (publisher.sent % 64 == 0)
            loop(client, 0);
    }
    while (publisher.acknowledged < publisher.sent)
        loop(client, 100);
    double seconds = (double)(bench_now_ns() - began) / 1e9;
    printf("{\"sent\": %llu, \"acknowledged\": %llu, \"seconds\": %.6f, \"rate\": %.1f, \"cpu_s\": %.6f}\n",
           (unsigned long long)publisher.sent, (unsigned long long)publisher.acknowledged, seconds,
           (double)publisher.sent / seconds, bench_cpu_s() - cpu);
    mosquitto_disconnect(client);
    mosquitto_destroy(client);
    mosquitto_lib_cleanup();
    return 0;
}
