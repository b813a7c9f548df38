#include "jpeg/zimg_graph.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>

#include "engine_error.h"

namespace framewell {
namespace {

[[noreturn]] void ThrowZimgError() {
  char text[256] = {};
  zimg_get_last_error(text, sizeof text);
  throw EngineError("ERR_ENCODE_FAILED", std::string("zimg could not convert the picture: ") + text);
}

void Check(zimg_error_code_e error) {
  if (error != ZIMG_ERROR_SUCCESS) ThrowZimgError();
}

int RoundUpToShift(int length, int shift) { return AV_CEIL_RSHIFT(length, shift) << shift; }

zimg_matrix_coefficients_e ZimgMatrix(ColorMatrix matrix) {
  switch (matrix) {
    case ColorMatrix::kRgb:
      return ZIMG_MATRIX_RGB;
    case ColorMatrix::kBt709:
      return ZIMG_MATRIX_BT709;
    case ColorMatrix::kFcc:
      return ZIMG_MATRIX_FCC;
    case ColorMatrix::kSmpte240m:
      return ZIMG_MATRIX_ST240_M;
    case ColorMatrix::kBt2020:
      return ZIMG_MATRIX_BT2020_NCL;
    case ColorMatrix::kBt601:
      break;
  }
  return ZIMG_MATRIX_BT470_BG;
}

// H.264 E.2.1: without chroma_loc_info, 4:2:0 samples are sited left. The two enumerations agree
// but for FFmpeg's leading "unspecified".
zimg_chroma_location_e ZimgChromaLocation(AVChromaLocation location) {
  if (location == AVCHROMA_LOC_UNSPECIFIED) return ZIMG_CHROMA_LEFT;
  return static_cast<zimg_chroma_location_e>(location - AVCHROMA_LOC_LEFT);
}

// What zimg's callback needs to bring in source rows.
struct RowSource {
  const AVFrame& frame;
  const SampleReader& reader;
  const zimg_image_buffer& rows;

  static int Read(void* self, unsigned y, unsigned left, unsigned right) {
    static_cast<const RowSource*>(self)->ReadGroup(y, left, right);
    return 0;
  }

