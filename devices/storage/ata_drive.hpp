// AtaDrive: a drive as the ATA cable sees it: its copy of the task file, its status, its data, which come through the data port or by DMA.
// Disks and CD-ROM drives are made from it.
#pragma once

#include <cstddef>
#include <span>
#include <utility>

#include "core/base/bits.hpp"
#include "core/bus/line.hpp"
#include "core/state/visitor.hpp"

namespace retrace {

// The registers of the command block that a host writes. LBA48 commands take the values before the last ones, too.
struct TaskFile {
    u8 features = 0, count = 1, low = 1, mid = 0, high = 0, device = 0;
    u8 old_features = 0, old_count = 0, old_low = 0, old_mid = 0, old_high = 0;

    // A write of the host's, 1 features to 6 device. A busy drive takes only the device: both drives must agree on who is selected.
    void write(unsigned which, u8 value, bool busy) {
        if (which == 6) device = value;
        if (busy) return;
        switch (which) {
            case 1: old_features = std::exchange(features, value); return;
            case 2: old_count = std::exchange(count, value); return;
            case 3: old_low = std::exchange(low, value); return;
            case 4: old_mid = std::exchange(mid, value); return;
            case 5: old_high = std::exchange(high, value); return;
            default: return;
        }
    }
};

template <> inline constexpr auto fields<TaskFile> = describe(
    field("features", &TaskFile::features), field("count", &TaskFile::count), field("low", &TaskFile::low), field("mid", &TaskFile::mid),
    field("high", &TaskFile::high), field("device", &TaskFile::device), field("old_features", &TaskFile::old_features),
    field("old_count", &TaskFile::old_count), field("old_low", &TaskFile::old_low), field("old_mid", &TaskFile::old_mid),
    field("old_high", &TaskFile::old_high));

namespace ata {
// status
inline constexpr u8 busy = 0x80, ready = 0x40, device_fault = 0x20, seek_complete = 0x10, data_request = 0x08, error = 0x01;
// error
inline constexpr u8 uncorrectable = 0x40, id_not_found = 0x10, aborted = 0x04;
inline constexpr u8 diagnostics_passed = 0x01;
}  // namespace ata

class AtaDrive {
public:
    virtual ~AtaDrive() = default;

    // The channel's ends of INTRQ and DMARQ.
    void connect(Line intrq, Line dmarq) {
        intrq_ = std::move(intrq);
        dmarq_ = std::move(dmarq);
    }

    [[nodiscard]] virtual const TaskFile& registers() const = 0;
    [[nodiscard]] virtual u8 status() const = 0;
    [[nodiscard]] virtual u8 error() const = 0;
    [[nodiscard]] virtual bool interrupt() const = 0;
    virtual void acknowledge() = 0;

    // Register writes, 1 features to 6 device.
    virtual void write(unsigned which, u8 value) = 0;
    virtual void command(u8 code) = 0;
    virtual u16 read_data() = 0;
    virtual void write_data(u16 value) = 0;

    // DMA: the level of DMARQ, the direction while it is high, and moving up to so many bytes.
    [[nodiscard]] virtual bool dma_requested() const = 0;
    [[nodiscard]] virtual bool dma_to_memory() const = 0;
    virtual std::size_t dma_read(std::span<u8> to) = 0;
    virtual std::size_t dma_write(std::span<const u8> from) = 0;

    virtual void hardware_reset() = 0;
    // SRST: the drive is busy from its rise on, and ready some time after its fall.
    virtual void software_reset(bool asserted) = 0;
    // EXECUTE DEVICE DIAGNOSTIC, which both drives do; device 0 reports.
    virtual void diagnose(bool reports) = 0;

    virtual void visit(StateVisitor& visitor) = 0;

protected:
    Line intrq_, dmarq_;
};

}  // namespace retrace
