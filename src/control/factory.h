/*
 * The configuration of a router that has none of its own yet: safe today.
 */
#ifndef CONTROL_FACTORY_H
#define CONTROL_FACTORY_H

#include "base/span.h"

/* The text, in the command language. */
struct span factory_config(void);

#endif
