#include <algorithm>

#include "core/semantics/simd.hpp"
#include "core/semantics/simd_operand.hpp"

namespace retrace::simd {
namespace {

// ---- strings (SDM volume 2, 4.1). The immediate: bits 0-1 what the elements are, 2-3 how they are compared, 4-5 the polarity,
// 6 which end (or mask) is the answer.

struct Elements {
    std::array<i32, 16> value{};
    u32 count = 0;   // how many a register holds
    u32 length = 0;  // how many are valid
};

Elements elements_of(const Vector16& from, u32 immediate) {
    Elements elements;
    const bool words = (immediate & 1) != 0, has_sign = (immediate & 2) != 0;
    elements.count = words ? 8 : 16;
    for (u32 k = 0; k < elements.count; ++k) {
        if (words)
            elements.value[k] = has_sign ? i32{lanes<i16>(from)[k]} : i32{lanes<u16>(from)[k]};
        else
            elements.value[k] = has_sign ? i32{lanes<i8>(from)[k]} : i32{from.bytes[k]};
    }
    return elements;
}

// Up to the first zero.
void find_end(Elements& elements) {
    while (elements.length < elements.count && elements.value[elements.length] != 0) ++elements.length;
}

// The absolute value of a register, no more than there is room for.
void set_length(Elements& elements, u32 general) {
    const i64 length = static_cast<i32>(general);
    elements.length = static_cast<u32>(std::min<i64>(length < 0 ? -length : length, elements.count));
}

u32 matches(const Elements& a, const Elements& b, u32 immediate) {
    const u32 count = a.count;
    u32 result = 0;
    for (u32 j = 0; j < count; ++j) {
        const bool b_valid = j < b.length;
        bool hit = false;
        switch (immediate >> 2 & 3) {
            case 0:  // any of the first operand's
                for (u32 k = 0; k < a.length; ++k) hit |= b_valid && a.value[k] == b.value[j];
                break;
            case 1:  // within one of its ranges
                for (u32 k = 0; k + 1 < a.length; k += 2) hit |= b_valid && a.value[k] <= b.value[j] && b.value[j] <= a.value[k + 1];
                break;
            case 2:  // equal, each to each; beyond both ends counts as equal
                hit = j < a.length ? b_valid && a.value[j] == b.value[j] : !b_valid;
                break;
            default:  // where the whole of the first begins in the second, as far as that reaches
                hit = true;
                for (u32 k = 0; k < a.length && j + k < count; ++k) hit &= j + k < b.length && a.value[k] == b.value[j + k];
                break;
        }
        result |= u32{hit} << j;
    }
    const u32 all = count == 8 ? 0xffu : 0xffffu;
    switch (immediate >> 4 & 3) {
        case 1: return ~result & all;
        case 3: return result ^ ((u32{1} << b.length) - 1);  // only valid ones are turned over
        default: return result;
    }
}

template <bool explicit_lengths, bool index>
void compare_strings(Cpu& cpu, const Instruction& i) {
    if (!sse_ready(cpu)) return;
    Vector16 from;
    if (!i.has(Instruction::memory))
        from = get<16>(cpu, i.rm);
    else if (!read_unaligned(cpu, i, from))  // these four need no alignment
        return;
    Elements a = elements_of(get<16>(cpu, i.reg), i.immediate), b = elements_of(from, i.immediate);
    if (explicit_lengths) {
        set_length(a, cpu.state.gpr[Eax]);
        set_length(b, cpu.state.gpr[Edx]);
    } else {
        find_end(a);
        find_end(b);
    }
    const u32 result = matches(a, b, i.immediate);
    const bool other_end = (i.immediate & 0x40) != 0;
    if (index) {
        cpu.state.gpr[Ecx] = result == 0 ? a.count
                             : other_end ? 31 - static_cast<u32>(std::countl_zero(result))
                                         : static_cast<u32>(std::countr_zero(result));
    } else {
        Vector16 mask;
        if (other_end) {
            const u32 width = 16 / a.count;
            for (u32 k = 0; k < 16; ++k) mask.bytes[k] = (result >> k / width & 1) != 0 ? 0xff : 0;
        } else {
            mask.bytes[0] = static_cast<u8>(result);
            mask.bytes[1] = static_cast<u8>(result >> 8);
        }
        set(cpu, 0, mask);
    }
    cpu.flags.load((result != 0 ? flag::CF : 0) | (b.length < b.count ? flag::ZF : 0) | (a.length < a.count ? flag::SF : 0) |
                   ((result & 1) != 0 ? flag::OF : 0));
}

// ---- AES (FIPS 197). A state's bytes lie column by column.

constexpr u8 doubled(u8 value) { return static_cast<u8>(value << 1 ^ ((value & 0x80) != 0 ? 0x1b : 0)); }
constexpr u8 multiplied(u8 a, u8 b) {
    u8 product = 0;
    for (; b != 0; b = static_cast<u8>(b >> 1), a = doubled(a))
        if ((b & 1) != 0) product = static_cast<u8>(product ^ a);
    return product;
}

// The inverse in the field, then the affine map; and its reverse.
struct Boxes {
    std::array<u8, 256> forward{}, backward{};
};
constexpr Boxes boxes = [] {
    // The powers of 3 are all elements but 0: the inverse of 3^k is 3^(255 - k).
    std::array<u8, 256> power{};
    u8 element = 1;
    for (u32 k = 0; k < 256; ++k) {
        power[k] = element;
        element = static_cast<u8>(element ^ doubled(element));
    }
    Boxes result;
    const auto enter = [&](u8 value, u8 inverse) {
        u8 mapped = static_cast<u8>(inverse ^ 0x63);
        for (int by = 1; by < 5; ++by) mapped = static_cast<u8>(mapped ^ std::rotl(inverse, by));
        result.forward[value] = mapped;
        result.backward[mapped] = value;
    };
    enter(0, 0);
    for (u32 k = 0; k < 255; ++k) enter(power[k], power[255 - k]);
    return result;
}();

Vector16 substituted(Vector16 state, const std::array<u8, 256>& table) {
    for (u8& byte : state.bytes) byte = table[byte];
    return state;
}

// Row r moves left by r columns, or right.
Vector16 shifted(const Vector16& state, bool left) {
    Vector16 result;
    for (u32 column = 0; column < 4; ++column)
        for (u32 row = 0; row < 4; ++row)
            result.bytes[4 * column + row] = state.bytes[4 * ((column + (left ? row : 4 - row)) & 3) + row];
    return result;
}

Vector16 mixed(const Vector16& state, std::array<u8, 4> factors) {
    Vector16 result;
    for (u32 column = 0; column < 4; ++column)
        for (u32 row = 0; row < 4; ++row) {
            u8 sum = 0;
            for (u32 k = 0; k < 4; ++k)
                sum = static_cast<u8>(sum ^ multiplied(state.bytes[4 * column + k], factors[(k + 4 - row) & 3]));
            result.bytes[4 * column + row] = sum;
        }
    return result;
}
constexpr std::array<u8, 4> mix{2, 3, 1, 1}, unmix{14, 11, 13, 9};

Vector16 with_key(Vector16 state, const Vector16& key) {
    for (u32 k = 0; k < 16; ++k) state.bytes[k] = static_cast<u8>(state.bytes[k] ^ key.bytes[k]);
    return state;
}

template <bool last>
constexpr auto encrypt = [](const Vector16& state, const Vector16& key) {
    const Vector16 moved = shifted(substituted(state, boxes.forward), true);
    return with_key(last ? moved : mixed(moved, mix), key);
};
template <bool last>
constexpr auto decrypt = [](const Vector16& state, const Vector16& key) {
    const Vector16 moved = substituted(shifted(state, false), boxes.backward);
    return with_key(last ? moved : mixed(moved, unmix), key);
};
constexpr auto unmix_key = [](const Vector16&, const Vector16& key) { return mixed(key, unmix); };

constexpr auto assist_key = [](const Vector16&, const Vector16& from, u8 constant) {
    const auto x = lanes<u32>(substituted(from, boxes.forward));
    return vector_of(std::array{x[1], std::rotr(x[1], 8) ^ constant, x[3], std::rotr(x[3], 8) ^ constant});
};

// ---- the product of two polynomials over GF(2)

constexpr auto carryless_product = [](const Vector16& a, const Vector16& b, u8 which) {
    const u64 x = lanes<u64>(a)[which & 1], y = lanes<u64>(b)[which >> 4 & 1];
    u128 product = 0;
    for (u32 k = 0; k < 64; ++k)
        if ((y >> k & 1) != 0) product ^= u128{x} << k;
    return vector_of(std::array{static_cast<u64>(product), static_cast<u64>(product >> 64)});
};

template <auto f>
void binary(Cpu& cpu, const Instruction& i) {
    Vector16 from;
    if (sse_ready(cpu) && source(cpu, i, from)) set(cpu, i.reg, f(get<16>(cpu, i.reg), from));
}
template <auto f>
void binary_with_immediate(Cpu& cpu, const Instruction& i) {
    Vector16 from;
    if (sse_ready(cpu) && source(cpu, i, from)) set(cpu, i.reg, f(get<16>(cpu, i.reg), from, static_cast<u8>(i.immediate)));
}

}  // namespace

Executor special_executor(const Row& row) {
    switch (row.op) {
        case Op::Pcmpestri: return compare_strings<true, true>;
        case Op::Pcmpestrm: return compare_strings<true, false>;
        case Op::Pcmpistri: return compare_strings<false, true>;
        case Op::Pcmpistrm: return compare_strings<false, false>;
        case Op::Aesenc: return binary<encrypt<false>>;
        case Op::Aesenclast: return binary<encrypt<true>>;
        case Op::Aesdec: return binary<decrypt<false>>;
        case Op::Aesdeclast: return binary<decrypt<true>>;
        case Op::Aesimc: return binary<unmix_key>;
        case Op::Aeskeygenassist: return binary_with_immediate<assist_key>;
        case Op::Pclmulqdq: return binary_with_immediate<carryless_product>;
        default: return nullptr;
    }
}

}  // namespace retrace::simd
