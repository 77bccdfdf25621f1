// Near transfers and the stack, as whole instructions. What they do is in near.hpp.
#include "core/semantics/near.hpp"
#include "core/semantics/whole/whole.hpp"

namespace retrace::whole {

namespace {

// The first operand: register, memory, or an immediate.
bool read_first(Cpu& cpu, I i, u32& value) {
    if (i.opcode == 0x68 || i.opcode == 0x6a) {
        value = i.immediate;
        return true;
    }
    return read_rm(cpu, i, i.operand_width, value);
}
bool taken(Cpu& cpu, I i) { return i.operand_width == 4 ? near::branch<4>(cpu, i) : near::branch<2>(cpu, i); }
bool looped(Cpu& cpu, I i, bool also) { return i.operand_width == 4 ? near::loop<4>(cpu, i, also) : near::loop<2>(cpu, i, also); }

}  // namespace

bool push(Cpu& cpu, I i) {
    u32 value = 0;
    return read_first(cpu, i, value) && retrace::push(cpu, i.operand_width, value);
}

// The 8086 decrements SP before it reads it.
bool push_stack_pointer(Cpu& cpu, I) { return retrace::push(cpu, 2, cpu.state.gpr[Esp] - 2); }

bool pop(Cpu& cpu, I i) {
    if (i.opcode == 0x8f) return pop_memory(cpu, i);
    return i.operand_width == 4 ? near::pop_register<u32>(cpu, i) : near::pop_register<u16>(cpu, i);
}

bool jump_conditional(Cpu& cpu, I i) { return !holds(cpu.flags, i.condition()) || taken(cpu, i); }
bool jump_count_zero(Cpu& cpu, I i) { return (cpu.state.gpr[Ecx] & i.address_mask()) != 0 || taken(cpu, i); }
bool loop(Cpu& cpu, I i) { return looped(cpu, i, true); }
bool loop_while_equal(Cpu& cpu, I i) { return looped(cpu, i, cpu.flags.zf()); }
bool loop_while_unequal(Cpu& cpu, I i) { return looped(cpu, i, !cpu.flags.zf()); }
bool jump_near(Cpu& cpu, I i) { return taken(cpu, i); }

bool jump_indirect(Cpu& cpu, I i) {
    u32 target = 0;
    return read_rm(cpu, i, i.operand_width, target) && cpu.jump_near(target);
}

bool call_near(Cpu& cpu, I i) {
    const u32 target = (near::next_eip(cpu, i) + i.immediate) & near::offset_mask(i.operand_width);
    return i.operand_width == 4 ? near::call<u32>(cpu, i, target) : near::call<u16>(cpu, i, target);
}

bool call_indirect(Cpu& cpu, I i) {
    u32 target = 0;
    if (!read_rm(cpu, i, i.operand_width, target)) return false;
    return i.operand_width == 4 ? near::call<u32>(cpu, i, target) : near::call<u16>(cpu, i, target);
}

bool return_near(Cpu& cpu, I i) { return i.operand_width == 4 ? near::return_near<u32>(cpu, i) : near::return_near<u16>(cpu, i); }

}  // namespace retrace::whole
