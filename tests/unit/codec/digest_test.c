/*
 * digest_test.c - SHA-256 and HMAC against published vectors.
 */
#include "codec/digest.h"

#include "test.h"

#include "base/buf.h"
#include "support/test_ctx.h"

static void assert_hex(struct ctx *cx, digest d, str want)
{
    str got = digest_hex(cx, d);

    if (!str_eq(got, want)) {
        fail_msg("got  " STR_FMT "\nwant " STR_FMT, STR_ARG(got), STR_ARG(want));
    }
}

/* FIPS 180-4 examples. */
static void sha256_gives_the_published_digests(void **state)
{
    static const struct {
        str text, want;
    } cases[] = {
        { STR_INIT(""),
          STR_INIT("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855") },
        { STR_INIT("abc"),
          STR_INIT("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad") },
        { STR_INIT("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
          STR_INIT("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1") },
    };
    struct test_ctx                        t;
    struct ctx                            *cx  = test_ctx_init(&t, 1);
    CLEANUP(sha256_cleanup) struct sha256 *sum = sha256_new();

    for (size_t i = 0; i < CASES(cases); i++) {
        assert_hex(cx, sha256_of(cases[i].text), cases[i].want);
        for (size_t k = 0; k < cases[i].text.len; k++) {
            sha256_add(sum, str_sub(cases[i].text, k, 1));
        }
        assert_hex(cx, sha256_finish(sum), cases[i].want); /* and starts again */
    }
    assert_hex(cx, sha256_of(STR_NONE), cases[0].want);
    sha256_free(NULL);
    test_ctx_release(&t);
}

static void a_million_letters_in_parts(void **state)
{
    struct test_ctx                        t;
    struct ctx                            *cx  = test_ctx_init(&t, 1);
    CLEANUP(sha256_cleanup) struct sha256 *sum = sha256_new();
    struct buf                             text;

    buf_init(&text, 1000);
    buf_add_n(&text, 'a', 1000);
    for (int i = 0; i < 1000; i++) {
        sha256_add(sum, buf_view(&text));
    }
    assert_hex(cx, sha256_finish(sum),
               S("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"));
    buf_release(&text);
    test_ctx_release(&t);
}

/* RFC 4231, test cases 1, 2 and 6. */
static void hmac_gives_the_digests_of_rfc_4231(void **state)
{
    char            long_key[131];
    struct test_ctx t;
    struct ctx     *cx = test_ctx_init(&t, 1);

    for (size_t i = 0; i < sizeof long_key; i++) {
        long_key[i] = (char)(unsigned char)0xAA;
    }
    assert_hex(cx,
               hmac_sha256(S("\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"
                             "\x0b\x0b\x0b"),
                           S("Hi There")),
               S("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"));
    assert_hex(cx, hmac_sha256(S("Jefe"), S("what do ya want for nothing?")),
               S("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
    assert_hex(cx,
               hmac_sha256((str){ long_key, sizeof long_key },
                           S("Test Using Larger Than Block-Size Key - Hash Key First")),
               S("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"));
    hmac_sha256(STR_NONE, STR_NONE);
    test_ctx_release(&t);
}

static void hex_is_read_strictly(void **state)
{
    static const str bad[] = {
        STR_INIT(""),
        STR_INIT("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a"),
        STR_INIT("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015adf"),
        STR_INIT("BA7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        STR_INIT("xa7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        STR_INIT("bx7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    };
    struct test_ctx t;
    struct ctx     *cx = test_ctx_init(&t, 1);
    digest          d  = sha256_of(S("abc")), back;

    assert_true(digest_parse_hex(digest_hex(cx, d), &back));
    assert_true(digest_eq(d, back));
    assert_false(digest_eq(d, sha256_of(S("abd"))));
    for (size_t i = 0; i < CASES(bad); i++) {
        assert_false(digest_parse_hex(bad[i], &back));
    }
    test_ctx_release(&t);
}

static void prepared_keys_give_the_same_digests(void **state)
{
    static const size_t key_sizes[] = { 0, 1, 20, 32, 63, 64, 65, 131, 1000 };
    char                key[1000], text[300];

    for (size_t i = 0; i < sizeof key; i++) {
        key[i] = (char)(unsigned char)(i * 7);
    }
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = (char)(unsigned char)(i + 1);
    }
    for (size_t k = 0; k < CASES(key_sizes); k++) {
        struct hmac_key prepared;
        str             secret = { key, key_sizes[k] };

        hmac_key_init(&prepared, secret);
        for (size_t len = 0; len < sizeof text; len++) {
            assert_true(digest_eq(hmac_of(&prepared, (str){ text, len }),
                                  hmac_sha256(secret, (str){ text, len })));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_gives_the_published_digests),
        cmocka_unit_test(a_million_letters_in_parts),
        cmocka_unit_test(hmac_gives_the_digests_of_rfc_4231),
        cmocka_unit_test(prepared_keys_give_the_same_digests),
        cmocka_unit_test(hex_is_read_strictly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
