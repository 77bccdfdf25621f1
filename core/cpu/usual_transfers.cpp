// Interrupts through 32-bit gates, IRET and loads of segment registers as nearly all of them are: every descriptor lies in a page at hand, is
// present and marked as accessed, nothing faults and nothing is watched. What such a descriptor means is kept by its selector and compared
// with the raw bytes each time. Anything else is left to the functions that check one thing after the other, before anything has happened.
#include "core/cpu/descriptor.hpp"
#include "core/cpu/identity.hpp"

namespace retrace {

namespace {
constexpr unsigned cs = static_cast<unsigned>(Segment::Cs), ss = static_cast<unsigned>(Segment::Ss);
constexpr u32 user_ring = 3;
}

// What these call is short and called nowhere as often: it becomes part of them.
[[gnu::flatten]] inline const Cpu::KnownSegment* Cpu::known_segment(u16 selector) {
    u32 base = state.gdtr.base, limit = state.gdtr.limit;
    if (selector & 4) {
        if (!state.ldtr.present()) return nullptr;
        base = state.ldtr.base;
        limit = state.ldtr.limit;
    }
    if ((selector | 7u) > limit || null_selector(selector)) return nullptr;
    const u8* const host = mmu.direct(base + (selector & 0xfff8), 8, Access::Read, true);
    if (!host) return nullptr;
    const u64 raw = load<u64>(host);
    KnownSegment& known = known_[(selector ^ selector >> 6) % known_segments];
    if (known.raw == raw && known.segment.selector == selector) [[likely]] return &known;
    return learn_segment(known, selector, raw) ? &known : nullptr;
}

[[gnu::noinline]] bool Cpu::learn_segment(KnownSegment& known, u16 selector, u64 raw) {
    Descriptor descriptor;
    descriptor.selector = selector;
    descriptor.low = static_cast<u32>(raw);
    descriptor.high = static_cast<u32>(raw >> 32);
    const bool accessed = (descriptor.high & 0x100) != 0;
    if (descriptor.system() || !accessed || !descriptor.present()) return false;
    const SegmentRegister segment = descriptor.segment(selector & 3);
    if (segment.expands_down()) return false;
    known.raw = raw;
    known.segment = segment;
    known.access = access_of(segment);
    return true;
}

void Cpu::put_known_code(const KnownSegment& known) {
    put_known(cs, known);
    update_code_view();
}

// With CR0.AM and EFLAGS.AC more would change than the context.
void Cpu::change_ring(unsigned ring) {
    state.cpl = static_cast<u8>(ring);
    mmu.select_ring(ring == user_ring);
    update_generation();
}

[[gnu::flatten]] bool Cpu::load_usual(unsigned segment, u16 selector, bool alike) {
    if (!is_usual()) return false;
    const KnownSegment* const known = known_segment(selector);
    if (!known || (alike && known->access.shape != access[segment].shape)) return false;
    const SegmentRegister& s = known->segment;
    const unsigned rpl = selector & 3, cpl = state.cpl, dpl = s.dpl();
    if (segment == ss) {
        if (rpl != cpl || dpl != cpl || !s.writable()) return false;
        put_known(ss, *known);
        stack_mask_ = s.big() ? 0xffffffffu : 0xffffu;
        return true;
    }
    if (!s.readable() || rpl > dpl || cpl > dpl) return false;
    put_known(segment, *known);
    return true;
}

[[gnu::flatten]] bool Cpu::deliver_usual(u8 vector, Origin origin, bool has_code, u32 code, u32 return_eip) {
    if (!is_usual() || virtual_8086() || counting_ || vector * 8u + 7 > state.idtr.limit) return false;
    const u8* const idt = mmu.direct(state.idtr.base + vector * 8u, 8, Access::Read, true);
    if (!idt) return false;
    Descriptor gate;
    gate.low = load<u32>(idt);
    gate.high = load<u32>(idt + 4);
    const unsigned cpl = state.cpl, type = gate.type();
    if (!gate.system() || !gate.present() || (type != system_type::interrupt32 && type != system_type::trap32)) return false;
    if (origin == Origin::Software && gate.dpl() < cpl) return false;
    const u16 selector = gate.gate_selector();
    const KnownSegment* const target = known_segment(selector);
    if (!target || !target->segment.is_code() || (target->segment.type() & 4)) return false;
    const unsigned ring = target->segment.dpl();
    if (ring > cpl || (selector & 3u) != ring || gate.gate_offset() > target->segment.limit) return false;

    const bool inner = ring < cpl;
    const KnownSegment* stack = nullptr;
    const SegmentRegister old_stack = state.segment[ss];
    u32 esp = state.gpr[Esp], base = old_stack.base;
    u64 end = access[ss].writable_end;
    if (inner) {
        const SegmentRegister& tr = state.tr;
        const u32 at = 4 + ring * 8;
        if (tr.type() < system_type::tss32 || at + 5 > tr.limit) return false;
        const u8* const tss = mmu.direct(tr.base + at, 8, Access::Read, true);
        if (!tss) return false;
        const u16 stack_selector = load<u16>(tss + 4);
        if ((stack_selector & 3u) != ring) return false;
        stack = known_segment(stack_selector);
        if (!stack || stack->segment.dpl() != ring || !stack->segment.writable() || !stack->segment.big()) return false;
        // The other may have lain in the same place.
        if (target->segment.selector != selector) return false;
        esp = load<u32>(tss);
        base = stack->segment.base;
        end = stack->access.writable_end;
    } else if (!old_stack.big()) {
        return false;
    }
    const u32 bytes = (inner ? 20u : 12u) + (has_code ? 4u : 0u);
    if (esp < bytes || esp > end) return false;
    const u32 bottom = esp - bytes;
    u8* to = mmu.direct(base + bottom, bytes, Access::Write, ring != user_ring);
    if (!to) return false;

    const bool resumes = origin == Origin::Fault && vector != vector::DF;
    const auto put = [&](u32 value) {
        store<u32>(to, value);
        to += 4;
    };
    if (has_code) put(code);
    put(return_eip);
    put(state.segment[cs].selector);
    put(flags_image() | (resumes ? flag::RF : 0));
    if (inner) {
        put(state.gpr[Esp]);
        put(old_stack.selector);
        put_known(ss, *stack);
        stack_mask_ = 0xffffffff;
    }
    state.eflags &= ~(flag::TF | flag::NT | flag::RF | flag::VM | (type == system_type::interrupt32 ? flag::IF : 0));
    state.gpr[Esp] = bottom;
    put_known_code(*target);
    if (inner) change_ring(ring);
    state.eip = gate.gate_offset();
    update_attention();
    return true;
}

[[gnu::flatten]] bool Cpu::return_usual() {
    if (!is_usual() || counting_ || (state.eflags & (flag::NT | flag::VM)) || !state.segment[ss].big()) return false;
    const u32 esp = state.gpr[Esp], linear = access[ss].base + esp;
    constexpr u32 bytes = 12, more_bytes = 20;
    if (esp > access[ss].readable_end || access[ss].readable_end - esp < bytes) return false;
    const unsigned cpl = state.cpl;
    const u8* const from = mmu.direct(linear, bytes, Access::Read, false);
    if (!from) return false;
    const u32 offset = load<u32>(from), image = load<u32>(from + 8);
    const u16 selector = load<u16>(from + 4);
    const unsigned ring = selector & 3;
    if (ring < cpl || (image & flag::VM)) return false;
    if ((state.cr0 & cr0::AM) && (image & flag::AC)) return false;
    const KnownSegment* const code = known_segment(selector);
    if (!code || !code->segment.is_code() || (code->segment.type() & 4) || code->segment.dpl() != ring || offset > code->segment.limit) return false;

    const bool outer = ring != cpl;
    const KnownSegment* stack = nullptr;
    u32 outer_esp = 0;
    if (outer) {
        if (access[ss].readable_end - esp < more_bytes || !mmu.direct(linear, more_bytes, Access::Read, false)) return false;
        outer_esp = load<u32>(from + 12);
        const u16 stack_selector = load<u16>(from + 16);
        if ((stack_selector & 3u) != ring) return false;
        stack = known_segment(stack_selector);
        if (!stack || stack->segment.dpl() != ring || !stack->segment.writable() || !stack->segment.big() || code->segment.selector != selector) return false;
    }

    u32 changeable = (flag::status | flag::TF | flag::DF | flag::NT | flag::RF | flag::AC | flag::ID) & known_flags(model_);
    if (cpl == 0) changeable |= (flag::IOPL | flag::VIF | flag::VIP) & known_flags(model_);
    if (cpl <= iopl()) changeable |= flag::IF;
    state.eflags = (state.eflags & ~changeable) | (image & changeable) | 2;
    flags.load(image);
    put_known_code(*code);
    if (outer) {
        change_ring(ring);
        put_known(ss, *stack);
        stack_mask_ = 0xffffffff;
        state.gpr[Esp] = outer_esp;
        drop_inner_segments();
    } else {
        state.gpr[Esp] = esp + bytes;
    }
    state.eip = offset;
    resume();
    return true;
}

void Cpu::resume() {
    if ((state.eflags & flag::RF) && watched_.code == 0) {
        state.eflags &= ~flag::RF;
        update_attention();
        if (attention == 0) {
            run.resumed_at = run.first_step + static_cast<u64>(run.current - run.first) + run.repeats + 1;
            return;
        }
        state.eflags |= flag::RF;
    }
    update_attention();
}

}  // namespace retrace
