// Random instructions on our processor and on the host's: a fixed share in every run, the rest with `fuzz_cpu`.
#include <catch2/catch.hpp>
#include <cstdlib>

#include "tests/support/paths.hpp"
#include "tools/fuzz/fuzz_cpu.hpp"

using namespace retrace;
using namespace retrace::fuzz;

namespace {

void agree(Family family, u64 cases) {
    Session session;
    const char* const build = std::getenv("RETRACE_BINARY_DIR");
    session.oracle = std::filesystem::path{build ? build : "build/release"} / "tools/oracle/oracle";
    if (!std::filesystem::exists(session.oracle)) {
        test::say_skipped("no hardware oracle: the compiler makes no 32-bit programs");
        return;
    }
    session.seed = 20021127;
    session.cases = cases;
    session.filter.family = family;
    session.report = [](const std::string& text) { UNSCOPED_INFO(text); };
    const Tally tally = fuzz_cpu(session);
    CHECK(tally.cases == cases);
    CHECK(tally.differences == 0);
    CHECK(tally.faults > 0);
    CHECK(tally.faults < cases / 2);
}

}  // namespace

TEST_CASE("integer instructions do what they do on the host") { agree(Family::Integer, 20'000); }
TEST_CASE("x87 instructions do what they do on the host") { agree(Family::X87, 20'000); }
TEST_CASE("a million integer instructions do what they do on the host", "[long]") { agree(Family::Integer, 1'000'000); }
TEST_CASE("a million x87 instructions do what they do on the host", "[long]") { agree(Family::X87, 1'000'000); }
