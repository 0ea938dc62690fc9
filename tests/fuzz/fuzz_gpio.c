/* fuzz_gpio.c - what the core says to the GPIO worker, while lines of a fake chip move. A step of the worker's waiting
 * is a byte: which line, which level, and whether it breaks. */
#include <stdio.h>

#include "fake_channel.h"
#include "fake_lines.h"
#include "worker.h"

static void adjust(struct frame *frame)
{
    if (frame->header.type == FRAME_GPIO_CONFIG)
        (void)snprintf(frame->gpio_config.ring_dir, TEXT_SIZE, "%s", fake_folder());
}

static void idle(struct input *in)
{
    uint8_t what = input_byte(in);
    struct fake_line *line = fake_line(what % FAKE_LINES);
    if (what & 4 && line->n_edges < FAKE_EDGES)
        fake_edge(what % FAKE_LINES, fake.now, what >> 3 & 1);
    line->broken = (what & 0xf0) == 0xf0;
    line->fault = (what & 0xf0) == 0xe0 ? LINES_BUSY : LINES_OK;
    line->maybe_lost |= (what & 0xf0) == 0xd0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct frame frame;
    struct input in = {data, data + size};
    fake_reset();
    for (unsigned i = 0; i < FAKE_LINES; i++)
        fake_line(i)->counts = i & 1;
    fake_begin(in, adjust, idle);
    adjust(frame_init(&frame, FRAME_GPIO_CONFIG));
    fake_first(frame_init(&fake.room, FRAME_CONFIG_BEGIN));
    fake_first(&frame);
    struct worker *worker = worker_create();
    ALWAYS(worker);
    if (setjmp(fake.end) == 0)
        (void)worker_run(worker);
    worker_destroy(worker);
    for (unsigned i = 0; i < FAKE_LINES; i++)
        ALWAYS(!fake_line(i)->held);
    fake_end();
    fake_folder_clear();
    return 0;
}
