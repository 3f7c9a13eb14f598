/*
 * Private keys that OpenSSH 9.2's ssh-keygen made: -t, -Z and -m as the names
 * say, the protected ones under the passphrase below. They serve these tests
 * and nothing else.
 */
#ifndef TESTS_VECTORS_USER_KEYS_H
#define TESTS_VECTORS_USER_KEYS_H

#define USER_KEYS_PASSPHRASE "open sesame"

struct user_key_file {
    const char *name;
    const char *text;
    const char *blob; /* public key blob, base64 */
};

/* clang-format off */
static const struct user_key_file user_key_files[] = {
    {"ed25519_clear",
     "-----BEGIN OPENSSH PRIVATE KEY-----\n"
     "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n"
     "QyNTUxOQAAACDaxtOtU4kHFO0arMkL6k/t+UMzASjrKysMRqhn/27kBQAAAJgCEjesAhI3\n"
     "rAAAAAtzc2gtZWQyNTUxOQAAACDaxtOtU4kHFO0arMkL6k/t+UMzASjrKysMRqhn/27kBQ\n"
     "AAAEBRgrRpW46XYMehyb+Ka3Foo+M6zxBluwetddu+PqQgONrG061TiQcU7RqsyQvqT+35\n"
     "QzMBKOsrKwxGqGf/buQFAAAADm1hZGUgZm9yIHRlc3RzAQIDBAUGBw==\n"
     "-----END OPENSSH PRIVATE KEY-----\n",
     "AAAAC3NzaC1lZDI1NTE5AAAAINrG061TiQcU7RqsyQvqT+35QzMBKOsrKwxGqGf/buQF"},
    {"ed25519_aes256_ctr",
     "-----BEGIN OPENSSH PRIVATE KEY-----\n"
     "b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABCErvaXbK\n"
     "YNhuwq97UutTDlAAAAAgAAAAEAAAAzAAAAC3NzaC1lZDI1NTE5AAAAIDDQ18axjm3+jfQv\n"
     "EJywbcPtwO38/DlHYCM6+AQNSU4YAAAAoBr2sLwo1w7OLgkiDm4HGU14jLnGYAc29L1tAS\n"
     "guQld+Xs+vkGumZFl7cR1vAGRkHQ24vWYgzQXSmbbfnruIZT4r3+Yvmm+A9dV5Cm2/9bz1\n"
     "chbyKzPCMd8PVu4BDBFG2LelAC22YdbjLwhuP/ihZDd0LJMooHCRX+fTGmIAeG8HrTzboI\n"
     "VJlTb4aAGq2XV5lykk8eY2E5Rmk4J+pbjI73E=\n"
     "-----END OPENSSH PRIVATE KEY-----\n",
     "AAAAC3NzaC1lZDI1NTE5AAAAIDDQ18axjm3+jfQvEJywbcPtwO38/DlHYCM6+AQNSU4Y"},
    {"p256_clear",
     "-----BEGIN OPENSSH PRIVATE KEY-----\n"
     "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAaAAAABNlY2RzYS\n"
     "1zaGEyLW5pc3RwMjU2AAAACG5pc3RwMjU2AAAAQQQpfknGSiF5eozixlI/vK1jyJ1Pvs9y\n"
     "Vc0lZg1a3pc1LbN1PlI7qzB438z107kAvHy2wNBGo1+x5e62IgLQ3IkyAAAAqJwyrkicMq\n"
     "5IAAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBCl+ScZKIXl6jOLG\n"
     "Uj+8rWPInU++z3JVzSVmDVrelzUts3U+UjurMHjfzPXTuQC8fLbA0EajX7Hl7rYiAtDciT\n"
     "IAAAAhANL0zzCAn81XHsRdAJJwM/1vSMiKnLt3yNU9DfzBRgKaAAAADm1hZGUgZm9yIHRl\n"
     "c3RzAQ==\n"
     "-----END OPENSSH PRIVATE KEY-----\n",
     "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBCl+ScZKIXl6jOLG"
     "Uj+8rWPInU++z3JVzSVmDVrelzUts3U+UjurMHjfzPXTuQC8fLbA0EajX7Hl7rYiAtDc"
     "iTI="},
    {"p384_aes128_cbc",
     "-----BEGIN OPENSSH PRIVATE KEY-----\n"
     "b3BlbnNzaC1rZXktdjEAAAAACmFlczEyOC1jYmMAAAAGYmNyeXB0AAAAGAAAABDjkxxtlz\n"
     "E23BBYNeeW3iRMAAAAAgAAAAEAAACIAAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlz\n"
     "dHAzODQAAABhBAOAvUAdlJpXb5w72aoBQdieWjFoEfbXkMLuBV1aDTuByM48dRS/oK6g0/\n"
     "//kdPoxAS4UfUxLW9/AoLzZo+/4Y1zoaQHuDgB33O1AiflAuKsQ5UyyVz+0HR46+jhnKAh\n"
     "iwAAAOCjEPzl6sOGQlIUYvvGDfBlPaRXvgGNycQY450XCcg65YRiNW4hpEAsiwfuuMsUqL\n"
     "2fgKVa8M1y8nJ/MIGdhhEk7miNZ1LK5CAil7egCvnPT0KdXVTIBOgDezC62zM2pz985kF9\n"
     "Ao3bkzX4UwgPoNadI4DDEWuD6Sjbw1tMiH0l64TkVuhrPunHlVAy+CfAC8QwMdISUJTsun\n"
     "HiR1JLE9smJDviZ8CPoBK4edPBZOByB27m2GU7im827g8XW1duhldRp8hVQiV+i3TaQNgp\n"
     "OuQnGzfbv0inBDknvgInRQpISQ==\n"
     "-----END OPENSSH PRIVATE KEY-----\n",
     "AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBAOAvUAdlJpXb5w7"
     "2aoBQdieWjFoEfbXkMLuBV1aDTuByM48dRS/oK6g0///kdPoxAS4UfUxLW9/AoLzZo+/"
     "4Y1zoaQHuDgB33O1AiflAuKsQ5UyyVz+0HR46+jhnKAhiw=="},
    {"p521_3des_cbc",
     "-----BEGIN OPENSSH PRIVATE KEY-----\n"
     "b3BlbnNzaC1rZXktdjEAAAAACDNkZXMtY2JjAAAABmJjcnlwdAAAABgAAAAQPE9LUpLGkD\n"
     "3ROlypZqTZrQAAAAIAAAABAAAArAAAABNlY2RzYS1zaGEyLW5pc3RwNTIxAAAACG5pc3Rw\n"
     "NTIxAAAAhQQAxPh26NbzXxMb9ay0xTlNnucEO5cAmLOa3//F/wMv1KUTPupLyUx++DjC7p\n"
     "ho2ByqtHSn1k5pXj201oP1hKw+3foBfFJrBtqJlMr6Qbjd09deWyjxbtvAfr49QlCdvRup\n"
     "T1OszkOnyywBarUlEtJYYvCMClVCRCTUfGjVL/kpH0CvK0kAAAEQ6TUJxTnt/TbYhzghq5\n"
     "tjP//f62S9DWroVVOu6va/FL7rt1wkfAAi2GtKw6SMfd21/Qf043N04d81XqBOoSXohiRH\n"
     "O4nHPi8ZeCu0/DbN0vHNHY/TAOi4ZOqPdQZ5+Rv0AmE0sad87dM7LHHNcT36AKbEjP2RTn\n"
     "bI3I8v3CkCzEW/+Imnj0M25VqXTjEknbf0egyb3BYqtbXlU5ut0UcYgx2TLnWdMTVtyG6B\n"
     "qKguPq8aYA9PzwOqtbIQ2umlZl5a8lQiBVNdzbkkyYM9G2fx7GOMClKtFFrsxMucOmLakK\n"
     "IMRDGdIaOFjb35u/0ZebjrsJZQ9JUBubJ6ZzUa9ee7kL34bqfv6HH+AjrzTCDEG9Q=\n"
     "-----END OPENSSH PRIVATE KEY-----\n",
     "AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBADE+Hbo1vNfExv1"
     "rLTFOU2e5wQ7lwCYs5rf/8X/Ay/UpRM+6kvJTH74OMLumGjYHKq0dKfWTmlePbTWg/WE"
     "rD7d+gF8UmsG2omUyvpBuN3T115bKPFu28B+vj1CUJ29G6lPU6zOQ6fLLAFqtSUS0lhi"
     "8IwKVUJEJNR8aNUv+SkfQK8rSQ=="},
    {"rsa_clear",
     "-----BEGIN OPENSSH PRIVATE KEY-----\n"
     "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAlwAAAAdzc2gtcn\n"
     "NhAAAAAwEAAQAAAIEA58sp3AOIOaoVe4aeuo/s3DNp3ghVGzjAF90flbksMiYtVKvkchJr\n"
     "1OVyvbFSlTqRja91k7ZHJnuwHMTSXV6k86OjHumuPaKGTGT7b3RYBvlHmv9P0xoNchfWet\n"
     "Pe7o5O0Nes0uPmM8Y2HeDm52ja0L6xP4hSjQGAmY9nS7qq8I0AAAIIhIQS/ISEEvwAAAAH\n"
     "c3NoLXJzYQAAAIEA58sp3AOIOaoVe4aeuo/s3DNp3ghVGzjAF90flbksMiYtVKvkchJr1O\n"
     "VyvbFSlTqRja91k7ZHJnuwHMTSXV6k86OjHumuPaKGTGT7b3RYBvlHmv9P0xoNchfWetPe\n"
     "7o5O0Nes0uPmM8Y2HeDm52ja0L6xP4hSjQGAmY9nS7qq8I0AAAADAQABAAAAgQDMMhfwMF\n"
     "RjqEhAh7lxVLUuz0QmS2TeFEJ1Q2E9vuEGVMd+Xedj7oJ8DJ3mKj48JFpxXO7Rb7SCXFgr\n"
     "H+DKTEQ2iOlzWMrfrv785jHLO7F2wu5HxsXQdwoAYGf1zTRDyWGwzavseIzisSuARLfqxd\n"
     "9GXDehKkORa3zeNS9zgY8pQQAAAEEAiQoZQLhWVHyjzJUqk+JbDiWQgH/Jms7ri5NJ9Hf8\n"
     "72VTywryBvpmEp8FZp4LUkVGsyCn9JWLakMB1zdAh8/XAAAAAEEA9q1+Wpes0N4i16fmS0\n"
     "VjMECISLzaFxyYoeIyfMY5vJj6bOD7w5JEhc4Tm/vOCpvTLCSBVB4uasXELJsUikqH1QAA\n"
     "AEEA8I2sHPqzE9+JQw00RFJmihE3GpVROqhzm2T/SYccmyDk9H/UcirA9YNbWcjX4IL9xR\n"
     "KBcq2eIlCeqOBO2FIZ2QAAAA5tYWRlIGZvciB0ZXN0cwECAw==\n"
     "-----END OPENSSH PRIVATE KEY-----\n",
     "AAAAB3NzaC1yc2EAAAADAQABAAAAgQDnyyncA4g5qhV7hp66j+zcM2neCFUbOMAX3R+V"
     "uSwyJi1Uq+RyEmvU5XK9sVKVOpGNr3WTtkcme7AcxNJdXqTzo6Me6a49ooZMZPtvdFgG"
     "+Uea/0/TGg1yF9Z6097ujk7Q16zS4+YzxjYd4ObnaNrQvrE/iFKNAYCZj2dLuqrwjQ=="},
    {"rsa_aes192_ctr",
     "-----BEGIN OPENSSH PRIVATE KEY-----\n"
     "b3BlbnNzaC1rZXktdjEAAAAACmFlczE5Mi1jdHIAAAAGYmNyeXB0AAAAGAAAABCuM65iyK\n"
     "Num+i6cQ8XP6z5AAAAAQAAAAEAAACXAAAAB3NzaC1yc2EAAAADAQABAAAAgQC4+7DRrdnd\n"
     "+VQE3fhrYBvHP2uyfD6fLd1WUkskIF6byoe6zCwAaNDMH9O8aP65DoOmejN84ywI72HrLM\n"
     "qnVLVQSMSqKXIMu7Bbl8EkI9/umqdbRjkO1+fufRyv/XAVuOmH5zda4kM/81ZzQxuacO2l\n"
     "KXQA/TVQWaixkvRj6UayRQAAAhDAvbWDcQSPQnAtvLP06TcJ/juuXxjvvIeiM90aK3hmTt\n"
     "GrjjU/nwRrII2OKBM9pcp15EZ/mP3Tvy0pyvF8jT1eCNCKGycJ/hOHUoJc2EMuS0HOtyhY\n"
     "TxkphZaxSPQtmmJOJU8bWoxE+mgyE84531P+Ya+j1dDOS6useaBUPTyV/AQ0EuV7cs7q7/\n"
     "p6R1NcKxPUN8WGwn1/7CbzvXjRgMqch/YV/LH+De5uDWZKszSbO6x1mHX2R5D5stPWgPis\n"
     "f78cfvku5y9Jh7Mm9k92V2rtzDEt5FWbX0JbWZCtOsTPda1RBw9xZiCXikQmFpIdV5ZVAH\n"
     "25IY/BWD6UZcacLHyzrMbSCubXl1S2Z54KksAhmx/2axrJmTFe8Vg2rWhfDgKWJL0JEXXQ\n"
     "8yfHl/DPlHinwROwsVOJbc1qnL69Ea+mQhvLLuQ1AooAMxh4NeNQDGE/3TrezrONHZmvYA\n"
     "QHJnEJnDKhnZoayq+cl8qKam5rk4f1NV31JP/14LdHM/eRuVfqWkpnpdKQN4toH17yTekb\n"
     "p8/Iou1RiCth4eGhIb9oUpSJpI78uvG17uuKfVwYsmh+LOLmouX52ZzPDiIAFIV4ZccFdJ\n"
     "FBHYhcOCBh6e0RK/zx1Wh31IgGf5mSE5JdBbXfaBGXHRuvpoKJJBMMd9AlaK+y8EqOISKL\n"
     "7mlKORGZYjIeaB8JVuBHT0eJSaxeHv4=\n"
     "-----END OPENSSH PRIVATE KEY-----\n",
     "AAAAB3NzaC1yc2EAAAADAQABAAAAgQC4+7DRrdnd+VQE3fhrYBvHP2uyfD6fLd1WUksk"
     "IF6byoe6zCwAaNDMH9O8aP65DoOmejN84ywI72HrLMqnVLVQSMSqKXIMu7Bbl8EkI9/u"
     "mqdbRjkO1+fufRyv/XAVuOmH5zda4kM/81ZzQxuacO2lKXQA/TVQWaixkvRj6UayRQ=="},
    {"rsa_pem",
     "-----BEGIN RSA PRIVATE KEY-----\n"
     "MIICXwIBAAKBgQDQOz1iX1pgHe9zF9GHfzCNl4MsTy7lu8ammQ55rYEnJreHLd+G\n"
     "NV6BhCbn/VWrnYcYbtBUPmBJ0dARaDThzN6NPVjSz2nj/gMSOsAZwOoYF4t6KWWy\n"
     "u7+A9k6fECpNup7VQ3x9r1iXOFoe54NJzw0yQErmOcGix9SX+FvFdgcf0wIDAQAB\n"
     "AoGBAILxfbxqse5XZMg/ZieKuAGSEY6/jIIy/sys2wlxLhJsqmR7WGCRFwjjDYQ9\n"
     "Lq5otReMN72CLBK/udP4b6i+qAON1TVbIkIZc9x8v71rDPAuMAjGQE0R+ElIvcmb\n"
     "+22/S9UKnSV+h/dKrqcKkVR5rzEnFQUFuwyXV4BAPjO5ogHBAkEA/FhOQowdoH6e\n"
     "TSN2pVCyXSZsrYxzI/MCqlBBCpatAkYV7rgmWPp2Hz6NtHn+e/T7QAAJ1M5mvjQG\n"
     "2z+m26BV6QJBANM/XHg+3qrnbohVYw818GfG1SQhrpiJKYlyQ7j3bZFaCY8k5X1k\n"
     "ujCNIfncWgpLaDvpe/7HPZzroe/SuKgIJlsCQQCJkVqYzOoZ5O1IAF1eInAaeCgn\n"
     "NLpQjtqVHstWim4nHy41xg6h02kx/1ghW6Bw001lxp+VdDBu4M4cGMdOVEqBAkEA\n"
     "pMUxLSFssMVfc7uWTpD1+Rwft9UFyDiES47yv91OeydNeXeAAPSGPcR3kdqL6Ke0\n"
     "n7aYXrutlS492z/zhC0HLQJBAM1cMgKWewep4CTgf6jK2jpr/JZ0UnC72GYGgWwQ\n"
     "k8omJlyRbtj11tjj9egBgcZhuKIoQkWuVCs/x39IQHuzrIE=\n"
     "-----END RSA PRIVATE KEY-----\n",
     "AAAAB3NzaC1yc2EAAAADAQABAAAAgQDQOz1iX1pgHe9zF9GHfzCNl4MsTy7lu8ammQ55"
     "rYEnJreHLd+GNV6BhCbn/VWrnYcYbtBUPmBJ0dARaDThzN6NPVjSz2nj/gMSOsAZwOoY"
     "F4t6KWWyu7+A9k6fECpNup7VQ3x9r1iXOFoe54NJzw0yQErmOcGix9SX+FvFdgcf0w=="},
    {"rsa_pem_protected",
     "-----BEGIN RSA PRIVATE KEY-----\n"
     "Proc-Type: 4,ENCRYPTED\n"
     "DEK-Info: AES-128-CBC,6CEC6DD90F9BFE9ABBF4C9A1BAE04CB4\n"
     "\n"
     "po7JzsnOPNDVut5FBfHNkSEpbwtwnjGOMv9L4t3LK/gbAtZuGrPFB9ZejwFlvdJ2\n"
     "QX9pvIanimy4uTdUQJX8eOlbWw3tCOjl0pU0O30w8GrOXLKWeWJN7E+tmyyWZS74\n"
     "2DyhJ91A5LayY3DpK791I0CJSgVwMBFzEnFJomJrzQWTh6ge+rhs3fmVB5ocw4Sf\n"
     "h8MApw69GeAMwzxacOKtmPAdb+OkK4kebU3tdLX1b/kP3YmX5EPTt2T0TulIslPo\n"
     "Mdwj8XhcyA1esHc786spK8270cHIDxJG3TLQkCJtYTQIi4XtHF9XV49mUFFcNjAl\n"
     "QJme4UcsOb3fRHYC+JchcFRdlryw66tNy36Ht5eC8d+DyveiixBUq+LVqC8dplwt\n"
     "F3V8Yh/DmemVeF4Yu+oa29MPFa17IFPWuQIEVYvdQpIzXliN1w9mEdfoxaDaBc98\n"
     "0kfNVVt6ic+7QtOVVN4KaFUw21Mf2j+H7/aOevC5Lbtbhce6QVtdI30HdCIkSVBX\n"
     "q4QPnWcK6oms2FHJtMbW0yhrJ5K/oU8PongiBKwx/tcv8uD6C9nyvBFFC6RnA2GK\n"
     "4U56X4kXZfyZVve75C2hpZ8kuam1dDlTA2XaG+6EVS5Etxx8CPw26jY+qc+izbCI\n"
     "1gS+6Zb4ofH0tdXqfRbr2ix/1cmgbWoyWuNWzJecMRAGPdsFi4Guq5nLVByNq0j6\n"
     "G+K5fICLGyXztuNtG+tG+dvcAylXgtkITFM0a9Iq+bmeffmoSBQjlQhNtmQ2rYhq\n"
     "s4udoncWkBzuPXQ576oSUkYgnw3Xfanvay7RpMVfXsMQEeWgquP67tPuNjnQzMQ7\n"
     "-----END RSA PRIVATE KEY-----\n",
     "AAAAB3NzaC1yc2EAAAADAQABAAAAgQDUo9j0peGB3iJCDTCrjirSJIsI+qp5i95oD6ow"
     "R3U8wpp+C6DDhOdsk33PutUiEJIDyJ5jsW6249ygnpff7s4V/KNz1v/ooAsjF0Zx2biX"
     "bZNx+o0EXey5QeW29fwAbzSc/tC3z/EBZ+9YZfFCjKi+VP6XydOeZEdXkcxpItG2tw=="},
    {"p256_pem",
     "-----BEGIN EC PRIVATE KEY-----\n"
     "MHcCAQEEIAxnVcWmhENDUifjNaNgozVyaegQqSVstjLvSTesKo2QoAoGCCqGSM49\n"
     "AwEHoUQDQgAEYnRct2gZVOEhEooCFkT0N0PV0paW/WfSAtyzoHhZrZj4rkSWxPPr\n"
     "aJgz2b0a3zO6G11Em0t8rpz23456Euzhag==\n"
     "-----END EC PRIVATE KEY-----\n",
     "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBGJ0XLdoGVThIRKK"
     "AhZE9DdD1dKWlv1n0gLcs6B4Wa2Y+K5ElsTz62iYM9m9Gt8zuhtdRJtLfK6c9t+OehLs"
     "4Wo="},
    {"p256_pkcs8_protected",
     "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
     "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAh/YgOqx5zltgICCAAw\n"
     "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEAQIEEGQ4OB1RxzFpRFyBJQ1ojt0EgZAB\n"
     "gEOXMReWSMB7CtUE9wwRLLJB4zJlFw4ROCzsCekroxj214DoHH1joQ5lQtLjkyLM\n"
     "P2r20Ue+NiRtFAjqJwE/OvztF8t9OxRROpvfqxXHY4Syv2CwVn11sdPr36mCsN5R\n"
     "ElUFWZ2l4M8JgewhaaiIpnrzcvV3oigRUf/C/Xq8L4DgTD4UY+i7UD7sAvS+7GM=\n"
     "-----END ENCRYPTED PRIVATE KEY-----\n",
     "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBJXOe9yj+HWi8CbP"
     "t0fnQ2uXH8ydsmxMxg+1r0Px1mBQt4RQvGSfXCL+E9szcLcSSXQJDODIJDejrFaT0acM"
     "Kq0="},
    {"rsa_pkcs8",
     "-----BEGIN PRIVATE KEY-----\n"
     "MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBALJ5BZaJfL/kHa16\n"
     "xj+/CAn4Ommh0bWIyhRbSt+VgV5xxOvSTgB8M/+akWIyCZJi6tlVm44e/WWV+Faw\n"
     "VtjRHAe1ZMzS+Yc9Ki5Oo43n8j0J2cog1spW1gl7t5VNghrX9epQ02jSwoSeIrT7\n"
     "KuX2okM1g7//EWWo9TJf7BG88ENdAgMBAAECgYB6UdHPo/l5NypT/OKlTBOBabz3\n"
     "Ku4lAlSl8Q/2/2vERCtYCTJmyLmGxPRBndPLnboiLLdJh9naZxfmqkNLpL4VMIGe\n"
     "JXD89ijaGvgCcE2Tc6ayrcwm7Au+UU/XNeI5I7amcJYq5PMILLOcTU94+B5NuTKX\n"
     "CIAUDkXO3OlH0SA9LQJBAOeDkzHC6eTpAYtwiQIsbv6hjMTW00SxJd4iRy1tSOqw\n"
     "r8i2i569lGFC321I9dGn9pZ5zWAsW6CtvHY3gXsuwLMCQQDFWVBAFVhNJcPSCMAD\n"
     "R0Slplmo5yD0Y7HHmSqYyVZHWE8yRUaZ/8SzmwIZ6CBC2MPSRNxzEkQ3LLIII6nZ\n"
     "vdOvAkEAhCAJL0sH5UY9RXESIBVvuw5DokrgA8H91IpHiNtn09jGWYwknpGfTuq1\n"
     "TE9pSx/KkRIubYajPE4q0mTXFpAWFQJAYyVMwPU4SIHpkDKfLMZ4QXSCZO3BS6Zu\n"
     "YWWc1eeItg0ytIHDR4kMrGL6ukM5Ofwm3ROFYTZTGRkWVCp+oYrRtwJAQ/18qhLN\n"
     "g/OkfpRr+j2u+a/rP4Bn3azSPysrWSjT4BdCfjLoBDTZpfhnwQncpTZS1lVC6zmL\n"
     "P6zx6X0S2SFSqw==\n"
     "-----END PRIVATE KEY-----\n",
     "AAAAB3NzaC1yc2EAAAADAQABAAAAgQCyeQWWiXy/5B2tesY/vwgJ+DppodG1iMoUW0rf"
     "lYFeccTr0k4AfDP/mpFiMgmSYurZVZuOHv1llfhWsFbY0RwHtWTM0vmHPSouTqON5/I9"
     "CdnKINbKVtYJe7eVTYIa1/XqUNNo0sKEniK0+yrl9qJDNYO//xFlqPUyX+wRvPBDXQ=="},
    {"ed25519_gcm",
     "-----BEGIN OPENSSH PRIVATE KEY-----\n"
     "b3BlbnNzaC1rZXktdjEAAAAAFmFlczI1Ni1nY21Ab3BlbnNzaC5jb20AAAAGYmNyeXB0AA\n"
     "AAGAAAABBGuHsV+Z+CTq/8jzYdrTlSAAAAAQAAAAEAAAAzAAAAC3NzaC1lZDI1NTE5AAAA\n"
     "IC7TGoJyU24RFbG498O0pUtym+HH/8gJ1MXBMIXxxqeTAAAAoHcBlBld8gxvTOF4b0R2cv\n"
     "UU4xPVvtVSvZ00l0nmBmvPMyjKjbDmwmTwBL83EDPoy45NFjwQoj1e0pEY1t1pGxH1H6bo\n"
     "+x7Vy/MwPXY1GnlfiSjwQcRskYwCR6RJ3fjkg30iawv6nzydYnrnw3ylUW2zbyr7hq6f0d\n"
     "ORU6Qo0WPyyPwID8f36B9cCyFoz0IAJjyR2yW9Ng3lYX0mDYDqQUl8mOLdsusO9W/BJ4nJ\n"
     "zut4\n"
     "-----END OPENSSH PRIVATE KEY-----\n",
     "AAAAC3NzaC1lZDI1NTE5AAAAIC7TGoJyU24RFbG498O0pUtym+HH/8gJ1MXBMIXxxqeT"},
    {"dsa_clear",
     "-----BEGIN OPENSSH PRIVATE KEY-----\n"
     "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAABsgAAAAdzc2gtZH\n"
     "NzAAAAgQD/M35pfNkFsmfyzlvwXGcqGxbbbMTuL6Y9HcvUijFggs0aF6Wi9+m52OZSNdto\n"
     "3GPYPrs/xebYAySMna7dkBBSw31Nw8ZJXUcecmGi/VdcAAVIpV36kOe6QSRcQ4bKYNx6Rg\n"
     "6qe/KvqJG7+pph9qA9o1rvRvOBPzlYCuM3Yb9MTQAAABUAx+IsXDY+06T0gdGj88v32Mag\n"
     "9UkAAACAaCOaddQKreBXuDsxqMnaIOladTW9wDQ8DO0Uo23dYvtG8j7A19xmBJgKVop9CG\n"
     "s8y/gkeVlq7KmLiCHIe9jHmVGEdQ7XuFhWRdTKS3aXKa4U7rTTFamQXtWpXYUXkudHOKsf\n"
     "cWFeN3nP4zJxuFkECYdxgaMYa3NGMfxtm3A464AAAACBAO3OUtjUsxgQXVonftL7Fm1SKK\n"
     "uGL36PePwVvau0TMPnQqcFalMr6+L046V/HxpmUpx5Vn9sf/P/ummxTRa+81gKWzIvylMP\n"
     "3SxpYYtJAQ2iB/VSa91HIjXRq83YKe0V7qmFrK+ETmjioNfRVUxdjf6PGBtt6GnqoBNLVp\n"
     "4lcwYNAAAB6P0N/gP9Df4DAAAAB3NzaC1kc3MAAACBAP8zfml82QWyZ/LOW/BcZyobFtts\n"
     "xO4vpj0dy9SKMWCCzRoXpaL36bnY5lI122jcY9g+uz/F5tgDJIydrt2QEFLDfU3DxkldRx\n"
     "5yYaL9V1wABUilXfqQ57pBJFxDhspg3HpGDqp78q+okbv6mmH2oD2jWu9G84E/OVgK4zdh\n"
     "v0xNAAAAFQDH4ixcNj7TpPSB0aPzy/fYxqD1SQAAAIBoI5p11Aqt4Fe4OzGoydog6Vp1Nb\n"
     "3ANDwM7RSjbd1i+0byPsDX3GYEmApWin0IazzL+CR5WWrsqYuIIch72MeZUYR1Dte4WFZF\n"
     "1MpLdpcprhTutNMVqZBe1aldhReS50c4qx9xYV43ec/jMnG4WQQJh3GBoxhrc0Yx/G2bcD\n"
     "jrgAAAAIEA7c5S2NSzGBBdWid+0vsWbVIoq4Yvfo94/BW9q7RMw+dCpwVqUyvr4vTjpX8f\n"
     "GmZSnHlWf2x/8/+6abFNFr7zWApbMi/KUw/dLGlhi0kBDaIH9VJr3UciNdGrzdgp7RXuqY\n"
     "Wsr4ROaOKg19FVTF2N/o8YG23oaeqgE0tWniVzBg0AAAAUFmRbCNgz1lGMqoQxBb1P9xde\n"
     "aFEAAAAObWFkZSBmb3IgdGVzdHMBAgME\n"
     "-----END OPENSSH PRIVATE KEY-----\n",
     "AAAAB3NzaC1kc3MAAACBAP8zfml82QWyZ/LOW/BcZyobFttsxO4vpj0dy9SKMWCCzRoX"
     "paL36bnY5lI122jcY9g+uz/F5tgDJIydrt2QEFLDfU3DxkldRx5yYaL9V1wABUilXfqQ"
     "57pBJFxDhspg3HpGDqp78q+okbv6mmH2oD2jWu9G84E/OVgK4zdhv0xNAAAAFQDH4ixc"
     "Nj7TpPSB0aPzy/fYxqD1SQAAAIBoI5p11Aqt4Fe4OzGoydog6Vp1Nb3ANDwM7RSjbd1i"
     "+0byPsDX3GYEmApWin0IazzL+CR5WWrsqYuIIch72MeZUYR1Dte4WFZF1MpLdpcprhTu"
     "tNMVqZBe1aldhReS50c4qx9xYV43ec/jMnG4WQQJh3GBoxhrc0Yx/G2bcDjrgAAAAIEA"
     "7c5S2NSzGBBdWid+0vsWbVIoq4Yvfo94/BW9q7RMw+dCpwVqUyvr4vTjpX8fGmZSnHlW"
     "f2x/8/+6abFNFr7zWApbMi/KUw/dLGlhi0kBDaIH9VJr3UciNdGrzdgp7RXuqYWsr4RO"
     "aOKg19FVTF2N/o8YG23oaeqgE0tWniVzBg0="},
};
/* clang-format on */

#endif
