// Every opcode, in 16- and 32-bit code, with random operands and prefixes, beside Capstone: the same text and the same length.
#include "core/isa/disassembler.hpp"

#include <capstone/capstone.h>
#include <catch2/catch.hpp>
#include <optional>
#include <algorithm>
#include <random>

#include "core/isa/decoder.hpp"
#include "core/isa/rows.hpp"

using namespace retrace;

namespace {

struct Reading {
    std::string text;
    unsigned length;
};

class Capstone {
public:
    explicit Capstone(bool code32) { REQUIRE(cs_open(CS_ARCH_X86, code32 ? CS_MODE_32 : CS_MODE_16, &handle_) == CS_ERR_OK); }
    ~Capstone() { cs_close(&handle_); }
    Capstone(const Capstone&) = delete;
    Capstone& operator=(const Capstone&) = delete;

    std::optional<Reading> read(std::span<const u8> bytes, u32 eip) {
        cs_insn* found = nullptr;
        const size_t count = cs_disasm(handle_, bytes.data(), bytes.size(), eip, 1, &found);
        if (count == 0) return std::nullopt;
        Reading reading{found->mnemonic, found->size};
        if (found->op_str[0]) reading.text += std::string{" "} + found->op_str;
        cs_free(found, count);
        return reading;
    }

private:
    csh handle_ = 0;
};

void cut(std::string& text, std::string_view what) {
    if (const auto at = text.find(what); at != text.npos) text.erase(at, what.size());
}

bool one_of(Op op, std::initializer_list<Op> list) { return std::find(list.begin(), list.end(), op) != list.end(); }

// It takes mandatory prefixes for widths in 16-bit code, and forgets them when other prefixes are there.
bool loses_mandatory_prefix(const Instruction& instruction, bool code32) {
    return row_of(instruction).prefix && (!code32 || !instruction.has(Instruction::address32) || instruction.has(Instruction::segment_override) ||
                                          instruction.has(Instruction::operand_override | Instruction::lock) != (row_of(instruction).prefix == 0x66));
}

// Where Capstone 4.0.2 is wrong or names what we do not: only the length is compared.
bool capstone_text_is_wrong(const Instruction& instruction, bool code32) {
    const Row& row = row_of(instruction);
    const bool address32 = instruction.has(Instruction::address32);
    if (loses_mandatory_prefix(instruction, code32)) return true;
    // CBW and CWD are swapped with CWDE and CDQ when CS.D and the address size differ or in 16-bit code.
    if (one_of(row.op, {Op::Cbw, Op::Cwd})) return true;
    // ENTER's operands are printed signed.
    if (row.op == Op::Enter) return true;
    // F3 before BSF and BSR is another instruction on newer processors; F2 before MOVSD and LOCK beside them are left out.
    if (one_of(row.op, {Op::Bsf, Op::Bsr}) && instruction.has(Instruction::rep)) return true;
    if ((row.op == Op::Movs && instruction.has(Instruction::repne)) || (instruction.has(Instruction::lock) && (instruction.has(Instruction::rep) || instruction.has(Instruction::repne))))
        return true;
    if (row.op == Op::Pause && instruction.has(Instruction::segment_override)) return true;
    // A segment register is loaded from a word, whatever the operand size.
    if (row.op == Op::MovToSeg) return true;
    // Targets of near branches are cut to 16 bits by the wrong prefix.
    if (row.kind & kind::ends_block && (has_form(row, Form::Jz) || has_form(row, Form::Jb)) &&
        (!code32 || address32 != code32 || instruction.has(Instruction::operand_override)))
        return true;
    // A bare 16- or 32-bit displacement is cut or sign-extended in code of the other size.
    if (instruction.has(Instruction::memory) && address32 != code32 && instruction.base == no_register && instruction.index == no_register) return true;
    // Wrong operand sizes: FNSTSW m16, FNSAVE, FRSTOR (dword), COMISS, COMISD (xmmword), PUNPCKL mm (qword), LSL (dword).
    if (one_of(row.op, {Op::Fnstsw, Op::Fnsave, Op::Frstor, Op::Comiss, Op::Comisd, Op::Punpcklbw, Op::Punpcklwd, Op::Punpckldq, Op::Lsl})) return true;
    // The many NOPs.
    if (row.op == Op::Nop && row.opcode > 0xff) return true;
    // Second encodings of x87 operations have names of its own.
    if ((row.opcode == 0xd9 || row.opcode == 0xdc || row.opcode == 0xdd || row.opcode == 0xde || row.opcode == 0xdf) && one_of(row.op, {Op::Fstp, Op::Fcom, Op::Fcomp, Op::Fxch}) &&
        !instruction.has(Instruction::memory))
        return true;
    return false;
}

// Instructions that it rejects although processors have them.
bool capstone_lacks(const Instruction& instruction, bool code32) {
    const Row& row = row_of(instruction);
    if (loses_mandatory_prefix(instruction, code32)) return true;
    if (row.op == Op::Nop && row.opcode > 0xff) return true;
    // LFENCE, MFENCE and SFENCE have any rm.
    return one_of(row.op, {Op::Lfence, Op::Mfence, Op::Sfence}) || row.op == Op::Salc;
}

struct Tally {
    unsigned compared = 0, texts = 0;
};

void compare(const Decoder& decoder, Capstone& capstone, std::span<const u8> bytes, bool code32, Tally& tally) {
    constexpr u32 eip = 0x1000;
    Instruction instruction;
    REQUIRE(decoder.decode(bytes, code32, instruction) == Decoder::Result::Done);
    // What we hold invalid Capstone often accepts: bad LOCKs and prefixes, newer and other makers' instructions.
    if (instruction.has(Instruction::invalid) || instruction.has(Instruction::too_long)) return;
    std::string dump;
    for (unsigned at = 0; at < instruction.length; ++at) dump += "0123456789abcdef"[bytes[at] >> 4], dump += "0123456789abcdef"[bytes[at] & 15];
    std::string ours = disassemble(instruction, eip);
    INFO((code32 ? "32 " : "16 ") << dump << "  " << ours);

    // It forgets 66 before F2 and F3.
    if (instruction.has(Instruction::operand_override) && (instruction.has(Instruction::rep) || instruction.has(Instruction::repne))) return;
    auto theirs = capstone.read(bytes, eip);
    if (!theirs) {
        if (!capstone_lacks(instruction, code32)) FAIL_CHECK("Capstone rejects it");
        return;
    }
    ++tally.compared;
    if (instruction.length != theirs->length) FAIL_CHECK("its length is " << theirs->length << ": " << theirs->text);
    if (capstone_text_is_wrong(instruction, code32)) return;
    ++tally.texts;
    // Hints of extensions that we do not have.
    for (const char* hint : {"bnd ", "xacquire ", "xrelease "}) cut(theirs->text, hint);
    // Far pointers in memory have a size here.
    if (has_form(row_of(instruction), Form::Mp)) {
        cut(ours, "dword ptr ");
        cut(ours, "fword ptr ");
        cut(theirs->text, "ptr ");
    }
    if (ours != theirs->text) FAIL_CHECK("Capstone: " << theirs->text);
}

}  // namespace

