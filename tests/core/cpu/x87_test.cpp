// What user mode cannot show of the x87: #NM, #MF, the FERR pin, pointers, the layouts of the environment.
#include "core/cpu/x87.hpp"

#include <catch2/catch.hpp>

#include "tests/core/engine/processor_bench.hpp"

using namespace retrace;
using retrace::test::ProcessorBench;

namespace {

// Handlers that halt: where eip ends up tells which vector was taken.
struct Bench : ProcessorBench {
    explicit Bench(CpuModel model = CpuModel::Max) : ProcessorBench{model} {
        for (int vector = 0; vector < 32; ++vector) {
            put_word(static_cast<u32>(4 * vector), static_cast<u16>(0x2000 + 16 * vector));
            put_word(static_cast<u32>(4 * vector + 2), 0);
            put(static_cast<u32>(0x2000 + 16 * vector), {0xf4});
        }
        x87::initialise(fpu());
    }
    FpuState& fpu() { return cpu.state.fpu; }
    [[nodiscard]] bool took(u8 vector) { return eip() == 0x2000u + 16u * vector; }
    [[nodiscard]] u16 return_address() { return word(cpu.state.gpr[Esp]); }
    void set_cr0(u32 set, u32 clear = 0) {
        cpu.state.cr0 = (cpu.state.cr0 | set) & ~clear;
        cpu.restored();
    }
};

constexpr int fninit_0 = 0xdb, fninit_1 = 0xe3;

}  // namespace

TEST_CASE("x87 instructions are refused with #NM by TS and by EM, WAIT only by TS and MP together") {
    for (const u32 bit : {cr0::TS, cr0::EM}) {
        Bench bench;
        bench.set_cr0(bit, cr0::MP);
        bench.code({0x9b, 0xd9, 0xe8});  // wait; fld1
        bench.run(2);
        CHECK(bench.took(vector::NM));
        CHECK(bench.return_address() == 0x1001);
    }
    Bench bench;
    bench.set_cr0(cr0::TS | cr0::MP);
    bench.code({0x90, 0x9b});
    bench.run(2);
    CHECK(bench.took(vector::NM));
    CHECK(bench.return_address() == 0x1001);
}

TEST_CASE("with NE an unmasked exception is raised by the next instruction that waits") {
    Bench bench;
    bench.set_cr0(cr0::NE);
    bench.put_word(0x3000, 0x37b);  // division by zero unmasked
    bench.code({0xd9, 0x2e, 0x00, 0x30,   // fldcw [3000h]
                0xd9, 0xe8, 0xd9, 0xee,   // fld1; fldz
                0xde, 0xf9,               // fdivp
                0x90, 0xdf, 0xe0,         // nop; fnstsw ax: do not wait
                0x9b});                   // wait: does
    bench.run(6);
    CHECK(bench.eip() == 0x100d);
    CHECK((bench.reg(Eax) & 0xffff) == (0xb080 | fp::zero_divide));
    bench.run(1);
    CHECK(bench.took(vector::MF));
    CHECK(bench.return_address() == 0x100d);
    // The operands are still there.
    CHECK(bench.fpu().st(0) == fp::Float80{});
    CHECK(bench.fpu().st(1) == fp::one80);
}

TEST_CASE("without NE, and on a 386, FERR rises with the exception and falls when it is cleared") {
    for (const CpuModel model : {CpuModel::I8086, CpuModel::I386, CpuModel::Max}) {
        Bench bench{model};
        bool ferr = false;
        bench.cpu.connect_ferr(Line{[&](bool high) { ferr = high; }});
        bench.put_word(0x3000, 0x37e);          // invalid unmasked
        bench.code({0xd9, 0x2e, 0x00, 0x30,     // fldcw [3000h]
                    0xd9, 0xfa,                 // fsqrt of an empty register
                    0xd9, 0xe8,                 // fld1: goes on, as if IGNNE were asserted
                    0xdb, 0xe2});               // fnclex
        bench.run(1);
        CHECK_FALSE(ferr);
        bench.run(1);
        CHECK(ferr);
        bench.run(1);
        CHECK(ferr);
        CHECK(bench.fpu().st(0) == fp::one80);
        bench.run(1);
        CHECK_FALSE(ferr);
        CHECK(bench.eip() == 0x100a);
    }
}

