// Model-specific registers, event counters and what CPUID says of each model. SDM volumes 3 and 4.
#include <catch2/catch.hpp>

#include "core/cpu/model_registers.hpp"
#include "tests/core/cpu/protected_bench.hpp"

using namespace retrace;
using namespace retrace::test::protected_bench;

namespace {

struct Bench : Protected {
    explicit Bench(CpuModel model = CpuModel::Pentium2) : Protected{model} {}
    // One instruction; true if it went through.
    bool does(std::initializer_list<int> bytes) {
        code(bytes);
        cpu.state.halted = false;
        reg(Esp) = 0x8000;
        cpu.restored();
        run(1);
        return eip() == 0x1000 + bytes.size();
    }
    bool write(u32 index, u64 value) {
        reg(Ecx) = index;
        reg(Eax) = static_cast<u32>(value);
        reg(Edx) = static_cast<u32>(value >> 32);
        return does({0x0f, 0x30});
    }
    bool read(u32 index) {
        reg(Ecx) = index;
        return does({0x0f, 0x32});
    }
    [[nodiscard]] u64 pair() { return u64{reg(Edx)} << 32 | reg(Eax); }
    u64 value_of(u32 index) {
        CHECK(read(index));
        return pair();
    }
    void identify(u32 leaf, u32 index = 0) {
        reg(Eax) = leaf;
        reg(Ecx) = index;
        CHECK(does({0x0f, 0xa2}));
    }
};

}  // namespace

TEST_CASE("an unknown model-specific register is #GP, for reading and for writing") {
    for (const CpuModel model : {CpuModel::Pentium, CpuModel::Pentium2, CpuModel::Pentium3, CpuModel::Pentium4, CpuModel::Max}) {
        Bench bench{model};
        for (const u32 index : {0x3u, 0x7fffu, 0x40000000u, 0xc0000081u, 0xffffffffu}) {
            CHECK_FALSE(bench.read(index));
            CHECK(bench.in_handler(vector::GP));
            CHECK(bench.stacked(0) == 0);
            CHECK_FALSE(bench.write(index, 0));
        }
    }
}

