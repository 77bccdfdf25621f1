// System management mode. SDM volume 3, chapter 30.
#include <catch2/catch.hpp>

#include "tests/core/cpu/protected_bench.hpp"

using namespace retrace;
using namespace retrace::test::protected_bench;

namespace {

constexpr u32 map = 0x38000;

struct Managed : Protected {
    explicit Managed(CpuModel model = CpuModel::Pentium2) : Protected{model} {
        put(0x38000, {0x0f, 0xaa});   // rsm
    }
    void interrupt() {
        smi.raise();
        smi.lower();
    }
    Line smi = cpu.smi_pin();
};

}  // namespace

TEST_CASE_METHOD(Managed, "SMI# saves the state and starts at SMBASE + 8000h in its own mode; RSM goes back") {
    bool active = false;
    cpu.connect_smiact(Line{[&](bool high) { active = high; }});
    put(0x38000, {0x90, 0x0f, 0xaa});
    code({0x43, 0x43, 0x43});
    reg(Ebx) = 0x12345;
    reg(Edi) = 0xd1;
    cpu.set_eflags(flag::CF | flag::IF | 2);
    const auto before = inspect(cpu);
    interrupt();
    run(1);
    CHECK(active);
    CHECK(cpu.state.in_smm);
    CHECK(eip() == 0x8001);
    CHECK(cpu.state.segment[1].base == 0x30000);
    CHECK(cpu.state.segment[1].selector == 0x3000);
    CHECK(cpu.state.segment[3].limit == 0xffffffff);
    CHECK_FALSE(cpu.protected_mode());
    CHECK(eflags() == 2);
    CHECK(dword(map + 0x7ffc) == (cr0::PE | (dword(map + 0x7ffc) & ~cr0::PE)));
    CHECK(dword(map + 0x7ff4) == (flag::CF | flag::IF | 2));
    CHECK(dword(map + 0x7ff0) == 0x1000);
    CHECK(dword(map + 0x7fec) == 0xd1);
    CHECK(dword(map + 0x7fdc) == 0x12345);
    CHECK(dword(map + 0x7fac) == code0);
    CHECK(dword(map + 0x7efc) == 0x30000);
    CHECK(dword(map + 0x7ef8) == 0x30000);
    run(1);
    CHECK_FALSE(active);
    CHECK(eip() == 0x1000);
    // What differs is what nobody in the program can see: where the next restart of an I/O instruction would be kept.
    CHECK(difference(before, inspect(cpu)) == "");
    run(1);
    CHECK(reg(Ebx) == 0x12346);
}

TEST_CASE_METHOD(Managed, "what the handler changes in the map is what RSM loads, SMBASE too") {
    put(0x38000, {0x66, 0x67, 0xc7, 0x05, 0xf8, 0xfe, 0x03, 0x00, 0x00, 0x00, 0x05, 0x00,   // mov dword [3fef8h],50000h
                  0x0f, 0xaa});
    put(0x58000, {0x0f, 0xaa});
    code({0x43, 0x43, 0x43});
    interrupt();
    run(2);
    CHECK(eip() == 0x1000);
    CHECK(cpu.state.smbase == 0x50000);
    interrupt();
    run(0);
    dword(0x58000 + 0x7ff0, 0);
    run(1);
    CHECK(eip() == 0x1000);
    CHECK(dword(0x58000 + 0x7ef8) == 0x50000);
}

TEST_CASE_METHOD(Managed, "RSM outside is undefined, and with an impossible state a shutdown") {
    code({0x0f, 0xaa});
    run(1);
    CHECK(in_handler(vector::UD));
    put(0x38000, {0x66, 0x67, 0xc7, 0x05, 0xfc, 0xff, 0x03, 0x00, 0x10, 0x00, 0x00, 0x80, 0x0f, 0xaa});   // CR0: PG without PE
    cpu.state.halted = false;
    cpu.restored();
    interrupt();
    CHECK(run(3) == StopReason::Reset);
    CHECK(cpu.state.shut_down);
}

