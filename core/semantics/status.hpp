// Status: the six flags an operation leaves, in the form LazyFlags keeps them.
#pragma once

#include "core/semantics/word.hpp"

namespace retrace {

template <class T>
struct Status {
    Word<T> result;
    u32 carries = 0;
    u32 carry = 0;       // 0 or 1
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
    return {sum, detail::carries_of(a, b, sum), u32{sum.value < a.value}};
}
template <class T>
constexpr Status<T> after_add(Word<T> a, Word<T> b, Word<T> carry, Word<T> sum) {
    return {sum, detail::carries_of(a, b, sum), static_cast<u32>((u64{a.value} + b.value + carry.value) >> Word<T>::bits)};
}
template <class T>
constexpr Status<T> after_subtract(Word<T> a, Word<T> b, Word<T> difference) {
    return {difference, detail::carries_of(a, b, difference), u32{a.value < b.value}};
}
template <class T>
constexpr Status<T> after_subtract(Word<T> a, Word<T> b, Word<T> borrow, Word<T> difference) {
    return {difference, detail::carries_of(a, b, difference), u32{u64{b.value} + borrow.value > a.value}};
}
template <class T>
constexpr Status<T> after_logic(Word<T> result) { return {result, 0, 0}; }
// Explicit CF and OF, AF 0.
template <class T>
constexpr Status<T> after_shift(Word<T> result, bool carry, bool overflow) {
    return {result, static_cast<u32>(carry != overflow) << 31, u32{carry}};
}

}  // namespace retrace
