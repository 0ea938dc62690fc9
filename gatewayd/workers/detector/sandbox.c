#include "sandbox.h"

#include <errno.h>
#include <malloc.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/channel.h"

#define MIB               ((rlim_t)1 << 20)
#define DEFAULT_MIB       32u
#define BASE_MIB          4u  /* writable data of libc and ourselves */
#define CODE_MIB          64u /* address space of libraries, stacks and locale files: no memory in use */
#define FDS_WHILE_LOADING 16u

static int limit(__rlimit_resource_t resource, rlim_t value)
{
    const struct rlimit both = {value, value};
    return setrlimit(resource, &both);
}

int sandbox_limit(uint32_t memory_mib)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return -1;
    if (close_range(CHANNEL_FD + 1, ~0u, 0) != 0 && errno != ENOSYS)
        return -1;
    /* stderr may be a file when started by hand: writing to it fails then, and must not kill. */
    if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
        return -1;
    if (limit(RLIMIT_CORE, 0) != 0 || limit(RLIMIT_FSIZE, 0) != 0 || limit(RLIMIT_NOFILE, FDS_WHILE_LOADING) != 0)
        return -1;
#ifndef GATEWAYD_SANITIZE
    if (limit(RLIMIT_NPROC, 0) != 0)
        return -1;
    const rlim_t heap = memory_mib > 0 ? memory_mib : DEFAULT_MIB;
    if (limit(RLIMIT_DATA, (heap + BASE_MIB) * MIB) != 0 || limit(RLIMIT_AS, (heap + CODE_MIB) * MIB) != 0)
        return -1;
#else
    (void)memory_mib;
#endif
    return 0;
}

#ifndef GATEWAYD_SANITIZE
/* Talk over the channel, use memory that is not code, end. */
static const int allowed[] = {
    SCMP_SYS(read),           SCMP_SYS(write),
    SCMP_SYS(writev),         SCMP_SYS(recvmsg),
    SCMP_SYS(recvfrom),       SCMP_SYS(sendmsg),
    SCMP_SYS(sendto),         SCMP_SYS(poll),
    SCMP_SYS(ppoll),          SCMP_SYS(brk),
    SCMP_SYS(munmap),         SCMP_SYS(mremap),
    SCMP_SYS(madvise),        SCMP_SYS(futex),
    SCMP_SYS(getrandom),      SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction),
    SCMP_SYS(getpid),         SCMP_SYS(gettid),
    SCMP_SYS(clock_gettime),  SCMP_SYS(restart_syscall),
    SCMP_SYS(exit),           SCMP_SYS(exit_group),
    SCMP_SYS(fstat),          SCMP_SYS(newfstatat),
};

static int allow_list(scmp_filter_ctx filter)
{
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++) {
        /* A call that this architecture does not have (poll on arm64) is no loss. */
        const int result = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
        if (result != 0 && result != -EDOM)
            return result;
    }
    /* abort(): a signal, but only to ourselves. */
    int result =
        seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
    const struct scmp_arg_cmp not_code = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    if (result == 0)
        result = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, &not_code);
    if (result == 0)
        result = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, &not_code);
    return result;
}
#endif

int sandbox_close(void)
{
#ifndef GATEWAYD_SANITIZE
    /* Nothing to open any more: 0 to 3 are all there is. (poll needs a limit above the number of its fds.) */
    if (limit(RLIMIT_NOFILE, CHANNEL_FD + 1) != 0)
        return -1;
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (filter == NULL) {
        errno = ENOMEM;
        return -1;
    }
    int result = allow_list(filter);
    if (result == 0)
        result = seccomp_load(filter);
    seccomp_release(filter);
    malloc_trim(0);
    if (result != 0) {
        errno = -result;
        return -1;
    }
#endif
    return 0;
}
