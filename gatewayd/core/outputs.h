/* outputs.h - what the home sees and hears: lines that show what the core knows. */
#ifndef CORE_OUTPUTS_H
#define CORE_OUTPUTS_H

#include "state.h"

/* Set every output that shows something else than before. */
void outputs_refresh(struct core *core);
/* The gpio worker is new: it has to be told all of them. */
void outputs_forget(struct core *core);

#endif
