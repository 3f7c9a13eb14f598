/*
 * What the files of `ping` share: what is sent, and who decides about it.
 */
#ifndef COMMANDS_PING_PARTS_H
#define COMMANDS_PING_PARTS_H

#include "commands/probing.h"

#define PING_REPEAT_MAX  2147483647
#define PING_SIZE_MIN    36 /* bytes, with the IP header */
#define PING_SIZE_MAX    18024
#define PING_TIMEOUT_MAX 3600 /* seconds */

struct pinging {
    struct probing probing;
    uint32_t repeat; /* echos in all */
    /* Bytes, with the IP header: of the first echo, and up to which they grow
       by `step` before they begin anew. */
    uint32_t size, last_size, step;
    uint32_t timeout_s;
    uint32_t class;   /* type of service, or traffic class */
    uint32_t pattern; /* two bytes that fill them */
    bool whole;       /* they must not be divided on the way */
    bool validate;    /* answers must have what was sent, to the last byte */
    uint32_t sent, received;
    uint64_t least_us, most_us, sum_us;
    unsigned column;
};

/* A state with what is usual; of which protocol is not decided yet. */
struct pinging *ping_prepare(struct command *cmd);
/* ping_dialogue.c: the same with questions, all about it. */
void ping_ask(struct command *cmd);

#endif
