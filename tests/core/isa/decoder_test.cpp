#include "core/isa/decoder.hpp"

#include <catch2/catch.hpp>
#include <initializer_list>

#include "core/isa/rows.hpp"

using namespace retrace;

namespace {

Instruction decoded(CpuModel model, bool code32, std::initializer_list<u8> bytes) {
    std::vector<u8> padded{bytes};
    padded.resize(16, 0x90);
    Instruction instruction;
    REQUIRE(Decoder{model}.decode(padded, code32, instruction) == Decoder::Result::Done);
    return instruction;
}

Op operation(CpuModel model, std::initializer_list<u8> bytes) {
    const Instruction instruction = decoded(model, false, bytes);
    return instruction.has(Instruction::invalid) ? Op::Invalid : row_of(instruction).op;
}

}  // namespace

TEST_CASE("an instruction's operands are what its bytes say") {
    const Instruction add = decoded(CpuModel::Max, true, {0x81, 0x84, 0x8d, 0x78, 0x56, 0x34, 0x12, 0xef, 0xbe, 0xad, 0xde});
    CHECK(row_of(add).op == Op::Add);
    CHECK(add.length == 11);
    CHECK(add.base == 5);
    CHECK(add.index == 1);
    CHECK(add.scale == 2);
    CHECK(add.displacement == 0x12345678);
    CHECK(add.immediate == 0xdeadbeef);
    CHECK(add.segment == static_cast<u8>(Segment::Ss));
    CHECK(add.has(Instruction::memory));

    const Instruction jump = decoded(CpuModel::Max, false, {0xea, 0x34, 0x12, 0x00, 0xf0});
    CHECK(jump.immediate == 0x1234);
    CHECK(jump.immediate2 == 0xf000);
    CHECK(jump.has(Instruction::ends_block));

    const Instruction shift = decoded(CpuModel::Max, false, {0x26, 0x66, 0xd1, 0x63, 0xfe});
    CHECK(row_of(shift).op == Op::Shl);
    CHECK(shift.operand_width == 4);
    CHECK(shift.immediate == 1);
    CHECK(shift.segment == static_cast<u8>(Segment::Es));
    CHECK(shift.displacement == 0xfffffffe);
    CHECK(shift.base == 5);
    CHECK(shift.index == 7);
}

TEST_CASE("each model knows its own opcodes") {
    CHECK(operation(CpuModel::I8086, {0x0f}) == Op::PopSeg);
    CHECK(operation(CpuModel::I8086, {0x64, 0x00}) == Op::Jcc);
    CHECK(operation(CpuModel::I8086, {0xc1}) == Op::RetNear);
    CHECK(operation(CpuModel::I8086, {0xff, 0xf8}) == Op::Push);
    CHECK(operation(CpuModel::I8086, {0xf1, 0x90}) == Op::Nop);
    CHECK(operation(CpuModel::I286, {0x66, 0x90}) == Op::Invalid);
    CHECK(operation(CpuModel::I286, {0x0f, 0x05}) == Op::Loadall286);
    CHECK(operation(CpuModel::I386, {0x0f, 0x05}) == Op::Invalid);
    CHECK(operation(CpuModel::I386, {0x0f, 0x24, 0xc0}) == Op::MovFromTr);
    CHECK(operation(CpuModel::Pentium, {0x0f, 0x24, 0xc0}) == Op::Invalid);
    CHECK(operation(CpuModel::I386, {0x0f, 0xc8}) == Op::Invalid);
    CHECK(operation(CpuModel::I486, {0x0f, 0xc8}) == Op::Bswap);
    CHECK(operation(CpuModel::I386, {0xf1}) == Op::Icebp);
    CHECK(operation(CpuModel::Pentium, {0xf3, 0x0f, 0xb8, 0xc0}) == Op::Invalid);
    CHECK(operation(CpuModel::Max, {0xf3, 0x0f, 0xb8, 0xc0}) == Op::Popcnt);
    CHECK(operation(CpuModel::Max, {0xf3, 0x90}) == Op::Pause);
    CHECK(operation(CpuModel::Pentium, {0xf3, 0x90}) == Op::Nop);
}

