#include "feed.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/channel.h"
#include "base/clock.h"
#include "base/kinds.h"
#include "base/log.h"
#include "base/ring.h"
#include "base/text.h"
#include "gatewayd/plugin.h"
#include "link.h"
#include "redelivery.h"
#include "subscriptions.h"
#include "topics.h"

#define URGENT_CAPACITY   SOURCE_KEYS_MAX /* the core leaves 512 in it while the disk does not answer */
#define STATE_CAPACITY    16384
#define ROOM_TO_READ      1024  /* free places below which no more is read: a TLS record may hold so many messages */
#define MESSAGES_PER_TURN 256   /* then fd 3 and the other connection have their turn */
#define GRACE_MS          10000 /* a broker that restarts (2 to 5 s) is not worth a word to anybody */
#define READY_WAIT_MS     3000

struct feed {
    int fd;
    uint32_t keepalive_s;
    struct ring *ring;
    struct link *link;
    struct routes *routes;
    struct source **sources;
    unsigned n_sources;
    uint32_t out_n;
    struct frame *out;  /* READINGS being filled */
    struct frame *note; /* SENSOR_NOTE */
    struct redelivery redelivery;
    int64_t now;     /* of this turn */
    int64_t started; /* when it got its first sensors */

    uint64_t put;       /* origin of the last reading in the ring */
    uint64_t durable;   /* as the core said */
    uint64_t needed;    /* held PUBACKs may go when durable is here */
    int64_t held_since; /* 0: nothing is held */

    struct subscriptions subscriptions;
    int64_t notes_at; /* if notes_pending */

    bool urgent;
    bool overflow;       /* an urgent reading found no place: its message must come again */
    bool dropped_levels; /* logged once per onset */
    bool told_lost;      /* the broker is away and the sensors have been told as lost */
    bool was_up;         /* once in our life */
    bool notes_pending;
};

/* ---- to the core ---------------------------------------------------------------------------------------------- */

static void send_readings(struct feed *feed)
{
    ring_show(feed->ring);
    if (feed->out_n == 0)
        return;
    frame_set_n(feed->out, feed->out_n);
    channel_send_wait(feed->fd, feed->out);
    feed->out_n = 0;
    feed->out->readings.flags = feed->urgent ? READINGS_URGENT : 0;
}

/* Into the ring first, then into the frame. */
static void put_reading(struct feed *feed, struct reading *reading)
{
    reading->at = feed->now;
    if (!ring_add(feed->ring, reading)) {
        if (feed->urgent) {
            feed->overflow = true;
            return;
        }
        if (!feed->dropped_levels)
            log_warning("the ring of levels is full: the oldest are dropped");
        feed->dropped_levels = true;
        if (!ring_drop_oldest(feed->ring) || !ring_add(feed->ring, reading))
            return;
    }
    feed->put = reading->origin;
    feed->out->readings.reading[feed->out_n++] = *reading;
    if (feed->out_n == READINGS_PER_FRAME)
        send_readings(feed);
}

static void send_note(struct feed *feed, const struct source *source, enum sensor_note what, uint32_t value,
                      const char *text)
{
    struct frame *frame = frame_init(feed->note, FRAME_SENSOR_NOTE);
    frame->sensor_note.slot = source->config.slot;
    frame->sensor_note.note = (uint16_t)what;
    frame->sensor_note.value = value;
    text_copy(frame->sensor_note.text, sizeof(frame->sensor_note.text), text);
    channel_send_wait(feed->fd, frame);
}

static void send_due_notes(struct feed *feed, struct source *source)
{
    uint32_t count;
    if (source_note_due(&source->bad, feed->now, &count))
        send_note(feed, source, NOTE_BAD_PAYLOAD, count, source->bad.text);
    if (source_note_due(&source->unused, feed->now, &count))
        send_note(feed, source, NOTE_UNUSED_PAYLOAD, count, source->unused.text);
    if (source->bad.pending + source->unused.pending > 0 && !feed->notes_pending) {
        feed->notes_pending = true;
        feed->notes_at = feed->now + 1000;
    }
}

static void send_all_due_notes(struct feed *feed)
{
    feed->notes_pending = false;
    for (unsigned i = 0; i < feed->n_sources; i++)
        send_due_notes(feed, feed->sources[i]);
}

