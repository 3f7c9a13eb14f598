/*
 * Identification lines: is this SSH, and which version (RFC 4253 section 4).
 */
#ifndef SSH_VERSION_H
#define SSH_VERSION_H

#include "base/err.h"
#include "base/span.h"

enum version_kind {
    VERSION_1,     /* 1.5 and what would have followed it */
    VERSION_2,     /* 2.0 */
    VERSION_BOTH,  /* 1.99 */
    VERSION_OTHER, /* no version that anybody speaks */
};

/*
 * Look at an identification line without its CR LF. ERR_FORMAT: it is not
 * one ("SSH-" protoversion "-" softwareversion).
 */
MUST_CHECK enum err version_parse(struct span line, enum version_kind *kind);

#endif
