// MediaShelf: the disks of a machine, in drives or beside it, by number from 1. A drive's state says which number lies in it (0: none),
// so a machine that is rewound over a change of disks has the right one in its drive again.
//
// Of its disks only what was written to is state: an untouched disk that was added later does not change a digest.
#pragma once

#include <vector>

#include "devices/storage/image.hpp"

namespace retrace {

class MediaShelf {
public:
    u32 put(Disk disk);  // its number
    [[nodiscard]] u32 count() const { return static_cast<u32>(places_.size()); }
    // Null for 0 and for numbers nobody gave. Stays where it is for the shelf's life.
    [[nodiscard]] Disk* disk(u32 number) const { return number == 0 || number > count() ? nullptr : places_[number - 1]->disk.get(); }

    void visit(StateVisitor& visitor);

private:
    struct Place {
        std::unique_ptr<Disk> disk;
        DiskFormat original;  // a floppy may be formatted anew
        [[nodiscard]] bool touched() const { return disk->medium->changed() || disk->format != original; }
    };
    std::vector<std::unique_ptr<Place>> places_;
};

}  // namespace retrace
