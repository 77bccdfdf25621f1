#include "devices/storage/media_shelf.hpp"

#include <algorithm>

#include "core/base/ensure.hpp"

namespace retrace {

u32 MediaShelf::put(Disk disk) {
    ENSURE(disk.medium, "a disk has a medium");
    const DiskFormat format = disk.format;
    places_.push_back(std::make_unique<Place>(Place{std::make_unique<Disk>(std::move(disk)), format}));
    return count();
}

void MediaShelf::visit(StateVisitor& visitor) {
    std::vector<u32> touched;
    for (u32 i = 0; i < count(); ++i)
        if (places_[i]->touched()) touched.push_back(i + 1);
    retrace::visit(visitor, "touched", touched);
    if (visitor.loading()) {
        for (auto& place : places_) {
            place->disk->medium->forget();
            place->disk->format = place->original;
        }
    }
    for (const u32 number : touched) {
        Disk* there = disk(number);
        if (!there) throw HostError("The saved state has a disk more than this machine.");
        visitor.enter("disk" + std::to_string(number));
        retrace::visit(visitor, "format", there->format.floppy);
        there->medium->visit(visitor);
        visitor.leave();
    }
}

}  // namespace retrace
