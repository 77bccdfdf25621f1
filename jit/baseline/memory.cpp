// Memory accesses: through the window of the context, where there is one and the operand's address is its linear address; else segment, page, alignment,
// then the access itself on [r9 + r8]. Whatever is not plain leads to the handler.
#include "jit/baseline/operand_forms.hpp"
#include "jit/baseline/translator.hpp"

namespace retrace::jit {

namespace {

// With an operand in memory.
bool takes_high_byte(const Instruction& i) {
    const auto& forms = row_of(i).operands;
    return high_byte(i.reg, i.operand_width) && (forms[0] == Form::Gb || forms[1] == Form::Gb);
}

}  // namespace

void Translator::offset_of(const Instruction& i) {
    const bool wide = i.has(Instruction::address32);
    if (i.base == no_register && i.index == no_register) {
        mov(r8d, i.displacement & i.address_mask());
        return;
    }
    Xbyak::RegExp where;
    const i32 displacement = static_cast<i32>(i.displacement);
    if (i.base != no_register) where = where + Xbyak::Reg64(reg(i.base, 4).getIdx());
    if (i.index != no_register) where = where + Xbyak::Reg64(reg(i.index, 4).getIdx()) * (1 << i.scale);
    if (i.index == no_register && displacement == 0) mov(r8d, reg(i.base, 4));
    else lea(r8d, ptr[where + displacement]);
    if (!wide) movzx(r8d, r8w);
}

void Translator::stack_offset(i32 delta) {
    if (delta == 0) mov(r8d, r12d);
    else lea(r8d, ptr[r12 + delta]);
    if (!mode_->stack32) movzx(r8d, r8w);
}

// `wide_offset`: r8d may be above FFFF.
void Translator::find(unsigned segment, unsigned width, Touch touch, bool wide_offset, Slow& slow) {
    SegmentClass kind = mode_->segment[segment];
    if (kind == SegmentClass::Real && wide_offset) kind = SegmentClass::General;
    const auto& access = cpu_.access[segment];
    if (kind == SegmentClass::General) {
        lea(r9, ptr[r8 + width]);
        cmp(r9, at_cpu(touch.write() ? &access.writable_end : &access.readable_end, 64));
        ja(slow.entry, T_NEAR);
    }
    if (kind != SegmentClass::Flat) add(r8d, at_cpu(&access.base, 32));
    mov(r9d, r8d);
    shr(r9d, page_shift);
    mov(r9, ptr[r14 + r9 * 8 + touch.table]);
    test(r9, r9);
    if (touch.write()) unless_beside_code(width, slow);
    else jz(slow.entry, T_NEAR);
    if (width == 1) return;
    auto misaligned = std::make_shared<Label>(), back = std::make_shared<Label>();
    test(r8b, std::bit_ceil(width) - 1);
    if (slow.aligned) {
        jnz(slow.entry, T_NEAR);
        return;
    }
    jnz(*misaligned, T_NEAR);
    L(*back);
    cold_.push_back([this, misaligned, back, width, kind, &access, &slow] {
        L(*misaligned);
        push(r10);
        mov(r10d, r8d);
        and_(r10d, page_mask);
        cmp(r10d, page_size - width);
        if (kind == SegmentClass::Real) {
            Label no;
            ja(no);
            mov(r10d, r8d);
            sub(r10d, at_cpu(&access.base, 32));
            cmp(r10d, 0x10000 - width);
            L(no);
        }
        pop(r10);
        jbe(*back, T_NEAR);
        jmp(slow.entry, T_NEAR);
    });
}

// Through a window the page does not matter, only the segment: its base is added, its end must not be crossed.
Xbyak::RegExp Translator::reach(unsigned segment, unsigned width, Touch touch, bool wide_offset, Slow& slow) {
    if (!mode_->windowed || (unshown_ >> index_ & 1) != 0 || takes_high_byte(guest_[index_])) {
        find(segment, width, touch, wide_offset, slow);
        return r9 + r8;
    }
    const SegmentClass kind = mode_->segment[segment];
    const auto& access = cpu_.access[segment];
    if (kind == SegmentClass::General || (kind == SegmentClass::Real && wide_offset)) {
        lea(r9, ptr[r8 + width]);
        cmp(r9, at_cpu(touch.write() ? &access.writable_end : &access.readable_end, 64));
        ja(slow.entry, T_NEAR);
    } else if (kind == SegmentClass::Real && width > 1) {
        cmp(r8d, 0x10000 - width);
        ja(slow.entry, T_NEAR);
    }
    if (kind != SegmentClass::Flat) add(r8d, at_cpu(&access.base, 32));
    return r8d;
}

// r9 = where the span of this instruction lies, if it is not there already.
void Translator::load_span() {
    const i8 span = spans_.of[index_];
    if (span_in_r9_ != span) mov(r9, ptr[rsp + (first_span_slot + 8 * span)]);
    span_in_r9_ = span;
}

// Does the instruction, when emitted, use r9 for nothing else?
bool Translator::leaves_r9(const Instruction& i) const {
    if (i.has(Instruction::memory) && (spans_.of[index_] < 0 || i.operand_width == 1)) return false;
    switch (row_of(i).op) {
        case Op::Mov: case Op::Add: case Op::Sub: case Op::And: case Op::Or: case Op::Xor: case Op::Cmp: case Op::Test: case Op::Inc: case Op::Dec: case Op::Not: case Op::Neg:
            return true;
        case Op::Shl: case Op::Shr: case Op::Sar: case Op::Rol: case Op::Ror: case Op::Lea: case Op::Bswap: case Op::Nop: return !i.has(Instruction::memory) || row_of(i).op == Op::Lea;
        case Op::Push: case Op::Pop: return spans_.of[index_] >= 0;
        default: return false;
    }
}

// Does each of its accesses use the window? Not where several stores would come one after the other, or where the way there changes a register.
bool Translator::can_go_through_window(const Instruction& i) const {
    const Op op = row_of(i).op;
    const auto flat = [&](unsigned segment) { return mode_->segment[segment] == SegmentClass::Flat; };
    const bool wide = i.has(Instruction::address32), stacked = mode_->stack32 && flat(stack);
    constexpr unsigned extra = 0;
    switch (op) {
        case Op::Lea: case Op::Nop: case Op::Pusha: case Op::Popa: case Op::PopSeg: case Op::MovToSeg: return false;
        case Op::Push: case Op::CallIndirect:
            if (!stacked) return false;
            break;
        case Op::Pop: case Op::PushSeg: case Op::CallNear: case Op::RetNear: case Op::Leave: return stacked;
        case Op::Movs: case Op::Cmps: return wide && flat(extra) && flat(i.segment);
        case Op::Stos: case Op::Scas: return wide && flat(extra);
        case Op::Lods: case Op::Xlat: return wide && flat(i.segment);
        default: break;
    }
    if (!i.has(Instruction::memory)) return op == Op::Push || op == Op::CallIndirect;
    return wide && flat(i.segment) && !(i.base == Esp && takes_high_byte(i));   // which no instruction with r12 can
}

// GS: and, where the operand has no register that would say so, the prefix of 32-bit addresses.
void Translator::site(const Xbyak::RegExp& at) {
    const int base = at.getBase().getBit(), index = at.getIndex().getBit();
    if (base == 64 || index == 64) return;
    sites_.add({static_cast<u32>(getSize()), 0, block_, static_cast<u8>(index_), 0});
    slow_.back()->last_site = sites_.count();
    db(0x65);
    if (base == 0 && index == 0) db(0x67);
}

void Translator::site(const Xbyak::Operand& operand) {
    if (operand.isMEM()) site(operand.getAddress().getRegExp());
}

Xbyak::RegExp Translator::operand(const Instruction& i, unsigned width, Touch touch, Slow& slow) {
    if (through_window()) {
        Xbyak::RegExp where{static_cast<std::size_t>(static_cast<i32>(i.displacement))};
        if (i.base != no_register) where = where + Xbyak::Reg32(reg(i.base, 4).getIdx());
        if (i.index != no_register) where = where + Xbyak::Reg32(reg(i.index, 4).getIdx()) * (1 << i.scale);
        return where;
    }
    if (in_span()) {
        load_span();
        return r9 + Xbyak::Reg64(reg(i.base, 4).getIdx()) + static_cast<i32>(i.displacement);
    }
    offset_of(i);
    return reach(i.segment, width, touch, i.has(Instruction::address32), slow);
}

Xbyak::RegExp Translator::stack_operand(i32 delta, unsigned width, Touch touch, Slow& slow) {
    if (through_window()) return r12d + delta;
    if (in_span()) {
        load_span();
        return r9 + r12 + delta;
    }
    stack_offset(delta);
    return reach(stack, width, touch, mode_->stack32, slow);
}

// At the beginning: where the pages of the spans lie.
void Translator::open_spans(Label& bail) {
    for (std::size_t n = 0; n < spans_.all.size(); ++n) {
        const Span& span = spans_.all[n];
        lea(r8d, ptr[Xbyak::Reg64(reg(span.base, 4).getIdx()) + span.first]);
        mov(r9d, r8d);
        shr(r8d, page_shift);
        and_(r9d, page_mask);
        cmp(r9d, page_size - static_cast<u32>(span.end - span.first));
        ja(bail, T_NEAR);
        lea(r10d, ptr[r8 - 1]);
        cmp(r10d, 0xffffd);
        ja(bail, T_NEAR);
        mov(r9, ptr[r14 + r8 * 8 + span.touch().table]);
        test(r9, r9);
        jz(bail, T_NEAR);
        mov(ptr[rsp + (first_span_slot + 8 * static_cast<int>(n))], r9);
    }
}

// Before an access: the flags must survive in their home, or in RFLAGS if nothing but the access is emitted.
Translator::Slow& Translator::begin_memory(const Instruction& i, bool clobbers) {
    if (!in_span()) {
        if (clobbers || !through_window()) clobber();
        observe();
    }
    slow_.push_back(std::make_unique<Slow>());
    Slow& slow = *slow_.back();
    slow.instruction = &i;
    slow.index = index_;
    slow.place = place_[index_];
    slow.before = flags_;
    slow.unused = in_span();
    slow.noted = noted_;
    slow.first_site = slow.last_site = sites_.count();
    return slow;
}

void Translator::finish_memory(Slow& slow) {
    L(slow.rejoin);
    slow.after = flags_;
    slow.flags_wanted = live_after();
    slow.resident = resident_;
}

void Translator::emit_slow(Slow& slow) {
    using Home = FlagState::Home;
    if (slow.unused) return;
    const bool recipe_after = slow.after.home == Home::Recipe || slow.after.home == Home::Carried;
    for (std::size_t n = slow.first_site; n < slow.last_site; ++n) sites_[n].other_way = static_cast<u32>(getSize());
    L(slow.entry);
    if (slow.before.home == Home::Nowhere && slow.before.valid) {
        pushfq();
        pop(r11);
    }
    if (slow.before.home == Home::Recipe) mov(r11d, recipes_.form_of(slow.before.recipe));
    // What the way without detour puts into slots, because the instruction changes a register.
    if (!slow.ends && recipe_after && slow.after.recipe.registers() != slow.before.recipe.registers() && slow.after.recipe.kind == slow.before.recipe.kind)
        static_cast<void>(captured(slow.before.recipe));
    before_slow_call(slow);
    mov(r8, reinterpret_cast<u64>(&block_->instructions[slow.place]));
    mov(r9d, count_ - slow.index);
    mov(r10d, block_->eip);
    if (slow.ends) {
        call(stub_near_);
        mov(r9d, block_->mode);
        jmp(stub_jump_, T_NEAR);
        return;
    }
    call(stub_call_);
    if (slow.leaves) {
        const Instruction& i = *slow.instruction;
        add(r15, count_ - slow.index - 1);
        exit_to(block_->eip + i.offset + i.length);
        return;
    }
    if (slow.jumps) {
        const Instruction& i = *slow.instruction;
        add(r15, count_ - slow.index - 1);
        mov(at_cpu(&cpu_.state.eip, 32), block_->eip + i.offset + i.length);
        mov(r9d, block_->mode);
        jmp(stub_jump_, T_NEAR);
        return;
    }
    after_slow_call(slow);
    if (slow.flags_wanted) {
        if (slow.after.home == Home::Packed || slow.after.home == Home::Carried || (slow.after.valid && slow.after.home != Home::Recipe)) call(stub_pack_);
        if (slow.after.home == Home::Carried) {
            and_(r11d, flag::CF);
            or_(r11d, recipes_.form_of(slow.after.recipe));
        } else if (slow.after.valid) {
            if (slow.after.home == Home::Recipe) cook(slow.after.recipe);
            else restore();
        }
    }
    jmp(slow.rejoin, T_NEAR);
}

// ESP += adjust, wherever the stack is. Destroys r10 for 16-bit stacks.
void Translator::set_esp(u32 adjust) {
    if (mode_->stack32) {
        lea(r12d, ptr[r12 + static_cast<i32>(adjust)]);
    } else {
        lea(r10d, ptr[r12 + static_cast<i32>(adjust)]);
        mov(r12w, r10w);
    }
}

}  // namespace retrace::jit
