// Reads one component's samples from frames of nearly any pixel format: planar, interleaved or
// packed, 8 to 16 bits, either byte order.
#pragma once

extern "C" {
#include <libavutil/frame.h>
#include <libavutil/pixdesc.h>
}

#include <cstdint>

namespace framewell {

class SampleReader {
 public:
  // Throws EngineError ERR_PIXEL_FORMAT_UNSUPPORTED for formats whose samples are not in the frame
  // itself (palettes, GPU surfaces) or are not integers of one depth.
  explicit SampleReader(int pixel_format);

  int depth() const { return format_->comp[0].depth; }
  bool is_gray() const { return format_->nb_components < 3; }
  bool is_rgb() const { return (format_->flags & AV_PIX_FMT_FLAG_RGB) != 0; }
  // log2 of how many luma columns or rows share a chroma sample.
  int chroma_shift_x() const { return format_->log2_chroma_w; }
  int chroma_shift_y() const { return format_->log2_chroma_h; }
  // Of what ReadRow writes: unsigned integers in the machine's byte order.
  int bytes_per_sample() const { return is_plain_ && depth() == 8 ? 1 : 2; }

  // Fills columns [left, right) of `row` with those of the frame's row `y` of `component` (Y, Cb,
  // Cr or R, G, B). Columns and rows beyond the frame repeat its last.
  void ReadRow(const AVFrame& frame, int component, int y, int left, int right, uint8_t* row) const;

 private:
  const AVPixFmtDescriptor* format_;
  bool is_plain_;  // Each plane holds one component, in the layout ReadRow writes.
};

}  // namespace framewell