static void note_qos(struct feed *feed, struct source *source, int qos)
{
    if (source->qos == qos || (source->qos_told != 0 && feed->now - source->qos_told < 1000))
        return; /* a device that changes it all the time is told once a second */
    source->qos = qos;
    source->qos_told = feed->now;
    send_note(feed, source, NOTE_QOS, (uint32_t)qos,
              feed->urgent && qos == 0 ? topics_qos_advice(&source->config) : "");
}

/* ---- a message ------------------------------------------------------------------------------------------------ */

static void take_for(struct feed *feed, const struct route_target *target, const struct link_message *message,
                     struct format_message *text, uint64_t key)
{
    struct source *source = target->source;
    struct format_result result;
    struct reading readings[SOURCE_READINGS_MAX];
    bool ignored = false;
    enum format_outcome outcome = format_read(&source->config, target->role, text, &result);
    if (target->role == TOPIC_STATE && source->qos != message->qos)
        note_qos(feed, source, message->qos);
    unsigned n = source_take(source, &result, message->retained, readings, &ignored);
    for (unsigned i = 0; i < n; i++) {
        readings[i].source_key = key;
        put_reading(feed, &readings[i]);
    }
    if (outcome == FORMAT_BAD)
        source_note_add(&source->bad, NULL, message->payload, message->size);
    else if (ignored)
        source_note_add(&source->unused, "a retained press is not a press: switch off \"retain\" for this device", NULL,
                        0);
    else if (outcome == FORMAT_UNUSED && n == 0)
        source_note_add(&source->unused, NULL, message->payload, message->size);
    else
        return;
    send_due_notes(feed, source);
}

static void on_message(void *context, const struct link_message *message)
{
    struct feed *feed = context;
    uint64_t key = 0;
    const struct route *route = feed->routes == NULL ? NULL : routes_find(feed->routes, message->topic);
    if (route == NULL) { /* of an older configuration: the session remembers it */
        link_unsubscribe(feed->link, message->topic);
        return;
    }
    if (feed->urgent && (feed->overflow || ring_free(feed->ring) < (size_t)route->n * SOURCE_READINGS_MAX)) {
        feed->overflow = true; /* nor may its key be kept: it must come again, whole */
        return;
    }
    if (message->qos > 0) {
        key = redelivery_key(message->mid, message->topic, message->payload, message->size);
        if (!message->retained && redelivery_is(&feed->redelivery, message->dup, key)) {
            feed->needed = feed->put; /* it is in the ring, perhaps not yet on the disk */
            return;
        }
    }
    /* All readings of a message come into the ring at once: with some of them there, were we killed now, it would be
     * known when it comes again, and the rest be lost. In one frame too: the core keeps together what comes in one.
     * Only a message of more readings than a frame holds, hundreds of sensors on one topic, is cut all the same. */
    if (feed->out_n + (size_t)route->n * SOURCE_READINGS_MAX > READINGS_PER_FRAME)
        send_readings(feed);
    struct format_message text;
    format_begin(&text, message->payload, message->size);
    uint64_t before = feed->put;
    for (unsigned i = 0; i < route->n; i++)
        take_for(feed, &route->targets[i], message, &text, key);
    format_end(&text);
    ring_show(feed->ring);
    if (message->qos > 0 && feed->put != before)
        feed->needed = feed->put;
}

static void on_subscribed(void *context, int mid, const int *granted, int n)
{
    struct feed *feed = context;
    subscriptions_granted(&feed->subscriptions, feed->routes, mid, granted, n, feed->now);
}

/* ---- availability --------------------------------------------------------------------------------------------- */

static void put_availability(struct feed *feed, struct source *source, bool there)
{
    struct reading reading = {.sensor = source->config.slot, .type = GW_AVAILABILITY, .value = there ? 1.0 : 0.0};
    reading.flags = there ? GW_INITIAL : 0; /* the source answers again, not the sensor: no sign of life */
    source->lost = !there;
    if (source_device_there(source)) /* else the device itself has said so, and it still holds */
        put_reading(feed, &reading);
}

static void tell_lost(struct feed *feed)
{
    feed->told_lost = true;
    for (unsigned i = 0; i < feed->n_sources; i++)
        if (!feed->sources[i]->lost)
            put_availability(feed, feed->sources[i], false);
    send_readings(feed);
}

