#include "frontend/png.hpp"

#include <png.h>

#include "core/base/ensure.hpp"

namespace retrace {

void write_png(const std::string& path, const Frame& frame) {
    if (frame.width == 0 || frame.height == 0) throw HostError("There is no picture to write to '" + path + "'.");
    std::vector<u8> rgb;
    rgb.reserve(frame.pixels.size() * 3);
    for (const u32 pixel : frame.pixels)
        for (const unsigned down : {16u, 8u, 0u}) rgb.push_back(static_cast<u8>(pixel >> down));

    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = frame.width;
    image.height = frame.height;
    image.format = PNG_FORMAT_RGB;
    if (!png_image_write_to_file(&image, path.c_str(), 0, rgb.data(), 0, nullptr))
        throw HostError("Cannot write the screenshot '" + path + "': " + image.message + ".");
}

}  // namespace retrace
