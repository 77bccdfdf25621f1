// Debug registers: which breakpoints match, when they report, what is pushed. SDM volume 3, 17.2 and 17.3.
#include <catch2/catch.hpp>

#include "tests/core/cpu/protected_bench.hpp"

using namespace retrace;
using namespace retrace::test::protected_bench;

namespace {

constexpr u32 on_execution = 0, on_write = 1, on_port = 2, on_access = 3;

struct Debugging : Protected {
    // DRn with its condition and LEN field, enabled globally.
    void arm(unsigned n, u32 address, u32 condition, u32 length_code) {
        cpu.set_debug_register(n, address);
        const u32 old = cpu.state.dr[7] & ~(15u << (16 + 4 * n));
        cpu.set_debug_register(7, old | 2u << (2 * n) | (condition | length_code << 2) << (16 + 4 * n));
    }
    // Executes this code once, up to `steps` steps. Did it end in the #DB handler? The frame is then at ESP.
    bool debugged(std::initializer_list<int> bytes, u64 steps = 1) {
        load(0, code0, data0);
        cpu.set_debug_register(6, 0);
        reg(Esp) = 0x8000;
        cpu.state.halted = false;
        cpu.state.debug_trap = 0;
        cpu.set_eflags(2);
        code(bytes);
        cpu.restored();
        run(steps);
        run(0);
        settle();
        return in_handler(vector::DB);
    }
    // A trap is taken before the next instruction: HLT there and in the handlers costs nothing.
    void settle() { run(1); }
    [[nodiscard]] u32 dr6() const { return cpu.state.dr[6] & 0xe00f; }
};

}  // namespace

TEST_CASE_METHOD(Debugging, "a data breakpoint traps behind the instruction, and says which it was") {
    arm(1, 0x4000, on_write, 3);
    CHECK(debugged({0xa3, 0x00, 0x40, 0, 0, 0xf4}));            // mov [4000h],eax
    CHECK(dr6() == 2);
    CHECK(stacked(0) == 0x1005);
    CHECK((stacked(2) & flag::RF) == 0);
    CHECK(debugged({0xa2, 0x03, 0x40, 0, 0, 0xf4}));            // its last byte
    CHECK_FALSE(debugged({0xa2, 0x04, 0x40, 0, 0, 0xf4}));
    CHECK(debugged({0xa3, 0xfd, 0x3f, 0, 0, 0xf4}));            // overlaps from below
    CHECK_FALSE(debugged({0xa3, 0xfc, 0x3f, 0, 0, 0xf4}));
    CHECK_FALSE(debugged({0xa1, 0x00, 0x40, 0, 0, 0xf4}));      // a read
    CHECK(debugged({0xff, 0x05, 0x00, 0x40, 0, 0, 0xf4}));      // inc dword [4000h]
}

TEST_CASE_METHOD(Debugging, "a breakpoint on access sees reads, and its length aligns its address") {
    arm(0, 0x4002, on_access, 1);
    CHECK(debugged({0x66, 0xa1, 0x02, 0x40, 0, 0, 0xf4}));
    CHECK(debugged({0xa0, 0x03, 0x40, 0, 0, 0xf4}));
    CHECK_FALSE(debugged({0xa0, 0x01, 0x40, 0, 0, 0xf4}));
    arm(0, 0x4003, on_access, 1);                               // words are aligned: 4002h and 4003h
    CHECK(debugged({0xa0, 0x02, 0x40, 0, 0, 0xf4}));
    arm(0, 0x4003, on_access, 0);
    CHECK_FALSE(debugged({0xa0, 0x02, 0x40, 0, 0, 0xf4}));
    CHECK(debugged({0xa0, 0x03, 0x40, 0, 0, 0xf4}));
    arm(0, 0x4003, on_access, 3);
    CHECK(debugged({0xa0, 0x00, 0x40, 0, 0, 0xf4}));
}

TEST_CASE_METHOD(Debugging, "enabled locally or globally, or not at all; the causes of one trap are told together and stay") {
    cpu.set_debug_register(2, 0x4000);
    cpu.set_debug_register(7, 0x01000000);                      // condition of DR2: writes; not enabled
    CHECK_FALSE(debugged({0xa2, 0x00, 0x40, 0, 0, 0xf4}));
    cpu.set_debug_register(7, 0x01000010);                      // L2
    CHECK(debugged({0xa2, 0x00, 0x40, 0, 0, 0xf4}));
    CHECK(dr6() == 4);
    arm(0, 0x4000, on_access, 0);
    CHECK(debugged({0xa2, 0x00, 0x40, 0, 0, 0xf4}));
    CHECK(dr6() == 5);
    arm(3, 0x1000, on_execution, 0);
    cpu.set_debug_register(7, cpu.state.dr[7] & ~0x33u);
    cpu.state.eip = 0x1000;
    cpu.state.halted = false;
    cpu.restored();
    run(1);
    CHECK(dr6() == 13);
}

