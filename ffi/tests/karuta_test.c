/* Every function, the ways to misuse it, and eight threads on one engine. Run plain, under AddressSanitizer and under
   valgrind (ffi/test.sh). `karuta_test huge` reads 100 MB. */
#include <assert.h>
#include <karuta.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#undef NDEBUG
#define OK(call) expect(call, KARUTA_OK, #call, __LINE__)
#define FAILS(code, call) expect(call, code, #call, __LINE__)
#define THAT(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "line %d: not %s (last error: %s)\n", __LINE__, #condition, karuta_last_error()); \
            exit(1); \
        } \
    } while (0)

static void expect(karuta_result found, karuta_result expected, const char *what, int line) {
    if (found != expected) {
        fprintf(stderr, "line %d: %s: found %s (%s), expected %s\n", line, what, karuta_result_name(found), karuta_last_error(), karuta_result_name(expected));
        exit(1);
    }
}

static int is(karuta_str s, const char *expected) { return s.length == strlen(expected) && memcmp(s.data, expected, s.length) == 0; }

static karuta_note utf8(const char *text) {
    karuta_note note = KARUTA_INIT(karuta_note);
    note.text = text;
    note.length = strlen(text);
    return note;
}

static int logged;

static void on_log(uint32_t level, const char *message, void *user) {
    THAT(level >= KARUTA_LOG_ERROR && level <= KARUTA_LOG_INFO && strlen(message) > 0);
    __atomic_add_fetch((int *)user, 1, __ATOMIC_RELAXED);
}

struct buffer {
    char bytes[1 << 16];
    size_t length;
};

static int32_t append(const char *data, size_t length, void *user) {
    struct buffer *b = user;
    if (b->length + length > sizeof b->bytes) return 1;
    memcpy(b->bytes + b->length, data, length);
    b->length += length;
    return 0;
}

static int32_t refuse(const char *data, size_t length, void *user) {
    (void)data, (void)length;
    ++*(int *)user;
    return 1;
}

static void facts(const karuta_engine *engine) {
    karuta_worker *worker;
    OK(karuta_worker_new(engine, &worker));
    karuta_note note = utf8("O) BT39.2 咳嗽（－）");
    karuta_structured *s;
    OK(karuta_worker_structure(worker, &note, &s));

    karuta_counts counts = KARUTA_INIT(karuta_counts);
    OK(karuta_structured_counts(s, &counts));
    THAT(counts.facts == 3 && counts.sections == 1);
    karuta_fact fact = KARUTA_INIT(karuta_fact);
    OK(karuta_structured_fact(s, 0, &fact));
    THAT(is(fact.text, "BT39.2") && is(fact.name, "体温") && is(fact.id, "f1") && is(fact.section, "objective"));
    THAT(fact.kind == KARUTA_VITAL && fact.assertion == KARUTA_PRESENT && fact.start == 3 && fact.end == 9);
    THAT(fact.has_number && fact.number == 39.2 && is(fact.unit, "Cel") && !fact.has_high && !fact.has_medication);
    karuta_coding coding = KARUTA_INIT(karuta_coding);
    OK(karuta_structured_coding(s, 0, 0, &coding));
    THAT(is(coding.system, "http://loinc.org") && is(coding.code, "8310-5"));
    karuta_reason reason = KARUTA_INIT(karuta_reason);
    OK(karuta_structured_reason(s, 0, 0, &reason));
    THAT(reason.rule.length > 0 && reason.spans == 1);
    size_t start, end;
    OK(karuta_structured_span(s, 0, 0, 0, &start, &end));
    THAT(start == 3 && end == 9);
    karuta_section section = KARUTA_INIT(karuta_section);
    OK(karuta_structured_section(s, 0, &section));
    THAT(is(section.kind, "objective") && is(section.title, "O)"));
    size_t absent = 0, derived = 0;
    for (size_t i = 0; i < counts.facts; i++) {
        OK(karuta_structured_fact(s, i, &fact));
        absent += fact.assertion == KARUTA_ABSENT;
        if (fact.sources > 0) {
            size_t from;
            OK(karuta_structured_source(s, i, 0, &from));
            THAT(from == 0);
            derived++;
        }
    }
    THAT(absent == 1 && derived == 1);
    karuta_relation relation = KARUTA_INIT(karuta_relation);
    for (size_t i = 0; i < counts.relations; i++) {
        OK(karuta_structured_relation(s, i, &relation));
        THAT(relation.from < counts.facts && relation.to < counts.facts);
    }

    /* the same JSON from every function that writes it */
    char *one, *two;
    size_t length;
    OK(karuta_structured_json(s, &one, &length));
    THAT(strlen(one) == length);
    OK(karuta_worker_structure_json(worker, &note, &two, NULL));
    THAT(strcmp(one, two) == 0);
    static struct buffer b;
    OK(karuta_structured_write_json(s, append, &b));
    THAT(b.length == length && memcmp(b.bytes, one, length) == 0);
    int refused = 0;
    FAILS(KARUTA_STOPPED, karuta_structured_write_json(s, refuse, &refused));
    /* who has asked to stop is not asked again */
    THAT(refused == 1);
    karuta_string_free(one);
    karuta_string_free(two);

    FAILS(KARUTA_OUT_OF_RANGE, karuta_structured_fact(s, counts.facts, &fact));
    FAILS(KARUTA_OUT_OF_RANGE, karuta_structured_fact(s, SIZE_MAX, &fact));
    FAILS(KARUTA_OUT_OF_RANGE, karuta_structured_coding(s, 0, 99, &coding));
    FAILS(KARUTA_OUT_OF_RANGE, karuta_structured_span(s, 0, 0, 1, &start, &end));
    karuta_medication medication = KARUTA_INIT(karuta_medication);
    FAILS(KARUTA_NONE, karuta_structured_medication(s, 0, &medication));
    karuta_structured_free(s);

    note = utf8("アムロジピン錠5mg 1錠 分1 朝食後 14日分");
    OK(karuta_worker_structure(worker, &note, &s));
    OK(karuta_structured_fact(s, 0, &fact));
    THAT(fact.kind == KARUTA_MEDICATION && fact.has_medication);
    OK(karuta_structured_medication(s, 0, &medication));
    THAT(medication.has_days && medication.days == 14 && medication.ingredients == 1);
    karuta_str ingredient;
    OK(karuta_structured_ingredient(s, 0, 0, &ingredient));
    THAT(ingredient.length > 0);
    karuta_structured_free(s);
    karuta_worker_free(worker);
}

