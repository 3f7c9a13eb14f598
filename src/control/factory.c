#include "control/factory.h"

/*
 * The algorithm lists hold what has no known weakness and what a present-day
 * client knows: no SHA-1, no CBC, no encrypt-and-MAC, no NIST curves for key
 * agreement. ECDSA comes last among the host keys: it is offered only where an
 * operator has made such a pair, which must then be good for something.
 * Whoever needs more says `no ip ssh server algorithm ...`, which restores the
 * language's own lists, or lists it.
 */
static const char factory_text[] =
    "ip ssh version 2\n"
    "ip ssh server algorithm mac hmac-sha2-256-etm@openssh.com "
    "hmac-sha2-512-etm@openssh.com\n"
    "ip ssh server algorithm encryption chacha20-poly1305@openssh.com "
    "aes256-gcm@openssh.com aes128-gcm@openssh.com aes256-ctr aes192-ctr "
    "aes128-ctr\n"
    "ip ssh server algorithm kex curve25519-sha256 "
    "curve25519-sha256@libssh.org diffie-hellman-group16-sha512 "
    "diffie-hellman-group18-sha512 diffie-hellman-group14-sha256\n"
    "ip ssh server algorithm hostkey ssh-ed25519 rsa-sha2-512 "
    "rsa-sha2-256 ecdsa-sha2-nistp256 ecdsa-sha2-nistp384 "
    "ecdsa-sha2-nistp521\n"
    "ip ssh server algorithm authentication publickey keyboard password\n"
    "ip ssh server algorithm publickey ssh-ed25519 ecdsa-sha2-nistp256 "
    "ecdsa-sha2-nistp384 ecdsa-sha2-nistp521 rsa-sha2-512 rsa-sha2-256\n"
    "line con 0\n"
    "line vty 0 15\n"
    " login local\n"
    " transport input ssh\n"
    "end\n";

struct span
factory_config(void)
{
    return span_text(factory_text);
}
