/*
 * Banners as they are shown: their tokens replaced.
 */
#ifndef CONTROL_BANNER_H
#define CONTROL_BANNER_H

#include "base/buf.h"
#include "control/session.h"

#define BANNER_SHOWN_MAX 32768 /* bytes; a banner that grows beyond is cut */

/*
 * Append the text of a banner with $(hostname), $(domain), $(line) and
 * $(line-desc) replaced, in one pass: what a token stands for is not looked
 * at again (hardening 10.3). Other tokens stay as they are. `text` NULL:
 * nothing.
 */
void banner_put(struct buf *to, const struct session *s, const char *text);
/* `no exec-banner` takes the message of the day away as well, as in IOS. */
bool banner_shows_motd(const struct config_line *line);

#endif