/* Also at the first connection of our life: the core has told them as lost when our predecessor died. */
static void tell_back(struct feed *feed)
{
    for (unsigned i = 0; i < feed->n_sources; i++)
        if (feed->sources[i]->lost || !feed->was_up)
            put_availability(feed, feed->sources[i], true);
    feed->told_lost = false;
    feed->was_up = true;
}

static void on_up(void *context, bool session_resumed)
{
    struct feed *feed = context;
    log_info("connected to the local broker (%s, session %s)", feed->urgent ? "urgent" : "state",
             session_resumed ? "resumed" : "new");
    feed->held_since = 0;
    feed->needed = 0;
    feed->overflow = false;
    if (!session_resumed) {
        redelivery_forget(&feed->redelivery);
        ring_forget_keys(feed->ring);
    }
    subscriptions_forget(&feed->subscriptions);
    feed->subscriptions.wanted = false;
    /* Also in a resumed session: what came at QoS 0 meanwhile is lost, and a SUBSCRIBE brings the retained states.
     * Nothing has been read in this connection, so there is no PUBACK that it could let go. */
    subscriptions_send(&feed->subscriptions, feed->link, feed->routes, true);
    tell_back(feed);
}

static void on_down(void *context)
{
    struct feed *feed = context;
    subscriptions_forget(&feed->subscriptions);
    feed->held_since = 0;
    feed->subscriptions.complete = false;
}

/* ---- PUBACKs -------------------------------------------------------------------------------------------------- */

static bool is_confirmed(const struct feed *feed)
{
    return !feed->urgent || feed->needed <= feed->durable;
}

/* After reading or a CONFIRM: write what may be written, else hold it. */
static void settle(struct feed *feed)
{
    if (link_state(feed->link) != LINK_STATE_UP) {
        link_flush(feed->link, feed->now);
        return;
    }
    if (feed->overflow) {
        feed->overflow = false;
        link_drop(feed->link, feed->now, "The ring of urgent readings is full: the core does not confirm them.",
                  "紧急读数缓冲区已满：主程序没有确认。");
        return;
    }
    bool confirmed = is_confirmed(feed);
    link_hold(feed->link, !confirmed);
    if (!confirmed) {
        if (feed->held_since == 0)
            feed->held_since = feed->now;
        return;
    }
    feed->held_since = 0;
    if (feed->subscriptions.wanted) {
        feed->subscriptions.wanted = false;
        subscriptions_send(&feed->subscriptions, feed->link, feed->routes, false);
    }
    link_flush(feed->link, feed->now);
}

/* Before the connection was held it may have been silent for a whole keepalive, and the broker ends the session's
 * connection after one and a half. */
static int64_t hold_deadline(const struct feed *feed)
{
    return feed->held_since == 0 ? INT64_MAX : feed->held_since + (int64_t)feed->keepalive_s * 1000 / 3;
}

void feed_confirm(struct feed *feed, const struct frame_confirm *confirm, int64_t now)
{
    feed->now = now;
    ring_forget(feed->ring, confirm->handled);
    /* Ours, and not of the future: a core that confirms what it has not seen must not cost an alarm. */
    if (confirm->durable <= feed->put && confirm->durable > feed->durable && feed->put - confirm->durable < UINT32_MAX)
        feed->durable = confirm->durable;
    if (feed->dropped_levels && ring_free(feed->ring) > ROOM_TO_READ)
        feed->dropped_levels = false;
    if (feed->held_since != 0)
        settle(feed);
}

/* ---- making and driving --------------------------------------------------------------------------------------- */

static bool open_ring(struct feed *feed, const char *directory)
{
    char path[TEXT_SIZE + 32];
    const char *name = feed->urgent ? "mqtt-urgent" : "mqtt-state";
    bool lost = false;
    (void)snprintf(path, sizeof(path), "%s/%s.ring", directory, name);
    feed->ring = ring_open(path, feed->urgent ? URGENT_CAPACITY : STATE_CAPACITY, &lost);
    if (feed->ring == NULL)
        return false;
    if (lost)
        log_warning("%s was damaged and has been made anew: readings in it are lost", path);
    struct reading reading;
    for (uint64_t after = 0; ring_next(feed->ring, after, &reading); after = reading.origin)
        feed->put = reading.origin;
    return true;
}

