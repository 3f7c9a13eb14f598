/*
 * Access lists at work: who may come in on a line, and how often each entry
 * has decided.
 */
#ifndef CONTROL_ACCESS_H
#define CONTROL_ACCESS_H

#include "control/router.h"

/*
 * What an `access-class` says of a connection from, or to, an address, and the
 * entry that says so; *entry is NULL where none does. IPv6 counts by the list
 * for IPv6; a class that has only one for IPv4 refuses it. A list that is not
 * there, or has no entries, permits.
 */
bool access_permits(const struct router *r,
                    const struct config_access_class *access,
                    const struct config_address *address,
                    const struct config_ace **entry);

/* That entry has decided about one more connection. */
void access_count(struct router *r, const struct config_ace *entry);
/* How often it has, since it was entered or cleared. */
uint64_t access_matches(const struct router *r, const struct config_ace *entry);
/* Forget the counts of one list; NULL: of all. */
void access_clear(struct router *r, const struct config_acl *acl);
/* Lists have changed: forget what was counted for entries that are gone. */
void access_forget(struct router *r);
void access_free(struct router *r);

#endif