TEST_CASE("LOCK is checked from the 386 on") {
    CHECK(operation(CpuModel::I286, {0xf0, 0x90}) == Op::Nop);
    CHECK(operation(CpuModel::I386, {0xf0, 0x90}) == Op::Invalid);
    CHECK(operation(CpuModel::I386, {0xf0, 0x01, 0x07}) == Op::Add);
    CHECK(operation(CpuModel::I386, {0xf0, 0x01, 0xc0}) == Op::Invalid);
    CHECK(operation(CpuModel::I386, {0xf0, 0x39, 0x07}) == Op::Invalid);
}

TEST_CASE("a decoder asks for a byte only if the instruction has it") {
    const std::vector<u8> bytes{0x66, 0x2e, 0x69, 0x86, 0x34, 0x12, 1, 2, 3, 4};
    const Decoder decoder{CpuModel::Max};
    Instruction instruction;
    for (std::size_t size = 0; size < bytes.size(); ++size)
        CHECK(decoder.decode(std::span{bytes}.first(size), false, instruction) == Decoder::Result::NeedsMore);
    CHECK(decoder.decode(bytes, false, instruction) == Decoder::Result::Done);
    CHECK(instruction.length == bytes.size());
}

TEST_CASE("an instruction longer than the model's limit is too long") {
    CHECK(decoded(CpuModel::I386, false, {0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x90}).length == 15);
    CHECK(decoded(CpuModel::I386, false, {0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x90})
              .has(Instruction::too_long));
    CHECK(decoded(CpuModel::I286, false, {0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x90}).has(Instruction::too_long));
}

TEST_CASE("coprocessor instructions are known to those who have them") {
    CHECK(operation(CpuModel::I286, {0xd9, 0xfe}) == Op::Esc);
    CHECK(operation(CpuModel::I386, {0xd9, 0xfe}) == Op::Fsin);
    CHECK(operation(CpuModel::I8086, {0xd9, 0xe8}) == Op::Fld1);
    CHECK(operation(CpuModel::I8086, {0xd9, 0x08}) == Op::Esc);
    CHECK(operation(CpuModel::I486, {0xd9, 0x08}) == Op::Invalid);
    CHECK(operation(CpuModel::I486, {0xda, 0xc1}) == Op::Invalid);
    CHECK(operation(CpuModel::Pentium2, {0xda, 0xc1}) == Op::Fcmovcc);
}

TEST_CASE("a prefix selects an operation only on processors that have it") {
    CHECK(operation(CpuModel::Pentium, {0x0f, 0xfc, 0xc1}) == Op::Invalid);
    CHECK(operation(CpuModel::Pentium2, {0x0f, 0xfc, 0xc1}) == Op::Paddb);
    CHECK(operation(CpuModel::Pentium4, {0x66, 0x0f, 0xfc, 0xc1}) == Op::Paddb);
    CHECK(operation(CpuModel::Pentium4, {0xf3, 0x0f, 0xfc, 0xc1}) == Op::Invalid);
    CHECK(operation(CpuModel::Pentium3, {0xf3, 0x0f, 0x58, 0xc1}) == Op::Addss);
    CHECK(operation(CpuModel::Pentium3, {0x66, 0x0f, 0x58, 0xc1}) == Op::Invalid);
    CHECK(operation(CpuModel::Max, {0x66, 0xf3, 0x0f, 0x58, 0xc1}) == Op::Addss);
    CHECK(operation(CpuModel::Max, {0xf2, 0x0f, 0x38, 0xf1, 0xc1}) == Op::Crc32);
    CHECK(operation(CpuModel::Max, {0x0f, 0x38, 0xf1, 0x07}) == Op::Movbe);
    CHECK(operation(CpuModel::Max, {0xf3, 0x0f, 0xa4, 0xc1, 0x03}) == Op::Shld);
}

TEST_CASE("control registers that do not exist are no operands") {
    CHECK(operation(CpuModel::I386, {0x0f, 0x20, 0xd0}) == Op::MovFromCr);
    CHECK(operation(CpuModel::I386, {0x0f, 0x20, 0xc8}) == Op::Invalid);
    CHECK(operation(CpuModel::I386, {0x0f, 0x22, 0xe0}) == Op::Invalid);
    CHECK(operation(CpuModel::Pentium, {0x0f, 0x22, 0xe0}) == Op::MovToCr);
    // mod is ignored
    CHECK(decoded(CpuModel::Pentium, true, {0x0f, 0x22, 0x05, 1, 2, 3, 4}).length == 3);
}
