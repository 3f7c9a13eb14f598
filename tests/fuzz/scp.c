/*
 * What the other end of scp says: the first byte chooses the end that is
 * played here, its options, and whether every third action fails; the second
 * the size of the pieces. Whatever comes, the engine asks for what its owner
 * may do now, and for one end only, behind which nothing is open.
 */
#include <assert.h>
#include <string.h>

#include "transfer/scp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct owner {
    struct scp *engine;
    bool sink, failing, open, ended;
    unsigned actions;
    uint64_t promised, written; /* bytes of the file that is open */
};

static void
create(struct owner *o, const struct scp_action *a)
{
    assert(!o->open && a->path[0] != '\0');
    assert(strlen(a->path) < SCP_PATH_MAX);
    o->open = true;
    o->promised = a->bytes;
    o->written = 0;
    scp_done(o->engine);
}

static void
write_data(struct owner *o, const struct scp_action *a, struct span input)
{
    assert(o->open && a->data.len > 0);
    assert(a->data.ptr >= input.ptr &&
           a->data.ptr + a->data.len <= input.ptr + input.len);
    o->written += a->data.len;
    assert(o->written <= o->promised);
}

static void
open_source(struct owner *o, const struct scp_action *a)
{
    static const struct scp_attributes attributes = {
        .has_mode = true, .mode = 0644, .has_times = true};
    bool directory = strlen(a->path) % 3 == 0;

    assert(!o->open);
    o->open = !directory;
    scp_opened(o->engine, directory ? SCP_DIRECTORY : SCP_FILE,
               o->actions % 70000, &attributes);
    /* A directory that is not wanted is not gone into. */
}

static void
list(struct owner *o, const struct scp_action *a)
{
    static const char names[] = "a\0bb\0ccc";

    scp_listed(o->engine,
               a->after[0] == '\0' ? span_of(names, sizeof(names)) : SPAN_EMPTY,
               false);
}

static void
succeed(struct owner *o, const struct scp_action *a)
{
    switch (a->type) {
    case SCP_STAT:
        scp_found(o->engine, (enum scp_kind)(o->actions % 3));
        break;
    case SCP_CREATE:
        create(o, a);
        break;
    case SCP_COMMIT:
        assert(o->open && o->written == o->promised);
        o->open = false;
        scp_done(o->engine);
        break;
    case SCP_MAKE_DIRECTORY:
        scp_found(o->engine, SCP_DIRECTORY);
        break;
    case SCP_SET:
        scp_done(o->engine);
        break;
    case SCP_OPEN:
        open_source(o, a);
        break;
    case SCP_READ:
        assert(o->open && a->bytes > 0 && scp_output(o->engine).len == 0);
        scp_sent(o->engine, a->bytes < 32768 ? (size_t)a->bytes : 32768);
        break;
    default:
        assert(a->type == SCP_LIST);
        list(o, a);
        break;
    }
}

static bool
wants_answer(enum scp_action_type type)
{
    return type != SCP_WRITE && type != SCP_ABANDON && type != SCP_CLOSE &&
           type != SCP_END;
}

static void
carry_out(struct owner *o, const struct scp_action *a, struct span input)
{
    bool fails = o->failing && ++o->actions % 3 == 0;

    o->actions += !o->failing;
    assert(!o->ended);
    if (a->type == SCP_WRITE)
        write_data(o, a, input);
    if (a->type == SCP_ABANDON || a->type == SCP_CLOSE) {
        assert(o->open);
        o->open = false;
    } else if (a->type == SCP_END) {
        assert(!o->open);
        o->ended = true;
    } else if (fails) {
        if (a->type == SCP_COMMIT)
            o->open = false;
        scp_failed(o->engine, "why");
    } else if (wants_answer(a->type)) {
        succeed(o, a);
    }
}

static void
work(struct owner *o, struct span input)
{
    struct scp_action action;
    bool more = true;

    while (more) {
        struct span out = scp_output(o->engine);

        assert(out.len < 64 * 1024);
        scp_output_sent(o->engine, out.len);
        more = scp_next(o->engine, &action);
        if (more)
            carry_out(o, &action, input);
        else
            more = scp_output(o->engine).len > 0;
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct scp_setup setup = {.path = span_text("flash:x")};
    struct owner o = {.actions = 0};
    struct span rest;

    if (size < 2)
        return 0;
    o.sink = (data[0] & 1) != 0;
    o.failing = (data[0] & 16) != 0;
    setup.role = o.sink ? SCP_SINK : SCP_SOURCE;
    setup.recursive = (data[0] & 2) != 0;
    setup.times = (data[0] & 4) != 0;
    setup.directory = (data[0] & 8) != 0;
    o.engine = scp_new(&setup);
    rest = span_of(data + 2, size - 2);
    while (rest.len > 0) {
        size_t len = rest.len <= data[1] ? rest.len : (size_t)data[1] + 1;
        struct span piece;
        size_t used;

        work(&o, SPAN_EMPTY);
        piece = span_of(rest.ptr, len < rest.len ? len : rest.len);
        used = scp_input(o.engine, piece);
        work(&o, piece);
        if (used == 0)
            break;
        rest = span_of(rest.ptr + used, rest.len - used);
    }
    scp_input_end(o.engine);
    work(&o, SPAN_EMPTY);
    assert(o.ended);
    scp_free(o.engine);
    return 0;
}
