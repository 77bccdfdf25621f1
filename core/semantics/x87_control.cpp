#include <array>

#include "core/base/bits.hpp"
#include "core/semantics/x87.hpp"
#include "core/semantics/x87_operand.hpp"

namespace retrace::x87 {
namespace {

void no_operation(Cpu& cpu, const Instruction& i) {
    if (ready(cpu)) note_instruction(cpu, i);
}
// FENI, FDISI, FSETPM: messages to older coprocessors.
void ignored(Cpu& cpu, const Instruction&) { static_cast<void>(available(cpu)); }

// A message to a coprocessor that does not know it: the 8086 and 80286 form the address and read there.
void escape(Cpu& cpu, const Instruction& i) {
    u16 ignored = 0;
    if (available(cpu) && i.has(Instruction::memory)) static_cast<void>(cpu.read(i.segment, cpu.offset_of(i), ignored));
}

void initialise_unit(Cpu& cpu, const Instruction&) {
    if (!available(cpu)) return;
    initialise(cpu.state.fpu);
    cpu.drive_ferr();
}

void clear_exceptions(Cpu& cpu, const Instruction&) {
    if (!available(cpu)) return;
    cpu.state.fpu.status &= 0x7f00;
    cpu.drive_ferr();
}

void load_control(Cpu& cpu, const Instruction& i) {
    u16 value = 0;
    if (!ready(cpu) || !cpu.read(i.segment, cpu.offset_of(i), value)) return;
    cpu.state.fpu.control = static_cast<u16>((value & writable_control) | 0x40);
    update_summary(cpu);
}

void store_control(Cpu& cpu, const Instruction& i) {
    if (available(cpu)) static_cast<void>(cpu.write(i.segment, cpu.offset_of(i), cpu.state.fpu.control));
}

void store_status(Cpu& cpu, const Instruction& i) {
    if (available(cpu)) static_cast<void>(cpu.write(i.segment, cpu.offset_of(i), cpu.state.fpu.status));
}

void store_status_to_ax(Cpu& cpu, const Instruction&) {
    if (available(cpu)) cpu.state.gpr.set_word(Eax, cpu.state.fpu.status);
}

// The longest image: environment and registers.
using Image = std::array<u8, 108>;

void store_environment(Cpu& cpu, const Instruction& i) {
    if (!available(cpu)) return;
    const Layout layout = layout_of(cpu, i);
    Image image;
    FpuState& fpu = cpu.state.fpu;
    write_environment(fpu, layout, image);
    if (!cpu.write_bytes(i.segment, cpu.offset_of(i), std::span{image}.first(layout.size()), layout.alignment())) return;
    fpu.control |= fp::all_exceptions;
    update_summary(cpu);
}

void load_environment(Cpu& cpu, const Instruction& i) {
    if (!ready(cpu)) return;
    const Layout layout = layout_of(cpu, i);
    Image image;
    if (!cpu.read_bytes(i.segment, cpu.offset_of(i), std::span{image}.first(layout.size()), layout.alignment())) return;
    read_environment(cpu.state.fpu, layout, image);
    update_summary(cpu);
}

void save(Cpu& cpu, const Instruction& i) {
    if (!available(cpu)) return;
    const Layout layout = layout_of(cpu, i);
    Image image;
    FpuState& fpu = cpu.state.fpu;
    write_environment(fpu, layout, image);
    for (unsigned at = 0; at < 8; ++at) put_register(std::span{image}.subspan(layout.size() + 10 * at, 10), fpu.st(at));
    if (!cpu.write_bytes(i.segment, cpu.offset_of(i), std::span{image}.first(layout.size() + 80), layout.alignment())) return;
    initialise(fpu);
    cpu.drive_ferr();
}

void restore(Cpu& cpu, const Instruction& i) {
    if (!ready(cpu)) return;
    const Layout layout = layout_of(cpu, i);
    Image image;
    if (!cpu.read_bytes(i.segment, cpu.offset_of(i), std::span{image}.first(layout.size() + 80), layout.alignment())) return;
    FpuState& fpu = cpu.state.fpu;
    read_environment(fpu, layout, image);
    for (unsigned at = 0; at < 8; ++at)
        fpu.physical[(fpu.top() + at) & 7] = get_register(std::span{image}.subspan(layout.size() + 10 * at, 10));
    update_summary(cpu);
}

}  // namespace

Executor control_executor(const Row& row) {
    switch (row.op) {
        case Op::Fnop: return no_operation;
        case Op::Fneni:
        case Op::Fndisi:
        case Op::Fnsetpm: return ignored;
        case Op::Esc: return escape;
        case Op::Fninit: return initialise_unit;
        case Op::Fnclex: return clear_exceptions;
        case Op::Fldcw: return load_control;
        case Op::Fnstcw: return store_control;
        case Op::Fnstsw: return row.operands[0] == Form::Ax ? store_status_to_ax : store_status;
        case Op::Fnstenv: return store_environment;
        case Op::Fldenv: return load_environment;
        case Op::Fnsave: return save;
        case Op::Frstor: return restore;
        default: return nullptr;
    }
}

}  // namespace retrace::x87
