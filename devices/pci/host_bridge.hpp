// HostBridge: the 82441FX of the 440FX chip set, 8086:1237: which of the accesses between C0000h and FFFFFh reach RAM, and registers that
// firmware keeps its memory settings in. (Intel 440FX data sheet, 290549, 3.2.)
//
//   config 04  command    06  status
//   config 50-58          chip settings: storage
//   config 59-5F  PAM0-6  a nibble each 16 KiB from C0000h on (PAM0's high nibble: all of F0000-FFFFFh): bit 0 reads, bit 1 writes
//   config 60-67  DRB     row boundaries: storage
//   pin SMIACT    in: while it is high and G_SMRAME is set, A0000-BFFFFh are RAM (unless closed: then only for code, which we do not tell
//                 apart and leave open)
//   config 72     SMRAM   D_OPEN 6, D_CLS 5, D_LCK 4, G_SMRAME 3, segment 2-0 = 010; once locked, only D_CLS can be written
//   config 90-93          errors, reset control: storage
#pragma once

#include "core/bus/line.hpp"
#include "core/bus/shadow_control.hpp"
#include "devices/pci/pci_function.hpp"

namespace retrace {

class HostBridge final : public PciFunction {
public:
    explicit HostBridge(ShadowControl& memory);

    // High in system management mode.
    [[nodiscard]] Line smiact();
    void reset(Reset) override;
    void restored() override;

private:
    void config_written(u8 first, u8 last) override;
    void show_memory() const;
    void show_system_management() const;

    ShadowControl& memory_;
    u8 smram_ = 0;          // not state: as it was before a write
    bool smiact_ = false;   // a pin
};

}  // namespace retrace
