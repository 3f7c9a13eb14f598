#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "crypto/crypto.h"

/* --- life ------------------------------------------------------------ */

static void
turn_owner(void *owner)
{
    owner_turn(owner);
}

static void
turn_user(void *user)
{
    user_turn(user);
}

static void
begin(struct fixture *f)
{
    assert_int_equal(crypto_warm_up(), OK);
    *f = (struct fixture){.chance = {3}};
    owner_init(&f->owner);
    user_init(&f->user);
    f->setup = (struct ssh_setup){
        .software = "vtyd_test",
        .kex = pump_all_kex(),
        .host_key_algorithms = pump_all_host_keys(),
        .ciphers = pump_all_ciphers(),
        .macs = pump_all_macs(),
        .user_key_algorithms = pump_all_host_keys(),
        .random = chance_bytes,
        .random_state = &f->chance,
    };
}

void
fixture_server(struct fixture *f)
{
    fixture_server_taking(f, pump_all_host_keys());
}

void
fixture_server_taking(struct fixture *f, const char *user_keys)
{
    begin(f);
    f->setup.user_key_algorithms = user_keys;
    owner_start(&f->owner, &f->setup);
    raw_init(&f->raw, f->owner.conn, SSH_CLIENT, turn_owner, &f->owner);
}

void
fixture_client(struct fixture *f)
{
    begin(f);
    user_start(&f->user, &f->setup);
    raw_init(&f->raw, f->user.conn, SSH_SERVER, turn_user, &f->user);
}

void
fixture_clear(struct fixture *f)
{
    raw_clear(&f->raw);
    owner_clear(&f->owner);
    user_clear(&f->user);
}

static void
turn_nobody(void *owner)
{
    (void)owner;
}

void
fixture_let_alone(struct fixture *f)
{
    f->raw.turn = turn_nobody;
}

/* --- states ---------------------------------------------------------- */

void
fixture_kexinit(struct fixture *f)
{
    fixture_server(f);
    raw_idents(&f->raw);
    raw_expect_kexinit(&f->raw);
}

void
fixture_keys(struct fixture *f)
{
    raw_handshake(&f->raw);
    raw_expect_quiet(&f->raw);
}

void
fixture_service(struct fixture *f)
{
    fixture_keys(f);
    send_service_request(&f->raw, "ssh-userauth");
    raw_expect(&f->raw, SSH2_MSG_SERVICE_ACCEPT);
}

void
fixture_login(struct fixture *f)
{
    fixture_service(f);
    send_password(&f->raw, "lab", "cisco");
    raw_expect(&f->raw, SSH2_MSG_USERAUTH_SUCCESS);
}

uint32_t
fixture_open(struct fixture *f, uint32_t number)
{
    struct reader r;

    send_open(&f->raw, "session", number, 1 << 20, 32768);
    raw_expect(&f->raw, SSH2_MSG_CHANNEL_OPEN_CONFIRMATION);
    r = raw_fields(&f->raw);
    assert_int_equal(read_u32(&r), number);
    return read_u32(&r);
}

uint32_t
fixture_shell(struct fixture *f, uint32_t number)
{
    uint32_t channel = fixture_open(f, number);

    send_request(&f->raw, channel, "shell", true, NULL);
    raw_expect(&f->raw, SSH2_MSG_CHANNEL_SUCCESS);
    return channel;
}

uint32_t
fixture_server_shell(struct fixture *f)
{
    fixture_server(f);
    fixture_login(f);
    return fixture_shell(f, 42);
}

void
fixture_there_auth(struct fixture *f)
{
    raw_handshake(&f->raw);
    raw_expect(&f->raw, SSH2_MSG_SERVICE_REQUEST);
    send_sample(&f->raw, SSH2_MSG_SERVICE_ACCEPT);
    raw_expect(&f->raw, SSH2_MSG_USERAUTH_REQUEST);
}

void
fixture_there_opening(struct fixture *f)
{
    fixture_there_auth(f);
    raw_send_number(&f->raw, SSH2_MSG_USERAUTH_SUCCESS);
    raw_expect(&f->raw, SSH2_MSG_CHANNEL_OPEN);
}

