/*
 * What a function that can fail returns. Whether it failed is all that a
 * return code says; everything else is an event or a result parameter.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum err {
    OK = 0,
    ERR_MORE,      /* not enough input yet; nothing was consumed */
    ERR_LENGTH,    /* a length is outside its limits */
    ERR_FORMAT,    /* bytes or text that do not parse */
    ERR_MAC,       /* integrity check failed */
    ERR_LIMIT,     /* a named limit was reached */
    ERR_PROTOCOL,  /* a message that is not allowed now */
    ERR_NO_MATCH,  /* no common algorithm */
    ERR_CRYPTO,    /* a cryptographic operation failed or a value is bad */
    ERR_REFUSED,   /* not permitted */
    ERR_NOT_FOUND, /* no such thing */
    ERR_EXISTS,    /* the thing is there already */
    ERR_BUSY,      /* try again later */
    ERR_SYSTEM,    /* the system call's errno tells */
    ERR_CLOSED,    /* the other end is gone */
};

/* A constant text for logs; never NULL. */
const char *err_text(enum err err);

#endif
