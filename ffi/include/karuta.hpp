// karuta for C++17: handles that free themselves, errors as exceptions, strings as string_view.
#ifndef KARUTA_HPP
#define KARUTA_HPP

#include "karuta.h"

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace karuta {

// A call that failed, with the code it returned.
class error : public std::runtime_error {
public:
    explicit error(karuta_result code) : std::runtime_error(karuta_last_error()), code_(code) {}
    karuta_result code() const noexcept { return code_; }

private:
    karuta_result code_;
};

inline void check(karuta_result result) {
    if (result != KARUTA_OK) throw error(result);
}

// Holds for as long as the result that it came from.
inline std::string_view view(karuta_str s) noexcept { return {s.data, s.length}; }

namespace detail {
template <typename T, void (*Free)(T *)> struct deleter {
    void operator()(T *p) const noexcept { Free(p); }
};
template <typename T, void (*Free)(T *)> using handle = std::unique_ptr<T, deleter<T, Free>>;

inline karuta_note note(const void *text, std::size_t length, karuta_encoding encoding, karuta_offsets offsets, const char *date) {
    karuta_note n = KARUTA_INIT(karuta_note);
    n.text = text;
    n.length = length;
    n.encoding = encoding;
    n.offsets = offsets;
    n.date = date;
    return n;
}
} // namespace detail

// What a note says.
class structured {
public:
    explicit structured(karuta_structured *p) : p_(p) {}

    std::size_t facts() const { return counts().facts; }
    std::size_t sections() const { return counts().sections; }
    std::size_t relations() const { return counts().relations; }

    karuta_fact fact(std::size_t i) const {
        karuta_fact out = KARUTA_INIT(karuta_fact);
        check(karuta_structured_fact(p_.get(), i, &out));
        return out;
    }
    karuta_coding coding(std::size_t fact, std::size_t i) const {
        karuta_coding out = KARUTA_INIT(karuta_coding);
        check(karuta_structured_coding(p_.get(), fact, i, &out));
        return out;
    }
    // The first code of a system; empty where the fact has none.
    std::string_view code(std::size_t fact, std::string_view system) const {
        const std::size_t n = this->fact(fact).codings;
        for (std::size_t i = 0; i < n; i++) {
            const karuta_coding c = coding(fact, i);
            if (view(c.system) == system) return view(c.code);
        }
        return {};
    }
    karuta_relation relation(std::size_t i) const {
        karuta_relation out = KARUTA_INIT(karuta_relation);
        check(karuta_structured_relation(p_.get(), i, &out));
        return out;
    }
    std::string json() const {
        std::string out;
        const karuta_write_fn append = [](const char *data, std::size_t length, void *user) noexcept -> std::int32_t {
            try {
                static_cast<std::string *>(user)->append(data, length);
                return 0;
            } catch (...) {
                return 1;
            }
        };
        check(karuta_structured_write_json(p_.get(), append, &out));
        return out;
    }
    const karuta_structured *get() const noexcept { return p_.get(); }

private:
    karuta_counts counts() const {
        karuta_counts out = KARUTA_INIT(karuta_counts);
        check(karuta_structured_counts(p_.get(), &out));
        return out;
    }
    detail::handle<karuta_structured, karuta_structured_free> p_;
};

// One for each thread.
class worker {
public:
    explicit worker(karuta_worker *p) : p_(p) {}

    // Offsets count bytes of UTF-8.
    structured structure(std::string_view text, const char *date = nullptr, karuta_offsets offsets = karuta_offsets::KARUTA_OFFSETS_OF_TEXT) {
        return read(detail::note(text.data(), text.size(), karuta_encoding::KARUTA_UTF8, offsets, date));
    }
    // Offsets count units of UTF-16.
    structured structure(std::u16string_view text, const char *date = nullptr, karuta_offsets offsets = karuta_offsets::KARUTA_OFFSETS_OF_TEXT) {
        return read(detail::note(text.data(), text.size(), karuta_encoding::KARUTA_UTF16, offsets, date));
    }

private:
    structured read(const karuta_note &note) {
        karuta_structured *out = nullptr;
        check(karuta_worker_structure(p_.get(), &note, &out));
        return structured(out);
    }
    detail::handle<karuta_worker, karuta_worker_free> p_;
};

// Built once, shared between threads.
class engine {
public:
    explicit engine(const std::vector<std::string> &packs = {}) {
        std::vector<const char *> paths;
        for (const auto &p : packs) paths.push_back(p.c_str());
        karuta_engine_options options = KARUTA_INIT(karuta_engine_options);
        options.packs = paths.data();
        options.pack_count = paths.size();
        karuta_engine *out = nullptr;
        check(karuta_engine_new(&options, &out));
        p_.reset(out);
    }

    karuta::worker worker() const {
        karuta_worker *out = nullptr;
        check(karuta_worker_new(p_.get(), &out));
        return karuta::worker(out);
    }

    // Codes a phrase that stands alone; the JSON of `karuta code --format jsonl`.
    std::string code_json(std::string_view phrase) const {
        const karuta_note note = detail::note(phrase.data(), phrase.size(), karuta_encoding::KARUTA_UTF8, karuta_offsets::KARUTA_OFFSETS_OF_TEXT, nullptr);
        karuta_coded *coded = nullptr;
        check(karuta_code(p_.get(), &note, &coded));
        const detail::handle<karuta_coded, karuta_coded_free> held(coded);
        char *json = nullptr;
        std::size_t length = 0;
        check(karuta_coded_json(coded, &json, &length));
        const detail::handle<char, karuta_string_free> text(json);
        return std::string(json, length);
    }

private:
    detail::handle<karuta_engine, karuta_engine_free> p_;
};

} // namespace karuta

#endif // KARUTA_HPP
