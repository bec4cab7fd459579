/* MeCab for run.py: splits the texts of a file into words on one thread, a round whenever a line comes in. */
#define _POSIX_C_SOURCE 200809L
#include <mecab.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
    char line[64], *text;
    unsigned char head[4];
    mecab_t *mecab;
    FILE *f = argc > 2 ? fopen(argv[1], "rb") : NULL;
    char *options[] = {"mecab", "-d", argc > 2 ? argv[2] : ""};
    if (!f || !(mecab = mecab_new(3, options))) { fprintf(stderr, "mecab TEXTS DICTIONARY: %s\n", mecab_strerror(NULL)); return 1; }
    int ready = 0;
    while (ready == 0 || (fgets(line, sizeof line, stdin) && strcmp(line, "quit\n"))) {
        double seconds = 0;
        size_t items = 0;
        rewind(f);
        while (fread(head, 1, 4, f) == 4) {
            size_t length = head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 | (size_t)head[3] << 24;
            if (!(text = malloc(length + 1)) || fread(text, 1, length, f) != length) return 1;
            double started = now();
            for (const mecab_node_t *n = mecab_sparse_tonode2(mecab, text, length); n; n = n->next) items += n->stat == MECAB_NOR_NODE || n->stat == MECAB_UNK_NODE;
            seconds += now() - started;
            free(text);
            if (!ready) break;
        }
        if (!ready++) puts("ready");
        else printf("{\"seconds\": %.6f, \"items\": %zu}\n", seconds, items);
        fflush(stdout);
    }
    mecab_destroy(mecab);
    return 0;
}
