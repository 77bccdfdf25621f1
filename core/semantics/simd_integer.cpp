#include <algorithm>
#include <limits>
#include <type_traits>

#include "core/semantics/simd.hpp"
#include "core/semantics/simd_operand.hpp"

namespace retrace::simd {
namespace {

// ---- how an operation is applied: destination = f(destination, source[, immediate])

template <unsigned n, auto f>
void binary(Cpu& cpu, const Instruction& i) {
    Vector<n> from;
    if (!ready<n>(cpu) || !source(cpu, i, from)) return;
    if (n == 8) enter_mmx(cpu);
    set(cpu, i.reg, f(get<n>(cpu, i.reg), from));
}

template <unsigned n, auto f>
void binary_with_immediate(Cpu& cpu, const Instruction& i) {
    Vector<n> from;
    if (!ready<n>(cpu) || !source(cpu, i, from)) return;
    if (n == 8) enter_mmx(cpu);
    set(cpu, i.reg, f(get<n>(cpu, i.reg), from, static_cast<u8>(i.immediate)));
}

// PUNPCKL with an MMX register reads only half of a memory operand.
template <auto f>
void unpack_low(Cpu& cpu, const Instruction& i) {
    if (!i.has(Instruction::memory)) return binary<8, f>(cpu, i);
    u32 half = 0;
    if (!mmx_ready(cpu) || !cpu.read(i.segment, cpu.offset_of(i), half)) return;
    enter_mmx(cpu);
    set(cpu, i.reg, f(get<8>(cpu, i.reg), std::bit_cast<Vector8>(u64{half})));
}

// Shifts: the count is the source's low 64 bits, or an immediate for the register in rm.
template <unsigned n, auto f>
void shift_by_vector(Cpu& cpu, const Instruction& i) {
    Vector<n> from;
    if (!ready<n>(cpu) || !source(cpu, i, from)) return;
    if (n == 8) enter_mmx(cpu);
    set(cpu, i.reg, f(get<n>(cpu, i.reg), lanes<u64>(from)[0]));
}
template <unsigned n, auto f>
void shift_by_immediate(Cpu& cpu, const Instruction& i) {
    if (!ready<n>(cpu)) return;
    if (n == 8) enter_mmx(cpu);
    set(cpu, i.rm, f(get<n>(cpu, i.rm), u64{i.immediate & 0xff}));
}

// ---- operations on vectors, made of operations on numbers

template <class T, auto f>
constexpr auto lanewise = [](const auto& a, const auto& b) {
    auto x = lanes<T>(a);
    const auto y = lanes<T>(b);
    for (std::size_t k = 0; k < x.size(); ++k) x[k] = static_cast<T>(f(x[k], y[k]));
    return vector_of(x);
};

template <class T>
constexpr T saturated(i64 value) {
    return static_cast<T>(std::clamp<i64>(value, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
}

constexpr auto sum = [](auto a, auto b) { return a + b; };
constexpr auto difference = [](auto a, auto b) { return a - b; };
constexpr auto saturated_sum = [](auto a, auto b) { return saturated<decltype(a)>(i64{a} + b); };
constexpr auto saturated_difference = [](auto a, auto b) { return saturated<decltype(a)>(i64{a} - b); };
constexpr auto equal = [](auto a, auto b) { return a == b ? -1 : 0; };
constexpr auto greater = [](auto a, auto b) { return a > b ? -1 : 0; };
constexpr auto smaller_of = [](auto a, auto b) { return a < b ? a : b; };
constexpr auto larger_of = [](auto a, auto b) { return a > b ? a : b; };
constexpr auto average = [](auto a, auto b) { return (u32{a} + b + 1) >> 1; };
constexpr auto low_product = [](auto a, auto b) { return static_cast<u64>(a) * static_cast<u64>(b); };
constexpr auto high_product = [](auto a, auto b) { return (i64{a} * b) >> 16; };
constexpr auto rounded_product = [](i16 a, i16 b) { return (((i32{a} * b) >> 14) + 1) >> 1; };
constexpr auto with_sign_of = [](auto a, auto b) -> i64 { return b < 0 ? -i64{a} : b == 0 ? 0 : i64{a}; };
constexpr auto magnitude = [](auto, auto b) -> i64 { return b < 0 ? -i64{b} : i64{b}; };
constexpr auto both = [](auto a, auto b) { return a & b; };
constexpr auto not_and = [](auto a, auto b) { return ~a & b; };
constexpr auto either = [](auto a, auto b) { return a | b; };
constexpr auto differing = [](auto a, auto b) { return a ^ b; };
// Of each 64-bit lane the low halves.
constexpr auto unsigned_product = [](u64 a, u64 b) { return u64{static_cast<u32>(a)} * static_cast<u32>(b); };
constexpr auto signed_product = [](i64 a, i64 b) { return i64{static_cast<i32>(a)} * static_cast<i32>(b); };

template <class T, bool high>
constexpr auto unpack = [](const auto& a, const auto& b) {
    const auto x = lanes<T>(a), y = lanes<T>(b);
    auto result = x;
    const std::size_t half = x.size() / 2, from = high ? half : 0;
    for (std::size_t k = 0; k < half; ++k) {
        result[2 * k] = x[from + k];
        result[2 * k + 1] = y[from + k];
    }
    return vector_of(result);
};

// Halves the width of both operands' numbers, with saturation.
template <class Wide, class Narrow>
constexpr auto pack = [](const auto& a, const auto& b) {
    const auto x = lanes<Wide>(a), y = lanes<Wide>(b);
    std::array<Narrow, 2 * x.size()> result{};
    for (std::size_t k = 0; k < x.size(); ++k) {
        result[k] = saturated<Narrow>(x[k]);
        result[x.size() + k] = saturated<Narrow>(y[k]);
    }
    return vector_of(result);
};

// Neighbours combined: the destination's pairs, then the source's.
template <class T, auto f>
constexpr auto horizontal = [](const auto& a, const auto& b) {
    const auto x = lanes<T>(a), y = lanes<T>(b);
    auto result = x;
    const std::size_t half = x.size() / 2;
    for (std::size_t k = 0; k < half; ++k) {
        result[k] = static_cast<T>(f(x[2 * k], x[2 * k + 1]));
        result[half + k] = static_cast<T>(f(y[2 * k], y[2 * k + 1]));
    }
    return vector_of(result);
};

constexpr auto multiply_add = [](const auto& a, const auto& b) {
    const auto x = lanes<i16>(a), y = lanes<i16>(b);
    auto result = lanes<u32>(a);
    for (std::size_t k = 0; k < result.size(); ++k)
        result[k] = static_cast<u32>(x[2 * k] * y[2 * k]) + static_cast<u32>(x[2 * k + 1] * y[2 * k + 1]);
    return vector_of(result);
};

constexpr auto multiply_add_bytes = [](const auto& a, const auto& b) {
    const auto x = lanes<u8>(a);
    const auto y = lanes<i8>(b);
    auto result = lanes<i16>(a);
    for (std::size_t k = 0; k < result.size(); ++k)
        result[k] = saturated<i16>(x[2 * k] * y[2 * k] + x[2 * k + 1] * y[2 * k + 1]);
    return vector_of(result);
};

constexpr auto absolute_differences = [](const auto& a, const auto& b) {
    const auto x = lanes<u8>(a), y = lanes<u8>(b);
    auto result = lanes<u64>(a);
    for (std::size_t k = 0; k < result.size(); ++k) {
        result[k] = 0;
        for (std::size_t j = 8 * k; j < 8 * k + 8; ++j) result[k] += static_cast<u64>(x[j] > y[j] ? x[j] - y[j] : y[j] - x[j]);
    }
    return vector_of(result);
};

constexpr auto shuffle_bytes = [](const auto& a, const auto& b) {
    const auto x = lanes<u8>(a), y = lanes<u8>(b);
    auto result = x;
    for (std::size_t k = 0; k < x.size(); ++k) result[k] = (y[k] & 0x80) != 0 ? u8{0} : x[y[k] & (x.size() - 1)];
    return vector_of(result);
};

// Source below destination, bytes from `by` on.
constexpr auto align = [](const auto& a, const auto& b, u8 by) {
    const auto x = lanes<u8>(a), y = lanes<u8>(b);
    auto result = x;
    for (std::size_t k = 0; k < x.size(); ++k) {
        const std::size_t at = k + by;
        result[k] = at < x.size() ? y[at] : at < 2 * x.size() ? x[at - x.size()] : u8{0};
    }
    return vector_of(result);
};

template <class T, auto f>
constexpr auto shift = [](const auto& a, u64 count) {
    auto x = lanes<T>(a);
    for (auto& number : x) number = static_cast<T>(f(number, count));
    return vector_of(x);
};
constexpr auto left = [](auto a, u64 count) { return count < 8 * sizeof a ? u64{a} << count : 0; };
constexpr auto right = [](auto a, u64 count) { return count < 8 * sizeof a ? u64{a} >> count : 0; };
constexpr auto arithmetic_right = [](auto a, u64 count) { return i64{a} >> std::min<u64>(count, 8 * sizeof a - 1); };
constexpr auto bytes_left = [](const Vector16& a, u64 count) {
    Vector16 result;
    for (std::size_t k = count; k < 16; ++k) result.bytes[k] = a.bytes[k - count];
    return result;
};
constexpr auto bytes_right = [](const Vector16& a, u64 count) {
    Vector16 result;
    for (std::size_t k = count; k < 16; ++k) result.bytes[k - count] = a.bytes[k];
    return result;
};

// PSHUFD, PSHUFW: four numbers chosen by two bits each; PSHUFLW and PSHUFHW leave one half.
template <class T>
constexpr auto choose = [](const auto& a, const auto& b, u8 order) {
    auto result = lanes<T>(a);
    const auto y = lanes<T>(b);
    for (std::size_t k = 0; k < 4; ++k) result[k] = y[order >> 2 * k & 3];
    return vector_of(result);
};
template <std::size_t first>
constexpr auto choose_half = [](const Vector16&, const Vector16& b, u8 order) {
    const auto y = lanes<u16>(b);
    auto result = y;
    for (std::size_t k = 0; k < 4; ++k) result[first + k] = y[first + (order >> 2 * k & 3)];
    return vector_of(result);
};
// SHUFPS, SHUFPD: the low half from the destination, the high one from the source.
constexpr auto shuffle_singles = [](const Vector16& a, const Vector16& b, u8 order) {
    const auto x = lanes<u32>(a), y = lanes<u32>(b);
    return vector_of(std::array{x[order & 3], x[order >> 2 & 3], y[order >> 4 & 3], y[order >> 6 & 3]});
};
constexpr auto shuffle_doubles = [](const Vector16& a, const Vector16& b, u8 order) {
    return vector_of(std::array{lanes<u64>(a)[order & 1], lanes<u64>(b)[order >> 1 & 1]});
};

template <class T>
constexpr auto blend = [](const Vector16& a, const Vector16& b, u8 mask) {
    auto x = lanes<T>(a);
    const auto y = lanes<T>(b);
    for (std::size_t k = 0; k < x.size(); ++k)
        if ((mask >> k & 1) != 0) x[k] = y[k];
    return vector_of(x);
};

// By the sign bits of XMM0.
template <class T>
void blend_by_register(Cpu& cpu, const Instruction& i) {
    Vector16 from;
    if (!sse_ready(cpu) || !source(cpu, i, from)) return;
    auto x = lanes<T>(get<16>(cpu, i.reg));
    const auto y = lanes<T>(from), mask = lanes<T>(get<16>(cpu, 0));
    for (std::size_t k = 0; k < x.size(); ++k)
        if (static_cast<std::make_signed_t<T>>(mask[k]) < 0) x[k] = y[k];
    set(cpu, i.reg, vector_of(x));
}

// PMOVSX, PMOVZX: the low numbers of the source, widened.
template <class From, class To>
void widen(Cpu& cpu, const Instruction& i) {
    if (!sse_ready(cpu)) return;
    constexpr std::size_t count = 16 / sizeof(To);
    using Bits = std::conditional_t<count * sizeof(From) == 8, u64, std::conditional_t<count * sizeof(From) == 4, u32, u16>>;
    Bits bits = 0;
    if (!scalar_source(cpu, i, bits)) return;
    const auto from = std::bit_cast<std::array<From, count>>(bits);
    std::array<To, count> result{};
    for (std::size_t k = 0; k < count; ++k) result[k] = from[k];
    set(cpu, i.reg, vector_of(result));
}

// ZF: the source is 0 where the destination is 1; CF: it is 0 where that is 0.
void test(Cpu& cpu, const Instruction& i) {
    Vector16 from;
    if (!sse_ready(cpu) || !source(cpu, i, from)) return;
    const auto a = lanes<u64>(get<16>(cpu, i.reg)), b = lanes<u64>(from);
    const bool zero = ((a[0] & b[0]) | (a[1] & b[1])) == 0, covered = ((~a[0] & b[0]) | (~a[1] & b[1])) == 0;
    cpu.flags.load((zero ? flag::ZF : 0) | (covered ? flag::CF : 0));
}

// The smallest word and where it is.
constexpr auto minimum_position = [](const Vector16&, const Vector16& b) {
    const auto y = lanes<u16>(b);
    const auto smallest = std::min_element(y.begin(), y.end());
    std::array<u16, 8> result{};
    result[0] = *smallest;
    result[1] = static_cast<u16>(smallest - y.begin());
    return vector_of(result);
};

// Eight sums of four absolute differences against one group of the source.
constexpr auto block_differences = [](const Vector16& a, const Vector16& b, u8 which) {
    const std::size_t from_a = which >> 2 & 1, from_b = which & 3;
    std::array<u16, 8> result{};
    for (std::size_t k = 0; k < 8; ++k)
        for (std::size_t j = 0; j < 4; ++j) {
            const int distance = a.bytes[4 * from_a + k + j] - b.bytes[4 * from_b + j];
            result[k] = static_cast<u16>(result[k] + (distance < 0 ? -distance : distance));
        }
    return vector_of(result);
};

// ---- rows

template <auto f>
Executor either_file(const Row& row) {
    return row.operands[0] == Form::Pq ? binary<8, f> : binary<16, f>;
}

template <class T, auto f>
Executor lanes_of(const Row& row) {
    return either_file<lanewise<T, f>>(row);
}

template <class T>
Executor low_unpack(const Row& row) {
    return row.operands[0] == Form::Pq ? unpack_low<unpack<T, false>> : binary<16, unpack<T, false>>;
}

template <class T, auto f>
Executor shifts(const Row& row) {
    switch (row.operands[0]) {
        case Form::Pq: return shift_by_vector<8, shift<T, f>>;
        case Form::Vx: return shift_by_vector<16, shift<T, f>>;
        case Form::Nq: return shift_by_immediate<8, shift<T, f>>;
        default: return shift_by_immediate<16, shift<T, f>>;
    }
}

}  // namespace

Executor integer_executor(const Row& row) {
    switch (row.op) {
        case Op::Paddb: return lanes_of<u8, sum>(row);
        case Op::Paddw: return lanes_of<u16, sum>(row);
        case Op::Paddd: return lanes_of<u32, sum>(row);
        case Op::Paddq: return lanes_of<u64, sum>(row);
        case Op::Psubb: return lanes_of<u8, difference>(row);
        case Op::Psubw: return lanes_of<u16, difference>(row);
        case Op::Psubd: return lanes_of<u32, difference>(row);
        case Op::Psubq: return lanes_of<u64, difference>(row);
        case Op::Paddsb: return lanes_of<i8, saturated_sum>(row);
        case Op::Paddsw: return lanes_of<i16, saturated_sum>(row);
        case Op::Paddusb: return lanes_of<u8, saturated_sum>(row);
        case Op::Paddusw: return lanes_of<u16, saturated_sum>(row);
        case Op::Psubsb: return lanes_of<i8, saturated_difference>(row);
        case Op::Psubsw: return lanes_of<i16, saturated_difference>(row);
        case Op::Psubusb: return lanes_of<u8, saturated_difference>(row);
        case Op::Psubusw: return lanes_of<u16, saturated_difference>(row);

        case Op::Pcmpeqb: return lanes_of<i8, equal>(row);
        case Op::Pcmpeqw: return lanes_of<i16, equal>(row);
        case Op::Pcmpeqd: return lanes_of<i32, equal>(row);
        case Op::Pcmpeqq: return lanes_of<i64, equal>(row);
        case Op::Pcmpgtb: return lanes_of<i8, greater>(row);
        case Op::Pcmpgtw: return lanes_of<i16, greater>(row);
        case Op::Pcmpgtd: return lanes_of<i32, greater>(row);
        case Op::Pcmpgtq: return lanes_of<i64, greater>(row);

        case Op::Pminub: return lanes_of<u8, smaller_of>(row);
        case Op::Pminsb: return lanes_of<i8, smaller_of>(row);
        case Op::Pminuw: return lanes_of<u16, smaller_of>(row);
        case Op::Pminsw: return lanes_of<i16, smaller_of>(row);
        case Op::Pminud: return lanes_of<u32, smaller_of>(row);
        case Op::Pminsd: return lanes_of<i32, smaller_of>(row);
        case Op::Pmaxub: return lanes_of<u8, larger_of>(row);
        case Op::Pmaxsb: return lanes_of<i8, larger_of>(row);
        case Op::Pmaxuw: return lanes_of<u16, larger_of>(row);
        case Op::Pmaxsw: return lanes_of<i16, larger_of>(row);
        case Op::Pmaxud: return lanes_of<u32, larger_of>(row);
        case Op::Pmaxsd: return lanes_of<i32, larger_of>(row);
        case Op::Pavgb: return lanes_of<u8, average>(row);
        case Op::Pavgw: return lanes_of<u16, average>(row);
        case Op::Psadbw: return either_file<absolute_differences>(row);

        case Op::Pmullw: return lanes_of<u16, low_product>(row);
        case Op::Pmulld: return lanes_of<u32, low_product>(row);
        case Op::Pmulhw: return lanes_of<i16, high_product>(row);
        case Op::Pmulhuw: return lanes_of<u16, high_product>(row);
        case Op::Pmulhrsw: return lanes_of<i16, rounded_product>(row);
        case Op::Pmuludq: return lanes_of<u64, unsigned_product>(row);
        case Op::Pmuldq: return lanes_of<i64, signed_product>(row);
        case Op::Pmaddwd: return either_file<multiply_add>(row);
        case Op::Pmaddubsw: return either_file<multiply_add_bytes>(row);

        case Op::Pand:
        case Op::Andps:
        case Op::Andpd: return lanes_of<u64, both>(row);
        case Op::Pandn:
        case Op::Andnps:
        case Op::Andnpd: return lanes_of<u64, not_and>(row);
        case Op::Por:
        case Op::Orps:
        case Op::Orpd: return lanes_of<u64, either>(row);
        case Op::Pxor:
        case Op::Xorps:
        case Op::Xorpd: return lanes_of<u64, differing>(row);

        case Op::Packsswb: return either_file<pack<i16, i8>>(row);
        case Op::Packssdw: return either_file<pack<i32, i16>>(row);
        case Op::Packuswb: return either_file<pack<i16, u8>>(row);
        case Op::Packusdw: return either_file<pack<i32, u16>>(row);
        case Op::Punpcklbw: return low_unpack<u8>(row);
        case Op::Punpcklwd: return low_unpack<u16>(row);
        case Op::Unpcklps:
        case Op::Punpckldq: return low_unpack<u32>(row);
        case Op::Unpcklpd:
        case Op::Punpcklqdq: return binary<16, unpack<u64, false>>;
        case Op::Punpckhbw: return either_file<unpack<u8, true>>(row);
        case Op::Punpckhwd: return either_file<unpack<u16, true>>(row);
        case Op::Unpckhps:
        case Op::Punpckhdq: return either_file<unpack<u32, true>>(row);
        case Op::Unpckhpd:
        case Op::Punpckhqdq: return binary<16, unpack<u64, true>>;

        case Op::Psllw: return shifts<u16, left>(row);
        case Op::Pslld: return shifts<u32, left>(row);
        case Op::Psllq: return shifts<u64, left>(row);
        case Op::Psrlw: return shifts<u16, right>(row);
        case Op::Psrld: return shifts<u32, right>(row);
        case Op::Psrlq: return shifts<u64, right>(row);
        case Op::Psraw: return shifts<i16, arithmetic_right>(row);
        case Op::Psrad: return shifts<i32, arithmetic_right>(row);
        case Op::Pslldq: return shift_by_immediate<16, bytes_left>;
        case Op::Psrldq: return shift_by_immediate<16, bytes_right>;

        case Op::Phaddw: return either_file<horizontal<i16, sum>>(row);
        case Op::Phaddd: return either_file<horizontal<u32, sum>>(row);
        case Op::Phaddsw: return either_file<horizontal<i16, saturated_sum>>(row);
        case Op::Phsubw: return either_file<horizontal<i16, difference>>(row);
        case Op::Phsubd: return either_file<horizontal<u32, difference>>(row);
        case Op::Phsubsw: return either_file<horizontal<i16, saturated_difference>>(row);
        case Op::Psignb: return lanes_of<i8, with_sign_of>(row);
        case Op::Psignw: return lanes_of<i16, with_sign_of>(row);
        case Op::Psignd: return lanes_of<i32, with_sign_of>(row);
        case Op::Pabsb: return lanes_of<i8, magnitude>(row);
        case Op::Pabsw: return lanes_of<i16, magnitude>(row);
        case Op::Pabsd: return lanes_of<i32, magnitude>(row);
        case Op::Pshufb: return either_file<shuffle_bytes>(row);
        case Op::Palignr: return row.operands[0] == Form::Pq ? binary_with_immediate<8, align> : binary_with_immediate<16, align>;

        case Op::Pshufw: return binary_with_immediate<8, choose<u16>>;
        case Op::Pshufd: return binary_with_immediate<16, choose<u32>>;
        case Op::Pshuflw: return binary_with_immediate<16, choose_half<0>>;
        case Op::Pshufhw: return binary_with_immediate<16, choose_half<4>>;
        case Op::Shufps: return binary_with_immediate<16, shuffle_singles>;
        case Op::Shufpd: return binary_with_immediate<16, shuffle_doubles>;
        case Op::Blendps: return binary_with_immediate<16, blend<u32>>;
        case Op::Blendpd: return binary_with_immediate<16, blend<u64>>;
        case Op::Pblendw: return binary_with_immediate<16, blend<u16>>;
        case Op::Pblendvb: return blend_by_register<u8>;
        case Op::Blendvps: return blend_by_register<u32>;
        case Op::Blendvpd: return blend_by_register<u64>;

        case Op::Pmovsxbw: return widen<i8, i16>;
        case Op::Pmovsxbd: return widen<i8, i32>;
        case Op::Pmovsxbq: return widen<i8, i64>;
        case Op::Pmovsxwd: return widen<i16, i32>;
        case Op::Pmovsxwq: return widen<i16, i64>;
        case Op::Pmovsxdq: return widen<i32, i64>;
        case Op::Pmovzxbw: return widen<u8, u16>;
        case Op::Pmovzxbd: return widen<u8, u32>;
        case Op::Pmovzxbq: return widen<u8, u64>;
        case Op::Pmovzxwd: return widen<u16, u32>;
        case Op::Pmovzxwq: return widen<u16, u64>;
        case Op::Pmovzxdq: return widen<u32, u64>;
        case Op::Ptest: return test;
        case Op::Phminposuw: return binary<16, minimum_position>;
        case Op::Mpsadbw: return binary_with_immediate<16, block_differences>;
        default: return nullptr;
    }
}

}  // namespace retrace::simd
