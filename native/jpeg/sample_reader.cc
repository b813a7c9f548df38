#include "jpeg/sample_reader.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

#include "engine_error.h"

namespace framewell {
namespace {

constexpr uint64_t kUnreadable = AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM |
                                 AV_PIX_FMT_FLAG_BAYER | AV_PIX_FMT_FLAG_FLOAT;
constexpr int kMaxChromaShift = 2;

int ColorComponents(const AVPixFmtDescriptor& format) { return format.nb_components < 3 ? 1 : 3; }

bool IsReadable(const AVPixFmtDescriptor& format) {
  if ((format.flags & kUnreadable) != 0) return false;
  if (format.log2_chroma_w > kMaxChromaShift || format.log2_chroma_h > kMaxChromaShift) return false;
  const int depth = format.comp[0].depth;
  if (depth < 8 || depth > 16) return false;
  for (int i = 0; i < ColorComponents(format); ++i) {
    if (format.comp[i].depth != depth) return false;
  }
  return true;
}

bool IsPlain(const AVPixFmtDescriptor& format) {
  const int bytes = format.comp[0].depth > 8 ? 2 : 1;
  const bool big_endian = (format.flags & AV_PIX_FMT_FLAG_BE) != 0;
  if (bytes == 2 && big_endian != (std::endian::native == std::endian::big)) return false;
  for (int i = 0; i < ColorComponents(format); ++i) {
    const AVComponentDescriptor& component = format.comp[i];
    if (component.step != bytes || component.offset != 0 || component.shift != 0) return false;
  }
  return true;
}

}  // namespace

SampleReader::SampleReader(int pixel_format) : format_(av_pix_fmt_desc_get(static_cast<AVPixelFormat>(pixel_format))) {
  if (format_ == nullptr || !IsReadable(*format_)) {
    const std::string name = format_ ? format_->name : std::to_string(pixel_format);
    throw EngineError("ERR_PIXEL_FORMAT_UNSUPPORTED",
                      "Expected a pixel format of 8 to 16-bit integer samples but received " + name);
  }
  is_plain_ = IsPlain(*format_);
}

void SampleReader::ReadRow(const AVFrame& frame, int component, int y, int left, int right, uint8_t* row) const {
  const bool is_chroma = component > 0 && !is_rgb();
  const int width = is_chroma ? AV_CEIL_RSHIFT(frame.width, chroma_shift_x()) : frame.width;
  const int height = is_chroma ? AV_CEIL_RSHIFT(frame.height, chroma_shift_y()) : frame.height;
  const int source_y = std::min(y, height - 1);
  // Where the last column has to be repeated it must be read, even if it lies left of `left`.
  const int first = std::min(left, width - 1);
  const int end = std::min(right, width);
  const int size = bytes_per_sample();

  if (is_plain_) {
    const int plane = format_->comp[component].plane;
    const ptrdiff_t offset = static_cast<ptrdiff_t>(source_y) * frame.linesize[plane];
    std::memcpy(row + first * size, frame.data[plane] + offset + first * size, (end - first) * size);
  } else {
    const uint8_t* planes[4] = {frame.data[0], frame.data[1], frame.data[2], frame.data[3]};
    const int strides[4] = {frame.linesize[0], frame.linesize[1], frame.linesize[2], frame.linesize[3]};
    av_read_image_line2(row + first * size, planes, strides, format_, first, source_y, component, end - first, 0, size);
  }
  for (int x = end; x < right; ++x) {
    std::memcpy(row + x * size, row + (width - 1) * size, size);
  }
}

}  // namespace framewell
