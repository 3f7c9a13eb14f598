/*
 * A startup-config of any bytes: what is accepted of it survives being
 * written and read again.
 */
#include "vocabulary.h"

#define INPUT_MAX 16384

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
ignore(void *owner, unsigned line, const char *text)
{
    (void)owner;
    assert(line > 0 && text != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config config;

    if (size > INPUT_MAX)
        return 0;
    config_init(&config);
    cli_load(vocabulary(), &config, span_of(data, size), ignore,
             vocabulary_router());
    vocabulary_survives(&config);
    config_clear(&config);
    return 0;
}
