/*
 * sqlgen.c - turns .sql files into C tables, at build time.
 *
 * usage: sqlgen statements MODULE TABLE FILE.sql OUT      writes OUT.h and OUT.c
 *        sqlgen migrations MODULE OUT NNNN-name.sql...    writes OUT.h and OUT.c
 *
 * A file of statements holds blocks of
 *
 *     -- :name product_get
 *     -- Read one product by id.
 *     SELECT id, rev, doc FROM product WHERE id = $1;
 *
 * one statement each, with at least one comment line. The table has one row {name, text, number of
 * parameters} per block, in order, and an enum gives the indexes. Parameters are $1, $2 … without
 * gaps. A migration file is embedded as it is; numbers rise by one from 1.
 *
 * Every mistake stops the build with FILE:LINE and the reason.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX      (4u << 20)
#define STATEMENT_MAX 1000
#define NAME_LEN_MAX  64
#define PARAM_MAX     99

struct source {
    const char *path;
    char       *text; /* NUL-terminated */
    size_t      len;
};

struct statement {
    char        name[NAME_LEN_MAX + 1];
    const char *text;
    size_t      len;
    int         params;
};

static struct statement statements[STATEMENT_MAX];

__attribute__((noreturn, format(printf, 3, 4), nonnull(3))) static void stop(const char *path,
                                                                             int         line,
                                                                             const char *format,
                                                                             ...)
{
    va_list args;

    fprintf(stderr, "%s:%d: ", path, line);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(1);
}

static struct source read_source(const char *path)
{
    struct source source = { .path = path };
    FILE         *file   = fopen(path, "rb");

    if (file == NULL)
        stop(path, 1, "could not open the file");
    source.text = malloc(FILE_MAX + 1);
    if (source.text == NULL)
        stop(path, 1, "out of memory");
    source.len = fread(source.text, 1, FILE_MAX + 1, file);
    fclose(file);
    if (source.len > FILE_MAX)
        stop(path, 1, "the file is larger than %u bytes", FILE_MAX);
    source.text[source.len] = '\0';
    if (strlen(source.text) != source.len)
        stop(path, 1, "the file contains a NUL byte");
    return source;
}

static int line_of(const struct source *source, const char *at)
{
    int line = 1;

    for (const char *p = source->text; p < at; p++)
        line += *p == '\n';
    return line;
}

static bool starts(const char *at, const char *prefix)
{
    return strncmp(at, prefix, strlen(prefix)) == 0;
}

static const char *next_line(const char *at)
{
    const char *end = strchr(at, '\n');
    return end == NULL ? at + strlen(at) : end + 1;
}

/* Past a quoted text or a comment that begins at `at`; `at` itself when neither does. */
static const char *skip_quoted(const struct source *source, const char *at)
{
    const char *end;

    if (starts(at, "--"))
        return next_line(at);
    if (starts(at, "/*")) {
        end = strstr(at + 2, "*/");
        if (end == NULL)
            stop(source->path, line_of(source, at), "the comment has no end");
        return end + 2;
    }
    if (*at != '\'' && *at != '"')
        return at;
    end = strchr(at + 1, *at); /* a doubled quote reads as two quoted texts in a row: the same */
    if (end == NULL)
        stop(source->path, line_of(source, at), "the quoted text has no end");
    return end + 1;
}

/* The number behind a '$' at `at`; 0 when it is none. */
static int parameter(const struct source *source, const char *at)
{
    int number = 0;

    if (*at != '$')
        return 0;
    for (at++; isdigit((unsigned char)*at); at++) {
        number = number * 10 + (*at - '0');
        if (number > PARAM_MAX)
            stop(source->path, line_of(source, at), "a parameter above $%d", PARAM_MAX);
    }
    return number;
}

/*
 * The statement that begins at `at`: sets text, len and params, and returns where the next block
 * begins (a "-- :name" line or the end of the file).
 */
