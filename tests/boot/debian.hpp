// Guests that come from Debian's packages: fetched once, kept in the build tree.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace retrace::test {

// The contents of a package of the host's own package index, unpacked. Without it (no network, no apt) a line says so.
std::optional<std::filesystem::path> debian_package(const std::string& name);

// The self-checking Linux guest: bzImage, initrd, expected.txt. `flavour` is 686 or 686-pae.
std::optional<std::filesystem::path> linux_guest(const std::string& flavour);

}  // namespace retrace::test
