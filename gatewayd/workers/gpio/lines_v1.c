/* lines.h by libgpiod 1.6: no debounce in the kernel, edges without numbers, the newest dropped when the buffer of 16
 * is full. */
#include <errno.h>
#include <fcntl.h>
#include <gpiod.h>
#include <stdlib.h>
#include <string.h>

#include "lines.h"

#define KERNEL_BUFFER 16 /* edges per line, fixed in the kernel */

/* The line belongs to its chip here: closing the chip would release it, so every line keeps a chip open of its own. */
struct line {
    struct gpiod_chip *chip;
    struct gpiod_line *line;
    bool output;
};

static bool is_labelled(struct gpiod_chip *chip, const char *label)
{
    return strcmp(gpiod_chip_label(chip), label) == 0;
}

static const struct lines_library library = {gpiod_chip_open, gpiod_chip_close, is_labelled};

static int flags_of(const struct frame_gpio_line *want)
{
    int flags = want->active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0;
    switch (want->bias) {
    case BIAS_DISABLED:
        return flags | GPIOD_LINE_REQUEST_FLAG_BIAS_DISABLE;
    case BIAS_PULL_UP:
        return flags | GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_UP;
    case BIAS_PULL_DOWN:
        return flags | GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_DOWN;
    default:
        return flags;
    }
}

/* 0, or -1 with errno. */
static int request(struct gpiod_line *line, const struct frame_gpio_line *want, int output_value)
{
    if (output_value >= 0)
        return gpiod_line_request_output_flags(line, "gatewayd", flags_of(want), output_value);
    if (gpiod_line_request_both_edges_events_flags(line, "gatewayd", flags_of(want)))
        return -1;
    int fd = gpiod_line_event_get_fd(line);
    return fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

/* A kernel without the old interface knows none of its requests, and says so as "invalid argument". */
static enum lines_fault fault_of(int error)
{
    return error == EINVAL || error == ENOTTY ? LINES_NO_UAPI : lines_fault_of(error);
}

struct line *lines_request(const struct frame_gpio_line *want, int output_value, enum lines_fault *fault)
{
    struct line *line = calloc(1, sizeof(*line));
    int offset = lines_offset(want->line);
    *fault = LINES_REFUSED;
    if (!line)
        return NULL;
    line->output = output_value >= 0;
    line->chip = lines_find_chip(&library, want->chip, fault);
    if (!line->chip)
        goto fail;
    errno = ENOENT;
    if (offset < 0)
        line->line = gpiod_chip_find_line(line->chip, want->line);
    else if ((unsigned)offset < gpiod_chip_num_lines(line->chip))
        line->line = gpiod_chip_get_line(line->chip, (unsigned)offset);
    if (!line->line) {
        *fault = errno == ENOENT ? LINES_NO_LINE : fault_of(errno);
        goto fail;
    }
    if (request(line->line, want, output_value) == 0)
        return line;
    *fault = fault_of(errno);
fail:
    lines_release(line);
    return NULL;
}

void lines_release(struct line *line)
{
    if (!line)
        return;
    int error = errno;
    if (line->chip)
        gpiod_chip_close(line->chip);
    free(line);
    errno = error;
}

int lines_fd(const struct line *line)
{
    return line->output ? -1 : gpiod_line_event_get_fd(line->line);
}

int lines_level(const struct line *line)
{
    return gpiod_line_get_value(line->line);
}

int lines_set(const struct line *line, int value)
{
    return gpiod_line_set_value(line->line, value);
}

int lines_read(struct line *line, struct lines_edge *edges, bool *maybe_lost)
{
    struct gpiod_line_event events[KERNEL_BUFFER];
    int n = gpiod_line_event_read_fd_multiple(gpiod_line_event_get_fd(line->line), events, KERNEL_BUFFER);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -1;
    for (int i = 0; i < n; i++) {
        edges[i].at_ns = (int64_t)events[i].ts.tv_sec * 1000000000 + events[i].ts.tv_nsec;
        edges[i].seqno = 0;
        edges[i].level = events[i].event_type == GPIOD_LINE_EVENT_RISING_EDGE;
    }
    if (n == KERNEL_BUFFER)
        *maybe_lost = true;
    return n;
}

bool lines_debounced(const struct line *line)
{
    (void)line;
    return false;
}
