/* gatewayd - the care gateway of one home. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/spawn.h"
#include "daemon/load.h"
#include "daemon/lock.h"
#include "daemon/loop.h"
#include "daemon/options.h"
#include "replay/replay.h"

/* A journal that does not read must not stop the gateway; lines are lost then. Terminals and files are left alone. */
static void never_wait_for_the_log(void)
{
    struct stat status;
    if (fstat(STDERR_FILENO, &status) == 0 && (S_ISSOCK(status.st_mode) || S_ISFIFO(status.st_mode)))
        fcntl(STDERR_FILENO, F_SETFL, fcntl(STDERR_FILENO, F_GETFL) | O_NONBLOCK);
}

static struct lock *take_lock(const struct options *options)
{
    char error[512];
    struct lock *lock = lock_take(options->state_dir, error, sizeof error);
    if (!lock)
        log_error("%s", error);
    return lock;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--replay") == 0)
        return replay_main(argc - 1, argv + 1);
    struct options options;
    enum options_result parsed = options_parse(&options, argc, argv, stdout, stderr);
    if (parsed != OPTIONS_RUN)
        return parsed == OPTIONS_DONE ? EXIT_SUCCESS : EXIT_USAGE;
    if (options.check)
        return load_check(&options);

    spawn_prompt();
    loop_block_signals();
    never_wait_for_the_log();
    log_info("gatewayd " GATEWAYD_VERSION " with %s", options.config);

    int status = EXIT_CONFIG;
    struct lock *lock = take_lock(&options);
    struct loaded loaded = {0};
    struct loop *loop = NULL;
    if (lock && load_at_start(&options, &loaded) == 0)
        loop = loop_create(&options, &loaded);
    if (loop)
        status = loop_run(loop);

    loop_destroy(loop);
    lock_release(lock);
    return status;
}
