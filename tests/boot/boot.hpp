// A guest's boot as a test: the program itself, without a display, with the actions of its command line.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/paths.hpp"
#include "tests/support/process.hpp"

namespace retrace::test {

// RETRACE_TEST_ENGINE has every boot that names no engine run under another one than the default: "forced" is the JIT, translating at the first execution.
inline std::vector<std::string> engine_options(const std::vector<std::string>& options) {
    const char* const wanted = std::getenv("RETRACE_TEST_ENGINE");
    const auto given = [&](const char* option) { return std::ranges::find(options, option) != options.end(); };
    if (!wanted || given("--engine") || (wanted == std::string_view{"verify"} && given("--writable"))) return {};
    if (wanted == std::string_view{"forced"}) return {"--engine", "jit", "--jit-threshold", "0"};
    return {"--engine", wanted};
}

// Runs retrace without a display; nothing (and a line that says so) if there is no such guest.
inline std::optional<Outcome> boot(const std::string& guest, std::vector<std::string> options, unsigned seconds = 240) {
    const auto binary = retrace_binary();
    REQUIRE(binary);
    std::vector<std::string> command{binary->string(), "--display", "none", "--timeout", std::to_string(seconds)};
    if (!guest.empty()) {
        const auto image = shared_file("guests/" + guest);
        if (!image) {
            say_skipped("no guest " + guest);
            return std::nullopt;
        }
        command.push_back(image->string());
    }
    for (const auto& more : {engine_options(options), options}) command.insert(command.end(), more.begin(), more.end());
    return run(command, seconds + 60);
}

// The same, and all its expectations must be met.
inline void boots(const std::string& guest, const std::vector<std::string>& options) {
    const auto outcome = boot(guest, options);
    if (!outcome) return;
    INFO(guest << "\n" << outcome->err << outcome->out);
    CHECK(outcome->exit_code == 0);
}

}  // namespace retrace::test
