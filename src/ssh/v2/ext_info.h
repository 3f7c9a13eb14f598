/*
 * Extension negotiation (RFC 8308): the server says which algorithms it takes
 * for publickey authentication.
 */
#ifndef SSH_V2_EXT_INFO_H
#define SSH_V2_EXT_INFO_H

#include "ssh/v2/ssh2.h"

/* Server: send ours, as the first packet after the first NEWKEYS. */
void ext_info_send(struct ssh2 *ssh);
enum err on_ext_info(struct ssh2 *ssh, struct reader *msg);

#endif
