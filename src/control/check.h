/*
 * `vtyd check FILE`: read a configuration as the router would at its start.
 */
#ifndef CONTROL_CHECK_H
#define CONTROL_CHECK_H

struct cli_language;

/*
 * Print the configuration in `path` as show running-config writes it, or its
 * errors as "FILE:LINE: message" on standard error. The exit status: 0 or 1.
 */
int check_file(const struct cli_language *language, const char *path);

#endif
