// Arithmetic, logic, shifts and moves over an executor. SDM volume 2.
#pragma once

#include <algorithm>

#include "core/semantics/semantics.hpp"
#include "core/semantics/status.hpp"
#include "core/semantics/undefined_flags.hpp"

namespace retrace {

template <> inline constexpr auto semantics<Op::Add> = [](auto& x) {
    const auto a = x.dst(), b = x.src(), sum = a + b;
    x.set_dst(sum);
    x.set_status(after_add(a, b, sum));
};

template <> inline constexpr auto semantics<Op::Adc> = [](auto& x) {
    const auto a = x.dst(), b = x.src(), c = x.carry(), sum = a + b + c;
    x.set_dst(sum);
    x.set_status(after_add(a, b, c, sum));
};

template <> inline constexpr auto semantics<Op::Sub> = [](auto& x) {
    const auto a = x.dst(), b = x.src(), difference = a - b;
    x.set_dst(difference);
    x.set_status(after_subtract(a, b, difference));
};

template <> inline constexpr auto semantics<Op::Sbb> = [](auto& x) {
    const auto a = x.dst(), b = x.src(), c = x.carry(), difference = a - b - c;
    x.set_dst(difference);
    x.set_status(after_subtract(a, b, c, difference));
};

template <> inline constexpr auto semantics<Op::Cmp> = [](auto& x) {
    const auto a = x.dst(), b = x.src();
    x.set_status(after_subtract(a, b, a - b));
};

template <> inline constexpr auto semantics<Op::And> = [](auto& x) {
    const auto result = x.dst() & x.src();
    x.set_dst(result);
    x.set_status(after_logic(result));
};

template <> inline constexpr auto semantics<Op::Or> = [](auto& x) {
    const auto result = x.dst() | x.src();
    x.set_dst(result);
    x.set_status(after_logic(result));
};

template <> inline constexpr auto semantics<Op::Xor> = [](auto& x) {
    const auto result = x.dst() ^ x.src();
    x.set_dst(result);
    x.set_status(after_logic(result));
};

template <> inline constexpr auto semantics<Op::Test> = [](auto& x) { x.set_status(after_logic(x.dst() & x.src())); };

template <> inline constexpr auto semantics<Op::Inc> = [](auto& x) {
    const auto a = x.dst(), one = x.constant(1), sum = a + one;
    x.set_dst(sum);
    x.set_status_but_carry(after_add(a, one, sum));
};

template <> inline constexpr auto semantics<Op::Dec> = [](auto& x) {
    const auto a = x.dst(), one = x.constant(1), difference = a - one;
    x.set_dst(difference);
    x.set_status_but_carry(after_subtract(a, one, difference));
};

template <> inline constexpr auto semantics<Op::Not> = [](auto& x) { x.set_dst(~x.dst()); };

template <> inline constexpr auto semantics<Op::Neg> = [](auto& x) {
    const auto zero = x.constant(0), a = x.dst(), difference = zero - a;
    x.set_dst(difference);
    x.set_status(after_subtract(zero, a, difference));
};

// ---- multiplication and division

template <> inline constexpr auto semantics<Op::Mul> = [](auto& x) {
    const auto a = x.accumulator(), b = x.dst();
    using W = decltype(x.constant(0));
    const u64 product = u64{a.value} * b.value;
    const W low{product}, high{product >> W::bits};
    x.set_accumulator_pair(low, high);
    x.set_status(after_shift(low, high.value != 0, high.value != 0));
};

template <> inline constexpr auto semantics<Op::Imul> = [](auto& x) {
    const auto a = x.accumulator(), b = x.dst();
    using W = decltype(x.constant(0));
    const i64 product = a.as_signed() * b.as_signed();
    const W low{static_cast<u64>(product)}, high{static_cast<u64>(product >> W::bits)};
    const bool lost = low.as_signed() != product;
    x.set_accumulator_pair(low, high);
    x.set_status(after_shift(low, lost, lost));
};

// Two or three operands: the second factor is the immediate or the destination.
template <> inline constexpr auto semantics<Op::Imul2> = [](auto& x) {
    const auto a = x.src(), b = x.third();
    using W = decltype(x.constant(0));
    const i64 product = a.as_signed() * b.as_signed();
    const W low{static_cast<u64>(product)};
    const bool lost = low.as_signed() != product;
    x.set_dst(low);
    x.set_status(after_shift(low, lost, lost));
};

template <> inline constexpr auto semantics<Op::Div> = [](auto& x) {
    const auto divisor = x.dst();
    using W = decltype(x.constant(0));
    const u64 dividend = u64{x.high().value} << W::bits | x.accumulator().value;
    const u64 quotient = divisor.value ? dividend / divisor.value : ~u64{0};
    x.raise_if(quotient >> W::bits != 0, vector::DE);
    x.set_accumulator_pair(W{quotient}, W{divisor.value ? dividend % divisor.value : 0});
};

template <> inline constexpr auto semantics<Op::Idiv> = [](auto& x) {
    const auto divisor = x.dst();
    using W = decltype(x.constant(0));
    const u64 unsigned_dividend = u64{x.high().value} << W::bits | x.accumulator().value;
    const i64 dividend = static_cast<i64>(unsigned_dividend << (64 - 2 * W::bits)) >> (64 - 2 * W::bits);
    const bool impossible = divisor.value == 0 || (divisor.as_signed() == -1 && dividend < -(i64{1} << 62));
    const i64 by = impossible ? 1 : divisor.as_signed();
    const i64 quotient = dividend / by, remainder = dividend % by;
    // The 8086 also refuses the most negative quotient.
    const bool fits = W{static_cast<u64>(quotient)}.as_signed() == quotient && !(x.is_8086() && quotient == -(i64{1} << (W::bits - 1)));
    x.raise_if(impossible || !fits, vector::DE);
    x.set_accumulator_pair(W{static_cast<u64>(quotient)}, W{static_cast<u64>(remainder)});
};

// ---- shifts and rotations. A count of 0 changes nothing; the 8086 does not mask counts, so they may exceed the width by far.

template <> inline constexpr auto semantics<Op::Shl> = [](auto& x) {
    const auto a = x.dst();
    const unsigned count = std::min(x.count(), 33u);
    x.when(count != 0, [&] {
        using W = decltype(x.constant(0));
        const u64 wide = u64{a.value} << count;
        const W result{wide};
        const bool carry = (wide >> W::bits & 1) != 0;
        x.set_dst(result);
        x.set_status(after_shift(result, carry, undefined_flags::overflow_left(result, carry)));
    });
};

template <> inline constexpr auto semantics<Op::Shr> = [](auto& x) {
    const auto a = x.dst();
    const unsigned count = std::min(x.count(), 33u);
    x.when(count != 0, [&] {
        using W = decltype(x.constant(0));
        const W result{u64{a.value} >> count};
        x.set_dst(result);
        x.set_status(after_shift(result, (u64{a.value} >> (count - 1) & 1) != 0, undefined_flags::overflow_right(result)));
    });
};

template <> inline constexpr auto semantics<Op::Sar> = [](auto& x) {
    const auto a = x.dst();
    const unsigned count = std::min(x.count(), 33u);
    x.when(count != 0, [&] {
        using W = decltype(x.constant(0));
        const W result{static_cast<u64>(a.as_signed() >> count)};
        x.set_dst(result);
        x.set_status(after_shift(result, (a.as_signed() >> (count - 1) & 1) != 0, false));
    });
};

template <> inline constexpr auto semantics<Op::Rol> = [](auto& x) {
    const auto a = x.dst();
    const unsigned count = x.count();
    x.when(count != 0, [&] {
        using W = decltype(x.constant(0));
        const unsigned by = count % W::bits;
        const W result{u64{a.value} << by | u64{a.value} >> (W::bits - by)};
        const bool carry = (result.value & 1) != 0;
        x.set_dst(result);
        x.set_carry_overflow(carry, undefined_flags::overflow_left(result, carry));
    });
};

template <> inline constexpr auto semantics<Op::Ror> = [](auto& x) {
    const auto a = x.dst();
    const unsigned count = x.count();
    x.when(count != 0, [&] {
        using W = decltype(x.constant(0));
        const unsigned by = count % W::bits;
        const W result{u64{a.value} >> by | u64{a.value} << (W::bits - by)};
        x.set_dst(result);
        x.set_carry_overflow(result.top(), undefined_flags::overflow_right(result));
    });
};

template <> inline constexpr auto semantics<Op::Rcl> = [](auto& x) {
    const auto a = x.dst();
    const unsigned count = x.count();
    x.when(count != 0, [&] {
        using W = decltype(x.constant(0));
        const unsigned by = count % (W::bits + 1);
        const u64 whole = u64{x.carry().value} << W::bits | a.value;
        const u64 turned = whole << by | (by ? whole >> (W::bits + 1 - by) : 0);
        const W result{turned};
        const bool carry = (turned >> W::bits & 1) != 0;
        x.set_dst(result);
        x.set_carry_overflow(carry, undefined_flags::overflow_left(result, carry));
    });
};

template <> inline constexpr auto semantics<Op::Rcr> = [](auto& x) {
    const auto a = x.dst();
    const unsigned count = x.count();
    x.when(count != 0, [&] {
        using W = decltype(x.constant(0));
        const unsigned by = count % (W::bits + 1);
        const u64 whole = u64{x.carry().value} << W::bits | a.value;
        const u64 turned = whole >> by | (by ? whole << (W::bits + 1 - by) : 0);
        const W result{turned};
        x.set_dst(result);
        x.set_carry_overflow((turned >> W::bits & 1) != 0, undefined_flags::overflow_right(result));
    });
};

// ---- moves

template <> inline constexpr auto semantics<Op::Mov> = [](auto& x) { x.set_dst(x.src()); };

template <> inline constexpr auto semantics<Op::Movzx> = [](auto& x) { x.set_dst(x.zero_extended(x.src())); };
template <> inline constexpr auto semantics<Op::Movsx> = [](auto& x) { x.set_dst(x.sign_extended(x.src())); };

template <> inline constexpr auto semantics<Op::Lea> = [](auto& x) { x.set_dst(x.effective_address()); };

template <> inline constexpr auto semantics<Op::Xchg> = [](auto& x) {
    const auto a = x.dst(), b = x.src();
    x.set_dst(b);
    x.set_src(a);
};

template <> inline constexpr auto semantics<Op::Setcc> = [](auto& x) { x.set_dst(x.constant(x.condition() ? 1 : 0)); };

// The source is read, and may fault, whatever the condition.
template <> inline constexpr auto semantics<Op::Cmovcc> = [](auto& x) {
    const auto value = x.src();
    x.when(x.condition(), [&] { x.set_dst(value); });
};

}  // namespace retrace
