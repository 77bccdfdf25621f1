// Instructions that look at descriptors; fast system calls. SDM volume 2.
#include "core/cpu/descriptor.hpp"
#include "core/cpu/model_registers.hpp"
#include "core/semantics/whole/operand.hpp"
#include "core/semantics/whole/whole.hpp"

namespace retrace::whole {

namespace {

// Reads a descriptor without faulting on a bad selector. `found` false: out of the table or null.
bool probe(Cpu& cpu, u16 selector, Cpu::Descriptor& descriptor, bool& found) {
    found = false;
    if (null_selector(selector)) return true;
    if (cpu.read_descriptor(selector, vector::GP, descriptor)) {
        found = true;
        return true;
    }
    if (cpu.fault.vector == vector::PF) return false;
    cpu.fault = {};
    return true;
}

// May the current ring, with the selector's RPL, see this segment at all?
bool visible(const Cpu& cpu, const Cpu::Descriptor& d) {
    if (d.is_code() && d.conforming()) return true;
    return d.dpl() >= cpu.state.cpl && d.dpl() >= (d.selector & 3u);
}

template <class F>
bool verify(Cpu& cpu, I i, F&& allowed) {
    u32 selector = 0;
    if (!read_rm(cpu, i, 2, selector)) return false;
    Cpu::Descriptor descriptor;
    bool found = false;
    if (!probe(cpu, static_cast<u16>(selector), descriptor, found)) return false;
    cpu.flags.set_zf(found && !descriptor.system() && visible(cpu, descriptor) && allowed(descriptor));
    return true;
}

}  // namespace

bool arpl(Cpu& cpu, I i) {
    u32 value = 0;
    if (!read_rm(cpu, i, 2, value)) return false;
    const u32 rpl = cpu.state.gpr[i.reg] & 3;
    const bool adjusts = (value & 3) < rpl;
    // Nothing is written, and read-only memory is no fault, where nothing changes.
    if (adjusts && !write_rm(cpu, i, 2, (value & ~3u) | rpl)) return false;
    cpu.flags.set_zf(adjusts);
    return true;
}

bool lar(Cpu& cpu, I i) {
    u32 selector = 0;
    if (!read_rm(cpu, i, 2, selector)) return false;
    Cpu::Descriptor d;
    bool found = false;
    if (!probe(cpu, static_cast<u16>(selector), d, found)) return false;
    if (found && d.system()) {
        constexpr u32 valid_286 = 0x003e, valid = 0x1a3e;   // TSSs, LDT, call gates, task gate
        found = ((cpu.model() == CpuModel::I286 ? valid_286 : valid) >> d.type() & 1) != 0;
    }
    found = found && visible(cpu, d);
    cpu.flags.set_zf(found);
    if (found) set_register(cpu, i.reg, i.operand_width, d.high & (i.operand_width == 4 ? 0x00f0ff00u : 0xff00u));
    return true;
}

bool lsl(Cpu& cpu, I i) {
    u32 selector = 0;
    if (!read_rm(cpu, i, 2, selector)) return false;
    Cpu::Descriptor d;
    bool found = false;
    if (!probe(cpu, static_cast<u16>(selector), d, found)) return false;
    if (found && d.system()) found = ((cpu.model() == CpuModel::I286 ? 0x000eu : 0x0a0eu) >> d.type() & 1) != 0;   // TSSs and LDT
    found = found && visible(cpu, d);
    cpu.flags.set_zf(found);
    if (found) set_register(cpu, i.reg, i.operand_width, d.limit());
    return true;
}

bool verr(Cpu& cpu, I i) {
    return verify(cpu, i, [](const Cpu::Descriptor& d) { return d.readable(); });
}
bool verw(Cpu& cpu, I i) {
    return verify(cpu, i, [](const Cpu::Descriptor& d) { return d.writable_data(); });
}

bool sldt(Cpu& cpu, I i) { return write_rm(cpu, i, i.has(Instruction::memory) ? 2 : i.operand_width, cpu.state.ldtr.selector); }
bool str(Cpu& cpu, I i) { return write_rm(cpu, i, i.has(Instruction::memory) ? 2 : i.operand_width, cpu.state.tr.selector); }

bool lldt(Cpu& cpu, I i) {
    u32 value = 0;
    if (!read_rm(cpu, i, 2, value)) return false;
    const u16 selector = static_cast<u16>(value);
    if (null_selector(selector)) {
        cpu.state.ldtr = {selector, 0, 0, 0};
        return true;
    }
    Cpu::Descriptor d;
    if (selector & 4) return cpu.raise_selector(vector::GP, selector);
    if (!cpu.read_descriptor(selector, vector::GP, d)) return false;
    if (!d.system() || d.type() != system_type::ldt) return cpu.raise_selector(vector::GP, selector);
    if (!d.present()) return cpu.raise_selector(vector::NP, selector);
    cpu.state.ldtr = d.segment(selector & 3);
    return true;
}

bool ltr(Cpu& cpu, I i) {
    u32 value = 0;
    if (!read_rm(cpu, i, 2, value)) return false;
    const u16 selector = static_cast<u16>(value);
    if (null_selector(selector)) return cpu.raise(vector::GP, 0);
    Cpu::Descriptor d;
    if (selector & 4) return cpu.raise_selector(vector::GP, selector);
    if (!cpu.read_descriptor(selector, vector::GP, d)) return false;
    const bool wide = d.type() == system_type::tss32 && cpu.at_least(CpuModel::I386);
    if (!d.system() || (d.type() != system_type::tss16 && !wide)) return cpu.raise_selector(vector::GP, selector);
    if (!d.present()) return cpu.raise_selector(vector::NP, selector);
    d.high |= 0x200;
    if (!cpu.write_system(d.address + 4, 4, d.high)) return false;
    cpu.state.tr = d.segment(selector & 3);
    return true;
}

namespace {

using namespace model_register;

void put_flat(Cpu& cpu, unsigned segment, u32 selector, u16 attributes) {
    cpu.put_segment(segment, {static_cast<u16>(selector), 0, 0xffffffff, attributes});
}

}  // namespace

bool sysenter(Cpu& cpu, I) {
    auto& msr = cpu.state.msr;
    const u32 selector = static_cast<u32>(msr[sysenter_cs]);
    if (!cpu.protected_mode() || null_selector(selector)) return cpu.raise(vector::GP, 0);
    cpu.set_eflags(cpu.eflags() & ~(flag::VM | flag::IF | flag::RF));
    put_flat(cpu, 1, selector & 0xfffc, 0xc09b);
    put_flat(cpu, 2, (selector & 0xfffc) + 8, 0xc093);
    cpu.set_cpl(0);
    cpu.state.gpr[Esp] = static_cast<u32>(msr[sysenter_esp]);
    cpu.state.eip = static_cast<u32>(msr[sysenter_eip]);
    return true;
}

bool sysexit(Cpu& cpu, I) {
    const u32 selector = static_cast<u32>(cpu.state.msr[sysenter_cs]);
    if (!cpu.protected_mode() || null_selector(selector) || cpu.state.cpl != 0) return cpu.raise(vector::GP, 0);
    put_flat(cpu, 1, ((selector & 0xfffc) + 16) | 3, 0xc0fb);
    put_flat(cpu, 2, ((selector & 0xfffc) + 24) | 3, 0xc0f3);
    cpu.set_cpl(3);
    cpu.state.gpr[Esp] = cpu.state.gpr[Ecx];
    cpu.state.eip = cpu.state.gpr[Edx];
    return true;
}

}  // namespace retrace::whole
