/*
 * Keys made, and signatures given, by OpenSSH 9.2: ssh-keygen -t ..., and
 * ssh-keygen -Y sign -n vectors over the text below. The keys were written as
 * PKCS#8 by Python's cryptography; they serve these tests and nothing else.
 *
 * What -Y signs: "SSHSIG", string namespace, string "", string "sha512",
 * string SHA-512 of the text.
 */
#ifndef TESTS_VECTORS_OPENSSH_KEYS_H
#define TESTS_VECTORS_OPENSSH_KEYS_H

#define OPENSSH_SIGNED_TEXT      "a message to be signed"
#define OPENSSH_SIGNED_NAMESPACE "vectors"

struct openssh_key {
    const char *algorithm; /* of the signature */
    const char *pem;       /* PKCS#8 */
    const char *blob;      /* public key blob, base64 */
    const char *signature; /* signature blob, base64 */
};

/* clang-format off */
static const struct openssh_key openssh_keys[] = {
    {"ssh-ed25519",
     "-----BEGIN PRIVATE KEY-----\n"
     "MC4CAQAwBQYDK2VwBCIEIJ/X1IC8lpXCKVK2SwDXdcgFJdaBnioDPQZu4JRhj2QY\n"
     "-----END PRIVATE KEY-----\n",
     "AAAAC3NzaC1lZDI1NTE5AAAAICPr+2qkbZeVYEUZDTC9LYVikXY12FTLW7Wwho8S"
     "gBVc",
     "AAAAC3NzaC1lZDI1NTE5AAAAQCHy9ykJie8vkXW0SPvdD2CxLTH7uJ49L9WjiijX"
     "4cbnlAbGiH/ATmNY0wwcprpU+o7g+gYDBM9wbcIxEJE5qgQ="},
    {"ecdsa-sha2-nistp256",
     "-----BEGIN PRIVATE KEY-----\n"
     "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQghbZnCclrbFWsit84\n"
     "uRrnFfpVVeEsjJEbL3eQP4pW6ROhRANCAASb96EDGgSqCSJaTmvHYYbwJwrJ/IWA\n"
     "5wxVJK3YLj0AHLSMmXA+L506j7zF1Df9rxs4g9n8qkyXj87j+xeEvQeT\n"
     "-----END PRIVATE KEY-----\n",
     "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBJv3oQMaBKoJ"
     "IlpOa8dhhvAnCsn8hYDnDFUkrdguPQActIyZcD4vnTqPvMXUN/2vGziD2fyqTJeP"
     "zuP7F4S9B5M=",
     "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAABIAAAAIAIVipp0vLZtdmWw7gdxMTc/"
     "RxIeoRsDJBN3xUmd5hS8AAAAIC7CrvNv73SAOJzAmF0Wk5blKK13bebjqQ3dmKIP"
     "xUwR"},
    {"ecdsa-sha2-nistp384",
     "-----BEGIN PRIVATE KEY-----\n"
     "MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDB9RbHBpouwZEmhkqhW\n"
     "0tvvmhMPugGq7XwzPnExtmQZ+SUv8sMi/7e9hxf/E9bdhvWhZANiAATxx9ekdaWu\n"
     "uC83XT83vfi8AQxWSrOwZmUAm5COmHrR66HYqd5GVEm99SX+cFBTV68IWRZZVzmo\n"
     "fhgnBY4R9s8UNmM7SYw7ryRAhZOi23TFBMfZuzVq9Yd2+sXc1D19iI8=\n"
     "-----END PRIVATE KEY-----\n",
     "AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBPHH16R1pa64"
     "LzddPze9+LwBDFZKs7BmZQCbkI6YetHrodip3kZUSb31Jf5wUFNXrwhZFllXOah+"
     "GCcFjhH2zxQ2YztJjDuvJECFk6LbdMUEx9m7NWr1h3b6xdzUPX2Ijw==",
     "AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAABpAAAAMEM9TAQDZODG5D/3wd8iqPsD"
     "VVY25FZ0NCmUn8P8Gl8O6GuHDkItCa3Szp4LQVyXnAAAADEAsafbEavMKv8pe0cu"
     "sGH/cPRODMnJFeYjfQ2nJazaJUWOnYclwVV95BF3B/fj+K0W"},
    {"ecdsa-sha2-nistp521",
     "-----BEGIN PRIVATE KEY-----\n"
     "MIHuAgEAMBAGByqGSM49AgEGBSuBBAAjBIHWMIHTAgEBBEIAxZ1tzWYs3r2z8y/4\n"
     "Uy8f+O8YOG/ERkesyFahS+JPdEX/TIgwmu0c20CwOqX+xbgoKY/aJBCd2olFt+DQ\n"
     "MbiUSVmhgYkDgYYABAHw9TdCRX1wZDRsnrof60LKVLeGk+okWlj+5Qbene0/SmAh\n"
     "9r3tz041op5nMBZCL3asCeVMBuG2XngjvEjx1zaZigFSfqiUQHROgJ1d4kcK5Anz\n"
     "K8N8MysDYPEb3tEwB7Gpo0DqMdoxz37qOk6Qy2Eaorg/mlB66S1HcRvgEGWWcDgR\n"
     "aA==\n"
     "-----END PRIVATE KEY-----\n",
     "AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAHw9TdCRX1w"
     "ZDRsnrof60LKVLeGk+okWlj+5Qbene0/SmAh9r3tz041op5nMBZCL3asCeVMBuG2"
     "XngjvEjx1zaZigFSfqiUQHROgJ1d4kcK5AnzK8N8MysDYPEb3tEwB7Gpo0DqMdox"
     "z37qOk6Qy2Eaorg/mlB66S1HcRvgEGWWcDgRaA==",
     "AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAACLAAAAQgHgpuHvoVmeU7brSXukMojc"
     "QlpzZUogoQyuFHu42wmNllY1R1sTXgbujcxclZf2zVDvnvOHS0Z7+OvjQXp4iN6E"
     "pQAAAEF1A/lSrK/sxwdbC0QfSJ3kfTepxOw+hgG+JacOZH74NQVPwFYdBCjNlkWW"
     "KcS8Zco5GWhLFbCjvKn7dL5gnHspWw=="},
    {"rsa-sha2-512",
     "-----BEGIN PRIVATE KEY-----\n"
     "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQC0rDDcZWDnV9l7\n"
     "20JflkGBkk5bFvWlBCn8/uC5cNJQL+vHiWo1x5j9OHRjqtjsoS9bmAVkMwKKf0me\n"
     "C1hA8QeydXucqW2Jf3zD1IriCK6J7Ipkn4PCPL6MIjXxcWiB6gZ6U1NUpjB+4JXI\n"
     "r+QdgKgZUbbfj3QjSVPz9cJoAnUcT6jzAX+spP62vp+8VHHM6Oictl4D3vLaSO4M\n"
     "zcrstBOeLaXDSRHa48tD+y8qQ6CFdnKDSByFPusXeVkretHXu3a18bSuZW1JieUv\n"
     "e8urUbsmTZqiPWRacsriVfNYeBDFim1iCMA5wxU0KWGUyQJnie1Oj85qKcElOXF7\n"
     "0fse7Kk9AgMBAAECggEASe/9vvQuB/7HngxIyV1wSVpafqSSuolNtZ+Iz9r/9pjl\n"
     "4K63rHKWhWpJF1CfnZcJDm7UJgFKFOuqcOcrosgA4mN5xs7/aLmnkWy1uXLcGs2W\n"
     "hT9SaHb7c9W8RaanoiLnq7/V5lpslj/KjGqO7BPutw3dzPekC5zCop/8gxweWQsA\n"
     "ili4UfzTdTpxw33OfpenGvWE9oOb/n3LaHH5PmbUu61cSeUf/by2/rw2sLGll+A/\n"
     "FBeUfM3o73G5NhCnlj93U601dGyz81VAlvEO6zhXyGVPMmrVP4C1squ4nbZs4fVD\n"
     "BokY6ras/up1/BNtnsjna2FAEJwWMwrnii8g1plv8QKBgQDaCj/ReoeLbd92kREI\n"
     "2m19RvW3pkI8Fx3FArbIfLg9jNuRjQsBQcDZHy4uJFikvrzoBN2rQFs7lzMPEdaQ\n"
     "OXt2PR2VaKSrTx/i4+TjKNmOYtsbe66u5b1gMB3vbmUQDUuoF7pVVFkjzmPVKxX3\n"
     "GS0zn9PqgvkIKygg2TSGQdvD0wKBgQDUIIa0USUSl5To0QJBT+Oiv4GnIQOppXw8\n"
     "y6bRtzCIk1fh+TdxDYrAZl08diCHYz9CSpRb7CxdUuQLfHkYvMPmerG/urehBzFt\n"
     "H1KV7DK77uLdnJeR4zjv4CLohnh2MoRJs7it1AutnK4sZyp+oM7TYBNnuPPMRCpW\n"
     "Mvz0hcOErwKBgBQBTrusj1UmnpMlWjfCurr80Lyp33fd8xhJWHXqo4jaLKcdFr5l\n"
     "xwjkyHrpUMzEx1ZOY/w7amN8Su3+B/6xl3dQwi8cK8ef+d/6YtzIubVLsqjB31Qi\n"
     "tg5mO8jlCxa+8YsZqjn8BDW50QUU7+38/F25M1tX6vtp4kOpSh1rW3uLAoGBAMPZ\n"
     "dAUvlibgRN/feVGLzQQKBE6mMJeE7nvDGzYtCGZQg6djTUjX0+9nk1WrSsU1YMZ3\n"
     "zRpBp4RSb7IbLkMkpUo6pbn7TmciGQRDEyDQftb87ADn/xj2zS7Lpe9BmB6o7XKO\n"
     "uEflqxKTwkvExHs9RTfrUH9HR/CkTuJfGSU6CxaJAoGBAJfqYFGNi1keZUUDgYtD\n"
     "+idS7K312lH+RlYj2syILA1xaDFT6jHAYI3F5xZz1fHthprcKDlPYmRPuL1OQ2Kq\n"
     "Vfk8BsShR+t0I90CSTxHxK615C0kcL+4eQ+io945iMaUP6/u3L1OLlp28kHXfpse\n"
     "XGr2BJF1/CnCN3TfnV5FPoDM\n"
     "-----END PRIVATE KEY-----\n",
     "AAAAB3NzaC1yc2EAAAADAQABAAABAQC0rDDcZWDnV9l720JflkGBkk5bFvWlBCn8"
     "/uC5cNJQL+vHiWo1x5j9OHRjqtjsoS9bmAVkMwKKf0meC1hA8QeydXucqW2Jf3zD"
     "1IriCK6J7Ipkn4PCPL6MIjXxcWiB6gZ6U1NUpjB+4JXIr+QdgKgZUbbfj3QjSVPz"
     "9cJoAnUcT6jzAX+spP62vp+8VHHM6Oictl4D3vLaSO4MzcrstBOeLaXDSRHa48tD"
     "+y8qQ6CFdnKDSByFPusXeVkretHXu3a18bSuZW1JieUve8urUbsmTZqiPWRacsri"
     "VfNYeBDFim1iCMA5wxU0KWGUyQJnie1Oj85qKcElOXF70fse7Kk9",
     "AAAADHJzYS1zaGEyLTUxMgAAAQBhT+27BmhIBOo0xb9jmYSXQ2ztOoT2JYzHD8Lv"
     "jXM3pvqiSv+6D9M2k6LIIlJdbgj8Haf4KjqSgsnMb+UBfYuPGEKmCLIY6oa8lH1H"
     "3VYikL+XU+2wPukPJLbpge4j8SN+SOxZEf6RtpcWryCUuT3VXKpLVZim8YFeTei2"
     "3X7719EQ/ktjJYLaBgex5D1TKUj1rSWYeBlCTWMy0ckF54uOEU8/O30NDYFe3qjg"
     "JyLFiuy46LRbv70rSfPEf6TSd0hacvF/7rtGRwEWA9kgN4cFx892TpaME2osuFwZ"
     "4mrCGrLcHhH0MESblsOG1GngyTjqvlZBJ0mvLfsCVYd85M5D"},
};
/* clang-format on */

#define OPENSSH_KEY_COUNT (sizeof(openssh_keys) / sizeof(openssh_keys[0]))

#endif
