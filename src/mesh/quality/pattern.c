/*
 * pattern.c - a recursive-descent parser for ECMA-262 patterns that writes the RE2 and the PCRE2
 * form while it reads.
 *
 * Only "does it match somewhere" is asked of a pattern, never what a group held. So groups become
 * non-capturing in RE2, and in PCRE2 unless back-references need them. An atom is always written as
 * one unit (an escaped character, a class or a group), so that a quantifier can simply follow.
 *
 * The RE2 form as a whole stands in a capturing group: DuckDB 1.5.5 rewrites patterns that are texts
 * with or without anchors into prefix, suffix and contains, and does it wrongly for (?:)a, ^^, (?:$)a
 * and their like. It leaves a pattern alone whose outermost node is a group.
 *
 * What RE2 cannot say, or says with another meaning, drops the RE2 form and names the reason:
 *   look-around, back-references; \B, which RE2 also finds between the bytes of one character;
 *   counts over 1000 (nested ones multiply), or a program beyond RE2_SIZE_MAX.
 * What PCRE2 cannot match exactly drops that form: a back-reference to a group that may run more
 * than once (ECMA-262 forgets its captures at each round, PCRE2 does not), that is not closed yet,
 * or that stands in a look-behind (which ECMA-262 matches backwards).
 */
#include "quality/pattern.h"

#include "base/utf8.h"
#include "base/vec.h"
#include "quality/pattern_int.h"

#include <stdio.h>

enum {
    RE2_REPEAT_MAX = 1000,    /* the library's own limit                                   */
    RE2_SIZE_MAX   = 20000,   /* our estimate of instructions; the library stops near 80000 */
    FORM_MAX       = 1 << 20, /* bytes of one form                                         */
    CODE_POINT_MAX = 0x10FFFF,
    SURROGATE_HIGH = 0xD800,
    SURROGATE_LOW  = 0xDC00,
    SURROGATE_END  = 0xE000,
};

/* What RE2 would make of a piece: instructions, and the largest product of nested counts. */
struct weight {
    uint32_t size, repeat;
};

struct capture {
    str    name;
    size_t close; /* offset behind its ")"; 0 while open or not met */
    bool   is_repeated, is_behind;
};

struct reference {
    uint32_t group;
    size_t   at;
    bool     is_behind;
};

struct parser {
    struct ctx *cx;
    str         text;
    size_t      at;
    struct buf  re2, pcre2;
    VEC(struct capture) captures; /* all of the pattern, found before parsing */
    VEC(struct reference) references;
    uint32_t              opened; /* captures met so far */
    unsigned              depth, behind;
    bool                  has_names;
    str                   why_not_re2, why_not_pcre2;
    struct pattern_fault *fault;
};

/* White space and line ends of ECMA-262, and everything else, as the inside of a class. */
static const str space_items = STR_INIT("\\t-\\r\\x{20}\\x{A0}\\x{1680}\\x{2000}-\\x{200A}\\x{2028}"
                                        "\\x{2029}\\x{202F}\\x{205F}\\x{3000}\\x{FEFF}");
static const str other_items =
    STR_INIT("\\x{0}-\\x{8}\\x{E}-\\x{1F}\\x{21}-\\x{9F}\\x{A1}-\\x{167F}\\x{1681}-\\x{1FFF}"
             "\\x{200B}-\\x{2027}\\x{202A}-\\x{202E}\\x{2030}-\\x{205E}\\x{2060}-\\x{2FFF}"
             "\\x{3001}-\\x{FEFE}\\x{FF00}-\\x{10FFFF}");
static const str dot_class = STR_INIT("[^\\n\\r\\x{2028}\\x{2029}]");
static const str any_class = STR_INIT("(?s:.)");

/* ------------------------------------------------------------------------- reading and faults */

static enum status fail_at(struct parser *p, size_t from, size_t to, str reason)
{
    p->fault->offset = from;
    p->fault->len    = to > from ? to - from : 0;
    p->fault->reason = reason;
    return FAIL(p->cx, INVALID, "pattern is wrong at character %zu: " STR_FMT,
                utf8_count(str_sub(p->text, 0, from)) + 1, STR_ARG(reason));
}

