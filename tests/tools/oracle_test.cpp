// The hardware oracle: both of its ways to execute an instruction say the same.
#include <catch2/catch.hpp>
#include <cstdlib>

#include "tests/support/paths.hpp"
#include "tools/fuzz/oracle_client.hpp"

using namespace retrace;
using namespace retrace::fuzz;

TEST_CASE("the oracle's direct way and its way by signals agree") {
    const char* const build = std::getenv("RETRACE_BINARY_DIR");
    const std::filesystem::path program = std::filesystem::path{build ? build : "build/release"} / "tools/oracle/oracle";
    if (!std::filesystem::exists(program)) {
        test::say_skipped("no hardware oracle: the compiler makes no 32-bit programs");
        return;
    }
    const Decoder decoder{CpuModel::Max};
    CaseMaker maker{decoder, {}, 42};
    OracleClient oracle{program};
    unsigned compared = 0, faults = 0;
    while (compared < 400) {
        std::vector<Case> both;
        // TF would be seen in a pushed image, and holds off the trap behind a load of SS.
        const Case one = maker.make();
        const Op op = row_of(one.code.instruction).op;
        if (one.mode != oracle::Mode::Direct || op == Op::Pushf || op == Op::MovToSeg || op == Op::PopSeg || op == Op::Lss || op == Op::Popf) continue;
        // A bit offset in ESP reaches far.
        if (op == Op::Bts || op == Op::Btr || op == Op::Btc) continue;
        // The second run must find what the first found.
        std::vector<Piece> clean;
        for (const oracle::Range& range : one.watched) clean.push_back({range.address, std::vector<u8>(range.bytes)});
        for (const oracle::Mode mode : {oracle::Mode::Direct, oracle::Mode::Step}) {
            both.push_back(one);
            both.back().mode = mode;
            both.back().patches.insert(both.back().patches.begin(), clean.begin(), clean.end());
        }
        oracle.begin(both);
        auto results = oracle.finish(both);
        results[1].selectors[5] = results[0].selectors[5];
        INFO(describe(one));
        CHECK(difference(both[0], results[0], results[1]) == "");
        ++compared;
        faults += results[0].fault;
    }
    CHECK(faults > 0);
    CHECK(faults < compared / 2);
}
