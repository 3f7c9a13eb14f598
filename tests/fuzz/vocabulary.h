/*
 * The router's own language for the fuzz targets that type into it, and what
 * must hold of every configuration that comes of it.
 */
#ifndef TESTS_FUZZ_VOCABULARY_H
#define TESTS_FUZZ_VOCABULARY_H

#include <assert.h>

#include "cli/cli.h"
#include "commands/all.h"
#include "control/router.h"

#define VOCABULARY_TEXT_MAX ((size_t)1 << 24)

/* Compiled once: the one context of a target. */
static inline const struct cli_language *
vocabulary(void)
{
    static struct cli_language *language;

    if (language == NULL)
        language = cli_language_new(command_modes, NULL);
    assert(language != NULL);
    return language;
}

/* Neither keys nor a listener, as while startup-config is read. */
static inline struct router *
vocabulary_router(void)
{
    static struct router router;

    return &router;
}

static inline void
vocabulary_refused(void *owner, unsigned line, const char *text)
{
    (void)owner;
    (void)line;
    (void)text;
    assert(!"a written configuration is refused");
}

/* Write, read, write: the same text and the same settings. */
static inline void
vocabulary_survives(const struct config *config)
{
    struct buf first, second;
    struct config again;

    buf_init(&first, VOCABULARY_TEXT_MAX);
    buf_init(&second, VOCABULARY_TEXT_MAX);
    config_init(&again);
    cli_write_config(vocabulary(), config, false, &first);
    cli_load(vocabulary(), &again, buf_span(&first), vocabulary_refused,
             vocabulary_router());
    cli_write_config(vocabulary(), &again, false, &second);
    assert(buf_ok(&first) && buf_ok(&second));
    assert(span_equal(buf_span(&first), buf_span(&second)));
    assert(config_equal(config, &again));
    config_clear(&again);
    buf_clear(&first);
    buf_clear(&second);
}

#endif
