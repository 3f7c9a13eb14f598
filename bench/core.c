/*
 * The protocol core against itself, in one process and without a socket: what
 * sealing and opening channel data cost, by cipher.
 *
 *   core [CIPHER [MAC]]      default: every cipher, with hmac-sha2-256-etm
 *
 * One line a cipher: CPU seconds a GiB for sealing, opening, and what goes the
 * other way meanwhile.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/cipher.h"
#include "pump.h"

#define BYTES (512ull * 1024 * 1024) /* under a re-key's gigabyte */
#define GIB   (1024.0 * 1024 * 1024)

/* One direction's bytes on their way, and its cost. */
struct way {
    struct ssh_conn *from, *to;
    uint32_t from_channel, to_channel;
    uint8_t bytes[SSH_OUTPUT_MAX];
    size_t len;
    double seal_s, open_s;
};

static double
cpu_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* As much data as there is room for; the bytes put. */
static uint64_t
seal(struct way *way, uint64_t most)
{
    double began = cpu_s();
    uint64_t put = 0;
    uint8_t *place;

    while (put < most) {
        size_t room = ssh_channel_reserve(way->from, way->from_channel,
                                          most - put, &place);

        if (room == 0)
            break;
        ssh_channel_commit(way->from, way->from_channel, room);
        put += room;
    }
    way->seal_s += cpu_s() - began;
    return put;
}

static void
take_events(struct ssh_conn *c, uint32_t channel)
{
    struct ssh_event event;

    while (ssh_conn_next_event(c, &event))
        if (event.type == SSH_EVENT_DATA)
            ssh_channel_consumed(c, channel, event.bytes.len);
}

/* What the kernel would do, then open it at the other end. */
static void
carry(struct way *way)
{
    struct span out = ssh_conn_output(way->from);
    double began;
    size_t done = 0;

    memcpy(way->bytes, out.ptr, out.len);
    way->len = out.len;
    ssh_conn_output_sent(way->from, out.len);
    began = cpu_s();
    while (done < way->len) {
        done += ssh_conn_input(way->to, way->bytes + done, way->len - done);
        take_events(way->to, way->to_channel);
    }
    way->open_s += cpu_s() - began;
}

static void
measure(const char *cipher, const char *mac)
{
    static struct way data, back;
    struct pump pump;
    uint64_t left = BYTES;

    pump_init(&pump);
    pump.server_setup.random = pump.client_setup.random = random_bytes;
    pump.client_setup.ciphers = cipher;
    pump.client_setup.macs = mac;
    pump.client.sessions = 1;
    pump.client.command = NULL;
    pump.client.keeps_open = true;
    pump_start(&pump);
    pump_run(&pump);
    data = (struct way){.from = pump.server.conn, .to = pump.client.conn};
    data.to_channel = pump.client.channels[0].number;
    back = (struct way){.from = data.to, .to = data.from};
    back.from_channel = data.to_channel;
    while (left > 0) {
        left -= seal(&data, left);
        carry(&data);
        carry(&back);
        take_events(data.from, data.from_channel);
    }
    printf("%-32s seal %.3f  open %.3f  back %.3f s/GiB\n", cipher,
           data.seal_s * GIB / BYTES, data.open_s * GIB / BYTES,
           back.open_s * GIB / BYTES);
    pump_clear(&pump);
}

int
main(int argc, char **argv)
{
    const char *mac = argc > 2 ? argv[2] : "hmac-sha2-256-etm@openssh.com";

    if (argc > 1) {
        measure(argv[1], mac);
        return 0;
    }
    for (size_t i = 0; cipher_methods[i].name != NULL; i++)
        measure(cipher_methods[i].name, mac);
    return 0;
}
