/*
 * Two connections joined by two pipes: bytes go from one to the other until
 * nothing moves any more.
 */
#ifndef TESTS_CORE_PUMP_H
#define TESTS_CORE_PUMP_H

#include "chance.h"
#include "owner.h"
#include "user.h"

struct pump {
    struct owner server;
    struct user client;
    struct chance chance;
    uint64_t now_ms;
    struct ssh_setup server_setup, client_setup;

    size_t chunk; /* bytes at a time; 0: all there are */
    size_t pipe;  /* bytes that one way holds; 0: without end */
    bool server_stops_reading, client_stops_reading;
    struct buf to_server, to_client; /* on their way */
    uint64_t bytes_to_server, bytes_to_client;
    size_t output_peak; /* most bytes that ever waited in the server */
};

/* Both sides offer everything; change the setups, then pump_start(). */
void pump_init(struct pump *pump);
void pump_start(struct pump *pump);
void pump_clear(struct pump *pump);
/* One round; false when nothing moved. */
bool pump_round(struct pump *pump);
/* Until nothing moves. */
void pump_run(struct pump *pump);
/* All that there is of one kind, as a list of names. */
const char *pump_all_kex(void);
const char *pump_all_ciphers(void);
const char *pump_all_macs(void);
const char *pump_all_host_keys(void);

#endif
