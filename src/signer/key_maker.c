#include "signer/key_maker.h"

#include <sys/resource.h>
#include <unistd.h>

#include "crypto/key_transfer.h"
#include "os/file.h"
#include "os/sandbox.h"
#include "signer/keyfile.h"

#define RSA_BITS_MIN 360
#define RSA_BITS_MAX 4096

/*
 * A stranger's file says how often the passphrase is hashed: not for ever.
 * OpenSSL's own files take a few milliseconds.
 */
#define IMPORT_CPU_S 20

static bool
is_import(const struct msg_key_make *wish)
{
    return wish->private_pem.len > 0;
}

enum err
key_maker_check(const struct msg_key_make *wish)
{
    if (!keyfile_name_is_valid(wish->name) || wish->type > KEY_ED25519 ||
        wish->usage < KEY_GENERAL || wish->usage > KEY_ENCRYPTION)
        return ERR_FORMAT;
    if (is_import(wish))
        return wish->private_pem.len <= KEY_PEM_MAX &&
                       wish->public_pem.len <= KEY_PEM_MAX &&
                       wish->passphrase.len <= KEY_PASSPHRASE_MAX
                   ? OK
                   : ERR_FORMAT;
    if (wish->type == KEY_RSA &&
        (wish->bits < RSA_BITS_MIN || wish->bits > RSA_BITS_MAX))
        return ERR_FORMAT;
    return OK;
}

/* ERR_FORMAT, ERR_REFUSED: as of key_import(); ERR_CRYPTO: no such pair. */
static enum err
import(const struct msg_key_make *wish, struct private_key **out)
{
    struct private_key *key = NULL;
    enum err err = key_import(wish->private_pem, wish->passphrase, &key);

    if (err != OK)
        return err;
    if (private_key_type(key) != (enum key_type)wish->type ||
        (wish->public_pem.len > 0 && !key_fits_public(key, wish->public_pem))) {
        private_key_free(key);
        return ERR_CRYPTO;
    }
    *out = key;
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
    enum err err;

    if (is_import(wish))
        err = import(wish, &key);
    else
        err = private_key_generate((enum key_type)wish->type, wish->bits, &key);
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

static int
status_of(const struct msg_key_make *wish, enum err err)
{
    if (!is_import(wish))
        return KEY_MAKER_NO_KEY;
    switch (err) {
    case ERR_FORMAT:
        return KEY_MAKER_NOT_PEM;
    case ERR_REFUSED:
        return KEY_MAKER_NO_PASSPHRASE;
    default:
        return KEY_MAKER_NO_PAIR;
    }
}

int
key_maker_run(const struct msg_key_make *wish, int fd)
{
    const struct rlimit limit = {IMPORT_CPU_S, IMPORT_CPU_S};
    int status = KEY_MAKER_NO_KEY;
    struct buf text;
    enum err err;

    if (is_import(wish) && setrlimit(RLIMIT_CPU, &limit) != 0)
        return KEY_MAKER_NO_KEY;
    if (sandbox_key_maker() != OK)
        return KEY_MAKER_NO_KEY;
    buf_init_secret(&text, KEYFILE_MAX);
    err = make_text(wish, &text);
    if (err != OK) {
        status = status_of(wish, err);
    } else {
        if (file_write_all(fd, buf_span(&text)) == OK && fsync(fd) == 0)
            status = KEY_MAKER_DONE;
        else
            status = KEY_MAKER_NO_FILE;
    }
    buf_clear(&text);
    return status;
}
