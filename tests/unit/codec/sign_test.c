/*
 * sign_test.c - Ed25519 against RFC 8032, keys as PEM.
 */
#include "codec/sign.h"

#include "test.h"

#include <string.h>

#include "support/test_ctx.h"

static int hex_digit(char c)
{
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

static str from_hex(struct ctx *cx, str hex)
{
    char *bytes = arena_alloc(cx->arena, hex.len / 2);

    for (size_t i = 0; i < hex.len / 2; i++) {
        bytes[i] =
            (char)(unsigned char)(hex_digit(hex.ptr[2 * i]) << 4 | hex_digit(hex.ptr[2 * i + 1]));
    }
    return (str){ bytes, hex.len / 2 };
}

static const uint8_t *bytes_of(str s)
{
    return (const uint8_t *)s.ptr;
}

/* RFC 8032, 7.1: tests 1, 2, 3 and SHA(abc). */
static const struct vector {
    str seed, public_key, message, signature;
} vectors[] = {
    { STR_INIT("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"),
      STR_INIT("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"), STR_INIT(""),
      STR_INIT(
          "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e"
          "39701cf9b46bd25bf5f0595bbe24655141438e7a100b") },
    { STR_INIT("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"),
      STR_INIT("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"), STR_INIT("72"),
      STR_INIT(
          "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f"
          "3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00") },
    { STR_INIT("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"),
      STR_INIT("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"),
      STR_INIT("af82"),
      STR_INIT(
          "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67"
          "f760984dc6594a7c15e9716ed28dc027beceea1ec40a") },
    { STR_INIT("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42"),
      STR_INIT("ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf"),
      STR_INIT(
          "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba"
          "3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"),
      STR_INIT(
          "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfb"
          "c7c66431e0303dca179c138ac17ad9bef1177331a704") },
};

static void signatures_are_those_of_rfc_8032(void **state)
{
    struct test_ctx t;
    struct ctx     *cx = test_ctx_init(&t, 1);

    for (size_t i = 0; i < CASES(vectors); i++) {
        const struct vector *v       = &vectors[i];
        str                  message = from_hex(cx, v->message);
        str                  want    = from_hex(cx, v->signature);
        struct sign_key     *key, *public_key;
        signature            made;

        assert_int_equal(sign_key_from_seed(cx, bytes_of(from_hex(cx, v->seed)), &key), ST_OK);
        assert_int_equal(
            sign_key_from_public(cx, bytes_of(from_hex(cx, v->public_key)), &public_key), ST_OK);
        assert_true(str_eq(sign_key_id(cx, key), sign_key_id(cx, public_key)));
        assert_true(sign_key_is_private(key));
        assert_false(sign_key_is_private(public_key));
        assert_int_equal(sign_make(cx, key, message, &made), ST_OK);
        assert_memory_equal(made.bytes, want.ptr, SIGN_BYTES);
        assert_int_equal(sign_verify(cx, public_key, message, &made), ST_OK);
        assert_int_equal(sign_make(cx, public_key, message, &made), ST_UNSUPPORTED);
        sign_key_free(key);
        sign_key_free(public_key);
    }
    test_ctx_release(&t);
}

static void a_changed_bit_anywhere_is_denied(void **state)
{
    const str        message = S("receipt");
    char             changed[16];
    struct test_ctx  t;
    struct ctx      *cx = test_ctx_init(&t, 1);
    struct sign_key *key, *other;
    signature        made;

    assert_int_equal(sign_key_new(cx, &key), ST_OK);
    assert_int_equal(sign_key_new(cx, &other), ST_OK);
    assert_false(str_eq(sign_key_id(cx, key), sign_key_id(cx, other)));
    assert_int_equal(sign_make(cx, key, message, &made), ST_OK);
    assert_int_equal(sign_verify(cx, key, message, &made), ST_OK);
    assert_int_equal(sign_verify(cx, other, message, &made), ST_DENIED);
    assert_true(str_has(err_text(cx->err), sign_key_id(cx, other)));
    for (size_t bit = 0; bit < SIGN_BYTES * 8; bit++) {
        signature bad = made;

        bad.bytes[bit / 8] = (uint8_t)(bad.bytes[bit / 8] ^ 1U << bit % 8);
        assert_int_equal(sign_verify(cx, key, message, &bad), ST_DENIED);
    }
    for (size_t bit = 0; bit < message.len * 8; bit++) {
        memcpy(changed, message.ptr, message.len);
        changed[bit / 8] = (char)(changed[bit / 8] ^ 1 << bit % 8);
        assert_int_equal(sign_verify(cx, key, (str){ changed, message.len }, &made), ST_DENIED);
    }
    assert_int_equal(sign_verify(cx, key, STR_NONE, &made), ST_DENIED);
    sign_key_free(key);
    sign_key_free(other);
    sign_key_free(NULL);
    test_ctx_release(&t);
}

/* RFC 8410, 10.1 and 10.3: a public and a private key; they are one pair. */
#define RFC_PUBLIC                                                                                 \
    "-----BEGIN PUBLIC KEY-----\n"                                                                 \
    "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"                               \
    "-----END PUBLIC KEY-----\n"
#define RFC_PRIVATE                                                                                \
    "-----BEGIN PRIVATE KEY-----\n"                                                                \
    "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"                           \
    "-----END PRIVATE KEY-----\n"

static void pem_is_that_of_rfc_8410(void **state)
{
    struct test_ctx  t;
    struct ctx      *cx = test_ctx_init(&t, 1);
    struct sign_key *key, *public_key;
    str              pem;

    assert_int_equal(sign_key_from_pem(cx, S(RFC_PRIVATE), &key), ST_OK);
    assert_int_equal(sign_key_from_pem(cx, S(RFC_PUBLIC), &public_key), ST_OK);
    assert_true(sign_key_is_private(key));
    assert_false(sign_key_is_private(public_key));
    assert_true(str_eq(sign_key_id(cx, key), sign_key_id(cx, public_key)));
    assert_int_equal(sign_key_id(cx, key).len, SIGN_KEY_ID_LEN);
    assert_int_equal(sign_private_pem(cx, key, &pem), ST_OK);
    assert_true(str_eq(pem, S(RFC_PRIVATE)));
    sign_wipe(pem);
    assert_false(str_has(pem, S("PRIVATE")));
    sign_wipe(STR_NONE);
    assert_int_equal(sign_public_pem(cx, key, &pem), ST_OK);
    assert_true(str_eq(pem, S(RFC_PUBLIC)));
    assert_int_equal(sign_private_pem(cx, public_key, &pem), ST_UNSUPPORTED);
    sign_key_free(key);
    sign_key_free(public_key);
    test_ctx_release(&t);
}

static void what_is_no_ed25519_pem_is_refused(void **state)
{
    static const str cases[] = {
        STR_INIT(""),
        STR_INIT("MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="),
        STR_INIT("-----BEGIN PUBLIC KEY----------END PUBLIC KEY-----"),
        STR_INIT("-----BEGIN PUBLIC KEY-----\n-----END PRIVATE KEY-----"),
        STR_INIT("-----BEGIN PUBLIC KEY-----"),
        STR_INIT(
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----"),
        STR_INIT(RFC_PUBLIC RFC_PUBLIC),
        STR_INIT(RFC_PUBLIC "more"),
        STR_INIT("-----BEGIN PUBLIC KEY-----\n"
                 "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
                 "-----END PUBLIC KEY-----\n"),
        STR_INIT("-----BEGIN PUBLIC KEY-----\n"
                 "MCowBQYDK2VuAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
                 "-----END PUBLIC KEY-----\n"),
        STR_INIT("-----BEGIN PUBLIC KEY-----\n"
                 "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZg==\n"
                 "-----END PUBLIC KEY-----\n"),
    };
    char             large[SIGN_PEM_MAX_BYTES + 1] = { 0 };
    struct test_ctx  t;
    struct ctx      *cx  = test_ctx_init(&t, 1);
    struct sign_key *key = NULL;

    for (size_t i = 0; i < CASES(cases); i++) {
        if (sign_key_from_pem(cx, cases[i], &key) != ST_INVALID) {
            fail_msg("%zu was not refused", i);
        }
        assert_null(key);
        assert_false(str_has(err_text(cx->err), S("MC")));
    }
    assert_int_equal(sign_key_from_pem(cx, (str){ large, sizeof large }, &key), ST_LIMIT);
    assert_null(key);
    test_ctx_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_are_those_of_rfc_8032),
        cmocka_unit_test(a_changed_bit_anywhere_is_denied),
        cmocka_unit_test(pem_is_that_of_rfc_8410),
        cmocka_unit_test(what_is_no_ed25519_pem_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
