#include "frame.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "frame_layout.h"

struct frame *frame_init(struct frame *frame, enum frame_type type)
{
    const struct frame_layout *layout = frame_layout((unsigned)type);
    assert(layout != NULL);
    memset(frame, 0, sizeof(struct frame_header) + layout->head);
    frame->header.type = (uint16_t)type;
    frame->header.version = FRAME_VERSION;
    frame->header.length = (uint32_t)(sizeof(struct frame_header) + layout->head);
    return frame;
}

void frame_set_n(struct frame *frame, uint32_t n)
{
    assert(n <= READINGS_PER_FRAME);
    const struct frame_layout *layout = frame_layout(frame->header.type);
    assert(layout != NULL && layout->n_offset != 0);
    memcpy((char *)frame + sizeof(struct frame_header) + layout->n_offset - 1, &n, sizeof(n));
    frame->header.length = (uint32_t)(sizeof(struct frame_header) + layout->head + n * sizeof(struct reading));
}

const char *frame_type_name(unsigned type)
{
    const struct frame_layout *layout = frame_layout(type);
    return layout != NULL ? layout->name : "?";
}