struct feed *feed_create(int fd, const struct frame_broker *broker, bool urgent, const char **why)
{
    struct feed *feed = calloc(1, sizeof(*feed));
    *why = "out of memory";
    if (feed == NULL)
        return NULL;
    feed->fd = fd;
    feed->urgent = urgent;
    feed->keepalive_s = broker->keepalive_s;
    feed->started = feed->now = clock_boottime_ms();
    feed->out = malloc(sizeof(*feed->out));
    const struct link_events events = {feed, on_message, on_up, on_down, on_subscribed};
    feed->note = malloc(sizeof(*feed->note));
    if (feed->out != NULL && feed->note != NULL)
        feed->link = link_create(broker, urgent ? "-urgent" : "-state", &events, why);
    if (feed->link != NULL && !open_ring(feed, broker->ring_dir)) {
        *why = strerror(errno);
        link_destroy(feed->link);
        feed->link = NULL;
    }
    if (feed->link == NULL) {
        feed_destroy(feed);
        return NULL;
    }
    frame_init(feed->out, FRAME_READINGS);
    feed->out->readings.flags = urgent ? READINGS_URGENT : 0;
    return feed;
}

void feed_destroy(struct feed *feed)
{
    if (feed == NULL)
        return;
    subscriptions_forget(&feed->subscriptions);
    link_destroy(feed->link);
    ring_close(feed->ring);
    routes_destroy(feed->routes);
    free(feed->sources);
    free(feed->out);
    free(feed->note);
    free(feed);
}

void feed_seed_key(struct feed *feed, uint64_t key)
{
    redelivery_seed(&feed->redelivery, key);
}

/* The ring may be older than the configuration: its sensor may be of another kind now, and a value that this kind
 * cannot have would make us liars to the core. */
static bool still_makes_sense(const struct feed *feed, const struct reading *reading)
{
    for (unsigned i = 0; i < feed->n_sources; i++)
        if (feed->sources[i]->config.slot == reading->sensor)
            return reading->type != GW_VALUE || kind_info((enum kind)feed->sources[i]->config.kind)->analog ||
                   reading->value == 0.0 || reading->value == 1.0;
    return false;
}

void feed_replay(struct feed *feed)
{
    uint64_t keys[SOURCE_KEYS_MAX];
    size_t n = ring_recent_keys(feed->ring, keys, SOURCE_KEYS_MAX);
    struct reading reading;
    for (size_t i = 0; i < n; i++)
        redelivery_seed(&feed->redelivery, keys[i]);
    for (uint64_t after = 0; ring_next(feed->ring, after, &reading); after = reading.origin) {
        if (!still_makes_sense(feed, &reading))
            continue;
        feed->out->readings.flags |= READINGS_REPLAY;
        feed->out->readings.reading[feed->out_n++] = reading;
        if (feed->out_n == READINGS_PER_FRAME)
            send_readings(feed);
    }
    send_readings(feed);
}

static bool same_sensor(const struct source *a, const struct source *b)
{
    struct frame_mqtt_sensor other = b->config;
    other.slot = a->config.slot;
    return memcmp(&a->config, &other, sizeof(other)) == 0;
}

/* Somebody listens to the topic who did not before: only its retained message says what the level is until it moves. */
static bool has_newcomer(const struct route *before, const struct route *route)
{
    for (unsigned i = 0; i < route->n; i++) {
        bool known = false;
        for (unsigned k = 0; k < before->n; k++)
            known |= same_sensor(before->targets[k].source, route->targets[i].source);
        if (!known)
            return true;
    }
    return false;
}

/* New topics are to be subscribed, and those with a new listener again; those no longer wanted are given back. */
static void compare_routes(struct feed *feed, const struct routes *old, struct routes *fresh)
{
    for (unsigned i = 0; i < routes_count(fresh); i++) {
        struct route *route = routes_at(fresh, i);
        const struct route *before = old == NULL ? NULL : routes_find(old, route->topic);
        const bool news = before == NULL || has_newcomer(before, route);
        route->wanted = news || before->wanted;
        route->refused = before != NULL && before->refused;
        feed->subscriptions.wanted |= news;
    }
    for (unsigned i = 0; i < routes_count(old); i++)
        if (routes_find(fresh, routes_at(old, i)->topic) == NULL && link_state(feed->link) == LINK_STATE_UP)
            link_unsubscribe(feed->link, routes_at(old, i)->topic);
}

