// Exact-width words. Every number that a guest can see has one of these types.
#pragma once

#include <cstddef>
#include <cstdint>

namespace retrace {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using i8 = std::int8_t;
using i16 = std::int16_t;
using i32 = std::int32_t;
using i64 = std::int64_t;

// 128 bits, for exact products; GCC and Clang have it on every 64-bit host.
__extension__ using u128 = unsigned __int128;
__extension__ using i128 = __int128;

}  // namespace retrace
