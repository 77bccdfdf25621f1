// Paging beyond the first 386: PSE, PAE, no-execute, reserved bits. SDM volume 3, chapter 4.
#include <catch2/catch.hpp>

#include "tests/core/cpu/protected_bench.hpp"

using namespace retrace;
using namespace retrace::test::protected_bench;

namespace {

constexpr u32 pointers = 0x20000, directory = 0x21000, table = 0x22000, wide_directory = 0x23000;
constexpr u64 no_execute = u64{1} << 63;

struct Paged : Protected {
    explicit Paged(CpuModel model) : Protected{model} {}

    void qword(u32 address, u64 value) {
        dword(address, static_cast<u32>(value));
        dword(address + 4, static_cast<u32>(value >> 32));
    }
    // The first 2 MiB by 4 KiB pages, each where it is, open to all.
    bool start_pae() {
        qword(pointers, directory | 1);
        for (u32 n = 1; n < 4; ++n) qword(pointers + 8 * n, 0);
        qword(directory, table | 7);
        for (u32 page = 0; page < 512; ++page) qword(table + 8 * page, page << 12 | 7);
        return cpu.set_cr4(cpu.state.cr4 | cr4::PAE) && cpu.set_cr3(pointers) && cpu.set_cr0(cpu.state.cr0 | cr0::PG);
    }
    void write_msr(u32 index, u64 value) {
        reg(Ecx) = index;
        reg(Eax) = static_cast<u32>(value);
        reg(Edx) = static_cast<u32>(value >> 32);
        once({0x0f, 0x30});
    }
    void once(std::initializer_list<int> bytes) {
        reg(Esp) = 0x8000;
        cpu.state.halted = false;
        cpu.restored();
        code(bytes);
        run(1);
    }
    void forget() { REQUIRE(cpu.set_cr3(cpu.state.cr3)); }
};

struct PagedMax : Paged {
    PagedMax() : Paged{CpuModel::Max} {}
};
struct PagedP6 : Paged {
    PagedP6() : Paged{CpuModel::Pentium2} {}
};

}  // namespace

TEST_CASE_METHOD(PagedMax, "an instruction in a page that is not to be executed faults with the fetch bit") {
    write_msr(0xc0000080, efer::NXE);
    REQUIRE(cpu.state.efer == efer::NXE);
    REQUIRE(start_pae());
    qword(table + 8 * 0x40, 0x40000 | 7 | no_execute);
    put(0x40000, {0x90});
    once({0xa1, 0, 0, 4, 0});                         // reading is fine
    CHECK(eip() == 0x1005);
    once({0xe9, 0xfb, 0xef, 0x03, 0});                // jmp 40000h
    run(1);
    CHECK(in_handler(vector::PF));
    CHECK(stacked(0) == 0x11);                        // present, fetch
    CHECK(cpu.state.cr2 == 0x40000);
    CHECK(stacked(1) == 0x40000);
    // The directory's bit forbids its whole range.
    qword(table + 8 * 0x40, 0x40000 | 7);
    qword(directory, table | 7 | no_execute);
    qword(directory + 8, 0 | 0x87);                   // 200000h-3FFFFFh: the same memory once more, executable
    forget();
    put(0x1000, {0xff, 0xe0});                        // jmp eax
    reg(Eax) = 0x40000;
    reg(Esp) = 0x8000;
    cpu.state.eip = 0x200000 + 0x1000;
    cpu.state.halted = false;
    cpu.restored();
    run(2);
    CHECK(cpu.state.cr2 == 0x40000);
    CHECK(in_handler(vector::PF));
    run(1);                                           // even the handler is not to be executed
    CHECK(cpu.state.cr2 == 0x2000 + vector::PF * 16);
}

TEST_CASE_METHOD(PagedMax, "without NXE the bit is reserved, and a fetch is not told apart") {
    REQUIRE(start_pae());
    qword(table + 8 * 0x40, 0x40000 | 7 | no_execute);
    once({0xa1, 0, 0, 4, 0});
    CHECK(in_handler(vector::PF));
    CHECK(stacked(0) == 9);                           // present, reserved
    qword(table + 8 * 0x40, 0);
    forget();
    once({0xe9, 0xfb, 0xef, 0x03, 0});
    run(1);
    CHECK(in_handler(vector::PF));
    CHECK(stacked(0) == 0);
}

