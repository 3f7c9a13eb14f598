/*
 * What ping and traceroute share: where to, where from, and the probe that
 * does it.
 */
#ifndef COMMANDS_PROBING_H
#define COMMANDS_PROBING_H

#include "commands/dialogue.h"
#include "config/address.h"
#include "control/probe.h"
#include "os/net.h"

/* The first member of such a command's state. */
struct probing {
    struct dialogue dialogue;
    const struct probing_questions *asked; /* NULL: all was in the line */
    struct config_address to, from;
    char name[CLI_WORD_MAX + 1]; /* as typed; "": an address was */
    struct probe *probe;         /* NULL: none runs */
    bool resolving;
    bool translating; /* a line "Translating ..." is not at its end */
    void (*start)(struct command *cmd);
    void (*stopped)(struct command *cmd); /* the user had enough of it */
};

/*
 * Begin with a state whose `start` and `stopped` are set: find out where to
 * and where from, by the values `address`, `name` and `from` of the line, then
 * call `start`; or tell the user why not and end the command. `ipv4`, `ipv6`:
 * which addresses a name may have. ^C is looked after from here on.
 */
void probing_begin(struct command *cmd, bool ipv4, bool ipv6);

/* What such a command asks for, with IPv4 and with IPv6. */
struct probing_questions {
    const char *command;
    const struct question *ip, *ipv6;
};
/*
 * The same when nothing of it is in the line but, at most, the word `ip` or
 * `ipv6`: ask for the protocol, then for all else, and begin with `name`, an
 * address or a name, and `from`. `asked` is borrowed for good.
 */
void probing_ask(struct command *cmd, const struct probing_questions *asked);
/* For questions: a name or an address; else the command ends. */
bool probing_take_target(struct command *cmd, const char *answer);
/*
 * Likewise: an IPv4 (IPv6) address, or an interface that has one; empty: as
 * routed. False: neither, and the user was told.
 */
bool probing_take_source(struct command *cmd, const char *answer);
bool probing_take_source_6(struct command *cmd, const char *answer);
/* For .free_state, on the way: whatever runs is ended. */
void probing_end(struct probing *probing);

/* The source for a socket; NULL: as routed. */
const struct net_address *probing_source(const struct probing *probing,
                                         struct net_address *room);
/*
 * The socket could not be made; errno as probe_socket_...() left it. Tells
 * the user why, and the command is done.
 */
void probing_no_socket(struct command *cmd, enum err err);
/*
 * Start the probe with the command as owner; closes `fd` in any case. False:
 * the user was told why, and the command is done.
 */
MUST_CHECK bool probing_start(struct command *cmd, const struct message *work,
                              int fd, const struct probe_events *events);
/* The probe's on_end(): `whole`, all was done that was to be. */
void probing_done(struct command *cmd, bool whole);

/* Show what was put out, at the user's pace: see cmd_paused(). */
void probing_show(struct command *cmd);
/* Milliseconds; a part of one counts as one. */
uint64_t probing_ms(uint64_t us);

#endif
