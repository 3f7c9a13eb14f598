/*
 * One client of the load driver: its connection and how far it is.
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include "crypto/crypto.h"
#include "ssh/conn.h"

enum load_mode { LOAD_LOGIN, LOAD_HOLD, LOAD_TYPE };

struct load {
    enum load_mode mode;
    unsigned port, count, concurrency;
    const char *user, *password, *command, *prompt;
    const char *kex, *host_key, *cipher, *mac;

    unsigned slots;            /* connections at once */
    unsigned begun;            /* connections opened so far */
    unsigned finished, failed; /* and how they ended */
    unsigned held;             /* sessions at their prompt */
    unsigned typed;            /* characters to type */
    uint64_t *samples;         /* nanoseconds */
    size_t sample_count;
};

enum client_stage {
    CLIENT_CONNECTING,
    CLIENT_LOGIN,
    CLIENT_SHELL, /* waiting for the prompt */
    CLIENT_HELD,  /* at the prompt */
    CLIENT_DONE,
};

struct client {
    struct load *load;
    struct ssh_conn *conn; /* NULL: an empty place */
    int fd;
    enum client_stage stage;
    bool good; /* exit status 0, or the prompt came */
    uint32_t channel;
    uint64_t started_ns;
    uint64_t typed_ns; /* when the character was sent; 0: none is under way */
    bool erasing;      /* the last key was DEL */
    unsigned typed;
    uint8_t *left; /* input the core could not take yet */
    size_t left_len;
};

uint64_t now_ns(void);
/* Act on all events there are; true if there was one. */
bool client_events(struct client *cl);
/* The client has ended: count it. */
void load_count(struct load *load, const struct client *cl);
/* LOAD_HOLD: every session is open. */
bool load_held(const struct load *load);

#endif
