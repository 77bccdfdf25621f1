#include "devices/pci/isa_bridge.hpp"

#include "core/base/ensure.hpp"

namespace retrace {

namespace {

constexpr u8 pirq_routes = 0x60, not_routed = 0x80;
constexpr u16 possible_irqs = 0xdef8;  // 3-7, 9-12, 14, 15

}  // namespace

IsaBridge::IsaBridge(std::array<Line, 16> irqs) : PciFunction{{0x8086, 0x7000, 0x00, 0x060100}}, irqs_{std::move(irqs)} {
    define(pci::command, 2, 0x0007, 0x0108);
    define(pci::status, 2, 0x0280, 0, 0x7800);
    define(pci::header_type, 1, 0x80);  // one function of several
    define(0x4c, 1, 0x4d, 0x7f);
    define(0x4e, 2, 0x0003, 0x07ff);
    for (u8 i = 0; i < 4; ++i) define(static_cast<u8>(pirq_routes + i), 1, not_routed, 0x8f);
    define(0x69, 1, 0x02, 0xfe);
    define(0x6a, 2, 0x0000, 0x8100, 0x0010);
    define(0x70, 2, 0x8080, 0xefef);
    define(0x76, 2, 0x0c0c, 0x8f8f);
    define(0x78, 2, 0x0002, 0xffff);
    define(0x80, 1, 0x00, 0x7f);
    define(0x82, 1, 0x00, 0x0f);
    define(0xa0, 1, 0x08, 0x1f);
    define(0xa2, 2, 0x0000, 0x01ff);
    define(0xa4, 4, 0x00000000, 0xe000fffb);
    define(0xa8, 1, 0x0f, 0xff);
    define(0xaa, 2, 0x0000, 0, 0x00ff);
    define(0xac, 1, 0x00, 0xff);
    define(0xae, 1, 0x00, 0xff);
    end_of_definition();
}

Line IsaBridge::pirq(unsigned number) {
    ENSURE(number < pins_.size(), "there are four PIRQ pins");
    return Line{[this, number](bool high) {
        pins_[number] = high;
        drive();
    }};
}

void IsaBridge::reset(Reset kind) {
    PciFunction::reset(kind);
    drive();
}

void IsaBridge::visit(StateVisitor& visitor) {
    PciFunction::visit(visitor);
    retrace::visit(visitor, "pins", pins_);
}

void IsaBridge::config_written(u8 first, u8 last) {
    if (first < pirq_routes + 4 && last >= pirq_routes) drive();
}

void IsaBridge::drive() {
    u16 levels = 0;
    for (u8 i = 0; i < 4; ++i) {
        const u8 route = config<u8>(static_cast<u8>(pirq_routes + i));
        if (pins_[i] && !(route & not_routed) && bit(possible_irqs, route & 15u)) levels = static_cast<u16>(levels | 1u << (route & 15));
    }
    for (unsigned irq = 0; irq < irqs_.size(); ++irq)
        if (bit(static_cast<u16>(levels ^ driven_), irq)) irqs_[irq].set(bit(levels, irq));
    driven_ = levels;
}

}  // namespace retrace
