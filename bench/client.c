/*
 * One client of the load driver: its socket and its connection.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/load.h"

#define READ_ROOM (256 * 1024)

static int
connect_to(unsigned port)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;

    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0 ||
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0 ||
        fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
        fail("connect");
    return fd;
}

void
client_open(struct client *cl, const struct load_options *options,
            struct load_result *result, bool interactive)
{
    struct ssh_setup setup = {
        .role = SSH_CLIENT,
        .software = "load",
        .now_ms = now_ns() / 1000000u,
        .kex = options->kex,
        .host_key_algorithms = options->host_key,
        .ciphers = options->cipher,
        .macs = options->mac,
        .random = random_bytes,
    };

    memset(cl, 0, sizeof(*cl));
    cl->options = options;
    cl->result = result;
    cl->interactive = interactive;
    cl->started_ns = now_ns();
    cl->fd = connect_to(options->port);
    cl->conn = ssh_conn_new(&setup);
}

void
client_close(struct client *cl)
{
    ssh_conn_free(cl->conn);
    close(cl->fd);
    free(cl->left);
    memset(cl, 0, sizeof(*cl));
    cl->fd = -1;
}

/* What the core could not take yet is kept for later. */
static void
keep(struct client *cl, const uint8_t *bytes, size_t len)
{
    uint8_t *left = NULL;

    if (len > 0) {
        left = malloc(len);
        if (left == NULL)
            fail("malloc");
        memcpy(left, bytes, len);
    }
    free(cl->left);
    cl->left = left;
    cl->left_len = len;
}

/* Events may point into `bytes`: they are taken before anything moves. */
static void
feed(struct client *cl, uint8_t *bytes, size_t len)
{
    bool acted;

    do {
        size_t taken = ssh_conn_input(cl->conn, bytes, len);

        bytes += taken;
        len -= taken;
        acted = client_act(cl) || taken > 0;
    } while (len > 0 && acted);
    keep(cl, bytes, len);
}

void
client_read(struct client *cl)
{
    static uint8_t buffer[READ_ROOM]; /* one for all: nothing stays in it */
    size_t have = cl->left_len;
    ssize_t got;

    if (have > 0)
        memcpy(buffer, cl->left, have);
    got = recv(cl->fd, buffer + have, sizeof(buffer) - have, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got > 0) {
        feed(cl, buffer, have + (size_t)got);
        return;
    }
    ssh_conn_input_end(cl->conn);
    client_act(cl);
    cl->stage = CLIENT_DONE;
}

void
client_write(struct client *cl)
{
    struct span out;

    while ((out = ssh_conn_output(cl->conn)).len > 0) {
        ssize_t sent = send(cl->fd, out.ptr, out.len, MSG_NOSIGNAL);

        if (sent <= 0)
            break;
        ssh_conn_output_sent(cl->conn, (size_t)sent);
        client_act(cl);
    }
}
