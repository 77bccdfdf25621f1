// Loading segment registers, and what follows from their hidden parts. SDM volume 3, chapters 3 and 5; volume 2, MOV.
#include <algorithm>

#include "core/cpu/descriptor.hpp"

namespace retrace {

namespace {
constexpr unsigned cs = static_cast<unsigned>(Segment::Cs), ss = static_cast<unsigned>(Segment::Ss);
}

Cpu::SegmentAccess Cpu::access_of(const SegmentRegister& s) const {
    // Everything that is not a plain upper limit goes the slow way.
    const u64 end = is_plain(s) ? u64{s.limit} + 1 : 0;
    const bool both = s.readable() && s.writable();
    const Shape shape = both && end == u64{1} << 32 && s.base == 0 ? Shape::Flat : both && end == 0x10000 && s.base % 16 == 0 ? Shape::Real : Shape::General;
    return {s.readable() ? end : 0, s.writable() ? end : 0, s.base, shape};
}

void Cpu::update_segment(unsigned segment) {
    const SegmentRegister& s = state.segment[segment];
    access[segment] = access_of(s);
    if (segment == cs) update_code_view();
    if (segment == ss) stack_mask_ = s.big() ? 0xffffffffu : 0xffffu;
}

void Cpu::update_code_view() {
    const SegmentRegister& s = state.segment[cs];
    if (s.limit == code_limit_ && s.big() == code_big_) [[likely]] return;
    code_limit_ = s.limit;
    code_big_ = s.big();
    const u64 view = u64{s.limit} << 1 | (s.big() ? 1 : 0);
    auto known = std::ranges::find(code_views_, view);
    if (known == code_views_.end()) {
        if (code_views_.size() == 0x10000) {
            code_views_.clear();
            mmu.forget_epochs();
        }
        code_views_.push_back(view);
        known = code_views_.end() - 1;
    }
    code_view_ = static_cast<u32>(known - code_views_.begin());
    update_generation();
}

void Cpu::set_cpl(unsigned cpl) {
    if (state.cpl == cpl) return;
    if (counting_) settle_event_counters();
    state.cpl = static_cast<u8>(cpl);
    update_mode();
}

// Real mode keeps limit and the big bit of the register ("unreal mode"); V86 sets them.
void Cpu::set_real_segment(unsigned segment, u16 selector) {
    SegmentRegister& s = state.segment[segment];
    s.selector = selector;
    s.base = u32{selector} << 4;
    if (virtual_8086()) {
        s.limit = 0xffff;
        s.attributes = 0xf3;
    } else {
        s.attributes = segment == cs ? static_cast<u16>((s.attributes & 0xff00) | 0x93) : static_cast<u16>(s.attributes | 0x90);
    }
    update_segment(segment);
}

bool Cpu::read_descriptor(u16 selector, u8 fault_vector, Descriptor& out) {
    const bool local = (selector & 4) != 0;
    const u32 base = local ? state.ldtr.base : state.gdtr.base;
    const u32 limit = local ? state.ldtr.limit : state.gdtr.limit;
    if ((local && !state.ldtr.present()) || (selector | 7u) > limit) return raise_selector(fault_vector, selector);
    out.selector = selector;
    out.address = base + (selector & 0xfff8);
    const Loaded loaded = read_system(out.address, 8);
    out.low = static_cast<u32>(loaded.value);
    out.high = static_cast<u32>(loaded.value >> 32);
    if (model() == CpuModel::I286) out.high &= 0xffff;  // its descriptors end there
    return loaded.ok;
}

bool Cpu::mark_accessed(Descriptor& descriptor) {
    if (descriptor.high & 0x100) return true;
    if (!write_system(descriptor.address + 5, 1, (descriptor.high >> 8 & 0xff) | 1)) return false;
    descriptor.high |= 0x100;
    return true;
}

bool Cpu::load_segment(unsigned segment, u16 selector) {
    if (real_or_v86()) {
        set_real_segment(segment, selector);
        return true;
    }
    const bool stack = segment == ss;
    if (null_selector(selector)) {
        if (stack) return raise(vector::GP, 0);
        put_segment(segment, {selector, 0, 0, 0});
        return true;
    }
    if (load_usual(segment, selector, false)) [[likely]] return true;
    Descriptor descriptor;
    if (!read_descriptor(selector, vector::GP, descriptor)) return false;
    const unsigned rpl = selector & 3, cpl = state.cpl;
    if (stack) {
        if (rpl != cpl || !descriptor.writable_data() || descriptor.dpl() != cpl) return raise_selector(vector::GP, selector);
        if (!descriptor.present()) return raise_selector(vector::SS, selector);
    } else {
        if (!descriptor.readable()) return raise_selector(vector::GP, selector);
        const bool guarded = !descriptor.is_code() || !descriptor.conforming();
        if (guarded && (rpl > descriptor.dpl() || cpl > descriptor.dpl())) return raise_selector(vector::GP, selector);
        if (!descriptor.present()) return raise_selector(vector::NP, selector);
    }
    if (!mark_accessed(descriptor)) return false;
    put_segment(segment, descriptor.segment(rpl));
    return true;
}

}  // namespace retrace
