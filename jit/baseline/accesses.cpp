// Instructions whose operands are implied: strings without a prefix, XLAT, PUSHA and POPA, segment registers where their class stays.
#include "jit/baseline/translator.hpp"
#include "jit/x64/residency.hpp"

namespace retrace::jit {

namespace {

constexpr unsigned extra = 0, stack = 2;

unsigned segment_of(const Instruction& i) {
    switch (row_of(i).op) {
        case Op::PushSeg: case Op::PopSeg: return i.opcode == 0xa0 || i.opcode == 0xa1 ? 4 : i.opcode == 0xa8 || i.opcode == 0xa9 ? 5 : i.opcode >> 3 & 3u;
        default: return i.reg;
    }
}

u32 reload(Cpu* cpu, u32 segment, u32 selector) { return cpu->reload_segment(segment, static_cast<u16>(selector)) ? 1 : 0; }

}  // namespace

// A selector that becomes a base: in real and V86 mode. SS brings an interrupt shadow, on the 8086 every one does, and CS is no business of these.
bool Translator::loads_base(const Instruction& i) const {
    const unsigned segment = segment_of(i);
    return mode_->real && cpu_.model() != CpuModel::I8086 && segment < 6 && segment != 1 && segment != stack && mode_->segment[segment] == SegmentClass::Real && !i.has(Instruction::memory);
}

void Translator::index_offset(unsigned index, bool wide) {
    if (wide) mov(r8d, reg(index, 4));
    else movzx(r8d, reg(index, 2));
}

// Behind an element. Leaves the flags alone; uses r10.
void Translator::advance(unsigned index, int distance, bool wide) {
    touch(static_cast<u8>(index), 4);
    const Reg whole = reg(index, 4);
    if (wide) {
        lea(Xbyak::Reg32(whole.getIdx()), ptr[Xbyak::Reg64(whole.getIdx()) + distance]);
    } else {
        lea(r10d, ptr[Xbyak::Reg64(whole.getIdx()) + distance]);
        mov(reg(index, 2), r10w);
    }
}

// MOVS, STOS, LODS, SCAS, CMPS, in the direction of now: the other is the handler's.
void Translator::string_element(const Instruction& i, Op op) {
    const unsigned width = (i.opcode & 1) == 0 ? 1 : i.operand_width;
    const bool wide = i.has(Instruction::address32), sources = op == Op::Movs || op == Op::Lods || op == Op::Cmps;
    Slow& slow = begin_memory(i, true);
    test(at_cpu(&cpu_.state.eflags, 32), flag::DF);
    const bool down = (cpu_.state.eflags & flag::DF) != 0;
    if (down) jz(slow.entry, T_NEAR);
    else jnz(slow.entry, T_NEAR);
    const int distance = down ? -static_cast<int>(width) : static_cast<int>(width);
    const auto element = [&](unsigned index, unsigned segment, bool write) -> Xbyak::RegExp {
        if (through_window()) return Xbyak::Reg32(reg(index, 4).getIdx());
        index_offset(index, wide);
        return reach(segment, width, write, wide, slow);
    };
    if (sources) {
        const auto at = element(Esi, i.segment, false);
        if (op == Op::Lods) touch(Eax, 4);
        site(at);
        mov(op == Op::Lods ? reg(Eax, width) : reg(10, width), sized(at, width));
    }
    if (op != Op::Lods) {
        const auto place = element(Edi, extra, op == Op::Movs || op == Op::Stos);
        const auto at = sized(place, width);
        site(place);
        switch (op) {
            case Op::Movs: mov(at, reg(10, width)); break;
            case Op::Stos: mov(at, reg(Eax, width)); break;
            case Op::Scas: cmp(reg(Eax, width), at); break;
            default: cmp(reg(10, width), at); break;
        }
    }
    if (op == Op::Scas || op == Op::Cmps) flags_now();
    if (sources) advance(Esi, distance, wide);
    if (op != Op::Lods) advance(Edi, distance, wide);
    finish_memory(slow);
}

void Translator::translate_byte(const Instruction& i) {
    Slow& slow = begin_memory(i);
    movzx(r8d, al);
    lea(r8d, ptr[r8 + rbx]);
    if (!i.has(Instruction::address32)) movzx(r8d, r8w);
    const auto at = through_window() ? Xbyak::RegExp(r8d) : reach(i.segment, 1, false, i.has(Instruction::address32), slow);
    touch(Eax, 1);
    site(at);
    mov(al, byte[at]);
    finish_memory(slow);
}

// All eight lie in one page, or the handler does it. EDI is lowest.
void Translator::push_all(const Instruction& i) {
    const unsigned width = i.operand_width;
    Slow& slow = begin_memory(i);
    stack_offset(-static_cast<i32>(8 * width));
    find(stack, 8 * width, true, mode_->stack32, slow);
    for (unsigned index = 0; index < 8; ++index) mov(sized(r9 + r8 + static_cast<int>((7 - index) * width), width), reg(index, width));
    touch_stack_pointer(-static_cast<i32>(8 * width));
    set_esp(0u - 8 * width);
    finish_memory(slow);
}

void Translator::pop_all(const Instruction& i) {
    const unsigned width = i.operand_width;
    Slow& slow = begin_memory(i);
    stack_offset(0);
    find(stack, 8 * width, false, mode_->stack32, slow);
    for (u8 index = 0; index < 8; ++index) {
        if (index == Esp) continue;
        touch(index, width);
        mov(reg(index, width), sized(r9 + r8 + static_cast<int>((7 - index) * width), width));
    }
    touch_stack_pointer(static_cast<i32>(8 * width));
    set_esp(8 * width);
    finish_memory(slow);
}

// ---- segment registers

void Translator::segment_to_register(const Instruction& i) {
    touch(i.rm, i.operand_width);
    const auto from = word[r13 + distance_of(&cpu_.state.segment[i.reg].selector)];
    if (i.operand_width == 4) movzx(Xbyak::Reg32(reg(i.rm, 4).getIdx()), from);
    else mov(reg(i.rm, 2), from);
}

// With 32-bit operands the stack moves by four bytes and two of them are accessed.
void Translator::push_segment(const Instruction& i) {
    const unsigned width = i.operand_width;
    Slow& slow = begin_memory(i);
    const auto at = stack_operand(-static_cast<i32>(width), 2, true, slow);
    movzx(r10d, word[r13 + distance_of(&cpu_.state.segment[segment_of(i)].selector)]);
    site(at);
    mov(word[at], r10w);
    touch_stack_pointer(-static_cast<i32>(width));
    set_esp(0u - width);
    finish_memory(slow);
}

void Translator::load_base(const Instruction& i) {
    const unsigned segment = segment_of(i);
    const SegmentRegister& s = cpu_.state.segment[segment];
    const bool pops = row_of(i).op == Op::PopSeg;
    Slow& slow = begin_memory(i);
    // Limit and attributes stay what they are, if they are what they are everywhere.
    if (cpu_.virtual_8086()) {
        cmp(word[r13 + distance_of(&s.attributes)], 0xf3);
        jne(slow.entry, T_NEAR);
    } else {
        test(byte[r13 + distance_of(&s.attributes)], 0x10);
        jz(slow.entry, T_NEAR);
    }
    if (pops) {
        stack_offset(0);
        find(stack, 2, false, mode_->stack32, slow);
        movzx(r8d, word[r9 + r8]);
        touch_stack_pointer(static_cast<i32>(i.operand_width));
        set_esp(i.operand_width);
    } else {
        movzx(r8d, reg(i.rm, 2));
    }
    settle_operand_segment(segment);
    mov(word[r13 + distance_of(&s.selector)], r8w);
    shl(r8d, 4);
    mov(at_cpu(&s.base, 32), r8d);
    mov(at_cpu(&cpu_.access[segment].base, 32), r8d);
    finish_memory(slow);
}

// In protected mode, if what the selector names is at hand and of the same shape; else the handler does it. Only the descriptor's bytes and the rights
// have to be looked at, for which nothing of the guest's has to leave its place.
bool Translator::reloads_segment(const Instruction& i) const {
    const Op op = row_of(i).op;
    if ((op != Op::MovToSeg && op != Op::PopSeg) || !use_reloads || mode_->real || !cpu_.at_least(CpuModel::I386)) return false;
    const unsigned segment = segment_of(i);
    return segment < 6 && segment != 1 && segment != stack && !i.has(Instruction::memory);
}

// r8d: the selector. r8d is 0 behind it if nothing has happened.
void Translator::make_segment_stubs() {
    const std::array<Xbyak::Reg64, 6> kept{rax, rcx, rdx, rsi, rdi, r11};
    for (u32 segment = 0; segment < stub_segment_.size(); ++segment) {
        stub_segment_[segment] = const_cast<u8*>(getCurr());
        spill_units();
        for (const auto& each : kept) push(each);
        sub(rsp, 8);
        mov(rdi, r13);
        mov(esi, segment);
        mov(edx, r8d);
        mov(rax, reinterpret_cast<u64>(&reload));
        call(rax);
        mov(r8d, eax);
        add(rsp, 8);
        for (auto each = kept.rbegin(); each != kept.rend(); ++each) pop(*each);
        ret();
    }
}

void Translator::reload_segment(const Instruction& i) {
    const unsigned segment = segment_of(i);
    const bool pops = row_of(i).op == Op::PopSeg;
    Slow& slow = begin_memory(i, true);
    if (pops) {
        stack_offset(0);
        find(stack, 2, false, mode_->stack32, slow);
        movzx(r8d, word[r9 + r8]);
    } else {
        movzx(r8d, reg(i.rm, 2));
    }
    settle_operand_segment(segment);
    call(stub_segment_[segment]);
    test(r8d, r8d);
    jz(slow.entry, T_NEAR);
    if (pops) {
        touch_stack_pointer(static_cast<i32>(i.operand_width));
        set_esp(i.operand_width);
    }
    span_in_r9_ = -1;
    resident_ &= ~unit::sse;
    finish_memory(slow);
    units_wanted_from(index_ + 1);
}

}  // namespace retrace::jit
