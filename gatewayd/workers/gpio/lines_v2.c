/* lines.h by libgpiod 2.x: kernel debounce, edges numbered per line, the oldest dropped when the buffer is full. */
#include <errno.h>
#include <fcntl.h>
#include <gpiod.h>
#include <stdlib.h>
#include <string.h>

#include "lines.h"

#define KERNEL_BUFFER 1024 /* edges per line; the most the kernel gives to a request of one line */
#define DEBOUNCE_MAX  (UINT32_MAX / 1000)

struct line {
    struct gpiod_line_request *request;
    struct gpiod_edge_event_buffer *buffer; /* inputs only */
    unsigned offset;
    bool debounced;
};

static bool is_labelled(struct gpiod_chip *chip, const char *label)
{
    struct gpiod_chip_info *info = gpiod_chip_get_info(chip);
    bool is = info && strcmp(gpiod_chip_info_get_label(info), label) == 0;
    gpiod_chip_info_free(info);
    return is;
}

static const struct lines_library library = {gpiod_chip_open, gpiod_chip_close, is_labelled};

/* The setters refuse only what is out of range, which these are not. */
static void set_settings(struct gpiod_line_settings *settings, const struct frame_gpio_line *want, int output_value)
{
    static const enum gpiod_line_bias bias[] = {[BIAS_AS_IS] = GPIOD_LINE_BIAS_AS_IS,
                                                [BIAS_DISABLED] = GPIOD_LINE_BIAS_DISABLED,
                                                [BIAS_PULL_UP] = GPIOD_LINE_BIAS_PULL_UP,
                                                [BIAS_PULL_DOWN] = GPIOD_LINE_BIAS_PULL_DOWN};
    if (want->bias < sizeof(bias) / sizeof(bias[0]))
        gpiod_line_settings_set_bias(settings, bias[want->bias]);
    gpiod_line_settings_set_active_low(settings, want->active_low != 0);
    if (output_value >= 0) {
        gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_OUTPUT);
        gpiod_line_settings_set_output_value(settings,
                                             output_value ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE);
        return;
    }
    gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_INPUT);
    gpiod_line_settings_set_edge_detection(settings, GPIOD_LINE_EDGE_BOTH);
    gpiod_line_settings_set_event_clock(settings, GPIOD_LINE_CLOCK_MONOTONIC);
    if (want->debounce_ms && want->debounce_ms <= DEBOUNCE_MAX)
        gpiod_line_settings_set_debounce_period_us(settings, want->debounce_ms * 1000UL);
}

static struct gpiod_line_request *request(struct gpiod_chip *chip, unsigned offset, const struct frame_gpio_line *want,
                                          int output_value)
{
    struct gpiod_line_settings *settings = gpiod_line_settings_new();
    struct gpiod_line_config *lines = gpiod_line_config_new();
    struct gpiod_request_config *config = gpiod_request_config_new();
    struct gpiod_line_request *made = NULL;
    if (settings && lines && config) {
        set_settings(settings, want, output_value);
        gpiod_request_config_set_consumer(config, "gatewayd");
        gpiod_request_config_set_event_buffer_size(config, KERNEL_BUFFER);
        if (gpiod_line_config_add_line_settings(lines, &offset, 1, settings) == 0)
            made = gpiod_chip_request_lines(chip, config, lines);
    }
    int error = errno;
    gpiod_request_config_free(config);
    gpiod_line_config_free(lines);
    gpiod_line_settings_free(settings);
    errno = error;
    return made;
}

static struct line *line_of(struct gpiod_chip *chip, const struct frame_gpio_line *want, int output_value,
                            enum lines_fault *fault)
{
    int offset = lines_offset(want->line);
    if (offset < 0)
        offset = gpiod_chip_get_line_offset_from_name(chip, want->line);
    struct gpiod_line_info *info = offset < 0 ? NULL : gpiod_chip_get_line_info(chip, (unsigned)offset);
    if (!info) {
        *fault = errno == ENODEV ? LINES_NO_CHIP : LINES_NO_LINE;
        return NULL;
    }
    gpiod_line_info_free(info);
    struct line *line = calloc(1, sizeof(*line));
    if (line) {
        line->offset = (unsigned)offset;
        line->debounced = want->debounce_ms > 0 && want->debounce_ms <= DEBOUNCE_MAX;
        line->buffer = output_value < 0 ? gpiod_edge_event_buffer_new(LINES_EDGES_PER_READ) : NULL;
        if (line->buffer || output_value >= 0)
            line->request = request(chip, line->offset, want, output_value);
    }
    if (line && line->request) {
        int fd = gpiod_line_request_get_fd(line->request);
        if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0)
            return line;
    }
    *fault = lines_fault_of(errno);
    lines_release(line);
    return NULL;
}

struct line *lines_request(const struct frame_gpio_line *want, int output_value, enum lines_fault *fault)
{
    struct gpiod_chip *chip = lines_find_chip(&library, want->chip, fault);
    if (!chip)
        return NULL;
    struct line *line = line_of(chip, want, output_value, fault);
    int error = errno;
    gpiod_chip_close(chip); /* the request lives on without it */
    errno = error;
    return line;
}

void lines_release(struct line *line)
{
    if (!line)
        return;
    int error = errno;
    if (line->request)
        gpiod_line_request_release(line->request);
    gpiod_edge_event_buffer_free(line->buffer);
    free(line);
    errno = error;
}

int lines_fd(const struct line *line)
{
    return gpiod_line_request_get_fd(line->request);
}

int lines_level(const struct line *line)
{
    enum gpiod_line_value value = gpiod_line_request_get_value(line->request, line->offset);
    return value == GPIOD_LINE_VALUE_ERROR ? -1 : value == GPIOD_LINE_VALUE_ACTIVE;
}

int lines_set(const struct line *line, int value)
{
    return gpiod_line_request_set_value(line->request, line->offset,
                                        value ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE);
}

int lines_read(struct line *line, struct lines_edge *edges, bool *maybe_lost)
{
    (void)maybe_lost; /* here the sequence numbers tell exactly */
    int n = gpiod_line_request_read_edge_events(line->request, line->buffer, LINES_EDGES_PER_READ);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -1;
    for (int i = 0; i < n; i++) {
        struct gpiod_edge_event *event = gpiod_edge_event_buffer_get_event(line->buffer, (unsigned long)i);
        edges[i].at_ns = (int64_t)gpiod_edge_event_get_timestamp_ns(event);
        edges[i].seqno = (uint32_t)gpiod_edge_event_get_line_seqno(event);
        edges[i].level = gpiod_edge_event_get_event_type(event) == GPIOD_EDGE_EVENT_RISING_EDGE;
    }
    return n;
}

bool lines_debounced(const struct line *line)
{
    return line->debounced;
}
