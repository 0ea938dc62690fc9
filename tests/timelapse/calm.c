/* calm.c - preloaded into mosquitto: it looks at its own timers every 100 ms, which in virtual time is what a day costs
 * most. Here it looks every minute; what comes over a socket wakes it as ever. */
#include <dlfcn.h>
#include <sys/epoll.h>

#define EVERY_MS 60000

__attribute__((visibility("default"))) int epoll_wait(int fd, struct epoll_event *events, int room, int timeout)
{
    int (*real)(int, struct epoll_event *, int, int);
    *(void **)&real = dlsym(RTLD_NEXT, "epoll_wait");
    return real(fd, events, room, timeout > 0 && timeout < EVERY_MS ? EVERY_MS : timeout);
}

__attribute__((visibility("default"))) int epoll_pwait(int fd, struct epoll_event *events, int room, int timeout,
                                                       const sigset_t *mask)
{
    int (*real)(int, struct epoll_event *, int, int, const sigset_t *);
    *(void **)&real = dlsym(RTLD_NEXT, "epoll_pwait");
    return real(fd, events, room, timeout > 0 && timeout < EVERY_MS ? EVERY_MS : timeout, mask);
}