bool feed_set_sources(struct feed *feed, struct source *const sources[], unsigned n, int64_t now)
{
    struct routes *fresh = routes_create(sources, n);
    struct source **list = calloc((size_t)n + 1, sizeof(struct source *));
    if (fresh == NULL || list == NULL) {
        routes_destroy(fresh);
        free(list);
        return false;
    }
    feed->now = now;
    for (unsigned i = 0; i < n; i++)
        list[i] = sources[i];
    if (feed->n_sources == 0)
        feed->started = now; /* without sensors it was down on purpose */
    compare_routes(feed, feed->routes, fresh);
    routes_destroy(feed->routes);
    free(feed->sources);
    feed->routes = fresh;
    feed->sources = list;
    feed->n_sources = n;
    ring_bind_none(feed->ring);
    for (unsigned i = 0; i < n; i++)
        ring_bind(feed->ring, list[i]->config.slot, list[i]->config.sensor);
    if (feed->told_lost)
        tell_lost(feed); /* the new ones too */
    settle(feed);
    if (n == 0 && link_state(feed->link) != LINK_STATE_DOWN)
        link_drop(feed->link, now, "", "");
    return true;
}

int feed_fd(const struct feed *feed)
{
    return feed->n_sources == 0 ? -1 : link_fd(feed->link);
}

static bool has_room(const struct feed *feed)
{
    return ring_free(feed->ring) >= (feed->urgent ? URGENT_CAPACITY / 4 : ROOM_TO_READ);
}

short feed_poll_events(const struct feed *feed)
{
    return link_poll_events(feed->link, has_room(feed));
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* When the broker has been away for so long that the sensors are told as lost. */
static int64_t lost_at(const struct feed *feed)
{
    int64_t since = link_down_since(feed->link);
    return (since > feed->started ? since : feed->started) + GRACE_MS;
}

int64_t feed_deadline(const struct feed *feed)
{
    int64_t at = hold_deadline(feed);
    if (feed->n_sources == 0)
        return INT64_MAX;
    at = earlier(at, link_deadline(feed->link));
    if (feed->notes_pending)
        at = earlier(at, feed->notes_at);
    if (feed->subscriptions.retry_at != 0 && link_state(feed->link) == LINK_STATE_UP)
        at = earlier(at, feed->subscriptions.retry_at);
    if (!feed->told_lost && link_state(feed->link) != LINK_STATE_UP)
        at = earlier(at, lost_at(feed));
    return at;
}

static void do_what_is_due(struct feed *feed)
{
    if (feed->now >= hold_deadline(feed))
        link_drop(feed->link, feed->now, "The gateway's core does not confirm urgent readings.",
                  "主程序没有确认紧急读数。");
    link_tick(feed->link, feed->now);
    if (feed->notes_pending && feed->now >= feed->notes_at)
        send_all_due_notes(feed);
    if (feed->subscriptions.retry_at != 0 && feed->now >= feed->subscriptions.retry_at &&
        link_state(feed->link) == LINK_STATE_UP) {
        feed->subscriptions.retry_at = 0;
        feed->subscriptions.wanted = true;
        settle(feed);
    }
    if (!feed->told_lost && link_state(feed->link) != LINK_STATE_UP && feed->now >= lost_at(feed))
        tell_lost(feed);
}

void feed_run(struct feed *feed, short revents, int64_t now)
{
    feed->now = now;
    if (feed->n_sources == 0)
        return;
    if ((revents & (POLLIN | POLLERR | POLLHUP)) != 0 && link_state(feed->link) != LINK_STATE_DOWN) {
        link_read(feed->link, now, MESSAGES_PER_TURN);
        send_readings(feed);
    }
    if (revents != 0)
        settle(feed);
    do_what_is_due(feed);
}

bool feed_ready(const struct feed *feed)
{
    const char *zh;
    bool refused;
    return feed->n_sources == 0 || feed->subscriptions.complete || link_trouble(feed->link, &zh, &refused)[0] != '\0' ||
           clock_boottime_ms() - feed->started > READY_WAIT_MS;
}

const char *feed_trouble(const struct feed *feed, int64_t now, const char **text_zh, bool *refused)
{
    int64_t since = link_down_since(feed->link);
    const char *text = link_trouble(feed->link, text_zh, refused);
    if (feed->n_sources == 0 || since == 0 || text[0] == '\0' || (!*refused && now < lost_at(feed)))
        return NULL;
    return text;
}