  // The luma rows from `y` on that share a chroma row, and that row. Columns are luma's.
  void ReadGroup(unsigned y, unsigned left, unsigned right) const {
    const int components = reader.is_gray() ? 1 : 3;
    for (int component = 0; component < components; ++component) {
      const bool is_chroma = component > 0 && !reader.is_rgb();
      const int shift_x = is_chroma ? reader.chroma_shift_x() : 0;
      const int shift_y = is_chroma ? reader.chroma_shift_y() : 0;
      const unsigned end = (y + (1u << reader.chroma_shift_y())) >> shift_y;
      for (unsigned row = y >> shift_y; row < end; ++row) {
        const auto& plane = rows.plane[component];
        const ptrdiff_t offset = static_cast<ptrdiff_t>(row & plane.mask) * plane.stride;
        reader.ReadRow(frame, component, static_cast<int>(row), static_cast<int>(left >> shift_x),
                       AV_CEIL_RSHIFT(static_cast<int>(right), shift_x), static_cast<uint8_t*>(plane.data) + offset);
      }
    }
  }
};

// zimg 3.0.4 reads, but does not use, up to 16 samples on either side of the columns that its AVX-512 depth conversion
// is given (depth_convert_avx512_impl rounds both ends outwards, and still converts remainders).
uint8_t* ReserveWithMargins(AlignedBuffer& buffer, size_t size) {
  constexpr size_t kMargin = 16 * sizeof(float);
  static_assert(kMargin % AlignedBuffer::kAlignment == 0);
  return buffer.Reserve(size + 2 * kMargin) + kMargin;
}

zimg_image_format DefaultFormat() {
  zimg_image_format format;
  zimg_image_format_default(&format, ZIMG_API_VERSION);
  return format;
}

}  // namespace

ZimgGraph::ZimgGraph(const ZimgConversion& conversion)
    : conversion_(conversion), reader_(conversion.pixel_format), graph_(nullptr, zimg_filter_graph_free) {
  const zimg_image_format source = SourceFormat();
  const zimg_image_format target = TargetFormat(source);

  zimg_graph_builder_params params;
  zimg_graph_builder_params_default(&params, ZIMG_API_VERSION);
  params.resample_filter = ZIMG_RESIZE_LANCZOS;
  params.resample_filter_uv = ZIMG_RESIZE_BICUBIC;
  params.cpu_type = ZIMG_CPU_AUTO_64B;

  graph_.reset(zimg_filter_graph_build(&source, &target, &params));
  if (!graph_) ThrowZimgError();
  Check(zimg_filter_graph_get_tmp_size(graph_.get(), &work_size_));
  Check(zimg_filter_graph_get_input_buffering(graph_.get(), &input_rows_));
  input_rows_ = std::bit_ceil(std::min(input_rows_, source.height));
}

zimg_image_format ZimgGraph::SourceFormat() const {
  const PictureSize source = conversion_.source;
  const auto& [region, target] = conversion_.framing;
  zimg_image_format format = DefaultFormat();
  format.width = RoundUpToShift(source.width, reader_.chroma_shift_x());
  format.height = RoundUpToShift(source.height, reader_.chroma_shift_y());
  format.pixel_type = reader_.bytes_per_sample() == 1 ? ZIMG_PIXEL_BYTE : ZIMG_PIXEL_WORD;
  format.depth = reader_.depth();
  format.pixel_range = conversion_.color.full_range ? ZIMG_RANGE_FULL : ZIMG_RANGE_LIMITED;
  if (reader_.is_gray()) {
    format.color_family = ZIMG_COLOR_GREY;
    // None is used, but one must be named for zimg to add chroma.
    format.matrix_coefficients = ZimgMatrix(kJfifColor.matrix);
  } else {
    format.color_family = reader_.is_rgb() ? ZIMG_COLOR_RGB : ZIMG_COLOR_YUV;
    format.matrix_coefficients = ZimgMatrix(conversion_.color.matrix);
    format.subsample_w = reader_.chroma_shift_x();
    format.subsample_h = reader_.chroma_shift_y();
    format.chroma_location = ZimgChromaLocation(conversion_.chroma_location);
  }
  // zimg knows 4:2:0 in even sizes only. An odd target gets one more column or row, which turbojpeg
  // leaves out, and takes as much more of the source as keeps the scale.
  format.active_region.left = region.left;
  format.active_region.top = region.top;
  format.active_region.width = region.width * RoundUpToShift(target.width, 1) / target.width;
  format.active_region.height = region.height * RoundUpToShift(target.height, 1) / target.height;
  return format;
}

zimg_image_format ZimgGraph::TargetFormat(const zimg_image_format& source) const {
  const Framing& framing = conversion_.framing;
  zimg_image_format format = DefaultFormat();
  format.width = RoundUpToShift(framing.target.width, 1);
  format.height = RoundUpToShift(framing.target.height, 1);
  format.pixel_type = ZIMG_PIXEL_BYTE;
  format.subsample_w = 1;
  format.subsample_h = 1;
  format.color_family = ZIMG_COLOR_YUV;
  format.matrix_coefficients = ZimgMatrix(kJfifColor.matrix);
  format.pixel_range = ZIMG_RANGE_FULL;
  // JFIF sites chroma in the centre. To move it there costs sharpness when nothing else resamples
  // it, and the shift of a quarter sample is not seen.
  const bool splits_chroma_x = std::fmod(framing.region.left, 1 << source.subsample_w) != 0;
  const bool resamples_chroma_x = !framing.IsUnscaled() || splits_chroma_x || source.subsample_w != format.subsample_w;
  format.chroma_location = resamples_chroma_x ? ZIMG_CHROMA_CENTER : source.chroma_location;
  return format;
}

void ZimgGraph::Process(const AVFrame& frame, const MutableYuvPlanes& out, AlignedBuffer& input,
                        AlignedBuffer& work) const {
  const size_t row_size = AlignedBuffer::RoundUp(
      static_cast<size_t>(RoundUpToShift(frame.width, reader_.chroma_shift_x())) * reader_.bytes_per_sample());
  uint8_t* const input_base = ReserveWithMargins(input, 3 * row_size * input_rows_);
  zimg_image_buffer rows = {.version = ZIMG_API_VERSION, .plane = {}};
  zimg_image_buffer_const source = {.version = ZIMG_API_VERSION, .plane = {}};
  zimg_image_buffer target = {.version = ZIMG_API_VERSION, .plane = {}};
  for (int i = 0; i < 3; ++i) {
    uint8_t* const plane = input_base + i * row_size * input_rows_;
    const ptrdiff_t stride = static_cast<ptrdiff_t>(row_size);
    rows.plane[i] = {plane, stride, input_rows_ - 1};
    source.plane[i] = {plane, stride, input_rows_ - 1};
    target.plane[i] = {out.data[i], out.stride[i], ZIMG_BUFFER_MAX};
  }

  // zimg takes aligned rows only, which neither cropped nor foreign frames promise, so that every
  // row is copied in while it is wanted.
  RowSource row_source = {frame, reader_, rows};
  Check(zimg_filter_graph_process(graph_.get(), &source, &target, ReserveWithMargins(work, work_size_), RowSource::Read,
                                  &row_source, nullptr, nullptr));
}

}  // namespace framewell
