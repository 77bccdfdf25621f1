// fuzz_cpu: random instructions on our processor and on the host's, compared.
#pragma once

#include <filesystem>
#include <functional>

#include "tools/fuzz/case.hpp"

namespace retrace::fuzz {

struct Session {
    u64 seed = 1, cases = 10'000;
    CaseMaker::Filter filter;
    u64 most_reports = 20;
    std::filesystem::path oracle;
    std::function<void(const std::string&)> report = [](const std::string&) {};  // of each difference
};

struct Tally {
    u64 cases = 0, faults = 0, differences = 0, rows = 0;
};

Tally fuzz_cpu(const Session& session);

}  // namespace retrace::fuzz
