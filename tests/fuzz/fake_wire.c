/* fake_wire.c - workers/uplink/wire.h without a network: what the platform's broker says comes from the input. A step
 * is a byte: up, down, a PUBACK, a SUBACK, a message. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "fake_channel.h"
#include "wire.h"

#define WIRE_FD 1000

struct wire {
    struct wire_events events;
    bool up;
    int mid;
    bool synced;
};

struct wire *wire_create(const struct frame_uplink_config *config, const char *will_topic, const char *will,
                         const struct wire_events *events)
{
    (void)config;
    ALWAYS(will_topic[0] && will[0]);
    struct wire *wire = calloc(1, sizeof *wire);
    if (wire)
        wire->events = *events;
    return wire;
}

void wire_destroy(struct wire *wire)
{
    free(wire);
}

void wire_set_clock(struct wire *wire, bool synced)
{
    wire->synced = synced;
}

bool wire_up(const struct wire *wire)
{
    return wire->up;
}

bool wire_wants_recheck(const struct wire *wire)
{
    return wire->synced && wire->up && wire->mid % 16 == 15;
}

bool wire_dates_checked(const struct wire *wire)
{
    return wire->synced;
}

int64_t wire_cert_expires(const struct wire *wire)
{
    return wire->synced ? INT64_C(1790000000000) : 0;
}

int wire_publish(struct wire *wire, const struct wire_publication *publication, int *mid)
{
    if (!wire->up)
        return 0x80;
    ALWAYS(publication->topic[0] && strpbrk(publication->topic, "+#") == NULL);
    ALWAYS(strncmp(publication->topic, "care/v1/", 8) == 0 && publication->payload != NULL);
    *mid = ++wire->mid;
    return wire->mid % 8 == 7 ? 0x95 : 0; /* now and then it is too large for the broker */
}

int wire_subscribe(struct wire *wire, const char *topic, bool retained, int *mid)
{
    (void)topic, (void)retained;
    *mid = ++wire->mid;
    return wire->up ? 0 : -1;
}

void wire_unsubscribe(struct wire *wire, const char *topic)
{
    (void)wire, (void)topic;
}

static void down(struct wire *wire, const char *text)
{
    wire->up = false;
    wire->events.down(wire->events.context, text);
}

void wire_restart(struct wire *wire, int64_t now, const char *text)
{
    (void)now;
    down(wire, text);
}

void wire_nudge(struct wire *wire, int64_t now)
{
    (void)wire, (void)now;
}

struct pollfd wire_poll(const struct wire *wire)
{
    (void)wire;
    return (struct pollfd){.fd = WIRE_FD, .events = POLLIN};
}

static void message(struct wire *wire, struct input *in)
{
    char topic[TEXT_SIZE], response[TEXT_SIZE];
    uint8_t flags = input_byte(in);
    input_text(in, "\n", topic, sizeof topic);
    input_text(in, "\n", response, sizeof response);
    struct input payload = input_part(in, "\x1e");
    size_t size = (size_t)(payload.end - payload.at);
    char *copy = malloc(size ? size : 1); /* of its own length, without a NUL behind it */
    ALWAYS(copy);
    if (size > 0)
        memcpy(copy, payload.at, size);
    struct wire_message message = {.topic = topic,
                                   .payload = size ? copy : NULL,
                                   .size = size,
                                   .retained = flags & 1,
                                   .expired = flags & 2,
                                   .response_topic = response[0] ? response : NULL,
                                   .correlation = flags & 4 ? topic : NULL,
                                   .correlation_size = flags & 4 ? strlen(topic) : 0};
    wire->events.message(wire->events.context, &message);
    free(copy);
}

void wire_handle(struct wire *wire, int64_t now, short revents)
{
    (void)now, (void)revents;
    struct input *in = &fake.in;
    switch (input_left(in) ? input_byte(in) % 8 : 0) {
    case 1:
    case 2:
        wire->up = true;
        wire->events.up(wire->events.context, input_byte(in) & 1, "");
        break;
    case 3:
        down(wire, "the broker said goodbye");
        break;
    case 4:
        wire->events.acked(wire->events.context, input_byte(in), input_byte(in));
        break;
    case 5:
        wire->events.subscribed(wire->events.context, input_byte(in), input_byte(in));
        break;
    case 6:
    case 7:
        message(wire, in);
        break;
    default:
        break;
    }
}

void wire_tick(struct wire *wire, int64_t now)
{
    (void)wire, (void)now;
}

int64_t wire_deadline(const struct wire *wire)
{
    (void)wire;
    return INT64_MAX;
}
