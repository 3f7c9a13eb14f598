/*
 * A small language with every kind of row, for the tests of the engine.
 */
#ifndef TESTS_UNIT_CLI_SAMPLE_H
#define TESTS_UNIT_CLI_SAMPLE_H

#include "cli/cli.h"

extern const struct cli_mode sample_exec;
extern const struct cli_mode sample_config;
extern const struct cli_mode sample_acl;
extern const struct cli_mode sample_line;
extern const struct cli_mode sample_chain;
extern const struct cli_mode sample_chain_user;
extern const struct cli_mode *const sample_modes[];

/* What .changed saw last, if the owner of a change is one of these. */
struct sample_seen {
    unsigned calls;
    char before[256], after[256];
};

struct cli_language *sample_language(void);

#endif
