/*
 * What the commands about access lists share.
 */
#ifndef COMMANDS_ACCESS_LIST_H
#define COMMANDS_ACCESS_LIST_H

#include "cli/cli.h"
#include "control/command.h"

#define ACE_TEXT 300 /* bytes of an entry's text, NUL included */

/*
 * Add the entry, or with `no` remove it: by its sequence number, if that is
 * all that was given. An entry that is there already is not added again. The
 * entry is cleared. NULL, or the refusal.
 */
const char *acl_change(const struct cli_change *change, struct config_acl *acl,
                       struct config_ace *entry);
/*
 * The entry at `i` as a line gives it, "permit 10.1.1.0 0.0.0.255"; IPv6 with
 * `permit ipv6 SOURCE any`.
 */
void ace_text(const struct config_ace *entry, bool ipv6, char text[ACE_TEXT]);
/* It has another sequence number than it would get at its place by itself. */
bool ace_is_numbered(const struct config_acl *acl, size_t i);

#endif
