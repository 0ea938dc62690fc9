#include "orders.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/channel.h"
#include "base/log.h"
#include "base/text.h"
#include "command.h"
#include "topic.h"

#define PENDING_MAX  64
#define ANSWER_MS    INT64_C(10000)  /* the core's time to answer */
#define QUIET_MS     INT64_C(600000) /* without bad commands: the series is over */
#define ALERT_BURST  ALERTS_MAX      /* accept, ack, close: as many as there can be alerts */
#define ALERT_PER_S  50
#define OTHER_BURST  20
#define OTHER_PER_S  2
#define ANSWER_BURST 64
#define ANSWER_PER_S 10

struct bucket {
    double level, burst, per_ms;
    int64_t at;
};

struct pending {
    uint64_t token; /* 0: free */
    int64_t deadline;
    uint32_t verb;
    uint64_t alert;
    char topic[TOPIC_SIZE];
    unsigned char correlation[WIRE_CORRELATION_MAX];
    size_t correlation_size;
};

struct orders {
    struct wire *wire;
    const struct payload_home *home;
    const char *subject;
    uint64_t last_token;
    uint64_t taken, refused;
    int64_t bad_at; /* of the last bad command in a series; 0: no series */
    struct bucket alerts, others, answers;
    struct frame frame;
    struct pending pending[PENDING_MAX];
};

static bool bucket_take(struct bucket *bucket, int64_t now)
{
    bucket->level += (double)(now - bucket->at) * bucket->per_ms;
    bucket->at = now;
    if (bucket->level > bucket->burst)
        bucket->level = bucket->burst;
    if (bucket->level < 1.0)
        return false;
    bucket->level -= 1.0;
    return true;
}

static struct bucket bucket_of(double burst, double per_s)
{
    return (struct bucket){.level = burst, .burst = burst, .per_ms = per_s / 1000.0};
}

struct orders *orders_create(struct wire *wire, const struct payload_home *home, const char *subject)
{
    struct orders *orders = calloc(1, sizeof *orders);
    if (!orders)
        return NULL;
    orders->wire = wire;
    orders->home = home;
    orders->subject = subject;
    orders->alerts = bucket_of(ALERT_BURST, ALERT_PER_S);
    orders->others = bucket_of(OTHER_BURST, OTHER_PER_S);
    orders->answers = bucket_of(ANSWER_BURST, ANSWER_PER_S);
    return orders;
}

void orders_destroy(struct orders *orders)
{
    free(orders);
}

/* Where the answer goes; correlation data that is longer than we keep is left out. */
static void remember_answer(const struct orders *orders, const char *verb, const struct wire_message *message,
                            struct pending *pending)
{
    if (message->response_topic && topic_reply_allowed(message->response_topic, orders->home->home)) {
        text_copy(pending->topic, sizeof pending->topic, message->response_topic);
    } else {
        char leaf[NAME_SIZE + 16];
        snprintf(leaf, sizeof leaf, "cmd/%s/reply", text_is_name(verb) ? verb : "unknown");
        topic_home(pending->topic, orders->home->home, leaf);
    }
    pending->correlation_size = message->correlation_size <= WIRE_CORRELATION_MAX ? message->correlation_size : 0;
    if (pending->correlation_size)
        memcpy(pending->correlation, message->correlation, pending->correlation_size);
}

static void answer(struct orders *orders, int64_t now, const struct pending *pending, bool ok, const char *text)
{
    if (!bucket_take(&orders->answers, now))
        return;
    struct payload_answer said = {
        .ok = ok, .verb = command_verb_name(pending->verb), .alert = pending->alert, .text = text};
    char *payload = payload_reply(orders->home, &said);
    if (!payload)
        return;
    struct wire_publication publication = {.topic = pending->topic,
                                           .payload = payload,
                                           .correlation = pending->correlation_size ? pending->correlation : NULL,
                                           .correlation_size = pending->correlation_size};
    int mid;
    wire_publish(orders->wire, &publication, &mid);
    free(payload);
}

