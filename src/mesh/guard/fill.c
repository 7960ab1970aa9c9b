/*
 * fill.c - placeholders of SQL rules become quoted identifiers, before anything is parsed.
 *
 * The text is read as tokens of the engine's dialect: inside '…', E'…', "…", $tag$…$tag$ and comments
 * nothing is replaced, so a placeholder can neither break out of a literal nor be hidden in one.
 */
#include "guard/guard_int.h"

struct filler {
    struct ctx                      *cx;
    const struct diag_text          *text;
    const struct guard_placeholders *names;
    struct diags                    *findings;
    struct buf                      *out;
    bool                             failed;
};

static const struct {
    str  word;
    bool is_property;
} words[] = {
    { STR_INIT("object"), false },  { STR_INIT("table"), false }, { STR_INIT("model"), false },
    { STR_INIT("property"), true }, { STR_INIT("column"), true }, { STR_INIT("field"), true },
};

static bool is_word_char(char c)
{
    return char_is_alpha(c) || char_is_digit(c) || c == '_';
}

/* The end of a run that starts at `at` and ends with `closing`, doubled closings passed over. */
static size_t end_of_quoted(str s, size_t at, char closing, bool has_escapes)
{
    for (size_t i = at + 1; i < s.len; i++) {
        if (has_escapes && s.ptr[i] == '\\') {
            i++;
        } else if (s.ptr[i] == closing) {
            if (i + 1 < s.len && s.ptr[i + 1] == closing) {
                i++;
            } else {
                return i + 1;
            }
        }
    }
    return s.len;
}

static size_t end_of_text(str s, size_t at, str closing)
{
    size_t found;

    return str_find(str_from(s, at), closing, &found) ? at + found + closing.len : s.len;
}

/* Comments nest in the engine's dialect. */
static size_t end_of_comment(str s, size_t at)
{
    size_t depth = 1, i = at + 2;

    while (i < s.len && depth > 0) {
        str two = str_sub(s, i, 2);

        if (str_eq(two, S("/*"))) {
            depth++;
            i += 2;
        } else if (str_eq(two, S("*/"))) {
            depth--;
            i += 2;
        } else {
            i++;
        }
    }
    return i;
}

/* $tag$ … $tag$ at `at`; 0 when there is none. */
static size_t end_of_dollar(str s, size_t at)
{
    size_t i = at + 1;

    while (i < s.len && is_word_char(s.ptr[i])) {
        i++;
    }
    if (i >= s.len || s.ptr[i] != '$' || (i > at + 1 && char_is_digit(s.ptr[at + 1]))) {
        return 0;
    }
    str tag = str_sub(s, at, i + 1 - at);
    return end_of_text(s, i + 1, tag);
}

/* Where something starts in which nothing is replaced: its end; else 0. */
static size_t end_of_opaque(str s, size_t at)
{
    char c   = s.ptr[at];
    str  two = str_sub(s, at, 2);
    bool is_e =
        at > 0 && char_lower(s.ptr[at - 1]) == 'e' && (at == 1 || !is_word_char(s.ptr[at - 2]));

    if (c == '\'') {
        return end_of_quoted(s, at, '\'', is_e);
    }
    if (c == '"') {
        return end_of_quoted(s, at, '"', false);
    }
    if (str_eq(two, S("--"))) {
        return end_of_text(s, at, S("\n"));
    }
    if (str_eq(two, S("/*"))) {
        return end_of_comment(s, at);
    }
    return c == '$' ? end_of_dollar(s, at) : 0;
}

/* {word} or ${word} at `at`: its word and end; false when it is something else. */
static bool read_placeholder(str s, size_t at, str *word, size_t *end)
{
    size_t i     = at + (s.ptr[at] == '$');
    size_t start = i + 1;

    if (i >= s.len || s.ptr[i] != '{') {
        return false;
    }
    for (i = start; i < s.len && is_word_char(s.ptr[i]); i++) {
    }
    if (i == start || i >= s.len || s.ptr[i] != '}') {
        return false;
    }
    *word = str_sub(s, start, i - start);
    *end  = i + 1;
    return true;
}

static void fill_one(struct filler *f, size_t at, str word, size_t end)
{
    struct diag_pos pos = diag_pos_at(f->text->bytes, at, end - at);

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (!str_eq_nocase(word, words[i].word)) {
            continue;
        }
        str name = words[i].is_property ? f->names->property : f->names->object;

        if (name.len > 0) {
            engine_quote_ident(f->out, name);
            return;
        }
        f->failed = true;
        diag_add(f->findings, f->cx, DIAG_ERROR, f->text, pos, S("guard.placeholder"), S(""),
                 "\"{" STR_FMT "}\" has no meaning in a rule for a whole table", STR_ARG(word));
        return;
    }
    f->failed = true;
    diag_add(f->findings, f->cx, DIAG_ERROR, f->text, pos, S("guard.placeholder"),
             S("known are {object} and {property}"), "placeholder \"{" STR_FMT "}\" is not known",
             STR_ARG(word));
}

enum status guard_fill(struct ctx *cx, const struct diag_text *text,
                       const struct guard_placeholders *names, struct diags *findings, str *out)
{
    struct buf buffer CLEANUP(buf_release) = BUF_INIT(GUARD_TEXT_BYTES_MAX);
    struct filler     f                    = {
                               .cx = cx, .text = text, .names = names, .findings = findings, .out = &buffer
    };
    str    s  = text->bytes, word;
    size_t at = 0, end;

    while (at < s.len) {
        if (read_placeholder(s, at, &word, &end)) {
            fill_one(&f, at, word, end);
        } else {
            end = end_of_opaque(s, at);
            end = end > at ? end : at + 1;
            buf_add(&buffer, str_sub(s, at, end - at));
        }
        at = end;
    }
    if (f.failed) {
        return FAIL(cx, INVALID, "the rule has a placeholder without a value");
    }
    return buf_take(&buffer, cx, "the rule's text", out);
}
