/*
 * Words of `snmp-server` and `show snmp` for what the configuration keeps.
 */
#ifndef COMMANDS_SNMP_NAMES_H
#define COMMANDS_SNMP_NAMES_H

#include "config/config.h"

/* "1", "2c", "3 auth". */
const char *snmp_version_name(const struct config_snmp_host *host);
/* "auth", "noauth", "priv". */
const char *snmp_level_name(unsigned level);

#endif