TEST_CASE_METHOD(PagedMax, "MASKMOVDQU wants both its halves to be there, the upper one first, whatever is selected") {
    REQUIRE(cpu.set_cr4(cpu.state.cr4 | cr4::OSFXSR));
    REQUIRE(start_pae());
    const std::initializer_list<int> maskmovdqu{0x66, 0x0f, 0xf7, 0xc1};   // of xmm0 what xmm1 selects: nothing
    cpu.state.sse.xmm[0].words = {~u64{0}, ~u64{0}};
    cpu.state.sse.xmm[1].words = {};
    reg(Edi) = 0x40ff8;
    once(maskmovdqu);
    CHECK(eip() == 0x1004);
    qword(table + 8 * 0x41, 0);
    forget();
    once(maskmovdqu);
    CHECK(in_handler(vector::PF));
    CHECK(stacked(0) == 2);
    CHECK(cpu.state.cr2 == 0x41000);
    // Halves that are both absent: the address is that of the upper one.
    qword(table + 8 * 0x40, 0);
    forget();
    reg(Edi) = 0x40400;
    once(maskmovdqu);
    CHECK(in_handler(vector::PF));
    CHECK(cpu.state.cr2 == 0x40408);
}

TEST_CASE_METHOD(PagedMax, "EFER has NXE and nothing else, and older models have no EFER") {
    write_msr(0xc0000080, 1);
    CHECK(in_handler(vector::GP));
    Paged old{CpuModel::Pentium4};
    old.write_msr(0xc0000080, efer::NXE);
    CHECK(old.in_handler(vector::GP));
}

TEST_CASE_METHOD(PagedP6, "reserved bits of PAE entries fault; those of pointers refuse the load of CR3") {
    REQUIRE(start_pae());
    qword(table + 8 * 0x40, u64{1} << 40 | 0x40000 | 7);
    once({0xa1, 0, 0, 4, 0});
    CHECK(in_handler(vector::PF));
    CHECK(stacked(0) == 9);
    qword(directory + 8, 0x2000 | 0x87);              // a 2 MiB page with bit 13
    forget();
    once({0xa2, 0, 0, 0x20, 0});
    CHECK(in_handler(vector::PF));
    CHECK(stacked(0) == 0xb);
    CHECK(cpu.state.cr2 == 0x200000);

    for (const u64 bad : {u64{2}, u64{0x20}, u64{1} << 36, u64{1} << 63}) {
        qword(pointers + 8 * 3, bad | 1);
        reg(Eax) = pointers;
        once({0x0f, 0x22, 0xd8});                     // mov cr3,eax
        CHECK(in_handler(vector::GP));
        CHECK(stacked(0) == 0);
        qword(pointers + 8 * 3, bad);                 // not present: no matter
        once({0x0f, 0x22, 0xd8});
        CHECK(eip() == 0x1003);
    }
}

TEST_CASE_METHOD(PagedP6, "the four pointers are those of the last load of CR3") {
    REQUIRE(start_pae());
    qword(pointers, 0);
    cpu.mmu.forget_everything();
    once({0xa1, 0, 0, 4, 0});
    CHECK(eip() == 0x1005);
    cpu.restored();
    once({0xa1, 0, 0, 4, 0});
    CHECK(eip() == 0x1005);
}

TEST_CASE_METHOD(PagedP6, "4 MiB pages have PSE-36 from the Pentium II on, and reserved bits before") {
    const auto map_large = [](Paged& bench, u64 entry) {
        bench.dword(wide_directory, 0x87);
        bench.dword(wide_directory + 4, static_cast<u32>(entry));
        REQUIRE(bench.cpu.set_cr4(cr4::PSE));
        REQUIRE(bench.cpu.set_cr3(wide_directory));
        REQUIRE(bench.cpu.set_cr0(bench.cpu.state.cr0 | cr0::PG));
        bench.once({0xa1, 0x00, 0x10, 0x40, 0});      // mov eax,[401000h]
    };
    put(0x1000, {0xa1});
    map_large(*this, 0x87);
    CHECK(eip() == 0x1005);
    CHECK((reg(Eax) & 0xff) == 0xa1);
    CHECK((dword(wide_directory + 4) & 0x60) == 0x20);
    map_large(*this, 0x00002087);                     // 4 GiB: nothing is there
    CHECK(reg(Eax) == 0xffffffff);
    map_large(*this, 0x00020087);
    CHECK(in_handler(vector::PF));
    CHECK(stacked(0) == 9);

    Paged pentium{CpuModel::Pentium};
    map_large(pentium, 0x00002087);
    CHECK(pentium.in_handler(vector::PF));
    CHECK(pentium.stacked(0) == 9);
    map_large(pentium, 0x87);
    CHECK(pentium.eip() == 0x1005);
}

