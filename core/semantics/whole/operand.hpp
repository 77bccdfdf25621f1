// Operands of whole instructions: width known only at run time.
#pragma once

#include "core/cpu/cpu.hpp"

namespace retrace {

// Reads memory of 1, 2 or 4 bytes.
[[nodiscard]] inline bool read_memory(Cpu& cpu, unsigned segment, u32 offset, unsigned width, u32& value) {
    if (width == 4) return cpu.read<u32>(segment, offset, value);
    if (width == 2) {
        u16 word = 0;
        const bool ok = cpu.read<u16>(segment, offset, word);
        value = word;
        return ok;
    }
    u8 byte = 0;
    const bool ok = cpu.read<u8>(segment, offset, byte);
    value = byte;
    return ok;
}
[[nodiscard]] inline bool write_memory(Cpu& cpu, unsigned segment, u32 offset, unsigned width, u32 value) {
    if (width == 4) return cpu.write<u32>(segment, offset, value);
    if (width == 2) return cpu.write<u16>(segment, offset, static_cast<u16>(value));
    return cpu.write<u8>(segment, offset, static_cast<u8>(value));
}

inline u32 get_register(const Cpu& cpu, unsigned index, unsigned width) {
    if (width == 4) return cpu.state.gpr[index];
    return width == 2 ? cpu.state.gpr.word(index) : cpu.state.gpr.byte(index);
}
inline void set_register(Cpu& cpu, unsigned index, unsigned width, u32 value) {
    if (width == 4) cpu.state.gpr[index] = value;
    else if (width == 2) cpu.state.gpr.set_word(index, static_cast<u16>(value));
    else cpu.state.gpr.set_byte(index, static_cast<u8>(value));
}

// The ModRM operand, register or memory.
[[nodiscard]] inline bool read_rm(Cpu& cpu, const Instruction& i, unsigned width, u32& value) {
    if (i.has(Instruction::memory)) return read_memory(cpu, i.segment, cpu.offset_of(i), width, value);
    value = get_register(cpu, i.rm, width);
    return true;
}
[[nodiscard]] inline bool write_rm(Cpu& cpu, const Instruction& i, unsigned width, u32 value) {
    if (i.has(Instruction::memory)) return write_memory(cpu, i.segment, cpu.offset_of(i), width, value);
    set_register(cpu, i.rm, width, value);
    return true;
}

// A memory or register operand that is read, changed and written: after read() every check of the write is made.
class ModifiedOperand {
public:
    ModifiedOperand(Cpu& cpu, const Instruction& i, unsigned width) : cpu_{cpu}, i_{i}, width_{width} {}
    [[nodiscard]] bool read(u32& value) { return read_at(i_.has(Instruction::memory) ? cpu_.offset_of(i_) : 0, value); }
    [[nodiscard]] bool read_at(u32 offset, u32& value) {
        if (!i_.has(Instruction::memory)) {
            value = get_register(cpu_, i_.rm, width_);
            return true;
        }
        const auto loaded = cpu_.modify_slow(i_.segment, offset, width_);
        value = static_cast<u32>(loaded.value);
        return loaded.ok;
    }
    void write(u32 value) {
        if (i_.has(Instruction::memory)) cpu_.write_back_slow(value);
        else set_register(cpu_, i_.rm, width_, value);
    }

private:
    Cpu& cpu_;
    const Instruction& i_;
    unsigned width_;
};

// One push or pop on the current stack.
[[nodiscard]] inline bool push(Cpu& cpu, unsigned width, u32 value) {
    const u32 offset = (cpu.state.gpr[Esp] - width) & cpu.stack_mask();
    if (!write_memory(cpu, 2, offset, width, value)) return false;
    cpu.set_esp(offset);
    return true;
}
[[nodiscard]] inline bool pop(Cpu& cpu, unsigned width, u32& value) {
    if (!read_memory(cpu, 2, cpu.esp(), width, value)) return false;
    cpu.set_esp(cpu.state.gpr[Esp] + width);
    return true;
}

}  // namespace retrace
