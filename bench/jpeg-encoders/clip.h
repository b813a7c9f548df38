// The frames every encoder gets, and the yardsticks: CPU time and likeness.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "ffmpeg_handles.h"
#include "jpeg/picture_size.h"

namespace framewell::bench {

using Bytes = std::vector<uint8_t>;

// Y, Cb and Cr of a 4:2:0 picture, rows tight.
using Planes = std::vector<Bytes>;

// From raw planar 4:2:0, limited-range BT.709. Throws std::runtime_error.
std::vector<AvFramePtr> LoadClip(const std::string& path, PictureSize size);

// Interleaved RGB by libswscale, as a program without YCbCr input has to make it first.
Bytes ToRgb(const AVFrame& frame);

// What a perfect encoder's picture would decode to: JFIF's planes at `size`, by zimg in floating
// point.
Planes ReferencePlanes(const AVFrame& frame, PictureSize size);

// The same by libswscale's Lanczos filter, for judging the work of other scalers.
Planes ReferenceScaledPlanes(const AVFrame& frame, PictureSize size);

Planes DecodeJpeg(const Bytes& jpeg);

// In dB, of luma alone and of all samples.
struct Likeness {
  double luma;
  double all;
};
Likeness Compare(const std::vector<Planes>& pictures, const std::vector<Planes>& references);

// CPU time of the process for one call of `work(i)`, in ms: the median over passes through the
// clip.
double CpuMsPerFrame(size_t frames, const std::function<void(size_t)>& work);

}  // namespace framewell::bench
