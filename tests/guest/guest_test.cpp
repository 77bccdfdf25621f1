// Every guest test of this folder on the processors that have what it is about, and on the last of them under each engine and in lock-step.
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
            if (cpu != cpus.back() && engine != std::string("interpreter")) continue;
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

TEST_CASE("physical address extension and no-execute pages") { passes("pae", {"pentium2", "pentium4", "max"}); }

TEST_CASE("virtual-8086 mode, its extensions, and the I/O permission map") { passes("v86", {"386", "486", "pentium", "max"}); }

TEST_CASE("descriptors are looked at, loaded and jumped through") { passes("descriptors", {"386", "pentium2", "max"}); }

TEST_CASE("a fault in the delivery of a fault comes after it, or is a double fault") { passes("double", {"386", "max"}); }

TEST_CASE("the x87, MMX and SSE raise what the control registers say") { passes("numeric", {"486", "pentium", "pentium2", "pentium3", "max"}); }

TEST_CASE("interrupts and NMI come when they may, in their order") { passes("apic", {"pentium", "max"}); }

TEST_CASE("real mode has limits and faults, and keeps what protected mode left") { passes("real", {"386", "max"}); }

TEST_CASE("breakpoints, single steps and RF") { passes("debug", {"386", "486", "pentium", "max"}); }

TEST_CASE("a kernel in low memory is loaded whole and has a stack") { passes("low", {"386", "max"}); }

// ---- ends

TEST_CASE("a third fault shuts the processor down") {
    for (const char* engine : {"interpreter", "jit", "verify"}) {
        const auto outcome = run_guest("shutdown", "max", engine, {"--no-reboot"});
        INFO(engine << outcome.out << outcome.err);
        CHECK(outcome.exit_code == 4);
        CHECK(outcome.err.find("triple fault") != std::string::npos);
    }
}

}  // namespace retrace::test
