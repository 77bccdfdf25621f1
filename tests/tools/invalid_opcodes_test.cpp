// What the decoder of the newest model holds invalid is #UD on the host, but for what hosts have and we do not.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <set>

#include "tests/support/paths.hpp"
#include "tools/fuzz/oracle_client.hpp"

using namespace retrace;
using namespace retrace::fuzz;

namespace {

// Newer instructions and other makers', by opcode.
bool may_exist_elsewhere(unsigned map, unsigned opcode) {
    static const std::set<unsigned> one{0x62, 0x8f, 0xc4, 0xc5, 0xc6, 0xc7};  // EVEX, XOP, VEX, XABORT, XBEGIN
    static const std::set<unsigned> two{0x01, 0x05, 0x07, 0x0e, 0x0f, 0x1e, 0x2b, 0x37, 0x38, 0x3a, 0x78, 0x79, 0xa6, 0xa7, 0xae, 0xc7};
    static const std::set<unsigned> three{0x80, 0x81, 0x82, 0xc8, 0xc9, 0xca, 0xcb, 0xcc, 0xcd, 0xcf, 0xf5, 0xf6, 0xf8, 0xf9, 0xfc, 0xd8, 0xdc, 0xdd, 0xde, 0xdf, 0xfa, 0xfb};
    static const std::set<unsigned> other_three{0xcc, 0xce, 0xcf, 0xf0};
    return (map == 0 ? one : map == 1 ? two : map == 2 ? three : other_three).count(opcode) != 0;
}

}  // namespace

TEST_CASE("what the decoder holds invalid is invalid on the host") {
    const char* const build = std::getenv("RETRACE_BINARY_DIR");
    const std::filesystem::path program = std::filesystem::path{build ? build : "build/release"} / "tools/oracle/oracle";
    if (!std::filesystem::exists(program)) {
        test::say_skipped("no hardware oracle: the compiler makes no 32-bit programs");
        return;
    }
    const Decoder decoder{CpuModel::Max};
    OracleClient oracle{program};
    unsigned asked = 0;
    for (unsigned map = 0; map < 4; ++map)
        for (unsigned opcode = 0; opcode < 256; ++opcode) {
            if (may_exist_elsewhere(map, opcode)) continue;
            std::vector<Case> cases;
            for (const u8 mandatory : std::array<u8, 4>{0x00, 0x66, 0xf3, 0xf2})
                for (unsigned reg = 0; reg < 8; ++reg)
                    for (const u8 modrm : std::array<u8, 2>{0x03, 0xc1}) {
                        Case one;
                        u8* const bytes = one.code.bytes.data();
                        unsigned at = 0;
                        if (mandatory) bytes[at++] = mandatory;
                        if (map) bytes[at++] = 0x0f;
                        if (map > 1) bytes[at++] = map == 2 ? 0x38 : 0x3a;
                        bytes[at++] = static_cast<u8>(opcode);
                        bytes[at++] = static_cast<u8>(modrm | reg << 3);
                        bytes[at++] = 1;
                        decoder.decode(one.code.bytes, true, one.code.instruction);
                        if (!one.code.instruction.has(Instruction::invalid)) continue;
                        one.code32 = true;
                        one.code.length = static_cast<u8>(at);
                        for (u32& gpr : one.state.gpr) gpr = 0x1000;
                        one.state.eip = 0x800;
                        one.state.eflags = 0x202;
                        for (oracle::Segment& segment : one.state.segment) segment = {0, 0xfffff, 1, 1, 0, 0};
                        one.state.fx[0] = 0x7f;
                        one.state.fx[24] = 0x80;
                        one.state.fx[25] = 0x1f;
                        cases.push_back(one);
                    }
            oracle.begin(cases);
            const auto results = oracle.finish(cases);
            for (std::size_t at = 0; at < cases.size(); ++at) {
                if (results[at].refused) continue;
                ++asked;
                INFO(describe(cases[at]));
                CHECK((results[at].fault && results[at].vector == 6));
            }
        }
    CHECK(asked > 10'000);
}
