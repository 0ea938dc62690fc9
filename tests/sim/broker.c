/* broker.c - the local broker: publishers' end, its file, its faults. */
#include "broker.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

struct broker *mqtt_create(void)
{
    struct broker *broker = calloc(1, sizeof(*broker));
    if (!broker)
        abort();
    broker->up = true;
    for (int i = 0; i < 2; i++)
        broker->session[i].last = &broker->session[i].first;
    return broker;
}

static void clear(struct session *session)
{
    while (session->first) {
        struct message *next = session->first->next;
        free(session->first);
        session->first = next;
    }
    session->last = &session->first;
    session->waiting = 0;
}

void mqtt_destroy(struct broker *broker)
{
    clear(&broker->session[0]);
    clear(&broker->session[1]);
    free(broker);
}

struct message *broker_enqueue(struct broker *broker, struct session *session, const char *topic, const char *payload)
{
    struct message *message = calloc(1, sizeof(*message));
    if (!message)
        abort();
    message->mid = session->mid = session->mid % 65535 + 1;
    message->serial = ++broker->serials;
    text_copy(message->topic, sizeof(message->topic), topic);
    text_copy(message->payload, sizeof(message->payload), payload);
    *session->last = message;
    session->last = &message->next;
    session->waiting++;
    return message;
}

void broker_acked(struct session *session)
{
    struct message *message = session->first;
    session->first = message->next;
    if (!session->first)
        session->last = &session->first;
    session->waiting--;
    free(message);
}

static void keep(struct broker *broker, const char *topic, const char *payload, int64_t now)
{
    unsigned i = 0;
    while (i < broker->n_retained && strcmp(broker->retained[i].topic, topic) != 0)
        i++;
    if (i == RETAINED)
        return;
    broker->n_retained += i == broker->n_retained;
    text_copy(broker->retained[i].topic, sizeof(broker->retained[i].topic), topic);
    text_copy(broker->retained[i].payload, sizeof(broker->retained[i].payload), payload);
    broker->retained[i].since = now;
}

bool broker_subscribed(const struct session *session, const char *topic)
{
    for (unsigned i = 0; i < session->n_topics; i++)
        if (strcmp(session->topics[i], topic) == 0)
            return true;
    return false;
}

static void publish(struct sim *sim, const char *topic, const char *payload, bool retained, bool press)
{
    struct broker *broker = sim->local;
    if (!broker->up)
        return; /* the device hears no PUBACK: nobody has accepted anything */
    if (retained)
        keep(broker, topic, payload, sim->now);
    for (int i = 0; i < 2; i++)
        if (broker->session[i].known && broker_subscribed(&broker->session[i], topic))
            broker_enqueue(broker, &broker->session[i], topic, payload)->press = press;
    if (sim->proc[2].alive)
        daemon_wake(sim, 2, sim->now + (int64_t)sim_below(sim, 3));
}

void mqtt_publish(struct sim *sim, const char *topic, const char *payload, bool retained)
{
    publish(sim, topic, payload, retained, false);
}

void mqtt_press(struct sim *sim, const char *topic, const char *payload, bool retained)
{
    publish(sim, topic, payload, retained, true);
}

const char *mqtt_retained(const struct sim *sim, const char *topic, int64_t *since)
{
    const struct broker *broker = sim->local;
    for (unsigned i = 0; broker->up && i < broker->n_retained; i++)
        if (strcmp(broker->retained[i].topic, topic) == 0) {
            *since = broker->retained[i].since;
            return broker->retained[i].payload;
        }
    return NULL;
}

/* SIGTERM: what waits and what is retained is on its disk. */
void mqtt_broker_up(struct sim *sim, bool up)
{
    sim->local->up = up;
    sim->disturbed = sim->now;
    say(sim, "the local broker is %s", up ? "up" : "down");
    for (int i = 0; i < 2; i++)
        for (struct message *m = sim->local->session[i].first; m; m = m->next)
            m->sent = false;
    if (sim->proc[2].alive)
        daemon_wake(sim, 2, sim->now);
}

/* It has been killed before it saved its file: the next messages get mids that others had. What waited is gone: its own
 * loss. (What it had saved, and sent since, would come again without DUP: its own doing, and not played.) */
static void forget_mids(struct session *session)
{
    clear(session);
    session->mid = session->saved_mid;
}

void mqtt_broker_killed(struct sim *sim)
{
    for (int i = 0; i < 2; i++)
        forget_mids(&sim->local->session[i]);
    mqtt_broker_up(sim, false);
}

void mqtt_broker_saves(struct sim *sim)
{
    for (int i = 0; i < 2; i++)
        sim->local->session[i].saved_mid = sim->local->session[i].mid;
}

/* It was on the same machine: what it had not saved is gone; the devices' last words on levels come again. */
void mqtt_power_cut(struct sim *sim)
{
    for (int i = 0; i < 2; i++) {
        if (sim_chance(sim, 0.5) && sim->rates.local_killed > 0)
            forget_mids(&sim->local->session[i]);
        else if (sim_chance(sim, 0.5))
            clear(&sim->local->session[i]);
        for (struct message *m = sim->local->session[i].first; m; m = m->next)
            m->sent = false;
    }
    sim->local->up = true;
}
