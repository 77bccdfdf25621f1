#include "jit/baseline/translator.hpp"

#include <algorithm>
#include <cstring>

#include <xbyak/xbyak_util.h>

#include "core/base/ensure.hpp"
#include "core/semantics/condition.hpp"
#include "jit/x64/host.hpp"

namespace retrace::jit {

namespace {

// What a handler runs into behind its instruction.
void back_to_emitted_code(Cpu&, const Instruction&) {}

bool loads_segment(const Instruction& i, unsigned& segment) {
    switch (row_of(i).op) {
        case Op::MovToSeg: segment = i.reg; return true;
        case Op::PopSeg: segment = i.opcode == 0xa1 ? 4 : i.opcode == 0xa9 ? 5 : i.opcode >> 3 & 3u; return true;
        case Op::Les: segment = 0; return true;
        case Op::Lds: segment = 3; return true;
        case Op::Lfs: segment = 4; return true;
        case Op::Lgs: segment = 5; return true;
        default: return false;
    }
}

void patch(u8* rel32, const u8* target) {
    const i32 distance = static_cast<i32>(target - (rel32 + 4));
    std::memcpy(rel32, &distance, 4);
}

// Writes flags and leaves others alone, or may.
bool writes_some(const Instruction& i) {
    switch (row_of(i).op) {
        case Op::Inc: case Op::Dec: case Op::Clc: case Op::Stc: case Op::Cmc: case Op::Rol: case Op::Ror: case Op::Rcl: case Op::Rcr:
        case Op::Bt: case Op::Bts: case Op::Btr: case Op::Btc: case Op::Sahf: return true;
        default: return false;
    }
}

// Implied operands in memory; or a handler may be called for another reason.
bool accesses_memory(Op op) {
    switch (op) {
        case Op::Push: case Op::Pop: case Op::Leave: case Op::Pusha: case Op::Popa: case Op::PushSeg: case Op::PopSeg: case Op::MovToSeg: case Op::Xlat:
        case Op::Movs: case Op::Stos: case Op::Lods: case Op::Scas: case Op::Cmps: return true;
        default: return function_of(op) < x87_functions;
    }
}

constexpr u32 no_page = 0;   // no execute entry has bit 0 clear

}  // namespace

Translator::Translator(Cpu& cpu, CodeCache& cache)
    : Xbyak::CodeGenerator{cache.size(), cache.writable()}
    , cpu_{cpu}
    , cache_{cache}
    , sites_{cache.executable(cache.writable())}
    , has_bmi2_{host_has_bmi2()}
    , features_{host_features()} {
    static const bool match = host_flags_match();   // many engines may be made, of one host
    emit_nothing = !match;
    make_stubs();
    cache_.use(getSize());
}

Xbyak::Reg Translator::reg(unsigned index, unsigned width) const {
    static constexpr std::array<u8, 16> host{0, 1, 2, 3, 12, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    const int at = width == 1 ? static_cast<int>(index) : host[index];
    if (width == 1) return Xbyak::Reg8(at);
    if (width == 2) return Xbyak::Reg16(at);
    return Xbyak::Reg32(at);
}

Xbyak::Address Translator::at_cpu(const void* member, int bits) const {
    const Xbyak::RegExp where = Xbyak::util::r13 + distance_of(member);
    return bits == 64 ? Xbyak::util::qword[where] : Xbyak::util::dword[where];
}

Xbyak::Address Translator::sized(const Xbyak::RegExp& where, unsigned width) {
    if (width == 1) return Xbyak::util::byte[where];
    return width == 2 ? Xbyak::util::word[where] : Xbyak::util::dword[where];
}

void Translator::translate(Block& block, std::span<const Instruction> source, bool plain, u64 unshown, const Mode& mode) {
    block_ = &block;
    mode_ = &mode;
    slow_.clear();
    cold_.clear();
    setSize(cache_.used());
    sites_.truncate(cache_.used());
    unshown_ = unshown;
    const Instruction* const guest = guest_ = source.data();
    block.disturbed = touched_ = 0;
    block.wants = Wants::Nothing;

    // How far: to the end, or behind a load of a segment register that may change its class, of a control word, or behind
    // a handler that may leave an exception waiting.
    count_ = static_cast<u32>(source.size());
    bool cut = false, maybe = false;   // maybe: if the class is another one
    unsigned loaded = 0;
    for (u32 n = 0; n < count_ && !cut; ++n) {
        unsigned segment = 0;
        const bool may_raise = !mode.x87_masked && is_unit_operation(row_of(guest[n]).op) && unit_form(guest[n]).raises;
        if ((may_unmask(guest[n]) || may_raise) && plan(guest[n], flag::status, flag::status) == Plan::Call) {
            count_ = n + 1;
            cut = true;
        }
        if (!loads_segment(guest[n], segment) || guest[n].has(Instruction::ends_block)) continue;
        const SegmentClass now = mode.segment[segment];
        if (now == SegmentClass::General || (now == SegmentClass::Real && mode.real)) continue;
        constexpr unsigned ss = 2;
        maybe = !cut && segment != ss;
        loaded = segment;
        count_ = n + 1;
        cut = true;
    }
    const Instruction& last = guest[count_ - 1];
    const bool ends = last.has(Instruction::ends_block);

    block.steps = count_;
    block.edges.resize(2 + static_cast<std::size_t>(std::count_if(guest, guest + count_, [](const Instruction& i) { return i.has(Instruction::ends_block); })));
    edges_ = 0;
    std::array<bool, most_instructions + 1> emitted{};
    for (u32 n = 0; n < count_; ++n) emitted[n] = guest[n].has(Instruction::ends_block) ? !emit_nothing : plan(guest[n], flag::status, flag::status) == Plan::Emit;
    spans_ = {};
    spans_.of.fill(-1);
    for (u32 n = 0; n < count_; ++n) through_window_[n] = mode.windowed && emitted[n] && (unshown >> n & 1) == 0 && can_go_through_window(guest[n]);
    if (use_spans && !plain && !mode.windowed) spans_ = find_spans({guest, count_}, {emitted.data(), count_}, mode);

    // Backwards: which flags may be seen behind each instruction. Whatever may leave the block shows them all.
    u32 live = flag::status, seen = flag::status, read = 0;
    read_before_[count_] = 0;
    for (u32 n = count_; n-- > 0;) {
        const Instruction& i = guest[n];
        const Op op = row_of(i).op;
        if (!mode.x87_masked && is_unit_operation(op) && unit_form(i).raises) live = flag::status;   // it may leave behind itself
        if (is_port_access(i)) live = seen = flag::status;
        live_after_[n] = live;
        plan_[n] = i.has(Instruction::ends_block) && n + 1 < count_ ? Plan::Emit : plan(i, live, read);
        const bool only_address = op == Op::Lea || op == Op::Nop;
        const bool may_leave = plan_[n] == Plan::Call || i.has(Instruction::ends_block) || op == Op::Div || op == Op::Idiv || may_unmask(i) ||
                               (spans_.of[n] < 0 && (i.has(Instruction::memory) || accesses_memory(op)) && !only_address);
        // A window leaves the flags where they are, and a fault there shows them.
        const bool in_rflags = through_window_[n] && plan_[n] == Plan::Emit && !i.has(Instruction::ends_block) && op != Op::Div && op != Op::Idiv && !may_unmask(i);
        const u32 overwritten = written(i), shown = may_leave ? flag::status : 0;
        u32 needs = row_of(i).flags_read & flag::status;
        if (op == Op::Rcl || op == Op::Rcr) needs |= flag::CF;
        // What it leaves alone has to be where the rest will be.
        if (plan_[n] == Plan::Emit && writes_some(i)) needs |= live & ~overwritten;
        if (plan_[n] == Plan::Call && !i.has(Instruction::ends_block)) needs = 0;   // a handler takes any form
        seen_after_[n] = seen;
        seen = (seen & ~overwritten) | (in_rflags ? 0 : shown);
        read = (read & ~overwritten) | needs;
        read_before_[n] = read;
        live = (live & ~overwritten) | needs | shown;
    }

    block.instructions.clear();
    block.instructions.reserve(std::size_t{count_} * 4);
    const auto called = [&](u32 n) { return n < count_ && plan_[n] == Plan::Call && !guest[n].has(Instruction::ends_block); };
    for (u32 n = 0; n < count_; ++n) {
        place_[n] = static_cast<u32>(block.instructions.size());
        block.instructions.push_back(guest[n]);
        if (called(n) && called(n + 1)) continue;
        block.instructions.emplace_back().execute = back_to_emitted_code;
    }

    block.code = const_cast<u8*>(getCurr());
    plan_units();
    load_units();
    block.units = resident_;
    block.loaded = const_cast<u8*>(getCurr());
    // Enough steps left?
    Label out;
    sub(r15, count_);
    jb(out, T_NEAR);
    Label bail, elsewhere;
    const bool crosses = block.second_page != Trace::one_page && mode.paging;   // without paging it always ends there
    if (crosses) {
        const u32 page = (mode.code_base + block.eip + (page_size - 1)) >> page_shift;
        mov(r8d, dword[r14 + static_cast<int>(2 * table_distance + page * u64{8})]);
        or_(r8d, Mmu::marked);
        cmp(r8d, block.second_page << page_shift | Mmu::marked | 1);
        jne(elsewhere, T_NEAR);
    }
    open_spans(bail);

    flags_ = {};
    noted_ = {};
    span_in_r9_ = -1;
    for (index_ = 0; index_ < count_; ++index_) {
        const Instruction& i = guest[index_];
        if (called(index_) && index_ > 0 && called(index_ - 1)) continue;
        if (i.has(Instruction::ends_block) && index_ + 1 < count_) {
            if (is_port_access(i)) port_access(i);
            else branch_within(i);
            continue;
        }
        if (index_ + 1 < count_ || !ends) {
            emit(i);
            if (plan_[index_] == Plan::Call || !leaves_r9(i)) span_in_r9_ = -1;
            continue;
        }
        tell_everything();
        if (is_port_access(i) && !emit_nothing) {
            port_access(i);
            flush_flags();
            edge(block.eip + i.offset + i.length, -1);
        } else if (!emit_end(i) && !call_and_go_on(i)) {
            call_handler_and_end(i);
        }
    }
    index_ = count_ - 1;
    if (!ends) {
        tell_everything();
        flush_flags();
        const u32 next = block.eip + last.offset + last.length;
        if (cut && maybe) {
            const auto same = std::make_shared<Label>();
            cmp(at_cpu(&cpu_.access[loaded].shape, 32), static_cast<u32>(mode.segment[loaded] == SegmentClass::Flat ? Cpu::Shape::Flat : Cpu::Shape::Real));
            je(*same, T_NEAR);
            exit_to(next);
            L(*same);
        }
        if (cut && !maybe) exit_to(next);
        else edge(next, -1);
    }

    block.hot_bytes = static_cast<u32>(getCurr() - block.code);
    for (std::size_t n = 0; n < cold_.size(); ++n) cold_[n]();
    for (const auto& slow : slow_) emit_slow(*slow);
    for (unsigned n = 0; n < edges_; ++n) edge_stub(block.edges[n]);
    const auto bails = [&](Label& label, Bailed why) {
        L(label);
        mov(r8, ptr[rsp]);
        mov(dword[r8 + offsetof(Frame, bailed)], static_cast<u32>(why));
    };
    if (crosses) {
        bails(elsewhere, Bailed::Crossing);
        if (!spans_.all.empty()) jmp(out, T_NEAR);
    }
    if (!spans_.all.empty()) bails(bail, Bailed::Spans);
    L(out);
    add(r15, count_);
    exit_to(block.eip);
    cache_.use(getSize() - cache_.used());
    ENSURE(getSize() <= cache_.size(), "a block fits");
}

// A near branch with more of the block behind it, on one of its ways. The other way leaves; the steps that are left out come back.
void Translator::branch_within(const Instruction& i) {
    if (row_of(i).op == Op::JmpNear) return;
    const u32 next = block_->eip + i.offset + i.length, target = (next + i.immediate) & (i.operand_width == 4 ? 0xffffffffu : 0xffffu);
    unsigned condition = need_condition(i.condition(), condition_flags(i.condition()));
    const bool straight = block_->eip + guest_[index_ + 1].offset == next;
    if (!straight) condition ^= 1;
    observe();
    db(0x0f);
    db(0x80 + static_cast<int>(condition));
    dd(0);
    u8* const to_exit = const_cast<u8*>(getCurr()) - 4;
    cold_.push_back([this, to_exit, exit = straight ? target : next, flags = flags_, touched = touched_, index = index_, noted = noted_,
                     resident = resident_] {
        patch(to_exit, getCurr());
        resident_ = resident;
        flags_ = flags;
        touched_ = touched;
        index_ = index;
        flush_flags();
        tell(noted);
        lea(r15, ptr[r15 + static_cast<i32>(count_ - index - 1)]);
        edge(exit, -1);
    });
}

// Leaves at `eip`, for good.
void Translator::exit_to(u32 eip) {
    mov(at_cpu(&cpu_.state.eip, 32), eip);
    jmp(stub_exit_, T_NEAR);
}

// A direct exit. The flags are in r11d.
void Translator::edge(u32 target, int condition) {
    Edge& edge = block_->edges[edges_++];
    edge.target_eip = target;
    edge.from = block_;
    edge.resident = resident_;
    edge.recipe = flags_.home == FlagState::Home::Recipe || flags_.home == FlagState::Home::Carried ? flags_.recipe : Recipe{};
    edge.adapters = {};
    if (flags_.home == FlagState::Home::Entry) block_->disturbed = every_register;
    const u32 from_page = (mode_->code_base + block_->eip) >> page_shift, to_page = (mode_->code_base + target) >> page_shift;
    const bool verified = mode_->paging && from_page != to_page;
    const auto check_and_jump = [this, &edge, to_page] {
        cmp(dword[r14 + static_cast<int>(2 * table_distance + to_page * u64{8})], 0x7fffffff);
        edge.expect = const_cast<u8*>(getCurr()) - 4;
        std::memcpy(edge.expect, &no_page, 4);
        db(0x0f);
        db(0x85);
        dd(0);                                        // jne stub: fixed by edge_stub
        db(0xe9);
        dd(0);
        edge.jump = const_cast<u8*>(getCurr()) - 4;
    };
    if (!verified) {
        if (condition >= 0) {
            db(0x0f);
            db(0x80 + condition);
        } else {
            db(0xe9);
        }
        dd(0);
        edge.jump = const_cast<u8*>(getCurr()) - 4;
    } else if (condition >= 0) {
        db(0x0f);
        db(0x80 + condition);
        dd(0);
        u8* const to_check = const_cast<u8*>(getCurr()) - 4;
        edge.jump = to_check;                         // until the check is emitted
        cold_.push_back([this, to_check, check_and_jump] {
            patch(to_check, getCurr());
            check_and_jump();
        });
    } else {
        check_and_jump();
    }
}

void Translator::edge_stub(Edge& edge) {
    edge.stub = const_cast<u8*>(getCurr());
    patch(edge.jump, edge.stub);
    if (edge.expect) patch(edge.jump - 5, edge.stub);
    mov(r8, reinterpret_cast<u64>(&edge));
    jmp(stub_link_, T_NEAR);
}

bool Translator::link(Edge& edge, const Block& to, u32 page_entry) {
    const u8* const code = (to.units & ~edge.resident) == 0 ? to.loaded : to.code;
    const u8* target = code;
    const bool carried = edge.recipe.carried();
    if (edge.recipe.kind != Recipe::Kind::None) {
        if (to.wants == Wants::Image || (to.wants == Wants::Carry && !carried)) target = adapter(edge, 0, code);
        else if (edge.recipe.registers() & to.disturbed) target = adapter(edge, 1, code);
    }
    if (!target) return false;
    patch(edge.jump, target);
    if (edge.expect) std::memcpy(edge.expect, &page_entry, 4);
    return true;
}

// Code between two blocks: makes an image of the flags for the second (0), or keeps for it what it disturbs (1). Null: there is no room.
const u8* Translator::adapter(Edge& edge, unsigned kind, const u8* target) {
    constexpr std::size_t most_bytes = 96;
    auto& made = edge.adapters[kind];
    if (!made.code) {
        if (cache_.size() - cache_.used() < most_bytes || !recipes_.has_room()) return nullptr;
        setSize(cache_.used());
        u8* const begin = const_cast<u8*>(getCurr());
        if (kind == 1) {
            const Recipe kept = captured(edge.recipe);
            if (kept.carried()) rename(edge.recipe, kept);
            else mov(r11d, recipes_.form_of(kept));
        } else if (!edge.recipe.repeatable()) {
            call(stub_pack_);
        } else {
            cook(edge.recipe);
            pushfq();
            pop(r11);
        }
        db(0xe9);
        dd(0);
        cache_.use(getSize() - cache_.used());
        made = {begin, const_cast<u8*>(getCurr()) - 4};
    }
    patch(made.jump, target);
    return made.code;
}

void Translator::unlink(Edge& edge) {
    patch(edge.jump, edge.stub);
    if (edge.expect) std::memcpy(edge.expect, &no_page, 4);
}

// To the eip in r10d, which is within the limit.
void Translator::indirect(u32 mode) {
    auto miss = std::make_shared<Label>();
    const auto entry = [&](std::size_t member) { return r8 + (jump_shift(mode) * sizeof(JumpEntry) + member); };
    static_assert(jump_eips == 0x10000 && sizeof(JumpEntry) == 32);
    movzx(r8d, r10w);
    shl(r8d, 5);
    add(r8, ptr[rsp + 8]);
    cmp(r10d, dword[entry(offsetof(JumpEntry, eip))]);
    jne(*miss, T_NEAR);
    cmp(dword[entry(offsetof(JumpEntry, mode))], mode);
    jne(*miss, T_NEAR);
    if (mode_->paging) {
        mov(r9d, dword[entry(offsetof(JumpEntry, page_slot))]);
        mov(r9d, dword[r14 + r9 + static_cast<int>(2 * table_distance)]);
        cmp(r9d, dword[entry(offsetof(JumpEntry, page_entry))]);
        jne(*miss, T_NEAR);
    }
    jmp(ptr[entry(offsetof(JumpEntry, code))]);
    cold_.push_back([this, miss] {
        L(*miss);
        mov(at_cpu(&cpu_.state.eip, 32), r10d);
        jmp(stub_miss_, T_NEAR);
    });
}

}  // namespace retrace::jit
