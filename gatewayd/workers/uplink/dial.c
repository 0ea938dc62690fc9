#include "dial.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <sys/socket.h>

#define USER_TIMEOUT_MS 20000u /* the kernel gives up unacknowledged data */
#define SEND_BUFFER     16384

int dial_resolve(struct dial *dial, const char *host)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    dial->n = dial->at = 0;
    int error = getaddrinfo(host, NULL, &hints, &found);
    if (error)
        return error;
    for (const struct addrinfo *at = found; at && dial->n < DIAL_MAX; at = at->ai_next)
        if (getnameinfo(at->ai_addr, at->ai_addrlen, dial->addresses[dial->n], NI_MAXHOST, NULL, 0, NI_NUMERICHOST) ==
            0)
            dial->n++;
    freeaddrinfo(found);
    return dial->n ? 0 : EAI_NONAME;
}

bool dial_next(struct dial *dial)
{
    if (dial->at + 1 >= dial->n)
        return false;
    dial->at++;
    return true;
}

int dial_error(int fd)
{
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        return errno;
    return error;
}

void dial_tune(int fd)
{
    int buffer = SEND_BUFFER;
    unsigned timeout = USER_TIMEOUT_MS;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof timeout);
}
