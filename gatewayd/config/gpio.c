#include "gpio.h"

#include <stdlib.h>
#include <string.h>

/* in the order of enum gpio_bias */
static const char *const biases[] = {"as-is", "disabled", "pull-up", "pull-down", NULL};

/* clang-format off */
#define CHIP_KEY                                                                                                       \
    {.name = "chip", .type = KEY_TEXT, .required = true, FIELD(struct frame_gpio_line, chip),                          \
     .doc = "name, label or path of the chip, as gpiodetect shows it"}
#define LINE_KEY                                                                                                       \
    {.name = "line", .type = KEY_WORD, .required = true, FIELD(struct frame_gpio_line, line),                          \
     .doc = "name or number of the line, as gpioinfo shows it"}
#define LOW_KEY                                                                                                        \
    {.name = "active_low", .type = KEY_FLAG, FIELD(struct frame_gpio_line, active_low), .fallback = "false",           \
     .doc = "0 V means active"}
/* clang-format on */

static const struct key gpio_keys[] = {
    CHIP_KEY,
    LINE_KEY,
    {.name = "bias",
     .type = KEY_CHOICE,
     FIELD(struct frame_gpio_line, bias),
     .choices = biases,
     .fallback = "as-is",
     .doc = "resistor in the chip"},
    LOW_KEY,
    /* reed contacts and pads bounce for 1 to 15 ms; the shortest press of a finger lasts 50 ms */
    {.name = "debounce",
     .type = KEY_DURATION,
     FIELD(struct frame_gpio_line, debounce_ms),
     .minimum = 0,
     .maximum = 10000,
     .unit = 1,
     .fallback = "20 ms",
     .doc = "shorter changes are not believed"},
};
const struct table gpio_table = TABLE("gpio", gpio_keys);

static const struct key output_gpio_keys[] = {CHIP_KEY, LINE_KEY, LOW_KEY};
const struct table output_gpio_table = TABLE("outputs.gpio", output_gpio_keys);

void gpio_read(struct check *check, const struct table *table, const struct node *group, struct frame_gpio_line *line)
{
    table_read(table, group, line, check->report);
    const struct node *node = node_member(group, "line");
    if (!node || node_type(node) == NODE_TEXT)
        return;
    if (node_type(node) != NODE_NUMBER || line->line[0] == '-') {
        table_wrong(node, check->report, "expected the line's name in quotes, or its number from 0 without quotes");
        line->line[0] = '\0';
    }
}

/* "/dev/gpiochip0" is gpiochip0. */
static const char *chip_name(const char *chip)
{
    return strncmp(chip, "/dev/", 5) == 0 ? chip + 5 : chip;
}

static bool is_offset(const char *line)
{
    return *line && strspn(line, "0123456789") == strlen(line);
}

bool gpio_same(const struct frame_gpio_line *a, const struct frame_gpio_line *b)
{
    if (!*a->chip || !*a->line || strcmp(chip_name(a->chip), chip_name(b->chip)) != 0)
        return false;
    if (is_offset(a->line) && is_offset(b->line))
        return strtoul(a->line, NULL, 10) == strtoul(b->line, NULL, 10);
    return strcmp(a->line, b->line) == 0;
}