TEST_CASE("each model has its own registers") {
    Bench pentium{CpuModel::Pentium};
    CHECK(pentium.read(0x0e));
    CHECK(pentium.read(0x11));
    for (const u32 index : {0x1bu, 0xfeu, 0x174u, 0x179u, 0x277u}) CHECK_FALSE(pentium.read(index));
    Bench p6;
    CHECK_FALSE(p6.read(0x0e));
    CHECK(p6.value_of(0xfe) == 0x508);
    CHECK(p6.value_of(0x277) == 0x0007'0406'0007'0406);
    CHECK(p6.value_of(0x179) == 0x105);
    CHECK_FALSE(p6.read(0x1a0));
    CHECK_FALSE(p6.read(0x79));
    CHECK(p6.write(0x79, 0x1000));
    Bench p4{CpuModel::Pentium4};
    CHECK(p4.value_of(0x1a0) == 0x1881);
    CHECK(p4.read(0x300));
    CHECK_FALSE(p4.read(0xc1));
}

TEST_CASE_METHOD(Bench, "writes are refused where bits are reserved, types wrong or the register read-only") {
    CHECK_FALSE(write(0xfe, 0x508));
    CHECK(write(0x200, 0xf'c000'0006));
    CHECK_FALSE(write(0x200, u64{1} << 36));
    CHECK_FALSE(write(0x200, 2));
    CHECK_FALSE(write(0x200, 0x106));
    CHECK(write(0x201, 0xf'e000'0800));
    CHECK_FALSE(write(0x201, 0xf'e000'0400));
    CHECK(value_of(0x201) == 0xf'e000'0800);
    CHECK(write(0x250, 0x0606'0606'0606'0606));
    CHECK_FALSE(write(0x250, 0x0706'0606'0606'0606));
    CHECK(write(0x277, 0x0706'0504'0100'0001));
    CHECK_FALSE(write(0x277, 0x0206'0504'0100'0001));
    CHECK(write(0x2ff, 0xc06));
    CHECK_FALSE(write(0x2ff, 0x1006));
    CHECK(write(0x400, 3));
    CHECK(write(0x401, 0));
    CHECK_FALSE(write(0x401, 1));
    CHECK(write(0x175, 0xffff'ffff'1234'5678));
    CHECK(value_of(0x175) == 0x12345678);
}

TEST_CASE_METHOD(Bench, "model-specific registers are ring 0's") {
    load(3, code3, data3);
    CHECK_FALSE(read(0x1b));
    CHECK(in_handler(vector::GP));
}

TEST_CASE_METHOD(Bench, "IA32_APIC_BASE moves and disables the local APIC, and CPUID follows") {
    u64 placed = 0;
    cpu.connect_apic([&](u64 base) { placed = base; });
    CHECK(value_of(0x1b) == 0xfee00900);
    CHECK(placed == 0xfee00900);
    identify(1);
    CHECK((reg(Edx) >> 9 & 1) == 1);
    CHECK(write(0x1b, 0xfed40900));
    CHECK(placed == 0xfed40900);
    for (const u64 bad : {u64{1} << 36, u64{1}, u64{0x200}, u64{0x400}}) CHECK_FALSE(write(0x1b, 0xfee00900 | bad));
    CHECK(write(0x1b, 0xfee00000));
    CHECK(value_of(0x1b) == 0xfee00100);   // the boot processor stays it
    identify(1);
    CHECK((reg(Edx) >> 9 & 1) == 0);
}

TEST_CASE("CPUID tells what the model has") {
    const auto features_of = [](CpuModel model) {
        Bench bench{model};
        bench.identify(1);
        return bench.reg(Edx);
    };
    CHECK(features_of(CpuModel::I486) == 1);
    CHECK(features_of(CpuModel::Pentium) == 0x3bf);
    CHECK(features_of(CpuModel::Pentium2) == 0x0183fbff);
    CHECK(features_of(CpuModel::Pentium3) == 0x0383fbff);
    CHECK(features_of(CpuModel::Pentium4) == 0x2fcbfbff);

    Bench p6;
    p6.identify(0x7fffffff);               // beyond the highest leaf: that one
    CHECK(p6.reg(Edx) == 0x0c040843);
    p6.identify(0x80000000);
    CHECK(p6.reg(Eax) == 0x03020101);
    Bench p4{CpuModel::Pentium4};
    p4.identify(0x80000000);
    CHECK(p4.reg(Eax) == 0x80000004);
    Bench max{CpuModel::Max};
    max.identify(0x80000001);
    CHECK(max.reg(Edx) == 1 << 20);
    max.identify(4, 2);
    CHECK((max.reg(Eax) & 0xff) == 0x43);
    max.identify(4, 4);
    CHECK((max.reg(Eax) & 31) == 0);
    std::string brand;
    for (const u32 leaf : {0x80000002u, 0x80000003u, 0x80000004u}) {
        max.identify(leaf);
        for (const u32 part : {max.reg(Eax), max.reg(Ebx), max.reg(Ecx), max.reg(Edx)})
            for (unsigned shift = 0; shift < 32; shift += 8) brand += static_cast<char>(part >> shift);
    }
    CHECK(brand.find("Retrace") != std::string::npos);
    CHECK(brand.back() == '\0');
}

TEST_CASE_METHOD(Bench, "an event counter counts retired instructions in the rings it is told to, and RDPMC needs leave") {
    CHECK(write(0x187, 0xc0 | 1 << 16 | 1 << 17));
    CHECK(write(0xc2, 0));
    CHECK(value_of(0xc2) == 0);                          // the enable bit is in the other select
    CHECK(write(0x186, 1 << 22));
    const u64 first = value_of(0xc2);
    code({0x90, 0x90, 0x90, 0x90, 0x90});
    run(5);
    CHECK(value_of(0xc2) == first + 6);                  // and RDMSR itself
    CHECK(write(0xc2, 0x80000000));
    CHECK(value_of(0xc2) >> 32 == 0xff);                 // sign-extended to 40 bits
    reg(Ecx) = 1;
    CHECK(does({0x0f, 0x33}));
    CHECK(pair() >> 32 == 0xff);
    reg(Ecx) = 2;
    CHECK_FALSE(does({0x0f, 0x33}));

    CHECK(write(0x187, 0xc0 | 1 << 16));                 // rings 1 to 3 alone
    CHECK(write(0xc2, 0));
    load(0, code0, data0);
    dword(0x7fec, 0x1100);
    dword(0x7ff0, code3);
    dword(0x7ff4, 2);
    dword(0x7ff8, 0x9800);
    dword(0x7ffc, data3);
    interrupt_gate(0x30, 0x3000, 0xee00);
    put(0x1100, {0x90, 0x90, 0x90, 0xcd, 0x30});
    code({0xcf});
    reg(Esp) = 0x7fec;
    run(5);
    CHECK(cpu.state.cpl == 0);
    CHECK(value_of(0xc2) == 4);                          // with the INT that leaves the ring
    load(3, code3, data3);
    reg(Ecx) = 1;
    CHECK_FALSE(does({0x0f, 0x33}));
    load(3, code3, data3);
    cpu.state.cr4 |= cr4::PCE;
    reg(Ecx) = 1;
    CHECK(does({0x0f, 0x33}));
}

TEST_CASE("the Pentium selects events for both counters in one register") {
    Bench pentium{CpuModel::Pentium};
    CHECK(pentium.write(0x11, (0x16 | 3 << 6) << 16));
    CHECK(pentium.write(0x13, 0));
    pentium.code({0x90, 0x90, 0x90});
    pentium.run(3);
    CHECK(pentium.value_of(0x13) == 4);
    CHECK(pentium.value_of(0x12) == 0);
}

TEST_CASE("the time stamp counter is written whole only on late models, and may be kept from ring 3") {
    for (const CpuModel model : {CpuModel::Pentium, CpuModel::Max}) {
        Bench bench{model};
        CHECK(bench.write(0x10, 0x55'0000'0000));
        CHECK(bench.does({0x0f, 0x31}));
        CHECK(bench.reg(Edx) == (model == CpuModel::Max ? 0x55 : 0));
        bench.cpu.state.cr4 |= cr4::TSD;
        CHECK(bench.does({0x0f, 0x31}));
        bench.load(3, code3, data3);
        CHECK_FALSE(bench.does({0x0f, 0x31}));
        CHECK(bench.in_handler(vector::GP));
    }
}

TEST_CASE_METHOD(Bench, "CR0.NE takes a waiting x87 exception from the FERR pin and gives it back") {
    bool ferr = false;
    cpu.connect_ferr(Line{[&](bool high) { ferr = high; }});
    cpu.state.fpu.status = 0x8080;   // summary and busy
    CHECK(cpu.set_cr0(cpu.state.cr0 | cr0::NE));
    CHECK_FALSE(ferr);
    CHECK(cpu.set_cr0(cpu.state.cr0 & ~cr0::NE));
    CHECK(ferr);
    CHECK(cpu.set_cr0(cpu.state.cr0 | cr0::NE));
    CHECK_FALSE(ferr);
}

TEST_CASE_METHOD(Bench, "impossible control register values are refused") {
    const auto refused = [&](unsigned which, u32 value) {
        reg(Eax) = value;
        return !does({0x0f, 0x22, static_cast<int>(0xc0 | which << 3)}) && in_handler(vector::GP) && stacked(0) == 0;
    };
    CHECK(refused(0, cr0::PG));
    CHECK(refused(0, cr0::PE | cr0::NW));
    CHECK(refused(4, 1 << 11));
    CHECK(refused(4, u32{1} << 31));
    CHECK_FALSE(refused(4, cr4::OSFXSR | cr4::PAE));
    Bench pentium{CpuModel::Pentium};
    pentium.reg(Eax) = cr4::PAE;
    CHECK_FALSE(pentium.does({0x0f, 0x22, 0xe0}));
    Bench p2;
    p2.reg(Eax) = cr4::OSXMMEXCPT;
    CHECK_FALSE(p2.does({0x0f, 0x22, 0xe0}));
}

TEST_CASE("MISC_ENABLE limits CPUID and takes no-execute away") {
    Bench max{CpuModel::Max};
    CHECK(max.value_of(0x1a0) == 0x1801);
    CHECK(max.write(0xc0000080, efer::NXE));
    CHECK(max.write(0x1a0, 0x4'00c5'1889));
    CHECK(max.value_of(0x1a0) == 0x4'00c5'1889);
    CHECK(max.value_of(0xc0000080) == 0);
    CHECK_FALSE(max.write(0xc0000080, efer::NXE));
    max.identify(0);
    CHECK(max.reg(Eax) == 2);
    max.identify(0x80000001);
    CHECK(max.reg(Edx) == 0);
    CHECK_FALSE(max.write(0x1a0, 0x1801 | 1 << 15));
}