void
fixture_there_session(struct fixture *f)
{
    fixture_there_opening(f);
    send_confirmation(&f->raw, 100000, 32768);
    raw_expect(&f->raw, SSH2_MSG_CHANNEL_REQUEST);
}

/* --- messages -------------------------------------------------------- */

void
send_confirmation(struct raw *raw, uint32_t window, uint32_t packet_max)
{
    struct buf *to = raw_begin(raw, SSH2_MSG_CHANNEL_OPEN_CONFIRMATION);

    buf_put_u32(to, 0);
    buf_put_u32(to, 7);
    buf_put_u32(to, window);
    buf_put_u32(to, packet_max);
    raw_end(raw);
}

void
send_service_request(struct raw *raw, const char *name)
{
    buf_put_text(raw_begin(raw, SSH2_MSG_SERVICE_REQUEST), name);
    raw_end(raw);
}

struct buf *
begin_auth(struct raw *raw, struct span user, const char *method)
{
    struct buf *to = raw_begin(raw, SSH2_MSG_USERAUTH_REQUEST);

    buf_put_string(to, user);
    buf_put_text(to, "ssh-connection");
    buf_put_text(to, method);
    return to;
}

void
expect_auth_failure(struct raw *raw)
{
    struct reader r;

    raw_expect(raw, SSH2_MSG_USERAUTH_FAILURE);
    r = raw_fields(raw);
    assert_true(span_is(read_string(&r), OWNER_METHODS));
    assert_int_equal(read_u8(&r), 0);
    assert_true(read_done(&r));
}

void
send_auth(struct raw *raw, const char *user, const char *method)
{
    struct buf *to = begin_auth(raw, span_text(user), method);

    if (strcmp(method, "keyboard-interactive") == 0) {
        buf_put_text(to, "");
        buf_put_text(to, "");
    }
    raw_end(raw);
}

void
send_password(struct raw *raw, const char *user, const char *password)
{
    struct buf *to = begin_auth(raw, span_text(user), "password");

    buf_put_bool(to, false);
    buf_put_text(to, password);
    raw_end(raw);
}

void
send_open(struct raw *raw, const char *type, uint32_t number, uint32_t window,
          uint32_t packet_max)
{
    struct buf *to = raw_begin(raw, SSH2_MSG_CHANNEL_OPEN);

    buf_put_text(to, type);
    buf_put_u32(to, number);
    buf_put_u32(to, window);
    buf_put_u32(to, packet_max);
    raw_end(raw);
}

void
send_request(struct raw *raw, uint32_t channel, const char *type,
             bool wants_reply, const char *argument)
{
    struct buf *to = raw_begin(raw, SSH2_MSG_CHANNEL_REQUEST);

    buf_put_u32(to, channel);
    buf_put_text(to, type);
    buf_put_bool(to, wants_reply);
    if (argument != NULL)
        buf_put_text(to, argument);
    raw_end(raw);
}

void
send_data(struct raw *raw, uint32_t channel, struct span bytes)
{
    struct buf *to = raw_begin(raw, SSH2_MSG_CHANNEL_DATA);

    buf_put_u32(to, channel);
    buf_put_string(to, bytes);
    raw_end(raw);
}

void
send_channel(struct raw *raw, uint8_t message, uint32_t channel)
{
    buf_put_u32(raw_begin(raw, message), channel);
    raw_end(raw);
}

void
send_adjust(struct raw *raw, uint32_t channel, uint32_t len)
{
    struct buf *to = raw_begin(raw, SSH2_MSG_CHANNEL_WINDOW_ADJUST);

    buf_put_u32(to, channel);
    buf_put_u32(to, len);
    raw_end(raw);
}

void
send_global(struct raw *raw, const char *name, bool wants_reply)
{
    struct buf *to = raw_begin(raw, SSH2_MSG_GLOBAL_REQUEST);

    buf_put_text(to, name);
    buf_put_bool(to, wants_reply);
    raw_end(raw);
}

/* --- samples of every number ----------------------------------------- */

