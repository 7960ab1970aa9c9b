/*
 * mask_fuzz.c - values of a stranger under every mask: no crash, and nothing is shown that the mask is
 * there to hide.
 *
 * Input: one byte for the number of characters that first and last keep, then the value.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "os/secret.h"
#include "policy/mask_keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_BYTES = 1 << 20, KEEP_VALUES = 16, ZIP_LEN = 5, NUMBER_BYTES = 8 };

static void check(bool is_right)
{
    if (!is_right) {
        abort();
    }
}

/* One key for all inputs. */
static const struct mask_key *the_key(void)
{
    static struct mask_ring *ring;
    struct err               err = { 0 };
    struct ctx               cx  = { .err = &err };
    struct mask_keys        *keys;

    if (!ring) {
        cx.arena                      = arena_new("fuzz", ARENA_BYTES);
        struct mask_key_source source = {
            S("k"), secret_make(cx.arena, S("0123456789abcdef0123456789abcdef"))
        };

        ring = mask_ring_new();
        check(mask_keys_new(&cx, S("mesh"), &source, 1, &keys) == ST_OK);
        mask_ring_take(ring, keys);
        arena_free(cx.arena);
    }
    return mask_key_acquire(ring, S("k"));
}

/* All characters of `s` are `c`. */
static bool is_only(str s, char c)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] != c) {
            return false;
        }
    }
    return true;
}

static void check_redacted(str value, str out, bool is_text)
{
    for (size_t i = 0; i < out.len; i++) {
        char c = out.ptr[i];

        check(!char_is_alpha(c) || c == 'x' || c == 'X');
        check(!char_is_digit(c) || c == '0');
        check((unsigned char)c < 0x80);
    }
    check(!is_text || out.len == utf8_count(value));
}

static void check_kept(str value, str out, size_t keep, bool is_first)
{
    size_t count = utf8_count(value);
    size_t stars = keep < count ? count - keep : count;
    str    kept  = is_first ? str_sub(out, 0, out.len - stars) : str_from(out, stars);
    str    other = is_first ? str_from(out, out.len - stars) : str_sub(out, 0, stars);

    check(utf8_count(out) == count && out.len >= stars);
    check(is_only(other, '*'));
    check(kept.len == 0 || keep < count);
    check(utf8_count(kept) == (keep < count ? keep : 0));
    check(is_first ? str_starts(value, kept) : str_ends(value, kept));
}

static void check_email(str value, str out)
{
    str local, domain;

    if (str_eq(out, S("*"))) {
        return;
    }
    check(str_split(value, '@', &local, &domain) && local.len > 0 && domain.len > 0);
    check(!memchr(domain.ptr, '@', domain.len) && !memchr(domain.ptr, ' ', domain.len));
    check(str_starts(out, S("x@")) && str_eq(str_from(out, 2), domain));
}

static void check_zip(str value, str out)
{
    check(out.len == ZIP_LEN && str_ends(out, S("00")));
    check(str_eq(out, S("00000")) || str_starts(value, str_sub(out, 0, ZIP_LEN - 2)));
}

/* What a mask of an address gives is an address whose mask it is. */
static void check_ip(const struct mask_call *call, str out)
{
    struct buf again CLEANUP(buf_release) = BUF_INIT(ARENA_BYTES);
    str              same;

    check(str_ends(out, S(".0")) || str_ends(out, S("::")));
    check(mask_ip(call, out, &again, &same) && str_eq(out, same));
}

static void check_hash(str out)
{
    check(out.len == MASK_HASH_LEN);
    for (size_t i = 0; i < out.len; i++) {
        check(char_is_digit(out.ptr[i]) || (out.ptr[i] >= 'a' && out.ptr[i] <= 'f'));
    }
}

static void check_text(const struct mask_function *f, const struct mask_call *call, str value)
{
    struct buf scratch CLEANUP(buf_release) = BUF_INIT(value.len + MASK_SCRATCH_SPARE);
    size_t             bad                  = 0;
    bool               is_text              = utf8_is_valid(value, &bad);
    str                out                  = STR_NONE;

    check(f->map_text(call, value, &scratch, &out));
    check(!scratch.is_over);
    check(!is_text || utf8_is_valid(out, &bad));
    if (f->map_text == mask_redact) {
        check_redacted(value, out, is_text);
    } else if (f->map_text == mask_first || f->map_text == mask_last) {
        if (is_text) {
            check_kept(value, out, call->args->keep, f->map_text == mask_first);
        }
    } else if (f->map_text == mask_email) {
        check_email(value, out);
    } else if (f->map_text == mask_zip3) {
        check_zip(value, out);
    } else if (f->map_text == mask_ip) {
        check_ip(call, out);
    } else {
        check(f->map_text == mask_hash);
        check_hash(out);
    }
}

static void check_number(const struct mask_function *f, const struct mask_call *call, str value)
{
    int64_t number = 0, hash = -1, again = -1;

    memcpy(&number, value.ptr, value.len < NUMBER_BYTES ? value.len : NUMBER_BYTES);
    check(f->map_integer(call, number, &hash) && hash >= 0);
    check(f->map_integer(call, number, &again) && again == hash);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mask_args args = { .key_id = S("k") };
    struct mask_call call = { &args, NULL };
    str              value;

    if (size < 2) {
        return 0;
    }
    args.keep = data[0] % KEEP_VALUES;
    value     = (str){ (const char *)data + 1, size - 1 };
    call.key  = the_key();
    for (size_t i = 0; i < POLICY_MASK_COUNT; i++) {
        const struct mask_function *f = &policy_mask_functions[i];

        if (f->map_text) {
            check_text(f, &call, value);
        } else {
            check_number(f, &call, value);
        }
    }
    mask_key_return(call.key);
    return 0;
}
