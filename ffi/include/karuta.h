/* karuta: Japanese chart notes to coded facts. Made by cbindgen from ffi/src; do not edit (KARUTA_UPDATE=1 cargo test -p karuta-ffi --test header). */

#ifndef KARUTA_H
#define KARUTA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Every function may be called from any thread. An engine and a result are immutable and may be shared between
   threads; a worker is for one thread at a time. Strings are UTF-8. Structures that carry `size` are set by the caller
   to their sizeof before the call (KARUTA_INIT), so that a program and a library of other versions understand each other. */

/* A structure of zeros with its size set. */
#ifdef __cplusplus
#define KARUTA_INIT(type) ([] { type value{}; value.size = sizeof value; return value; }())
#else
#define KARUTA_INIT(type) ((type){.size = sizeof(type)})
#endif


// The longest text that is read, in bytes of UTF-8.
#define KARUTA_LONGEST_NOTE (1 << 30)

// What a call came to. Numbers never change their meaning; further ones may come in the gaps.
enum karuta_result
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    // All went well.
    KARUTA_OK = 0,
    // A pointer that must not be null was null.
    KARUTA_NULL_POINTER = 100,
    // An argument was outside what it may be.
    KARUTA_INVALID_ARGUMENT = 101,
    // A structure's `size` is not one that any version of this library knows.
    KARUTA_INVALID_SIZE = 102,
    // A structure asks for something that this version does not know.
    KARUTA_UNSUPPORTED = 103,
    // An index was past the end.
    KARUTA_OUT_OF_RANGE = 104,
    // There is no such part (a fact without a medication).
    KARUTA_NONE = 105,
    // A text was longer than `KARUTA_LONGEST_NOTE`.
    KARUTA_TOO_LONG = 110,
    // A text that was said to be UTF-8 is not.
    KARUTA_INVALID_UTF8 = 111,
    // A date that could not be read.
    KARUTA_INVALID_DATE = 112,
    // A pack could not be opened.
    KARUTA_PACK = 200,
    // The engine could not be built.
    KARUTA_ENGINE = 201,
    // Another thread is using this worker.
    KARUTA_BUSY = 300,
    // The caller's write function asked to stop.
    KARUTA_STOPPED = 301,
    // A fault inside the library was caught. The handles may still be used and freed.
    KARUTA_PANIC = 900,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum karuta_result karuta_result;
#else
typedef uint32_t karuta_result;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// How a text is written.
enum karuta_encoding
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    // UTF-8. Bytes that are none are refused.
    KARUTA_UTF8 = 0,
    // UTF-16 in the machine's byte order. A surrogate without its pair is read as U+FFFD, one unit for one unit.
    KARUTA_UTF16 = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum karuta_encoding karuta_encoding;
#else
typedef uint32_t karuta_encoding;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// The unit that offsets are counted in.
enum karuta_offsets
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    // The unit of the text: bytes of UTF-8, units of UTF-16.
    KARUTA_OFFSETS_OF_TEXT = 0,
    // Bytes of UTF-8.
    KARUTA_OFFSETS_UTF8 = 1,
    // Units of UTF-16 (Java, C#, JavaScript).
    KARUTA_OFFSETS_UTF16 = 2,
    // Unicode code points (Python).
    KARUTA_OFFSETS_CODE_POINTS = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum karuta_offsets karuta_offsets;
#else
typedef uint32_t karuta_offsets;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// How much a log line matters.
enum karuta_log_level
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    // Nothing is logged.
    KARUTA_LOG_OFF = 0,
    // What failed.
    KARUTA_LOG_ERROR = 1,
    // What was read otherwise than it was written.
    KARUTA_LOG_WARN = 2,
    // Packs and engines opened, with their versions.
    KARUTA_LOG_INFO = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum karuta_log_level karuta_log_level;
#else
typedef uint32_t karuta_log_level;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// What a fact is about.
enum karuta_fact_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    KARUTA_VITAL = 1,
    KARUTA_LAB = 2,
    KARUTA_DISORDER = 3,
    KARUTA_FINDING = 4,
    KARUTA_MEDICATION = 5,
    KARUTA_PROCEDURE = 6,
    KARUTA_ALLERGY = 7,
    KARUTA_LIFESTYLE = 8,
    KARUTA_PREFERENCE = 9,
    KARUTA_SCORE = 10,
    KARUTA_TIME = 11,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum karuta_fact_kind karuta_fact_kind;
