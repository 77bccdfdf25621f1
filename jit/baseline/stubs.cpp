// The code that is made once: entering, leaving, calling a handler.
#include <utility>

#include "core/base/ensure.hpp"
#include "jit/baseline/translator.hpp"
#include "jit/x64/residency.hpp"

namespace retrace::jit {

namespace {

// Calls the handler of one instruction. Returns 1 if emitted code must be left.
u32 run_handler(Cpu* cpu, const Instruction* i, u64 left, u32 flags, Frame* frame, u32 eip) {
    frame->settle_flags(*cpu, flags);
    auto& run = cpu->run;
    settle_x87(*cpu);
    run.first = i;
    run.first_step = frame->limit - left;
    run.eip = eip;
    i->execute(*cpu, *i);
    if (frame->fault.site) [[unlikely]] frame->listener->handled(std::exchange(frame->fault, {}));
    return run.current ? 1 : 0;
}

// The same for the last instruction of a block. Returns the steps left if the next instruction may simply be next, else a negative number.
i64 run_last_handler(Cpu* cpu, const Instruction* i, u64 left, u32 flags, Frame* frame, u32 eip) {
    run_handler(cpu, i, left, flags, frame, eip);
    auto& run = cpu->run;
    if (cpu->fault.pending || run.stop || run.eip_is_set || cpu->state.eip != eip + i->offset + i->length) return -1;
    const u64 now = run.first_step + run.repeats + 1;
    run.repeats = 0;
    run.current = nullptr;
    return static_cast<i64>(frame->limit - now);
}

// The same for a near branch whose access to the stack was not plain: where it leads is in state.eip.
i64 run_near_handler(Cpu* cpu, const Instruction* i, u64 left, u32 flags, Frame* frame, u32 eip) {
    run_handler(cpu, i, left, flags, frame, eip);
    auto& run = cpu->run;
    if (cpu->fault.pending || run.stop || run.eip_is_set) return -1;
    run.current = nullptr;
    return static_cast<i64>(left - 1);
}

// The same for an instruction that leads anywhere, perhaps in another mode, which it leaves in the frame: state.eip is set.
i64 run_transfer(Cpu* cpu, const Instruction* i, u64 left, u32 flags, Frame* frame, u32 eip) {
    run_handler(cpu, i, left, flags, frame, eip);
    auto& run = cpu->run;
    if (cpu->fault.pending || run.stop || run.eip_is_set || run.current) return -1;
    frame->mode = frame->mode_now(frame->engine);
    return static_cast<i64>(left - 1);
}

// After run_handler.
i64 go_on(Frame* frame) { return frame->go_on(frame->engine); }

// The image of a recipe.
[[gnu::target("general-regs-only")]] u32 image_of(const Cpu* cpu, const Frame* frame, u32 form) { return frame->recipes->image(form, cpu->state.gpr, frame->slots); }

}  // namespace

void Translator::make_stubs() {
    const std::array<Xbyak::Reg64, 6> saved{rbx, rbp, r12, r13, r14, r15};
    static_assert(frame_bytes % 16 == 8, "six registers and a return address lie above");
    const auto spill_general = [&] {
        for (unsigned n = 0; n < 8; ++n) mov(at_cpu(&cpu_.state.gpr.slot[n], 32), Xbyak::Reg32(reg(n, 4).getIdx()));
    };
    const auto spill = [&] {
        spill_units();
        spill_general();
    };
    const auto fill = [&] {
        for (unsigned n = 0; n < 8; ++n) mov(Xbyak::Reg32(reg(n, 4).getIdx()), at_cpu(&cpu_.state.gpr.slot[n], 32));
    };

    make_unit_stubs();

    // enter(cpu, code, left, frame)
    enter_ = reinterpret_cast<Enter>(cache_.executable(getCurr()));
    for (const auto& r : saved) push(r);
    sub(rsp, frame_bytes);
    mov(ptr[rsp], rcx);
    mov(r8, ptr[rcx + offsetof(Frame, jumps)]);
    mov(ptr[rsp + 8], r8);
    mov(r13, rdi);
    mov(r15, rdx);
    mov(r14, at_cpu(&cpu_.mmu.read_table, 64));
    mov(r8, rsi);
    mov(r11d, flags_in_state);
    fill();
    jmp(r8);

    Label leave_label, exit_label;
    // Leaves with `eax`.
    stub_leave_ = const_cast<u8*>(getCurr());
    L(leave_label);
    add(rsp, frame_bytes);
    for (auto r = saved.rbegin(); r != saved.rend(); ++r) pop(*r);
    ret();

    // state.eip is set.
    stub_exit_ = const_cast<u8*>(getCurr());
    L(exit_label);
    spill();
    mov(r8, ptr[rsp]);
    mov(r9, ptr[rsp + first_flag_slot]);
    mov(ptr[r8 + offsetof(Frame, slots)], r9);
    mov(ptr[r8 + offsetof(Frame, left)], r15);
    mov(dword[r8 + offsetof(Frame, flags)], r11d);
    mov(eax, static_cast<u32>(Exit::Boundary));
    jmp(leave_label, T_NEAR);

    // r8: the Edge.
    stub_link_ = const_cast<u8*>(getCurr());
    spill();
    mov(r9, ptr[rsp]);
    mov(r10, ptr[rsp + first_flag_slot]);
    mov(ptr[r9 + offsetof(Frame, slots)], r10);
    mov(ptr[r9 + offsetof(Frame, left)], r15);
    mov(dword[r9 + offsetof(Frame, flags)], r11d);
    mov(ptr[r9 + offsetof(Frame, edge)], r8);
    mov(r10d, dword[r8 + offsetof(Edge, target_eip)]);
    mov(at_cpu(&cpu_.state.eip, 32), r10d);
    mov(eax, static_cast<u32>(Exit::Link));
    jmp(leave_label, T_NEAR);

    // r8: the instruction, r9: steps from it to the end of the block, r10: the block's eip.
    const auto call_handler_body = [&](int depth, u64 function) {
        spill();
        mov(rdi, r13);
        mov(rsi, r8);
        lea(rdx, ptr[r15 + r9]);
        mov(ecx, r11d);
        mov(r8, ptr[rsp + depth]);
        mov(rax, ptr[rsp + (depth + first_flag_slot)]);
        mov(ptr[r8 + offsetof(Frame, slots)], rax);
        mov(r9d, r10d);
        mov(rax, function);
    };
    stub_call_ = const_cast<u8*>(getCurr());
    call_handler_body(8, reinterpret_cast<u64>(&run_handler));
    sub(rsp, 8);
    call(rax);
    add(rsp, 8);
    test(eax, eax);
    Label leave_from_call, elsewhere;
    jnz(elsewhere, T_NEAR);
    fill();
    mov(r11d, flags_in_state);
    ret();
    L(elsewhere);
    add(rsp, 8);   // the block goes no further
    mov(rdi, ptr[rsp]);
    mov(rax, reinterpret_cast<u64>(&go_on));
    call(rax);
    mov(r15, rax);
    test(rax, rax);
    mov(eax, static_cast<u32>(Exit::Boundary));
    js(leave_label, T_NEAR);
    fill();
    mov(r11d, flags_in_state);
    mov(r14, at_cpu(&cpu_.mmu.read_table, 64));
    mov(r9, ptr[rsp]);
    mov(r9d, dword[r9 + offsetof(Frame, mode)]);
    Label jump;
    jmp(jump, T_NEAR);
    // A handler that tells how many steps are left, or by its sign that emitted code is to be left.
    const auto counting_call = [&](auto handler) {
        u8* const stub = const_cast<u8*>(getCurr());
        call_handler_body(8, reinterpret_cast<u64>(handler));
        sub(rsp, 8);
        call(rax);
        add(rsp, 8);
        test(rax, rax);
        js(leave_from_call, T_NEAR);
        mov(r15, rax);
        fill();
        mov(r11d, flags_in_state);
        ret();
        return stub;
    };
    stub_last_ = counting_call(&run_last_handler);
    stub_near_ = counting_call(&run_near_handler);
    stub_transfer_ = counting_call(&run_transfer);

    Label missed;
    // On at state.eip, in the mode whose number is r9d.
    stub_jump_ = const_cast<u8*>(getCurr());
    L(jump);
    imul(r8d, r9d, jump_mode_distance);
    and_(r8d, jump_shifts - 1);
    mov(r10d, at_cpu(&cpu_.state.eip, 32));
    and_(r10d, jump_eips - 1);
    add(r8d, r10d);
    shl(r8d, 5);
    mov(r10d, at_cpu(&cpu_.state.eip, 32));
    add(r8, ptr[rsp + 8]);
    cmp(r10d, dword[r8 + offsetof(JumpEntry, eip)]);
    jne(missed);
    cmp(r9d, dword[r8 + offsetof(JumpEntry, mode)]);
    jne(missed);
    mov(r9d, dword[r8 + offsetof(JumpEntry, page_slot)]);
    mov(r9d, dword[r14 + r9 + static_cast<int>(2 * table_distance)]);
    cmp(r9d, dword[r8 + offsetof(JumpEntry, page_entry)]);
    jne(missed);
    jmp(ptr[r8 + offsetof(JumpEntry, code)]);
    // The hash does not know state.eip.
    stub_miss_ = const_cast<u8*>(getCurr());
    L(missed);
    mov(r8, ptr[rsp]);
    add(qword[r8 + offsetof(Frame, jump_misses)], 1);
    jmp(exit_label, T_NEAR);

    L(leave_from_call);
    add(rsp, 8);
    mov(eax, static_cast<u32>(Exit::Handler));
    jmp(leave_label, T_NEAR);

    // An image of the flags to r11d, which is none yet. Uses r8 to r10.
    stub_pack_ = const_cast<u8*>(getCurr());
    Label in_state;
    test(r11d, r11d);
    js(in_state, T_NEAR);
    spill_general();   // what is called leaves all other units alone
    mov(rdi, r13);
    mov(rsi, ptr[rsp + 8]);
    mov(rax, ptr[rsp + (8 + first_flag_slot)]);
    mov(ptr[rsi + offsetof(Frame, slots)], rax);
    mov(edx, r11d);
    mov(rax, reinterpret_cast<u64>(&image_of));
    sub(rsp, 8);
    call(rax);
    add(rsp, 8);
    mov(r11d, eax);
    fill();
    ret();
    L(in_state);
    mov(r11d, at_cpu(&cpu_.flags.carry, 32));                    // CF
    mov(r9, at_cpu(&cpu_.flags.result, 64));
    mov(r8d, at_cpu(&cpu_.flags.carries, 32));
    mov(r10d, r8d);
    shr(r10d, 31);
    xor_(r10d, r11d);
    shl(r10d, 11);
    and_(r8d, flag::AF);
    or_(r8d, r10d);                                              // OF AF
    mov(r10, r9);
    shr(r10, 48);
    xor_(r10b, r9b);
    setp(r10b);
    movzx(r10d, r10b);
    lea(r11d, ptr[r11 + r10 * 4]);                               // PF
    or_(r11d, r8d);
    test(r9d, r9d);
    setz(r10b);
    movzx(r10d, r10b);
    shl(r10d, 6);                                                // ZF
    or_(r11d, r10d);
    shr(r9, 63);
    shl(r9d, 7);                                                 // SF
    or_(r11d, r9d);
    ret();

    make_port_stubs();
    make_segment_stubs();
    make_beside_stubs();
}

}  // namespace retrace::jit
