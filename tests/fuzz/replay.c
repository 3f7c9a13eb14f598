/*
 * Run a fuzz target over every file of its corpus, as a test: prints TAP.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
replay(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return -1;
    struct stat st;
    int status = fstat(fileno(file), &st);
    /* Exactly as large as the input, so that a sanitizer sees an overrun. */
    size_t size = (size_t)st.st_size;
    uint8_t *bytes = malloc(size + (size == 0));
    if (status == 0 && bytes != NULL && fread(bytes, 1, size, file) == size)
        LLVMFuzzerTestOneInput(bytes, size);
    else
        status = -1;
    free(bytes);
    fclose(file);
    return status;
}

int
main(int argc, char **argv)
{
    unsigned count = 0;
    if (argc != 2)
        return 2;
    DIR *corpus = opendir(argv[1]);
    if (corpus == NULL) {
        fprintf(stderr, "no corpus at %s\n", argv[1]);
        return 1;
    }
    for (struct dirent *entry; (entry = readdir(corpus)) != NULL;) {
        char path[4096];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", argv[1], entry->d_name);
        int status = replay(path);
        printf("%s %u - %s\n", status == 0 ? "ok" : "not ok", ++count,
               entry->d_name);
    }
    closedir(corpus);
    printf("1..%u\n", count);
    return count == 0;
}
