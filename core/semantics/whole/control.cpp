// Far transfers, interrupts by instruction, BOUND, HLT. SDM volume 2; virtual-8086 extensions volume 3, 20.3.
#include "core/cpu/x87.hpp"
#include "core/semantics/whole/operand.hpp"
#include "core/semantics/whole/whole.hpp"

namespace retrace::whole {

namespace {

bool read_far_pointer(Cpu& cpu, I i, u16& selector, u32& offset) {
    const u32 at = cpu.offset_of(i);
    u32 high = 0;
    if (!read_memory(cpu, i.segment, at, i.operand_width, offset)) return false;
    if (!read_memory(cpu, i.segment, (at + i.operand_width) & i.address_mask(), 2, high)) return false;
    selector = static_cast<u16>(high);
    return true;
}

}  // namespace

bool jump_far(Cpu& cpu, I i) { return cpu.jump_far(i.immediate2, i.immediate, i.operand_width); }
bool call_far(Cpu& cpu, I i) { return cpu.call_far(i.immediate2, i.immediate, i.operand_width); }

bool jump_far_indirect(Cpu& cpu, I i) {
    u16 selector = 0;
    u32 offset = 0;
    return read_far_pointer(cpu, i, selector, offset) && cpu.jump_far(selector, offset, i.operand_width);
}

bool call_far_indirect(Cpu& cpu, I i) {
    u16 selector = 0;
    u32 offset = 0;
    return read_far_pointer(cpu, i, selector, offset) && cpu.call_far(selector, offset, i.operand_width);
}

bool return_far(Cpu& cpu, I i) { return cpu.return_far(i.operand_width, i.immediate); }

bool interrupt(Cpu& cpu, I i) {
    const u8 vector = static_cast<u8>(i.immediate);
    if (cpu.protected_mode() && cpu.virtual_8086()) {
        bool redirected = false;
        if (cpu.state.cr4 & cr4::VME) {
            if (!cpu.redirects_interrupt(vector, redirected)) return false;
            if (redirected) return cpu.interrupt_virtual_8086(vector);
        }
        if (cpu.iopl() < 3) return cpu.raise(vector::GP, 0);
    }
    return cpu.interrupt(vector, Cpu::Origin::Software, false, 0, cpu.next_eip());
}

bool interrupt3(Cpu& cpu, I) { return cpu.interrupt(vector::BP, Cpu::Origin::Software, false, 0, cpu.next_eip()); }

bool into(Cpu& cpu, I) { return !cpu.flags.of() || cpu.interrupt(vector::OF, Cpu::Origin::Software, false, 0, cpu.next_eip()); }

bool icebp(Cpu& cpu, I) { return cpu.interrupt(vector::DB, Cpu::Origin::Icebp, false, 0, cpu.next_eip()); }

bool interrupt_return(Cpu& cpu, I i) { return cpu.return_from_interrupt(i.operand_width); }

bool bound(Cpu& cpu, I i) {
    const unsigned width = i.operand_width;
    const u32 at = cpu.offset_of(i);
    u32 lower = 0, upper = 0;
    if (!read_memory(cpu, i.segment, at, width, lower) || !read_memory(cpu, i.segment, (at + width) & i.address_mask(), width, upper)) return false;
    const auto extended = [&](u32 value) { return width == 4 ? static_cast<i32>(value) : static_cast<i16>(value); };
    const i32 index = extended(get_register(cpu, i.reg, width));
    return (index >= extended(lower) && index <= extended(upper)) || cpu.raise(vector::BR);
}

bool resume(Cpu& cpu, I) { return cpu.resume_from_system_management(); }
bool undefined(Cpu& cpu, I) { return cpu.raise(vector::UD); }
bool nothing(Cpu&, I) { return true; }
bool wait(Cpu& cpu, I) { return x87::wait(cpu); }

bool halt(Cpu& cpu, I) {
    cpu.state.halted = true;
    cpu.update_attention();
    return true;
}

}  // namespace retrace::whole
