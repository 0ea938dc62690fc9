/* routes.h - from a topic to the sensors that it speaks of: a hash table, made anew for each configuration. */
#ifndef MQTT_ROUTES_H
#define MQTT_ROUTES_H

#include "source.h"

struct route_target {
    struct source *source; /* borrowed */
    enum topic_role role;
};

struct route {
    char *topic;
    uint64_t hash;
    struct route_target *targets;
    unsigned n;
    bool wanted;  /* not subscribed yet */
    bool refused; /* the broker does not let us subscribe, and that was told */
};

struct routes;

/* For n sources, which must outlive it. NULL: out of memory. */
struct routes *routes_create(struct source *const sources[], unsigned n);
void routes_destroy(struct routes *routes); /* NULL is legal */
/* NULL: nobody wants this topic. */
struct route *routes_find(const struct routes *routes, const char *topic);
/* All of them: routes_at(routes, 0 .. routes_count - 1). */
unsigned routes_count(const struct routes *routes); /* NULL: 0 */
struct route *routes_at(const struct routes *routes, unsigned i);

#endif