namespace {

constexpr u32 root = 0x24000, low_table = 0x25000, high_table = 0x26000, mapped = 0x400000;

// The first 2 MiB where they are; four pages from 4 MiB on lie at 40000h.
struct TwoTables : Protected {
    TwoTables() : Protected{CpuModel::I486} {
        dword(root, low_table | 7);
        dword(root + 4, high_table | 7);
        for (u32 page = 0; page < 512; ++page) dword(low_table + 4 * page, page << 12 | 7);
        for (u32 page = 0; page < 4; ++page) dword(high_table + 4 * page, (0x40 + page) << 12 | 7);
        dword(0x40000, 0x11111111);
        dword(0x43000, 0x33333333);
        REQUIRE(cpu.set_cr3(root));
        REQUIRE(cpu.set_cr0(cpu.state.cr0 | cr0::PG));
    }
};

}  // namespace

TEST_CASE_METHOD(TwoTables, "a table that a string instruction clears maps nothing from then on, and is watched no longer") {
    code({0xa1, 0x00, 0x00, 0x40, 0x00,                            // mov eax,[400000h]
          0xbf, 0x00, 0x60, 0x02, 0x00, 0x31, 0xc0,                // mov edi,26000h; xor eax,eax
          0xb9, 0x00, 0x04, 0x00, 0x00, 0xfc, 0xf3, 0xab,          // mov ecx,400h; cld; rep stosd
          0xa1, 0x00, 0x00, 0x40, 0x00});                          // mov eax,[400000h]
    run(1);
    CHECK(reg(Eax) == 0x11111111);
    const u64 before = cpu.mmu.counters().table_stores;
    run(4 + 0x400);
    CHECK(cpu.mmu.counters().unwatched == 1);
    CHECK(cpu.mmu.counters().table_stores <= before + 1);   // the first finds out where it is
    run(1);
    CHECK(in_handler(vector::PF));
    CHECK(cpu.state.cr2 == mapped);
}

TEST_CASE_METHOD(TwoTables, "a table that a string instruction writes anew maps what it says now") {
    for (u32 page = 0; page < 1024; ++page) dword(0x50000 + 4 * page, 0x43007);
    code({0xa1, 0x00, 0x00, 0x40, 0x00,                            // mov eax,[400000h]
          0xbf, 0x00, 0x60, 0x02, 0x00, 0xbe, 0x00, 0x00, 0x05, 0x00,   // mov edi,26000h; mov esi,50000h
          0xb9, 0x00, 0x04, 0x00, 0x00, 0xfc, 0xf3, 0xa5,          // mov ecx,400h; cld; rep movsd
          0xa1, 0x00, 0x00, 0x40, 0x00});                          // mov eax,[400000h]
    run(1 + 4 + 0x400 + 1);
    CHECK(reg(Eax) == 0x33333333);
}

TEST_CASE_METHOD(TwoTables, "stores to entries are seen at once, and take no walk of their own") {
    code({0xa1, 0x00, 0x00, 0x40, 0x00,                                        // mov eax,[400000h]
          0xc7, 0x05, 0x04, 0x60, 0x02, 0x00, 0x07, 0x20, 0x04, 0x00,          // mov dword [26004h],42007h
          0xc7, 0x05, 0x00, 0x60, 0x02, 0x00, 0x07, 0x30, 0x04, 0x00,          // mov dword [26000h],43007h
          0x81, 0x25, 0x08, 0x60, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00,          // and dword [26008h],0
          0xa1, 0x00, 0x00, 0x40, 0x00,                                        // mov eax,[400000h]
          0xa1, 0x00, 0x20, 0x40, 0x00});                                      // mov eax,[402000h]
    run(2);
    const u64 walks = cpu.mmu.counters().walks;
    run(2);
    CHECK(cpu.mmu.counters().walks <= walks + 2);   // of fetches, after each cut
    CHECK(dword(high_table + 8) == 0);
    run(1);
    CHECK(reg(Eax) == 0x33333333);
    run(1);
    CHECK(in_handler(vector::PF));
    CHECK(cpu.state.cr2 == mapped + 0x2000);
}
