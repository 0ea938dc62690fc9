/* mqtt.c - the mqtt worker on the local broker (broker.c): its feed with all that is behind it
 * (formats, sources, redelivery, ring files) is the real one; only link.c, the connection itself, is a model. */
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/kinds.h"
#include "base/text.h"
#include "broker.h"
#include "feed.h"
#include "link.h"
#include "mqtt_world.h"

/* ---- link.h: the worker's end ---- */

struct link {
    struct broker *broker;
    struct sim *sim;
    struct session *session;
    struct link_events events;
    enum link_state state;
    int64_t down_since, retry_at;
    unsigned failures;
    unsigned window; /* messages on their way at a time */
    bool hold, resumed;
    unsigned unflushed; /* PUBACKs that wait in our out-queue, in the order of the messages */
    struct {
        int mid;
        int n;
    } suback[8];
    unsigned n_suback;
    int mid;
};

static struct sim *linking; /* the sim whose worker is made now: link_create has no context */

struct link *link_create(const struct frame_broker *broker, const char *suffix, const struct link_events *events,
                         const char **why)
{
    (void)broker, (void)why;
    struct link *link = calloc(1, sizeof(*link));
    if (!link)
        abort();
    link->sim = linking;
    link->broker = linking->local;
    link->session = &linking->local->session[strcmp(suffix, "-urgent") == 0];
    link->events = *events;
    link->down_since = link->retry_at = sim_boottime(linking);
    link->session->link = link;
    return link;
}

static void forget_connection(struct link *link)
{
    for (struct message *m = link->session->first; m; m = m->next)
        m->sent = false;
    link->unflushed = link->n_suback = 0;
    link->hold = false;
}

void link_destroy(struct link *link)
{
    if (link) {
        forget_connection(link);
        link->session->link = NULL;
    }
    free(link);
}

enum link_state link_state(const struct link *link)
{
    return link->state;
}

int64_t link_down_since(const struct link *link)
{
    return link->state == LINK_STATE_UP ? 0 : link->down_since;
}

const char *link_trouble(const struct link *link, const char **text_zh, bool *refused)
{
    *text_zh = link->state == LINK_STATE_UP ? "" : "本地MQTT服务器没有应答。";
    *refused = false;
    return link->state == LINK_STATE_UP ? "" : "The local MQTT broker does not answer.";
}

int link_fd(const struct link *link)
{
    return link->state == LINK_STATE_DOWN ? -1 : 5;
}

short link_poll_events(const struct link *link, bool reading)
{
    (void)link;
    return reading ? POLLIN : 0;
}

int64_t link_deadline(const struct link *link)
{
    return link->state == LINK_STATE_DOWN ? link->retry_at : INT64_MAX;
}

static void fall(struct link *link, int64_t now)
{
    bool was_up = link->state == LINK_STATE_UP;
    if (link->state == LINK_STATE_DOWN)
        return;
    link->state = LINK_STATE_DOWN;
    link->sim->disturbed = link->sim->now;
    link->failures += link->failures < 6;
    link->retry_at = now + (INT64_C(500) << link->failures);
    if (was_up)
        link->down_since = now;
    forget_connection(link);
    if (was_up)
        link->events.down(link->events.context);
}

void link_tick(struct link *link, int64_t now)
{
    if (link->state != LINK_STATE_DOWN || now < link->retry_at)
        return;
    if (link->broker->up)
        link->state = LINK_STATE_CONNECTING;
    else
        link->retry_at = now + (INT64_C(500) << (link->failures += link->failures < 6));
}

static void come_up(struct link *link)
{
    link->resumed = link->session->known;
    link->window = IN_FLIGHT;
    link->session->known = true;
    link->state = LINK_STATE_UP;
    link->failures = 0;
    link->events.up(link->events.context, link->resumed);
}

static void tell_subacks(struct link *link)
{
    for (unsigned i = 0; i < link->n_suback; i++) {
        int granted[TOPICS];
        for (int k = 0; k < link->suback[i].n; k++)
            granted[k] = 1;
        link->events.subscribed(link->events.context, link->suback[i].mid, granted, link->suback[i].n);
    }
    link->n_suback = 0;
}

static bool readable(const struct link *link)
{
    if (link->state == LINK_STATE_CONNECTING || link->n_suback || (link->state == LINK_STATE_UP && !link->broker->up))
        return true;
    if (link->state != LINK_STATE_UP)
        return false;
    unsigned n = 0;
    for (const struct message *m = link->session->first; m && n < link->window; m = m->next, n++)
        if (!m->sent)
            return true;
    return false;
}

