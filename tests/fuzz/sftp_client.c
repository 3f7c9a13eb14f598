/*
 * The first byte chooses the way of the file and the pieces in which the rest,
 * a server's answers, comes. Whatever they are: no data lies beyond the
 * limit, output stays bounded, and after the end there is nothing more.
 */
#include <assert.h>

#include "transfer/sftp_client.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MOST       100000
#define OUTPUT_MAX (64 * 1024)

struct run {
    struct sftp_client *c;
    bool put, ended;
    uint64_t moved;
};

static void
take_actions(struct run *run)
{
    struct sftp_client_action a;

    while (sftp_client_next(run->c, &a)) {
        assert(!run->ended);
        switch (a.type) {
        case SFTP_CLIENT_SIZE:
            assert(!run->put && a.bytes <= MOST);
            break;
        case SFTP_CLIENT_WRITE:
            assert(!run->put && a.data.len > 0);
            assert(a.offset + a.data.len <= MOST);
            run->moved += a.data.len;
            break;
        case SFTP_CLIENT_READ:
            assert(run->put && a.offset + a.bytes <= MOST);
            run->moved += a.bytes;
            sftp_client_sent(run->c, a.bytes);
            break;
        case SFTP_CLIENT_END:
            run->ended = true;
            if (a.end == SFTP_CLIENT_DONE)
                assert(a.bytes == run->moved);
            break;
        }
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sftp_client_setup setup = {.path = span_text("x"), .bytes = MOST};
    struct run run = {.ended = false};
    size_t piece, at = 1;

    if (size == 0)
        return 0;
    run.put = setup.put = (data[0] & 1) != 0;
    piece = data[0] < 128 ? size : data[0] / 2 % 16 + 1u;
    run.c = sftp_client_new(&setup);
    while (at < size) {
        struct span rest = span_of(data + at, size - at), out;

        if (rest.len > piece)
            rest.len = piece;
        at += sftp_client_input(run.c, rest);
        out = sftp_client_output(run.c);
        assert(out.len <= OUTPUT_MAX);
        take_actions(&run);
        sftp_client_output_sent(run.c, sftp_client_output(run.c).len);
    }
    sftp_client_input_end(run.c);
    take_actions(&run);
    assert(run.ended);
    sftp_client_free(run.c);
    return 0;
}
