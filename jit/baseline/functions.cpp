// FSIN, FYL2X and their kin: one stub each, which refuses what is not the usual case; then the handler is called.
#include <cstddef>

#include "core/cpu/x87.hpp"
#include "jit/baseline/translator.hpp"
#include "jit/x64/functions.hpp"

namespace retrace::jit {

// Called with the operands in the host's unit. CF: refused, and they are where they were. Keeps all but r8 to r10 and RFLAGS.
void Translator::make_function_stubs() {
    constexpr int control = offsetof(FunctionFrame, control), size = sizeof(FunctionFrame);
    constexpr int old_rsp = size, old_resident = size + 8, wide_control = size + 12, bytes = size + 16;
    static_assert(size % 16 == 0);
    const auto digits = [](std::size_t result) { return static_cast<int>(result + offsetof(FunctionFrame::Result, digits)); };
    const auto below = [](std::size_t result) { return static_cast<int>(result + offsetof(FunctionFrame::Result, below)); };
    constexpr std::size_t first = offsetof(FunctionFrame, first), second = offsetof(FunctionFrame, second);
    constexpr int x = offsetof(FunctionFrame, x), y = offsetof(FunctionFrame, y);
    // FLD (5) and FSTP (7) of ten bytes at [rsp + at].
    const auto extended = [&](unsigned operation, int at) {
        for (const unsigned each : {0xdbu, 0x44 | operation << 3, 0x24u, static_cast<unsigned>(at)}) db(static_cast<int>(each));
    };

    for (unsigned n = 0; n < x87_functions; ++n) {
        const X87Function& function = x87_function(n);
        stub_functions_[n] = const_cast<u8*>(getCurr());
        const std::array<Xbyak::Reg64, 6> kept{rax, rcx, rdx, rsi, rdi, r11};
        for (const auto& r : kept) push(r);
        mov(r8, rsp);
        sub(rsp, bytes);
        and_(rsp, -16);
        mov(ptr[rsp + old_rsp], r8);

        Label refuse, out, unusual, was_empty, x_was_empty, narrow, full, no_sse, still_no_sse;
        fnstsw(ax);
        test(eax, x87::stack_fault | (function.clears_c2 ? x87::c2 : 0));   // so that it can be seen below, or left alone
        jnz(refuse, T_NEAR);
        fnstcw(ptr[rsp + control]);
        extended(7, x);
        if (function.keeps_y) {   // it must not be lost
            fnstsw(ax);
            test(eax, x87::stack_fault);
            jnz(x_was_empty, T_NEAR);
        }
        if (function.of_two) extended(7, y);
        mov(eax, at_cpu(&cpu_.run.resident, 32));
        mov(ptr[rsp + old_resident], eax);
        test(eax, unit::sse);
        jz(no_sse);
        call(stub_spill_sse_);
        L(no_sse);
        mov(rdi, rsp);
        mov(rax, reinterpret_cast<u64>(function.compute));
        call(rax);
        test(dword[rsp + old_resident], unit::sse);
        jz(still_no_sse);
        call(stub_load_sse_);
        L(still_no_sse);
        test(al, al);
        jz(unusual, T_NEAR);
        if (function.host != 0) {
            extended(5, y);
            extended(5, x);
            db(function.host >> 8);
            db(function.host & 0xff);
            clc();
            jmp(out, T_NEAR);
        }
        movzx(eax, word[rsp + control]);
        or_(eax, 0x300);
        cmp(ax, word[rsp + control]);
        jne(narrow, T_NEAR);

        const auto results = [&](bool narrowed) {
            if (function.keeps_y) extended(5, y);
            extended(5, digits(first));
            if (function.gives_two) {
                extended(5, digits(second));
                fnstsw(ax);
                test(eax, x87::stack_fault);
                Label room;
                jz(room);
                if (narrowed) fldcw(ptr[rsp + control]);
                fincstp();
                jmp(refuse, T_NEAR);
                L(room);
                fxch();
                fadd(qword[rsp + below(first)]);
                fxch();
                fadd(qword[rsp + below(second)]);
            } else {
                fadd(qword[rsp + below(first)]);
            }
            if (narrowed) fldcw(ptr[rsp + control]);
            clc();
        };
        results(false);
        L(out);
        mov(rsp, ptr[rsp + old_rsp]);
        for (auto r = kept.rbegin(); r != kept.rend(); ++r) pop(*r);
        ret();

        L(narrow);   // these functions know no precision but the full one
        mov(ptr[rsp + wide_control], ax);
        fldcw(ptr[rsp + wide_control]);
        results(true);
        jmp(out, T_NEAR);

        // Operands like any others, or what was read instead of an empty register: it is empty again, and
        // what the other one was is of no account unless it stays.
        L(unusual);
        fnstsw(ax);
        test(eax, x87::stack_fault);
        jnz(was_empty);
        if (function.of_two) extended(5, y);
        extended(5, x);
        jmp(refuse);
        L(was_empty);
        if (function.keeps_y) {
            fdecstp();
            extended(5, x);
            jmp(refuse);
        } else if (function.of_two) {
            fdecstp();
        }
        L(x_was_empty);
        fdecstp();
        L(refuse);
        stc();
        jmp(out, T_NEAR);
    }
}

void Translator::function_instruction(const Instruction& i) {
    Slow& slow = begin_memory(i);
    slow.unused = false;
    clobber();
    observe();
    slow.before = flags_;
    call(stub_functions_[function_of(row_of(i).op)]);
    jc(slow.entry, T_NEAR);
    note(i, false, -1);
    finish_memory(slow);
}

}  // namespace retrace::jit
