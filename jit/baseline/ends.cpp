// How a block calls a handler, and how it ends: near branches, or a handler that decides what comes next.
#include "core/base/ensure.hpp"
#include "core/semantics/condition.hpp"
#include "jit/baseline/operand_forms.hpp"
#include "jit/baseline/translator.hpp"

namespace retrace::jit {

namespace {

using Home = FlagState::Home;
using Kind = Recipe::Kind;

}  // namespace

void Translator::handler_arguments() {
    mov(r8, reinterpret_cast<u64>(&block_->instructions[place_[index_]]));
    mov(r9d, count_ - index_);
    mov(r10d, block_->eip);
}

// Its handler goes on into those of the instructions that are called behind it.
void Translator::call_handler(const Instruction&) {
    flush_flags();
    before_call();
    handler_arguments();
    call(stub_call_);
    flags_ = {false, Home::Either, {}};
    units_after_call();
}

// Its handler decides what comes next, and in which mode.
void Translator::transfer() {
    handler_arguments();
    call(stub_transfer_);
    mov(r14, at_cpu(&cpu_.mmu.read_table, 64));
    mov(r9, ptr[rsp]);
    mov(r9d, dword[r9 + offsetof(Frame, mode)]);
    jmp(stub_jump_, T_NEAR);
}

// Its handler is called unless the comparison before came out as zero. The flags are in r11d.
void Translator::transfer_unless_zero() {
    auto called = std::make_shared<Label>();
    jnz(*called, T_NEAR);
    cold_.push_back([this, called, index = index_] {
        index_ = index;
        L(*called);
        transfer();
    });
}

void Translator::call_handler_and_end(const Instruction&) {
    flush_flags();
    transfer();
}

// Instructions that end a block, because somebody else may run next, but after which most often the next one does.
bool Translator::call_and_go_on(const Instruction& i) {
    switch (row_of(i).op) {
        case Op::Movs: case Op::Stos: case Op::Lods: case Op::Cmps: case Op::Scas: case Op::Ins: case Op::Outs: case Op::In: case Op::Out:
        case Op::Cli: case Op::Sti: case Op::Pushf: break;
        default: return false;
    }
    if (i.has(Instruction::invalid | Instruction::too_long)) return false;
    flush_flags();
    handler_arguments();
    call(stub_last_);
    resident_ = 0;
    flags_ = {false, Home::Either, {}};
    edge(block_->eip + i.offset + i.length, -1);
    return true;
}

// The last instruction of a block, if it is a near branch. False: it must be called.
bool Translator::emit_end(const Instruction& i) {
    if (emit_nothing || i.has(Instruction::invalid | Instruction::too_long)) return false;
    const Op op = row_of(i).op;
    const unsigned width = i.operand_width;
    const u32 next = block_->eip + i.offset + i.length, mask = width == 4 ? 0xffffffffu : 0xffffu;
    const u32 target = (next + i.immediate) & mask;
    const bool inside = target <= mode_->code_limit;
    // Tests a target in r10d against the limit of CS.
    const auto check_limit = [&](Slow& slow) {
        if (mode_->code_limit >= mask) return;
        cmp(r10d, mode_->code_limit);
        ja(slow.entry, T_NEAR);
    };
    switch (op) {
        case Op::JmpNear:
            if (!inside) return false;
            flush_flags();
            edge(target, -1);
            return true;
        case Op::Jcc: {
            if (!inside) return false;
            const unsigned condition = need_condition(i.condition(), condition_flags(i.condition()));
            flush_flags();
            edge(target, static_cast<int>(condition));
            edge(next, -1);
            return true;
        }
        case Op::Loop:
            if (!inside) return false;
            clobber();
            touch(Ecx, 4);
            flush_flags();
            if (i.has(Instruction::address32)) sub(ecx, 1);
            else sub(cx, 1);
            edge(target, 5);
            edge(next, -1);
            return true;
        case Op::Loope:
        case Op::Loopne: {
            if (!inside) return false;
            touch(Ecx, 4);
            const unsigned unlike = need_condition(op == Op::Loope ? 5 : 4, flag::ZF);
            flush_flags();
            const bool wide = i.has(Instruction::address32);
            lea(r10d, ptr[rcx - 1]);
            if (wide) mov(ecx, r10d);
            else mov(cx, r10w);
            edge(next, static_cast<int>(unlike));
            if (wide) test(ecx, ecx);
            else test(cx, cx);
            edge(target, 5);
            edge(next, -1);
            return true;
        }
        case Op::Jcxz:
            if (!inside) return false;
            flush_flags();
            if (i.has(Instruction::address32)) test(ecx, ecx);
            else test(cx, cx);
            edge(target, 4);
            edge(next, -1);
            return true;
        case Op::CallNear: {
            if (!inside) return false;
            Slow& slow = begin_memory(i);
            slow.ends = true;
            alu(Op::Mov, sized(stack_operand(-static_cast<i32>(width), width, true, slow), width), next & mask, width);
            touch_stack_pointer(-static_cast<i32>(width));
            set_esp(0u - width);
            flush_flags();
            edge(target, -1);
            return true;
        }
        case Op::RetNear: {
            Slow& slow = begin_memory(i, mode_->code_limit < mask);
            slow.ends = true;
            const auto at = stack_operand(0, width, false, slow);
            const Xbyak::Reg32 to = mode_->stack32 ? r10d : r8d;   // a 16-bit ESP is set by way of r10
            site(at);
            if (width == 4) mov(to, dword[at]);
            else movzx(to, word[at]);
            if (mode_->code_limit < mask) {
                cmp(to, mode_->code_limit);
                ja(slow.entry, T_NEAR);
            }
            touch_stack_pointer(static_cast<i32>(width + i.immediate));
            set_esp(width + i.immediate);
            flush_flags_for_anyone();
            if (!mode_->stack32) mov(r10d, r8d);
            indirect(block_->mode);
            return true;
        }
        case Op::JmpIndirect:
        case Op::CallIndirect: {
            Slow& slow = begin_memory(i, mode_->code_limit < mask);
            slow.ends = true;
            if (i.has(Instruction::memory)) {
                const auto at = operand(i, width, false, slow);
                site(at);
                if (width == 4) mov(r10d, dword[at]);
                else movzx(r10d, word[at]);
            } else if (width == 4) {
                mov(r10d, reg(i.rm, 4));
            } else {
                movzx(r10d, reg(i.rm, 2));
            }
            check_limit(slow);
            if (op == Op::CallIndirect) {
                alu(Op::Mov, sized(stack_operand(-static_cast<i32>(width), width, true, slow), width), next & mask, width);
                touch_stack_pointer(-static_cast<i32>(width));
                if (mode_->stack32) lea(r12d, ptr[r12 - static_cast<int>(width)]);
                else sub(r12w, width);
            }
            flush_flags_for_anyone();
            indirect(block_->mode);
            return true;
        }
        case Op::Invlpg:   // what is derived from tables follows them at once
            flush_flags();
            cmp(at_cpu(&cpu_.state.cpl, 8), 0);
            transfer_unless_zero();
            edge(next, -1);
            return true;
        case Op::MovFromCr: {
            const std::array<const u32*, 4> control{&cpu_.state.cr0, nullptr, &cpu_.state.cr2, &cpu_.state.cr3};
            if (i.reg >= control.size() || !control[i.reg]) return false;
            touch(i.rm, 4);
            flush_flags();
            cmp(at_cpu(&cpu_.state.cpl, 8), 0);
            transfer_unless_zero();
            mov(reg(i.rm, 4), at_cpu(control[i.reg], 32));
            edge(next, -1);
            return true;
        }
        case Op::Rdtsc: {   // the step it is done at
            touch(Eax, 4);
            touch(Edx, 4);
            flush_flags();
            test(at_cpu(&cpu_.state.cr4, 32), cr4::TSD);
            transfer_unless_zero();
            mov(rdx, ptr[rsp]);
            mov(rdx, ptr[rdx + offsetof(Frame, limit)]);
            sub(rdx, r15);
            add(rdx, at_cpu(&cpu_.state.tsc_offset, 64));
            mov(eax, edx);
            shr(rdx, 32);
            edge(next, -1);
            return true;
        }
        default: return false;
    }
}
}  // namespace retrace::jit
