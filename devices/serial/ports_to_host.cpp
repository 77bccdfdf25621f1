#include "devices/serial/ports_to_host.hpp"

#include <cerrno>
#include <cstring>

#include "core/base/ensure.hpp"

namespace retrace {

FilePort::FilePort(const std::filesystem::path& path) : file_{std::fopen(path.c_str(), "wb")} {
    if (!file_) throw HostError("The file '" + path.string() + "' cannot be written: " + std::strerror(errno) + ".");
    std::setvbuf(file_.get(), nullptr, _IOLBF, BUFSIZ);
}

void FilePort::transmit(u8 byte) { std::fputc(byte, file_.get()); }

}  // namespace retrace
