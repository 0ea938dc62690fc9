/* floor_relay - subscribe, publish the same at QoS 1 to --out-topic: the floor of every latency. Ends after --count
 * messages or by a signal. */
#include <poll.h>
#include <stdio.h>

#include "common.h"

struct relay {
    struct bench_link in, out;
    struct mosquitto *target;
    const char *topic;
    uint64_t relayed;
};

static void on_message(struct mosquitto *client, void *user, const struct mosquitto_message *message)
{
    (void)client;
    struct relay *relay = user;
    int error = mosquitto_publish(relay->target, NULL, relay->topic, message->payloadlen, message->payload, 1, false);
    if (error != MOSQ_ERR_SUCCESS)
        bench_die("publish", error);
    relay->relayed++;
}

static void turn(struct mosquitto *client, const struct pollfd *ready)
{
    int error = MOSQ_ERR_SUCCESS;
    if ((ready->revents & ~POLLOUT) != 0)
        error = mosquitto_loop_read(client, 1);
    if (error == MOSQ_ERR_SUCCESS && mosquitto_want_write(client))
        error = mosquitto_loop_write(client, 1);
    if (error == MOSQ_ERR_SUCCESS)
        error = mosquitto_loop_misc(client);
    if (error != MOSQ_ERR_SUCCESS)
        bench_die("loop", error);
}

int main(int argc, char **argv)
{
    struct bench_options options = bench_options(argc, argv);
    struct relay relay = {.topic = options.out_topic};
    relay.target = bench_connect(&options, options.out_host, options.out_port, "-relay-out", &relay.out);
    struct mosquitto *source = bench_connect(&options, options.host, options.port, "-relay-in", &relay.in);
    mosquitto_message_callback_set(source, on_message);
    bench_subscribe(source, options.topic, options.qos);
    bench_ready();
    while (relay.relayed < options.count) {
        struct pollfd fds[2] = {
            {mosquitto_socket(source), (short)(POLLIN | (mosquitto_want_write(source) ? POLLOUT : 0)), 0},
            {mosquitto_socket(relay.target), (short)(POLLIN | (mosquitto_want_write(relay.target) ? POLLOUT : 0)), 0},
        };
        (void)poll(fds, 2, 1000);
        turn(source, &fds[0]);
        turn(relay.target, &fds[1]);
    }
    printf("{\"relayed\": %llu, \"cpu_s\": %.6f}\n", (unsigned long long)relay.relayed, bench_cpu_s());
    mosquitto_destroy(source);
    mosquitto_destroy(relay.target);
    mosquitto_lib_cleanup();
    return 0;
}