TEST_CASE_METHOD(Managed, "HLT is entered again or left, as the handler wants it") {
    code({0xf4, 0x43, 0xf4});
    reg(Ebx) = 0;
    run(3);
    CHECK(cpu.state.halted);
    interrupt();
    run(1);
    CHECK(word(map + 0x7f02) == 1);
    run(5);
    CHECK(cpu.state.halted);
    CHECK(reg(Ebx) == 0);
    put(0x38000, {0x67, 0xc6, 0x05, 0x02, 0xff, 0x03, 0x00, 0x00, 0x0f, 0xaa});   // mov byte [3ff02h],0
    interrupt();
    run(4);
    CHECK(reg(Ebx) == 1);
}

TEST_CASE_METHOD(Managed, "an I/O instruction that asked for it is done again if the handler says so") {
    struct Asks {
        Managed& bench;
        unsigned written = 0;
        void write(u8) {
            if (written++ == 0) bench.interrupt();
        }
    } device{*this};
    ports.on_write<&Asks::write>(0xb2, &device);
    put(0x38000, {0x67, 0xc6, 0x05, 0x00, 0xff, 0x03, 0x00, 0xff, 0x0f, 0xaa});   // mov byte [3ff00h],ffh
    put(0x4000, {1, 2, 3, 4});
    reg(Edx) = 0xb2;
    reg(Esi) = 0x4000;
    code({0x6e, 0xf4});                                                           // outsb
    run(1);
    CHECK(reg(Esi) == 0x4001);
    run(2);
    CHECK(reg(Esi) == 0x4000);
    CHECK(eip() == 0x1000);
    run(1);
    CHECK(device.written == 2);
    CHECK(eip() == 0x1001);
}

TEST_CASE_METHOD(Managed, "within the mode another SMI waits, and NMI and A20M# are held off") {
    cpu.a20_pin().lower();
    put(0x38000, {0x90, 0x90, 0x0f, 0xaa});
    code({0x43, 0x43, 0x43});
    reg(Ebx) = 0;
    interrupt();
    run(1);
    CHECK(cpu.mmu.mode().a20);
    interrupt();
    cpu.nmi_pin().raise();
    run(2);
    CHECK_FALSE(cpu.state.in_smm);
    CHECK_FALSE(cpu.mmu.mode().a20);
    run(1);
    CHECK(cpu.state.in_smm);
    CHECK(eip() == 0x8001);
    CHECK(reg(Ebx) == 0);
    run(3);
    CHECK(in_handler(vector::NMI));
}

TEST_CASE_METHOD(Managed, "a virtual-8086 program does not notice") {
    put(0x2010, {0x43, 0x43});
    cpu.set_eflags(flag::VM | 2 | flag::IOPL);
    cpu.set_cpl(3);
    for (unsigned segment = 0; segment < 6; ++segment) cpu.set_real_segment(segment, static_cast<u16>(0x100 + segment));
    cpu.set_real_segment(1, 0x200);
    cpu.state.eip = 0x10;
    reg(Ebx) = 0;
    cpu.restored();
    const auto before = inspect(cpu);
    interrupt();
    run(1);
    CHECK(difference(before, inspect(cpu)) == "");
    CHECK(cpu.virtual_8086());
    CHECK(cpu.state.cpl == 3);
    run(1);
    CHECK((reg(Ebx) & 0xffff) == 1);
}

TEST_CASE("a 486 has no SMI pin here, and no RSM") {
    Managed old{CpuModel::I486};
    old.code({0x43, 0x43});
    old.interrupt();
    old.run(1);
    CHECK_FALSE(old.cpu.state.in_smm);
}

TEST_CASE_METHOD(Managed, "INIT keeps the x87, model-specific registers and SMBASE; RESET does not") {
    cpu.state.smbase = 0x50000;
    cpu.state.msr[0x277] = 0;
    cpu.state.fpu.control = 0x27f;
    cpu.initialise();
    CHECK(eip() == 0xfff0);
    CHECK_FALSE(cpu.protected_mode());
    CHECK(cpu.state.smbase == 0x50000);
    CHECK(cpu.state.msr.contains(0x277));
    CHECK(cpu.state.fpu.control == 0x27f);
    cpu.reset();
    CHECK(cpu.state.smbase == 0x30000);
    CHECK_FALSE(cpu.state.msr.contains(0x277));
}
