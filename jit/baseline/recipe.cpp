#include "jit/baseline/recipe.hpp"

#include <bit>

#include "core/base/ensure.hpp"
#include "core/isa/row.hpp"

namespace retrace::jit {

u32 Recipe::image(const GeneralRegisters& gpr, const u32 (&slots)[2], bool carry) const {
    const u32 mask = width == 4 ? 0xffffffffu : width == 2 ? 0xffffu : 0xffu, top = mask ^ mask >> 1;
    const auto get = [&](u8 index) -> u32 {
        if (index >= slot_a) return slots[index - slot_a];
        return width == 4 ? gpr[index] : width == 2 ? gpr.word(index) : gpr.byte(index);
    };
    const u32 first = (get(a) + static_cast<u32>(plus)) & mask;
    const u32 second = (immediate ? value : get(b)) & mask;
    u32 result = first, carries = 0;
    bool overflow = false;
    switch (kind) {
        case Kind::Compare:
            result = (first - second) & mask;
            carries = first ^ second ^ result;
            carry = first < second;
            overflow = (((first ^ second) & (first ^ result)) & top) != 0;
            break;
        case Kind::Test: result = first & second; carry = false; break;
        case Kind::Add: {
            const u32 before = (first - second) & mask;
            carries = before ^ second ^ result;
            carry = result < second;
            overflow = (((before ^ result) & (second ^ result)) & top) != 0;
            break;
        }
        case Kind::Subtract: {
            const u32 before = (first + second) & mask;
            carries = before ^ second ^ result;
            carry = before < second;
            overflow = (((before ^ second) & (before ^ result)) & top) != 0;
            break;
        }
        case Kind::Negate:
            carries = (0u - first) ^ result;
            carry = result != 0;
            overflow = result == top;
            break;
        case Kind::Scan: {
            const u32 index = first == 0 ? 0 : static_cast<u32>(value ? 31 - std::countl_zero(first) : std::countr_zero(first));
            return (std::popcount(index) % 2 == 0 ? flag::PF : 0) | (first == 0 ? flag::ZF : 0);
        }
        case Kind::Increment:
            carries = (first - 1) ^ first ^ 1;
            overflow = result == top;
            break;
        case Kind::Decrement:
            carries = (first + 1) ^ first ^ 1;
            overflow = result == top - 1;
            break;
        case Kind::Left: overflow = ((result & top) != 0) != carry; break;
        case Kind::Right: overflow = ((result & top) != 0) != ((result & top >> 1) != 0); break;
        case Kind::Multiply: overflow = carry; break;
        case Kind::Double: overflow = ((first ^ second) & top) != 0; break;
        case Kind::None: break;
    }
    return (carry ? flag::CF : 0) | (std::popcount(result & 0xff) % 2 == 0 ? flag::PF : 0) | (carries & flag::AF) | (result == 0 ? flag::ZF : 0) |
           (result & top ? flag::SF : 0) | (overflow ? flag::OF : 0);
}

void Recipe::settle(LazyFlags& flags, const GeneralRegisters& gpr, const u32 (&slots)[2], bool carry) const {
    const unsigned unused = 32 - 8 * width;
    const auto get = [&](u8 index) -> u32 {
        if (index >= slot_a) return slots[index - slot_a];
        return width == 1 ? gpr.byte(index) : gpr[index];
    };
    const u32 mask = ~u32{0} >> unused, first = (get(a) + static_cast<u32>(plus)) & mask, second = (immediate ? value : get(b)) & mask;
    const auto set = [&](u32 result, u32 carries, bool carried_out) {
        flags.result = static_cast<u64>(static_cast<i64>(static_cast<i32>(result << unused) >> unused));
        flags.carries = unused ? carries | carries << unused : carries;
        flags.carry = carried_out;
    };
    switch (kind) {
        case Kind::Compare: {
            const u32 result = (first - second) & mask;
            return set(result, first ^ second ^ result, first < second);
        }
        case Kind::Test: return set(first & second, 0, false);
        case Kind::Add: {
            const u32 before = (first - second) & mask;
            return set(first, before ^ second ^ first, first < second);
        }
        case Kind::Subtract: {
            const u32 before = (first + second) & mask;
            return set(first, before ^ second ^ first, before < second);
        }
        default: return flags.load(image(gpr, slots, carry));
    }
}

std::size_t RecipeTable::Hash::operator()(const Recipe& recipe) const {
    const u64 operation = static_cast<u64>(recipe.kind) | u64{recipe.width} << 4 | u64{recipe.a} << 8 | u64{recipe.b} << 13 | u64{recipe.immediate} << 18;
    return (operation << 32 ^ recipe.value ^ u64{static_cast<u32>(recipe.plus)} << 16) * 0x9e3779b97f4a7c15 >> 16;
}

u32 RecipeTable::form_of(const Recipe& recipe) {
    const auto [found, is_new] = numbers_.try_emplace(recipe, static_cast<u32>(all_.size()));
    if (is_new) {
        ENSURE(all_.size() < most, "the table was cleared in time");
        all_.push_back(recipe);
    }
    return (recipe.carried() ? flags_in_recipe : flags_without_carry) | (recipe.registers() ? 0x1000'0000u : 0) | found->second << 8;
}

void RecipeTable::clear() {
    all_.clear();
    numbers_.clear();
}

}  // namespace retrace::jit
