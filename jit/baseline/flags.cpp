// Where the flags are. An image is made by PUSHFQ, which needs no register; it is restored by SAHF. Both are dear, so that mostly a number is
// put into r11d by which whoever wants the flags computes them (recipe.hpp).
#include "jit/baseline/translator.hpp"

namespace retrace::jit {

using Home = FlagState::Home;

namespace {

// Conditions 4, 5 and 8 to B look at the result alone.
constexpr u32 of_result = flag::ZF | flag::SF | flag::PF;

}  // namespace

// RFLAGS to r11d. `readers`: the flags that instructions of this block will want to have back.
void Translator::save_flags(u32 readers) {
    if (flags_.recipe.carried() && (readers & ~flag::CF) == 0) {
        mov(r11d, recipes_.form_of(flags_.recipe));
        setc(r11b);
        flags_.home = Home::Carried;
        return;
    }
    pushfq();
    pop(r11);
    flags_.home = Home::Packed;
}

// RFLAGS are about to be destroyed.
void Translator::clobber() {
    if (flags_.valid && flags_.home == Home::Nowhere) save_flags(read_before_[index_]);
    flags_.valid = false;
}

// r11d as it was at the beginning is looked at: so the registers it may name must still be what they were.
void Translator::observe() {
    if (flags_.home == Home::Entry) block_->disturbed |= touched_;
}

// r11d becomes an image, whatever it was. Uses r8 to r10.
void Translator::normalise() {
    if (flags_.home == Home::Carried) {
        call(stub_pack_);
        span_in_r9_ = -1;
        flags_.home = Home::Packed;
        return;
    }
    if (flags_.home != Home::Either && flags_.home != Home::Entry) return;
    if (flags_.home == Home::Entry) {
        observe();
        block_->wants = Wants::Image;
    }
    pack_from(flags_in_recipe);
    flags_.home = Home::Packed;
}

// What is `form` or above becomes an image.
void Translator::pack_from(u32 form) {
    auto pack = std::make_shared<Label>(), back = std::make_shared<Label>();
    span_in_r9_ = -1;
    cmp(r11d, form);
    jae(*pack, T_NEAR);
    L(*back);
    cold_.push_back([this, pack, back] {
        L(*pack);
        call(stub_pack_);
        jmp(*back, T_NEAR);
    });
}

// The flags of `mask` will be needed: does what uses r8 to r10 now.
void Translator::prepare_flags(u32 mask) {
    if (flags_.valid || mask == 0 || flags_.home == Home::Recipe || flags_.home == Home::Nowhere) return;
    if (mask != flag::CF) return normalise();
    if (flags_.home != Home::Either && flags_.home != Home::Entry) return;   // bit 0 is CF
    if (flags_.home == Home::Entry) {
        observe();
        if (block_->wants == Wants::Nothing) block_->wants = Wants::Carry;
    }
    pack_from(flags_without_carry);
}

// r11d to RFLAGS; uses r10.
void Translator::restore() {
    mov(r10d, eax);
    mov(eax, r11d);
    shl(eax, 8);               // AH: SF ZF AF PF CF
    test(r11d, flag::OF);
    setnz(al);
    add(al, 0x7f);             // OF
    sahf();
    mov(eax, r10d);
}

std::unique_ptr<Xbyak::Operand> Translator::operand_of(u8 index, u8 width) const {
    if (index >= Recipe::slot_a) return std::make_unique<Xbyak::Address>(sized(Xbyak::util::rsp + (first_flag_slot + 4 * (index - Recipe::slot_a)), width));
    return std::make_unique<Reg>(reg(index, width));
}

// Leaves the flags of an operation in RFLAGS again; uses r10.
void Translator::cook(const Recipe& r) {
    const auto a = operand_of(r.a, r.width), b = operand_of(r.b, r.width);
    const Reg scratch = reg(10, r.width);
    const bool copied = r.plus != 0 || (a->isMEM() && r.has_b() && b->isMEM()) || (r.kind != Recipe::Kind::Compare && r.kind != Recipe::Kind::Test && r.kind != Recipe::Kind::Scan);
    if (copied) {
        mov(scratch, *a);
        if (r.plus != 0) lea(r10d, ptr[r10 + r.plus]);
    }
    const Xbyak::Operand& first = copied ? static_cast<const Xbyak::Operand&>(scratch) : *a;
    const auto apply = [&](Op op) {
        if (r.immediate) alu(op, first, r.value, r.width);
        else alu(op, first, *b);
    };
    switch (r.kind) {
        case Recipe::Kind::Compare: return apply(Op::Cmp);
        case Recipe::Kind::Test: return apply(Op::Test);
        case Recipe::Kind::Add:
            apply(Op::Sub);
            return apply(Op::Add);
        case Recipe::Kind::Subtract:
            apply(Op::Add);
            return apply(Op::Sub);
        case Recipe::Kind::Negate:
            neg(scratch);
            return neg(scratch);
        case Recipe::Kind::Scan: return cmp(*a, 0);   // ZF alone: nobody asks for another
        default: ENSURE(false, "what is carried is not cooked");
    }
}

// RFLAGS will be needed, at least those of `mask`.
void Translator::need_flags(u32 mask) {
    if (flags_.valid || mask == 0) return;
    if (flags_.home == Home::Recipe) {
        cook(flags_.recipe);
        flags_.valid = true;
        return;
    }
    if (flags_.home == Home::Nowhere) return;   // dead
    prepare_flags(mask);
    if (mask == flag::CF) {
        bt(r11d, 0);           // the other flags are about to be written
        return;
    }
    restore();
    flags_.valid = true;
}

// RFLAGS will be needed for a branch, which changes none. Returns what the condition has become.
unsigned Translator::need_condition(unsigned condition, u32 wanted) {
    if (flags_.valid || flags_.home == Home::Recipe) {
        need_flags(wanted);
        return condition;
    }
    const Recipe& r = flags_.recipe;
    if (flags_.home == Home::Carried && (wanted & ~of_result) == 0) {
        cmp(*operand_of(r.a, r.width), 0);
        return condition;
    }
    prepare_flags(wanted);
    if (!std::has_single_bit(wanted)) {
        restore();
        return condition;
    }
    bt(r11d, static_cast<u8>(std::countr_zero(wanted)));
    return 2 | (condition & 1);
}

// Puts what a recipe needs where no instruction changes it. RFLAGS stay as they are.
Recipe Translator::captured(Recipe r) {
    if (r.kind == Recipe::Kind::Test && r.has_b() && r.a == r.b) {
        r.immediate = true;
        r.value = ~u32{0};
    }
    if (r.a < 8) {
        mov(sized(rsp + first_flag_slot, r.width), reg(r.a, r.width));
        r.a = Recipe::slot_a;
    }
    if (r.has_b() && r.b < 8) {
        mov(sized(rsp + (first_flag_slot + 4), r.width), reg(r.b, r.width));
        r.b = Recipe::slot_b;
    }
    return r;
}

void Translator::capture() {
    if (flags_.recipe.registers() == 0) return;
    const Recipe before = flags_.recipe;
    flags_.recipe = captured(before);
    if (flags_.home == Home::Carried) rename(before, flags_.recipe);
}

// r11d names another recipe, with the same carry.
void Translator::rename(const Recipe& from, const Recipe& to) {
    const u32 old_form = recipes_.form_of(from), new_form = recipes_.form_of(to);
    lea(r11d, ptr[r11 + static_cast<i32>(new_form - old_form)]);
}

// A general register is about to be written.
void Translator::touch(u8 index, unsigned width) {
    const u8 general = Recipe::whole(index, static_cast<u8>(width));
    touched_ |= 1u << general;
    if (!flags_.recipe.uses(general)) return;
    if (flags_.home == Home::Nowhere) flags_.recipe = {};
    if (flags_.home != Home::Recipe && flags_.home != Home::Carried) return;
    const u32 overwritten = written(guest_[index_]);
    if ((live_after_[index_] & ~overwritten) == 0 || (flags_.valid && (seen_after_[index_] & ~overwritten) == 0 && flags_.home == Home::Recipe)) {
        flags_.home = Home::Nowhere;
        flags_.recipe = {};
        return;
    }
    capture();
}

// ESP is about to become ESP + adjust, which a recipe can follow.
void Translator::touch_stack_pointer(i32 adjust) {
    Recipe& r = flags_.recipe;
    const bool follows = flags_.home == Home::Recipe && r.a == Esp && r.width == 4 && mode_->stack32 && !(r.has_b() && r.b == Esp);
    if (!follows) return touch(Esp, 4);
    touched_ |= 1u << Esp;
    r.plus -= adjust;
}

// All flags were just written; `recipe` says by what, if that helps.
void Translator::flags_now(const Recipe& recipe) {
    if (!use_recipes && recipe.kind != Recipe::Kind::None && recipe.kind != Recipe::Kind::Scan) return flags_now();
    if (!live_after()) {
        flags_ = {false, Home::Nowhere, {}};
        return;
    }
    flags_ = {true, recipe.kind == Recipe::Kind::None || recipe.carried() ? Home::Nowhere : Home::Recipe, recipe};
}

// The end of a block, or a call: the flags must be in r11d, in any form. RFLAGS stay as they are.
void Translator::flush_flags() {
    observe();
    if (flags_.home == Home::Recipe) {
        mov(r11d, recipes_.form_of(flags_.recipe));
    } else if (flags_.home == Home::Nowhere) {
        save_flags(0);
    }
}

// The same where nobody knows what comes next: nothing in registers.
void Translator::flush_flags_for_anyone() {
    if (flags_.home == Home::Nowhere) save_flags(0);
    if (flags_.home == Home::Recipe || flags_.home == Home::Carried) capture();
    flush_flags();
    if (flags_.home == Home::Entry) block_->disturbed = every_register;
}

}  // namespace retrace::jit
