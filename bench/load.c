/*
 * A load driver on the project's own protocol core: many connections on one
 * thread.
 *
 *   load login --port P --count N [--concurrency C] [--held H] [OPTION...]
 *       N complete logins with one exec each, C at a time; H interactive
 *       sessions are open meanwhile
 *   load hold N --port P [--concurrency C] [OPTION...]
 *       open N interactive sessions, keep them until standard input ends
 *   load type N --port P [--pause MS] [OPTION...]
 *       the time from sending each of N characters to its echo; MS of rest
 *       before each, as people have, so that neither end is always running
 *
 * Options: --user, --password, --command, --kex, --host-key, --cipher, --mac,
 * --prompt (the characters that a prompt may end in). Prints JSON, one object
 * a line; the sessions that are held are told as soon as all are open.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "bench/load.h"

#define EVENTS_MAX 256
#define SILENCE_MS 20000 /* nothing for so long: the server is stuck */

/* The program's own state. */
struct driver {
    struct load_options options;
    struct load_result result;
    struct client *clients;
    size_t places;
    size_t next_place; /* where the search for an empty one begins */
    int epoll;
};

uint64_t
now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void
fail(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void *
zeros(size_t count, size_t size)
{
    void *room = calloc(count > 0 ? count : 1, size);

    if (room == NULL)
        fail("calloc");
    return room;
}

/* --- clients ------------------------------------------------------------ */

/* Watch the socket for room only while something waits for it. */
static void
watch(struct driver *d, struct client *cl, int operation)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = cl};

    cl->out_waits = ssh_conn_output(cl->conn).len > 0;
    if (cl->out_waits)
        event.events |= EPOLLOUT;
    if (epoll_ctl(d->epoll, operation, cl->fd, &event) != 0)
        fail("epoll_ctl");
}

static void
begin_client(struct driver *d, bool interactive)
{
    while (d->clients[d->next_place].conn != NULL)
        d->next_place = (d->next_place + 1) % d->places;
    client_open(&d->clients[d->next_place], &d->options, &d->result,
                interactive);
    client_write(&d->clients[d->next_place]);
    watch(d, &d->clients[d->next_place], EPOLL_CTL_ADD);
    if (interactive)
        d->result.opening++;
    else
        d->result.begun++;
}

static void
count_client(struct load_result *result, const struct client *cl)
{
    if (cl->interactive) {
        if (cl->held)
            result->held--;
        else
            result->opening--;
        result->lost += !cl->good;
        return;
    }
    if (!cl->good) {
        result->failed++;
        return;
    }
    result->samples[result->sample_count++] = now_ns() - cl->started_ns;
    result->finished++;
}

static void
serve_client(struct driver *d, struct client *cl)
{
    client_read(cl);
    client_write(cl);
    if (cl->stage == CLIENT_DONE) {
        count_client(&d->result, cl);
        client_close(cl);
    } else if (cl->out_waits != (ssh_conn_output(cl->conn).len > 0)) {
        watch(d, cl, EPOLL_CTL_MOD);
    }
}

/* Wait for something to come and act on it. */
static void
turn(struct driver *d)
{
    struct epoll_event events[EVENTS_MAX];
    int ready = epoll_wait(d->epoll, events, EVENTS_MAX, SILENCE_MS);

    if (ready == 0) {
        errno = ETIMEDOUT;
        fail("the server is silent");
    }
    if (ready < 0 && errno != EINTR)
        fail("epoll_wait");
    for (int i = 0; i < ready; i++)
        serve_client(d, events[i].data.ptr);
}

/* --- the three modes ---------------------------------------------------- */

static void
open_sessions(struct driver *d)
{
    struct load_result *r = &d->result;
    unsigned wanted = d->options.held;

    while (r->held + r->lost < wanted) {
        while (r->opening < d->options.concurrency &&
               r->opening + r->held + r->lost < wanted)
            begin_client(d, true);
        turn(d);
    }
    printf("{\"held\": %u, \"failed\": %u}\n", r->held, r->lost);
    fflush(stdout);
}

static void
log_in(struct driver *d)
{
    struct load_result *r = &d->result;

    while (r->finished + r->failed < d->options.count) {
        while (r->begun < d->options.count &&
               r->begun - r->finished - r->failed < d->options.concurrency)
            begin_client(d, false);
        turn(d);
    }
}

static void
type(struct driver *d)
{
    struct load_result *r = &d->result;

    begin_client(d, true);
    while (r->opening + r->held > 0)
        turn(d);
    r->finished = (unsigned)r->sample_count;
    r->failed = d->options.count - r->finished;
}

/* Keep what is open until standard input ends. */
static void
wait_for_end_of_input(void)
{
    char bytes[64];

    while (read(STDIN_FILENO, bytes, sizeof(bytes)) > 0)
        continue;
}

/* --- results ------------------------------------------------------------ */

static int
compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

static double
percentile_us(const struct load_result *r, size_t percent)
{
    if (r->sample_count == 0)
        return 0;
    return (double)r->samples[r->sample_count * percent / 100] / 1e3;
}

