/* replay.h - the daemon binary's other mode: `gatewayctl replay`. */
#ifndef REPLAY_REPLAY_H
#define REPLAY_REPLAY_H

/* argv[0] is not looked at. Returns the exit status: 0 done, 1 failed, 2 wrong use, 3 the gateway does not run. */
int replay_main(int argc, char **argv);

#endif