static void texts(const karuta_engine *engine) {
    karuta_worker *worker;
    OK(karuta_worker_new(engine, &worker));
    karuta_structured *s;
    karuta_fact fact = KARUTA_INIT(karuta_fact);

    /* UTF-16 with a whole pair, a high and a low half, cut in the middle of a pair, at an odd address */
    static const uint16_t wide[] = {0xD83D, 0xDE37, 0xD83D, 'B', 'T', '3', '9', '.', '2', 0xDE37, ' ', 0xD83D};
    static char odd[sizeof wide + 1];
    memcpy(odd + 1, wide, sizeof wide);
    for (size_t n = 0; n <= sizeof wide / 2; n++) {
        karuta_note note = KARUTA_INIT(karuta_note);
        note.text = odd + 1;
        note.length = n;
        note.encoding = KARUTA_UTF16;
        OK(karuta_worker_structure(worker, &note, &s));
        if (n >= 9) {
            OK(karuta_structured_fact(s, 0, &fact));
            THAT(fact.start == 3 && fact.end == 9 && is(fact.text, "BT39.2"));
        }
        karuta_structured_free(s);
    }
    THAT(logged > 0);

    /* every unit of offsets over one text */
    const size_t starts[] = {7, 7, 3, 2};
    for (uint32_t unit = 0; unit < 4; unit++) {
        karuta_note note = utf8("\xF0\x9F\x98\xB7熱BT39.2");
        note.offsets = unit;
        OK(karuta_worker_structure(worker, &note, &s));
        karuta_counts counts = KARUTA_INIT(karuta_counts);
        OK(karuta_structured_counts(s, &counts));
        size_t found = 0;
        for (size_t i = 0; i < counts.facts; i++) {
            OK(karuta_structured_fact(s, i, &fact));
            found += fact.kind == KARUTA_VITAL && fact.start == starts[unit];
        }
        THAT(found == 1);
        karuta_structured_free(s);
    }

    /* a date; an empty text; UTF-8 that is none; a NUL within */
    karuta_note note = utf8("昨日から発熱");
    note.date = "2024/5/4";
    char *json;
    OK(karuta_worker_structure_json(worker, &note, &json, NULL));
    THAT(strstr(json, "2024-05-03") != NULL);
    karuta_string_free(json);
    note.date = "yesterday";
    FAILS(KARUTA_INVALID_DATE, karuta_worker_structure(worker, &note, &s));
    THAT(s == NULL && strstr(karuta_last_error(), "yesterday"));
    note = utf8("");
    note.text = NULL;
    OK(karuta_worker_structure(worker, &note, &s));
    karuta_structured_free(s);
    note = utf8("BT39.2\x83\x5c");
    FAILS(KARUTA_INVALID_UTF8, karuta_worker_structure(worker, &note, &s));
    THAT(strstr(karuta_last_error(), "0x83") && strstr(karuta_last_error(), "offset 6"));
    note.text = "BT\0 39.2";
    note.length = 8;
    OK(karuta_worker_structure_json(worker, &note, &json, NULL));
    karuta_string_free(json);
    karuta_worker_free(worker);
}