static void
send_transport_sample(struct raw *raw, uint8_t message)
{
    struct buf *to = raw_begin(raw, message);

    switch (message) {
    case SSH2_MSG_DISCONNECT:
        buf_put_u32(to, SSH_REASON_BY_APPLICATION);
        buf_put_text(to, "bye");
        buf_put_text(to, "");
        break;
    case SSH2_MSG_IGNORE:
        buf_put_text(to, "whatever");
        break;
    case SSH2_MSG_UNIMPLEMENTED:
    case SSH2_MSG_EXT_INFO:
        buf_put_u32(to, 0);
        break;
    case SSH2_MSG_DEBUG:
        buf_put_bool(to, true);
        buf_put_text(to, "\033[2J");
        buf_put_text(to, "");
        break;
    case SSH2_MSG_SERVICE_REQUEST:
    case SSH2_MSG_SERVICE_ACCEPT:
        buf_put_text(to, "ssh-userauth");
        break;
    default:
        break;
    }
    raw_end(raw);
}

static void
send_exchange_sample(struct raw *raw, uint8_t message)
{
    static const uint8_t value[32] = {9};
    struct buf *to = raw_begin(raw, message);

    if (message == SSH2_MSG_GEX_REQUEST) {
        buf_put_u32(to, 2048);
        buf_put_u32(to, 2048);
        buf_put_u32(to, 8192);
    } else if (message != SSH2_MSG_NEWKEYS) {
        buf_put_string(to, span_of(value, sizeof(value)));
    }
    raw_end(raw);
}

static void
send_auth_sample(struct raw *raw, uint8_t message)
{
    struct buf *to;

    if (message == SSH2_MSG_USERAUTH_REQUEST) {
        send_auth(raw, "lab", "none");
        return;
    }
    to = raw_begin(raw, message);
    switch (message) {
    case SSH2_MSG_USERAUTH_FAILURE:
        buf_put_text(to, "password");
        buf_put_bool(to, false);
        break;
    case SSH2_MSG_USERAUTH_BANNER:
        buf_put_text(to, "hello");
        buf_put_text(to, "");
        break;
    case SSH2_MSG_USERAUTH_PK_OK:
        buf_put_text(to, "ssh-ed25519");
        buf_put_text(to, "key");
        break;
    case SSH2_MSG_USERAUTH_INFO_RESPONSE:
        buf_put_u32(to, 1);
        buf_put_text(to, "cisco");
        break;
    default:
        break;
    }
    raw_end(raw);
}

static void
send_connection_sample(struct raw *raw, uint8_t message)
{
    struct buf *to;

    if (message == SSH2_MSG_GLOBAL_REQUEST) {
        send_global(raw, "keepalive@openssh.com", true);
        return;
    }
    if (message == SSH2_MSG_CHANNEL_OPEN) {
        send_open(raw, "session", 5, 1 << 20, 32768);
        return;
    }
    to = raw_begin(raw, message);
    if (message >= SSH2_MSG_CHANNEL_OPEN_CONFIRMATION &&
        message <= SSH2_MSG_CHANNEL_FAILURE)
        buf_put_u32(to, 0);
    if (message == SSH2_MSG_CHANNEL_WINDOW_ADJUST)
        buf_put_u32(to, 1);
    if (message == SSH2_MSG_CHANNEL_DATA)
        buf_put_text(to, "data");
    if (message == SSH2_MSG_CHANNEL_EXTENDED_DATA) {
        buf_put_u32(to, 1);
        buf_put_text(to, "data");
    }
    if (message == SSH2_MSG_CHANNEL_REQUEST) {
        buf_put_text(to, "shell");
        buf_put_bool(to, true);
    }
    raw_end(raw);
}

void
send_sample(struct raw *raw, uint8_t message)
{
    if (message == SSH2_MSG_KEXINIT)
        raw_send_kexinit(raw);
    else if (message < SSH2_MSG_KEXINIT)
        send_transport_sample(raw, message);
    else if (message < SSH2_MSG_USERAUTH_FIRST)
        send_exchange_sample(raw, message);
    else if (message < SSH2_MSG_CONNECTION_FIRST)
        send_auth_sample(raw, message);
    else
        send_connection_sample(raw, message);
}
