/*
 * RSA key pairs of the sizes that the router's language allows. Private to
 * keyfile.c.
 */
#ifndef CRYPTO_RSA_GENERATE_H
#define CRYPTO_RSA_GENERATE_H

#include <openssl/evp.h>

#define RSA_GENERATE_BITS_MIN 360
#define RSA_GENERATE_BITS_MAX 4096

/* A new pair with e = 65537; NULL beyond the limits or on failure. */
EVP_PKEY *rsa_generate(unsigned bits);

#endif