static void codes(const karuta_engine *engine) {
    karuta_note phrase = utf8("右橈骨遠位端骨折の術後");
    karuta_coded *coded;
    OK(karuta_code(engine, &phrase, &coded));
    karuta_coded_summary summary = KARUTA_INIT(karuta_coded_summary);
    OK(karuta_coded_get(coded, &summary));
    THAT(summary.codings > 0 && summary.candidates > 0 && summary.name.length > 0 && summary.refused.length == 0);
    karuta_coding coding = KARUTA_INIT(karuta_coding);
    OK(karuta_coded_coding(coded, 0, &coding));
    THAT(is(coding.code, "CJTR"));
    karuta_candidate candidate = KARUTA_INIT(karuta_candidate);
    OK(karuta_coded_candidate(coded, 0, &candidate));
    THAT(candidate.score > 0 && candidate.codings > 0 && candidate.applicability >= KARUTA_AUTO);
    OK(karuta_coded_candidate_coding(coded, 0, 0, &coding));
    FAILS(KARUTA_OUT_OF_RANGE, karuta_coded_candidate(coded, 99, &candidate));
    char *json;
    OK(karuta_coded_json(coded, &json, NULL));
    THAT(strstr(json, "CJTR"));
    karuta_string_free(json);
    karuta_coded_free(coded);
    phrase = utf8("特記事項なし");
    OK(karuta_code(engine, &phrase, &coded));
    OK(karuta_coded_get(coded, &summary));
    THAT(summary.codings == 0 && summary.refused.length > 0);
    karuta_coded_free(coded);
}

static void misuse(const karuta_engine *engine) {
    karuta_worker *worker;
    karuta_note note = utf8("BT39.2");
    karuta_structured *s;
    char *json;
    FAILS(KARUTA_NULL_POINTER, karuta_engine_new(NULL, NULL));
    FAILS(KARUTA_NULL_POINTER, karuta_worker_new(NULL, &worker));
    THAT(worker == NULL);
    OK(karuta_worker_new(engine, &worker));
    FAILS(KARUTA_NULL_POINTER, karuta_worker_new(engine, NULL));
    FAILS(KARUTA_NULL_POINTER, karuta_worker_structure(NULL, &note, &s));
    FAILS(KARUTA_NULL_POINTER, karuta_worker_structure(worker, NULL, &s));
    FAILS(KARUTA_NULL_POINTER, karuta_worker_structure(worker, &note, NULL));
    FAILS(KARUTA_NULL_POINTER, karuta_worker_structure_json(worker, &note, NULL, NULL));
    note.text = NULL;
    FAILS(KARUTA_NULL_POINTER, karuta_worker_structure(worker, &note, &s));
    note = utf8("BT39.2");
    note.length = SIZE_MAX;
    FAILS(KARUTA_TOO_LONG, karuta_worker_structure(worker, &note, &s));
    note.encoding = KARUTA_UTF16;
    FAILS(KARUTA_TOO_LONG, karuta_worker_structure(worker, &note, &s));
    note = utf8("BT39.2");
    note.encoding = 7;
    FAILS(KARUTA_INVALID_ARGUMENT, karuta_worker_structure(worker, &note, &s));
    note = utf8("BT39.2");
    note.offsets = 7;
    FAILS(KARUTA_INVALID_ARGUMENT, karuta_worker_structure(worker, &note, &s));
    note = utf8("BT39.2");
    note.size = 0;
    FAILS(KARUTA_INVALID_SIZE, karuta_worker_structure(worker, &note, &s));
    THAT(strstr(karuta_last_error(), "size of 0"));

    /* a structure of a later version: its unknown fields may be zero and nothing else */
    struct {
        karuta_note known;
        uint64_t unknown;
    } later = {utf8("BT39.2"), 0};
    later.known.size = sizeof later;
    OK(karuta_worker_structure(worker, &later.known, &s));
    struct {
        karuta_fact known;
        uint64_t unknown;
    } fact = {KARUTA_INIT(karuta_fact), 5};
    fact.known.size = sizeof fact;
    OK(karuta_structured_fact(s, 0, &fact.known));
    THAT(fact.known.number == 39.2 && fact.unknown == 0 && fact.known.size == sizeof fact);
    FAILS(KARUTA_NULL_POINTER, karuta_structured_fact(s, 0, NULL));
    FAILS(KARUTA_NULL_POINTER, karuta_structured_write_json(s, NULL, NULL));
    karuta_structured_free(s);
    later.unknown = 1;
    FAILS(KARUTA_UNSUPPORTED, karuta_worker_structure(worker, &later.known, &s));

    karuta_fact out = KARUTA_INIT(karuta_fact);
    FAILS(KARUTA_NULL_POINTER, karuta_structured_fact(NULL, 0, &out));
    FAILS(KARUTA_NULL_POINTER, karuta_structured_json(NULL, &json, NULL));
    karuta_coded *coded;
    FAILS(KARUTA_NULL_POINTER, karuta_code(NULL, &note, &coded));

    const char *paths[] = {"/nowhere/official.kpack", NULL};
    karuta_engine *none;
    karuta_engine_options options = KARUTA_INIT(karuta_engine_options);
    options.packs = paths;
    options.pack_count = 1;
    FAILS(KARUTA_PACK, karuta_engine_new(&options, &none));
    THAT(none == NULL && strstr(karuta_last_error(), "official.kpack"));
    paths[0] = NULL;
    FAILS(KARUTA_NULL_POINTER, karuta_engine_new(&options, &none));
    options.packs = NULL;
    FAILS(KARUTA_NULL_POINTER, karuta_engine_new(&options, &none));
    options.pack_count = SIZE_MAX;
    FAILS(KARUTA_INVALID_ARGUMENT, karuta_engine_new(&options, &none));

    karuta_engine_free(NULL);
    karuta_worker_free(NULL);
    karuta_structured_free(NULL);
    karuta_coded_free(NULL);
    karuta_string_free(NULL);
    karuta_worker_free(worker);
    THAT(strcmp(karuta_result_name(12345), "unknown") == 0 && strlen(karuta_version()) > 0);
}

