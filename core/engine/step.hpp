// Step: the interpreter's executor. Given a Step, semantics<Op> happens at once. It is specialised at compile time by the width and by
// the places of the operands, so that what is left after inlining is the instruction and nothing else.
#pragma once

#include "core/engine/proceed.hpp"
#include "core/semantics/condition.hpp"
#include "core/semantics/semantics.hpp"
#include "core/semantics/status.hpp"

namespace retrace {

// Where an operand is. Rm and Reg are the register fields of the Instruction; memory comes with its address size.
enum class Place : u8 { None, Rm, Reg, Immediate, Cl, Memory16, Memory32 };

constexpr bool is_memory(Place place) { return place == Place::Memory16 || place == Place::Memory32; }

template <Place place>
[[gnu::always_inline]] inline u32 address(const Cpu& cpu, const Instruction& i) {
    const auto& gpr = cpu.state.gpr;
    if constexpr (place == Place::Memory16) return (gpr[i.base] + gpr[i.index] + i.displacement) & 0xffff;
    else return gpr[i.base] + (gpr[i.index] << i.scale) + i.displacement;
}

// `writes`: the operation writes its destination, so a read of it is the first half of a modification.
// T is the destination's type, U the source's (narrower for MOVZX and MOVSX). A `fast` Step calls nothing: where an access cannot take the
// fast path it fails, having changed nothing, and the instruction is executed again by a Step that is not.
template <bool fast, class T, Place D, Place S, bool writes, class U = T>
class Step {
public:
    using W = Word<T>;

    [[gnu::always_inline]] Step(Cpu& cpu, const Instruction& instruction) : cpu_{cpu}, i_{instruction} {}

    // Something took the slow path; the trace may have to end. Or the instruction faulted.
    [[nodiscard]] bool slow() const { return slow_; }
    [[nodiscard]] bool failed() const { return failed_; }

    // ---- operands
    [[gnu::always_inline]] W dst() {
        if constexpr (is_memory(D)) {
            if constexpr (writes) {
                fetched_ = true;
                offset_ = address<D>(cpu_, i_);
                host_ = cpu_.template fast_write<T>(i_.segment, offset_);
                if (host_) [[likely]] return W{load<T>(host_)};
                if constexpr (fast) return fail<T>();
                else return W{take(slow_path().modify_slow(i_.segment, offset_, sizeof(T)))};
            } else {
                return get<T, D>();
            }
        } else {
            return get<T, D>();
        }
    }
    [[gnu::always_inline]] Word<U> src() { return get<U, S>(); }

    [[gnu::always_inline]] void set_dst(W value) {
        if (failed_) return;
        if constexpr (D == Place::Rm) {
            cpu_.state.gpr.template set<T>(i_.rm, value.value);
        } else if constexpr (D == Place::Reg) {
            cpu_.state.gpr.template set<T>(i_.reg, value.value);
        } else {
            if (!fetched_) {
                offset_ = address<D>(cpu_, i_);
                host_ = cpu_.template fast_store<T>(i_.segment, offset_);
                if (host_) [[likely]] return store<T>(host_, value.value);
                if constexpr (fast) failed_ = true;
                else failed_ = !slow_path().write_slow(i_.segment, offset_, sizeof(T), value.value);
            } else if (fast || host_) [[likely]] {
                store<T>(host_, value.value);
            } else {
                cpu_.write_back_slow(value.value);
            }
        }
    }
    [[gnu::always_inline]] void set_src(W value) {
        static_assert(S == Place::Reg, "only XCHG and its like write their source");
        if (!failed_) cpu_.state.gpr.template set<T>(i_.reg, value.value);
    }
    // The second factor of IMUL: the immediate, or the destination where there is none.
    [[gnu::always_inline]] W third() { return i_.opcode == 0xaf ? get<T, D>() : W{i_.immediate}; }
    [[gnu::always_inline]] W zero_extended(Word<U> value) const { return W{value.value}; }
    [[gnu::always_inline]] W sign_extended(Word<U> value) const { return W{static_cast<u64>(value.as_signed())}; }
    [[gnu::always_inline]] W effective_address() const { return W{address<S>(cpu_, i_)}; }
    [[gnu::always_inline]] W constant(u64 value) const { return W{value}; }

