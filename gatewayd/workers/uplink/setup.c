#include "setup.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/channel.h"
#include "base/log.h"
#include "topic.h"

static void check(const struct frame_uplink_config *config)
{
    if (!topic_home_valid(config->home))
        channel_worker_fail("home \"%.100s\" is not county/town/village/home", config->home);
    if (!config->host[0])
        channel_worker_fail("no host is set for uplink %s", config->name);
    if (config->psk[0] && (!config->psk_identity[0] || !config->tls))
        channel_worker_fail("tls.psk needs tls.psk_identity");
}

static void name_client(struct frame_uplink_config *config)
{
    if (config->client_id[0])
        return;
    snprintf(config->client_id, sizeof config->client_id, "gatewayd-%.200s", config->home);
    for (char *c = config->client_id; *c; c++)
        if (*c == '/')
            *c = '-';
}

bool setup_receive(struct frame *frame, struct frame_uplink_config *config, struct frame_clock *clock)
{
    bool configured = false, clock_known = false;
    for (;;) {
        const char *why = NULL;
        enum channel_result result = channel_receive_wait(CHANNEL_FD, frame, -1, &why);
        if (result == CHANNEL_CLOSED)
            exit(0);
        if (result == CHANNEL_BAD)
            log_error("a frame of the core is wrong: %s", why);
        if (result != CHANNEL_OK)
            continue;
        if (frame->header.type == FRAME_CONFIG_END)
            break;
        if (frame->header.type == FRAME_UPLINK_CONFIG) {
            *config = frame->uplink_config;
            configured = true;
        } else if (frame->header.type == FRAME_CLOCK) {
            *clock = frame->clock;
            clock_known = true;
        }
    }
    if (!configured)
        channel_worker_fail("no uplink is configured");
    check(config);
    name_client(config);
    return clock_known;
}
