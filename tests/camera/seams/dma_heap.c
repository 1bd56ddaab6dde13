/* Not real: the memory. Pictures of a Pi live in /dev/dma_heap, which needs a kernel that has it.
 *
 * Loaded with LD_PRELOAD, this lets picamera2's own allocator run where the device is missing: its
 * open gives /dev/null, and the four requests that are then made of it, which /dev/null refuses
 * with ENOTTY, are answered with ordinary shared memory. A machine that has the device never gets
 * here. libcamera's own allocator asks for /dev/udmabuf, which is answered alike.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <linux/udmabuf.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

typedef int (*open_function)(const char *, int, ...);
typedef int (*ioctl_function)(int, unsigned long, ...);

static int is_heap(const char *path)
{
    return !strcmp(path, "/dev/dma_heap/linux,cma") || !strcmp(path, "/dev/udmabuf");
}

static int opened(const char *real_name, const char *path, int flags, mode_t mode)
{
    open_function real = (open_function)dlsym(RTLD_NEXT, real_name);
    int fd = real(path, flags, mode);
    if (fd < 0 && errno == ENOENT && is_heap(path))
        fd = real("/dev/null", O_RDWR | O_CLOEXEC);
    return fd;
}

#define OPEN(name)                                       \
    int name(const char *path, int flags, ...)           \
    {                                                    \
        va_list rest;                                    \
        va_start(rest, flags);                           \
        mode_t mode = va_arg(rest, mode_t);              \
        va_end(rest);                                    \
        return opened(#name, path, flags, mode);         \
    }

OPEN(open)
OPEN(open64)

static int memory(size_t bytes)
{
    int fd = memfd_create("picture", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd >= 0 && ftruncate(fd, (off_t)bytes) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

int ioctl(int fd, unsigned long request, ...)
{
    ioctl_function real = (ioctl_function)dlsym(RTLD_NEXT, "ioctl");
    va_list rest;
    va_start(rest, request);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    int answer = real(fd, request, argument);
    if (answer >= 0 || errno != ENOTTY)
        return answer;
    switch (request) {
    case DMA_HEAP_IOCTL_ALLOC: {
        struct dma_heap_allocation_data *wanted = argument;
        int made = memory(wanted->len);
        if (made < 0)
            return -1;
        wanted->fd = (unsigned int)made;
        return 0;
    }
    case UDMABUF_CREATE:
        return dup((int)((struct udmabuf_create *)argument)->memfd);
    case DMA_BUF_IOCTL_SYNC:
    case DMA_BUF_SET_NAME_A:
    case DMA_BUF_SET_NAME_B:
        return 0;
    default:
        errno = ENOTTY;
        return -1;
    }
}
