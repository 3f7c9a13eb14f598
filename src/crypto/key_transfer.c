#include "crypto/key_transfer.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "crypto/key_parts.h"

#define TRADITIONAL_TYPE "RSA PRIVATE KEY"
#define PROTECTED_TYPE   "ENCRYPTED PRIVATE KEY" /* PKCS#8 */
#define BLOCKS_MAX       8 /* that are looked at, of one text */

/* libcrypto asks for the passphrase; without this it asks the terminal. */
static int
give_passphrase(char *to, int room, int writing, void *owner)
{
    const struct span *passphrase = owner;

    (void)writing;
    if (passphrase == NULL || passphrase->len > (size_t)room)
        return -1;
    memcpy(to, passphrase->ptr, passphrase->len);
    return (int)passphrase->len;
}

/* Append what libcrypto has written. */
static bool
take_text(BIO *memory, struct buf *to)
{
    char *text;
    long len = BIO_get_mem_data(memory, &text);

    if (len > 0)
        buf_put(to, text, (size_t)len);
    return len > 0 && buf_ok(to);
}

enum err
key_export(const struct private_key *key, struct span passphrase,
           struct buf *public_pem, struct buf *private_pem)
{
    EVP_PKEY *pkey = private_key_library(key);
    BIO *public, *private;
    bool ok;

    if (private_key_type(key) != KEY_RSA || passphrase.len == 0 ||
        passphrase.len > KEY_PASSPHRASE_MAX)
        return ERR_CRYPTO;
    public = BIO_new(BIO_s_mem());
    private = BIO_new(BIO_s_mem());
    ok = public != NULL && private != NULL &&
         library_ok(PEM_write_bio_PUBKEY(public, pkey)) &&
         library_ok(PEM_write_bio_PrivateKey_traditional(
             private, pkey, EVP_des_ede3_cbc(), passphrase.ptr,
             (int)passphrase.len, NULL, NULL)) &&
         take_text(public, public_pem) && take_text(private, private_pem);
    BIO_free(public);
    BIO_free(private);
    return ok ? OK : ERR_CRYPTO;
}

/* --- import ------------------------------------------------------------- */

/* One PEM block, as libcrypto took it apart. */
struct block {
    char *type, *header;
    uint8_t *der;
    long len;
};

static void
block_clear(struct block *block)
{
    OPENSSL_free(block->type);
    OPENSSL_free(block->header);
    OPENSSL_clear_free(block->der, (size_t)block->len);
    *block = (struct block){0};
}

/* The first block that may hold a private key. */
static bool
find_block(BIO *memory, struct block *block)
{
    for (int i = 0; i < BLOCKS_MAX; i++) {
        if (!library_ok(PEM_read_bio(memory, &block->type, &block->header,
                                     &block->der, &block->len)))
            return false;
        if (strcmp(block->type, TRADITIONAL_TYPE) == 0 ||
            strcmp(block->type, PROTECTED_TYPE) == 0)
            return true;
        block_clear(block);
    }
    return false;
}

static enum err
open_traditional(struct block *block, struct span passphrase, EVP_PKEY **pkey)
{
    EVP_CIPHER_INFO info;
    const uint8_t *at;

    if (!library_ok(PEM_get_EVP_CIPHER_INFO(block->header, &info)) ||
        info.cipher == NULL)
        return ERR_FORMAT;
    if (!library_ok(PEM_do_header(&info, block->der, &block->len,
                                  give_passphrase, &passphrase)))
        return ERR_REFUSED;
    /* The padding of a wrong passphrase is right once in 256 times. */
    at = block->der;
    *pkey = d2i_PrivateKey(EVP_PKEY_RSA, NULL, &at, block->len);
    return library_ok(*pkey != NULL) ? OK : ERR_REFUSED;
}

static enum err
open_protected(const struct block *block, struct span passphrase,
               EVP_PKEY **pkey)
{
    const uint8_t *at = block->der;
    X509_SIG *sealed = d2i_X509_SIG(NULL, &at, block->len);
    PKCS8_PRIV_KEY_INFO *info;

    if (!library_ok(sealed != NULL))
        return ERR_FORMAT;
    info = PKCS8_decrypt(sealed, (const char *)passphrase.ptr,
                         (int)passphrase.len);
    X509_SIG_free(sealed);
    if (!library_ok(info != NULL))
        return ERR_REFUSED;
    *pkey = EVP_PKCS82PKEY_ex(info, NULL, NULL);
    PKCS8_PRIV_KEY_INFO_free(info);
    return library_ok(*pkey != NULL) ? OK : ERR_CRYPTO;
}

enum err
key_import(struct span pem, struct span passphrase, struct private_key **out)
{
    struct block block = {0};
    EVP_PKEY *pkey = NULL;
    enum err err = ERR_FORMAT;
    BIO *memory;

    if (pem.len == 0 || pem.len > KEY_PEM_MAX ||
        passphrase.len > KEY_PASSPHRASE_MAX)
        return ERR_FORMAT;
    (void)library();
    memory = BIO_new_mem_buf(pem.ptr, (int)pem.len);
    if (memory != NULL && find_block(memory, &block))
        err = strcmp(block.type, PROTECTED_TYPE) == 0
                  ? open_protected(&block, passphrase, &pkey)
                  : open_traditional(&block, passphrase, &pkey);
    block_clear(&block);
    BIO_free(memory);
    return err == OK ? private_key_take(pkey, out) : err;
}

bool
key_fits_public(const struct private_key *key, struct span pem)
{
    BIO *memory;
    EVP_PKEY *public;
    X509 *certificate = NULL;
    bool fits;

    if (pem.len == 0 || pem.len > KEY_PEM_MAX)
        return false;
    memory = BIO_new_mem_buf(pem.ptr, (int)pem.len);
    public = PEM_read_bio_PUBKEY(memory, NULL, give_passphrase, NULL);
    if (!library_ok(public != NULL)) {
        BIO_free(memory);
        memory = BIO_new_mem_buf(pem.ptr, (int)pem.len);
        certificate = PEM_read_bio_X509(memory, NULL, give_passphrase, NULL);
        if (library_ok(certificate != NULL))
        public = X509_get_pubkey(certificate);
    }
    fits = public != NULL &&
           library_ok(EVP_PKEY_eq(public, private_key_library(key)));
    EVP_PKEY_free(public);
    X509_free(certificate);
    BIO_free(memory);
    return fits;
}
