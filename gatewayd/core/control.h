/* control.h - gatewayctl's questions. */
#ifndef CORE_CONTROL_H
#define CORE_CONTROL_H

#include "state.h"

void control_request(struct core *core, unsigned client, const struct frame_ctl_request *request);
void control_gone(struct core *core, unsigned client);
/* Answer what was held back until the disk had it; call it when that may have changed. */
void control_settle(struct core *core);
/* What somebody who presses, pulls or sets off this sensor would make it say, marked as test. NULL: done; else why not.
 */
const char *control_test_press(struct core *core, const char *sensor);
/* False: the answer is not for a client. */
bool control_history(struct core *core, const struct frame_history *history);
void control_query_failed(struct core *core);
/* Watchers are shown what came into the log, and every revision. */
void control_watch_tail(struct core *core);
void control_watch_alert(struct core *core, const struct alert *alert);

#endif
