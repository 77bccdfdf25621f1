// Instructions on EFLAGS. SDM volume 2; virtual interrupt flags volume 3, 20.3 and 20.4.
#include "core/cpu/identity.hpp"
#include "core/semantics/whole/operand.hpp"
#include "core/semantics/whole/whole.hpp"

namespace retrace::whole {

namespace {

constexpr unsigned ah = 4;

// V86 mode with IOPL below 3: only the extensions let flag instructions through.
bool restricted(const Cpu& cpu) { return cpu.protected_mode() && cpu.virtual_8086() && cpu.iopl() < 3; }
bool extended(const Cpu& cpu) { return (cpu.state.cr4 & cr4::VME) != 0; }

// CLI and STI where IOPL does not allow them: the virtual flag instead, or a fault.
bool virtual_flag(const Cpu& cpu) {
    if (cpu.virtual_8086()) return extended(cpu);
    return cpu.state.cpl == 3 && (cpu.state.cr4 & cr4::PVI);
}

}  // namespace

bool push_flags(Cpu& cpu, I i) {
    u32 image = cpu.flags_image() & ~(flag::VM | flag::RF);
    if (restricted(cpu)) {
        if (!extended(cpu) || i.operand_width == 4) return cpu.raise(vector::GP, 0);
        image = with(image | flag::IOPL, flag::IF, (cpu.state.eflags & flag::VIF) != 0);
    }
    return push(cpu, i.operand_width, image);
}

bool pop_flags(Cpu& cpu, I i) {
    const bool is_restricted = restricted(cpu);
    if (is_restricted && (!extended(cpu) || i.operand_width == 4)) return cpu.raise(vector::GP, 0);
    const u32 old_esp = cpu.state.gpr[Esp];
    u32 image = 0;
    if (!pop(cpu, i.operand_width, image)) return false;
    u32 changeable = flag::status | flag::TF | flag::DF | flag::NT | flag::AC | flag::ID;
    if (is_restricted) {
        if ((image & flag::TF) || ((image & flag::IF) && (cpu.state.eflags & flag::VIP))) {
            cpu.state.gpr[Esp] = old_esp;
            return cpu.raise(vector::GP, 0);
        }
        cpu.state.eflags = with(cpu.state.eflags, flag::VIF, (image & flag::IF) != 0);
    } else {
        if (!cpu.protected_mode() || cpu.state.cpl <= cpu.iopl()) changeable |= flag::IF;
        if (!cpu.protected_mode() || cpu.state.cpl == 0) changeable |= flag::IOPL;
    }
    changeable &= known_flags(cpu.model());
    if (cpu.model() == CpuModel::I286 && !cpu.protected_mode()) changeable &= 0xfff;
    if (i.operand_width == 2) changeable &= 0xffff;
    cpu.set_eflags(((cpu.eflags() & ~changeable) | (image & changeable)) & ~flag::RF);
    return true;
}

bool lahf(Cpu& cpu, I) {
    cpu.state.gpr.set_byte(ah, static_cast<u8>(cpu.flags.to_eflags() | 2));
    return true;
}

bool sahf(Cpu& cpu, I) {
    constexpr u32 loaded = flag::SF | flag::ZF | flag::AF | flag::PF | flag::CF;
    cpu.flags.load((cpu.flags.to_eflags() & ~loaded) | (cpu.state.gpr.byte(ah) & loaded));
    return true;
}

bool clc(Cpu& cpu, I) {
    cpu.flags.set_cf(false);
    return true;
}
bool stc(Cpu& cpu, I) {
    cpu.flags.set_cf(true);
    return true;
}
bool cmc(Cpu& cpu, I) {
    cpu.flags.set_cf(!cpu.flags.cf());
    return true;
}
bool cld(Cpu& cpu, I) {
    cpu.state.eflags &= ~flag::DF;
    return true;
}
bool std(Cpu& cpu, I) {
    cpu.state.eflags |= flag::DF;
    return true;
}

bool cli(Cpu& cpu, I) {
    if (cpu.protected_mode() && cpu.state.cpl > cpu.iopl()) {
        if (!virtual_flag(cpu)) return cpu.raise(vector::GP, 0);
        cpu.state.eflags &= ~flag::VIF;
        return true;
    }
    cpu.state.eflags &= ~flag::IF;
    cpu.update_attention();
    return true;
}

bool sti(Cpu& cpu, I) {
    if (cpu.protected_mode() && cpu.state.cpl > cpu.iopl()) {
        if (!virtual_flag(cpu) || (cpu.state.eflags & flag::VIP)) return cpu.raise(vector::GP, 0);
        cpu.state.eflags |= flag::VIF;
        return true;
    }
    if (!(cpu.state.eflags & flag::IF)) cpu.state.shadow = Shadow::Sti;
    cpu.state.eflags |= flag::IF;
    cpu.update_attention();
    return true;
}

}  // namespace retrace::whole
