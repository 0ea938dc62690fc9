#include <stdlib.h>

#include "core/settings.h"

void settings_free(struct settings *settings)
{
    if (!settings)
        return;
    for (uint32_t i = 0; i < settings->n_detectors; i++)
        free(settings->detectors[i].settings);
    free(settings->sensors);
    free(settings->detectors);
    free(settings->uplinks);
    free(settings->outputs);
    free(settings);
}
