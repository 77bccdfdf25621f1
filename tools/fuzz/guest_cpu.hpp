// Our processor in the oracle's place: protected mode, level 3, the same segments over the same data area, and a table of gates that catches
// every fault on a stack of its own.
#pragma once

#include "core/cpu/cpu.hpp"
#include "core/engine/interpreter.hpp"
#include "tools/fuzz/case.hpp"

namespace retrace::fuzz {

class GuestCpu {
public:
    explicit GuestCpu(CpuModel model);

    Result run(const Case& one);

private:
    // Physical addresses, and linear ones of what belongs to the kernel. The data area lies at 0; it and the code page are mapped where the
    // oracle has them, with nothing around.
    static constexpr u32 code_page = 0x200000, gdt = 0x300000, idt = 0x301000, ldt = 0x302000, tss = 0x303000, fault_stack = 0x306000, handlers = 0x308000,
                         handler_bytes = 16, page_directory = 0x310000, page_tables = 0x311000;
    static constexpr u16 kernel_code = 0x08, kernel_data = 0x10, tss_selector = 0x18, ldt_table_selector = 0x20;

    void write(u32 address, std::span<const u8> bytes) { memory_.write(PhysicalAddress{address}, bytes); }
    template <class T>
    void put(u32 address, T value) {
        write(address, {reinterpret_cast<const u8*>(&value), sizeof value});
    }
    u32 get(u32 address) {
        u32 value = 0;
        memory_.read(PhysicalAddress{address}, {reinterpret_cast<u8*>(&value), sizeof value});
        return value;
    }
    void map(u32 linear, u32 physical, u32 bytes, u32 attributes);
    void set_segment(unsigned at, const oracle::Segment& segment);

    MmioMap windows_;
    PhysicalMemory memory_{4u << 20, windows_};
    PortMap ports_;
    Scheduler scheduler_{StepRate{1'000'000}};
    Cpu cpu_;
    Interpreter engine_;
    Registers prepared_;
    u32 next_page_table_ = page_tables;
};

}  // namespace retrace::fuzz
