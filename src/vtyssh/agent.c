#include "vtyssh/agent.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/reader.h"
#include "base/text.h"
#include "crypto/hostkey.h"
#include "os/file.h"
#include "vtyssh/signals.h"

/* draft-ietf-sshm-ssh-agent, sections 6.1 and 6.2. */
#define AGENT_FAILURE            5
#define AGENT_REQUEST_IDENTITIES 11
#define AGENT_IDENTITIES_ANSWER  12
#define AGENT_SIGN_REQUEST       13
#define AGENT_SIGN_RESPONSE      14
#define AGENT_RSA_SHA2_256       2
#define AGENT_RSA_SHA2_512       4

#define LIST_MS     10000 /* for the list of keys */
#define KEYS_MAX    1024
#define REQUEST_MAX 16384

void
agent_open(struct agent *a, const char *path, int signals_fd)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    *a = (struct agent){.fd = -1, .signals_fd = signals_fd};
    if (path == NULL || *path == '\0' ||
        !text_copy(address.sun_path, sizeof(address.sun_path), path))
        return;
    a->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (a->fd >= 0 &&
        connect(a->fd, (const void *)&address, sizeof(address)) != 0)
        agent_close(a);
}

void
agent_close(struct agent *a)
{
    if (a->fd >= 0)
        close(a->fd);
    a->fd = -1;
}

/* Something to read; false: too late, or the user wants to end. */
static bool
wait_readable(const struct agent *a, int timeout_ms)
{
    struct pollfd fds[2] = {{.fd = a->fd, .events = POLLIN},
                            {.fd = a->signals_fd, .events = POLLIN}};

    for (;;) {
        int ready = poll(fds, 2, timeout_ms);

        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return false;
        if (fds[1].revents == 0)
            return true;
        switch (signals_next(a->signals_fd)) {
        case SIGNAL_END:
            return false;
        case SIGNAL_SUSPEND:
            signals_stop_self();
            break;
        default:
            break;
        }
    }
}

static bool
read_exactly(const struct agent *a, uint8_t *to, size_t len, int timeout_ms)
{
    while (len > 0) {
        ssize_t got;

        if (!wait_readable(a, timeout_ms))
            return false;
        got = read(a->fd, to, len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        to += got;
        len -= (size_t)got;
    }
    return true;
}

/* One answer, without its length. */
static enum err
read_answer(const struct agent *a, struct buf *answer, int timeout_ms)
{
    uint8_t head[4];
    struct reader r = reader_over(span_of(head, sizeof(head)));
    uint8_t *place;
    uint32_t len;

    if (!read_exactly(a, head, sizeof(head), timeout_ms))
        return ERR_NOT_FOUND;
    len = read_u32(&r);
    if (len == 0 || len > AGENT_ANSWER_MAX)
        return ERR_FORMAT;
    place = buf_reserve(answer, len);
    if (place == NULL || !read_exactly(a, place, len, timeout_ms))
        return ERR_NOT_FOUND;
    buf_commit(answer, len);
    return OK;
}

/* `body` goes out behind its length; the answer comes. */
static enum err
ask(struct agent *a, struct span body, struct buf *answer, int timeout_ms)
{
    struct buf request;
    enum err err = ERR_NOT_FOUND;

    if (a->fd < 0)
        return ERR_NOT_FOUND;
    buf_init(&request, REQUEST_MAX + 4);
    buf_put_string(&request, body);
    if (buf_ok(&request) && file_write_all(a->fd, buf_span(&request)) == OK)
        err = read_answer(a, answer, timeout_ms);
    buf_clear(&request);
    /* Whatever comes later would be taken for another answer. */
    if (err != OK)
        agent_close(a);
    return err;
}

enum err
agent_keys(struct agent *a, struct buf *answer, uint32_t *count)
{
    const uint8_t request = AGENT_REQUEST_IDENTITIES;
    enum err err = ask(a, span_of(&request, 1), answer, LIST_MS);
    struct reader r;

    if (err != OK)
        return err;
    r = reader_over(buf_span(answer));
    if (read_u8(&r) != AGENT_IDENTITIES_ANSWER)
        return ERR_FORMAT;
    *count = read_u32(&r);
    if (!read_ok(&r) || *count > KEYS_MAX)
        return ERR_FORMAT;
    buf_consume(answer, buf_len(answer) - r.left);
    return OK;
}

/* Which signature of an RSA key is meant. */
static uint32_t
flags_for(const char *algorithm)
{
    if (strcmp(algorithm, "rsa-sha2-256") == 0)
        return AGENT_RSA_SHA2_256;
    return strcmp(algorithm, "rsa-sha2-512") == 0 ? AGENT_RSA_SHA2_512 : 0;
}

enum err
agent_sign(struct agent *a, struct span key, struct span data,
           const char *algorithm, struct buf *signature)
{
    struct buf body, answer;
    struct span signed_by_it;
    struct reader r;
    uint8_t type;
    enum err err;

    buf_init(&body, REQUEST_MAX);
    buf_init(&answer, AGENT_ANSWER_MAX);
    buf_put_u8(&body, AGENT_SIGN_REQUEST);
    buf_put_string(&body, key);
    buf_put_string(&body, data);
    buf_put_u32(&body, flags_for(algorithm));
    err = buf_ok(&body) ? ask(a, buf_span(&body), &answer, -1) : ERR_FORMAT;
    if (err == OK) {
        r = reader_over(buf_span(&answer));
        type = read_u8(&r);
        signed_by_it = read_string(&r);
        if (type == AGENT_FAILURE)
            err = ERR_REFUSED;
        else if (type != AGENT_SIGN_RESPONSE || !read_done(&r) ||
                 signed_by_it.len > SIGNATURE_MAX)
            err = ERR_FORMAT;
        else
            buf_put_span(signature, signed_by_it);
    }
    buf_clear(&body);
    buf_clear(&answer);
    return err;
}
