// Bit tests, scans, double shifts, shifts by CL, exchanges that compare or add, and AH as flags.
#include "jit/baseline/translator.hpp"

namespace retrace::jit {

namespace {

using Home = FlagState::Home;
using Kind = Recipe::Kind;
constexpr u8 with_immediate = 0xba;

}  // namespace

// BT, BTS, BTR, BTC: only CF changes. A register as index of a bit in memory is the handler's.
void Translator::bit_operation(const Instruction& i, Op op) {
    const unsigned width = i.operand_width;
    const u32 kept = live_after_[index_] & ~flag::CF ? flag::status : 0;
    const auto apply = [&](const Xbyak::Operand& to) {
        site(to);
        const auto each = [&](const auto& index) {
            switch (op) {
                case Op::Bt: return bt(to, index);
                case Op::Bts: return bts(to, index);
                case Op::Btr: return btr(to, index);
                default: return btc(to, index);
            }
        };
        if (i.opcode == with_immediate) each(static_cast<u8>(i.immediate & (width * 8 - 1)));
        else each(reg(i.reg, width));
    };
    if (!i.has(Instruction::memory)) {
        need_flags(kept);
        if (op != Op::Bt) touch(i.rm, width);
        apply(reg(i.rm, width));
        return flags_now();
    }
    prepare_flags(kept);
    Slow& slow = begin_memory(i);
    const auto at = operand(i, width, op != Op::Bt, slow);
    need_flags(kept);
    apply(sized(at, width));
    flags_now();
    finish_memory(slow);
}

// BSF, BSR of a register. Nobody reads another flag than ZF here.
void Translator::scan(const Instruction& i, Op op) {
    const unsigned width = i.operand_width;
    if (live_after()) {
        if (width == 2) movzx(r10d, reg(i.rm, 2));
        else mov(r10d, reg(i.rm, 4));
        mov(dword[rsp + first_flag_slot], r10d);
    }
    touch(i.reg, width);
    if (op == Op::Bsf) bsf(reg(i.reg, width), reg(i.rm, width));
    else bsr(reg(i.reg, width), reg(i.rm, width));
    flags_now({Kind::Scan, 4, Recipe::slot_a, 0, true, op == Op::Bsr});
    flags_.valid = false;
}

// SHLD, SHRD of 32-bit registers; by CL only where nobody looks at the flags.
void Translator::double_shift(const Instruction& i, Op op) {
    const bool variable = (i.opcode & 1) != 0;
    const u8 count = static_cast<u8>(i.immediate & 31);
    if (!variable && count == 0) return;
    const Reg to = reg(i.rm, 4), filler = reg(i.reg, 4);
    if (live_after()) mov(dword[rsp + (first_flag_slot + 4)], to);
    else clobber();
    touch(i.rm, 4);
    if (op == Op::Shld) variable ? shld(to, static_cast<const Xbyak::Reg32&>(filler), cl) : shld(to, static_cast<const Xbyak::Reg32&>(filler), count);
    else variable ? shrd(to, static_cast<const Xbyak::Reg32&>(filler), cl) : shrd(to, static_cast<const Xbyak::Reg32&>(filler), count);
    if (!live_after()) return flags_now();
    flags_ = {false, Home::Carried, {Kind::Double, 4, i.rm, Recipe::slot_b, false}};
    mov(r11d, recipes_.form_of(flags_.recipe));
    setc(r11b);
}

// SHL, SHR, SAR of a 32-bit register by CL, where the flags matter: by 0 they stay what they were.
void Translator::shift_by_count(const Instruction& i, Op op) {
    const Reg to = reg(i.rm, 4);
    Label done;
    flush_flags_for_anyone();
    touch(i.rm, 4);
    test(cl, 31);
    jz(done);
    if (op == Op::Shl) shl(to, cl);
    else if (op == Op::Shr) shr(to, cl);
    else sar(to, cl);
    mov(r11d, recipes_.form_of({op == Op::Shl ? Kind::Left : Kind::Right, 4, Recipe::slot_a}));
    setc(r11b);
    mov(dword[rsp + first_flag_slot], to);
    L(done);
    flags_ = {false, Home::Either, {}};
}

// CMPXCHG, XADD.
void Translator::exchange_and_operate(const Instruction& i, Op op) {
    const unsigned width = i.operand_width;
    const auto apply = [&](const Xbyak::Operand& to) {
        if (op == Op::Xadd) touch(i.reg, width);
        else touch(Eax, width);
        site(to);
        if (op == Op::Xadd) xadd(to, reg(i.reg, width));
        else cmpxchg(to, reg(i.reg, width));
        flags_now();
    };
    if (!i.has(Instruction::memory)) {
        touch(i.rm, width);
        return apply(reg(i.rm, width));
    }
    Slow& slow = begin_memory(i);
    apply(sized(operand(i, width, true, slow), width));
    finish_memory(slow);
}

void Translator::flags_to_ah() {
    need_flags(flag::status & ~flag::OF);
    touch(Eax, 4);
    lahf();
}

void Translator::ah_to_flags() {
    if (live_after_[index_] & flag::OF) need_flags(flag::status);
    sahf();
    flags_now();
}

}  // namespace retrace::jit
