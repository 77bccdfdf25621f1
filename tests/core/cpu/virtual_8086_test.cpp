// Virtual-8086 mode and its extensions, and the virtual interrupt flag of protected mode. SDM volume 3, chapter 20.
#include <catch2/catch.hpp>

#include "tests/core/cpu/protected_bench.hpp"

using namespace retrace;
using namespace retrace::test::protected_bench;

namespace {

constexpr u32 program = 0x21000;   // CS = 2100h

struct Virtual : Protected {
    Virtual() {
        cpu.state.tr.limit = 0x2000;
        dword(tss + 100, 0x00880000);                        // I/O map at 88h, the redirection map before it
        for (u32 at = 0x68; at < 0x88; at += 4) dword(tss + at, 0xffffffff);
        for (u32 at = 0x88; at < 0x2088 && at < 0x2000; at += 4) dword(tss + at, 0xffffffff);
        dword(0x20 * 4, 0x21000800);                         // the program's own INT 20h: 2100:0800
    }
    // A program at 2100:0 with these flags; one step. True: it went through.
    bool does(std::initializer_list<int> bytes, u32 flags, u64 steps = 1) {
        put(program, bytes);
        cpu.set_eflags(2);
        cpu.state.halted = false;
        load(0, code0, data0);
        cpu.set_eflags(flags | flag::VM | 2);
        cpu.set_cpl(3);
        for (unsigned segment = 0; segment < 6; ++segment) cpu.set_real_segment(segment, 0x2000);
        cpu.set_real_segment(1, program / 16);
        cpu.state.eip = 0;
        reg(Esp) = 0x800;
        cpu.restored();
        run(steps);
        return cpu.virtual_8086();
    }
    [[nodiscard]] u16 pushed(unsigned index) { return word(0x20000 + (reg(Esp) & 0xffff) + 2 * index); }
    void redirect(u8 vector) { put(tss + 0x68 + vector / 8, {byte(tss + 0x68 + vector / 8) & ~(1 << vector % 8)}); }
    bool refused() { return in_handler(vector::GP) && stacked(0) == 0; }

    static constexpr u32 iopl3 = flag::IOPL, iopl0 = 0;
};

}  // namespace

TEST_CASE_METHOD(Virtual, "without extensions the flag instructions need IOPL 3") {
    for (const std::initializer_list<int> bytes : {std::initializer_list<int>{0xfa}, {0xfb}, {0x9c}, {0x9d}, {0xcd, 0x20}, {0xcf}}) {
        CHECK_FALSE(does(bytes, iopl0));
        CHECK(refused());
    }
    CHECK(does({0xfb}, iopl3));
    CHECK((eflags() & flag::IF) != 0);
    CHECK(does({0x9c}, iopl3));
    CHECK_FALSE(does({0xcd, 0x20}, iopl3));                  // through the IDT, whose gate is ring 0's
    CHECK(in_handler(vector::GP));
    CHECK(stacked(0) == 0x20 * 8 + 2);
    interrupt_gate(0x20, 0x3000, 0xee00);
    CHECK_FALSE(does({0xcd, 0x20}, iopl3));
    CHECK(eip() == 0x3000);
    CHECK(reg(Esp) == 0x9000 - 36);
}

TEST_CASE_METHOD(Virtual, "with VME, CLI and STI work on VIF, and STI with VIP is refused") {
    REQUIRE(cpu.set_cr4(cr4::VME));
    CHECK(does({0xfb}, iopl0));
    CHECK((eflags() & (flag::VIF | flag::IF)) == flag::VIF);
    CHECK(does({0xfa}, flag::VIF | flag::IF));
    CHECK((eflags() & (flag::VIF | flag::IF)) == flag::IF);
    CHECK_FALSE(does({0xfb}, flag::VIP));
    CHECK(refused());
    CHECK(does({0xfb}, iopl3 | flag::VIP));                  // with IOPL 3 the real one
    CHECK((eflags() & (flag::VIF | flag::IF)) == flag::IF);
}