static enum status fail_limit(struct parser *p, size_t from, str reason)
{
    ignore(fail_at(p, from, p->text.len, reason), "the status is set below");
    p->cx->err->code = ST_LIMIT;
    return ST_LIMIT;
}

static bool at_end(const struct parser *p)
{
    return p->at >= p->text.len;
}

/* The byte `ahead` of the cursor, or 0 behind the end. */
static char peek(const struct parser *p, size_t ahead)
{
    return p->at + ahead < p->text.len ? p->text.ptr[p->at + ahead] : '\0';
}

static bool looking_at(const struct parser *p, str word)
{
    return str_starts(str_from(p->text, p->at), word);
}

static bool accept(struct parser *p, str word)
{
    if (!looking_at(p, word))
        return false;
    p->at += word.len;
    return true;
}

/* The code point at the cursor, which moves behind it; the text is valid UTF-8 and not at its end. */
static uint32_t next_char(struct parser *p)
{
    str      rest = str_from(p->text, p->at);
    uint32_t c    = 0;

    if (!utf8_next(&rest, &c))
        BUG("pattern text was not checked");
    p->at = p->text.len - rest.len;
    return c;
}

static void drop_re2(struct parser *p, str why)
{
    if (p->why_not_re2.len == 0)
        p->why_not_re2 = why;
}

static void drop_pcre2(struct parser *p, str why)
{
    if (p->why_not_pcre2.len == 0)
        p->why_not_pcre2 = why;
}

/* ------------------------------------------------------------------------- writing */

static void add_both(struct parser *p, str s)
{
    buf_add(&p->re2, s);
    buf_add(&p->pcre2, s);
}

/* One character, outside or inside a class: both libraries read these escapes alike. */
static void add_char(struct buf *b, uint32_t c)
{
    bool is_word = c < 128 && (char_is_alpha((char)c) || char_is_digit((char)c) || c == '_');

    if (is_word)
        buf_add_char(b, (char)c);
    else if (c > ' ' && c < 127)
        buf_printf(b, "\\%c", (char)c);
    else
        buf_printf(b, "\\x{%X}", (unsigned)c);
}

static uint32_t char_size(uint32_t c)
{
    return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
}

static bool is_surrogate(uint32_t c)
{
    return c >= SURROGATE_HIGH && c < SURROGATE_END;
}

/* A lone surrogate is no character of a text: it never matches. */
static void add_never(struct parser *p)
{
    buf_add(&p->re2, S("[^\\x{0}-\\x{10FFFF}]"));
    buf_add(&p->pcre2, S("(?:(?!))"));
}

/* ------------------------------------------------------------------------- escapes */

