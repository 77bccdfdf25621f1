#include "core/float/arithmetic.hpp"
#include "core/float/scaling.hpp"
#include "core/float/transcendental.hpp"
#include "core/semantics/x87.hpp"
#include "core/semantics/x87_operand.hpp"

namespace retrace::x87 {
namespace {

using fp::Float80;
constexpr Float80 indefinite = fp::indefinite<Float80>;

void set_condition(FpuState& fpu, u16 which, bool value) {
    fpu.status = static_cast<u16>(value ? fpu.status | which : fpu.status & ~which);
}

// ST(0) = function of ST(0).
template <auto function>
void of_one(Cpu& cpu, const Instruction& i) {
    if (!ready(cpu)) return;
    note_instruction(cpu, i);
    FpuState& fpu = cpu.state.fpu;
    if (fpu.empty(0)) [[unlikely]] {
        if (stack_underflow(cpu)) fpu.set_st(0, indefinite);
        return;
    }
    fp::Context context = x87::context(fpu);
    const Float80 result = function(fpu.st(0), context);
    if (conclude(cpu, context)) fpu.set_st(0, result);
}

Float80 negated(Float80 value, fp::Context&) { return fp::change_sign(value); }
Float80 absolute(Float80 value, fp::Context&) { return fp::absolute(value); }

// ST(1) = function of ST(1), ST(0), and pop.
template <auto function>
void of_two(Cpu& cpu, const Instruction& i) {
    if (!ready(cpu)) return;
    note_instruction(cpu, i);
    FpuState& fpu = cpu.state.fpu;
    if (fpu.empty(0) || fpu.empty(1)) [[unlikely]] {
        if (!stack_underflow(cpu)) return;
        fpu.set_st(1, indefinite);
        fpu.pop();
        return;
    }
    fp::Context context = x87::context(fpu);
    const Float80 result = function(fpu.st(1), fpu.st(0), context);
    if (!conclude(cpu, context)) return;
    fpu.set_st(1, result);
    fpu.pop();
}

void scale(Cpu& cpu, const Instruction& i) {
    if (!ready(cpu)) return;
    note_instruction(cpu, i);
    FpuState& fpu = cpu.state.fpu;
    if (fpu.empty(0) || fpu.empty(1)) [[unlikely]] {
        if (stack_underflow(cpu)) fpu.set_st(0, indefinite);
        return;
    }
    fp::Context context = x87::context(fpu);
    const Float80 result = fp::scale(fpu.st(0), fpu.st(1), context);
    if (conclude(cpu, context)) fpu.set_st(0, result);
}

// FPREM, FPREM1: C2 says that more is to be done, C0 C3 C1 are the quotient's bits 2 1 0.
template <fp::Quotient kind>
void remainder(Cpu& cpu, const Instruction& i) {
    if (!ready(cpu)) return;
    note_instruction(cpu, i);
    FpuState& fpu = cpu.state.fpu;
    set_condition(fpu, c2, false);
    if (fpu.empty(0) || fpu.empty(1)) [[unlikely]] {
        if (stack_underflow(cpu)) fpu.set_st(0, indefinite);
        return;
    }
    fp::Context context = x87::context(fpu);
    const fp::Remainder result = fp::remainder(fpu.st(0), fpu.st(1), kind, context);
    if (!conclude(cpu, context)) return;
    if (fp::is_nan(result.value)) {  // no quotient: C0 and C3 stay
        fpu.set_st(0, result.value);
        return;
    }
    fpu.status = static_cast<u16>((fpu.status & ~conditions) | (result.partial ? c2 : 0) | ((result.quotient & 1) ? c1 : 0) |
                                  ((result.quotient & 2) ? c3 : 0) | ((result.quotient & 4) ? c0 : 0));
    fpu.set_st(0, result.value);
}

// What replaces ST(0) by one value and pushes another: FPTAN, FSINCOS, FXTRACT.
bool ready_to_push(Cpu& cpu, const Instruction& i, bool sets_c2) {
    if (!ready(cpu)) return false;
    note_instruction(cpu, i);
    FpuState& fpu = cpu.state.fpu;
    if (!fpu.empty(0) && fpu.empty(7)) [[likely]] return true;
    if (sets_c2) set_condition(fpu, c2, false);
    if (fpu.empty(0) ? stack_underflow(cpu) : stack_overflow(cpu)) {
        fpu.set_st(0, indefinite);
        fpu.push(indefinite);
    }
    return false;
}

void extract(Cpu& cpu, const Instruction& i) {
    if (!ready_to_push(cpu, i, false)) return;
    FpuState& fpu = cpu.state.fpu;
    fp::Context context = x87::context(fpu);
    const fp::Extracted result = fp::extract(fpu.st(0), context);
    if (!conclude(cpu, context)) return;
    fpu.set_st(0, result.exponent);
    fpu.push(result.significand);
}

void tangent(Cpu& cpu, const Instruction& i) {
    if (!ready_to_push(cpu, i, true)) return;
    FpuState& fpu = cpu.state.fpu;
    fp::Context context = x87::context(fpu);
    const fp::Tangent result = fp::tangent(fpu.st(0), context);
    const bool goes_on = conclude(cpu, context);
    set_condition(fpu, c2, result.out_of_range);
    if (!goes_on || result.out_of_range) return;
    fpu.set_st(0, result.value);
    fpu.push(fp::is_nan(result.value) ? result.value : fp::one80);
}

void sine_and_cosine(Cpu& cpu, const Instruction& i) {
    if (!ready_to_push(cpu, i, true)) return;
    FpuState& fpu = cpu.state.fpu;
    fp::Context context = x87::context(fpu);
    const fp::SineCosine result = fp::sine_cosine(fpu.st(0), fp::Angle::Both, context);
    const bool goes_on = conclude(cpu, context);
    set_condition(fpu, c2, result.out_of_range);
    if (!goes_on || result.out_of_range) return;
    fpu.set_st(0, result.sine);
    fpu.push(result.cosine);
}

template <fp::Angle which>
void sine_or_cosine(Cpu& cpu, const Instruction& i) {
    if (!ready(cpu)) return;
    note_instruction(cpu, i);
    FpuState& fpu = cpu.state.fpu;
    if (fpu.empty(0)) [[unlikely]] {
        set_condition(fpu, c2, false);
        if (stack_underflow(cpu)) fpu.set_st(0, indefinite);
        return;
    }
    fp::Context context = x87::context(fpu);
    const fp::SineCosine result = fp::sine_cosine(fpu.st(0), which, context);
    const bool goes_on = conclude(cpu, context);
    set_condition(fpu, c2, result.out_of_range);
    if (goes_on && !result.out_of_range) fpu.set_st(0, which == fp::Angle::Sine ? result.sine : result.cosine);
}

// C3 C2 C0: 000 unsupported, 001 NaN, 010 normal, 011 infinity, 100 zero, 101 empty, 110 denormal; C1 the sign.
void examine(Cpu& cpu, const Instruction& i) {
    if (!ready(cpu)) return;
    note_instruction(cpu, i);
    FpuState& fpu = cpu.state.fpu;
    const Float80 value = fpu.st(0);
    u32 found = c2;
    if (fpu.empty(0))
        found = c3 | c0;
    else if (fp::is_unsupported(value))
        found = 0;
    else if (fp::is_nan(value))
        found = c0;
    else if (fp::is_infinity(value))
        found = c2 | c0;
    else if (fp::is_zero(value))
        found = c3;
    else if (fp::is_denormal(value))
        found = c3 | c2;
    fpu.status = static_cast<u16>((fpu.status & ~conditions) | found | (value.sign() ? c1 : 0));
}

Float80 round_to_integral(Float80 value, fp::Context& context) { return fp::round_to_integral(value, context); }
Float80 square_root(Float80 value, fp::Context& context) { return fp::square_root(value, context); }

}  // namespace

Executor function_executor(const Row& row) {
    switch (row.op) {
        case Op::Fchs: return of_one<negated>;
        case Op::Fabs: return of_one<absolute>;
        case Op::Fsqrt: return of_one<square_root>;
        case Op::Frndint: return of_one<round_to_integral>;
        case Op::F2xm1: return of_one<fp::two_to_x_minus_1>;
        case Op::Fyl2x: return of_two<fp::y_log2_x>;
        case Op::Fyl2xp1: return of_two<fp::y_log2_x_plus_1>;
        case Op::Fpatan: return of_two<fp::arc_tangent>;
        case Op::Fptan: return tangent;
        case Op::Fsin: return sine_or_cosine<fp::Angle::Sine>;
        case Op::Fcos: return sine_or_cosine<fp::Angle::Cosine>;
        case Op::Fsincos: return sine_and_cosine;
        case Op::Fscale: return scale;
        case Op::Fprem: return remainder<fp::Quotient::Truncated>;
        case Op::Fprem1: return remainder<fp::Quotient::Nearest>;
        case Op::Fxtract: return extract;
        case Op::Fxam: return examine;
        default: return nullptr;
    }
}

}  // namespace retrace::x87
