// IN and OUT. A device is called at the exact moment of the instruction.
#include "core/semantics/whole/operand.hpp"
#include "core/semantics/whole/whole.hpp"

namespace retrace::whole {

namespace {

u16 port_of(const Cpu& cpu, I i) { return i.opcode < 0xec ? static_cast<u16>(i.immediate & 0xff) : cpu.state.gpr.word(Edx); }
unsigned width_of(I i) { return (i.opcode & 1) ? i.operand_width : 1; }

}  // namespace

bool in(Cpu& cpu, I i) {
    const u16 port = port_of(cpu, i);
    const unsigned width = width_of(i);
    if (!cpu.check_io_permission(port, width)) return false;
    cpu.watch_ports(port, width);
    cpu.synchronise();
    set_register(cpu, Eax, width, cpu.ports.read(port, width));
    cpu.device_called();
    return true;
}

bool out(Cpu& cpu, I i) {
    const u16 port = port_of(cpu, i);
    const unsigned width = width_of(i);
    if (!cpu.check_io_permission(port, width)) return false;
    cpu.watch_ports(port, width);
    cpu.synchronise();
    cpu.ports.write(port, width, get_register(cpu, Eax, width));
    cpu.device_called();
    return true;
}

}  // namespace retrace::whole
