// Memory accesses: segment, page, alignment, then the access itself on [r9 + r8]. Whatever is not plain leads to the handler.
#include "jit/baseline/translator.hpp"

namespace retrace::jit {

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

// r9 = where the window of this instruction lies, if it is not there already.
void Translator::load_window() {
    const i8 window = windows_.of[index_];
    if (window_in_r9_ != window) mov(r9, ptr[rsp + (first_window_slot + 8 * window)]);
    window_in_r9_ = window;
}

// Does the instruction, when emitted, use r9 for nothing else?
bool Translator::leaves_r9(const Instruction& i) const {
    if (i.has(Instruction::memory) && (windows_.of[index_] < 0 || i.operand_width == 1)) return false;
    switch (row_of(i).op) {
        case Op::Mov: case Op::Add: case Op::Sub: case Op::And: case Op::Or: case Op::Xor: case Op::Cmp: case Op::Test: case Op::Inc: case Op::Dec: case Op::Not: case Op::Neg:
            return true;
        case Op::Shl: case Op::Shr: case Op::Sar: case Op::Rol: case Op::Ror: case Op::Lea: case Op::Bswap: case Op::Nop: return !i.has(Instruction::memory) || row_of(i).op == Op::Lea;
        case Op::Push: case Op::Pop: return windows_.of[index_] >= 0;
        default: return false;
    }
}

Xbyak::RegExp Translator::operand(const Instruction& i, unsigned width, Touch touch, Slow& slow) {
    if (in_window()) {
        load_window();
        return r9 + Xbyak::Reg64(reg(i.base, 4).getIdx()) + static_cast<i32>(i.displacement);
    }
    offset_of(i);
    find(i.segment, width, touch, i.has(Instruction::address32), slow);
    return r9 + r8;
}

Xbyak::RegExp Translator::stack_operand(i32 delta, unsigned width, Touch touch, Slow& slow) {
    if (in_window()) {
        load_window();
        return r9 + r12 + delta;
    }
    stack_offset(delta);
    find(2, width, touch, mode_->stack32, slow);
    return r9 + r8;
}

// At the beginning: where the pages of the windows lie.
void Translator::open_windows(Label& bail) {
    for (std::size_t n = 0; n < windows_.all.size(); ++n) {
        const Window& window = windows_.all[n];
        lea(r8d, ptr[Xbyak::Reg64(reg(window.base, 4).getIdx()) + window.first]);
        mov(r9d, r8d);
        shr(r8d, page_shift);
        and_(r9d, page_mask);
        cmp(r9d, page_size - static_cast<u32>(window.end - window.first));
        ja(bail, T_NEAR);
        lea(r10d, ptr[r8 - 1]);
        cmp(r10d, 0xffffd);
        ja(bail, T_NEAR);
        mov(r9, ptr[r14 + r8 * 8 + window.touch().table]);
        test(r9, r9);
        jz(bail, T_NEAR);
        mov(ptr[rsp + (first_window_slot + 8 * static_cast<int>(n))], r9);
    }
}

// Before an access: the flags must survive in their home.
Translator::Slow& Translator::begin_memory(const Instruction& i) {
    if (!in_window()) {
        clobber();
        observe();
    }
    slow_.push_back(std::make_unique<Slow>());
    Slow& slow = *slow_.back();
    slow.instruction = &i;
    slow.index = index_;
    slow.place = place_[index_];
    slow.before = flags_;
    slow.unused = in_window();
    slow.noted = noted_;
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
    L(slow.entry);
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
