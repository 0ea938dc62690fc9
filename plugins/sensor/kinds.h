/* kinds.h - what is plausible for each kind of sensor, as data. */
#ifndef PLUGINS_KINDS_H
#define PLUGINS_KINDS_H

#include "gatewayd/plugin.h"

enum sensor_is { SENSOR_OTHER, SENSOR_BED, SENSOR_CONTACT, SENSOR_MAINS, SENSOR_SHAKES };

struct sensor_kind {
    const char *name;
    enum sensor_is is;
    int people;             /* says changes when people move: an empty home makes it silent */
    int moves;              /* ... and says where somebody is */
    int urgent;             /* calls for help or warns: must give a sign of life each day */
    int figure;             /* any number, else 0 or 1 */
    gw_time never_heard;    /* not a word for so long after the start: set up wrongly, or dead; 0: nobody can say */
    gw_time seldom;         /* of what speaks when people move: the least silence, while they do, to be told */
    gw_time longest_on;     /* a level of 1 for longer is stuck; 0: it may last */
    double lowest, highest; /* of a figure */
};

/* What is known of the kind of that name; never NULL: of a kind that the table does not know as of a state. */
const struct sensor_kind *sensor_kind(const char *name);

#endif
