/*
 * yaml_touch.c - random changes of files that people wrote; the files themselves stay as they are.
 *
 * usage: yaml_touch CHANGES FILE ...
 *
 * Each file gets CHANGES random changes, each of the file as it is, and up to CHANGES of its values set
 * to what they are. A change may touch only the lines of its value, and the text must then say the new
 * value; a no-op may touch nothing. SEED chooses the changes. Exits with 1 when one does otherwise, or
 * when more are refused than done.
 */
#include <stdio.h>
#include <stdlib.h>

#include "support/test_ctx.h"
#include "support/yaml_touch.h"

static bool read_file(const char *path, str *out)
{
    static char bytes[8 << 20];
    FILE       *file = fopen(path, "rb");
    size_t      len  = file ? fread(bytes, 1, sizeof bytes, file) : 0;
    bool        ok   = file && !ferror(file);

    if (file) {
        (void)fclose(file);
    }
    *out = (str){ bytes, len };
    return ok;
}

struct totals {
    size_t files, done, refused, noops, wrong;
};

static void report(const char *path, str pointer, const char *problem, struct totals *totals)
{
    totals->wrong++;
    printf("%s: \"" STR_FMT "\": %s\n", path, STR_ARG(pointer), problem);
}

static void touch_file(const char *path, str bytes, size_t changes, struct totals *totals)
{
    for (size_t i = 0; i < changes; i++) {
        struct test_ctx t;
        struct touch    x;
        str             pointer = STR_NONE, made = STR_NONE;
        const char     *problem;

        (void)test_ctx_init(&t, (uint64_t)atoll(getenv("SEED") ? getenv("SEED") : "1") + i);
        if (!touch_init(&x, &t, bytes)) {
            printf("%s: could not be read\n", path);
            totals->wrong++;
            test_ctx_release(&t);
            return;
        }
        if (i < x.count) {
            const struct touch_place *p = &x.places[i * x.count / changes % x.count];

            problem = touch_noop(&x, p);
            totals->noops++;
            if (problem) {
                report(path, p->pointer, problem, totals);
            }
        }
        problem = touch_once(&x, &pointer, &made);
        if (problem) {
            report(path, pointer, problem, totals);
        }
        totals->done += x.done;
        totals->refused += x.refused;
        test_ctx_release(&t);
    }
    totals->files++;
}

int main(int argc, char **argv)
{
    struct totals totals = { 0 };
    str           bytes;

    if (argc < 3) {
        fprintf(stderr, "usage: yaml_touch CHANGES FILE ...\n");
        return 2;
    }
    for (int i = 2; i < argc; i++) {
        if (!read_file(argv[i], &bytes)) {
            fprintf(stderr, "yaml_touch: could not read %s\n", argv[i]);
            return 2;
        }
        touch_file(argv[i], bytes, (size_t)atoll(argv[1]), &totals);
    }
    printf("%zu files: %zu changes, %zu refused, %zu no-ops, %zu wrong\n", totals.files,
           totals.done, totals.refused, totals.noops, totals.wrong);
    return totals.wrong || totals.refused > totals.done;
}
