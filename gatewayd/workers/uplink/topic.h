/* topic.h - names of the topics under care/v1. */
#ifndef UPLINK_TOPIC_H
#define UPLINK_TOPIC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/alert.h"

#define TOPIC_SIZE 512 /* the longest topic that we build or answer to, NUL included */

/* "county/town/village/home": four parts that may stand in a topic. */
bool topic_home_valid(const char *home);
/* "care/v1/home/<home>" and "/<leaf>" if leaf is not NULL. Returns out. */
char *topic_home(char out[TOPIC_SIZE], const char *home, const char *leaf);
/* Where an alert goes: <root>/alert/<class>/<kind>, a service request to <root>/request/<kind>. Characters of a kind
 * that a topic must not have become '-'. Returns out. */
char *topic_alert(char out[TOPIC_SIZE], const char *home, const struct alert *alert);
/* The <verb> of <root>/cmd/<verb>; NULL if the topic is none. */
const char *topic_verb(const char *topic, const char *home);
/* May the gateway answer there because a platform asked for it? Inside care/v1/, no wildcards, and nothing that could
 * be taken for a gateway's own word: below care/v1/home/ only <root>/cmd/<verb>/reply and what is under it. */
bool topic_reply_allowed(const char *topic, const char *home);

#endif
