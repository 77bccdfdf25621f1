#include <catch2/catch.hpp>

#include <array>
#include <span>
#include <tuple>
#include <utility>

#include "core/engine/handlers.hpp"
#include "core/engine/known_instructions.hpp"
#include "tests/support/dice.hpp"

using namespace retrace;
using retrace::test::Dice;

TEST_CASE("what is decoded by memory is what the decoder makes of the same bytes") {
    for (const auto& [model, name] : {std::pair{CpuModel::I8086, "8086"}, std::pair{CpuModel::I286, "286"}, std::pair{CpuModel::I386, "386"}, std::pair{CpuModel::Max, "max"}}) {
        Dice dice{static_cast<u64>(model) + 1};
        const Decoder decoder{model};
        KnownInstructions known{decoder};
        u64 done = 0;
        for (unsigned round = 0; round < 40'000; ++round) {
            // Few opcodes and ModRM bytes at a time, so that most are known already.
            std::array<u8, 20> bytes{};
            for (u8& byte : bytes) byte = static_cast<u8>(dice.roll());
            const unsigned few = round / 512;
            unsigned at = 0;
            if (dice.one_in(3)) bytes[at++] = std::array<u8, 4>{0x66, 0x0f, 0x67, 0xf3}[dice.below(4)];
            if (dice.one_in(3)) bytes[at++] = 0x0f;
            bytes[at] = static_cast<u8>(few * 7 + dice.below(8));
            bytes[at + 1] = static_cast<u8>(few * 13 + dice.below(3) * 64 + dice.below(2));
            bytes[at + 2] = static_cast<u8>(few + dice.below(2));
            const bool code32 = model >= CpuModel::I386 && dice.one_in(2);
            const std::size_t size = dice.one_in(8) ? dice.between(1, 15) : bytes.size();
            Instruction expected, found;
            const auto result = decoder.decode(std::span{bytes}.first(size), code32, expected);
            REQUIRE(known.decode(std::span{bytes}.first(size), code32, found) == result);
            if (result != Decoder::Result::Done) continue;
            prepare(expected, model);
            INFO(name << ", round " << round << ", code32 " << code32 << ", bytes " << int{bytes[0]} << ' ' << int{bytes[1]} << ' ' << int{bytes[2]} << ' ' << int{bytes[3]});
            const auto all = [](const Instruction& i) {
                return std::tuple{i.execute, i.immediate, i.displacement, i.row, i.immediate2, i.traits, i.length, i.opcode, i.operand_width, i.reg, i.rm, i.base, i.index, i.scale, i.segment};
            };
            REQUIRE(all(found) == all(expected));
            ++done;
        }
        CHECK(done > 20'000);
    }
}
