// The usual ways of interrupts, IRET and segment loads are those that check one thing after the other, only quicker: a processor with a data
// breakpoint armed, which knows no usual ways, does the same.
#include <catch2/catch.hpp>

#include <random>

#include "tests/core/cpu/protected_bench.hpp"

using namespace retrace;
using namespace retrace::test::protected_bench;

namespace {

constexpr u32 directory = 0x20000, table = 0x21000;
constexpr u16 selectors[]{0, 3, code0, data0, code3, data3, code0 | 3, data0 | 3, code3 & ~3, data3 & ~3, small_data, absent, down, read_only, 0x68, 0x6b, 0x88, task, 0x0c};

struct Paired : Protected {
    explicit Paired(bool watched) : Protected{CpuModel::Pentium2} {
        if (watched) {
            cpu.set_debug_register(0, 0xfff00000);
            cpu.set_debug_register(7, 0x00010001);
        }
    }
    void start_paging() {
        dword(directory, table | 7);
        for (u32 page = 0; page < 512; ++page) dword(table + 4 * page, page << 12 | 7);
        REQUIRE(cpu.set_cr3(directory));
        REQUIRE(cpu.set_cr0(cpu.state.cr0 | cr0::PG));
    }
};

// Everything about both that can be seen, but for the breakpoint.
void compare(Paired& a, Paired& b) {
    Registers x = a.cpu.registers(), y = b.cpu.registers();
    CHECK(x.gpr.slot == y.gpr.slot);
    CHECK(x.eip == y.eip);
    CHECK(x.eflags == y.eflags);
    CHECK(x.cpl == y.cpl);
    CHECK(x.cr2 == y.cr2);
    CHECK(x.shadow == y.shadow);
    CHECK(x.halted == y.halted);
    CHECK(x.shut_down == y.shut_down);
    CHECK(x.nmi_blocked == y.nmi_blocked);
    for (unsigned n = 0; n < 6; ++n) {
        CAPTURE(n);
        CHECK(x.segment[n].selector == y.segment[n].selector);
        CHECK(x.segment[n].base == y.segment[n].base);
        CHECK(x.segment[n].limit == y.segment[n].limit);
        CHECK(x.segment[n].attributes == y.segment[n].attributes);
    }
    CHECK(a.cpu.stack_mask() == b.cpu.stack_mask());
    CHECK(a.cpu.attention == (b.cpu.attention));
    CHECK(a.scheduler.now() == b.scheduler.now());
    CHECK(std::ranges::equal(a.memory.ram().subspan(0, 0x30000), b.memory.ram().subspan(0, 0x30000)));
}

}  // namespace

TEST_CASE("the usual ways of interrupts, returns and segment loads lead where the checked ones do") {
    const bool paged = GENERATE(false, true);
    Paired quick{false}, slow{true};
    if (paged) quick.start_paging(), slow.start_paging();
    std::mt19937 random{paged ? 7u : 3u};
    const auto below = [&](u32 n) { return static_cast<u32>(random() % n); };
    const auto both = [&](auto&& f) { f(quick), f(slow); };
    for (unsigned round = 0; round < 4000; ++round) {
        CAPTURE(paged, round);
        // Sometimes a descriptor, a gate or the TSS changes by a bit or two; now and then all are as they were.
        both([&](Paired& p) {
            if (round % 8 != 0) return;
            const Protected fresh{CpuModel::Pentium2};
            p.put(gdt, const_cast<Protected&>(fresh).memory.ram().subspan(gdt, 0x80));
            p.put(idt, const_cast<Protected&>(fresh).memory.ram().subspan(idt, 64 * 8));
            p.put(tss, const_cast<Protected&>(fresh).memory.ram().subspan(tss, 104));
            p.interrupt_gate(3, 0x2030, 0xef00);
            p.interrupt_gate(0x30, 0x2300, 0xee00);
            p.descriptor(0x68, 0, 0xfffff, 0x40f3);
        });
        if (below(4) == 0) {
            const u32 at = gdt + 8 + below(0x78), bit = 1u << below(8);
            both([&](Paired& p) { p.put(at, {static_cast<int>(p.byte(at) ^ bit)}); });
        }
        if (below(6) == 0) {
            const u32 at = idt + (below(2) ? 3 * 8 : 0x30 * 8) + below(8), bit = 1u << below(8);
            both([&](Paired& p) { p.put(at, {static_cast<int>(p.byte(at) ^ bit)}); });
        }
        if (below(8) == 0) {
            const u32 at = tss + 4 + below(8), bit = 1u << below(8);
            both([&](Paired& p) { p.put(at, {static_cast<int>(p.byte(at) ^ bit)}); });
        }
        if (paged && below(8) == 0) {
            const u32 at = table + 4 * (below(4) ? 9 : 5 + below(3)), bit = 1u << (below(4) ? 1 + below(2) : 5 + below(2));
            both([&](Paired& p) { p.put(at, {static_cast<int>(p.byte(at) ^ bit)}); });
        }
        const unsigned ring = below(2) ? 3 : 0;
        const u32 esp = below(8) ? 0x8000 + 4 * below(16) : below(2) ? 0x8ffc - below(24) : below(20);
        const u32 flags = 2 | (below(2) ? 0x200 : 0) | (below(8) ? 0 : 0x4000) | (below(8) ? 0 : 0x3000) | (below(16) ? 0 : 0x100) | (random() & 0x8d5);
        const u16 one = selectors[below(std::size(selectors))], two = selectors[below(std::size(selectors))];
        const u32 image = 2 | (random() & 0x8d5) | (below(2) ? 0x200 : 0) | (below(8) ? 0 : 0x40000) | (below(8) ? 0 : 0x10000) | (below(16) ? 0 : 0x4000);
        const bool plain = below(2) != 0;
        const u32 frame[]{0x2000 + below(64), plain ? (ring == 3 ? code3 : below(2) ? code3 : code0) : one, image, 0x8100 + below(64), plain ? data3 : two};
        const unsigned what = below(7);
        both([&](Paired& p) {
            p.cpu.state.halted = p.cpu.state.shut_down = false;
            p.cpu.state.debug_trap = 0;
            p.cpu.state.shadow = Shadow::None;
            p.cpu.state.cr0 = round & 16 ? p.cpu.state.cr0 | cr0::AM : p.cpu.state.cr0 & ~cr0::AM;
            p.load(ring, ring ? code3 : code0, ring ? data3 : data0);
            p.cpu.state.tr = {task, tss, 103, 0x8b};
            p.cpu.attention &= ~Cpu::reset_wanted;
            p.reg(Esp) = esp;
            p.set_eflags(flags);
            if (esp > 0x40 && esp < 0x9000 - 20)
                for (u32 n = 0; n < 5; ++n) p.dword(esp + 4 * n, frame[n]);
            p.reg(Eax) = one;
            switch (what) {
                case 0: p.code({0xcd, 0x30}); break;
                case 1: p.code({0xcc}); break;
                case 2: case 3: p.code({0xcf}); break;
                case 4: p.code({0x8e, two & 8 ? 0xd8 : 0xc0}); break;
                case 5: p.code({0x8e, 0xd0}); break;
                default: p.code({0x1f}); break;
            }
            p.run(1);
        });
        compare(quick, slow);
    }
}
