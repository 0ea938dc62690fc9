/* log.h - lines for the journal on stderr, "<N>text" with syslog levels as systemd reads them. A worker's stderr is a
 * pipe to the daemon, which puts the worker's name before each line. Onset and recovery are logged, not every
 * repetition. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level {
    LOG_LEVEL_ERROR = 3,
    LOG_LEVEL_WARNING = 4,
    LOG_LEVEL_NOTICE = 5,
    LOG_LEVEL_INFO = 6,
    LOG_LEVEL_DEBUG = 7
};

/* One line; newlines and control characters in it become spaces; cut at 1 KiB. Never blocks on a full pipe (O_NONBLOCK
 * is set on a worker's stderr by the daemon): a line that does not fit is lost. */
__attribute__((format(printf, 2, 3))) void log_line(enum log_level level, const char *format, ...);

#define log_error(...)   log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...)  log_line(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...)    log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)   log_line(LOG_LEVEL_DEBUG, __VA_ARGS__) /* only with GATEWAYD_DEBUG=1 in the environment */

#endif
