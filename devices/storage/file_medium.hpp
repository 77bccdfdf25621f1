// FileMedium: an image file. Read-only it stays byte for byte as it is, and others may read it too. Writable, every sector written goes
// straight into the file: nothing is held back, so that a killed program leaves a readable image; and no other Retrace may have it open.
//
// A writable file is outside the machine's state: a rewound machine does not take back what it has written there.
#pragma once

#include <filesystem>

#include "devices/host/medium.hpp"

namespace retrace {

class FileMedium final : public Medium {
public:
    enum class Access : u8 { ReadOnly, Writable };

    // Throws HostError, with a sentence that names the file, if it cannot be had like this.
    FileMedium(const std::filesystem::path& path, Access access);
    ~FileMedium() override;
    FileMedium(const FileMedium&) = delete;
    FileMedium& operator=(const FileMedium&) = delete;

    [[nodiscard]] u64 size() const override { return size_; }
    [[nodiscard]] bool writable() const override { return access_ == Access::Writable; }
    [[nodiscard]] bool read(u64 offset, std::span<u8> to) override;
    [[nodiscard]] bool write(u64 offset, std::span<const u8> from) override;
    [[nodiscard]] bool flush() override;

private:
    Access access_;
    int file_ = -1;
    u64 size_ = 0;
};

}  // namespace retrace
