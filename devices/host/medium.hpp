// Medium: bytes that outlive the machine, as a drive sees them: an image file, memory, or an overlay over another medium.
//
// Drives read and write whole sectors of 512 bytes at byte offsets. A medium may be shorter than the geometry its drive uses: what lies
// past its end reads as zeros, and a write there makes a writable medium longer. Drives keep within their geometry.
#pragma once

#include <span>

#include "core/base/types.hpp"
#include "core/state/visitor.hpp"

namespace retrace {

class Medium {
public:
    static constexpr u32 sector_size = 512;

    virtual ~Medium() = default;
    [[nodiscard]] virtual u64 size() const = 0;       // in bytes, as it is now
    [[nodiscard]] virtual bool writable() const = 0;  // false: write-protected

    // False if the host could not do it (a bad file system, a full one): the guest sees a bad sector.
    [[nodiscard]] virtual bool read(u64 offset, std::span<u8> to) = 0;
    [[nodiscard]] virtual bool write(u64 offset, std::span<const u8> from) = 0;
    // What was written is on the host's disk.
    [[nodiscard]] virtual bool flush() { return true; }

    // What of the contents is part of the machine's state: nothing, or all that was written since it was opened.
    virtual void visit(StateVisitor&) {}
    [[nodiscard]] virtual bool changed() const { return false; }  // visit() has something to say
    virtual void forget() {}                                      // as if never written to
};

}  // namespace retrace