#else
typedef uint32_t karuta_fact_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// Whether the thing is there.
enum karuta_assertion
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    KARUTA_PRESENT = 1,
    KARUTA_ABSENT = 2,
    KARUTA_POSSIBLE = 3,
    KARUTA_CONDITIONAL = 4,
    KARUTA_PLANNED = 5,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum karuta_assertion karuta_assertion;
#else
typedef uint32_t karuta_assertion;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// Whose it is.
enum karuta_subject
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    KARUTA_PATIENT = 1,
    KARUTA_FAMILY = 2,
    KARUTA_OTHER = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum karuta_subject karuta_subject;
#else
typedef uint32_t karuta_subject;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// When it holds, coarsely.
enum karuta_temporality
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    KARUTA_CURRENT = 1,
    KARUTA_PAST = 2,
    KARUTA_FUTURE = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum karuta_temporality karuta_temporality;
#else
typedef uint32_t karuta_temporality;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// How surely a fact may be used without a person's eye.
enum karuta_applicability
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    // May be taken over as it is.
    KARUTA_AUTO = 1,
    // A person should confirm it.
    KARUTA_CONFIRM = 2,
    // Only to be shown.
    KARUTA_SHOW = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum karuta_applicability karuta_applicability;
#else
typedef uint32_t karuta_applicability;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// What a phrase was coded as. Immutable; every `karuta_str` in it holds until it is freed.
typedef struct karuta_coded karuta_coded;

// An engine: immutable, built once, used by any number of workers and threads.
typedef struct karuta_engine karuta_engine;

// What a note says: sections, facts and relations. Immutable; every `karuta_str` in it holds until it is freed.
typedef struct karuta_structured karuta_structured;

// A worker. It serves one thread at a time; a second one is told `KARUTA_BUSY`.
typedef struct karuta_worker karuta_worker;

// A note to be read. Zeros are UTF-8, offsets in bytes, no date.
typedef struct karuta_note {
    // sizeof(karuta_note), set by the caller.
    size_t size;
    // The text; it needs no NUL and no alignment. May be null when `length` is 0.
    const void *text;
    // Its length in its own units: bytes of UTF-8, or 16-bit units of UTF-16.
    size_t length;
    // A `karuta_encoding`.
    uint32_t encoding;
    // A `karuta_offsets`.
    uint32_t offsets;
    // The day that the note was written on, ISO 8601 (`2024-05-04`, `2024/5/4`); null where it is not known.
    const char *date;
} karuta_note;

// A piece of UTF-8 text within a result: not NUL-terminated, and good for as long as the result is not freed.
typedef struct karuta_str {
    // The first byte; not null, even when the text is empty.
    const char *data;
    // How many bytes.
    size_t length;
} karuta_str;

// What a phrase was coded as. `codings` of 0 refuses.
typedef struct karuta_coded_summary {
    // sizeof(karuta_coded_summary), set by the caller.
    size_t size;
    // The composed 標準病名; empty when refused.
    struct karuta_str name;
    // Why nothing was coded; empty otherwise.
    struct karuta_str refused;
    // How many codes `karuta_coded_coding` gives.
    size_t codings;
    // How many readings `karuta_coded_candidate` gives.
    size_t candidates;
} karuta_coded_summary;

// A code with its system.
typedef struct karuta_coding {
    // sizeof(karuta_coding), set by the caller.
    size_t size;
    // The FHIR `system` URL.
    struct karuta_str system;
    // The code.
    struct karuta_str code;
    // The master's own display; empty where there is none.
    struct karuta_str display;
} karuta_coding;

// A reading of a phrase.
typedef struct karuta_candidate {
    // sizeof(karuta_candidate), set by the caller.
    size_t size;
    // Its name.
    struct karuta_str name;
    // The rule that found it.
    struct karuta_str rule;
    // 0 to 1.
    double score;
    // How many codes `karuta_coded_candidate_coding` gives.
    size_t codings;
    // A `karuta_applicability`.
    uint32_t applicability;
} karuta_candidate;

// Takes a log line: a `karuta_log_level`, NUL-terminated UTF-8 that holds until the function returns, and the
// caller's own pointer. It is called from whatever thread is at work, and must not unwind. No line quotes a note.
typedef void (*karuta_log_fn)(uint32_t level, const char *message, void *user);

// How to build an engine. Zeros are the built-in dictionaries and no log.
typedef struct karuta_engine_options {
    // sizeof(karuta_engine_options), set by the caller.
    size_t size;
    // Paths of packs to lay over the built-in one, the later ones preferred: NUL-terminated UTF-8.
    const char *const *packs;
    // How many packs.
    size_t pack_count;
    // Takes log lines; may be null.
    karuta_log_fn log;
    // Handed to `log`; it must be fit to be used from any thread.
    void *log_user;
    // A `karuta_log_level`: what is above it is not logged.
    uint32_t log_level;
} karuta_engine_options;

