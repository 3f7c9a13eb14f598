/*
 * The user's key agent, behind SSH_AUTH_SOCK (draft-ietf-sshm-ssh-agent): which
 * keys it has, and its signatures. What it answers is bounded like a peer's.
 */
#ifndef VTYSSH_AGENT_H
#define VTYSSH_AGENT_H

#include "base/buf.h"
#include "base/err.h"

#define AGENT_ANSWER_MAX (256 * 1024) /* bytes */

struct agent {
    int fd; /* -1: there is none */
    int signals_fd;
};

/* Connect to the socket at `path`, which may be NULL. Before the sandbox. */
void agent_open(struct agent *a, const char *path, int signals_fd);
void agent_close(struct agent *a);

/*
 * Ask for its keys: `answer` then holds, one after the other, strings of
 * public key blob and comment. ERR_NOT_FOUND: there is no agent, or it does
 * not answer in time; ERR_FORMAT. An agent that failed is asked no more.
 */
MUST_CHECK enum err agent_keys(struct agent *a, struct buf *answer,
                               uint32_t *count);
/*
 * Append a signature blob over `data`; the agent may ask its user first, for
 * as long as he needs. ERR_REFUSED, ERR_NOT_FOUND, ERR_FORMAT.
 */
MUST_CHECK enum err agent_sign(struct agent *a, struct span key,
                               struct span data, const char *algorithm,
                               struct buf *signature);

#endif