TEST_CASE("unmasking an exception that is noted makes it pending, masking it takes that back") {
    Bench bench;
    bench.set_cr0(cr0::NE);
    bench.fpu().status = fp::inexact;
    bench.put_word(0x3000, 0x35f);
    bench.put_word(0x3002, 0x37f);
    bench.code({0xd9, 0x2e, 0x00, 0x30, 0xd9, 0xd0});  // fldcw [3000h]; fnop
    bench.run(2);
    CHECK(bench.took(vector::MF));
    CHECK(bench.fpu().status == (x87::busy | x87::error_summary | fp::inexact));
    bench.code({0xd9, 0x36, 0x00, 0x40, 0xd9, 0xd0});  // fnstenv [4000h], which masks everything; fnop
    bench.run(2);
    CHECK(bench.eip() == 0x1006);
    CHECK(bench.fpu().status == fp::inexact);
    CHECK(bench.word(0x4000) == 0x35f);
    CHECK(bench.word(0x4002) == (x87::busy | x87::error_summary | fp::inexact));
}

TEST_CASE("FSTENV shows where the last instruction and its operand were, in each of its layouts") {
    const auto run_up = [](Bench& bench, bool wide, bool protected_mode) {
        bench.put(0x13000, {0, 0, 0x80, 0x3f});
        bench.cpu.set_real_segment(3, 0x1000);
        if (protected_mode) bench.set_cr0(cr0::PE);
        bench.put(0x1000, {fninit_0, fninit_1, 0xd9, 0xe8,   // fninit; fld1
                           0xd8, 0x07,                       // fadd dword [bx]
                           0xdb, 0xe2});                     // fnclex: changes no pointer
        bench.reg(Ebx) = 0x3000;
        if (wide) bench.put(0x1008, {0x66, 0xd9, 0x36, 0x00, 0x40});  // fnstenv [4000h]
        else bench.put(0x1008, {0xd9, 0x36, 0x00, 0x40});
        bench.cpu.state.eip = 0x1000;
        bench.run(5);
    };
    constexpr u32 at = 0x14000;
    {
        Bench bench;
        run_up(bench, false, false);
        CHECK(bench.word(at) == 0x37f);
        CHECK(bench.word(at + 2) == 0x3800);
        CHECK(bench.word(at + 4) == 0x3fff);
        CHECK(bench.word(at + 6) == 0x1004);
        CHECK(bench.word(at + 8) == 0x0007);              // bits 16-19 of the address, the opcode D8 07
        CHECK(bench.word(at + 10) == 0x3000);
        CHECK(bench.word(at + 12) == 0x1000);             // 13000h
    }
    {
        Bench bench;
        run_up(bench, true, false);
        CHECK(bench.dword(at) == 0xffff037f);
        CHECK(bench.dword(at + 8) == 0xffff3fff);
        CHECK(bench.dword(at + 12) == 0xffff1004);
        CHECK(bench.dword(at + 16) == 0x00000007);
        CHECK(bench.dword(at + 20) == 0xffff3000);
        CHECK(bench.dword(at + 24) == 0x00001000);
    }
    {
        Bench bench;
        run_up(bench, false, true);
        CHECK(bench.word(at + 6) == 0x1004);
        CHECK(bench.word(at + 8) == 0);
        CHECK(bench.word(at + 10) == 0x3000);
        CHECK(bench.word(at + 12) == 0x1000);             // the selector
    }
    {
        Bench bench;
        run_up(bench, true, true);
        CHECK(bench.dword(at + 12) == 0x1004);
        CHECK(bench.dword(at + 16) == 0x00070000);
        CHECK(bench.dword(at + 20) == 0x3000);
        CHECK(bench.dword(at + 24) == 0xffff1000);
    }
}

