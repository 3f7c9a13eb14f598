/* radius.h: what requests and answers say, attribute by attribute. */
#include "base/text.h"

#include "aaa/radius.h"

#define VENDOR_CISCO     9
#define CISCO_AVPAIR     1
#define VENDOR_HEADER    4 /* the vendor's number */
#define PRIVILEGE_MAX    15
#define PRIVILEGE_DIGITS 2
#define CLASS_MAX        RADIUS_VALUE_MAX
#define GIGAWORD_SHIFT   32
#define PORT_ASYNC       0 /* NAS-Port-Type, RFC 2865 section 5.41 */
#define PORT_VIRTUAL     5
#define LOGIN            1 /* Service-Type, RFC 2865 section 5.6 */
#define NAS_PROMPT       7
#define AUTHENTIC_RADIUS 1 /* Acct-Authentic, RFC 2866 section 5.6 */
#define AUTHENTIC_LOCAL  2
#define AUTHENTIC_REMOTE 3

/* --- what an answer allows ---------------------------------------------- */

static bool
is_printable(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < ' ' || text.ptr[i] > '~')
            return false;
    return true;
}

/* Of the vendors only Cisco's form is known; others do not count. */
static enum err
take_vendor(struct span value, struct buf *attributes)
{
    struct reader r = reader_over(value);
    uint32_t vendor = read_u32(&r);
    struct span text;
    uint8_t type;

    if (!read_ok(&r))
        return ERR_FORMAT;
    if (vendor != VENDOR_CISCO)
        return OK;
    while (radius_next(&r, &type, &text)) {
        if (type != CISCO_AVPAIR)
            continue;
        if (!is_printable(text))
            return ERR_FORMAT;
        buf_put_string(attributes, text);
    }
    return read_done(&r) ? OK : ERR_FORMAT;
}

static enum err
take_number(const char *name, struct span value, struct buf *attributes)
{
    struct reader r = reader_over(value);
    uint32_t number = read_u32(&r);

    if (!read_done(&r))
        return ERR_FORMAT;
    aaa_argument_put(attributes, name, "%u", number);
    return OK;
}

/* What accounting has to give back as it is. */
static enum err
take_class(struct span value, struct buf *attributes)
{
    char hex[2 * CLASS_MAX + 1];

    text_hex(hex, sizeof(hex), value);
    aaa_argument_put(attributes, "class", "%s", hex);
    return OK;
}

static enum err
take_one(uint8_t type, struct span value, struct buf *attributes)
{
    switch (type) {
    case RADIUS_VENDOR_SPECIFIC:
        return take_vendor(value, attributes);
    case RADIUS_SERVICE_TYPE:
        return take_number("service-type", value, attributes);
    case RADIUS_SESSION_TIMEOUT:
        return take_number("session-timeout", value, attributes);
    case RADIUS_IDLE_TIMEOUT:
        return take_number("idle-timeout", value, attributes);
    case RADIUS_CLASS:
        return take_class(value, attributes);
    default:
        return OK;
    }
}

enum err
radius_take_attributes(const struct radius_packet *packet,
                       struct buf *attributes)
{
    struct reader r = reader_over(packet->attributes);
    struct span value;
    uint64_t level;
    uint8_t type;
    enum err err = OK;

    while (err == OK && radius_next(&r, &type, &value))
        err = take_one(type, value, attributes);
    if (err == OK &&
        aaa_argument_find(buf_span(attributes), "priv-lvl", &value) &&
        (value.len > PRIVILEGE_DIGITS ||
         text_number(value, PRIVILEGE_MAX, &level) != OK))
        return ERR_REFUSED;
    return err;
}

void
radius_take_text(const struct radius_packet *packet, struct buf *text)
{
    struct reader r = reader_over(packet->attributes);
    struct span value;
    uint8_t type;

    while (radius_next(&r, &type, &value))
        if (type == RADIUS_REPLY_MESSAGE)
            buf_put_span(text, value);
}

/* --- what a request says ------------------------------------------------ */

/* What fits into one attribute. */
static void
put_text(struct buf *to, enum radius_type type, struct span text)
{
    if (text.len > RADIUS_VALUE_MAX)
        text.len = RADIUS_VALUE_MAX;
    radius_put(to, type, text);
}

/* "tty3" is 3. */
static uint32_t
port_number(struct span port)
{
    uint64_t number = 0;
    size_t at = port.len;

    while (at > 0 && port.ptr[at - 1] >= '0' && port.ptr[at - 1] <= '9')
        at--;
    if (text_number(span_of(port.ptr + at, port.len - at), UINT32_MAX,
                    &number) != OK)
        return 0;
    return (uint32_t)number;
}

void
radius_put_line(struct buf *to, const struct aaa_start *start)
{
    const struct msg_aaa_request *request = start->request;
    bool cable = span_is(request->remote, "async");

    if (start->local.len == 4)
        radius_put(to, RADIUS_NAS_IP_ADDRESS, start->local);
    else
        radius_put(to, RADIUS_NAS_IPV6_ADDRESS, start->local);
    put_text(to, RADIUS_NAS_IDENTIFIER, request->router);
    radius_put_u32(to, RADIUS_NAS_PORT, port_number(request->port));
    put_text(to, RADIUS_NAS_PORT_ID, request->port);
    radius_put_u32(to, RADIUS_NAS_PORT_TYPE, cable ? PORT_ASYNC : PORT_VIRTUAL);
    if (!cable)
        put_text(to, RADIUS_CALLING_STATION_ID, request->remote);
}

