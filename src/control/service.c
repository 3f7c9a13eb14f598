#include "control/service.h"

#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/alloc.h"
#include "control/journal.h"
#include "control/keys.h"

static const int ending_signals[] = {SIGTERM, SIGINT, SIGHUP};

#define READY_MS      10000 /* at most, for key pairs */
#define SIGNALS_COUNT (sizeof(ending_signals) / sizeof(ending_signals[0]))

struct service {
    struct router *router;
    uv_signal_t signals[SIGNALS_COUNT];
    uv_timer_t late;
    unsigned handles_open;
    bool begun, told;
};

static void
on_signal(uv_signal_t *handle, int number)
{
    struct service *service = handle->data;

    (void)number;
    restart_note(service->router, "shutdown", "shutdown");
    router_end(service->router, 0);
}

enum err
service_start(struct router *r)
{
    struct service *service = alloc_zero(1, sizeof(*service));
    enum err err = OK;

    service->router = r;
    r->service = service;
    for (size_t i = 0; i < SIGNALS_COUNT; i++) {
        uv_signal_t *handle = &service->signals[i];

        uv_signal_init(&r->loop, handle);
        handle->data = service;
        service->handles_open++;
        if (uv_signal_start(handle, on_signal, ending_signals[i]) != 0)
            err = ERR_SYSTEM;
    }
    uv_timer_init(&r->loop, &service->late);
    service->late.data = service;
    service->handles_open++;
    return err;
}

static void
on_closed(uv_handle_t *handle)
{
    struct service *service = handle->data;

    if (--service->handles_open == 0)
        free(service);
}

void
service_stop(struct router *r)
{
    struct service *service = r->service;

    if (service == NULL)
        return;
    r->service = NULL;
    for (size_t i = 0; i < SIGNALS_COUNT; i++)
        uv_close((uv_handle_t *)&service->signals[i], on_closed);
    uv_close((uv_handle_t *)&service->late, on_closed);
}

/* --- what a supervisor is told ------------------------------------------ */

static void
tell_ready(struct service *service)
{
    uv_timer_stop(&service->late);
    if (!service->told)
        service_notify("READY=1");
    service->told = true;
}

static void
on_late(uv_timer_t *timer)
{
    tell_ready(timer->data);
}

void
service_begin(struct router *r)
{
    struct service *service = r->service;

    service->begun = true;
    if (keys_are_loaded(r))
        tell_ready(service);
    else
        uv_timer_start(&service->late, on_late, READY_MS, 0);
}

void
service_loaded(struct router *r)
{
    if (r->service != NULL && r->service->begun)
        tell_ready(r->service);
}

void
service_notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    size_t len = path == NULL ? 0 : strlen(path);
    socklen_t to_len;
    int fd;

    if (len == 0 || len >= sizeof(to.sun_path))
        return;
    memcpy(to.sun_path, path, len);
    to_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    /* "@name" stands for a name that is in no directory. */
    if (to.sun_path[0] == '@')
        to.sun_path[0] = '\0';
    else
        to_len++;
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    /* Nobody there: the router serves all the same. */
    if (sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT,
               (struct sockaddr *)&to, to_len) < 0)
        log_line(LOG_DEBUGGING, "The supervisor cannot be told: %s", state);
    close(fd);
}

void
service_raise_limits(void)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return;
    files.rlim_cur = files.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &files) != 0)
        log_line(LOG_WARNING, "The limit of descriptors cannot be raised");
}
