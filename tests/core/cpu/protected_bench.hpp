// A bare processor in protected mode with 32-bit flat segments, everything at known places.
#pragma once

#include "tests/core/engine/processor_bench.hpp"

namespace retrace::test::protected_bench {


inline constexpr u32 gdt = 0x5000, idt = 0x6000, tss = 0x7000, other_tss = 0x7100;
inline constexpr u16 code0 = 0x08, data0 = 0x10, code3 = 0x1b, data3 = 0x23, task = 0x28, gate = 0x30, small_data = 0x38, task2 = 0x40, absent = 0x48, down = 0x50,
              read_only = 0x58, task_gate = 0x60;

// 32-bit flat segments, everything at known places; handlers of vector n at 0x2000 + 16n.
struct Protected : ProcessorBench {
    explicit Protected(CpuModel model = CpuModel::Pentium2) : ProcessorBench{model} {
        descriptor(code0, 0, 0xfffff, 0xc09b);
        descriptor(data0, 0, 0xfffff, 0xc093);
        descriptor(code3 & ~3, 0, 0xfffff, 0xc0fb);
        descriptor(data3 & ~3, 0, 0xfffff, 0xc0f3);
        descriptor(task, tss, 103, 0x0089);
        descriptor(small_data, 0x3000, 0xff, 0x0093);
        descriptor(task2, other_tss, 103, 0x0089);
        descriptor(absent, 0, 0xffff, 0x0013);
        descriptor(down, 0, 0x0fff, 0x0097);
        descriptor(read_only, 0, 0xffff, 0x0091);
        for (u32 vector = 0; vector < 64; ++vector) {
            interrupt_gate(vector, 0x2000 + vector * 16, 0x8e00);
            put(0x2000 + vector * 16, {0xf4});
        }
        dword(tss + 4, 0x9000);   // ESP0
        dword(tss + 8, data0);
        auto& state = cpu.registers();
        state.gdtr = {gdt, 0x7f};
        state.idtr = {idt, 64 * 8 - 1};
        state.cr0 |= cr0::PE;
        cpu.restored();
        load(0, code0, data0);
        state.tr = {task, tss, 103, 0x8b};
        put(gdt + task + 5, {0x8b});
    }

    using ProcessorBench::dword;
    void dword(u32 address, u32 value) { put(address, {static_cast<int>(value & 0xff), static_cast<int>(value >> 8 & 0xff), static_cast<int>(value >> 16 & 0xff), static_cast<int>(value >> 24)}); }
    void descriptor(u32 selector, u32 base, u32 limit, u32 attributes) {
        dword(gdt + selector, (limit & 0xffff) | base << 16);
        dword(gdt + selector + 4, (base >> 16 & 0xff) | attributes << 8 | (limit & 0xf0000) | (base & 0xff000000));
    }
    void interrupt_gate(u32 vector, u32 offset, u32 attributes) {
        dword(idt + vector * 8, (offset & 0xffff) | u32{code0} << 16);
        dword(idt + vector * 8 + 4, (offset & 0xffff0000) | attributes);
    }
    void load(unsigned ring, u16 code, u16 data) {
        cpu.state.cpl = static_cast<u8>(ring);
        const u16 dpl = static_cast<u16>(ring << 5);
        cpu.put_segment(1, {code, 0, 0xffffffff, static_cast<u16>(0xc09b | dpl)});
        for (const unsigned segment : {0u, 2u, 3u}) cpu.put_segment(segment, {data, 0, 0xffffffff, static_cast<u16>(0xc093 | dpl)});
        cpu.restored();
    }
    // Where the last exception frame is: EIP, or the error code before it.
    [[nodiscard]] u32 stacked(unsigned index) { return dword(reg(Esp) + 4 * index); }
    [[nodiscard]] bool in_handler(u32 vector) const { return eip() == 0x2000 + vector * 16 || eip() == 0x2001 + vector * 16; }
};

}  // namespace retrace::test::protected_bench