// What a medication says beyond its fact's name. Parts that it does not have are empty strings, false and zero.
typedef struct karuta_medication {
    // sizeof(karuta_medication), set by the caller.
    size_t size;
    // Strength of one unit of the product (`5mg`).
    struct karuta_str strength;
    // Dose as written (`1T1X`).
    struct karuta_str dose;
    // `po`, `iv`, `sc`, `im`, `top`, `inh`, `pr`, `eye`, `nasal`, `patch`.
    struct karuta_str route;
    // `active`, `started`, `stopped`, `held`, `planned`, `past`, `allergy`.
    struct karuta_str status;
    // When it is taken, as written.
    struct karuta_str usage;
    // Whether the amount is told.
    bool has_amount;
    // Whether the amount of a day is told.
    bool has_daily;
    // Whether it is told how often a day.
    bool has_times_per_day;
    // Whether it is told for how many days.
    bool has_days;
    // Amount taken at a time or a day.
    double amount;
    // UCUM unit of `amount`.
    struct karuta_str amount_unit;
    // Amount of a day, computed.
    double daily;
    // UCUM unit of `daily`.
    struct karuta_str daily_unit;
    // How often a day.
    double times_per_day;
    // For how many days.
    double days;
    // How many generic names `karuta_structured_ingredient` gives.
    size_t ingredients;
    // How many codes of its usage (JAMI) `karuta_structured_usage_coding` gives.
    size_t usage_codings;
} karuta_medication;

// How much a note says.
typedef struct karuta_counts {
    // sizeof(karuta_counts), set by the caller.
    size_t size;
    // Sections.
    size_t sections;
    // Facts.
    size_t facts;
    // Relations between facts.
    size_t relations;
} karuta_counts;

// A fact. Parts that it does not have are empty strings, false and zero.
typedef struct karuta_fact {
    // sizeof(karuta_fact), set by the caller.
    size_t size;
    // `f1`, `f2` … in the order of the text.
    struct karuta_str id;
    // A `karuta_fact_kind`.
    uint32_t kind;
    // A `karuta_assertion`.
    uint32_t assertion;
    // A `karuta_subject`.
    uint32_t subject;
    // A `karuta_temporality`.
    uint32_t temporality;
    // The words as written.
    struct karuta_str text;
    // First unit of the span, in the unit that was asked for.
    size_t start;
    // One past the last unit of the span.
    size_t end;
    // The usual Japanese name of what was found.
    struct karuta_str name;
    // The kind of the section that it stands in (`objective`, `present_illness` …).
    struct karuta_str section;
    // Whether `number` is a number that the note tells.
    bool has_number;
    // Whether `high` is the upper end of a range.
    bool has_high;
    // Whether there is a medication to ask `karuta_structured_medication` for.
    bool has_medication;
    // A `karuta_applicability`.
    uint32_t applicability;
    // The number.
    double number;
    // The upper end of a range.
    double high;
    // The UCUM unit.
    struct karuta_str unit;
    // `<`, `<=`, `>`, `>=` or `~`.
    struct karuta_str comparator;
    // A qualitative result or a remark.
    struct karuta_str value_text;
    // When: ISO 8601, a length or an age; see the schema.
    struct karuta_str time_start;
    // The end of a range of time.
    struct karuta_str time_end;
    // `year`, `month`, `day` …, `age`, `duration`, `relative`, `course_day`.
    struct karuta_str time_precision;
    // 0 to 1.
    double confidence;
    // How many codes `karuta_structured_coding` gives.
    size_t codings;
    // How many reasons `karuta_structured_reason` gives.
    size_t reasons;
    // How many facts it was derived from (`karuta_structured_source`).
    size_t sources;
} karuta_fact;

// One reason for a fact, with the words it was read from.
typedef struct karuta_reason {
    // sizeof(karuta_reason), set by the caller.
    size_t size;
    // Id of the rule, cue, term or pattern.
    struct karuta_str rule;
    // The pack with the hash of its content, or a threshold's source.
    struct karuta_str pack;
    // How many spans `karuta_structured_span` gives.
    size_t spans;
} karuta_reason;

// A section of the note.
typedef struct karuta_section {
    // sizeof(karuta_section), set by the caller.
    size_t size;
    // Its kind (`objective`, `present_illness` …).
    struct karuta_str kind;
    // The JP-CLINS section code; empty where there is none.
    struct karuta_str code;
    // Its title as written.
    struct karuta_str title;
    // Start of the title.
    size_t start;
    // End of the content.
    size_t end;
} karuta_section;