static const char *parse_text(const struct source *source, const char *at, struct statement *out)
{
    bool        used[PARAM_MAX + 1] = { false };
    const char *semicolon           = NULL;
    const char *last                = at; /* one past the last byte that is not space or comment */
    const char *p                   = at;

    while (*p != '\0' && !((p == at || p[-1] == '\n') && starts(p, "-- :name "))) {
        const char *after      = skip_quoted(source, p);
        bool        is_comment = after > p && (starts(p, "--") || starts(p, "/*"));

        if (semicolon != NULL && !is_comment && !isspace((unsigned char)*p))
            stop(source->path, line_of(source, p), "a second statement in \"%s\"", out->name);
        if (after > p) {
            last = is_comment ? last : after;
            p    = after;
            continue;
        }
        if (*p == ';') {
            semicolon = p;
        } else if (!isspace((unsigned char)*p)) {
            int number   = parameter(source, p);
            out->params  = number > out->params ? number : out->params;
            used[number] = true;
            last         = p + 1;
        }
        p++;
    }
    if (last == at)
        stop(source->path, line_of(source, at), "\"%s\" has no statement", out->name);
    for (int i = 1; i <= out->params; i++) {
        if (!used[i])
            stop(source->path, line_of(source, at), "\"%s\" uses $%d but not $%d", out->name,
                 out->params, i);
    }
    out->text = at;
    out->len  = (size_t)((semicolon != NULL ? semicolon : last) - at);
    return p;
}

static void parse_name(const struct source *source, const char *at, size_t count,
                       struct statement *out)
{
    const char *name = at + strlen("-- :name ");
    size_t      len  = strcspn(name, " \t\r\n");
    int         line = line_of(source, at);

    if (len == 0 || len > NAME_LEN_MAX)
        stop(source->path, line, "a name has 1 to %d characters", NAME_LEN_MAX);
    memcpy(out->name, name, len);
    out->name[len] = '\0';
    if (strspn(out->name, "abcdefghijklmnopqrstuvwxyz0123456789_") != len ||
        !islower((unsigned char)name[0]))
        stop(source->path, line, "the name \"%s\" is not of the form [a-z][a-z0-9_]*", out->name);
    if (name[len + strspn(name + len, " \t\r")] != '\n')
        stop(source->path, line, "text after the name \"%s\"", out->name);
    if (strcmp(out->name, "count") == 0)
        stop(source->path, line, "the name \"count\" is taken by the number of statements");
    for (size_t i = 0; i < count; i++) {
        if (strcmp(statements[i].name, out->name) == 0)
            stop(source->path, line, "the name \"%s\" is used twice", out->name);
    }
}

static size_t parse_statements(const struct source *source)
{
    const char *at    = source->text;
    size_t      count = 0;

    /* Up to the first name stand comments and blank lines about the whole file. */
    while (*at != '\0' && !starts(at, "-- :name ")) {
        if (!starts(at, "--") && *at != '\n')
            stop(source->path, line_of(source, at), "text before the first \"-- :name\" line");
        at = next_line(at);
    }
    while (*at != '\0') {
        struct statement *statement = &statements[count];

        if (count == STATEMENT_MAX)
            stop(source->path, line_of(source, at), "more than %d statements", STATEMENT_MAX);
        *statement = (struct statement){ .params = 0 };
        parse_name(source, at, count, statement);
        at = next_line(at);
        if (!starts(at, "--") || starts(at, "-- :name "))
            stop(source->path, line_of(source, at),
                 "\"%s\" has no comment line that says what it does", statement->name);
        while (starts(at, "--") && !starts(at, "-- :name "))
            at = next_line(at);
        at = parse_text(source, at, statement);
        count++;
    }
    if (count == 0)
        stop(source->path, 1, "the file has no statement");
    return count;
}

static FILE *create(const char *out, const char *ending)
{
    char  path[4096];
    FILE *file;

    snprintf(path, sizeof(path), "%s.%s", out, ending);
    file = fopen(path, "wb");
    if (file == NULL)
        stop(path, 1, "could not write the file");
    return file;
}

static void finish(FILE *file, const char *out)
{
    bool bad = ferror(file) != 0;

    if (fclose(file) != 0 || bad)
        stop(out, 1, "could not write the file");
}

static void print_upper(FILE *file, const char *text)
{
    for (; *text != '\0'; text++)
        fputc(toupper((unsigned char)*text), file);
}

/* `text` as C string literals, one per line. */
static void print_literal(FILE *file, const char *text, size_t len)
{
    fputs("     \"", file);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '\n' && i + 1 < len)
            fputs("\\n\"\n     \"", file);
        else if (c == '\n')
            fputs("\\n", file);
        else if (c == '"' || c == '\\')
            fprintf(file, "\\%c", c);
        else if (c == '?' || c < 0x20)
            fprintf(file, "\\%03o", c); /* no trigraphs, no control characters */
        else
            fputc(c, file);
    }
    fputc('"', file);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static void print_guard(FILE *file, const char *table)
{
    fputs("#ifndef GEN_", file);
    print_upper(file, table);
    fputs("_H\n#define GEN_", file);
    print_upper(file, table);
    fputs("_H\n#include \"db/db.h\"\n\n", file);
}

