#include "worker.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/channel.h"
#include "base/clock.h"
#include "base/kinds.h"
#include "base/log.h"
#include "feed.h"

enum { STATE, URGENT, FEEDS };

struct worker {
    int fd;
    struct frame *frame;
    struct feed *feeds[FEEDS];
    bool configured, ready;
    struct frame_broker broker; /* of the feeds */

    /* configuration as it comes in, between BEGIN and END */
    bool configuring, has_broker;
    struct frame_broker next_broker;
    struct source **next;
    unsigned n_next;
    uint64_t *keys;
    unsigned n_keys;

    struct source **sources;
    unsigned n_sources;

    bool trouble; /* told */
    bool trouble_refused;
};

struct worker *worker_create(int fd)
{
    struct worker *worker = calloc(1, sizeof(*worker));
    if (worker == NULL)
        return NULL;
    worker->fd = fd;
    worker->frame = malloc(sizeof(*worker->frame));
    worker->next = calloc(SENSORS_MAX, sizeof(struct source *));
    worker->keys = calloc(SOURCE_KEYS_MAX, sizeof(uint64_t));
    if (worker->frame == NULL || worker->next == NULL || worker->keys == NULL) {
        worker_destroy(worker);
        return NULL;
    }
    return worker;
}

static void free_sources(struct source **sources, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        free(sources[i]);
}

void worker_destroy(struct worker *worker)
{
    if (worker == NULL)
        return;
    for (int i = 0; i < FEEDS; i++)
        feed_destroy(worker->feeds[i]);
    if (worker->sources != NULL)
        free_sources(worker->sources, worker->n_sources);
    free(worker->sources);
    if (worker->next != NULL)
        free_sources(worker->next, worker->n_next);
    free(worker->next);
    free(worker->keys);
    free(worker->frame);
    free(worker);
}

/* ---- configuration -------------------------------------------------------------------------------------------- */

static void begin(struct worker *worker)
{
    free_sources(worker->next, worker->n_next);
    worker->n_next = 0;
    worker->n_keys = 0;
    worker->has_broker = false;
    worker->configuring = true;
}

static void add_sensor(struct worker *worker, const struct frame_mqtt_sensor *config)
{
    if (worker->n_next == SENSORS_MAX)
        return;
    struct source *source = malloc(sizeof(*source));
    if (source == NULL)
        channel_worker_quit("out of memory");
    source_init(source, config);
    worker->next[worker->n_next++] = source;
}

/* A sensor of the same name and configuration keeps what it knows. */
static void carry_over(const struct worker *worker, struct source *fresh)
{
    for (unsigned i = 0; i < worker->n_sources; i++) {
        const struct source *old = worker->sources[i];
        struct frame_mqtt_sensor same = old->config;
        same.slot = fresh->config.slot;
        if (memcmp(&same, &fresh->config, sizeof(same)) == 0) {
            *fresh = *old;
            fresh->config.slot = same.slot;
            return;
        }
    }
}

static void make_feeds(struct worker *worker)
{
    const char *why;
    worker->broker = worker->next_broker;
    for (int i = 0; i < FEEDS; i++) {
        worker->feeds[i] = feed_create(worker->fd, &worker->broker, i == URGENT, &why);
        if (worker->feeds[i] == NULL)
            channel_worker_fail("mqtt: %s", why);
        for (unsigned k = 0; k < worker->n_keys; k++)
            feed_seed_key(worker->feeds[i], worker->keys[k]);
    }
}

static void hand_out_sources(struct worker *worker)
{
    struct source *part[SENSORS_MAX];
    for (int i = 0; i < FEEDS; i++) {
        unsigned n = 0;
        for (unsigned k = 0; k < worker->n_next; k++)
            if (kind_info((enum kind)worker->next[k]->config.kind)->urgent == (i == URGENT))
                part[n++] = worker->next[k];
        if (!feed_set_sources(worker->feeds[i], part, n, clock_boottime_ms()))
            channel_worker_quit("out of memory");
    }
}

static void end(struct worker *worker)
{
    struct source **list = calloc(SENSORS_MAX, sizeof(struct source *));
    worker->configuring = false;
    if (!worker->has_broker)
        channel_worker_fail("mqtt: the configuration has no broker");
    if (list == NULL)
        channel_worker_quit("out of memory");
    if (worker->configured && memcmp(&worker->broker, &worker->next_broker, sizeof(worker->broker)) != 0) {
        log_notice("the broker's settings have changed: connecting anew");
        for (int i = 0; i < FEEDS; i++) {
            feed_destroy(worker->feeds[i]);
            worker->feeds[i] = NULL;
        }
        worker->configured = false;
    }
    for (unsigned i = 0; i < worker->n_next; i++)
        carry_over(worker, worker->next[i]);
    bool first = !worker->configured;
    if (first)
        make_feeds(worker);
    worker->configured = true;
    hand_out_sources(worker);
    for (int i = 0; first && i < FEEDS; i++)
        feed_replay(worker->feeds[i]);
    if (worker->sources != NULL)
        free_sources(worker->sources, worker->n_sources);
    free(worker->sources);
    worker->sources = worker->next;
    worker->n_sources = worker->n_next;
    worker->next = list;
    worker->n_next = 0;
}

