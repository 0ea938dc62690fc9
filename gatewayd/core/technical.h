/* technical.h - the gateway's own alerts: a worker is down, the disk does not answer, a sensor is lost ... */
#ifndef CORE_TECHNICAL_H
#define CORE_TECHNICAL_H

#include "state.h"

/* Raise or clear a level condition of the gateway itself. kind is the topic's last part, key tells several apart. */
void technical_raise(struct core *core, const char *kind, const char *key, const char *text_en, const char *text_zh);
void technical_clear(struct core *core, const char *kind, const char *key);

/* A worker went down or works again; the text says what is not watched meanwhile. */
void technical_worker(struct core *core, unsigned worker, bool down);
/* A worker's TROUBLE frame: onset and recovery, also "over" when the worker itself ends. */
void technical_trouble(struct core *core, unsigned worker, const struct frame_trouble *trouble);
void technical_forget_worker(struct core *core, unsigned worker);
/* The store says that it began a new file. */
void technical_store_files(struct core *core, const struct frame_store_state *state);
/* A platform has not been reached for long, or is reached again. */
void technical_link(struct core *core, const struct uplink *uplink, bool down);
/* Certificate of an uplink near its end. */
/* A detector that does not see what it is there for. */
void technical_blind(struct core *core, const struct detector *d);
void technical_certificate(struct core *core, const struct uplink *uplink);

#endif
