#include "jpeg/jfif_converter.h"

#include <algorithm>

#include "jpeg/jfif_kernel.h"

namespace framewell {
namespace {

bool IsPlanar420(int format) { return format == AV_PIX_FMT_YUV420P || format == AV_PIX_FMT_YUVJ420P; }

// turbojpeg reads luma in pairs of columns and rows, which an odd frame does not have.
bool CanPassThrough(const AVFrame& frame, PictureColor color) {
  return IsPlanar420(frame.format) && color == kJfifColor && frame.width % 2 == 0 && frame.height % 2 == 0 &&
         frame.linesize[0] > 0;
}

YuvPlanes PlanesOf(const AVFrame& frame) {
  return {.data = {frame.data[0], frame.data[1], frame.data[2]},
          .stride = {frame.linesize[0], frame.linesize[1], frame.linesize[2]},
          .size = {frame.width, frame.height}};
}

const uint8_t* RowOf(const AVFrame& frame, int plane, int y) {
  return frame.data[plane] + static_cast<ptrdiff_t>(y) * frame.linesize[plane];
}

}  // namespace

YuvPlanes JfifConverter::Convert(const AVFrame& frame, PictureSize target) {
  const PictureColor color = ResolveColor(frame);
  if (target == PictureSize{frame.width, frame.height}) {
    if (CanPassThrough(frame, color)) return PlanesOf(frame);
    if (IsPlanar420(frame.format) || frame.format == AV_PIX_FMT_NV12) {
      return ConvertRows(frame, color);
    }
  }
  return zimg_.Convert(frame, color, target);
}

// Chroma keeps its place: JFIF wants it centred where H.264 has it left, but a shift by a quarter
// sample would blur it and nobody sees it.
YuvPlanes JfifConverter::ConvertRows(const AVFrame& frame, PictureColor color) {
  const JfifCoefficients coefficients = CoefficientsToJfif(color);
  const PictureSize size = {frame.width, frame.height};
  const PictureSize chroma = ChromaSize(size);
  const MutableYuvPlanes out = LayOutPlanes(planes_, size);
  const bool interleaved = frame.format == AV_PIX_FMT_NV12;

  const size_t terms_bytes = AlignedBuffer::RoundUp(2 * chroma.width * sizeof(int16_t));
  const size_t chroma_bytes = AlignedBuffer::RoundUp(chroma.width);
  uint8_t* const scratch = row_.Reserve(terms_bytes + 2 * chroma_bytes);
  int16_t* const luma_terms = reinterpret_cast<int16_t*>(scratch);
  uint8_t* const split_cb = scratch + terms_bytes;
  uint8_t* const split_cr = split_cb + chroma_bytes;

  for (int row = 0; row < chroma.height; ++row) {
    const uint8_t* cb = RowOf(frame, 1, row);
    const uint8_t* cr = split_cr;
    if (interleaved) {
      SplitChromaRow(cb, chroma.width, split_cb, split_cr);
      cb = split_cb;
    } else {
      cr = RowOf(frame, 2, row);
    }
    const ptrdiff_t chroma_offset = static_cast<ptrdiff_t>(row) * out.stride[1];
    ConvertChromaRow(coefficients, cb, cr, chroma.width, out.data[1] + chroma_offset, out.data[2] + chroma_offset,
                     luma_terms);
    for (int y = 2 * row; y < 2 * row + 2; ++y) {
      uint8_t* const luma = out.data[0] + static_cast<ptrdiff_t>(y) * out.stride[0];
      ConvertLumaRow(coefficients, RowOf(frame, 0, std::min(y, size.height - 1)), luma_terms, size.width, luma);
      // The pair's second column, where the frame has none.
      if (size.width % 2 != 0) luma[size.width] = luma[size.width - 1];
    }
  }
  return ReadOnly(out);
}

}  // namespace framewell