TEST_CASE_METHOD(Virtual, "with VME, PUSHF and POPF show VIF as IF") {
    REQUIRE(cpu.set_cr4(cr4::VME));
    CHECK(does({0x9c}, flag::VIF | flag::CF));
    CHECK(pushed(0) == (flag::IOPL | flag::IF | flag::CF | 2));
    CHECK(does({0x9c}, flag::IF));
    CHECK(pushed(0) == (flag::IOPL | 2));
    CHECK_FALSE(does({0x66, 0x9c}, 0));
    CHECK(refused());
    put(0x20800, {0x02, 0x02});                              // IF
    CHECK(does({0x9d}, 0));
    CHECK((eflags() & (flag::VIF | flag::IF)) == flag::VIF);
    put(0x20800, {0x02, 0x00});
    CHECK(does({0x9d}, flag::VIF | flag::IF));
    CHECK((eflags() & (flag::VIF | flag::IF)) == flag::IF);
    CHECK((eflags() & flag::IOPL) == 0);
    put(0x20800, {0x02, 0x01});                              // TF
    CHECK_FALSE(does({0x9d}, 0));
    CHECK(refused());
    put(0x20800, {0x02, 0x02});
    CHECK_FALSE(does({0x9d}, flag::VIP));
    CHECK(refused());
    CHECK_FALSE(does({0x66, 0x9d}, 0));
}

TEST_CASE_METHOD(Virtual, "with VME, the bitmap sends INT n to the program's own table") {
    REQUIRE(cpu.set_cr4(cr4::VME));
    CHECK_FALSE(does({0xcd, 0x20}, flag::VIF));
    CHECK(refused());
    redirect(0x20);
    CHECK(does({0xcd, 0x20}, flag::VIF | flag::CF));
    CHECK(eip() == 0x800);
    CHECK(cpu.state.segment[1].selector == 0x2100);
    CHECK(pushed(0) == 2);
    CHECK(pushed(1) == program / 16);
    CHECK(pushed(2) == (flag::IOPL | flag::IF | flag::CF | 2));
    CHECK((eflags() & flag::VIF) == 0);
    // IRET there gives VIF back.
    put(program + 0x800, {0xcf});
    CHECK(does({0xcd, 0x20}, flag::VIF, 2));
    CHECK(eip() == 2);
    CHECK((eflags() & flag::VIF) != 0);
    CHECK((eflags() & flag::IOPL) == 0);
    // With IOPL 3 it is the real IF that is pushed and cleared.
    CHECK(does({0xcd, 0x20}, iopl3 | flag::IF));
    CHECK(pushed(2) == (flag::IOPL | flag::IF | 2));
    CHECK((eflags() & flag::IF) == 0);
    // INT3 has a gate always.
    redirect(3);
    interrupt_gate(3, 0x3000, 0xee00);
    CHECK_FALSE(does({0xcc}, flag::VIF));
    CHECK(eip() == 0x3000);
}

TEST_CASE_METHOD(Virtual, "ports are the map's business, whatever IOPL says") {
    CHECK_FALSE(does({0xe4, 0x60}, iopl3));
    CHECK(refused());
    put(tss + 0x88 + 0x60 / 8, {0xfe});
    CHECK(does({0xe4, 0x60}, iopl0));
    CHECK_FALSE(does({0xe5, 0x60}, iopl0));                  // 61h is not allowed
    cpu.state.tr.limit = 0x88 + 0x60 / 8;                    // and two bytes are always looked at
    CHECK_FALSE(does({0xe4, 0x60}, iopl0));
}

TEST_CASE_METHOD(Virtual, "an interrupt from the program must lead into ring 0, by no conforming segment") {
    dword(idt + 0x21 * 8, 0x3000 | u32{code3} << 16);
    dword(idt + 0x21 * 8 + 4, 0xee00);
    CHECK_FALSE(does({0xcd, 0x21}, iopl3));
    CHECK(in_handler(vector::GP));
    CHECK(stacked(0) == (code3 & ~3u));
    descriptor(0x70, 0, 0xfffff, 0xc09f);                    // conforming, DPL 0
    dword(idt + 0x21 * 8, 0x3000 | 0x70u << 16);
    CHECK_FALSE(does({0xcd, 0x21}, iopl3));
    CHECK(in_handler(vector::GP));
    CHECK(stacked(0) == 0x70);
}

