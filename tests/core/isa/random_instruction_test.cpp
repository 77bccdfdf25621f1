#include "core/isa/random_instruction.hpp"

#include <catch2/catch.hpp>
#include <set>

using namespace retrace;

TEST_CASE("every row of a model can be rolled, and is decoded as itself") {
    for (const auto& model : cpu_models) {
        const Decoder decoder{model.model};
        const auto of_model = [&](const Row& row) {
            // A fallback may have nothing left to be for.
            return !(row.kind & kind::fallback) && (features_of(model.model) & feature(row.since)) && model.model <= row.until;
        };
        const RandomInstruction instructions{decoder, of_model};
        std::size_t wanted = 0;
        for (const Row& row : rows) wanted += &row != &rows[0] && of_model(row);
        INFO(model.name);
        CHECK(instructions.rows_in_use().size() == wanted);
        Dice dice{7};
        RandomInstruction::Rolled rolled;
        for (const u16 row : instructions.rows_in_use()) {
            INFO(rows[row].mnemonic << " " << std::hex << rows[row].opcode);
            REQUIRE(instructions.roll(dice, model.model >= CpuModel::I386 && dice.one_in(2), row, rolled));
            CHECK(rolled.instruction.row == row);
            CHECK(rolled.length <= decoder.longest());
        }
    }
}

TEST_CASE("the same seed rolls the same instructions") {
    const Decoder decoder{CpuModel::Max};
    const RandomInstruction instructions{decoder, [](const Row&) { return true; }};
    Dice one{99}, other{99}, third{100};
    unsigned different = 0;
    for (unsigned round = 0; round < 100; ++round) {
        const auto bytes = instructions.roll(one, true).bytes;
        CHECK(bytes == instructions.roll(other, true).bytes);
        different += bytes != instructions.roll(third, true).bytes;
    }
    CHECK(different > 90);
}
