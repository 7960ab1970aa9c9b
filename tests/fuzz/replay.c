/*
 * replay.c - runs a fuzz target over the files of its corpus, without libFuzzer.
 *
 * usage: fuzz_<thing> PATH...     a PATH is a file, or a folder whose files are all run
 *
 * In normal builds every fuzz target is linked with this main, so that each input that was ever
 * interesting is replayed in the fast tests. The empty input is always run first.
 */
#include <dirent.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX (16u << 20)

static unsigned count;

static int replay_file(const char *path)
{
    FILE    *file = fopen(path, "rb");
    uint8_t *data = malloc(INPUT_MAX);
    size_t   size;

    if (file == NULL || data == NULL) {
        fprintf(stderr, "could not read %s\n", path);
        if (file != NULL)
            fclose(file);
        free(data);
        return 1;
    }
    size = fread(data, 1, INPUT_MAX, file);
    fclose(file);
    /* An exact copy, so that the address sanitizer sees one byte too far. */
    uint8_t *exact = malloc(size > 0 ? size : 1);
    if (exact != NULL) {
        if (size > 0)
            memcpy(exact, data, size);
        LLVMFuzzerTestOneInput(exact, size);
        count++;
    }
    free(exact);
    free(data);
    return 0;
}

static int replay_folder(const char *path)
{
    DIR           *dir = opendir(path);
    struct dirent *entry;
    int            failed = 0;

    if (dir == NULL) {
        fprintf(stderr, "could not open folder %s\n", path);
        return 1;
    }
    while ((entry = readdir(dir)) != NULL) {
        char name[4096];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
        failed |= replay_file(name);
    }
    closedir(dir);
    return failed;
}

int main(int argc, char **argv)
{
    int failed = 0;

    LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    for (int i = 1; i < argc; i++) {
        struct stat st;
        if (stat(argv[i], &st) != 0) {
            fprintf(stderr, "%s is missing: a fuzz target starts with a corpus\n", argv[i]);
            failed = 1;
        } else {
            failed |= S_ISDIR(st.st_mode) ? replay_folder(argv[i]) : replay_file(argv[i]);
        }
    }
    printf("%u inputs replayed\n", count);
    return failed;
}
