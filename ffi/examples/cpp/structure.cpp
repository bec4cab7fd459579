// c++ -std=c++17 structure.cpp $(pkg-config --cflags --libs karuta) -pthread
#include <iostream>
#include <karuta.hpp>
#include <thread>
#include <vector>

int main() {
    const karuta::engine engine;

    const std::vector<std::string> notes = {"O) BT39.2 咳嗽（－）", "WBC 12,300 CRP 8.4", "父がHT。"};
    std::vector<std::string> out(notes.size());
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < notes.size(); i++)
        threads.emplace_back([&, i] {
            auto worker = engine.worker();
            const auto found = worker.structure(notes[i], "2024-05-04");
            for (std::size_t f = 0; f < found.facts(); f++) {
                const auto fact = found.fact(f);
                out[i] += std::string(karuta::view(fact.text)) + " " + std::string(karuta::view(fact.name)) + " " + std::string(found.code(f, "http://loinc.org")) + "\n";
            }
        });
    for (auto &t : threads) t.join();
    for (const auto &o : out) std::cout << o;

    auto worker = engine.worker();
    const auto wide = worker.structure(u"🌡BT39.2");
    std::cout << wide.fact(0).start << "-" << wide.fact(0).end << " " << wide.json().substr(0, 12) << "\n";
    std::cout << engine.code_json("右橈骨遠位端骨折の術後") << "\n";

    try {
        karuta::engine missing({"/nowhere/official.kpack"});
        return 1;
    } catch (const karuta::error &e) {
        std::cout << karuta_result_name(e.code()) << ": " << e.what() << "\n";
    }
    return 0;
}
