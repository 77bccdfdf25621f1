#include <array>
#include <utility>

#include "core/engine/handlers.hpp"
#include "core/engine/proceed.hpp"
#include "core/semantics/near.hpp"

namespace retrace {

namespace {

// A block ends here: eip is set, or run.current says where it stopped.
template <unsigned condition, unsigned width>
void jump_conditional(Cpu& cpu, const Instruction& i) {
    if (holds<condition>(cpu.flags)) {
        if (!near::branch<width>(cpu, i)) return;
    } else {
        cpu.state.eip = near::next_eip(cpu, i);
    }
    return chain(cpu);
}

template <unsigned width, unsigned... conditions>
constexpr std::array<Executor, 16> conditional_table(std::integer_sequence<unsigned, conditions...>) {
    return {jump_conditional<conditions, width>...};
}
constexpr auto conditional16 = conditional_table<2>(std::make_integer_sequence<unsigned, 16>{});
constexpr auto conditional32 = conditional_table<4>(std::make_integer_sequence<unsigned, 16>{});

template <unsigned width>
void jump(Cpu& cpu, const Instruction& i) {
    if (near::branch<width>(cpu, i)) return chain(cpu);
}

template <unsigned width>
void loop(Cpu& cpu, const Instruction& i) {
    if (near::loop<width>(cpu, i, true)) return chain(cpu);
}

template <class T>
void call(Cpu& cpu, const Instruction& i) {
    const u32 target = (near::next_eip(cpu, i) + i.immediate) & near::offset_mask(sizeof(T));
    if (near::call<T>(cpu, i, target) && !cpu.run.current) return chain(cpu);
}

template <class T>
void return_near(Cpu& cpu, const Instruction& i) {
    if (near::return_near<T>(cpu, i) && !cpu.run.current) return chain(cpu);
}

// Not at the end of a block: after a slow path the trace may have to stop.
[[gnu::always_inline]] inline void go_on(Cpu& cpu, const Instruction& i, bool ok) {
    if (cpu.run.current) [[unlikely]] {
        if (!ok || cpu.run.stop) return;
        cpu.run.current = nullptr;
    }
    return proceed(cpu, i);
}

template <class T>
void push_register(Cpu& cpu, const Instruction& i) {
    const bool ok = near::push<T>(cpu, i, cpu.state.gpr.get<T>(i.rm));
    return go_on(cpu, i, ok);
}
template <class T>
void push_immediate(Cpu& cpu, const Instruction& i) {
    const bool ok = near::push<T>(cpu, i, static_cast<T>(i.immediate));
    return go_on(cpu, i, ok);
}
template <class T>
void pop_register(Cpu& cpu, const Instruction& i) {
    const bool ok = near::pop_register<T>(cpu, i);
    return go_on(cpu, i, ok);
}

void nothing(Cpu& cpu, const Instruction& i) { return proceed(cpu, i); }
void clear_carry(Cpu& cpu, const Instruction& i) {
    cpu.flags.set_cf(false);
    return proceed(cpu, i);
}
void set_carry(Cpu& cpu, const Instruction& i) {
    cpu.flags.set_cf(true);
    return proceed(cpu, i);
}

}  // namespace

Executor near_handler(const Instruction& i, const Row& row, CpuModel model) {
    const bool wide = i.operand_width == 4;
    switch (row.op) {
        case Op::Jcc: return (wide ? conditional32 : conditional16)[i.condition()];
        case Op::JmpNear: return wide ? jump<4> : jump<2>;
        case Op::Loop: return wide ? loop<4> : loop<2>;
        case Op::CallNear: return wide ? call<u32> : call<u16>;
        case Op::RetNear: return wide ? return_near<u32> : return_near<u16>;
        case Op::Push:
            if (i.opcode == 0x68 || i.opcode == 0x6a) return wide ? push_immediate<u32> : push_immediate<u16>;
            if (i.opcode >= 0x58 || (i.opcode == 0x54 && model == CpuModel::I8086)) return nullptr;
            return wide ? push_register<u32> : push_register<u16>;
        case Op::Pop:
            if (i.opcode == 0x8f) return nullptr;
            return wide ? pop_register<u32> : pop_register<u16>;
        case Op::Nop: return nothing;
        case Op::Clc: return clear_carry;
        case Op::Stc: return set_carry;
        default: return nullptr;
    }
}

}  // namespace retrace
