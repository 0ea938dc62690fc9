/* outputs.c - what the home sees or hears. */
#include <stdlib.h>
#include <string.h>

#include "base/kinds.h"
#include "base/text.h"
#include "gpio.h"

/* in the order of enum output_shows */
static const char *const shows[] = {"acknowledged", "emergency", "online", NULL};

static const struct key output_keys[] = {
    {.name = "name",
     .type = KEY_NAME,
     .required = true,
     FIELD(struct output_settings, output.name),
     .doc = "for logs and people"},
    {.name = "gpio", .type = KEY_GROUP, .required = true, .doc = "the line that drives it"},
    {.name = "shows",
     .type = KEY_CHOICE,
     .required = true,
     FIELD(struct output_settings, shows),
     .choices = shows,
     .doc = "acknowledged, emergency or online"},
};
const struct table output_table = TABLE("outputs", output_keys);

static void check_line(struct check *check, const struct node *group, unsigned i)
{
    const struct settings *settings = check->settings;
    const struct frame_gpio_line *line = &settings->outputs[i].output.line;
    const char *taken = NULL;
    for (unsigned k = 0; k < settings->n_sensors && !taken; k++)
        if (settings->sensors[k].source == SOURCE_GPIO && gpio_same(line, &settings->sensors[k].gpio))
            taken = settings->sensors[k].name;
    for (unsigned k = 0; k < i && !taken; k++)
        if (gpio_same(line, &settings->outputs[k].output.line))
            taken = settings->outputs[k].output.name;
    if (taken)
        report_add(check->report, table_line(node_member(group, "gpio"), "line"),
                   "line %s of %s is taken already by \"%s\"", line->line, line->chip, taken);
}

void outputs_read(struct check *check)
{
    const struct node *list = node_member(check->root, "outputs");
    struct settings *settings = check->settings;
    unsigned n = table_list(list, OUTPUTS_MAX, check->report);
    settings->outputs = calloc(n ? n : 1, sizeof *settings->outputs);
    if (!settings->outputs) {
        check->out_of_memory = true;
        return;
    }
    settings->n_outputs = n;
    for (unsigned i = 0; i < n; i++) {
        const struct node *group = node_child(list, i), *gpio = node_member(group, "gpio");
        struct frame_output *output = &settings->outputs[i].output;
        table_read(&output_table, group, &settings->outputs[i], check->report);
        if (gpio && node_type(gpio) == NODE_GROUP)
            gpio_read(check, &output_gpio_table, gpio, &output->line);
        text_copy(output->line.sensor, sizeof output->line.sensor, output->name);
        output->line.slot = (uint16_t)i;
        output->line.kind = KIND_STATE;
        if (node_type(group) != NODE_GROUP)
            continue;
        table_unique(list, i, settings->outputs[0].output.name, sizeof *settings->outputs, check->report);
        check_line(check, group, i);
    }
}
