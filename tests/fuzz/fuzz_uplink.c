/* fuzz_uplink.c - what the core, and at the same time the platform's broker, say to an uplink. */
#include <stdlib.h>

#include "base/text.h"
#include "fake_channel.h"
#include "topic.h"
#include "uplink.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct frame frame;
    struct input in = {data, data + size};
    frame_sample(&frame, FRAME_UPLINK_CONFIG);
    uint8_t flags = input_byte(&in);
    input_patch(&in, &frame);
    frame.header.length = sizeof(struct frame_header) + sizeof frame.uplink_config;
    struct frame_uplink_config *config = &frame.uplink_config;
    config->recover = flags & 1;
    config->psk[0] = '\0';
    /* What --check refuses does not come here. */
    if (!frame_is_good(&frame) || !topic_home_valid(config->home) || !config->host[0])
        return -1;
    fake_begin(in, NULL, NULL);
    fake_first(&frame);
    fake_first(frame_init(&frame, FRAME_CONFIG_END));
    struct uplink *uplink = uplink_create();
    ALWAYS(uplink);
    uplink_run(uplink);
    uplink_destroy(uplink);
    fake_end();
    return 0;
}
