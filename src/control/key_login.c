#include <stdlib.h>

#include "base/alloc.h"
#include "control/helpers.h"
#include "control/key_table.h"

/* A signature that the signer was asked for. */
struct login_proof {
    struct list node; /* in the order of the questions */
    uint64_t request;
    key_signed_fn done; /* NULL: nobody waits any more */
    void *owner;
};

/* The end of every path. */
static void
proof_end(struct login_proof *proof, struct span signature)
{
    list_remove(&proof->node);
    if (proof->done != NULL)
        proof->done(proof->owner, signature);
    free(proof);
}

bool
keys_sign_login(struct router *r, const struct key_login *login,
                key_signed_fn done, void *owner)
{
    struct message m = {.type = MSG_USER_SIGN};
    struct login_proof *proof;

    m.user_sign.request = ++r->keys->last_login;
    m.user_sign.key = login->key;
    m.user_sign.method = login->method;
    m.user_sign.session_id = login->session_id;
    m.user_sign.user = login->user;
    if (!signer_send(r, &m, -1))
        return false;
    proof = alloc_zero(1, sizeof(*proof));
    proof->request = m.user_sign.request;
    proof->done = done;
    proof->owner = owner;
    list_append(&r->keys->logins, &proof->node);
    return true;
}

void
logins_on_signed(struct keys *keys, const struct msg_user_signed *m)
{
    LIST_EACH(node, &keys->logins)
    {
        struct login_proof *proof = LIST_ITEM(node, struct login_proof, node);

        if (proof->request == m->request) {
            proof_end(proof, m->signature);
            return;
        }
    }
}

void
logins_on_signer_lost(struct keys *keys)
{
    LIST_EACH(node, &keys->logins)
    {
        proof_end(LIST_ITEM(node, struct login_proof, node), SPAN_EMPTY);
    }
}

void
logins_forget_owner(struct keys *keys, const void *owner)
{
    LIST_EACH(node, &keys->logins)
    {
        struct login_proof *proof = LIST_ITEM(node, struct login_proof, node);

        if (proof->owner == owner)
            proof->done = NULL;
    }
}

void
logins_free(struct keys *keys)
{
    LIST_EACH(node, &keys->logins)
    {
        struct login_proof *proof = LIST_ITEM(node, struct login_proof, node);

        proof->done = NULL;
        proof_end(proof, SPAN_EMPTY);
    }
}
