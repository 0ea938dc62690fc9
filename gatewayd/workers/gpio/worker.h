/* worker.h - the gpio worker's loop. */
#ifndef GPIO_WORKER_H
#define GPIO_WORKER_H

struct worker;

struct worker *worker_create(void); /* NULL: out of memory */
void worker_destroy(struct worker *worker);
/* Until the core has gone: 0; or out of memory: 1. */
int worker_run(struct worker *worker);

#endif
