#include "jit/x64/residency.hpp"

#include "jit/baseline/unit_forms.hpp"

namespace retrace::jit {

namespace {

// What FXSAVE64 and FXRSTOR64 move (SDM volume 1, 10.5.1). Tags are by physical number there, registers from the top of the stack.
struct alignas(16) Image {
    u16 control, status;
    u8 tags, reserved;
    u16 opcode;
    u64 instruction, operand;
    u32 mxcsr, mxcsr_mask;
    struct Slot {
        u64 significand;
        u16 sign_exponent;
        u16 rest[3];
    } st[8];
    u64 xmm_and_rest[44];
};
static_assert(sizeof(Image) == 512);

}  // namespace

// Neither may touch an XMM register but through these instructions.
[[gnu::target("general-regs-only")]] void load_x87(Cpu* cpu) {
    const FpuState& fpu = cpu->state.fpu;
    Image image;
    if ((cpu->run.resident & unit::sse) != 0) asm volatile("fxsave64 %0" : "=m"(image));   // FXRSTOR loads XMM registers too
    image.mxcsr = (cpu->run.resident & unit::sse) != 0 ? image.mxcsr : mxcsr_masks;
    image.reserved = 0;
    image.control = fpu.control;
    image.status = fpu.status;
    image.tags = fpu.occupied;
    image.opcode = 0;
    image.instruction = image.operand = 0;
    const unsigned top = fpu.status >> 11 & 7u;
    const auto* const physical = reinterpret_cast<const fp::Float80*>(&fpu.physical);
    for (unsigned n = 0; n < 8; ++n) {
        const fp::Float80& value = physical[(top + n) & 7];
        image.st[n].significand = value.significand;
        image.st[n].sign_exponent = value.sign_exponent;
    }
    asm volatile("fxrstor64 %0" : : "m"(image));
    cpu->run.resident |= unit::x87 | unit::used_x87;
}

[[gnu::target("general-regs-only")]] void store_x87(Cpu* cpu) {
    if ((cpu->run.resident & unit::x87) == 0) return;
    FpuState& fpu = cpu->state.fpu;
    Image image;
    asm volatile("fxsave64 %0" : "=m"(image));
    fpu.control = image.control;
    fpu.status = image.status;
    fpu.occupied = image.tags;
    const unsigned top = image.status >> 11 & 7u;
    auto* const physical = reinterpret_cast<fp::Float80*>(&fpu.physical);
    for (unsigned n = 0; n < 8; ++n) {
        fp::Float80& value = physical[(top + n) & 7];
        value.significand = image.st[n].significand;
        value.sign_exponent = image.st[n].sign_exponent;
    }
    settle_x87(*cpu);
    cpu->run.resident &= ~unit::x87;
}

void reset_host_x87() { asm volatile("fninit"); }

}  // namespace retrace::jit
