/*
 * What the files of `traceroute` share: what is sent, and who decides about
 * it.
 */
#ifndef COMMANDS_TRACEROUTE_PARTS_H
#define COMMANDS_TRACEROUTE_PARTS_H

#include "commands/probing.h"

#define TRACE_PROBES_MAX  100  /* for each hop */
#define TRACE_TIMEOUT_MAX 3600 /* seconds */
#define TRACE_HOPS_MAX    255
#define TRACE_PORT        33434 /* of traceroute, since there is one */

struct tracing {
    struct probing probing;
    uint32_t probes, timeout_s;
    uint32_t first, last; /* hops that are asked */
    uint32_t port;        /* of the first datagram; the next ones follow */
    uint32_t class;       /* type of service, or traffic class */
    uint32_t hop, shown; /* the hop that is shown, and how many of its probes */
    struct config_address router; /* named last in this hop's line */
    bool reached;                 /* no hop comes behind this one */
};

/* A state with what is usual; of which protocol is not decided yet. */
struct tracing *trace_prepare(struct command *cmd);
/* traceroute_dialogue.c: the same with questions, all about it. */
void trace_ask(struct command *cmd);

#endif