static int hex_digit(char c)
{
    if (char_is_digit(c))
        return c - '0';
    c = char_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Exactly `count` hex digits at the cursor. */
static bool read_hex(struct parser *p, size_t count, uint32_t *out)
{
    uint32_t value = 0;

    for (size_t i = 0; i < count; i++) {
        int digit = hex_digit(peek(p, i));
        if (digit < 0 || p->at + i >= p->text.len)
            return false;
        value = value * 16 + (uint32_t)digit;
    }
    p->at += count;
    *out = value;
    return true;
}

/* Behind "\u": XXXX, a pair of surrogates as XXXX\uXXXX, or {X…}. */
static bool read_unicode(struct parser *p, uint32_t *out)
{
    uint32_t value = 0, low;
    size_t   back;

    if (accept(p, S("{"))) {
        size_t digits = 0;
        for (int d; (d = hex_digit(peek(p, 0))) >= 0; digits++, p->at++) {
            value = value * 16 + (uint32_t)d;
            if (value > CODE_POINT_MAX)
                return false;
        }
        *out = value;
        return digits > 0 && accept(p, S("}"));
    }
    if (!read_hex(p, 4, &value))
        return false;
    back = p->at;
    if (value >= SURROGATE_HIGH && value < SURROGATE_LOW && accept(p, S("\\u"))) {
        if (read_hex(p, 4, &low) && low >= SURROGATE_LOW && low < SURROGATE_END)
            value = 0x10000 + ((value - SURROGATE_HIGH) << 10) + (low - SURROGATE_LOW);
        else
            p->at = back;
    }
    *out = value;
    return true;
}

static bool is_syntax_char(char c)
{
    return c != '\0' && str_has(S("^$\\.*+?()[]{}|/"), (str){ &c, 1 });
}

/*
 * A character escape; the cursor stands behind the backslash at `from`. `in_class` allows \- and
 * \b (backspace) as well.
 */
static enum status read_char_escape(struct parser *p, size_t from, bool in_class, uint32_t *out)
{
    static const str  controls_from = STR_INIT("tnvfr");
    static const char controls_to[] = "\t\n\v\f\r";
    char              c             = peek(p, 0);
    size_t            at;

    if (at_end(p))
        return fail_at(p, from, p->at, S("a backslash at the end escapes nothing"));
    p->at++;
    if (str_find_char(controls_from, c, &at)) {
        *out = (uint32_t)controls_to[at];
    } else if (is_syntax_char(c) || (in_class && c == '-')) {
        *out = (uint32_t)c;
    } else if (in_class && c == 'b') {
        *out = '\b';
    } else if (c == '0' && !char_is_digit(peek(p, 0))) {
        *out = 0;
    } else if (c == 'c' && char_is_alpha(peek(p, 0))) {
        *out = (uint32_t)peek(p, 0) % 32;
        p->at++;
    } else if (c == 'x') {
        if (!read_hex(p, 2, out))
            return fail_at(p, from, p->at, S("\\x wants two hex digits"));
    } else if (c == 'u') {
        if (!read_unicode(p, out))
            return fail_at(p, from, p->at, S("\\u wants four hex digits, or {…} up to 10FFFF"));
    } else {
        p->at = from + 1;
        ignore(next_char(p) ? ST_OK : ST_INVALID, "only moves the cursor behind the character");
        return fail_at(p, from, p->at, S("this character cannot be escaped in a u pattern"));
    }
    return ST_OK;
}

/* \d \D \w \W \s \S \p{…} \P{…} as class items. *done is false when it is none of these. */
static enum status read_class_escape(struct parser *p, size_t from, struct buf *re2,
                                     struct buf *pcre2, bool *done)
{
    char                    c = peek(p, 0);
    struct pattern_property property;
    size_t                  end;
    str                     inside;

    *done = !at_end(p) && str_has(S("dDwWsSpP"), (str){ &c, 1 });
    if (!*done)
        return ST_OK;
    p->at++;
    if (c == 's' || c == 'S') {
        buf_add(re2, c == 's' ? space_items : other_items);
        buf_add(pcre2, c == 's' ? space_items : other_items);
        return ST_OK;
    }
    if (c != 'p' && c != 'P') {
        buf_printf(re2, "\\%c", c);
        buf_printf(pcre2, "\\%c", c);
        return ST_OK;
    }
    if (peek(p, 0) != '{' || !str_find_char(str_from(p->text, p->at), '}', &end))
        return fail_at(p, from, p->at, S("\\p wants a property in braces"));
    inside = str_sub(p->text, p->at + 1, end - 1);
    p->at += end + 1;
    if (!pattern_property_find(inside, &property))
        return fail_at(p, from, p->at, S("there is no such Unicode property"));
    if (!property.has_re2)
        drop_re2(p, S("a Unicode property that RE2 lacks"));
    if (!property.has_pcre2)
        drop_pcre2(p, S("a Unicode property that no library here has"));
    buf_printf(re2, "\\%c{" STR_FMT "}", c, STR_ARG(property.name));
    if (str_eq(property.name, S("Assigned"))) /* PCRE2 has only its opposite */
        buf_printf(pcre2, "\\%c{Cn}", c == 'p' ? 'P' : 'p');
    else
        buf_printf(pcre2, "\\%c{" STR_FMT STR_FMT "}", c, STR_ARG(property.pcre2_prefix),
                   STR_ARG(property.name));
    return ST_OK;
}

/* ------------------------------------------------------------------------- classes */

/* One end of a range: a character, or a whole set (then no range can be made of it). */
struct class_atom {
    uint32_t c;
    bool     is_set;
};

struct class_items {
    struct buf re2, pcre2;
    uint32_t   size;
    bool       is_empty;
};

static enum status read_class_atom(struct parser *p, struct class_items *items,
                                   struct class_atom *out)
{
    size_t from = p->at;

    out->is_set = false;
    if (peek(p, 0) != '\\') {
        out->c = next_char(p);
        return ST_OK;
    }
    p->at++;
    TRY(read_class_escape(p, from, &items->re2, &items->pcre2, &out->is_set));
    if (!out->is_set)
        return read_char_escape(p, from, true, &out->c);
    items->is_empty = false;
    items->size += 200; /* what a Unicode property may cost */
    return ST_OK;
}

/* From `low` to `high`, without the surrogates at its ends. */
static void add_range(struct class_items *items, uint32_t low, uint32_t high)
{
    if (is_surrogate(low))
        low = SURROGATE_END;
    if (is_surrogate(high))
        high = SURROGATE_HIGH - 1;
    if (low > high)
        return;
    items->is_empty = false;
    items->size += high < 0x80 ? 1 : 12;
    for (int i = 0; i < 2; i++) {
        struct buf *b = i == 0 ? &items->re2 : &items->pcre2;
        add_char(b, low);
        if (high > low) {
            buf_add_char(b, '-');
            add_char(b, high);
        }
    }
}

static enum status read_class_items(struct parser *p, struct class_items *items)
{
    size_t opening = p->at - 1;

    while (!at_end(p) && peek(p, 0) != ']') {
        struct class_atom low, high;
        size_t            from = p->at;

        TRY(read_class_atom(p, items, &low));
        if (peek(p, 0) != '-' || peek(p, 1) == ']' || p->at + 1 >= p->text.len) {
            if (!low.is_set)
                add_range(items, low.c, low.c);
            continue;
        }
        p->at++;
        TRY(read_class_atom(p, items, &high));
        if (low.is_set || high.is_set)
            return fail_at(p, from, p->at, S("a range cannot begin or end with a set"));
        if (low.c > high.c)
            return fail_at(p, from, p->at, S("the range is out of order"));
        add_range(items, low.c, high.c);
    }
    if (!accept(p, S("]")))
        return fail_at(p, opening, p->at, S("the class is never closed"));
    return ST_OK;
}

/* The cursor stands behind "[". */
static enum status parse_class(struct parser *p, struct weight *out)
{
    struct class_items items = {
        .re2 = BUF_INIT(FORM_MAX), .pcre2 = BUF_INIT(FORM_MAX), .size = 1, .is_empty = true
    };
    bool        is_negated = accept(p, S("^"));
    enum status st         = read_class_items(p, &items);

    if (st == ST_OK && items.is_empty) {
        if (is_negated)
            add_both(p, any_class);
        else
            add_never(p);
    } else if (st == ST_OK) {
        add_both(p, is_negated ? S("[^") : S("["));
        buf_add(&p->re2, buf_view(&items.re2));
        buf_add(&p->pcre2, buf_view(&items.pcre2));
        add_both(p, S("]"));
    }
    buf_release(&items.re2);
    buf_release(&items.pcre2);
    if (st == ST_OK)
        *out = (struct weight){ items.size + (is_negated || items.is_empty ? 12 : 0), 1 };
    return st;
}

/* ------------------------------------------------------------------------- group names */

static bool is_name_char(uint32_t c, bool is_first)
{
    if (c >= 128) /* taken as a letter; only the ASCII part of ID_Start is checked */
        return !is_surrogate(c);
    return char_is_alpha((char)c) || c == '$' || c == '_' || (!is_first && char_is_digit((char)c));
}

/* Behind "<": the name up to ">", escapes resolved, in the arena. */
static enum status read_group_name(struct parser *p, str *out)
{
    struct buf  name = BUF_INIT(PATTERN_MAX * 4);
    size_t      from = p->at;
    enum status st   = ST_OK;

    while (st == ST_OK && !at_end(p) && peek(p, 0) != '>') {
        uint32_t c  = next_char(p);
        bool     ok = true;
        if (c == '\\')
            ok = accept(p, S("u")) && read_unicode(p, &c);
        if (!ok || !is_name_char(c, name.len == 0))
            st = fail_at(p, from, p->at, S("this is no name for a group"));
        else
            utf8_add(&name, c);
    }
    if (st == ST_OK && (name.len == 0 || !accept(p, S(">"))))
        st = fail_at(p, from, p->at, S("the group's name is missing or not closed by >"));
    if (st == ST_OK)
        *out = arena_dup(p->cx->arena, buf_view(&name));
    buf_release(&name);
    return st;
}

static bool find_name(const struct parser *p, str name, uint32_t *group)
{
    for (size_t i = 0; i < p->captures.count; i++)
        if (p->captures.items[i].name.ptr != NULL && str_eq(p->captures.items[i].name, name)) {
            *group = (uint32_t)i + 1;
            return true;
        }
    return false;
}

static enum status note_capture(struct parser *p)
{
    struct capture capture = { 0 };
    uint32_t       other;

    if (looking_at(p, S("?<")) && peek(p, 2) != '=' && peek(p, 2) != '!') {
        size_t from = p->at;
        p->at += 2;
        TRY(read_group_name(p, &capture.name));
        if (find_name(p, capture.name, &other))
            return fail_at(p, from, p->at, S("two groups have this name"));
        p->has_names = true;
    } else if (peek(p, 0) == '?') {
        return ST_OK;
    }
    vec_push(p->cx->arena, &p->captures, capture);
    return ST_OK;
}

/* Counts groups and collects their names first, for \1 and \k<name> may point forward. */
static enum status find_captures(struct parser *p)
{
    bool in_class = false;

    while (!at_end(p)) {
        char c = peek(p, 0);
        p->at++;
        if (c == '\\')
            p->at++;
        else if (c == '[')
            in_class = true;
        else if (c == ']')
            in_class = false;
        else if (c == '(' && !in_class)
            TRY(note_capture(p));
    }
    p->at = 0;
    return ST_OK;
}

/* ------------------------------------------------------------------------- atoms */

static enum status parse_disjunction(struct parser *p, struct weight *out);

static enum status add_reference(struct parser *p, uint32_t group, size_t from)
{
    struct reference ref = { group, from, p->behind > 0 };

    vec_push(p->cx->arena, &p->references, ref);
    drop_re2(p, S("a back-reference"));
    /* In a group: PCRE2 10.42 repeats a bare reference to an unset group wrongly. */
    buf_printf(&p->pcre2, "(?:\\g{%u})", (unsigned)group);
    return ST_OK;
}

/* \1 … and \k<name>; the cursor stands behind the backslash. *done is false for other escapes. */
static enum status parse_reference(struct parser *p, size_t from, bool *done)
{
    uint32_t group = 0;
    str      name;

    *done = true;
    if (accept(p, S("k"))) {
        if (!accept(p, S("<")))
            return fail_at(p, from, p->at, S("\\k wants a group's name in < and >"));
        TRY(read_group_name(p, &name));
        if (!find_name(p, name, &group))
            return fail_at(p, from, p->at, S("no group has this name"));
        return add_reference(p, group, from);
    }
    *done = peek(p, 0) >= '1' && peek(p, 0) <= '9';
    if (!*done)
        return ST_OK;
    for (; char_is_digit(peek(p, 0)); p->at++)
        if (group <= PATTERN_MAX)
            group = group * 10 + (uint32_t)(peek(p, 0) - '0');
    if (group > p->captures.count)
        return fail_at(p, from, p->at, S("there is no group of this number"));
    return add_reference(p, group, from);
}

static enum status parse_escape(struct parser *p, struct weight *out)
{
    size_t     from = p->at - 1;
    bool       done;
    uint32_t   c   = 0;
    struct buf re2 = BUF_INIT(1024), pcre2 = BUF_INIT(1024);

    *out = (struct weight){ 1, 1 };
    TRY(parse_reference(p, from, &done));
    if (done)
        return ST_OK;
    enum status st = read_class_escape(p, from, &re2, &pcre2, &done);
    if (st == ST_OK && done) {
        buf_printf(&p->re2, "[" STR_FMT "]", STR_ARG(buf_view(&re2)));
        buf_printf(&p->pcre2, "[" STR_FMT "]", STR_ARG(buf_view(&pcre2)));
        out->size = 100;
    }
    buf_release(&re2);
    buf_release(&pcre2);
    if (st != ST_OK || done)
        return st;
    TRY(read_char_escape(p, from, false, &c));
    if (is_surrogate(c)) {
        add_never(p);
    } else {
        add_char(&p->re2, c);
        add_char(&p->pcre2, c);
        out->size = char_size(c);
    }
    return ST_OK;
}

/* Look-around: its PCRE2 form, its reason against RE2. The cursor stands behind the prefix. */
static enum status parse_look(struct parser *p, size_t from, str prefix, bool is_behind)
{
    struct weight inner;
    bool          is_ahead = !is_behind;

    drop_re2(p, is_ahead ? S("look-ahead") : S("look-behind"));
    buf_add(&p->pcre2, prefix);
    p->behind += is_behind ? 1 : 0;
    TRY(parse_disjunction(p, &inner));
    p->behind -= is_behind ? 1 : 0;
    if (!accept(p, S(")")))
        return fail_at(p, from, p->at, S("the group is never closed"));
    buf_add_char(&p->pcre2, ')');
    return ST_OK;
}

/* A group, the cursor stands behind "(". */
static enum status parse_group(struct parser *p, struct weight *out)
{
    size_t   from  = p->at - 1;
    uint32_t group = 0;
    str      name;

    if (!accept(p, S("?:"))) {
        if (accept(p, S("?<")))
            TRY(read_group_name(p, &name));
        else if (peek(p, 0) == '?')
            return fail_at(p, from, p->at + 1, S("this kind of group does not exist in ECMA-262"));
        group                                  = ++p->opened;
        p->captures.items[group - 1].is_behind = p->behind > 0;
    }
    buf_add(&p->re2, S("(?:"));
    buf_add(&p->pcre2, group > 0 ? S("(") : S("(?:"));
    TRY(parse_disjunction(p, out));
    if (!accept(p, S(")")))
        return fail_at(p, from, p->at, S("the group is never closed"));
    add_both(p, S(")"));
    if (group > 0)
        p->captures.items[group - 1].close = p->at;
    return ST_OK;
}

/* ------------------------------------------------------------------------- terms */

enum { COUNT_NONE = -1 };

struct quantifier {
    int64_t min, max; /* max COUNT_NONE: no upper bound */
    bool    is_lazy;
};

/* A count, cut at 2^31-1 (no text is that long). */
static bool read_count(struct parser *p, int64_t *out)
{
    int64_t value  = 0;
    size_t  digits = 0;

    for (; char_is_digit(peek(p, 0)); p->at++, digits++)
        if (value <= INT32_MAX)
            value = value * 10 + (peek(p, 0) - '0');
    *out = value > INT32_MAX ? INT32_MAX : value;
    return digits > 0;
}

/* *found is false when no quantifier stands at the cursor. */
static enum status read_quantifier(struct parser *p, struct quantifier *q, bool *found)
{
    size_t from = p->at;

    *found = true;
    if (accept(p, S("*"))) {
        *q = (struct quantifier){ 0, COUNT_NONE, false };
    } else if (accept(p, S("+"))) {
        *q = (struct quantifier){ 1, COUNT_NONE, false };
    } else if (accept(p, S("?"))) {
        *q = (struct quantifier){ 0, 1, false };
    } else if (accept(p, S("{"))) {
        bool ok = read_count(p, &q->min);
        q->max  = q->min;
        if (ok && accept(p, S(",")) && !read_count(p, &q->max))
            q->max = COUNT_NONE;
        if (!ok || !accept(p, S("}")))
            return fail_at(p, from, p->at, S("a count is written {n}, {n,} or {n,m}"));
        if (q->max != COUNT_NONE && q->max < q->min)
            return fail_at(p, from, p->at, S("the counts are out of order"));
    } else {
        *found = false;
        return ST_OK;
    }
    q->is_lazy = accept(p, S("?"));
    return ST_OK;
}

static uint32_t saturate(uint64_t n)
{
    return n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

enum { PCRE2_REPEAT_MAX = 65535 };

/* Writes the quantifier and weighs what it repeats. */
static void add_quantifier(struct parser *p, const struct quantifier *q, struct weight *w)
{
    int64_t  most  = q->max == COUNT_NONE ? q->min : q->max;
    uint64_t times = most > 1 ? (uint64_t)most : 1;
    char     text[64];
    int      len;

    if (q->max == COUNT_NONE)
        len = snprintf(text, sizeof(text), "{%lld,}", (long long)q->min);
    else
        len = snprintf(text, sizeof(text), "{%lld,%lld}", (long long)q->min, (long long)q->max);
    str written = { text, (size_t)len };
    if (q->max == COUNT_NONE && q->min <= 1)
        written = q->min == 0 ? S("*") : S("+");
    else if (q->min == 0 && q->max == 1)
        written = S("?");
    add_both(p, written);
    if (q->is_lazy)
        add_both(p, S("?"));
    w->size   = saturate((uint64_t)w->size * times + 2);
    w->repeat = saturate((uint64_t)w->repeat * times);
    if (w->repeat > RE2_REPEAT_MAX)
        drop_re2(p, S("a count over 1000"));
    if (most > PCRE2_REPEAT_MAX)
        drop_pcre2(p, S("a count over 65535"));
}

/* ^ $ \b \B and look-around: they consume nothing and take no quantifier. */
static enum status parse_assertion(struct parser *p, bool *done)
{
    static const struct {
        str  word, prefix;
        bool is_behind;
    } looks[]   = { { STR_INIT("(?="), STR_INIT("(?="), false },
                    { STR_INIT("(?!"), STR_INIT("(?!"), false },
                    { STR_INIT("(?<="), STR_INIT("(?<="), true },
                    { STR_INIT("(?<!"), STR_INIT("(?<!"), true } };
    size_t from = p->at;

    *done = true;
    if (accept(p, S("^"))) {
        add_both(p, S("^"));
        return ST_OK;
    }
    if (accept(p, S("$"))) {
        buf_add_char(&p->re2, '$');
        buf_add(&p->pcre2, S("\\z"));
        return ST_OK;
    }
    if (accept(p, S("\\b"))) {
        add_both(p, S("\\b"));
        return ST_OK;
    }
    if (accept(p, S("\\B"))) {
        drop_re2(p, S("\\B"));
        buf_add(&p->pcre2, S("\\B"));
        return ST_OK;
    }
    for (size_t i = 0; i < COUNT_OF(looks); i++)
        if (accept(p, looks[i].word))
            return parse_look(p, from, looks[i].prefix, looks[i].is_behind);
    *done = false;
    return ST_OK;
}

static enum status parse_literal(struct parser *p, struct weight *out)
{
    size_t   from = p->at;
    uint32_t c    = next_char(p);

    if (c == '*' || c == '+' || c == '?')
        return fail_at(p, from, p->at, S("there is nothing to repeat"));
    if (c == '{' || c == '}' || c == ']')
        return fail_at(p, from, p->at, S("a bracket that closes or opens nothing; escape it"));
    add_char(&p->re2, c);
    add_char(&p->pcre2, c);
    *out = (struct weight){ char_size(c), 1 };
    return ST_OK;
}

static enum status parse_atom(struct parser *p, struct weight *out)
{
    if (accept(p, S("."))) {
        add_both(p, dot_class);
        *out = (struct weight){ 20, 1 };
        return ST_OK;
    }
    if (accept(p, S("\\")))
        return parse_escape(p, out);
    if (accept(p, S("[")))
        return parse_class(p, out);
    if (accept(p, S("(")))
        return parse_group(p, out);
    return parse_literal(p, out);
}

static enum status parse_term(struct parser *p, struct weight *out)
{
    uint32_t          first = p->opened;
    struct quantifier q;
    bool              done, found;
    size_t            from = p->at;

    *out = (struct weight){ 1, 1 };
    TRY(parse_assertion(p, &done));
    if (!done)
        TRY(parse_atom(p, out));
    TRY(read_quantifier(p, &q, &found));
    if (!found)
        return ST_OK;
    if (done)
        return fail_at(p, from, p->at, S("there is nothing to repeat"));
    add_quantifier(p, &q, out);
    for (uint32_t i = first; i < p->opened; i++)
        p->captures.items[i].is_repeated = true;
    return ST_OK;
}

static enum status parse_disjunction(struct parser *p, struct weight *out)
{
    struct weight sum = { 1, 1 }, term;

    if (++p->depth > PATTERN_DEPTH_MAX)
        return fail_limit(p, p->at, S("groups are nested deeper than 100"));
    while (!at_end(p) && peek(p, 0) != ')') {
        if (accept(p, S("|"))) {
            add_both(p, S("|"));
            continue;
        }
        TRY(parse_term(p, &term));
        sum.size   = saturate((uint64_t)sum.size + term.size);
        sum.repeat = term.repeat > sum.repeat ? term.repeat : sum.repeat;
    }
    p->depth--;
    *out = sum;
    return ST_OK;
}

/* ------------------------------------------------------------------------- the whole */

static void check_references(struct parser *p)
{
    for (size_t i = 0; i < p->references.count; i++) {
        const struct reference *ref = &p->references.items[i];
        const struct capture   *to  = &p->captures.items[ref->group - 1];
        if (to->is_repeated || ref->is_behind || to->is_behind || to->close > ref->at)
            drop_pcre2(p, S("a back-reference whose group repeats, is open or looks behind"));
    }
}

static enum status parse_all(struct parser *p)
{
    struct weight weight;
    size_t        bad;

    if (p->text.len > PATTERN_MAX)
        return fail_limit(p, PATTERN_MAX, S("the pattern is longer than 16384 bytes"));
    if (!utf8_is_valid(p->text, &bad))
        return fail_at(p, bad, bad + 1, S("this is not UTF-8"));
    TRY(find_captures(p));
    buf_add_char(&p->re2, '(');
    TRY(parse_disjunction(p, &weight));
    buf_add_char(&p->re2, ')');
    if (!at_end(p))
        return fail_at(p, p->at, p->at + 1, S("this parenthesis closes nothing"));
    if (weight.size > RE2_SIZE_MAX)
        drop_re2(p, S("its size"));
    check_references(p);
    if (p->re2.is_over || p->pcre2.is_over)
        return fail_limit(p, 0, S("the pattern grows too long when it is translated"));
    return ST_OK;
}

enum status pattern_parse(struct ctx *cx, str text, struct pattern *out,
                          struct pattern_fault *fault)
{
    struct parser p  = { .cx    = cx,
                         .text  = text,
                         .re2   = BUF_INIT(FORM_MAX),
                         .pcre2 = BUF_INIT(FORM_MAX),
                         .fault = fault };
    enum status   st = parse_all(&p);

    if (st == ST_OK)
        *out = (struct pattern){
            .re2           = arena_dup(cx->arena, buf_view(&p.re2)),
            .pcre2         = arena_dup(cx->arena, buf_view(&p.pcre2)),
            .has_re2       = p.why_not_re2.len == 0,
            .has_pcre2     = p.why_not_pcre2.len == 0,
            .why_not_re2   = p.why_not_re2,
            .why_not_pcre2 = p.why_not_pcre2,
        };
    buf_release(&p.re2);
    buf_release(&p.pcre2);
    return st;
}
