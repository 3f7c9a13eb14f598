/*
 * What an exec request asks of scp. Clients send what a shell would understand;
 * this is all of it that there is here.
 */
#ifndef CONTROL_SCP_REQUEST_H
#define CONTROL_SCP_REQUEST_H

#include "os/flash.h"

struct scp_request {
    bool sink;      /* -t: the client sends; else -f */
    bool recursive; /* -r */
    bool times;     /* -p */
    bool directory; /* -d: the path is to be one */
    char path[FLASH_PATH_MAX];
};

/* Its first word is "scp". */
bool scp_request_is(struct span command);

/*
 * scp [-r] [-p] [-v] [-d] [-q] {-t|-f} [--] PATH, options in any order and
 * joined as well, each once; words in quotes as shells have them. ERR_FORMAT:
 * anything else. ERR_LENGTH: the path is too long.
 */
MUST_CHECK enum err scp_request_parse(struct span command,
                                      struct scp_request *request);

#endif
