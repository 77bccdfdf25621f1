// Recipe: an operation that left the status flags, and where its operands or its result lie, so that the flags can be computed when somebody
// looks. Emitted code keeps the number of one in r11d where it would otherwise have to save the flags.
//
// Forms of r11d:
//   0000'0000 + flags       an EFLAGS image
//   2000'0000 + number+CF   a recipe whose carry is in bit 0; its operands are in the slots
//   3000'0000 + number+CF   the same; in registers
//   4000'0000 + number      a recipe whose operands are in the slots
//   5000'0000 + number      the same; in registers, all or some
//   8000'0000               the flags are in Cpu::flags
// Slots are two places of memory (Frame) that hold what registers could not keep.
#pragma once

#include <unordered_map>
#include <vector>

#include "core/base/types.hpp"
#include "core/cpu/lazy_flags.hpp"
#include "core/cpu/registers.hpp"

namespace retrace::jit {

constexpr u32 flags_in_state = u32{1} << 31, flags_in_recipe = u32{0x2000'0000}, flags_without_carry = u32{0x4000'0000};

struct Recipe {
    enum class Kind : u8 { None, Compare, Test, Add, Subtract, Negate, Scan, Increment, Decrement, Left, Right, Multiply, Double };
    static constexpr u8 slot_a = 16, slot_b = 17;

    Kind kind = Kind::None;
    u8 width = 4;
    u8 a = 0;                  // register or slot. Add, Subtract, Negate and what is carried: the result; Scan: what was scanned, downwards if `value`; else the
                               // first operand
    u8 b = 0;                  // the second operand, if there is one and not `immediate`; Double: what the result was before
    bool immediate = true;
    u32 value = 0;
    i32 plus = 0;              // to be added to what is in `a`

    bool operator==(const Recipe&) const = default;

    // Its carry cannot be computed.
    [[nodiscard]] bool carried() const { return kind >= Kind::Increment; }
    // Emitted again it leaves all the flags.
    [[nodiscard]] bool repeatable() const { return kind < Kind::Scan; }
    [[nodiscard]] bool has_b() const { return !immediate; }
    // General register a byte register belongs to.
    [[nodiscard]] static u8 whole(u8 index, u8 width) { return width == 1 ? index & 3 : index; }
    // The general registers it needs, a bit each.
    [[nodiscard]] u32 registers() const {
        return (a < 8 ? 1u << whole(a, width) : 0u) | (has_b() && b < 8 ? 1u << whole(b, width) : 0u);
    }
    [[nodiscard]] bool uses(u8 general) const { return (registers() >> general & 1) != 0; }

    // Makes them the flags.
    void settle(LazyFlags& flags, const GeneralRegisters& gpr, const u32 (&slots)[2], bool carry) const;
    // The flags, as in EFLAGS. Touches no registers of the x87, MMX and SSE units.
    [[nodiscard, gnu::target("general-regs-only")]] u32 image(const GeneralRegisters& gpr, const u32 (&slots)[2], bool carry) const;
};

// Recipes by number.
class RecipeTable {
public:
    static constexpr u32 most = 1 << 20, most_of_block = 1 << 10;   // no block makes more

    // What r11d must be; the carry, if any, is to be added.
    [[nodiscard]] u32 form_of(const Recipe& recipe);
    [[nodiscard]] const Recipe& operator[](u32 form) const { return all_[form >> 8 & (most - 1)]; }
    // The EFLAGS image a form that is neither an image nor in the state stands for.
    [[nodiscard, gnu::target("general-regs-only")]] u32 image(u32 form, const GeneralRegisters& gpr, const u32 (&slots)[2]) const {
        return (*this)[form].image(gpr, slots, (form & 1) != 0);
    }
    // No code that names one of them may run any more.
    void clear();
    [[nodiscard]] bool has_room() const { return all_.size() < most - most_of_block; }

private:
    std::vector<Recipe> all_;
    struct Hash {
        std::size_t operator()(const Recipe& recipe) const;
    };
    std::unordered_map<Recipe, u32, Hash> numbers_;   // each recipe has one: r11d is renamed by the difference
};

}  // namespace retrace::jit
