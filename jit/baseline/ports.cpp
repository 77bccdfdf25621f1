// IN and OUT: a call that leaves everything where it is, unless the device made something happen.
#include <array>

#include "jit/baseline/translator.hpp"
#include "jit/x64/residency.hpp"

namespace retrace::jit {

namespace {

// What the functions return instead of EAX.
constexpr i64 leave = -1;       // emitted code must be left
constexpr i64 look_it_up = -2;  // nothing has happened: a permission or a breakpoint has to be looked up

// Whoever answers at the port, at the moment the instruction is done. run.eip is set.
template <bool in, class U>
i64 access_port(Cpu* cpu, const Instruction* i, u64 first_step, u32 port) {
    auto& run = cpu->run;
    run.first = i;
    run.first_step = first_step;
    if (!cpu->ports_are_free() || cpu->ports_are_watched()) [[unlikely]] return look_it_up;
    run.current = i;
    cpu->scheduler.advance({first_step + 1});
    u32& eax = cpu->state.gpr[Eax];
    if constexpr (in) {
        const U value = static_cast<U>(cpu->ports.read(static_cast<u16>(port), sizeof(U)));
        eax = (eax & ~u32{static_cast<U>(-1)}) | value;
    } else {
        cpu->ports.write(static_cast<u16>(port), sizeof(U), static_cast<U>(eax));
    }
    cpu->device_called();
    if (run.stop) [[unlikely]] return leave;
    run.current = nullptr;
    return eax;
}

// Emitted code is left behind the instruction: all is as its handler leaves it.
i64 finish_port(Cpu* cpu, const Frame* frame) {
    frame->settle_flags(*cpu, frame->flags);
    settle_x87(*cpu);
    cpu->state.eip = cpu->next_eip();
    return leave;
}

// The instruction is its handler's.
i64 look_up_port(Cpu* cpu, const Frame* frame) {
    auto& run = cpu->run;
    frame->settle_flags(*cpu, frame->flags);
    settle_x87(*cpu);
    const Instruction& i = *run.first;
    i.execute(*cpu, i);
    if (cpu->fault.pending || run.stop || run.eip_is_set) return leave;
    run.current = nullptr;
    return cpu->state.gpr[Eax];
}

}  // namespace

void Translator::make_port_stubs() {
    using Function = i64 (*)(Cpu*, const Instruction*, u64, u32);
    constexpr std::array<Function, 6> functions{access_port<false, u8>, access_port<false, u16>, access_port<false, u32>,
                                                access_port<true, u8>, access_port<true, u16>, access_port<true, u32>};
    Label unusual, finished, leaves;
    for (std::size_t n = 0; n < stub_port_.size(); ++n) {
        const bool by_dx = n >= functions.size();
        // r8: the instruction, r9: steps from it to the end of the block, r10: the block's eip. Keeps r11d.
        stub_port_[n] = const_cast<u8*>(getCurr());
        spill_units();
        for (unsigned each = 0; each < 8; ++each) mov(at_cpu(&cpu_.state.gpr.slot[each], 32), Xbyak::Reg32(reg(each, 4).getIdx()));
        if (by_dx) movzx(ecx, dx);
        else movzx(ecx, byte[r8 + offsetof(Instruction, immediate)]);
        mov(rdi, r13);
        mov(rsi, r8);
        mov(rax, ptr[rsp + 8]);
        mov(at_cpu(&cpu_.run.eip, 32), r10d);
        mov(dword[rax + offsetof(Frame, flags)], r11d);
        mov(rdx, ptr[rax + offsetof(Frame, limit)]);
        sub(rdx, r15);
        sub(rdx, r9);
        mov(rax, reinterpret_cast<u64>(functions[n % functions.size()]));
        sub(rsp, 8);
        call(rax);
        add(rsp, 8);
        test(rax, rax);
        js(unusual, T_NEAR);
        if (n == 0) L(finished);
        mov(r8, ptr[rsp + 8]);
        for (const unsigned each : {unsigned{Ecx}, unsigned{Edx}, unsigned{Esi}, unsigned{Edi}}) mov(Xbyak::Reg32(reg(each, 4).getIdx()), at_cpu(&cpu_.state.gpr.slot[each], 32));
        mov(r11d, dword[r8 + offsetof(Frame, flags)]);
        ret();
    }
    L(unusual);
    mov(rdi, r13);
    mov(rsi, ptr[rsp + 8]);
    mov(r8, ptr[rsp + (8 + first_flag_slot)]);
    mov(ptr[rsi + offsetof(Frame, slots)], r8);
    Label looks_up, called;
    cmp(eax, static_cast<i32>(look_it_up));
    je(looks_up);
    mov(rax, reinterpret_cast<u64>(&finish_port));
    jmp(called);
    L(looks_up);
    mov(rax, reinterpret_cast<u64>(&look_up_port));
    L(called);
    sub(rsp, 8);
    call(rax);
    add(rsp, 8);
    test(rax, rax);
    jns(finished, T_NEAR);
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
    if (in) touch(Eax, width);   // before r11d names a recipe: if the block is left behind the instruction, the old value is gone
    flush_flags();
    flags_.valid = false;
    tell_everything();
    handler_arguments();
    call(stub_port_[(i.opcode < 0xec ? 0 : 6) + (in ? 3 : 0) + width / 2]);
    span_in_r9_ = -1;
    units_wanted_from(index_ + 1);
}

}  // namespace retrace::jit
