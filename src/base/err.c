#include "base/err.h"

const char *
err_text(enum err err)
{
    switch (err) {
    case OK:
        return "no error";
    case ERR_MORE:
        return "more input needed";
    case ERR_LENGTH:
        return "length out of bounds";
    case ERR_FORMAT:
        return "malformed";
    case ERR_MAC:
        return "integrity check failed";
    case ERR_LIMIT:
        return "limit reached";
    case ERR_PROTOCOL:
        return "not allowed now";
    case ERR_NO_MATCH:
        return "no common algorithm";
    case ERR_CRYPTO:
        return "cryptographic failure";
    case ERR_REFUSED:
        return "not permitted";
    case ERR_NOT_FOUND:
        return "not found";
    case ERR_EXISTS:
        return "exists already";
    case ERR_BUSY:
        return "busy";
    case ERR_SYSTEM:
        return "system error";
    case ERR_CLOSED:
        return "closed";
    }
    return "unknown error";
}
