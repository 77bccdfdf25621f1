// LazyFlags: what the last operation left behind, from which the six status flags are computed when somebody asks.
//
//   ZF  the low 32 bits of `result` are 0          SF  bit 63 of `result`
//   PF  byte 0 xor byte 6 of `result` is even      CF  `carry`, 0 or 1
//   AF  bit 4 of `carries`                         OF  bit 31 of `carries` xor CF
//
// An operation stores its result sign-extended: byte 6 is then 00 or FF and does not change the parity; flags that were loaded
// (POPF, SAHF) use it to say PF when ZF is set too. `carries` are the carries into each bit, a ^ b ^ result, with the one into the
// top bit of the operand's width repeated at bit 31.
#pragma once

#include <bit>
#include <type_traits>

#include "core/base/types.hpp"
#include "core/isa/row.hpp"

namespace retrace {

struct LazyFlags {
    u64 result = 1;
    u32 carries = 0;
    u32 carry = 0;

    [[nodiscard]] bool zf() const { return static_cast<u32>(result) == 0; }
    [[nodiscard]] bool sf() const { return static_cast<i64>(result) < 0; }
    [[nodiscard]] bool pf() const { return (std::popcount(static_cast<u8>(result ^ result >> 48)) & 1) == 0; }
    [[nodiscard]] bool cf() const { return carry != 0; }
    [[nodiscard]] bool af() const { return (carries >> 4 & 1) != 0; }
    [[nodiscard]] bool of() const { return ((carries >> 31) ^ carry) != 0; }

    template <class T>
    void set_result(T value) { result = static_cast<u64>(static_cast<i64>(static_cast<std::make_signed_t<T>>(value))); }

    void set_cf(bool value) {  // OF stays
        carries ^= (carry ^ u32{value}) << 31;
        carry = value;
    }
    void set_cf_of(bool cf, bool of) {  // AF becomes 0
        carry = cf;
        carries = u32{cf != of} << 31;
    }
    void set_af(bool value) { carries = (carries & ~u32{16}) | u32{value} << 4; }
    void set_of(bool value) { carries = (carries & 0x7fffffffu) | (u32{value} ^ carry) << 31; }
    void set_zf(bool value) { load((to_eflags() & ~flag::ZF) | (value ? flag::ZF : 0)); }

    [[nodiscard]] u32 to_eflags() const {
        return (cf() ? flag::CF : 0) | (pf() ? flag::PF : 0) | (af() ? flag::AF : 0) | (zf() ? flag::ZF : 0) |
               (sf() ? flag::SF : 0) | (of() ? flag::OF : 0);
    }
    void load(u32 eflags) {
        const bool zero = (eflags & flag::ZF) != 0, even = (eflags & flag::PF) != 0;
        // Byte 0 is 01 unless ZF: odd parity, so byte 6 corrects it.
        result = (zero ? 0 : 1) | u64{zero != even} << 48 | u64{(eflags & flag::SF) != 0} << 63;
        set_cf_of((eflags & flag::CF) != 0, (eflags & flag::OF) != 0);
        set_af((eflags & flag::AF) != 0);
    }
};

}  // namespace retrace
