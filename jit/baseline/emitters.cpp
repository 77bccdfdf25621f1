// One instruction each. Operands lie as prepare() left them: of two registers `rm` is the destination and `reg` the source.
#include "core/base/ensure.hpp"
#include "core/semantics/condition.hpp"
#include "jit/baseline/operand_forms.hpp"
#include "jit/baseline/translator.hpp"

namespace retrace::jit {

namespace {

using Home = FlagState::Home;
using Kind = Recipe::Kind;

}  // namespace

void Translator::alu(Op op, const Xbyak::Operand& to, const Xbyak::Operand& from) {
    site(to);
    site(from);
    switch (op) {
        case Op::Add: return add(to, from);
        case Op::Or: return or_(to, from);
        case Op::Adc: return adc(to, from);
        case Op::Sbb: return sbb(to, from);
        case Op::And: return and_(to, from);
        case Op::Sub: return sub(to, from);
        case Op::Xor: return xor_(to, from);
        case Op::Cmp: return cmp(to, from);
        case Op::Test: return to.isMEM() ? test(to, static_cast<const Reg&>(from)) : from.isMEM() ? test(from, static_cast<const Reg&>(to)) : test(to, static_cast<const Reg&>(from));
        case Op::Mov: return mov(to, from);
        default: ENSURE(false, "an operation of two operands");
    }
}

void Translator::alu(Op op, const Xbyak::Operand& to, u32 value, unsigned width) {
    if (width == 1) value &= 0xff;
    if (width == 2) value = op == Op::Test || op == Op::Mov ? value & 0xffff : static_cast<u32>(static_cast<i16>(value));
    site(to);
    switch (op) {
        case Op::Add: return add(to, value);
        case Op::Or: return or_(to, value);
        case Op::Adc: return adc(to, value);
        case Op::Sbb: return sbb(to, value);
        case Op::And: return and_(to, value);
        case Op::Sub: return sub(to, value);
        case Op::Xor: return xor_(to, value);
        case Op::Cmp: return cmp(to, value);
        case Op::Test: return test(to, value);
        case Op::Mov: return mov(to, value);
        default: ENSURE(false, "an operation of two operands");
    }
}

void Translator::two_operands(const Instruction& i, Op op) {
    const Row& row = row_of(i);
    const unsigned width = i.operand_width;
    const bool carries = op == Op::Adc || op == Op::Sbb, moves = op == Op::Mov, logic = op == Op::And || op == Op::Or || op == Op::Xor;
    if (!i.has(Instruction::memory)) {
        const Reg to = reg(i.rm, width);
        if (carries) need_flags(flag::CF);
        if (!reads_only(op)) touch(i.rm, width);
        if (has_immediate(row)) alu(op, to, i.immediate, width);
        else alu(op, to, reg(i.reg, width));
        if (moves) return;
        Recipe recipe{Kind::Test, static_cast<u8>(width), i.rm, i.rm, false, 0};
        if (!logic) {
            recipe.b = i.reg;
            recipe.immediate = has_immediate(row);
            recipe.value = i.immediate;
        }
        const bool plain = high_byte(i.rm, width) || (!recipe.immediate && (i.reg == i.rm || high_byte(i.reg, width)));
        switch (op) {
            case Op::Cmp: recipe.kind = Kind::Compare; break;
            case Op::Add: recipe.kind = Kind::Add; break;
            case Op::Sub: recipe.kind = Kind::Subtract; break;
            default: break;
        }
        const bool cookable = logic || op == Op::Test || op == Op::Cmp || ((op == Op::Add || op == Op::Sub) && !plain);
        flags_now(cookable ? recipe : Recipe{});
        return;
    }
    const bool to_register = first_is_register(row);
    if (carries) prepare_flags(flag::CF);
    Slow& slow = begin_memory(i);
    auto at = operand(i, width, moves && !to_register ? Touch::store() : Touch{!to_register && !reads_only(op)}, slow);
    if (carries) need_flags(flag::CF);
    if (in_span() && high_byte(i.reg, width)) {   // the register is about to be rotated, and may be the address's base
        lea(r9, ptr[at]);
        at = Xbyak::RegExp(r9);
    }
    const auto where = sized(at, width);
    if (seen_after_[index_] && !moves && !carries && !(logic && to_register) && (has_immediate(row) || !high_byte(i.reg, width))) {
        operate_and_keep(i, op, where);
        slow.jumps = !in_span();
        return finish_memory(slow);
    }
    if (has_immediate(row)) {
        alu(op, where, i.immediate, width);
    } else {
        if (to_register && !reads_only(op)) touch(i.reg, width);
        const bool high = high_byte(i.reg, width) && !through_window();
        const Reg whole = reg(i.reg & 3, 4);
        const Reg part = high ? reg(i.reg & 3, 1) : reg(i.reg, width);
        if (high) rorx(Xbyak::Reg32(whole.getIdx()), whole, 8);
        if (to_register) alu(op, part, where);
        else alu(op, where, part);
        if (high) rorx(Xbyak::Reg32(whole.getIdx()), whole, 24);
    }
    if (!moves) {
        if (logic && to_register && !high_byte(i.reg, width)) flags_now({Kind::Test, static_cast<u8>(width), i.reg, i.reg, false});
        else flags_now();
    }
    finish_memory(slow);
}

// With an operand in memory, which goes into a slot as well: it is what the flags, seen behind the block, are made of. (Where the handler did it
// instead there is nothing in the slot, and the rest of the block is left out: it goes on in another that begins behind.)
void Translator::operate_and_keep(const Instruction& i, Op op, const Xbyak::Address& where) {
    const Row& row = row_of(i);
    const unsigned width = i.operand_width;
    const bool to_register = first_is_register(row), logic = op == Op::And || op == Op::Or || op == Op::Xor;
    const Reg value = reg(10, width);
    const auto load = [&](u8 slot) {
        site(where);
        if (width == 1) movzx(r10d, where);
        else mov(value, where);
        mov(sized(rsp + (first_flag_slot + 4 * (slot - Recipe::slot_a)), width), value);
    };
    const auto apply = [&](const Xbyak::Operand& to) {
        if (has_immediate(row)) alu(op, to, i.immediate, width);
        else alu(op, to, reg(i.reg, width));
    };
    Recipe recipe{op == Op::Cmp ? Kind::Compare : op == Op::Add ? Kind::Add : op == Op::Sub ? Kind::Subtract : Kind::Test, static_cast<u8>(width), Recipe::slot_a, i.reg, has_immediate(row), i.immediate};
    if (to_register) {
        load(Recipe::slot_b);
        if (!reads_only(op)) touch(i.reg, width);
        alu(op, reg(i.reg, width), value);
        recipe.a = i.reg;
        recipe.b = Recipe::slot_b;
    } else if (reads_only(op)) {
        load(Recipe::slot_a);
        apply(value);
    } else {
        apply(where);
        load(Recipe::slot_a);
        if (logic) recipe.immediate = true, recipe.value = ~u32{0};
    }
    flags_now(recipe);
}

void Translator::one_operand(const Instruction& i, Op op) {
    const unsigned width = i.operand_width;
    const bool counts = op == Op::Inc || op == Op::Dec;
    const bool keeps_carry = counts && (live_after_[index_] & flag::CF);
    const auto apply = [&](const Xbyak::Operand& to) {
        site(to);
        switch (op) {
            case Op::Inc: return inc(to);
            case Op::Dec: return dec(to);
            case Op::Not: return not_(to);
            default: return neg(to);
        }
    };
    if (!i.has(Instruction::memory)) {
        if (keeps_carry) {
            need_flags(flag::CF);
            flags_.home = Home::Nowhere;
        }
        touch(i.rm, width);
        apply(reg(i.rm, width));
        if (op == Op::Not) return;
        const Kind kind = op == Op::Inc ? Kind::Increment : op == Op::Dec ? Kind::Decrement : high_byte(i.rm, width) ? Kind::None : Kind::Negate;
        return flags_now({kind, static_cast<u8>(width), i.rm});
    }
    if (keeps_carry) prepare_flags(flag::CF);
    Slow& slow = begin_memory(i);
    const auto at = operand(i, width, true, slow);
    if (keeps_carry) need_flags(flag::CF);
    apply(sized(at, width));
    if (op != Op::Not) flags_now();
    finish_memory(slow);
}

void Translator::shift(const Instruction& i, Op op) {
    const Row& row = row_of(i);
    const unsigned width = i.operand_width, count = i.immediate & 31;
    const bool variable = by_cl(row), through = op == Op::Rcl || op == Op::Rcr;
    if (variable && live_after()) return shift_by_count(i, op);
    if (!variable && count == 0) return;   // a register, unchanged
    u32 kept = live_after_[index_] & ~written(i);
    if (through) kept |= flag::CF;
    // CF alone can be had cheaply, but then what else is kept would be lost.
    const u32 wanted = kept == flag::CF && !(through && (live_after_[index_] & ~(flag::CF | flag::OF))) ? flag::CF : kept ? flag::status : 0;
    const auto by = [&](const Xbyak::Operand& to, unsigned n) {
        const int bits = static_cast<int>(n);
        site(to);
        switch (op) {
            case Op::Shl: return variable ? shl(to, cl) : shl(to, bits);
            case Op::Shr: return variable ? shr(to, cl) : shr(to, bits);
            case Op::Sar: return variable ? sar(to, cl) : sar(to, bits);
            case Op::Rol: return variable ? rol(to, cl) : rol(to, bits);
            case Op::Ror: return variable ? ror(to, cl) : ror(to, bits);
            case Op::Rcl: return rcl(to, 1);
            default: return rcr(to, 1);
        }
    };
    // OF is that of the last bit shifted alone; so where it may be seen it is.
    const auto apply = [&](const Xbyak::Operand& to) {
        const bool split = !variable && !through && op != Op::Sar && count > 1 && (live_after_[index_] & flag::OF);
        if (split) by(to, count - 1);
        by(to, split ? 1 : count);
    };
    if (!i.has(Instruction::memory)) {
        need_flags(wanted);
        touch(i.rm, width);
        apply(reg(i.rm, width));
        if (variable || op == Op::Rol || op == Op::Ror || through) return flags_now();
        return flags_now({op == Op::Shl ? Kind::Left : Kind::Right, static_cast<u8>(width), i.rm});
    }
    prepare_flags(wanted);
    Slow& slow = begin_memory(i);
    const auto at = operand(i, width, true, slow);
    need_flags(wanted);
    apply(sized(at, width));
    flags_now();
    finish_memory(slow);
}

// SF ZF PF are those of the low half, AF is clear.
void Translator::multiply(const Instruction& i, Op op) {
    const unsigned width = i.operand_width;
    const bool memory = i.has(Instruction::memory), immediate = op == Op::Imul2 && i.opcode != 0xaf;
    Slow* slow = nullptr;
    Xbyak::RegExp at;
    if (memory) {
        slow = &begin_memory(i);
        at = operand(i, width, false, *slow);
    }
    const auto source = [&]() -> std::unique_ptr<Xbyak::Operand> {
        if (memory) return std::make_unique<Xbyak::Address>(sized(at, width));
        return std::make_unique<Reg>(reg(i.rm, width));
    }();
    Reg low = reg(op == Op::Imul2 ? i.reg : u8{0}, width);
    if (op == Op::Imul2) {
        touch(i.reg, width);
        site(*source);
        if (immediate) imul(low, *source, width == 2 ? static_cast<int>(static_cast<i16>(i.immediate)) : static_cast<int>(i.immediate));
        else imul(low, *source);
    } else {
        touch(0, width);
        if (width > 1) touch(2, width);
        site(*source);
        if (op == Op::Mul) mul(*source);
        else imul(*source);
    }
    if (live_after() && read_before_[index_ + 1] == 0) {
        flags_ = {false, Home::Carried, {Kind::Multiply, static_cast<u8>(width), op == Op::Imul2 ? i.reg : u8{0}}};
        mov(r11d, recipes_.form_of(flags_.recipe));
        setc(r11b);
    } else if (live_after()) {
        setc(r10b);
        movzx(r10d, r10b);
        imul(r10d, r10d, flag::CF | flag::OF);
        test(low, low);
        pushfq();
        pop(r11);
        or_(r11d, r10d);
        flags_ = {false, Home::Packed, {}};
    } else {
        flags_ = {false, Home::Nowhere, {}};
    }
    if (slow) finish_memory(*slow);
}

// Quotients that do not surely fit are the handler's.
void Translator::divide(const Instruction& i, Op op) {
    const bool memory = i.has(Instruction::memory);
    const unsigned width = i.operand_width;
    Slow& slow = begin_memory(i, true);
    Reg divisor = reg(i.rm, width);
    if (memory) {
        const auto at = operand(i, width, false, slow);
        divisor = reg(10, width);
        site(at);
        if (width == 4) mov(r10d, dword[at]);
        else movzx(r10d, sized(at, width));
    }
    const Reg high = width == 1 ? reg(8, 1) : reg(Edx, width);
    if (op == Op::Div) {
        if (width == 1 && memory) {   // AH beside r10
            movzx(r8d, ax);
            shr(r8d, 8);
            cmp(r8b, divisor);
        } else {
            cmp(width == 1 ? Reg(ah) : high, divisor);
        }
        jae(slow.entry, T_NEAR);
    } else {
        const Reg scratch = reg(8, width);
        if (width == 4) mov(r8d, divisor);
        else movzx(r8d, divisor);
        add(scratch, 1);
        cmp(scratch, 1);
        jbe(slow.entry, T_NEAR);   // 0 and -1
        if (width == 1) {
            movsx(r8d, al);
            cmp(r8w, ax);
        } else {
            if (width == 2) movsx(r8d, ax);
            else mov(r8d, eax);
            sar(r8d, width == 2 ? 16 : 31);
            cmp(scratch, high);
        }
        jne(slow.entry, T_NEAR);
    }
    touch(Eax, std::max(width, 2u));
    if (width != 1) touch(Edx, width);
    if (op == Op::Div) div(divisor);
    else idiv(divisor);
    flags_.valid = false;
    finish_memory(slow);
}

void Translator::extend(const Instruction& i, bool sign) {
    const unsigned from = row_of(i).operands[1] == Form::Eb ? 1 : 2, width = i.operand_width;
    const Reg to = reg(i.reg, width);
    const auto apply = [&](const Xbyak::Operand& source) {
        site(source);
        if (from == 2 && width == 2) mov(to, source);
        else if (sign) movsx(to, source);
        else movzx(to, source);
    };
    if (!i.has(Instruction::memory)) {
        touch(i.reg, width);
        apply(reg(i.rm, from));
        return;
    }
    Slow& slow = begin_memory(i);
    const auto at = operand(i, from, false, slow);
    touch(i.reg, width);
    apply(sized(at, from));
    finish_memory(slow);
}

void Translator::lea_register(const Instruction& i) {
    touch(i.reg, i.operand_width);
    if (i.operand_width == 4 && i.has(Instruction::address32) && i.base != no_register) {
        Xbyak::RegExp where = Xbyak::RegExp(Xbyak::Reg64(reg(i.base, 4).getIdx())) + static_cast<i32>(i.displacement);
        if (i.index != no_register) where = where + Xbyak::Reg64(reg(i.index, 4).getIdx()) * (1 << i.scale);
        lea(Xbyak::Reg32(reg(i.reg, 4).getIdx()), ptr[where]);
        return;
    }
    offset_of(i);
    mov(reg(i.reg, i.operand_width), reg(8, i.operand_width));
}

void Translator::move_conditional(const Instruction& i) {
    const unsigned width = i.operand_width, condition = i.condition();
    const auto apply = [&](const Reg& source) {
        need_flags(condition_flags(condition));
        touch(i.reg, width);
        const Reg to = reg(i.reg, width);
        switch (condition) {
            case 0: return cmovo(to, source);
            case 1: return cmovno(to, source);
            case 2: return cmovb(to, source);
            case 3: return cmovae(to, source);
            case 4: return cmove(to, source);
            case 5: return cmovne(to, source);
            case 6: return cmovbe(to, source);
            case 7: return cmova(to, source);
            case 8: return cmovs(to, source);
            case 9: return cmovns(to, source);
            case 10: return cmovp(to, source);
            case 11: return cmovnp(to, source);
            case 12: return cmovl(to, source);
            case 13: return cmovge(to, source);
            case 14: return cmovle(to, source);
            default: return cmovg(to, source);
        }
    };
    if (!i.has(Instruction::memory)) return apply(reg(i.rm, width));
    prepare_flags(condition_flags(condition));
    Slow& slow = begin_memory(i);
    const auto at = operand(i, width, false, slow);
    site(at);
    mov(reg(9, width), sized(at, width));
    apply(reg(9, width));
    finish_memory(slow);
}

void Translator::set_conditional(const Instruction& i) {
    const u32 wanted = condition_flags(i.condition());
    const auto apply = [&](const Xbyak::Operand& to) {
        site(to);
        switch (i.condition()) {
            case 0: return seto(to);
            case 1: return setno(to);
            case 2: return setb(to);
            case 3: return setae(to);
            case 4: return sete(to);
            case 5: return setne(to);
            case 6: return setbe(to);
            case 7: return seta(to);
            case 8: return sets(to);
            case 9: return setns(to);
            case 10: return setp(to);
            case 11: return setnp(to);
            case 12: return setl(to);
            case 13: return setge(to);
            case 14: return setle(to);
            default: return setg(to);
        }
    };
    if (!i.has(Instruction::memory)) {
        need_flags(wanted);
        touch(i.rm, 1);
        return apply(reg(i.rm, 1));
    }
    prepare_flags(wanted);
    Slow& slow = begin_memory(i);
    const auto at = operand(i, 1, Touch::store(), slow);
    need_flags(wanted);
    apply(sized(at, 1));
    finish_memory(slow);
}

void Translator::exchange(const Instruction& i) {
    const unsigned width = i.operand_width;
    if (!i.has(Instruction::memory)) {
        touch(i.rm, width);
        touch(i.reg, width);
        if (i.rm != i.reg) xchg(reg(i.rm, width), reg(i.reg, width));
        return;
    }
    Slow& slow = begin_memory(i);
    const auto at = operand(i, width, true, slow);
    touch(i.reg, width);
    const auto where = sized(at, width);
    site(at);
    mov(reg(10, width), where);
    site(at);
    mov(where, reg(i.reg, width));
    mov(reg(i.reg, width), reg(10, width));
    finish_memory(slow);
}

void Translator::push_value(const Instruction& i) {
    const unsigned width = i.operand_width;
    const bool immediate = i.opcode == 0x68 || i.opcode == 0x6a;
    Slow& slow = begin_memory(i);
    if (i.has(Instruction::memory)) {
        const auto at = operand(i, width, false, slow);
        site(at);
        mov(reg(10, width), sized(at, width));
    }
    const auto where = sized(stack_operand(-static_cast<i32>(width), width, true, slow), width);
    if (immediate) alu(Op::Mov, where, i.immediate, width);
    else alu(Op::Mov, where, i.has(Instruction::memory) ? reg(10, width) : reg(i.rm, width));
    touch_stack_pointer(-static_cast<i32>(width));
    set_esp(0u - width);
    finish_memory(slow);
}

void Translator::pop_value(const Instruction& i) {
    const unsigned width = i.operand_width;
    Slow& slow = begin_memory(i);
    const auto at = stack_operand(0, width, false, slow);
    touch(i.rm, i.rm == Esp ? 4 : width);
    if (i.rm != Esp) touch_stack_pointer(static_cast<i32>(width));   // last: what is captured before is of the old one
    site(at);
    if (i.rm == Esp) {
        mov(reg(8, width), sized(at, width));
        set_esp(width);
        mov(reg(Esp, width), reg(8, width));
    } else {
        mov(reg(i.rm, width), sized(at, width));
        set_esp(width);
    }
    finish_memory(slow);
}

void Translator::leave_frame(const Instruction& i) {
    Slow& slow = begin_memory(i);
    if (in_span()) {
        touch(Ebp, 4);
        touch(Esp, 4);
        load_span();
        lea(r12d, ptr[rbp + 4]);
        mov(ebp, dword[r9 + rbp]);
    } else if (through_window()) {
        touch(Ebp, 4);
        touch(Esp, 4);
        lea(r10d, ptr[rbp + 4]);
        site(Xbyak::RegExp(ebp));
        mov(ebp, dword[ebp]);
        mov(r12d, r10d);
    } else {
        mov(r8d, ebp);
        lea(r10d, ptr[rbp + 4]);
        find(stack, 4, false, true, slow);
        touch(Ebp, 4);
        touch(Esp, 4);
        mov(ebp, dword[r9 + r8]);
        mov(r12d, r10d);
    }
    finish_memory(slow);
}

void Translator::emit(const Instruction& i) {
    const Op op = row_of(i).op;
    if (plan_[index_] == Plan::Call) return call_handler(i);
    switch (op) {
        case Op::Add: case Op::Or: case Op::Adc: case Op::Sbb: case Op::And: case Op::Sub: case Op::Xor: case Op::Cmp: case Op::Test: case Op::Mov:
            return two_operands(i, op);
        case Op::Xchg: return exchange(i);
        case Op::Inc: case Op::Dec: case Op::Not: case Op::Neg: return one_operand(i, op);
        case Op::Lea: return lea_register(i);
        case Op::Cmovcc: return move_conditional(i);
        case Op::Setcc: return set_conditional(i);
        case Op::Nop: case Op::Wait: case Op::Pause: case Op::Lfence: case Op::Mfence: case Op::Sfence: return;
        case Op::Cld: case Op::Std:
            clobber();
            if (op == Op::Cld) return and_(at_cpu(&cpu_.state.eflags, 32), ~flag::DF);
            return or_(at_cpu(&cpu_.state.eflags, 32), flag::DF);
        case Op::Cbw:
            touch(Eax, 4);
            return i.operand_width == 4 ? movsx(eax, ax) : movsx(ax, al);
        case Op::Cwd:
            touch(Edx, 4);
            return i.operand_width == 4 ? cdq() : cwd();
        case Op::Movzx: return extend(i, false);
        case Op::Movsx: return extend(i, true);
        case Op::Bswap:
            touch(i.rm, 4);
            return bswap(Xbyak::Reg32(reg(i.rm, 4).getIdx()));
        case Op::Shl: case Op::Shr: case Op::Sar: case Op::Rol: case Op::Ror: case Op::Rcl: case Op::Rcr: return shift(i, op);
        case Op::Mul: case Op::Imul: case Op::Imul2: return multiply(i, op);
        case Op::Div: case Op::Idiv: return divide(i, op);
        case Op::Clc: case Op::Stc: case Op::Cmc:
            if (!live_after()) return;
            need_flags(flag::status);
            if (op == Op::Clc) clc();
            else if (op == Op::Stc) stc();
            else cmc();
            return flags_now();
        case Op::Bt: case Op::Bts: case Op::Btr: case Op::Btc: return bit_operation(i, op);
        case Op::Bsf: case Op::Bsr: return scan(i, op);
        case Op::Shld: case Op::Shrd: return double_shift(i, op);
        case Op::Cmpxchg: case Op::Xadd: return exchange_and_operate(i, op);
        case Op::Lahf: return flags_to_ah();
        case Op::Sahf: return ah_to_flags();
        case Op::Movs: case Op::Stos: case Op::Lods: case Op::Scas: case Op::Cmps: return string_element(i, op);
        case Op::Xlat: return translate_byte(i);
        case Op::Pusha: return push_all(i);
        case Op::Popa: return pop_all(i);
        case Op::MovFromSeg: return segment_to_register(i);
        case Op::PushSeg: return push_segment(i);
        case Op::MovToSeg: case Op::PopSeg: return loads_base(i) ? load_base(i) : reload_segment(i);
        case Op::Push: return push_value(i);
        case Op::Pop: return pop_value(i);
        case Op::Leave: return leave_frame(i);
        default: return unit_instruction(i);
    }
}
}  // namespace retrace::jit
