#include "core/cpu/x87.hpp"

#include "core/base/bits.hpp"

namespace retrace {

void Cpu::drive_ferr() {
    if (!ferr_.connected()) return;
    const bool internal = at_least(CpuModel::I486) && (state.cr0 & cr0::NE);
    synchronise();
    ferr_.set((state.fpu.status & x87::error_summary) != 0 && !internal);
    device_called();
}

}  // namespace retrace

namespace retrace::x87 {

bool device_not_available(Cpu& cpu) { return cpu.raise(vector::NM); }

bool deliver_pending(Cpu& cpu) {
    if (cpu.at_least(CpuModel::I486) && (cpu.state.cr0 & cr0::NE)) return cpu.raise(vector::MF);
    return true;
}

bool wait(Cpu& cpu) {
    if ((cpu.state.cr0 & (cr0::MP | cr0::TS)) == (cr0::MP | cr0::TS)) return cpu.raise(vector::NM);
    if (cpu.state.fpu.status & error_summary) return deliver_pending(cpu);
    return true;
}

void update_summary(Cpu& cpu) {
    FpuState& fpu = cpu.state.fpu;
    const bool was = (fpu.status & error_summary) != 0;
    const bool is = (fpu.status & ~fpu.control & fp::all_exceptions) != 0;
    fpu.status = static_cast<u16>(is ? fpu.status | error_summary | busy : fpu.status & ~(error_summary | busy));
    if (was != is) cpu.drive_ferr();
}

bool stack_underflow(Cpu& cpu) {
    FpuState& fpu = cpu.state.fpu;
    fpu.status = static_cast<u16>((fpu.status & ~c1) | fp::invalid | stack_fault);
    update_summary(cpu);
    return (fpu.control & fp::invalid) != 0;
}

bool stack_overflow(Cpu& cpu) {
    FpuState& fpu = cpu.state.fpu;
    fpu.status = static_cast<u16>(fpu.status | fp::invalid | stack_fault | c1);
    update_summary(cpu);
    return (fpu.control & fp::invalid) != 0;
}

void initialise(FpuState& fpu) {
    fpu.control = 0x37f;
    fpu.status = 0;
    fpu.occupied = 0;
    fpu.opcode = 0;
    fpu.instruction_offset = fpu.operand_offset = 0;
    fpu.instruction_selector = fpu.operand_selector = 0;
}

u16 tag_word(const FpuState& fpu) {
    u32 tags = 0;
    for (unsigned at = 0; at < 8; ++at) {
        const fp::Float80& value = fpu.physical[at];
        const u32 tag = !bit(fpu.occupied, at) ? 3 : fp::is_normal(value) ? 0 : fp::is_zero(value) ? 1 : 2;
        tags |= tag << 2 * at;
    }
    return static_cast<u16>(tags);
}

void set_tag_word(FpuState& fpu, u16 tags) {
    u32 occupied = 0;
    for (unsigned at = 0; at < 8; ++at) occupied |= u32{(tags >> 2 * at & 3) != 3} << at;
    fpu.occupied = static_cast<u8>(occupied);
}

Layout layout_of(const Cpu& cpu, const Instruction& i) { return {i.operand_width == 4, !cpu.real_or_v86()}; }

// SDM volume 1, figures 8-9 to 8-12. Real layouts hold linear addresses, and the opcode.
void write_environment(const FpuState& fpu, Layout layout, std::span<u8> image) {
    const u32 linear_instruction = (u32{fpu.instruction_selector} << 4) + fpu.instruction_offset;
    const u32 linear_operand = (u32{fpu.operand_selector} << 4) + fpu.operand_offset;
    if (layout.wide) {
        const auto put = [&](unsigned slot, u32 value) { store<u32>(&image[4 * slot], value); };
        put(0, 0xffff0000 | fpu.control);
        put(1, 0xffff0000 | fpu.status);
        put(2, 0xffff0000 | tag_word(fpu));
        if (layout.protected_mode) {
            put(3, fpu.instruction_offset);
            put(4, u32{fpu.opcode} << 16 | fpu.instruction_selector);
            put(5, fpu.operand_offset);
            put(6, 0xffff0000 | fpu.operand_selector);
        } else {
            put(3, 0xffff0000 | (linear_instruction & 0xffff));
            put(4, (linear_instruction & 0xffff0000) >> 4 | fpu.opcode);
            put(5, 0xffff0000 | (linear_operand & 0xffff));
            put(6, (linear_operand & 0xffff0000) >> 4);
        }
    } else {
        const auto put = [&](unsigned slot, u32 value) { store<u16>(&image[2 * slot], static_cast<u16>(value)); };
        put(0, fpu.control);
        put(1, fpu.status);
        put(2, tag_word(fpu));
        if (layout.protected_mode) {
            put(3, fpu.instruction_offset);
            put(4, fpu.instruction_selector);
            put(5, fpu.operand_offset);
            put(6, fpu.operand_selector);
        } else {
            put(3, linear_instruction);
            put(4, (linear_instruction & 0xf0000) >> 4 | fpu.opcode);
            put(5, linear_operand);
            put(6, (linear_operand & 0xf0000) >> 4);
        }
    }
}

void read_environment(FpuState& fpu, Layout layout, std::span<const u8> image) {
    const unsigned step = layout.wide ? 4 : 2;
    const auto word = [&](unsigned slot) { return load<u16>(&image[step * slot]); };
    const auto whole = [&](unsigned slot) { return layout.wide ? load<u32>(&image[4 * slot]) : load<u16>(&image[2 * slot]); };
    fpu.control = static_cast<u16>((word(0) & writable_control) | 0x40);
    fpu.status = word(1);
    set_tag_word(fpu, word(2));
    if (layout.protected_mode) {
        fpu.instruction_offset = whole(3);
        fpu.instruction_selector = word(4);
        if (layout.wide) fpu.opcode = load<u16>(&image[18]) & 0x7ff;
        fpu.operand_offset = whole(5);
        fpu.operand_selector = word(6);
    } else {
        // Linear addresses come back as offsets in segment 0.
        const auto linear = [&](unsigned low, unsigned high) {
            return word(low) | (layout.wide ? (whole(high) & 0x0ffff000) << 4 : (whole(high) & 0xf000) << 4);
        };
        fpu.instruction_offset = linear(3, 4);
        fpu.operand_offset = linear(5, 6);
        fpu.opcode = word(4) & 0x7ff;
        fpu.instruction_selector = fpu.operand_selector = 0;
    }
}

void put_register(std::span<u8> image, fp::Float80 value) {
    store<u64>(&image[0], value.significand);
    store<u16>(&image[8], value.sign_exponent);
}

fp::Float80 get_register(std::span<const u8> image) { return {load<u64>(&image[0]), load<u16>(&image[8])}; }

}  // namespace retrace::x87
