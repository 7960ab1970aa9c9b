/*
 * mask_text.c - masks that keep the shape of a text: by class, by position, by the parts of an address.
 *
 * A character is counted at the byte that begins it, so these need no decoding.
 */
#include <string.h>

#include "policy/mask.h"

enum { LETTERS = 26, DIGITS = 10, ASCII_END = 0x80, CONTINUATION = 0x80, CONTINUATION_MASK = 0xC0 };
enum { DOMAIN_MAX = 253, LABEL_MAX = 63 }; /* RFC 1035 2.3.4; in bytes of UTF-8 here */

static bool begins_character(unsigned char c)
{
    return (c & CONTINUATION_MASK) != CONTINUATION;
}

static unsigned char redact_byte(unsigned char c)
{
    unsigned char out = c;

    out = (unsigned char)(c - 'a') < LETTERS ? 'x' : out;
    out = (unsigned char)(c - 'A') < LETTERS ? 'X' : out;
    out = (unsigned char)(c - '0') < DIGITS ? '0' : out;
    return c >= ASCII_END ? 'x' : out;
}

/* ------------------------------------------------------------------------- eight bytes at once */

enum { WORD_BYTES = 8, BYTE_FULL = 0xFF, TOP_BIT_SHIFT = 7 };

#define EACH_BYTE(c) ((uint64_t)(unsigned char)(c)*UINT64_C(0x0101010101010101))

static uint64_t load_word(const char *from)
{
    uint64_t word;

    memcpy(&word, from, sizeof word);
    return word;
}

static bool has_only_ascii(uint64_t word)
{
    return (word & EACH_BYTE(ASCII_END)) == 0;
}

/* 0xFF in each byte of an ASCII word that lies in first … last, 0 in the others; no byte carries. */
static uint64_t in_range(uint64_t word, char first, char last)
{
    uint64_t from  = word + EACH_BYTE(ASCII_END - first);
    uint64_t after = word + EACH_BYTE(ASCII_END - 1 - last);

    return ((from & ~after & EACH_BYTE(ASCII_END)) >> TOP_BIT_SHIFT) * BYTE_FULL;
}

static uint64_t redact_word(uint64_t word)
{
    uint64_t lower = in_range(word, 'a', 'z'), upper = in_range(word, 'A', 'Z');
    uint64_t digit = in_range(word, '0', '9');

    return (word & ~(lower | upper | digit)) | (lower & EACH_BYTE('x')) | (upper & EACH_BYTE('X')) |
           (digit & EACH_BYTE('0'));
}

/* How many bytes at the beginning are whole words of ASCII. */
static size_t ascii_words(str s)
{
    size_t len = 0;

    while (s.len - len >= WORD_BYTES && has_only_ascii(load_word(s.ptr + len))) {
        len += WORD_BYTES;
    }
    return len;
}

bool mask_redact(const struct mask_call *call, str value, struct buf *scratch, str *out)
{
    char  *to  = buf_reserve(scratch, value.len);
    size_t len = ascii_words(value);

    (void)call;
    if (!to) {
        return false;
    }
    for (size_t i = 0; i < len; i += WORD_BYTES) {
        uint64_t word = redact_word(load_word(value.ptr + i));

        memcpy(to + i, &word, sizeof word);
    }
    for (size_t i = len; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];

        to[len] = (char)redact_byte(c);
        len += begins_character(c);
    }
    buf_commit(scratch, len);
    *out = buf_view(scratch);
    return true;
}

/* ------------------------------------------------------------------------- characters */

static size_t count_characters(str s)
{
    size_t words = ascii_words(s), count = words;

    for (size_t i = words; i < s.len; i++) {
        count += begins_character((unsigned char)s.ptr[i]);
    }
    return count;
}

/* The offset at which character number `index` begins; the length when there are not so many. */
static size_t offset_of(str s, size_t index)
{
    for (size_t i = 0; i < s.len; i++) {
        if (begins_character((unsigned char)s.ptr[i]) && index-- == 0) {
            return i;
        }
    }
    return s.len;
}

bool mask_first(const struct mask_call *call, str value, struct buf *scratch, str *out)
{
    size_t count = count_characters(value), keep = call->args->keep < count ? call->args->keep : 0;

    buf_add(scratch, str_sub(value, 0, keep > 0 ? offset_of(value, keep) : 0));
    buf_add_n(scratch, '*', count - keep);
    *out = buf_view(scratch);
    return true;
}

bool mask_last(const struct mask_call *call, str value, struct buf *scratch, str *out)
{
    size_t count = count_characters(value), keep = call->args->keep < count ? call->args->keep : 0;

    buf_add_n(scratch, '*', count - keep);
    buf_add(scratch, str_from(value, keep > 0 ? offset_of(value, count - keep) : value.len));
    *out = buf_view(scratch);
    return true;
}

/* ------------------------------------------------------------------------- addresses */

/* Labels between single dots, so that nothing else than a domain is kept: "ask me @ 555 1234". */
static bool is_domain(str s)
{
    size_t label = 0;

    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];

        if (c == '.') {
            if (label == 0) {
                return false;
            }
            label = 0;
            continue;
        }
        if (c < ASCII_END && c != '-' && !char_is_alpha((char)c) && !char_is_digit((char)c)) {
            return false;
        }
        if (++label > LABEL_MAX) {
            return false;
        }
    }
    return label > 0 && s.len <= DOMAIN_MAX;
}

bool mask_email(const struct mask_call *call, str value, struct buf *scratch, str *out)
{
    const char *at = value.len > 0 ? memchr(value.ptr, '@', value.len) : NULL;
    str         domain;

    (void)call;
    *out = S("*");
    if (!at || at == value.ptr) {
        return true;
    }
    domain = str_from(value, (size_t)(at - value.ptr) + 1);
    if (is_domain(domain)) {
        buf_add_char(scratch, 'x');
        buf_add(scratch, str_from(value, (size_t)(at - value.ptr)));
        *out = buf_view(scratch);
    }
    return true;
}
