/*
 * What messages about SNMP notifications carry in their spans: object
 * identifiers and the variables of a notification.
 */
#ifndef IPC_SNMP_H
#define IPC_SNMP_H

#include "base/buf.h"
#include "base/reader.h"
#include "base/span.h"

#define SNMP_OID_MAX       64 /* sub-identifiers; of ours none has more */
#define SNMP_VARIABLES_MAX 16 /* of one notification */
#define SNMP_TEXT_MAX      255

struct snmp_oid {
    size_t count;
    uint32_t ids[SNMP_OID_MAX];
};

enum snmp_type {
    SNMP_INTEGER = 1, /* 0 .. 2^31 - 1 */
    SNMP_TICKS = 2,   /* hundredths of a second */
    SNMP_OCTETS = 3,
    SNMP_OBJECT = 4, /* an object identifier */
};

struct snmp_variable {
    struct snmp_oid name;
    enum snmp_type type;
    uint32_t number;        /* INTEGER, TICKS */
    struct span octets;     /* OCTETS; borrowed, at most SNMP_TEXT_MAX */
    struct snmp_oid object; /* OBJECT */
};

/* More sub-identifiers than there is room for are a programming error. */
void snmp_oid_add(struct snmp_oid *oid, const uint32_t *ids, size_t count);
void snmp_oid_add_one(struct snmp_oid *oid, uint32_t id);

void snmp_oid_put(struct buf *to, const struct snmp_oid *oid);
void snmp_variable_put(struct buf *to, const struct snmp_variable *variable);
/* The reader fails for what cannot be: see read_ok(). */
void snmp_oid_read(struct reader *from, struct snmp_oid *oid);
void snmp_variable_read(struct reader *from, struct snmp_variable *variable);

#endif
