// Random instructions on our processor and on the host's: a fixed share in every run, the rest with `fuzz_cpu`.
#include <catch2/catch.hpp>
#include <cstdlib>

#include "tests/support/paths.hpp"
#include "tools/fuzz/fuzz_cpu.hpp"

using namespace retrace;
using namespace retrace::fuzz;

namespace {

constexpr std::array later_families{Family::X87, Family::Mmx, Family::Sse, Family::Sse2, Family::Sse3, Family::Ssse3, Family::Sse41, Family::Sse42, Family::Aes};

bool host_has(Family family) {
    switch (family) {
        case Family::Sse3: return __builtin_cpu_supports("sse3");
        case Family::Ssse3: return __builtin_cpu_supports("ssse3");
        case Family::Sse41: return __builtin_cpu_supports("sse4.1");
        case Family::Sse42: return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt");
        case Family::Aes: return __builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul");
        default: return true;
    }
}

void agree(Family family, u64 cases) {
    Session session;
    const char* const build = std::getenv("RETRACE_BINARY_DIR");
    session.oracle = std::filesystem::path{build ? build : "build/release"} / "tools/oracle/oracle";
    if (!std::filesystem::exists(session.oracle)) {
        test::say_skipped("no hardware oracle: the compiler makes no 32-bit programs");
        return;
    }
    if (!host_has(family)) {
        test::say_skipped("the host has no " + std::string{family_names[static_cast<std::size_t>(family)]});
        return;
    }
    session.seed = 20021127;
    session.cases = cases;
    session.filter.family = family;
    INFO("family " << family_names[static_cast<std::size_t>(family)]);
    session.report = [](const std::string& text) { UNSCOPED_INFO(text); };
    const Tally tally = fuzz_cpu(session);
    CHECK(tally.cases == cases);
    CHECK(tally.differences == 0);
    CHECK(tally.faults > 0);
    CHECK(tally.faults < cases / 2);
}

}  // namespace

TEST_CASE("integer instructions do what they do on the host") { agree(Family::Integer, 20'000); }
TEST_CASE("instructions of the later units do what they do on the host") {
    for (const Family family : later_families) agree(family, 10'000);
}
TEST_CASE("ten million integer instructions do what they do on the host", "[long]") { agree(Family::Integer, 10'000'000); }
TEST_CASE("a million instructions of each later unit do what they do on the host", "[long]") {
    for (const Family family : later_families) agree(family, 1'000'000);
}
