#include "jit/x64/host.hpp"

#include <xbyak/xbyak_util.h>

#include "core/base/types.hpp"
#include "core/isa/features.hpp"
#include "core/isa/row.hpp"

namespace retrace::jit {

namespace {

enum Operation : unsigned { Shl, Shr, Sar, Rol, Ror, And, Or, Xor, Test };

// Flags after an operation, with all of them set before. Steps over the red zone for PUSHFQ.
u32 flags_after(unsigned operation, u32& value, u8 count) {
    u64 image = 0;
#define RETRACE_TRY(text)                                                                                                        \
    asm volatile("leaq -128(%%rsp), %%rsp\n movb $0x7f, %%al\n addb $1, %%al\n movb $0xff, %%ah\n sahf\n" text                  \
                 "\n pushfq\n popq %1\n leaq 128(%%rsp), %%rsp" : "+r"(value), "=&r"(image) : "c"(count) : "rax", "cc", "memory")
    switch (operation) {
        case Shl: RETRACE_TRY("shll %%cl, %0"); break;
        case Shr: RETRACE_TRY("shrl %%cl, %0"); break;
        case Sar: RETRACE_TRY("sarl %%cl, %0"); break;
        case Rol: RETRACE_TRY("roll %%cl, %0"); break;
        case Ror: RETRACE_TRY("rorl %%cl, %0"); break;
        case And: RETRACE_TRY("andl %%ecx, %0"); break;
        case Or: RETRACE_TRY("orl %%ecx, %0"); break;
        case Xor: RETRACE_TRY("xorl %%ecx, %0"); break;
        default: RETRACE_TRY("testl %%ecx, %0"); break;
    }
#undef RETRACE_TRY
    return static_cast<u32>(image) & flag::status;
}

const Xbyak::util::Cpu& host_processor() {
    static const Xbyak::util::Cpu one;   // asking takes a tenth of a millisecond
    return one;
}

}  // namespace

bool host_flags_match() {
    u32 value = 0x12345678;
    for (unsigned round = 0; round < 256; ++round) {
        value = value * 1664525 + 1013904223;
        for (const Operation operation : {Shl, Shr, Sar, Rol, Ror, And, Or, Xor, Test})
            for (u8 count = 1; count < (operation <= Sar ? 32 : 2); ++count) {
                u32 result = value;
                const u32 flags = flags_after(operation, result, count);
                if (operation != Rol && operation != Ror && (flags & flag::AF)) return false;
                if (operation > Ror || (count > 1 && operation != Sar)) continue;
                const bool top = (result >> 31) != 0, below = (result >> 30 & 1) != 0, carry = (flags & flag::CF) != 0;
                const bool expected = operation == Sar ? false : operation == Shl || operation == Rol ? top != carry : top != below;
                if (((flags & flag::OF) != 0) != expected) return false;
            }
    }
    return true;
}

bool host_has_bmi2() { return host_processor().has(Xbyak::util::Cpu::tBMI2); }

u64 host_features() {
    using Xbyak::util::Cpu;
    const Cpu& cpu = host_processor();
    u64 all = 0;
    const auto add = [&](auto kind, Since since) { all |= cpu.has(kind) ? feature(since) : 0; };
    add(Cpu::tSSE3, Since::Sse3);
    add(Cpu::tSSSE3, Since::Ssse3);
    add(Cpu::tSSE41, Since::Sse41);
    add(Cpu::tSSE42, Since::Sse42);
    add(Cpu::tAESNI, Since::Aes);
    add(Cpu::tPCLMULQDQ, Since::Pclmul);
    return all;
}

}  // namespace retrace::jit
