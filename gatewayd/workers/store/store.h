/* store.h - the store worker: alerts.db, history.db and the mirror behind one channel. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

/* Serve the channel until the core closes it; then everything is on the disk. The process's exit status. */
int store_run(int channel);

#endif