TEST_CASE_METHOD(Virtual, "an exception leaves the segments on the stack and null") {
    CHECK_FALSE(does({0x0f, 0x0b}, iopl3));
    CHECK(in_handler(vector::UD));
    CHECK(stacked(0) == 0);
    CHECK(stacked(1) == program / 16);
    CHECK((stacked(2) & (flag::VM | flag::RF)) == (flag::VM | flag::RF));
    CHECK(stacked(3) == 0x800);
    for (unsigned at = 4; at < 9; ++at) CHECK(stacked(at) == 0x2000);
    for (const unsigned segment : {0u, 3u, 4u, 5u}) CHECK_FALSE(cpu.state.segment[segment].present());
}

TEST_CASE_METHOD(Virtual, "PVI gives ring 3 of protected mode a virtual flag") {
    const auto ring3 = [&](std::initializer_list<int> bytes, u32 flags) {
        cpu.state.halted = false;
        load(3, code3, data3);
        cpu.set_eflags(flags | 2);
        reg(Esp) = 0x8000;
        code(bytes);
        cpu.restored();
        run(1);
        return cpu.state.cpl == 3;
    };
    CHECK_FALSE(ring3({0xfb}, 0));
    REQUIRE(cpu.set_cr4(cr4::PVI));
    CHECK(ring3({0xfb}, 0));
    CHECK((eflags() & (flag::VIF | flag::IF)) == flag::VIF);
    CHECK_FALSE(ring3({0xfb}, flag::VIP));
    CHECK(ring3({0xfa}, flag::VIF | flag::IF));
    CHECK((eflags() & (flag::VIF | flag::IF)) == flag::IF);
    CHECK(ring3({0x9c}, flag::VIF));                          // PUSHF shows the real one
    CHECK((dword(0x7ffc) & flag::IF) == 0);
}

TEST_CASE_METHOD(Protected, "what fails while an exception is delivered is told with EXT, while INT n is, without") {
    dword(idt + vector::UD * 8, 0x3000 | 0x88u << 16);       // no such descriptor
    dword(idt + 0x30 * 8, 0x3000 | 0x88u << 16);
    code({0x0f, 0x0b});
    run(1);
    CHECK(in_handler(vector::GP));
    CHECK(stacked(0) == 0x89);
    cpu.state.halted = false;
    cpu.restored();
    code({0xcd, 0x30});
    run(1);
    CHECK(stacked(0) == 0x88);
    // Also inside a task that an exception's gate has entered.
    dword(idt + vector::UD * 8, u32{task2} << 16);
    dword(idt + vector::UD * 8 + 4, 0x8500);
    dword(other_tss + 32, 0x3000);
    dword(other_tss + 36, 2);
    dword(other_tss + 56, 0xa000);
    for (const u32 at : {72u, 80u, 84u, 88u, 92u}) dword(other_tss + at, data0);
    dword(other_tss + 76, code0);
    dword(other_tss + 84, 0x88);                             // DS
    cpu.state.halted = false;
    cpu.restored();
    code({0x0f, 0x0b});
    run(1);
    CHECK(in_handler(vector::TS));
    CHECK(stacked(0) == 0x89);
    CHECK(stacked(1) == 0x3000);
}

TEST_CASE_METHOD(Protected, "a task of virtual-8086 mode begins within 64 KiB") {
    dword(other_tss + 32, 0x10000);
    dword(other_tss + 36, flag::VM | 2);
    dword(other_tss + 4, 0xa000);
    dword(other_tss + 8, data0);
    for (const u32 at : {72u, 76u, 80u, 84u, 88u, 92u}) dword(other_tss + at, 0x2000);
    code({0xea, 0, 0, 0, 0, task2, 0});
    run(1);
    CHECK(in_handler(vector::GP));
    CHECK(reg(Esp) == 0xa000 - 40);
    CHECK(stacked(1) == 0x10000);
}

TEST_CASE_METHOD(Virtual, "LSS holds no interrupt off; MOV to SS does") {
    Line intr = cpu.interrupt_pin();
    struct Source : InterruptSource {
        u8 acknowledge() override { return 0x31; }
    } source;
    cpu.connect(source);
    put(0x4000, {0x00, 0x80, 0x00, 0x00, data0, 0});
    cpu.set_eflags(flag::IF | 2);
    code({0x0f, 0xb2, 0x25, 0, 0x40, 0, 0, 0x43, 0x43});     // lss esp,[4000h]; inc ebx
    reg(Ebx) = 0;
    run(0);
    run(1);
    intr.raise();
    run(1);
    CHECK(reg(Ebx) == 0);
    CHECK(in_handler(0x31));
}