TEST_CASE_METHOD(Debugging, "a push, a string and an x87 operand are watched as well") {
    arm(0, 0x7ffc, on_write, 3);
    CHECK(debugged({0x50, 0xf4}));
    arm(0, 0x4004, on_write, 0);
    reg(Ecx) = 8;
    reg(Edi) = 0x4000;
    CHECK(debugged({0xf3, 0xaa, 0xf4}, 5));                     // rep stosb: the trap comes between iterations
    CHECK(reg(Ecx) == 3);
    CHECK(stacked(0) == 0x1000);
    CHECK((stacked(2) & flag::RF) != 0);
    arm(0, 0x4004, on_access, 0);
    CHECK(debugged({0xdd, 0x05, 0, 0x40, 0, 0, 0xf4}));         // fld qword [4000h]
}

TEST_CASE_METHOD(Debugging, "an instruction breakpoint is a fault before the instruction, without RF") {
    arm(0, 0x1001, on_execution, 0);
    CHECK(debugged({0x43, 0x43, 0x43, 0xf4}, 2));
    CHECK(dr6() == 1);
    CHECK(stacked(0) == 0x1001);
    CHECK((stacked(2) & flag::RF) == 0);
    // The handler sets RF in the image: the instruction is passed once.
    dword(reg(Esp) + 8, stacked(2) | flag::RF);
    put(0x3000, {0xcf});
    cpu.state.eip = 0x3000;
    cpu.state.halted = false;
    cpu.restored();
    reg(Ebx) = 0;
    run(3);
    CHECK(reg(Ebx) == 2);
    CHECK((eflags() & flag::RF) == 0);
    CHECK(eip() == 0x1003);
    // The middle of an instruction is none.
    arm(0, 0x1002, on_execution, 0);
    CHECK_FALSE(debugged({0x43, 0xb8, 0, 0, 0, 0, 0xf4}, 2));
}

TEST_CASE_METHOD(Debugging, "an instruction breakpoint behind a load of SS is suppressed") {
    arm(0, 0x1002, on_execution, 0);
    reg(Eax) = data0;
    CHECK_FALSE(debugged({0x8e, 0xd0, 0x43, 0xf4}, 2));
    CHECK(eip() == 0x1004);
}

TEST_CASE_METHOD(Debugging, "faults push RF, so that the instruction is restarted past a breakpoint") {
    CHECK_FALSE(debugged({0x0f, 0x0b}));
    CHECK(in_handler(vector::UD));
    CHECK((stacked(2) & flag::RF) != 0);
}

TEST_CASE_METHOD(Debugging, "ports are watched only with CR4.DE") {
    arm(0, 0x60, on_port, 1);
    CHECK_FALSE(debugged({0xe4, 0x60, 0xf4}));
    CHECK(cpu.set_cr4(cr4::DE));
    CHECK(debugged({0xe4, 0x60, 0xf4}));
    CHECK(stacked(0) == 0x1002);
    CHECK(dr6() == 1);
    CHECK(debugged({0xe6, 0x61, 0xf4}));
    CHECK_FALSE(debugged({0xe6, 0x62, 0xf4}));
    CHECK(debugged({0xe7, 0x5e, 0xf4}));
    CHECK_FALSE(debugged({0xa2, 0x60, 0, 0, 0, 0xf4}));         // memory of that address
    reg(Edx) = 0x60;
    reg(Esi) = 0x4000;
    CHECK(debugged({0x6e, 0xf4}));                              // outsb
}

TEST_CASE_METHOD(Debugging, "general detect faults before any access to a debug register, once") {
    cpu.set_debug_register(7, dr7::GD);
    CHECK(debugged({0x0f, 0x21, 0xc0, 0xf4}));                  // mov eax,dr0
    CHECK(dr6() == dr6::BD);
    CHECK(stacked(0) == 0x1000);
    CHECK((cpu.state.dr[7] & dr7::GD) == 0);
    CHECK_FALSE(debugged({0x0f, 0x21, 0xc0, 0xf4}));
}

