/* payload.h - the JSON of what the gateway says, as etc/asyncapi.yaml describes it. Texts are owned by the caller
 * (free); NULL: out of memory. Pure: everything comes in as an argument. */
#ifndef UPLINK_PAYLOAD_H
#define UPLINK_PAYLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/frame.h"

struct payload_home {
    const char *home; /* "county/town/village/home" */
    const char *software;
    const char *hotline, *family; /* "": none */
};

/* How a revision leaves. */
struct payload_delivery {
    bool durable;
    int64_t late_ms; /* how much later than it should have been this revision leaves the gateway */
    uint64_t again;  /* handed over so often before */
    bool compact; /* without evidence, sensors and contact: for the open list and brokers that refuse long messages */
};

/* Of the link, into the status. */
struct payload_link {
    bool tls;
    bool dates_checked;
    int64_t cert_expires; /* wall ms, 0: no certificate */
    uint64_t commands, commands_refused;
};

struct payload_answer {
    bool ok;
    const char *verb;
    uint64_t alert; /* 0: none */
    const char *text;
};

/* Owned by the caller (cJSON_Delete). */
cJSON *payload_alert_object(const struct payload_home *home, const struct alert *alert,
                            const struct payload_delivery *how);
char *payload_alert(const struct payload_home *home, const struct alert *alert, const struct payload_delivery *how);
char *payload_status(const struct payload_home *home, const struct frame_status *status,
                     const struct payload_link *link);
/* The will. */
char *payload_offline(const struct payload_home *home);
char *payload_reply(const struct payload_home *home, const struct payload_answer *answer);

#endif