/* ---- frames --------------------------------------------------------------------------------------------------- */

static void handle(struct worker *worker, const struct frame *frame)
{
    switch (frame->header.type) {
    case FRAME_CONFIG_BEGIN:
        begin(worker);
        break;
    case FRAME_MQTT_BROKER:
        worker->next_broker = frame->broker;
        worker->has_broker = true;
        break;
    case FRAME_MQTT_SENSOR:
        if (worker->configuring)
            add_sensor(worker, &frame->mqtt_sensor);
        break;
    case FRAME_SOURCE_KEYS:
        for (uint32_t i = 0; i < frame->source_keys.n && worker->n_keys < SOURCE_KEYS_MAX; i++)
            worker->keys[worker->n_keys++] = frame->source_keys.key[i];
        break;
    case FRAME_CONFIG_END:
        if (worker->configuring)
            end(worker);
        break;
    case FRAME_CONFIRM:
        if (worker->configured)
            feed_confirm(worker->feeds[frame->confirm.urgent ? URGENT : STATE], &frame->confirm, clock_boottime_ms());
        break;
    default: /* outputs and what a later core may say */
        break;
    }
}

/* All that is there. False: the core has gone, or talks nonsense (*status). */
static bool read_core(struct worker *worker, int *status)
{
    const char *why = "";
    for (;;) {
        enum channel_result result = channel_receive(worker->fd, worker->frame, &why);
        if (result == CHANNEL_EMPTY)
            return true;
        if (result == CHANNEL_OK) {
            handle(worker, worker->frame);
            continue;
        }
        *status = result == CHANNEL_CLOSED ? 0 : 1;
        if (result == CHANNEL_BAD)
            log_error("bad frame from the core: %s", why);
        return false;
    }
}

/* One trouble for both connections: it is one broker. */
static void tell_trouble(struct worker *worker, int64_t now)
{
    const char *text = NULL, *zh = "";
    bool refused = false;
    for (int i = 0; i < FEEDS && text == NULL; i++)
        text = feed_trouble(worker->feeds[i], now, &zh, &refused);
    if (worker->trouble && (text == NULL || refused != worker->trouble_refused)) {
        channel_trouble("mqtt broker", worker->trouble_refused ? "broker-refused" : "broker-down", false, true,
                        "The local MQTT broker answers again.", "本地MQTT服务器已恢复。");
        worker->trouble = false;
    }
    if (text != NULL && !worker->trouble) {
        log_warning("%s", text);
        channel_trouble("mqtt broker", refused ? "broker-refused" : "broker-down", true, true, text, zh);
        worker->trouble = true;
        worker->trouble_refused = refused;
    }
}

static void say_ready(struct worker *worker)
{
    for (int i = 0; i < FEEDS; i++)
        if (!feed_ready(worker->feeds[i]))
            return;
    worker->ready = true;
    frame_init(worker->frame, FRAME_READY);
    channel_send_wait(worker->fd, worker->frame);
}

static int wait_ms(const struct worker *worker, int64_t now)
{
    int64_t at = INT64_MAX;
    for (int i = 0; worker->configured && i < FEEDS; i++) {
        int64_t deadline = feed_deadline(worker->feeds[i]);
        at = deadline < at ? deadline : at;
    }
    if (worker->configured && !worker->ready && at > now + 250)
        at = now + 250; /* READY must not wait for a broker for ever */
    if (at == INT64_MAX)
        return -1;
    return at <= now ? 0 : at - now > 60000 ? 60000 : (int)(at - now);
}

int worker_run(struct worker *worker)
{
    int status = 0;
    for (;;) {
        struct pollfd fds[1 + FEEDS] = {{.fd = worker->fd, .events = POLLIN}};
        for (int i = 0; i < FEEDS; i++) {
            fds[1 + i].fd = worker->configured ? feed_fd(worker->feeds[i]) : -1;
            if (fds[1 + i].fd >= 0)
                fds[1 + i].events = feed_poll_events(worker->feeds[i]);
        }
        if (poll(fds, 1 + FEEDS, wait_ms(worker, clock_boottime_ms())) < 0 && errno != EINTR)
            return 1;
        int64_t now = clock_boottime_ms();
        /* The urgent connection first; revents are of the feeds before a reload in read_core. */
        for (int i = FEEDS - 1; worker->configured && i >= 0; i--)
            feed_run(worker->feeds[i], fds[1 + i].revents, now);
        if (fds[0].revents != 0 && !read_core(worker, &status))
            return status;
        if (worker->configured) {
            tell_trouble(worker, now);
            if (!worker->ready)
                say_ready(worker);
        }
    }
}