static void bad_command(struct orders *orders, int64_t now, const char *verb, const char *why)
{
    orders->refused++;
    if (!orders->bad_at) {
        char en[GW_MAX_TEXT], zh[GW_MAX_TEXT], name[NAME_SIZE];
        text_copy(name, sizeof name, text_is_name(verb) ? verb : "?");
        snprintf(en, sizeof en, "bad command \"%.20s\" from platform %.40s: %.90s", name, orders->subject, why);
        snprintf(zh, sizeof zh, "平台 %.40s 发来无法执行的命令“%.20s”", orders->subject, name);
        channel_trouble(orders->subject, "bad-command", true, false, en, zh);
    }
    orders->bad_at = now;
}

static struct pending *free_place(struct orders *orders)
{
    for (unsigned i = 0; i < PENDING_MAX; i++)
        if (!orders->pending[i].token)
            return &orders->pending[i];
    return NULL;
}

static bool within_rate(struct orders *orders, uint32_t verb, int64_t now)
{
    bool about_alert = verb == VERB_ACCEPT || verb == VERB_ACK || verb == VERB_CLOSE;
    return bucket_take(about_alert ? &orders->alerts : &orders->others, now);
}

static void take_order(struct orders *orders, int64_t now, const struct frame_command *command,
                       const struct pending *pending)
{
    struct pending *place = free_place(orders);
    if (!place) {
        answer(orders, now, pending, false, "busy: too many commands are waiting");
        return;
    }
    *place = *pending;
    place->token = ++orders->last_token;
    place->deadline = now + ANSWER_MS;
    orders->taken++;
    frame_init(&orders->frame, FRAME_COMMAND);
    orders->frame.command = *command;
    orders->frame.command.token = place->token;
    channel_send_wait(CHANNEL_FD, &orders->frame);
}

void orders_message(struct orders *orders, const struct orders_clock *clock, const char *verb,
                    const struct wire_message *message)
{
    struct command_input input = {.verb = verb,
                                  .payload = message->payload ? message->payload : "",
                                  .size = message->size,
                                  .retained = message->retained,
                                  .expired = message->expired,
                                  .wall_known = clock->synced,
                                  .wall_now = clock->wall};
    struct frame_command command;
    char why[TEXT_SIZE];
    bool good = command_parse(&input, &command, why);
    struct pending pending = {.verb = command.verb, .alert = command.alert};
    remember_answer(orders, verb, message, &pending);
    if (good && !within_rate(orders, command.verb, clock->now)) {
        good = false;
        text_copy(why, sizeof why, "too many commands at once");
    }
    if (good) {
        take_order(orders, clock->now, &command, &pending);
        return;
    }
    bad_command(orders, clock->now, verb, why);
    answer(orders, clock->now, &pending, false, why);
}

void orders_reply(struct orders *orders, int64_t now, const struct frame_reply *reply)
{
    for (unsigned i = 0; i < PENDING_MAX && reply->token; i++) {
        struct pending *pending = &orders->pending[i];
        if (pending->token != reply->token)
            continue;
        answer(orders, now, pending, reply->ok, reply->text);
        pending->token = 0;
    }
}

void orders_tick(struct orders *orders, int64_t now)
{
    for (unsigned i = 0; i < PENDING_MAX; i++) {
        struct pending *pending = &orders->pending[i];
        if (!pending->token || now < pending->deadline)
            continue;
        answer(orders, now, pending, false, "the gateway did not answer in time");
        pending->token = 0;
    }
    if (orders->bad_at && now >= orders->bad_at + QUIET_MS) {
        orders->bad_at = 0;
        channel_trouble(orders->subject, "bad-command", false, false, "no bad commands any more", "平台命令已恢复正常");
    }
}

int64_t orders_deadline(const struct orders *orders)
{
    int64_t deadline = orders->bad_at ? orders->bad_at + QUIET_MS : INT64_MAX;
    for (unsigned i = 0; i < PENDING_MAX; i++)
        if (orders->pending[i].token && orders->pending[i].deadline < deadline)
            deadline = orders->pending[i].deadline;
    return deadline;
}

void orders_counts(const struct orders *orders, uint64_t *taken, uint64_t *refused)
{
    *taken = orders->taken;
    *refused = orders->refused;
}