    [[gnu::always_inline]] W accumulator() const { return W{cpu_.state.gpr.template get<T>(Eax)}; }
    [[gnu::always_inline]] W high() const { return W{cpu_.state.gpr.template get<T>(sizeof(T) == 1 ? 4 : 2)}; }   // AH, DX, EDX
    [[gnu::always_inline]] void set_accumulator_pair(W low, W high) {
        if (failed_) return;
        if constexpr (sizeof(T) == 1) {
            cpu_.state.gpr.set_word(Eax, static_cast<u16>(low.value | high.value << 8));
        } else {
            cpu_.state.gpr.template set<T>(Eax, low.value);
            cpu_.state.gpr.template set<T>(Edx, high.value);
        }
    }

    // ---- flags
    [[nodiscard, gnu::always_inline]] W carry() const { return W{cpu_.flags.carry}; }
    [[nodiscard, gnu::always_inline]] bool condition() const { return holds(cpu_.flags, i_.condition()); }
    [[gnu::always_inline]] void set_status(const Status<T>& status) {
        if (failed_) return;
        cpu_.flags.set_result(status.result.value);
        cpu_.flags.carries = status.carries;
        cpu_.flags.carry = status.carry;
    }
    [[gnu::always_inline]] void set_status_but_carry(const Status<T>& status) {
        if (failed_) return;
        cpu_.flags.set_result(status.result.value);
        cpu_.flags.carries = status.carries ^ (status.carry ^ cpu_.flags.carry) << 31;
    }
    [[gnu::always_inline]] void set_carry_overflow(bool carry, bool overflow) {
        if (failed_) return;
        cpu_.flags.carry = carry;
        cpu_.flags.carries = (cpu_.flags.carries & 0x7fffffffu) | u32{carry != overflow} << 31;
    }

    // ---- the rest
    [[nodiscard, gnu::always_inline]] unsigned count() const {
        if constexpr (S == Place::Immediate) return i_.immediate & 31u;
        else return cpu_.state.gpr.byte(Ecx) & (is_8086() ? 255u : 31u);
    }
    [[nodiscard]] bool is_8086() const { return cpu_.model() == CpuModel::I8086; }
    template <class F>
    [[gnu::always_inline]] void when(bool condition, F&& body) {
        if (condition) body();
    }
    [[gnu::always_inline]] void raise_if(bool condition, u8 vector) {
        if (failed_ || !condition) [[likely]] return;
        if constexpr (!fast) slow_path().raise(vector);
        failed_ = true;
    }

private:
    template <class V, Place place>
    [[gnu::always_inline]] Word<V> get() {
        if constexpr (place == Place::Rm) {
            return Word<V>{cpu_.state.gpr.template get<V>(i_.rm)};
        } else if constexpr (place == Place::Reg) {
            return Word<V>{cpu_.state.gpr.template get<V>(i_.reg)};
        } else if constexpr (place == Place::Immediate) {
            return Word<V>{i_.immediate};
        } else {
            const u32 offset = address<place>(cpu_, i_);
            if (const u8* host = cpu_.template fast_read<V>(i_.segment, offset)) [[likely]] return Word<V>{load<V>(host)};
            if constexpr (fast) return fail<V>();
            else return Word<V>{take(slow_path().read_slow(i_.segment, offset, sizeof(V)))};
        }
    }
    template <class V>
    [[gnu::always_inline]] Word<V> fail() {
        failed_ = true;
        return {};
    }
    [[gnu::always_inline]] u64 take(Cpu::Loaded loaded) {
        failed_ = failed_ || !loaded.ok;
        return loaded.value;
    }
    [[gnu::always_inline]] Cpu& slow_path() {
        slow_ = true;
        cpu_.run.current = &i_;
        return cpu_;
    }

    Cpu& cpu_;
    const Instruction& i_;
    u8* host_ = nullptr;
    u32 offset_ = 0;
    bool fetched_ = false, slow_ = false, failed_ = false;
};

}  // namespace retrace