static void write_statements(const char *module, const char *table, const struct source *source,
                             const char *out)
{
    size_t count = parse_statements(source);
    FILE  *file  = create(out, "h");

    fprintf(file, "/* Made from %s by tools/sqlgen.c. */\n", base_name(source->path));
    print_guard(file, table);
    fprintf(file, "enum %s_id {\n", table);
    for (size_t i = 0; i < count; i++) {
        fputs("    ", file);
        print_upper(file, table);
        fputc('_', file);
        print_upper(file, statements[i].name);
        fputs(",\n", file);
    }
    fputs("    ", file);
    print_upper(file, table);
    fprintf(file, "_COUNT\n};\n\nextern const struct db_stmt %s[];\n#endif\n", table);
    finish(file, out);

    file = create(out, "c");
    fprintf(file, "/* Made from %s by tools/sqlgen.c. */\n#include \"%s/%s.h\"\n\n",
            base_name(source->path), module, table);
    fprintf(file, "const struct db_stmt %s[] = {\n", table);
    for (size_t i = 0; i < count; i++) {
        fprintf(file, "    {\"%s\",\n", statements[i].name);
        print_literal(file, statements[i].text, statements[i].len);
        fprintf(file, ",\n     %d},\n", statements[i].params);
    }
    fputs("};\n", file);
    finish(file, out);
}

/* "0001-start.sql" gives 1 and "start"; anything else stops. */
static int migration_number(const char *path, char name[NAME_LEN_MAX + 1])
{
    const char *base   = base_name(path);
    size_t      digits = strspn(base, "0123456789");
    size_t      len    = strlen(base);

    if (digits != 4 || base[4] != '-' || len < 10 || len - 9 > NAME_LEN_MAX ||
        strcmp(base + len - 4, ".sql") != 0)
        stop(path, 1, "a migration is called NNNN-name.sql");
    memcpy(name, base + 5, len - 9);
    name[len - 9] = '\0';
    return (int)strtol(base, NULL, 10);
}

static void write_migrations(const char *module, const char *out, char **paths, int count)
{
    char  table[NAME_LEN_MAX + 32];
    char  name[NAME_LEN_MAX + 1];
    FILE *file = create(out, "c");

    snprintf(table, sizeof(table), "%s_migrations", module);
    fprintf(file, "/* Made from %s/schema by tools/sqlgen.c. */\n#include \"%s/%s.h\"\n\n", module,
            module, table);
    fprintf(file, "const struct db_migration %s[] = {\n", table);
    for (int i = 0; i < count; i++) {
        struct source source = read_source(paths[i]);

        if (migration_number(paths[i], name) != i + 1)
            stop(paths[i], 1, "the next migration has number %04d; numbers rise by one", i + 1);
        fprintf(file, "    {%d, \"%s\",\n", i + 1, name);
        print_literal(file, source.text, source.len);
        fputs("},\n", file);
        free(source.text);
    }
    fprintf(file, "};\nconst size_t %s_migration_count = %d;\n", module, count);
    finish(file, out);

    file = create(out, "h");
    fprintf(file, "/* Made from %s/schema by tools/sqlgen.c. */\n", module);
    print_guard(file, table);
    fprintf(file, "#include <stddef.h>\n\nextern const struct db_migration %s[];\n", table);
    fprintf(file, "extern const size_t %s_migration_count;\n#endif\n", module);
    finish(file, out);
}

int main(int argc, char **argv)
{
    if (argc == 6 && strcmp(argv[1], "statements") == 0) {
        struct source source = read_source(argv[4]);
        write_statements(argv[2], argv[3], &source, argv[5]);
        free(source.text);
        return 0;
    }
    if (argc >= 5 && strcmp(argv[1], "migrations") == 0) {
        write_migrations(argv[2], argv[3], argv + 4, argc - 4);
        return 0;
    }
    fputs("usage: sqlgen statements MODULE TABLE FILE.sql OUT\n"
          "       sqlgen migrations MODULE OUT NNNN-name.sql...\n",
          stderr);
    return 2;
}
