// Decimal adjustment. SDM volume 2; what is undefined there is in undefined_flags.hpp.
#include "core/semantics/whole/status.hpp"
#include "core/semantics/whole/whole.hpp"

namespace retrace::whole {

namespace {

constexpr unsigned al = 0, ah = 4;

void set_decimal_flags(Cpu& cpu, u8 value, bool carry, bool adjust) {
    set_status(cpu, after_logic(Word<u8>{value}));
    cpu.flags.set_cf_of(carry, false);
    cpu.flags.set_af(adjust);
}

}  // namespace

bool daa(Cpu& cpu, I) {
    auto& gpr = cpu.state.gpr;
    const u8 old = gpr.byte(al);
    const bool low = (old & 15) > 9 || cpu.flags.af(), high = old > 0x99 || cpu.flags.cf();
    gpr.set_byte(al, static_cast<u8>(old + (low ? 6 : 0) + (high ? 0x60 : 0)));
    set_decimal_flags(cpu, gpr.byte(al), high, low);
    return true;
}

bool das(Cpu& cpu, I) {
    auto& gpr = cpu.state.gpr;
    const u8 old = gpr.byte(al);
    const bool low = (old & 15) > 9 || cpu.flags.af(), high = old > 0x99 || cpu.flags.cf();
    const bool borrow = high || (low && old < 6);
    gpr.set_byte(al, static_cast<u8>(old - (low ? 6 : 0) - (high ? 0x60 : 0)));
    set_decimal_flags(cpu, gpr.byte(al), borrow, low);
    return true;
}

bool aaa(Cpu& cpu, I) {
    auto& gpr = cpu.state.gpr;
    const bool adjust = (gpr.byte(al) & 15) > 9 || cpu.flags.af();
    if (adjust) {
        if (cpu.at_least(CpuModel::I286)) {
            gpr.set_word(Eax, static_cast<u16>(gpr.word(Eax) + 0x106));
        } else {  // the 8086 adds to the halves apart
            gpr.set_byte(al, static_cast<u8>(gpr.byte(al) + 6));
            gpr.set_byte(ah, static_cast<u8>(gpr.byte(ah) + 1));
        }
    }
    gpr.set_byte(al, gpr.byte(al) & 15);
    set_decimal_flags(cpu, gpr.byte(al), adjust, adjust);
    return true;
}

bool aas(Cpu& cpu, I) {
    auto& gpr = cpu.state.gpr;
    const bool adjust = (gpr.byte(al) & 15) > 9 || cpu.flags.af();
    if (adjust) {
        if (cpu.at_least(CpuModel::I286)) {
            gpr.set_word(Eax, static_cast<u16>(gpr.word(Eax) - 0x106));
        } else {
            gpr.set_byte(al, static_cast<u8>(gpr.byte(al) - 6));
            gpr.set_byte(ah, static_cast<u8>(gpr.byte(ah) - 1));
        }
    }
    gpr.set_byte(al, gpr.byte(al) & 15);
    set_decimal_flags(cpu, gpr.byte(al), adjust, adjust);
    return true;
}

bool aam(Cpu& cpu, I i) {
    auto& gpr = cpu.state.gpr;
    const u32 base = i.immediate & 0xff, value = gpr.byte(al);
    if (base == 0) return cpu.raise(vector::DE);
    gpr.set_word(Eax, static_cast<u16>(value / base << 8 | value % base));
    set_decimal_flags(cpu, gpr.byte(al), false, false);
    return true;
}

bool aad(Cpu& cpu, I i) {
    auto& gpr = cpu.state.gpr;
    gpr.set_word(Eax, static_cast<u8>(gpr.byte(ah) * i.immediate + gpr.byte(al)));
    set_decimal_flags(cpu, gpr.byte(al), false, false);
    return true;
}

bool salc(Cpu& cpu, I) {
    cpu.state.gpr.set_byte(al, cpu.flags.cf() ? 0xff : 0);
    return true;
}

}  // namespace retrace::whole
