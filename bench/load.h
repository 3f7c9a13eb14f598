/*
 * The load driver: what it was asked for, and its clients, each with its
 * connection and how far it is.
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include "crypto/crypto.h"
#include "ssh/conn.h"

enum load_mode { LOAD_LOGIN, LOAD_HOLD, LOAD_TYPE };

struct load_options {
    enum load_mode mode;
    unsigned port;
    unsigned count;       /* logins, or characters to type */
    unsigned concurrency; /* logins under way at a time */
    unsigned held;        /* interactive sessions to keep open */
    unsigned pause_ms;    /* before each character that is typed */
    const char *user, *password, *command;
    const char *kex, *host_key, *cipher, *mac;
    const char *prompt; /* the characters that a prompt may end in */
};

/* What came of it so far. */
struct load_result {
    unsigned begun;            /* logins begun */
    unsigned finished, failed; /* and how they ended */
    unsigned opening;          /* sessions on the way to their prompt */
    unsigned held, lost;       /* at it; or never, or no more */
    uint64_t *samples;         /* nanoseconds, of each login or echo */
    size_t sample_count;
};

enum client_stage {
    CLIENT_LOGIN,
    CLIENT_SHELL, /* waiting for the prompt */
    CLIENT_HELD,  /* at the prompt */
    CLIENT_DONE,
};

struct client {
    const struct load_options *options;
    struct load_result *result;
    struct ssh_conn *conn; /* NULL: an empty place */
    int fd;
    bool interactive; /* a shell with a pty; else one exec */
    bool held;        /* it came to its prompt */
    bool good;        /* exit status 0, or all was typed */
    bool out_waits;   /* the socket is watched for room as well */
    enum client_stage stage;
    uint32_t channel;
    uint64_t started_ns;
    uint64_t typed_ns; /* when the character was sent; 0: none is under way */
    bool erasing;      /* the last key was DEL */
    uint8_t *left;     /* input the core could not take yet; owned */
    size_t left_len;
};

/* CLOCK_MONOTONIC. */
uint64_t now_ns(void);
/* Say what went wrong and end the program with status 1. */
_Noreturn void fail(const char *what);

/* Connect to the options' port on loopback; the place is empty before. */
void client_open(struct client *cl, const struct load_options *options,
                 struct load_result *result, bool interactive);
/* Free and empty the place. */
void client_close(struct client *cl);
/* Read once and act on it; the stage is CLIENT_DONE at the end. */
void client_read(struct client *cl);
/* Send what there is to send, as far as it goes. */
void client_write(struct client *cl);
/* Act on all events there are; true if there was one. */
bool client_act(struct client *cl);

#endif
