// Protected mode: descriptors, gates, rings, tasks, virtual-8086 mode and paging, each as a small story.
#include <catch2/catch.hpp>

#include "tests/core/cpu/protected_bench.hpp"

using namespace retrace;
using retrace::test::ProcessorBench;
using namespace retrace::test::protected_bench;

TEST_CASE("real-mode code enters protected mode, and keeps big segments when it leaves") {
    ProcessorBench bench;
    bench.put(0x5008, {0xff, 0xff, 0, 0, 0, 0x9b, 0x00, 0});      // 16-bit code
    bench.put(0x5010, {0xff, 0xff, 0, 0, 0, 0x93, 0xcf, 0});      // flat data
    bench.put(0x4000, {0x17, 0, 0x00, 0x50, 0, 0});
    bench.put(0x123456, {0x5a});
    bench.code({0xfa, 0x0f, 0x01, 0x16, 0x00, 0x40,               // cli; lgdt [4000h]
                0x0f, 0x20, 0xc0, 0x40, 0x0f, 0x22, 0xc0,         // mov eax,cr0; inc ax; mov cr0,eax
                0xea, 0x12, 0x10, 0x08, 0x00,                     // jmp 8:1012h
                0xb8, 0x10, 0x00, 0x8e, 0xd8,                     // mov ax,10h; mov ds,ax
                0x0f, 0x20, 0xc0, 0x48, 0x0f, 0x22, 0xc0,         // mov eax,cr0; dec ax; mov cr0,eax
                0xea, 0x23, 0x10, 0x00, 0x00,                     // jmp 0:1023h
                0x31, 0xc0, 0x8e, 0xd8,                           // xor ax,ax; mov ds,ax
                0x67, 0x66, 0xa0, 0x56, 0x34, 0x12, 0x00, 0xf4}); // mov al,[123456h]; hlt
    bench.run(16);
    CHECK((bench.reg(Eax) & 0xff) == 0x5a);
    CHECK_FALSE(bench.cpu.protected_mode());
    CHECK(bench.cpu.state.segment[3].limit == 0xffffffff);
}

TEST_CASE_METHOD(Protected, "segment loads check type, privilege and presence, with the selector as error code") {
    const auto fault_of = [&](u16 selector, bool stack) {
        code({0x66, 0xb8, selector & 0xff, selector >> 8, 0x8e, stack ? 0xd0 : 0xd8});   // mov ax,selector; mov ss/ds,ax
        reg(Esp) = 0x8000;
        cpu.state.halted = false;
        run(2);
        return stacked(0);
    };
    CHECK(fault_of(absent, false) == absent);
    CHECK(in_handler(vector::NP));
    CHECK(fault_of(absent, true) == absent);
    CHECK(in_handler(vector::SS));
    CHECK(fault_of(0x88, false) == 0x88);
    CHECK(in_handler(vector::GP));
    CHECK(fault_of(0, true) == 0);
    CHECK(in_handler(vector::GP));
    CHECK(fault_of(read_only, true) == read_only);
    CHECK(in_handler(vector::GP));
    CHECK(fault_of(task, false) == task);
    CHECK(in_handler(vector::GP));
    CHECK(stacked(1) == 0x1004);
}

TEST_CASE_METHOD(Protected, "limits hold, upwards and downwards, and nothing is written before the fault") {
    const auto store_at = [&](u16 selector, u32 offset) {
        cpu.state.halted = false;
        reg(Esp) = 0x8000;
        reg(Ebx) = offset;
        code({0x66, 0xb8, selector & 0xff, selector >> 8, 0x8e, 0xd8, 0xc7, 0x03, 0x44, 0x33, 0x22, 0x11, 0xf4});   // mov dword [ebx],11223344h
        run(4);
        return !in_handler(vector::GP);
    };
    CHECK(store_at(small_data, 0xfc));
    CHECK(dword(0x30fc) == 0x11223344);
    CHECK_FALSE(store_at(small_data, 0xfd));
    CHECK(byte(0x30fd) == 0x33);
    CHECK(stacked(0) == 0);
    CHECK(store_at(down, 0x4000));
    CHECK_FALSE(store_at(down, 0xfff));
    CHECK(store_at(down, 0x1000));
    CHECK_FALSE(store_at(down, 0xfffd));
    CHECK_FALSE(store_at(read_only, 0x100));
    CHECK_FALSE(store_at(0, 0x100));
}

TEST_CASE_METHOD(Protected, "an interrupt from ring 3 changes to the stack of the TSS, and IRET goes back") {
    load(3, code3, data3);
    interrupt_gate(0x30, 0x3000, 0xee00);
    put(0x3000, {0x0f, 0x20, 0xc3, 0xcf});   // mov ebx,cr0 (privileged); iretd
    code({0xcd, 0x30, 0x90});
    reg(Esp) = 0x8000;
    run(1);
    CHECK(cpu.state.cpl == 0);
    CHECK(reg(Esp) == 0x9000 - 20);
    CHECK(stacked(0) == 0x1002);
    CHECK(stacked(1) == code3);
    CHECK(stacked(3) == 0x8000);
    CHECK(stacked(4) == data3);
    run(2);
    CHECK(cpu.state.cpl == 3);
    CHECK(reg(Esp) == 0x8000);
    CHECK(eip() == 0x1002);
}

