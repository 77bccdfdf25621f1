// Every guest test of this folder on the processors that have what it is about, under both engines and in lock-step.
#include <catch2/catch.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/paths.hpp"
#include "tests/support/process.hpp"

namespace retrace::test {

namespace {

std::filesystem::path image(const std::string& name) {
    const auto binary = retrace_binary();
    REQUIRE(binary);
    return binary->parent_path().parent_path() / "tests" / ("guest_" + name + ".bin");
}

Outcome run_guest(const std::string& name, const std::string& cpu, const std::string& engine, std::vector<std::string> options = {}) {
    std::vector<std::string> command{retrace_binary()->string(), "--kernel", image(name).string(), "--cpu", cpu, "--engine", engine, "--display", "none",
                                     "--serial", "stdio", "--debug-exit", "0xf4", "--memory", "16", "--timeout", "60"};
    command.insert(command.end(), options.begin(), options.end());
    return run(command);
}

// The lines that are no "ok": failures with what was expected, and the count.
std::string complaints(const std::string& out) {
    std::istringstream lines{out};
    std::string all;
    for (std::string line; std::getline(lines, line);)
        if (line.rfind("ok ", 0) != 0) all += line + '\n';
    return all;
}

void passes(const std::string& name, const std::vector<std::string>& cpus) {
    for (const auto& cpu : cpus)
        for (const char* engine : {"interpreter", "jit", "verify"}) {
            const auto outcome = run_guest(name, cpu, engine);
            INFO(name << " on " << cpu << " under " << engine << '\n' << complaints(outcome.out) << outcome.err);
            CHECK(outcome.exit_code == 1);   // the exit port's 0
            CHECK(outcome.out.find("ok ") != std::string::npos);
        }
}

const std::vector<std::string> all{"386", "486", "pentium", "pentium2", "pentium4", "max"};

}  // namespace

TEST_CASE("each exception has its error code and address") {
    passes("faults", all);
    passes("division", {"386", "max"});
}

TEST_CASE("gates change ring and stack as the manual says") { passes("gates", {"386", "pentium2", "max"}); }

TEST_CASE("tasks are switched by every route, between 16 and 32 bits") { passes("tasks", {"386", "pentium", "max"}); }

TEST_CASE("pages have rights, marks and faults, and who faults has done nothing") { passes("paging", all); }

}  // namespace retrace::test
