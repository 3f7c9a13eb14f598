#include "suites.h"

const struct suite suites[SUITES_COUNT] = {
    {"chacha20-poly1305@openssh.com", "hmac-sha2-256", false},
    {"aes256-gcm@openssh.com", "hmac-sha2-256", false},
    {"aes128-gcm@openssh.com", "hmac-sha2-256", false},
    {"aes256-ctr", "hmac-sha2-256-etm@openssh.com", false},
    {"aes192-ctr", "hmac-sha2-512", false},
    {"aes128-ctr", "hmac-sha2-256", false},
    {"aes128-ctr", "hmac-sha2-512-etm@openssh.com", false},
    {"aes128-cbc", "hmac-sha2-256-etm@openssh.com", false},
    {"aes128-cbc", "hmac-sha1", true},
    {"aes192-cbc", "hmac-sha1-96", true},
    {"aes256-cbc", "hmac-md5", true},
    {"3des-cbc", "hmac-md5-96", true},
    {"3des-cbc", "hmac-sha2-512-etm@openssh.com", false},
};
