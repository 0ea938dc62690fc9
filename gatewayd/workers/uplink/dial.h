/* dial.h - the addresses of a host name, one after the other, and what our sockets need. libmosquitto alone would stay
 * with the first address, also when nothing answers there (IPv6 without a route). */
#ifndef UPLINK_DIAL_H
#define UPLINK_DIAL_H

#include <netdb.h>
#include <stdbool.h>

#define DIAL_MAX 8

struct dial {
    char addresses[DIAL_MAX][NI_MAXHOST]; /* numeric */
    unsigned n, at;
};

/* Look the name up (this blocks); 0, or an EAI_ error. */
int dial_resolve(struct dial *dial, const char *host);
/* Go to the next address; false: that was the last. */
bool dial_next(struct dial *dial);
/* What came of a non-blocking connect: 0 or errno. */
int dial_error(int fd);
/* Little may lie in the kernel before an emergency; a dead link is to be noticed. */
void dial_tune(int fd);

#endif
