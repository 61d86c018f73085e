/*
 * Faults of one file, for tests: LD_PRELOAD=file-faults.so FAULTS_OF=/path/of/the/file FAULTS_FROM=/path/of/orders program
 *
 * The file of orders holds one of these, and may be replaced at any time:
 *   errno N   writes fail with this number, truncations with EIO
 *   short N   each write takes N bytes at most
 *   full N    the next write takes N bytes, those after it fail with ENOSPC; truncations work
 *   stub N    the same, and truncations fail
 *   hang      opening, writing, truncating and closing wait until the orders change
 * Without it, or with anything else in it, all is well.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static int is_faulty_path(const char *path)
{
	const char *faulty = getenv("FAULTS_OF");
	return faulty && path && strcmp(faulty, path) == 0;
}

static int is_faulty(int fd)
{
	char link[64], path[PATH_MAX];
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t length = readlink(link, path, sizeof(path) - 1);
	if (length < 0)
		return 0;
	path[length] = '\0';
	return is_faulty_path(path);
}

static void read_orders(char *kind, int *number)
{
	const char *path = getenv("FAULTS_FROM");
	char text[64] = "";
	kind[0] = '\0';
	*number = 0;
	int fd = path ? (int) syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0)
		return;
	if (syscall(SYS_read, fd, text, sizeof(text) - 1) > 0)
		sscanf(text, "%15s %d", kind, number);
	syscall(SYS_close, fd);
}

static void wait_while_hanging(void)
{
	char kind[16];
	int number;
	for (read_orders(kind, &number); strcmp(kind, "hang") == 0; read_orders(kind, &number))
		usleep(10000);
}

/* How many bytes of a write are let through; -1 with errno if it fails. */
static ssize_t let_through(int fd, size_t length)
{
	static int full_taken = 0;
	char kind[16];
	int number;
	if (!is_faulty(fd))
		return (ssize_t) length;
	wait_while_hanging();
	read_orders(kind, &number);
	int is_full = strcmp(kind, "full") == 0 || strcmp(kind, "stub") == 0;
	if (!is_full)
		full_taken = 0;
	if (strcmp(kind, "errno") == 0 || (is_full && full_taken)) {
		errno = is_full ? ENOSPC : number;
		return -1;
	}
	if (is_full)
		full_taken = 1;
	if (is_full || strcmp(kind, "short") == 0)
		return (size_t) number < length ? number : (ssize_t) length;
	return (ssize_t) length;
}

ssize_t write(int fd, const void *bytes, size_t length)
{
	ssize_t most = let_through(fd, length);
	return most < 0 ? -1 : syscall(SYS_write, fd, bytes, most);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
	static ssize_t (*next)(int, const struct iovec *, int);
	if (!next)
		next = dlsym(RTLD_NEXT, "writev");
	return is_faulty(fd) && count > 0 ? write(fd, parts[0].iov_base, parts[0].iov_len) : next(fd, parts, count);
}

static int opened(const char *path, int flags, mode_t mode)
{
	if (is_faulty_path(path))
		wait_while_hanging();
	return (int) syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int open(const char *path, int flags, ...)
{
	va_list more;
	va_start(more, flags);
	mode_t mode = va_arg(more, mode_t);
	va_end(more);
	return opened(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	va_list more;
	va_start(more, flags);
	mode_t mode = va_arg(more, mode_t);
	va_end(more);
	return opened(path, flags | O_LARGEFILE, mode);
}

int close(int fd)
{
	if (is_faulty(fd))
		wait_while_hanging();
	return (int) syscall(SYS_close, fd);
}

int ftruncate(int fd, off_t length)
{
	char kind[16];
	int number;
	if (is_faulty(fd)) {
		wait_while_hanging();
		read_orders(kind, &number);
		if (strcmp(kind, "errno") == 0 || strcmp(kind, "stub") == 0) {
			errno = EIO;
			return -1;
		}
	}
	return (int) syscall(SYS_ftruncate, fd, length);
}

int ftruncate64(int fd, off_t length) __attribute__((alias("ftruncate")));
