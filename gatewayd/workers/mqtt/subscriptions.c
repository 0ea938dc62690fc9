#include "subscriptions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/channel.h"

#define RETRY_REFUSED_MS 60000

static void forget_one(struct subscribe *subscribe)
{
    for (unsigned i = 0; i < subscribe->n; i++)
        free(subscribe->topics[i]);
    memset(subscribe, 0, sizeof(*subscribe));
}

void subscriptions_forget(struct subscriptions *s)
{
    for (unsigned i = 0; i < SUBSCRIBES_MAX; i++)
        forget_one(&s->in_flight[i]);
}

static void send_some(struct subscriptions *s, struct link *link, const char *const topics[], unsigned n)
{
    struct subscribe *subscribe = NULL;
    for (unsigned i = 0; i < SUBSCRIBES_MAX && subscribe == NULL; i++)
        if (s->in_flight[i].mid == 0)
            subscribe = &s->in_flight[i];
    int mid = subscribe == NULL ? -1 : link_subscribe(link, topics, (int)n);
    if (mid <= 0) {
        s->wanted = true;
        return;
    }
    subscribe->mid = mid;
    for (unsigned i = 0; i < n; i++) {
        subscribe->topics[subscribe->n] = strdup(topics[i]);
        subscribe->n += subscribe->topics[subscribe->n] != NULL;
    }
    s->complete = false;
}

void subscriptions_send(struct subscriptions *s, struct link *link, const struct routes *routes, bool all)
{
    const char *topics[TOPICS_PER_SUBSCRIBE];
    unsigned n = 0;
    for (unsigned i = 0; i < routes_count(routes); i++) {
        const struct route *route = routes_at(routes, i);
        if (!all && !route->wanted && !route->refused)
            continue;
        topics[n++] = route->topic;
        if (n == TOPICS_PER_SUBSCRIBE) {
            send_some(s, link, topics, n);
            n = 0;
        }
    }
    if (n > 0)
        send_some(s, link, topics, n);
}

static void tell_refused(const struct route *route, bool refused)
{
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    if (refused) {
        (void)snprintf(en, sizeof(en),
                       "The local MQTT broker does not let the gateway read \"%.80s\": allow it in the broker's access "
                       "list.",
                       route->topic);
        (void)snprintf(zh, sizeof(zh), "本地MQTT服务器不允许读取主题“%.80s”：请在访问权限中允许。", route->topic);
    } else {
        (void)snprintf(en, sizeof(en), "The gateway may read \"%.80s\" now.", route->topic);
        (void)snprintf(zh, sizeof(zh), "主题“%.80s”现在可以读取。", route->topic);
    }
    channel_trouble(route->targets[0].source->config.sensor, "topic-refused", refused, true, en, zh);
}

void subscriptions_granted(struct subscriptions *s, const struct routes *routes, int mid, const int *granted, int n,
                           int64_t now)
{
    bool all = true;
    for (unsigned i = 0; i < SUBSCRIBES_MAX; i++) {
        struct subscribe *subscribe = &s->in_flight[i];
        if (subscribe->mid != mid) {
            all = all && subscribe->mid == 0;
            continue;
        }
        for (unsigned k = 0; k < subscribe->n && k < (unsigned)n; k++) {
            struct route *route = routes_find(routes, subscribe->topics[k]);
            bool refused = granted[k] > 2;
            if (route == NULL)
                continue;
            /* Only the topic with the values costs the sensor; a missing battery topic is no trouble. */
            if (refused != route->refused && route->targets[0].role == TOPIC_STATE)
                tell_refused(route, refused);
            route->wanted = false;
            route->refused = refused;
            if (refused)
                s->retry_at = now + RETRY_REFUSED_MS;
        }
        forget_one(subscribe);
    }
    s->complete = all;
}
