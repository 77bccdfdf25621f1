// How fast the interpreter is on small guest loops: millions of guest instructions per second of CPU time, best of several runs.
//
//   bench_interpreter [name]
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <vector>

#include "core/bus/mmio_map.hpp"
#include "core/cpu/cpu.hpp"
#include "core/engine/interpreter.hpp"

using namespace retrace;

namespace {

struct Kernel {
    const char* name;
    std::vector<u8> code;   // at 0:1000, for ever
};

const Kernel kernels[] = {
    // l: add ax,bx; xor dx,ax; inc si; cmp si,di; jmp l
    {"registers 16", {0x01, 0xd8, 0x31, 0xc2, 0x46, 0x39, 0xfe, 0xeb, 0xf7}},
    // l: add eax,ebx; xor edx,eax; inc esi; cmp esi,edi; jmp l
    {"registers 32", {0x66, 0x01, 0xd8, 0x66, 0x31, 0xc2, 0x66, 0x46, 0x66, 0x39, 0xfe, 0xeb, 0xf3}},
    // l: dec cx; jnz l; jmp l
    {"shortest loop", {0x49, 0x75, 0xfd, 0xeb, 0xfb}},
    // l: mov ax,[bx+si]; add ax,[bx]; mov [bx+2],ax; add word [3010h],1; inc si; and si,0ffh; jnz l; jmp l
    {"memory 16", {0xbb, 0x00, 0x30, 0x8b, 0x00, 0x03, 0x07, 0x89, 0x47, 0x02, 0x83, 0x06, 0x10, 0x30, 0x01, 0x46, 0x81, 0xe6, 0xff, 0x00, 0x75, 0xed, 0xeb, 0xeb}},
    // l: call f; jmp l; f: push bp; mov bp,sp; mov ax,[bp+2]; pop bp; ret
    {"calls", {0xe8, 0x02, 0x00, 0xeb, 0xfb, 0x55, 0x89, 0xe5, 0x8b, 0x46, 0x02, 0x5d, 0xc3}},
    // l: lodsb; stosb; shl al,1; adc dl,dh; test al,3; jz m; inc ah; m: and si,3ffh; and di,3ffh; or si,3000h; or di,4000h; jmp l
    {"bytes", {0xac, 0xaa, 0xd0, 0xe0, 0x10, 0xf2, 0xa8, 0x03, 0x74, 0x02, 0xfe, 0xc4, 0x81, 0xe6, 0xff, 0x03, 0x81, 0xe7, 0xff, 0x03, 0x81, 0xce, 0x00, 0x30,
               0x81, 0xcf, 0x00, 0x40, 0xeb, 0xe2}},
    // data in the page of the code: l: inc word [1100h]; dec cx; jnz l; jmp l
    {"data beside code", {0xff, 0x06, 0x00, 0x11, 0x49, 0x75, 0xf9, 0xeb, 0xf7}},
    // finit; fld1; l: fldpi; fmul st0,st1; fadd st0,st1; fmul st0,st0; fadd st0,st0; fstp qword [3010h]; jmp l
    {"x87", {0xdb, 0xe3, 0xd9, 0xe8, 0xd9, 0xeb, 0xd8, 0xc9, 0xd8, 0xc1, 0xd8, 0xc8, 0xd8, 0xc0, 0xdd, 0x1e, 0x10, 0x30, 0xeb, 0xf0}},
    // mov cx,1000h; rep movsb (3000h to 6000h); jmp
    {"rep movsb", {0xb9, 0x00, 0x10, 0xbe, 0x00, 0x30, 0xbf, 0x00, 0x60, 0xf3, 0xa4, 0xeb, 0xf3}},
};

double seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double speed(const Kernel& kernel, u64 steps) {
    MmioMap windows;
    PhysicalMemory memory{u64{1} << 20, windows};
    PortMap ports;
    Scheduler scheduler{StepRate{100'000'000}};
    Cpu cpu{memory, ports, scheduler, CpuModel::I486};
    Interpreter engine{cpu};
    memory.write({0x1000}, kernel.code);
    for (const unsigned segment : {0u, 1u, 2u, 3u}) cpu.set_real_segment(segment, 0);
    cpu.state.eip = 0x1000;
    cpu.state.gpr[Esp] = 0x8000;
    cpu.state.gpr[Esi] = 0x3000;
    cpu.state.gpr[Edi] = 0x4000;
    const double start = seconds();
    while (scheduler.now().step < steps) engine.run({std::min(scheduler.now().step + 100'000, steps)});
    return static_cast<double>(steps) / (seconds() - start) * 1e-6;
}

}  // namespace

int main(int argc, char** argv) {
    for (const Kernel& kernel : kernels) {
        if (argc > 1 && !std::strstr(kernel.name, argv[1])) continue;
        double best = 0;
        for (int round = 0; round < 5; ++round) best = std::max(best, speed(kernel, 40'000'000));
        std::printf("%-18s %8.1f million instructions a second\n", kernel.name, best);
    }
}
