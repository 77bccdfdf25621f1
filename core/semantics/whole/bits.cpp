// Bit tests and scans, double shifts, counts. SDM volume 2; what is undefined there is in undefined_flags.hpp.
#include <bit>

#include "core/semantics/undefined_flags.hpp"
#include "core/semantics/whole/operand.hpp"
#include "core/semantics/whole/status.hpp"
#include "core/semantics/whole/whole.hpp"

namespace retrace::whole {

namespace {

constexpr u8 with_immediate = 0xba;

// A register as bit index reaches beyond the operand in memory: signed, in units of the operand.
struct BitPlace {
    u32 offset;
    u32 mask;
};
BitPlace bit_place(const Cpu& cpu, I i) {
    const unsigned bits = i.operand_width * 8u;
    const u32 index = i.opcode == with_immediate ? i.immediate : cpu.state.gpr[i.reg];
    u32 offset = i.has(Instruction::memory) ? cpu.offset_of(i) : 0;
    if (i.opcode != with_immediate) {
        const i32 whole = bits == 32 ? static_cast<i32>(index) : static_cast<i16>(index);
        offset = (offset + static_cast<u32>(whole >> (bits == 32 ? 5 : 4)) * i.operand_width) & i.address_mask();
    }
    return {offset, u32{1} << (index & (bits - 1))};
}

template <class F>
bool change_bit(Cpu& cpu, I i, F&& change) {
    const BitPlace place = bit_place(cpu, i);
    ModifiedOperand operand{cpu, i, i.operand_width};
    u32 value = 0;
    if (!operand.read_at(place.offset, value)) return false;
    operand.write(change(value, place.mask));
    cpu.flags.set_cf((value & place.mask) != 0);
    return true;
}

void after_scan(Cpu& cpu, I i, bool found, u32 index) {
    by_width(i.operand_width, [&](auto word) {
        using W = decltype(word);
        set_status(cpu, after_logic(W{found ? index : 0}));
    });
    cpu.flags.set_zf(!found);
    if (found) set_register(cpu, i.reg, i.operand_width, index);
}

template <class F>
bool shift_double(Cpu& cpu, I i, F&& shifted) {
    const unsigned count = ((i.opcode & 1) ? cpu.state.gpr.byte(Ecx) : i.immediate) & 31;
    ModifiedOperand operand{cpu, i, i.operand_width};
    u32 value = 0;
    if (!operand.read(value)) return false;
    if (count == 0) return true;
    by_width(i.operand_width, [&](auto word) {
        using W = decltype(word);
        bool carry = false;
        const W before{value}, after{shifted(value, get_register(cpu, i.reg, i.operand_width), count, carry)};
        operand.write(after.value);
        set_status(cpu, after_shift(after, carry, undefined_flags::overflow_double(before, after)));
    });
    return true;
}

}  // namespace

bool bit_test(Cpu& cpu, I i) {
    const BitPlace place = bit_place(cpu, i);
    u32 value = 0;
    if (i.has(Instruction::memory)) {
        if (!read_memory(cpu, i.segment, place.offset, i.operand_width, value)) return false;
    } else {
        value = cpu.state.gpr[i.rm];
    }
    cpu.flags.set_cf((value & place.mask) != 0);
    return true;
}

bool bit_set(Cpu& cpu, I i) { return change_bit(cpu, i, [](u32 value, u32 mask) { return value | mask; }); }
bool bit_reset(Cpu& cpu, I i) { return change_bit(cpu, i, [](u32 value, u32 mask) { return value & ~mask; }); }
bool bit_complement(Cpu& cpu, I i) { return change_bit(cpu, i, [](u32 value, u32 mask) { return value ^ mask; }); }

bool bit_scan_forward(Cpu& cpu, I i) {
    u32 value = 0;
    if (!read_rm(cpu, i, i.operand_width, value)) return false;
    after_scan(cpu, i, value != 0, static_cast<u32>(std::countr_zero(value)));
    return true;
}

bool bit_scan_reverse(Cpu& cpu, I i) {
    u32 value = 0;
    if (!read_rm(cpu, i, i.operand_width, value)) return false;
    after_scan(cpu, i, value != 0, 31 - static_cast<u32>(std::countl_zero(value)));
    return true;
}

// A 16-bit operand shifted by more than 16 goes round: what P6 and later do.
bool shift_double_left(Cpu& cpu, I i) {
    return shift_double(cpu, i, [&](u32 value, u32 filler, unsigned count, bool& carry) -> u64 {
        if (i.operand_width == 4) {
            carry = (value >> (32 - count) & 1) != 0;
            return value << count | filler >> (32 - count);
        }
        const u64 whole = u64{value} << 32 | u64{filler} << 16 | value;
        carry = (whole >> (48 - count) & 1) != 0;
        return whole << count >> 32;
    });
}

bool shift_double_right(Cpu& cpu, I i) {
    return shift_double(cpu, i, [&](u32 value, u32 filler, unsigned count, bool& carry) -> u64 {
        const u64 whole = i.operand_width == 4 ? u64{filler} << 32 | value : u64{value} << 32 | u64{filler} << 16 | value;
        carry = (whole >> (count - 1) & 1) != 0;
        return whole >> count;
    });
}

bool popcnt(Cpu& cpu, I i) {
    u32 value = 0;
    if (!read_rm(cpu, i, i.operand_width, value)) return false;
    set_register(cpu, i.reg, i.operand_width, static_cast<u32>(std::popcount(value)));
    cpu.flags.load(value == 0 ? flag::ZF : 0);
    return true;
}

// The Castagnoli polynomial, bits reflected.
bool crc32(Cpu& cpu, I i) {
    const unsigned width = i.opcode == 0xf0 ? 1 : i.operand_width;
    u32 value = 0;
    if (!read_rm(cpu, i, width, value)) return false;
    u32 crc = cpu.state.gpr[i.reg] ^ value;
    for (unsigned step = 0; step < width * 8; ++step) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
    cpu.state.gpr[i.reg] = crc;
    return true;
}

}  // namespace retrace::whole