TEST_CASE("disassembly equals Capstone's for every opcode") {
    const Decoder decoder{CpuModel::Max};
    std::mt19937 dice{20020511};
    Tally tally;
    for (const bool code32 : {false, true}) {
        Capstone capstone{code32};
        for (unsigned map = 0; map < 4; ++map)
            for (unsigned opcode = 0; opcode < 256; ++opcode)
                for (const u8 mandatory : std::array<u8, 4>{0x00, 0x66, 0xf3, 0xf2})
                    // Every ModRM byte, then other prefixes in front.
                    for (unsigned round = 0; round < 256 + 16; ++round) {
                        static constexpr std::array<u8, 9> prefixes{0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x67, 0x67, 0xf0};
                        std::array<u8, 15> bytes;
                        for (u8& byte : bytes) byte = static_cast<u8>(dice());
                        unsigned at = 0;
                        if (round >= 256) bytes[at++] = prefixes[dice() % prefixes.size()];
                        if (mandatory) bytes[at++] = mandatory;
                        if (map) bytes[at++] = 0x0f;
                        if (map > 1) bytes[at++] = map == 2 ? 0x38 : 0x3a;
                        bytes[at++] = static_cast<u8>(opcode);
                        if (round < 256) bytes[at] = static_cast<u8>(round);
                        compare(decoder, capstone, bytes, code32, tally);
                    }
    }
    CHECK(tally.compared > 900'000);
    CHECK(tally.texts > 750'000);
}

TEST_CASE("each row is disassembled by its mnemonic") {
    const Decoder decoder{CpuModel::Max};
    std::array<u8, 15> bytes{0x0f, 0x00, 0xd8};
    Instruction instruction;
    REQUIRE(decoder.decode(bytes, true, instruction) == Decoder::Result::Done);
    CHECK(disassemble(instruction, 0) == "ltr ax");
    bytes = {0xf0, 0x90};
    REQUIRE(decoder.decode(bytes, true, instruction) == Decoder::Result::Done);
    CHECK(disassemble(instruction, 0) == "(bad)");
}
