// What telling blocks become: host instructions on the way that is usually taken. The numbers are a gate: they may fall, not rise.
#include <catch2/catch.hpp>

#include <capstone/capstone.h>

#include <sstream>

#include "jit/jit_engine.hpp"

using namespace retrace;

namespace {

// A processor at 0:1000, flat in protected mode or in real mode.
struct Bench {
    explicit Bench(bool code32) {
        cpu.state.cr0 |= code32 ? cr0::PE : 0;
        cpu.state.cr4 |= cr4::OSFXSR;
        cpu.state.fpu.control = 0x37f;
        cpu.restored();
        for (unsigned segment = 0; segment < 6; ++segment) {
            SegmentRegister flat;
            if (code32) {
                flat.limit = 0xffffffff;
                flat.attributes = segment == 1 ? 0xc09b : 0xc093;
                flat.selector = 8;
            }
            cpu.put_segment(segment, flat);
        }
        cpu.state.eip = 0x1000;
        cpu.state.gpr[Esp] = 0x8800;
        cpu.state.gpr[Ebp] = 0x7000;
        cpu.state.gpr[Esi] = 0x2000;
        cpu.state.gpr[Edi] = 0x3000;
        cpu.state.gpr[Ecx] = 100;
    }

    // Host instructions of the block at 1000h, and their text.
    unsigned host_instructions(const std::vector<u8>& guest, std::string& text) {
        memory.write({0x1000}, guest);
        engine.run({40});
        const auto all = engine.code_of(0x1000);
        REQUIRE(all.size() == 1);
        csh handle;
        REQUIRE(cs_open(CS_ARCH_X86, CS_MODE_64, &handle) == CS_ERR_OK);
        cs_insn* listed = nullptr;
        const std::size_t count = cs_disasm(handle, all[0].data(), all[0].size(), 0, 0, &listed);
        std::ostringstream out;
        for (std::size_t n = 0; n < count; ++n) out << "  " << listed[n].mnemonic << ' ' << listed[n].op_str << '\n';
        text = out.str();
        cs_free(listed, count);
        cs_close(&handle);
        return static_cast<unsigned>(count);
    }

    MmioMap windows;
    PhysicalMemory memory{u64{1} << 20, windows};
    PortMap ports;
    Scheduler scheduler{StepRate{1'000'000}};
    Cpu cpu{memory, ports, scheduler, CpuModel::Pentium4};
    JitEngine engine{cpu, {.threshold = 0}};
};

void check(bool code32, std::vector<u8> guest, unsigned most) {
    Bench bench{code32};
    std::string text;
    const unsigned count = bench.host_instructions(guest, text);
    INFO(count << " host instructions:\n" << text);
    CHECK(count <= most);
}

}  // namespace

