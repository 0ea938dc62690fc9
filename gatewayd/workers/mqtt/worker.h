/* worker.h - the mqtt worker: the core's frames in, two feeds, one poll. */
#ifndef MQTT_WORKER_H
#define MQTT_WORKER_H

struct worker;

/* fd: the channel to the core. NULL: out of memory. */
struct worker *worker_create(int fd);
void worker_destroy(struct worker *worker); /* NULL is legal */
/* Until the core closes the channel: 0, or 1 after a frame that should never have come. */
int worker_run(struct worker *worker);

#endif
