#include "tests/support/png_image.hpp"

#include <png.h>

namespace retrace::test {

PngImage read_png(const std::string& path) {
    png_image source{};
    source.version = PNG_IMAGE_VERSION;
    if (!png_image_begin_read_from_file(&source, path.c_str())) return {};
    source.format = PNG_FORMAT_RGB;
    std::vector<u8> bytes(PNG_IMAGE_SIZE(source));
    if (!png_image_finish_read(&source, nullptr, bytes.data(), 0, nullptr)) return {};
    PngImage image{source.width, source.height, {}};
    for (std::size_t at = 0; at + 2 < bytes.size(); at += 3) image.pixels.push_back(static_cast<u32>(bytes[at] << 16 | bytes[at + 1] << 8 | bytes[at + 2]));
    return image;
}

}  // namespace retrace::test
