// The x87's error on its whole way: FERR, IRQ 13, the BIOS, and the NMI handler that programs of the first PC have.
#include "tests/bios/boot_bench.hpp"

namespace retrace::test {

TEST_CASE("an unmasked x87 error interrupts once, through IRQ 13 and INT 2, on every processor") {
    const auto model = GENERATE(CpuModel::I8086, CpuModel::I286, CpuModel::I386, CpuModel::I486, CpuModel::Max);
    MachineDisks disks;
    disks.floppy[0] = floppy_1440_of(boot_sector({
        0x31, 0xc0, 0x8e, 0xd8, 0x8e, 0xd0, 0xbc, 0x00, 0x7c,  // xor ax,ax; mov ds,ax; mov ss,ax; mov sp,7c00h
        0xc7, 0x06, 0x08, 0x00, 0x31, 0x7c, 0xa3, 0x0a, 0x00,  // mov word [8],handler; mov [10],ax
        0xfb, 0xdb, 0xe3, 0xd9, 0x2e, 0x38, 0x7c,              // sti; fninit; fldcw [control]
        0xd9, 0xe8, 0xd9, 0xee, 0xde, 0xf9, 0x90, 0x90,        // fld1; fldz; fdivp; nop; nop
        0xd9, 0xe8, 0xa0, 0x3a, 0x7c, 0xe6, 0xe9,              // fld1; mov al,[count]; out 0e9h,al
        0xb0, 0x21, 0xe6, 0xe9, 0xf4, 0xeb, 0xfd,              // mov al,'!'; out 0e9h,al; hlt; jmp $-1
        0x90, 0x90,                                            // handler at 7c31h:
        0xdb, 0xe2, 0xfe, 0x06, 0x3a, 0x7c, 0xcf,              // fnclex; inc byte [count]; iret
        0x7b, 0x03,                                            // control: division by zero unmasked
        0x30}));                                               // count: '0'
    MachineConfig config;
    config.cpu = model;
    BootBench bench{std::move(disks), config};
    bench.wait(2000);
    CHECK(bench.said == "1!");
}

}  // namespace retrace::test