// A relation between two facts.
typedef struct karuta_relation {
    // sizeof(karuta_relation), set by the caller.
    size_t size;
    // `has_value`, `treats`, `caused_by`, `located_at`, `part_of`, `same_as`.
    struct karuta_str kind;
    // Index of the first fact.
    size_t from;
    // Index of the second fact.
    size_t to;
    // The rule that found it.
    struct karuta_str rule;
} karuta_relation;

// Takes a piece of JSON (not NUL-terminated) and the caller's own pointer. Returns 0 to go on, anything else to stop. It must not unwind.
typedef int32_t (*karuta_write_fn)(const char *data, size_t length, void *user);

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// What went wrong in this thread's last call that failed: UTF-8, NUL-terminated, empty when none has failed.
//
// The pointer holds until the next call of this thread that fails.
const char *karuta_last_error(void);

// Codes a phrase that stands alone: a diagnosis field, a problem title. Free the result with `karuta_coded_free`.
//
// # Safety
// `engine` is null or live, `phrase` null or good, `coded` null or points to a pointer.
karuta_result karuta_code(const struct karuta_engine *engine,
                          const struct karuta_note *phrase,
                          struct karuta_coded **coded);

// Frees a coded phrase. Null is let pass.
//
// # Safety
// `coded` is null or came from `karuta_code` and was not freed; no other call is using it.
void karuta_coded_free(struct karuta_coded *coded);

// What the phrase was coded as.
//
// # Safety
// `coded` is null or live; `summary` is null or good with its size set.
karuta_result karuta_coded_get(const struct karuta_coded *coded, struct karuta_coded_summary *summary);

// Code number `index` of the phrase.
//
// # Safety
// `coded` is null or live; `coding` is null or good with its size set.
karuta_result karuta_coded_coding(const struct karuta_coded *coded, size_t index, struct karuta_coding *coding);

// Reading number `index`, the best first.
//
// # Safety
// `coded` is null or live; `candidate` is null or good with its size set.
karuta_result karuta_coded_candidate(const struct karuta_coded *coded,
                                     size_t index,
                                     struct karuta_candidate *candidate);

// Code number `index` of reading number `candidate_index`.
//
// # Safety
// `coded` is null or live; `coding` is null or good with its size set.
karuta_result karuta_coded_candidate_coding(const struct karuta_coded *coded,
                                            size_t candidate_index,
                                            size_t index,
                                            struct karuta_coding *coding);

// The coded phrase as one JSON object: text, codings, name, candidates. `json` becomes NUL-terminated UTF-8, freed
// with `karuta_string_free`; `length` (may be null) its bytes without the NUL.
//
// # Safety
// `coded` is null or live; `json` is null or points to a pointer; `length` is null or points to a size_t.
karuta_result karuta_coded_json(const struct karuta_coded *coded, char **json, size_t *length);

// Builds an engine. `options` may be null. Free it with `karuta_engine_free`.
//
// # Safety
// `options` is null or points to a `karuta_engine_options` whose pointers are good; `engine` points to a pointer.
karuta_result karuta_engine_new(const struct karuta_engine_options *options, struct karuta_engine **engine);

// Frees an engine. Workers and results that came from it stay good. Null is let pass.
//
// # Safety
// `engine` is null or came from `karuta_engine_new` and was not freed; no other call is using it.
void karuta_engine_free(struct karuta_engine *engine);

// The medication of a fact; `KARUTA_NONE` where it has none.
//
// # Safety
// `structured` is null or live; `medication` is null or good with its size set.
karuta_result karuta_structured_medication(const struct karuta_structured *structured,
                                           size_t fact_index,
                                           struct karuta_medication *medication);

// A generic name of a fact's medication; several for a combination.
//
// # Safety
// `structured` is null or live; `ingredient` is null or points to a karuta_str.
karuta_result karuta_structured_ingredient(const struct karuta_structured *structured,
                                           size_t fact_index,
                                           size_t index,
                                           struct karuta_str *ingredient);

// A code of the usage of a fact's medication.
//
// # Safety
// `structured` is null or live; `coding` is null or good with its size set.
karuta_result karuta_structured_usage_coding(const struct karuta_structured *structured,
                                             size_t fact_index,
                                             size_t index,
                                             struct karuta_coding *coding);

// Frees a string that this library handed over. Null is let pass.
//
// # Safety
// `string` is null or came from this library and was not freed.
void karuta_string_free(char *string);

// The name of a result code, in English; `"unknown"` for a number that is none. It is never freed.
const char *karuta_result_name(uint32_t result);

