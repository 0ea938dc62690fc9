/* tls.h - the TLS side of one connection: what is checked, what went wrong in words, when our certificate ends. */
#ifndef UPLINK_TLS_H
#define UPLINK_TLS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/frame.h"

struct tls;

/* Reads the files anew, so that a renewed certificate is found. check_dates false: chain and name are still checked,
 * dates are not (the clock is not to be believed). config is borrowed. NULL: files missing or wrong, why says which and
 * what to do (TEXT_SIZE bytes). */
struct tls *tls_create(const struct frame_uplink_config *config, bool check_dates, char why[TEXT_SIZE]);
void tls_destroy(struct tls *tls); /* NULL is legal; after the connection that used the context is gone */

/* The SSL_CTX. */
void *tls_context(const struct tls *tls);
/* Why the handshake failed, into out (TEXT_SIZE bytes); false: nothing is known on the TLS side. */
bool tls_trouble(const struct tls *tls, char out[TEXT_SIZE]);
bool tls_ready(const struct tls *tls); /* the handshake is done */
/* Wall ms of the earliest end in our own chain, and of the CA that the last handshake rested on; 0: neither is known.
 */
int64_t tls_expires(const struct tls *tls);

#endif
