// fuzz_cpu: random instructions on our processor and on the host's, compared.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include "tools/fuzz/case.hpp"

namespace retrace::fuzz {

struct Session {
    u64 seed = 1, cases = 10'000;
    CaseMaker::Filter filter;
    u64 most_differences = 20;
    unsigned reports_of_each = 2;             // mnemonic
    std::optional<u32> watch;                 // an address of the data area that every case looks at
    std::filesystem::path oracle;
    std::function<void(const std::string&)> report = [](const std::string&) {};  // of each difference
};

struct Tally {
    u64 cases = 0, faults = 0, differences = 0, rows = 0;
    std::vector<std::pair<std::string, unsigned>> by_mnemonic;  // the differences
};

Tally fuzz_cpu(const Session& session);

}  // namespace retrace::fuzz
