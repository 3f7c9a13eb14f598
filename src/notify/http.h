/*
 * As much of HTTP/1.1 (RFC 9110, RFC 9112) as one page needs: a request is
 * read, an answer written. No I/O, no clock.
 */
#ifndef NOTIFY_HTTP_H
#define NOTIFY_HTTP_H

#include "base/buf.h"

#define HTTP_REQUEST_MAX (8 * 1024) /* bytes up to the end of its header */
#define HTTP_HEAD_MAX    512        /* bytes that an answer adds to the page */

struct http_request {
    unsigned status; /* 200: the page is wanted */
    bool head;       /* without its content */
};

/*
 * What came so far. False: more has to come. Names other than those of this
 * machine's loopback are refused, so that no web page of a stranger's gets at
 * the numbers by a name that leads here.
 */
bool http_read(struct span bytes, struct http_request *q);
/* `page` counts for status 200 only. The connection ends behind it. */
void http_answer(struct buf *to, const struct http_request *q,
                 struct span page);

#endif
