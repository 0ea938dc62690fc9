/* fuzz_store.c - what the core says to the store: a whole store, on files in memory, begun anew for each input. Every
 * second run begins on the files that the first has left: what was written must be read back as good frames. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "fake_channel.h"
#include "store.h"

static void adjust(struct frame *frame)
{
    if (frame->header.type != FRAME_STORE_CONFIG)
        return;
    (void)snprintf(frame->store_config.directory, TEXT_SIZE, "%s", fake_folder());
    (void)snprintf(frame->store_config.mirror, TEXT_SIZE, "%s/mirror", fake_folder());
}

static void configure(struct frame *frame, bool whole)
{
    frame_init(frame, FRAME_STORE_CONFIG);
    adjust(frame);
    frame->store_config.history_days = 60;
    frame->store_config.history_mib = 8;
    frame->store_config.batch_ms = 100;
    text_copy(frame->store_config.boot_id, sizeof frame->store_config.boot_id, "11111111-2222-3333-4444-555555555555");
    fake_first(frame);
    if (!whole)
        return;
    frame_sample(frame, FRAME_SENSOR);
    for (uint16_t slot = 0; slot < 2; slot++) {
        frame->sensor.slot = slot;
        (void)snprintf(frame->sensor.name, NAME_SIZE, "sensor%u", slot);
        fake_first(frame);
    }
    fake_first(frame_init(frame, FRAME_CONFIG_END));
}

static void run(struct input in, bool configured)
{
    static struct frame frame;
    fake_begin(in, adjust, NULL);
    configure(&frame, configured);
    if (setjmp(fake.end) == 0)
        ALWAYS(store_run(CHANNEL_FD) == 0);
    fake_end();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, data + size};
    bool configured = !(input_byte(&in) & 1);
    run(in, configured);
    run((struct input){in.end, in.end}, true);
    ALWAYS(fake.sent[FRAME_STORE_STATE] == 1 && fake.sent[FRAME_READY] == 1);
    fake_folder_clear();
    return 0;
}
