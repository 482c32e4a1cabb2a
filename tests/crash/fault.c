/* Makes one call that writes to a regular file go wrong: the FAULT_AT-th of the process, from 1.
 *
 *   FAULT=ENOSPC, EIO, EDQUOT   it fails, and so does every one after it (EINTR-free, as on a full disk)
 *   FAULT=ONCE                  it alone fails, with EIO
 *   FAULT=KILL                  the process is killed in its place
 *   FAULT=TORN                  the process is killed after half of its bytes
 *
 * With FAULT_COUNT=FILE the number of such calls is written there at exit.
 * Built by faults.py: cc -shared -fPIC -o fault.so fault.c -ldl
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long calls;

/* Whether this call is to go wrong. */
static int strikes(int fd) {
    struct stat found;
    if (fd < 3 || fstat(fd, &found) != 0 || !S_ISREG(found.st_mode))
        return 0;
    const char *at = getenv("FAULT_AT"), *fault = getenv("FAULT");
    pthread_mutex_lock(&lock);
    long call = ++calls;
    pthread_mutex_unlock(&lock);
    if (at == NULL || fault == NULL)
        return 0;
    long wanted = atol(at);
    int once = !strcmp(fault, "ONCE") || !strcmp(fault, "KILL") || !strcmp(fault, "TORN");
    return once ? call == wanted : call >= wanted;
}

static int failure(void) {
    const char *fault = getenv("FAULT");
    if (!strcmp(fault, "KILL") || !strcmp(fault, "TORN"))
        kill(getpid(), SIGKILL);
    errno = !strcmp(fault, "ENOSPC") ? ENOSPC : !strcmp(fault, "EDQUOT") ? EDQUOT : EIO;
    return -1;
}

static int is_torn(void) {
    return !strcmp(getenv("FAULT"), "TORN");
}

#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *bytes, size_t count) {
    REAL(write);
    if (!strikes(fd))
        return real(fd, bytes, count);
    if (is_torn())
        real(fd, bytes, count / 2);
    return failure();
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t place) {
    REAL(pwrite64);
    if (!strikes(fd))
        return real(fd, bytes, count, place);
    if (is_torn())
        real(fd, bytes, count / 2, place);
    return failure();
}

int fsync(int fd) {
    REAL(fsync);
    return strikes(fd) ? failure() : real(fd);
}

int fdatasync(int fd) {
    REAL(fdatasync);
    return strikes(fd) ? failure() : real(fd);
}

int ftruncate64(int fd, off64_t length) {
    REAL(ftruncate64);
    return strikes(fd) ? failure() : real(fd, length);
}

__attribute__((destructor)) static void count(void) {
    const char *path = getenv("FAULT_COUNT");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (file) {
        fprintf(file, "%ld\n", calls);
        fclose(file);
    }
}