void link_read(struct link *link, int64_t now, unsigned limit)
{
    if (!link->broker->up) {
        fall(link, now);
        return;
    }
    if (link->state == LINK_STATE_CONNECTING) {
        come_up(link);
        return;
    }
    tell_subacks(link);
    unsigned place = 0;
    for (struct message *m = link->session->first; m && place < link->window && limit; m = m->next, place++) {
        if (m->sent)
            continue;
        limit--;
        m->sent = true;
        link->unflushed++;
        struct link_message message = {m->topic, m->payload, strlen(m->payload), m->mid, 1, m->retained, m->dup};
        m->dup = true;
        link->broker->shown = m;
        if (link->sim->verbose)
            say(link->sim, "mqtt gets %s %s, mid %d%s", m->topic, m->payload, m->mid, m->retained ? ", retained" : "");
        link->events.message(link->events.context, &message);
        link->broker->shown = NULL;
        if (link->state != LINK_STATE_UP)
            return;
    }
}

void link_flush(struct link *link, int64_t now)
{
    struct session *session = link->session;
    if (link->hold || link->state != LINK_STATE_UP || !link->unflushed)
        return;
    if (!link->broker->up || (!link->sim->quiet && sim_chance(link->sim, link->sim->rates.puback_lost))) {
        say(link->sim, "PUBACKs to the local broker are lost");
        fall(link, now);
        return;
    }
    for (; link->unflushed; link->unflushed--) {
        checks_acked(link->sim, session->first->serial, session->first->press);
        broker_acked(session);
    }
    /* As mosquitto does: after the first PUBACK of a resumed session all that waits is sent. */
    if (link->resumed && sim_chance(link->sim, link->sim->rates.backlog))
        link->window = UINT_MAX;
    link->resumed = false;
}

void link_hold(struct link *link, bool hold)
{
    link->hold = hold;
}

void link_drop(struct link *link, int64_t now, const char *why, const char *why_zh)
{
    (void)why_zh;
    say(link->sim, "the mqtt worker drops its connection: %s", why);
    fall(link, now);
}

static void subscribe_one(struct link *link, const char *topic)
{
    struct session *session = link->session;
    if (!broker_subscribed(session, topic) && session->n_topics < TOPICS)
        text_copy(session->topics[session->n_topics++], sizeof(session->topics[0]), topic);
    for (unsigned i = 0; i < link->broker->n_retained; i++)
        if (strcmp(link->broker->retained[i].topic, topic) == 0)
            broker_enqueue(link->broker, session, topic, link->broker->retained[i].payload)->retained = true;
}

int link_subscribe(struct link *link, const char *const topics[], int n)
{
    if (link->state != LINK_STATE_UP || link->n_suback == 8)
        return -1;
    for (int i = 0; i < n; i++)
        subscribe_one(link, topics[i]);
    link->suback[link->n_suback].mid = ++link->mid;
    link->suback[link->n_suback++].n = n;
    return link->mid;
}

void link_unsubscribe(struct link *link, const char *topic)
{
    struct session *session = link->session;
    for (unsigned i = 0; i < session->n_topics; i++)
        if (strcmp(session->topics[i], topic) == 0)
            memmove(session->topics[i], session->topics[--session->n_topics], sizeof(session->topics[0]));
}

bool mqtt_reading_retained(const struct sim *sim)
{
    return sim->local->shown && sim->local->shown->retained;
}

uint64_t mqtt_reading_message(const struct sim *sim)
{
    return sim->local->shown ? sim->local->shown->serial : 0;
}

/* ---- the worker ---- */

struct mqtt {
    struct feed *feed[2];
    struct source *sources, *next;
    unsigned n_sources, n_next, n_keys;
    struct frame_broker broker;
    uint64_t keys[SOURCE_KEYS_MAX];
    bool configured, ready, trouble;
};

static void *begin(struct sim *sim, unsigned worker)
{
    (void)sim, (void)worker;
    struct mqtt *mqtt = calloc(1, sizeof(*mqtt));
    if (!mqtt)
        abort();
    return mqtt;
}

/* As worker.c does: a sensor of the same name and configuration keeps what it knows. */
static void carry_over(const struct mqtt *mqtt, struct source *fresh)
{
    for (unsigned i = 0; i < mqtt->n_sources; i++) {
        struct frame_mqtt_sensor same = mqtt->sources[i].config;
        same.slot = fresh->config.slot;
        if (memcmp(&same, &fresh->config, sizeof(same)) != 0)
            continue;
        *fresh = mqtt->sources[i];
        fresh->config.slot = same.slot;
        return;
    }
}

