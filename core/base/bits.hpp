// Picking words apart and putting them together.
#pragma once

#include <concepts>
#include <cstring>

#include "core/base/types.hpp"

namespace retrace {

// Bit `index` of `value`.
template <std::integral T>
constexpr bool bit(T value, unsigned index) {
    return ((value >> index) & 1) != 0;
}

// Bits `low` to `low + count - 1` of `value`, moved down.
template <std::integral T>
constexpr T bits(T value, unsigned low, unsigned count) {
    return static_cast<T>((value >> low) & ((T{1} << count) - 1));
}

// `value` with the bits of `mask` set or cleared.
template <std::integral T>
constexpr T with(T value, T mask, bool set) {
    return static_cast<T>(set ? (value | mask) : (value & static_cast<T>(~mask)));
}

constexpr u8 low_byte(u32 value) { return static_cast<u8>(value); }
constexpr u8 high_byte(u32 value) { return static_cast<u8>(value >> 8); }
constexpr u16 word_of(u8 low, u8 high) { return static_cast<u16>(low | high << 8); }

// Little-endian words in host memory, aligned or not. The guest is little-endian; so is every host we
// build for (checked below).
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "guest words are copied as they lie");

template <std::integral T>
T load(const void* from) {
    T value;
    std::memcpy(&value, from, sizeof value);
    return value;
}

template <std::integral T>
void store(void* to, T value) {
    std::memcpy(to, &value, sizeof value);
}

// The same of a width that is known late: 1, 2, 4 and 8 bytes cost no call, others (up to 8) do.
inline u64 load_word(const void* from, unsigned width) {
    switch (width) {
        case 1: return load<u8>(from);
        case 2: return load<u16>(from);
        case 4: return load<u32>(from);
        case 8: return load<u64>(from);
        default: break;
    }
    u64 value = 0;
    std::memcpy(&value, from, width);
    return value;
}

inline void store_word(void* to, unsigned width, u64 value) {
    switch (width) {
        case 1: return store(to, static_cast<u8>(value));
        case 2: return store(to, static_cast<u16>(value));
        case 4: return store(to, static_cast<u32>(value));
        default: std::memcpy(to, &value, width);
    }
}

}  // namespace retrace
