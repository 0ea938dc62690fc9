#include "ctl/plugin_words.h"

#include <stdio.h>

#include "base/text.h"

const char *plugin_type_name(uint32_t type)
{
    static const char *const names[] = {"?", "duration", "time", "number", "text", "choice", "flag"};
    return type < sizeof names / sizeof names[0] ? names[type] : "?";
}

char *plugin_range(const struct frame_plugin_param *param, char *out, size_t size)
{
    char low[64], high[64];
    out[0] = '\0';
    if (param->type == GW_PARAM_CHOICE) {
        snprintf(out, size, "%s", param->choices);
    } else if (param->minimum != 0.0 || param->maximum != 0.0) {
        if (param->type == GW_PARAM_DURATION)
            snprintf(out, size, "%s to %s%s",
                     text_from_duration(param->minimum < 0 ? 0 : (int64_t)param->minimum, low, sizeof low),
                     text_from_duration((int64_t)param->maximum, high, sizeof high),
                     param->minimum < 0 ? ", never" : "");
        else
            snprintf(out, size, "%s to %s", text_from_number(param->minimum, low, sizeof low),
                     text_from_number(param->maximum, high, sizeof high));
    }
    return out;
}
