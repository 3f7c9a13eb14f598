#include "signer/server_keys.h"

void
server_keys_init(struct server_keys *keys)
{
    *keys = (struct server_keys){.last = 0};
    for (size_t i = 0; i < SERVER_KEYS_KEPT; i++)
        buf_init(&keys->kept[i].blob, KEY_BLOB_MAX);
}

void
server_keys_clear(struct server_keys *keys)
{
    for (size_t i = 0; i < SERVER_KEYS_KEPT; i++) {
        private_key_free(keys->kept[i].private);
        keys->kept[i].private = NULL;
        buf_clear(&keys->kept[i].blob);
    }
}

enum err
server_keys_make(struct server_keys *keys, const struct key *host,
                 struct span *blob)
{
    size_t place = (keys->last + 1) % SERVER_KEYS_KEPT;
    struct private_key *made = NULL;
    unsigned bits;
    enum err err;

    if (host == NULL || private_key_type(host->private) != KEY_RSA)
        return ERR_REFUSED;
    bits = rsa1_server_bits(private_key_bits(host->private));
    err = private_key_generate(KEY_RSA, bits, &made);
    if (err != OK)
        return err;
    private_key_free(keys->kept[place].private);
    keys->kept[place].private = made;
    keys->kept[place].serial = ++keys->last;
    buf_reset(&keys->kept[place].blob);
    private_key_put_public(made, &keys->kept[place].blob);
    *blob = buf_span(&keys->kept[place].blob);
    return OK;
}

enum err
server_keys_open(const struct server_keys *keys, const struct key *host,
                 const struct msg_session_key_open *request,
                 struct session_key *opened)
{
    size_t place = request->server_key % SERVER_KEYS_KEPT;
    const struct private_key *server = keys->kept[place].private;
    enum err err;

    if (host == NULL || private_key_type(host->private) != KEY_RSA ||
        server == NULL || keys->kept[place].serial != request->server_key ||
        request->cookie.len != RSA1_COOKIE)
        return ERR_REFUSED;
    err = rsa1_session_id(buf_span(&host->blob),
                          buf_span(&keys->kept[place].blob),
                          request->cookie.ptr, opened->session_id);
    if (err != OK)
        return err;
    opened->right = rsa1_unwrap(host->private, server, opened->session_id,
                                request->wrapped, opened->key);
    return OK;
}
