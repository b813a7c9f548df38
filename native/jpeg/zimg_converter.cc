#include "jpeg/zimg_converter.h"

#include <algorithm>
#include <bit>
#include <string>

#include "engine_error.h"

namespace framewell {
namespace {

// Cameras of one site share a few formats and sizes; more than these in turn only cost time.
constexpr size_t kMaxGraphs = 8;

[[noreturn]] void ThrowZimgError() {
  char text[256] = {};
  zimg_get_last_error(text, sizeof text);
  throw EngineError("ERR_ENCODE_FAILED",
                    std::string("zimg could not convert the picture: ") + text);
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
                       AV_CEIL_RSHIFT(static_cast<int>(right), shift_x),
                       static_cast<uint8_t*>(plane.data) + offset);
      }
    }
  }
};

}  // namespace

ZimgConverter::Graph::Graph(const Conversion& c)
    : conversion(c), reader(c.pixel_format), handle(nullptr, zimg_filter_graph_free) {
  const bool resized = c.source != c.target;
  const PictureSize even_target = {RoundUpToShift(c.target.width, 1),
                                   RoundUpToShift(c.target.height, 1)};

  zimg_image_format in;
  zimg_image_format_default(&in, ZIMG_API_VERSION);
  in.width = RoundUpToShift(c.source.width, reader.chroma_shift_x());
  in.height = RoundUpToShift(c.source.height, reader.chroma_shift_y());
  in.pixel_type = reader.bytes_per_sample() == 1 ? ZIMG_PIXEL_BYTE : ZIMG_PIXEL_WORD;
  in.depth = reader.depth();
  in.pixel_range = c.color.full_range ? ZIMG_RANGE_FULL : ZIMG_RANGE_LIMITED;
  if (reader.is_gray()) {
    in.color_family = ZIMG_COLOR_GREY;
    in.matrix_coefficients = ZIMG_MATRIX_BT470_BG;
  } else {
    in.color_family = reader.is_rgb() ? ZIMG_COLOR_RGB : ZIMG_COLOR_YUV;
    in.matrix_coefficients = ZimgMatrix(c.color.matrix);
    in.subsample_w = reader.chroma_shift_x();
    in.subsample_h = reader.chroma_shift_y();
    in.chroma_location = ZimgChromaLocation(c.chroma_location);
  }
  // zimg knows 4:2:0 in even sizes only. An odd target gets one more column or row, which turbojpeg
  // leaves out, and the source as much more as keeps the scale.
  in.active_region.left = 0;
  in.active_region.top = 0;
  in.active_region.width = static_cast<double>(c.source.width) * even_target.width / c.target.width;
  in.active_region.height =
      static_cast<double>(c.source.height) * even_target.height / c.target.height;

  zimg_image_format out;
  zimg_image_format_default(&out, ZIMG_API_VERSION);
  out.width = even_target.width;
  out.height = even_target.height;
  out.pixel_type = ZIMG_PIXEL_BYTE;
  out.subsample_w = 1;
  out.subsample_h = 1;
  out.color_family = ZIMG_COLOR_YUV;
  out.matrix_coefficients = ZimgMatrix(kJfifColor.matrix);
  out.pixel_range = ZIMG_RANGE_FULL;
  // JFIF sites chroma in the centre. To move it there costs sharpness when nothing else resamples
  // it, and decoders show no difference.
  const bool resamples_chroma_x = resized || in.subsample_w != out.subsample_w;
  out.chroma_location = resamples_chroma_x ? ZIMG_CHROMA_CENTER : in.chroma_location;

  zimg_graph_builder_params params;
  zimg_graph_builder_params_default(&params, ZIMG_API_VERSION);
  params.resample_filter = ZIMG_RESIZE_LANCZOS;
  params.resample_filter_uv = ZIMG_RESIZE_BICUBIC;
  params.cpu_type = ZIMG_CPU_AUTO_64B;

  handle.reset(zimg_filter_graph_build(&in, &out, &params));
  if (!handle) ThrowZimgError();
  Check(zimg_filter_graph_get_tmp_size(handle.get(), &work_size));
  Check(zimg_filter_graph_get_input_buffering(handle.get(), &input_rows));
  input_rows = std::bit_ceil(std::min(input_rows, in.height));
}

const ZimgConverter::Graph& ZimgConverter::GraphFor(const Conversion& conversion) {
  const auto found = std::find_if(graphs_.begin(), graphs_.end(), [&](const Graph& graph) {
    return graph.conversion == conversion;
  });
  if (found != graphs_.end()) {
    graphs_.splice(graphs_.begin(), graphs_, found);
  } else {
    graphs_.emplace_front(conversion);
    if (graphs_.size() > kMaxGraphs) graphs_.pop_back();
  }
  return graphs_.front();
}

YuvPlanes ZimgConverter::Convert(const AVFrame& frame, PictureColor color, PictureSize target) {
  const Graph& graph = GraphFor({
      .pixel_format = frame.format,
      .source = {frame.width, frame.height},
      .color = color,
      .chroma_location = frame.chroma_location,
      .target = target,
  });

  zimg_image_buffer rows = {.version = ZIMG_API_VERSION, .plane = {}};
  const size_t row_size = AlignedBuffer::RoundUp(
      static_cast<size_t>(RoundUpToShift(frame.width, graph.reader.chroma_shift_x())) *
      graph.reader.bytes_per_sample());
  uint8_t* const input = input_.Reserve(3 * row_size * graph.input_rows);
  for (int i = 0; i < 3; ++i) {
    rows.plane[i] = {input + i * row_size * graph.input_rows, static_cast<ptrdiff_t>(row_size),
                     graph.input_rows - 1};
  }
  zimg_image_buffer_const source = {.version = ZIMG_API_VERSION, .plane = {}};
  for (int i = 0; i < 3; ++i) {
    source.plane[i] = {rows.plane[i].data, rows.plane[i].stride, rows.plane[i].mask};
  }

  const MutableYuvPlanes planes = LayOutPlanes(output_, target);
  zimg_image_buffer result = {.version = ZIMG_API_VERSION, .plane = {}};
  for (int i = 0; i < 3; ++i) {
    result.plane[i] = {planes.data[i], planes.stride[i], ZIMG_BUFFER_MAX};
  }

  RowSource row_source = {frame, graph.reader, rows};
  Check(zimg_filter_graph_process(graph.handle.get(), &source, &result,
                                  work_.Reserve(graph.work_size), RowSource::Read, &row_source,
                                  nullptr, nullptr));
  return {.data = {planes.data[0], planes.data[1], planes.data[2]},
          .stride = planes.stride,
          .size = target};
}

}  // namespace framewell