static void hand_out(struct sim *sim, struct mqtt *mqtt)
{
    for (int urgent = 0; urgent < 2; urgent++) {
        struct source *part[SENSORS];
        unsigned n = 0;
        for (unsigned i = 0; i < mqtt->n_next; i++)
            if (kind_info((enum kind)mqtt->next[i].config.kind)->urgent == (urgent == 1))
                part[n++] = &mqtt->next[i];
        feed_set_sources(mqtt->feed[urgent], part, n, sim_boottime(sim));
    }
}

static void configured(struct sim *sim, struct mqtt *mqtt)
{
    const char *why = "";
    bool first = !mqtt->configured;
    for (unsigned i = 0; i < mqtt->n_next; i++)
        carry_over(mqtt, &mqtt->next[i]);
    linking = sim;
    for (int i = 0; first && i < 2; i++) {
        mqtt->feed[i] = feed_create(3, &mqtt->broker, i == 1, &why);
        if (!mqtt->feed[i])
            abort();
        for (unsigned k = 0; k < mqtt->n_keys; k++)
            feed_seed_key(mqtt->feed[i], mqtt->keys[k]);
    }
    mqtt->configured = true;
    hand_out(sim, mqtt);
    for (int i = 0; first && i < 2; i++)
        feed_replay(mqtt->feed[i]);
    free(mqtt->sources);
    mqtt->sources = mqtt->next;
    mqtt->n_sources = mqtt->n_next;
    mqtt->next = NULL;
}

static void take(struct sim *sim, struct mqtt *mqtt, const struct frame *frame)
{
    switch (frame->header.type) {
    case FRAME_CONFIG_BEGIN:
        free(mqtt->next);
        mqtt->next = calloc(SENSORS, sizeof(*mqtt->next));
        mqtt->n_next = mqtt->n_keys = 0;
        break;
    case FRAME_MQTT_BROKER:
        mqtt->broker = frame->broker;
        break;
    case FRAME_MQTT_SENSOR:
        if (mqtt->next && mqtt->n_next < SENSORS)
            source_init(&mqtt->next[mqtt->n_next++], &frame->mqtt_sensor);
        break;
    case FRAME_SOURCE_KEYS:
        for (uint32_t i = 0; i < frame->source_keys.n && mqtt->n_keys < SOURCE_KEYS_MAX; i++)
            mqtt->keys[mqtt->n_keys++] = frame->source_keys.key[i];
        break;
    case FRAME_CONFIG_END:
        if (mqtt->next)
            configured(sim, mqtt);
        break;
    case FRAME_CONFIRM:
        if (mqtt->configured)
            feed_confirm(mqtt->feed[frame->confirm.urgent != 0], &frame->confirm, sim_boottime(sim));
        break;
    default:
        break;
    }
}

static bool has_news(const struct sim *sim, const struct feed *feed, int urgent)
{
    const struct link *link = sim->local->session[urgent].link;
    return feed_fd(feed) >= 0 && feed_poll_events(feed) & POLLIN && readable(link);
}

static int64_t turn(struct sim *sim, unsigned worker)
{
    struct mqtt *mqtt = sim->proc[worker].state;
    int64_t now = sim_boottime(sim), next = NEVER_AT;
    const struct frame *frame;
    for (int i = 1; mqtt->configured && i >= 0; i--)
        feed_run(mqtt->feed[i], has_news(sim, mqtt->feed[i], i) ? POLLIN : 0, now);
    while ((frame = proc_take(sim, worker)))
        take(sim, mqtt, frame);
    if (!mqtt->configured)
        return NEVER_AT;
    bool ready = true;
    for (int i = 0; i < 2; i++) {
        int64_t due = feed_deadline(mqtt->feed[i]);
        ready &= feed_ready(mqtt->feed[i]);
        if (due != INT64_MAX && due + sim->boot_at < next)
            next = due + sim->boot_at;
        if (has_news(sim, mqtt->feed[i], i))
            next = sim->now;
    }
    if (!mqtt->ready && ready) {
        daemon_ready(sim, worker);
        mqtt->ready = true;
    }
    if (!mqtt->ready && next > sim->now + 20)
        next = sim->now + 20;
    return next > sim->now ? next : sim->now + 1;
}

static void end(struct sim *sim, unsigned worker, bool by_itself)
{
    (void)by_itself;
    struct mqtt *mqtt = sim->proc[worker].state;
    feed_destroy(mqtt->feed[0]);
    feed_destroy(mqtt->feed[1]);
    free(mqtt->sources);
    free(mqtt->next);
    free(mqtt);
}

const struct role_model mqtt_model = {begin, turn, end};
