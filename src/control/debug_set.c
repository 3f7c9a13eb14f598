/*
 * Debugging is turned on and off: all who work are told.
 */
#include "control/debug.h"
#include "control/outgoing.h"

void
debug_set(struct router *r, unsigned kinds, bool on)
{
    unsigned now = debug_kinds(r);

    debug_keep(r, on ? now | kinds : now & ~kinds);
    LIST_EACH(node, sessions_all(r))
    {
        debug_tell(LIST_ITEM(node, struct session, node));
    }
    outgoings_debug(r);
}