TEST_CASE("FSAVE empties the unit and FRSTOR brings all of it back, in each layout") {
    for (const bool wide : {false, true})
        for (const bool protected_mode : {false, true}) {
            Bench bench;
            if (protected_mode) bench.set_cr0(cr0::PE);
            FpuState before;
            for (unsigned n = 0; n < 8; ++n) before.physical[n] = {0x8000'0000'0000'0000 + n * 0x1111, static_cast<u16>(0x3ff0 + n)};
            before.control = 0x27f;
            before.status = 0x2d41;
            before.occupied = 0xb6;
            bench.fpu() = before;
            if (wide) bench.code({0x66, 0xdd, 0x36, 0x00, 0x40, 0x66, 0xdd, 0x26, 0x00, 0x40});  // fnsave, frstor [4000h]
            else bench.code({0xdd, 0x36, 0x00, 0x40, 0xdd, 0x26, 0x00, 0x40});
            bench.run(1);
            CHECK(bench.fpu().occupied == 0);
            CHECK(bench.fpu().control == 0x37f);
            CHECK(bench.fpu().status == 0);
            bench.run(1);
            CHECK(bench.fpu().physical == before.physical);
            CHECK(bench.fpu().control == before.control);
            CHECK(bench.fpu().status == before.status);
            CHECK(bench.fpu().occupied == before.occupied);
        }
}

TEST_CASE("a store that faults changes neither flags nor stack") {
    Bench bench;
    bench.put_word(0x3000, 0x37f);
    bench.code({0xd9, 0xeb, 0xd9, 0x1e, 0xfe, 0xff});  // fldpi; fstp dword [fffeh]
    bench.run(2);
    CHECK(bench.took(vector::GP));
    CHECK(bench.return_address() == 0x1002);
    CHECK(bench.fpu().status == 0x3800);
    CHECK(bench.fpu().occupied == 0x80);
}

TEST_CASE("on an 8086 an escape that no coprocessor knows does nothing, on a 486 it is #UD") {
    for (const CpuModel model : {CpuModel::I8086, CpuModel::I486}) {
        Bench bench{model};
        const FpuState before = bench.fpu();
        bench.code({0xd9, 0xe3, 0xdb, 0x26, 0x00, 0x30});  // d9 e3, db /4: nobody's
        bench.run(1);
        CHECK(bench.took(vector::UD) == (model == CpuModel::I486));
        if (model == CpuModel::I486) continue;
        bench.run(1);
        CHECK(bench.eip() == 0x1006);
        CHECK(bench.fpu().status == before.status);
    }
}

TEST_CASE("SIMD instructions are refused where the system does not know them") {
    {
        Bench bench;
        bench.code({0x0f, 0x58, 0xc1});  // addps without CR4.OSFXSR
        bench.run(1);
        CHECK(bench.took(vector::UD));
    }
    {
        Bench bench;
        bench.set_cr0(cr0::EM);
        bench.code({0x0f, 0x77});  // emms
        bench.run(1);
        CHECK(bench.took(vector::UD));
    }
    {
        Bench bench{CpuModel::Pentium};
        bench.code({0x0f, 0x77});
        bench.run(1);
        CHECK(bench.took(vector::UD));
    }
    {
        Bench bench;
        bench.cpu.state.cr4 = cr4::OSFXSR;
        bench.set_cr0(cr0::TS);
        bench.code({0x0f, 0x58, 0xc1});
        bench.run(1);
        CHECK(bench.took(vector::NM));
    }
}

TEST_CASE("an unmasked SIMD exception is raised by the instruction itself, which keeps its destination") {
    for (const bool known : {true, false}) {
        Bench bench;
        bench.cpu.state.cr4 = cr4::OSFXSR | (known ? cr4::OSXMMEXCPT : 0);
        bench.cpu.state.sse.mxcsr = 0x1d80;  // division by zero unmasked
        bench.cpu.state.sse.xmm[0].words = {0x3f80'0000, 5};
        bench.code({0xf3, 0x0f, 0x5e, 0xc1});  // divss xmm0, xmm1
        bench.run(1);
        CHECK(bench.took(known ? vector::XM : vector::UD));
        CHECK(bench.return_address() == 0x1000);
        CHECK(bench.cpu.state.sse.mxcsr == 0x1d84);
        CHECK(bench.cpu.state.sse.xmm[0].words == std::array<u64, 2>{0x3f80'0000, 5});
    }
}

TEST_CASE("operands of 16 bytes must be aligned, those of MOVUPS need not") {
    Bench bench;
    bench.cpu.state.cr4 = cr4::OSFXSR;
    bench.put(0x3008, {1, 2, 3, 4});
    bench.code({0x0f, 0x10, 0x06, 0x08, 0x30,    // movups xmm0,[3008h]
                0x0f, 0x28, 0x0e, 0x08, 0x30});  // movaps xmm1,[3008h]
    bench.run(1);
    CHECK(bench.cpu.state.sse.xmm[0].words[0] == 0x04030201);
    bench.run(1);
    CHECK(bench.took(vector::GP));
}

TEST_CASE("LDMXCSR and FXRSTOR refuse bits that do not exist") {
    for (const CpuModel model : {CpuModel::Pentium3, CpuModel::Max}) {
        Bench bench{model};
        bench.cpu.state.cr4 = cr4::OSFXSR;
        bench.put(0x3000, {0xc0, 0x1f, 0, 0});          // DAZ, which the Pentium III does not have
        bench.code({0x0f, 0xae, 0x16, 0x00, 0x30});     // ldmxcsr [3000h]
        bench.run(1);
        CHECK(bench.took(vector::GP) == (model == CpuModel::Pentium3));
    }
    Bench bench;
    bench.cpu.state.cr4 = cr4::OSFXSR;
    bench.put(0x3018, {0, 0, 1, 0});
    bench.code({0x0f, 0xae, 0x0e, 0x00, 0x30});         // fxrstor [3000h]
    bench.run(1);
    CHECK(bench.took(vector::GP));
}
