// Where the flags are. An image is made by PUSHFQ, which costs as much as LAHF and needs no register; it is restored by SAHF.
#include "jit/baseline/translator.hpp"

namespace retrace::jit {

using Home = FlagState::Home;

// RFLAGS to r11d.
void Translator::save_flags() {
    pushfq();
    pop(r11);
    flags_.home = Home::Packed;
}

// RFLAGS are about to be destroyed.
void Translator::clobber() {
    if (flags_.valid && flags_.home == Home::Nowhere) save_flags();
    flags_.valid = false;
}

// r11d becomes an image, whatever it was.
void Translator::normalise() {
    if (flags_.home != Home::Either) return;
    auto pack = std::make_shared<Label>(), back = std::make_shared<Label>();
    test(r11d, r11d);
    js(*pack, T_NEAR);
    L(*back);
    cold_.push_back([this, pack, back] {
        L(*pack);
        call(stub_pack_);
        jmp(*back, T_NEAR);
    });
    flags_.home = Home::Packed;
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

// Leaves the flags of an operation in RFLAGS again; uses r10.
void Translator::cook(const Recipe& r) {
    const Reg a = reg(r.a, r.width);
    const Reg scratch = r.width == 4 ? Reg{r10d} : r.width == 2 ? Reg{r10w} : Reg{r10b};
    switch (r.kind) {
        case Recipe::Kind::Compare:
            if (r.immediate) alu(Op::Cmp, a, r.value, r.width);
            else alu(Op::Cmp, a, reg(r.b, r.width));
            break;
        case Recipe::Kind::Test:
            if (r.immediate) alu(Op::Test, a, r.value, r.width);
            else alu(Op::Test, a, reg(r.b, r.width));
            break;
        case Recipe::Kind::Add:
        case Recipe::Kind::Subtract: {
            const bool added = r.kind == Recipe::Kind::Add;
            mov(scratch, a);
            for (const Op op : {added ? Op::Sub : Op::Add, added ? Op::Add : Op::Sub}) {
                if (r.immediate) alu(op, scratch, r.value, r.width);
                else alu(op, scratch, reg(r.b, r.width));
            }
            break;
        }
        case Recipe::Kind::Negate:
            mov(scratch, a);
            neg(scratch);
            neg(scratch);
            break;
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
    normalise();
    if (mask == flag::CF) {
        bt(r11d, 0);           // the other flags are about to be written
        return;
    }
    restore();
    flags_.valid = true;
}

// A general register is about to be written.
void Translator::touch(u8 index, unsigned width) {
    if (flags_.home != Home::Recipe || !flags_.recipe.uses(Recipe::whole(index, static_cast<u8>(width)))) return;
    if (!flags_.valid && (live_after_[index_] & ~written(block_->trace->instructions()[index_]))) {
        cook(flags_.recipe);
        save_flags();
        flags_.valid = true;
        return;
    }
    flags_.home = Home::Nowhere;
}

// All flags were just written.
void Translator::flags_now(Home home, const Recipe& recipe) {
    flags_ = {true, home, recipe};
    if (!live_after()) flags_ = {false, Home::Nowhere, {}};
}

// The end of a block, or a call: the flags must be in r11d. RFLAGS stay as they are.
void Translator::flush_flags() {
    if (flags_.home == Home::Packed || flags_.home == Home::Either) return;
    if (!flags_.valid && flags_.home == Home::Recipe) cook(flags_.recipe);
    save_flags();
}

}  // namespace retrace::jit
