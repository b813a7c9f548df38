#include "jpeg/color_space.h"

extern "C" {
#include <libavutil/pixdesc.h>
}

namespace framewell {
namespace {

bool IsRgb(const AVFrame& frame) {
  const AVPixFmtDescriptor* format = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
  return format != nullptr && (format->flags & AV_PIX_FMT_FLAG_RGB) != 0;
}

bool IsJpegFormat(int format) {
  switch (format) {
    case AV_PIX_FMT_YUVJ411P:
    case AV_PIX_FMT_YUVJ420P:
    case AV_PIX_FMT_YUVJ422P:
    case AV_PIX_FMT_YUVJ440P:
    case AV_PIX_FMT_YUVJ444P:
      return true;
    default:
      return false;
  }
}

// H.264 table E-5, H.265 table E.5: matrix_coefficients.
ColorMatrix MatrixOf(const AVFrame& frame) {
  switch (frame.colorspace) {
    case AVCOL_SPC_BT709:
      return ColorMatrix::kBt709;
    case AVCOL_SPC_FCC:
      return ColorMatrix::kFcc;
    case AVCOL_SPC_BT470BG:
    case AVCOL_SPC_SMPTE170M:
      return ColorMatrix::kBt601;
    case AVCOL_SPC_SMPTE240M:
      return ColorMatrix::kSmpte240m;
    case AVCOL_SPC_BT2020_NCL:
    case AVCOL_SPC_BT2020_CL:
      return ColorMatrix::kBt2020;
    default: {
      // The bounds of 625-line video with its widest usual line (PAL 16:9 with square pixels).
      const bool standard_definition = frame.height <= 576 && frame.width <= 1024;
      return standard_definition ? ColorMatrix::kBt601 : ColorMatrix::kBt709;
    }
  }
}

}  // namespace

PictureColor ResolveColor(const AVFrame& frame) {
  if (IsRgb(frame)) return {ColorMatrix::kRgb, frame.color_range != AVCOL_RANGE_MPEG};
  if (IsJpegFormat(frame.format)) return {MatrixOf(frame), true};
  return {MatrixOf(frame), frame.color_range == AVCOL_RANGE_JPEG};
}

}  // namespace framewell
