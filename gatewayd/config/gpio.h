/* gpio.h - the gpio = { } group of sensors and outputs, and which of them share a line. */
#ifndef CONFIG_GPIO_H
#define CONFIG_GPIO_H

#include "check.h"

/* Read the group with the table (gpio_table, output_gpio_table); line's other fields are left alone. */
void gpio_read(struct check *check, const struct table *table, const struct node *group, struct frame_gpio_line *line);
/* The same line of the same chip, as far as their names say? An empty one is like no other. */
bool gpio_same(const struct frame_gpio_line *a, const struct frame_gpio_line *b);

#endif
