#include "core/isa/disassembler.hpp"

#include <fmt/format.h>

#include <string_view>

#include "core/isa/rows.hpp"

namespace retrace {
namespace {

constexpr std::array<const char*, 8> names8{"al", "cl", "dl", "bl", "ah", "ch", "dh", "bh"};
constexpr std::array<const char*, 8> names16{"ax", "cx", "dx", "bx", "sp", "bp", "si", "di"};
constexpr std::array<const char*, 8> names32{"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};
constexpr std::array<const char*, 8> segments{"es", "cs", "ss", "ds", "fs", "gs", "?6", "?7"};
constexpr std::array<const char*, 16> conditions{"o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g"};

constexpr std::array<const char*, 8> predicates{"eq", "lt", "le", "unord", "neq", "nlt", "nle", "ord"};  // of CMPPS and its kin

std::string number(u32 value) { return value < 10 ? fmt::format("{}", value) : fmt::format("{:#x}", value); }

std::string signed_number(i32 value) {
    return value < 0 ? "-" + number(0u - static_cast<u32>(value)) : number(static_cast<u32>(value));
}

class Writer {
public:
    Writer(const Instruction& instruction, u32 eip) : instruction_{instruction}, row_{row_of(instruction)}, eip_{eip} {}

    std::string text() const {
        std::string text = prefix() + mnemonic();
        bool first = true;
        const bool decimal = row_.op == Op::Aam || row_.op == Op::Aad;  // whose base ten is not written
        for (const Form form : row_.operands) {
            if (form == Form::None || form == Form::Xmm0 || (decimal && instruction_.immediate == 10)) continue;
            if (form == Form::Ib && compares_floats() && instruction_.immediate < predicates.size()) continue;
            text += first ? " " : ", ";
            text += operand(form);
            first = false;
        }
        return text;
    }

private:
    [[nodiscard]] bool wide() const { return width() == 4; }

    // Of v operands; `operand_width` is 1 in byte forms.
    [[nodiscard]] unsigned width() const {
        const bool narrowed = instruction_.has(Instruction::operand_override) && row_.prefix != 0x66;
        return instruction_.has(Instruction::code32) != narrowed ? 4 : 2;
    }

    [[nodiscard]] std::string prefix() const {
        std::string text;
        if (instruction_.has(Instruction::lock)) text += "lock ";
        if (!(row_.kind & kind::string)) return text;
        const bool compares = (row_.kind & kind::compares) != 0;
        if (instruction_.has(Instruction::rep)) text += compares ? "repe " : "rep ";
        if (instruction_.has(Instruction::repne)) text += "repne ";
        return text;
    }

    [[nodiscard]] std::string mnemonic() const {
        std::string_view name = row_.mnemonic;
        if (const auto bar = name.find('|'); bar != name.npos) {
            const bool upper = row_.op == Op::Jcxz ? instruction_.has(Instruction::address32) : wide();
            name = upper ? name.substr(bar + 1) : name.substr(0, bar);
        }
        std::string text;
        if (compares_floats() && instruction_.immediate < predicates.size())
            return fmt::format("cmp{}{}", predicates[instruction_.immediate], name.substr(3));
        for (const char letter : name) letter == '*' ? text += conditions[instruction_.condition()] : text += letter;
        return text;
    }

    [[nodiscard]] bool compares_floats() const {
        return row_.op == Op::Cmpps || row_.op == Op::Cmppd || row_.op == Op::Cmpss || (row_.op == Op::Cmpsd && row_.prefix == 0xf2);
    }

    [[nodiscard]] std::string general(unsigned number, unsigned bytes) const {
        return bytes == 1 ? names8[number & 7] : bytes == 2 ? names16[number & 7] : names32[number & 7];
    }

    [[nodiscard]] std::string segment_prefix() const {
        return instruction_.has(Instruction::segment_override) ? fmt::format("{}:", segments[instruction_.segment & 7]) : "";
    }

    // The bracketed address, the segment before it.
    [[nodiscard]] std::string address() const {
        const bool address32 = instruction_.has(Instruction::address32);
        const auto& names = address32 ? names32 : names16;
        std::string inside;
        if (instruction_.base != no_register) inside = names[instruction_.base];
        if (instruction_.index != no_register) {
            if (!inside.empty()) inside += " + ";
            inside += names[instruction_.index];
            if (instruction_.scale) inside += fmt::format("*{}", 1 << instruction_.scale);
        }
        const u32 displacement = instruction_.displacement;
        if (inside.empty()) {
            inside = number(displacement & instruction_.address_mask());
        } else if (displacement) {
            const i32 value = address32 ? static_cast<i32>(displacement) : static_cast<i16>(displacement);
            inside += value < 0 ? " - " + number(0u - static_cast<u32>(value)) : " + " + number(static_cast<u32>(value));
        }
        return fmt::format("{}[{}]", segment_prefix(), inside);
    }

    [[nodiscard]] std::string memory(std::string_view size) const { return fmt::format("{} ptr {}", size, address()); }

    static std::string_view size_name(unsigned bytes) {
        switch (bytes) {
            case 1: return "byte";
            case 2: return "word";
            case 4: return "dword";
            case 8: return "qword";
            default: return "xmmword";
        }
    }

    // ModRM.rm: a general register of one size or memory of another.
    [[nodiscard]] std::string rm(unsigned register_bytes, unsigned memory_bytes) const {
        return instruction_.has(Instruction::memory) ? memory(size_name(memory_bytes)) : general(instruction_.rm, register_bytes);
    }

    [[nodiscard]] std::string vector_rm(const char* file, std::string_view size) const {
        return instruction_.has(Instruction::memory) ? memory(size) : fmt::format("{}{}", file, instruction_.rm);
    }

    [[nodiscard]] std::string string_operand(bool destination, unsigned bytes) const {
        const bool address32 = instruction_.has(Instruction::address32);
        const auto& names = address32 ? names32 : names16;
        if (destination) return fmt::format("{} ptr es:[{}]", size_name(bytes), names[7]);
        return fmt::format("{} ptr {}[{}]", size_name(bytes), segment_prefix(), names[6]);
    }

    [[nodiscard]] std::string target() const {
        const u32 offset = eip_ + instruction_.length + instruction_.immediate;
        return number(wide() ? offset : offset & 0xffff);
    }

    [[nodiscard]] std::string immediate(unsigned bytes) const {
        return number(bytes == 1 ? instruction_.immediate & 0xff : bytes == 2 ? instruction_.immediate & 0xffff : instruction_.immediate);
    }

    // Sign-extended bytes are written signed, but for logic.
    [[nodiscard]] std::string extended_immediate() const {
        if (row_.op == Op::And || row_.op == Op::Or || row_.op == Op::Xor) return immediate(width());
        return signed_number(static_cast<i32>(instruction_.immediate));
    }

    [[nodiscard]] std::string operand(Form form) const;

    const Instruction& instruction_;
    const Row& row_;
    u32 eip_;
};

std::string Writer::operand(Form form) const {
    using enum Form;
    const Instruction& i = instruction_;
    switch (form) {
        case None: return "";
        case Eb: return rm(1, 1);
        case Ew: return rm(2, 2);
        case Ed: case Ey: return rm(4, 4);
        case Ev: return rm(width(), width());
        case Ewv: return rm(width(), 2);
        case Edb: return rm(4, 1);
        case Edw: return rm(4, 2);
        case Gb: return general(i.reg, 1);
        case Gw: return general(i.reg, 2);
        case Gd: return general(i.reg, 4);
        case Gv: return general(i.reg, width());
        case Sw: return segments[i.reg & 7];
        case Cd: return fmt::format("cr{}", i.reg);
        case Dd: return fmt::format("dr{}", i.reg);
        case Td: return fmt::format("tr{}", i.reg);
        case Rd: return general(i.rm, 4);
        case Rv: return general(i.rm, width());
        case M: return address();
        case Mb: return memory("byte");
        case Mw: return memory("word");
        case Md: case M32f: return memory("dword");
        case Mq: case M64f: return memory("qword");
        case Mdq: return memory("xmmword");
        case Ma: return memory(wide() ? "qword" : "dword");
        case Mp: return memory(wide() ? "fword" : "dword");
        case Ms: case M28: case M108: case M512: return address();
        case M80f: return memory("xword");
        case M80b: return memory("tbyte");
        case Ib: return row_.op == Op::Enter ? number(i.immediate2) : immediate(1);
        case Ibs: return extended_immediate();
        case Iz: case Iv: return immediate(width());
        case Iw: return number(i.immediate);
        case One: return "1";
        case Jb: case Jz: return target();
        case Ap: return fmt::format("{}:{}", number(i.immediate2), number(i.immediate));
        case Ob: return memory("byte");
        case Ov: return memory(size_name(width()));
        case Zb: return general(i.rm, 1);
        case Zv: return general(i.rm, width());
        case Al: return "al";
        case Ax: return "ax";
        case Eax: return general(0, width());
        case Cl: return "cl";
        case Dx: return "dx";
        case Es: return "es";
        case Cs: return "cs";
        case Ss: return "ss";
        case Ds: return "ds";
        case Fs: return "fs";
        case Gs: return "gs";
        case Xb: return string_operand(false, 1);
        case Xv: return string_operand(false, width());
        case Yb: return string_operand(true, 1);
        case Yv: return string_operand(true, width());
        case St0: return "st(0)";
        case Sti: return fmt::format("st({})", i.rm);
        case Pq: case Pd: return fmt::format("mm{}", i.reg);
        case Qq: return vector_rm("mm", "qword");
        case Qd: return vector_rm("mm", "dword");
        case Nq: return fmt::format("mm{}", i.rm);
        case Vx: case Vq: case Vd: return fmt::format("xmm{}", i.reg);
        case Wx: return vector_rm("xmm", "xmmword");
        case Wq: return vector_rm("xmm", "qword");
        case Wd: return vector_rm("xmm", "dword");
        case Ww: return vector_rm("xmm", "word");
        case Ux: return fmt::format("xmm{}", i.rm);
        case Xmm0: return "xmm0";
    }
    return "";
}

}  // namespace

std::string disassemble(const Instruction& instruction, u32 eip) {
    if (instruction.has(Instruction::invalid) || instruction.has(Instruction::too_long)) return "(bad)";
    return Writer{instruction, eip}.text();
}

}  // namespace retrace
