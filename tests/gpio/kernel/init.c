/* First process of the GPIO test kernel: mounts what a small machine has, runs the one command in $GUEST_DIR/command
 * (its arguments, each ended by a NUL; before them the working directory), writes its wait status as text to
 * $GUEST_DIR/status and switches the machine off. The host's files are the root file system, read-only; /tmp, /run,
 * /var/lib and /var/log are empty memory; $GUEST_DIR/writable names folders of the host, one a line, that may be
 * written. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define ARGUMENTS_MAX 256

static char command[65536];

static void mount_or_say(const char *what, const char *where, const char *type, const char *options)
{
    if (mount(what, where, type, 0, options))
        fprintf(stderr, "guest: mount %s on %s: %s\n", type, where, strerror(errno));
}

static void mount_system(void)
{
    static const char *const memory[] = {"/tmp", "/run", "/var/lib", "/var/log"};
    mount_or_say("proc", "/proc", "proc", NULL);
    mount_or_say("sysfs", "/sys", "sysfs", NULL);
    mount_or_say("dev", "/dev", "devtmpfs", NULL);
    mkdir("/dev/pts", 0755);
    mkdir("/dev/shm", 01777);
    mount_or_say("devpts", "/dev/pts", "devpts", NULL);
    mount_or_say("shm", "/dev/shm", "tmpfs", NULL);
    mount_or_say("configfs", "/sys/kernel/config", "configfs", NULL);
    for (size_t i = 0; i < sizeof(memory) / sizeof(memory[0]); i++)
        mount_or_say("memory", memory[i], "tmpfs", "mode=1777");
    if (symlink("/proc/self/fd", "/dev/fd"))
        perror("guest: /dev/fd");
}

static void make_folders(const char *path)
{
    char part[4096];
    for (size_t i = 1; path[i - 1] && i < sizeof(part); i++) {
        if (path[i] != '/' && path[i])
            continue;
        memcpy(part, path, i);
        part[i] = 0;
        mkdir(part, 0755);
    }
}

static void mount_host(const char *folder)
{
    char option[4096];
    make_folders(folder);
    /* Kernels from 6.17 on take hostfs=, older ones the bare path; each refuses or ignores the other's form. */
    snprintf(option, sizeof(option), "hostfs=%s", folder);
    if (mount("none", folder, "hostfs", 0, folder))
        mount_or_say("none", folder, "hostfs", option);
}

static void mount_writable(const char *folder)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/writable", folder);
    FILE *list = fopen(path, "r");
    while (list && fgets(path, sizeof(path), list)) {
        path[strcspn(path, "\n")] = 0;
        mount_host(path);
    }
    if (list)
        fclose(list);
}

/* Nothing of the kernel's between the command's output, not even "Power down". */
static void kernel_quiet(void)
{
    FILE *file = fopen("/proc/sys/kernel/printk", "w");
    if (file) {
        fputs("0\n", file);
        fclose(file);
    }
}

static void loopback_up(void)
{
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request))
        perror("guest: lo");
    close(fd);
}

static void plain_terminal(void)
{
    struct termios terminal;
    if (tcgetattr(1, &terminal) == 0) {
        terminal.c_oflag &= (tcflag_t)~OPOST;
        tcsetattr(1, TCSANOW, &terminal);
    }
}

static int run_command(const char *folder)
{
    char path[4096], *arguments[ARGUMENTS_MAX + 1];
    int n = 0, status = -1;
    snprintf(path, sizeof(path), "%s/command", folder);
    FILE *file = fopen(path, "r");
    size_t size = file ? fread(command, 1, sizeof(command) - 1, file) : 0;
    for (size_t at = 0; at < size && n < ARGUMENTS_MAX; at += strlen(command + at) + 1)
        arguments[n++] = command + at;
    arguments[n] = NULL;
    if (n < 2)
        return 127 << 8;
    pid_t child = fork();
    if (child == 0) {
        if (chdir(arguments[0]))
            perror("guest: chdir");
        execvp(arguments[1], arguments + 1);
        fprintf(stderr, "guest: %s: %s\n", arguments[1], strerror(errno));
        _exit(127);
    }
    for (pid_t pid; (pid = wait(&status)) != child;)
        if (pid < 0)
            return 127 << 8;
    return status;
}

int main(void)
{
    const char *folder = getenv("GUEST_DIR");
    char path[4096];
    mount_system();
    mount_host(folder);
    mount_writable(folder);
    kernel_quiet();
    loopback_up();
    if (sethostname("guest", 5))
        perror("guest: hostname");
    plain_terminal();
    setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
    setenv("HOME", "/root", 1);
    setenv("LANG", "C.UTF-8", 1);
    unsetenv("TERM");
    int status = run_command(folder);
    snprintf(path, sizeof(path), "%s/status", folder);
    FILE *file = fopen(path, "w");
    if (file) {
        fprintf(file, "%d\n", status);
        fclose(file);
    }
    sync();
    return reboot(RB_POWER_OFF);
}
