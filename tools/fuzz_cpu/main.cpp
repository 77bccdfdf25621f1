// fuzz_cpu [--seed N] [--cases N] [--only OPCODE|MNEMONIC] [--family integer|x87|mmx|sse|sse2|sse3|ssse3|sse4.1|sse4.2|aes] [--differences N] [--watch ADDRESS]
// Ends with 1 if our processor and the host's disagree.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "core/base/ensure.hpp"
#include "tools/fuzz/fuzz_cpu.hpp"

using namespace retrace;

namespace {

int run(int count, char** arguments) {
    fuzz::Session session;
    session.cases = 1'000'000;
    session.oracle = std::filesystem::path{arguments[0]}.parent_path() / "oracle" / "oracle";
    session.report = [](const std::string& text) { std::printf("%s\n", text.c_str()); };
    for (int at = 1; at + 1 < count; at += 2) {
        const std::string option = arguments[at], value = arguments[at + 1];
        if (option == "--seed") session.seed = std::stoull(value);
        else if (option == "--cases") session.cases = std::stoull(value);
        else if (option == "--only") session.filter.only = value;
        else if (option == "--differences") session.most_differences = std::stoull(value);
        else if (option == "--watch") session.watch = static_cast<u32>(std::stoul(value, nullptr, 16));
        else if (const auto name = std::find(fuzz::family_names.begin(), fuzz::family_names.end(), value); option == "--family" && name != fuzz::family_names.end())
            session.filter.family = static_cast<fuzz::Family>(name - fuzz::family_names.begin());
        else throw HostError("fuzz_cpu does not know " + option + " " + value + ".");
    }
    const auto start = std::chrono::steady_clock::now();
    const fuzz::Tally tally = fuzz::fuzz_cpu(session);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    for (const auto& [name, number] : tally.by_mnemonic) std::printf("%s: %u differ\n", name.c_str(), number);
    std::printf("%llu cases of %llu rows, %llu of them faults: %llu differences (seed %llu, %.1f s)\n", static_cast<unsigned long long>(tally.cases),
                static_cast<unsigned long long>(tally.rows), static_cast<unsigned long long>(tally.faults),
                static_cast<unsigned long long>(tally.differences), static_cast<unsigned long long>(session.seed), seconds);
    return tally.differences ? 1 : 0;
}

}  // namespace

int main(int count, char** arguments) {
    try {
        return run(count, arguments);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 2;
    }
}
