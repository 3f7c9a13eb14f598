/*
 * The keys a user may log in with: files he named, keys of his agent, and the
 * usual files of ~/.ssh.
 */
#ifndef VTYSSH_KEYS_H
#define VTYSSH_KEYS_H

#include "ssh/client_login.h"
#include "vtyssh/agent.h"
#include "vtyssh/options.h"
#include "vtyssh/terminal.h"

struct key {
    char *name;       /* of the file, or the agent's comment; owned */
    struct buf blob;  /* public */
    bool is_of_agent; /* it signs, also for a key that is a file's */
    struct buf text;  /* of the file; secret; empty without one */
    struct private_key *private; /* NULL: not decrypted yet; owned */
    bool is_lost; /* its passphrase was not found: asked no more */
};

struct keys {
    struct agent agent;
    size_t count;
    struct key keys[CLIENT_LOGIN_KEYS_MAX];
};

/* Read the files and ask the agent. Before the sandbox. `home` may be NULL. */
void keys_open(struct keys *k, const struct options *o, const char *home,
               const char *agent_path, struct terminal *terminal);
void keys_close(struct keys *k); /* wipes */

/*
 * Append the signature blob of key `number`, asking for its passphrase if it
 * needs one. False: none could be had, which was said.
 */
bool keys_sign(struct keys *k, size_t number, const char *algorithm,
               struct span data, struct terminal *terminal,
               struct buf *signature);

#endif