static void *thread(void *p) {
    const karuta_engine *engine = p;
    karuta_worker *worker;
    OK(karuta_worker_new(engine, &worker));
    for (int i = 0; i < 20; i++) {
        char text[64];
        snprintf(text, sizeof text, "O) BT%d.%d WBC 12,300 咳嗽（－）", 36 + i % 4, i % 10);
        karuta_note note = utf8(text);
        karuta_structured *s;
        OK(karuta_worker_structure(worker, &note, &s));
        karuta_fact fact = KARUTA_INIT(karuta_fact);
        OK(karuta_structured_fact(s, 0, &fact));
        THAT((int)(fact.number * 10 + 0.5) == (36 + i % 4) * 10 + i % 10);
        karuta_structured_free(s);
        karuta_note phrase = utf8("右下葉肺腺癌術後再発疑い");
        karuta_coded *coded;
        OK(karuta_code(engine, &phrase, &coded));
        karuta_coded_free(coded);
    }
    karuta_worker_free(worker);
    return NULL;
}

static void threads(karuta_engine *engine) {
    pthread_t t[8];
    for (int i = 0; i < 8; i++) THAT(pthread_create(&t[i], NULL, thread, engine) == 0);
    for (int i = 0; i < 8; i++) pthread_join(t[i], NULL);
}

static void *shared_worker(void *p) {
    karuta_worker *worker = p;
    for (int i = 0; i < 50; i++) {
        karuta_note note = utf8("O) BT39.2 咳嗽（－）");
        karuta_structured *s;
        karuta_result r = karuta_worker_structure(worker, &note, &s);
        THAT(r == KARUTA_OK || r == KARUTA_BUSY);
        karuta_structured_free(s);
    }
    return NULL;
}

/* one worker in two threads is an error that is told, and no more */
static void busy(const karuta_engine *engine) {
    karuta_worker *worker;
    OK(karuta_worker_new(engine, &worker));
    pthread_t t[2];
    for (int i = 0; i < 2; i++) THAT(pthread_create(&t[i], NULL, shared_worker, worker) == 0);
    for (int i = 0; i < 2; i++) pthread_join(t[i], NULL);
    karuta_worker_free(worker);
}