/* The number that an argument gives; 0: it does not. */
static bool
number_of(struct span arguments, const char *name, uint64_t *number)
{
    struct span value;

    return aaa_argument_find(arguments, name, &value) &&
           text_number(value, INT64_MAX, number) == OK;
}

static void
put_number(struct buf *to, enum radius_type type, struct span arguments,
           const char *name)
{
    uint64_t number;

    if (number_of(arguments, name, &number))
        radius_put_u32(to, type,
                       number > UINT32_MAX ? UINT32_MAX : (uint32_t)number);
}

/* RFC 2869 sections 5.1 and 5.2: how often the 32 bits were full. */
static void
put_octets(struct buf *to, enum radius_type low, enum radius_type high,
           struct span arguments, const char *name)
{
    uint64_t number;

    if (!number_of(arguments, name, &number))
        return;
    radius_put_u32(to, low, (uint32_t)number);
    if (number >> GIGAWORD_SHIFT > 0)
        radius_put_u32(to, high, (uint32_t)(number >> GIGAWORD_SHIFT));
}

static int
hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* As radius_take_attributes() gave it; what is not so is left out. */
static void
put_class(struct buf *to, struct span arguments)
{
    uint8_t bytes[CLASS_MAX];
    struct span hex;
    size_t len = 0;

    if (!aaa_argument_find(arguments, "class", &hex) ||
        hex.len / 2 > sizeof(bytes))
        return;
    for (; 2 * len + 1 < hex.len; len++) {
        int high = hex_digit(hex.ptr[2 * len]);
        int low = hex_digit(hex.ptr[2 * len + 1]);

        if (high < 0 || low < 0)
            return;
        bytes[len] = (uint8_t)(high << 4 | low);
    }
    radius_put(to, RADIUS_CLASS, span_of(bytes, len));
}

static uint32_t
authentic(uint8_t method)
{
    if (method == AAA_BY_RADIUS)
        return AUTHENTIC_RADIUS;
    return method == AAA_BY_TACACS ? AUTHENTIC_REMOTE : AUTHENTIC_LOCAL;
}

/* Cisco's form of an argument: "addr=tty5". */
static void
put_avpair(struct buf *to, struct span arguments, const char *name)
{
    uint8_t value[RADIUS_VALUE_MAX];
    size_t head = VENDOR_HEADER + 2, len = strlen(name) + 1;
    struct span text;

    if (!aaa_argument_find(arguments, name, &text) ||
        head + len + text.len > sizeof(value))
        return;
    memcpy(value, (const uint8_t[]){0, 0, 0, VENDOR_CISCO, CISCO_AVPAIR}, 5);
    value[5] = (uint8_t)(2 + len + text.len);
    memcpy(value + head, name, len - 1);
    value[head + len - 1] = '=';
    memcpy(value + head + len, text.ptr, text.len);
    radius_put(to, RADIUS_VENDOR_SPECIFIC,
               span_of(value, head + len + text.len));
}

/* A connection from here says where it leads; a line has no address. */
static void
put_service(struct buf *to, struct span arguments)
{
    struct span service;
    bool connects = aaa_argument_find(arguments, "service", &service) &&
                    span_is(service, "connection");

    radius_put_u32(to, RADIUS_SERVICE_TYPE, connects ? LOGIN : NAS_PROMPT);
    if (!connects)
        return;
    put_avpair(to, arguments, "protocol");
    put_avpair(to, arguments, "addr");
}

bool
radius_put_accounting(struct buf *to, const struct msg_aaa_request *request,
                      uint64_t waited_ms)
{
    struct span arguments = request->arguments, task;

    if (!aaa_argument_find(arguments, "task_id", &task) || task.len == 0)
        return false;
    radius_put_u32(to, RADIUS_ACCT_STATUS_TYPE, request->accounting);
    put_text(to, RADIUS_ACCT_SESSION_ID, task);
    put_text(to, RADIUS_USER_NAME, request->user);
    if (request->method != AAA_BY_NOTHING)
        radius_put_u32(to, RADIUS_ACCT_AUTHENTIC, authentic(request->method));
    put_service(to, arguments);
    radius_put_u32(to, RADIUS_ACCT_DELAY_TIME, (uint32_t)(waited_ms / 1000));
    if (request->accounting != AAA_START) {
        put_number(to, RADIUS_ACCT_SESSION_TIME, arguments, "elapsed_time");
        put_octets(to, RADIUS_ACCT_INPUT_OCTETS, RADIUS_ACCT_INPUT_GIGAWORDS,
                   arguments, "bytes_in");
        put_octets(to, RADIUS_ACCT_OUTPUT_OCTETS, RADIUS_ACCT_OUTPUT_GIGAWORDS,
                   arguments, "bytes_out");
    }
    if (request->accounting == AAA_STOP)
        put_number(to, RADIUS_ACCT_TERMINATE_CAUSE, arguments, "disc-cause");
    put_class(to, arguments);
    return true;
}
