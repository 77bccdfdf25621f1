// Vectors of 8 and 16 bytes, where they come from and where they go.
//
// An MMX register is the significand of the x87 register of the same physical number; whatever touches one makes the stack's top
// 0 and all its registers occupied, and a write fills sign and exponent with ones (SDM volume 1, 9.5).
#pragma once

#include <array>
#include <bit>
#include <cstring>

#include "core/cpu/x87.hpp"

namespace retrace::simd {

template <unsigned n>
struct Vector {
    std::array<u8, n> bytes{};
    static constexpr unsigned size = n;
};
using Vector8 = Vector<8>;
using Vector16 = Vector<16>;

// A vector as numbers, the lowest first.
template <class T, unsigned n>
std::array<T, n / sizeof(T)> lanes(const Vector<n>& vector) {
    return std::bit_cast<std::array<T, n / sizeof(T)>>(vector);
}
template <class T, std::size_t count>
Vector<count * sizeof(T)> vector_of(const std::array<T, count>& numbers) {
    return std::bit_cast<Vector<count * sizeof(T)>>(numbers);
}

// ---- may it run? False: a fault is recorded.

[[nodiscard]] inline bool mmx_ready(Cpu& cpu) {
    if (cpu.state.cr0 & cr0::EM) [[unlikely]] return cpu.raise(vector::UD);
    return x87::ready(cpu);
}
[[nodiscard]] inline bool sse_ready(Cpu& cpu) {
    if ((cpu.state.cr0 & (cr0::EM | cr0::TS)) != 0 || (cpu.state.cr4 & cr4::OSFXSR) == 0) [[unlikely]]
        return cpu.raise((cpu.state.cr0 & cr0::EM) != 0 || (cpu.state.cr4 & cr4::OSFXSR) == 0 ? vector::UD : vector::NM);
    return true;
}
template <unsigned n>
[[nodiscard]] bool ready(Cpu& cpu) {
    return n == 8 ? mmx_ready(cpu) : sse_ready(cpu);
}

// From now on the x87 registers are MMX registers.
inline void enter_mmx(Cpu& cpu) {
    cpu.state.fpu.set_top(0);
    cpu.state.fpu.occupied = 0xff;
}

// ---- registers

template <unsigned n>
[[nodiscard]] Vector<n> get(const Cpu& cpu, unsigned index) {
    if constexpr (n == 8) return std::bit_cast<Vector8>(cpu.state.fpu.physical[index & 7].significand);
    else return std::bit_cast<Vector16>(cpu.state.sse.xmm[index & 7].words);
}
template <unsigned n>
void set(Cpu& cpu, unsigned index, const Vector<n>& value) {
    if constexpr (n == 8) cpu.state.fpu.physical[index & 7] = {std::bit_cast<u64>(value), 0xffff};
    else cpu.state.sse.xmm[index & 7].words = std::bit_cast<std::array<u64, 2>>(value);
}

// ---- memory

// Operands of 16 bytes must be aligned, save those of a few moves.
[[nodiscard]] inline bool check_alignment(Cpu& cpu, const Instruction& i, u32 offset) {
    if (((cpu.state.segment[i.segment].base + offset) & 15) != 0) [[unlikely]] return cpu.raise(vector::GP, 0);
    return true;
}

[[nodiscard]] inline bool read_unaligned(Cpu& cpu, const Instruction& i, Vector16& value) {
    const u32 offset = cpu.offset_of(i);
    const u8* const low = cpu.fast_read<u64>(i.segment, offset);
    const u8* const high = cpu.fast_read<u64>(i.segment, offset + 8);
    if (low != nullptr && high != nullptr && offset < 0xffff'fff0) [[likely]] {
        std::memcpy(value.bytes.data(), low, 8);
        std::memcpy(value.bytes.data() + 8, high, 8);
        return true;
    }
    return cpu.read_bytes(i.segment, offset, value.bytes, 1);
}
[[nodiscard]] inline bool read_memory(Cpu& cpu, const Instruction& i, Vector16& value) {
    return check_alignment(cpu, i, cpu.offset_of(i)) && read_unaligned(cpu, i, value);
}
[[nodiscard]] inline bool read_memory(Cpu& cpu, const Instruction& i, Vector8& value) {
    u64 word = 0;
    if (!cpu.read(i.segment, cpu.offset_of(i), word)) return false;
    value = std::bit_cast<Vector8>(word);
    return true;
}

[[nodiscard]] inline bool write_unaligned(Cpu& cpu, const Instruction& i, const Vector16& value) {
    const u32 offset = cpu.offset_of(i);
    u8* const low = cpu.fast_write<u64>(i.segment, offset);
    u8* const high = cpu.fast_write<u64>(i.segment, offset + 8);
    if (low != nullptr && high != nullptr && offset < 0xffff'fff0) [[likely]] {
        std::memcpy(low, value.bytes.data(), 8);
        std::memcpy(high, value.bytes.data() + 8, 8);
        return true;
    }
    return cpu.write_bytes(i.segment, offset, value.bytes, 1);
}
[[nodiscard]] inline bool write_memory(Cpu& cpu, const Instruction& i, const Vector16& value) {
    return check_alignment(cpu, i, cpu.offset_of(i)) && write_unaligned(cpu, i, value);
}
[[nodiscard]] inline bool write_memory(Cpu& cpu, const Instruction& i, const Vector8& value) {
    return cpu.write(i.segment, cpu.offset_of(i), std::bit_cast<u64>(value));
}

// The operand that ModRM.rm names.
template <unsigned n>
[[nodiscard, gnu::always_inline]] inline bool source(Cpu& cpu, const Instruction& i, Vector<n>& value) {
    if (i.has(Instruction::memory)) return read_memory(cpu, i, value);
    value = get<n>(cpu, i.rm);
    return true;
}

// The lowest T of an XMM register, or as much memory.
template <class T>
[[nodiscard, gnu::always_inline]] inline bool scalar_source(Cpu& cpu, const Instruction& i, T& value) {
    if (i.has(Instruction::memory)) return cpu.read(i.segment, cpu.offset_of(i), value);
    value = lanes<T>(get<16>(cpu, i.rm))[0];
    return true;
}

}  // namespace retrace::simd
