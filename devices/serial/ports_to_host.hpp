// Far ends of a cable that need no more than a file, or nothing.
#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>

#include "devices/host/serial_port.hpp"

namespace retrace {

// Listens and keeps nothing.
class NullPort final : public SerialPort {
public:
    void transmit(u8) override {}
};

// Writes what it hears to a file, which it creates or empties. Lines are in the file as soon as they are complete.
class FilePort final : public SerialPort {
public:
    // Throws HostError if the file cannot be written.
    explicit FilePort(const std::filesystem::path& path);
    void transmit(u8 byte) override;

private:
    struct Close { void operator()(std::FILE* file) const { std::fclose(file); } };
    std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace retrace