TEST_CASE_METHOD(Protected, "ring 3 may not use a ring 0 gate, HLT, CLI or a port") {
    for (const std::initializer_list<int> bytes : {std::initializer_list<int>{0xcd, 0x31}, {0xf4}, {0xfa}, {0xec}, {0x0f, 0x22, 0xc0}}) {
        load(3, code3, data3);
        code(bytes);
        cpu.state.halted = false;
        cpu.restored();
        run(1);
        CHECK(in_handler(vector::GP));
        CHECK(stacked(0) == (*bytes.begin() == 0xcd ? 0x31 * 8 + 2 : 0));
    }
}

TEST_CASE_METHOD(Protected, "a call gate copies parameters to the inner stack") {
    dword(gdt + gate, 0x3000 | u32{code0} << 16);
    dword(gdt + gate + 4, 0xec02);   // DPL 3, two parameters
    put(0x3000, {0x8b, 0x44, 0x24, 0x08, 0xca, 0x08, 0x00});   // mov eax,[esp+8]; retf 8
    load(3, code3, data3);
    code({0x6a, 0x11, 0x6a, 0x22, 0x9a, 0, 0, 0, 0, gate | 3, 0, 0x90});   // push 11h; push 22h; call gate
    reg(Esp) = 0x8000;
    run(3);
    CHECK(cpu.state.cpl == 0);
    CHECK(stacked(0) == 0x100b);
    CHECK(stacked(2) == 0x22);
    CHECK(stacked(3) == 0x11);
    CHECK(stacked(4) == 0x7ff8);
    run(2);
    CHECK(cpu.state.cpl == 3);
    CHECK(reg(Eax) == 0x22);
    CHECK(reg(Esp) == 0x8000);
    CHECK(eip() == 0x100b);
}

TEST_CASE_METHOD(Protected, "a jump to a TSS saves one task and enters the other; IRET returns to a calling one") {
    dword(other_tss + 32, 0x3000);
    dword(other_tss + 36, 2);
    dword(other_tss + 56, 0xa000);
    for (const u32 at : {72u, 80u, 84u, 88u, 92u}) dword(other_tss + at, data0);
    dword(other_tss + 76, code0);
    put(0x3000, {0x40, 0xcf, 0x40});   // inc eax; iretd; inc eax
    code({0x9a, 0, 0, 0, 0, task2, 0, 0x43, 0xf4});   // call task2; inc ebx
    reg(Eax) = 7;
    run(1);
    CHECK(cpu.state.tr.selector == task2);
    CHECK(reg(Esp) == 0xa000);
    CHECK((eflags() & flag::NT) != 0);
    CHECK(dword(tss + 32) == 0x1007);
    CHECK(dword(tss + 40) == 7);
    CHECK((cpu.state.cr0 & cr0::TS) != 0);
    CHECK(byte(gdt + task2 + 5) == 0x8b);
    run(3);
    CHECK(cpu.state.tr.selector == task);
    CHECK(reg(Ebx) == 1);
    CHECK(reg(Eax) == 7);
    CHECK(byte(gdt + task2 + 5) == 0x89);
    CHECK(dword(other_tss + 40) == 1);
}

TEST_CASE_METHOD(Protected, "a virtual-8086 program is interrupted into ring 0 and continued") {
    // iretd to VM: GS FS DS ES SS ESP EFLAGS CS EIP
    const u32 frame[] = {0x1010, 0x0100, flag::VM | 2 | flag::IOPL, 0x800, 0x0400, 0x111, 0x222, 0x333, 0x444};
    for (u32 at = 0; at < 9; ++at) dword(0x8000 + 4 * at, frame[at]);
    reg(Esp) = 0x8000;
    interrupt_gate(0x30, 0x3000, 0xee00);
    put(0x3000, {0x42, 0xcf});                       // inc edx; iretd
    put(0x2010, {0xcd, 0x30, 0x8c, 0xd8, 0xf4});     // int 30h; mov ax,ds; hlt (at 100h:1010h)
    code({0xcf});
    reg(Edx) = 0;
    run(1);
    CHECK(cpu.virtual_8086());
    CHECK(cpu.state.cpl == 3);
    CHECK(cpu.state.segment[3].base == 0x2220);
    run(1);
    CHECK_FALSE(cpu.virtual_8086());
    CHECK(cpu.state.cpl == 0);
    CHECK(cpu.state.segment[3].selector == 0);
    CHECK(stacked(0) == 0x1012);
    CHECK(reg(Esp) == 0x9000 - 36);
    run(3);
    CHECK(cpu.virtual_8086());
    CHECK((reg(Eax) & 0xffff) == 0x222);
    CHECK(reg(Edx) == 1);
    run(1);   // HLT is privileged
    CHECK(in_handler(vector::GP));
}

