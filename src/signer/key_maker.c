#include "signer/key_maker.h"

#include <unistd.h>

#include "crypto/keyfile.h"
#include "os/file.h"
#include "os/sandbox.h"
#include "signer/keyfile.h"

#define RSA_BITS_MIN 360
#define RSA_BITS_MAX 4096

enum err
key_maker_check(const struct msg_key_make *wish)
{
    if (!keyfile_name_is_valid(wish->name) || wish->type > KEY_ED25519 ||
        wish->usage < KEY_GENERAL || wish->usage > KEY_ENCRYPTION)
        return ERR_FORMAT;
    if (wish->type == KEY_RSA &&
        (wish->bits < RSA_BITS_MIN || wish->bits > RSA_BITS_MAX))
        return ERR_FORMAT;
    return OK;
}

/* The text of a new pair's file. */
static enum err
make_text(const struct msg_key_make *wish, struct buf *text)
{
    struct keyfile file = {.name = wish->name,
                           .made_at = wish->made_at,
                           .usage = (enum key_usage)wish->usage,
                           .exportable = wish->exportable};
    struct private_key *key = NULL;
    struct buf pem;
    enum err err =
        private_key_generate((enum key_type)wish->type, wish->bits, &key);

    if (err != OK)
        return err;
    buf_init_secret(&pem, KEYFILE_MAX);
    err = private_key_encode(key, &pem);
    if (err == OK) {
        file.pem = buf_span(&pem);
        err = keyfile_write(&file, text);
    }
    buf_clear(&pem);
    private_key_free(key);
    return err;
}

int
key_maker_run(const struct msg_key_make *wish, int fd)
{
    int status = KEY_MAKER_NO_KEY;
    struct buf text;

    if (sandbox_key_maker() != OK)
        return KEY_MAKER_NO_KEY;
    buf_init_secret(&text, KEYFILE_MAX);
    if (make_text(wish, &text) == OK) {
        if (file_write_all(fd, buf_span(&text)) == OK && fsync(fd) == 0)
            status = KEY_MAKER_DONE;
        else
            status = KEY_MAKER_NO_FILE;
    }
    buf_clear(&text);
    return status;
}
