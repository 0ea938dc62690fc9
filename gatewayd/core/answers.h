/* answers.h - what the platform and the people at home answer to an alert: accepted, acknowledged, closed. */
#ifndef CORE_ANSWERS_H
#define CORE_ANSWERS_H

#include "state.h"

enum alert_answer {
    ANSWER_OK,
    ANSWER_UNKNOWN, /* no such alert is known */
    ANSWER_ALREADY  /* so it is, or it is over: nothing changed */
};

/* The platform's application has it. */
enum alert_answer answers_accept(struct core *core, uint64_t id, uint32_t rev);
/* A person at the platform has taken it, as it is true now: once more if it was over meanwhile. A local acknowledgement
 * is recorded and changes nothing else. */
enum alert_answer answers_acknowledge(struct core *core, uint64_t id, const char *by, const char *note, bool local);
enum alert_answer answers_close(struct core *core, uint64_t id, const char *by, const char *note);

#endif
