#include "devices/storage/file_medium.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "core/base/ensure.hpp"

namespace retrace {

FileMedium::FileMedium(const std::filesystem::path& path, Access access) : access_{access} {
    const std::string name = "'" + path.string() + "'";
    const bool writing = access == Access::Writable;

    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) throw HostError("There is no file " + name + ".");
        throw HostError("The file " + name + " cannot be reached: " + std::strerror(errno) + ".");
    }
    // Asked before opening: opening a pipe would wait, opening a device may do something.
    if (S_ISDIR(status.st_mode)) throw HostError(name + " is a folder; give a disk image file instead.");
    if (!S_ISREG(status.st_mode)) throw HostError(name + " is not an ordinary file; copy what it holds into an image file and give that.");

    file_ = ::open(path.c_str(), (writing ? O_RDWR : O_RDONLY) | O_CLOEXEC);
    if (file_ < 0 && writing && (errno == EACCES || errno == EROFS || errno == EPERM))
        throw HostError("The file " + name + " may not be written; change its permissions or leave out --writable.");
    if (file_ < 0 && errno == EACCES) throw HostError("The file " + name + " may not be read; change its permissions.");
    if (file_ < 0) throw HostError("The file " + name + " cannot be opened: " + std::strerror(errno) + ".");

    // Readers share the file, a writer has it alone. File systems without locks do without.
    if (::flock(file_, (writing ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        ::close(file_);
        throw HostError("The file " + name + " is in use by another machine" +
                        (writing ? "; end that one or leave out --writable." : " that writes to it; end that one or use a copy."));
    }
    if (::fstat(file_, &status) == 0) size_ = static_cast<u64>(status.st_size);
}

FileMedium::~FileMedium() { ::close(file_); }

bool FileMedium::read(u64 offset, std::span<u8> to) {
    while (!to.empty()) {
        const auto count = ::pread(file_, to.data(), to.size(), static_cast<off_t>(offset));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        if (count == 0) break;
        offset += static_cast<u64>(count);
        to = to.subspan(static_cast<std::size_t>(count));
    }
    std::ranges::fill(to, u8{0});
    return true;
}

bool FileMedium::write(u64 offset, std::span<const u8> from) {
    if (!writable()) return false;
    while (!from.empty()) {
        const auto count = ::pwrite(file_, from.data(), from.size(), static_cast<off_t>(offset));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        offset += static_cast<u64>(count);
        from = from.subspan(static_cast<std::size_t>(count));
        size_ = std::max(size_, offset);
    }
    return true;
}

bool FileMedium::flush() { return !writable() || ::fdatasync(file_) == 0; }

}  // namespace retrace
