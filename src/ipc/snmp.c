#include "ipc/snmp.h"

#include <assert.h>

void
snmp_oid_add(struct snmp_oid *oid, const uint32_t *ids, size_t count)
{
    assert(count <= SNMP_OID_MAX - oid->count);
    memcpy(oid->ids + oid->count, ids, count * sizeof(*ids));
    oid->count += count;
}

void
snmp_oid_add_one(struct snmp_oid *oid, uint32_t id)
{
    snmp_oid_add(oid, &id, 1);
}

void
snmp_oid_put(struct buf *to, const struct snmp_oid *oid)
{
    size_t mark = buf_begin_string(to);

    for (size_t i = 0; i < oid->count; i++)
        buf_put_u32(to, oid->ids[i]);
    buf_end_string(to, mark);
}

void
snmp_variable_put(struct buf *to, const struct snmp_variable *variable)
{
    snmp_oid_put(to, &variable->name);
    buf_put_u8(to, (uint8_t)variable->type);
    buf_put_u32(to, variable->number);
    buf_put_string(to, variable->octets);
    snmp_oid_put(to, &variable->object);
}

/* Two sub-identifiers at least: BER has no shorter ones (X.690 8.19). */
void
snmp_oid_read(struct reader *from, struct snmp_oid *oid)
{
    struct reader ids = reader_over(read_string(from));

    oid->count = 0;
    while (!read_done(&ids) && read_ok(&ids) && oid->count < SNMP_OID_MAX)
        oid->ids[oid->count++] = read_u32(&ids);
    if (!read_done(&ids) || oid->count == 1 ||
        (oid->count > 0 &&
         (oid->ids[0] > 2 || (oid->ids[0] < 2 && oid->ids[1] >= 40))))
        read_fail(from);
}

void
snmp_variable_read(struct reader *from, struct snmp_variable *variable)
{
    snmp_oid_read(from, &variable->name);
    variable->type = (enum snmp_type)read_u8(from);
    variable->number = read_u32(from);
    variable->octets = read_string(from);
    snmp_oid_read(from, &variable->object);
    if (variable->name.count == 0 || variable->type < SNMP_INTEGER ||
        variable->type > SNMP_OBJECT ||
        (variable->type == SNMP_INTEGER && variable->number > INT32_MAX) ||
        (variable->type == SNMP_OBJECT && variable->object.count == 0) ||
        variable->octets.len > SNMP_TEXT_MAX)
        read_fail(from);
}
