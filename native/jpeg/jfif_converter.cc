#include "jpeg/jfif_converter.h"

#include <algorithm>
#include <cmath>

#include "jpeg/jfif_kernel.h"

namespace framewell {
namespace {

bool IsPlanar420(int format) { return format == AV_PIX_FMT_YUV420P || format == AV_PIX_FMT_YUVJ420P; }

// No sample has to be computed from several: chroma, at every second column and row, begins where luma does.
bool IsCutOut(const Framing& framing) {
  return framing.IsUnscaled() && std::fmod(framing.region.left, 2) == 0 && std::fmod(framing.region.top, 2) == 0;
}

YuvPlanes CutOut(const AVFrame& frame, const Framing& framing) {
  const auto left = static_cast<ptrdiff_t>(framing.region.left);
  const auto top = static_cast<ptrdiff_t>(framing.region.top);
  const auto chroma = [&](int plane, ptrdiff_t x) { return frame.data[plane] + top / 2 * frame.linesize[plane] + x; };
  const bool interleaved = frame.format == AV_PIX_FMT_NV12;
  return {.data = {frame.data[0] + top * frame.linesize[0] + left, chroma(1, interleaved ? left : left / 2),
                   interleaved ? nullptr : chroma(2, left / 2)},
          .stride = {frame.linesize[0], frame.linesize[1], frame.linesize[2]},
          .size = framing.target};
}

// turbojpeg reads luma in pairs of columns and rows, which an odd picture does not have.
bool CanPassThrough(const AVFrame& frame, const YuvPlanes& planes, PictureColor color) {
  return IsPlanar420(frame.format) && color == kJfifColor && planes.size.width % 2 == 0 &&
         planes.size.height % 2 == 0 && planes.stride[0] > 0;
}

const uint8_t* RowOf(const YuvPlanes& planes, int plane, int y) {
  return planes.data[plane] + static_cast<ptrdiff_t>(y) * planes.stride[plane];
}

}  // namespace

YuvPlanes JfifConverter::Convert(const AVFrame& frame, const Framing& framing) {
  const PictureColor color = ResolveColor(frame);
  const bool interleaved = frame.format == AV_PIX_FMT_NV12;
  if ((interleaved || IsPlanar420(frame.format)) && IsCutOut(framing)) {
    const YuvPlanes planes = CutOut(frame, framing);
    return CanPassThrough(frame, planes, color) ? planes : ConvertRows(planes, interleaved, color);
  }
  return zimg_.Convert(frame, color, framing);
}

// Chroma keeps its place: JFIF wants it centred where H.264 has it left, but a shift by a quarter
// sample would blur it and nobody sees it.
YuvPlanes JfifConverter::ConvertRows(const YuvPlanes& planes, bool interleaved, PictureColor color) {
  const JfifCoefficients coefficients = CoefficientsToJfif(color);
  const PictureSize size = planes.size;
  const PictureSize chroma = ChromaSize(size);
  const MutableYuvPlanes out = LayOutPlanes(planes_, size);

  const size_t terms_bytes = AlignedBuffer::RoundUp(2 * chroma.width * sizeof(int16_t));
  const size_t chroma_bytes = AlignedBuffer::RoundUp(chroma.width);
  uint8_t* const scratch = row_.Reserve(terms_bytes + 2 * chroma_bytes);
  int16_t* const luma_terms = reinterpret_cast<int16_t*>(scratch);
  uint8_t* const split_cb = scratch + terms_bytes;
  uint8_t* const split_cr = split_cb + chroma_bytes;

  for (int row = 0; row < chroma.height; ++row) {
    const uint8_t* cb = RowOf(planes, 1, row);
    const uint8_t* cr = split_cr;
    if (interleaved) {
      SplitChromaRow(cb, chroma.width, split_cb, split_cr);
      cb = split_cb;
    } else {
      cr = RowOf(planes, 2, row);
    }
    const ptrdiff_t chroma_offset = static_cast<ptrdiff_t>(row) * out.stride[1];
    ConvertChromaRow(coefficients, cb, cr, chroma.width, out.data[1] + chroma_offset, out.data[2] + chroma_offset,
                     luma_terms);
    for (int y = 2 * row; y < 2 * row + 2; ++y) {
      uint8_t* const luma = out.data[0] + static_cast<ptrdiff_t>(y) * out.stride[0];
      ConvertLumaRow(coefficients, RowOf(planes, 0, std::min(y, size.height - 1)), luma_terms, size.width, luma);
      // The pair's second column, where the frame has none.
      if (size.width % 2 != 0) luma[size.width] = luma[size.width - 1];
    }
  }
  return ReadOnly(out);
}

}  // namespace framewell
