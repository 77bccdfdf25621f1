#include "core/engine/interpreter.hpp"

#include <catch2/catch.hpp>

#include "tests/core/engine/processor_bench.hpp"

using namespace retrace;
using retrace::test::ProcessorBench;

TEST_CASE("a step is an instruction, and run stops exactly") {
    ProcessorBench bench;
    bench.code({0xb8, 0x34, 0x12, 0x40, 0x40, 0x40, 0xeb, 0xfa});  // mov ax,1234h; l: inc ax * 3; jmp l
    CHECK(bench.run(3) == StopReason::Reached);
    CHECK(bench.scheduler.now() == Moment{3});
    CHECK(bench.reg(Eax) == 0x1236);
    CHECK(bench.eip() == 0x1005);
    CHECK(bench.run(2) == StopReason::Reached);
    CHECK(bench.reg(Eax) == 0x1237);
    CHECK(bench.eip() == 0x1003 - 1);
}

TEST_CASE("run returns at the earliest timer") {
    ProcessorBench bench;
    bench.code({0xeb, 0xfe});
    Timer timer{bench.scheduler, "t", [] {}};
    timer.set_at({7});
    CHECK(bench.engine.run({20}) == StopReason::Event);
    CHECK(bench.scheduler.now() == Moment{7});
}

TEST_CASE("a halted processor idles to the limit and wakes for an interrupt") {
    ProcessorBench bench;
    struct Source : InterruptSource {
        u8 acknowledge() override { return 0x20; }
    } source;
    bench.cpu.connect(source);
    const Line pin = bench.cpu.interrupt_pin();
    bench.put_word(0x80, 0x2000);
    bench.put_word(0x82, 0);
    bench.put(0x2000, {0x41, 0xcf});       // inc cx; iret
    bench.code({0xfb, 0xf4, 0x43, 0xf4});  // sti; hlt; inc bx; hlt
    Timer timer{bench.scheduler, "t", [&] { pin.raise(); }};
    timer.set_at({100});
    CHECK(bench.run(101) == StopReason::Reached);
    pin.lower();
    CHECK(bench.reg(Ecx) == 1);
    CHECK(bench.reg(Ebx) == 0);
    bench.run(2);
    CHECK(bench.reg(Ebx) == 1);
    CHECK(bench.eip() == 0x1003);
}

TEST_CASE("memory operands of all widths are read, changed and written") {
    ProcessorBench bench;
    bench.put(0x3000, {0x78, 0x56, 0x34, 0x12});
    bench.code({0xbb, 0x00, 0x30,                    // mov bx,3000h
                0x80, 0x07, 0x11,                    // add byte [bx],11h
                0x83, 0x47, 0x02, 0x01,              // add word [bx+2],1
                0x66, 0x8b, 0x07,                    // mov eax,[bx]
                0x66, 0xff, 0x07});                  // inc dword [bx]
    bench.run(5);
    CHECK(bench.reg(Eax) == 0x12355689);
    CHECK(bench.dword(0x3000) == 0x1235568a);
}

TEST_CASE("a division by zero comes back to the instruction, on an 8086 to the next") {
    for (const auto model : {CpuModel::I8086, CpuModel::I286, CpuModel::I486}) {
        ProcessorBench bench{model};
        bench.put_word(0, 0x2000);
        bench.put(0x2000, {0xf4});
        bench.code({0x90, 0xf6, 0xf1});   // nop; div cl
        bench.run(2);
        CHECK(bench.eip() == 0x2000);
        CHECK(bench.word(0x7ffa) == (model == CpuModel::I8086 ? 0x1003 : 0x1001));
    }
}

TEST_CASE("REP counts a step for each iteration, wherever it is cut") {
    ProcessorBench bench;
    bench.put(0x3000, {1, 2, 3, 4, 5, 6, 7, 8});
    bench.code({0xf3, 0xa4, 0xf4});
    bench.reg(Esi) = 0x3000;
    bench.reg(Edi) = 0x4000;
    bench.reg(Ecx) = 8;
    bench.run(3);
    CHECK(bench.reg(Ecx) == 5);
    CHECK(bench.eip() == 0x1000);
    bench.run(5);
    CHECK(bench.reg(Ecx) == 0);
    CHECK(bench.eip() == 0x1002);
    CHECK(bench.dword(0x4004) == 0x08070605);
}

TEST_CASE("code that changes itself runs changed at once") {
    ProcessorBench bench;
    // l: mov al,0; inc byte [1001h]; dec cx; jnz l
    bench.code({0xb0, 0x00, 0xfe, 0x06, 0x01, 0x10, 0x49, 0x75, 0xf7, 0xf4});
    bench.reg(Ecx) = 100;
    bench.run(400);
    CHECK((bench.reg(Eax) & 0xff) == 99);
    // the next instruction of the running trace: mov byte [1008h],40h (inc ax over nop)
    ProcessorBench other;
    other.code({0xc6, 0x06, 0x07, 0x10, 0x40, 0x90, 0x90, 0x90, 0xf4});
    other.run(4);
    CHECK(other.reg(Eax) == 1);
}

TEST_CASE("the trap flag stops after each instruction") {
    ProcessorBench bench;
    bench.put_word(4, 0x2000);
    bench.put(0x2000, {0x42, 0xcf});    // inc dx; iret
    bench.code({0x40, 0x40, 0x40, 0xf4});
    bench.reg(Edx) = 0;
    bench.set_eflags(flag::TF | 2);
    bench.run(9);
    CHECK(bench.reg(Eax) == 3);
    CHECK(bench.reg(Edx) == 3);
}

TEST_CASE("the 8086 holds interrupts off behind a load of any segment register, later processors behind SS alone") {
    for (const CpuModel model : {CpuModel::I8086, CpuModel::I286}) {
        ProcessorBench bench{model};
        struct Source : InterruptSource {
            u8 acknowledge() override { return 0x20; }
        } source;
        bench.cpu.connect(source);
        bench.put_word(0x80, 0x3000);
        bench.put_word(0x82, 0);
        bench.set_eflags(flag::IF | 2);
        bench.code({0x8e, 0xc0, 0x40, 0x40});   // mov es,ax; inc ax
        bench.reg(Eax) = 0;
        bench.run(1);
        bench.cpu.interrupt_pin().raise();
        bench.put(0x3000, {0x43, 0x43});
        bench.run(1);
        CHECK((bench.reg(Eax) & 0xffff) == (model == CpuModel::I8086 ? 1 : 0));
    }
}
