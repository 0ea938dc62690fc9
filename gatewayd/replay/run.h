/* run.h - one setting in a replay: its configuration, its detectors, the alerts they would have made. */
#ifndef REPLAY_RUN_H
#define REPLAY_RUN_H

#include "alerts.h"
#include "options.h"
#include "pipeline.h"

struct run {
    const struct replay_side *side;
    struct settings *settings; /* owned */
    struct pipeline pipeline;
    struct alerts alerts;
};

/* Load the configuration with this side's settings. False: every error has been told on stderr. */
bool run_load(struct run *run, const struct replay_options *options, const struct replay_side *side);
/* Start its detectors; alerts go to `tell`. modes_logged: as the source has it. False: told on stderr. */
bool run_start(struct run *run, const struct replay_options *options, bool modes_logged,
               void (*tell)(void *context, const struct told *told), void *context);
/* Take what the detectors say of the chunk before, then hand them this one. */
bool run_feed(struct run *run, const struct chunk *chunk, int64_t until);
/* Take what they say of the last chunk. */
bool run_answers(struct run *run);
/* How each of them sees at the end, if not well; as text or JSON lines. */
void run_tell_health(const struct run *run, const struct replay_options *options);
/* What each of them used, on stderr. Ends the processes. */
void run_tell_timing(struct run *run);
void run_end(struct run *run); /* legal for a zeroed one */

#endif
