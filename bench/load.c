/*
 * A load driver on the project's own protocol core: many connections on one
 * thread.
 *
 *   load login PORT COUNT CONCURRENCY [OPTION=VALUE]...
 *       COUNT complete logins with one exec each, CONCURRENCY at a time
 *   load hold PORT COUNT CONCURRENCY [OPTION=VALUE]...
 *       open COUNT interactive sessions, say so, keep them until end of input
 *   load type PORT COUNT 1 [OPTION=VALUE]...
 *       the time until the echo of each of COUNT typed characters
 *
 * Options: user, password, command, kex, hostkey, cipher, mac, prompt (the
 * characters that end a prompt). Prints one line of JSON.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bench/load.h"

uint64_t
now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void
fail(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int
connect_to(unsigned port)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
        fail("connect");
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static void
client_open(struct client *cl, struct load *load)
{
    struct ssh_setup setup = {
        .role = SSH_CLIENT,
        .software = "load",
        .now_ms = now_ns() / 1000000u,
        .kex = load->kex,
        .host_key_algorithms = load->host_key,
        .ciphers = load->cipher,
        .macs = load->mac,
        .random = random_bytes,
    };
    memset(cl, 0, sizeof(*cl));
    cl->load = load;
    cl->started_ns = now_ns();
    cl->fd = connect_to(load->port);
    cl->conn = ssh_conn_new(&setup);
}

static void
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
client_feed(struct client *cl, uint8_t *bytes, size_t len)
{
    for (;;) {
        size_t taken = ssh_conn_input(cl->conn, bytes, len);
        bytes += taken;
        len -= taken;
        bool acted = client_events(cl);
        if (len == 0 || (taken == 0 && !acted))
            break;
    }
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

static void
client_read(struct client *cl)
{
    static uint8_t buffer[256 * 1024];
    size_t have = cl->left_len;
    if (have > 0)
        memcpy(buffer, cl->left, have);
    ssize_t got = read(cl->fd, buffer + have, sizeof(buffer) - have);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        ssh_conn_input_end(cl->conn);
        client_events(cl);
        cl->stage = CLIENT_DONE;
        return;
    }
    client_feed(cl, buffer, have + (size_t)got);
}

static void
client_write(struct client *cl)
{
    struct span out;
    while ((out = ssh_conn_output(cl->conn)).len > 0) {
        ssize_t sent = send(cl->fd, out.ptr, out.len, MSG_NOSIGNAL);
        if (sent <= 0)
            break;
        ssh_conn_output_sent(cl->conn, (size_t)sent);
        client_events(cl);
    }
}

static int
compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static void
report(struct load *load, uint64_t started_ns)
{
    double seconds = (double)(now_ns() - started_ns) / 1e9;
    qsort(load->samples, load->sample_count, sizeof(uint64_t), compare);
    double p50 = 0, p99 = 0;
    if (load->sample_count > 0) {
        p50 = (double)load->samples[load->sample_count / 2] / 1e3;
        p99 = (double)load->samples[load->sample_count * 99 / 100] / 1e3;
    }
    printf("{\"count\": %u, \"failed\": %u, \"seconds\": %.3f, "
           "\"p50_us\": %.1f, \"p99_us\": %.1f}\n",
           load->finished, load->failed, seconds, p50, p99);
    fflush(stdout);
}

/* Not more than `concurrency` logins are under way at a time. */
static bool
may_begin(const struct load *load)
{
    unsigned settled = load->finished + load->failed + load->held;
    return load->begun < load->count &&
           load->begun - settled < load->concurrency;
}

/* One turn over all clients; true while there is something to wait for. */
static bool
turn(struct load *load, struct client *clients, struct pollfd *polls)
{
    for (unsigned i = 0; i < load->slots; i++) {
        if (clients[i].conn == NULL && may_begin(load)) {
            client_open(&clients[i], load);
            load->begun++;
        }
        if (clients[i].conn != NULL)
            client_write(&clients[i]);
        polls[i].fd = clients[i].conn == NULL ? -1 : clients[i].fd;
        polls[i].events = POLLIN;
        if (clients[i].conn != NULL && ssh_conn_output(clients[i].conn).len > 0)
            polls[i].events |= POLLOUT;
    }
    if (poll(polls, load->slots, 10000) <= 0)
        return false;
    for (unsigned i = 0; i < load->slots; i++) {
        if (clients[i].conn == NULL || polls[i].revents == 0)
            continue;
        client_read(&clients[i]);
        client_write(&clients[i]);
        if (clients[i].stage == CLIENT_DONE) {
            load_count(load, &clients[i]);
            client_close(&clients[i]);
        }
    }
    return load->finished + load->failed < load->count;
}

/* Keep what is open until standard input ends. */
static void
hold(const struct load *load)
{
    char byte;
    printf("{\"held\": %u, \"failed\": %u}\n", load->held, load->failed);
    fflush(stdout);
    while (read(STDIN_FILENO, &byte, 1) > 0)
        ;
}

static void
parse(struct load *load, int argc, char **argv)
{
    if (argc < 5)
        fail("usage: load {login|hold|type} PORT COUNT CONCURRENCY "
             "[OPTION=VALUE]...");
    load->mode = argv[1][0] == 'h'   ? LOAD_HOLD
                 : argv[1][0] == 't' ? LOAD_TYPE
                                     : LOAD_LOGIN;
    load->port = (unsigned)atoi(argv[2]);
    load->count = (unsigned)atoi(argv[3]);
    load->concurrency = (unsigned)atoi(argv[4]);
    const struct {
        const char *name;
        const char **value;
    } options[] = {
        {"user=", &load->user},        {"password=", &load->password},
        {"command=", &load->command},  {"kex=", &load->kex},
        {"hostkey=", &load->host_key}, {"cipher=", &load->cipher},
        {"mac=", &load->mac},          {"prompt=", &load->prompt},
    };
    for (int i = 5; i < argc; i++)
        for (size_t o = 0; o < sizeof(options) / sizeof(*options); o++) {
            size_t len = strlen(options[o].name);
            if (strncmp(argv[i], options[o].name, len) == 0)
                *options[o].value = argv[i] + len;
        }
}

int
main(int argc, char **argv)
{
    struct load load = {
        .user = "bench",
        .password = "bench",
        .command = "show privilege",
        .kex = "curve25519-sha256",
        .host_key = "ssh-ed25519",
        .cipher = "aes128-gcm@openssh.com",
        .mac = "hmac-sha2-256",
        .prompt = ">#$",
    };
    parse(&load, argc, argv);
    if (crypto_warm_up() != OK)
        fail("libcrypto");
    /* Held sessions keep their place; others share a few. */
    load.slots = load.mode == LOAD_LOGIN ? load.concurrency : load.count;
    if (load.mode == LOAD_TYPE) {
        load.typed = load.count;
        load.count = load.slots = 1;
    }
    size_t samples = load.mode == LOAD_TYPE ? load.typed : load.count;
    struct client *clients = calloc(load.slots, sizeof(*clients));
    struct pollfd *polls = calloc(load.slots, sizeof(*polls));
    load.samples = calloc(samples, sizeof(*load.samples));
    if (clients == NULL || polls == NULL || load.samples == NULL)
        fail("malloc");

    uint64_t started_ns = now_ns();
    while (turn(&load, clients, polls) && !load_held(&load))
        ;
    if (load.mode == LOAD_HOLD)
        hold(&load);
    else
        report(&load, started_ns);
    return load.failed != 0;
}