TEST_CASE("a loop over registers") {
    // again: add eax, ecx / lea edx, [eax+edx*4] / xor edx, eax / dec ecx / jnz again
    check(true, {0x01, 0xc8, 0x8d, 0x14, 0x90, 0x31, 0xc2, 0x49, 0x75, 0xf6}, 10);
}
TEST_CASE("a loop over memory") {
    // again: mov eax, [esi] / add esi, 4 / add [edi], eax / cmp esi, ebp / jb again
    check(true, {0x8b, 0x06, 0x83, 0xc6, 0x04, 0x01, 0x07, 0x39, 0xee, 0x72, 0xf5}, 26);
}
TEST_CASE("a function's beginning") {
    // again: push ebp / mov ebp, esp / sub esp, 16 / mov eax, [ebp+8] / test eax, eax / jmp again
    check(true, {0x55, 0x89, 0xe5, 0x83, 0xec, 0x10, 0x8b, 0x45, 0x08, 0x85, 0xc0, 0xeb, 0xf3}, 28);
}
TEST_CASE("a sum of products in the x87") {
    // again: fld qword [esi+ecx*8] / fmul qword [edi+ecx*8] / faddp / dec ecx / jnz again
    check(true, {0xdd, 0x04, 0xce, 0xdc, 0x0c, 0xcf, 0xde, 0xc1, 0x49, 0x75, 0xf5}, 35);
}
TEST_CASE("a sum of products in SSE2") {
    // again: movsd xmm0, [esi+ecx*8] / mulsd xmm0, [edi+ecx*8] / addsd xmm1, xmm0 / dec ecx / jnz again
    check(true, {0xf2, 0x0f, 0x10, 0x04, 0xce, 0xf2, 0x0f, 0x59, 0x04, 0xcf, 0xf2, 0x0f, 0x58, 0xc8, 0x49, 0x75, 0xef}, 31);
}
TEST_CASE("a copying loop in real mode") {
    // again: mov ax, [si] / mov es:[di], ax / add si, 2 / add di, 2 / loop again
    check(false, {0x8b, 0x04, 0x26, 0x89, 0x05, 0x83, 0xc6, 0x02, 0x83, 0xc7, 0x02, 0xe2, 0xf3}, 31);
}
// ---- what the kernels of tools/bench spend their time in
TEST_CASE("a sieve's inner loop") {
    // again: mov byte [ecx+eax], 0 / add eax, edx / cmp eax, 999999 / jbe again
    check(true, {0xc6, 0x04, 0x01, 0x00, 0x01, 0xd0, 0x3d, 0x3f, 0x42, 0x0f, 0x00, 0x76, 0xf3}, 14);
}
TEST_CASE("a list turned round") {
    // again: mov edx, eax / mov eax, [eax] / mov [edx], ecx / mov ecx, edx / test eax, eax / jnz again / mov ecx, edx / jmp again
    check(true, {0x89, 0xc2, 0x8b, 0x00, 0x89, 0x0a, 0x89, 0xd1, 0x85, 0xc0, 0x75, 0xf4, 0x89, 0xd1, 0xeb, 0xf0}, 26);
}
TEST_CASE("a checksum of bytes") {
    // again: movzx edx, byte [ecx] / inc ecx / xor edx, eax / imul edx, edx, 1000193h / mov eax, edx / shr eax, 15 / xor eax, edx / cmp ebx, ecx / jnz again
    check(true, {0x0f, 0xb6, 0x11, 0x41, 0x31, 0xc2, 0x69, 0xd2, 0x93, 0x01, 0x00, 0x01, 0x89, 0xd0, 0xc1, 0xe8, 0x0f, 0x31, 0xd0, 0x39, 0xcb, 0x75, 0xe9}, 19);
}
TEST_CASE("a long number times a word") {
    // again: mov eax, esi / mul dword [ebp+ecx] / add eax, edi / adc edx, 0 / add [ebx+ecx], eax / adc edx, 0 / add ecx, 4 / mov edi, edx / cmp ecx, 128 / jnz again
    check(true, {0x89, 0xf0, 0xf7, 0x64, 0x0d, 0x00, 0x01, 0xf8, 0x83, 0xd2, 0x00, 0x01, 0x04, 0x0b, 0x83, 0xd2, 0x00, 0x83, 0xc1, 0x04, 0x89, 0xd7, 0x81, 0xf9, 0x80, 0x00, 0x00, 0x00, 0x75, 0xe2}, 32);
}
TEST_CASE("a function's end") {
    // again: push again / sub esp, 8 / mov ebx, [esp] / mov esi, [esp+4] / add esp, 8 / ret
    check(true, {0x68, 0x00, 0x10, 0x00, 0x00, 0x83, 0xec, 0x08, 0x8b, 0x1c, 0x24, 0x8b, 0x74, 0x24, 0x04, 0x83, 0xc4, 0x08, 0xc3}, 36);
}
TEST_CASE("an indirect jump") {
    // again: mov ecx, again / jmp ecx
    check(true, {0xb9, 0x00, 0x10, 0x00, 0x00, 0xff, 0xe1}, 13);
}
TEST_CASE("words added up in real mode") {
    // again: lodsw / add ax, es:[si+100] / xor dx, dx / adc dx, 0 / mov es:[si+20000], ax / rol bx, 1 / xor bx, ax / sub [si+16384], dx / add si, 2 / loop again
    check(false, {0xad, 0x26, 0x03, 0x44, 0x64, 0x31, 0xd2, 0x83, 0xd2, 0x00, 0x26, 0x89, 0x84, 0x20, 0x4e, 0xd1, 0xc3, 0x31, 0xc3, 0x29, 0x94, 0x00, 0x40, 0x83, 0xc6, 0x02, 0xe2, 0xe4}, 60);
}
TEST_CASE("a double shift and a shift by CL") {
    // again: shld edx, eax, cl / shl eax, cl / test cl, 32 / jmp again
    check(true, {0x0f, 0xa5, 0xc2, 0xd3, 0xe0, 0xf6, 0xc1, 0x20, 0xeb, 0xf6}, 7);
}