static void
report(struct load_result *r, uint64_t started_ns)
{
    double seconds = (double)(now_ns() - started_ns) / 1e9;

    qsort(r->samples, r->sample_count, sizeof(*r->samples), compare);
    printf("{\"count\": %u, \"failed\": %u, \"seconds\": %.3f, "
           "\"p50_us\": %.1f, \"p99_us\": %.1f}\n",
           r->finished, r->failed, seconds, percentile_us(r, 50),
           percentile_us(r, 99));
    fflush(stdout);
}

/* --- options ------------------------------------------------------------ */

_Noreturn static void
usage(void)
{
    fputs("usage: load login --port P --count N [--concurrency C] [--held H]\n"
          "       load {hold|type} N --port P [--concurrency C] [--pause MS]\n"
          "       [--user U] [--password P] [--command C] [--kex K]\n"
          "       [--host-key K] [--cipher C] [--mac M] [--prompt CHARS]\n",
          stderr);
    exit(2);
}

static unsigned
number(const char *text)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);

    if (end == text || *end != '\0' || value == 0 || value > 65535)
        usage();
    return (unsigned)value;
}

static void
parse_options(struct load_options *o, int argc, char **argv)
{
    static const struct option names[] = {
        {"port", required_argument, NULL, 'p'},
        {"count", required_argument, NULL, 'n'},
        {"concurrency", required_argument, NULL, 'j'},
        {"held", required_argument, NULL, 'H'},
        {"pause", required_argument, NULL, 'r'},
        {"user", required_argument, NULL, 'u'},
        {"password", required_argument, NULL, 'w'},
        {"command", required_argument, NULL, 'c'},
        {"kex", required_argument, NULL, 'k'},
        {"host-key", required_argument, NULL, 'h'},
        {"cipher", required_argument, NULL, 'e'},
        {"mac", required_argument, NULL, 'm'},
        {"prompt", required_argument, NULL, 'P'},
        {NULL, 0, NULL, 0},
    };
    unsigned *numbers[] = {
        ['p'] = &o->port, ['n'] = &o->count,    ['j'] = &o->concurrency,
        ['H'] = &o->held, ['r'] = &o->pause_ms,
    };
    const char **texts[] = {
        ['u'] = &o->user, ['w'] = &o->password, ['c'] = &o->command,
        ['k'] = &o->kex,  ['h'] = &o->host_key, ['e'] = &o->cipher,
        ['m'] = &o->mac,  ['P'] = &o->prompt,
    };
    int letter;

    while ((letter = getopt_long(argc, argv, "", names, NULL)) != -1) {
        if (letter == '?')
            usage();
        if ((size_t)letter < sizeof(texts) / sizeof(texts[0]) &&
            texts[letter] != NULL)
            *texts[letter] = optarg;
        else
            *numbers[letter] = number(optarg);
    }
}

/* The mode, its number where it has one, options. */
static void
parse(struct load_options *o, int argc, char **argv)
{
    if (argc < 2)
        usage();
    parse_options(o, argc, argv);
    if (optind >= argc)
        usage();
    if (strcmp(argv[optind], "login") == 0)
        o->mode = LOAD_LOGIN;
    else if (strcmp(argv[optind], "hold") == 0)
        o->mode = LOAD_HOLD;
    else if (strcmp(argv[optind], "type") == 0)
        o->mode = LOAD_TYPE;
    else
        usage();
    optind++;
    if (o->mode != LOAD_LOGIN) {
        unsigned *wish = o->mode == LOAD_HOLD ? &o->held : &o->count;

        if (optind >= argc)
            usage();
        *wish = number(argv[optind++]);
    }
    if (optind != argc || o->port == 0 ||
        (o->mode != LOAD_HOLD && o->count == 0))
        usage();
}

int
main(int argc, char **argv)
{
    static struct driver d = {
        .options =
            {
                .concurrency = 4,
                .user = "bench",
                .password = "bench",
                .command = "show privilege",
                .kex = "curve25519-sha256",
                .host_key = "ssh-ed25519",
                .cipher = "chacha20-poly1305@openssh.com",
                .mac = "hmac-sha2-256",
                .prompt = ">#$",
            },
    };
    struct load_options *o = &d.options;
    uint64_t started_ns;

    parse(o, argc, argv);
    if (crypto_warm_up() != OK)
        fail("libcrypto");
    d.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (d.epoll < 0)
        fail("epoll_create1");
    d.places = o->held + o->concurrency;
    d.clients = zeros(d.places, sizeof(*d.clients));
    d.result.samples = zeros(o->count, sizeof(*d.result.samples));
    if (o->held > 0)
        open_sessions(&d);
    started_ns = now_ns();
    if (o->mode == LOAD_LOGIN)
        log_in(&d);
    else if (o->mode == LOAD_TYPE)
        type(&d);
    else
        wait_for_end_of_input();
    if (o->mode != LOAD_HOLD)
        report(&d.result, started_ns);
    return d.result.failed + d.result.lost != 0;
}
