/*
 * base64.c - RFC 4648, sections 4 and 5.
 */
#include "codec/base64.h"

static const char letters_standard[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char letters_url[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

str base64_encode(struct ctx *cx, enum base64_form form, str bytes)
{
    const char *letters = form == BASE64_URL ? letters_url : letters_standard;
    char       *out     = arena_alloc(cx->arena, (bytes.len + 2) / 3 * 4);
    size_t      at      = 0;

    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t   have = bytes.len - i < 3 ? bytes.len - i : 3;
        uint32_t word = 0;

        for (size_t k = 0; k < 3; k++) {
            word = word << 8 | (k < have ? (unsigned char)bytes.ptr[i + k] : 0U);
        }
        for (size_t k = 0; k < 4; k++) {
            if (k <= have) {
                out[at++] = letters[word >> (18 - 6 * k) & 63U];
            } else if (form == BASE64_STANDARD) {
                out[at++] = '=';
            }
        }
    }
    return (str){ out, at };
}

/* 0…63, or 64 when the letter is not one of the form. */
static uint32_t letter_value(enum base64_form form, char c)
{
    if (c >= 'A' && c <= 'Z') {
        return (uint32_t)(c - 'A');
    }
    if (c >= 'a' && c <= 'z') {
        return (uint32_t)(c - 'a') + 26;
    }
    if (char_is_digit(c)) {
        return (uint32_t)(c - '0') + 52;
    }
    if (c == (form == BASE64_URL ? '-' : '+')) {
        return 62;
    }
    return c == (form == BASE64_URL ? '_' : '/') ? 63 : 64;
}

/* The text without its padding; in standard form the padding must complete a group of four. */
static enum status strip_padding(struct ctx *cx, enum base64_form form, str text, str *out)
{
    size_t len = text.len;

    if (form == BASE64_STANDARD) {
        if (text.len % 4 != 0) {
            return FAIL(cx, INVALID, "base64: %zu characters are not a multiple of 4", text.len);
        }
        for (int i = 0; i < 2 && len > 0 && text.ptr[len - 1] == '='; i++) {
            len--;
        }
    }
    if (len % 4 == 1) {
        return FAIL(cx, INVALID, "base64: %zu characters cannot hold whole bytes", len);
    }
    *out = str_sub(text, 0, len);
    return ST_OK;
}

enum status base64_decode(struct ctx *cx, enum base64_form form, str text, str *out)
{
    uint32_t word = 0;
    unsigned bits = 0;
    size_t   at   = 0;
    str      body = STR_NONE;
    char    *bytes;

    TRY(strip_padding(cx, form, text, &body));
    bytes = arena_alloc(cx->arena, body.len / 4 * 3 + 3);
    for (size_t i = 0; i < body.len; i++) {
        uint32_t value = letter_value(form, body.ptr[i]);

        if (value > 63) {
            return FAIL(cx, INVALID, "base64: character %zu is not allowed here", i + 1);
        }
        word = (word << 6 | value) & 0xFFFFFFU;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes[at++] = (char)(unsigned char)(word >> bits & 0xFFU);
        }
    }
    if (word & ((1U << bits) - 1U)) {
        return FAIL(cx, INVALID, "base64: bits behind the last byte are not zero at character %zu",
                    body.len);
    }
    *out = (str){ bytes, at };
    return ST_OK;
}
