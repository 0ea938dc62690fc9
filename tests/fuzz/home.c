#include "home.h"

#include <string.h>

#include "made_settings.h"

void home_make(struct home *home, unsigned variant)
{
    memset(home, 0, sizeof *home);
    struct settings *s = &home->settings;
    s->sensors = home->sensors;
    s->detectors = home->detectors;
    s->uplinks = home->uplinks;
    s->outputs = home->outputs;
    made_home(s, "/plugins");
    s->has_mqtt = true;
    made_sensor(&s->sensors[s->n_sensors++], "button", KIND_BUTTON, SOURCE_MQTT, "button");
    if (variant == 1)
        made_sensor(&s->sensors[s->n_sensors++], "door", KIND_CONTACT, SOURCE_GPIO, "1");
    else
        made_sensor(&s->sensors[s->n_sensors++], "door", KIND_CONTACT, SOURCE_MQTT, "door");
    if (variant != 2)
        made_sensor(&s->sensors[s->n_sensors++], "bed", KIND_BED, SOURCE_GPIO, "1");
    made_sensor(&s->sensors[s->n_sensors++], "warmth", KIND_TEMPERATURE, SOURCE_MQTT, "warmth");
    made_uplink(&s->uplinks[s->n_uplinks++], "platform", false);
    if (variant != 3)
        made_uplink(&s->uplinks[s->n_uplinks++], "second", true);
    if (variant != 4)
        made_detector(&s->detectors[s->n_detectors++], "call", "call");
    made_detector(&s->detectors[s->n_detectors++], "door-watch", "door");
    if (variant == 5)
        made_detector(&s->detectors[s->n_detectors++], "other", "door");
    made_light(&s->outputs[s->n_outputs++], "2");
}
