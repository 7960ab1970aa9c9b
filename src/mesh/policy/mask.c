/*
 * mask.c - the list of masks and their arguments.
 */
#include "policy/mask.h"

/* clang-format off */
const struct mask_function policy_mask_functions[POLICY_MASK_COUNT] = {
    { STR_INIT("weft_mask_redact"), MASK_PLAIN, mask_redact, NULL,
      "letters as x and X, digits as 0, the length and the punctuation stay" },
    { STR_INIT("weft_mask_first"), MASK_KEEP, mask_first, NULL,
      "the first characters stay, a * for each other; shorter texts are all *" },
    { STR_INIT("weft_mask_last"), MASK_KEEP, mask_last, NULL,
      "the last characters stay, a * for each other; shorter texts are all *" },
    { STR_INIT("weft_mask_email"), MASK_PLAIN, mask_email, NULL,
      "the domain of an address stays behind x@; * when it is no address" },
    { STR_INIT("weft_mask_zip3"), MASK_PLAIN, mask_zip3, NULL,
      "three digits of a ZIP code and 00 (HIPAA Safe Harbor); 00000 for small areas" },
    { STR_INIT("weft_mask_ip"), MASK_PLAIN, mask_ip, NULL,
      "the /24 of an IPv4 address, the /48 of an IPv6 address" },
    { STR_INIT("weft_mask_hash"), MASK_BY_KEY_ID, mask_hash, NULL,
      "32 hex digits by a key of the ring; equal values stay equal" },
    { STR_INIT("weft_mask_hash_int"), MASK_BY_KEY_ID, NULL, mask_hash_int,
      "a number of 63 bits by a key of the ring; equal values stay equal" },
};
/* clang-format on */

const struct mask_function *mask_function_find(str name)
{
    for (size_t i = 0; i < POLICY_MASK_COUNT; i++) {
        if (str_eq(policy_mask_functions[i].name, name)) {
            return &policy_mask_functions[i];
        }
    }
    return NULL;
}

size_t mask_argument_count(const struct mask_function *f)
{
    return f->argument == MASK_PLAIN ? 0 : MASK_ARGUMENT_MAX;
}

bool mask_key_id_is_valid(str id)
{
    for (size_t i = 0; i < id.len; i++) {
        char c = id.ptr[i];

        if (!char_is_alpha(c) && !char_is_digit(c) && c != '-' && c != '_' && c != '.') {
            return false;
        }
    }
    return id.len > 0 && id.len <= MASK_KEY_ID_MAX;
}

enum status mask_args_read(struct ctx *cx, const struct mask_function *f, str text,
                           struct mask_args *out)
{
    struct mask_args args = { 0 };
    uint64_t         keep;

    switch (f->argument) {
    case MASK_PLAIN: break;
    case MASK_KEEP:
        if (!str_to_u64(text, &keep) || keep > MASK_KEEP_MAX) {
            return FAIL(cx, INVALID,
                        "the number of characters to keep must be 0 to %d, not \"" STR_FMT "\"",
                        MASK_KEEP_MAX, STR_ARG(text));
        }
        args.keep = (size_t)keep;
        break;
    case MASK_BY_KEY_ID:
        if (!mask_key_id_is_valid(text)) {
            return FAIL(cx, INVALID,
                        "a key id has 1 to %d letters, digits, \"-\", \"_\" or \".\"; this one has "
                        "%zu bytes",
                        MASK_KEY_ID_MAX, text.len);
        }
        args.key_id = text;
        break;
    }
    *out = args;
    return ST_OK;
}
