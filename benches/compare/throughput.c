/* Karuta from C for run.py: structures the texts of a file on so many threads, a round whenever a line comes in.
 * throughput TEXTS THREADS; TEXTS is made of a length (32 bits, little-endian) and as many bytes of UTF-8 each. */
#define _POSIX_C_SOURCE 200809L
#include <karuta.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BLOCK = 16, MOST_THREADS = 256 };
static struct { const char *text; size_t length; } *texts;
static size_t text_count;
static karuta_engine *engine;
static atomic_size_t next_block, items;

static void die(const char *what) {
    fprintf(stderr, "%s: %s\n", what, karuta_last_error());
    exit(1);
}

static size_t one(karuta_worker *worker, size_t i) {
    karuta_note note = KARUTA_INIT(karuta_note);
    karuta_counts counts = KARUTA_INIT(karuta_counts);
    karuta_structured *found;
    note.text = texts[i].text;
    note.length = texts[i].length;
    note.offsets = KARUTA_OFFSETS_CODE_POINTS;
    if (karuta_worker_structure(worker, &note, &found) || karuta_structured_counts(found, &counts)) die("a note");
    karuta_structured_free(found);
    return counts.facts;
}

static void *work(void *unused) {
    karuta_worker *worker;
    (void)unused;
    if (karuta_worker_new(engine, &worker)) die("worker");
    for (;;) {
        size_t from = atomic_fetch_add(&next_block, 1) * BLOCK, n = 0;
        if (from >= text_count) break;
        for (size_t i = from; i < from + BLOCK && i < text_count; i++) n += one(worker, i);
        atomic_fetch_add(&items, n);
    }
    karuta_worker_free(worker);
    return NULL;
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void read_texts(const char *path) {
    FILE *f = fopen(path, "rb");
    unsigned char head[4];
    size_t room = 0;
    if (!f) { perror(path); exit(1); }
    while (fread(head, 1, 4, f) == 4) {
        size_t length = head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 | (size_t)head[3] << 24;
        char *text = malloc(length + 1);
        if (text_count == room) texts = realloc(texts, (room = room * 2 + 1024) * sizeof *texts);
        if (!text || !texts || fread(text, 1, length, f) != length) { fprintf(stderr, "%s: cut short\n", path); exit(1); }
        texts[text_count].text = text;
        texts[text_count++].length = length;
    }
    fclose(f);
}

int main(int argc, char **argv) {
    pthread_t threads[MOST_THREADS];
    char line[64];
    int count = argc > 2 ? atoi(argv[2]) : 0;
    karuta_worker *worker;
    if (count < 1 || count > MOST_THREADS) { fprintf(stderr, "throughput TEXTS THREADS\n"); return 2; }
    read_texts(argv[1]);
    if (karuta_engine_new(NULL, &engine) || karuta_worker_new(engine, &worker)) die("engine");
    one(worker, 0);
    karuta_worker_free(worker);
    puts("ready");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin) && strcmp(line, "quit\n")) {
        double started = now();
        atomic_store(&next_block, 0);
        atomic_store(&items, 0);
        for (int i = 0; i < count; i++) if (pthread_create(&threads[i], NULL, work, NULL)) die("thread");
        for (int i = 0; i < count; i++) pthread_join(threads[i], NULL);
        printf("{\"seconds\": %.6f, \"items\": %zu}\n", now() - started, (size_t)items);
        fflush(stdout);
    }
    karuta_engine_free(engine);
    return 0;
}