static void huge(const karuta_engine *engine) {
    const char *one = "O) BT39.2 咳嗽（－）。肺炎疑い。\n";
    const size_t times = 100u * 1000 * 1000 / strlen(one);
    char *text = malloc(times * strlen(one) + 1);
    THAT(text != NULL);
    for (size_t i = 0; i < times; i++) memcpy(text + i * strlen(one), one, strlen(one) + 1);
    karuta_worker *worker;
    OK(karuta_worker_new(engine, &worker));
    karuta_note note = KARUTA_INIT(karuta_note);
    note.text = text;
    note.length = times * strlen(one);
    karuta_structured *s;
    OK(karuta_worker_structure(worker, &note, &s));
    karuta_counts counts = KARUTA_INIT(karuta_counts);
    OK(karuta_structured_counts(s, &counts));
    THAT(counts.facts >= times * 3);
    printf("huge: %zu bytes, %zu facts\n", note.length, counts.facts);
    karuta_structured_free(s);
    karuta_worker_free(worker);
    free(text);
}

/* Memory of the caller's own: pieces are laid one after the other into what it has. */
struct arena {
    char *bytes;
    size_t length, room, pieces;
};

static int32_t lay(const char *data, size_t length, void *user) {
    struct arena *a = user;
    if (length > a->room - a->length) return 1;
    memcpy(a->bytes + a->length, data, length);
    a->length += length;
    a->pieces++;
    return 0;
}

static void *free_elsewhere(void *s) {
    karuta_structured_free(s);
    return NULL;
}

/* Who owns what: all that the library hands over is freed by its own function, in any order and from any thread, or was
   never its own. */
static void memory(const karuta_engine *engine) {
    const size_t times = 500;
    const char *line = "O) BT39.2 咳嗽（－）\n";
    size_t length = strlen(line);
    char *text = malloc(times * length);
    THAT(text);
    for (size_t i = 0; i < times; i++) memcpy(text + i * length, line, length);
    karuta_worker *worker;
    OK(karuta_worker_new(engine, &worker));
    karuta_note note = KARUTA_INIT(karuta_note);
    note.text = text;
    note.length = times * length;
    karuta_structured *s, *other;
    OK(karuta_worker_structure(worker, &note, &s));
    note.length = length;
    OK(karuta_worker_structure(worker, &note, &other));
    /* a result keeps nothing of the note */
    free(text);
    karuta_worker_free(worker);

    char *json;
    size_t expected;
    OK(karuta_structured_json(s, &json, &expected));
    struct arena a = {.bytes = malloc(expected), .room = expected};
    THAT(a.bytes && expected > 100000);
    OK(karuta_structured_write_json(s, lay, &a));
    THAT(a.length == expected && a.pieces > 1 && memcmp(a.bytes, json, expected) == 0);
    /* too small by one byte: the caller stops, and nothing is lost or leaked */
    a.length = 0, a.room = expected - 1;
    FAILS(KARUTA_STOPPED, karuta_structured_write_json(s, lay, &a));
    THAT(a.length < expected);
    a.length = 0, a.room = expected;
    OK(karuta_structured_write_json(s, lay, &a));
    THAT(memcmp(a.bytes, json, expected) == 0);
    free(a.bytes);

    pthread_t thread;
    THAT(pthread_create(&thread, NULL, free_elsewhere, s) == 0);
    pthread_join(thread, NULL);
    karuta_fact fact = KARUTA_INIT(karuta_fact);
    OK(karuta_structured_fact(other, 0, &fact));
    THAT(is(fact.text, "BT39.2"));
    karuta_structured_free(other);
    karuta_string_free(json);
}

int main(int argc, char **argv) {
    karuta_engine *engine;
    karuta_engine_options options = KARUTA_INIT(karuta_engine_options);
    options.log = on_log;
    options.log_user = &logged;
    options.log_level = KARUTA_LOG_INFO;
    OK(karuta_engine_new(&options, &engine));
    THAT(logged >= 2);
    logged = 0;
    if (argc > 1 && strcmp(argv[1], "huge") == 0) {
        huge(engine);
    } else {
        facts(engine);
        texts(engine);
        codes(engine);
        misuse(engine);
        threads(engine);
        busy(engine);
        memory(engine);
    }
    /* a worker outlives the engine's handle */
    karuta_worker *worker;
    OK(karuta_worker_new(engine, &worker));
    karuta_engine_free(engine);
    karuta_note note = utf8("BT39.2");
    karuta_structured *s;
    OK(karuta_worker_structure(worker, &note, &s));
    karuta_worker_free(worker);
    karuta_fact fact = KARUTA_INIT(karuta_fact);
    OK(karuta_structured_fact(s, 0, &fact));
    THAT(fact.number == 39.2);
    karuta_structured_free(s);
    puts("all passed");
    return 0;
}
