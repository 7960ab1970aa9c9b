/*
 * variables.c - `${NAME}` and `${NAME:-default}`; what looks like a literal secret.
 */
#include "standard/variables.h"

static bool is_name_char(char c, bool is_first)
{
    return char_is_alpha(c) || c == '_' || (!is_first && char_is_digit(c));
}

/* Reads a variable at the start of `text` ("${…}"); returns its length, 0 when it is none. */
static size_t variable_at(str text, struct std_variable *out)
{
    size_t i = 2, name_end;
    str    tail;
    size_t close;

    if (!str_starts(text, S("${"))) {
        return 0;
    }
    while (i < text.len && is_name_char(text.ptr[i], i == 2)) {
        i++;
    }
    name_end = i;
    if (name_end == 2 || i >= text.len) {
        return 0;
    }
    *out = (struct std_variable){ .name = str_sub(text, 2, name_end - 2) };
    if (text.ptr[i] == '}') {
        return i + 1;
    }
    tail = str_from(text, i);
    if (!str_starts(tail, S(":-")) || !str_find_char(tail, '}', &close)) {
        return 0;
    }
    out->has_default = true;
    out->fallback    = str_sub(tail, 2, close - 2);
    return i + close + 1;
}

bool std_variable_next(str *rest, struct std_variable *out)
{
    size_t at, len;

    while (str_find(*rest, S("${"), &at)) {
        *rest = str_from(*rest, at);
        len   = variable_at(*rest, out);
        if (len) {
            *rest = str_from(*rest, len);
            return true;
        }
        *rest = str_from(*rest, 2);
    }
    *rest = STR_NONE;
    return false;
}

bool std_has_variable(str text)
{
    struct std_variable v;

    return std_variable_next(&text, &v);
}

bool std_has_broken_variable(str text)
{
    struct std_variable v;
    size_t              at, len;

    while (str_find(text, S("${"), &at)) {
        text = str_from(text, at);
        len  = variable_at(text, &v);
        if (len == 0) {
            return true;
        }
        text = str_from(text, len);
    }
    return false;
}

bool std_is_variable(str text)
{
    struct std_variable v;

    return text.len && variable_at(text, &v) == text.len && !v.has_default;
}

static enum status value_of(struct ctx *cx, const struct std_variable *v, std_lookup *lookup,
                            void *arg, str *out)
{
    str         value = STR_NONE;
    enum status st    = lookup(arg, cx, v->name, &value);

    if (st == ST_NOT_FOUND || (st == ST_OK && value.len == 0)) {
        if (!v->has_default) {
            return FAIL(cx, NOT_FOUND,
                        "variable \"" STR_FMT "\" has no value; set it or write ${" STR_FMT
                        ":-default}",
                        STR_ARG(v->name), STR_ARG(v->name));
        }
        *out = v->fallback;
        return ST_OK;
    }
    TRY(st);
    *out = value;
    return ST_OK;
}

enum status std_variables_resolve(struct ctx *cx, str text, std_lookup *lookup, void *arg, str *out)
{
    struct buf CLEANUP(buf_release) made = BUF_INIT(STD_RESOLVED_MAX);
    size_t     count                     = 0, at;

    while (str_find(text, S("${"), &at)) {
        struct std_variable v;
        str                 value = STR_NONE;
        size_t              len;

        buf_add(&made, str_sub(text, 0, at));
        text = str_from(text, at);
        len  = variable_at(text, &v);
        if (len == 0) {
            buf_add(&made, S("${"));
            text = str_from(text, 2);
            continue;
        }
        if (++count > STD_VARIABLES_MAX) {
            return FAIL(cx, LIMIT, "more than %d variables in one value (STD_VARIABLES_MAX)",
                        STD_VARIABLES_MAX);
        }
        TRY(value_of(cx, &v, lookup, arg, &value));
        buf_add(&made, value);
        text = str_from(text, len);
    }
    buf_add(&made, text);
    return buf_take(&made, cx, "a value with its variables replaced (STD_RESOLVED_MAX)", out);
}

/* scheme://user:password@host, where the password is not a variable. */
bool std_is_literal_secret(str text)
{
    size_t at, end = 0;
    str    authority, user, password, host;

    if (!str_find(text, S("://"), &at)) {
        return false;
    }
    authority = str_from(text, at + 3);
    while (end < authority.len && authority.ptr[end] != '/' && authority.ptr[end] != '?' &&
           authority.ptr[end] != ' ') {
        end++;
    }
    if (!str_rsplit(str_sub(authority, 0, end), '@', &user, &host) ||
        !str_split(user, ':', &user, &password)) {
        return false;
    }
    return password.len > 0 && !std_is_variable(password);
}

bool std_is_secret_name(str name)
{
    static const str words[] = { STR_INIT("password"),     STR_INIT("passwd"),
                                 STR_INIT("secret"),       STR_INIT("token"),
                                 STR_INIT("key"),          STR_INIT("accesskey"),
                                 STR_INIT("secretkey"),    STR_INIT("apikey"),
                                 STR_INIT("privatekey"),   STR_INIT("credential"),
                                 STR_INIT("credentials"),  STR_INIT("passphrase"),
                                 STR_INIT("accesstoken"),  STR_INIT("secretaccesskey"),
                                 STR_INIT("clientsecret"), STR_INIT("sastoken"),
                                 STR_INIT("pwd"),          STR_INIT("accountkey") };
    char             plain[32];
    size_t           len = 0;

    for (size_t i = 0; i < name.len; i++) {
        if (char_is_alpha(name.ptr[i]) && len < sizeof plain) {
            plain[len++] = char_lower(name.ptr[i]);
        } else if (len == sizeof plain) {
            return false;
        }
    }
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (str_eq((str){ plain, len }, words[i])) {
            return true;
        }
    }
    return str_ends((str){ plain, len }, S("password")) ||
           str_ends((str){ plain, len }, S("secret"));
}
