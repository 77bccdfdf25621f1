// Word: a value of an instruction's width that wraps like the hardware's, without C++'s promotions.
#pragma once

#include <type_traits>

#include "core/base/types.hpp"

namespace retrace {

template <class T>
struct Word {
    static_assert(std::is_unsigned_v<T>);
    static constexpr unsigned bits = sizeof(T) * 8;

    T value = 0;

    constexpr Word() = default;
    constexpr explicit Word(u64 number) : value{static_cast<T>(number)} {}

    friend constexpr Word operator+(Word a, Word b) { return Word{u64{a.value} + b.value}; }
    friend constexpr Word operator-(Word a, Word b) { return Word{u64{a.value} - b.value}; }
    friend constexpr Word operator&(Word a, Word b) { return Word{u64{a.value} & b.value}; }
    friend constexpr Word operator|(Word a, Word b) { return Word{u64{a.value} | b.value}; }
    friend constexpr Word operator^(Word a, Word b) { return Word{u64{a.value} ^ b.value}; }
    constexpr Word operator~() const { return Word{~u64{value}}; }
    constexpr bool operator==(const Word&) const = default;

    [[nodiscard]] constexpr bool top() const { return (value >> (bits - 1)) != 0; }          // the sign
    [[nodiscard]] constexpr bool below_top() const { return (value >> (bits - 2) & 1) != 0; }
    [[nodiscard]] constexpr i64 as_signed() const { return static_cast<std::make_signed_t<T>>(value); }
};

}  // namespace retrace
