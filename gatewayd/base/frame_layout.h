/* frame_layout.h - what is known of each frame type's body. Private to frame.c and frame_check.c. */
#ifndef BASE_FRAME_LAYOUT_H
#define BASE_FRAME_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

enum field_rule {
    FIELD_TEXT,   /* terminated, valid UTF-8 */
    FIELD_RANGE,  /* unsigned of 2 or 4 bytes: low .. high */
    FIELD_TIME,   /* int64_t, 0 .. TIME_LIMIT */
    FIELD_SPAN,   /* int64_t, -TIME_LIMIT .. TIME_LIMIT */
    FIELD_ID,     /* uint64_t, <= ID_LIMIT */
    FIELD_FINITE, /* double */
    FIELD_SLOT,   /* uint16_t: < SENSORS_MAX, or SENSOR_HOME */
    FIELD_ALERT   /* struct alert */
};

struct field {
    const char *name;
    uint16_t offset, size; /* in the body */
    uint16_t rule;         /* enum field_rule */
    uint16_t reserved;
    uint32_t low, high; /* FIELD_RANGE */
};

struct frame_layout {
    const char *name;
    uint32_t size;     /* of the body at its largest */
    uint32_t head;     /* of the body without the list of readings it may end with; else equal to size */
    uint32_t n_offset; /* 1 + offset of the list's count; 0: no list */
    uint32_t n_fields;
    const struct field *fields;
};

/* NULL for an unknown type. */
const struct frame_layout *frame_layout(unsigned type);

#endif
