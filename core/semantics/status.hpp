// Status: the six flags an operation leaves, in the form LazyFlags keeps them.
#pragma once

#include "core/semantics/word.hpp"

namespace retrace {

template <class T>
struct Status {
    Word<T> result;
    u32 carries = 0;
    bool carry = false;
};

namespace detail {
// The carries into each bit, with the one into the top bit again at bit 31.
template <class T>
constexpr u32 carries_of(Word<T> a, Word<T> b, Word<T> result) {
    const u32 carries = (a ^ b ^ result).value;
    if constexpr (sizeof(T) == 4) return carries;
    else return carries | carries << (32 - Word<T>::bits);
}
}  // namespace detail

template <class T>
constexpr Status<T> after_add(Word<T> a, Word<T> b, Word<T> sum) {
    return {sum, detail::carries_of(a, b, sum), sum.value < a.value};
}
template <class T>
constexpr Status<T> after_add(Word<T> a, Word<T> b, Word<T> carry, Word<T> sum) {
    return {sum, detail::carries_of(a, b, sum), ((u64{a.value} + b.value + carry.value) >> Word<T>::bits) != 0};
}
template <class T>
constexpr Status<T> after_subtract(Word<T> a, Word<T> b, Word<T> difference) {
    return {difference, detail::carries_of(a, b, difference), a.value < b.value};
}
template <class T>
constexpr Status<T> after_subtract(Word<T> a, Word<T> b, Word<T> borrow, Word<T> difference) {
    return {difference, detail::carries_of(a, b, difference), u64{b.value} + borrow.value > a.value};
}
template <class T>
constexpr Status<T> after_logic(Word<T> result) { return {result, 0, false}; }
// Explicit CF and OF, AF 0.
template <class T>
constexpr Status<T> after_shift(Word<T> result, bool carry, bool overflow) {
    return {result, static_cast<u32>(carry != overflow) << 31, carry};
}

}  // namespace retrace
