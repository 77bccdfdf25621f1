// IN and OUT: a call that leaves everything where it is, unless the device made something happen.
#include <array>

#include "jit/baseline/translator.hpp"
#include "jit/x64/residency.hpp"

namespace retrace::jit {

namespace {

constexpr i64 leave = -1;

// Whoever answers at the port, at the moment the instruction is done. Returns EAX, or that emitted code must be left: then all is as the
// instruction's handler leaves it. Where a permission or a breakpoint has to be looked up, that handler is called.
template <bool in, class U>
i64 access_port(Cpu* cpu, const Instruction* i, u64 left, u32 flags, const Frame* frame, u32 eip) {
    auto& run = cpu->run;
    Registers& state = cpu->state;
    run.first = i;
    run.first_step = frame->limit - left;
    run.eip = eip;
    if (!cpu->ports_are_free() || cpu->ports_are_watched()) [[unlikely]] {
        frame->settle_flags(*cpu, flags);
        settle_x87(*cpu);
        i->execute(*cpu, *i);
        if (cpu->fault.pending || run.stop || run.eip_is_set) return leave;
        run.current = nullptr;
        return state.gpr[Eax];
    }
    run.current = i;
    cpu->scheduler.advance({run.first_step + 1});
    const u16 port = i->opcode < 0xec ? static_cast<u16>(i->immediate & 0xff) : state.gpr.word(Edx);
    u32 eax = state.gpr[Eax];
    if constexpr (in) eax = (eax & ~u32{static_cast<U>(-1)}) | static_cast<U>(cpu->ports.read(port, sizeof(U)));
    else cpu->ports.write(port, sizeof(U), static_cast<U>(eax));
    cpu->device_called();
    if (run.stop) [[unlikely]] {
        frame->settle_flags(*cpu, flags);
        settle_x87(*cpu);
        state.gpr[Eax] = eax;
        state.eip = cpu->next_eip();
        return leave;
    }
    run.current = nullptr;
    return eax;
}

}  // namespace

void Translator::make_port_stubs() {
    using Function = i64 (*)(Cpu*, const Instruction*, u64, u32, const Frame*, u32);
    constexpr std::array<Function, 6> functions{access_port<false, u8>, access_port<false, u16>, access_port<false, u32>,
                                                access_port<true, u8>, access_port<true, u16>, access_port<true, u32>};
    Label leaves;
    for (std::size_t n = 0; n < functions.size(); ++n) {
        // r8: the instruction, r9: steps from it to the end of the block, r10: the block's eip. Keeps r11d.
        stub_port_[n] = const_cast<u8*>(getCurr());
        spill_units();
        for (unsigned each = 0; each < 8; ++each) mov(at_cpu(&cpu_.state.gpr.slot[each], 32), Xbyak::Reg32(reg(each, 4).getIdx()));
        mov(rdi, r13);
        mov(rsi, r8);
        lea(rdx, ptr[r15 + r9]);
        mov(ecx, r11d);
        mov(r8, ptr[rsp + 8]);
        mov(rax, ptr[rsp + (8 + first_flag_slot)]);
        mov(ptr[r8 + offsetof(Frame, slots)], rax);
        mov(dword[r8 + offsetof(Frame, flags)], r11d);
        mov(r9d, r10d);
        mov(rax, reinterpret_cast<u64>(functions[n]));
        sub(rsp, 8);
        call(rax);
        add(rsp, 8);
        test(rax, rax);
        js(leaves, T_NEAR);
        mov(r8, ptr[rsp + 8]);
        mov(r11d, dword[r8 + offsetof(Frame, flags)]);
        for (const unsigned each : {unsigned{Ecx}, unsigned{Edx}, unsigned{Esi}, unsigned{Edi}}) mov(Xbyak::Reg32(reg(each, 4).getIdx()), at_cpu(&cpu_.state.gpr.slot[each], 32));
        ret();
    }
    L(leaves);
    add(rsp, 8);
    mov(eax, static_cast<u32>(Exit::Handler));
    jmp(stub_leave_, T_NEAR);
}

bool Translator::is_port_access(const Instruction& i) {
    const Op op = row_of(i).op;
    return (op == Op::In || op == Op::Out) && !i.has(Instruction::invalid | Instruction::too_long);
}

// Behind it the flags are in r11d, or can be made again.
void Translator::port_access(const Instruction& i) {
    const bool in = row_of(i).op == Op::In;
    const unsigned width = (i.opcode & 1) != 0 ? i.operand_width : 1;
    flush_flags();
    flags_.valid = false;
    if (in) touch(Eax, width);
    tell_everything();
    handler_arguments();
    call(stub_port_[(in ? 3 : 0) + width / 2]);
    span_in_r9_ = -1;
    units_wanted_from(index_ + 1);
}

}  // namespace retrace::jit