TEST_CASE_METHOD(Protected, "paging translates, sets accessed and dirty bits, and faults with CR2 and a code") {
    constexpr u32 directory = 0x10000, table = 0x11000;
    dword(directory, table | 7);
    for (u32 page = 0; page < 0x100; ++page) dword(table + 4 * page, page << 12 | 7);
    dword(table + 4 * 0x40, 0x50000 | 7);            // 40000h is elsewhere
    dword(table + 4 * 0x41, 0);                      // 41000h is absent
    dword(table + 4 * 0x42, 0x42000 | 5);            // 42000h is read-only
    cpu.state.cr3 = directory;
    CHECK(cpu.set_cr0(cpu.state.cr0 | cr0::PG));
    put(0x50000, {0x78, 0x56, 0x34, 0x12});
    code({0xa1, 0, 0, 4, 0, 0x90, 0xa3, 4, 0, 4, 0, 0x90});   // mov eax,[40000h]; nop; mov [40004h],eax
    run(2);
    CHECK(reg(Eax) == 0x12345678);
    CHECK((dword(table + 4 * 0x40) & 0x60) == 0x20);
    run(2);
    CHECK(dword(0x50004) == 0x12345678);
    CHECK((dword(table + 4 * 0x40) & 0x60) == 0x60);

    code({0xa3, 0xfe, 0x0f, 4, 0});                  // mov [40ffeh],eax crosses into the absent page
    reg(Esp) = 0x8000;
    run(1);
    CHECK(in_handler(vector::PF));
    CHECK(cpu.state.cr2 == 0x41000);
    CHECK(stacked(0) == 2);
    CHECK(word(0x50ffe) == 0);

    load(3, code3, data3);
    code({0xa3, 0, 0x20, 4, 0});                     // mov [42000h],eax from ring 3
    cpu.state.halted = false;
    cpu.restored();
    run(1);
    CHECK(in_handler(vector::PF));
    CHECK(stacked(0) == 7);
}

TEST_CASE_METHOD(Protected, "a fault in the delivery of a fault is a double fault, and then a reset") {
    dword(idt + vector::GP * 8 + 4, 0);              // no #GP handler: #NP within #GP
    code({0x8e, 0xd8});                              // mov ds,ax with a bad selector
    reg(Eax) = 0x88;
    run(1);
    CHECK(in_handler(vector::DF));
    CHECK(stacked(0) == 0);

    dword(idt + vector::DF * 8 + 4, 0);
    code({0x8e, 0xd8});
    cpu.state.halted = false;
    cpu.restored();
    CHECK(run(5) == StopReason::Reset);
    CHECK(cpu.reset_reason().substr(0, 12) == "triple fault");
}

TEST_CASE("the 286 knows no 32-bit task, gate or limit") {
    struct Old : Protected {
        Old() : Protected{CpuModel::I286} {
            descriptor(code0, 0, 0xffff, 0x9b);
            descriptor(data0, 0, 0xffff, 0x93);
            for (u32 vector = 0; vector < 64; ++vector) interrupt_gate(vector, 0x2000 + vector * 16, 0x8600);
            for (const unsigned segment : {0u, 1u, 2u, 3u}) cpu.put_segment(segment, {segment == 1 ? code0 : data0, 0, 0xffff, static_cast<u16>(segment == 1 ? 0x9b : 0x93)});
            dword(gdt + task, 43 | tss << 16);
            dword(gdt + task + 4, 0x8300);
            cpu.state.tr = {task, tss, 43, 0x83};
            cpu.restored();
        }
        // What selector the #GP that these bytes cause is about.
        u32 refused(std::initializer_list<int> bytes) {
            cpu.state.halted = false;
            reg(Esp) = 0x8000;
            cpu.restored();
            code(bytes);
            run(1);
            return in_handler(vector::GP) ? word(reg(Esp) & 0xffff) : 0xffffffff;
        }
    } bench;
    CHECK(bench.refused({0xea, 0, 0, task2, 0}) == task2);            // jmp far to an available 386 TSS
    bench.dword(gdt + gate, 0x3000 | u32{code0} << 16);
    bench.dword(gdt + gate + 4, 0x8c00);
    CHECK(bench.refused({0xea, 0, 0, gate, 0}) == gate);              // to a 386 call gate
    bench.reg(Eax) = task2;
    CHECK(bench.refused({0x0f, 0x00, 0xd8}) == task2);                // ltr ax
    CHECK(bench.refused({0x0f, 0x03, 0xd8}) == 0xffffffff);           // lsl bx,ax
    CHECK((bench.eflags() & flag::ZF) == 0);
}