TEST_CASE_METHOD(Debugging, "DR4 and DR5 are aliases until CR4.DE makes them undefined") {
    cpu.set_debug_register(7, 0x0);
    CHECK_FALSE(debugged({0x0f, 0x21, 0xe8, 0xf4}));            // mov eax,dr5
    CHECK(reg(Eax) == 0x400);
    CHECK(cpu.set_cr4(cr4::DE));
    CHECK_FALSE(debugged({0x0f, 0x21, 0xe8, 0xf4}));
    CHECK(in_handler(vector::UD));
}

TEST_CASE_METHOD(Debugging, "reserved bits of DR6 and DR7 are as the model has them") {
    cpu.set_debug_register(6, 0xffffffff);
    CHECK(cpu.state.dr[6] == 0xffffefff);
    cpu.set_debug_register(6, 0);
    CHECK(cpu.state.dr[6] == 0xffff0ff0);
    cpu.set_debug_register(7, 0xffffffff);
    CHECK(cpu.state.dr[7] == 0xffff27ff);
    retrace::test::ProcessorBench old{CpuModel::I386};
    CHECK(old.cpu.state.dr[7] == 0);
    old.cpu.set_debug_register(6, 0);
    CHECK(old.cpu.state.dr[6] == 0xffff1ff0);
}

TEST_CASE_METHOD(Debugging, "TF traps behind each instruction with BS; a data breakpoint joins it; what sets TF is not traced") {
    arm(0, 0x4000, on_write, 0);
    cpu.set_debug_register(6, 0);
    code({0x9d, 0xa2, 0x00, 0x40, 0, 0, 0xf4});                 // popf; mov [4000h],al
    reg(Esp) = 0x7ff0;
    dword(0x7ff0, flag::TF | 2);
    run(1);
    CHECK(eip() == 0x1001);
    run(1);
    run(0);
    run(1);
    CHECK(in_handler(vector::DB));
    CHECK(dr6() == (dr6::BS | 1));
    CHECK(stacked(0) == 0x1006);
    CHECK((stacked(2) & flag::TF) != 0);
    CHECK((eflags() & flag::TF) == 0);
}

TEST_CASE_METHOD(Debugging, "a trap due behind a load of SS waits for the next instruction") {
    arm(0, 0x4000, on_access, 0);
    put(0x4000, {data0, 0});
    CHECK(debugged({0x66, 0x8e, 0x15, 0, 0x40, 0, 0, 0x43, 0xf4}, 2));   // mov ss,[4000h]; inc ebx
    CHECK(stacked(0) == 0x1008);
    CHECK(dr6() == 1);
}

TEST_CASE_METHOD(Debugging, "INT1 is #DB without a word in DR6") {
    CHECK(debugged({0xf1, 0xf4}));
    CHECK(dr6() == 0);
    CHECK(stacked(0) == 0x1001);
}

TEST_CASE_METHOD(Debugging, "what a gate pushes can be watched; the trap comes before the handler's first instruction") {
    interrupt_gate(0x30, 0x3000, 0x8e00);
    put(0x3000, {0x43, 0xf4});
    arm(0, 0x7ff4, on_write, 3);
    reg(Ebx) = 0;
    CHECK(debugged({0xcd, 0x30}));
    CHECK(stacked(0) == 0x3000);
    CHECK(reg(Ebx) == 0);
}

TEST_CASE_METHOD(Debugging, "entering a task whose T bit is set traps with BT and forgets local breakpoints") {
    dword(other_tss + 32, 0x3000);
    dword(other_tss + 36, 2);
    dword(other_tss + 56, 0xa000);
    dword(other_tss + 100, 1);
    for (const u32 at : {72u, 80u, 84u, 88u, 92u}) dword(other_tss + at, data0);
    dword(other_tss + 76, code0);
    put(0x3000, {0x43, 0xf4});
    cpu.set_debug_register(7, 0x00000003);
    reg(Ebx) = 0;
    CHECK(debugged({0xea, 0, 0, 0, 0, task2, 0}));
    CHECK(dr6() == dr6::BT);
    CHECK(stacked(0) == 0x3000);
    CHECK(reg(Ebx) == 0);
    CHECK((cpu.state.dr[7] & 3) == 2);
}

TEST_CASE_METHOD(Debugging, "nothing is slow while nothing is armed") {
    CHECK(cpu.access[3].readable_end != 0);
    arm(0, 0x4000, on_write, 0);
    CHECK(cpu.access[3].readable_end == 0);
    cpu.set_debug_register(7, 0);
    CHECK(cpu.access[3].readable_end != 0);
    CHECK((cpu.attention & Cpu::watching_code) == 0);
}
