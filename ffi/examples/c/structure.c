/* Reads a note from standard input or the first argument and prints its facts.
   cc structure.c $(pkg-config --cflags --libs karuta) */
#include <karuta.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STR(s) (int)(s).length, (s).data

static void check(karuta_result result, const char *what) {
    if (result != KARUTA_OK) {
        fprintf(stderr, "%s: %s: %s\n", what, karuta_result_name(result), karuta_last_error());
        exit(1);
    }
}

static void print_fact(const karuta_structured *structured, size_t i) {
    karuta_fact fact = KARUTA_INIT(karuta_fact);
    check(karuta_structured_fact(structured, i, &fact), "fact");
    printf("%zu-%zu %.*s: %.*s", fact.start, fact.end, STR(fact.text), STR(fact.name));
    if (fact.has_number) printf(" %.*s%g %.*s", STR(fact.comparator), fact.number, STR(fact.unit));
    if (fact.assertion == KARUTA_ABSENT) printf(" (absent)");
    for (size_t c = 0; c < fact.codings; c++) {
        karuta_coding coding = KARUTA_INIT(karuta_coding);
        check(karuta_structured_coding(structured, i, c, &coding), "coding");
        printf(" [%.*s|%.*s]", STR(coding.system), STR(coding.code));
    }
    printf("\n");
}

int main(int argc, char **argv) {
    const char *text = argc > 1 ? argv[1] : "O) BT39.2 咳嗽（－）";

    karuta_engine *engine = NULL; /* one for the program; threads share it */
    check(karuta_engine_new(NULL, &engine), "engine");
    karuta_worker *worker = NULL; /* one for each thread */
    check(karuta_worker_new(engine, &worker), "worker");

    karuta_note note = KARUTA_INIT(karuta_note);
    note.text = text;
    note.length = strlen(text);
    note.offsets = KARUTA_OFFSETS_CODE_POINTS;
    note.date = "2024-05-04";

    karuta_structured *structured = NULL;
    check(karuta_worker_structure(worker, &note, &structured), "structure");
    karuta_counts counts = KARUTA_INIT(karuta_counts);
    check(karuta_structured_counts(structured, &counts), "counts");
    for (size_t i = 0; i < counts.facts; i++) print_fact(structured, i);

    karuta_structured_free(structured);
    karuta_worker_free(worker);
    karuta_engine_free(engine);
    return 0;
}