// Frees a result. Null is let pass.
//
// # Safety
// `structured` is null or came from this library and was not freed; no other call is using it.
void karuta_structured_free(struct karuta_structured *structured);

// How many sections, facts and relations there are.
//
// # Safety
// `structured` is null or live; `counts` is null or good with its size set.
karuta_result karuta_structured_counts(const struct karuta_structured *structured, struct karuta_counts *counts);

// Fact number `index`, from 0.
//
// # Safety
// `structured` is null or live; `fact` is null or good with its size set.
karuta_result karuta_structured_fact(const struct karuta_structured *structured,
                                     size_t index,
                                     struct karuta_fact *fact);

// Code number `coding_index` of fact number `fact_index`, the most specific standard first.
//
// # Safety
// `structured` is null or live; `coding` is null or good with its size set.
karuta_result karuta_structured_coding(const struct karuta_structured *structured,
                                       size_t fact_index,
                                       size_t coding_index,
                                       struct karuta_coding *coding);

// Reason number `reason_index` of fact number `fact_index`.
//
// # Safety
// `structured` is null or live; `reason` is null or good with its size set.
karuta_result karuta_structured_reason(const struct karuta_structured *structured,
                                       size_t fact_index,
                                       size_t reason_index,
                                       struct karuta_reason *reason);

// Span number `span_index` of a reason, in the unit that was asked for.
//
// # Safety
// `structured` is null or live; `start` and `end` are null or point to a size_t.
karuta_result karuta_structured_span(const struct karuta_structured *structured,
                                     size_t fact_index,
                                     size_t reason_index,
                                     size_t span_index,
                                     size_t *start,
                                     size_t *end);

// The index of source number `source_index` of a derived fact.
//
// # Safety
// `structured` is null or live; `fact` is null or points to a size_t.
karuta_result karuta_structured_source(const struct karuta_structured *structured,
                                       size_t fact_index,
                                       size_t source_index,
                                       size_t *fact);

// Section number `index`.
//
// # Safety
// `structured` is null or live; `section` is null or good with its size set.
karuta_result karuta_structured_section(const struct karuta_structured *structured,
                                        size_t index,
                                        struct karuta_section *section);

// Relation number `index`.
//
// # Safety
// `structured` is null or live; `relation` is null or good with its size set.
karuta_result karuta_structured_relation(const struct karuta_structured *structured,
                                         size_t index,
                                         struct karuta_relation *relation);

// The whole result as one JSON object. `json` becomes NUL-terminated UTF-8, freed with `karuta_string_free`;
// `length` (may be null) its bytes without the NUL.
//
// # Safety
// `structured` is null or live; `json` is null or points to a pointer; `length` is null or points to a size_t.
karuta_result karuta_structured_json(const struct karuta_structured *structured, char **json, size_t *length);

// The whole result as one JSON object, handed piece by piece to the caller's function, into memory of its own.
//
// # Safety
// `structured` is null or live; `write` is null or takes a piece and `user`.
karuta_result karuta_structured_write_json(const struct karuta_structured *structured,
                                           karuta_write_fn write,
                                           void *user);

// The version of the library, NUL-terminated. It is never freed.
const char *karuta_version(void);

// Makes a worker of an engine. Free it with `karuta_worker_free`.
//
// # Safety
// `engine` is null or a live engine; `worker` is null or points to a pointer.
karuta_result karuta_worker_new(const struct karuta_engine *engine, struct karuta_worker **worker);

// Frees a worker. Results that came from it stay good. Null is let pass.
//
// # Safety
// `worker` is null or came from `karuta_worker_new` and was not freed; no other call is using it.
void karuta_worker_free(struct karuta_worker *worker);

// Reads a note. Walk the result with `karuta_structured_fact` and its like; free it with `karuta_structured_free`.
//
// # Safety
// `worker` is null or a live worker, `note` null or good, `structured` null or points to a pointer.
karuta_result karuta_worker_structure(const struct karuta_worker *worker,
                                      const struct karuta_note *note,
                                      struct karuta_structured **structured);

// Reads a note and writes its sections, facts and relations as one JSON object (see `karuta schema`).
//
// `json` becomes NUL-terminated UTF-8, freed with `karuta_string_free`; `length` (may be null) its bytes without the NUL.
//
// # Safety
// `worker` is null or a live worker, `note` null or good, `json` null or points to a pointer, `length` null or to a size_t.
karuta_result karuta_worker_structure_json(const struct karuta_worker *worker,
                                           const struct karuta_note *note,
                                           char **json,
                                           size_t *length);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* KARUTA_H */
