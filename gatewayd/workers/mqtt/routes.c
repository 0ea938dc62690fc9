#include "routes.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "topics.h"

#define TOPICS_PER_SENSOR 3u /* state, availability, battery */

struct routes {
    struct route *route;
    unsigned n;
    uint32_t *slots; /* index + 1 into route; 0: free */
    uint32_t mask;
};

static uint32_t *slot_of(const struct routes *routes, const char *topic, uint64_t hash)
{
    uint32_t i = (uint32_t)(hash ^ (hash >> 32)) & routes->mask;
    while (routes->slots[i] != 0) {
        const struct route *route = &routes->route[routes->slots[i] - 1];
        if (route->hash == hash && strcmp(route->topic, topic) == 0)
            break;
        i = (i + 1) & routes->mask;
    }
    return &routes->slots[i];
}

static bool add(struct routes *routes, const char *topic, struct source *source, enum topic_role role)
{
    uint64_t hash = hash_text(HASH_START, topic);
    uint32_t *slot = slot_of(routes, topic, hash);
    if (*slot == 0) {
        struct route *fresh = &routes->route[routes->n];
        fresh->topic = strdup(topic);
        if (fresh->topic == NULL)
            return false;
        fresh->hash = hash;
        *slot = ++routes->n;
    }
    struct route *route = &routes->route[*slot - 1];
    struct route_target *targets = realloc(route->targets, (route->n + 1) * sizeof(*targets));
    if (targets == NULL)
        return false;
    targets[route->n].source = source;
    targets[route->n].role = role;
    route->targets = targets;
    route->n++;
    return true;
}

static bool add_source(struct routes *routes, struct source *source)
{
    char topic[TEXT_SIZE + 16];
    return add(routes, source->config.topic, source, TOPIC_STATE) &&
           (!topics_availability(&source->config, topic, sizeof(topic)) ||
            add(routes, topic, source, TOPIC_AVAILABILITY)) &&
           (!topics_battery(&source->config, topic, sizeof(topic)) || add(routes, topic, source, TOPIC_BATTERY));
}

struct routes *routes_create(struct source *const sources[], unsigned n)
{
    uint32_t size = 16;
    while (size < n * TOPICS_PER_SENSOR * 2)
        size *= 2;
    struct routes *routes = calloc(1, sizeof(*routes));
    if (routes == NULL)
        return NULL;
    routes->mask = size - 1;
    routes->slots = calloc(size, sizeof(*routes->slots));
    routes->route = calloc((size_t)n * TOPICS_PER_SENSOR + 1, sizeof(*routes->route));
    bool ok = routes->slots != NULL && routes->route != NULL;
    for (unsigned i = 0; ok && i < n; i++)
        ok = add_source(routes, sources[i]);
    if (!ok) {
        routes_destroy(routes);
        return NULL;
    }
    return routes;
}

void routes_destroy(struct routes *routes)
{
    if (routes == NULL)
        return;
    for (unsigned i = 0; i < routes->n; i++) {
        free(routes->route[i].topic);
        free(routes->route[i].targets);
    }
    free(routes->route);
    free(routes->slots);
    free(routes);
}

struct route *routes_find(const struct routes *routes, const char *topic)
{
    uint32_t slot = *slot_of(routes, topic, hash_text(HASH_START, topic));
    return slot == 0 ? NULL : &routes->route[slot - 1];
}

unsigned routes_count(const struct routes *routes)
{
    return routes == NULL ? 0 : routes->n;
}

struct route *routes_at(const struct routes *routes, unsigned i)
{
    return &routes->route[i];
}
