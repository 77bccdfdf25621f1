// Near transfers and the stack, with the width as a parameter so that engines can specialise them. SDM volume 2.
#pragma once

#include "core/semantics/condition.hpp"
#include "core/semantics/whole/operand.hpp"

namespace retrace::near {

using I = const Instruction&;

constexpr u32 offset_mask(unsigned width) { return width == 2 ? 0xffffu : 0xffffffffu; }

[[gnu::always_inline]] inline u32 next_eip(const Cpu& cpu, I i) { return cpu.run.eip + i.offset + i.length; }

// The slow ways note which instruction it is.
[[gnu::cold, gnu::noinline]] inline bool beyond_limit(Cpu& cpu, I i) {
    cpu.run.current = &i;
    return cpu.raise(vector::GP, 0);
}

// A relative branch that is taken.
template <unsigned width>
[[nodiscard, gnu::always_inline]] inline bool branch(Cpu& cpu, I i) {
    const u32 target = (next_eip(cpu, i) + i.immediate) & offset_mask(width);
    if (target > cpu.state.segment[1].limit) [[unlikely]] return beyond_limit(cpu, i);
    cpu.state.eip = target;
    return true;
}

template <class T>
[[nodiscard, gnu::always_inline]] inline bool push(Cpu& cpu, I i, T value) {
    const u32 mask = cpu.stack_mask(), esp = cpu.state.gpr[Esp], offset = (esp - u32{sizeof(T)}) & mask;
    if (u8* host = cpu.fast_write<T>(2, offset)) [[likely]] {
        store<T>(host, value);
    } else {
        cpu.run.current = &i;
        if (!cpu.write_slow(2, offset, sizeof(T), value)) return false;
    }
    cpu.state.gpr[Esp] = (esp & ~mask) | offset;
    return true;
}

// Reads the top of the stack without moving ESP.
template <class T>
[[nodiscard, gnu::always_inline]] inline bool top(Cpu& cpu, I i, T& value) {
    const u32 offset = cpu.state.gpr[Esp] & cpu.stack_mask();
    if (const u8* host = cpu.fast_read<T>(2, offset)) [[likely]] {
        value = load<T>(host);
        return true;
    }
    cpu.run.current = &i;
    const auto loaded = cpu.read_slow(2, offset, sizeof(T));
    value = static_cast<T>(loaded.value);
    return loaded.ok;
}
[[gnu::always_inline]] inline void release(Cpu& cpu, u32 bytes) {
    const u32 mask = cpu.stack_mask(), esp = cpu.state.gpr[Esp];
    cpu.state.gpr[Esp] = (esp & ~mask) | ((esp + bytes) & mask);
}

template <class T>
[[nodiscard, gnu::always_inline]] inline bool pop_register(Cpu& cpu, I i) {
    T value = 0;
    if (!top<T>(cpu, i, value)) return false;
    release(cpu, sizeof(T));
    cpu.state.gpr.set<T>(i.rm, value);
    return true;
}

// Whether the return address fits on the stack is looked at before the target.
[[gnu::cold, gnu::noinline]] inline bool call_beyond_limit(Cpu& cpu, I i, unsigned width) {
    cpu.run.current = &i;
    return cpu.check_write(2, (cpu.state.gpr[Esp] - width) & cpu.stack_mask(), width) && beyond_limit(cpu, i);
}

template <class T>
[[nodiscard, gnu::always_inline]] inline bool call(Cpu& cpu, I i, u32 target) {
    if (target > cpu.state.segment[1].limit) [[unlikely]] return call_beyond_limit(cpu, i, sizeof(T));
    if (!push<T>(cpu, i, static_cast<T>(next_eip(cpu, i)))) return false;
    cpu.state.eip = target;
    return true;
}

template <class T>
[[nodiscard, gnu::always_inline]] inline bool return_near(Cpu& cpu, I i) {
    T target = 0;
    if (!top<T>(cpu, i, target)) return false;
    if (target > cpu.state.segment[1].limit) [[unlikely]] return beyond_limit(cpu, i);
    release(cpu, u32{sizeof(T)} + i.immediate);
    cpu.state.eip = target;
    return true;
}

// LOOP and its kin: counts CX or ECX by address size, and branches while it is not 0 and `also`.
template <unsigned width>
[[nodiscard, gnu::always_inline]] inline bool loop(Cpu& cpu, I i, bool also) {
    const u32 mask = i.address_mask(), old = cpu.state.gpr[Ecx], count = (old - 1) & mask;
    if (count != 0 && also) {
        if (!branch<width>(cpu, i)) return false;
    } else {
        cpu.state.eip = next_eip(cpu, i);
    }
    cpu.state.gpr[Ecx] = (old & ~mask) | count;
    return true;
}

}  // namespace retrace::near
